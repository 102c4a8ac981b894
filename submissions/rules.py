"""Who may do what with a submission. Nobody who controls a unit enters or attests for it."""

from __future__ import annotations

from organisations.models import Unit, User

from .models import Submission
from .permissions import ATTEST, CONTROL, CONTROL_ALL, ENTER, MANAGE_ROUNDS


def controls(user: User, reporter: Unit) -> bool:
    """The coordinator of the unit's arrondissement; the secretariat where the unit has none."""
    if reporter.controlled_by_id is None:
        return user.access.everywhere(CONTROL_ALL.name)
    return reporter.controlled_by_id in user.access.units(CONTROL.name)


def may_enter(user: User, submission: Submission) -> bool:
    return _acts_for(user, submission, ENTER.name)


def may_attest(user: User, submission: Submission) -> bool:
    return _acts_for(user, submission, ATTEST.name)


def may_control(user: User, submission: Submission) -> bool:
    return controls(user, submission.reporter)


def sees_all(user: User) -> bool:
    return user.access.everywhere(CONTROL_ALL.name)


def may_follow_rounds(user: User) -> bool:
    """Whoever has deadlines in rounds: those who report, and those who control."""
    return user.access.may(ENTER.name) or user.access.may(CONTROL.name)


def reports_for(user: User, permission: str) -> frozenset[int]:
    """The units for which ``user`` acts, with those that they came in place of: one query."""
    units = user.access.units(permission)
    former = Unit.objects.succeeded_by(units).filter(valid_to__isnull=False)
    return units | frozenset(former.values_list("pk", flat=True)) if units else units


def may_manage_rounds(actor: User | None) -> bool:
    """``None`` is the schedule itself, which opens rounds on their day."""
    return actor is None or actor.access.everywhere(MANAGE_ROUNDS.name)


def _acts_for(user: User, submission: Submission, permission: str) -> bool:
    """The unit's own people; once it has given way, its successor's, for what it still owes."""
    units = user.access.units(permission)
    reporter = submission.reporter
    mine = reporter.pk in units or (
        reporter.valid_to is not None
        and Unit.objects.succeeded_by(units).filter(pk=reporter.pk).exists()
    )
    return mine and not controls(user, reporter)
