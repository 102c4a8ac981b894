"""What a page shows, as canonical JSON, and back: the dataclasses that selectors return.

Rows that they hold are written with every column, so with all languages, and with the related rows
that were read with them. Read back they are unsaved rows with the same relations: the live
templates show them as they were. A column that came later has its default, one that is gone is
left out.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from django.apps import apps
from django.db.models import Model

from foundation import canonical
from indicators.calculation.paths import Path
from indicators.calculation.values import Aggregate, Coverage

from .inputs import YearChange
from .selectors.indicator import IndicatorPage, Said
from .selectors.overview import Change, Overview, Reporting
from .selectors.reviews import Calendar, ObjectiveStanding, Standing
from .selectors.revisions import Event

VERSION = 1

_SHAPES = {
    each.__name__: each
    for each in (
        Aggregate,
        Calendar,
        Change,
        Coverage,
        Event,
        IndicatorPage,
        ObjectiveStanding,
        Overview,
        Path,
        Reporting,
        Said,
        Standing,
        YearChange,
    )
}
#: What selectors put beside the columns of a row.
_BESIDE = ("revised",)
_SCALARS: dict[type, tuple[str, Callable[[str], Any]]] = {
    Fraction: ("fraction", Fraction),
    Decimal: ("decimal", Decimal),
    dt.datetime: ("moment", dt.datetime.fromisoformat),
    dt.date: ("day", dt.date.fromisoformat),
}
_READ = dict(_SCALARS.values())


def recorded(value: Any) -> str:
    """The canonical text of a value. TypeError for what is neither plain, row nor known shape."""
    writer = _Writer()
    told = writer.told(value)
    return canonical.dump({"version": VERSION, "rows": writer.rows, "value": told})


def read(text: str) -> Any:
    """The value that was recorded."""
    content = json.loads(text)
    return _Reader(content["rows"]).value(content["value"])


class _Writer:
    """Each row is written once, under its model and number."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    def told(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.value
        if value is None or isinstance(value, str | int):
            return value
        if isinstance(value, Model):
            return {"row": self._row(value)}
        if type(value) in _SCALARS:
            return {_SCALARS[type(value)][0]: _text(value)}
        if dataclasses.is_dataclass(value):
            fields = {
                each.name: self.told(getattr(value, each.name))
                for each in dataclasses.fields(value)
            }
            return {"shape": type(value).__name__, "fields": fields}
        return self._gathered(value)

    def _gathered(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {"pairs": [[self.told(key), self.told(each)] for key, each in value.items()]}
        if isinstance(value, frozenset | set):
            return {"set": [self.told(each) for each in sorted(value)]}
        if isinstance(value, tuple | list):
            return [self.told(each) for each in value]
        raise TypeError(f"cannot be recorded: {type(value).__name__}")

    def _row(self, row: Model) -> str:
        key = f"{row._meta.label_lower}:{row.pk}"
        known = self.rows.setdefault(key, {"columns": {}, "one": {}, "many": {}, "beside": {}})
        if not known["columns"]:
            known["columns"] = {
                each.attname: self.told(row.__dict__[each.attname])
                for each in row._meta.concrete_fields
                if each.attname in row.__dict__
            }
        for name, related in row._state.fields_cache.items():
            if name not in known["one"]:
                known["one"][name] = None
                known["one"][name] = self.told(related)
        for name, related in getattr(row, "_prefetched_objects_cache", {}).items():
            known["many"].setdefault(name, [self.told(each) for each in related])
        for name in _BESIDE:
            if row.__dict__.get(name) is not None:
                known["beside"][name] = self.told(row.__dict__[name])
        return key


def _text(value: Any) -> str:
    plain: str = canonical.plain(value)
    return plain


class _Reader:
    def __init__(self, rows: Mapping[str, Any]) -> None:
        self._rows = rows
        self._built: dict[str, Model] = {}

    def value(self, told: Any) -> Any:
        if isinstance(told, list):
            return [self.value(each) for each in told]
        if not isinstance(told, dict):
            return told
        if "shape" in told:
            return self._shape(_SHAPES[told["shape"]], told["fields"])
        ((kind, content),) = told.items()
        if kind == "row":
            return self._row(content)
        if kind == "pairs":
            return {self.value(key): self.value(each) for key, each in content}
        if kind == "set":
            return frozenset(self.value(each) for each in content)
        return _READ[kind](content)

    def _shape(self, shape: Any, fields: Mapping[str, Any]) -> Any:
        known = {each.name for each in dataclasses.fields(shape)}
        return shape(**{name: self.value(each) for name, each in fields.items() if name in known})

    def _row(self, key: str) -> Model:
        if key in self._built:
            return self._built[key]
        model = apps.get_model(key.partition(":")[0])
        told = self._rows[key]
        columns = {
            each.attname: self.value(told["columns"][each.attname])
            if each.attname in told["columns"]
            else each.get_default()
            for each in model._meta.concrete_fields
        }
        row: Model = model.from_db("default", list(columns), list(columns.values()))
        self._built[key] = row
        for name, related in told["one"].items():
            model._meta.get_field(name).set_cached_value(row, self.value(related))
        for name, related in told["many"].items():
            _put(row, name, [self.value(each) for each in related])
        for name, beside in told["beside"].items():
            setattr(row, name, self.value(beside))
        return row


def _put(row: Model, name: str, related: list[Any]) -> None:
    """As ``prefetch_related`` does."""
    found = getattr(row, name).get_queryset()
    found._result_cache, found._prefetch_done = related, True
    vars(row).setdefault("_prefetched_objects_cache", {})[name] = found
