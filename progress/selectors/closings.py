"""Which periods are closed, which could be, and what hinders the others."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from foundation.models import OutboxEntry
from indicators.models import Period
from organisations.enums import AreaKind
from progress.enums import Hindrance
from progress.gathering import TOPIC, Pair, pair_of, stale
from progress.models import Closing, Result
from submissions.enums import RoundState, State
from submissions.models import Correction, Expectation, Extension, Round, Submission


@dataclass(frozen=True)
class Stand:
    """A period with a round, and whether it is closed or could be.

    ``undecided`` is how many submissions and corrections are attested and wait for a decision:
    whoever closes must have seen it. ``extended`` is how many units have time past the lock
    and have not attested.
    """

    period: Period
    round: Round
    closing: Closing | None
    reopened: Closing | None
    hindrances: Mapping[Hindrance, int]
    undecided: int
    extended: int

    @property
    def leaves_open(self) -> int:
        """What may still arrive, and would be a revision."""
        return self.undecided + self.extended

    @property
    def is_closable(self) -> bool:
        return self.closing is None and not self.hindrances

    def hindered_by(self, hindrance: Hindrance) -> Stand:
        return replace(self, hindrances={**self.hindrances, hindrance: 1})


def closed_ids() -> set[int]:
    """The ids of the closed periods."""
    return set(Closing.objects.in_force().values_list("period_id", flat=True))


def stand_of(period: Period, now: dt.datetime) -> Stand:
    """What hinders closing a period that has a round, whether it is closed or not."""
    rounds = Round.objects.filter(period=period).select_related("period")
    (found,) = _stands(list(rounds), now, {}, {})
    return found


def stands(now: dt.datetime) -> list[Stand]:
    """Every period whose round was opened, the latest first, in a fixed number of queries."""
    opened = Round.objects.filter(frozen_at__isnull=False).select_related("period")
    rounds = list(opened.order_by("-period__last_day", "-period__first_day"))
    return _stands(rounds, now, *_closings([each.period_id for each in rounds]))


def _stands(
    rounds: Sequence[Round],
    now: dt.datetime,
    closed: Mapping[int, Closing],
    reopened: Mapping[int, Closing],
) -> list[Stand]:
    """Nothing hinders what is closed."""
    asked = [each for each in rounds if each.period_id not in closed]
    work = _work(asked)
    undecided = _undecided([each.period_id for each in asked])
    extended = _extended([each.period_id for each in asked], now)
    return [
        Stand(
            each.period,
            each,
            closed.get(each.period_id),
            reopened.get(each.period_id),
            {}
            if each.period_id in closed
            else _hindrances(each.state(now), work.get(each.period_id, {})),
            undecided[each.period_id],
            extended[each.period_id],
        )
        for each in rounds
    ]


def _closings(ids: Collection[int]) -> tuple[dict[int, Closing], dict[int, Closing]]:
    """The closing in force of each period, and the one that was reopened last."""
    found = Closing.objects.filter(period__in=ids).select_related("closed_by", "reopened_by")
    closed: dict[int, Closing] = {}
    reopened: dict[int, Closing] = {}
    for each in found.order_by("closed_at"):
        (closed if each.reopened_at is None else reopened)[each.period_id] = each
    return closed, reopened


def _hindrances(state: RoundState, work: Mapping[Hindrance, int]) -> dict[Hindrance, int]:
    locked = {} if state == RoundState.LOCKED else {Hindrance.NOT_LOCKED: 1}
    return {**locked, **work}


@dataclass(frozen=True)
class Preview:
    """What closing a period would freeze: results in all, and the nation's by status."""

    results: int
    statuses: Mapping[str, int]

    @property
    def indicators(self) -> int:
        return sum(self.statuses.values())


def preview(period: Period) -> Preview:
    """Two queries."""
    results = Result.objects.filter(period=period)
    national = results.filter(area__kind=AreaKind.NATION, option="").order_by()
    return Preview(
        results.count(), dict(national.values_list("status").annotate(count=Count("pk")))
    )


