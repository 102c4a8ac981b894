"""Labels of the vocabularies in ``enums``, and the vocabularies that only the database needs."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .enums import CellStatus, Direction, Frequency, Kind, Nature, Status, Temporal, Trend

Choices = list[tuple[str, str | Promise]]

KINDS: Choices = [
    (Kind.COUNT, _("count")),
    (Kind.AMOUNT, _("amount")),
    (Kind.RATIO, _("ratio")),
    (Kind.POPULATION_RATE, _("population rate")),
    (Kind.MEAN, _("mean")),
    (Kind.YES_NO, _("yes or no")),
    (Kind.SCALE, _("scale from 0 to 4")),
    (Kind.MILESTONES, _("milestones")),
    (Kind.NARRATIVE, _("narrative")),
]
DIRECTIONS: Choices = [
    (Direction.INCREASE, _("increase")),
    (Direction.DECREASE, _("decrease")),
    (Direction.MAINTAIN, _("maintain inside a band")),
    (Direction.MONITOR, _("monitor without judgement")),
]
TEMPORALS: Choices = [
    (Temporal.FLOW, _("flow (a year is the sum of its parts)")),
    (Temporal.STOCK, _("stock (a year is its last value)")),
    (Temporal.MEAN, _("mean (parts are added, then divided)")),
]
FREQUENCIES: Choices = [
    (Frequency.MONTH, _("monthly")),
    (Frequency.QUARTER, _("quarterly")),
    (Frequency.HALF_YEAR, _("half-yearly")),
    (Frequency.YEAR, _("yearly")),
]
NATURES: Choices = [
    (Nature.EFFORT, _("effort")),
    (Nature.RESULT, _("result")),
]
CELL_STATUSES: Choices = [
    (CellStatus.REPORTED, _("reported")),
    (CellStatus.NOT_APPLICABLE, _("not applicable")),
    (CellStatus.NOT_AVAILABLE, _("not available")),
    (CellStatus.MISSING, _("missing")),
]
STATUSES: Choices = [
    (Status.ACHIEVED, _("Achieved")),
    (Status.ON_TRACK, _("On track")),
    (Status.AT_RISK, _("At risk")),
    (Status.OFF_TRACK, _("Off track")),
    (Status.MOVING_AWAY, _("Moving away")),
    (Status.MONITORING, _("Monitoring only")),
    (Status.NO_TARGET, _("No target")),
    (Status.NO_BASELINE, _("No baseline")),
    (Status.NOT_APPLICABLE, _("Not applicable")),
    (Status.INSUFFICIENT_COVERAGE, _("Insufficient coverage")),
    (Status.NO_DATA, _("No data")),
    (Status.NOT_MEASURABLE, _("Qualitative")),
]
TRENDS: Choices = [
    (Trend.IMPROVING, _("improving")),
    (Trend.STABLE, _("stable")),
    (Trend.WORSENING, _("worsening")),
    (Trend.TOO_FEW_POINTS, _("too few points")),
]


class Addressed(models.TextChoices):
    """Whom a definition addresses: the rule from which an opening round freezes its subjects."""

    ALL_ZONES = "all_zones", _("all zones")
    POINT_OF_ENTRY = "point_of_entry", _("zones with a point of entry")
    LISTED = "listed", _("the listed units")


class DatingBasis(models.TextChoices):
    STATED = "stated", _("stated by the source")
    INFERRED = "inferred", _("inferred")
    UNKNOWN = "unknown", _("undated")


class Qualifier(models.TextChoices):
    ABOUT = "about", _("about")
    MORE_THAN = "more_than", _("more than")
    ESTIMATE = "estimate", _("estimate")
