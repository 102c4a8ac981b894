"""What belongs to definitions (options, levels, steps, reasons), all four read at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.db.models import CharField, F, Field, Model, QuerySet, Value
from django.db.models.functions import Cast
from modeltranslation.utils import get_translation_fields

from indicators.models import (
    BreakdownOption,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    ScaleLevel,
)

#: Each kind of part: its model, its text in each language, and its other fields.
_MODELS: dict[str, tuple[type[Model], str, tuple[str, ...]]] = {
    "options": (BreakdownOption, "label", ("position", "code")),
    "levels": (ScaleLevel, "text", ("level",)),
    "steps": (MilestoneStep, "text", ("number", "due_on", "originally_due_on")),
    "not_applicable_reasons": (NotApplicableReason, "text", ("id", "code")),
}
#: Texts come first; the first of the others is a number that orders them.
_LONGEST = max(len(more) for _model, _text, more in _MODELS.values())


def give_parts(versions: Iterable[IndicatorVersion]) -> None:
    """Prefetch options, levels, steps and reasons of these versions, in one query."""
    by_pk = {version.pk: version for version in versions}
    found: dict[tuple[int, str], list[Model]] = {}
    for version_id, name, pk, *values in _rows(by_pk):
        found.setdefault((version_id, name), []).append(_part(name, version_id, pk, values))
    for version in by_pk.values():
        cache = version.__dict__.setdefault("_prefetched_objects_cache", {})
        for name in _MODELS:
            held = getattr(version, name).all()
            held._result_cache = found.get((version.pk, name), [])
            held._prefetch_done = True
            cache[name] = held


def _rows(ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """All parts as rows of the same shape, each kind in its order."""
    first, *others = (_rows_of(name, list(ids)) for name in _MODELS)
    rows = first.union(*others, all=True)
    return sorted(rows, key=lambda row: int(row[-_LONGEST]))


def _rows_of(name: str, ids: list[int]) -> QuerySet[Any, Any]:
    model, text, more = _MODELS[name]
    fields = [*get_translation_fields(text), *more]
    columns: dict[str, Any] = {
        f"column_{place}": Cast(F(field), CharField()) for place, field in enumerate(fields)
    }
    for place in range(len(fields), len(fields) - len(more) + _LONGEST):
        columns[f"column_{place}"] = Value("", CharField())
    rows: QuerySet[Any, Any] = (
        model._default_manager.filter(version__in=ids)
        .order_by()
        .annotate(part=Value(name, CharField()), **columns)
        .values_list("version_id", "part", "pk", *columns)
    )
    return rows


def _part(name: str, version_id: int, pk: int, values: list[str | None]) -> Model:
    model, text, more = _MODELS[name]
    fields = [*get_translation_fields(text), *more]
    said = dict(zip(fields, values, strict=False))
    said |= {field: _field(model, field).to_python(said[field]) for field in more}
    part = model(**{**said, "id": pk, "version_id": version_id})
    part._state.adding = False
    return part


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", model._meta.get_field(name))
