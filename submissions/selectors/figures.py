"""The figures of a submission, and what was said before beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Count, F, OuterRef, Q

from indicators import periods
from indicators.calculation.values import ADDABLE
from indicators.enums import CellStatus
from indicators.models import Indicator, IndicatorVersion
from organisations.models import UnitSuccession
from submissions import wording
from submissions.content import Content
from submissions.enums import State
from submissions.figures import Block, Figure, Series
from submissions.models import Cell, Measurement, Round, Submission

from .former import merged_parts
from .parts import part_columns, take_parts, with_parts

#: What a page reads with a definition.
RELATED = [f"indicator__{name}" for name in Indicator.RELATED]


def blocks_of(submission: Submission, within: Q | None = None) -> list[Block]:
    """All figures of a submission in the plan's order: theme, objective, indicator, subject.

    ``within`` narrows them, as a condition on cells. One that was replaced stays readable;
    elsewhere, what is about a withdrawn subject is left out. One query.
    """
    cells = Cell.objects.filter(within or Q(), expectation__submission=submission)
    if submission.state != State.REPLACED:
        cells = cells.filter(expectation__subject__withdrawn_at__isnull=True)
    cells = (
        cells.select_related(
            "current__entered_by",
            "expectation__subject__unit",
            "expectation__subject__province",
            *(f"expectation__version__{name}" for name in RELATED),
        )
        .annotate(**part_columns("expectation__version"))
        .order_by("expectation__subject__unit__slug", "pk")
    )
    versions = _definitions_in(cells)
    figures = [_figure(cell, versions, submission.reporter_id) for cell in cells]
    figures.sort(key=lambda figure: _place(figure.version))
    return [
        Block(versions[pk], list(group))
        for pk, group in groupby(figures, key=lambda figure: figure.version.pk)
    ]


def definitions(ids: set[int]) -> dict[int, IndicatorVersion]:
    """The versions with all that a form needs of them, by id. One query."""
    found = IndicatorVersion.objects.filter(pk__in=ids).select_related(*RELATED)
    return {version.pk: version for version in with_parts(found)}


def _definitions_in(cells: Iterable[Cell]) -> dict[int, IndicatorVersion]:
    """The definition that each cell was read with, once for all cells that share it, by id."""
    versions: dict[int, IndicatorVersion] = {}
    for cell in cells:
        version = versions.setdefault(cell.expectation.version_id, cell.expectation.version)
        if version is cell.expectation.version:
            take_parts(version, cell)
        cell.expectation.version = version
    return versions


def _figure(cell: Cell, versions: Mapping[int, IndicatorVersion], reporter_id: int) -> Figure:
    version = versions[cell.expectation.version_id]
    option = next((each for each in version.options.all() if each.code == cell.option), None)
    subject = cell.expectation.subject.unit
    content = Content.of(cell.current)
    return Figure(cell, version, subject, option, content, subject.pk == reporter_id)


def _place(version: IndicatorVersion) -> tuple[int, int]:
    return (version.indicator.position, version.pk)


# --- What was said before ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PastShape:
    kind: str
    decimals: int
    display_decimals: int
    scale: int


def series_of(figure: Figure) -> Series:
    return figure.series


def past_texts(blocks: Sequence[Block], codes: Sequence[str]) -> dict[Series, dict[str, str]]:
    """Per series and period code, the validated figure as a short text.

    A draft, or what still waits for control, is no past figure: nothing stands there. A successor
    has the sums of its predecessors, marked as such, where it has no figure itself. One query, and
    two more where a unit is younger than the periods.
    """
    subjects = {figure.subject.pk for block in blocks for figure in block.figures}
    cells = Cell.objects.filter(
        expectation__period__code__in=codes,
        expectation__version__indicator__in=[block.version.indicator_id for block in blocks],
        expectation__subject__unit__in=subjects,
    )
    rows = (
        Measurement.objects.filter(validated_of__in=cells)
        .annotate(
            indicator=F("cell__expectation__version__indicator_id"),
            unit=F("cell__expectation__subject__unit_id"),
            option=F("cell__option"),
            code=F("cell__expectation__period__code"),
            kind=F("cell__expectation__version__kind"),
            decimals=F("cell__expectation__version__decimals"),
            display_decimals=F("cell__expectation__version__display_decimals"),
            scale=F("cell__expectation__version__scale"),
        )
        .values()
    )
    past: dict[Series, dict[str, str]] = {}
    for row in rows:
        shape = PastShape(row["kind"], row["decimals"], row["display_decimals"], row["scale"])
        parts = (row["numerator"], row["denominator"])
        content = Content(CellStatus(row["status"]), *parts, text=row["text"])
        series = (row["indicator"], row["unit"], row["option"])
        past.setdefault(series, {})[row["code"]] = wording.short_text(shape, content)
    versions = {block.version.indicator_id: block.version for block in blocks}
    for series, by_code in merged_parts(blocks, codes).items():
        for code, parts in by_code.items():
            content = Content(CellStatus.REPORTED, *parts)
            text = wording.merged_text(wording.short_text(versions[series[0]], content))
            past.setdefault(series, {}).setdefault(code, text)
    return past


@dataclass(slots=True)
class Inherited:
    """What each zone that gave way to a subject had said of a figure: a unit and a short text.

    ``sum`` is what they add up to, where the kind adds up and all of them had a figure.
    """

    said: list[tuple[str, str]] = field(default_factory=list)
    sum: Content | None = None


def predecessors_texts(blocks: Sequence[Block], round: Round) -> dict[Series, Inherited]:
    """Per series, what the zones that gave way to the subject had said in the same round.

    Withdrawn figures count nowhere; the successor starts from them. One query.
    """
    subjects = {figure.subject.pk for block in blocks for figure in block.figures}
    unit = "cell__expectation__subject__unit"
    said = (
        Measurement.objects.filter(
            current_of__isnull=False,
            cell__expectation__subject__round=round,
            cell__expectation__subject__withdrawn_at__isnull=False,
            **{f"{unit}__successions__successor__in": subjects},
        )
        .annotate(
            successor=F(f"{unit}__successions__successor"),
            predecessors=UnitSuccession.objects.filter(successor=OuterRef("successor"))
            .order_by()
            .values("successor")
            .annotate(number=Count("pk"))
            .values("number"),
        )
        .select_related(unit, "cell__expectation__version")
        .order_by(f"{unit}__slug")
    )
    found: dict[Series, Inherited] = {}
    drafted: dict[Series, list[Measurement]] = {}
    for row in said:
        expectation = row.cell.expectation
        series = (expectation.version.indicator_id, row.successor, row.cell.option)
        text = wording.short_text(expectation.version, Content.of(row))
        found.setdefault(series, Inherited()).said.append((expectation.subject.unit.label, text))
        if row.status == CellStatus.REPORTED and expectation.version.kind in ADDABLE:
            drafted.setdefault(series, []).append(row)
    for series, rows in drafted.items():
        if len(rows) == vars(rows[0])["predecessors"]:
            numerator = _added(row.numerator for row in rows)
            denominator = _added(row.denominator for row in rows)
            found[series].sum = Content(CellStatus.REPORTED, numerator, denominator)
    return found


def _added(parts: Iterable[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def compared_codes(code: str) -> list[str]:
    """The periods shown beside a figure: the last four, and the same one a year earlier."""
    last = periods.previous(code, 4)
    before = periods.a_year_earlier(code)
    return last if before in last else [*last, before]
