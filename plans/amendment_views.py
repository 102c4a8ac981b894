"""Pages of amendments: the list, one, proposing and deciding."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, TemplateView

from foundation import kept
from foundation.views import RequiresPermission
from organisations.forms import add_errors
from organisations.models import User

from . import amendments, forms, rules, services
from .differences import difference
from .enums import AmendmentState
from .models import Amendment, Condition

READ = "themes.view_plan"


class PlanPage(RequiresPermission):
    """A page of the plan, for everybody who reads it."""

    permission = READ
    request: HttpRequest

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


class AmendmentList(PlanPage, TemplateView):
    """Every amendment with what it changes, the latest effect first."""

    template_name = "plans/amendment_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = forms.AmendmentFilter(self.request.GET)
        terms = form.terms()
        found = amendments.amendments()
        for name in ("state", "authority"):
            if terms.get(name):
                found = found.filter(**{name: terms[name]})
        words = terms.get("words") or ""
        chosen = [each for each in amendments.shown(found) if amendments.speaks_of(each, words)]
        return super().get_context_data(filter=form, shown=chosen, total=len(chosen), **kwargs)


class AmendmentDetail(PlanPage, DetailView):
    """An act: who, by what, why, from when, and each text before and after."""

    template_name = "plans/amendment_detail.html"
    queryset = amendments.amendments()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        (shown,) = amendments.shown([self.object])
        told = [
            (change, [(one, difference(one.before, one.after)) for one in change.fields])
            for change in shown.changes
        ]
        waits = self.object.state == AmendmentState.PROPOSED
        return super().get_context_data(
            shown=shown, told=told, may_decide=waits and rules.may_record(self.user), **kwargs
        )


class Decision(PlanPage, View):
    """Adopting or withdrawing a proposal: 403 for who may not record, and once only."""

    form_class: ClassVar[type[django_forms.Form]]
    template_name: ClassVar[str]

    @cached_property
    def amendment(self) -> Amendment:
        found = get_object_or_404(Amendment, pk=self.kwargs["pk"])
        if not rules.may_record(self.user):
            raise PermissionDenied
        return found

    def initial(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.amendment.state != AmendmentState.PROPOSED:
            return self._decided()
        typed = self.typed()
        return self._page(self.form_class(initial=self.initial() | typed.dict()), restored=typed)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form_class(request.POST)
        if self.amendment.state != AmendmentState.PROPOSED:
            return self._decided()
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            self.decide(form.cleaned_data)
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                return self._decided()
            add_errors(form, error)
            return self._page(form, status=422)
        kept.drop(self.user.pk, request.path)
        return redirect("amendment-detail", pk)

    def decide(self, said: dict[str, Any]) -> None:
        raise NotImplementedError

    def _decided(self) -> HttpResponse:
        messages.info(self.request, _("This amendment was decided on in the meantime."))
        return redirect("amendment-detail", self.amendment.pk)

    def _page(self, form: django_forms.Form, status: int = 200, **context: Any) -> HttpResponse:
        context |= {
            "form": form,
            "amendment": self.amendment,
            "back_url": self.amendment.get_absolute_url(),
        }
        return render(self.request, self.template_name, context, status=status)


class AmendmentAdopt(Decision):
    form_class = forms.AdoptionForm
    template_name = "plans/amendment_adopt.html"

    def initial(self) -> dict[str, Any]:
        return {
            "adopted_on": timezone.localdate(),
            "effective_on": self.amendment.effective_on,
        }

    def decide(self, said: dict[str, Any]) -> None:
        services.adopt(actor=self.user, amendment=self.amendment, **said)
        messages.success(self.request, _("The amendment is on the record."))


class AmendmentWithdraw(Decision):
    form_class = forms.WithdrawalForm
    template_name = "plans/amendment_withdraw.html"

    def decide(self, said: dict[str, Any]) -> None:
        services.withdraw(actor=self.user, amendment=self.amendment, **said)
        messages.success(self.request, _("The proposal is withdrawn."))


class Proposal(PlanPage, View):
    """Proposing another wording of something: typed, compared, then sent. 403 for who may not.

    Subclasses find the ``subject``, say its words in force, and send the proposal.
    """

    form_class: ClassVar[type[django_forms.Form]]
    template_name = "plans/amendment_form.html"
    #: The texts that are compared, by field of the form.
    compared: ClassVar[tuple[str, ...]]

    @cached_property
    def subject(self) -> Any:
        raise NotImplementedError

    def allowed(self) -> bool:
        return rules.may_propose(self.user)

    def words(self) -> dict[str, Any]:
        raise NotImplementedError

    def send(self, said: dict[str, Any]) -> Amendment:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and self.test_func():
            self.subject  # noqa: B018 (404 comes before 403)
            if not self.allowed():
                raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def make_form(self, **kwargs: Any) -> django_forms.Form:
        return self.form_class(**kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if typed := self.typed():
            return self._page(self.make_form(data=typed), restored=typed)
        return self._page(self.make_form(initial=self.words()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.make_form(data=request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        if "compare" in request.POST:
            return self._page(form, differences=self._differences(form))
        try:
            amendment = self.send(form.cleaned_data)
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                add_errors(form, error)
            else:
                form.add_error(None, error)
            return self._page(form, status=422)
        kept.drop(self.user.pk, request.path)
        messages.success(request, self.told(amendment))
        return redirect("amendment-detail", amendment.pk)

    def told(self, amendment: Amendment) -> str:
        return _("The proposal is on the record. It changes nothing until it is adopted.")

    def _differences(self, form: django_forms.Form) -> list[tuple[Any, Any]]:
        before = self.words()
        return [
            (form.fields[name].label, difference(str(before[name] or ""), str(said or "")))
            for name in self.compared
            if (said := form.cleaned_data[name]) != before[name]
        ]

    def _page(self, form: django_forms.Form, status: int = 200, **context: Any) -> HttpResponse:
        context |= {"form": form, "subject": self.subject}
        return render(self.request, self.template_name, context, status=status)


class ConditionAmend(Proposal):
    form_class = forms.ConditionAmendmentForm
    compared = ("title", "text")

    @cached_property
    def subject(self) -> Condition:
        return get_object_or_404(Condition.objects.select_related("plan"), code=self.kwargs["code"])

    def words(self) -> dict[str, Any]:
        version = amendments.condition_wording(self.subject, timezone.localdate()).version
        return {name: services.french(version, name) for name in self.compared}

    def send(self, said: dict[str, Any]) -> Amendment:
        return services.propose_condition_amendment(actor=self.user, condition=self.subject, **said)
