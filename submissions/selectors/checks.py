"""What the checks need to know, and what they say about a submission."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from indicators import periods
from indicators.enums import CellStatus
from submissions.checking import LOOKED_BACK, Finding, Measures, Past, findings, measures_of
from submissions.figures import Block, Series
from submissions.models import Cell, Check, Measurement

from .figures import PastShape
from .former import merged_parts


def findings_of(blocks: Sequence[Block], code: str) -> list[Finding]:
    """What the active checks find in the figures of a period: two queries, whatever their number.

    The figures are those in ``blocks``, saved or, with replaced contents, only typed.
    """
    active = Check.objects.filter(is_active=True)
    return findings(blocks, code=code, past=validated_before(blocks, code), checks=active)


def validated_before(blocks: Sequence[Block], code: str) -> Past:
    """What was validated about the same subjects in the periods before: one query.

    Of a successor, where it has nothing of its own, what its predecessors add up to.
    """
    expectation = "cell__expectation__"
    codes = periods.previous(code, LOOKED_BACK)
    subjects = {figure.subject.pk for block in blocks for figure in block.figures}
    cells = Cell.objects.filter(
        expectation__period__code__in=codes,
        expectation__version__indicator__in={block.version.indicator_id for block in blocks},
        expectation__subject__unit__in=subjects,
        expectation__subject__withdrawn_at__isnull=True,
    )
    rows = Measurement.objects.filter(
        validated_of__in=cells, status=CellStatus.REPORTED, numerator__isnull=False
    ).values_list(
        F(f"{expectation}version__indicator_id"),
        F(f"{expectation}subject__unit_id"),
        "cell__option",
        f"{expectation}period__code",
        f"{expectation}version__kind",
        f"{expectation}version__decimals",
        f"{expectation}version__display_decimals",
        f"{expectation}version__scale",
        "numerator",
        "denominator",
    )
    past: dict[Series, dict[str, Measures]] = {}
    now = {each.version.indicator_id: (each.version.kind, each.version.scale) for each in blocks}
    for indicator, unit, option, period, *shape, numerator, denominator in rows:
        then = PastShape(*shape)
        said = measures_of(then, numerator, denominator)
        if said is not None and (then.kind, then.scale) == now[indicator]:
            past.setdefault((indicator, unit, option), {})[period] = said
    shapes = {each.version.indicator_id: each.version for each in blocks}
    for series, by_code in merged_parts(blocks, codes).items():
        for period, parts in by_code.items():
            said = measures_of(shapes[series[0]], *parts)
            if said is not None:
                past.setdefault(series, {}).setdefault(period, said)
    return past
