"""Rounds and days of the tests of mails, and who was told."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from foundation.models import Notice
from organisations.models import Unit, User
from submissions import notices
from submissions.enums import Entrance
from submissions.models import Correction, Extension, Round, Submission
from submissions.services import validate
from tests import factories as make

BRUSSELS = ZoneInfo("Europe/Brussels")
#: A Wednesday; the round of these tests opens three weeks earlier than it is due.
DUE = dt.datetime(2026, 11, 25, 23, 59, 59, tzinfo=BRUSSELS)
LOCKS = DUE + dt.timedelta(days=10)
#: The first after DUE, when a digest is written.
MONDAY = dt.datetime(2026, 11, 30, 8, tzinfo=BRUSSELS)


def told(kind: str, people: dict[str, User]) -> list[str]:
    """The names, among ``people``, of who was told; an unknown one stands with their address."""
    names = {user.pk: name for name, user in people.items()}
    rows = Notice.objects.filter(kind=kind).select_related("user").order_by("pk")
    return sorted(names.get(each.user_id, each.user.email) for each in rows)


def subjects(kind: str) -> set[str]:
    said = Notice.objects.filter(kind=kind).values_list("subject", flat=True)
    return {subject.replace("\u00a0", " ") for subject in said}


def at(days: int, hour: int = 9) -> dt.datetime:
    """An hour in Brussels so many days before (or, below zero, after) the day DUE."""
    day = DUE.date() - dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(hour), tzinfo=BRUSSELS)


def open_and_tell(*, locked: bool = False) -> Round:
    """A round opens, and the schedule has its morning."""
    made = make.make_round(locked=locked)
    day = timezone.localdate() + dt.timedelta(days=1)
    notices.tell_what_is_due(dt.datetime.combine(day, dt.time(7), tzinfo=BRUSSELS))
    return made


def of(zone: Unit) -> Submission:
    return make.submission_of(zone)


def more_time(zone: Unit, people: dict[str, User], *, until: dt.datetime) -> Extension:
    return Extension.objects.create(
        submission=of(zone),
        until=until,
        reason="Floods",
        granted_by=people["secretariat"],
        granted_at=at(5),
    )


def a_correction(sent: Submission, people: dict[str, User], **fields: object) -> Correction:
    validate(actor=people["coordinator"], submission=sent, version=sent.version)
    Notice.objects.all().delete()
    cell = make.cells_of(sent)[0]
    return Correction.objects.create(
        cell=cell,
        replaces=cell.current,
        content={},
        reason="A typing mistake",
        entrance=Entrance.FORM,
        proposed_by=people["reporter"],
        **fields,
    )
