"""Loads the plan beyond its themes from ``data/``: passages, conditions, commitments, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.datafiles import Record, read_yaml
from foundation.reference import Count, Row, load_rows

from .enums import PassageKind
from .models import (
    Commitment,
    CommitmentPoint,
    Condition,
    ConditionPoint,
    ConditionVersion,
    Framework,
    GlossaryEntry,
    KeyDate,
    LegalReference,
    Passage,
    Plan,
    PlanFigure,
    SourceNote,
)
from .services import bring_into_force

PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
ITEM = {"number", "place", "title", "text"}


def load(*, root: Path) -> list[Count]:
    """Load the files of ``root``/plans/data for the one plan there is. Raises DataFault."""
    folder = root / "plans" / "data"
    documents = read_yaml(folder / "documents.yaml")
    documents.only({"signatories", "cornerstones", "parent_framework"})
    plans = load_rows(
        Plan, ["code"], [_plan(each, documents) for each in _records(folder, "plan.yaml", "plans")]
    )
    plan = next(iter(plans.rows.values()))
    condition_records = _records(folder, "conditions.yaml", "conditions")
    conditions = load_rows(
        Condition, ["code"], [_condition(each, plan) for each in condition_records], lasting=True
    )
    commitment_records = _records(folder, "commitments.yaml", "commitments")
    commitments = load_rows(
        Commitment, ["code"], [_commitment(each, plan) for each in commitment_records], lasting=True
    )
    loaded = [
        plans,
        load_rows(Passage, ["plan", "place"], _passages(folder, documents, plan), prune=True),
        conditions,
        load_rows(
            ConditionVersion,
            ["condition", "number"],
            _originals(condition_records, conditions.rows, plan.first_day),
        ),
        _load_points(ConditionPoint, "condition", condition_records, conditions.rows),
        commitments,
        _load_points(CommitmentPoint, "commitment", commitment_records, commitments.rows),
        load_rows(PlanFigure, ["code"], _figures(folder, plan, commitments.rows), prune=True),
        load_rows(
            Framework,
            ["code"],
            map(_framework, _records(folder, "frameworks.yaml", "frameworks")),
            lasting=True,
        ),
        load_rows(
            KeyDate,
            ["code"],
            [_key_date(each, plan) for each in _records(folder, "dates.yaml", "dates")],
            prune=True,
        ),
        load_rows(
            LegalReference,
            ["code"],
            [_legal_reference(each, plan) for each in _records(folder, "legal.yaml", "references")],
            prune=True,
        ),
        load_rows(
            GlossaryEntry,
            ["abbreviation"],
            map(_glossary_entry, _records(folder, "glossary.yaml", "entries")),
            prune=True,
        ),
        load_rows(
            SourceNote,
            ["plan", "number"],
            [_source_note(each, plan) for each in _records(folder, "source-notes.yaml", "notes")],
            prune=True,
        ),
    ]
    bring_into_force()
    return [each.count for each in loaded]


def _records(folder: Path, name: str, key: str) -> list[Record]:
    file = read_yaml(folder / name)
    file.only({key})
    return file.records(key)


def _plan(record: Record, documents: Record) -> Row:
    record.only({"code", "ordinal", "title", "first_day", "last_day"})
    first, last = record.day("first_day"), record.day("last_day")
    if first and last and last <= first:
        raise record.fault("last_day", _("the end comes after the beginning"))
    parent = documents.record("parent_framework")
    if parent is None:
        raise documents.fault("parent_framework", _("missing field"))
    parent.only({"name", "abbreviation", "ordinal"})
    values = {
        "code": record.text("code"),
        "ordinal": record.integer("ordinal"),
        "title": record.text("title"),
        "first_day": first,
        "last_day": last,
        **parent.translations("name", "parent_name"),
        **parent.translations("abbreviation", "parent_abbreviation"),
        "parent_ordinal": parent.integer("ordinal"),
    }
    return Row(record, values)


def _passages(folder: Path, documents: Record, plan: Plan) -> Iterator[Row]:
    told = _records(folder, "passages.yaml", "passages")
    rows = chain(map(_passage, told), _documents(documents))
    for position, (record, values) in enumerate(rows, start=1):
        yield Row(record, {"plan": plan, "position": position, **values})


def _passage(record: Record) -> tuple[Record, dict[str, Any]]:
    record.only({"kind", "place", "text"}, {"heading"})
    values = {
        "kind": record.text("kind"),
        "place": record.text("place"),
        **record.translations("heading"),
        **record.translations("text"),
    }
    return record, values


def _documents(file: Record) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Who signs the plan and the documents that it stands beside."""
    for each in file.records("signatories"):
        each.only({"number", "name", "function"})
        yield each, _named(each, PassageKind.SIGNATORY, "name", "function")
    for each in file.records("cornerstones"):
        each.only({"number", "title"}, {"text"})
        yield each, _named(each, PassageKind.CORNERSTONE, "title", "text")


