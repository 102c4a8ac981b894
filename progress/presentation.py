"""From what was read to what a template shows: rows, links and charts, with no query."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from foundation.looks import STATUSES
from foundation.templatetags.jalon import period as period_name
from indicators.calculation.paths import PLAN_START
from indicators.calculation.signals import is_unstable
from indicators.calculation.values import Coverage
from indicators.definitions import definition_of
from indicators.enums import Headline, Status
from indicators.labels import Qualifier
from indicators.models import HistoricalFigure, IndicatorVersion
from organisations.enums import AreaKind
from submissions.wording import reason_text

from . import charts, wording
from .enums import DataState
from .models import Shown
from .selectors.indicator import IndicatorPage, Said
from .selectors.overview import Group
from .selectors.reviews import Standing
from .selectors.revisions import Event

Label = str | Promise


def address(name: str, *args: str, **query: str) -> str:
    """The address of a page with its query; what is empty is left out."""
    chosen = urlencode({key: value for key, value in query.items() if value})
    return reverse(name, args=args) + (f"?{chosen}" if chosen else "")


def explanation_url(
    outcome: Shown, code: str, name: str = "explanation", *, is_revision: bool = False
) -> str:
    """Where a figure is explained; ``outcome`` is read with its area and period.

    ``is_revision``: what the latest figures give beside a frozen one.
    """
    area = "" if outcome.area.kind == AreaKind.NATION else outcome.area.code
    return address(
        name,
        code,
        period=outcome.period.code,
        area=area,
        option=outcome.option,
        revised="1" if is_revision else "",
    )


# --- Counts by headline -------------------------------------------------------------------------

NATURES = ("results", "efforts")


def headline_urls(nature: str, period: str, **narrowed: str) -> dict[str, str]:
    """The list of objectives behind each count of a bar; ``nature`` is "results" or "efforts"."""
    return {
        each.value: address("objective-standings", period=period, **narrowed, **{nature: each})
        for each in Headline
    }


@dataclass(frozen=True)
class Column:
    """A sortable column of counts; ``key`` is "total" or a headline."""

    key: str
    label: Label
    url: str
    sort: str


@dataclass(frozen=True)
class GroupTable:
    """How many objectives of each group have each headline, in the order asked."""

    name: str
    title: Label
    columns: Sequence[Column]
    rows: Sequence[tuple[Group, Sequence[tuple[Column, int, str]]]]


@dataclass(frozen=True)
class Choice:
    """What the tables of groups show: the headlines of one nature, sorted by a column.

    ``sort`` is a column's key, "-" before it for the largest first; anything else leaves the
    plan's order.
    """

    period: str
    nature: str
    sort: str

    @classmethod
    def of(cls, period: str, nature: str, sort: str) -> Choice:
        return cls(period, nature if nature in NATURES else NATURES[0], sort)

    @property
    def key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def url(self, **changed: str) -> str:
        chosen = {"period": self.period, "nature": self.nature, "sort": self.sort, **changed}
        return address("progress-overview", **chosen)


SORTABLE = ("total", *(each.value for each in Headline))


def group_table(name: str, title: Label, groups: Iterable[Group], choice: Choice) -> GroupTable:
    """``name`` is the filter that the links of a row set in the list of objectives."""
    columns = [_column(key, name, choice) for key in SORTABLE]
    ordered = list(groups)
    if choice.key in SORTABLE:
        ordered.sort(
            key=lambda group: group.count(choice.nature, choice.key), reverse=choice.descending
        )
    rows = [(group, [_cell(group, each, name, choice) for each in columns]) for group in ordered]
    return GroupTable(name, title, columns, rows)


def _column(key: str, name: str, choice: Choice) -> Column:
    shown = choice.key == key
    following = key if shown and choice.descending else f"-{key}"
    state = ("descending" if choice.descending else "ascending") if shown else ""
    label = _("Objectives") if key == "total" else STATUSES[key].label
    return Column(key, label, choice.url(sort=following) + f"#by-{name}", state)


def _cell(group: Group, column: Column, name: str, choice: Choice) -> tuple[Column, int, str]:
    """The count with the address of its list; nothing to list has none."""
    count = group.count(choice.nature, column.key)
    if not count or not group.key:
        return column, count, ""
    chosen = {name: group.key} | ({} if column.key == "total" else {choice.nature: column.key})
    return column, count, address("objective-standings", period=choice.period, **chosen)


# --- Indicators ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator in a list: its status, its value and what it rests on, in words.

    ``unit`` is empty where a sign stands in the values themselves.
    """

    standing: Standing
    url: str
    explanation_url: str
    note: str
    value: str
    required: str
    unit: str
    period: str
    coverage: Coverage | None
    noun: str
    state: DataState | None

    @property
    def status(self) -> Status:
        return self.standing.status


