"""What a definition and a path may say, and from when on they may be another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from foundation.templatetags import jalon

from .calculation import paths
from .calculation.values import COMPARABLE
from .definitions import path_of
from .enums import Direction, Kind
from .labels import Addressed
from .loading import PROBLEMS
from .models import Indicator, IndicatorVersion, TargetPath
from .registries import Measure, settlements

#: Kinds that consist of more than fields: a definition does not become or cease to be one.
OF_PARTS = (Kind.SCALE, Kind.MILESTONES)


def check_settled(indicator: Indicator, measure: Measure, day: dt.date) -> None:
    """Raise ValidationError where figures of that day were asked or judged already."""
    days = [each.until(indicator.pk) for each in settlements if each.measure == measure]
    until = max(filter(None, days), default=None)
    if until is not None and day <= until:
        texts = {
            Measure.DEFINITION: _(
                "Figures up to %(day)s are asked by the present definition: choose a later day."
            ),
            Measure.PATH: _(
                "Figures up to %(day)s are judged by the present path: choose a later day."
            ),
        }
        text = texts[measure] % {"day": jalon.day(until)}
        raise ValidationError({"effective_on": text})


def check_follows(begun: Collection[dt.date], day: dt.date) -> None:
    """Raise ValidationError unless the day comes after those on which former ones began."""
    last = max(begun, default=None)
    if last is not None and day <= last:
        text = _("Another one takes effect on %(day)s already: choose a later day.")
        raise ValidationError({"effective_on": text % {"day": jalon.day(last)}})


def _quotient(version: IndicatorVersion) -> bool:
    return version.kind in (Kind.RATIO, Kind.MEAN)


def _inverted(version: IndicatorVersion) -> bool:
    low, high = version.lower_bound, version.upper_bound
    return low is not None and high is not None and low > high


#: What a definition must not say of itself: the field, when, and why.
_CONTRADICTIONS: tuple[tuple[str, Callable[[IndicatorVersion], bool], Callable[[], str]], ...] = (
    (
        "denominator_label",
        lambda version: _quotient(version) and not version.denominator_label,
        lambda: _("A ratio or a mean names its denominator."),
    ),
    (
        "is_part",
        lambda version: version.is_part and version.kind != Kind.RATIO,
        lambda: _("Only the numerator of a ratio is a part."),
    ),
    (
        "threshold_level",
        lambda version: (version.threshold_level is None) == (version.kind == Kind.SCALE),
        lambda: _("A scale, and no other kind, has a level that counts as reached."),
    ),
    (
        "minimum_coverage",
        lambda version: not 0 <= version.minimum_coverage <= 1,
        lambda: _("Give a share between 0 and 100 %."),
    ),
    (
        "materiality",
        lambda version: version.materiality is not None and version.materiality < 0,
        lambda: _("Give zero or more."),
    ),
    (
        "direction",
        lambda version: version.kind == Kind.MILESTONES and version.direction != Direction.INCREASE,
        lambda: _("Milestones only increase."),
    ),
    (
        "for_every_unit",
        lambda version: version.for_every_unit and version.kind not in COMPARABLE,
        lambda: _("Only the path of a ratio, a rate or a mean holds for every unit."),
    ),
    ("upper_bound", _inverted, lambda: _("The highest figure is below the lowest.")),
)


def contradictions(
    version: IndicatorVersion, before: IndicatorVersion
) -> Iterator[tuple[str, str]]:
    """What does not hold together in a definition that follows another: the field and why."""
    for field, is_broken, message in _CONTRADICTIONS:
        if is_broken(version):
            yield field, message()
    if version.kind != before.kind and {version.kind, before.kind} & set(OF_PARTS):
        yield "kind", _("A scale or milestones need an indicator of their own.")
    if version.addressed != before.addressed and Addressed.LISTED in (
        version.addressed,
        before.addressed,
    ):
        yield "addressed", _("Listed units need an indicator of their own.")


def path_contradictions(
    version: IndicatorVersion, path: TargetPath, points: Sequence[tuple[int, Fraction]]
) -> Iterator[tuple[str, str]]:
    """What METHOD 4 refuses of a path under a definition: the field and why."""
    if version.kind in (Kind.MILESTONES, Kind.NARRATIVE):
        yield "target", _("Milestones are held against their dates, a narrative against nothing.")
        return
    if version.direction == Direction.MONITOR:
        yield "target", _("What is only monitored has no path.")
        return
    if path.baseline is not None and not path.baseline_source.strip():
        yield "baseline_source", _("A baseline has its source.")
    wanted = paths.Path(
        Direction(version.direction),
        baseline=path.baseline,
        baseline_end=path.baseline_end,
        points=tuple((dt.date(year, 12, 31), value) for year, value in points),
        target=path.target,
        band_low=path.band_low,
        band_high=path.band_high,
    )
    for problem in paths.problems(wanted):
        field, message = PROBLEMS[problem.code]
        if field == "points":
            year = problem.day.year if problem.day else points[0][0]
            field = f"point_{year}"
        yield field, str(message)


def fits(version: IndicatorVersion, path: TargetPath) -> bool:
    """Whether a path may stand under a definition; a path that asks for nothing always may."""
    asked = path_of(version, path)
    asks = path.target is not None or path.band_low is not None
    if not asks or asked is None or version.direction == Direction.MONITOR:
        return True
    return not paths.problems(asked)
