"""Who may do what with a submission. Nobody who controls a unit enters or attests for it."""

from __future__ import annotations

import datetime as dt

from organisations.models import Unit, User

from .enums import CorrectionState
from .models import Correction, Expectation, Submission
from .models.waiting import is_left
from .permissions import ATTEST, CONTROL, CONTROL_ALL, ENTER, MANAGE_ROUNDS

#: The time that a unit has at least to answer a return.
TIME_TO_CORRECT = dt.timedelta(days=10)


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
    return _holds(user, unit, ENTER.name) or _holds(user, unit, ATTEST.name)


def may_control(user: User, submission: Submission) -> bool:
    """Who controls the unit; the secretariat, too, what was left to it. Never what one attested."""
    if submission.submitted_by_id == user.pk:
        return False
    reporter = submission.reporter
    return controls(user, reporter) or (submission.is_left() and _stands_in(user, reporter))


def may_decide(user: User, correction: Correction) -> bool:
    """Who controls the unit; the secretariat, too, what was left. Never what one asked or sent."""
    if user.pk in (correction.proposed_by_id, correction.attested_by_id):
        return False
    reporter = correction.cell.expectation.submission.reporter
    left = correction.state == CorrectionState.ATTESTED and is_left(correction.attested_at)
    return controls(user, reporter) or (left and _stands_in(user, reporter))


def needs_time(submission: Submission, now: dt.datetime) -> bool:
    """Whether a return would leave its unit less than TIME_TO_CORRECT."""
    return submission.takes_figures_until(now) < now + TIME_TO_CORRECT


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


def may_remind(user: User, submission: Submission) -> bool:
    """Who controls the unit, and the secretariat."""
    return sees_all(user) or controls(user, submission.reporter)


def _acts_for(user: User, submission: Submission, permission: str) -> bool:
    reporter = submission.reporter
    return _holds(user, reporter, permission) and not controls(user, reporter)


def _stands_in(user: User, reporter: Unit) -> bool:
    """The secretariat, for a unit's controller; not those of it who act for that unit."""
    acts = _holds(user, reporter, ENTER.name) or _holds(user, reporter, ATTEST.name)
    return sees_all(user) and not acts


def _holds(user: User, reporter: Unit, permission: str) -> bool:
    """The unit's own people; once it has given way, its successor's, for what it still owes."""
    units = user.access.units(permission)
    return reporter.pk in units or (
        reporter.valid_to is not None
        and Unit.objects.succeeded_by(units).filter(pk=reporter.pk).exists()
    )
