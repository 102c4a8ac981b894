"""METHOD.md 4: target paths."""

from datetime import date
from fractions import Fraction

import pytest

from indicators.calculation.paths import (
    Path,
    PathProblem,
    PathProblemCode,
    Segment,
    nodes,
    path_for,
    problems,
    required,
    segment,
    staircase,
)
from indicators.calculation.values import Definition
from indicators.enums import Direction, Frequency, Kind, Temporal

EVE = date(2025, 12, 31)
UP, DOWN = Direction.INCREASE, Direction.DECREASE


def year_end(year):
    return date(year, 12, 31)


def path(direction=UP, baseline=0, target=48, points=(), **fields):
    fields.setdefault("baseline_end", EVE)
    return Path(
        direction,
        baseline=None if baseline is None else Fraction(baseline),
        points=tuple((year_end(year), Fraction(value)) for year, value in points),
        target=None if target is None else Fraction(target),
        **fields,
    )


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (EVE, 0),
        (date(2026, 1, 31), 1),
        (date(2026, 3, 31), 3),
        (date(2026, 4, 29), 3),
        (date(2026, 4, 30), 4),
        (date(2028, 2, 29), 26),
        (year_end(2029), 48),
        (date(2031, 6, 30), 48),
        (date(2020, 6, 30), 0),
    ],
)
def test_without_points_the_path_is_linear_in_whole_months(on, value):
    assert required(path(), on) == value


@pytest.mark.parametrize(("baseline", "target"), [(None, 48), (0, None), (None, None)])
def test_a_path_without_both_ends_is_linear_nowhere(baseline, target):
    given = path(baseline=baseline, target=target)
    assert nodes(given) == []
    assert segment(given, date(2026, 6, 30)) is None


def test_a_part_of_a_path_says_where_it_begins_and_ends():
    found = segment(path(points=[(2026, 6), (2027, 12)]), date(2027, 3, 31))
    assert found == Segment(year_end(2026), Fraction(6), year_end(2027), Fraction(12), 3, 12)


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (date(2026, 6, 30), 6),
        (year_end(2026), 12),
        (date(2027, 4, 30), 12),
        (date(2028, 6, 30), 21),
    ],
)
def test_yearly_values_stand_at_31_december(on, value):
    points = [(2026, 12), (2027, 12), (2028, 30)]

    assert required(path(points=points), on) == value


def test_the_path_of_the_methods_example():
    asked = path(baseline="9.5", target=17)

    assert required(asked, year_end(2027)) == Fraction("13.25")


def test_a_later_baseline_delays_the_start():
    asked = path(baseline_end=date(2026, 6, 30), target=42)

    assert asked.start == date(2026, 6, 30)
    assert [required(asked, day) for day in (date(2026, 3, 31), date(2026, 7, 31))] == [0, 1]


def test_an_earlier_baseline_starts_with_the_plan():
    assert path(baseline_end=date(2023, 12, 31)).start == EVE


def test_negative_values_and_a_decrease_are_ordinary():
    assert required(path(DOWN, baseline=-4, target=-52), date(2026, 12, 31)) == -16


def test_a_final_point_equal_to_the_target_changes_nothing():
    asked = path(points=[(2029, 48)])

    assert problems(asked) == []
    assert required(asked, date(2026, 1, 31)) == 1


def test_an_earlier_target_date_is_kept_afterwards():
    asked = path(target=24, target_date=year_end(2027))

    assert [required(asked, year_end(year)) for year in (2026, 2027, 2029)] == [12, 24, 24]


@pytest.mark.parametrize(("day", "value"), [(10, 12), (15, 48), (31, 48)])
def test_less_than_a_month_before_the_target_asks_for_the_last_point(day, value):
    asked = path(points=[(2027, 12)], target_date=date(2028, 1, 15))

    assert required(asked, date(2028, 1, day)) == value


@pytest.mark.parametrize("asked", [path(baseline=None), path(target=None), Path(UP)])
def test_without_baseline_or_target_nothing_is_required(asked):
    assert required(asked, year_end(2026)) is None


