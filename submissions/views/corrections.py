"""Corrections after validation: asking, attesting, withdrawing, and deciding."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from foundation import kept
from foundation.registries import Label
from foundation.services import AlreadyDone, OtherContent, claim
from foundation.views import KeepsInput, RequiresPermission
from submissions import presenters, rules, selectors, services
from submissions.correction_lines import RequestLine
from submissions.enums import CorrectionState, Entrance, State
from submissions.forms import CorrectionForm, DecisionForm
from submissions.models import Cell, Correction
from submissions.permissions import CONTROL

from .pages import (
    TOKEN,
    SignedIn,
    answer_to_its_people,
    changed_page,
    fingerprint,
    seen_version,
)


class AskCorrection(SignedIn, KeepsInput, View):
    """Ask to replace a validated figure: its total and options together, first shown in words."""

    template_name = "submissions/correction_ask.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.cell: Cell = get_object_or_404(
            selectors.cells_visible_to(self.user).select_related(
                "expectation__submission__round__period",
                "expectation__submission__reporter__controlled_by",
            ),
            pk=kwargs["pk"],
        )
        self.submission = self.cell.expectation.submission
        if not rules.may_enter(self.user, self.submission):
            raise PermissionDenied
        answer = partial(super().dispatch, request, *args, **kwargs)
        return answer_to_its_people(request, self.submission, answer)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.submission.state != State.VALIDATED or self.cell.validated_id is None:
            messages.info(request, _("These figures are not validated: nothing to correct yet."))
            return redirect(presenters.report_address(self.submission))
        typed = self.typed()
        return self.show(self.form(typed), restored=typed)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """``step``: edit shows the fields again, send asks for it, anything else says it first."""
        step = request.POST.get("step", "")
        form = self.form(request.POST)
        if step == "edit" or not form.is_valid:
            return self.show(form)
        if step == "send":
            return self.send(form)
        return self.show(form, template="submissions/correction_confirm.html")

    def send(self, form: CorrectionForm) -> HttpResponse:
        request = self.request
        try:
            asked = self.ask_once(form)
        except AlreadyDone as done:
            return redirect(done.location)
        except OtherContent:
            kept.keep(request.path, request.POST)
            return render(request, "submissions/other_content.html", status=409)
        except (services.NotAttestable, ValidationError):
            return self.show(self.form(request.POST))
        except (services.StateChanged, services.RefusedContent):
            # Filled again, the form would name the same old figures and be refused again.
            kept.drop(self.user.pk, request.path)
            typed = [row for row in form.rows if row.differs and row.typed_text]
            return changed_page(
                request, self.submission, typed=typed, keeps=False, reason=form.reason
            )
        except services.CorrectionUnderWay:
            return self.show(form, under_way=True)
        kept.drop(self.user.pk, request.path)
        if asked[0].state == CorrectionState.ATTESTED:
            messages.success(request, presenters.sent_text(self.submission.reporter))
        else:
            names = ", ".join(selectors.approvers_of(self.submission.reporter)) or "–"
            messages.success(request, _("Asked. To attest: %(names)s.") % {"names": names})
        return redirect(self.address)

    @transaction.atomic
    def ask_once(self, form: CorrectionForm) -> list[Correction]:
        """The same post again finds its token taken, and the address it led to."""
        token = self.request.POST.get(TOKEN, "")[:64] or secrets.token_urlsafe(24)
        claimed = claim(actor=self.user, key=token, content=fingerprint(self.request.POST))
        asked = services.propose_correction(
            actor=self.user,
            submission=self.submission,
            entries=form.entries,
            reason=form.reason,
            entrance=Entrance.FORM,
        )
        claimed.location = self.address
        claimed.save(update_fields=["location"])
        return asked

    @property
    def address(self) -> str:
        """Where the request stands: with the unit's figures."""
        return presenters.report_address(self.submission) + "#corrections"

    def form(self, posted: Any) -> CorrectionForm:
        block = selectors.block_of_expectation(self.submission, self.cell.expectation_id)
        return CorrectionForm(
            block,
            last_day=self.submission.round.period.last_day,
            held_against=partial(selectors.findings_as_if, self.submission, block),
            posted=posted or None,
        )

    def show(self, form: CorrectionForm, *, template: str = "", **more: Any) -> HttpResponse:
        open_ones = Correction.objects.filter(
            cell__expectation=self.cell.expectation_id, state__in=CorrectionState.open()
        )
        context = {
            "cell": self.cell,
            "submission": self.submission,
            "standing": presenters.Standing.of(self.submission, timezone.now()),
            "form": form,
            "fields": [*_typed(self.request)],
            "under_way": open_ones.exists(),
            "may_attest": rules.may_attest(self.user, self.submission),
            "token": secrets.token_urlsafe(24),
            **more,
        }
        wrong = bool(more.get("under_way"))
        page = template or self.template_name
        return render(self.request, page, context, status=409 if wrong else 200)


