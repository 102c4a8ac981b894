"""METHOD.md 7: headlines and counts."""

import pytest

from indicators.calculation.headlines import Summary, counts, counts_by, headline
from indicators.enums import Headline, Status

UNJUDGED = (
    Status.MONITORING,
    Status.NO_TARGET,
    Status.NO_BASELINE,
    Status.NOT_APPLICABLE,
    Status.INSUFFICIENT_COVERAGE,
    Status.NO_DATA,
    Status.NOT_MEASURABLE,
)
WEAKEST_FIRST = (
    Status.MOVING_AWAY,
    Status.OFF_TRACK,
    Status.AT_RISK,
    Status.ON_TRACK,
    Status.ACHIEVED,
)


@pytest.mark.parametrize("position", range(5))
def test_the_headline_is_the_weakest_of_the_judged(position):
    rest = WEAKEST_FIRST[position:]

    assert headline(rest[::-1]) == Summary(Headline(rest[0].value), len(rest), len(rest))


@pytest.mark.parametrize("status", UNJUDGED)
def test_what_is_not_judged_does_not_weaken_a_headline(status):
    assert headline([status, Status.ON_TRACK]) == Summary(Headline.ON_TRACK, 1, 2)


def test_half_judged_is_enough_and_fewer_is_undetermined():
    judged, unjudged = Status.ACHIEVED, Status.NO_DATA

    assert headline([judged, judged, unjudged]) == Summary(Headline.ACHIEVED, 2, 3)
    assert headline([judged, unjudged]) == Summary(Headline.ACHIEVED, 1, 2)
    assert headline([judged, unjudged, unjudged]) == Summary(Headline.UNDETERMINED, 1, 3)


@pytest.mark.parametrize("statuses", [[], list(UNJUDGED)])
def test_none_judged_is_undetermined(statuses):
    assert headline(statuses) == Summary(Headline.UNDETERMINED, 0, len(statuses))


def test_every_status_is_counted_zeros_included():
    number = counts([Status.NO_DATA, Status.ACHIEVED, Status.NO_DATA])

    assert list(number) == list(Status)
    assert (number[Status.NO_DATA], number[Status.ACHIEVED], number[Status.AT_RISK]) == (2, 1, 0)
    assert sum(number.values()) == 3


def test_counts_of_each_group_with_what_is_not_judged():
    rows = [
        ("theme 2", Status.NO_DATA),
        ("theme 1", Status.AT_RISK),
        ("theme 2", Status.AT_RISK),
        ("theme 2", Status.NO_DATA),
    ]

    found = counts_by(rows)

    assert list(found) == ["theme 2", "theme 1"]
    assert found == {
        "theme 2": dict.fromkeys(Status, 0) | {Status.NO_DATA: 2, Status.AT_RISK: 1},
        "theme 1": dict.fromkeys(Status, 0) | {Status.AT_RISK: 1},
    }
    assert counts_by([]) == {}


def test_an_indicator_of_several_groups_counts_in_each():
    found = counts_by((dimension, Status.ON_TRACK) for dimension in (1, 4))

    assert [found[dimension][Status.ON_TRACK] for dimension in (1, 4)] == [1, 1]
