"""From the stored definition and path of an indicator to the calculation's plain values."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from .calculation.paths import Path
from .calculation.values import Definition
from .enums import Direction, Frequency, Kind, Temporal
from .models import IndicatorVersion, TargetPath


def definition_of(version: IndicatorVersion) -> Definition:
    """The fields of ``version`` that its calculation depends on.

    Coverage is held against populations wherever subjects have one: zones do, federal units and
    central sources as subjects do not, and then it is by number only.
    """
    return Definition(
        kind=Kind(version.kind),
        direction=Direction(version.direction),
        temporal=Temporal(version.temporal),
        frequency=Frequency(version.frequency),
        decimals=version.decimals,
        scale=version.scale,
        is_part=version.is_part,
        minimum_coverage=version.minimum_coverage,
        materiality=version.materiality,
        threshold_level=version.threshold_level,
        for_every_unit=version.for_every_unit,
    )


def path_on(paths: Iterable[TargetPath], day: dt.date) -> TargetPath | None:
    """Of an area's paths, the one in force on a day.

    The original also holds for periods that ended before the plan began; one that an amendment
    made holds from its day on only.
    """
    ordered = sorted(paths, key=lambda each: each.valid_from)
    holding = [each for each in ordered if each.valid_from <= day or each.amendment_id is None]
    return holding[-1] if holding else None


def path_of(version: IndicatorVersion, target_path: TargetPath | None) -> Path | None:
    """What is asked under ``version``: a stored path, or the dated steps of milestones.

    Reads the path's points, or the version's steps: prefetch them.
    """
    if version.kind == Kind.MILESTONES:
        due_dates = sorted(step.due_on for step in version.steps.all())
        return Path.milestones(due_dates, version.scale) if due_dates else None
    if target_path is None:
        return None
    return Path(
        direction=Direction(version.direction),
        baseline=target_path.baseline,
        baseline_end=target_path.baseline_end,
        points=tuple(
            (dt.date(point.year, 12, 31), point.value) for point in target_path.points.all()
        ),
        target=target_path.target,
        band_low=target_path.band_low,
        band_high=target_path.band_high,
    )


def baselines_of(
    path: TargetPath | None, mergers: Iterable[tuple[dt.date, int, int]]
) -> dict[int, Fraction]:
    """The baselines of a path's subjects, by unit, with those of today's units (METHOD.md 3).

    ``mergers`` are (day, predecessor, successor). A successor without a baseline of its own has the
    sum of its predecessors', unknown where one of theirs is. Reads ``subject_baselines``: prefetch.
    """
    known = {each.unit_id: each.value for each in path.subject_baselines.all()} if path else {}
    if not known:
        return {}
    predecessors: dict[int, list[int]] = defaultdict(list)
    for _day, old, new in sorted(mergers):
        predecessors[new].append(old)
    for unit, former in predecessors.items():
        values = [known[each] for each in former if each in known]
        if unit not in known and len(values) == len(former):
            known[unit] = sum(values, Fraction(0))
    return known
