"""Results in words: every status names its numbers (METHOD.md 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from foundation.looks import STATUSES
from foundation.templatetags.jalon import NO_BREAK_SPACE, day, figure, period
from indicators.calculation.display import displayed, shown_ratio, shown_value
from indicators.calculation.paths import PLAN_END
from indicators.calculation.values import PERIODS_PER_YEAR, SUMS, Coverage
from indicators.enums import Direction, Frequency, Kind, Status, Trend
from indicators.labels import TRENDS, Addressed
from indicators.models import IndicatorVersion

from .enums import Cause
from .models import Outcome
from .selectors.revisions import Event

JUDGED = (
    Status.ACHIEVED,
    Status.ON_TRACK,
    Status.AT_RISK,
    Status.OFF_TRACK,
    Status.MOVING_AWAY,
)


def exact(value: Decimal) -> str:
    """A decimal with all of its decimals, in the reader's notation."""
    exponent = value.as_tuple().exponent
    return figure(value, -exponent if isinstance(exponent, int) and exponent < 0 else 0)


def unit_sign(version: IndicatorVersion) -> str:
    """The sign that stands for a unit beside a figure; amounts are in euros."""
    if version.kind == Kind.AMOUNT:
        return "€"
    return version.unit[:1] if version.unit[:1] in ("%", "‰", "€") else ""


def with_unit(text: str, version: IndicatorVersion) -> str:
    """A figure with its unit; a percentage keeps only its sign, since the page names the rest."""
    sign = unit_sign(version)
    return f"{text}{NO_BREAK_SPACE}{sign}" if sign else text


def value_text(value: Fraction | None, version: IndicatorVersion) -> str:
    """A value in display units, rounded to the definition's decimals; empty for none."""
    if value is None:
        return ""
    return with_unit(exact(displayed(value, version.display_decimals)), version)


def judged_text(result: Outcome, version: IndicatorVersion) -> str:
    """The value that is held against the path, never shown on the other side of it."""
    shown = shown_value(result.judgement, Direction(version.direction), version.display_decimals)
    return "" if shown is None else with_unit(exact(shown), version)


def ratio_text(result: Outcome) -> str:
    """ "R = 0,72", or nothing where there is no R."""
    shown = shown_ratio(result.judgement)
    return "" if shown is None else f"R = {exact(shown)}".replace(" ", NO_BREAK_SPACE)


def note(result: Outcome) -> str:
    """What stands beside the word of a status: R, or the trend."""
    if result.status in JUDGED:
        return ratio_text(result)
    return str(dict(TRENDS).get(result.trend, "")) if result.trend else ""


def noun(version: IndicatorVersion, count: int) -> str:
    """What so many subjects of a definition are called."""
    if version.addressed in (Addressed.ALL_ZONES, Addressed.POINT_OF_ENTRY):
        return npgettext("coverage", "zone", "zones", count)
    return npgettext("coverage", "unit", "units", count)


def coverage_text(coverage: Coverage, version: IndicatorVersion) -> str:
    """ "169 of 176 zones"."""
    return _("%(reported)s of %(expected)s %(noun)s") % {
        "reported": figure(coverage.reported),
        "expected": figure(coverage.applicable),
        "noun": noun(version, coverage.applicable),
    }


def period_text(result: Outcome) -> str:
    """The period of the judged value: "Q3 2026", or the four quarters up to it."""
    name = period(result.period.code)
    if result.window_periods == 1:
        return name
    return ngettext(
        "%(count)s period up to %(period)s",
        "%(count)s periods up to %(period)s",
        result.window_periods,
    ) % {"count": result.window_periods, "period": name}


# --- Why this status ----------------------------------------------------------------------------


def sentences(result: Outcome, version: IndicatorVersion) -> list[str]:
    """Why a result has its status, with every number it rests on."""
    first = _SENTENCES.get(Status(result.status), _on_path)(result, version)
    judgement = result.judgement
    return [
        first,
        *([_lost(result)] if result.reached and result.status != Status.ACHIEVED else []),
        *([_("Not achieved at the end of the plan.")] if judgement.fell_short else []),
        *([_understated(result, version)] if result.is_understated else []),
    ]


