"""What definitions and paths said and say: their history, and what amendments changed of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from foundation.templatetags import jalon
from foundation.templatetags.jalon import figure
from plans.amendments import comparably
from plans.models import Amendment
from plans.registries import Change, FieldChange

from .models import Indicator, IndicatorVersion, MilestoneStep, TargetPath

Told = Callable[[Any], str]


def exact(value: Fraction | None) -> str:
    """A figure with as many decimals as it has, six at most; nothing for None."""
    if value is None:
        return ""
    decimals = next((n for n in range(6) if (value * 10**n).denominator == 1), 6)
    return figure(value, decimals)


def _step(step: MilestoneStep) -> str:
    line = f"{step.due_on.isoformat()} {step.text}"
    if step.due_on == step.originally_due_on:
        return line
    first = now("first planned for %(day)s") % {"day": step.originally_due_on.isoformat()}
    return f"{line} ({first})"


def _plain(name: str) -> Told:
    return lambda version: str(getattr(version, name) or "")


def _chosen(name: str) -> Told:
    return lambda version: str(getattr(version, f"get_{name}_display")())


def _number(name: str) -> Told:
    return lambda version: "" if getattr(version, name) is None else str(getattr(version, name))


def _bound(name: str) -> Told:
    def told(version: IndicatorVersion) -> str:
        units = getattr(version, name)
        return "" if units is None else exact(Fraction(units, 10**version.decimals))

    return told


def _flag(name: str) -> Told:
    return lambda version: now("yes") if getattr(version, name) else now("no")


def _lines(name: str, line: Callable[[Any], str]) -> Told:
    return lambda version: "\n".join(line(each) for each in getattr(version, name).all())


#: What a definition consists of: a label, how it is told, and the translated text that it reads.
FIELDS: tuple[tuple[str | Lazy, Told, str], ...] = (
    (_("Name"), _plain("name"), "name"),
    (_("Definition"), _plain("definition"), "definition"),
    (_("Unit"), _plain("unit"), "unit"),
    (_("Number or numerator"), _plain("numerator_label"), "numerator_label"),
    (_("Denominator"), _plain("denominator_label"), "denominator_label"),
    (_("Limits"), _plain("limits"), "limits"),
    (_("Source system"), _plain("source_system"), "source_system"),
    (_("Kind"), _chosen("kind"), ""),
    (_("Direction"), _chosen("direction"), ""),
    (_("Over time"), _chosen("temporal"), ""),
    (_("Frequency"), _chosen("frequency"), ""),
    (_("Decimals of what is reported"), _number("decimals"), ""),
    (_("Decimals shown"), _number("display_decimals"), ""),
    (_("Scale"), _number("scale"), ""),
    (_("The numerator is a part of the denominator"), _flag("is_part"), ""),
    (_("Level that counts as reached"), _number("threshold_level"), ""),
    (_("Lowest plausible figure"), _bound("lower_bound"), ""),
    (_("Highest plausible figure"), _bound("upper_bound"), ""),
    (_("Minimum coverage"), lambda version: f"{exact(version.minimum_coverage * 100)} %", ""),
    (_("Materiality"), lambda version: exact(version.materiality), ""),
    (_("The nation’s path holds for every unit"), _flag("for_every_unit"), ""),
    (_("Addressed to"), _chosen("addressed"), ""),
    (_("Units addressed"), _lines("subjects", lambda unit: unit.label), ""),
    (_("Reports"), lambda version: version.reporter.label if version.reporter else "", ""),
    (_("Breakdown"), _plain("breakdown_label"), "breakdown_label"),
    (_("The options add up to the total"), _flag("breakdown_is_exhaustive"), ""),
    (_("Options"), _lines("options", lambda option: option.label), "options"),
    (_("Levels"), _lines("levels", str), "levels"),
    (_("Milestones"), _lines("steps", _step), "steps"),
    (
        _("Reasons for “not applicable”"),
        _lines("not_applicable_reasons", lambda each: each.text),
        "not_applicable_reasons",
    ),
)


def changes(before: IndicatorVersion, after: IndicatorVersion) -> list[FieldChange]:
    """What differs between two definitions, field by field.

    Texts are in the reader's language where both have it, else in French, so that no translation
    shows as a change.
    """
    told = []
    for label, tell, words in FIELDS:
        with comparably(before, after, [words] if words else []):
            told.append(FieldChange(label, tell(before), tell(after)))
    return [each for each in told if each.before != each.after]


@dataclass(frozen=True, slots=True)
class Past:
    """A definition in an indicator's history: the act that made it, and what it changed."""

    version: IndicatorVersion
    amendment: Amendment | None
    changes: Sequence[FieldChange]
    is_in_force: bool
    is_to_come: bool


