"""Model fields for exact figures that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

_Set = TypeVar("_Set", contravariant=True)
_Got = TypeVar("_Got", covariant=True)

if TYPE_CHECKING:
    _Text = models.CharField
else:

    class _Text(models.CharField):
        """Takes the type arguments that only type checkers read."""

        def __class_getitem__(cls, _types: Any) -> type:
            return cls


class FractionField(_Text[_Set, _Got]):
    """An exact rational, kept as text ``n`` or ``n/d`` in lowest terms.

    SQLite keeps decimals as floats, and no database keeps rationals. The text is not sortable in
    the database: order in Python.
    """

    description = _("Exact rational number")

    # What type checkers take as set and got; they add None where the field may be null.
    _pyi_private_set_type: Fraction | int | str  # type: ignore[assignment]
    _pyi_private_get_type: Fraction  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_args: Any) -> Fraction | None:
        return None if value in (None, "") else Fraction(value)

    def to_python(self, value: Any) -> Fraction | None:
        if value is None or isinstance(value, Fraction):
            return value
        if value == "":
            return None
        if isinstance(value, float):
            raise ValidationError(_("A float is not an exact figure."), code="float")
        try:
            return Fraction(value)
        except (ValueError, TypeError, ZeroDivisionError) as error:
            raise ValidationError(
                _("“%(value)s” is not a number."), params={"value": value}
            ) from error

    def get_prep_value(self, value: Any) -> str | None:
        number = self.to_python(value)
        return None if number is None else str(number)

    def run_validators(self, value: Any) -> None:
        """The validators of text (its length) look at the text that is kept."""
        super().run_validators(self.get_prep_value(value) or "")

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"empty_value": None, **kwargs})