def _on_path(result: Outcome, version: IndicatorVersion) -> str:
    if version.direction == Direction.MAINTAIN:
        return _in_band(result, version)
    if result.baseline is None:
        return _("%(value)s is past the target of %(target)s (no baseline), %(coverage)s.") % {
            "value": judged_text(result, version),
            "target": value_text(result.target, version),
            "coverage": coverage_text(result.judged_coverage, version),
        }
    numbers = {
        "ratio": ratio_text(result),
        "value": judged_text(result, version),
        "required": value_text(result.required, version),
        "references": _references(result, version),
        "coverage": coverage_text(result.judged_coverage, version),
    }
    if _is_moving_away_immaterially(result):
        return _off_within_delta(result, version, numbers)
    if result.ratio is None:
        return (
            _("%(value)s where the path asks for %(required)s (%(references)s), %(coverage)s.")
            % numbers
        )
    return (
        _(
            "%(ratio)s: %(value)s where the path asks for %(required)s (%(references)s), "
            "%(coverage)s."
        )
        % numbers
    )


def _is_moving_away_immaterially(result: Outcome) -> bool:
    """Off track although R < 0: |v - b| is within the materiality (METHOD.md 5, row 12)."""
    return result.status == Status.OFF_TRACK and result.ratio is not None and result.ratio < 0


def _off_within_delta(result: Outcome, version: IndicatorVersion, numbers: dict[str, str]) -> str:
    gap = abs((result.judged_value or Fraction(0)) - (result.baseline or Fraction(0)))
    decimals = version.display_decimals
    materiality = result.materiality or Fraction(0)
    return _(
        "%(ratio)s: %(value)s where the path asks for %(required)s (%(references)s), "
        "%(coverage)s; the gap to the baseline (%(gap)s) stays within the materiality "
        "(%(materiality)s)."
    ) % {
        **numbers,
        "gap": exact(displayed(gap, decimals, ceilings=[materiality])),
        "materiality": exact(displayed(materiality, decimals)),
    }


def _references(result: Outcome, version: IndicatorVersion) -> str:
    start = result.path.baseline_end if result.path else None
    baseline = value_text(result.baseline, version)
    target = _("target %(value)s in %(year)s") % {
        "value": value_text(result.target, version),
        "year": PLAN_END.year,
    }
    if start is None:
        return target
    return (
        _("baseline %(value)s on %(day)s") % {"value": baseline, "day": day_text(start)}
        + f", {target}"
    )


def day_text(date: dt.date) -> str:
    return day(date).replace(" ", NO_BREAK_SPACE)


def _in_band(result: Outcome, version: IndicatorVersion) -> str:
    judgement = result.judgement
    outside = result.status == Status.OFF_TRACK
    text = (
        _("%(value)s is outside the band from %(low)s to %(high)s, %(coverage)s.")
        if outside
        else _("%(value)s is inside the band from %(low)s to %(high)s, %(coverage)s.")
    )
    return text % {
        "value": judged_text(result, version),
        "low": value_text(judgement.band_low, version),
        "high": value_text(judgement.band_high, version),
        "coverage": coverage_text(result.judged_coverage, version),
    }


def _monitoring(result: Outcome, version: IndicatorVersion) -> str:
    return _("%(value)s, %(coverage)s. This indicator is followed without judgement.") % {
        "value": judged_text(result, version),
        "coverage": coverage_text(result.judged_coverage, version),
    }


def _no_target(result: Outcome, version: IndicatorVersion) -> str:
    value = {
        "value": judged_text(result, version),
        "coverage": coverage_text(result.judged_coverage, version),
    }
    known = {
        Trend.IMPROVING: _("%(value)s, %(coverage)s. No target; better than a year earlier."),
        Trend.STABLE: _("%(value)s, %(coverage)s. No target; stable against a year earlier."),
        Trend.WORSENING: _("%(value)s, %(coverage)s. No target; worse than a year earlier."),
        Trend.TOO_FEW_POINTS: _("%(value)s, %(coverage)s. No target; too few points for a trend."),
    }
    text = known.get(Trend(result.trend)) if result.trend else None
    return (text or _("%(value)s, %(coverage)s. No target.")) % value


def _no_baseline(result: Outcome, version: IndicatorVersion) -> str:
    return _(
        "%(value)s, %(coverage)s; the target is %(target)s. No baseline says where it should be."
    ) % {
        "value": judged_text(result, version),
        "target": value_text(result.target, version),
        "coverage": coverage_text(result.judged_coverage, version),
    }


def _not_applicable(result: Outcome, version: IndicatorVersion) -> str:
    return _("Not applicable to any of the %(expected)s %(noun)s expected.") % {
        "expected": figure(result.expected),
        "noun": noun(version, result.expected),
    }


