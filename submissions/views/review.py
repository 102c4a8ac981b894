"""The queue of who controls, and the decisions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation import kept
from foundation.views import RequiresPermission
from submissions import presenters, rules, selectors, services
from submissions.correction_lines import RequestLine
from submissions.enums import State
from submissions.forms import ReturnForm
from submissions.models import Submission
from submissions.permissions import CONTROL

from .pages import (
    SignedIn,
    changed_page,
    done_already,
    seen_version,
    show_definition,
    show_figures,
)


class Queue(SignedIn, RequiresPermission, TemplateView):
    """The submissions to control, by state, with remarks and who attested them; and corrections."""

    permission = CONTROL.name
    template_name = "submissions/queue.html"
    per_page = 50

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request, now = self.request, timezone.now()
        chosen = request.GET.get("state", "")
        chosen = chosen if chosen in selectors.queue_filters(self.user) else "to-control"
        sees_all = rules.sees_all(self.user)
        everything = sees_all and "all" in request.GET
        asks = chosen == selectors.CORRECTIONS
        page = Paginator(self.rows(chosen, everything), self.per_page).get_page(
            request.GET.get("page")
        )
        lines = [] if asks else [presenters.Standing.of(each, now) for each in page.object_list]
        return super().get_context_data(
            counters=presenters.queue_counters(self.user, everything=everything),
            page_obj=page,
            lines=lines,
            selectable={
                line.submission.pk
                for line in lines
                if line.submission.state == State.SUBMITTED
                and rules.may_control(self.user, line.submission)
            },
            all_picked="picked" in request.GET,
            requests=self.requests(page) if asks else [],
            everything=everything,
            sees_all=sees_all,
            chosen=chosen,
            **kwargs,
        )

    def rows(self, chosen: str, everything: bool) -> Any:
        if chosen == selectors.CORRECTIONS:
            return selectors.requests_to_control(self.user, everything=everything)
        queue = selectors.queue_of(self.user, everything=everything)
        return selectors.queue_rows(queue, chosen)

    def requests(self, page: Page[Any]) -> list[RequestLine]:
        found = selectors.requests_of(page.object_list)
        return [RequestLine.of(each, self.user) for each in found]


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

    def return_form(self, submission: Submission, posted: Any = None, **said: Any) -> ReturnForm:
        needs_time = rules.needs_time(submission, timezone.now())
        return ReturnForm(posted, needs_time=needs_time, **said)

    def show(
        self, submission: Submission, form: ReturnForm, *, restored: Any = None, status: int = 200
    ) -> HttpResponse:
        decides = submission.state == State.SUBMITTED and rules.may_control(self.user, submission)
        return show_figures(
            self.request,
            submission,
            "submissions/review.html",
            form=form if decides else None,
            restored=restored,
            decides=decides,
            gives_time=rules.may_manage_rounds(self.user)
            and submission.state not in (State.VALIDATED, State.REPLACED),
            status=status,
        )

    def done_already(self) -> HttpResponse:
        """The same decision posted twice leads where it led at first."""
        return done_already(self.request, "review-queue")


class Review(OfReview):
    """The figures of a submission with what was said before, comments and flags."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission, typed = self.found(pk), self.typed(reverse("review-return", args=[pk]))
        form = self.return_form(submission, initial=typed.dict())
        return self.show(submission, form, restored=typed)


class ReviewDefinition(OfReview):
    """The figures of one definition, where a submission has too many for one page."""

    def get(self, request: HttpRequest, pk: int, indicator: str) -> HttpResponse:
        back_url = reverse("review", args=[pk])
        return show_definition(request, self.found(pk), indicator, back_url=back_url)


class Validate(OfReview):
    """Accept a submission."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission, seen = self.found(pk), seen_version(request)
        try:
            services.validate(actor=self.user, submission=submission, version=seen)
        except services.StateChanged as change:
            if services.is_own_step(change.submission, self.user, State.VALIDATED, seen):
                return self.done_already()
            return changed_page(request, change.submission)
        label = submission.reporter.label
        messages.success(request, _("%(unit)s: figures validated.") % {"unit": label})
        return redirect("review-queue")


class SendBack(OfReview):
    """Return a submission with a reason, and with time where its round leaves too little."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self.found(pk)
        form = self.return_form(submission, request.POST)
        if not form.is_valid():
            return self.show(submission, form)
        reason, seen = form.cleaned_data["reason"], seen_version(request)
        try:
            services.send_back(
                actor=self.user,
                submission=submission,
                version=seen,
                reason=reason,
                until=form.until_moment,
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(submission, form)
        except services.StateChanged as change:
            if services.is_own_step(change.submission, self.user, State.RETURNED, seen, reason):
                return self.done_already()
            return changed_page(request, change.submission, reason=reason)
        except services.RoundClosed:
            # It locked between the page and the click: the form asks until when, with the reason.
            return self.show(submission, self.return_form(submission, request.POST))
        kept.drop(self.user.pk, request.path)
        label = submission.reporter.label
        messages.success(request, _("%(unit)s: figures returned.") % {"unit": label})
        return redirect("review-queue")
