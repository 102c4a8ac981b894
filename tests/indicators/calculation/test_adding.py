"""METHOD.md 2: how the figures of subjects become the figure of a group."""

from fractions import Fraction

import pytest

from indicators.calculation.adding import (
    Duplicate,
    aggregate,
    carried,
    common_set,
    common_values,
    coverage_of,
    subject_value,
    window,
)
from indicators.calculation.values import Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Temporal

REPORTED, NOT_APPLICABLE = CellStatus.REPORTED, CellStatus.NOT_APPLICABLE
NOT_AVAILABLE, MISSING = CellStatus.NOT_AVAILABLE, CellStatus.MISSING


def define(kind, **fields):
    return Definition(kind, Direction.INCREASE, Temporal.FLOW, Frequency.QUARTER, **fields)


def said(subject, numerator=None, denominator=None, population=1000):
    return Observation(subject, REPORTED, numerator, denominator, population)


def silent(subject, status=MISSING, population=1000):
    return Observation(subject, status, population=population)


def test_a_count_is_the_sum_and_zero_is_a_number():
    result = aggregate(define(Kind.COUNT), [said(1, 0), said(2, 7), silent(3)])

    assert (result.value, result.numerator, result.denominator) == (Fraction(7), 7, None)
    assert result.coverage.reported == 2


def test_a_group_of_reported_zeros_shows_zero():
    assert aggregate(define(Kind.COUNT), [said(1, 0)]).value == Fraction(0)


@pytest.mark.parametrize("kind", list(Kind))
def test_nobody_reported_is_not_zero(kind):
    result = aggregate(define(kind, threshold_level=2), [silent(1), silent(2, NOT_AVAILABLE)])

    assert (result.value, result.numerator, result.denominator) == (None, None, None)
    assert (result.distribution, result.median) == (None, None)


def test_amounts_are_stored_in_their_smallest_unit():
    result = aggregate(define(Kind.AMOUNT, decimals=2), [said(1, 1050), said(2, -25)])

    assert (result.value, result.numerator) == (Fraction("10.25"), 1025)


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.AMOUNT])
def test_a_sum_has_no_scale(kind):
    assert aggregate(define(kind, scale=100), [said(1, 7)]).value == Fraction(7)


def test_a_ratio_is_sum_over_sum_never_a_mean_of_percentages():
    definition = define(Kind.RATIO, scale=100)

    result = aggregate(definition, [said(1, 1, 1), said(2, 0, 99)])

    assert (result.value, result.numerator, result.denominator) == (Fraction(1), 1, 100)


def test_the_unit_of_a_ratios_parts_cancels_out():
    assert aggregate(
        define(Kind.RATIO, scale=100, decimals=2), [said(1, 50, 200)]
    ).value == Fraction(25)


def test_a_denominator_of_zero_gives_no_value_and_counts_as_reported():
    result = aggregate(define(Kind.RATIO, scale=100), [said(1, 0, 0)])

    assert (result.value, result.numerator, result.denominator) == (None, 0, 0)
    assert result.coverage.by_number == Fraction(1)


def test_a_denominator_of_zero_beside_another_adds_nothing():
    assert aggregate(
        define(Kind.RATIO, scale=100), [said(1, 0, 0), said(2, 1, 4)]
    ).value == Fraction(25)


def test_a_numerator_above_its_denominator_is_kept_where_it_is_no_part():
    assert aggregate(define(Kind.RATIO, scale=100), [said(1, 11, 10)]).value == Fraction(110)


def test_a_population_rate_is_per_inhabitants_of_those_who_reported():
    definition = define(Kind.POPULATION_RATE, scale=100_000)

    result = aggregate(definition, [said(1, 3, population=50_000), silent(2, population=10**6)])

    assert (result.value, result.numerator, result.denominator) == (Fraction(6), 3, 50_000)


def test_a_mean_is_total_over_whole_cases():
    result = aggregate(define(Kind.MEAN, decimals=1), [said(1, 125, 2), said(2, 75, 8)])

    assert (result.value, result.numerator, result.denominator) == (Fraction(2), 200, 10)


def test_yes_no_is_the_share_of_yes_among_answers():
    result = aggregate(define(Kind.YES_NO, scale=100), [said(1, 1), said(2, 0), silent(3)])

    assert (result.value, result.numerator, result.denominator) == (Fraction(50), 1, 2)


def test_a_scale_has_distribution_share_at_its_level_and_lower_middle():
    definition = define(Kind.SCALE, scale=100, threshold_level=3)

    result = aggregate(definition, [said(1, 0), said(2, 2), said(3, 3), said(4, 4)])

    assert result.distribution == (1, 0, 1, 1, 1)
    assert (result.value, result.numerator, result.denominator) == (Fraction(50), 2, 4)
    assert result.median == 2


def test_every_answer_is_at_level_zero_or_above():
    definition = define(Kind.SCALE, scale=100, threshold_level=0)

    assert aggregate(definition, [said(1, 0), said(2, 1)]).value == Fraction(100)


