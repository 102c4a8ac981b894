"""Results in words: every status names its numbers (METHOD.md 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from foundation.looks import STATUSES
from foundation.templatetags.jalon import NO_BREAK_SPACE, day, figure, period
from indicators.calculation.display import (
    MORE_DECIMALS,
    displayed,
    shown_beside,
    shown_ratio,
)
from indicators.calculation.paths import PLAN_END, Path
from indicators.calculation.sentences import Code, Facts, Sentence
from indicators.calculation.sentences import sentences as reasons
from indicators.calculation.values import SUMS, Coverage
from indicators.definitions import definition_of, path_of
from indicators.enums import Direction, Kind, Status
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
MOST_DECIMALS = 6


def exact(value: Decimal) -> str:
    """A decimal with all of its decimals, in the reader's notation."""
    exponent = value.as_tuple().exponent
    return figure(value, -exponent if isinstance(exponent, int) and exponent < 0 else 0)


def plain(value: Fraction) -> str:
    """A value with all of its decimals, up to six; a longer one is rounded there."""
    decimals = 0
    while decimals < MOST_DECIMALS and (value * 10**decimals).denominator != 1:
        decimals += 1
    return figure(value, decimals)


def unit_sign(version: IndicatorVersion) -> str:
    """The sign that stands for a unit beside a figure; amounts are in euros."""
    if version.kind == Kind.AMOUNT:
        return "€"
    return version.unit[:1] if version.unit[:1] in ("%", "‰", "€") else ""


def with_unit(text: str, version: IndicatorVersion) -> str:
    """A figure with its unit; a percentage keeps only its sign, since the page names the rest."""
    sign = unit_sign(version)
    return f"{text}{NO_BREAK_SPACE}{sign}" if sign else text


def value_text(
    value: Fraction | None, version: IndicatorVersion, beside: Outcome | None = None
) -> str:
    """A value in display units, rounded to the definition's decimals; empty for none.

    ``beside`` the result that it stands with it is never on the other side of what is asked there.
    """
    if value is None:
        return ""
    decimals = version.display_decimals
    shown = (
        shown_beside(beside.judgement, Direction(version.direction), value, decimals)
        if beside
        else displayed(value, decimals)
    )
    return with_unit(exact(shown), version)


def asked_text(
    asked: Fraction | None, result: Outcome, version: IndicatorVersion, *, limit: str = ""
) -> str:
    """What a path asks of a judged value, or a limit of its band ("low", "high").

    With further decimals where a value that is short of it would show as there: 11 of 11.25.
    """
    value, direction = result.judged_value, Direction(version.direction)
    is_floor = limit == "low" or (not limit and direction == Direction.INCREASE)
    is_ceiling = limit == "high" or (not limit and direction == Direction.DECREASE)
    if asked is None or value is None or not (is_floor or is_ceiling):
        return value_text(asked, version)
    sign = 1 if is_floor else -1
    decimals = version.display_decimals
    beside = Fraction(shown_beside(result.judgement, direction, value, decimals))
    for places in range(decimals, decimals + MORE_DECIMALS + 1):
        shown = displayed(asked, places)
        if ((beside - Fraction(shown)) * sign >= 0) == ((value - asked) * sign >= 0):
            return with_unit(exact(shown), version)
    return value_text(asked, version)


def change_text(change: Fraction | None, version: IndicatorVersion) -> str:
    """A signed difference: of percentages it is in points."""
    if change is None:
        return ""
    text = figure(change, version.display_decimals, signed=True)
    if unit_sign(version) in ("%", "‰"):
        return _("%(change)s points") % {"change": text}
    return with_unit(text, version)


def judged_text(result: Outcome, version: IndicatorVersion) -> str:
    """The value that is held against the path, never shown on the other side of it."""
    return value_text(result.judged_value, version, result)


def ratio_text(result: Outcome) -> str:
    """ "R = 0,72", or nothing where there is no R or none is read."""
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

