"""Reading actions, in a number of queries that does not grow with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from foundation.models import AuditEntry
from foundation.registries import SearchHit
from foundation.words import matches
from organisations.models import Unit, User
from themes.enums import ActionState
from themes.models import Action, ActionMilestone, Objective

from . import rules

OPEN = (ActionState.PLANNED, ActionState.RUNNING, ActionState.SUSPENDED)

VERBS = {
    "action.begun": _("Written"),
    "action.changed": _("Changed"),
    "action.state": _("State changed"),
    "action.milestone": _("Milestone"),
}
FIELDS = {
    "title": _("Title"),
    "description": _("Description"),
    "kind": _("Kind"),
    "owner": _("Owner"),
    "partners": _("Partners"),
    "other_partners": _("Other partners"),
    "objectives": _("Objectives"),
    "starts_on": _("Start"),
    "ends_on": _("End"),
    "milestones": _("Milestones"),
}


def is_overdue(milestone: ActionMilestone, action: Action, today: dt.date | None = None) -> bool:
    """Due before today and not reached, in an action that goes on."""
    day = today or timezone.localdate()
    return milestone.done_on is None and milestone.due_on < day and action.state in OPEN


def actions(today: dt.date | None = None) -> QuerySet[Any]:
    """Actions with ``overdue_count``, ``milestone_count``, ``done_count`` and ``next_due``."""
    day = today or timezone.localdate()
    waiting = Q(milestones__done_on__isnull=True)
    overdue = waiting & Q(milestones__due_on__lt=day, state__in=OPEN)
    return (
        Action.objects.select_related("owner")
        .prefetch_related(Prefetch("objectives", Objective.objects.order_by("position")))
        .annotate(
            overdue_count=Count("milestones", filter=overdue, distinct=True),
            milestone_count=Count("milestones", distinct=True),
            done_count=Count(
                "milestones", filter=Q(milestones__done_on__isnull=False), distinct=True
            ),
            next_due=Min("milestones__due_on", filter=waiting),
        )
        .order_by("-overdue_count", "ends_on", "starts_on", "title")
    )


def narrowed(found: QuerySet[Any], terms: Mapping[str, Any]) -> list[Any]:
    """The actions that correspond to every term of ``ActionFilter``."""
    if theme := terms.get("theme"):
        of_theme = Q(objectives__theme=theme) | Q(objectives__theme__parent=theme)
        found = found.filter(pk__in=Action.objects.filter(of_theme).values("pk"))
    if objective := terms.get("objective"):
        found = found.filter(pk__in=objective.actions.values("pk"))
    for name in ("owner", "kind", "state"):
        if terms.get(name):
            found = found.filter(**{name: terms[name]})
    if terms.get("overdue"):
        found = found.filter(overdue_count__gt=0)
    words = terms.get("words") or ""
    return [each for each in found if matches(words, each.title, each.description)]


def owners() -> QuerySet[Unit]:
    return Unit.objects.filter(actions__isnull=False).distinct()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an action's history."""

    when: dt.datetime
    title: str
    actor: User | None
    text: str


def history(action: Action) -> list[Entry]:
    """What was done to an action, the latest first."""
    entries = AuditEntry.objects.filter(
        subject_type=Action._meta.label_lower, subject_id=action.pk, verb__in=VERBS
    ).select_related("actor")
    return [Entry(each.at, str(VERBS[each.verb]), each.actor, _told(each)) for each in entries]


def _told(entry: AuditEntry) -> str:
    details = entry.details
    if entry.verb == "action.state":
        return " – ".join(filter(None, [str(ActionState(details["to"]).label), details["reason"]]))
    if entry.verb == "action.milestone":
        return f"{details['milestone']} : {details['done_on'] or now('not reached')}"
    changes = details.get("changes", {})
    return " · ".join(
        f"{FIELDS[name]} : {_plain(old)} → {_plain(new)}" for name, (old, new) in changes.items()
    )


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "–")


# --- Blocks on other pages ------------------------------------------------------------------------


def panels(ids: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """The actions of some objectives, those that stopped last: two queries."""
    links = Action.objects.filter(objectives__in=ids).values_list("pk", "objectives")
    found = {each.pk: each for each in actions().filter(objectives__in=ids).distinct()}
    by_objective: dict[int, list[Action]] = {each: [] for each in ids}
    for pk, objective in links:
        if objective in by_objective:
            by_objective[objective].append(found[pk])
    begin = rules.may_begin(user)
    return {
        pk: {
            "actions": sorted(of_one, key=lambda one: (one.state not in OPEN, one.starts_on)),
            "may_begin": begin,
        }
        for pk, of_one in by_objective.items()
    }


def home(user: User) -> Mapping[str, Any] | None:
    """The open actions that the user keeps, those with overdue milestones first."""
    if not rules.may_begin(user):
        return None
    found = actions().filter(state__in=OPEN)
    if not rules.keeps_all(user):
        found = found.filter(owner__in=rules.own_units(user).values("pk"))
    shown = list(found)
    overdue = sum(each.overdue_count for each in shown)
    return {"actions": shown[:5], "count": len(shown), "overdue": overdue} if shown else None


def find(user: User, words: str, most: int) -> list[SearchHit]:
    """Actions whose title, description or owner holds every word."""
    if not user.access.may("themes.view_plan"):
        return []
    return [
        SearchHit(
            each.title, reverse("action-detail", args=[each.pk]), _("Action"), each.description
        )
        for each in Action.objects.select_related("owner")
        if matches(words, each.title, each.description, each.owner.label)
    ][:most]
