"""Rounds: opened with a frozen set of who is expected to say what, and extended on the record."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from indicators.labels import Addressed
from indicators.models import BreakdownOption, IndicatorVersion, Period
from organisations.enums import UnitKind
from organisations.models import Population, Unit, UnitSuccession, User
from submissions import notices, rules
from submissions.models import Cell, Expectation, Round, RoundSubject, Submission

from .standing import owe, require


@transaction.atomic
def open_round(
    *,
    actor: User | None,
    period: Period,
    opens_at: dt.datetime,
    due_at: dt.datetime,
    locks_at: dt.datetime,
    is_demo: bool = False,
) -> Round:
    """Make a period's round. Its expected set is frozen now if its opening has come."""
    require(rules.may_manage_rounds(actor))
    made = Round.objects.create(
        period=period, opens_at=opens_at, due_at=due_at, locks_at=locks_at, is_demo=is_demo
    )
    dates = {"opens": opens_at, "due": due_at, "locks": locks_at}
    details = {name: moment.isoformat() for name, moment in dates.items()}
    details["period"] = period.code
    record(actor=actor, verb="round.planned", subject=made, details=details)
    if opens_at <= timezone.now():
        freeze_round(actor=actor, round=made)
    return made


@transaction.atomic
def extend_round(
    *,
    actor: User | None,
    round: Round,
    due_at: dt.datetime,
    locks_at: dt.datetime,
    reason: str,
) -> Round:
    """Give more time, with a reason, on the record. Dates only move later."""
    require(rules.may_manage_rounds(actor))
    held = Round.objects.select_for_update().get(pk=round.pk)
    if not reason.strip():
        raise ValidationError(_("An extension has a reason."))
    if due_at < held.due_at or locks_at < held.locks_at or locks_at < due_at:
        raise ValidationError(_("An extension only gives more time."))
    before = {"due": held.due_at.isoformat(), "locks": held.locks_at.isoformat()}
    held.due_at, held.locks_at = due_at, locks_at
    held.save(update_fields=["due_at", "locks_at"])
    after = {"due": due_at.isoformat(), "locks": locks_at.isoformat()}
    record(
        actor=actor,
        verb="round.extended",
        subject=held,
        details={"before": before, "after": after, "reason": reason},
    )
    return held


def freeze_due_rounds(*, now: dt.datetime | None = None) -> int:
    """Open every planned round whose day has come; returns how many this call opened."""
    planned = Round.objects.filter(frozen_at__isnull=True, opens_at__lte=now or timezone.now())
    return sum(freeze_round(actor=None, round=each) for each in planned.select_related("period"))


@transaction.atomic
def freeze_round(*, actor: User | None, round: Round) -> bool:
    """Freeze who is expected to say what (METHOD 3); returns whether this call did it.

    Of two calls at once, the first to mark the round does the work.
    """
    require(rules.may_manage_rounds(actor))
    now = timezone.now()
    if not Round.objects.filter(pk=round.pk, frozen_at__isnull=True).update(frozen_at=now):
        return False
    round.frozen_at = now
    addressed = _addressed(round.period)
    expectations = expect(round, addressed, known={})
    record(
        actor=actor,
        verb="round.opened",
        subject=round,
        details={"period": round.period.code, "expectations": expectations},
    )
    owe((version.indicator_id for version, _units in addressed), round.period)
    notices.tell_opening(round, now)
    return True


# --- The expected set -------------------------------------------------------------------------

Addressing = Sequence[tuple[IndicatorVersion, Sequence[Unit]]]


def _addressed(period: Period) -> Addressing:
    """Each definition in force on the period's last day with the valid units that it addresses."""
    versions = IndicatorVersion.objects.in_force(period.last_day).filter(frequency=period.frequency)
    units = list(Unit.objects.valid_on(period.last_day))
    zones = [unit for unit in units if unit.kind == UnitKind.ZONE]
    entries = [unit for unit in zones if unit.has_point_of_entry]
    listed = _listed(versions)
    by_rule = {Addressed.ALL_ZONES: zones, Addressed.POINT_OF_ENTRY: entries}
    return [
        (
            version,
            by_rule.get(Addressed(version.addressed))
            or [unit for unit in units if unit.pk in listed[version.pk]],
        )
        for version in versions
    ]


def _listed(versions: Iterable[IndicatorVersion]) -> Mapping[int, set[int]]:
    """The units that each definition names, and those that came after them."""
    through = IndicatorVersion.subjects.through.objects.filter(indicatorversion__in=versions)
    listed: dict[int, set[int]] = defaultdict(set)
    for version, unit in through.values_list("indicatorversion_id", "unit_id"):
        listed[version].add(unit)
    recorded = UnitSuccession.objects.filter(predecessor__isnull=False).order_by("effective_on")
    for old, new in recorded.values_list("predecessor_id", "successor_id"):
        for units in listed.values():
            if old in units:
                units.add(new)
    return listed


def expect(frozen: Round, addressed: Addressing, *, known: Mapping[int, Submission]) -> int:
    """Write subjects, submissions, expectations and cells; returns how many expectations.

    The units are not subjects of the round yet; ``known`` has the round's submissions by reporter.
    """
    units = {unit.pk: unit for _version, units in addressed for unit in units}
    subjects = _freeze_subjects(frozen, list(units.values()))
    reporters = {version.reporter_id or unit.pk for version, units in addressed for unit in units}
    made = Submission.objects.bulk_create(
        Submission(round=frozen, reporter_id=pk) for pk in sorted(reporters - known.keys())
    )
    submissions = {**known, **{each.reporter_id: each for each in made}}
    expectations = Expectation.objects.bulk_create(
        Expectation(
            submission=submissions[version.reporter_id or unit.pk],
            subject=subjects[unit.pk],
            version=version,
            period=frozen.period,
        )
        for version, units in addressed
        for unit in units
    )
    _make_cells(expectations)
    return len(expectations)


def _freeze_subjects(frozen: Round, units: Sequence[Unit]) -> dict[int, RoundSubject]:
    populations = _populations(units, frozen.period.last_day)
    made = RoundSubject.objects.bulk_create(
        RoundSubject(
            round=frozen,
            unit=unit,
            region_id=unit.region_id,
            province_id=unit.province_id,
            arrondissement_id=unit.arrondissement_id,
            population=known.inhabitants if known else None,
            population_on=known.on if known else None,
        )
        for unit in units
        for known in [populations.get(unit.pk)]
    )
    return {subject.unit_id: subject for subject in made}


def _populations(units: Sequence[Unit], day: dt.date) -> dict[int, Population]:
    """The latest known on ``day``; for a time before the first count, that first count."""
    known: dict[int, Population] = {}
    for row in Population.objects.filter(unit__in=[unit.pk for unit in units]).order_by("on"):
        if row.unit_id not in known or row.on <= day:
            known[row.unit_id] = row
    return known


def _make_cells(expectations: Sequence[Expectation]) -> None:
    options: dict[int, list[str]] = defaultdict(list)
    versions = {expectation.version_id for expectation in expectations}
    for option in BreakdownOption.objects.filter(version__in=versions):
        options[option.version_id].append(option.code)
    Cell.objects.bulk_create(
        Cell(expectation=expectation, option=code)
        for expectation in expectations
        for code in ("", *options[expectation.version_id])
    )
