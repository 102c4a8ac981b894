"""Adjusting how progress is measured, on the record: definitions and target paths.

The GPI steering group decides, the secretariat puts its decision on the record. Nothing is
proposed here: a definition or a path exists from the moment it is recorded, and is in force from
its day on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from foundation.datafiles import LANGUAGES
from foundation.services import enqueue
from organisations.models import Area, User
from plans import rules as plan_rules
from plans import services as plan_services
from plans.enums import Authority
from plans.models import Amendment, Plan

from . import rules, selectors
from .definitions import path_on
from .models import (
    Indicator,
    IndicatorVersion,
    MilestoneStep,
    PathPoint,
    Period,
    SubjectBaseline,
    TargetPath,
)
from .registries import Measure

RESULTS = "results"
TEXTS = (
    "name", "definition", "unit", "numerator_label", "denominator_label", "limits",
    "source_system", "breakdown_label",
)  # fmt: skip
PLAIN = (
    "kind", "direction", "temporal", "frequency", "decimals", "display_decimals",
    "scale", "is_part", "threshold_level", "lower_bound", "upper_bound", "minimum_coverage",
    "materiality", "for_every_unit", "addressed", "reporter", "breakdown_is_exhaustive",
)  # fmt: skip
#: What a definition consists of beside its fields; ``steps`` and ``levels`` may be given anew.
COPIED = ("options", "not_applicable_reasons")


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of the steering group: ``effective_on`` is the first day on which it holds."""

    reference: str
    reason: str
    adopted_on: dt.date
    effective_on: dt.date


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated step as it is wanted, in French."""

    text: str
    due_on: dt.date


@transaction.atomic
def record_indicator_amendment(
    *,
    actor: User,
    indicator: Indicator,
    decision: Decision,
    texts: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    steps: Sequence[Milestone] | None = None,
    levels: Sequence[str] | None = None,
) -> Amendment:
    """Another definition from a day on; the one before it ends there and stays as it was.

    ``texts`` (of TEXTS, in French) and ``values`` (of PLAIN) name what changes; the
    rest, with its subjects, options and reasons, is taken over. Raises PermissionDenied, or
    ValidationError by field.
    """
    _may_record(actor)
    held = Indicator.objects.select_for_update().get(pk=indicator.pk)
    before = selectors.last_version(held)
    day = decision.effective_on
    rules.check_follows([before.valid_from], day)
    rules.check_settled(held, Measure.DEFINITION, day)
    amendment = _proposal(actor, held, decision)
    version = _next(before, amendment, texts or {}, values or {})
    _check(version, before)
    _refuse_unfit_paths(held, version)
    if before.valid_to is None or before.valid_to > day:
        IndicatorVersion.objects.filter(pk=before.pk).update(valid_to=day)
    version.save()
    version.subjects.set(before.subjects.all())
    _copy_parts(before, version, steps, levels)
    _refuse_nothing(selectors.changes(before, selectors.last_version(held)))
    return _adopted(actor, amendment, decision, held)


@transaction.atomic
def record_path_amendment(
    *,
    actor: User,
    indicator: Indicator,
    area: Area,
    decision: Decision,
    values: Mapping[str, Any],
    points: Mapping[int, Fraction],
) -> Amendment:
    """Another path for an area from a day on; without values, none is asked for any more.

    ``values`` are baseline, baseline_end, baseline_source, target, band_low, band_high. Baselines
    of subjects go on with the baseline that they are parts of. Raises as
    ``record_indicator_amendment``.
    """
    _may_record(actor)
    held = Indicator.objects.select_for_update().get(pk=indicator.pk)
    known = selectors.paths_of(held, area)
    day = decision.effective_on
    rules.check_follows([path.valid_from for path in known if path.amendment_id], day)
    rules.check_settled(held, Measure.PATH, day)
    path = TargetPath(indicator=held, area=area, valid_from=day, **values)
    asked = sorted(points.items())
    if errors := dict(rules.path_contradictions(_definition_on(held, day), path, asked)):
        raise ValidationError(errors)
    path.amendment = amendment = _proposal(actor, held, decision)
    path.full_clean(exclude=["indicator", "area", "amendment"])
    path.save()
    PathPoint.objects.bulk_create(
        PathPoint(path=path, year=year, value=value) for year, value in asked
    )
    _keep_baselines(path_on(known, day), path)
    written = next(each for each in selectors.paths_of(held, area) if each.pk == path.pk)
    _refuse_nothing(selectors.path_changes(path_on(known, day), written))
    return _adopted(actor, amendment, decision, held)


def _keep_baselines(before: TargetPath | None, path: TargetPath) -> None:
    names = ("baseline", "baseline_end")
    if before and all(getattr(before, name) == getattr(path, name) for name in names):
        SubjectBaseline.objects.bulk_create(
            SubjectBaseline(path=path, unit_id=each.unit_id, value=each.value)
            for each in before.subject_baselines.all()
        )


def _may_record(actor: User) -> None:
    if not plan_rules.may_record(actor):
        raise PermissionDenied


def _proposal(actor: User, indicator: Indicator, decision: Decision) -> Amendment:
    return plan_services.propose(
        actor=actor,
        plan=_plan_of(indicator),
        authority=Authority.STEERING_GROUP,
        reason=decision.reason,
        effective_on=decision.effective_on,
    )


def _plan_of(indicator: Indicator) -> Plan:
    owner = indicator.objective or indicator.point
    return owner.theme.plan if owner else (indicator.condition or indicator.commitment).plan  # type: ignore[union-attr]


def _adopted(
    actor: User, amendment: Amendment, decision: Decision, indicator: Indicator
) -> Amendment:
    owe_from(indicator, decision.effective_on)
    return plan_services.adopt(
        actor=actor,
        amendment=amendment,
        reference=decision.reference,
        adopted_on=decision.adopted_on,
    )


def owe_from(indicator: Indicator, day: dt.date) -> None:
    """Have the results of every period that ends on or after a day computed again."""
    periods = Period.objects.filter(last_day__gte=day).values_list("pk", flat=True)
    enqueue(topic=RESULTS, keys=[f"{indicator.pk}:{period}" for period in periods])


def _refuse_nothing(told: Sequence[Any]) -> None:
    if not told:
        raise ValidationError(_("Nothing is changed: this is what is in force."))


# --- A definition that follows another --------------------------------------------------------


def _next(
    before: IndicatorVersion,
    amendment: Amendment,
    texts: Mapping[str, str],
    values: Mapping[str, Any],
) -> IndicatorVersion:
    version = IndicatorVersion(
        indicator=before.indicator,
        number=plan_services.next_number(before.indicator.versions.all()),
        valid_from=amendment.effective_on,
        amendment=amendment,
        **{name: values.get(name, getattr(before, name)) for name in PLAIN},
    )
    words = {name: texts.get(name, plan_services.french(before, name)) for name in TEXTS}
    plan_services.reword(version, before, words)
    return version


def _check(version: IndicatorVersion, before: IndicatorVersion) -> None:
    """Raise ValidationError by field unless the definition holds together."""
    version.full_clean(exclude=["indicator", "amendment"], validate_constraints=False)
    if errors := dict(rules.contradictions(version, before)):
        raise ValidationError(errors)
    version.validate_constraints(exclude=["indicator", "amendment"])


def _refuse_unfit_paths(indicator: Indicator, version: IndicatorVersion) -> None:
    """A path in force from the definition's day on must not go against its direction."""
    by_area: dict[int, list[TargetPath]] = {}
    for path in indicator.paths.prefetch_related("points").select_related("area"):
        by_area.setdefault(path.area_id, []).append(path)
    for known in by_area.values():
        present = path_on(known, version.valid_from)
        later = [path for path in known if path.valid_from > version.valid_from]
        for path in filter(None, [present, *later]):
            if not rules.fits(version, path):
                text = _(
                    "The path of %(area)s goes against this direction. First record, from an "
                    "earlier day, that it asks for nothing."
                )
                raise ValidationError({"direction": text % {"area": path.area.name}})


