"""What holds for any figures at all: properties of METHOD.md's rules."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from indicators.calculation.adding import (
    aggregate,
    carried,
    common_set,
    common_values,
    over_year,
    window,
    year_of,
)
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


@given(st.sampled_from(sorted(ADDABLE)), st.sampled_from(Temporal), st.data(), groups, groups)
def test_the_order_of_subjects_is_irrelevant_to_years_and_common_sets(
    kind, temporal, data, first, second
):
    definition = define(kind, temporal=temporal)
    shuffled = [data.draw(st.permutations(group)) for group in (first, second)]

    assert window(definition, shuffled) == window(definition, [first, second])
    assert common_set(definition, *shuffled) == common_set(definition, first, second)
    today = {subject: subject // 2 for subject in range(8)}
    assert sorted(map(repr, carried(definition, shuffled[0], today))) == (
        sorted(map(repr, carried(definition, first, today)))
    )


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


@given(
    st.sampled_from(sorted(ADDABLE)),
    st.sampled_from(Temporal),
    groups,
    st.tuples(*[st.integers(0, 10**6)] * 12),
)
def test_splitting_a_subject_in_two_changes_no_year(kind, temporal, group, parts):
    definition = define(kind, temporal=temporal)
    halves = [
        [
            Observation(100 + half, CellStatus.REPORTED, *parts[place : place + 3])
            for half, place in ((0, start), (1, start + 3))
        ]
        for start in (0, 6)
    ]
    wholes = [carried(definition, both, {100: 99, 101: 99}) for both in halves]

    split = window(definition, [[*group, *both] for both in halves])
    united = window(definition, [[*group, *whole] for whole in wholes])

    assert (split.value, split.numerator, split.denominator) == (
        united.value,
        united.numerator,
        united.denominator,
    )
    assert split.coverage.by_population == united.coverage.by_population


@given(st.sampled_from([Kind.COUNT, Kind.AMOUNT, Kind.RATIO, Kind.MEAN]), groups, st.integers(1, 4))
def test_a_smaller_unit_changes_no_value(kind, group, decimals):
    def finer(part):
        return None if part is None else part * 10**decimals

    # The cases of a mean are whole; both parts of a ratio are in its unit.
    fine = [
        replace(
            one,
            numerator=finer(one.numerator),
            denominator=finer(one.denominator) if kind == Kind.RATIO else one.denominator,
        )
        for one in group
    ]
    definition = define(kind, decimals=decimals)

    assert aggregate(definition, fine).value == aggregate(define(kind), group).value
    assert window(definition, [fine, fine]).value == window(define(kind), [group, group]).value


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


@given(st.sampled_from(QUANTIFIED), st.sampled_from(Temporal), groups, groups)
def test_a_subject_not_applicable_all_year_changes_no_year_and_no_common_set(
    kind, temporal, first, second
):
    definition = define(kind, temporal=temporal)
    absent = Observation(99, CellStatus.NOT_APPLICABLE, population=5000)

    before = window(definition, [first, second])
    after = window(definition, [[*first, absent], [*second, absent]])

    assert (after.value, after.numerator, after.denominator) == (
        before.value,
        before.numerator,
        before.denominator,
    )
    assert (after.distribution, after.median) == (before.distribution, before.median)
    assert after.coverage.by_number == before.coverage.by_number
    assert after.coverage.by_population == before.coverage.by_population
    assert common_set(definition, [*first, absent], [*second, absent]) == (
        common_set(definition, first, second)
    )


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


@given(kinds, groups, groups)
def test_the_two_values_in_common_are_those_of_the_common_set(definition, before, after):
    then, now, _number = common_set(definition, before, after)

    assert common_values(definition, before, after) == (then.value, now.value)


@given(
    st.sampled_from(QUANTIFIED),
    st.sampled_from(Temporal),
    groups,
    groups,
    st.sets(st.integers(0, 8)),
)
def test_the_year_of_some_subjects_is_that_of_their_figures(kind, temporal, first, second, members):
    definition = define(kind, temporal=temporal)
    years = over_year(definition, [first, second])
    among = [[one for one in period if one.subject in members] for period in (first, second)]

    found = year_of(definition, [one for one in years if one.subject in members])

    assert found == window(definition, among)


@given(groups)
def test_a_year_of_the_same_stock_is_that_stock(group):
    definition = define(Kind.RATIO, temporal=Temporal.STOCK)

    assert window(definition, [group, group]) == aggregate(definition, group)


@given(groups)
def test_a_year_of_the_same_flow_is_twice_the_half(group):
    half, year = aggregate(define(Kind.COUNT), group), window(define(Kind.COUNT), [group, group])

    assert year.value == (None if half.value is None else 2 * half.value)
    assert year.coverage == half.coverage


# --- Merging periods ------------------------------------------------------------------------------


@st.composite
def quarters(draw):
    """Four quarters of the same subjects, each cell with any status."""
    size = draw(st.integers(1, 4))
    parts = st.tuples(st.integers(0, 1000), st.integers(0, 1000))
    statuses = st.sampled_from([CellStatus.REPORTED] * 6 + list(CellStatus))
    people = [draw(st.integers(1, 10**6)) for _subject in range(size)]
    return [
        [
            Observation(
                subject,
                status := draw(statuses),
                *(draw(parts) if status == CellStatus.REPORTED else (None, None)),
                people[subject],
            )
            for subject in range(size)
        ]
        for _quarter in range(4)
    ]


def merged(periods):
    """Periods as one: the parts of a subject summed where it reported all of them."""
    found = []
    for cells_of_one in zip(*periods, strict=True):
        statuses = {one.status for one in cells_of_one}
        if statuses == {CellStatus.REPORTED}:
            sums = (
                sum(one.numerator for one in cells_of_one),
                sum(one.denominator for one in cells_of_one),
            )
            found.append(replace(cells_of_one[0], numerator=sums[0], denominator=sums[1]))
            continue
        status = CellStatus.NOT_AVAILABLE
        if CellStatus.MISSING in statuses:
            status = CellStatus.MISSING
        elif statuses == {CellStatus.NOT_APPLICABLE}:
            status = CellStatus.NOT_APPLICABLE
        found.append(
            Observation(cells_of_one[0].subject, status, population=cells_of_one[0].population)
        )
    return found


def quarterly(kind, temporal, frequency=Frequency.QUARTER):
    return Definition(kind, Direction.INCREASE, temporal, frequency, scale=100)


@given(st.sampled_from(sorted(ADDABLE)), quarters())
def test_the_year_of_a_flow_is_its_periods_merged(kind, periods):
    definition = quarterly(kind, Temporal.FLOW)

    assert window(definition, periods) == aggregate(definition, merged(periods))


@given(st.sampled_from([Kind.RATIO, Kind.MEAN]), quarters())
def test_the_year_of_a_mean_of_quotients_is_its_periods_merged(kind, periods):
    definition = quarterly(kind, Temporal.MEAN)

    assert window(definition, periods) == aggregate(definition, merged(periods))


@given(st.sampled_from([Kind.COUNT, Kind.AMOUNT, Kind.POPULATION_RATE]), quarters())
def test_the_year_of_a_mean_of_sums_is_a_fourth_of_its_periods_merged(kind, periods):
    definition = quarterly(kind, Temporal.MEAN)
    year, summed = window(definition, periods), aggregate(definition, merged(periods))

    assert year.value == (None if summed.value is None else summed.value / 4)
    assert year.coverage == summed.coverage


@given(
    st.sampled_from(
        [(kind, Temporal.FLOW) for kind in sorted(ADDABLE)]
        + [(kind, Temporal.MEAN) for kind in (Kind.RATIO, Kind.MEAN)]
    ),
    quarters(),
)
def test_two_half_years_are_their_quarters(pair, periods):
    halves = [merged(periods[:2]), merged(periods[2:])]
    by_quarter = window(quarterly(*pair), periods)
    by_half_year = window(quarterly(*pair, Frequency.HALF_YEAR), halves)

    assert (by_half_year.value, by_half_year.numerator, by_half_year.denominator) == (
        by_quarter.value,
        by_quarter.numerator,
        by_quarter.denominator,
    )
    assert by_half_year.coverage.by_number == by_quarter.coverage.by_number


@given(st.sampled_from(QUANTIFIED), quarters())
def test_the_year_of_a_stock_is_its_last_period_of_those_who_reported_all(kind, periods):
    if kind in (Kind.SCALE, Kind.YES_NO):
        periods = [
            [replace(one, numerator=one.numerator and one.numerator % 2) for one in period]
            for period in periods
        ]
    definition = replace(define(kind, temporal=Temporal.STOCK), frequency=Frequency.QUARTER)
    complete = {one.subject for one in merged(periods) if one.status == CellStatus.REPORTED}

    year = window(definition, periods)
    last = aggregate(definition, [one for one in periods[-1] if one.subject in complete])

    assert (year.value, year.numerator, year.distribution, year.median) == (
        last.value,
        last.numerator,
        last.distribution,
        last.median,
    )


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
