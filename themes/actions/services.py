"""Writing actions: atomic, on the record, and never over somebody else's change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.services import record
from organisations.models import Unit, User
from themes.enums import ActionState
from themes.models import Action, ActionMilestone, Objective

from . import rules


class ChangedMeanwhile(Exception):
    """Somebody else wrote the action since it was read; ``action`` is as it stands now."""

    def __init__(self, action: Action) -> None:
        super().__init__(action.pk)
        self.action = action


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone as it is wanted; ``pk`` is None for a new one."""

    pk: int | None
    text: str
    due_on: dt.date
    done_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action as it is wanted."""

    title: str
    description: str
    kind: str
    owner: Unit
    partners: Collection[Unit]
    other_partners: str
    objectives: Collection[Objective]
    starts_on: dt.date
    ends_on: dt.date | None
    milestones: Sequence[Milestone]


PLAIN = ("title", "description", "kind", "owner", "other_partners", "starts_on", "ends_on")


@transaction.atomic
def begin_action(*, actor: User, wanted: Wanted) -> Action:
    """A new action, planned. Raises PermissionDenied, or ValidationError by field."""
    action = Action(is_demo=actor.is_demo)
    _write(actor, action, wanted)
    record(actor=actor, verb="action.begun", subject=action, details=_told(action))
    return action


@transaction.atomic
def change_action(*, actor: User, action: Action, version: int, wanted: Wanted) -> Action:
    """Raises PermissionDenied, ChangedMeanwhile, or ValidationError by field."""
    held = _held(actor, action, version)
    before = _told(held)
    _write(actor, held, wanted)
    after = _told(held)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record(actor=actor, verb="action.changed", subject=held, details={"changes": changes})
    return held


@transaction.atomic
def change_state(
    *, actor: User, action: Action, version: int, state: ActionState, reason: str = ""
) -> Action:
    """Let an action run, rest or end. Raises as ``change_action``."""
    held = _held(actor, action, version)
    if state not in rules.NEXT[held.state]:
        raise ValidationError({"state": _("This state cannot follow the present one.")})
    if state in rules.NEEDS_REASON and not reason.strip():
        raise ValidationError({"reason": _("Say why: partners and readers must understand it.")})
    before = held.state
    held.state, held.state_reason = state, reason.strip()
    held.version += 1
    held.save(update_fields=["state", "state_reason", "version"])
    details = {"from": before, "to": str(state), "reason": held.state_reason}
    record(actor=actor, verb="action.state", subject=held, details=details)
    return held


@transaction.atomic
def mark_milestone(
    *, actor: User, milestone: ActionMilestone, done_on: dt.date | None
) -> ActionMilestone:
    """Say on which day a milestone was reached, or (None) that it was not after all."""
    action = Action.objects.select_for_update().get(pk=milestone.action_id)
    if not rules.may_keep(actor, action):
        raise PermissionDenied
    held = action.milestones.get(pk=milestone.pk)
    if held.done_on == done_on:
        return held
    held.done_on = done_on
    held.save(update_fields=["done_on"])
    action.version += 1
    action.save(update_fields=["version"])
    day = done_on.isoformat() if done_on else None
    details = {"milestone": held.text, "done_on": day}
    record(actor=actor, verb="action.milestone", subject=action, details=details)
    return held


@transaction.atomic
def delete_action(*, actor: User, action: Action, version: int) -> None:
    """Delete a plan of which nothing has come. Raises as ``change_action``."""
    held = _held(actor, action, version)
    if not rules.may_delete(held):
        raise ValidationError(_("This action has begun: abandon it, so that it stays readable."))
    record(actor=actor, verb="action.deleted", subject=held, details=_told(held))
    held.delete()


def _held(actor: User, action: Action, version: int) -> Action:
    """The action, locked, if the actor keeps it and nobody wrote it since ``version``."""
    held = Action.objects.select_for_update().get(pk=action.pk)
    if not rules.may_keep(actor, held):
        raise PermissionDenied
    if held.version != version:
        raise ChangedMeanwhile(held)
    return held


def _write(actor: User, action: Action, wanted: Wanted) -> None:
    _check(actor, action, wanted)
    for name in PLAIN:
        setattr(action, name, getattr(wanted, name))
    action.version = action.version + 1 if action.pk else 1
    action.save()
    action.objectives.set(wanted.objectives)
    action.partners.set(wanted.partners)
    _write_milestones(action, wanted.milestones)


def _check(actor: User, action: Action, wanted: Wanted) -> None:
    """Raise unless the wish holds together. The owner may stay; another must be the actor's."""
    if action.owner_id != wanted.owner.pk and not (
        rules.keeps_all(actor) or rules.own_units(actor).filter(pk=wanted.owner.pk).exists()
    ):
        raise PermissionDenied
    if errors := dict(_contradictions(wanted)):
        raise ValidationError(errors)


def _contradictions(wanted: Wanted) -> Iterator[tuple[str, str]]:
    """What does not hold together in a wish: the field and why."""
    ends_on = wanted.ends_on or dt.date.max
    if not wanted.title.strip():
        yield "title", _("Give the action a title.")
    if not wanted.objectives:
        yield "objectives", _("Choose at least one objective.")
    if wanted.owner in wanted.partners:
        yield "partners", _("The owner is no partner of itself.")
    if ends_on < wanted.starts_on:
        yield "ends_on", _("The action ends after it starts.")
    elif any(not wanted.starts_on <= each.due_on <= ends_on for each in wanted.milestones):
        yield "milestones", _("A milestone lies between the start and the end of its action.")


def _write_milestones(action: Action, wanted: Sequence[Milestone]) -> None:
    """Milestones by day. One that is moved to another day keeps the day first set."""
    known = {each.pk: each for each in action.milestones.all()}
    kept = {each.pk for each in wanted if each.pk}
    if not kept <= set(known):
        raise PermissionDenied
    ActionMilestone.objects.filter(pk__in=set(known) - kept).delete()
    offset = max((each.number for each in known.values()), default=0)
    for number, each in enumerate(sorted(wanted, key=lambda one: one.due_on), start=offset + 1):
        milestone = known.get(each.pk or 0) or ActionMilestone(
            action=action, originally_due_on=each.due_on
        )
        milestone.number, milestone.text, milestone.due_on = number, each.text, each.due_on
        milestone.done_on = each.done_on
        milestone.save()


def _told(action: Action) -> dict[str, Any]:
    """What the record says of an action."""
    return {
        "title": action.title,
        "description": action.description,
        "kind": action.kind,
        "owner": action.owner.slug,
        "partners": sorted(action.partners.values_list("slug", flat=True)),
        "other_partners": action.other_partners,
        "objectives": list(action.objectives.values_list("code", flat=True)),
        "starts_on": action.starts_on.isoformat(),
        "ends_on": action.ends_on.isoformat() if action.ends_on else None,
        "milestones": [
            " ".join(
                [
                    each.due_on.isoformat(),
                    each.text,
                    *([f"✓ {each.done_on.isoformat()}"] if each.done_on else []),
                ]
            )
            for each in action.milestones.order_by("number")
        ],
    }
