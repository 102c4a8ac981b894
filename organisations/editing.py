"""Editing the plan's texts in Django's administration, each change with its before and after.

The French of what amendments change is for reading: an amendment changes it, on the record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.models import AuditEntry
from foundation.services import record

from .admin import Audited

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class Texts(Audited):
    """Rows of the reference data whose words the secretariat keeps.

    ``texts`` are translated fields open in every language; of those in ``amended`` the French is
    for reading; ``plain`` are other fields to edit, ``shown`` for reading.
    """

    texts: Sequence[str] = ()
    amended: Sequence[str] = ()
    plain: Sequence[str] = ()
    shown: Sequence[str] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        worded = [f"{name}_{code}" for name in self.texts for code in LANGUAGES]
        amended = [f"{name}_{code}" for name in self.amended for code in LANGUAGES]
        pointer = ["amendment_page"] if self.amended else []
        return [*self.shown, *pointer, *self.plain, *worded, *amended]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        pointer = ["amendment_page"] if self.amended else []
        return [*self.shown, *pointer, *(f"{name}_fr" for name in self.amended)]

    def amendment_address(self, row: Any) -> str:
        """Where an amendment of the row begins; empty for none."""
        return ""

    def amendment_page(self, row: Any) -> str:
        address = self.amendment_address(row)
        text = _("The French text is changed by an amendment, on the record.")
        if not address:
            return str(text)
        return format_html('{} <a href="{}">{}</a>', text, address, _("Go there"))

    amendment_page.short_description = _("amendments")  # type: ignore[attr-defined]

    @transaction.atomic
    def save_model(
        self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool
    ) -> None:
        names = form.changed_data
        before = type(obj)._default_manager.get(pk=obj.pk) if change else None
        obj.save()
        changes = {
            name: [_told(getattr(before, name)) if before else "", _told(getattr(obj, name))]
            for name in names
        }
        if changes:
            verb = f"{obj._meta.model_name}.{'edited' if change else 'added'}"
            details = {"changes": changes}
            record(actor=request.user, verb=verb, subject=obj, details=details)
        self.after_saving(obj)

    def after_saving(self, row: Any) -> None:
        """What follows from a saved row."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Who changed what and when, each field before and after, from the audit trail."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        entries = AuditEntry.objects.filter(
            subject_type=row._meta.label_lower, subject_id=row.pk
        ).select_related("actor")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change history: %(row)s") % {"row": row},
            "entries": entries,
            "opts": self.opts,
            "object": row,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/text_history.html", context)


def _told(value: Any) -> Any:
    """A value as the audit trail keeps it."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
