"""Mergers and splits of zones: chosen, described, previewed, taken back."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView, TemplateView

from foundation import kept
from foundation.services import AlreadyDone, OtherContent, claim
from foundation.templatetags import jalon
from foundation.views import KeepsForm, RequiresPermission

from . import (
    access,
    forms,
    reorganisation,
    selectors,
    succession,
)
from .models import Reorganisation
from .views import SignedIn


class UnitsPage(SignedIn, RequiresPermission):
    """For those who keep the zones: the secretariat and administrators."""

    permission = access.CHANGE_UNITS


class ReorganisationList(UnitsPage, ListView):
    """Mergers and splits: planned, in effect, taken back, and those of the reference data."""

    template_name = "organisations/reorganisation_list.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Reorganisation]:
        return selectors.reorganisations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(recorded=selectors.recorded_mergers(), **kwargs)
        today = timezone.localdate()
        context["lines"] = [
            selectors.reorganisation_line(each, today) for each in context["object_list"]
        ]
        return context


class Choose(UnitsPage, TemplateView):
    """The first step: which zones, and when. Its answers go on in the address."""

    template_name = "organisations/reorganisation_choose.html"
    form_class: type[forms.MergerChoice | forms.SplitChoice]
    next_page: str

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.GET or None)
        if form.is_bound and form.is_valid() and "change" not in request.GET:
            return redirect(f"{reverse(self.next_page)}?{request.GET.urlencode()}")
        return self.render_to_response(self.get_context_data(form=form))


class MergerChoose(Choose):
    form_class = forms.MergerChoice
    next_page = "merger-describe"
    extra_context = {"merger": True}


class SplitChoose(Choose):
    form_class = forms.SplitChoice
    next_page = "split-describe"


class Describe(UnitsPage, TemplateView):
    """The second step: the zones to come; then what would follow; then, once, doing it."""

    template_name = "organisations/reorganisation_describe.html"
    form_class: type[forms.MergerChoice | forms.SplitChoice]
    first_page: str

    @cached_property
    def choice(self) -> forms.MergerChoice | forms.SplitChoice:
        return self.form_class(self.request.GET)

    @property
    def first_url(self) -> str:
        return f"{reverse(self.first_page)}?{self.request.GET.urlencode()}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.choice.is_valid():
            return redirect(self.first_url)
        typed = self.typed()
        if typed.get("choice") != request.GET.urlencode():  # what was typed is about other zones
            return self._page(forms.ReorganisationForms(self.choice))
        return self._page(forms.ReorganisationForms(self.choice, typed), restored=typed)

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("action") == "confirm":
            try:
                return self._confirm()
            except AlreadyDone as done:
                return redirect(done.location or "reorganisation-list")
            except OtherContent:
                messages.error(request, _("What was typed changed meanwhile: check it again."))
        if not self.choice.is_valid():
            return redirect(self.first_url)
        described = forms.ReorganisationForms(self.choice, request.POST)
        if request.POST.get("action") == "change":
            return self._page(described)
        return self._preview(described)

    def _preview(self, described: forms.ReorganisationForms) -> HttpResponse:
        if not described.is_valid():
            return self._page(described)
        try:
            lines = reorganisation.foreseen(actor=self.user, proposal=described.proposal())
        except ValidationError as error:
            described.act.add_error(None, error.messages)
            return self._page(described)
        typed = [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in ("csrfmiddlewaretoken", kept.FIELD, "action", "token")
            for value in values
        ]
        return self._page(
            described,
            "organisations/reorganisation_preview.html",
            lines=lines,
            typed=typed,
            token=secrets.token_urlsafe(24),
            proposal=described.proposal(),
        )

    @transaction.atomic
    def _confirm(self) -> HttpResponse:
        """Do it once: the same post again finds its token taken, and the address."""
        token = self.request.POST.get("token", "")[:64] or secrets.token_urlsafe(24)
        claimed = claim(actor=self.user, key=token, content=self._fingerprint())
        described = None
        if self.choice.is_valid():
            described = forms.ReorganisationForms(self.choice, self.request.POST)
        if described is None or not described.is_valid():
            transaction.set_rollback(True)
            return redirect(self.first_url) if described is None else self._page(described)
        try:
            with transaction.atomic():
                done = reorganisation.reorganise(actor=self.user, proposal=described.proposal())
        except ValidationError as error:
            transaction.set_rollback(True)
            described.act.add_error(None, error.messages)
            return self._page(described)
        claimed.location = reverse("reorganisation-detail", args=[done.pk])
        claimed.save(update_fields=["location"])
        kept.drop(self.user.pk, self.request.path)
        messages.success(self.request, _("It is done, and on the record."))
        return redirect(claimed.location)

    def _fingerprint(self) -> str:
        posted = {
            name: values
            for name, values in self.request.POST.lists()
            if name != "csrfmiddlewaretoken"
        }
        return json.dumps([self.request.get_full_path(), posted], sort_keys=True)

    def _page(
        self, described: forms.ReorganisationForms, template: str = "", **context: Any
    ) -> HttpResponse:
        context = self.get_context_data(
            described=described,
            merger=isinstance(self.choice, forms.MergerChoice),
            zones=self.choice.zones,
            day=described.day,
            is_future=described.day > timezone.localdate(),
            first_url=f"{self.first_url}&change=1",
            summary=jalon.error_summary(*described.every),
            form=next((form for form in described.every if form.errors), None),
            **context,
        )
        return render(self.request, template or self.template_name, context)


class MergerDescribe(Describe):
    form_class = forms.MergerChoice
    first_page = "merger-choose"


class SplitDescribe(Describe):
    form_class = forms.SplitChoice
    first_page = "split-choose"


class ReorganisationDetail(UnitsPage, DetailView):
    """A merger or split done here: what, when, who, and whether it can be taken back."""

    template_name = "organisations/reorganisation_detail.html"

    def get_queryset(self) -> QuerySet[Reorganisation]:
        return selectors.reorganisations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        line = selectors.reorganisation_line(self.object, timezone.localdate())
        transfers = self.object.transfers.select_related("municipality", "unit")
        _lines, refusal = undoing(self.object)
        return super().get_context_data(line=line, transfers=transfers, refusal=refusal, **kwargs)


class ReorganisationUndo(UnitsPage, KeepsForm):
    """Asks, and says what would follow, before a merger or split is taken back."""

    template_name = "organisations/reorganisation_undo.html"
    form_class = forms.UndoForm

    @cached_property
    def done(self) -> Reorganisation:
        return get_object_or_404(selectors.reorganisations(), pk=self.kwargs["pk"])

    @property
    def detail_url(self) -> str:
        return reverse("reorganisation-detail", args=[self.done.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines, refusal = undoing(self.done)
        line = selectors.reorganisation_line(self.done, timezone.localdate())
        return super().get_context_data(
            line=line, lines=lines, refusal=refusal, back_url=self.detail_url, **kwargs
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.detail_url) if self.done.undone_at else super().get(request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.detail_url) if self.done.undone_at else super().post(request)

    def form_valid(self, form: forms.UndoForm) -> HttpResponse:
        try:
            succession.undo(
                actor=self.user,
                succession=reorganisation.succession_of(self.done),
                reason=form.cleaned_data["reason"],
            )
        except ValidationError as error:
            forms.add_errors(form, ValidationError({"__all__": error.messages}))
            return self.form_invalid(form)
        messages.success(self.request, _("It is taken back, and that too is on the record."))
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return self.detail_url


def undoing(done: Reorganisation) -> tuple[list[str], str]:
    """What taking it back would do, and why it cannot be (one of the two is empty)."""
    if done.undone_at:
        return [], ""
    try:
        found = reorganisation.succession_of(done)
        return succession.preview_undo(succession=found), ""
    except ValidationError as error:
        return [], " ".join(error.messages)
