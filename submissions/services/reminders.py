"""Reminding units of what they have not sent, by who controls them, on the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from foundation.services import record
from organisations.models import Unit, User
from submissions import rules
from submissions.enums import State
from submissions.models import Submission
from submissions.selectors import people_of, reminded_today

from .standing import require


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a reminder did: how many people were written to, and about how many submissions.

    ``nobody`` has no account that enters or attests; ``already`` was reminded earlier today.
    Submissions that are sent, or take no figures any more, are passed over.
    """

    people: int
    submissions: int
    nobody: Sequence[Unit]
    already: Sequence[Unit]


@transaction.atomic
def remind(*, actor: User, submissions: Iterable[Submission]) -> Reminded:
    """Remind who enters and attests of what has not been sent, once per submission and day.

    Raises PermissionDenied if the actor neither controls each of the units nor is the secretariat.
    """
    ids = [submission.pk for submission in submissions]
    locked = Submission.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    rows = Submission.objects.filter(pk__in=[each.pk for each in locked])
    held = list(rows.select_related("round", "reporter").prefetch_related("extensions"))
    require(all(rules.may_remind(actor, each) for each in held))
    now = timezone.now()
    due = [each for each in held if each.state in State.editable() and each.accepts_figures(now)]
    people = people_of(each.reporter for each in due)
    reached = [each for each in due if people[each.reporter_id]]
    before = reminded_today(reached)
    fresh = [each for each in reached if each.pk not in before]
    for each in fresh:
        details = {"people": len(people[each.reporter_id])}
        record(actor=actor, verb="submission.reminded", subject=each, details=details)
    return Reminded(
        people=sum(len(people[each.reporter_id]) for each in fresh),
        submissions=len(fresh),
        nobody=[each.reporter for each in due if not people[each.reporter_id]],
        already=[each.reporter for each in reached if each.pk in before],
    )
