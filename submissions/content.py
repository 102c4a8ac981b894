"""What is said about a cell, as a plain value, and what makes it refused or doubtful."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from indicators.calculation.checking import PartProblem, part_problem
from indicators.definitions import definition_of
from indicators.enums import CellStatus, Kind
from indicators.models import IndicatorVersion

from .models import Measurement

#: The most characters of a comment, and of the words why a figure is not available.
LONGEST_COMMENT = 2000
LONGEST_REASON = 300
#: A browser takes a year typed as 26 for the year 26: no step was done before this day.
EARLIEST_STEP = dt.date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Content:
    """One revision's content; the default says nothing. Parts are in units of 10^-decimals.

    ``steps_done``: the number of a milestone step → the day it was done, in ISO form.
    ``is_flagged``: the unit wants to come back to it.
    ``reason``: the code of a definition's reason (not applicable), or words (not available).
    """

    status: CellStatus = CellStatus.MISSING
    numerator: int | None = None
    denominator: int | None = None
    steps_done: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    reason: str = ""
    comment: str = ""
    is_flagged: bool = False

    @classmethod
    def of(cls, measurement: Measurement | None) -> Content:
        if measurement is None:
            return cls()
        return cls(
            CellStatus(measurement.status),
            measurement.numerator,
            measurement.denominator,
            measurement.steps_done,
            measurement.text,
            measurement.reason,
            measurement.comment,
            measurement.is_flagged,
        )

    def as_dict(self) -> dict[str, Any]:
        """The columns of a measurement, and what JSON keeps of a content."""
        return {
            "status": self.status.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "steps_done": dict(self.steps_done),
            "text": self.text,
            "reason": self.reason,
            "comment": self.comment,
            "is_flagged": self.is_flagged,
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Content:
        return cls(**{**kept, "status": CellStatus(kept["status"])})

    @property
    def figure(self) -> Content:
        """What it says, without what its unit remarks about it."""
        return replace(self, comment="", is_flagged=False)

    @property
    def is_missing(self) -> bool:
        return self.status == CellStatus.MISSING

    @property
    def is_reported(self) -> bool:
        return self.status == CellStatus.REPORTED


class ContentProblem(StrEnum):
    """Why a content that is not about its parts is refused."""

    REASON_NEEDED = "reason_needed"
    UNKNOWN_REASON = "unknown_reason"
    TEXT_NEEDED = "text_needed"
    UNKNOWN_STEP = "unknown_step"
    NOT_A_DATE = "not_a_date"
    STEP_AFTER_PERIOD = "step_after_period"
    STEPS_MISCOUNTED = "steps_miscounted"
    TOTAL_WITHOUT_CASES = "total_without_cases"
    COMMENT_TOO_LONG = "comment_too_long"
    REASON_TOO_LONG = "reason_too_long"


def problem_with(
    version: IndicatorVersion, content: Content, last_day: dt.date
) -> PartProblem | ContentProblem | None:
    """The first reason to refuse a content under a definition, in a period ending on ``last_day``.

    Parts that contradict each other are none: see ``contradiction_in``. Reads the version's steps
    and reasons: prefetch them.
    """
    return next(problems_with(version, content, last_day), None)


def problems_with(
    version: IndicatorVersion, content: Content, last_day: dt.date
) -> Iterator[PartProblem | ContentProblem]:
    """Every reason to refuse it: of its comment, and of what it says."""
    if len(content.comment) > LONGEST_COMMENT:
        yield ContentProblem.COMMENT_TOO_LONG
    problem = _problem_of_figure(version, content, last_day)
    if problem is not None:
        yield problem


def _problem_of_figure(
    version: IndicatorVersion, content: Content, last_day: dt.date
) -> PartProblem | ContentProblem | None:
    if content.status == CellStatus.REPORTED:
        return _reported_problem(version, content, last_day)
    if content.status == CellStatus.NOT_APPLICABLE:
        allowed = {reason.code for reason in version.not_applicable_reasons.all()}
        return None if content.reason in allowed else ContentProblem.UNKNOWN_REASON
    if content.status == CellStatus.NOT_AVAILABLE and not content.reason.strip():
        return ContentProblem.REASON_NEEDED
    return ContentProblem.REASON_TOO_LONG if len(content.reason) > LONGEST_REASON else None


def _reported_problem(
    version: IndicatorVersion, content: Content, last_day: dt.date
) -> PartProblem | ContentProblem | None:
    if version.kind == Kind.NARRATIVE and not content.text.strip():
        return ContentProblem.TEXT_NEEDED
    if version.kind == Kind.MILESTONES:
        steps_problem = _steps_problem(version, content, last_day)
        if steps_problem:
            return steps_problem
    problem = part_problem(definition_of(version), content.numerator, content.denominator)
    return None if problem == PartProblem.ABOVE_DENOMINATOR else problem


def contradiction_in(
    version: IndicatorVersion, content: Content
) -> PartProblem | ContentProblem | None:
    """How the two parts of a reported figure contradict each other.

    A draft keeps such a figure as it was typed; it cannot be attested.
    """
    if not content.is_reported or content.denominator is None:
        return None
    if version.kind == Kind.MEAN and content.denominator == 0 and content.numerator:
        return ContentProblem.TOTAL_WITHOUT_CASES
    problem = part_problem(definition_of(version), content.numerator, content.denominator)
    return problem if problem == PartProblem.ABOVE_DENOMINATOR else None


def _steps_problem(
    version: IndicatorVersion, content: Content, last_day: dt.date
) -> ContentProblem | None:
    planned = {str(step.number) for step in version.steps.all()}
    if not set(content.steps_done) <= planned:
        return ContentProblem.UNKNOWN_STEP
    if (content.numerator, content.denominator) != (len(content.steps_done), len(planned)):
        return ContentProblem.STEPS_MISCOUNTED
    try:
        days = [dt.date.fromisoformat(day) for day in content.steps_done.values()]
    except ValueError:
        return ContentProblem.NOT_A_DATE
    if any(day < EARLIEST_STEP for day in days):
        return ContentProblem.NOT_A_DATE
    return ContentProblem.STEP_AFTER_PERIOD if any(day > last_day for day in days) else None


def is_outside_bounds(
    version: IndicatorVersion, content: Content, *, is_option: bool = False
) -> bool:
    """Whether a reported figure is implausible by the definition's bounds (of the numerator).

    A part of a total may be anything from nothing on: the lowest figure is the total's.
    """
    if not content.is_reported or content.numerator is None:
        return False
    low, high = version.lower_bound, version.upper_bound
    if low is not None and is_option:
        low = min(low, 0)
    return (low is not None and content.numerator < low) or (
        high is not None and content.numerator > high
    )