def _typed(request: HttpRequest) -> Any:
    """What was typed, to be carried by the page that shows the difference."""
    of_the_page = ("csrfmiddlewaretoken", "step", TOKEN, kept.FIELD)
    for name, values in request.POST.lists():
        if name not in of_the_page:
            yield from ((name, value) for value in values)


class OfCorrection(SignedIn):
    """A request as one of its corrections, which ``user`` may see; else 404."""

    def found(self, pk: int) -> Correction:
        visible = Correction.objects.visible_to(self.user)
        return get_object_or_404(selectors.correction_of(visible), pk=pk)


class UnitStep(OfCorrection, KeepsInput, View):
    """A step of the unit itself."""

    http_method_names = ["post"]
    said: Label = ""

    def step(self, correction: Correction, version: int) -> list[Correction]:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        correction = self.found(pk)
        submission = correction.cell.expectation.submission
        return answer_to_its_people(request, submission, partial(self.take, correction))

    def take(self, correction: Correction) -> HttpResponse:
        request, submission = self.request, correction.cell.expectation.submission
        try:
            self.step(correction, seen_version(request))
        except services.StateChanged:
            return correction_changed(request, correction)
        except services.NotAttestable as refusal:
            text = _("Not attested. %(why)s Withdraw the correction and ask again.")
            messages.error(request, text % {"why": refusal})
        else:
            messages.success(request, str(self.said))
        return redirect(presenters.report_address(submission) + "#corrections")


class AttestCorrection(UnitStep):
    """Send a correction that somebody of the unit proposed."""

    said = gettext_lazy("Correction attested and sent.")

    def step(self, correction: Correction, version: int) -> list[Correction]:
        return services.attest_correction(actor=self.user, correction=correction, version=version)


class WithdrawCorrection(UnitStep):
    """Take back a correction that nobody decided yet."""

    said = gettext_lazy("Correction withdrawn. The validated figure stands.")

    def step(self, correction: Correction, version: int) -> list[Correction]:
        return services.withdraw_correction(actor=self.user, correction=correction, version=version)


class ReviewCorrection(OfCorrection, RequiresPermission, View):
    """A request with what it would change; who controls the unit decides here."""

    permission = CONTROL.name

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        typed = self.typed()
        return self.show(self.found(pk), DecisionForm(initial=typed.dict()), restored=typed)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        correction = self.found(pk)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self.show(correction, form)
        reason = form.cleaned_data["reason"]
        decide = {"accept": services.accept_correction, "refuse": services.refuse_correction}
        verb = decide.get(request.POST.get("decision", ""))
        if verb is None:
            return self.show(correction, form)
        try:
            asked = verb(
                actor=self.user,
                correction=correction,
                version=seen_version(request),
                reason=reason,
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(correction, form)
        except services.StateChanged:
            return correction_changed(request, correction, reason=reason)
        kept.drop(self.user.pk, request.path)
        _say_decided(request, asked[0], correction.cell.expectation.submission.reporter.label)
        return redirect(presenters.queue_address(selectors.CORRECTIONS))

    def show(
        self, correction: Correction, form: DecisionForm, restored: Any = None
    ) -> HttpResponse:
        [found] = selectors.requests_of([correction])
        line = RequestLine.of(found, self.user)
        context = {
            "line": line,
            "submission": found.submission,
            "form": form,
            "restored": restored,
        }
        return render(self.request, "submissions/correction_review.html", context)


def _say_decided(request: HttpRequest, decided: Correction, unit: str) -> None:
    if decided.state == CorrectionState.ACCEPTED:
        text = _("%(unit)s: correction validated. The new figure counts.")
        messages.success(request, text % {"unit": unit})
    elif decided.is_outdated:
        text = _(
            "%(unit)s: not corrected, the figure has changed since this was asked. The unit can ask"
            " again from the new figure."
        )
        messages.warning(request, text % {"unit": unit})
    else:
        text = _("%(unit)s: correction refused. The validated figure stands.")
        messages.success(request, text % {"unit": unit})


def correction_changed(
    request: HttpRequest, correction: Correction, reason: str = ""
) -> HttpResponse:
    """409: the request as it is now; nothing of what was asked was done."""
    correction.refresh_from_db()
    [found] = selectors.requests_of([correction])
    context = {
        "line": RequestLine.of(found, request.user),  # type: ignore[arg-type]
        "submission": found.submission,
        "reason": reason,
    }
    return render(request, "submissions/correction_changed.html", context, status=409)