@pytest.mark.parametrize(
    ("levels", "median"), [([4], 4), ([0, 4], 0), ([0, 3, 4], 3), ([1, 1, 2, 2], 1)]
)
def test_the_median_is_the_lower_middle_level(levels, median):
    definition = define(Kind.SCALE, threshold_level=3)
    observations = [said(subject, level) for subject, level in enumerate(levels)]

    assert aggregate(definition, observations).median == median


def test_milestones_are_done_over_planned():
    assert aggregate(define(Kind.MILESTONES, scale=100), [said(1, 1, 4), said(2, 2, 2)]).value == 50


def test_a_narrative_is_counted_as_reported_and_never_added():
    result = aggregate(define(Kind.NARRATIVE), [said(1), said(2)])

    assert (result.value, result.numerator, result.coverage.reported) == (None, None, 2)


@pytest.mark.parametrize(
    ("kind", "observation", "part"),
    [
        (Kind.COUNT, said(8), "numerator"),
        (Kind.RATIO, said(8, 1), "denominator"),
        (Kind.MEAN, said(8, 1), "denominator"),
        (Kind.MILESTONES, said(8, 1), "denominator"),
        (Kind.SCALE, said(8), "numerator"),
        (Kind.YES_NO, said(8), "numerator"),
    ],
)
def test_a_reported_figure_without_a_part_is_an_error(kind, observation, part):
    with pytest.raises(ValueError, match=f"^subject 8 reported without its {part}$"):
        aggregate(define(kind, threshold_level=1), [observation])


def test_a_count_without_a_known_population_has_no_place_in_a_rate():
    definition = define(Kind.POPULATION_RATE, scale=100)
    stray = said(8, 1, population=None)
    result = aggregate(definition, [stray, said(1, 1, population=50)])
    assert (result.value, result.coverage.reported, result.coverage.not_available) == (2, 1, 1)
    assert subject_value(definition, stray) is None
    both = aggregate(definition, [stray, said(7, 1, population=None)])
    assert (both.value, both.coverage.not_available) == (None, 2)
    known = Observation(8, REPORTED, 1, revision=5)
    assert carried(definition, [known], {}) == [Observation(8, NOT_AVAILABLE, revision=5)]


@pytest.mark.parametrize("level", [None, -1, 5])
def test_a_scale_needs_a_level_from_0_to_4(level):
    with pytest.raises(ValueError, match=r"^a scale needs a threshold level from 0 to 4$"):
        define(Kind.SCALE, threshold_level=level)


@pytest.mark.parametrize(
    ("definition", "observation", "value"),
    [
        (define(Kind.COUNT, decimals=1), said(1, 15), Fraction("1.5")),
        (define(Kind.RATIO, scale=100), said(1, 1, 3), Fraction(100, 3)),
        (define(Kind.RATIO, scale=100), said(1, 0, 0), None),
        (define(Kind.POPULATION_RATE, scale=1000), said(1, 2, population=500), Fraction(4)),
        (define(Kind.YES_NO, scale=100), said(1, 1), Fraction(1)),
        (define(Kind.SCALE, scale=100, threshold_level=4), said(1, 3), Fraction(3)),
        (define(Kind.NARRATIVE), said(1), None),
        (define(Kind.COUNT), silent(1), None),
        (define(Kind.COUNT), silent(1, NOT_APPLICABLE), None),
    ],
)
def test_a_subjects_own_value(definition, observation, value):
    assert subject_value(definition, observation) == value


def test_the_common_set_is_those_who_reported_both():
    before = [said(1, 10), said(2, 20), silent(3)]
    after = [said(1, 11), silent(2, NOT_AVAILABLE), said(3, 5), said(4, 9)]

    then, now, number = common_set(define(Kind.COUNT), before, after)

    assert (then.value, now.value, number) == (Fraction(10), Fraction(11), 1)


def test_an_empty_common_set_has_no_values():
    then, now, number = common_set(define(Kind.COUNT), [said(1, 1)], [said(2, 1)])

    assert (then.value, now.value, number) == (None, None, 0)


def test_whose_population_is_known_once_only_is_not_in_common():
    rate = define(Kind.POPULATION_RATE)
    before = [said(1, 10, population=100), said(2, 50, population=100)]
    after = [said(1, 20, population=100), said(2, 60, population=None)]

    for one, other in ((before, after), (after, before)):
        then, now, number = common_set(rate, one, other)
        assert (then.denominator, now.denominator, number) == (100, 100, 1)
        assert (then.value, now.value) == common_values(rate, one, other)


def test_predecessors_parts_are_summed_on_todays_perimeter():
    before = [said(1, 1, 2, 300), said(2, 3, 4, 500), said(3, 5, 5)]

    today = carried(define(Kind.RATIO), before, {1: 9, 2: 9})

    assert today == [said(9, 4, 6, 800), said(3, 5, 5)]


