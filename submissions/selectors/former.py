"""What zones that merged had said, added up for the unit in their place (METHOD.md 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import F

from indicators import periods
from indicators.calculation.adding import carried
from indicators.calculation.values import ADDABLE, Definition, Observation
from indicators.definitions import definition_of
from indicators.enums import CellStatus
from organisations.models import UnitSuccession
from submissions.figures import Block, Series
from submissions.models import Cell, Expectation

Parts = tuple[int | None, int | None]


def merged_parts(blocks: Sequence[Block], codes: Sequence[str]) -> dict[Series, dict[str, Parts]]:
    """Per series and period code, the predecessors' parts added up, where the kind adds up.

    All of those to whom it applies must have a validated figure, in the units of the definition in
    ``blocks``. No query where no unit is younger than the periods, else two.
    """
    oldest = min(map(periods.first_day, codes), default=None)
    young = {
        figure.subject.pk
        for block in blocks
        for figure in block.figures
        if oldest and figure.subject.valid_from and figure.subject.valid_from > oldest
    }
    successors = _merged_into(young) if young else {}
    if not successors:
        return {}
    definitions = {
        block.version.indicator_id: definition_of(block.version)
        for block in blocks
        if block.version.kind in ADDABLE
    }
    found: dict[Series, dict[str, Parts]] = {}
    for (indicator, option, code), said in _said(definitions, successors, codes).items():
        for one in carried(definitions[indicator], said, successors):
            if one.status == CellStatus.REPORTED:
                parts = (one.numerator, one.denominator)
                found.setdefault((indicator, one.subject, option), {})[code] = parts
    return found


def _merged_into(units: Collection[int]) -> dict[int, int]:
    """From each unit that gave way to the one of ``units`` in its place; a split leads nowhere."""
    ways: dict[int, list[int]] = defaultdict(list)
    recorded = UnitSuccession.objects.filter(predecessor__isnull=False, effective_on__isnull=False)
    for old, new in recorded.order_by("effective_on", "pk").values_list(
        "predecessor_id", "successor_id"
    ):
        if old is not None:
            ways[old].append(new)
    found: dict[int, int] = {}
    for old, (unit, *others) in ways.items():
        while not others and unit not in units and unit in ways:
            unit, *others = ways[unit]
        if not others and unit in units:
            found[old] = unit
    return found


def _said(
    definitions: Mapping[int, Definition],
    units: Mapping[int, int],
    codes: Sequence[str],
) -> dict[tuple[int, str, str], list[Observation]]:
    """What was asked of each of ``units``, by indicator, option and period.

    What was said in other units than those of ``definitions`` cannot be added: it is missing.
    """
    expected = Expectation.objects.standing().filter(
        version__indicator__in=definitions,
        subject__unit__in=units,
        period__code__in=codes,
    )
    measured = ("status", "numerator", "denominator")
    rows = Cell.objects.filter(expectation__in=expected).values(
        "option",
        *(f"validated__{name}" for name in measured),
        indicator=F("expectation__version__indicator_id"),
        kind=F("expectation__version__kind"),
        decimals=F("expectation__version__decimals"),
        unit=F("expectation__subject__unit_id"),
        population=F("expectation__subject__population"),
        code=F("expectation__period__code"),
    )
    found: dict[tuple[int, str, str], list[Observation]] = defaultdict(list)
    for row in rows:
        status, numerator, denominator = (row[f"validated__{name}"] for name in measured)
        now = definitions[row["indicator"]]
        if (row["kind"], row["decimals"]) != (now.kind, now.decimals):
            status = numerator = denominator = None
        told = Observation(
            row["unit"],
            CellStatus(status or CellStatus.MISSING),
            numerator,
            denominator,
            row["population"],
        )
        found[row["indicator"], row["option"], row["code"]].append(told)
    return found
