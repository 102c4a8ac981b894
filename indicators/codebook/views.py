"""Pages of the codebook: every definition, one of them, and the questions about them."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation import kept
from foundation.views import RequiresPermission
from indicators.models import Question
from indicators.permissions import ANSWER, ASK, EDIT_TEXTS, VIEW_CODEBOOK
from indicators.selectors import history
from organisations.forms import add_errors
from organisations.models import User
from plans.permissions import RECORD

from . import forms, rules, selectors, services


class CodebookPage(RequiresPermission):
    permission = VIEW_CODEBOOK.name

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


class CodebookList(CodebookPage, TemplateView):
    """Every indicator under the promise that it measures."""

    template_name = "indicators/codebook_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = forms.CodebookFilter(self.request.GET)
        found = selectors.narrowed(selectors.entries(), form.terms())
        return super().get_context_data(
            filter=form,
            sections=selectors.sections(found),
            count=len(found),
            may_answer=rules.may_answer(self.user),
            **kwargs,
        )


class CodebookDetail(CodebookPage, TemplateView):
    """A definition, its history and the questions about it; ?version= for another one."""

    template_name = "indicators/codebook_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("version", "")
        page = selectors.definition(
            self.kwargs["code"], int(asked) if asked.isdecimal() and len(asked) < 5 else None
        )
        if page is None:
            raise Http404
        return super().get_context_data(
            page=page,
            version=page.version,
            indicator=page.indicator,
            history=history(page.indicator),
            questions=selectors.questions_about(page.indicator, self.user),
            may_ask=rules.may_ask(self.user),
            may_amend=self.user.access.may(RECORD.name),
            may_edit=self.user.access.may(EDIT_TEXTS.name),
            **kwargs,
        )


class QuestionPage(CodebookPage, View):
    """A form about a question."""

    template_name: str

    def page(self, form: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        context |= {"form": form}
        return render(self.request, self.template_name, context, status=status)

    def done(self, text: str, code: str) -> HttpResponse:
        kept.drop(self.user.pk, self.request.path)
        messages.success(self.request, text)
        return redirect("codebook-detail", code)


class QuestionAsk(QuestionPage):
    """A new question about a definition."""

    permission = ASK.name
    template_name = "indicators/question_form.html"

    @cached_property
    def definition(self) -> selectors.Definition:
        found = selectors.definition(self.kwargs["code"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        typed = self.typed()
        unit = rules.own_units(self.user).filter(slug=request.GET.get("unit", "")).first()
        initial = {"unit": unit} if unit else {}
        form = forms.QuestionForm(typed or None, actor=self.user, initial=initial)
        return self._page(form, restored=typed)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        form = forms.QuestionForm(request.POST, actor=self.user)
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            services.ask(actor=self.user, indicator=self.definition.indicator, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
            return self._page(form, status=422)
        return self.done(_("Your question is asked. The answer will stand here."), code)

    def _page(self, form: forms.QuestionForm, **context: Any) -> HttpResponse:
        context |= {"indicator": self.definition.indicator, "version": self.definition.version}
        return self.page(form, **context)


class OneQuestion(QuestionPage):
    """What is done to a question: 404 where it is not seen."""

    @cached_property
    def question(self) -> Question:
        visible = rules.visible_to(self.user).select_related("indicator", "asked_for")
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    @property
    def code(self) -> str:
        return self.question.indicator.code

    def seen(self) -> dict[str, Any]:
        page = selectors.definition(self.code)
        return {
            "question": self.question,
            "indicator": self.question.indicator,
            "version": page.version if page else None,
        }


class QuestionChange(OneQuestion):
    """One's open question in other words; 403 where it is another's or answered."""

    template_name = "indicators/question_form.html"

    def own(self) -> Question:
        if not rules.may_change(self.user, self.question):
            raise PermissionDenied
        return self.question

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        question, typed = self.own(), self.typed()
        initial = {"text": question.text}
        form = forms.QuestionForm(typed or None, actor=self.user, is_new=False, initial=initial)
        return self.page(form, restored=typed, **self.seen())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        question = self.own()
        form = forms.QuestionForm(request.POST, actor=self.user, is_new=False)
        if not form.is_valid():
            return self.page(form, status=422, **self.seen())
        try:
            services.reword(actor=self.user, question=question, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
            return self.page(form, status=422, **self.seen())
        return self.done(_("Your question is changed."), self.code)


class QuestionWithdraw(QuestionChange):
    """Asks before one's open question is taken back."""

    template_name = "indicators/question_withdraw.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        question = self.own()
        context = {"question": question, "back_url": question.indicator.get_absolute_url()}
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        question, code = self.own(), self.code
        try:
            services.withdraw(actor=self.user, question=question)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("codebook-detail", code)
        return self.done(_("Your question is withdrawn."), code)


class QuestionAnswer(OneQuestion):
    """The secretariat's answer, or its answer in other words."""

    permission = ANSWER.name
    template_name = "indicators/question_answer.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        typed = self.typed()
        initial = {
            "answer": self.question.answer,
            "seen": rules.fingerprint(self.question),
        }
        form = forms.AnswerForm(typed or None, initial=initial)
        return self._page(form, restored=typed)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = forms.AnswerForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            services.answer(
                actor=self.user,
                question=self.question,
                text=form.cleaned_data["answer"],
                seen=form.cleaned_data["seen"],
            )
        except services.ChangedMeanwhile as conflict:
            return self._conflict(conflict.question)
        except Question.DoesNotExist:
            messages.error(request, _("This question was withdrawn in the meantime."))
            return redirect("codebook-detail", self.code)
        except ValidationError as error:
            add_errors(form, error)
            return self._page(form, status=422)
        return self.done(_("The answer stands with the definition."), self.code)

    def _conflict(self, now: Question) -> HttpResponse:
        """The question as it is now; what was typed stays, and can be sent again."""
        typed = self.request.POST.copy()
        typed["seen"] = rules.fingerprint(now)
        self.question.text, self.question.answer = now.text, now.answer
        return self._page(forms.AnswerForm(typed), status=409, conflict=True)

    def _page(self, form: forms.AnswerForm, **context: Any) -> HttpResponse:
        (asked,) = selectors.asked(Question.objects.filter(pk=self.question.pk), self.user)
        return self.page(form, asked=asked, **self.seen(), **context)


class QuestionList(CodebookPage, TemplateView):
    """Every question, those that wait for an answer first."""

    permission = ANSWER.name
    template_name = "indicators/question_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = selectors.open_first()
        page = Paginator(found, 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page_obj=page,
            questions=selectors.shown(page.object_list, self.user),
            **kwargs,
        )