def _insufficient(result: Outcome, version: IndicatorVersion) -> str:
    coverage = result.judged_coverage
    if coverage.meets(version.minimum_coverage):
        return _("No status: a sum over %(coverage)s looks like a fall.") % {
            "coverage": coverage_text(coverage, version)
        }
    shares = [one for one in (coverage.by_number, coverage.by_population) if one is not None]
    return _("No status: coverage %(share)s%%, minimum %(minimum)s%%.") % {
        "share": figure(int(min(shares, default=Fraction(0)) * 100)),
        "minimum": exact(displayed(version.minimum_coverage * 100, 0)),
    }


def _no_data(result: Outcome, version: IndicatorVersion) -> str:
    needed = PERIODS_PER_YEAR[Frequency(version.frequency)]
    if result.window_periods < needed and result.value is not None and result.judged_value is None:
        return _("No annual value: %(known)s of %(needed)s periods are known.") % {
            "known": result.window_periods,
            "needed": needed,
        }
    if result.value is not None:
        return _("No annual value: no unit reported each of the %(needed)s periods.") % {
            "needed": needed
        }
    if result.reported:
        return _("No value: the denominator is zero.")
    return _("No validated figure for this period yet.")


def _not_measurable(result: Outcome, version: IndicatorVersion) -> str:
    return _("Qualitative: what is reported is read, never added.")


_SENTENCES: dict[Status, Callable[[Outcome, IndicatorVersion], str]] = {
    Status.MONITORING: _monitoring,
    Status.NO_TARGET: _no_target,
    Status.NO_BASELINE: _no_baseline,
    Status.NOT_APPLICABLE: _not_applicable,
    Status.INSUFFICIENT_COVERAGE: _insufficient,
    Status.NO_DATA: _no_data,
    Status.NOT_MEASURABLE: _not_measurable,
}


def _lost(result: Outcome) -> str:
    return _("Reached in %(period)s, no longer.") % {"period": period(result.reached)}


def _understated(result: Outcome, version: IndicatorVersion) -> str:
    return _("Understated: a sum over %(coverage)s.") % {
        "coverage": coverage_text(result.judged_coverage, version)
    }


# --- How it was computed -----------------------------------------------------------------------


def formula(
    version: IndicatorVersion, numerator: int | None, denominator: int | None, value: str
) -> str:
    """The sum or quotient with its numbers; parts are in units of 10^-decimals."""
    if numerator is None:
        return ""
    of_sum = version.kind in SUMS
    parts = {
        "numerator": part_text(numerator, version),
        "denominator": part_text(denominator, version, is_denominator=True),
        "value": value,
    }
    if of_sum and denominator is None:
        return _("Sum of the values reported: %(value)s") % parts
    scale = "" if version.scale == 1 or of_sum else f" × {figure(version.scale)}"
    return f"{parts['numerator']} ÷ {parts['denominator']}{scale} = {value}"


def part_text(units: int | None, version: IndicatorVersion, *, is_denominator: bool = False) -> str:
    """A stored part as a figure; cases, answers, steps and inhabitants are whole."""
    if units is None:
        return ""
    whole = version.kind not in SUMS | {Kind.RATIO, Kind.MEAN, Kind.POPULATION_RATE} or (
        is_denominator and version.kind != Kind.RATIO
    )
    decimals = 0 if whole else version.decimals
    return figure(Fraction(units, 10**decimals), decimals)


def headline(result: Outcome | None, version: IndicatorVersion) -> str:
    """What a chart says, in one line."""
    if result is None or result.judged_value is None:
        return _("No value yet")
    word = str(STATUSES[result.status].label)
    if result.required is None:
        return _("%(status)s: %(value)s") % {
            "status": word,
            "value": judged_text(result, version),
        }
    return _("%(status)s: %(value)s; the path asks for %(required)s") % {
        "status": word,
        "value": judged_text(result, version),
        "required": value_text(result.required, version),
    }


# --- Closed and revised -------------------------------------------------------------------------

_CAUSES: dict[Cause, str | Promise] = {
    Cause.CORRECTION: gettext_lazy("correction"),
    Cause.RETURN: gettext_lazy("figures sent back"),
    Cause.LATE: gettext_lazy("figures validated later"),
    Cause.AMENDMENT: gettext_lazy("amended definition or path"),
    Cause.MERGER: gettext_lazy("merger of zones"),
    Cause.METHOD: gettext_lazy("new version of the method"),
}


def cause(event: Event) -> str:
    return str(_CAUSES[event.cause])


def causes_text(events: Iterable[Event]) -> str:
    """Each cause once, as the events come."""
    return ", ".join(dict.fromkeys(cause(each) for each in events))
