"""A unit's identity, and how it is reached: that its approver or coordinator keeps."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import DetailView

from foundation.views import KeepsForm

from . import forms, rules, selectors, services
from .models import Unit, User
from .views import SignedIn


class UnitDetail(LoginRequiredMixin, DetailView):
    """A unit's identity: names, code, dates, municipalities, population, mergers."""

    template_name = "organisations/unit_detail.html"

    def get_queryset(self) -> QuerySet[Unit]:
        return selectors.unit_page()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unit = self.object
        today = timezone.localdate()
        areas = filter(None, [unit.arrondissement, unit.province, unit.region])
        return super().get_context_data(
            areas=list(areas),
            may_keep_contacts=rules.may_keep_contacts(cast(User, self.request.user), unit),
            municipalities=selectors.municipalities_of(unit, today),
            today=today,
            **kwargs,
        )


class UnitContacts(SignedIn, KeepsForm):
    """The telephone and the functional mailbox of a unit."""

    template_name = "organisations/unit_contacts.html"
    form_class = forms.ContactsForm

    @cached_property
    def unit(self) -> Unit:
        return get_object_or_404(Unit, slug=self.kwargs["slug"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not rules.may_keep_contacts(self.user, self.unit):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return self.shown(self.unit)

    @staticmethod
    def shown(unit: Unit) -> dict[str, str]:
        """What the fields show, and what they showed when they are sent."""
        now = {"telephone": unit.telephone, "mailbox": unit.mailbox}
        return now | {f"seen_{name}": text for name, text in now.items()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(unit=self.unit, **kwargs)

    def form_valid(self, form: forms.ContactsForm) -> HttpResponse:
        typed = form.cleaned_data
        try:
            services.change_contacts(
                actor=self.user,
                unit=self.unit,
                telephone=typed["telephone"],
                mailbox=typed["mailbox"],
                seen=(typed["seen_telephone"], typed["seen_mailbox"]),
            )
        except ValidationError as error:
            forms.add_errors(form, error)
            return self.form_invalid(form)
        except services.ContactsChanged as change:
            return self.compared(form, change.unit)
        messages.success(self.request, _("The contacts of the unit are changed."))
        return super().form_valid(form)

    def compared(self, form: forms.ContactsForm, unit: Unit) -> HttpResponse:
        """What was typed, beside what somebody else has saved meanwhile: sending again decides."""
        form.add_error(None, _("Somebody else has changed these contacts. Compare, then save."))
        seen = {"seen_telephone": unit.telephone, "seen_mailbox": unit.mailbox}
        form.data = {**self.request.POST.dict(), **seen}
        context = self.get_context_data(form=form, saved=unit)
        return self.render_to_response(context, status=409)

    def get_success_url(self) -> str:
        return reverse("unit-detail", args=[self.unit.slug])