def _copy_parts(
    before: IndicatorVersion,
    version: IndicatorVersion,
    steps: Sequence[Milestone] | None,
    levels: Sequence[str] | None,
) -> None:
    for name in COPIED:
        for part in getattr(before, name).all():
            _copied(part, version).save()
    for number, part in enumerate(before.levels.all()):
        copy = _copied(part, version)
        _retell(copy, part, None if levels is None else levels[number])
        copy.save()
    if steps is None:
        for part in before.steps.all():
            _copied(part, version).save()
    else:
        _write_steps(before, version, steps)


def _copied(part: Any, version: IndicatorVersion) -> Any:
    """The same part, in every language, of another definition."""
    copy = type(part)(version=version)
    for field in part._meta.concrete_fields:
        if not field.primary_key and field.name != "version":
            setattr(copy, field.attname, getattr(part, field.attname))
    # A translated field's own attribute is the one of the reader's language: set last, it would
    # take its place.
    for language in LANGUAGES:
        for field in ("text", "label"):
            if hasattr(part, f"{field}_{language}"):
                setattr(copy, f"{field}_{language}", getattr(part, f"{field}_{language}"))
    return copy


def _retell(copy: Any, part: Any, text: str | None) -> None:
    """Give a part another text in French; translations of the former one go."""
    if text is not None:
        plan_services.reword(copy, part, {"text": text})


def _write_steps(
    before: IndicatorVersion, version: IndicatorVersion, wanted: Sequence[Milestone]
) -> None:
    """Steps in order. One that is moved to another day keeps the day first planned."""
    if not wanted:
        raise ValidationError({"steps": _("Milestones need at least one dated step.")})
    known = _matched(list(before.steps.all()), wanted)
    for number, (step, former) in enumerate(zip(wanted, known, strict=True), start=1):
        if former is None:
            new = MilestoneStep(version=version, originally_due_on=step.due_on)
            new.text_fr = step.text.strip()  # type: ignore[attr-defined]
        else:
            new = _copied(former, version)
            _retell(new, former, step.text)
        new.number, new.due_on = number, step.due_on
        new.save()


def _matched(
    known: Sequence[MilestoneStep], wanted: Iterable[Milestone]
) -> list[MilestoneStep | None]:
    """The former step of each: the one of that text, or else, of as many, the one in that place."""
    steps = list(wanted)
    by_text = {plan_services.french(each, "text"): each for each in known}
    found = [by_text.get(step.text.strip()) for step in steps]
    if len(steps) == len(known):
        taken = {each.pk for each in found if each}
        found = [
            each or (known[place] if known[place].pk not in taken else None)
            for place, each in enumerate(found)
        ]
    return found


def _definition_on(indicator: Indicator, day: dt.date) -> IndicatorVersion:
    versions: models.QuerySet[IndicatorVersion] = indicator.versions.prefetch_related("steps")
    return versions.filter(valid_from__lte=day).order_by("-valid_from").first() or (
        selectors.last_version(indicator)
    )
