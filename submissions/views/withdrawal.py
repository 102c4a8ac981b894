"""Taking back what was attested."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View

from foundation import kept
from foundation.views import KeepsInput
from submissions import presenters, rules, services
from submissions.enums import State
from submissions.forms import WithdrawForm
from submissions.models import Submission

from .pages import (
    SignedIn,
    answer_to_its_people,
    changed_page,
    done_already,
    seen_version,
    show_figures,
)


class Withdraw(SignedIn, KeepsInput, View):
    """A submission that its unit takes back before anybody validated it: a draft again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str, slug: str) -> HttpResponseBase:
        submission = get_object_or_404(
            Submission.objects.visible_to(self.user).select_related("round__period", "reporter"),
            round__period__code=code,
            reporter__slug=slug,
        )
        return answer_to_its_people(request, submission, partial(self.withdraw, submission))

    def withdraw(self, submission: Submission) -> HttpResponse:
        request = self.request
        form = WithdrawForm(request.POST)
        if not form.is_valid():
            return self.show(submission, form)
        reason = form.cleaned_data["reason"]
        try:
            services.withdraw(
                actor=self.user,
                submission=submission,
                version=seen_version(request),
                reason=reason,
            )
        except services.StateChanged as change:
            if services.stands_by(change.submission, self.user, State.DRAFT, reason):
                return done_already(request, presenters.report_address(submission))
            return changed_page(request, change.submission, reason=reason)
        except services.RoundClosed as refusal:
            return changed_page(
                request, refusal.submission, reason=reason, closed_because=too_late()
            )
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("Withdrawn: correct the figures and attest them again."))
        return redirect(presenters.report_address(submission))

    def show(self, submission: Submission, form: WithdrawForm) -> HttpResponse:
        """The page of the form, with what was typed; nothing of it was done."""
        if not rules.may_attest(self.user, submission):
            raise PermissionDenied
        if submission.state != State.SUBMITTED:
            return changed_page(self.request, submission, reason=form["reason"].value())
        return show_figures(
            self.request,
            submission,
            "submissions/report_readonly.html",
            withdrawal=form,
            restored=None,
            status=422,
        )


def too_late() -> str:
    """Why a withdrawal is refused, and what to do."""
    return _(
        "The round is locked: what you withdraw now could not be sent again. Ask who controls your"
        " figures to return them: with a return you get time to correct."
    )
