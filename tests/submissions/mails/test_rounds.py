"""Mails about rounds: exactly who is told, of what, when, and once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from foundation.models import Notice, UnwantedNotice
from foundation.templatetags import jalon
from organisations.enums import Language, Role
from organisations.models import Membership, Unit, User
from submissions import notices
from submissions.enums import State
from submissions.models import Extension, Round, Submission
from tests import factories as make
from tests.factories import figure
from tests.submissions.mails.told import (
    DUE,
    LOCKS,
    at,
    more_time,
    of,
    open_and_tell,
    subjects,
    told,
)

pytestmark = pytest.mark.django_db


# --- A round opens ----------------------------------------------------------------------------


def test_opening_tells_who_enters_and_attests_in_each_unit_what_it_owes(zone, people):
    made = open_and_tell()
    assert told("opening", people) == ["approver", "other reporter", "reporter"]
    notice = Notice.objects.get(user=people["reporter"])
    due = jalon.day(timezone.localtime(made.due_at).date())
    assert subjects("opening") == {
        f"ZP {name}, Q3 2026: figures to send by {due}" for name in ("Namur", "Gent")
    }
    assert "ZP Namur – 2 figures" in notice.text
    assert f"/report/{make.QUARTER}/namur/" in notice.text
    assert "gent" not in notice.text.lower()
    assert notice.units == [zone.pk]


def test_ended_memberships_closed_accounts_and_who_turned_it_off_are_left_out(zone, people):
    today = timezone.localdate()
    people["reporter"].memberships.update(end=today)
    User.objects.filter(pk=people["approver"].pk).update(is_active=False)
    UnwantedNotice.objects.create(user=people["other reporter"], kind="opening")
    later = make.make_user(Role.REPORTER, zone, name="later")
    later.memberships.update(start=today + dt.timedelta(days=1))
    open_and_tell()
    assert told("opening", people) == []


def test_whoever_also_controls_the_unit_is_not_asked_for_its_figures(zone, people):
    Membership.objects.create(
        user=people["reporter"],
        role=Role.COORDINATOR,
        unit=zone.controlled_by,
        start=dt.date(2020, 1, 1),
    )
    open_and_tell()
    assert told("opening", people) == ["approver", "other reporter"]


def test_a_mail_says_whom_to_ask(zone, people, settings):
    settings.CONTACT_EMAIL = "secretariat@jalon.example"
    Unit.objects.filter(slug="dca-namur").update(telephone="081 99 99 99", mailbox="d@pol.example")
    open_and_tell()
    asked = {
        name: Notice.objects.get(user=people[name]).text.partition("Questions?")[2].split("\n")[0]
        for name in ("reporter", "other reporter")
    }
    assert asked == {
        "reporter": " DCA, 081 99 99 99, d@pol.example",
        "other reporter": " secretariat@jalon.example",
    }


def test_somebody_of_several_units_gets_one_mail_about_all(zone, people):
    third = make.make_zone("dinant")
    Membership.objects.create(
        user=people["reporter"], role=Role.REPORTER, unit=third, start=dt.date(2020, 1, 1)
    )
    open_and_tell()
    notice = Notice.objects.get(user=people["reporter"])
    assert notice.subject.startswith("2 units, ")
    assert "ZP Dinant – 2 figures" in notice.text
    assert "ZP Namur – 2 figures" in notice.text
    assert notice.units == sorted([zone.pk, third.pk])


def test_the_successors_people_are_told_what_the_gone_zone_still_owes(zone, people):
    merged = make.make_zone("merged", valid_from=dt.date(2026, 10, 15))
    Unit.objects.filter(pk=zone.pk).update(valid_to=dt.date(2026, 10, 15))
    merged.predecessions.create(
        predecessor=zone, predecessor_label="Namur", effective_on=dt.date(2026, 10, 15)
    )
    heir = make.make_user(Role.APPROVER, merged)
    open_and_tell()
    notice = Notice.objects.get(user=heir)
    assert "/report/2026-Q3/namur/" in notice.text
    assert notice.units == [merged.pk]


def test_a_dutch_zone_is_written_to_in_dutch_and_a_chosen_language_goes_first():
    make.make_indicator("checks")
    gent = make.make_zone("gent", language=Language.NL)
    silent = make.make_user(Role.REPORTER, gent)
    french = make.make_user(Role.APPROVER, gent, language="fr")
    open_and_tell()
    languages = dict(Notice.objects.values_list("user_id", "language"))
    assert languages == {silent.pk: "nl", french.pk: "fr"}


def test_a_round_that_is_due_already_opens_without_mail(people):
    open_and_tell(locked=True)
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("zones", [1, 40])
def test_opening_takes_the_same_number_of_queries_whatever_the_units_and_people(
    zones, django_assert_num_queries
):
    make.make_indicator("checks")
    for unit in make.make_zones(zones):
        make.make_user(Role.REPORTER, unit)
        make.make_user(Role.APPROVER, unit)
    made = make.make_round()
    with django_assert_num_queries(13):
        assert notices.tell_opening(made, timezone.now()) == 2 * zones


def test_a_round_opens_at_midnight_and_is_told_in_the_morning(people):
    make.make_round()
    assert not Notice.objects.exists()
    Round.objects.update(opens_at=at(21, 0), frozen_at=at(21, 0), due_at=DUE, locks_at=LOCKS)
    assert notices.tell_what_is_due(at(21, 0)) == 0
    assert notices.tell_what_is_due(at(21, 6)) == 0
    assert notices.tell_what_is_due(at(21, 7)) == 3
    assert told("opening", people) == ["approver", "other reporter", "reporter"]


def test_a_round_that_a_halt_opened_days_late_is_told_all_the_same(people):
    make.make_round()
    Round.objects.update(opens_at=at(21, 0), frozen_at=at(16, 0), due_at=DUE, locks_at=LOCKS)
    assert notices.tell_what_is_due(at(16, 7)) == 3
    assert told("opening", people) == ["approver", "other reporter", "reporter"]


def test_who_gets_a_role_just_after_the_opening_is_told_too_and_nobody_twice(zone, people):
    open_and_tell()
    make.make_user(Role.REPORTER, zone, name="newcomer")
    Round.objects.update(opens_at=at(21, 0), frozen_at=at(21, 0), due_at=DUE)
    assert notices.tell_what_is_due(at(20)) == 1
    assert notices.tell_what_is_due(at(20)) == 0
    assert notices.tell_what_is_due(at(15)) == 0
    assert told("opening", people) == [
        "approver",
        "newcomer@namur.example",
        "other reporter",
        "reporter",
    ]


# --- Due soon, and late -----------------------------------------------------------------------


def test_fourteen_and_three_days_before_each_once(opened, people):
    assert notices.tell_what_is_due(at(15)) == 0
    assert notices.tell_what_is_due(at(14)) == 3
    assert notices.tell_what_is_due(at(14, 18)) == 0
    assert notices.tell_what_is_due(at(13)) == 0
    assert notices.tell_what_is_due(at(4)) == 0
    assert notices.tell_what_is_due(at(3)) == 3
    assert notices.tell_what_is_due(at(0)) == 0
    assert told("before_due", people) == sorted(["approver", "other reporter", "reporter"] * 2)
    texts = Notice.objects.filter(user=people["reporter"]).values_list("text", flat=True)
    assert ["14 days are left" in text for text in texts.order_by("pk")] == [True, False]
    assert all("2 figures of 2 are missing" in text for text in texts)


def test_not_before_seven_in_the_morning_in_brussels(opened):
    assert notices.tell_what_is_due(at(14, 6)) == 0
    assert notices.tell_what_is_due(at(14, 7)) == 3


def test_after_a_halt_of_the_schedule_only_what_is_still_true_is_told(opened):
    assert notices.tell_what_is_due(at(11)) == 0  # "in 14 days" comes too late.
    assert notices.tell_what_is_due(at(12)) == 3
    assert "12 days are left" in Notice.objects.first().text
    assert notices.tell_what_is_due(at(0)) == 3  # On the last day it still helps.
    assert "due today" in Notice.objects.first().text


def test_a_round_that_has_just_opened_is_not_said_to_be_due_soon(opened):
    Round.objects.update(opens_at=at(15, 0), frozen_at=at(15, 0))
    notices.tell_what_is_due(at(14))
    assert not Notice.objects.filter(kind="before_due").exists()


def test_what_is_complete_is_only_for_who_attests_and_what_is_attested_for_nobody(
    zone, opened, people
):
    Round.objects.update(
        due_at=timezone.now() + dt.timedelta(days=1), locks_at=timezone.now() + dt.timedelta(days=9)
    )
    make.enter(people["reporter"], of(zone), figure(5))
    Round.objects.update(due_at=DUE, locks_at=LOCKS)
    notices.tell_what_is_due(at(14))
    assert told("before_due", people) == ["approver", "other reporter"]
    assert any("complete, to attest by" in each for each in subjects("before_due"))
    notice = Notice.objects.get(user=people["approver"])
    assert "once you have attested them" in notice.text
    Submission.objects.filter(reporter=zone).update(
        state=State.SUBMITTED, submitted_at=DUE, submitted_by=people["approver"]
    )
    notices.tell_what_is_due(at(3))
    assert told("before_due", people) == ["approver", "other reporter", "other reporter"]


def test_late_units_are_told_once_the_day_after(opened, people):
    assert notices.tell_what_is_due(at(0)) == 3
    assert notices.tell_what_is_due(at(-1)) == 3
    assert notices.tell_what_is_due(at(-1, 12)) == 0
    assert notices.tell_what_is_due(at(-2)) == 0
    assert told("overdue", people) == ["approver", "other reporter", "reporter"]
    assert subjects("overdue") == {
        "ZP Namur, Q3 2026: late since Nov. 25, 2026",
        "ZP Gent, Q3 2026: late since Nov. 25, 2026",
    }


def test_a_late_mail_never_comes_late_itself(opened):
    assert notices.tell_what_is_due(at(-4)) == 0


def test_a_unit_with_more_time_is_not_late(zone, opened, people):
    more_time(zone, people, until=LOCKS + dt.timedelta(days=5))
    notices.tell_what_is_due(at(-1))
    assert told("overdue", people) == ["other reporter"]


def test_a_round_that_gets_more_time_is_told_anew(opened):
    notices.tell_what_is_due(at(3))
    Round.objects.update(due_at=DUE + dt.timedelta(days=5), locks_at=LOCKS)
    assert notices.tell_what_is_due(at(-2)) == 3


def test_what_locked_unsent_is_told_once_and_what_can_be_done(zone, opened, people):
    notices.tell_what_is_due(at(-1))
    Notice.objects.all().delete()
    Submission.objects.exclude(reporter=zone).update(
        state=State.SUBMITTED, submitted_at=DUE, submitted_by=people["secretariat"]
    )
    assert notices.tell_what_is_due(at(-10)) == 0  # The day of the lock, until midnight.
    assert notices.tell_what_is_due(at(-11, 6)) == 0
    assert notices.tell_what_is_due(at(-11)) == 2
    assert notices.tell_what_is_due(at(-11, 12)) == notices.tell_what_is_due(at(-12)) == 0
    assert told("overdue", people) == ["approver", "reporter"]
    assert subjects("overdue") == {"ZP Namur, Q3 2026: locked since Dec. 5, 2026, not sent"}
    notice = Notice.objects.get(user=people["reporter"])
    assert "To send it, ask for more time." in notice.text
    assert f"/report/{make.QUARTER}/namur/" in notice.text


def test_without_days_of_grace_a_unit_hears_that_it_is_late_and_locked(opened, people):
    Round.objects.update(locks_at=DUE)
    assert notices.tell_what_is_due(at(-1)) == 3
    assert notices.tell_what_is_due(at(-2)) == 0
    assert all("locked since Nov. 25, 2026" in each for each in subjects("overdue"))


def test_a_lock_of_some_days_ago_is_told_no_more_nor_to_a_unit_with_time(zone, opened, people):
    assert notices.tell_what_is_due(at(-14)) == 0
    more_time(zone, people, until=LOCKS + dt.timedelta(days=30))
    assert notices.tell_what_is_due(at(-13)) == 1
    assert told("overdue", people) == ["other reporter"]


# --- More time that ends ----------------------------------------------------------------------


def given(zone: Unit, people: dict[str, User], *, days: int, on: int = -11) -> Extension:
    """So many days of time, from the day ``on``; the round has just locked."""
    return Extension.objects.create(
        submission=of(zone),
        until=at(on - days, 23),
        reason="Floods",
        granted_by=people["secretariat"],
        granted_at=at(on, 12),
    )


@pytest.fixture
def locked(opened) -> Round:
    """Of which nothing else is told any more."""
    Round.objects.update(due_at=DUE - dt.timedelta(days=10), locks_at=DUE)
    return opened


def test_a_unit_is_told_once_three_days_before_its_time_ends(zone, locked, people):
    given(zone, people, days=9)
    assert notices.tell_what_is_due(at(-16)) == 0
    assert notices.tell_what_is_due(at(-17, 6)) == 0
    assert notices.tell_what_is_due(at(-17)) == 2
    assert notices.tell_what_is_due(at(-18)) == notices.tell_what_is_due(at(-20)) == 0
    assert told("extension", people) == ["approver", "reporter"]
    assert subjects("extension") == {
        "ZP Namur, Q3 2026: the time given ends on Dec. 15, 2026",
    }
    text = Notice.objects.get(user=people["reporter"]).text.replace("\u00a0", " ")
    assert "These figures are not attested yet." in text
    assert "2 figures of 2 are missing" in text


@pytest.mark.parametrize("days", [1, 2, 3])
def test_of_a_short_time_the_day_before_and_never_on_the_day_it_was_given(
    zone, locked, people, days
):
    given(zone, people, days=days)
    told_on = [day for day in range(11, 12 + days) if notices.tell_what_is_due(at(-day, 13)) == 2]
    assert told_on == [max(12, 10 + days)]


def test_after_a_halt_on_its_last_day_it_is_told_today(zone, locked, people):
    given(zone, people, days=9)
    assert notices.tell_what_is_due(at(-20)) == 2
    assert "until the end of today" in Notice.objects.get(user=people["reporter"]).text


def test_only_the_longest_time_counts_and_none_once_sent_or_taken_back(zone, locked, people):
    short = given(zone, people, days=9)
    given(zone, people, days=20)
    assert notices.tell_what_is_due(at(-17)) == 0
    Submission.objects.filter(reporter=zone).update(
        state=State.SUBMITTED, submitted_at=DUE, submitted_by=people["approver"]
    )
    assert notices.tell_what_is_due(at(-28)) == 0
    Submission.objects.filter(reporter=zone).update(state=State.DRAFT)
    Extension.objects.exclude(pk=short.pk).update(ended_at=at(-20), ended_by=people["approver"])
    assert notices.tell_what_is_due(at(-28)) == 0


def test_the_end_of_time_is_for_who_attests_where_all_is_there(zone, locked, people):
    given(zone, people, days=9)
    Round.objects.update(locks_at=timezone.now() + dt.timedelta(days=900))
    make.enter(people["reporter"], of(zone), figure(5))
    Round.objects.update(locks_at=DUE)
    UnwantedNotice.objects.create(user=people["approver"], kind="extension")
    assert notices.tell_what_is_due(at(-17)) == 0
    UnwantedNotice.objects.all().delete()
    assert notices.tell_what_is_due(at(-17)) == 1
    assert told("extension", people) == ["approver"]


@pytest.mark.parametrize("count", [1, 20])
def test_ends_of_time_take_the_same_number_of_queries(count, django_assert_num_queries):
    make.make_indicator("checks")
    secretariat = {"secretariat": make.make_user(Role.SECRETARIAT)}
    zones = make.make_zones(count)
    make.make_round()
    Round.objects.update(opens_at=at(60), due_at=at(30), locks_at=at(20))
    for each in zones:
        make.make_user(Role.REPORTER, each)
        given(each, secretariat, days=9)
    with django_assert_num_queries(16):
        assert notices.tell_what_is_due(at(-17)) == count
