"""My work, the entry form, the review queue and the histories."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation import kept
from foundation.services import AlreadyDone, OtherContent, claim
from foundation.views import RequiresPermission
from organisations.models import User

from . import presenters, rules, selectors, services, wording
from .enums import Entrance, State
from .figures import Fault, Obstacle, faults_of
from .forms import EntryForm, ReturnForm
from .models import Submission
from .permissions import CONTROL, ENTER

#: The field that carries a form's token.
TOKEN = "token"  # noqa: S105
#: Fields of the page itself, that are not part of what was typed.
_OF_THE_PAGE = ("csrfmiddlewaretoken", kept.FIELD)


class SignedIn:
    """Whoever is signed in: the pages of this module are for nobody else."""

    request: HttpRequest

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


# --- My work ----------------------------------------------------------------------------------


class Work(SignedIn, RequiresPermission, TemplateView):
    """What is due in my units, what came back, and what has gone."""

    permission = ENTER.name
    template_name = "submissions/work.html"
    most = 60

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        found = selectors.work_of(self.user)[: self.most]
        lines = [presenters.WorkLine.for_user(each, self.user, now) for each in found]
        work = presenters.Work(lines)
        planned = None if work.open else selectors.next_round()
        return super().get_context_data(work=work, now=now, planned=planned, **kwargs)


# --- The entry form ---------------------------------------------------------------------------


class KeepsInput(SignedIn, LoginRequiredMixin):
    """A post without a session is kept for an hour, and the sign-in page says so."""

    request: HttpRequest

    def handle_no_permission(self) -> HttpResponseRedirect:
        request = self.request
        if request.method == "POST" and kept.keep(request.path, request.POST):
            messages.info(
                request, _("Your session expired. Sign in: what you typed is kept for an hour.")
            )
        query = urlencode({"next": request.path})
        return redirect(f"{resolve_url('account_login')}?{query}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a post leads to: an address, the form again with what is wrong, or another's change."""

    location: str = ""
    form: dict[str, Any] = field(default_factory=dict)
    changed: Submission | None = None