_TEXTS = {
    Code.NOT_MEASURABLE: gettext_lazy("Qualitative: what is reported is read, never added."),
    Code.NOT_APPLICABLE: gettext_lazy(
        "Not applicable to any of the %(expected)s %(noun)s expected."
    ),
    Code.YEAR_INCOMPLETE: gettext_lazy(
        "No annual value: %(known)s of %(needed)s periods are known."
    ),
    Code.YEAR_BY_NOBODY: gettext_lazy(
        "No annual value: no unit reported each of the %(needed)s periods."
    ),
    Code.DENOMINATOR_ZERO: gettext_lazy("No value: the denominator is zero."),
    Code.NO_FIGURE: gettext_lazy("No validated figure for this period yet."),
    Code.SUM_LOOKS_LIKE_A_FALL: gettext_lazy(
        "No status: a sum over %(coverage)s looks like a fall."
    ),
    Code.COVERAGE_TOO_LOW: gettext_lazy("No status: coverage %(share)s%%, minimum %(minimum)s%%."),
    Code.MONITORING: gettext_lazy(
        "%(value)s, %(coverage)s. This indicator is followed without judgement."
    ),
    Code.INSIDE_BAND: gettext_lazy(
        "%(value)s is inside the band from %(low)s to %(high)s, %(coverage)s."
    ),
    Code.OUTSIDE_BAND: gettext_lazy(
        "%(value)s is outside the band from %(low)s to %(high)s, %(coverage)s."
    ),
    Code.NO_TARGET: gettext_lazy("%(value)s, %(coverage)s. No target."),
    Code.IMPROVING: gettext_lazy("%(value)s, %(coverage)s. No target; better than a year earlier."),
    Code.STABLE: gettext_lazy("%(value)s, %(coverage)s. No target; stable against a year earlier."),
    Code.WORSENING: gettext_lazy("%(value)s, %(coverage)s. No target; worse than a year earlier."),
    Code.TOO_FEW_POINTS: gettext_lazy(
        "%(value)s, %(coverage)s. No target; too few points for a trend."
    ),
    Code.NO_BASELINE: gettext_lazy(
        "%(value)s, %(coverage)s; the target is %(target)s. No baseline says where it should be."
    ),
    Code.PAST_TARGET: gettext_lazy(
        "%(value)s is past the target of %(target)s (no baseline), %(coverage)s."
    ),
    Code.ON_PATH: gettext_lazy(
        "%(ratio)s: %(value)s where the path asks for %(required)s (%(references)s), %(coverage)s."
    ),
    Code.AT_BASELINE: gettext_lazy(
        "%(value)s where the path asks for %(required)s (%(references)s), %(coverage)s. The path "
        "is still within the materiality (%(materiality)s) of the baseline: on track is what is "
        "no worse than the baseline by more than that."
    ),
    Code.WITHIN_MATERIALITY: gettext_lazy(
        "%(ratio)s: %(value)s where the path asks for %(required)s (%(references)s), "
        "%(coverage)s; the gap to the baseline (%(gap)s) stays within the materiality "
        "(%(materiality)s)."
    ),
    Code.LOST: gettext_lazy("Reached in %(period)s, no longer."),
    Code.NOT_ACHIEVED: gettext_lazy("Not achieved at the end of the plan."),
    Code.UNDERSTATED: gettext_lazy("Understated: a sum over %(coverage)s."),
    Code.SCALED: gettext_lazy(
        "The path is scaled to the %(share)s%% of the baseline that %(coverage)s had."
    ),
}


def sentences(result: Outcome, version: IndicatorVersion) -> list[str]:
    """Why a result has its status, with every number it rests on."""
    # Milestones start with nothing done, which nobody reported: there is no baseline to name.
    names_baseline = result.path is not None and version.kind != Kind.MILESTONES
    facts = Facts(
        coverage=result.judged_coverage,
        own_value=result.value,
        reported=result.reported,
        periods=result.window_periods,
        baseline_end=result.path.baseline_end if names_baseline else None,
    )
    said = reasons(definition_of(version), result.judgement, facts)
    return [_text(each, result, version) for each in said]


def _text(sentence: Sentence, result: Outcome, version: IndicatorVersion) -> str:
    """A sentence with its numbers as a page shows them."""
    numbers: Mapping[str, Any] = sentence.numbers
    coverage = result.judged_coverage
    decimals = version.display_decimals
    shown: dict[str, Callable[[Any], str]] = {
        **dict.fromkeys(("expected", "known", "needed"), figure),
        **dict.fromkeys(("target", "required"), lambda n: asked_text(n, result, version)),
        "low": lambda n: asked_text(n, result, version, limit="low"),
        "high": lambda n: asked_text(n, result, version, limit="high"),
        "value": lambda _n: judged_text(result, version),
        "ratio": lambda _n: ratio_text(result),
        "gap": lambda n: exact(displayed(n, decimals, ceilings=[numbers["materiality"]])),
        "materiality": lambda n: exact(displayed(n, decimals)),
        # Rounded down: under the minimum it must not read as the minimum.
        "share": lambda n: figure(int(n * 100)),
        "minimum": lambda n: exact(displayed(n * 100, 0)),
        "period": period,
    }
    return str(_TEXTS[sentence.code]) % {
        **{name: shown[name](number) for name, number in numbers.items() if name in shown},
        "coverage": coverage_text(coverage, version),
        "noun": noun(version, coverage.expected),
        "references": _references(numbers, version, result),
    }


def _references(numbers: Mapping[str, Any], version: IndicatorVersion, result: Outcome) -> str:
    """The ends of the path, as far as the sentence names them; dated steps may end earlier."""
    asked = result.path or path_of(version, None)
    target = _("target %(value)s in %(year)s") % {
        "value": asked_text(numbers.get("target"), result, version),
        "year": asked.target_date.year if isinstance(asked, Path) else PLAN_END.year,
    }
    if "baseline_end" not in numbers:
        return target
    baseline = _("baseline %(value)s on %(day)s") % {
        "value": value_text(numbers["baseline"], version),
        "day": day_text(numbers["baseline_end"]),
    }
    return f"{baseline}, {target}"


def day_text(date: dt.date) -> str:
    return day(date).replace(" ", NO_BREAK_SPACE)


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
        "required": asked_text(result.required, result, version),
    }


# --- Closed and revised -------------------------------------------------------------------------

_CAUSES: dict[Cause, str | Promise] = {
    Cause.CORRECTION: gettext_lazy("correction"),
    Cause.RETURN: gettext_lazy("figures sent back"),
    Cause.LATE: gettext_lazy("figures validated later"),
    Cause.POPULATION: gettext_lazy("population known later"),
    Cause.AMENDMENT: gettext_lazy("amended definition or path"),
    Cause.MERGER: gettext_lazy("merger of zones"),
    Cause.METHOD: gettext_lazy("new version of the method"),
}


def cause(event: Event) -> str:
    return str(_CAUSES[event.cause])


def causes_text(events: Iterable[Event]) -> str:
    """Each cause once, as the events come."""
    return ", ".join(dict.fromkeys(cause(each) for each in events))
