"""A column of what is taken away: what stands in it, and how it is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from import_export.fields import Field

from .spreadsheets import Heading


class Column(Field):  # type: ignore[misc]
    """``make`` gives the value of a row; what else it takes is the resource's own."""

    def __init__(
        self,
        heading: str | Promise,
        note: str | Promise,
        make: Callable[..., Any],
        width: int = 14,
        number: str = "",
    ) -> None:
        super().__init__(column_name=heading, readonly=True)
        self.note, self.make, self.width, self.number_format = note, make, width, number

    def value(self, row: Any, *reference: Any) -> Any:
        return self.make(row, *reference)

    @property
    def heading(self) -> Heading:
        return Heading(str(self.column_name), self.width, self.number_format)
