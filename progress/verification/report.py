"""What differs between what is stored and what the validated figures give."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.models import OutboxEntry
from indicators.models import Indicator
from indicators.models import Period as StoredPeriod
from organisations.models import Area
from progress.models import Result

from .frozen import frozen_differences
from .reading import (
    Case,
    Difference,
    Ground,
    Report,
    Values,
    read_case,
    read_ground,
    text_of,
    unmatched,
)
from .results import recomputed_results
from .sheets import sheet_differences
from .snapshots import snapshot_report

#: The topic of the outbox under which results of an indicator and period are owed.
OWED = "results"


def reports(*, period: str = "", indicator: str = "") -> Iterator[Report]:
    """A report for each indicator, then one for closings and snapshots; or for one code, of one
    period.

    The number of queries per indicator is constant, and one indicator at a time is in memory.
    """
    ground = read_ground()
    chosen = Indicator.objects.filter(code=indicator) if indicator else Indicator.objects.all()
    for each in chosen.order_by("position"):
        yield verified(each, ground, period)
    if not indicator:
        yield snapshot_report(period)


def differences(*, period: str = "", indicator: str = "") -> Iterator[Difference]:
    """What differs between what is stored and the validated figures, owed or not."""
    for report in reports(period=period, indicator=indicator):
        yield from report.differences
        yield from report.waiting


def verified(indicator: Indicator, ground: Ground, only: str = "") -> Report:
    """The report of an indicator; ``only`` is the code of a period."""
    report = Report()
    before = _owed(indicator)
    case = read_case(indicator, ground)
    found = [
        *_result_differences(case, indicator, only, report),
        *sheet_differences(case, indicator, only, report),
    ]
    if found:
        after = _owed(indicator)
        waiting = {code for code, owed in after.items() if _waits(before.get(code), owed)}
        for code, difference in found:
            (report.waiting if code in waiting else report.differences).append(difference)
    report.differences += frozen_differences(indicator, ground, only, report)
    return report


def _owed(indicator: Indicator) -> dict[str, tuple[int, int]]:
    """What was ever owed and what was done of it, by the code of the period.

    What was set aside waits for nobody's work: what differs there differs.
    """
    codes = {str(pk): code for pk, code in StoredPeriod.objects.values_list("pk", "code")}
    entries = OutboxEntry.objects.filter(topic=OWED, key__startswith=f"{indicator.pk}:")
    return {
        codes.get(key.partition(":")[2], ""): (owed, owed if aside else done)
        for key, owed, done, aside in entries.values_list(
            "key", "generation", "done_generation", "set_aside_at"
        )
    }


def _waits(before: tuple[int, int] | None, after: tuple[int, int]) -> bool:
    return before != after or after[0] > after[1]


def _result_differences(
    case: Case, indicator: Indicator, only: str, report: Report
) -> Iterator[tuple[str, Difference]]:
    recomputed = {
        key: values for key, values in recomputed_results(case) if not only or key[0] == only
    }
    results = Result.objects.filter(indicator=indicator).select_related("period", "area")
    if only:
        results = results.filter(period__code=only)
    stored = {(each.period.code, each.area_id, each.option): each for each in results}
    names = dict(Area.objects.values_list("pk", "name_fr"))
    for key in sorted(stored.keys() | recomputed.keys()):
        code, area, option = key
        label = " ".join(filter(None, (case.code, code, names[area], option)))
        report.compared += 1
        for difference in _compared(label, stored.get(key), recomputed.get(key)):
            yield code, difference


def _compared(label: str, stored: Result | None, values: Values | None) -> Iterator[Difference]:
    if stored is None or values is None:
        yield unmatched(label, stored)
        return
    for name, value in values.items():
        if getattr(stored, name) != value:
            yield Difference(label, name, text_of(getattr(stored, name)), text_of(value))
