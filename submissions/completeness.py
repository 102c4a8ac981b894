"""How complete a submission is: computed from the cells it must fill, never said by anybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indicators.enums import CellStatus, Kind

from .figures import Figure

#: Kinds whose first part can be a zero; "no" and level 0 are answers.
COUNTED = frozenset({Kind.COUNT, Kind.AMOUNT, Kind.POPULATION_RATE, Kind.RATIO, Kind.MEAN})


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many cells hold what: each is reported (zeros among them), one of two absences, or
    missing."""

    reported: int = 0
    zeros: int = 0
    not_applicable: int = 0
    not_available: int = 0
    missing: int = 0

    @classmethod
    def of(cls, figures: Iterable[Figure]) -> Completeness:
        said = [(figure.content, figure.version.kind) for figure in figures]
        held = [content.status for content, _kind in said]
        zeros = [
            content
            for content, kind in said
            if content.is_reported and content.numerator == 0 and kind in COUNTED
        ]
        return cls(
            reported=held.count(CellStatus.REPORTED),
            zeros=len(zeros),
            not_applicable=held.count(CellStatus.NOT_APPLICABLE),
            not_available=held.count(CellStatus.NOT_AVAILABLE),
            missing=held.count(CellStatus.MISSING),
        )

    @property
    def total(self) -> int:
        return self.reported + self.not_applicable + self.not_available + self.missing

    @property
    def is_complete(self) -> bool:
        """Whether every required cell holds a figure, or says why there is none."""
        return self.missing == 0