class Report(KeepsInput, View):
    """The figures of a unit in a round: a form where it is the reporter's turn, else a page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.submission = get_object_or_404(
            Submission.objects.visible_to(self.user).select_related(
                "round__period", "reporter__controlled_by"
            ),
            round__period__code=kwargs["code"],
            reporter__slug=kwargs["slug"],
        )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, code: str, slug: str) -> HttpResponse:
        standing = presenters.Standing.of(self.submission, timezone.now())
        restored = kept.found(self.user.pk, request.path)
        if not (standing.is_open and rules.may_enter(self.user, self.submission)):
            template = "submissions/report_readonly.html"
            return show_figures(request, self.submission, template, unsent=restored is not None)
        return self.show_form(posted=restored, restored=restored is not None)

    def post(self, request: HttpRequest, code: str, slug: str) -> HttpResponse:
        if not rules.may_enter(self.user, self.submission):
            raise PermissionDenied
        try:
            answer = self.answer()
        except OtherContent:
            kept.keep(request.path, request.POST)
            return render(request, "submissions/other_content.html", self.page(), status=409)
        except (services.StateChanged, services.RoundClosed) as refusal:
            return self.refused(refusal)
        if answer.changed is not None:
            return changed_page(request, answer.changed)
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
        claimed = claim(actor=self.user, key=token, content=content)
        answer = self.process()
        kept.drop(self.user.pk, self.request.path)
        claimed.location = answer.location
        claimed.save(update_fields=["location"])
        return answer

    @transaction.atomic
    def process(self) -> Answer:
        """Save what can be saved; go on to what was asked where nothing is wrong."""
        posted = self.request.POST
        form = self.form(posted)
        outcome = services.save_entries(
            actor=self.user,
            submission=self.submission,
            entries=form.entries,
            entrance=Entrance.FORM,
        )
        unsettled = [row.figure.cell.pk for row in form.wrong]
        unsettled += [conflict.entry.cell_id for conflict in outcome.conflicts]
        if unsettled:
            return Answer(
                form={"posted": posted, "filled": unsettled, "conflicts": outcome.conflicts}
            )
        actions = {"attest": self.attest, "complete": self.say_what_is_left}
        return actions.get(posted.get("action", ""), self.say_saved)(outcome)

    def say_saved(self, outcome: services.Outcome) -> Answer:
        messages.success(self.request, wording.saved_text(timezone.now()))
        return Answer(self.request.path)

    def say_what_is_left(self, outcome: services.Outcome) -> Answer:
        """A reporter has finished: name what is missing, or who can attest."""
        faults = faults_of(selectors.blocks_of(self.submission))
        if faults:
            return Answer(form={"faults": faults})
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
            )
        except services.NotAttestable as refusal:
            return Answer(form={"faults": list(refusal.faults)})
        except services.ReasonRequired:
            message = _("Correct a figure, or say why you maintain them all.")
            return Answer(form={"errors": {"maintain": message}})
        except services.StateChanged as change:
            return Answer(changed=change.submission)
        messages.success(self.request, presenters.sent_text(self.submission.reporter))
        return Answer(reverse("work"))

    # Pages

    def form(self, posted: QueryDict | None = None, **options: Any) -> EntryForm:
        blocks = selectors.blocks_of(self.submission)
        codes = selectors.compared_codes(self.submission.round.period.code)
        if options.get("faults") is None:
            options["faults"] = [f for f in faults_of(blocks) if f.obstacle != Obstacle.MISSING]
        return EntryForm(
            blocks,
            last_day=self.submission.round.period.last_day,
            posted=posted,
            past=selectors.past_texts(blocks, codes),
            periods=codes,
            inherited=selectors.predecessors_texts(blocks, self.submission.round),
            **options,
        )

    def show_form(
        self,
        posted: QueryDict | None = None,
        *,
        filled: list[int] | None = None,
        conflicts: Any = (),
        faults: list[Fault] | None = None,
        errors: dict[str, str] | None = None,
        restored: bool = False,
    ) -> HttpResponse:
        """``errors``: at the statement and at the reason to maintain, by their ids."""
        form = self.form(posted, filled=filled, conflicts=conflicts, faults=faults)
        form.errors.extend(
            {"label": "", "message": text, "target": name} for name, text in (errors or {}).items()
        )
        context = {
            **self.page(),
            "form": form,
            "restored": restored,
            "token": secrets.token_urlsafe(24),
            "seal": kept.seal(self.user.pk),
            "may_attest": rules.may_attest(self.user, self.submission),
            "maintain_reason": (posted or self.request.POST).get("maintain_reason", ""),
            "statement_error": (errors or {}).get("statement", ""),
            "maintain_error": (errors or {}).get("maintain", ""),
        }
        return render(self.request, "submissions/report_form.html", context)

    def page(self) -> dict[str, Any]:
        now = timezone.now()
        return {
            "submission": self.submission,
            "standing": presenters.Standing.of(self.submission, now),
            "now": now,
        }

    def refused(self, refusal: services.StateChanged | services.RoundClosed) -> HttpResponse:
        """The page of a save that came too late: what was typed is shown and kept an hour."""
        request = self.request
        kept.keep(request.path, request.POST)
        form = self.form(request.POST, faults=[])
        typed = [row for row in form.rows.values() if row.differs and row.typed_text]
        closed = isinstance(refusal, services.RoundClosed)
        return changed_page(request, refusal.submission, typed=typed, closed=closed)


def fingerprint(posted: QueryDict) -> str:
    """What a form said, whatever page it was said on."""
    said = {name: values for name, values in posted.lists() if name not in _OF_THE_PAGE}
    return urlencode(sorted(said.items()), doseq=True)


def seen_version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def changed_page(
    request: HttpRequest,
    submission: Submission,
    *,
    typed: Any = (),
    reason: str = "",
    closed: bool = False,
) -> HttpResponse:
    """409: who changed what, when, and that nothing is lost."""
    edit = selectors.last_edit(submission, reader=cast(User, request.user))
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, timezone.now()),
        "events": presenters.last_change(selectors.transitions_of(submission), edit),
        "typed": typed,
        "reason": reason,
        "closed": closed,
        "back_to_review": request.path.startswith(reverse("review-queue")),
    }
    return render(request, "submissions/changed.html", context, status=409)


def show_figures(
    request: HttpRequest, submission: Submission, template: str, **more: Any
) -> HttpResponse:
    """The figures without fields, with what was said before and the history."""
    blocks = selectors.blocks_of(submission)
    codes = selectors.compared_codes(submission.round.period.code)
    form = EntryForm(
        blocks,
        last_day=submission.round.period.last_day,
        past=selectors.past_texts(blocks, codes),
        periods=codes,
    )
    now = timezone.now()
    by_one = selectors.is_by_one_person(submission)
    context = {
        "submission": submission,
        "standing": presenters.Standing.of(submission, now),
        "now": now,
        "figures": form,
        "by_one_person": by_one,
        "events": presenters.transition_events(selectors.transitions_of(submission), by_one),
        **more,
    }
    return render(request, template, context, status=more.get("status", 200))


class CellHistory(SignedIn, LoginRequiredMixin, View):
    """Every revision of a cell: who, when, by which entrance, from what to what, why."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        cell = get_object_or_404(
            selectors.cells_visible_to(self.user).select_related(
                "expectation__submission__round__period",
                "expectation__submission__reporter",
                "expectation__subject__unit",
            ),
            pk=pk,
        )
        version = selectors.definitions({cell.expectation.version_id})[cell.expectation.version_id]
        option = next((each for each in version.options.all() if each.code == cell.option), None)
        context = {
            "cell": cell,
            "version": version,
            "option": option,
            "submission": cell.expectation.submission,
            "events": presenters.revision_events(version, selectors.revisions_of(cell)),
        }
        return render(request, "submissions/cell_history.html", context)