def test_a_path_shrinks_to_a_share_of_the_subjects():
    scaled = path(baseline=10, target=20, points=[(2026, 12)]).scaled(Fraction(1, 2))

    assert scaled == path(baseline=5, target=10, points=[(2026, 6)])
    band = Path(Direction.MAINTAIN, band_low=Fraction(90), band_high=Fraction(110)).scaled(
        Fraction(1, 2)
    )
    assert (band.band_low, band.band_high) == (45, 55)


@pytest.mark.parametrize(
    "asked",
    [
        path(),
        path(DOWN, baseline=10, target=0, points=[(2026, 10), (2027, 3)]),
        path(baseline=7, target=7),
        path(DOWN, baseline=7, target=7, points=[(2026, 7)]),
        path(baseline=-5, target=-1, points=[(2028, -1)]),
        path(baseline=None, target=5, points=[(2027, 5)]),
        path(target=None),
        Path(Direction.MONITOR),
        Path(Direction.MAINTAIN, band_low=Fraction(1), band_high=Fraction(1)),
    ],
)
def test_paths_that_hold(asked):
    assert problems(asked) == []


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (
            path(baseline=10, target=9),
            PathProblem(
                PathProblemCode.TARGET_AGAINST_DIRECTION, year_end(2029), Fraction(9), Fraction(10)
            ),
        ),
        (
            path(DOWN, baseline=9, target=10),
            PathProblem(
                PathProblemCode.TARGET_AGAINST_DIRECTION, year_end(2029), Fraction(10), Fraction(9)
            ),
        ),
        (
            path(baseline=10, target=20, points=[(2026, 9)]),
            PathProblem(
                PathProblemCode.POINT_AGAINST_DIRECTION, year_end(2026), Fraction(9), Fraction(10)
            ),
        ),
        (
            path(DOWN, baseline=10, target=0, points=[(2026, 5), (2027, 6)]),
            PathProblem(
                PathProblemCode.POINT_AGAINST_DIRECTION, year_end(2027), Fraction(6), Fraction(5)
            ),
        ),
        (
            path(baseline=10, target=20, points=[(2026, 21)]),
            PathProblem(
                PathProblemCode.POINT_PASSES_TARGET, year_end(2026), Fraction(21), Fraction(20)
            ),
        ),
        (
            path(DOWN, baseline=10, target=-1, points=[(2026, -2)]),
            PathProblem(
                PathProblemCode.POINT_PASSES_TARGET, year_end(2026), Fraction(-2), Fraction(-1)
            ),
        ),
        (
            path(points=[(2029, 47)]),
            PathProblem(
                PathProblemCode.POINT_DIFFERS_FROM_TARGET,
                year_end(2029),
                Fraction(47),
                Fraction(48),
            ),
        ),
        (
            path(points=[(2030, 48)]),
            PathProblem(
                PathProblemCode.POINT_OUTSIDE,
                year_end(2030),
                Fraction(48),
                limit_day=year_end(2029),
            ),
        ),
        (
            path(points=[(2026, 12)], baseline_end=year_end(2026)),
            PathProblem(
                PathProblemCode.POINT_OUTSIDE,
                year_end(2026),
                Fraction(12),
                limit_day=year_end(2026),
            ),
        ),
        (
            path(points=[(2027, 12), (2027, 12)]),
            PathProblem(
                PathProblemCode.POINTS_NOT_IN_ORDER,
                year_end(2027),
                Fraction(12),
                limit_day=year_end(2027),
            ),
        ),
        (
            Path(UP, Fraction(0), EVE, ((date(2026, 6, 30), Fraction(1)),), Fraction(48)),
            PathProblem(PathProblemCode.POINT_NOT_YEAR_END, date(2026, 6, 30), Fraction(1)),
        ),
        (path(target=None, points=[(2026, 1)]), PathProblem(PathProblemCode.TARGET_MISSING)),
        (
            path(baseline_end=year_end(2029)),
            PathProblem(
                PathProblemCode.TARGET_NOT_AFTER_START,
                day=year_end(2029),
                limit_day=year_end(2029),
            ),
        ),
        (
            path(baseline_end=None),
            PathProblem(PathProblemCode.BASELINE_WITHOUT_END, value=Fraction(0)),
        ),
        (
            Path(Direction.MAINTAIN, band_low=Fraction(2), band_high=Fraction(1)),
            PathProblem(PathProblemCode.BAND_INVERTED, value=Fraction(2), limit=Fraction(1)),
        ),
        (Path(Direction.MAINTAIN, band_low=Fraction(2)), PathProblem(PathProblemCode.BAND_MISSING)),
    ],
)
def test_paths_that_are_refused(asked, problem):
    assert problems(asked) == [problem]


