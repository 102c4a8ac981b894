"""The world that is measured: all zones, ten indicators, sixteen quarters, 107,008 figures.

Deterministic, without randomness, and written in bulk; who is expected is frozen by the product's
own service.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from itertools import batched
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from indicators.enums import CellStatus, Direction, Frequency, Kind, Nature, Temporal
from indicators.labels import Addressed
from indicators.models import BreakdownOption, Indicator, IndicatorVersion, PathPoint, TargetPath
from indicators.periods import ensure_periods
from organisations.enums import AreaKind, Role
from organisations.models import Area, Membership, User
from submissions.enums import Entrance, State
from submissions.models import Cell, Measurement, Submission
from submissions.services import open_round
from themes.models import Objective

QUARTERS = [f"{year}-Q{quarter}" for year in range(2026, 2030) for quarter in range(1, 5)]
OPTIONS = ("a", "b", "c", "d")
KINDS = (
    (Kind.COUNT, Temporal.FLOW, Direction.INCREASE, True),
    (Kind.COUNT, Temporal.FLOW, Direction.MONITOR, True),
    (Kind.AMOUNT, Temporal.FLOW, Direction.DECREASE, True),
    (Kind.RATIO, Temporal.FLOW, Direction.INCREASE, True),
    (Kind.RATIO, Temporal.STOCK, Direction.INCREASE, True),
    (Kind.RATIO, Temporal.FLOW, Direction.DECREASE, True),
    (Kind.MEAN, Temporal.MEAN, Direction.DECREASE, True),
    (Kind.POPULATION_RATE, Temporal.FLOW, Direction.DECREASE, False),
    (Kind.YES_NO, Temporal.STOCK, Direction.INCREASE, False),
    (Kind.SCALE, Temporal.STOCK, Direction.INCREASE, False),
)
BATCH = 5000


@transaction.atomic
def build() -> None:
    """Fill an empty, migrated database."""
    call_command("load_reference", verbosity=0)
    Indicator.objects.all().delete()
    for number, row in enumerate(KINDS):
        _make_indicator(number, *row)
    person = _make_evaluator()
    now = timezone.now()
    for period in ensure_periods(QUARTERS).values():
        opens = now - dt.timedelta(days=60)
        due = opens + dt.timedelta(days=20)
        open_round(actor=None, period=period, opens_at=opens, due_at=due, locks_at=due)
    _fill(person)


def _make_indicator(
    number: int, kind: Kind, temporal: Temporal, direction: Direction, has_options: bool
) -> None:
    objectives = Objective.objects.order_by("position")
    indicator = Indicator.objects.create(
        objective=objectives[number * 7],
        code=f"bench-{number}",
        position=number + 1,
        is_key=True,
        nature=Nature.EFFORT,
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
        scale={Kind.RATIO: 100, Kind.POPULATION_RATE: 100_000}.get(kind, 1),
        threshold_level=3 if kind == Kind.SCALE else None,
        addressed=Addressed.ALL_ZONES,
    )
    if has_options:
        BreakdownOption.objects.bulk_create(
            BreakdownOption(version=version, code=code, label=code.upper(), position=place)
            for place, code in enumerate(OPTIONS)
        )
    _make_path(indicator)


def _make_path(indicator: Indicator) -> None:
    path = TargetPath.objects.create(
        indicator=indicator,
        area=Area.objects.get(kind=AreaKind.NATION),
        baseline=Fraction(10),
        baseline_end=dt.date(2025, 12, 31),
        baseline_source="Bench",
        target=Fraction(40),
    )
    PathPoint.objects.create(path=path, year=2027, value=Fraction(25))


def _make_evaluator() -> User:
    user = User.objects.create_user("evaluator@bench.example", None, name="Evaluator")
    for role in (Role.STEERING, Role.EVALUATOR):
        Membership.objects.create(user=user, role=role, start=dt.date(2020, 1, 1))
    return user


def _fill(person: User) -> None:
    """A validated figure in every cell; one in 97 is not available."""
    cells = Cell.objects.order_by("pk").values_list("pk", "option", "expectation__version__kind")
    for batch in batched(cells.iterator(chunk_size=BATCH), BATCH):
        Measurement.objects.bulk_create(_measurements(batch, person))
    newest = Measurement.objects.filter(cell=F("cell"))
    del newest
    Submission.objects.update(
        state=State.VALIDATED,
        submitted_at=timezone.now(),
        submitted_by=person,
        decided_at=timezone.now(),
        decided_by=person,
    )


def _measurements(cells: tuple[Any, ...], person: User) -> Iterator[Measurement]:
    raise NotImplementedError
