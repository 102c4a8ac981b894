"""The world that is measured: every zone of today, indicators of eight kinds, quarters.

Deterministic, and written in bulk by the database itself: subjects, submissions, expectations,
cells and validated figures as the product's services leave them, one figure in 97 not available.
It grows: indicators and quarters are added to what there is.
"""

from __future__ import annotations

import datetime as dt
import io
from fractions import Fraction

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from indicators.enums import Direction, Frequency, Kind, Nature, Temporal
from indicators.labels import Addressed
from indicators.models import (
    BreakdownOption,
    Indicator,
    IndicatorVersion,
    PathPoint,
    ScaleLevel,
    TargetPath,
)
from indicators.periods import ensure_periods, shifted
from organisations.enums import AreaKind, Role
from organisations.models import Area, Membership, Unit, UnitQuerySet, User
from submissions.enums import State
from submissions.models import Round, RoundSubject, Submission
from submissions.selectors import population_classes, populations
from themes.models import Objective

FIRST = "2026-Q1"
QUARTERS = 16
INDICATORS = 100
OPTIONS = ("a", "b", "c", "d")
#: Kind, temporal, direction, target on a path from 10, and whether a breakdown is asked.
KINDS = (
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
    """Fill an empty, migrated database: 100 indicators × 176 zones × 16 quarters."""
    load()
    add_indicators(INDICATORS)
    add_quarters(QUARTERS)
    fill()


def load() -> None:
    """The reference data without the catalogue's indicators, and somebody who reads."""
    call_command("load_reference", stdout=io.StringIO())
    Indicator.objects.update(paired_with=None)
    Indicator.objects.all().delete()
    _make_reader()


def reader() -> User:
    return User.objects.get(email="reader@bench.example")


def _make_reader() -> User:
    """Somebody who may see every page, take every file and control every zone."""
    user = User.objects.create_user("reader@bench.example", None, name="Reader")
    for role in (Role.STEERING, Role.EVALUATOR):
        Membership.objects.create(user=user, role=role, start=dt.date(2020, 1, 1))
    for unit in Unit.objects.filter(pk__in=zones().values("controlled_by")):
        Membership.objects.create(
            user=user, role=Role.COORDINATOR, unit=unit, start=dt.date(2020, 1, 1)
        )
    return user


def zones() -> UnitQuerySet:
    return Unit.objects.zones().valid_on(timezone.localdate())


# --- Indicators -----------------------------------------------------------------------------------


def add_indicators(count: int, *, with_options: bool = False) -> None:
    """As many more, of each kind in turn; with options where the kind has them."""
    first = Indicator.objects.count()
    for number in range(first, first + count):
        *definition, has_options = KINDS[number % len(KINDS)]
        _make_indicator(number, *definition, has_options and with_options)


def _make_indicator(
    number: int,
    kind: Kind,
    temporal: Temporal,
    direction: Direction,
    target: int | None,
    has_options: bool,
) -> None:
    objectives = list(Objective.objects.order_by("position"))
    indicator = Indicator.objects.create(
        objective=objectives[number * 8 % len(objectives)],
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


# --- Quarters -------------------------------------------------------------------------------------


def add_quarters(count: int) -> None:
    """As many more locked rounds, with their subjects and what these attested and was validated."""
    person, asked = reader(), list(zones())
    at = timezone.now() - dt.timedelta(days=60)
    due = at + dt.timedelta(days=20)
    classes = population_classes(asked)
    codes = [shifted(FIRST, Round.objects.count() + number) for number in range(count)]
    for period in ensure_periods(codes).values():
        made = Round.objects.create(
            period=period, opens_at=at, due_at=due, locks_at=due, frozen_at=at, locked_at=due
        )
        known = populations(asked, period.last_day)
        RoundSubject.objects.bulk_create(
            RoundSubject(
                round=made,
                unit=unit,
                region_id=unit.region_id,
                province_id=unit.province_id,
                arrondissement_id=unit.arrondissement_id,
                population=known[unit.pk].inhabitants,
                population_on=known[unit.pk].on,
                population_class=classes[unit.pk],
            )
            for unit in asked
        )
        hands = {"submitted_at": at, "submitted_by": person, "decided_at": at, "decided_by": person}
        Submission.objects.bulk_create(
            Submission(
                round=made,
                reporter=unit,
                state=State.VALIDATED,
                begun_at=at,
                begun_by=person,
                **hands,
            )
            for unit in asked
        )


# --- Figures --------------------------------------------------------------------------------------

_EXPECTATIONS = """
    INSERT INTO submissions_expectation (submission_id, subject_id, version_id, period_id)
    SELECT submission.id, subject.id, version.id, round.period_id
    FROM indicators_indicatorversion version
    CROSS JOIN submissions_round round
    JOIN submissions_roundsubject subject ON subject.round_id = round.id
    JOIN submissions_submission submission
        ON submission.round_id = round.id AND submission.reporter_id = subject.unit_id
    WHERE NOT EXISTS (
        SELECT 1 FROM submissions_expectation known
        WHERE known.subject_id = subject.id AND known.version_id = version.id
    )
    ORDER BY round.id, submission.id, version.id
"""
_CELLS = """
    INSERT INTO submissions_cell (expectation_id, option, version)
    SELECT expectation.id, options.code, 1
    FROM submissions_expectation expectation
    JOIN (
        SELECT id AS version_id, '' AS code FROM indicators_indicatorversion
        UNION ALL SELECT version_id, code FROM indicators_breakdownoption
    ) options ON options.version_id = expectation.version_id
    WHERE expectation.id > %s
    ORDER BY expectation.id, options.code
"""
#: A revision has the id of its cell, behind those there were. Options add up to their total.
_MEASUREMENTS = """
    INSERT INTO submissions_measurement (
        id, cell_id, revision, status, numerator, denominator, steps_done, text, reason, comment,
        is_flagged, entered_at, entered_by_id, entrance
    )
    SELECT
        said.id + %s, said.id, 1, CASE WHEN said.absent THEN 'not_available' ELSE 'reported' END,
        CASE
            WHEN said.absent THEN NULL
            WHEN said.kind = 'yes_no' THEN said.seed %% 2
            WHEN said.kind = 'scale' THEN said.seed %% 5
            ELSE said.seed * said.share
        END,
        CASE WHEN NOT said.absent AND said.kind IN ('ratio', 'mean') THEN 100 * said.share END,
        '{}', '', CASE WHEN said.absent THEN 'not counted' ELSE '' END, '', %s, %s, %s, 'seed'
    FROM (
        SELECT
            cell.id, version.kind, expectation.id %% 97 = 0 AS absent,
            expectation.id * 7919 %% 89 AS seed,
            CASE WHEN cell.option = '' THEN 4 ELSE 1 END AS share
        FROM submissions_cell cell
        JOIN submissions_expectation expectation ON expectation.id = cell.expectation_id
        JOIN indicators_indicatorversion version ON version.id = expectation.version_id
        WHERE cell.current_id IS NULL
    ) said
"""
_CURRENT = """
    UPDATE submissions_cell SET current_id = id + %s, validated_id = id + %s
    WHERE current_id IS NULL
"""


@transaction.atomic
def fill() -> None:
    """A validated figure for every zone, indicator and quarter that has none."""
    at = connection.ops.adapt_datetimefield_value(timezone.now() - dt.timedelta(days=50))
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM submissions_expectation")
        (last,) = cursor.fetchone()
        cursor.execute(_EXPECTATIONS)
        cursor.execute(_CELLS, [last])
        cursor.execute("SELECT coalesce(max(id), 0) FROM submissions_measurement")
        (behind,) = cursor.fetchone()
        cursor.execute(_MEASUREMENTS, [behind, False, at, reader().pk])
        cursor.execute(_CURRENT, [behind, behind])
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('submissions_measurement', 'id'), "
                "(SELECT max(id) FROM submissions_measurement))"
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
