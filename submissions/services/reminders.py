"""Reminding units of what they have not sent, by who controls them, on the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from foundation.services import record
from organisations.models import Unit, User
from submissions import notices, rules
from submissions.enums import State
from submissions.models import Submission
from submissions.selectors import people_of, with_progress

from .standing import require


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a reminder did: how many mails were written, and about how many submissions.

    ``nobody`` has no account that enters or attests; ``already`` was reminded earlier today.
    Submissions that are sent, or take no figures any more, are passed over.
    """

    people: int
    submissions: int
    nobody: Sequence[Unit]
    already: Sequence[Unit]


@transaction.atomic
def remind(*, actor: User, submissions: Iterable[Submission]) -> Reminded:
    """Write to who enters and attests what has not been sent, once per submission and day.

    Raises PermissionDenied if the actor neither controls each of the units nor is the secretariat.
    The number of queries grows by the audit entry of each submission alone.
    """
    held = _hold([submission.pk for submission in submissions])
    require(all(rules.may_remind(actor, each) for each in held))
    now = timezone.now()
    due = [each for each in held if each.state in State.editable() and each.accepts_figures(now)]
    people = people_of(each.reporter for each in due)
    reached = [each for each in due if people[each.reporter_id]]
    counts = notices.tell_reminders(reached, people, timezone.localdate(now))
    for each in reached:
        if counts[each.pk]:
            details = {"mails": counts[each.pk]}
            record(actor=actor, verb="submission.reminded", subject=each, details=details)
    return Reminded(
        people=sum(counts.values()),
        submissions=sum(map(bool, counts.values())),
        nobody=[each.reporter for each in due if not people[each.reporter_id]],
        already=[each.reporter for each in reached if not counts[each.pk]],
    )


def _hold(ids: Sequence[int]) -> list[Submission]:
    """The submissions with what a mail says of them, locked in order against a second click."""
    locked = Submission.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    rows = Submission.objects.filter(pk__in=[each.pk for each in locked]).select_related(
        "round__period", "reporter__controlled_by"
    )
    return list(with_progress(rows).prefetch_related("extensions").order_by("pk"))
