"""Who has reported what for which period: units × rounds, by number, by population and in time.

Only validated figures count; those signed and in review stand beside (METHOD 3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from foundation.models import AuditEntry
from indicators.enums import CellStatus
from indicators.models import Period
from organisations.models import Unit
from submissions.enums import State
from submissions.models import Cell, Round, RoundSubject, Submission, Transition
from themes.models import Theme


class Stand(StrEnum):
    """How a unit stands in a round, for the matrix.

    Missing: not attested, and no time is left. Extended: so, but time was given to this unit. What
    came back with time to correct it is returned.
    """

    VALIDATED = "validated"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    DRAFT = "draft"
    TODO = "todo"
    EXTENDED = "extended"
    MISSING = "missing"
    REPLACED = "replaced"
    NOT_EXPECTED = "not_expected"


class Timing(StrEnum):
    """When a submission was first attested; what came back later does not make it late.

    What its unit withdrew itself was not attested: it would hold a place in time for later figures.
    """

    IN_TIME = "in_time"
    IN_GRACE = "in_grace"
    AFTER_LOCK = "after_lock"


@dataclass(frozen=True, slots=True)
class Held:
    """Cells of a submission: how many, validated with a figure or as not applicable, and signed.

    ``validated`` counts every validated cell, ``reported`` those with a figure; ``signed`` has a
    figure that is in review.
    """

    total: int = 0
    validated: int = 0
    reported: int = 0
    not_applicable: int = 0
    signed: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in a round. Without a submission nothing was expected of it."""

    submission: Submission | None = None
    held: Held = Held()
    population: int = 0
    stand: Stand = Stand.NOT_EXPECTED
    timing: Timing | None = None
    is_late: bool = False
    extended_until: dt.datetime | None = None

    @property
    def expected(self) -> int:
        """Cells that a figure is expected in: those not applicable are left out."""
        return self.held.total - self.held.not_applicable

    @property
    def reported(self) -> int:
        return self.held.reported

    @property
    def counts(self) -> bool:
        """Whether it is among those expected."""
        return self.stand not in (Stand.NOT_EXPECTED, Stand.REPLACED)

    @property
    def has_reported(self) -> bool:
        return self.held.validated > 0

    @property
    def takes_figures(self) -> bool:
        """Whether its unit can still send figures, so that a reminder helps."""
        return self.stand in (Stand.TODO, Stand.DRAFT, Stand.RETURNED, Stand.EXTENDED)

    @property
    def share(self) -> Fraction:
        """Reported of expected; all of it where nothing is."""
        return Fraction(self.reported, self.expected) if self.expected else Fraction(1)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its places, in the order of the rounds."""

    unit: Unit
    places: Sequence[Place]

    @property
    def now(self) -> Place:
        """Its place in the chosen round, the last one."""
        return self.places[-1]


@dataclass(frozen=True, slots=True)
class Total:
    """A round's units together: how many reported, how many people they police, and when."""

    expected: int
    reported: int
    in_review: int
    population_expected: int
    population_reported: int
    figures_expected: int
    figures_reported: int
    attested: int
    in_time: int
    in_grace: int
    after_lock: int

    @classmethod
    def of(cls, places: Iterable[Place]) -> Total:
        counted = [place for place in places if place.counts]
        reported = [place for place in counted if place.has_reported]
        timings = [place.timing for place in counted if place.timing is not None]
        return cls(
            expected=len(counted),
            reported=len(reported),
            in_review=sum(place.stand == Stand.IN_REVIEW for place in counted),
            population_expected=sum(place.population for place in counted),
            population_reported=sum(place.population for place in reported),
            figures_expected=sum(place.expected for place in counted),
            figures_reported=sum(place.reported for place in counted),
            attested=len(timings),
            in_time=timings.count(Timing.IN_TIME),
            in_grace=timings.count(Timing.IN_GRACE),
            after_lock=timings.count(Timing.AFTER_LOCK),
        )

    @property
    def missing(self) -> int:
        return self.expected - self.reported

    @property
    def by_population(self) -> Fraction | None:
        if not self.population_expected:
            return None
        return Fraction(self.population_reported, self.population_expected)

    @property
    def percent(self) -> int:
        """The share of the population in whole per cents, rounded down."""
        return int((self.by_population or Fraction()) * 100)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Units × rounds, the earliest round first and the chosen one last."""

    rounds: Sequence[Round]
    rows: Sequence[UnitRow]

    @property
    def totals(self) -> list[Total]:
        """One per round."""
        return [
            Total.of(row.places[number] for row in self.rows) for number in range(len(self.rounds))
        ]


def coverage(
    period: Period, *, units: Q, theme: Theme | None = None, most: int = 4, now: dt.datetime
) -> Matrix:
    """The rounds of a frequency up to ``period``, with the units that ``units`` picks.

    ``units`` is about submissions, as in ``Q(reporter__kind="zone")``; ``most`` is the number of
    rounds; a ``theme`` narrows the cells, and takes its sub-themes with it. Six queries at most.
    """
    rounds = _rounds(period, most)
    submissions = list(
        Submission.objects.filter(units, round__in=rounds)
        .select_related("round", "reporter__province", "reporter__arrondissement")
        .prefetch_related("extensions")
        .annotate(first_attested=Subquery(_attestations().values("at")[:1]))
    )
    held = _held(rounds, theme)
    people = _populations(rounds)
    places: dict[int, dict[int, Place]] = {}
    for each in submissions:
        of_round = places.setdefault(each.reporter_id, {})
        population = people.get((each.round_id, each.reporter_id), 0)
        counted = held.get(each.pk, Held())
        if counted.total or theme is None or each.state == State.REPLACED:
            of_round[each.round_id] = _place(each, counted, population, now)
    known = {each.reporter_id: each.reporter for each in submissions}
    rows = [
        UnitRow(known[pk], [found.get(each.pk, Place()) for each in rounds])
        for pk, found in places.items()
        if found
    ]
    return Matrix(rounds, rows)


def _attestations() -> QuerySet[Transition]:
    """Of an outer submission, in order, those that its unit did not withdraw."""
    following = Transition.objects.filter(
        submission=OuterRef("submission"), pk__gt=OuterRef("pk")
    ).order_by("pk")
    return (
        Transition.objects.filter(submission=OuterRef("pk"), after=State.SUBMITTED)
        .annotate(next=Subquery(following.values("after")[:1]))
        .filter(Q(next=None) | ~Q(next=State.DRAFT))
        .order_by("at", "pk")
    )


def _rounds(period: Period, most: int) -> list[Round]:
    before = Round.objects.filter(
        frozen_at__isnull=False,
        period__frequency=period.frequency,
        period__last_day__lte=period.last_day,
    )
    return list(before.select_related("period").order_by("-period__last_day")[:most])[::-1]


def _held(rounds: Collection[Round], theme: Theme | None) -> Mapping[int, Held]:
    """By submission id. One query, and one for the sub-themes."""
    cells = Cell.objects.filter(
        expectation__submission__round__in=rounds, expectation__subject__withdrawn_at__isnull=True
    )
    if theme is not None:
        themes = [theme.pk, *theme.subthemes.values_list("pk", flat=True)]
        indicator = "expectation__version__indicator"
        cells = cells.filter(
            Q(**{f"{indicator}__objective__theme__in": themes})
            | Q(**{f"{indicator}__point__theme__in": themes})
        )
    reported = Q(validated__status=CellStatus.REPORTED)
    not_applicable = Q(validated__status=CellStatus.NOT_APPLICABLE)
    signed = Q(current__status=CellStatus.REPORTED, expectation__submission__state=State.SUBMITTED)
    rows = (
        cells.order_by()
        .values_list("expectation__submission")
        .annotate(
            Count("pk"),
            number_validated=Count("validated"),
            number_reported=Count("pk", filter=reported),
            number_not_applicable=Count("pk", filter=not_applicable),
            number_signed=Count("pk", filter=signed),
        )
    )
    return {pk: Held(*numbers) for pk, *numbers in rows}


def _populations(rounds: Collection[Round]) -> Mapping[tuple[int, int], int]:
    """By round and unit, as it was when the round was frozen."""
    subjects = RoundSubject.objects.filter(round__in=rounds, withdrawn_at__isnull=True)
    return {
        (round_id, unit): population or 0
        for round_id, unit, population in subjects.values_list("round_id", "unit_id", "population")
    }


def _place(submission: Submission, held: Held, population: int, now: dt.datetime) -> Place:
    extended = submission.extended_until(now)
    is_open = submission.round.accepts_figures(now)
    editable = submission.state in State.editable()
    return Place(
        submission=submission,
        held=held,
        population=population,
        stand=_stand(submission, is_open=is_open, extended=extended is not None),
        timing=_timing(submission),
        is_late=editable and is_open and now > submission.round.due_at,
        extended_until=extended if editable else None,
    )


def _stand(submission: Submission, *, is_open: bool, extended: bool) -> Stand:
    if submission.state == State.SUBMITTED:
        return Stand.IN_REVIEW
    if submission.state in State.editable() and not is_open:
        if not extended:
            return Stand.MISSING
        if submission.state != State.RETURNED:
            return Stand.EXTENDED
    return Stand(submission.state)


def _timing(submission: Submission) -> Timing | None:
    """By the first attestation, of what is attested now or came back; None for the rest."""
    first: dt.datetime | None = vars(submission)["first_attested"]
    if first is None or submission.state in (State.TODO, State.DRAFT, State.REPLACED):
        return None
    if first <= submission.round.due_at:
        return Timing.IN_TIME
    return Timing.IN_GRACE if first <= submission.round.locks_at else Timing.AFTER_LOCK


# --- Reminders ------------------------------------------------------------------------------------


def reminded_today(submissions: Iterable[Submission]) -> set[int]:
    """The ids of those whose units were reminded today. One query."""
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    entries = AuditEntry.objects.filter(
        subject_type=Submission._meta.label_lower,
        subject_id__in=[each.pk for each in submissions],
        verb="submission.reminded",
        at__gte=start,
    )
    return set(entries.values_list("subject_id", flat=True))
