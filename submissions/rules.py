"""Who may do what with a submission. Nobody who controls a unit enters or attests for it."""

from __future__ import annotations

from organisations.models import Unit, User

from .models import Expectation, Submission
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


def may_remark(user: User, expectation: Expectation) -> bool:
    """Who enters or attests for the unit that another one reports about."""
    unit = expectation.subject.unit
    return _is_of(user, unit, ENTER.name) or _is_of(user, unit, ATTEST.name)


def may_control(user: User, submission: Submission) -> bool:
    return controls(user, submission.reporter)


def sees_all(user: User) -> bool:
    return user.access.everywhere(CONTROL_ALL.name)


def may_manage_rounds(actor: User | None) -> bool:
    """``None`` is the schedule itself, which opens rounds on their day."""
    return actor is None or actor.access.everywhere(MANAGE_ROUNDS.name)


def may_remind(user: User, submission: Submission) -> bool:
    """Who controls the unit, and the secretariat."""
    return sees_all(user) or controls(user, submission.reporter)


def _acts_for(user: User, submission: Submission, permission: str) -> bool:
    reporter = submission.reporter
    return _is_of(user, reporter, permission) and not controls(user, reporter)


def _is_of(user: User, unit: Unit, permission: str) -> bool:
    """The unit's own people; once it has given way, its successor's, for what it still owes."""
    units = user.access.units(permission)
    return unit.pk in units or (
        unit.valid_to is not None and Unit.objects.succeeded_by(units).filter(pk=unit.pk).exists()
    )
