"""Attesting, withdrawing, validating and sending back: one wins, and it is recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.models import User
from submissions import notices, rules
from submissions.checking import Finding
from submissions.enums import State
from submissions.figures import Block
from submissions.models import Cell, Submission
from submissions.selectors import blocks_of, changed_since_return, findings_of, transitions_of

from .extensions import give_time
from .peers import owe_peers_of
from .standing import hold, move, owe_results, require, require_open, require_standing


class NotAttestable(Exception):
    """Figures are missing, blocked by a check, or odd without an explanation: each is named."""

    def __init__(self, faults: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{fault.figure.label}: {fault.message}" for fault in faults))
        self.faults = faults


class ReasonRequired(Exception):
    """A returned submission was sent again with no figure changed: that takes a reason."""


@transaction.atomic
def attest(
    *,
    actor: User,
    submission: Submission,
    version: int,
    maintain_reason: str = "",
    blocks: Sequence[Block] | None = None,
) -> Submission:
    """Attest the figures seen at ``version`` and send them to who controls them.

    With ``maintain_reason`` a returned submission is maintained, and flagged; without one it cannot
    be sent while no figure has changed since its return, even where an answer was withdrawn
    meanwhile. A blank is not a zero: raises NotAttestable while anything is missing or refused by a
    blocking check, and while a warning has no comment.

    ``blocks``: its figures, where the running transaction holds the submission and has read them.
    """
    held = hold(submission)
    require(rules.may_attest(actor, held))
    require_standing(held, State.editable(), version)
    require_open(held)
    shown = blocks_of(held) if blocks is None else blocks
    found = findings_of(shown, held.round.period.code)
    faults = [finding for finding in found if finding.hinders]
    if faults:
        raise NotAttestable(faults)
    reason = maintain_reason.strip() if held.is_under_return else ""
    if held.is_under_return and not reason and not changed_since_return([held]):
        raise ReasonRequired
    move(
        held,
        actor=actor,
        after=State.SUBMITTED,
        verb="submission.maintained" if reason else "submission.attested",
        reason=reason,
        submitted_at=timezone.now(),
        submitted_by=actor,
        maintain_reason=reason,
    )
    owe_results(held)
    return held


@transaction.atomic
def withdraw(*, actor: User, submission: Submission, version: int, reason: str = "") -> Submission:
    """Take back what was attested, until it is validated; it is a draft again.

    Only while it could still be sent: raises RoundClosed after that. A return that it answered
    stands again.
    """
    held = hold(submission)
    require(rules.may_attest(actor, held))
    require_standing(held, [State.SUBMITTED], version)
    require_open(held)
    move(
        held,
        actor=actor,
        after=State.DRAFT,
        verb="submission.withdrawn",
        reason=reason.strip(),
        maintain_reason="",
    )
    owe_results(held)
    return held


@transaction.atomic
def validate(*, actor: User, submission: Submission, version: int) -> Submission:
    """Accept the figures seen at ``version``: what each cell holds now is its validated figure."""
    held = hold(submission)
    require(rules.may_control(actor, held))
    require_standing(held, [State.SUBMITTED], version)
    move(
        held,
        actor=actor,
        after=State.VALIDATED,
        verb="submission.validated",
        decided_at=timezone.now(),
        decided_by=actor,
    )
    Cell.objects.filter(expectation__submission=held).update(validated=F("current"))
    owe_results(held)
    owe_peers_of(held)
    notices.tell_validated(held)
    return held


@transaction.atomic
def send_back(
    *,
    actor: User,
    submission: Submission,
    version: int,
    reason: str,
    until: dt.datetime | None = None,
) -> Submission:
    """Return the figures to the unit with a reason, and with time to correct them.

    With ``until``, the unit gets an extension to that moment for the same reason. Raises
    RoundClosed where it could not correct them without one.
    """
    held = hold(submission)
    require(rules.may_control(actor, held))
    require_standing(held, [State.SUBMITTED], version)
    if not reason.strip():
        raise ValidationError({"reason": _("A return has a reason.")})
    if until is not None:
        give_time(actor=actor, held=held, until=until, reason=reason)
    require_open(held)
    move(
        held,
        actor=actor,
        after=State.RETURNED,
        verb="submission.returned",
        reason=reason.strip(),
        decided_at=timezone.now(),
        decided_by=actor,
        return_reason=reason.strip(),
        maintain_reason="",
    )
    owe_results(held)
    notices.tell_returned(held)
    return held


def is_own_step(now: Submission, actor: User, after: State, seen: int, reason: str = "") -> bool:
    """Whether what was refused at version ``seen`` is what ``actor`` did there: posted twice."""
    return now.version == seen + 1 and stands_by(now, actor, after, reason)


def stands_by(now: Submission, actor: User, after: State, reason: str = "") -> bool:
    """Whether it stands as it does by a step of ``actor``, for this reason."""
    step = next(iter(transitions_of(now)), None)
    if step is None or now.state != after:
        return False
    return (step.after, step.actor_id, step.reason) == (after, actor.pk, reason.strip())
