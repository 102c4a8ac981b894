"""What a unit says of the figures that another one reports about it, and the answers."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from organisations.models import User
from submissions import rules
from submissions.models import Expectation, Remark
from submissions.selectors import is_remarkable

from .standing import hold, require

LONGEST_REMARK = 2000


class RemarksClosed(Exception):
    """The figure is not attested now, or was attested more than fifteen days ago."""


class AlreadyAnswered(Exception):
    """The remark has its answer: there is one, and it is not changed."""


@transaction.atomic
def make_remark(
    *, actor: User, expectation: Expectation, text: str, now: dt.datetime | None = None
) -> Remark:
    """Say something of a figure that another unit attested; it changes no figure.

    Raises PermissionDenied, ValidationError for a text that is missing or too long, and
    RemarksClosed.
    """
    require(rules.may_remark(actor, expectation))
    said = _said(text, _("Say what is wrong, or what the source should know."))
    held = hold(expectation.submission)
    moment = now or timezone.now()
    if expectation.subject.unit_id == held.reporter_id or not is_remarkable(held, moment):
        raise RemarksClosed
    made = Remark.objects.create(expectation=expectation, text=said, made_at=moment, made_by=actor)
    _record("remark.made", made, actor)
    return made


@transaction.atomic
def answer_remark(*, actor: User, remark: Remark, answer: str) -> Remark:
    """The source's answer, once. Raises PermissionDenied, ValidationError and AlreadyAnswered."""
    held = hold(remark.expectation.submission)
    require(rules.may_enter(actor, held))
    said = _said(answer, _("Write the answer that the unit reads."))
    answered = Remark.objects.filter(pk=remark.pk, answered_at__isnull=True).update(
        answer=said, answered_at=timezone.now(), answered_by=actor
    )
    if not answered:
        raise AlreadyAnswered
    _record("remark.answered", remark, actor)
    remark.refresh_from_db()
    return remark


def _said(text: str, missing: str) -> str:
    said = text.strip()
    if not said:
        raise ValidationError(missing)
    if len(said) > LONGEST_REMARK:
        raise ValidationError(_("At most %(most)s characters.") % {"most": LONGEST_REMARK})
    return said


def _record(verb: str, remark: Remark, actor: User) -> None:
    expectation = remark.expectation
    details = {"expectation": expectation.pk, "subject": expectation.subject.unit_id}
    details |= {"remark": remark.pk}
    record(actor=actor, verb=verb, subject=expectation.submission, details=details)
