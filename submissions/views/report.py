"""The entry form of a submission."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views import View

from foundation import kept
from foundation.forms import words
from foundation.services import AlreadyDone, OtherContent, claim
from foundation.views import KeepsInput
from organisations import languages
from submissions import presenters, rules, selectors, services, wording
from submissions.checking import MISSING, Finding
from submissions.enums import Entrance, State
from submissions.figures import Block
from submissions.forms import EntryForm, cells_in
from submissions.index import Fault, Index
from submissions.models import Submission

from .pages import (
    TOKEN,
    SignedIn,
    changed_page,
    done_already,
    fingerprint,
    seen_version,
    show_figures,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a post leads to: an address, the form again with what is wrong, or another's change."""

    location: str = ""
    form: dict[str, Any] = field(default_factory=dict)
    changed: Submission | None = None
    saved: Collection[int] = ()


class OfSubmission(SignedIn, KeepsInput, View):
    """What a unit says in a round, at an address that names both. Hidden from whom it is hidden.

    A post is written under the submission's lock, found and locked at once; ``post`` then shows
    what came of it (``said``, or ``refusal``) when that is committed and others may write again.
    """

    submission: Submission
    said: Any = None
    refusal: Exception | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if request.method == "POST":
            self.write()
        else:
            related = ("round__period", "reporter__controlled_by")
            visible = Submission.objects.visible_to(self.user).select_related(*related)
            self.submission = self.named_by_address(visible.prefetch_related("extensions"))
        answer = partial(super().dispatch, request, *args, **kwargs)
        return languages.answer_to_unit(request, self.submission.reporter, answer)

    @property
    def report_url(self) -> str:
        return reverse("report", args=self.place)

    @property
    def place(self) -> list[str]:
        """The round and the unit of the address."""
        return [self.kwargs["code"], self.kwargs["slug"]]

    def named_by_address(self, submissions: QuerySet[Submission]) -> Submission:
        return get_object_or_404(
            submissions,
            round__period__code=self.kwargs["code"],
            reporter__slug=self.kwargs["slug"],
        )

    def write(self) -> None:
        """Save under the lock; what refuses it undoes all of it."""
        visible = Submission.objects.visible_to(self.user)
        kept_here = kept.is_there(self.user.pk, self.report_url)
        try:
            with transaction.atomic():
                self.submission = self.named_by_address(
                    services.to_hold(visible).annotate(
                        has_kept=kept_here, asked=selectors.cells_asked()
                    )
                )
                self.require_entering()
                spoken = languages.of_unit(self.request, self.submission.reporter)
                with translation.override(spoken.shown):
                    self.said = self.answer()
        except (OtherContent, services.StateChanged, services.RoundClosed) as refusal:
            self.refusal = refusal

    def require_entering(self) -> None:
        if not rules.may_enter(self.user, self.submission):
            raise PermissionDenied

    def answer(self) -> Any:
        """Write what was posted, once, under the lock."""
        raise NotImplementedError

    def within(self) -> Q | None:
        """What of the submission is read; None for all of it."""
        return None

    def process_entries(self, posted: QueryDict) -> tuple[EntryForm, services.Outcome]:
        """Read a post under the lock and save what can be. Call inside a transaction."""
        held = services.Held.of(self.submission, self.within())
        form = EntryForm(held.blocks, last_day=self.submission.round.period.last_day, posted=posted)
        outcome = services.save_held(
            actor=self.user, held=held, entries=form.entries, entrance=Entrance.FORM
        )
        if self.submission.has_kept:  # type: ignore[attr-defined]
            settled = set(cells_in(posted)).difference(unsettled_cells(form, outcome))
            names = {f"c{pk}-version" for pk in settled}
            kept.let_go(self.user.pk, self.report_url, names, _holds_figures)
        return form, outcome


def _holds_figures(data: Mapping[str, Any]) -> bool:
    return bool(cells_in(data)) or any(data.get("maintain_reason", ()))


