"""What holds for any figures at all: properties of METHOD.md's rules."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from indicators.calculation.adding import aggregate, carried, common_set, window
from indicators.calculation.display import displayed
from indicators.calculation.fingerprints import fingerprint
from indicators.calculation.judging import judge
from indicators.calculation.paths import Path, problems, required
from indicators.calculation.values import ADDABLE, Coverage, Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Status, Temporal

QUANTIFIED = [kind for kind in Kind if kind != Kind.NARRATIVE]
TOTALS = Coverage(10, 0, 10)


def define(kind, direction=Direction.INCREASE, temporal=Temporal.FLOW, **fields):
    fields.setdefault("scale", 100)
    return Definition(kind, direction, temporal, Frequency.HALF_YEAR, threshold_level=2, **fields)


@st.composite
def cells(draw, subject):
    status = draw(st.sampled_from(CellStatus))
    population = draw(st.integers(1, 10**6))
    if status != CellStatus.REPORTED:
        return Observation(subject, status, population=population)
    # 0 or 1 is a count, an answer and a level alike.
    return Observation(
        subject, status, draw(st.integers(0, 1)), draw(st.integers(0, 50)), population
    )


groups = st.integers(0, 8).flatmap(
    lambda size: st.tuples(*(cells(subject) for subject in range(size))).map(list)
)
kinds = st.sampled_from(QUANTIFIED).map(define)
numbers = st.fractions(-1000, 1000, max_denominator=50)


@given(kinds, st.data(), groups)
def test_the_order_of_subjects_is_irrelevant(definition, data, group):
    shuffled = data.draw(st.permutations(group))

    assert aggregate(definition, shuffled) == aggregate(definition, group)
    names = {one.subject: f"unit {one.subject}" for one in group}
    assert fingerprint("1", {}, shuffled, names) == fingerprint("1", {}, group, names)


@given(
    st.sampled_from(sorted(ADDABLE)).map(define),
    groups,
    st.tuples(*[st.integers(0, 10**6)] * 6),
)
def test_splitting_a_subject_in_two_changes_no_sum_and_no_quotient(definition, group, parts):
    one, other = (
        Observation(100 + half, CellStatus.REPORTED, *parts[3 * half : 3 * half + 3])
        for half in (0, 1)
    )
    (whole,) = carried(definition, [one, other], {100: 99, 101: 99})

    split = aggregate(definition, [*group, one, other])
    united = aggregate(definition, [*group, replace(whole, population=parts[2] + parts[5])])

    assert (split.value, split.numerator, split.denominator) == (
        united.value,
        united.numerator,
        united.denominator,
    )


@given(st.sampled_from([Kind.COUNT, Kind.AMOUNT, Kind.MEAN]), groups, st.integers(1, 4))
def test_a_smaller_unit_changes_no_value(kind, group, decimals):
    fine = [
        replace(one, numerator=None if one.numerator is None else one.numerator * 10**decimals)
        for one in group
    ]

    assert aggregate(define(kind, decimals=decimals), fine).value == (
        aggregate(define(kind), group).value
    )


@given(st.sampled_from([Kind.RATIO, Kind.MEAN, Kind.YES_NO, Kind.MILESTONES]), groups, numbers)
def test_a_quotient_is_proportional_to_its_scale(kind, group, scale):
    value = aggregate(define(kind, scale=1), group).value

    assert aggregate(define(kind, scale=scale), group).value == (
        None if value is None else value * scale
    )


@given(kinds, groups, st.integers(1, 10**6))
def test_a_not_applicable_subject_changes_neither_value_nor_coverage(definition, group, people):
    absent = Observation(99, CellStatus.NOT_APPLICABLE, population=people)

    before, after = aggregate(definition, group), aggregate(definition, [*group, absent])

    assert (after.value, after.distribution) == (before.value, before.distribution)
    assert after.coverage.by_number == before.coverage.by_number
    assert after.coverage.by_population == before.coverage.by_population


@given(kinds, groups, st.integers(1, 10**6), st.fractions(0, 1))
def test_one_more_report_never_lowers_coverage(definition, group, people, minimum):
    silent = Observation(99, CellStatus.MISSING, population=people)
    spoken = replace(silent, status=CellStatus.REPORTED, numerator=1, denominator=1)

    less = aggregate(definition, [*group, silent]).coverage
    more = aggregate(definition, [*group, spoken]).coverage

    assert more.by_number > less.by_number
    assert more.by_population > less.by_population
    assert more.meets(minimum) or not less.meets(minimum)


@given(kinds, groups, groups)
def test_coverage_of_two_groups_is_the_sum_of_theirs(definition, one, other):
    moved = [replace(cell, subject=cell.subject + 50) for cell in other]

    assert aggregate(definition, one + moved).coverage == (
        aggregate(definition, one).coverage + aggregate(definition, moved).coverage
    )


@given(kinds, groups, groups)
def test_the_common_set_is_fully_covered_on_both_sides(definition, before, after):
    then, now, number = common_set(definition, before, after)

    assert then.coverage.reported == then.coverage.expected == number
    assert now.coverage.reported == now.coverage.expected == number


@given(groups)
def test_a_year_of_the_same_stock_is_that_stock(group):
    definition = define(Kind.RATIO, temporal=Temporal.STOCK)

    assert window(definition, [group, group]) == aggregate(definition, group)


@given(groups)
def test_a_year_of_the_same_flow_is_twice_the_half(group):
    half, year = aggregate(define(Kind.COUNT), group), window(define(Kind.COUNT), [group, group])

    assert year.value == (None if half.value is None else 2 * half.value)
    assert year.coverage == half.coverage


month_ends = st.dates(date(2025, 1, 1), date(2030, 12, 31))


@st.composite
def paths(draw):
    values = sorted(draw(st.lists(numbers, min_size=6, max_size=6)))
    direction = draw(st.sampled_from([Direction.INCREASE, Direction.DECREASE]))
    if direction == Direction.DECREASE:
        values.reverse()
    years = sorted(draw(st.sets(st.integers(2026, 2028))))
    points = tuple(
        (date(year, 12, 31), value) for year, value in zip(years, values[1:5], strict=False)
    )
    return Path(direction, values[0], date(2024, 12, 31), points, values[5])


@given(paths(), month_ends, month_ends)
def test_a_path_never_moves_against_its_direction_nor_passes_its_target(path, one, other):
    sign = 1 if path.direction == Direction.INCREASE else -1
    early, late = (required(path, day) * sign for day in sorted([one, other]))

    assert problems(path) == []
    assert path.baseline * sign <= early <= late <= path.target * sign


def verdict(path, value, on, **facts):
    return judge(
        define(Kind.RATIO, path.direction),
        value=value,
        coverage=TOTALS,
        path=path,
        period_end=on,
        window_starts=date(2026, 1, 1),
        **facts,
    )


STRONGEST_FIRST = [
    Status.ACHIEVED,
    Status.ON_TRACK,
    Status.AT_RISK,
    Status.OFF_TRACK,
    Status.MOVING_AWAY,
]


@given(paths(), numbers, numbers, month_ends)
def test_a_better_value_never_has_a_worse_status(path, one, other, on):
    worse, better = sorted([one, other], reverse=path.direction == Direction.DECREASE)

    assert STRONGEST_FIRST.index(verdict(path, better, on).status) <= (
        STRONGEST_FIRST.index(verdict(path, worse, on).status)
    )


@given(paths(), numbers, month_ends)
def test_a_decrease_mirrors_an_increase(path, value, on):
    opposite = {
        Direction.INCREASE: Direction.DECREASE,
        Direction.DECREASE: Direction.INCREASE,
    }[path.direction]
    mirrored = replace(path.scaled(Fraction(-1)), direction=opposite)

    assert verdict(mirrored, -value, on).status == verdict(path, value, on).status


@given(paths(), numbers, month_ends, st.fractions(Fraction(1, 100), 100))
def test_the_unit_of_value_and_path_is_irrelevant(path, value, on, factor):
    scaled = verdict(path.scaled(factor), value * factor, on)
    plain = verdict(path, value, on)

    assert (scaled.status, scaled.ratio) == (plain.status, plain.ratio)


@given(numbers, st.integers(0, 4), st.lists(numbers, max_size=3), st.lists(numbers, max_size=3))
def test_what_is_shown_never_crosses_a_threshold(value, decimals, thresholds, ceilings):
    shown = Fraction(displayed(value, decimals, thresholds, ceilings))

    if not {*thresholds} & {*ceilings}:
        assert [shown >= one for one in thresholds] == [value >= one for one in thresholds]
        assert [shown <= one for one in ceilings] == [value <= one for one in ceilings]
        assert abs(shown - value) < Fraction(1, 10**decimals)