STEPS = (date(2026, 6, 30), date(2027, 3, 31), date(2027, 3, 31), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("on", "share"),
    [
        (date(2026, 6, 29), Fraction(0)),
        (date(2026, 6, 30), Fraction(1, 4)),
        (date(2027, 3, 30), Fraction(1, 4)),
        (date(2027, 3, 31), Fraction(3, 4)),
        (date(2029, 12, 31), Fraction(1)),
    ],
)
def test_milestones_climb_a_staircase(on, share):
    assert staircase(STEPS, 4, on) == share
    assert required(Path.milestones(STEPS, 100), on) == share * 100


def test_one_step_is_a_staircase():
    assert staircase((EVE,), 1, EVE) == 1


def test_a_staircase_climbs_from_its_baseline():
    asked = path(baseline=20, target=100, due_dates=STEPS)

    assert required(asked, date(2026, 6, 30)) == 40


def test_a_staircase_needs_a_step():
    with pytest.raises(ValueError, match="no step is planned"):
        staircase((), 0, EVE)


def test_the_path_of_milestones_holds():
    assert problems(Path.milestones(STEPS, 100)) == []


def test_a_point_on_the_targets_own_day_is_the_target_once():
    asked = path(points=[(2027, 30), (2029, 48)])

    assert problems(asked) == []
    assert required(asked, date(2029, 6, 30)) == 30 + Fraction(18, 24) * 18


@pytest.mark.parametrize(
    ("on", "value"), [(date(2026, 12, 31), 12), (date(2027, 6, 30), 12), (date(2028, 6, 30), 21)]
)
def test_a_flat_piece_of_a_path_asks_for_the_same_all_the_while(on, value):
    assert required(path(points=[(2026, 12), (2027, 12), (2028, 30)]), on) == value


def test_the_staircase_ends_with_its_last_step():
    steps = (date(2028, 6, 30), date(2026, 6, 30), date(2025, 6, 30), date(2028, 6, 30))
    asked = Path.milestones(steps, 100)

    assert asked.target_date == date(2028, 6, 30)
    # A step due before the plan is due from the start; two on one day are two.
    assert [required(asked, day) for day in (EVE, date(2026, 6, 30), date(2028, 6, 30))] == [
        25,
        50,
        100,
    ]


def test_no_step_planned_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^no step is planned$"):
        staircase((), 0, EVE)


def test_every_point_is_looked_at_where_the_target_is_missing():
    asked = Path(UP, points=((date(2026, 6, 30), Fraction(1)), (date(2027, 6, 30), Fraction(2))))
    found = [one.day for one in problems(asked) if one.code == PathProblemCode.POINT_NOT_YEAR_END]

    assert found == [date(2026, 6, 30), date(2027, 6, 30)]


# --- Whose path -----------------------------------------------------------------------------------


def define(kind=Kind.RATIO, **fields):
    return Definition(kind, UP, Temporal.STOCK, Frequency.YEAR, **fields)


OWN, NATION = path(target=10), path(target=48)


@pytest.mark.parametrize("own", [OWN, Path(UP)])
@pytest.mark.parametrize("for_every_unit", [True, False])
def test_a_path_of_ones_own_comes_first(own, for_every_unit):
    assert path_for(define(for_every_unit=for_every_unit), own, NATION) is own


@pytest.mark.parametrize("kind", [Kind.RATIO, Kind.POPULATION_RATE, Kind.MEAN])
def test_the_nations_path_holds_for_every_unit_where_it_is_declared_so(kind):
    assert path_for(define(kind, for_every_unit=True), None, NATION) is NATION
    assert path_for(define(kind), None, NATION) is None
    assert path_for(define(kind, for_every_unit=True), None, None) is None


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.RATIO, Kind.POPULATION_RATE, Kind.MEAN}))
def test_what_grows_with_its_unit_has_no_path_for_every_unit(kind):
    text = "^only a ratio, a rate or a mean has a path valid for every unit$"
    with pytest.raises(ValueError, match=text):
        define(kind, for_every_unit=True, threshold_level=2)
