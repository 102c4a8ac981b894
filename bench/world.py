"""The world that is measured: every zone of today, ten indicators, sixteen quarters.

Deterministic, and filled in bulk; who is expected is frozen by the product's own service. With the
176 zones of the reference data there are 107,008 validated figures.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from fractions import Fraction

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from indicators.enums import CellStatus, Direction, Frequency, Kind, Nature, Temporal
from indicators.labels import Addressed
from indicators.models import (
    BreakdownOption,
    Indicator,
    IndicatorVersion,
    PathPoint,
    ScaleLevel,
    TargetPath,
)
from indicators.periods import ensure_periods
from organisations.enums import AreaKind, Role
from organisations.models import Area, Membership, User
from submissions.demo import Answer, Fate, Hands, fill
from submissions.models import Cell, Round
from submissions.services import freeze_round
from themes.models import Objective

QUARTERS = [f"{year}-Q{quarter}" for year in range(2026, 2030) for quarter in range(1, 5)]
OPTIONS = ("a", "b", "c", "d")
#: Kind, temporal, direction, target on a path from 10, and whether there is a breakdown.
INDICATORS = (
    (Kind.COUNT, Temporal.FLOW, Direction.INCREASE, 900_000, True),
    (Kind.COUNT, Temporal.FLOW, Direction.MONITOR, None, True),
    (Kind.AMOUNT, Temporal.FLOW, Direction.DECREASE, 5, True),
    (Kind.RATIO, Temporal.FLOW, Direction.INCREASE, 60, True),
    (Kind.RATIO, Temporal.STOCK, Direction.INCREASE, 40, True),
    (Kind.RATIO, Temporal.FLOW, Direction.DECREASE, 5, True),
    (Kind.MEAN, Temporal.MEAN, Direction.DECREASE, 1, True),
    (Kind.POPULATION_RATE, Temporal.FLOW, Direction.DECREASE, 5, False),
    (Kind.YES_NO, Temporal.STOCK, Direction.INCREASE, 90, False),
    (Kind.SCALE, Temporal.STOCK, Direction.INCREASE, None, False),
)
SCALES = {Kind.RATIO: 100, Kind.YES_NO: 100, Kind.SCALE: 100, Kind.POPULATION_RATE: 100_000}


@transaction.atomic
def build() -> None:
    """Fill an empty, migrated database."""
    load()
    person = _make_reader()
    hands = Hands(person, person, person)
    at = timezone.now() - dt.timedelta(days=60)
    due = at + dt.timedelta(days=20)
    for period in ensure_periods(QUARTERS).values():
        made = Round.objects.create(period=period, opens_at=at, due_at=due, locks_at=due)
        freeze_round(actor=None, round=made)
        fates = dict.fromkeys(made.submissions.values_list("pk", flat=True), Fate())
        fill(round=made, answers=dict(answers(made)), fates=fates, hands=hands, at=at)


def load() -> None:
    """The reference data, with the indicators of the bench instead of the catalogue's."""
    call_command("load_reference", stdout=io.StringIO())
    Indicator.objects.update(paired_with=None)
    Indicator.objects.all().delete()
    for number, row in enumerate(INDICATORS):
        _make_indicator(number, *row)


def reader() -> User:
    return User.objects.get(email="reader@bench.example")


def _make_reader() -> User:
    """Somebody who may see every page and take every file."""
    user = User.objects.create_user("reader@bench.example", None, name="Reader")
    for role in (Role.STEERING, Role.EVALUATOR):
        Membership.objects.create(user=user, role=role, start=dt.date(2020, 1, 1))
    return user


def _make_indicator(
    number: int,
    kind: Kind,
    temporal: Temporal,
    direction: Direction,
    target: int | None,
    has_options: bool,
) -> None:
    indicator = Indicator.objects.create(
        objective=Objective.objects.order_by("position")[number * 8],
        code=f"bench-{number}",
        position=number + 1,
        is_key=True,
        nature=Nature.EFFORT if number % 2 else Nature.RESULT,
    )
    version = IndicatorVersion.objects.create(
        indicator=indicator,
        number=1,
        valid_from=dt.date(2020, 1, 1),
        name=f"Bench {number}",
        definition="Deterministic figures.",
        unit="1",
        numerator_label="Part",
        denominator_label="Whole" if kind in (Kind.RATIO, Kind.MEAN) else "",
        source_system="Bench",
        kind=kind,
        direction=direction,
        temporal=temporal,
        frequency=Frequency.QUARTER,
        scale=SCALES.get(kind, 1),
        threshold_level=3 if kind == Kind.SCALE else None,
        addressed=Addressed.ALL_ZONES,
    )
    if has_options:
        BreakdownOption.objects.bulk_create(
            BreakdownOption(version=version, code=code, label=code.upper(), position=place)
            for place, code in enumerate(OPTIONS)
        )
    if kind == Kind.SCALE:
        ScaleLevel.objects.bulk_create(
            ScaleLevel(version=version, level=level, text=f"Level {level}") for level in range(5)
        )
    if target is not None:
        _make_path(indicator, Fraction(target))


def _make_path(indicator: Indicator, target: Fraction) -> None:
    path = TargetPath.objects.create(
        indicator=indicator,
        area=Area.objects.get(kind=AreaKind.NATION),
        baseline=Fraction(10),
        baseline_end=dt.date(2025, 12, 31),
        baseline_source="Bench",
        target=target,
    )
    PathPoint.objects.create(path=path, year=2027, value=(10 + target) / 2)


def answers(made: Round) -> Iterator[tuple[int, Answer]]:
    """A figure for every cell, one in 97 not available; options add up to their total."""
    cells = Cell.objects.filter(expectation__submission__round=made).order_by("pk")
    for pk, expectation, option, kind in cells.values_list(
        "pk", "expectation_id", "option", "expectation__version__kind"
    ):
        if expectation % 97 == 0:
            yield pk, Answer(CellStatus.NOT_AVAILABLE, reason="not counted")
        else:
            yield pk, _figure(Kind(kind), expectation * 7919 % 89, 1 if option else len(OPTIONS))


def _figure(kind: Kind, seed: int, share: int) -> Answer:
    if kind in (Kind.YES_NO, Kind.SCALE):
        return Answer(numerator=seed % (2 if kind == Kind.YES_NO else 5))
    divided = kind in (Kind.RATIO, Kind.MEAN)
    return Answer(numerator=seed * share, denominator=100 * share if divided else None)
