"""One indicator: its series, its areas, its history, and who went into a figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.registries import SearchHit
from foundation.words import matches
from indicators.calculation.adding import subject_value
from indicators.calculation.breakdowns import adds_up
from indicators.calculation.judging import Judgement
from indicators.calculation.paths import Path
from indicators.calculation.values import Definition, Observation
from indicators.definitions import definition_of, path_of, path_on
from indicators.enums import CellStatus, Kind, Status
from indicators.models import HistoricalFigure, Indicator, IndicatorVersion, Period, TargetPath
from organisations.enums import AreaKind
from organisations.models import Area, Unit, User
from progress.aggregation import units_judged
from progress.enums import DataState
from progress.gathering import as_it_stands
from progress.inputs import YearChange, carried_units, inputs_of, year_change
from progress.models import FrozenResult, Result, Shown
from progress.permissions import VIEW_RESULTS
from submissions.enums import State
from submissions.models import Cell, Measurement

from .reviews import Calendar, Standing, standings
from .revisions import Event, causes, shown, state_of

#: From a cell to the unit that it is about.
UNIT = "expectation__subject__unit__"
AREA_KINDS = (AreaKind.REGION, AreaKind.PROVINCE, AreaKind.ARRONDISSEMENT, AreaKind.CLASS)


@dataclass(frozen=True)
class IndicatorPage:
    """An indicator at the end of the period under review.

    ``series`` is the nation's totals up to then, oldest first; ``parts`` are the results of the
    standing's period in every area and option. ``events`` say by frozen result what changed it;
    ``carried`` is how many units have former units' parts in the rolling year.
    """

    calendar: Calendar
    period: Period
    standing: Standing
    version: IndicatorVersion
    path: Path | None
    target_path: TargetPath | None
    series: Sequence[Shown]
    parts: Sequence[Shown]
    history: Sequence[HistoricalFigure]
    events: Mapping[int, Sequence[Event]]
    change: YearChange | None = None
    carried: int = 0

    @property
    def result(self) -> Shown | None:
        return self.standing.result

    @property
    def state(self) -> DataState:
        due = self.standing.period or self.period
        return state_of([self.result], is_closed=due.code in self.calendar.closed)

    @cached_property
    def areas(self) -> dict[AreaKind, list[Shown]]:
        """The totals by kind of area, empty kinds left out."""
        totals = [each for each in self.parts if not each.option]
        found = {kind: [each for each in totals if each.area.kind == kind] for kind in AREA_KINDS}
        return {kind: results for kind, results in found.items() if results}

    @cached_property
    def options(self) -> list[tuple[str, Shown]]:
        """The nation's result of each breakdown option, in the definition's order."""
        national = {each.option: each for each in self.parts if each.area.kind == AreaKind.NATION}
        return [
            (option.label, national[option.code])
            for option in self.version.options.all()
            if option.code in national
        ]

    @property
    def adds_up(self) -> bool:
        """Whether the options are the total, where its definition says that they make it."""
        if self.result is None or not self.version.breakdown_is_exhaustive:
            return False
        shown = [each.aggregate for _label, each in self.options]
        return adds_up(Kind(self.version.kind), self.result.aggregate, shown)


@dataclass(frozen=True)
class Said:
    """What one expected subject said in a period, validated; parts in the definition's units.

    ``population_unknown``: it was reported, and has no place in the rate.
    """

    unit: Unit
    arrondissement: Area | None
    status: str
    numerator: int | None
    denominator: int | None
    value: Fraction | None
    text: str
    reason: str
    population_unknown: bool
    revision: int | None
    in_review: bool
    judged: Status | None = None


def indicator_page(calendar: Calendar, period: Period, code: str) -> IndicatorPage | None:
    """Everything about an indicator at the end of ``period``; None where it has no definition."""
    found = standings(calendar, [period.last_day], Indicator.objects.filter(code=code))
    if not found[period.last_day]:
        return None
    (standing,) = found[period.last_day]
    version = _full_definition(standing.version.pk)
    paths = TargetPath.objects.filter(
        indicator=standing.indicator, area__kind=AreaKind.NATION
    ).prefetch_related("points")
    target_path = path_on(paths, (standing.period or period).last_day)
    known = shown(
        Q(area__kind=AreaKind.NATION, option="") | Q(period=standing.period),
        indicator=standing.indicator,
        period__in=[each.pk for each in calendar.periods if each.last_day <= period.last_day],
    )
    known.sort(key=lambda each: (each.period.last_day, each.area.number, each.area.code))
    result = standing.result
    return IndicatorPage(
        calendar=calendar,
        period=period,
        standing=standing,
        version=version,
        path=standing.result.path
        if isinstance(standing.result, FrozenResult)
        else path_of(version, target_path),
        target_path=target_path,
        series=[one for one in known if one.area.kind == AreaKind.NATION and not one.option],
        parts=[one for one in known if one.period == standing.period],
        history=list(standing.indicator.historical_figures.all()),
        events=causes([each for each in known if isinstance(each, FrozenResult) and each.revised]),
        change=year_change(result) if result else None,
        carried=carried_units(result) if result else 0,
    )


def _full_definition(pk: int) -> IndicatorVersion:
    return (
        IndicatorVersion.objects.select_related("indicator", "reporter")
        .prefetch_related("options", "levels", "steps", "not_applicable_reasons", "subjects")
        .get(pk=pk)
    )


def said(page: IndicatorPage, units: Q) -> list[Said]:
    """What went into the nation's figure and what did not, of these units of subjects.

    ``units`` leads from a cell: ``units_with_figures(user, UNIT)``. Where the nation's path holds
    for every unit, each has its status. Restricted indicators show no unit beside another. A fixed
    number of queries.
    """
    indicator = page.standing.indicator
    if indicator.is_restricted or page.standing.period is None:
        return []
    cells = (
        Cell.objects.filter(
            units,
            option="",
            expectation__subject__withdrawn_at__isnull=True,
            expectation__version__indicator=indicator,
            expectation__period=page.standing.period,
        )
        .select_related(
            "validated",
            "expectation__subject__unit",
            "expectation__subject__arrondissement",
            "expectation__submission",
        )
        .order_by(
            "expectation__subject__arrondissement__number", "expectation__subject__unit__slug"
        )
    )
    judged = _units_judged(page)
    return [_said(page.version, cell, judged) for cell in cells]


def _units_judged(page: IndicatorPage) -> Mapping[int, Judgement]:
    period = page.standing.period
    if period is None or page.path is None or not page.version.for_every_unit:
        return {}
    basis, known = as_it_stands(page.standing.indicator.pk, period)
    if period.code not in known:
        return {}
    return units_judged(basis, known[period.code], known, page.path)


def _said(version: IndicatorVersion, cell: Cell, judged: Mapping[int, Judgement]) -> Said:
    subject = cell.expectation.subject
    validated = cell.validated
    observation = Observation(
        subject.unit_id,
        CellStatus(validated.status) if validated else CellStatus.MISSING,
        validated.numerator if validated else None,
        validated.denominator if validated else None,
        subject.population,
        validated.revision if validated else None,
    )
    return _told(
        definition_of(version),
        observation,
        subject.unit,
        subject.arrondissement,
        text=validated.text if validated else "",
        reason=validated.reason if validated else "",
        in_review=cell.expectation.submission.state == State.SUBMITTED
        and cell.current_id != cell.validated_id,
        judged=judged[subject.unit_id].status if subject.unit_id in judged else None,
    )


def _told(
    definition: Definition,
    one: Observation,
    unit: Unit,
    arrondissement: Area | None,
    *,
    text: str,
    reason: str,
    in_review: bool = False,
    judged: Status | None = None,
) -> Said:
    return Said(
        unit=unit,
        arrondissement=arrondissement,
        status=one.status.value,
        numerator=one.numerator,
        denominator=one.denominator,
        value=None if one.numerator is None else subject_value(definition, one),
        text=text,
        reason=reason,
        population_unknown=definition.kind == Kind.POPULATION_RATE
        and one.population is None
        and one.status == CellStatus.REPORTED,
        revision=one.revision,
        in_review=in_review,
        judged=judged,
    )


def said_when_closed(page: IndicatorPage) -> list[Said]:
    """What went into the nation's frozen figure and what did not, as the closing kept it.

    Nothing of what is not closed or restricted. A fixed number of queries.
    """
    result = page.result
    if page.standing.indicator.is_restricted or not isinstance(result, FrozenResult):
        return []
    inputs = inputs_of(result)
    if inputs is None:
        return []
    now = inputs.now
    units = Unit.objects.in_bulk(list(now.slugs))
    arrondissements = Area.objects.filter(kind=AreaKind.ARRONDISSEMENT).in_bulk()
    words = _words(result)
    judged = units_judged(inputs.basis, now, inputs.known, inputs.path)
    found = []
    for pk, one in inputs.observed(now).items():
        arrondissement = arrondissements.get(now.places[pk].arrondissement or 0)
        text, reason = words.get((pk, one.revision), ("", ""))
        found.append(
            _told(
                inputs.definition,
                one,
                units[pk],
                arrondissement,
                text=text,
                reason=reason,
                judged=judged[pk].status if pk in judged else None,
            )
        )
    return sorted(found, key=lambda one: one.arrondissement.number if one.arrondissement else 0)


def _words(result: FrozenResult) -> dict[tuple[int, int | None], tuple[str, str]]:
    """By unit and revision, the text and reason that a sheet does not keep: they never change."""
    on = "cell__expectation__"
    rows = (
        Measurement.objects.filter(
            cell__option=result.option,
            cell__expectation__version__indicator=result.indicator_id,
            cell__expectation__period=result.period_id,
        )
        .exclude(text="", reason="")
        .values_list(f"{on}subject__unit", "revision", "text", "reason")
    )
    return {(unit, revision): (text, reason) for unit, revision, text, reason in rows}


def find(user: User, words: str, most: int) -> list[SearchHit]:
    """Indicators whose code, name or objective's code holds every word."""
    if not user.access.may(VIEW_RESULTS.name):
        return []
    versions = IndicatorVersion.objects.filter(valid_to__isnull=True).select_related(
        *(f"indicator__{name}" for name in Indicator.RELATED)
    )
    return [
        SearchHit(
            version.name,
            reverse("indicator-detail", args=[version.indicator.code]),
            _("Indicator"),
            str(version.indicator.promise),
        )
        for version in versions
        if matches(words, version.name, version.indicator.code, version.indicator.promise.code)
    ][:most]


def judged_until(indicator_id: int) -> dt.date | None:
    """The last day of the last period whose result rests on a figure."""
    judged = Result.objects.filter(indicator=indicator_id, reported__gt=0)
    day: dt.date | None = judged.aggregate(last=Max("period__last_day"))["last"]
    return day
