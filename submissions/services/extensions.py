"""More time for one unit in one round, on the record."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from foundation.templatetags import jalon
from organisations.models import User
from submissions import notices, rules
from submissions.dates import day_of
from submissions.enums import State
from submissions.models import Extension, ExtensionRequest, Submission

from .standing import hold, require, require_standing

#: An extension gives at most this much time.
LONGEST = dt.timedelta(days=60)


class AlreadyAsked(Exception):
    """Another request waits for its answer; nothing was stored."""


@transaction.atomic
def grant_extension(
    *, actor: User, submission: Submission, until: dt.datetime, reason: str
) -> Extension:
    """Let one unit enter and attest until a moment after the lock, with a reason."""
    held = hold(submission)
    require(rules.may_manage_rounds(actor))
    if held.state in (State.VALIDATED, State.REPLACED):
        raise ValidationError(_("These figures need no more time: they are closed."))
    given = give_time(actor=actor, held=held, until=until, reason=reason)
    notices.tell_extension(given)
    return given


def give_time(*, actor: User, held: Submission, until: dt.datetime, reason: str) -> Extension:
    """The extension itself, of a submission that is held; who may is the caller's to say.

    Raises ValidationError for a missing reason, a moment that is past, before the lock, not after
    the time that is given already or more than LONGEST away.
    """
    now = timezone.now()
    if not reason.strip():
        raise ValidationError({"reason": _("An extension has a reason.")})
    if until <= max(now, held.round.locks_at):
        raise ValidationError({"until": _("An extension ends after the round has locked.")})
    if until > max(now, held.round.locks_at) + LONGEST:
        raise ValidationError(
            {"until": _("An extension gives %(days)s days at most.") % {"days": LONGEST.days}}
        )
    given_until = held.extended_until(now)
    if given_until is not None and until <= given_until:
        text = _("This unit has time until %(day)s already: choose a later day.")
        raise ValidationError({"until": text % {"day": jalon.day(day_of(given_until))}})
    given = Extension.objects.create(
        submission=held, until=until, reason=reason.strip(), granted_by=actor, granted_at=now
    )
    record(
        actor=actor,
        verb="submission.extended",
        subject=held,
        details={"until": until.isoformat(), "reason": given.reason},
    )
    _open_requests(held).update(extension=given, answered_at=now, answered_by=actor)
    return given


@transaction.atomic
def end_extension(*, actor: User, extension: Extension) -> bool:
    """Take back the time that is left; returns whether this call did it."""
    require(rules.may_manage_rounds(actor))
    held = hold(extension.submission)
    now = timezone.now()
    ended = (
        Extension.objects.in_force(now).filter(pk=extension.pk).update(ended_at=now, ended_by=actor)
    )
    if ended:
        details = {"until": extension.until.isoformat()}
        record(actor=actor, verb="submission.extension_ended", subject=held, details=details)
        notices.tell_extension_ended(extension, held)
    return bool(ended)


# --- Asking for it ----------------------------------------------------------------------------


@transaction.atomic
def ask_for_time(*, actor: User, submission: Submission, reason: str) -> ExtensionRequest:
    """Ask the secretariat for more time, once: who says the same again changes nothing.

    Raises AlreadyAsked while something else waits or somebody else asked, StateChanged where there
    is nothing left to enter, and ValidationError without a reason.
    """
    held = hold(submission)
    require(rules.may_enter(actor, held))
    require_standing(held, State.editable())
    waiting = _open_requests(held).first()
    if waiting is not None:
        if (waiting.asked_by_id, waiting.reason) != (actor.pk, reason.strip()):
            raise AlreadyAsked
        return waiting
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the secretariat decides on it.")})
    asked = ExtensionRequest.objects.create(submission=held, reason=reason.strip(), asked_by=actor)
    details = {"reason": asked.reason}
    record(actor=actor, verb="submission.time_asked", subject=held, details=details)
    return asked


@transaction.atomic
def refuse_time(*, actor: User, request: ExtensionRequest, reason: str) -> bool:
    """Refuse a request with a reason; returns whether this call answered it."""
    held = hold(request.submission)
    require(rules.may_manage_rounds(actor))
    if not reason.strip():
        raise ValidationError({"reason": _("A refusal has a reason.")})
    asked = _open_requests(held).filter(pk=request.pk).first()
    if asked is not None:
        close_request(actor=actor, held=held, asked=asked, reason=reason)
    return asked is not None


def close_request(*, actor: User, held: Submission, asked: ExtensionRequest, reason: str) -> None:
    """The refusal itself, of a submission that is held; who may is the caller's to say."""
    asked.refusal, asked.answered_at, asked.answered_by = reason.strip(), timezone.now(), actor
    asked.save(update_fields=["refusal", "answered_at", "answered_by"])
    details = {"reason": asked.refusal}
    record(actor=actor, verb="submission.time_refused", subject=held, details=details)
    notices.tell_time_refused(asked, held)


def _open_requests(held: Submission) -> QuerySet[ExtensionRequest]:
    return ExtensionRequest.objects.filter(submission=held, answered_at__isnull=True)
