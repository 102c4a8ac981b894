"""Loads the checks of figures from ``data/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.datafiles import Record, read_yaml
from foundation.reference import Count, Row, load_rows
from indicators.models import Indicator

from .enums import CheckKind, Part, Severity
from .models import Check
from .services import take_populations

CHECK = {"code", "kind", "severity"}
OPTIONAL = {"indicator", "part", "other", "other_part", "threshold", "floor"}
_PARTS = {part.value: part for part in Part}
_MEASURED = (CheckKind.HISTORY, CheckKind.LAST_YEAR, CheckKind.FACTOR)


def load(*, root: Path) -> list[Count]:
    """Load the files of ``root``/submissions/data. Raises DataFault.

    Whether a check is active is the secretariat's to say; the files are silent about it. Rounds
    take the populations that the files of units have brought.
    """
    files = sorted((root / "submissions" / "data").glob("*.yaml"))
    indicators = {each.code: each for each in Indicator.objects.all()}
    records = list(chain.from_iterable(map(_checks, files)))
    _refuse_repetition(records)
    rows = [_check(record, indicators) for record in records]
    checks = load_rows(Check, ["code"], rows, prune=True).count
    take_populations(actor=None)
    return [checks]


def _checks(path: Path) -> list[Record]:
    file = read_yaml(path)
    file.only({"checks"})
    return file.records("checks")


def _check(record: Record, indicators: Mapping[str, Indicator]) -> Row:
    record.only(CHECK, OPTIONAL)
    kind = record.choice("kind", {each.value: each for each in CheckKind})
    _refuse_contradictions(record)
    values = {
        "code": record.text("code"),
        "kind": kind,
        "severity": record.choice("severity", {each.value: each for each in Severity}),
        "indicator": record.choice("indicator", indicators) if "indicator" in record else None,
        "other": record.choice("other", indicators) if "other" in record else None,
        "threshold": record.number("threshold"),
        "floor": record.number("floor"),
    }
    for name in ("part", "other_part"):
        values[name] = record.choice(name, _PARTS) if name in record else Part.NUMERATOR
    return Row(record, values)


def _misplaces(record: Record, name: str) -> bool:
    return (record.text("kind") == CheckKind.CROSS) != (name in record)


def _has_wrong_threshold(record: Record) -> bool:
    threshold = record.number("threshold")
    if record.text("kind") not in _MEASURED:
        return threshold is not None
    return threshold is None or threshold <= 0


def _has_wrong_floor(record: Record) -> bool:
    floor = record.number("floor")
    return floor is not None and (record.text("kind") not in _MEASURED or floor < 0)


#: What a check must not say: the field at fault, when, and why.
RULES: tuple[tuple[str, Callable[[Record], bool], str | Promise], ...] = (
    (
        "indicator",
        lambda each: each.text("kind") == CheckKind.CROSS and "indicator" not in each,
        _("two figures against each other are both named"),
    ),
    *(
        (
            name,
            partial(_misplaces, name=name),
            _("two figures against each other, and no others, have it"),
        )
        for name in ("part", "other", "other_part")
    ),
    (
        "threshold",
        _has_wrong_threshold,
        _("only changes and mistakes of unit have one, above zero"),
    ),
    ("floor", _has_wrong_floor, _("zero or more, of a change or a mistake of unit")),
)


def _refuse_contradictions(record: Record) -> None:
    for field, is_broken, message in RULES:
        if is_broken(record):
            raise record.fault(field, message)


def _refuse_repetition(records: list[Record]) -> None:
    """One check of a kind at most for all definitions, and for one: which would hold?"""
    seen: set[tuple[str, str]] = set()
    for record in records:
        about = (record.text("kind"), record.text("indicator"))
        if about in seen and about[0] != CheckKind.CROSS:
            raise record.fault("kind", _("there is another check of this kind for the same"))
        seen.add(about)
