"""The queue of who controls, and the decisions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation.views import RequiresPermission
from submissions import presenters, rules, selectors, services
from submissions.enums import State
from submissions.forms import ReturnForm
from submissions.models import Submission
from submissions.permissions import CONTROL

from .pages import SignedIn, changed_page, seen_version, show_figures


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
            may_return=submission.accepts_figures(),
            gives_time=rules.may_manage_rounds(self.user)
            and submission.state not in (State.VALIDATED, State.REPLACED),
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
