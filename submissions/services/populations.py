"""Rounds take the populations that have become known since they opened (METHOD.md 8)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from django.db import transaction

from foundation.services import record
from organisations.models import Population, User
from submissions.models import Expectation, Round, RoundSubject
from submissions.registries import closed_periods
from submissions.selectors.expected import counted_for

from .peers import owe_peers
from .standing import owe

Known = tuple[int | None, dt.date | None]
"""Inhabitants, and the day on which they were counted."""

Change = tuple[RoundSubject, Known]


@transaction.atomic
def take_populations(*, actor: User | None, units: Collection[int] | None = None) -> int:
    """Have the rounds of periods that are not closed take the populations known now.

    Of ``units``, or of all; returns how many subjects changed. A closed period keeps what it was
    closed with. What changes is on the record, and the results that rest on it are owed. Nothing
    is taken twice, so that calling it again does nothing. A population class stays as it is.
    """
    changed = list(_changed(units))
    subjects = [subject for subject, _before in changed]
    RoundSubject.objects.bulk_update(subjects, ["population", "population_on"], batch_size=500)
    by_round: dict[Round, list[Change]] = defaultdict(list)
    for subject, before in changed:
        by_round[subject.round].append((subject, before))
    for round, taken in by_round.items():
        _follow(round, taken, actor)
    return len(changed)


def _changed(units: Collection[int] | None) -> Iterator[Change]:
    """Subjects that have another population now, which is set, with the former."""
    subjects = RoundSubject.objects.filter(round__frozen_at__isnull=False).exclude(
        round__period__in=closed_periods()
    )
    counts = Population.objects.order_by("on")
    if units is not None:
        subjects, counts = subjects.filter(unit__in=units), counts.filter(unit__in=units)
    known: dict[int, list[Population]] = defaultdict(list)
    for each in counts:
        known[each.unit_id].append(each)
    for subject in subjects.select_related("unit", "round__period").order_by("pk"):
        count = counted_for(known[subject.unit_id], subject.round.period.last_day)
        before = (subject.population, subject.population_on)
        now = (count.inhabitants, count.on) if count else (None, None)
        if now != before:
            subject.population, subject.population_on = now
            yield subject, before


def _follow(round: Round, changed: Sequence[Change], actor: User | None) -> None:
    """The record of it, and the results and comparisons that it changes."""
    details = {
        "period": round.period.code,
        "units": {
            subject.unit.slug: [_told(before), _told((subject.population, subject.population_on))]
            for subject, before in changed
        },
    }
    record(actor=actor, verb="round.populations_taken", subject=round, details=details)
    asked = Expectation.objects.standing().filter(subject__in=[each for each, _ in changed])
    owe(asked.values_list("version__indicator_id", flat=True).distinct(), round.period)
    if round.locked_at is not None:
        owe_peers(round)


def _told(known: Known) -> list[int | str | None]:
    inhabitants, on = known
    return [inhabitants, on.isoformat() if on else None]
