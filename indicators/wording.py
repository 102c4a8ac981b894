"""A definition in words: what a unit's value is, what a group's is, and how a year is made."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from foundation.templatetags.jalon import NO_BREAK_SPACE, figure

from .calculation.values import PERIODS_PER_YEAR
from .enums import Direction, Frequency, Kind, Temporal
from .models import IndicatorVersion


def formula(version: IndicatorVersion) -> str:
    """How a value comes of what is reported (METHOD.md 2); a narrative has none."""
    words = {
        "numerator": version.numerator_label,
        "denominator": version.denominator_label,
        "scale": _scale(version),
        "level": version.threshold_level,
    }
    return _FORMULAS[Kind(version.kind)](version) % words


def _scale(version: IndicatorVersion) -> str:
    return f"{NO_BREAK_SPACE}× {figure(version.scale)}" if version.scale != 1 else ""


def _one(text: str | Promise) -> Callable[[IndicatorVersion], str]:
    return lambda _version: str(text)


_FORMULAS: dict[Kind, Callable[[IndicatorVersion], str]] = {
    Kind.COUNT: _one(gettext_lazy("Sum of “%(numerator)s”.")),
    Kind.AMOUNT: _one(gettext_lazy("Sum of “%(numerator)s”.")),
    Kind.RATIO: _one(
        gettext_lazy("Sum of “%(numerator)s” divided by the sum of “%(denominator)s”%(scale)s.")
    ),
    Kind.POPULATION_RATE: _one(
        gettext_lazy(
            "Sum of “%(numerator)s” divided by the population of the units that reported%(scale)s."
        )
    ),
    Kind.MEAN: _one(
        gettext_lazy("Sum of “%(numerator)s” divided by the sum of “%(denominator)s”%(scale)s.")
    ),
    Kind.YES_NO: _one(
        gettext_lazy("Units that answered yes, divided by the units that answered%(scale)s.")
    ),
    Kind.SCALE: _one(
        gettext_lazy(
            "Units at level %(level)s or above, divided by the units that gave their "
            "level%(scale)s."
        )
    ),
    Kind.MILESTONES: _one(
        gettext_lazy("Steps that are done, divided by the steps that are planned%(scale)s.")
    ),
    Kind.NARRATIVE: _one(gettext_lazy("A text: it is read, never computed.")),
}

ADDITIONS: dict[Kind, str | Promise] = {
    Kind.COUNT: gettext_lazy("A group shows the sum of the values of its units."),
    Kind.AMOUNT: gettext_lazy("A group shows the sum of the values of its units."),
    Kind.RATIO: gettext_lazy(
        "A group adds up numerators and denominators, then divides: never a mean of ratios. A "
        "denominator of zero gives no value, and counts as reported."
    ),
    Kind.POPULATION_RATE: gettext_lazy(
        "A group adds up the counts and the populations of the units that reported, then divides."
    ),
    Kind.MEAN: gettext_lazy(
        "A group adds up the totals and the cases, then divides: a unit with many cases weighs "
        "more. Without cases there is no value, and the unit counts as having reported."
    ),
    Kind.YES_NO: gettext_lazy("A group shows the share of yes among the units that answered."),
    Kind.SCALE: gettext_lazy(
        "A group shows how its units are spread over the levels, the share at the threshold or "
        "above, and the median (the lower of the two in the middle)."
    ),
    Kind.MILESTONES: gettext_lazy(
        "A group adds up the steps done and the steps planned. What is asked at a day are the "
        "steps due by then."
    ),
    Kind.NARRATIVE: gettext_lazy("The texts of a group are listed, never added."),
}


def addition(version: IndicatorVersion) -> str:
    """How a group of units adds it up (METHOD.md 2)."""
    return str(ADDITIONS[Kind(version.kind)])


_YEARS: dict[Temporal, str | Promise] = {
    Temporal.FLOW: gettext_lazy("a year is the sum of its periods"),
    Temporal.STOCK: gettext_lazy("a year is its last value"),
    Temporal.MEAN: gettext_lazy("the parts of a year are added up, then divided"),
}


def over_time(version: IndicatorVersion) -> str:
    """How often a figure is due, and how periods make a year."""
    times = PERIODS_PER_YEAR[Frequency(version.frequency)]
    if times == 1:
        return _("Once a year; the value is the year’s.")
    often = ngettext("%(times)s time a year", "%(times)s times a year", times) % {"times": times}
    text = _("%(often)s; %(rule)s. A year that lacks a period has no value of its own.")
    return text % {"often": often, "rule": _YEARS[Temporal(version.temporal)]}


_DIRECTIONS: dict[Direction, str | Promise] = {
    Direction.INCREASE: gettext_lazy("More is better."),
    Direction.DECREASE: gettext_lazy("Less is better."),
    Direction.MAINTAIN: gettext_lazy("It should stay inside a band."),
    Direction.MONITOR: gettext_lazy(
        "Followed without judgement: neither more nor less is better by itself."
    ),
}


def direction(version: IndicatorVersion) -> str:
    """Where the value should go."""
    return str(_DIRECTIONS[Direction(version.direction)])


def without_path(version: IndicatorVersion) -> str:
    """Why there is no path, or no baseline in it."""
    if version.direction == Direction.MONITOR:
        return _("None: followed without judgement.")
    return _(
        "None: the plan sets no target, and no dated source measures the same thing before it."
    )
