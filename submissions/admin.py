"""The checks in the administration: for the secretariat, on the record, and without figures."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from indicators.calculation.display import displayed
from organisations.editing import Texts

from .enums import CheckKind
from .models import Check

MEASURED = frozenset({CheckKind.HISTORY, CheckKind.LAST_YEAR, CheckKind.FACTOR})
CROSS = ["part", "other", "other_part"]


class CheckForm(forms.ModelForm):
    """Thresholds as people write them: 3.5, 3,5 or 7/2."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"threshold", "floor"} & set(self.fields):
            self.initial[name] = _written(getattr(self.instance, name))
            self.fields[name].widget.attrs["class"] = "vTextField"
        if "threshold" in self.fields:
            self.fields["threshold"].required = True

    def clean_threshold(self) -> Fraction | None:
        found = self._number("threshold")
        if found is not None and found <= 0:
            raise ValidationError(_("A threshold is above zero."))
        return found

    def clean_floor(self) -> Fraction | None:
        found = self._number("floor")
        if found is not None and found < 0:
            raise ValidationError(_("A floor is zero or more."))
        return found

    def _number(self, name: str) -> Fraction | None:
        typed = str(self.cleaned_data.get(name) or "").replace(",", ".").strip()
        if not typed:
            return None
        try:
            return Fraction(typed)
        except (ValueError, ZeroDivisionError) as error:
            raise ValidationError(_("“%(value)s” is not a number.") % {"value": typed}) from error


def _written(value: Fraction | None) -> str:
    """3.5 where it can be written so in full, else 1/3."""
    if value is None:
        return ""
    exact = next((n for n in range(7) if (value * 10**n).denominator == 1), None)
    return str(value) if exact is None else str(displayed(value, exact))


@admin.register(Check)
class CheckAdmin(Texts):
    """Severity, threshold and whether a check is active; what it is about comes from the files."""

    form = CheckForm
    list_display = ["code", "kind", "severity", "limit", "least", "indicator", "is_active"]
    list_filter = ["kind", "severity", "is_active"]
    list_select_related = ["indicator"]
    search_fields = ["code", "indicator__code"]
    shown = ["code", "kind", "indicator"]
    plain = ["severity", "threshold", "floor", "is_active"]

    def get_fields(self, request: HttpRequest, obj: Check | None = None) -> list[Any]:
        """Only what the check's kind has."""
        fields = super().get_fields(request, obj)
        if obj is not None and obj.kind == CheckKind.CROSS:
            fields = [*fields[:3], *CROSS, *fields[3:]]
        if obj is not None and obj.kind not in MEASURED:
            fields = [each for each in fields if each not in ("threshold", "floor")]
        return fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), *CROSS]

    @admin.display(description=_("threshold"))
    def limit(self, check: Check) -> str:
        return _written(check.threshold)

    @admin.display(description=_("floor"))
    def least(self, check: Check) -> str:
        return _written(check.floor)
