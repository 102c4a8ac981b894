"""The weekly digest, and the schedule that writes all mails once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from foundation import mailing
from foundation.models import Notice, OutboxEntry, UnwantedNotice
from foundation.notices import TOPIC
from indicators.codebook.services import ask
from indicators.models import Indicator
from organisations.enums import Role
from submissions import notices
from submissions.enums import CorrectionState, State
from submissions.models import Cell, Submission
from submissions.services import (
    ask_for_time,
)
from submissions.tasks import tell_what_is_due
from tests import factories as make
from tests.factories import figure
from tests.submissions.mails.told import (
    LOCKS,
    MONDAY,
    a_correction,
    at,
    more_time,
    of,
    told,
)
from tests.threads import together

pytestmark = pytest.mark.django_db


def test_a_digest_says_what_waits_since_when_what_is_expected_and_who_is_late(zone, opened, people):
    waiting = make.make_zone("waiting")
    Submission.objects.create(
        round=opened,
        reporter=waiting,
        state=State.SUBMITTED,
        submitted_at=MONDAY - dt.timedelta(days=12),
        submitted_by=people["secretariat"],
    )
    assert notices.tell_digests(MONDAY) == 2
    assert told("digest", people) == ["coordinator", "other coordinator"]
    notice = Notice.objects.get(user=people["coordinator"])
    assert notice.subject == "This week: 1 submission to control"
    for line in (
        "To control: 1 – the oldest since 12 days",
        "Expected, not attested yet: 1",
        "ZP Namur, Q3 2026 – late since Nov. 25, 2026 – 081 00 00 00",
    ):
        assert line in notice.text.replace("\u00a0", " ")
    assert "/review/?state=to-control" in notice.text
    assert "Gent" not in notice.text
    other = Notice.objects.get(user=people["other coordinator"])
    assert other.subject == "This week: 1 unit is late"
    assert "Namur" not in other.text


def test_the_secretariat_is_told_what_it_controls_and_what_is_asked_of_it(zone, people):
    unit = make.make_unit("cgi")
    make.make_indicator("federal", addressed="listed", subjects=[unit])
    make.make_round()
    approver = make.make_user(Role.APPROVER, unit)
    sent = make.attested(approver, of(unit), figure(5))
    a_correction(
        sent,
        {**people, "coordinator": people["secretariat"], "reporter": approver},
        state=CorrectionState.ATTESTED,
        attested_at=timezone.now(),
        attested_by=approver,
    )
    indicator = Indicator.objects.get(code="checks")
    ask(actor=people["reporter"], indicator=indicator, unit=zone, text="Which checks?")
    notices.tell_digests(MONDAY)
    notice = Notice.objects.get(kind="digest", user=people["secretariat"])
    assert "Corrections to decide: 1" in notice.text.replace("\u00a0", " ")
    assert "Questions to answer: 1" in notice.text.replace("\u00a0", " ")
    assert "To control" not in notice.text
    assert notice.units == []


def test_the_secretariat_is_told_what_coordinators_left(sent, people):
    Submission.objects.filter(pk=sent.pk).update(submitted_at=MONDAY - dt.timedelta(days=30))
    notices.tell_digests(MONDAY)
    text = Notice.objects.get(kind="digest", user=people["secretariat"]).text
    assert "To control: 1" in text.replace("\u00a0", " ")
    assert "Left by their coordinator, now also yours: 1" in text.replace("\u00a0", " ")
    text = Notice.objects.get(kind="digest", user=people["coordinator"]).text
    assert "To control: 1" in text.replace("\u00a0", " ")
    assert "Left" not in text


def test_what_coordinators_have_time_for_is_not_told_to_the_secretariat(sent, people):
    Submission.objects.filter(pk=sent.pk).update(submitted_at=MONDAY - dt.timedelta(days=7))
    notices.tell_digests(MONDAY)
    assert "secretariat" not in told("digest", people)


def test_the_secretariat_is_told_of_corrections_left_each_request_once(sent, people):
    first = a_correction(
        sent,
        people,
        state=CorrectionState.ATTESTED,
        attested_at=MONDAY - dt.timedelta(days=30),
        attested_by=people["approver"],
        proposed_at=MONDAY - dt.timedelta(days=30),
    )
    total = first.cell
    option = Cell.objects.create(expectation=total.expectation, option="men")
    first.pk, first.cell = None, option
    first.save()
    notices.tell_digests(MONDAY)
    for name in ("coordinator", "secretariat"):
        text = Notice.objects.get(kind="digest", user=people[name]).text
        assert "Corrections to decide: 1" in text.replace("\u00a0", " ")


def test_the_secretariat_is_told_who_asks_for_more_time_until_they_have_sent(zone, people):
    make.make_round(late=True)
    ask_for_time(actor=people["reporter"], submission=of(zone), reason="Floods")
    notices.tell_digests(MONDAY)
    text = Notice.objects.get(kind="digest", user=people["secretariat"]).text
    assert "Requests for more time: 1" in text.replace("\u00a0", " ")
    assert "/report/#requests" in text
    make.attested(people["approver"], of(zone), figure(5))
    notices.tell_digests(MONDAY + dt.timedelta(days=7))
    assert Notice.objects.filter(kind="digest", user=people["secretariat"]).count() == 1


def test_a_unit_with_more_time_is_expected_and_not_missing(zone, opened, people):
    locked = LOCKS.replace(hour=8) + dt.timedelta(days=2)
    more_time(zone, people, until=locked + dt.timedelta(days=5))
    notices.tell_digests(locked)
    text = Notice.objects.get(kind="digest", user=people["coordinator"]).text
    assert "Expected, not attested yet: 1" in text.replace("\u00a0", " ")
    assert "Missing" not in text
    assert "late since" not in text


def test_what_a_round_locked_without_is_told_in_the_week_after(opened, people):
    locked = LOCKS.replace(hour=8) + dt.timedelta(days=2)
    assert locked.weekday() == 0
    notices.tell_digests(locked)
    notice = Notice.objects.get(user=people["coordinator"])
    assert "Missing in a round that locked last week: 1" in notice.text.replace("\u00a0", " ")
    assert notices.tell_digests(locked + dt.timedelta(days=7)) == 0


def test_nothing_to_say_is_no_mail(people):
    assert notices.tell_digests(MONDAY) == 0


def test_only_on_monday_morning_or_after_a_halt_on_tuesday(opened):
    for moment in (
        MONDAY.replace(hour=6),
        MONDAY.replace(hour=12),
        MONDAY + dt.timedelta(days=2),
        MONDAY - dt.timedelta(days=1),
    ):
        assert notices.tell_digests(moment) == 0
    assert notices.tell_digests(MONDAY + dt.timedelta(days=1)) == 2


def test_once_a_week_and_again_the_next(opened):
    assert notices.tell_digests(MONDAY) == 2
    assert notices.tell_digests(MONDAY.replace(hour=11)) == 0
    assert notices.tell_digests(MONDAY + dt.timedelta(days=1)) == 0
    assert notices.tell_digests(MONDAY - dt.timedelta(days=7)) == 2


def test_a_digest_turned_off_is_not_written(opened, people):
    UnwantedNotice.objects.create(user=people["coordinator"], kind="digest")
    notices.tell_digests(MONDAY)
    assert told("digest", people) == ["other coordinator"]


# --- The schedule, twice ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("store")
def test_of_several_runs_at_once_each_mail_is_written_and_owed_for_one(opened, people):
    together([lambda: notices.tell_what_is_due(at(14)) + notices.tell_digests(MONDAY)] * 4)
    assert told("before_due", people) == ["approver", "other reporter", "reporter"]
    assert told("digest", people) == ["coordinator", "other coordinator"]
    for entry in OutboxEntry.objects.filter(topic=TOPIC):
        mailing.send(entry.pk)
    assert len(mail.outbox) == 5
    assert not OutboxEntry.objects.filter(topic=TOPIC).pending().exists()


def test_the_task_of_the_schedule_tells_both(opened, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at(14))
    assert tell_what_is_due() == 3
    monkeypatch.setattr(timezone, "now", lambda: MONDAY)
    assert tell_what_is_due() == 2