def _named(record: Record, kind: PassageKind, heading: str, text: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "place": f"{kind.value} {record.integer('number')}",
        **record.translations(heading, "heading"),
        **record.translations(text if text in record.values else heading, "text"),
    }


def _numbered(record: Record, plan: Plan) -> dict[str, Any]:
    return {
        "plan": plan,
        "code": record.text("code"),
        "number": record.integer("number"),
        "place": record.text("place"),
    }


def _condition(record: Record, plan: Plan) -> Row:
    record.only({"code", *ITEM, "points"})
    return Row(record, _numbered(record, plan))


def _originals(
    records: Iterable[Record], conditions: Mapping[str, Condition], first_day: date
) -> Iterator[Row]:
    for record in records:
        values = {
            "condition": conditions[record.text("code")],
            "number": 1,
            "valid_from": first_day,
            **record.translations("title"),
            **record.translations("text"),
        }
        yield Row(record, values)


def _commitment(record: Record, plan: Plan) -> Row:
    record.only({"code", "kind", *ITEM, "points"})
    values = {
        **_numbered(record, plan),
        "kind": record.text("kind"),
        **record.translations("title"),
        **record.translations("text"),
    }
    return Row(record, values)


def _load_points(
    model: type[models.Model], owner: str, records: Iterable[Record], owners: Mapping[str, Any]
) -> Any:
    rows = [
        _point(point, owner, owners[record.text("code")])
        for record in records
        for point in record.records("points")
    ]
    return load_rows(model, [owner, "number"], rows, prune=True)


def _point(record: Record, name: str, owner: models.Model) -> Row:
    record.only(ITEM)
    values = {
        name: owner,
        "number": record.integer("number"),
        "place": record.text("place"),
        **record.translations("title"),
        **record.translations("text"),
    }
    return Row(record, values)


def _figures(folder: Path, plan: Plan, commitments: Mapping[str, Commitment]) -> Iterator[Row]:
    for record in _records(folder, "figures.yaml", "figures"):
        record.only(
            {"code", "number", "place", "label", "value", "unit", "dating"},
            {"value_text", "on", "commitment"},
        )
        values = {
            **_numbered(record, plan),
            "commitment": record.choice("commitment", commitments)
            if record.text("commitment")
            else None,
            **record.translations("label"),
            "value": record.number("value"),
            "value_text": record.text("value_text"),
            **record.translations("unit"),
            **record.translations("dating"),
            "on": _partial_date(record),
        }
        yield Row(record, values)


def _partial_date(record: Record) -> str:
    """A date as precise as known: 2026-02-27, 2025-10, 2014, or nothing."""
    value = record.text("on")
    if value and not PARTIAL_DATE.fullmatch(value):
        raise record.fault("on", _("date expected, as 2026-12-31, 2026-12 or 2026"))
    return value


def _framework(record: Record) -> Row:
    record.only({"code", "title", "reach", "kind"}, {"note"})
    values = _texts(record, "code", "reach", "kind", "note")
    return Row(record, {**values, **record.translations("title")})


def _texts(record: Record, *names: str) -> dict[str, Any]:
    return {name: record.text(name) for name in names}


def _key_date(record: Record, plan: Plan) -> Row:
    record.only({"code", "number", "on", "place", "event"})
    if not record.text("on"):
        raise record.fault("on", _("missing field"))
    values = {
        **_numbered(record, plan),
        "on": _partial_date(record),
        **record.translations("event"),
    }
    return Row(record, values)


def _legal_reference(record: Record, plan: Plan) -> Row:
    record.only({"code", "number", "title", "places", "subject"})
    values = {
        "plan": plan,
        "code": record.text("code"),
        "number": record.integer("number"),
        "title": record.text("title"),
        "places": record.texts("places"),
        **record.translations("subject"),
    }
    return Row(record, values)


def _glossary_entry(record: Record) -> Row:
    record.only({"abbreviation", "expansion", "ours"}, {"note", "explanation", "nl", "de", "en"})
    others = {f"expansion_{language}": record.text(language) for language in ("nl", "de", "en")}
    values = {
        "abbreviation": record.text("abbreviation"),
        "expansion_fr": record.text("expansion"),
        **{name: text or None for name, text in others.items()},
        **record.translations("explanation"),
        "note": record.text("note"),
        "is_ours": record.flag("ours"),
    }
    return Row(record, values, named={"is_ours": "ours"})


def _source_note(record: Record, plan: Plan) -> Row:
    record.only({"number", "kind", "observed"}, {"line", "place", "suggested", "note"})
    values = {
        "plan": plan,
        "number": record.integer("number"),
        "line": record.integer("line"),
        **_texts(record, "kind", "place", "observed", "suggested", "note"),
    }
    return Row(record, values)