# --- Controlling ------------------------------------------------------------------------------


class Queue(SignedIn, RequiresPermission, TemplateView):
    """The submissions to control, by state, with remarks and who attested them."""

    permission = CONTROL.name
    template_name = "submissions/queue.html"
    per_page = 50

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request = self.request
        chosen = request.GET.get("state", "")
        chosen = chosen if chosen in selectors.QUEUE_FILTERS else selectors.QUEUE_FILTERS[0]
        sees_all = rules.sees_all(self.user)
        everything = sees_all and "all" in request.GET
        queue = selectors.queue_of(self.user, everything=everything)
        rows = selectors.queue_rows(queue, chosen)
        page = Paginator(rows, self.per_page).get_page(request.GET.get("page"))
        now = timezone.now()
        return super().get_context_data(
            counters=presenters.queue_counters(queue),
            page_obj=page,
            lines=[presenters.Standing.of(each, now) for each in page.object_list],
            everything=everything,
            sees_all=sees_all,
            chosen=chosen,
            **kwargs,
        )


class OfReview(SignedIn, RequiresPermission, View):
    """A submission that one controls, or sees as the secretariat; else 404."""

    permission = CONTROL.name

    def found(self, pk: int) -> Submission:
        visible = (
            Submission.objects.visible_to(self.user)
            if rules.sees_all(self.user)
            else (Submission.objects.to_control_by(self.user))
        )
        return get_object_or_404(
            visible.select_related("round__period", "reporter__controlled_by"), pk=pk
        )

    def show(
        self, submission: Submission, form: ReturnForm | None = None, status: int = 200
    ) -> HttpResponse:
        decides = submission.state == State.SUBMITTED and rules.may_control(self.user, submission)
        return show_figures(
            self.request,
            submission,
            "submissions/review.html",
            form=(form or ReturnForm()) if decides else None,
            decides=decides,
            may_return=submission.round.accepts_figures(),
            status=status,
        )


class Review(OfReview):
    """The figures of a submission with what was said before, comments and flags."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.found(pk))


class Validate(OfReview):
    """Accept a submission."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self.found(pk)
        try:
            services.validate(actor=self.user, submission=submission, version=seen_version(request))
        except services.StateChanged as change:
            return changed_page(request, change.submission)
        label = submission.reporter.label
        messages.success(request, _("%(unit)s: figures validated.") % {"unit": label})
        return redirect("review-queue")


class SendBack(OfReview):
    """Return a submission with a reason."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self.found(pk)
        form = ReturnForm(request.POST)
        if not form.is_valid():
            return self.show(submission, form)
        try:
            services.send_back(
                actor=self.user,
                submission=submission,
                version=seen_version(request),
                reason=form.cleaned_data["reason"],
            )
        except services.StateChanged as change:
            return changed_page(request, change.submission, reason=form.cleaned_data["reason"])
        except services.RoundClosed as refusal:
            return changed_page(
                request, refusal.submission, reason=form.cleaned_data["reason"], closed=True
            )
        label = submission.reporter.label
        messages.success(request, _("%(unit)s: figures returned.") % {"unit": label})
        return redirect("review-queue")
