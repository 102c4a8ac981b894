"""The technical administration: units, municipalities, people. Nothing with figures."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from foundation.services import record

from .enums import CodeStatus
from .models import Area, Membership, Municipality, Population, Unit, UnitSuccession, User
from .registries import populations_changed


def _change_password(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    return redirect("account_change_password")


# The doors are those of the site: two-step sign-in, throttle, audit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = _change_password  # type: ignore[assignment, method-assign]
admin.site.site_header = _("Jalon: technical administration")
admin.site.site_title = "Jalon"
# Roles are memberships, addresses are fixed, and nobody reads another's keys.
admin.site.unregister([Group, EmailAddress, Authenticator])


class Audited(admin.ModelAdmin):
    """Every save leaves an audit entry; nothing is deleted, since figures point here."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @transaction.atomic
    def save_model(
        self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        verb = f"{obj._meta.model_name}.{'changed' if change else 'added'}"
        details = {"fields": form.changed_data}
        record(actor=request.user, verb=verb, subject=obj, details=details)


class Fixed(Audited):
    """What the reference data say, for reading."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Unit)
class UnitAdmin(Audited):
    list_display = ["slug", "label", "kind", "code_shown", "language", "valid_from", "valid_to"]
    list_filter = ["kind", "language", "code_status"]
    list_select_related = True
    search_fields = ["slug", "code", "name_fr", "name_nl", "acronym_fr", "acronym_nl"]
    autocomplete_fields = ["parent", "controlled_by"]

    @admin.display(description=_("code"), ordering="code")
    def code_shown(self, unit: Unit) -> str:
        if not unit.code or unit.code_status == CodeStatus.CONFIRMED:
            return unit.code
        return f"{unit.code} ({unit.get_code_status_display()})"


@admin.register(Municipality)
class MunicipalityAdmin(Audited):
    list_display = ["nis", "name_fr", "name_nl", "unit"]
    list_select_related = ["unit"]
    search_fields = ["nis", "name_fr", "name_nl"]
    autocomplete_fields = ["unit"]


@admin.register(Population)
class PopulationAdmin(Audited):
    """The rounds that rest on a population follow what is changed here."""

    list_display = ["unit", "on", "inhabitants", "source"]
    list_select_related = ["unit"]
    search_fields = ["unit__slug", "unit__name_fr", "unit__name_nl"]
    autocomplete_fields = ["unit"]

    @transaction.atomic
    def save_model(
        self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        unit = cast(Population, obj).unit_id
        units = {unit, form.initial.get("unit", unit)}
        populations_changed(actor=cast(User, request.user), units=units)


@admin.register(Area)
class AreaAdmin(Fixed):
    list_display = ["code", "kind", "name_fr", "name_nl"]
    list_filter = ["kind"]


@admin.register(UnitSuccession)
class UnitSuccessionAdmin(Fixed):
    list_display = ["successor", "predecessor_label", "effective_on", "precision"]
    list_select_related = ["successor"]


@admin.register(User)
class UserAdmin(Audited):
    """Accounts begin with an invitation and are closed on the page of accounts."""

    list_display = ["email", "name", "language", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "language", "is_active", "date_joined"]
    readonly_fields = ["email", "is_active", "date_joined"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(Fixed):
    """For reading: roles are given by invitation and ended on the page of accounts."""

    list_display = ["user", "role", "unit", "start", "end", "stand_in"]
    list_filter = ["role", "stand_in"]
    list_select_related = ["user", "unit"]
    search_fields = ["user__email", "user__name", "unit__slug"]
