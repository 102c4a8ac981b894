"""My work: groups, the one next action, one time axis, and what who controls waits for."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from foundation.templatetags.timeline import Scale, time_line, time_scale
from organisations.enums import Role
from organisations.models import Unit, UnitSuccession
from submissions import selectors
from submissions.enums import Entrance
from submissions.models import Correction, Extension, ExtensionRequest, Round, Submission
from submissions.services import (
    Entry,
    ask_for_time,
    attest_correction,
    grant_extension,
    propose_correction,
    send_back,
    validate,
    withdraw,
)
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
WORK = "/report/"


def signed_in(user) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


class Desk:
    def __init__(self) -> None:
        make.make_indicator("checks")
        self.zone = make.make_zone("namur")
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        self.secretariat = make.make_user(Role.SECRETARIAT)

    def work(self, user=None):
        return signed_in(user or self.reporter).get(WORK).context["work"]

    def groups(self, user=None) -> dict[str, list[tuple[str, str]]]:
        """The period and the next action of each line, by group."""
        return {
            group.code: [(line.submission.round.period.code, line.action) for line in group.lines]
            for group in self.work(user).groups
        }


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_form_stands_in_one_group_with_one_next_action(desk):
    """All six groups at once, as their reporter and as their approver."""
    make.make_round("2026-Q3")
    make.make_round("2026-Q2", late=True)
    make.make_round("2026-Q1")
    make.make_round("2025-Q4")
    make.make_round("2025-Q3")
    make.make_round("2025-Q2", locked=True)
    sent = make.attested(desk.approver, make.submission_of(desk.zone, "2026-Q1"), figure(5))
    send_back(actor=desk.coordinator, submission=sent, version=sent.version, reason="Too few?")
    make.enter(desk.reporter, make.submission_of(desk.zone, "2025-Q4"), figure(5))
    make.attested(desk.approver, make.submission_of(desk.zone, "2025-Q3"), figure(5))
    assert desk.groups() == {
        "to_do": [("2026-Q3", "begin")],
        "returned": [("2026-Q1", "correct")],
        "to_attest": [("2025-Q4", "continue")],
        "late": [("2026-Q2", "begin")],
        "sent": [("2025-Q3", "read")],
        "locked": [("2025-Q2", "ask")],
    }
    assert desk.groups(desk.approver)["to_attest"] == [("2025-Q4", "attest")]


def test_a_locked_form_says_when_at_which_step_and_what_to_do(desk):
    make.make_round(locked=True)
    page = signed_in(desk.reporter).get(WORK).content.decode()
    locked = timezone.localtime(make.submission_of(desk.zone).round.locks_at)
    assert f"Locked on {locked.day} {locked:%B %Y}. Last step: To fill in." in page
    assert "Ask for more time; your draft is kept." in page


@pytest.mark.parametrize("is_ended", [False, True])
def test_a_form_whose_more_time_is_over_says_when_that_was(desk, is_ended):
    make.make_round(locked=True)
    submission = make.submission_of(desk.zone)
    now = timezone.now()
    over = {
        "until": now + dt.timedelta(days=8) if is_ended else now - dt.timedelta(days=2),
        "granted_at": now - dt.timedelta(days=9),
        **(
            {"ended_at": now - dt.timedelta(days=2), "ended_by": desk.secretariat}
            if is_ended
            else {}
        ),
    }
    Extension.objects.create(
        submission=submission, reason="Sick", granted_by=desk.secretariat, **over
    )
    day = timezone.localtime(now - dt.timedelta(days=2))
    page = signed_in(desk.reporter).get(WORK)
    [line] = page.context["work"].lines
    assert (line.group, line.action) == ("locked", "ask")
    html = " ".join(page.content.decode().split())
    assert f"Locked on {day.day} {day:%B %Y}." in html
    assert f"<dt>More time until</dt><dd>{day.day} {day:%B}, {day:%H:%M}</dd>" in html
    assert f"locked on {day.day} {day:%B %Y}" in signed_in(desk.reporter).get("/").content.decode()


def test_the_last_change_names_who_and_when(desk):
    make.make_round()
    assert desk.work().lines[0].change is None
    make.enter(desk.reporter, make.submission_of(desk.zone), figure(5))
    [line] = desk.work().lines
    assert line.change.by == desk.reporter.name
    make.attested(desk.approver, make.submission_of(desk.zone), figure(6))
    [line] = desk.work().lines
    assert line.change.by == desk.approver.name
    sent = make.submission_of(desk.zone)
    send_back(actor=desk.coordinator, submission=sent, version=sent.version, reason="Too few?")
    [line] = desk.work().lines
    assert line.change.by == desk.coordinator.name
    assert desk.reporter.name not in str(line.change)


def test_the_successors_people_attest_what_a_predecessor_owes(desk):
    """Known without a query per line."""
    make.make_round()
    day = timezone.localdate()
    Unit.objects.filter(pk=desk.zone.pk).update(valid_to=day)
    successor = make.make_zone("successor", valid_from=day)
    UnitSuccession.objects.create(
        predecessor=desk.zone, predecessor_label="Namur", successor=successor, effective_on=day
    )
    approver = make.make_user(Role.APPROVER, successor)
    make.enter(approver, make.submission_of(desk.zone), figure(5))
    assert desk.groups(approver) == {"to_attest": [(make.QUARTER, "attest")]}
    desk.approver.is_active = False
    desk.approver.save()
    assert selectors.approvers_of(Unit.objects.get(pk=desk.zone.pk)) == [approver.name]
    later = make.make_zone("later", valid_from=day)
    Unit.objects.filter(pk=successor.pk).update(valid_to=day + dt.timedelta(days=1))
    UnitSuccession.objects.create(
        predecessor=successor, predecessor_label="Successor", successor=later, effective_on=day
    )
    last = make.make_user(Role.APPROVER, later)
    named = selectors.approvers_of(Unit.objects.get(pk=desk.zone.pk))
    assert named == sorted([approver.name, last.name])


@pytest.mark.parametrize("count", [1, 30])
def test_my_work_takes_the_same_number_of_queries(count, django_assert_num_queries):
    """Locked, extended, asked for, with changes, also of predecessors."""
    make.make_indicator("checks")
    zones = make.make_zones(count)
    approver = make.make_user(Role.APPROVER, zones[0])
    secretariat = make.make_user(Role.SECRETARIAT)
    for zone in zones[1:]:
        approver.memberships.create(role=Role.APPROVER, unit=zone)
    for number, zone in enumerate(zones):
        former = make.make_zone(f"former-{number:02}", valid_to=timezone.localdate())
        UnitSuccession.objects.create(
            predecessor=former,
            predecessor_label=former.slug,
            successor=zone,
            effective_on=timezone.localdate(),
        )
    make.make_round(locked=True)
    until = timezone.now() + dt.timedelta(days=9)
    for submission in Submission.objects.all()[:count]:
        grant_extension(actor=secretariat, submission=submission, until=until, reason="Floods")
        make.enter(approver, submission, figure(1))
    for submission in Submission.objects.filter(extensions=None):
        ask_for_time(actor=approver, submission=submission, reason="We moved")
    client = signed_in(approver)
    with django_assert_num_queries(11):
        page = client.get(WORK)
    assert len(page.context["work"].lines) == 2 * count
    with django_assert_num_queries(15):
        client.get("/")


@pytest.mark.parametrize(("forms", "left_out"), [(60, 0), (61, 1), (63, 3)])
def test_what_is_not_shown_is_counted_and_led_to(forms, left_out, django_assert_max_num_queries):
    """What can be worked on is never among it, however old."""
    make.make_indicator("checks")
    zones = make.make_zones(forms - 1)
    reporter = make.make_user(Role.REPORTER, zones[0])
    for zone in zones[1:]:
        reporter.memberships.create(role=Role.REPORTER, unit=zone)
    make.make_round("2026-Q3", locked=True)
    make.make_indicator("yearly", frequency="year", addressed="listed", subjects=zones[:1])
    make.make_round("2025")
    client = signed_in(reporter)
    with django_assert_max_num_queries(12):
        page = client.get(WORK)
    work, text = page.context["work"], page.content.decode()
    assert (len(work.lines), page.context["left_out"]) == (60, left_out)
    assert [line.submission.round.period.code for line in work.open] == ["2025"]
    link = f'<a href="{WORK}?all=1">Show all forms</a>'
    assert (link in text) == bool(left_out)
    said = {0: False, 1: "1 more form is", 3: "3 more forms are"}[left_out]
    assert not said or said in text
    all_of_them = client.get(WORK, {"all": "1"})
    assert len(all_of_them.context["work"].lines) == forms
    assert link not in all_of_them.content.decode()


# --- Corrections to attest ----------------------------------------------------------------------


def ask_correction(desk) -> Correction:
    """A reporter asks to correct a validated figure."""
    sent = make.submission_of(desk.zone)
    cell = make.cells_of(sent)[0]
    entry = Entry(cell.pk, cell.version, figure(7))
    [asked] = propose_correction(
        actor=desk.reporter,
        submission=sent,
        entries=[entry],
        reason="Counted twice",
        entrance=Entrance.FORM,
    )
    return asked


def validated(desk) -> None:
    sent = make.attested(desk.approver, make.submission_of(desk.zone), figure(5))
    validate(actor=desk.coordinator, submission=sent, version=sent.version)


def test_a_correction_that_waits_for_attestation_is_work_of_its_approver(desk):
    make.make_round()
    validated(desk)
    asked = ask_correction(desk)
    for user, may in ((desk.approver, True), (desk.reporter, False)):
        page = signed_in(user).get(WORK)
        work, text = page.context["work"], page.content.decode()
        assert work.counts["to_attest"] == 1
        [line] = work.groups[0].corrections
        assert (work.groups[0].code, line.correction, line.may_attest) == ("to_attest", asked, may)
        assert "Correction: Checks" in text
        assert "Counted twice" in text
        assert ("Nothing to do" in text) is not may
        assert f"/report/{make.QUARTER}/namur/#corrections" in text
        home = signed_in(user).get("/").content.decode()
        assert "Correction: Checks" in home
        assert "<strong>1</strong> To attest" in home
    attest_correction(actor=desk.approver, correction=asked, version=asked.version)
    assert desk.work(desk.approver).counts["to_attest"] == 0
    control = signed_in(desk.coordinator).get(WORK)
    assert control.context["control"].counts["corrections"] == 1


def test_a_correction_of_another_unit_is_nobody_elses_work(desk):
    liege = make.make_zone("liege")
    make.make_round()
    other = make.make_user(Role.APPROVER, liege)
    validated(desk)
    ask_correction(desk)
    assert desk.work(other).corrections == []


# --- What was withdrawn ---------------------------------------------------------------------------


def test_what_was_withdrawn_says_so_and_is_not_called_returned(desk):
    make.make_round()
    sent = make.attested(desk.approver, make.submission_of(desk.zone), figure(5))
    send_back(actor=desk.coordinator, submission=sent, version=sent.version, reason="Too few?")
    sent = make.attested(desk.approver, make.submission_of(desk.zone), figure(6))
    withdraw(actor=desk.approver, submission=sent, version=sent.version)
    page = signed_in(desk.reporter).get(WORK)
    [group] = page.context["work"].groups
    assert group.code == "to_do"
    assert page.context["work"].counts["returned"] == 0
    text = page.content.decode()
    assert "Withdrawn: attested on" in text
    assert "Returned: “Too few?”" in text
    review = signed_in(desk.coordinator).get(f"/review/{sent.pk}/").content.decode()
    assert "Withdrawn" in review
    assert "1 figure filled in, not sent" in review
    assert "reported" not in review
    assert "Entered and attested by the same person." not in review


# --- One axis ----------------------------------------------------------------------------------


def moment(day: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(day))


def test_all_lines_have_one_scale():
    scale = Scale(moment("2026-10-01"), moment("2026-10-11"))
    assert scale.place(moment("2026-10-06")) == "50.00%"
    assert scale.place(moment("2026-09-01")) == "0.00%"
    assert scale.width(moment("2026-10-06"), moment("2026-11-01")) == "50.00%"
    assert scale.width(moment("2026-09-01"), moment("2026-09-02")) == "0.00%"
    same = {"opens": moment("2026-10-02"), "now": moment("2026-10-05")}
    short = time_line(scale, **same, due=moment("2026-10-04"), locks=moment("2026-10-06"))
    long = time_line(scale, **same, due=moment("2026-10-08"), locks=moment("2026-10-10"))
    assert short["places"]["opens"] == long["places"]["opens"] == "10.00%"
    assert (short["pole"], long["pole"]) == ("20.00%", "60.00%")
    assert (short["elapsed"], long["elapsed"]) == ("20.00%", "30.00%")
    assert (short["standing"], long["standing"]) == ("late", "open")


def test_more_time_is_drawn_from_the_lock():
    scale = Scale(moment("2026-10-01"), moment("2026-10-11"))
    drawn = time_line(
        scale,
        opens=moment("2026-10-02"),
        due=moment("2026-10-03"),
        locks=moment("2026-10-04"),
        until=moment("2026-10-09"),
        now=moment("2026-10-05"),
    )
    assert (drawn["places"]["until"], drawn["more"]) == ("80.00%", "50.00%")
    assert (drawn["standing"], drawn["days"]) == ("extended", 4)


def test_a_round_off_the_scale_has_words_only():
    scale = time_scale([moment("2026-10-01"), moment("2026-11-01")], moment("2026-10-05"))
    drawn = time_line(
        scale,
        opens=moment("2025-10-01"),
        due=moment("2025-10-20"),
        locks=moment("2025-10-31"),
        now=moment("2026-10-05"),
    )
    assert drawn["drawn"] is False
    assert time_scale([], moment("2026-10-05")) is None


def test_months_are_marked_and_quarters_on_a_long_scale():
    months = [day.month for _place, day in Scale(moment("2026-01-15"), moment("2026-04-15")).ticks]
    assert months == [2, 3, 4]
    year = [day.month for _place, day in Scale(moment("2026-01-01"), moment("2026-12-31")).ticks]
    assert year == [1, 4, 7, 10]


# --- Who controls ------------------------------------------------------------------------------


def test_a_coordinator_sees_what_waits_the_oldest_first_and_who_is_late(desk):
    make.make_round("2026-Q3")
    make.make_round("2026-Q2", late=True)
    make.attested(desk.approver, make.submission_of(desk.zone, "2026-Q3"), figure(5))
    Submission.objects.filter(submitted_at__isnull=False).update(
        submitted_at=timezone.now() - dt.timedelta(days=12)
    )
    page = signed_in(desk.coordinator).get(WORK)
    control = page.context["control"]
    assert [(each.submission.reporter, each.days) for each in control.waiting] == [(desk.zone, 12)]
    [late] = control.expected
    assert (late.round.period.code, late.is_late, len(late.lines)) == ("2026-Q2", True, 1)
    assert control.counts == {
        "to_control": 1,
        "corrections": 0,
        "expected": 1,
        "late": 1,
        "requests": 0,
    }
    assert page.context["work"] is None
    assert "waits for 12 days" in signed_in(desk.coordinator).get("/").content.decode()


def test_each_expected_unit_says_how_far_it_is_and_its_last_change(desk):
    make.make_indicator("visits")
    make.make_round()
    make.enter(desk.reporter, make.submission_of(desk.zone), [figure(5)])
    page = signed_in(desk.coordinator).get(WORK)
    [expected] = page.context["control"].expected
    [line] = expected.lines
    assert (line.submission.done, line.submission.total) == (1, 2)
    assert line.change.by == desk.reporter.name
    text = page.content.decode()
    assert "Last change: " in text
    assert "grace: figures are still taken until the lock" in text


def test_what_was_sent_is_drawn_for_some_months_and_no_axis_stands_above_nothing(desk):
    make.make_round("2026-Q3")
    make.make_round("2025-Q2", locked=True)
    make.attested(desk.approver, make.submission_of(desk.zone, "2026-Q3"), figure(5))
    Round.objects.filter(period__code="2025-Q2").update(
        opens_at=timezone.now() - dt.timedelta(days=400),
        due_at=timezone.now() - dt.timedelta(days=380),
        locks_at=timezone.now() - dt.timedelta(days=370),
    )
    page = signed_in(desk.reporter).get(WORK)
    drawn = {group.code: len(group.on_axis) for group in page.context["work"].groups}
    assert drawn == {"sent": 1, "locked": 0}
    assert page.content.decode().count("jalon-line--head") == 1


def test_the_oldest_comes_first(desk):
    zones = make.make_zones(3)
    make.make_round()
    for days, zone in enumerate(zones):
        approver = make.make_user(Role.APPROVER, zone)
        sent = make.attested(approver, make.submission_of(zone), figure(5))
        at = timezone.now() - dt.timedelta(days=days)
        Submission.objects.filter(pk=sent.pk).update(submitted_at=at)
    waiting = signed_in(desk.coordinator).get(WORK).context["control"].waiting
    assert [each.submission.reporter for each in waiting] == zones[::-1]


def test_a_coordinator_sees_the_own_arrondissement_only_and_no_requests(desk):
    liege = make.make_zone("liege", dca=make.make_dca("dca-liege"))
    make.make_round(locked=True)
    submission = make.submission_of(liege)
    reporter = make.make_user(Role.REPORTER, liege)
    ask_for_time(actor=reporter, submission=submission, reason="Flood-of-Liege")
    until = timezone.now() + dt.timedelta(days=9)
    grant_extension(
        actor=desk.secretariat, submission=submission, until=until, reason="Because-of-Liege"
    )
    ask_for_time(
        actor=desk.reporter, submission=make.submission_of(desk.zone), reason="Flood-of-Namur"
    )
    for page in (WORK, "/"):
        text = signed_in(desk.coordinator).get(page).content.decode()
        assert "of-Liege" not in text
        assert "Flood-of-Namur" not in text
    text = signed_in(desk.secretariat).get(WORK).content.decode()
    assert "Flood-of-Namur" in text
    [expected] = signed_in(desk.secretariat).get(WORK).context["control"].expected
    assert [line.submission.reporter for line in expected.lines] == [liege]


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_of_who_controls_takes_the_same_number_of_queries(
    count, django_assert_num_queries
):
    make.make_indicator("checks")
    zones = make.make_zones(count * 3)
    secretariat = make.make_user(Role.SECRETARIAT)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    make.make_round(locked=True)
    make.make_round("2026-Q2", late=True)
    now = timezone.now()
    for zone in zones[:count]:
        approver = make.make_user(Role.APPROVER, zone)
        make.attested(approver, make.submission_of(zone, "2026-Q2"), figure(5))
        submission = make.submission_of(zone)
        Extension.objects.create(
            submission=submission,
            until=now + dt.timedelta(days=9),
            reason="Floods",
            granted_by=secretariat,
        )
        ExtensionRequest.objects.create(submission=submission, reason="More", asked_by=approver)
    for user, queries in ((coordinator, 10), (secretariat, 11)):
        client = signed_in(user)
        with django_assert_num_queries(queries):
            client.get(WORK)


def test_what_was_attested_today_waits_since_today(desk):
    make.make_round()
    make.attested(desk.approver, make.submission_of(desk.zone), figure(5))
    client = signed_in(desk.coordinator)
    assert "waits since today" in client.get("/").content.decode()
    text = client.get(WORK).content.decode()
    assert "since today" in text
    assert "0 day" not in text
