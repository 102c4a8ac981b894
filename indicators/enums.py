"""Vocabulary of indicators and of the method; stored values, never labels.

Plain enumerations, so that the calculation kernel needs no framework.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a subject reports, and so how figures add up (METHOD 2)."""

    COUNT = "count"
    AMOUNT = "amount"
    RATIO = "ratio"
    POPULATION_RATE = "population_rate"
    MEAN = "mean"
    YES_NO = "yes_no"
    SCALE = "scale"
    MILESTONES = "milestones"
    NARRATIVE = "narrative"


class CellStatus(StrEnum):
    """What a cell holds: exactly one of these, never mixed (METHOD 1)."""

    REPORTED = "reported"
    NOT_APPLICABLE = "not_applicable"
    NOT_AVAILABLE = "not_available"
    MISSING = "missing"


class Temporal(StrEnum):
    """How the periods of a year make the year (METHOD 2)."""

    FLOW = "flow"
    STOCK = "stock"
    MEAN = "mean"


class Direction(StrEnum):
    """Where the indicator should go; stated, never defaulted (METHOD 4)."""

    INCREASE = "increase"
    DECREASE = "decrease"
    MAINTAIN = "maintain"
    MONITOR = "monitor"


class Frequency(StrEnum):
    """How often a figure is due."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class Status(StrEnum):
    """Status of an indicator (METHOD 5), judged ones first."""

    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MOVING_AWAY = "moving_away"
    MONITORING = "monitoring"
    NO_TARGET = "no_target"
    NO_BASELINE = "no_baseline"
    NOT_APPLICABLE = "not_applicable"
    INSUFFICIENT_COVERAGE = "insufficient_coverage"
    NO_DATA = "no_data"
    NOT_MEASURABLE = "not_measurable"


class Headline(StrEnum):
    """Headline of an objective (METHOD 7): a judged status, or undetermined."""

    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MOVING_AWAY = "moving_away"
    UNDETERMINED = "undetermined"


class Trend(StrEnum):
    """Change against the same period a year earlier (METHOD 5, row 7)."""

    IMPROVING = "improving"
    STABLE = "stable"
    WORSENING = "worsening"
    TOO_FEW_POINTS = "too_few_points"


class Nature(StrEnum):
    """What police services do, or what comes of it."""

    EFFORT = "effort"
    RESULT = "result"