# --- What is owed ---------------------------------------------------------------------------------


def _work(rounds: Sequence[Round]) -> dict[int, dict[Hindrance, int]]:
    """By period, how many results are owed or set aside: its own, or of an earlier period."""
    if not rounds:
        return {}
    days = dict(Period.objects.values_list("pk", "last_day"))
    reads = {
        now.pk: [pk for pk, day in days.items() if pk == now.pk or day < now.last_day]
        for now in (round.period for round in rounds)
    }
    owed = _pairs(OutboxEntry.objects.pending())
    aside = _pairs(OutboxEntry.objects.set_aside())
    # What the reconciler has not come to owe yet is owed all the same.
    owed |= stale({each for read in reads.values() for each in read}) - aside
    absent = _absent(reads)
    found: dict[int, dict[Hindrance, int]] = {}
    for period, read in reads.items():
        counts = {
            Hindrance.OWED: _within(owed, read) + absent[period],
            Hindrance.SET_ASIDE: _within(aside, read),
        }
        found[period] = {kind: count for kind, count in counts.items() if count}
    return found


def is_stale(period: Period) -> bool:
    """Whether the period or one it reads was judged by another definition, path or merger."""
    return bool(stale(ids_read(period)))


def ids_read(period: Period) -> list[int]:
    """The period and all earlier ones, of every frequency.

    Their statuses say when a target was first reached; an indicator may have had another frequency.
    """
    read = Q(pk=period.pk) | Q(last_day__lt=period.last_day)
    return list(Period.objects.filter(read).values_list("pk", flat=True))


def keys_of(period_ids: Iterable[int]) -> Q:
    """The outbox entries of the results of some periods."""
    wanted = Q()
    for each in period_ids:
        wanted |= Q(key__endswith=f":{each}")
    return Q(topic=TOPIC) & wanted


def _pairs(entries: QuerySet[OutboxEntry]) -> set[Pair]:
    """The indicator and the period of entries of results."""
    keys = entries.filter(topic=TOPIC).values_list("key", flat=True)
    return {pair_of(key) for key in keys}


def _within(pairs: Collection[Pair], period_ids: Collection[int]) -> int:
    return sum(period in period_ids for _indicator, period in pairs)


def _absent(ids: Collection[int]) -> Counter[int]:
    """By period, how many indicators were asked for and have no result."""
    computed = Result.objects.filter(
        indicator=OuterRef("version__indicator"), period=OuterRef("period")
    )
    rows = (
        Expectation.objects.standing()
        .filter(~Exists(computed), period__in=ids)
        .values("period")
        .annotate(indicators=Count("version__indicator", distinct=True))
        .order_by()
    )
    return Counter({each["period"]: each["indicators"] for each in rows})


def _undecided(ids: Collection[int]) -> Counter[int]:
    """By period, submissions and corrections that are attested and wait for a decision."""
    sent = Submission.objects.filter(state=State.SUBMITTED, round__period__in=ids)
    asked = Correction.objects.to_decide().requests()
    found: Counter[int] = Counter()
    for rows, name in (
        (sent, "round__period"),
        (asked.filter(cell__expectation__period__in=ids), "cell__expectation__period"),
    ):
        for period, count in rows.values_list(name).annotate(count=Count("pk")).order_by():
            found[period] += count
    return found


def _extended(ids: Collection[int], now: dt.datetime) -> Counter[int]:
    """By period, units that may still attest after the lock."""
    rows = (
        Extension.objects.in_force(now)
        .filter(
            submission__round__period__in=ids,
            submission__state__in=(State.TODO, State.DRAFT, State.RETURNED),
        )
        .values_list("submission__round__period")
    )
    return Counter(dict(rows.annotate(count=Count("submission", distinct=True)).order_by()))
