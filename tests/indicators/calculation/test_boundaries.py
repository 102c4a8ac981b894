"""METHOD.md 5 as one table: every row, every threshold, both sides, every direction.

`python tests/indicators/calculation/test_boundaries.py` prints it.

The path goes from b = 100 to T = 300 and asks for p = 200 midway (mirrored: from -100 to -300), or
as the line says. Delta is 1 % of max(|b|, |T - b|) = 2. The band is 90 to 110. E is as little as
one likes: a hundredth is beyond a threshold, on whichever side.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from indicators.calculation.judging import judge
from indicators.calculation.paths import PLAN_END, Path
from indicators.calculation.values import Coverage, Definition
from indicators.enums import Direction, Frequency, Kind, Status, Temporal, Trend

UP, DOWN = Direction.INCREASE, Direction.DECREASE
MAINTAIN, MONITOR = Direction.MAINTAIN, Direction.MONITOR
JUDGED = (UP, DOWN)
EVERY = tuple(Direction)

EVE, MIDWAY = date(2025, 12, 31), date(2027, 12, 31)
E = Fraction(1, 100)
FULL = Coverage(10, 0, 10)
SHORT_OF_ONE = Coverage(10, 0, 9, 0, 1)


@dataclass(frozen=True)
class Line:
    """What is given, in which directions, and the status it must have."""

    row: int
    what: str
    directions: tuple[Direction, ...]
    value: Fraction | int | None
    status: Status
    kind: Kind = Kind.RATIO
    coverage: Coverage = FULL
    asked: str = "path"
    facts: dict[str, Any] = field(default_factory=dict)
    trend: Trend | None = None

    @property
    def cases(self):
        return [(self, direction) for direction in self.directions]


def paths(direction):
    """The paths that a line may name, for an increase; a decrease has them mirrored."""
    b, target = Fraction(100), Fraction(300)
    band = {"band_low": Fraction(90), "band_high": Fraction(110)}
    whole = Path(direction, b, EVE, target=target, **band)
    return {
        "path": whole,
        "band only": Path(direction, **band),
        "no target": Path(direction, b, EVE),
        "no baseline": replace(whole, baseline=None, baseline_end=None),
        "p = b + delta": replace(whole, points=((MIDWAY, Fraction(102)),)),
        "p = b + delta + E": replace(whole, points=((MIDWAY, 102 + E),)),
        "p = b": replace(whole, points=((MIDWAY, b),)),
        "p = T": replace(whole, points=((MIDWAY, target),)),
        "b = T": replace(whole, target=b),
        "b = T = 0": replace(whole, baseline=Fraction(0), target=Fraction(0)),
        "b = 0": replace(whole, baseline=Fraction(0), target=Fraction(200)),
        "T = 0": replace(whole, baseline=Fraction(-200), target=Fraction(0)),
        "none": None,
    }


A = Status
LAST = {"period_end": PLAN_END}
BEFORE_LAST = {"period_end": date(2029, 9, 30)}
NO_DELTA = {"materiality": Fraction(0)}
REACHES_BACK = {"window_starts": date(2025, 12, 31)}
COMPLETE_YEAR = {"window_starts": date(2026, 1, 1)}


def against_last_year(now):
    return {"a_year_earlier": (Fraction(100), now)}


TABLE = [
    # 1: narrative only, whatever else.
    Line(1, "narrative", (UP, DOWN, MAINTAIN, MONITOR), None, A.NOT_MEASURABLE, Kind.NARRATIVE),
    Line(1, "before row 2", EVERY, None, A.NOT_MEASURABLE, Kind.NARRATIVE, Coverage(3, 3)),
    # 2: all expected subjects are not applicable.
    Line(2, "all not applicable", EVERY, None, A.NOT_APPLICABLE, coverage=Coverage(3, 3)),
    Line(2, "all but one", EVERY, None, A.NO_DATA, coverage=Coverage(3, 2, 0, 0, 1)),
    # 3: no value.
    Line(3, "nobody reported", EVERY, None, A.NO_DATA, coverage=Coverage(3, 0, 0, 0, 3)),
    Line(3, "nobody expected", EVERY, None, A.NO_DATA, coverage=Coverage()),
    Line(3, "a denominator of zero", EVERY, None, A.NO_DATA),
    Line(3, "no path either", EVERY, None, A.NO_DATA, asked="none"),
    # 4: insufficient coverage, by number or by population.
    Line(4, "79 of 100", EVERY, 205, A.INSUFFICIENT_COVERAGE, coverage=Coverage(100, 0, 79, 21)),
    Line(4, "80 of 100", JUDGED, 205, A.ON_TRACK, coverage=Coverage(100, 0, 80, 20)),
    Line(4, "80 of 100", (MAINTAIN,), 100, A.ON_TRACK, coverage=Coverage(100, 0, 80, 20)),
    Line(4, "80 of 100", (MONITOR,), 205, A.MONITORING, coverage=Coverage(100, 0, 80, 20)),
    Line(
        4, "79.9 % of the population", EVERY, 205, A.INSUFFICIENT_COVERAGE,
        coverage=Coverage(100, 0, 99, 1, 0, 1000, 799),
    ),
    Line(
        4, "80 % of the population", JUDGED, 205, A.ON_TRACK,
        coverage=Coverage(100, 0, 99, 1, 0, 1000, 800),
    ),
    Line(4, "a sum of 10 of 10", (UP,), 205, A.ON_TRACK, Kind.COUNT),
    Line(4, "a sum of 9 of 10", (UP,), 205, A.ON_TRACK, Kind.COUNT, SHORT_OF_ONE),
    Line(4, "a sum of 10 of 10", (DOWN,), 205, A.ON_TRACK, Kind.COUNT),
    Line(4, "a sum of 9 of 10", (DOWN,), 205, A.INSUFFICIENT_COVERAGE, Kind.COUNT, SHORT_OF_ONE),
    Line(
        4, "a sum of 9 of 10", (MAINTAIN,), 100, A.INSUFFICIENT_COVERAGE, Kind.AMOUNT, SHORT_OF_ONE,
    ),
    Line(4, "a sum of 9 of 10", (MONITOR,), 205, A.MONITORING, Kind.COUNT, SHORT_OF_ONE),
    Line(
        4, "9 of 10 with 90 % of the baseline", JUDGED, 180, A.ON_TRACK, Kind.COUNT, SHORT_OF_ONE,
        facts={"baseline_share": Fraction(9, 10)},
    ),
    Line(
        4, "9 of 10, R - E of their share", JUDGED, 180 - Fraction(9, 2) - E, A.AT_RISK, Kind.COUNT,
        SHORT_OF_ONE, facts={"baseline_share": Fraction(9, 10)},
    ),
    # 5: monitor judges nothing, whatever is asked.
    *(
        Line(5, f"{value} with {asked}", (MONITOR,), value, A.MONITORING, asked=asked)
        for value in (0, 100, 300)
        for asked in ("path", "no target", "no baseline", "band only", "none")
    ),
    # 6: maintain, limits included.
    Line(6, "low limit", (MAINTAIN,), 90, A.ON_TRACK),
    Line(6, "low limit - E", (MAINTAIN,), 90 - E, A.OFF_TRACK),
    Line(6, "high limit", (MAINTAIN,), 110, A.ON_TRACK, asked="band only"),
    Line(6, "high limit + E", (MAINTAIN,), 110 + E, A.OFF_TRACK, asked="band only"),
    Line(6, "low limit at the end", (MAINTAIN,), 90, A.ACHIEVED, facts=LAST),
    Line(6, "high limit at the end", (MAINTAIN,), 110, A.ACHIEVED, facts=LAST),
    Line(6, "low limit - E at the end", (MAINTAIN,), 90 - E, A.OFF_TRACK, facts=LAST),
    Line(6, "high limit + E at the end", (MAINTAIN,), 110 + E, A.OFF_TRACK, facts=LAST),
    Line(6, "a quarter before the end", (MAINTAIN,), 110, A.ON_TRACK, facts=BEFORE_LAST),
    # 7: no T, against a year earlier (100) on the common set, beyond delta (1).
    *(
        Line(
            7, what, (direction,), 50, A.NO_TARGET, asked=asked,
            facts=against_last_year(now), trend=trend,
        )
        for direction, better, worse in (
            (UP, Trend.IMPROVING, Trend.WORSENING),
            (DOWN, Trend.WORSENING, Trend.IMPROVING),
            # Neither is better: the change is shown, not judged.
            (MAINTAIN, None, None),
        )
        for what, now, trend in (
            ("a year earlier + delta", Fraction(101), Trend.STABLE),
            ("a year earlier + delta + E", 101 + E, better),
            ("a year earlier - delta", Fraction(99), Trend.STABLE),
            ("a year earlier - delta - E", 99 - E, worse),
        )
        for asked in (("none",) if direction == MAINTAIN else ("no target", "none"))
    ),
    Line(
        7, "nothing a year earlier", (UP, DOWN, MAINTAIN), 50, A.NO_TARGET, asked="none",
        trend=Trend.TOO_FEW_POINTS,
    ),
    # 8: T but no b.
    Line(8, "T", JUDGED, 300, A.ACHIEVED, asked="no baseline"),
    Line(8, "T - E", JUDGED, 300 - E, A.NO_BASELINE, asked="no baseline"),
    Line(
        8, "T, window before the plan", JUDGED, 300, A.NO_BASELINE, asked="no baseline",
        facts=REACHES_BACK,
    ),
    Line(
        8, "T, window from its first day", JUDGED, 300, A.ACHIEVED, asked="no baseline",
        facts=COMPLETE_YEAR,
    ),
    # 9: at or past both T and p.
    Line(9, "T", JUDGED, 300, A.ACHIEVED),
    Line(9, "T - E", JUDGED, 300 - E, A.ON_TRACK),
    Line(9, "T at the end", JUDGED, 300, A.ACHIEVED, facts=LAST),
    Line(9, "T - E at the end", JUDGED, 300 - E, A.ON_TRACK, facts=LAST),
    Line(9, "T where p = T", JUDGED, 300, A.ACHIEVED, asked="p = T"),
    Line(9, "T - E where p = T", JUDGED, 300 - E, A.ON_TRACK, asked="p = T"),
    Line(9, "T, window before the plan", JUDGED, 300, A.ON_TRACK, facts=REACHES_BACK),
    Line(9, "T, window from its first day", JUDGED, 300, A.ACHIEVED, facts=COMPLETE_YEAR),
    Line(9, "T where p = b + delta", JUDGED, 300, A.ACHIEVED, asked="p = b + delta"),
    Line(9, "b = T", JUDGED, 100, A.ACHIEVED, asked="b = T"),
    Line(9, "b = T = 0", JUDGED, 0, A.ACHIEVED, asked="b = T = 0"),
    Line(9, "T = 0", JUDGED, 0, A.ACHIEVED, asked="T = 0"),
    # 10: at or past p, or R from 0.95; where |p - b| <= delta no worse than b by more than delta.
    Line(10, "p", JUDGED, 200, A.ON_TRACK),
    Line(10, "p - E", JUDGED, 200 - E, A.ON_TRACK),
    Line(10, "R = 0.95", JUDGED, 195, A.ON_TRACK),
    Line(10, "R = 0.95 with b = 0", JUDGED, 95, A.ON_TRACK, asked="b = 0"),
    Line(10, "R = 0.95 with T = 0", JUDGED, -105, A.ON_TRACK, asked="T = 0"),
    *(
        Line(10, f"b - delta where {asked}", JUDGED, 98, A.ON_TRACK, asked=asked)
        for asked in ("p = b + delta", "p = b")
    ),
    Line(10, "b - delta where b = T", JUDGED, 99, A.ON_TRACK, asked="b = T"),
    Line(10, "R = 0 where p = b + delta", JUDGED, 100, A.ON_TRACK, asked="p = b + delta"),
    # 11: R from 0.60.
    Line(11, "R = 0.95 - E", JUDGED, 195 - E, A.AT_RISK),
    Line(11, "R = 0.60", JUDGED, 160, A.AT_RISK),
    Line(11, "R = 0.95 - E with b = 0", JUDGED, 95 - E, A.AT_RISK, asked="b = 0"),
    Line(11, "R = 0.60 at the end", JUDGED, 220, A.AT_RISK, facts=LAST),
    Line(
        11, "R >= 0.60 within delta", JUDGED, 100 + (2 + E) * Fraction(3, 5), A.AT_RISK,
        asked="p = b + delta + E",
    ),
    # 12: R from 0, or no more than delta from b.
    Line(12, "R = 0.60 - E", JUDGED, 160 - E, A.OFF_TRACK),
    Line(12, "R = 0", JUDGED, 100, A.OFF_TRACK),
    Line(12, "R = 0 without delta", JUDGED, 0, A.OFF_TRACK, asked="b = 0", facts=NO_DELTA),
    Line(12, "b - delta", JUDGED, 98, A.OFF_TRACK),
    Line(
        12, "b - delta where p = b + delta + E", JUDGED, 98, A.OFF_TRACK, asked="p = b + delta + E",
    ),
    # 13: otherwise.
    Line(13, "b - delta - E", JUDGED, 98 - E, A.MOVING_AWAY),
    Line(13, "b - E without delta", JUDGED, -E, A.MOVING_AWAY, asked="b = 0", facts=NO_DELTA),
    Line(13, "b - delta - E where p = b", JUDGED, 98 - E, A.MOVING_AWAY, asked="p = b"),
    Line(
        13, "b - delta - E where p = b + delta", JUDGED, 98 - E, A.MOVING_AWAY,
        asked="p = b + delta",
    ),
    Line(13, "b - delta - E where b = T", JUDGED, 99 - E, A.MOVING_AWAY, asked="b = T"),
    Line(13, "b - E where b = T = 0", JUDGED, -E, A.MOVING_AWAY, asked="b = T = 0"),
    Line(13, "b - delta - E at the end", JUDGED, 98 - E, A.MOVING_AWAY, facts=LAST),
]  # fmt: skip


def judged(line, direction):
    """A decrease is the increase upside down: its path, its value and nothing else."""
    facts = {"period_end": MIDWAY, "window_starts": date(2027, 1, 1)} | line.facts
    definition = Definition(
        line.kind,
        direction,
        Temporal.FLOW,
        Frequency.QUARTER,
        materiality=facts.pop("materiality", None),
    )
    sign = -1 if direction == DOWN and line.row not in (1, 2, 3, 5, 7) else 1
    asked = paths(direction)[line.asked]
    value = None if line.value is None else Fraction(line.value) * sign
    return judge(
        definition,
        value=value,
        coverage=line.coverage,
        path=asked and asked.scaled(Fraction(sign)),
        **facts,
    )


CASES = [case for line in TABLE for case in line.cases]


@pytest.mark.parametrize(
    ("line", "direction"),
    CASES,
    ids=[f"{line.row}-{direction}-{line.what}-{line.asked}" for line, direction in CASES],
)
def test_the_method_line_by_line(line, direction):
    result = judged(line, direction)

    assert (result.status, result.trend) == (line.status, line.trend)


def test_every_row_stands_in_every_direction_that_has_it():
    """A row of the method without its lines would be a hole in the table."""
    wanted = {
        **{row: set(EVERY) for row in (1, 2, 3, 4)},
        5: {MONITOR},
        6: {MAINTAIN},
        7: {UP, DOWN, MAINTAIN},
        **{row: {UP, DOWN} for row in range(8, 14)},
    }
    found = {
        row: {direction for line, direction in CASES if line.row == row} for row in range(1, 14)
    }

    assert found == wanted
    assert {line.status for line in TABLE} == set(Status)


if __name__ == "__main__":
    for line, direction in CASES:
        value = "none" if line.value is None else f"{float(line.value):g}"
        outcome = f"{line.status}{f' ({line.trend})' if line.trend else ''}"
        print(
            f"{line.row:>2}  {direction:<9} {line.what:<38} {line.asked:<18} {value:>8}  {outcome}"
        )
