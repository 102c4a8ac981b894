"""Counts of indicators by status (METHOD.md 7): by theme, level and dimension, of any area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.looks import STATUSES
from indicators.calculation.headlines import counts_by
from indicators.enums import Status
from indicators.models import Indicator
from organisations.enums import AreaKind
from organisations.models import Area
from progress.models import Shown
from themes.models import NcsiDimension

from .overview import Overview
from .reviews import Standing
from .revisions import shown

Label = str | Promise


@dataclass(frozen=True, slots=True)
class StatusTable:
    """Counts per group, of the statuses that any of the area's indicators has.

    ``name`` is "theme", "level" or "dimension"; rows are the group, its counts with the label of
    their status, and their sum.
    """

    name: str
    title: Label
    labels: list[Label]
    rows: list[tuple[str, list[tuple[Label, int]], int]]


def area_results(overview: Overview, area: Area) -> list[Shown]:
    """The area's results of the indicators and periods that the overview shows: two queries."""
    asked = {(each.indicator.pk, each.period.pk) for each in overview.indicators if each.period}
    results = shown(
        area=area,
        option="",
        indicator__in={indicator for indicator, _period in asked},
        period__in={period for _indicator, period in asked},
    )
    return [each for each in results if (each.indicator_id, each.period_id) in asked]


def status_tables(
    overview: Overview, area: Area | None, results: Iterable[Shown]
) -> list[StatusTable]:
    """The three tables. For the nation (no area) what is without a result counts as no data;
    elsewhere an indicator without one is not asked there."""
    statuses = {each.indicator_id: Status(each.status) for each in results}
    if area is None or area.kind == AreaKind.NATION:
        statuses = {each.indicator.pk: each.status for each in overview.indicators}
    counted = [
        (each, statuses[each.indicator.pk])
        for each in overview.indicators
        if each.indicator.pk in statuses
    ]
    present = {status for _standing, status in counted}
    columns = {status: STATUSES[status].label for status in Status if status in present}
    groups: list[tuple[str, Label, Iterator[tuple[str, Status]]]] = [
        ("theme", _("By theme"), ((_theme(each), status) for each, status in counted)),
        ("level", _("By level"), ((_level(each), status) for each, status in counted)),
        (
            "dimension",
            _("By dimension of the Framework Note (NCSI)"),
            (
                (dimension, status)
                for each, status in counted
                for dimension in _dimensions(each, overview.dimensions)
            ),
        ),
    ]
    return [
        StatusTable(
            name,
            title,
            list(columns.values()),
            [
                (
                    group,
                    [(label, found[status]) for status, label in columns.items()],
                    sum(found.values()),
                )
                for group, found in counts_by(pairs).items()
            ],
        )
        for name, title, pairs in groups
    ]


def _theme(each: Standing) -> str:
    owner = each.indicator.objective or each.indicator.point
    return str(owner.theme) if owner else str(_("The plan as a whole"))


def _level(each: Standing) -> str:
    objective = each.indicator.objective
    return str(objective.get_level_display()) if objective else str(_("No level"))


def _dimensions(
    each: Standing, dimensions: Mapping[NcsiDimension, frozenset[int]]
) -> Iterator[str]:
    theme = _theme_of(each.indicator)
    linked = [dimension for dimension, themes in dimensions.items() if theme in themes]
    for dimension in linked:
        yield str(dimension)
    if not linked:
        yield str(_("No link stated by the plan"))


def _theme_of(indicator: Indicator) -> int | None:
    owner = indicator.objective or indicator.point
    return owner.theme_id if owner else None