def history(indicator: Indicator, today: dt.date | None = None) -> list[Past]:
    """Every definition of an indicator, the latest first, in a fixed number of queries."""
    day = today or timezone.localdate()
    series = list(_full().filter(indicator=indicator).order_by("valid_from", "number"))
    return [
        Past(
            version=version,
            amendment=version.amendment,
            changes=changes(before, version) if before else [],
            is_in_force=version.valid_from <= day and not (version.valid_to or dt.date.max) <= day,
            is_to_come=version.valid_from > day,
        )
        for before, version in zip([None, *series], series, strict=False)
    ][::-1]


def _full() -> Any:
    parts = ("subjects", "options", "levels", "steps", "not_applicable_reasons")
    return IndicatorVersion.objects.select_related(
        "indicator", "amendment", "reporter"
    ).prefetch_related(*parts)


def last_version(indicator: Indicator) -> IndicatorVersion:
    """The definition that begins last, with all its parts."""
    found: IndicatorVersion = (
        _full().filter(indicator=indicator).order_by("-valid_from", "-number")[0]
    )
    return found


# --- Paths ------------------------------------------------------------------------------------

_AMOUNTS = (
    ("baseline", _("Baseline")),
    ("target", _("Final target")),
    ("band_low", _("Lower limit of the band")),
    ("band_high", _("Upper limit of the band")),
)


def _path_texts(path: TargetPath | None) -> Iterator[tuple[str | Lazy, str]]:
    for name, label in _AMOUNTS:
        yield label, exact(getattr(path, name)) if path else ""
    end = path.baseline_end if path else None
    yield _("End of the baseline’s period"), jalon.day(end) if end else ""
    yield _("Source of the baseline"), path.baseline_source if path else ""
    points = path.points.all() if path else []
    yield _("Values of years"), "\n".join(f"{each.year} {exact(each.value)}" for each in points)


def path_changes(before: TargetPath | None, after: TargetPath) -> list[FieldChange]:
    """What differs between two paths of an area; everything, where there was none."""
    pairs = zip(_path_texts(before), _path_texts(after), strict=True)
    told = (FieldChange(label, old, new) for (label, old), (_label, new) in pairs)
    return [each for each in told if each.before != each.after]


def paths_of(indicator: Indicator, area: Any) -> list[TargetPath]:
    """An area's paths, in the order in which they come into force."""
    paths = indicator.paths.filter(area=area).select_related("amendment")
    return list(paths.prefetch_related("points").order_by("valid_from"))


# --- What amendments change -------------------------------------------------------------------


def amended_definitions(ids: Sequence[int]) -> dict[int, list[Change]]:
    """What amendments change of definitions, each against the one before it."""
    touched = IndicatorVersion.objects.filter(amendment__in=ids).values("indicator")
    rows = _full().filter(indicator__in=touched).order_by("valid_from", "number")
    return _collected(ids, _series(rows, lambda row: row.indicator_id), changes, _definition_title)


def amended_paths(ids: Sequence[int]) -> dict[int, list[Change]]:
    """What amendments change of paths, each against the one before it in the same area."""
    touched = TargetPath.objects.filter(amendment__in=ids).values("indicator")
    rows = (
        TargetPath.objects.filter(indicator__in=touched)
        .select_related("area", "amendment")
        .prefetch_related(
            "points", Prefetch("indicator", Indicator.objects.prefetch_related("versions"))
        )
        .order_by("valid_from")
    )
    series = _series(rows, lambda row: (row.indicator_id, row.area_id))
    return _collected(ids, series, path_changes, _path_title)


def _series(rows: Iterable[Any], owner: Callable[[Any], Any]) -> Iterable[list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(owner(row), []).append(row)
    return found.values()


def _collected(
    ids: Sequence[int],
    groups: Iterable[Sequence[Any]],
    compare: Callable[[Any, Any], list[FieldChange]],
    title: Callable[[Any], str],
) -> dict[int, list[Change]]:
    found: dict[int, list[Change]] = {}
    for series in groups:
        for before, row in zip([None, *series], series, strict=False):
            if row.amendment_id not in ids:
                continue
            told = compare(before, row) if before or isinstance(row, TargetPath) else []
            if row.indicator.is_restricted and isinstance(row, TargetPath):
                told = []  # its values are figures, and those are restricted
            change = Change(title(row), _address(row.indicator), told)
            found.setdefault(row.amendment_id, []).append(change)
    return found


def _address(indicator: Indicator) -> str:
    return reverse("codebook-detail", args=[indicator.code])


def _definition_title(version: IndicatorVersion) -> str:
    return f"{version.indicator.code} {version.name}"


def _path_title(path: TargetPath) -> str:
    version = list(path.indicator.versions.all())[-1]
    words = {"indicator": f"{path.indicator.code} {version.name}", "area": path.area.name}
    return now("%(indicator)s: target path, %(area)s") % words
