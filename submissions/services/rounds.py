"""Rounds: opened with a frozen set of who is expected to say what, and locked, by their dates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from indicators.models import BreakdownOption, Period
from organisations.models import Unit, User
from submissions import rules
from submissions.dates import start_of
from submissions.models import Cell, Expectation, Round, RoundSubject, Submission
from submissions.selectors import Addressing, addressed, population_classes, populations

from .peers import owe_peers
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
    """Make a period's round. Its expected set is frozen now if its opening has come.

    Raises ValidationError for an opening before the period has ended, and for dates out of order.
    """
    require(rules.may_manage_rounds(actor))
    check_dates(period, opens_at=opens_at, due_at=due_at, locks_at=locks_at)
    made = Round.objects.create(
        period=period, opens_at=opens_at, due_at=due_at, locks_at=locks_at, is_demo=is_demo
    )
    details = {"period": period.code, **dates_of(made)}
    record(actor=actor, verb="round.planned", subject=made, details=details)
    if opens_at <= timezone.now():
        freeze_round(actor=actor, round=made)
    return made


def check_dates(
    period: Period, *, opens_at: dt.datetime, due_at: dt.datetime, locks_at: dt.datetime
) -> None:
    """Raises ValidationError by the name of the date that is wrong."""
    if opens_at < start_of(period.last_day + dt.timedelta(days=1)):
        raise ValidationError({"opens": _("A round opens after the end of its period.")})
    if due_at <= opens_at:
        raise ValidationError({"due": _("A round is due after it opens.")})
    if locks_at < due_at:
        raise ValidationError({"locks": _("A round locks after it is due.")})


def dates_of(round: Round) -> dict[str, str]:
    """Its dates for the record."""
    dates = {"opens": round.opens_at, "due": round.due_at, "locks": round.locks_at}
    return {name: moment.astimezone(dt.UTC).isoformat() for name, moment in dates.items()}


@transaction.atomic
def extend_round(
    *,
    actor: None,
    round: Round,
    due_at: dt.datetime,
    locks_at: dt.datetime,
    reason: str,
) -> Round:
    """Keep a round of the demonstration open, on the record. Dates only move later.

    Nobody does this by hand, and to no real round: more time is given to one unit at a time.
    """
    require(actor is None and round.is_demo)
    held = Round.objects.select_for_update().get(pk=round.pk)
    if not reason.strip():
        raise ValidationError(_("An extension has a reason."))
    if due_at < held.due_at or locks_at < held.locks_at or locks_at < due_at:
        raise ValidationError(_("An extension only gives more time."))
    before = dates_of(held)
    held.due_at, held.locks_at = due_at, locks_at
    if locks_at >= timezone.now():
        held.locked_at = None  # What follows from a lock follows from the new one.
    held.save(update_fields=["due_at", "locks_at", "locked_at"])
    details = {"before": before, "after": dates_of(held), "reason": reason}
    record(actor=actor, verb="round.extended", subject=held, details=details)
    return held


# --- What the schedule does -------------------------------------------------------------------


def freeze_due_rounds(*, now: dt.datetime | None = None) -> int:
    """Open every planned round whose day has come; returns how many this call opened."""
    planned = Round.objects.filter(frozen_at__isnull=True, opens_at__lte=now or timezone.now())
    return sum(freeze_round(actor=None, round=each) for each in planned.select_related("period"))


@transaction.atomic
def freeze_round(*, actor: User | None, round: Round) -> bool:
    """Freeze who is expected to say what (METHOD 3); returns whether this call did it.

    Of two calls at once, the first to mark the round does the work. One that was removed, or put
    off since the caller read it, stays as it is.
    """
    require(rules.may_manage_rounds(actor))
    now = timezone.now()
    seen = Round.objects.filter(pk=round.pk, frozen_at__isnull=True, opens_at=round.opens_at)
    if not seen.update(frozen_at=now):
        return False
    round.frozen_at = now
    asked = addressed(round.period.frequency, round.period.last_day)
    expectations = expect(round, asked, known={})
    record(
        actor=actor,
        verb="round.opened",
        subject=round,
        details={"period": round.period.code, "expectations": expectations},
    )
    owe((version.indicator_id for version, _units in asked), round.period)
    return True


def lock_due_rounds(*, now: dt.datetime | None = None) -> int:
    """Set going what follows from a lock, once per round; returns for how many this call did.

    No figure waits for it: whether a round takes any depends on its dates alone.
    """
    now = now or timezone.now()
    past = Round.objects.filter(
        frozen_at__isnull=False, locked_at__isnull=True, locks_at__lt=now
    ).select_related("period")
    return sum(lock_round(round=each, now=now) for each in past)


@transaction.atomic
def lock_round(*, round: Round, now: dt.datetime) -> bool:
    """Mark a round whose lock has passed; returns whether this call did it."""
    past = Round.objects.filter(
        pk=round.pk, frozen_at__isnull=False, locked_at__isnull=True, locks_at__lt=now
    )
    if not past.update(locked_at=now):
        return False
    round.locked_at = now
    states = round.submissions.order_by("state").values_list("state").annotate(Count("pk"))
    details = {"period": round.period.code, "submissions": dict(states)}
    record(actor=None, verb="round.locked", subject=round, details=details)
    _after_lock(round)
    return True


def _after_lock(round: Round) -> None:
    """What follows from a round's lock, in its transaction and once."""
    owe_peers(round)


# --- The expected set -------------------------------------------------------------------------


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
    known_populations = populations(units, frozen.period.last_day)
    classes = population_classes(units)
    made = RoundSubject.objects.bulk_create(
        RoundSubject(
            round=frozen,
            unit=unit,
            region_id=unit.region_id,
            province_id=unit.province_id,
            arrondissement_id=unit.arrondissement_id,
            population=known.inhabitants if known else None,
            population_on=known.on if known else None,
            population_class=classes.get(unit.pk),
        )
        for unit in units
        for known in [known_populations.get(unit.pk)]
    )
    return {subject.unit_id: subject for subject in made}


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
