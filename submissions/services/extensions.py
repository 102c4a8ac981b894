"""More time for one unit in one round, on the record."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from organisations.models import User
from submissions import rules
from submissions.models import Extension, Submission

from .standing import hold, require

#: An extension gives at most this much time.
LONGEST = dt.timedelta(days=60)


@transaction.atomic
def grant_extension(
    *, actor: User, submission: Submission, until: dt.datetime, reason: str
) -> Extension:
    """Let one unit enter and attest until a moment after the lock, with a reason."""
    held = hold(submission)
    require(rules.may_manage_rounds(actor))
    return give_time(actor=actor, held=held, until=until, reason=reason)


def give_time(*, actor: User, held: Submission, until: dt.datetime, reason: str) -> Extension:
    """The extension itself, of a submission that is held; who may is the caller's to say.

    Raises ValidationError for a missing reason, a moment that is past, before the lock or more than
    LONGEST away.
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
    given = Extension.objects.create(
        submission=held, until=until, reason=reason.strip(), granted_by=actor, granted_at=now
    )
    record(
        actor=actor,
        verb="submission.extended",
        subject=held,
        details={"until": until.isoformat(), "reason": given.reason},
    )
    return given


@transaction.atomic
def end_extension(*, actor: User, extension: Extension) -> bool:
    """Take back the time that is left; returns whether this call did it."""
    require(rules.may_manage_rounds(actor))
    held = hold(extension.submission)
    ended = Extension.objects.filter(pk=extension.pk, ended_at__isnull=True).update(
        ended_at=timezone.now(), ended_by=actor
    )
    if ended:
        record(actor=actor, verb="submission.extension_ended", subject=held)
    return bool(ended)
