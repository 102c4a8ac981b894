"""Loads the plan from ``data/``."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from foundation.datafiles import Record, read_yaml
from foundation.reference import Count, Row, load_rows

from .models import Plan


def load(*, root: Path) -> list[Count]:
    """Load ``root``/plans/data/plan.yaml. Raises DataFault."""
    file = read_yaml(root / "plans" / "data" / "plan.yaml")
    file.only({"plans"})
    return [load_rows(Plan, ["code"], map(_plan, file.records("plans"))).count]


def _plan(record: Record) -> Row:
    record.only({"code", "ordinal", "title", "first_day", "last_day"})
    first, last = record.day("first_day"), record.day("last_day")
    if first and last and last <= first:
        raise record.fault("last_day", _("the end comes after the beginning"))
    values = {
        "code": record.text("code"),
        "ordinal": record.integer("ordinal"),
        "title": record.text("title"),
        "first_day": first,
        "last_day": last,
    }
    return Row(record, values)
