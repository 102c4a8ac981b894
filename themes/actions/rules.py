"""Who keeps which action, and what may become of it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from foundation.models import AuditEntry
from organisations.models import Unit, User
from themes.enums import ActionState
from themes.models import Action
from themes.permissions import KEEP_ACTIONS, KEEP_ALL_ACTIONS

#: The states that follow each state. What is done or abandoned may be taken up again.
NEXT: dict[str, tuple[ActionState, ...]] = {
    ActionState.PLANNED: (ActionState.RUNNING, ActionState.ABANDONED),
    ActionState.RUNNING: (ActionState.DONE, ActionState.SUSPENDED, ActionState.ABANDONED),
    ActionState.SUSPENDED: (ActionState.RUNNING, ActionState.ABANDONED),
    ActionState.DONE: (ActionState.RUNNING,),
    ActionState.ABANDONED: (ActionState.PLANNED,),
}
NEEDS_REASON = frozenset({ActionState.SUSPENDED, ActionState.ABANDONED})


def keeps_all(user: User) -> bool:
    return user.access.everywhere(KEEP_ALL_ACTIONS.name)


def own_units(user: User) -> QuerySet[Unit]:
    """The units whose actions the user keeps: their own, and those that gave way to them."""
    units = user.access.units(KEEP_ACTIONS.name)
    gone = Unit.objects.succeeded_by(units).filter(valid_to__lte=timezone.localdate())
    return Unit.objects.filter(pk__in=units) | Unit.objects.filter(pk__in=gone.values("pk"))


def may_keep(user: User, action: Action) -> bool:
    return keeps_all(user) or own_units(user).filter(pk=action.owner_id).exists()


def may_begin(user: User) -> bool:
    """Whether the user may write a new action."""
    return keeps_all(user) or bool(user.access.units(KEEP_ACTIONS.name))


def may_delete(action: Action) -> bool:
    """Only a plan that nothing has come of; anything else is abandoned, and stays readable."""
    began = AuditEntry.objects.filter(
        subject_type=action._meta.label_lower, subject_id=action.pk, verb="action.state"
    )
    reached = any(milestone.done_on for milestone in action.milestones.all())
    return action.state == ActionState.PLANNED and not reached and not began.exists()
