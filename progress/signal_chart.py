"""Signal or noise: limits of an indicator's single periods, drawn and in words (METHOD.md 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.templatetags.jalon import period as period_name
from indicators.calculation.signals import FEWEST_POINTS, Limits, Rule, Signal, limits, signals
from indicators.calculation.values import Definition
from indicators.definitions import definition_of
from indicators.models import IndicatorVersion
from indicators.periods import frequency_of, last_day, shifted

from . import charts, wording
from .models import FrozenResult, Shown
from .presentation import Chart
from .selectors.indicator import IndicatorPage


@dataclass(frozen=True)
class Series:
    """The values of single periods, oldest first, by code; None where there is none to compare.

    Left out are values of another definition, and those whose coverage allows no status: over fewer
    units a sum looks like a fall.
    """

    codes: Sequence[str]
    values: Sequence[Fraction | None]

    @property
    def points(self) -> int:
        return sum(value is not None for value in self.values)


@dataclass(frozen=True)
class SignalView:
    """The chart with its limits, and each signal as a sentence; too few points have neither."""

    points: int
    chart: Chart | None = None
    sentences: Sequence[str] = ()
    are_trial: bool = False

    @property
    def needed(self) -> int:
        return FEWEST_POINTS


def signal_view(page: IndicatorPage) -> SignalView | None:
    """None where there is no value at all."""
    series = series_of(page)
    within = limits(series.values)
    if not series.points:
        return None
    if within is None:
        return SignalView(series.points)
    found = signals(series.values, within)
    told = [signal_text(one, series.codes) for one in found]
    return SignalView(
        series.points,
        _drawn(series, within, found, page.version),
        told,
        within.are_trial,
    )


def series_of(page: IndicatorPage) -> Series:
    """The nation's totals, one place per period from the first to the last."""
    definitions = {each.pk: definition_of(each) for each in page.standing.indicator.versions.all()}
    today = definition_of(page.version)
    known = {
        one.period.code: one.value
        for one in page.series
        if frequency_of(one.period.code) == page.version.frequency
        and _counts_alike(_definition(one, definitions), today)
        and one.coverage.meets(today.minimum_coverage)
    }
    if not known:
        return Series((), ())
    first, last = min(known, key=last_day), max(known, key=last_day)
    codes = [first]
    while codes[-1] != last:
        codes.append(shifted(codes[-1], 1))
    return Series(codes, [known.get(code) for code in codes])


def _definition(one: Shown, known: Mapping[int, Definition]) -> Definition | None:
    return one.definition if isinstance(one, FrozenResult) else known.get(one.version_id)


def _counts_alike(one: Definition | None, today: Definition) -> bool:
    """Whether a value under one definition is in the unit of measure of today's."""
    return one is not None and (one.kind, one.scale, one.threshold_level) == (
        today.kind,
        today.scale,
        today.threshold_level,
    )


def signal_text(one: Signal, codes: Sequence[str]) -> str:
    """A signal in words, with its periods."""
    count = one.last - one.first + 1
    numbers = {
        "first": period_name(codes[one.first]),
        "last": period_name(codes[one.last]),
        "count": count,
    }
    return _sentence(one.rule, one.is_high, count) % numbers


def _sentence(rule: Rule, is_high: bool, count: int) -> str:
    if rule == Rule.OUTSIDE and count == 1:
        return (
            _("%(first)s is above the limits.") if is_high else _("%(first)s is below the limits.")
        )
    texts = {
        (Rule.OUTSIDE, True): _("%(first)s to %(last)s are above the limits."),
        (Rule.OUTSIDE, False): _("%(first)s to %(last)s are below the limits."),
        (Rule.ONE_SIDE, True): _(
            "%(count)s periods in a row above the mean: %(first)s to %(last)s."
        ),
        (Rule.ONE_SIDE, False): _(
            "%(count)s periods in a row below the mean: %(first)s to %(last)s."
        ),
        (Rule.TREND, True): _("%(count)s periods in a row that rise: %(first)s to %(last)s."),
        (Rule.TREND, False): _("%(count)s periods in a row that fall: %(first)s to %(last)s."),
        (Rule.NEAR_LIMIT, True): _("Near the upper limit, 2 of 3: %(first)s to %(last)s."),
        (Rule.NEAR_LIMIT, False): _("Near the lower limit, 2 of 3: %(first)s to %(last)s."),
    }
    return texts[rule, is_high]


def _drawn(
    series: Series, within: Limits, found: Sequence[Signal], version: IndicatorVersion
) -> Chart:
    marked = {place for one in found for place in range(one.first, one.last + 1)}
    points = [
        charts.Point(last_day(code), value, place in marked)
        for place, (code, value) in enumerate(zip(series.codes, series.values, strict=True))
    ]
    lines = [
        charts.Line(within.high, _line(_("limit %(value)s"), within.high, version), is_limit=True),
        charts.Line(within.centre, _line(_("mean %(value)s"), within.centre, version)),
        charts.Line(within.low, _line(_("limit %(value)s"), within.low, version), is_limit=True),
    ]
    headline = (
        ngettext("%(count)s signal", "%(count)s signals", len(found)) % {"count": len(found)}
        if found
        else _("No signal: the ups and downs may be noise")
    )
    subtitle = _("%(measure)s · Belgium · %(first)s to %(last)s") % {
        "measure": version.unit,
        "first": period_name(series.codes[0]),
        "last": period_name(series.codes[-1]),
    }
    described = " ".join(
        [headline + ".", *(f"{line.label}." for line in lines)]
        + [signal_text(one, series.codes) for one in found]
    )
    wide, narrow = (
        charts.svg(charts.control(points, lines, version.unit, width), headline, described)
        for width in (charts.WIDE, charts.NARROW)
    )
    return Chart(headline, subtitle, wide, narrow)


def _line(text: str, value: Fraction, version: IndicatorVersion) -> str:
    return text % {"value": wording.value_text(value, version)}
