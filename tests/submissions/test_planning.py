"""Planning rounds from the catalogue, and what becomes of them until they open."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from foundation.models import AuditEntry
from indicators.enums import Frequency, Kind
from indicators.labels import Addressed
from indicators.periods import last_day
from organisations.enums import Role
from submissions import selectors
from submissions.dates import Dates
from submissions.enums import RoundState
from submissions.models import Round, RoundTiming
from submissions.services import (
    Planned,
    RoundExists,
    RoundOpened,
    change_planned_round,
    freeze_due_rounds,
    keep_timing,
    plan_rounds,
    remove_planned_round,
)
from tests import factories as make

pytestmark = pytest.mark.django_db
END = "2030-Q4"
PLAN = "/rounds/plan/"


@pytest.fixture
def secretariat():
    return make.make_user(Role.SECRETARIAT)


@pytest.fixture
def client(secretariat) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(secretariat)
    return client


def wanted(*codes: str) -> list[Planned]:
    return [
        Planned(code, RoundTiming.of(Frequency(frequency)).dates(last_day(code)))
        for code, frequency in zip(codes, ("quarter", "half_year", "year"), strict=False)
    ]


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


# --- Dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "code", "opens", "due", "locks"),
    [
        # Over the change to summer time, on 29 March 2026, and back, on 25 October 2026.
        (
            "month",
            "2026-02",
            "2026-03-01T00:00:00+01:00",
            "2026-03-16T23:59:59+01:00",
            "2026-03-21",
        ),
        (
            "quarter",
            "2026-Q1",
            "2026-04-01T00:00:00+02:00",
            "2026-04-26T23:59:59+02:00",
            "2026-05-06",
        ),
        (
            "quarter",
            "2026-Q3",
            "2026-10-01T00:00:00+02:00",
            "2026-10-26T23:59:59+01:00",
            "2026-11-05",
        ),
        ("year", "2026", "2027-01-01T00:00:00+01:00", "2027-02-15T23:59:59+01:00", "2027-03-02"),
    ],
)
def test_days_are_those_of_brussels_in_every_season(frequency, code, opens, due, locks):
    dates = RoundTiming.of(frequency).dates(last_day(code))
    assert dates.opens_at.isoformat() == opens
    assert dates.due_at.isoformat() == due
    assert dates.locks_at.date().isoformat() == locks
    assert dates.locks_at.time() == dt.time(23, 59, 59)


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_the_night_of_the_change_has_its_real_length(day):
    dates = Dates(day, day, day)
    hours = {3: 23, 10: 25}[day.month]
    length = dates.due_at.astimezone(dt.UTC) - dates.opens_at.astimezone(dt.UTC)
    assert length == dt.timedelta(hours=hours) - dt.timedelta(seconds=1)


# --- What the catalogue asks -------------------------------------------------------------------


def test_one_round_per_frequency_that_ends_that_day_and_has_definitions():
    make.make_zones(2)
    make.make_indicator("quarterly")
    make.make_indicator("yearly", frequency=Frequency.YEAR)
    found = selectors.preview(last_day(END))
    assert [each.code for each in found.rounds] == ["2030-Q4", "2030"]
    make.make_indicator("monthly", frequency=Frequency.MONTH)
    make.make_indicator("half-yearly", frequency=Frequency.HALF_YEAR)
    codes = [each.code for each in selectors.preview(last_day(END)).rounds]
    assert codes == ["2030-12", "2030-Q4", "2030-H2", "2030"]
    assert [each.code for each in selectors.preview(last_day("2030-Q3")).rounds] == [
        "2030-09",
        "2030-Q3",
    ]


def test_who_is_asked_how_much():
    make.make_zones(2)
    busy = make.make_zone("busy", has_point_of_entry=True)
    source = make.make_source()
    make.make_indicator("checks", options=["a", "b"])
    make.make_indicator("share", kind=Kind.RATIO)
    make.make_indicator("entries", addressed=Addressed.POINT_OF_ENTRY)
    make.make_indicator("steps", kind=Kind.MILESTONES, steps={1: "2027-01-01", 2: "2028-01-01"})
    make.make_indicator("central", reporter=source)
    [found] = selectors.preview(last_day("2030-Q3")).rounds
    assert (found.definitions, found.subjects, found.reporters) == (5, 3, 4)
    # Three cells, two parts, one entry, two steps.
    assert (found.busiest, found.answers) == (busy, 8)


def test_what_is_odd_is_listed_by_kind():
    zone = make.make_zone("counted")
    bare = make.make_zone("bare", population=None)
    make.make_indicator("checks")
    nobody = make.make_indicator("nobody", addressed=Addressed.POINT_OF_ENTRY)
    make.make_user(Role.REPORTER, bare)
    closed = make.make_user(Role.APPROVER, bare)
    make.make_user(Role.APPROVER, zone)
    found = selectors.preview(last_day("2030-Q3"))
    assert list(found.without_subjects) == [nobody]
    assert list(found.without_population) == [bare]
    assert list(found.without_approver) == []
    assert list(found.without_reporter) == [zone]
    closed.is_active = False
    closed.save()
    assert list(selectors.preview(last_day("2030-Q3")).without_approver) == [bare]


@pytest.mark.parametrize("zones", [1, 176])
def test_a_preview_takes_the_same_number_of_queries(zones, django_assert_num_queries):
    make.make_zones(zones)
    make.make_indicator("checks", options=["a"])
    make.make_indicator("share", kind=Kind.RATIO)
    with django_assert_num_queries(15):
        selectors.preview(last_day("2030-Q3"))


def test_the_next_quarter_without_a_round_is_offered():
    today = dt.date(2026, 11, 26)
    assert selectors.next_end(today) == "2026-Q3"
    make.make_round("2026-Q3")
    assert selectors.next_end(today) == "2026-Q4"
    assert selectors.ends_to_plan(today)[:2] == ["2026-Q3", "2026-Q4"]
    make.make_indicator("monthly", frequency=Frequency.MONTH)
    assert selectors.ends_to_plan(today)[:2] == ["2026-10", "2026-11"]


# --- Planning ----------------------------------------------------------------------------------


def test_all_are_planned_or_none(secretariat):
    plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))
    with pytest.raises(RoundExists) as refusal:
        plan_rounds(actor=secretariat, planned=wanted("2030-Q4", "2030-H2", "2030"))
    assert refusal.value.codes == ["2030-Q4"]
    assert [each.period.code for each in Round.objects.all()] == ["2030-Q4"]
    wrong = [*wanted("2030-Q3"), Planned("2030", wanted("2030-Q3")[0].dates)]
    with pytest.raises(ValidationError):
        plan_rounds(actor=secretariat, planned=wrong)
    assert Round.objects.count() == 1


def test_who_does_not_keep_rounds_plans_none():
    for role, unit in ((Role.COORDINATOR, make.make_dca()), (Role.STEERING, None)):
        with pytest.raises(PermissionDenied):
            plan_rounds(actor=make.make_user(role, unit), planned=wanted("2030-Q4"))


def test_the_usual_days_are_kept_for_the_next_time(secretariat):
    days = {"opens_after": 2, "due_after": 20, "grace": 0}
    assert keep_timing(actor=secretariat, frequency="quarter", **days)
    assert not keep_timing(actor=secretariat, frequency="quarter", **days)
    dates = RoundTiming.of(Frequency.QUARTER).dates(last_day("2030-Q3"))
    assert dates == Dates(dt.date(2030, 10, 2), dt.date(2030, 10, 22), dt.date(2030, 10, 22))
    assert verbs() == ["round_timing.changed"]
    with pytest.raises(PermissionDenied):
        keep_timing(actor=make.make_user(Role.STEERING), frequency="quarter", **days)


# --- Until it opens ----------------------------------------------------------------------------


def test_a_planned_rounds_dates_change_on_the_record(secretariat):
    [made] = plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))
    later = Dates(dt.date(2031, 1, 10), dt.date(2031, 2, 1), dt.date(2031, 2, 2))
    changed = change_planned_round(actor=secretariat, round=made, dates=later)
    assert changed.opens_at == later.opens_at
    assert verbs() == ["round.planned", "round.changed"]
    entry = AuditEntry.objects.get(verb="round.changed")
    assert entry.details["before"]["opens"] == "2030-12-31T23:00:00+00:00"
    early = Dates(dt.date(2030, 12, 31), later.due, later.locks)
    with pytest.raises(ValidationError):
        change_planned_round(actor=secretariat, round=made, dates=early)
    with pytest.raises(PermissionDenied):
        change_planned_round(actor=make.make_user(Role.STEERING), round=made, dates=later)


def test_a_planned_round_is_taken_back_on_the_record(secretariat):
    [made] = plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))
    with pytest.raises(PermissionDenied):
        remove_planned_round(actor=make.make_user(Role.STEERING), round=made)
    remove_planned_round(actor=secretariat, round=made)
    assert not Round.objects.exists()
    assert verbs() == ["round.planned", "round.removed"]
    assert AuditEntry.objects.get(verb="round.removed").details["period"] == "2030-Q4"
    plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))


@pytest.mark.parametrize("frozen", [True, False])
def test_once_its_opening_has_come_a_round_stays(secretariat, client, frozen):
    """Frozen, or with an opening that no beat has done yet."""
    make.make_zone()
    make.make_indicator()
    made = make.make_round()
    if not frozen:
        Round.objects.update(frozen_at=None)
    dates = wanted("2030-Q4")[0].dates
    with pytest.raises(RoundOpened):
        change_planned_round(actor=secretariat, round=made, dates=dates)
    with pytest.raises(RoundOpened):
        remove_planned_round(actor=secretariat, round=made)
    posted = {"opens": "2030-01-01", "due": "2030-02-01", "locks": "2030-02-02"}
    for page in ("change", "remove"):
        url = f"/rounds/{make.QUARTER}/{page}/"
        for answer in (client.get(url), client.post(url, posted)):
            assert (answer.status_code, answer["Location"]) == (302, f"/rounds/{make.QUARTER}/")
    assert Round.objects.get().opens_at == made.opens_at
    assert f"{make.QUARTER}/change/" not in client.get(f"/rounds/{make.QUARTER}/").content.decode()


# --- The pages ---------------------------------------------------------------------------------


def fields(client: Client, **typed: str) -> dict[str, str | list[str]]:
    context = client.get(PLAN, {"end": END}).context
    values: dict[str, str | list[str]] = {
        "end": END,
        "seen": context["seen"],
        "token": context["token"],
        "code": [each.code for each in context["preview"].to_plan],
        "action": "plan",
    }
    for form in context["forms"]:
        values |= {form.add_prefix(name): str(form.initial[name]) for name in form.fields}
    return values | typed


def test_the_page_shows_what_would_be_planned_and_plans_it(client):
    make.make_zones(2)
    make.make_indicator("quarterly")
    make.make_indicator("yearly", frequency=Frequency.YEAR)
    page = client.get(PLAN, {"end": END})
    assert Round.objects.count() == 0
    text = page.content.decode()
    assert "26 January, 23:59" in text
    assert "2 units have no approver" in text
    answer = client.post(PLAN, fields(client))
    assert (answer.status_code, answer["Location"]) == (302, "/rounds/")
    assert {each.period.code for each in Round.objects.all()} == {"2030-Q4", "2030"}
    assert {each.state() for each in Round.objects.all()} == {RoundState.PLANNED}
    again = client.get(PLAN, {"end": END})
    assert again.context["preview"].to_plan == []
    assert "There is this round already" in again.content.decode()


def test_a_second_click_is_the_same_plan(client):
    make.make_indicator("quarterly")
    posted = fields(client)
    answers = [client.post(PLAN, posted) for _click in range(2)]
    assert [(each.status_code, each["Location"]) for each in answers] == [(302, "/rounds/")] * 2
    assert Round.objects.count() == 1


def test_a_round_planned_meanwhile_is_named_and_nothing_is_planned(client, secretariat):
    make.make_indicator("quarterly")
    make.make_indicator("yearly", frequency=Frequency.YEAR)
    posted = fields(client)
    plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))
    answer = client.post(PLAN, posted)
    assert answer.status_code == 409
    said = answer.content.decode().replace("\xa0", " ")
    assert "There is a round of Q4 2030 already: nothing was planned." in said
    assert "What you had written" not in said
    assert Round.objects.count() == 1


def test_another_content_of_the_same_page_is_refused_and_stays_in_its_fields(client):
    make.make_indicator("quarterly")
    posted = fields(client, **{"quarter-due_after": "30"})
    client.post(PLAN, posted)
    other = {**posted, "quarter-due_after": "40"}
    answer = client.post(PLAN, other)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "This page was sent before, with something else." in text
    assert "What you had written" not in text
    [form] = answer.context["forms"]
    assert form["due_after"].value() == "40"
    assert '<details class="jalon-details" open>' in text
    assert RoundTiming.of(Frequency.QUARTER).due_after == 30
    new = {"token": answer.context["token"], "seen": answer.context["seen"]}
    assert client.post(PLAN, {**other, **new}).status_code == 302
    assert RoundTiming.of(Frequency.QUARTER).due_after == 40


def test_days_typed_for_a_round_that_is_planned_by_now_are_shown_back(client):
    make.make_indicator("quarterly")
    posted = fields(client)
    client.post(PLAN, posted)
    answer = client.post(PLAN, {**posted, "quarter-due_after": "40"})
    assert (answer.status_code, answer.context["forms"]) == (409, [])
    said = answer.content.decode().replace("\xa0", " ")
    assert "<blockquote>Q4 2030 – Due, days after the opening 40</blockquote>" in said


def test_other_days_are_shown_before_they_are_planned(client):
    make.make_indicator("quarterly")
    answer = client.post(PLAN, fields(client, **{"quarter-due_after": "30"}))
    assert answer["Location"] == f"{PLAN}?end={END}"
    assert Round.objects.count() == 0
    assert client.get(answer["Location"]).context["preview"].rounds[0].dates.due == dt.date(
        2031, 1, 31
    )
    client.post(PLAN, fields(client))
    assert timezone.localdate(Round.objects.get().due_at) == dt.date(2031, 1, 31)


@pytest.mark.parametrize("typed", ["0", "-1", "abc", "", "366"])
def test_impossible_days_are_told_at_their_field(client, typed):
    make.make_indicator("quarterly")
    answer = client.post(PLAN, fields(client, **{"quarter-due_after": typed}))
    assert answer.status_code == 200
    assert [list(form.errors) for form in answer.context["forms"]] == [["due_after"]]
    assert Round.objects.count() == 0
    assert not RoundTiming.objects.exists()


def test_an_unknown_end_shows_the_next_one(client):
    make.make_indicator("quarterly")
    for end in ("", "nonsense", "9999-Q4", "2030-Q9", "0000"):
        page = client.get(PLAN, {"end": end})
        assert page.context["end"] == selectors.next_end(timezone.localdate())


def test_with_an_empty_catalogue_the_page_says_why(client):
    page = client.get(PLAN, {"end": END}).content.decode()
    assert "No definition of the catalogue is in force" in page


def test_dates_are_changed_on_the_page_with_errors_at_the_field(client, secretariat):
    [made] = plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))
    url = "/rounds/2030-Q4/change/"
    assert client.get(url).context["form"].initial["opens"] == dt.date(2031, 1, 1)
    wrong = {"opens": "2030-12-31", "due": "2031-02-01", "locks": "2031-02-02"}
    answer = client.post(url, wrong)
    assert list(answer.context["form"].errors) == ["opens"]
    assert client.post(url, {**wrong, "opens": "2031-01-05"}).status_code == 302
    made.refresh_from_db()
    assert made.opens_at.isoformat() == "2031-01-04T23:00:00+00:00"


def test_rounds_are_listed_with_their_counts(client, secretariat):
    zones = make.make_zones(3)
    make.make_indicator("checks")
    make.make_round(make.QUARTER)
    plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    first, second = (make.make_user(Role.APPROVER, zone) for zone in zones[:2])
    make.validated(first, coordinator, make.submission_of(zones[0]), make.figure(1))
    make.attested(second, make.submission_of(zones[1]), make.figure(1))
    page = client.get("/rounds/")
    [planned, opened] = page.context["lines"]
    assert [state for _round, state in (planned, opened)] == [RoundState.PLANNED, RoundState.OPEN]
    shown = opened[0]
    counts = (shown.units, shown.begun, shown.attested, shown.validated)
    assert counts == (3, 2, 2, 1)


def test_a_round_lists_its_units(client):
    zones = make.make_zones(3)
    make.make_indicator("checks")
    make.make_round()
    approver = make.make_user(Role.APPROVER, zones[0])
    make.attested(approver, make.submission_of(zones[0]), make.figure(1))
    url = f"/rounds/{make.QUARTER}/"

    def units(show: str) -> list[str]:
        lines = client.get(url, {"show": show}).context["lines"]
        return [line.submission.reporter.slug for line in lines]

    assert units("all") == units("nonsense") == ["zone-001", "zone-002", "zone-003"]
    assert units("missing") == ["zone-002", "zone-003"]
    assert units("extended") == []
    assert client.get("/rounds/2031-Q1/").status_code == 404


@pytest.mark.parametrize("count", [1, 60])
def test_the_pages_take_the_same_number_of_queries(count, client, django_assert_num_queries):
    make.make_zones(count)
    make.make_indicator("checks")
    make.make_round(locked=True)
    with django_assert_num_queries(6):
        client.get("/rounds/")
    with django_assert_num_queries(8):
        client.get(f"/rounds/{make.QUARTER}/")


def test_a_planned_round_opens_at_midnight_in_brussels(secretariat):
    make.make_zone()
    make.make_indicator()
    plan_rounds(actor=secretariat, planned=wanted("2030-Q4"))
    midnight = dt.datetime(2030, 12, 31, 23, 0, tzinfo=dt.UTC)
    assert freeze_due_rounds(now=midnight - dt.timedelta(seconds=1)) == 0
    assert freeze_due_rounds(now=midnight) == 1
