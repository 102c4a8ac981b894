"""What others report about a unit, its remarks on it, and the answers of the sources."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation import kept
from foundation.services import AlreadyDone, OtherContent, claim
from foundation.views import KeepsInput, RequiresPermission
from organisations import languages
from submissions import presenters, rules, selectors, services
from submissions.forms import AnswerForm, RemarkForm
from submissions.models import Remark, Submission
from submissions.permissions import VIEW_UNIT
from submissions.reported import Reported

from .pages import TOKEN, SignedIn, answer_to_its_people, fingerprint


class AboutUs(SignedIn, RequiresPermission, TemplateView):
    """What other units have attested about mine, the last period first."""

    permission = VIEW_UNIT.name
    template_name = "submissions/about_us.html"
    per_page = 40

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        found = selectors.reported_about(self.user)
        page = Paginator(found, self.per_page).get_page(self.request.GET.get("page"))
        rows = Reported.rows(page.object_list, self.user, now)
        several = len({row.expectation.subject.unit_id for row in rows}) > 1
        return super().get_context_data(
            page_obj=page, rows=rows, several=several, days=selectors.REMARK_DAYS, **kwargs
        )


class FigureAboutUs(SignedIn, KeepsInput, View):
    """A figure that another unit attested about mine, with what was said of it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.expectation = get_object_or_404(selectors.reported_about(self.user), pk=kwargs["pk"])
        answer = partial(super().dispatch, request, *args, **kwargs)
        return languages.answer_to_unit(request, self.expectation.subject.unit, answer)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        typed = self.typed()
        return self.show(RemarkForm(initial=typed.dict()), restored=typed)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not rules.may_remark(self.user, self.expectation):
            raise PermissionDenied
        form = RemarkForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            self.remark(form.cleaned_data["text"])
        except services.RemarksClosed:
            form.add_error("text", _("Your remark was not kept: it is too late, or too early."))
            return self.show(form, status=409)
        except OtherContent:
            form.add_error("text", _("This page was sent before. Send the remark once more."))
            return self.show(form, status=409)
        except AlreadyDone:
            pass
        messages.success(request, _("Your remark is with the source."))
        return redirect("about-us-figure", pk)

    @transaction.atomic
    def remark(self, text: str) -> None:
        """Once for one token, however often the same page is sent."""
        posted = self.request.POST
        token = posted.get(TOKEN, "")[:64] or secrets.token_urlsafe(24)
        claim(actor=self.user, key=token, content=fingerprint(posted))
        services.make_remark(actor=self.user, expectation=self.expectation, text=text)
        kept.drop(self.user.pk, self.request.path)

    def show(self, form: RemarkForm, *, restored: Any = None, status: int = 200) -> HttpResponse:
        [row] = Reported.rows([self.expectation], self.user, timezone.now())
        context = {
            "row": row,
            "form": form,
            "restored": restored,
            "token": secrets.token_urlsafe(24),
            "days": selectors.REMARK_DAYS,
        }
        return render(self.request, "submissions/about_us_figure.html", context, status=status)


class AnswerRemark(SignedIn, KeepsInput, View):
    """A remark on a figure of one's unit, and the answer to it, given once."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.asked = self.found(kwargs["pk"])
        answer = partial(super().dispatch, request, *args, **kwargs)
        return answer_to_its_people(request, self.asked.expectation.submission, answer)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        typed = self.typed()
        return self.show(self.asked, AnswerForm(initial=typed.dict()), restored=typed)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        remark = self.asked
        if not rules.may_enter(self.user, remark.expectation.submission):
            raise PermissionDenied
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.show(remark, form, status=422)
        try:
            services.answer_remark(
                actor=self.user, remark=remark, answer=form.cleaned_data["answer"]
            )
        except services.AlreadyAnswered:
            form.add_error("answer", _("This remark has been answered in the meantime."))
            return self.show(self.found(pk), form, status=409)
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("The unit reads your answer beside its remark."))
        return redirect(presenters.figure_address(remark.expectation))

    def found(self, pk: int) -> Remark:
        visible = Submission.objects.visible_to(self.user)
        remarks = Remark.objects.filter(expectation__submission__in=visible).select_related(
            "made_by",
            "answered_by",
            "expectation__version__indicator",
            "expectation__subject__unit",
            "expectation__submission__round__period",
            "expectation__submission__reporter",
        )
        return get_object_or_404(remarks, pk=pk)

    def show(
        self, remark: Remark, form: AnswerForm, *, restored: Any = None, status: int = 200
    ) -> HttpResponse:
        submission = remark.expectation.submission
        may_answer = rules.may_enter(self.user, submission)
        context = {
            "remark": remark,
            "said": [remark],
            "version": remark.expectation.version,
            "subject": remark.expectation.subject.unit,
            "submission": submission,
            "form": form,
            "restored": restored,
            "may_answer": may_answer and (not remark.answer or form.is_bound),
            "back_url": presenters.figure_address(remark.expectation),
        }
        return render(self.request, "submissions/remark_answer.html", context, status=status)