def test_predecessors_without_inhabitants_have_a_successor_without():
    before = [said(1, 1, population=None), said(2, 1, population=None)]

    assert carried(define(Kind.COUNT), before, {1: 9, 2: 9}) == [said(9, 2, population=None)]


def test_predecessors_counts_of_a_rate_are_summed_like_their_inhabitants():
    today = carried(define(Kind.POPULATION_RATE), [said(1, 2), said(2, 3)], {1: 9, 2: 9})

    assert today == [Observation(9, REPORTED, 5, None, 2000)]


@pytest.mark.parametrize(("other", "status"), [(MISSING, MISSING), (NOT_AVAILABLE, NOT_AVAILABLE)])
def test_a_successor_has_no_past_figure_where_a_predecessor_gave_none(other, status):
    today = carried(define(Kind.COUNT), [said(1, 4), silent(2, other)], {1: 9, 2: 9})

    assert today == [Observation(9, status, population=2000)]


def test_a_predecessor_to_whom_it_did_not_apply_adds_nothing():
    today = carried(define(Kind.COUNT), [said(1, 4), silent(2, NOT_APPLICABLE)], {1: 9, 2: 9})

    assert today == [said(9, 4)]


@pytest.mark.parametrize("kind", [Kind.SCALE, Kind.YES_NO])
def test_levels_and_answers_of_predecessors_do_not_add_up(kind):
    today = carried(define(kind, threshold_level=1), [said(1, 1), said(2, 1)], {1: 9, 2: 9})

    assert today == [Observation(9, NOT_AVAILABLE, population=2000)]


@pytest.mark.parametrize("kind", [Kind.SCALE, Kind.YES_NO, Kind.NARRATIVE])
@pytest.mark.parametrize("status", [REPORTED, NOT_APPLICABLE, MISSING])
def test_one_predecessor_asked_alone_gives_its_level_answer_or_text_to_nobody(kind, status):
    former = Observation(1, status, 1 if status == REPORTED else None, None, 700, revision=5)

    (today,) = carried(define(kind, threshold_level=1), [former], {1: 9, 2: 9})

    shown = NOT_AVAILABLE if status == REPORTED else status
    assert today == Observation(9, shown, population=700)


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.RATIO, Kind.MILESTONES])
def test_one_predecessor_asked_alone_gives_its_parts_and_its_revision(kind):
    former = Observation(1, REPORTED, 3, 4, 700, revision=5)

    assert carried(define(kind), [former], {1: 9, 2: 9}) == [
        Observation(9, REPORTED, 3, 4, 700, revision=5)
    ]


@pytest.mark.parametrize("kind", [Kind.SCALE, Kind.COUNT])
def test_a_unit_that_stays_the_same_subject_keeps_its_own(kind):
    own = Observation(9, REPORTED, 3, None, 700, revision=5)

    # A zone that takes in another goes on; so does one that only changes its name.
    assert carried(define(kind, threshold_level=1), [own], {1: 9}) == [own]


def test_a_zone_that_took_in_another_has_no_level_from_before():
    definition = define(Kind.SCALE, threshold_level=1)

    assert carried(definition, [said(9, 3), said(1, 3)], {1: 9}) == [
        Observation(9, NOT_AVAILABLE, population=2000)
    ]


TWICE = [said(1, 2, 4), said(2, 1, 4), said(1, 8, 9)]


@pytest.mark.parametrize(
    "calculate",
    [
        lambda definition, given: aggregate(definition, given),
        lambda definition, given: aggregate(definition, [said(3, 1, 1), *given]),
        lambda definition, given: window(definition, [given] * 4),
        lambda definition, given: window(definition, [[said(1, 1, 1)]] * 2 + [given, given[:1]]),
        lambda definition, given: common_set(definition, given, []),
        lambda definition, given: common_set(definition, [], given),
        lambda definition, given: common_values(definition, given, []),
        lambda definition, given: common_values(definition, [], given),
        lambda definition, given: carried(definition, given, {}),
        lambda definition, given: carried(definition, given, {1: 9}),
        lambda definition, given: coverage_of(definition, given),
    ],
)
@pytest.mark.parametrize("again", [said(1, 8, 9), said(1, 2, 4), silent(1), TWICE[0]])
def test_a_subject_given_twice_is_refused_by_name(calculate, again):
    with pytest.raises(Duplicate, match="subject 1 is given twice in one period") as error:
        calculate(define(Kind.RATIO), [*TWICE[:2], again])

    assert error.value.subject == 1


@pytest.mark.parametrize(
    ("kind", "answer"), [(Kind.SCALE, 5), (Kind.SCALE, -1), (Kind.YES_NO, 2), (Kind.YES_NO, -1)]
)
def test_a_level_or_an_answer_that_does_not_exist_is_refused(kind, answer):
    definition = define(kind, threshold_level=1)
    text = f"subject 1 reported {answer}, which is no {kind}"

    with pytest.raises(ValueError, match=text):
        aggregate(definition, [said(2, 1), said(1, answer)])
    with pytest.raises(ValueError, match=text):
        subject_value(definition, said(1, answer))
