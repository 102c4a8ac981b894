"""Status of an indicator: METHOD.md 5, first match wins, with 3's rule for sums.

R = (v - b) / (p - b), a number without a unit: 1 where the value is what the path asks for, 0
where it is still the baseline, below 0 where it moves away. The thresholds 0.95, 0.60 and 0 follow
Eurostat (monitoring of the SDGs in an EU context) and Open SDG; unlike theirs, R needs no growth
rate, so zero and negative baselines and targets are ordinary. Where |p - b| is within delta R says
nothing and is not read.
"""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from indicators.calculation.paths import PLAN_END, PLAN_START, SIGN, Path, required
from indicators.calculation.values import SUMS, Coverage, Definition
from indicators.enums import Direction, Kind, Status, Trend

ON_TRACK_FROM = Fraction(95, 100)
AT_RISK_FROM = Fraction(60, 100)
MATERIAL_SHARE = Fraction(1, 100)

#: What reads "not achieved" once the plan's last period is over.
SHORT_OF_TARGET = frozenset(
    {
        Status.ON_TRACK,
        Status.AT_RISK,
        Status.OFF_TRACK,
        Status.MOVING_AWAY,
        Status.NO_BASELINE,
    }
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A status and the numbers it rests on, all in display units.

    `baseline`, `required`, `target` and the band are those that were compared, after
    `scaled_by` where a sum was judged on a share of the subjects. `ratio` is R = (v -
    b) / (p - b), None where p = b or unknown. `delta` is the materiality used.
    `reached` is the first period in which the target was reached, held or not;
    `fell_short` says that the plan's last period ended short of the target.
    """

    status: Status
    value: Fraction | None
    baseline: Fraction | None = None
    required: Fraction | None = None
    target: Fraction | None = None
    band_low: Fraction | None = None
    band_high: Fraction | None = None
    ratio: Fraction | None = None
    delta: Fraction | None = None
    trend: Trend | None = None
    scaled_by: Fraction | None = None
    understated: bool = False
    reached: str | None = None
    fell_short: bool = False

    @property
    def read_ratio(self) -> Fraction | None:
        """R where the status rests on it: None where the path is still within delta of b."""
        if self.delta is None or self.required is None or self.baseline is None:
            return self.ratio
        return None if abs(self.required - self.baseline) <= self.delta else self.ratio


def judge(
    definition: Definition,
    *,
    value: Fraction | None,
    coverage: Coverage,
    path: Path | None,
    period_end: date,
    window_starts: date,
    plan_end: date = PLAN_END,
    period: str | None = None,
    a_year_earlier: tuple[Fraction, Fraction] | None = None,
    reached_before: str | None = None,
    baseline_share: Fraction | None = None,
) -> Judgement:
    """Judge the value of one indicator and area by the end of the period under review.

    `value` is the period's (stock) or the rolling year's (flow), with its own
    `coverage`; `window_starts` is the first day it covers: before the plan, it cannot
    be achieved. `period` is the code kept as `reached`. `a_year_earlier` is (then,
    now) on the common set. `baseline_share` is the reporting subjects' share of the
    baseline, None where there are no baselines per subject; it counts only for a sum
    under full coverage.
    """
    sums_fewer = definition.kind in SUMS and not coverage.is_full
    # A share of zero or less would turn every target into zero, reached by anybody.
    share = baseline_share if sums_fewer and (baseline_share or 0) > 0 else None
    unscaled = sums_fewer and share is None
    asked = path or Path(definition.direction)
    if share is not None:
        asked = asked.scaled(share)
    facts = Judgement(
        status=Status.NO_DATA,
        value=value,
        baseline=asked.baseline,
        required=required(asked, period_end),
        target=asked.target,
        band_low=asked.band_low,
        band_high=asked.band_high,
        delta=_materiality(definition, asked, a_year_earlier),
        scaled_by=share,
        reached=reached_before,
    )
    unfit = _unfit(definition, value, coverage, unscaled)
    if unfit or value is None:
        return replace(facts, status=unfit or Status.NO_DATA)
    is_last = period_end >= plan_end
    status = _status(definition.direction, value, facts, window_starts >= PLAN_START, is_last)
    return replace(
        facts,
        status=status,
        ratio=_ratio(value, facts),
        trend=_trend(definition.direction, a_year_earlier, facts.delta)
        if status == Status.NO_TARGET
        else None,
        understated=unscaled and definition.direction == Direction.INCREASE,
        reached=reached_before or (period if status == Status.ACHIEVED else None),
        fell_short=is_last and facts.target is not None and status in SHORT_OF_TARGET,
    )


def _unfit(
    definition: Definition, value: Fraction | None, coverage: Coverage, unscaled: bool
) -> Status | None:
    """Rows 1 to 4: why there is nothing to judge."""
    if definition.kind == Kind.NARRATIVE:
        return Status.NOT_MEASURABLE
    if coverage.all_not_applicable:
        return Status.NOT_APPLICABLE
    if value is None:
        return Status.NO_DATA
    # A sum over fewer subjects looks like a fall: only an increase survives that.
    misleads = unscaled and definition.direction in (Direction.DECREASE, Direction.MAINTAIN)
    if misleads or not coverage.meets(definition.minimum_coverage):
        return Status.INSUFFICIENT_COVERAGE
    return None


def _status(
    direction: Direction, value: Fraction, facts: Judgement, can_be_achieved: bool, is_last: bool
) -> Status:
    """Rows 5 to 8, then those of a path."""
    if direction == Direction.MONITOR:
        return Status.MONITORING
    low, high = facts.band_low, facts.band_high
    if direction == Direction.MAINTAIN and low is not None and high is not None:
        inside = Status.ACHIEVED if is_last else Status.ON_TRACK
        return inside if low <= value <= high else Status.OFF_TRACK
    sign = SIGN.get(direction)
    if sign is None or facts.target is None:
        return Status.NO_TARGET
    reached = can_be_achieved and (value - facts.target) * sign >= 0
    if facts.baseline is None or facts.required is None or facts.delta is None:
        return Status.ACHIEVED if reached else Status.NO_BASELINE
    gained = (value - facts.baseline) * sign
    due = (facts.required - facts.baseline) * sign
    if reached and gained >= due:
        return Status.ACHIEVED
    return _on_path(gained, due, facts.delta)


def _on_path(gained: Fraction, due: Fraction, delta: Fraction) -> Status:
    """Rows 10 to 13; v - b and p - b counted in the wanted direction."""
    if abs(due) <= delta:
        return Status.ON_TRACK if gained >= -delta else Status.MOVING_AWAY
    ratio = gained / due  # 1 or more is at or past p: a path never moves against its direction.
    if ratio >= ON_TRACK_FROM:
        return Status.ON_TRACK
    if ratio >= AT_RISK_FROM:
        return Status.AT_RISK
    return Status.OFF_TRACK if ratio >= 0 or abs(gained) <= delta else Status.MOVING_AWAY


def _ratio(value: Fraction, facts: Judgement) -> Fraction | None:
    if facts.baseline is None or facts.required is None or facts.required == facts.baseline:
        return None
    return (value - facts.baseline) / (facts.required - facts.baseline)


def _materiality(
    definition: Definition, path: Path, a_year_earlier: tuple[Fraction, Fraction] | None
) -> Fraction | None:
    """Delta: the indicator's own, else 1 % of max(|b|, |T - b|) or of a year earlier."""
    if definition.materiality is not None:
        return definition.materiality
    if path.target is None:
        return None if a_year_earlier is None else abs(a_year_earlier[0]) * MATERIAL_SHARE
    if path.baseline is None:
        return None
    return max(abs(path.baseline), abs(path.target - path.baseline)) * MATERIAL_SHARE


def _trend(
    direction: Direction,
    a_year_earlier: tuple[Fraction, Fraction] | None,
    delta: Fraction | None,
) -> Trend | None:
    """Row 7; None for a material change that has no better or worse."""
    if a_year_earlier is None or delta is None:
        return Trend.TOO_FEW_POINTS
    then, now = a_year_earlier
    if abs(now - then) <= delta:
        return Trend.STABLE
    sign = SIGN.get(direction)
    if sign is None:
        return None
    return Trend.IMPROVING if (now - then) * sign > 0 else Trend.WORSENING