def indicator_row(standing: Standing, period: str = "") -> IndicatorRow:
    result, version = standing.result, standing.version
    return IndicatorRow(
        standing=standing,
        url=address("indicator-detail", standing.indicator.code, period=period),
        explanation_url=explanation_url(result, standing.indicator.code) if result else "",
        note=wording.note(result) if result else "",
        value=wording.judged_text(result, version) if result else "",
        required=wording.asked_text(result.required, result, version) if result else "",
        unit="" if wording.unit_sign(version) else version.unit,
        period=wording.period_text(result) if result else "",
        coverage=result.judged_coverage if result else None,
        noun=wording.noun(version, result.judged_coverage.applicable if result else 0),
        state=result.state if result else None,
    )


@dataclass(frozen=True)
class ResultRow:
    """A result in a table: of a period, an area or an option."""

    label: Label
    result: Shown
    value: str
    judged: str
    required: str
    note: str
    revised: RevisedRow | None
    explanation_url: str
    is_unstable: bool

    @property
    def is_before_plan(self) -> bool:
        """Before the plan nothing was asked: there is a value, and no status to show."""
        return self.result.period.last_day < PLAN_START


def result_row(
    label: Label, result: Shown, version: IndicatorVersion, events: Mapping[int, Sequence[Event]]
) -> ResultRow:
    """``events`` as ``IndicatorPage`` has them."""
    return ResultRow(
        label=label,
        result=result,
        value=wording.value_text(result.value, version, result),
        judged=wording.judged_text(result, version),
        required=wording.asked_text(result.required, result, version),
        note=wording.note(result),
        revised=revised_row(result, version, events),
        explanation_url=explanation_url(result, version.indicator.code),
        is_unstable=is_unstable(definition_of(version), result.aggregate),
    )


@dataclass(frozen=True)
class RevisedRow:
    """What the latest figures give beside a frozen result, since when and why."""

    at: dt.datetime
    value: str
    judged: str
    status: str
    note: str
    causes: str
    events: Sequence[tuple[dt.datetime, str, str]]
    explanation_url: str


def revised_row(
    result: Shown, version: IndicatorVersion, events: Mapping[int, Sequence[Event]]
) -> RevisedRow | None:
    later = result.revised
    if later is None:
        return None
    told = events.get(result.pk, ())
    return RevisedRow(
        at=told[0].at if told else later.changed_at,
        value=wording.value_text(later.value, version, later),
        judged=wording.judged_text(later, version),
        status=later.status,
        note=wording.note(later),
        causes=wording.causes_text(told),
        events=[(each.at, wording.cause(each), each.reason) for each in told],
        explanation_url=explanation_url(result, version.indicator.code, is_revision=True),
    )


@dataclass(frozen=True)
class SaidRow:
    """What one unit reported, in words; ``figure`` is empty where it gave none."""

    unit: str
    arrondissement: str
    status: str
    figure: str
    denominator: str
    value: str
    reason: str
    revision: int | None
    in_review: bool
    judged: Status | None


def said_row(one: Said, version: IndicatorVersion) -> SaidRow:
    return SaidRow(
        unit=one.unit.label,
        arrondissement=one.arrondissement.name if one.arrondissement else "",
        status=one.status,
        figure=wording.part_text(one.numerator, version) or one.text,
        denominator=wording.part_text(one.denominator, version, is_denominator=True),
        value=wording.value_text(one.value, version),
        reason=_("population unknown: not in the rate")
        if one.population_unknown
        else reason_text(version, one.status, one.reason),
        revision=one.revision,
        in_review=one.in_review,
        judged=one.judged,
    )


@dataclass(frozen=True)
class Chart:
    """A chart drawn twice: for a page and for a phone."""

    headline: str
    subtitle: str
    wide: SafeString
    narrow: SafeString


