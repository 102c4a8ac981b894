"""Mails about rounds and decisions: exactly who is told, of what, when, and once."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation

from foundation import mailing
from foundation.models import AuditEntry, Notice, OutboxEntry, UnwantedNotice
from foundation.notices import TOPIC
from foundation.templatetags import jalon
from indicators.codebook.services import ask
from indicators.models import Indicator
from organisations.enums import Language, Role
from organisations.models import Membership, Unit, User
from submissions import notices
from submissions.enums import CorrectionState, Entrance, State
from submissions.models import Cell, Correction, Extension, Round, Submission
from submissions.services import (
    ask_for_time,
    end_extension,
    grant_extension,
    refuse_time,
    remind,
    send_back,
    validate,
)
from submissions.tasks import tell_what_is_due
from tests import factories as make
from tests.factories import figure
from tests.threads import together

pytestmark = pytest.mark.django_db
BRUSSELS = ZoneInfo("Europe/Brussels")
#: A Wednesday; the round of these tests opens three weeks earlier than it is due.
DUE = dt.datetime(2026, 11, 25, 23, 59, 59, tzinfo=BRUSSELS)
LOCKS = DUE + dt.timedelta(days=10)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def zone() -> Unit:
    make.make_indicator("checks")
    make.make_indicator("visits")
    return make.make_zone("namur", telephone="081 00 00 00")


@pytest.fixture
def people(zone) -> dict[str, User]:
    """Who acts for the zone and controls it, and those of another zone and coordinator."""
    other = make.make_zone("gent", dca=make.make_dca("dca-gent"))
    return {
        "reporter": make.make_user(Role.REPORTER, zone, language="en"),
        "approver": make.make_user(Role.APPROVER, zone, language="en"),
        "authority": make.make_user(Role.AUTHORITY, zone, language="en"),
        "coordinator": make.make_user(Role.COORDINATOR, zone.controlled_by, language="en"),
        "other reporter": make.make_user(Role.REPORTER, other, language="en"),
        "other coordinator": make.make_user(Role.COORDINATOR, other.controlled_by, language="en"),
        "secretariat": make.make_user(Role.SECRETARIAT, language="en"),
    }


@pytest.fixture
def opened(people) -> Round:
    """Open since three weeks before DUE, with the mails of its opening forgotten."""
    make.make_round()
    Notice.objects.all().delete()
    Round.objects.update(opens_at=at(21, 0), due_at=DUE, locks_at=LOCKS, frozen_at=at(21, 0))
    return Round.objects.select_related("period").get()


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
    Extension.objects.create(
        submission=of(zone),
        until=LOCKS + dt.timedelta(days=5),
        reason="Floods",
        granted_by=people["secretariat"],
        granted_at=at(5),
    )
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
    Extension.objects.create(
        submission=of(zone),
        until=LOCKS + dt.timedelta(days=30),
        reason="Floods",
        granted_by=people["secretariat"],
        granted_at=at(5),
    )
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


# --- Decisions --------------------------------------------------------------------------------


@pytest.fixture
def sent(zone, people) -> Submission:
    make.make_round()
    Notice.objects.all().delete()
    return make.attested(people["approver"], of(zone), figure(5))


def test_a_return_tells_the_unit_the_reason(sent, people):
    UnwantedNotice.objects.create(user=people["reporter"], kind="returned")
    send_back(
        actor=people["coordinator"], submission=sent, version=sent.version, reason="Twice <last>?"
    )
    assert told("returned", people) == ["approver", "reporter"]
    notice = Notice.objects.get(user=people["reporter"])
    assert "“Twice <last>?”" in notice.text
    assert "Twice &lt;last&gt;?" in notice.html
    assert f"/report/{make.QUARTER}/namur/" in notice.text
    assert people["coordinator"].name not in notice.text


def test_a_return_says_until_when_the_unit_has_time(sent, people):
    now, day = timezone.now(), dt.timedelta(days=1)
    Round.objects.update(opens_at=now - 9 * day, due_at=now - 2 * day, locks_at=now - day)
    until = now + 9 * day
    send_back(
        actor=people["coordinator"],
        submission=sent,
        version=sent.version,
        reason="Too few?",
        until=until,
    )
    text = Notice.objects.get(user=people["reporter"]).text
    assert f"They are taken until {jalon.day(timezone.localtime(until).date())}." in text


def test_a_second_return_is_told_too(sent, people):
    coordinator = people["coordinator"]
    send_back(actor=coordinator, submission=sent, version=sent.version, reason="First")
    again = make.attested(people["approver"], of(sent.reporter), figure(6))
    send_back(actor=coordinator, submission=again, version=again.version, reason="Second")
    assert told("returned", people) == sorted(["approver", "reporter"] * 2)


def test_a_validation_tells_the_unit_shortly(sent, people):
    validate(actor=people["coordinator"], submission=sent, version=sent.version)
    assert told("validated", people) == ["approver", "reporter"]
    assert subjects("validated") == {"ZP Namur, Q3 2026: validated"}


def test_what_is_rolled_back_tells_nobody(sent, people):
    with pytest.raises(Exception, match="is submitted"):
        validate(actor=people["coordinator"], submission=sent, version=sent.version - 1)
    assert Notice.objects.count() == 0


def test_more_time_is_told_with_its_reason(zone, opened, people):
    given = Extension.objects.create(
        submission=of(zone),
        until=LOCKS + dt.timedelta(days=5),
        reason="Floods",
        granted_by=people["secretariat"],
        granted_at=at(5),
    )
    assert [notices.tell_extension(given), notices.tell_extension(given)] == [2, 0]
    assert told("extension", people) == ["approver", "reporter"]
    assert "Floods" in Notice.objects.first().text


@pytest.fixture
def desk(settings) -> str:
    settings.SECRETARIAT_TELEPHONE, settings.CONTACT_EMAIL = "02 222 22 22", "desk@pol.example"
    return "Secretariat, 02 222 22 22, desk@pol.example"


def test_a_refusal_of_time_is_told_with_its_reason_and_whom_to_call(zone, people, desk):
    make.make_round(locked=True)
    Unit.objects.filter(pk=zone.pk).update(language=Language.NL)
    User.objects.filter(pk=people["approver"].pk).update(language="")
    asked = ask_for_time(actor=people["reporter"], submission=of(zone), reason="We moved")
    for _twice in range(2):
        refuse_time(actor=people["secretariat"], request=asked, reason="Twice <last> year")
    assert told("extension", people) == ["approver", "reporter"]
    notice = Notice.objects.get(user=people["reporter"])
    assert notice.subject.replace("\u00a0", " ") == "ZP Namur, Q3 2026: no more time"
    assert "Reason: “Twice <last> year”" in notice.text
    assert "Twice &lt;last&gt; year" in notice.html
    assert f"Questions? {desk}" in notice.text
    assert "What you have entered is kept." in notice.text
    assert people["secretariat"].name not in notice.text
    assert Notice.objects.get(user=people["approver"]).language == "nl"


def test_a_refusal_says_until_when_an_open_round_still_takes_figures(zone, people, desk):
    made = make.make_round(late=True)
    asked = ask_for_time(actor=people["reporter"], submission=of(zone), reason="We moved")
    refuse_time(actor=people["secretariat"], request=asked, reason="Enough")
    until = jalon.day(timezone.localtime(made.locks_at).date())
    assert f"The figures are taken until {until}." in Notice.objects.first().text


def test_time_that_is_taken_back_is_told_with_what_is_left(zone, people, desk):
    make.make_round(locked=True)
    UnwantedNotice.objects.create(user=people["approver"], kind="extension")
    now, day = timezone.now(), dt.timedelta(days=1)
    times = [
        grant_extension(
            actor=people["secretariat"],
            submission=of(zone),
            until=now + days * day,
            reason="Floods",
        )
        for days in (5, 9)
    ]
    Notice.objects.all().delete()
    for each in reversed(times):
        for _twice in range(2):
            end_extension(actor=people["secretariat"], extension=each)
    assert told("extension", people) == ["reporter", "reporter"]
    first, second = Notice.objects.order_by("pk").values_list("text", flat=True)
    until = jalon.day(timezone.localtime(times[0].until).date())
    assert f"The figures are taken until {until}." in first
    assert "takes no figures any more" in second
    assert f"Questions? {desk}" in second


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


def test_a_correction_is_told_to_whose_turn_it_is(sent, people):
    asked = a_correction(sent, people)
    notices.tell_correction(asked)
    assert told("correction", people) == ["approver"]
    asked.state, asked.attested_at = CorrectionState.ATTESTED, timezone.now()
    asked.attested_by = people["approver"]
    asked.save()
    notices.tell_correction(asked)
    assert told("correction_asked", people) == ["coordinator"]
    assert "081 00 00 00" in Notice.objects.get(kind="correction_asked").text
    asked.state, asked.decision_reason = CorrectionState.REFUSED, "Not proven"
    notices.tell_correction(asked)
    assert told("correction", people) == ["approver", "approver", "reporter"]
    assert "“Not proven”" in Notice.objects.filter(user=people["reporter"]).get().text
    asked.state = CorrectionState.WITHDRAWN
    assert notices.tell_correction(asked) == 0


def test_a_correction_of_a_unit_that_nobody_coordinates_goes_to_the_secretariat(people):
    unit = make.make_unit("cgi")
    make.make_indicator("federal", addressed="listed", subjects=[unit])
    make.make_round()
    approver = make.make_user(Role.APPROVER, unit)
    sent = make.attested(approver, of(unit), figure(5))
    cast = {**people, "coordinator": people["secretariat"], "reporter": approver}
    asked = a_correction(
        sent,
        cast,
        state=CorrectionState.ATTESTED,
        attested_at=timezone.now(),
        attested_by=approver,
    )
    notices.tell_correction(asked)
    assert told("correction_asked", people) == ["secretariat"]


# --- Reminders --------------------------------------------------------------------------------


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


# --- The weekly digest ------------------------------------------------------------------------

MONDAY = dt.datetime(2026, 11, 30, 8, tzinfo=BRUSSELS)


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
    Extension.objects.create(
        submission=of(zone),
        until=locked + dt.timedelta(days=5),
        reason="Floods",
        granted_by=people["secretariat"],
        granted_at=at(5),
    )
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
