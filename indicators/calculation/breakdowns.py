"""Do the options of a breakdown go with their total? METHOD.md 2. Nothing is imputed.

An option that nobody reported is missing and stays so: it counts in its own coverage, the total
stands as it was reported, and what the others leave over is nobody's. Before a form is attested a
blank option is refused like any other blank (METHOD.md 1); for what was not available a reason is
given instead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from indicators.calculation.values import ADDABLE, Aggregate
from indicators.enums import CellStatus, Kind

#: Statuses that leave nothing open about an option: nothing applies to it, or it has its figure.
_KNOWN = (CellStatus.REPORTED, CellStatus.NOT_APPLICABLE)


class Said(Protocol):
    """A cell as far as breakdowns read it: an observation, or what a form holds."""

    @property
    def status(self) -> CellStatus: ...
    @property
    def numerator(self) -> int | None: ...
    @property
    def denominator(self) -> int | None: ...


class BreakdownProblem(StrEnum):
    """Why options do not go with their total (METHOD 2)."""

    SUM_DIFFERS = "sum_differs"
    OPTION_ABOVE_TOTAL = "option_above_total"


@dataclass(frozen=True, slots=True)
class BreakdownFault:
    """A breakdown problem with the two numbers that disagree, in the definition's units.

    ``part``: 0 or 1, of which part of a quotient they are; the cases of a mean have no decimals.
    """

    problem: BreakdownProblem
    options: int
    total: int
    part: int = 0


def breakdown_fault(
    kind: Kind, total: Said, options: Iterable[Said], *, is_exhaustive: bool
) -> BreakdownFault | None:
    """The first part of one subject's total that its options do not go with; None where they do.

    Exhaustive options add up to the total, the others are at most the total; numerator and
    denominator alike. While an option is missing or not available, the sum of the others may be
    lower than the total, never higher. Without a reported total, without options, and for kinds
    that are not added there is nothing to compare.
    """
    said = list(options)
    if not said or total.status != CellStatus.REPORTED or kind not in ADDABLE:
        return None
    parts = (
        (total.numerator, [one.numerator for one in said if one.status == CellStatus.REPORTED]),
        (total.denominator, [one.denominator for one in said if one.status == CellStatus.REPORTED]),
    )
    is_known = all(one.status in _KNOWN for one in said)
    faults = (
        (
            _sum_fault(part, whole, given, is_known=is_known)
            if is_exhaustive
            else _most_fault(part, whole, given)
        )
        for part, (whole, given) in enumerate(parts)
        if whole is not None
    )
    return next((fault for fault in faults if fault), None)


def _sum_fault(
    part: int, whole: int, given: Sequence[int | None], *, is_known: bool
) -> BreakdownFault | None:
    added = sum(number or 0 for number in given)
    if added > whole or (is_known and added != whole):
        return BreakdownFault(BreakdownProblem.SUM_DIFFERS, added, whole, part)
    return None


def _most_fault(part: int, whole: int, given: Sequence[int | None]) -> BreakdownFault | None:
    most = max((number or 0 for number in given), default=whole)
    if most > whole:
        return BreakdownFault(BreakdownProblem.OPTION_ABOVE_TOTAL, most, whole, part)
    return None


def adds_up(kind: Kind, total: Aggregate, options: Sequence[Aggregate]) -> bool:
    """Whether a group's exhaustive options are its total, so that a page may say so.

    Coverage is per option: where one option was reported by fewer subjects than the total, their
    sum is less than the total and the two only stand beside each other. Parts are compared, never
    quotients; the inhabitants of a population rate are the same in every option and are not added.
    False without options or without a figure, and for kinds that are not added.
    """
    if not options or kind not in ADDABLE:
        return False
    wholes = [(total.numerator, [one.numerator for one in options])]
    if kind in (Kind.RATIO, Kind.MEAN):
        wholes.append((total.denominator, [one.denominator for one in options]))
    return all(
        whole is not None and None not in given and sum(part or 0 for part in given) == whole
        for whole, given in wholes
    )
