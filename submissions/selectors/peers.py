"""What a subject may know about the others: all, of its province, of its population class."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indicators.calculation.comparing import Group, Peers
from indicators.enums import Kind
from submissions.enums import PeerGroup
from submissions.figures import Block, Figure, Series
from submissions.models import PeerValues

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Beside:
    """The peers of a subject in one group, in the latest locked period among those shown.

    ``place`` is the name of the province, the number of the class, or empty for the nation.
    """

    group: PeerGroup
    place: str
    period_code: str
    peers: Peers


def peers_beside(blocks: Sequence[Block], codes: Iterable[str]) -> dict[Series, list[Beside]]:
    """Per series, the nation, the province and the class: one query for all figures.

    The subject's own value is left out. Only locked periods have values, and of zones only;
    restricted indicators have none.
    """
    figures = [figure for block in blocks for figure in block.figures]
    places = {figure.subject.pk: _places(figure) for figure in figures}
    rows = PeerValues.objects.filter(
        period__code__in=list(codes),
        version__indicator__in={block.version.indicator_id for block in blocks},
        version__indicator__is_restricted=False,
        place__in={code for each in places.values() for _group, code in each},
    ).select_related("period", "version")
    latest: dict[tuple[int, str, str, str], PeerValues] = {}
    for row in rows.order_by("period__last_day"):
        latest[row.version.indicator_id, row.option, row.group, row.place] = row
    last_day = _last_days(latest.values())
    groups = {row.pk: _group(row) for row in latest.values()}
    found: dict[Series, list[Beside]] = {}
    for figure in figures:
        indicator, subject, option = figure.series
        for (group, place), name in places[subject].items():
            values = latest.get((indicator, option, group, place))
            if values is not None and values.period.last_day == last_day[indicator]:
                others = groups[values.pk].beside(subject)
                beside = Beside(PeerGroup(group), name, values.period.code, others)
                found.setdefault(figure.series, []).append(beside)
    return found


def _group(row: PeerValues) -> Group:
    exact = {unit: Fraction(above, below) for unit, above, below in row.values}
    return Group.of(exact.items(), levels=row.version.kind == Kind.SCALE)


def _last_days(rows: Iterable[PeerValues]) -> dict[int, dt.date]:
    """The last day of each indicator's latest period: groups of another one are not set beside."""
    days: dict[int, dt.date] = {}
    for row in sorted(rows, key=lambda each: each.period.last_day):
        days[row.version.indicator_id] = row.period.last_day
    return days


def _places(figure: Figure) -> dict[Place, str]:
    """The groups of a figure's subject, as frozen for this round, with the words for them."""
    frozen = figure.cell.expectation.subject
    places: dict[Place, str] = {(PeerGroup.NATION, ""): ""}
    if frozen.province is not None:
        places[PeerGroup.PROVINCE, frozen.province.code] = str(frozen.province)
    if frozen.population_class is not None:
        number = str(frozen.population_class)
        places[PeerGroup.CLASS, number] = number
    return places
