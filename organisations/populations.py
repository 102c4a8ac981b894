"""Populations imported from a file: what would change, and changing it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record

from .access import CHANGE_UNITS
from .models import Municipality, Population, Unit, User
from .registries import populations_changed

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"


@dataclass(frozen=True, slots=True)
class Counted:
    """A line of a file: the inhabitants of a zone, or of a municipality (one of the two is None).

    ``number`` is its line in the file.
    """

    number: int
    unit_id: int | None
    municipality_id: int | None
    on: dt.date
    inhabitants: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a file says of a zone on a day, beside what is known."""

    unit: Unit
    on: dt.date
    inhabitants: int
    before: Population | None
    source: str

    @property
    def state(self) -> str:
        if self.before is None:
            return NEW
        known = (self.before.inhabitants, self.before.source)
        return UNCHANGED if known == (self.inhabitants, self.source) else CHANGED


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything a file says, the zones that it leaves out by day, and what cannot be summed."""

    rows: list[Change]
    missing: dict[dt.date, list[Unit]]
    problems: list[str]

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def new(self) -> int:
        return self.count(NEW)

    @property
    def changed(self) -> int:
        return self.count(CHANGED)

    @property
    def unchanged(self) -> int:
        return self.count(UNCHANGED)

    @property
    def totals(self) -> list[tuple[dt.date, int]]:
        """Inhabitants by day, of the zones that exist on that day or, if later, now."""
        sums: dict[dt.date, int] = defaultdict(int)
        for row in self.rows:
            if _exists(row.unit, row.on):
                sums[row.on] += row.inhabitants
        return sorted(sums.items())


def changes(*, counted: Sequence[Counted], source: str) -> Changes:
    """What ``counted`` would change. By municipality, the figures are summed to zones.

    A zone's sum follows the map of municipalities: that of the day counted for the zones of that
    day, today's for those that have come since.
    """
    zones = {unit.pk: unit for unit in Unit.objects.zones() if not unit.never_existed}
    said: dict[tuple[int, dt.date], int] = {}
    missing: dict[dt.date, list[Unit]] = {}
    problems: list[str] = []
    for day in sorted({each.on for each in counted}):
        rows = [each for each in counted if each.on == day]
        found = {each.unit_id: each.inhabitants for each in rows if each.unit_id is not None}
        towns = {
            each.municipality_id: each.inhabitants
            for each in rows
            if each.municipality_id is not None
        }
        if towns:
            sums, incomplete = _summed(zones, towns, day)
            found.update({unit: count for unit, count in sums.items() if unit is not None})
            problems += incomplete
        said |= {(unit, day): count for unit, count in found.items()}
        missing[day] = [
            unit for pk, unit in zones.items() if _exists(unit, day) and pk not in found
        ]
    known = {
        (row.unit_id, row.on): row
        for row in Population.objects.filter(on__in={day for _unit, day in said})
    }
    rows_ = [
        Change(zones[unit], day, count, known.get((unit, day)), source)
        for (unit, day), count in said.items()
        if unit in zones
    ]
    rows_.sort(key=lambda row: (row.on, row.unit.slug))
    return Changes(rows_, {day: units for day, units in missing.items() if units}, problems)


@transaction.atomic
def import_populations(*, actor: User, counted: Sequence[Counted], source: str) -> Changes:
    """Keep what ``changes`` shows, with its source; the same again changes nothing.

    Raises PermissionDenied, or ValidationError without a source or where a zone's sum would lack
    a municipality. The rounds that rest on a population follow it.
    """
    if not actor.access.everywhere(CHANGE_UNITS):
        raise PermissionDenied
    source = " ".join(source.split())
    if not source:
        raise ValidationError({"source": _("Say where the figures come from.")})
    found = changes(counted=counted, source=source)
    if found.problems:
        raise ValidationError(found.problems)
    new = [row for row in found.rows if row.state != UNCHANGED]
    for row in new:
        _keep(actor, row)
    populations_changed(actor=actor, units={row.unit.pk for row in new})
    return found


def _keep(actor: User, row: Change) -> None:
    details: dict[str, Any] = {
        "unit": row.unit.slug,
        "on": row.on.isoformat(),
        "before": [row.before.inhabitants, row.before.source] if row.before else None,
        "after": [row.inhabitants, row.source],
    }
    kept, _created = Population.objects.update_or_create(
        unit=row.unit,
        on=row.on,
        defaults={"inhabitants": row.inhabitants, "source": row.source},
    )
    record(actor=actor, verb="population.imported", subject=kept, details=details)


def _exists(unit: Unit, day: dt.date) -> bool:
    begun = unit.valid_from is None or unit.valid_from <= day
    return begun and (unit.valid_to is None or unit.valid_to > day)


def _summed(
    zones: Mapping[int, Unit], towns: Mapping[int, int], day: dt.date
) -> tuple[dict[int | None, int], list[str]]:
    """Sums by zone, and a sentence for each zone of which only a part is there."""
    today = timezone.localdate()
    then = _map(zones, day)
    since = {pk: parts for pk, parts in _map(zones, today).items() if pk not in then}
    sums: dict[int | None, int] = {}
    problems: list[str] = []
    for pk, parts in (then | since).items():
        lacking = [each for each in parts if each.pk not in towns]
        if not lacking:
            sums[pk] = sum(towns[each.pk] for each in parts)
        elif len(lacking) < len(parts):
            problems.append(_incomplete(zones[pk], lacking))
    return sums, problems


def _map(zones: Mapping[int, Unit], day: dt.date) -> dict[int, list[Municipality]]:
    """The municipalities of each zone in existence on ``day``, as the map then stands."""
    found: dict[int, list[Municipality]] = defaultdict(list)
    for each in Municipality.objects.policed_on(day):
        zone = each.zone
        if zone in zones and _exists(zones[zone], day):
            found[zone].append(each)
    return found


def _incomplete(unit: Unit, lacking: Iterable[Municipality]) -> str:
    return _("%(unit)s: the file has some of its municipalities and lacks %(names)s.") % {
        "unit": unit.label,
        "names": ", ".join(f"{each.name} ({each.nis})" for each in lacking),
    }
