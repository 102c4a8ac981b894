"""Validating several submissions: each for itself, with what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied

from organisations.models import User
from submissions.enums import State
from submissions.models import Submission

from .decisions import is_own_step, validate
from .standing import StateChanged


class NotTreated(StrEnum):
    """Why a submission of a selection was not validated."""

    CHANGED = "changed"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class Pick:
    """A submission of a selection, and the version that was seen of it."""

    submission: Submission
    version: int


@dataclass(frozen=True, slots=True)
class Treated:
    """A submission as it is now, and why it was not validated; None where it was."""

    submission: Submission
    refusal: NotTreated | None = None


def validate_each(*, actor: User, picks: Sequence[Pick]) -> list[Treated]:
    """Validate each by itself at the version seen; one that fails keeps no other back.

    The same call again finds its own decisions, and says the same.
    """
    return [_validate(actor, pick) for pick in picks]


def _validate(actor: User, pick: Pick) -> Treated:
    try:
        done = validate(actor=actor, submission=pick.submission, version=pick.version)
    except StateChanged as change:
        own = is_own_step(change.submission, actor, State.VALIDATED, pick.version)
        return Treated(change.submission, None if own else NotTreated.CHANGED)
    except PermissionDenied:
        return Treated(pick.submission, NotTreated.NOT_YOURS)
    return Treated(done)
