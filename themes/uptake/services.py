"""Writing zonal plans: atomic, on the record, and never over somebody else's change."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.services import record
from organisations.models import Unit, User
from plans.models import Plan
from themes.enums import Stance
from themes.models import Objective, Uptake, ZonalPlan

from . import rules


class ChangedMeanwhile(Exception):
    """Somebody else wrote the zonal plan since it was read; ``zonal_plan`` is as it stands now."""

    def __init__(self, zonal_plan: ZonalPlan) -> None:
        super().__init__(zonal_plan.pk)
        self.zonal_plan = zonal_plan


class Said(NamedTuple):
    """What a zone says of an objective; the text is its wording where adapted, else why."""

    stance: Stance
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """The plan's version and its dates (circular of 10 July 2025)."""

    label: str = ""
    council_on: dt.date | None = None
    approved_on: dt.date | None = None


@transaction.atomic
def save_zonal_plan(
    *,
    actor: User,
    zone: Unit,
    plan: Plan,
    version: int,
    cover: Cover,
    said: Mapping[Objective, Said],
) -> ZonalPlan:
    """Keep what a zone says of objectives; of those not named it says nothing.

    ``version`` is 0 where none was kept yet. Raises PermissionDenied, ChangedMeanwhile, or
    ValidationError by field: an objective's code, or a field of the cover.
    """
    if not rules.may_keep(actor, zone):
        raise PermissionDenied
    _check(cover, said)
    kept = ZonalPlan.objects.select_for_update().filter(zone=zone, plan=plan).first()
    if (kept.version if kept else 0) != version:
        raise ChangedMeanwhile(kept) if kept else PermissionDenied
    kept = kept or ZonalPlan(zone=zone, plan=plan, version=0, is_demo=actor.is_demo)
    covered = {name: _plain(getattr(kept, name)) for name in ("label", "council_on", "approved_on")}
    kept.label, kept.council_on, kept.approved_on = cover.label, cover.council_on, cover.approved_on
    kept.version += 1
    kept.save()
    changes = _write(kept, said)
    for name, before in covered.items():
        if before != _plain(getattr(kept, name)):
            changes[name] = [before, _plain(getattr(kept, name))]
    record(actor=actor, verb="zonal_plan.saved", subject=kept, details={"changes": changes})
    _prefill_again(zone)
    return kept


def _prefill_again(predecessor: Unit) -> None:
    """Bring what a successor inherits in line, while it has not written itself.

    A merger may be prepared long in advance, and its predecessors go on answering until the day.
    """
    waiting = ZonalPlan.objects.filter(
        version=0, zone__predecessions__predecessor=predecessor
    ).distinct()
    for kept in waiting:
        agreed, _apart = inherited(Unit.objects.filter(successions__successor=kept.zone))
        kept.uptakes.all().delete()
        prefill(kept, agreed)


def prefill(zonal_plan: ZonalPlan, agreed: Mapping[int, Said]) -> None:
    """Say in a successor's plan what its predecessors agree about, to be confirmed."""
    Uptake.objects.bulk_create(
        Uptake(zonal_plan=zonal_plan, objective_id=objective, is_prefilled=True, **said._asdict())
        for objective, said in agreed.items()
    )


def inherited(predecessors: Iterable[Unit]) -> tuple[dict[int, Said], set[int]]:
    """What the predecessors agree about, by objective's id, and the objectives that divide them.

    One that says nothing of an objective neither agrees nor disagrees.
    """
    said: dict[int, set[Said]] = defaultdict(set)
    uptakes = Uptake.objects.filter(zonal_plan__zone__in=predecessors)
    for objective, stance, text in uptakes.values_list("objective", "stance", "text"):
        said[objective].add(Said(Stance(stance), text))
    agreed = {objective: next(iter(each)) for objective, each in said.items() if len(each) == 1}
    return agreed, set(said) - set(agreed)


def _check(cover: Cover, said: Mapping[Objective, Said]) -> None:
    errors: dict[str, Any] = {}
    if cover.approved_on and not cover.council_on:
        errors["council_on"] = _("Give the day of the zonal security council before the approval.")
    elif cover.approved_on and cover.council_on and cover.approved_on < cover.council_on:
        errors["approved_on"] = _("The approval follows the zonal security council.")
    for objective, each in said.items():
        if each.stance in rules.NEEDS_WORDS and not each.text.strip():
            errors[objective.code] = missing_words(each.stance)
    if errors:
        raise ValidationError(errors)


def missing_words(stance: str) -> str:
    if stance == Stance.ADAPTED:
        return _("Give the wording that the zone has adopted.")
    return _("Say why the zone does not take this objective up.")


def _write(zonal_plan: ZonalPlan, said: Mapping[Objective, Said]) -> dict[str, Any]:
    """Bring the rows in line with what is said, and tell what changed by objective's code."""
    before = {each.objective: each for each in zonal_plan.uptakes.select_related("objective")}
    changes: dict[str, Any] = {}
    fresh, changed = [], []
    for objective, each in said.items():
        row = before.get(objective)
        if row is None:
            fresh.append(Uptake(zonal_plan=zonal_plan, objective=objective, **each._asdict()))
            changes[objective.code] = [None, _told(each)]
        elif (row.stance, row.text) != each or row.is_prefilled:
            if (row.stance, row.text) != each:
                changes[objective.code] = [_told(Said(Stance(row.stance), row.text)), _told(each)]
            row.stance, row.text, row.is_prefilled = each.stance, each.text, False
            changed.append(row)
    gone = [row for objective, row in before.items() if objective not in said]
    for row in gone:
        changes[row.objective.code] = [_told(Said(Stance(row.stance), row.text)), None]
    Uptake.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Uptake.objects.bulk_create(fresh)
    Uptake.objects.bulk_update(changed, ["stance", "text", "is_prefilled"])
    return changes


def _told(said: Said) -> str:
    """What the record says of an answer, with its words."""
    return ": ".join(filter(None, [said.stance, said.text]))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
