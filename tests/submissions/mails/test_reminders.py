"""Reminders that somebody sends: to whom, how often, and by whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from foundation.models import AuditEntry, Notice
from foundation.templatetags import jalon
from organisations.enums import Role
from submissions.models import Extension, Round, Submission
from submissions.services import (
    remind,
)
from tests import factories as make
from tests.factories import figure
from tests.submissions.mails.told import (
    of,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(people) -> Round:
    made = make.make_round()
    Notice.objects.all().delete()
    return made


def test_a_reminder_goes_to_a_unit_once_a_day_and_is_on_the_record(zone, running, people):
    coordinator = people["coordinator"]
    first = remind(actor=coordinator, submissions=[of(zone)])
    assert (first.people, first.submissions, first.nobody, first.already) == (2, 1, [], [])
    again = remind(actor=coordinator, submissions=[of(zone)])
    assert (again.people, again.submissions, again.already) == (0, 0, [zone])
    assert told("reminder", people) == ["approver", "reporter"]
    entry = AuditEntry.objects.get(verb="submission.reminded")
    assert (entry.actor, entry.subject_id, entry.details) == (
        coordinator,
        of(zone).pk,
        {"mails": 2},
    )


def test_the_next_day_it_may_be_sent_again(zone, running, people):
    coordinator = people["coordinator"]
    remind(actor=coordinator, submissions=[of(zone)])
    Notice.objects.update(key=f"{of(zone).pk}:{timezone.localdate() - dt.timedelta(days=1)}")
    assert remind(actor=coordinator, submissions=[of(zone)]).people == 2


def test_units_that_nobody_acts_for_are_named_and_what_is_sent_is_passed_over(
    zone, running, people
):
    empty = make.make_zone("empty")
    made = Submission.objects.create(round=running, reporter=empty)
    make.attested(people["approver"], of(zone), figure(5))
    done = remind(actor=people["coordinator"], submissions=[of(zone), made])
    assert (done.people, done.nobody, done.already) == (0, [empty], [])
    assert not AuditEntry.objects.filter(verb="submission.reminded").exists()


def test_what_can_be_sent_no_more_is_not_asked_for(zone, opened, people):
    now = timezone.now()
    Round.objects.update(
        opens_at=now - dt.timedelta(days=30),
        due_at=now - dt.timedelta(days=2),
        locks_at=now - dt.timedelta(minutes=1),
    )
    assert remind(actor=people["secretariat"], submissions=[of(zone)]).people == 0


def test_a_unit_with_more_time_is_reminded_of_its_own_end(zone, opened, people):
    now = timezone.now()
    Round.objects.update(
        opens_at=now - dt.timedelta(days=30),
        due_at=now - dt.timedelta(days=2),
        locks_at=now - dt.timedelta(minutes=1),
    )
    until = now + dt.timedelta(days=5)
    Extension.objects.create(
        submission=of(zone), until=until, reason="Floods", granted_by=people["secretariat"]
    )
    assert remind(actor=people["coordinator"], submissions=[of(zone)]).people == 2
    text = Notice.objects.get(user=people["reporter"]).text
    assert f"They are taken until {jalon.day(timezone.localtime(until).date())}." in text


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("coordinator", True),
        ("secretariat", True),
        ("other coordinator", False),
        ("approver", False),
        ("authority", False),
    ],
)
def test_who_controls_the_unit_or_the_secretariat_reminds(zone, running, people, role, allowed):
    if allowed:
        assert remind(actor=people[role], submissions=[of(zone)]).people == 2
        return
    with pytest.raises(PermissionDenied):
        remind(actor=people[role], submissions=[of(zone)])
    assert Notice.objects.count() == 0


def test_one_unit_that_is_not_theirs_refuses_the_whole(zone, running, people):
    both = list(Submission.objects.all())
    with pytest.raises(PermissionDenied):
        remind(actor=people["coordinator"], submissions=both)
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("count", [1, 20])
def test_reminding_many_takes_one_query_more_for_each_record(count, django_assert_num_queries):
    make.make_indicator("checks")
    for unit in make.make_zones(count):
        make.make_user(Role.REPORTER, unit)
    make.make_round()
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    coordinator.access  # noqa: B018 (read once, kept)
    with django_assert_num_queries(16 + count):
        assert remind(actor=coordinator, submissions=Submission.objects.all()).people == count
