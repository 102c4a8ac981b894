"""What belongs to definitions (options, levels, steps, reasons), read in the query that asks."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Aggregate, Field, JSONField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONArray
from modeltranslation.utils import get_translation_fields

from indicators.models import (
    BreakdownOption,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    ScaleLevel,
)

#: Each kind of part: its model, its text in each language, and its other fields, of which the first
#: is a number that orders them.
_MODELS: dict[str, tuple[type[Model], str, tuple[str, ...]]] = {
    "options": (BreakdownOption, "label", ("position", "id", "code")),
    "levels": (ScaleLevel, "text", ("level", "id")),
    "steps": (MilestoneStep, "text", ("number", "id", "due_on", "originally_due_on")),
    "not_applicable_reasons": (NotApplicableReason, "text", ("id", "code")),
}


class _Rows(Aggregate):
    """The rows of a group as one JSON array."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **more)


def with_parts(versions: QuerySet[IndicatorVersion]) -> list[IndicatorVersion]:
    """These versions, with options, levels, steps and reasons prefetched. One query in all."""
    found = list(versions.annotate(**part_columns("pk")))
    for version in found:
        take_parts(version, version)
    return found


def part_columns(version: str) -> dict[str, Subquery]:
    """Annotations that ``take_parts`` reads; ``version``: the path to a definition's id."""
    return {f"parts_{name}": Subquery(_rows_of(name, version)) for name in _MODELS}


def take_parts(version: IndicatorVersion, row: Model) -> None:
    """Prefetch the parts of a definition from a row read with ``part_columns``."""
    cache = version.__dict__.setdefault("_prefetched_objects_cache", {})
    for name in _MODELS:
        rows = sorted(getattr(row, f"parts_{name}") or [], key=lambda values: values[0])
        held = getattr(version, name).all()
        held._result_cache = [_part(name, version.pk, values) for values in rows]
        held._prefetch_done = True
        cache[name] = held


def _fields(name: str) -> list[str]:
    _model, text, more = _MODELS[name]
    return [*more, *get_translation_fields(text)]


def _rows_of(name: str, version: str) -> QuerySet[Any, Any]:
    rows = _MODELS[name][0]._default_manager.filter(version=OuterRef(version)).order_by()
    said: QuerySet[Any, Any] = rows.values("version").annotate(
        rows=_Rows(JSONArray(*_fields(name)))
    )
    return said.values("rows")


def _part(name: str, version_id: int, values: list[Any]) -> Model:
    model = _MODELS[name][0]
    said = {
        field: _field(model, field).to_python(value)
        for field, value in zip(_fields(name), values, strict=True)
    }
    part = model(**said, version_id=version_id)
    part._state.adding = False
    return part


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", model._meta.get_field(name))
