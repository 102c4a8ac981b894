"""`verify_results` on when a target was first reached, of closed periods."""

import datetime as dt
from fractions import Fraction

import pytest

from indicators.enums import Kind, Temporal
from indicators.models import TargetPath
from plans.enums import Authority
from plans.models import Amendment, Plan
from progress import inputs
from progress.models import FrozenBasis, FrozenResult, Result
from progress.services import recompute_all
from progress.verification import differences
from tests.factories import make_indicator, make_path, make_plan, make_zone

from .figures import amend, cell_of, close, given, lock, say, unlock

pytestmark = pytest.mark.django_db
#: The first is more than a year before the last, which is closed.
QUARTERS = ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3")
FIRST, *_BETWEEN, LAST = QUARTERS


@pytest.fixture
def zone(nation):
    return make_zone()


@pytest.fixture
def won(nation, zone):
    """85 of a target of 80 in the first quarter, then never again; ``lost`` was always at 50."""
    made = {}
    for code, first in (("lost", 50), ("won", 85)):
        made[code] = make_indicator(code, kind=Kind.RATIO, temporal=Temporal.STOCK, options=["a"])
        make_path(made[code], nation)
        for quarter in QUARTERS:
            said = (first if quarter == FIRST else 50, 100)
            given(quarter, made[code], {zone: said})
            given(quarter, made[code], {zone: said}, option="a")
    lock()
    recompute_all()
    return made["won"]


def told():
    return [str(each) for each in differences()]


def frozen(code="won", option="", area="belgium"):
    return FrozenResult.objects.filter(
        indicator__code=code, option=option, area__code=area, period__code=LAST
    )


def alter(reached, **narrowed):
    unlock(FrozenResult)
    assert frozen(**narrowed).update(reached=reached) == 1


def test_a_quarter_more_than_a_year_ago_is_found_again(secretariat, won):
    close(secretariat, LAST)
    assert frozen().get().reached == FIRST
    assert frozen("lost").get().reached == ""
    assert told() == []


@pytest.mark.parametrize("reached", ["2026-Q2", LAST, ""])
def test_another_quarter_than_the_first_is_named(secretariat, won, reached):
    close(secretariat, LAST)
    alter(reached)
    (line,) = told()
    assert line.startswith(f"won {LAST} Belgium frozen ")
    assert line.endswith(f" reached: stored {reached or 'nothing'}, recomputed {FIRST}")


@pytest.mark.parametrize(
    ("code", "option", "area", "named"),
    [
        ("lost", "", "belgium", "Belgium"),
        ("won", "a", "belgium", "Belgium a"),
        # Without a path of its own.
        ("won", "", "wallonie", "Wallonie"),
    ],
)
def test_a_quarter_in_which_no_target_was_reached_is_named(
    secretariat, won, code, option, area, named
):
    close(secretariat, LAST)
    alter(FIRST, code=code, option=option, area=area)
    (line,) = told()
    assert line.startswith(f"{code} {LAST} {named} frozen ")
    assert line.endswith(f" reached: stored {FIRST}, recomputed nothing")


def test_a_quarter_is_judged_by_its_own_path(secretariat, won, nation):
    """Amended, the path asks for 40: from then on the target is reached; before, only once."""
    act = Amendment.objects.create(
        plan=Plan.objects.first() or make_plan(),
        authority=Authority.STEERING_GROUP,
        reason="Why",
        effective_on=dt.date(2027, 1, 1),
    )
    TargetPath.objects.filter(indicator=won.indicator).update(target=Fraction(90))
    make_path(won, nation, target=Fraction(45), valid_from=act.effective_on, amendment=act)
    recompute_all()
    close(secretariat, LAST)
    assert frozen().get().reached == "2027-Q1"
    assert told() == []
    alter(FIRST)
    assert told()[0].endswith(f" reached: stored {FIRST}, recomputed 2027-Q1")


def test_a_quarter_is_judged_by_its_own_definition(secretariat, nation, zone):
    version = make_indicator("won", kind=Kind.RATIO, temporal=Temporal.STOCK)
    make_path(version, nation)
    given(FIRST, version, {zone: (85, 100)})
    later = amend(version, scale=1)
    for code in ("2026-Q3", LAST):
        given(code, later, {zone: (85, 100)})
    lock()
    recompute_all()
    close(secretariat, LAST)
    assert frozen().get().reached == FIRST
    assert told() == []


def test_what_counted_when_it_was_closed_is_what_counts(secretariat, won, zone):
    """The first quarter was closed as reached and corrected before the last was closed."""
    close(secretariat, FIRST)
    say(cell_of(won, zone, FIRST), (50, 100))
    recompute_all()
    close(secretariat, LAST)
    assert frozen().get().reached == ""
    assert (
        FrozenResult.objects.get(
            indicator=won.indicator, period__code=FIRST, area__code="belgium", option=""
        ).reached
        == FIRST
    )
    assert told() == []
    say(cell_of(won, zone, FIRST), (85, 100))
    recompute_all()
    assert (
        Result.objects.get(
            indicator=won.indicator, period__code=LAST, area__code="belgium", option=""
        ).reached
        == FIRST
    )
    assert told() == []


def test_a_closing_that_kept_a_year_is_taken_as_recorded(secretariat, won):
    """As the first closings did: an earlier quarter cannot be read again, a later one is wrong."""
    close(secretariat, LAST)
    unlock(FrozenBasis)
    for basis in FrozenBasis.objects.all():
        year = [{name: each[name] for name in ("period", "sheet")} for each in basis.inputs[-5:]]
        FrozenBasis.objects.filter(pk=basis.pk).update(inputs=year)
    assert told() == []
    alter("2027-Q4")
    (line,) = told()
    assert line.endswith(" reached: stored 2027-Q4, recomputed nothing")
    frozen().update(reached="2026-Q2")
    assert told() == []


def test_an_explanation_reads_a_year_only(secretariat, won, monkeypatch):
    close(secretariat, LAST)
    assert len(FrozenBasis.objects.get(indicator=won.indicator, option="").inputs) == 7
    read, whole = [], inputs.of_sheets

    def counted(version, sheets, known):
        read.extend(each.period.code for each in sheets)
        return whole(version, sheets, known)

    monkeypatch.setattr(inputs, "of_sheets", counted)
    outcome = frozen().select_related("area", "period", "basis", "closing").get()
    assert inputs.inputs_of(outcome).now.period.code == LAST
    assert read == [*QUARTERS[2:]]
