"""Planning rounds: all of a day at once, changed or removed until they open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.services import record
from indicators.periods import ensure_periods
from organisations.models import User
from submissions import rules
from submissions.dates import Dates
from submissions.models import Round, RoundTiming

from .rounds import check_dates, dates_of, open_round
from .standing import require


@dataclass(frozen=True, slots=True)
class Planned:
    """A round to make: the code of its period, and its days."""

    code: str
    dates: Dates


class RoundExists(Exception):
    """There is a round of these periods already: none of the wanted ones was made."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class RoundOpened(Exception):
    """The round has opened: as a whole it does not change any more."""


@transaction.atomic
def plan_rounds(
    *, actor: User | None, planned: Sequence[Planned], is_demo: bool = False
) -> list[Round]:
    """Make all these rounds, or none.

    Raises RoundExists, and ValidationError for dates that are not possible.
    """
    require(rules.may_manage_rounds(actor))
    codes = [each.code for each in planned]
    periods = ensure_periods(codes)
    _refuse_existing(codes)
    try:
        with transaction.atomic():
            return [
                open_round(
                    actor=actor,
                    period=periods[each.code],
                    opens_at=each.dates.opens_at,
                    due_at=each.dates.due_at,
                    locks_at=each.dates.locks_at,
                    is_demo=is_demo,
                )
                for each in planned
            ]
    except IntegrityError:
        _refuse_existing(codes)  # Somebody made one at this very moment.
        raise


def _refuse_existing(codes: Iterable[str]) -> None:
    there = Round.objects.filter(period__code__in=list(codes)).order_by("period__code")
    found = list(there.values_list("period__code", flat=True))
    if found:
        raise RoundExists(found)


@transaction.atomic
def change_planned_round(*, actor: User, round: Round, dates: Dates) -> Round:
    """Give a round other dates while its opening has not come.

    Raises RoundOpened, and ValidationError for dates that are not possible.
    """
    require(rules.may_manage_rounds(actor))
    held = _still_planned(round)
    moments = {"opens_at": dates.opens_at, "due_at": dates.due_at, "locks_at": dates.locks_at}
    check_dates(held.period, **moments)
    before = dates_of(held)
    for name, moment in moments.items():
        setattr(held, name, moment)
    held.save(update_fields=list(moments))
    details = {"period": held.period.code, "before": before, "after": dates_of(held)}
    record(actor=actor, verb="round.changed", subject=held, details=details)
    return held


@transaction.atomic
def remove_planned_round(*, actor: User, round: Round) -> None:
    """Take a planned round back while its opening has not come. Raises RoundOpened."""
    require(rules.may_manage_rounds(actor))
    held = _still_planned(round)
    details = {"period": held.period.code, **dates_of(held)}
    record(actor=actor, verb="round.removed", subject=held, details=details)
    held.delete()


def _still_planned(round: Round) -> Round:
    """The round, locked until the end of the transaction, with its opening to come."""
    planned = Round.objects.filter(frozen_at__isnull=True, opens_at__gt=timezone.now())
    held = (
        planned.select_for_update(of=("self",)).select_related("period").filter(pk=round.pk).first()
    )
    if held is None:
        raise RoundOpened
    return held


@transaction.atomic
def keep_timing(
    *, actor: User, frequency: str, opens_after: int, due_after: int, grace: int
) -> bool:
    """Keep when the rounds of a frequency open, are due and lock; returns whether that is new.

    Rounds that are planned already stay as they are.
    """
    require(rules.may_manage_rounds(actor))
    wanted = {"opens_after": opens_after, "due_after": due_after, "grace": grace}
    known = RoundTiming.of(frequency)
    before = {name: getattr(known, name) for name in wanted}
    if before == wanted:
        return False
    kept, _made = RoundTiming.objects.update_or_create(frequency=frequency, defaults=wanted)
    details = {"frequency": frequency, "before": before, "after": wanted}
    record(actor=actor, verb="round_timing.changed", subject=kept, details=details)
    return True
