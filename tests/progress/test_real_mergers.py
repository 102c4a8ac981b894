"""The mergers that Belgium has known, each through a year of figures (METHOD.md 3 and 9)."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

import pytest
from django.conf import settings

from indicators.enums import Kind, Status, Temporal, Trend
from indicators.models import IndicatorVersion
from indicators.periods import previous
from organisations.models import Unit, UnitSuccession
from progress.models import Result
from progress.services import recompute_all
from progress.verification import differences
from tests.factories import make_dca, make_indicator, make_zone

from .figures import ND, given

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Merger:
    successor: str
    day: dt.date
    predecessors: tuple[str, ...]

    @property
    def quarters(self) -> list[str]:
        """Five, oldest first; the last is the first whose round expects the successor."""
        code = f"{self.day.year}-Q{(self.day.month + 2) // 3}"
        return [*reversed(previous(code, 4)), code]


def recorded() -> list[Merger]:
    predecessors: dict[tuple[str, str], list[str]] = defaultdict(list)
    path = settings.BASE_DIR / "organisations" / "data" / "mergers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["effective_on"]:
                predecessors[row["successor"], row["effective_on"]].append(row["predecessor"])
    return [
        Merger(successor, dt.date.fromisoformat(day), tuple(slugs))
        for (successor, day), slugs in predecessors.items()
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """Zones that merge in Namur, and one in Liège that has nothing to do with it."""

    merger: Merger
    parts: list[Unit]
    whole: Unit
    neighbour: Unit

    @property
    def asked(self) -> list[list[Unit]]:
        """Who is asked, quarter by quarter."""
        before = [*self.parts, self.neighbour]
        return [before, before, before, before, [self.whole, self.neighbour]]


@pytest.fixture(params=recorded(), ids=lambda merger: merger.successor)
def line(request, nation) -> Line:
    merger = request.param
    made = [make_zone(slug, population=40_000, valid_to=merger.day) for slug in merger.predecessors]
    whole = make_zone(merger.successor, population=40_000 * len(made), valid_from=merger.day)
    for one in made:
        UnitSuccession.objects.create(
            predecessor=one,
            predecessor_label=one.name,
            successor=whole,
            effective_on=merger.day,
        )
    neighbour = make_zone("neighbour", dca=make_dca("dca-liege"), population=100_000)
    return Line(merger, made, whole, neighbour)


def parts_of(place: int, quarter: int) -> tuple[int, int]:
    """Numerator and denominator of the zone at ``place`` (the neighbour is 9) in a quarter."""
    return 10 * (place + 1) + quarter, 100 * (place + 1)


def tell(
    line: Line, version: IndicatorVersion, *, quotient: bool, silent: Unit | None = None
) -> list[dict[Unit, tuple]]:
    """Every zone says its part each quarter; the successor, in the last, twice its parts'.

    ``silent`` cannot answer in the quarter before the merger.
    """
    told = []
    for quarter, (code, asked) in enumerate(zip(line.merger.quarters, line.asked, strict=True)):
        said = {}
        for place, unit in enumerate(asked):
            if unit == line.neighbour:
                said[unit] = parts_of(9, quarter)
            elif unit == line.whole:
                each = [parts_of(place, quarter) for place in range(len(line.parts))]
                said[unit] = (2 * sum(n for n, _d in each), sum(d for _n, d in each))
            else:
                said[unit] = parts_of(place, quarter)
        whole = said if quotient else {unit: above for unit, (above, _below) in said.items()}
        if quarter == 3 and silent is not None:
            whole[silent] = ND
        given(code, version, whole)
        told.append(said)
    return told


def added(said: dict[Unit, tuple], units: list[Unit]) -> tuple[int, int]:
    return sum(said[unit][0] for unit in units), sum(said[unit][1] for unit in units)


def last(line: Line, version: IndicatorVersion, area: str = "belgium") -> Result:
    return Result.objects.get(
        indicator=version.indicator, period__code=line.merger.quarters[-1], area__code=area
    )


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.RATIO, Kind.MEAN])
def test_the_rolling_year_and_the_change_carry_the_predecessors_parts(line, kind):
    version = make_indicator(kind=kind, temporal=Temporal.FLOW, is_part=False)
    told = tell(line, version, quotient=kind != Kind.COUNT)
    recompute_all()
    for area in ("belgium", "arrondissement-dca-namur"):
        neighbours = [line.neighbour] if area == "belgium" else []
        sums = [added(said, [*line.parts, *neighbours]) for said in told[1:4]]
        now = added(told[4], [line.whole, *neighbours])
        numerator, denominator = (sum(each) for each in zip(*sums, now, strict=True))
        found = last(line, version, area)
        scale = version.scale if kind == Kind.RATIO else 1
        year = (
            Fraction(numerator) if kind == Kind.COUNT else Fraction(scale * numerator, denominator)
        )
        assert (found.judged_value, found.window_periods) == (year, 4)
        assert found.numerator == now[0]
        # The successor's people are those of its parts: nobody is missing from the year.
        asked = 2 if area == "belgium" else 1
        assert (found.expected, found.judged_reported) == (asked, asked)
        assert (found.status, found.trend) == (Status.NO_TARGET, Trend.IMPROVING)
    assert list(differences()) == []


def test_a_predecessor_that_did_not_answer_leaves_the_successor_out_of_the_year(line):
    version = make_indicator(temporal=Temporal.FLOW)
    tell(line, version, quotient=False, silent=line.parts[-1])
    recompute_all()
    found = last(line, version)
    assert (found.reported, found.judged_reported, found.expected) == (2, 1, 2)
    assert (found.judged_value, found.status) == (410, Status.INSUFFICIENT_COVERAGE)
    assert list(differences()) == []


@pytest.mark.parametrize("kind", [Kind.SCALE, Kind.YES_NO])
def test_levels_and_answers_of_predecessors_are_not_the_successors_past(line, kind):
    """One of the predecessors was asked, at that: its level is not that of the whole."""
    version = make_indicator(kind=kind, temporal=Temporal.STOCK)
    *before, now = line.merger.quarters
    for code in before:
        given(code, version, {line.parts[0]: 1, line.neighbour: 1})
    given(now, version, {line.whole: 1, line.neighbour: 1})
    recompute_all()
    here = last(line, version, "arrondissement-dca-namur")
    assert (here.reported, here.status, here.trend) == (1, Status.NO_TARGET, Trend.TOO_FEW_POINTS)
    assert list(differences()) == []


def test_every_dated_merger_of_the_reference_data_is_here():
    assert sum(len(merger.predecessors) for merger in recorded()) == 24