class Report(OfSubmission):
    """The figures of a unit in a round: a form where it is the reporter's turn, else a page.

    Where they are too many for one page, an index of the pages of each definition.
    """

    template = "submissions/report_form.html"
    index_template = "submissions/report_index.html"

    def get(self, request: HttpRequest, **place: str) -> HttpResponse:
        standing = presenters.Standing.of(self.submission, timezone.now())
        restored = kept.found(self.user.pk, request.path)
        if not (standing.is_open and rules.may_enter(self.user, self.submission)):
            return self.show_read_only(standing, unsent=restored is not None)
        return self.show_form(posted=restored, restored=restored is not None)

    def post(self, request: HttpRequest, **place: str) -> HttpResponse:
        if isinstance(self.refusal, OtherContent):
            kept.keep(request.path, request.POST)
            return render(request, "submissions/other_content.html", self.page(), status=409)
        if isinstance(self.refusal, services.StateChanged | services.RoundClosed):
            return self.refused(self.refusal)
        answer: Answer = self.said
        if answer.changed is not None:
            return changed_page(
                request, answer.changed, saved=answer.saved, reason=self.why_maintained
            )
        if answer.location:
            return redirect(answer.location)
        self.submission.refresh_from_db(fields=["state", "version", "return_reason"])
        return self.show_form(**answer.form)

    def answer(self) -> Answer:
        try:
            return self.save()
        except AlreadyDone as done:
            # Without an address the first answer showed what is wrong: saving again is harmless.
            return Answer(done.location) if done.location else self.process()

    @transaction.atomic
    def save(self) -> Answer:
        """Process a post once: the same one again finds its token taken, and the address."""
        token = self.request.POST.get(TOKEN, "")[:64] or secrets.token_urlsafe(24)
        content = fingerprint(self.request.POST)
        path = self.request.path
        claimed = claim(actor=self.user, key=token, content=content, location=path)
        answer = self.process()
        if self.submission.has_kept:  # type: ignore[attr-defined]
            kept.drop(self.user.pk, path)
        if answer.location != path:
            claimed.location = answer.location
            claimed.save(update_fields=["location"])
        return answer

    @transaction.atomic
    def process(self) -> Answer:
        """Save what can be saved; go on to what was asked where nothing is wrong."""
        posted = self.request.POST
        form, outcome = self.process_entries(posted)
        unsettled = unsettled_cells(form, outcome)
        if unsettled:
            shown = {"conflicts": outcome.conflicts, "versions": outcome.versions}
            return Answer(form={"posted": posted, "filled": unsettled, **shown})
        return self.go_on(posted.get("action", ""), outcome)

    def go_on(self, action: str, outcome: services.Outcome) -> Answer:
        """What was asked for besides saving. ``outcome`` holds all figures of the submission."""
        actions = {"attest": self.attest, "complete": self.say_what_is_left}
        return actions.get(action, self.say_saved)(outcome)

    def say_saved(self, outcome: services.Outcome) -> Answer:
        messages.success(self.request, wording.saved_text(timezone.now()))
        # A draft holds figures: these words go with the attestation, and stay on the page until it.
        return Answer("" if self.why_maintained else self.request.path)

    @property
    def why_maintained(self) -> str:
        return words(self.request.POST.get("maintain_reason", ""))

    def say_what_is_left(self, outcome: services.Outcome) -> Answer:
        """A reporter has finished: name what is missing, or who can attest."""
        found = selectors.findings_of(outcome.blocks, self.submission.round.period.code)
        if any(finding.hinders for finding in found):
            return Answer(form={"findings": found})
        names = ", ".join(selectors.approvers_of(self.submission.reporter)) or "–"
        messages.success(
            self.request, _("Everything is filled in. To attest: %(names)s.") % {"names": names}
        )
        return Answer(self.request.path)

    def attest(self, outcome: services.Outcome) -> Answer:
        """Attest, or say why not. What was saved stays saved."""
        posted = self.request.POST
        if not posted.get("statement"):
            message = _("Tick the statement before you send.")
            return Answer(form={"errors": {"statement": message}})
        try:
            services.attest(
                actor=self.user,
                submission=self.submission,
                version=outcome.version_for(seen_version(self.request)),
                maintain_reason=posted.get("maintain_reason", ""),
                blocks=outcome.blocks,
            )
        except services.NotAttestable as refusal:
            return Answer(form={"findings": list(refusal.faults)})
        except services.ReasonRequired:
            message = _("Correct a figure, or say why you maintain them all.")
            return Answer(form={"errors": {"maintain": message}})
        except services.StateChanged as change:
            return Answer(changed=change.submission, saved=outcome.saved)
        messages.success(self.request, presenters.sent_text(self.submission.reporter))
        return Answer(reverse("work"))

    # Pages

    def shown(self, blocks: list[Block]) -> list[Block]:
        """The definitions on this page, of those that were read."""
        return blocks

    def beside(self, blocks: list[Block]) -> dict[str, Any]:
        """What was said before, and what others say, for the fields of the form."""
        codes = selectors.compared_codes(self.submission.round.period.code)
        return {
            "periods": codes,
            "past": selectors.past_texts(blocks, codes),
            "peers": selectors.peers_beside(blocks, codes),
            "inherited": selectors.predecessors_texts(blocks, self.submission.round),
        }

    def more(self, form: EntryForm) -> dict[str, Any]:
        """What only this page's template reads."""
        return {}

    def form(
        self,
        read: list[Block],
        findings: list[Finding],
        posted: QueryDict | None = None,
        **options: Any,
    ) -> EntryForm:
        blocks = self.shown(read)
        last_day = self.submission.round.period.last_day
        return EntryForm(
            blocks,
            last_day=last_day,
            posted=posted,
            findings=findings,
            **self.beside(blocks),
            **options,
        )

    def show_form(
        self,
        posted: QueryDict | None = None,
        *,
        filled: list[int] | None = None,
        conflicts: Any = (),
        versions: dict[int, int] | None = None,
        findings: list[Finding] | None = None,
        errors: dict[str, str] | None = None,
        restored: bool = False,
    ) -> HttpResponse:
        """``findings``: what hinders the attestation, blanks among it, where that was asked for.
        ``errors``: at the statement and at the reason to maintain, by their ids."""
        read = selectors.blocks_of(self.submission, self.within())
        found = findings
        if found is None:
            every = selectors.findings_of(read, self.submission.round.period.code)
            found = [each for each in every if each.kind != MISSING]
        attached = selectors.attached(self.submission)
        context = {
            **self.page(),
            "attached": attached,
            "restored": restored,
            "saved": len(set(versions or ()).difference(filled or ())),
            "names_missing": findings is not None,
            "patterns": wording.patterns(),
            "token": secrets.token_urlsafe(24),
            "may_attest": rules.may_attest(self.user, self.submission),
            "maintain_reason": (posted or self.request.POST).get("maintain_reason", ""),
            "statement_error": (errors or {}).get("statement", ""),
            "maintain_error": (errors or {}).get("maintain", ""),
        }
        at_fields = [
            {"label": "", "message": text, "target": name} for name, text in (errors or {}).items()
        ]
        # What was typed in fields is shown in fields.
        if self.within() is None and selectors.is_long(read) and not cells_in(posted or {}):
            index = Index.of(read, found, attached)
            page = {
                "index": index,
                "errors": [*at_fields, *self.named(index, wants_comment=False)],
                "to_explain": self.named(index, wants_comment=True),
            }
            return render(self.request, self.index_template, {**context, **page})
        form = self.form(read, found, posted, filled=filled, conflicts=conflicts, versions=versions)
        form.errors.extend(at_fields)
        return render(self.request, self.template, {**context, "form": form, **self.more(form)})

    def named(self, index: Index, *, wants_comment: bool) -> list[dict[str, str]]:
        """What hinders, for the summary, with the addresses where it is mended."""
        return [
            {"label": fault.label, "message": fault.message, "href": self.address_of(fault)}
            for fault in index.faults
            if fault.wants_comment == wants_comment
        ]

    def address_of(self, fault: Fault) -> str:
        names = [name for name in (fault.indicator, fault.subject) if name]
        return reverse("report-row" if fault.subject else "report-grid", args=[*self.place, *names])

    def show_read_only(self, standing: presenters.Standing, *, unsent: bool) -> HttpResponse:
        may_enter = rules.may_enter(self.user, self.submission)
        return show_figures(
            self.request,
            self.submission,
            "submissions/report_readonly.html",
            unsent=unsent,
            may_ask=may_enter and standing.may_ask_for_time,
        )

    def page(self) -> dict[str, Any]:
        now = timezone.now()
        return {
            "submission": self.submission,
            "standing": presenters.Standing.of(self.submission, now),
            "now": now,
            "report_url": self.report_url,
        }

    def refused(self, refusal: services.StateChanged | services.RoundClosed) -> HttpResponse:
        """The page of a save that came too late: what was typed is shown and kept an hour."""
        request = self.request
        read = selectors.blocks_of(self.submission, self.within())
        form = self.form(read, [], request.POST) if cells_in(request.POST) else None
        if self.is_attested_already(refusal.submission, form):
            kept.drop(self.user.pk, request.path)
            return done_already(request, reverse("work"))
        kept.keep(request.path, request.POST)
        rows = form.rows.values() if form else ()
        typed = [row for row in rows if row.differs and row.typed_text]
        closed = isinstance(refusal, services.RoundClosed)
        return changed_page(
            request, refusal.submission, typed=typed, closed=closed, reason=self.why_maintained
        )

    def is_attested_already(self, now: Submission, form: EntryForm | None) -> bool:
        """Whether this user has attested in another page, and this one says nothing more."""
        posted = self.request.POST
        reason = posted.get("maintain_reason", "")
        asked = posted.get("action") == "attest"
        if not (asked and services.stands_by(now, self.user, State.SUBMITTED, reason)):
            return False
        if form is None:
            return True
        held = services.Held(now, form.blocks)
        return not (form.wrong or services.say_something_new(held, form.entries))


def unsettled_cells(form: EntryForm, outcome: services.Outcome) -> list[int]:
    """The cells whose post could not be read, or conflicts: they keep what was typed."""
    wrong = [row.figure.cell.pk for row in form.wrong]
    return wrong + [conflict.entry.cell_id for conflict in outcome.conflicts]