def trend_chart(page: IndicatorPage) -> Chart | None:
    """The series, with the path where one is asked; None before the first value.

    Against a path stands what is held against it (the rolling year of a flow), otherwise each
    period's own value.
    """
    version = page.version
    marks = [_mark(one, page) for one in page.series]
    known = [
        (mark.day, wording.value_text(mark.value, version, one))
        for mark, one in zip(marks, page.series, strict=True)
        if mark.value is not None
    ]
    if not known:
        return None
    latest = known[-1][1]
    headline = wording.headline(page.result, version) if page.path else _latest_text(page, latest)
    rolling = page.path is not None and any(one.window_periods > 1 for one in page.series)
    subtitle = _("%(measure)s · Belgium · %(first)s to %(last)s") % {
        "measure": _("%(unit)s, rolling year") % {"unit": version.unit}
        if rolling
        else version.unit,
        "first": period_name(page.series[0].period.code),
        "last": period_name(page.series[-1].period.code),
    }
    described = f"{headline}. {_told(known)}"
    labels = charts.Labels(version.unit, latest, _target(page))
    wide, narrow = (
        charts.svg(charts.trend(marks, page.path, labels, width), headline, described)
        for width in (charts.WIDE, charts.NARROW)
    )
    return Chart(headline, subtitle, wide, narrow)


def _target(page: IndicatorPage) -> str:
    if page.path is None or page.path.target is None:
        return ""
    return _("target %(value)s in %(year)s") % {
        "value": wording.value_text(page.path.target, page.version),
        "year": page.path.target_date.year,
    }


def _mark(one: Shown, page: IndicatorPage) -> charts.Mark:
    value, coverage = (
        (one.judged_value, one.judged_coverage) if page.path else (one.value, one.coverage)
    )
    enough = coverage.meets(page.version.minimum_coverage)
    return charts.Mark(one.period.last_day, value, enough)


def _latest_text(page: IndicatorPage, latest: str) -> str:
    return _("%(value)s in %(period)s") % {
        "value": latest,
        "period": period_name(page.series[-1].period.code),
    }


def _told(known: Sequence[tuple[dt.date, str]]) -> str:
    """From the first to the last of the days with their values in words."""
    (first_day, first), (last_day, last) = known[0], known[-1]
    return _("From %(first)s on %(first_day)s to %(last)s on %(last_day)s.") % {
        "first": first,
        "first_day": wording.day_text(first_day),
        "last": last,
        "last_day": wording.day_text(last_day),
    }


# --- Historical figures -------------------------------------------------------------------------


def historical_value(one: HistoricalFigure) -> str:
    """ "about 240 000", with as many decimals as the published figure has."""
    qualifiers: Mapping[str, str] = {
        Qualifier.ABOUT: _("about %(value)s"),
        Qualifier.MORE_THAN: _("more than %(value)s"),
        Qualifier.ESTIMATE: _("%(value)s (estimate)"),
    }
    return qualifiers.get(one.qualifier, "%(value)s") % {"value": wording.plain(one.value)}


def history_charts(page: IndicatorPage) -> list[Chart]:
    """One chart per unit of the historical figures, apart from what is collected."""
    by_unit: dict[str, list[HistoricalFigure]] = defaultdict(list)
    for one in page.history:
        by_unit[one.unit].append(one)
    return [_history_chart(unit, figures) for unit, figures in by_unit.items()]


def _history_chart(unit: str, figures: Sequence[HistoricalFigure]) -> Chart:
    bars = [
        charts.Bar(Fraction(one.value), f"{years(one)} · {one.label}", historical_value(one))
        for one in figures
    ]
    headline = _("Published earlier: %(unit)s") % {"unit": unit}
    described = " ; ".join(f"{bar.label} : {bar.text}" for bar in bars)
    wide, narrow = (
        charts.svg(charts.history(bars, width), headline, described)
        for width in (charts.WIDE, charts.NARROW)
    )
    subtitle = _("As dated by their source; never added to what is collected")
    return Chart(headline, subtitle, wide, narrow)


def years(one: HistoricalFigure) -> str:
    """The year or years of a figure, as short as a chart needs."""
    days: Iterable[dt.date | None] = (one.first_day, one.last_day)
    found = sorted({day.year for day in days if day})
    return "–".join(map(str, found)) or _("undated")
