"""How much the checks find of a seeded set of errors, and how often they cry at honest oddities.

Floors and ceilings per class; `python -m bench.checks` prints the table. A change of a threshold
that finds less or cries more fails here.
"""

import pytest

from bench.plausibility import CLASSES, cases_of, checks, measure
from submissions.enums import CheckKind

#: Errors: the least share found, and the check that names the mistake (None: any).
FLOORS = {
    "ten times": (0.99, CheckKind.FACTOR),
    "a hundred times": (0.99, CheckKind.FACTOR),
    "a thousand times": (0.99, CheckKind.FACTOR),
    "a tenth": (0.90, CheckKind.FACTOR),
    "ten times, in few cases": (0.85, None),
    "both parts ten times": (0.99, CheckKind.FACTOR),
    "denominator ten times": (0.90, CheckKind.FACTOR),
    "wrong sign in a breakdown": (1, CheckKind.BREAKDOWN),
    "parts of a quotient swapped": (0.99, None),
    "two digits transposed": (0.40, None),
    # A plausible figure of the wrong year cannot be told from a true one.
    "last year's figure pasted": (0, None),
    "more positive tests than tests": (1, CheckKind.CROSS),
    "out of bounds": (1, CheckKind.BOUNDS),
}
#: Honest figures: the largest share that is asked for a comment.
CEILINGS = {
    "ordinary quarter": 0.02,
    "breakdown that adds up": 0.05,
    "tiny counts": 0.04,
    "seasons of three to one": 0.10,
    "new register, a third more": 0.55,
    "two quarters of past only": 0.01,
    "quarter of zero in few cases": 0.20,
    # These should be asked about: their comment is the story that a reader needs.
    "doubling after a merger": 1,
    "strike, two fifths of the usual": 1,
}


@pytest.fixture(scope="module")
def results():
    return {each.name: each for each in measure()}


def test_every_class_has_its_limit():
    assert {each.name for each in CLASSES if each.is_error} == set(FLOORS)
    assert {each.name for each in CLASSES if not each.is_error} == set(CEILINGS)


@pytest.mark.parametrize("name", FLOORS)
def test_errors_are_found(results, name):
    least, kind = FLOORS[name]
    result = results[name]
    found = result.found if kind is None else result.kinds[kind]
    assert found >= least * result.cases, (found, result.cases)


@pytest.mark.parametrize("name", CEILINGS)
def test_honest_figures_are_left_alone(results, name):
    result = results[name]
    assert result.found <= CEILINGS[name] * result.cases, (result.found, result.cases)


def test_a_whole_merger_and_a_strike_are_asked_about(results):
    for name in ("doubling after a merger", "strike, two fifths of the usual"):
        assert results[name].share >= 0.9


def test_the_set_is_the_same_each_time():
    for kind in CLASSES[:3]:
        assert list(cases_of(kind)) == list(cases_of(kind))
    first = next(cases_of(CLASSES[0]))
    assert (first.past[0], first.now) == ([(14, None)], [(110, None)])


def test_without_a_check_its_errors_pass(results):
    """The set tells the checks apart: without the one for mistakes of unit, few are named."""
    kept = [each for each in checks() if each.kind not in (CheckKind.FACTOR, CheckKind.CROSS)]
    without = {each.name: each for each in measure(kept)}
    assert without["both parts ten times"].share < 0.2
    assert without["more positive tests than tests"].share < 0.2
