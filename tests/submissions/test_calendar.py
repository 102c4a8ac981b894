"""Deadlines in a calendar program: the file itself, and whose address opens what."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.icalendar import WIDTH, Day, calendar, folded
from foundation.models import AuditEntry
from indicators.periods import last_day
from organisations.enums import Role
from submissions.models import CalendarFeed, Round, RoundTiming
from submissions.selectors import calendar_token
from submissions.services import Planned, end_extension, grant_extension, plan_rounds
from tests import factories as make

NOW = dt.datetime(2026, 11, 26, 17, 0, tzinfo=dt.UTC)

# --- The file (RFC 5545) -----------------------------------------------------------------------


def test_a_calendar_to_the_letter():
    day = Day("2026-Q4-due@jalon", dt.date(2027, 1, 26), "Q4 2026: due; soon, \\o/", "ZP A\nZP B")
    written = calendar(name="Deadlines", language="en", days=[day], now=NOW)
    assert written.decode() == "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Jalon//Jalon//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "NAME;LANGUAGE=en:Deadlines",
            "X-WR-CALNAME:Deadlines",
            "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
            "X-PUBLISHED-TTL:PT6H",
            "BEGIN:VEVENT",
            "UID:2026-Q4-due@jalon",
            "DTSTAMP:20261126T170000Z",
            "DTSTART;VALUE=DATE:20270126",
            "DTEND;VALUE=DATE:20270127",
            "SUMMARY;LANGUAGE=en:Q4 2026: due\\; soon\\, \\\\o/",
            "DESCRIPTION;LANGUAGE=en:ZP A\\nZP B",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


PRINTED = st.characters(exclude_categories=["Cs", "Cc"])


@settings(deadline=None)
@given(st.text(PRINTED, max_size=400))
def test_lines_are_folded_at_75_octets_and_never_inside_a_character(text):
    written = folded(text)
    assert written.endswith(b"\r\n")
    lines = written[:-2].split(b"\r\n")
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.decode() is not None for line in lines)
    assert all(line.startswith(b" ") for line in lines[1:])
    assert b"".join([lines[0], *(line[1:] for line in lines[1:])]).decode() == text


@settings(deadline=None)
@given(st.text(PRINTED, max_size=100))
def test_nothing_that_is_said_ends_a_line(text):
    day = Day("uid", dt.date(2027, 1, 1), text, f"{text}\r\nEND:VEVENT\nBEGIN:VEVENT")
    written = calendar(name=text, language="fr", days=[day], now=NOW).decode()
    unfolded = written.replace("\r\n ", "")
    names = [re.split("[:;]", line)[0] for line in unfolded.split("\r\n")]
    assert names.count("BEGIN") == names.count("END") == 2
    assert "\n" not in unfolded.replace("\r\n", "")


# --- The address -------------------------------------------------------------------------------


class Scene:
    """A zone with an open round and a planned one, and a neighbour."""

    def __init__(self) -> None:
        make.make_indicator("checks")
        self.zone, self.neighbour = make.make_zone("namur"), make.make_zone("dinant")
        self.reporter = make.make_user(Role.REPORTER, self.zone, name="Somebody")
        self.secretariat = make.make_user(Role.SECRETARIAT)
        make.make_round()
        dates = RoundTiming.of("quarter").dates(last_day("2030-Q4"))
        plan_rounds(actor=None, planned=[Planned("2030-Q4", dates)])
        self.client = self.signed_in(self.reporter)

    def signed_in(self, user) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        return client

    def address(self, client: Client | None = None) -> str:
        """Made on the page, read from it."""
        client = client or self.client
        number = client.get("/report/").context["feed"]["number"]
        client.post("/report/calendar/", {"action": "renew", "number": number})
        address = client.get("/report/").context["feed"]["address"]
        return address.removeprefix("http://testserver")


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    """The counters of the throttle start at nothing."""
    cache.clear()


@pytest.fixture
def scene(db) -> Scene:
    return Scene()


def read(address: str) -> str:
    """As a calendar program does, with no session."""
    answer = Client().get(address)
    assert answer.status_code == 200
    return answer.content.decode().replace("\r\n ", "")


def uids(address: str) -> list[str]:
    return re.findall(r"UID:(.*)\r", read(address))


def test_it_shows_the_rounds_of_ones_units_without_figures_or_names(scene):
    make.enter(scene.reporter, make.submission_of(scene.zone), make.figure(987654))
    address = scene.address()
    answer = Client().get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    text = read(address)
    assert uids(address) == [
        f"{code}-{name}@jalon"
        for code in (make.QUARTER, "2030-Q4")
        for name in ("opens", "due", "locks")
    ]
    due = timezone.localdate(Round.objects.get(period__code=make.QUARTER).due_at)
    assert f"DTSTART;VALUE=DATE:{due:%Y%m%d}" in text
    assert "DTSTART;VALUE=DATE:20310101" in text
    assert "ZP Namur" in text
    for hidden in ("987654", "Somebody", "Dinant", "@namur.example"):
        assert hidden not in text


def test_more_time_is_in_it_for_its_unit_alone(scene):
    Round.objects.filter(period__code=make.QUARTER).update(
        opens_at="2026-01-01T00:00Z", due_at="2026-02-01T00:00Z", locks_at="2026-03-01T00:00Z"
    )
    address = scene.address()
    assert not any(uid.startswith(make.QUARTER) for uid in uids(address))
    until = timezone.now() + dt.timedelta(days=9)
    given = grant_extension(
        actor=scene.secretariat,
        submission=make.submission_of(scene.zone),
        until=until,
        reason="Secret reason",
    )
    text = read(address)
    assert f"extension-{given.pk}@jalon" in uids(address)
    assert f"DTSTART;VALUE=DATE:{timezone.localdate(until):%Y%m%d}" in text
    assert "Secret reason" not in text
    neighbour = scene.signed_in(make.make_user(Role.REPORTER, scene.neighbour))
    assert f"extension-{given.pk}@jalon" not in uids(scene.address(neighbour))
    end_extension(actor=scene.secretariat, extension=given)
    assert f"extension-{given.pk}@jalon" not in uids(address)


def test_who_controls_reads_more_time_until_the_figures_are_sent(scene):
    Round.objects.filter(period__code=make.QUARTER).update(
        opens_at="2026-01-01T00:00Z", due_at="2026-02-01T00:00Z", locks_at="2026-03-01T00:00Z"
    )
    until = timezone.now() + dt.timedelta(days=9)
    given = grant_extension(
        actor=scene.secretariat,
        submission=make.submission_of(scene.zone),
        until=until,
        reason="Secret reason",
    )
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca(), language="en")
    liege = make.make_user(Role.COORDINATOR, make.make_dca("dca-liege"))
    uid = f"extension-{given.pk}-control@jalon"
    addresses = [scene.address(scene.signed_in(each)) for each in (coordinator, scene.secretariat)]
    assert [uids(each).count(uid) for each in addresses] == [1, 1]
    text = read(addresses[0])
    said = rf"{uid}.*?VALUE=DATE:{timezone.localdate(until):%Y%m%d}.*?SUMMARY;LANGUAGE=en:(.*?)\r"
    [summary] = re.findall(said, text, re.DOTALL)
    assert summary.replace("\u00a0", " ").startswith("To control – Q3 2026: more time for ZP Namur")
    assert "Secret reason" not in text
    assert uid not in uids(scene.address(scene.signed_in(liege)))
    make.attested(
        make.make_user(Role.APPROVER, scene.zone), make.submission_of(scene.zone), make.figure(5)
    )
    assert uid not in uids(addresses[0])


def test_a_new_address_revokes_the_one_before(scene):
    first = scene.address()
    second = scene.address()
    assert first != second
    assert Client().get(first).status_code == 404
    assert read(second)
    scene.client.post("/report/calendar/", {"action": "stop"})
    assert Client().get(second).status_code == 404
    assert scene.client.get("/report/").context["feed"]["address"] == ""
    third = scene.address()
    assert read(third)
    assert [Client().get(each).status_code for each in (first, second)] == [404, 404]
    verbs = AuditEntry.objects.filter(subject_type="submissions.calendarfeed")
    assert list(verbs.order_by("pk").values_list("verb", flat=True)) == [
        "calendar.renewed",
        "calendar.renewed",
        "calendar.stopped",
        "calendar.renewed",
    ]


def test_a_second_click_gives_no_other_address(scene):
    for _click in range(2):
        scene.client.post("/report/calendar/", {"action": "renew", "number": "0"})
    assert CalendarFeed.objects.get().number == 1
    for _click in range(2):
        scene.client.post("/report/calendar/", {"action": "renew", "number": "1"})
    assert CalendarFeed.objects.get().number == 2
    for number in ("", "x", "-1", "9" * 30):
        scene.client.post("/report/calendar/", {"action": "renew", "number": number})
    assert CalendarFeed.objects.get().number == 2


def test_it_is_gone_with_the_account_and_with_the_role(scene):
    address = scene.address()
    scene.reporter.is_active = False
    scene.reporter.save()
    assert Client().get(address).status_code == 404
    scene.reporter.is_active = True
    scene.reporter.save()
    assert read(address)
    scene.reporter.memberships.update(end=timezone.localdate())
    assert Client().get(address).status_code == 404


def test_nobody_finds_an_address_by_changing_one(scene):
    feed = CalendarFeed.objects.create(user=scene.reporter)
    other = make.make_user(Role.REPORTER, scene.neighbour)
    CalendarFeed.objects.create(user=other)
    token = calendar_token(feed)
    assert Client().get(f"/calendar/{token}.ics").status_code == 200
    said, _dot, signature = token.partition(".")
    tampered = [
        token[:-1],
        f"{other.pk}-1.{signature}",
        f"{said}.{signature[::-1]}",
        said,
        "x",
        f"{scene.reporter.pk}-1.",
    ]
    answers = [Client().get(f"/calendar/{each}.ics").status_code for each in tampered]
    assert answers == [404] * len(tampered)
    assert token not in str(list(CalendarFeed.objects.values()))


def test_a_program_that_asks_too_often_is_told_to_wait(scene):
    address = scene.address()
    answers = [Client().get(address) for _time in range(21)]
    assert [each.status_code for each in answers[:20]] == [200] * 20
    assert (answers[20].status_code, answers[20]["Retry-After"]) == (429, "300")


def test_it_speaks_the_users_language(scene):
    assert "LANGUAGE=fr" in read(scene.address())
    scene.reporter.language = "nl"
    scene.reporter.save()
    assert "LANGUAGE=nl" in read(scene.address())


def test_who_controls_reads_the_rounds_of_the_units_controlled(scene):
    coordinator = scene.signed_in(make.make_user(Role.COORDINATOR, make.make_dca()))
    liege = scene.signed_in(make.make_user(Role.COORDINATOR, make.make_dca("dca-liege")))
    secretariat = scene.signed_in(scene.secretariat)
    assert len(uids(scene.address(coordinator))) == 6
    assert len(uids(scene.address(secretariat))) == 6
    assert uids(scene.address(liege)) == []
    stranger = scene.signed_in(make.make_user(Role.EVALUATOR))
    assert stranger.post("/report/calendar/", {"number": "0"}).status_code == 403


def test_who_reports_and_controls_sees_both_told_apart(scene):
    """A reporter of a source who also coordinates the zones of an arrondissement."""
    source = make.make_source()
    make.make_indicator("central", reporter=source)
    make.make_round("2026-Q2")
    both = make.make_user(Role.COORDINATOR, make.make_dca(), language="en")
    both.memberships.create(role=Role.REPORTER, unit=source)
    # For a unit that they control they do not report.
    both.memberships.create(role=Role.REPORTER, unit=scene.zone)
    text = read(scene.address(scene.signed_in(both)))
    events = re.findall(r"UID:(.*?)@.*?SUMMARY;LANGUAGE=en:(.*?)\r\n(.*?)URL", text, re.DOTALL)
    said = {uid: (summary, more) for uid, summary, more in events}
    names = [f"{name}{which}" for which in ("", "-control") for name in ("opens", "due", "locks")]
    assert [uid for uid, _summary, _more in events if uid.startswith("2026-Q2")] == [
        f"2026-Q2-{name}" for name in names
    ]
    assert [uid for uid in said if uid.startswith("2030-Q4")] == [
        f"2030-Q4-{name}" for name in names
    ]
    assert [uid for uid in said if uid.startswith("2026-Q3")] == [
        f"2026-Q3-{name}-control" for name in ("opens", "due", "locks")
    ]
    summary, more = said["2026-Q2-due"]
    assert summary.replace("\u00a0", " ") == "Q2 2026: figures due\\, until 23:59"
    assert source.label in more
    assert "Namur" not in more
    summary, more = said["2026-Q2-due-control"]
    assert summary.replace("\u00a0", " ") == "To control – Q2 2026: figures due\\, until 23:59"
    assert more == ""


def test_the_demonstration_says_so(scene):
    Round.objects.update(is_demo=True)
    scene.reporter.language = "en"
    scene.reporter.save()
    summaries = re.findall(r"SUMMARY;LANGUAGE=en:(.*)\r", read(scene.address()))
    assert summaries
    assert all(each.startswith("Demonstration: ") for each in summaries)


@pytest.mark.parametrize("units", [1, 30])
def test_it_takes_the_same_number_of_queries(units, db, django_assert_num_queries):
    make.make_indicator("checks")
    zones = make.make_zones(units)
    reporter = make.make_user(Role.REPORTER, zones[0])
    for zone in zones[1:]:
        reporter.memberships.create(role=Role.REPORTER, unit=zone)
    make.make_round()
    token = calendar_token(CalendarFeed.objects.create(user=reporter))
    with django_assert_num_queries(7):
        Client().get(f"/calendar/{token}.ics")
