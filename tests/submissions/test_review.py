"""My work, the queue and the decision, as their people meet them."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from indicators.enums import CellStatus
from organisations.enums import Role
from submissions.content import Content
from submissions.enums import State
from submissions.services import send_back
from tests import factories as make
from tests.factories import figure
from tests.submissions.desk import said

pytestmark = pytest.mark.django_db
QUEUE = "/review/"
WORK = "/report/"


def signed_in(user) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


class Office:
    """A coordinator's zone that has sent its figures, and a zone of another arrondissement."""

    def __init__(self) -> None:
        make.make_checks()
        make.make_indicator("checks", upper_bound=100)
        make.make_indicator("visits")
        self.zone = make.make_zone("namur")
        self.elsewhere = make.make_zone("liege", dca=make.make_dca("dca-liege"))
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        self.secretariat = make.make_user(Role.SECRETARIAT)
        make.make_round()
        make.enter(
            self.reporter,
            self.submission,
            [
                figure(987654, comment="A festival"),
                Content(CellStatus.NOT_APPLICABLE, reason="no-port"),
            ],
        )
        make.attested(self.approver, self.submission, [])

    @property
    def submission(self):
        return make.submission_of(self.zone)

    def decide(self, user, name: str, **fields: str):
        posted = {"version": str(self.submission.version), **fields}
        return signed_in(user).post(reverse(name, args=[self.submission.pk]), posted)


@pytest.fixture
def office() -> Office:
    return Office()


def units(response) -> list[str]:
    return [line.submission.reporter.slug for line in response.context["lines"]]


# --- The queue --------------------------------------------------------------------------------


def test_a_coordinator_sees_the_zones_of_the_arrondissement(office):
    page = signed_in(office.coordinator).get(QUEUE)
    assert units(page) == ["namur"]
    [line] = page.context["lines"]
    counted = (line.submission.done, line.submission.total, line.submission.remarks)
    assert counted == (2, 2, 1)
    assert line.submission.by_one_person is False
    counts = {counter.code: counter.count for counter in page.context["counters"]}
    assert counts == {
        "to-control": 1,
        "remarks": 1,
        "without-remarks": 0,
        "corrections": 0,
        "returned": 0,
        "expected": 0,
        "validated": 0,
    }


def test_the_secretariat_controls_the_rest_and_may_look_at_all(office):
    client = signed_in(office.secretariat)
    assert units(client.get(QUEUE)) == []
    assert units(client.get(QUEUE, {"all": "1"})) == ["namur"]
    assert units(client.get(QUEUE, {"all": "1", "state": "expected"})) == ["liege"]


def test_all_is_not_for_a_coordinator_nor_is_another_state_an_error(office):
    client = signed_in(office.coordinator)
    assert units(client.get(QUEUE, {"all": "1", "state": "expected"})) == []
    assert units(client.get(QUEUE, {"state": "nonsense", "page": "9999"})) == ["namur"]


def test_with_remarks_are_only_those_with_remarks(office):
    zone = make.make_zone("dinant")
    approver = make.make_user(Role.APPROVER, zone)
    make.make_round("2026-Q2")
    make.attested(approver, make.submission_of(zone, "2026-Q2"), figure(5))
    client = signed_in(office.coordinator)
    assert units(client.get(QUEUE)) == ["namur", "dinant"]
    assert units(client.get(QUEUE, {"state": "remarks"})) == ["namur"]
    assert units(client.get(QUEUE, {"state": "without-remarks"})) == ["dinant"]


def test_nothing_is_expected_of_a_locked_round(office):
    client = signed_in(office.coordinator)
    make.make_round("2026-Q2")
    make.make_round("2026-Q1", locked=True)
    [line] = client.get(QUEUE, {"state": "expected"}).context["lines"]
    assert line.submission.round.period.code == "2026-Q2"


def test_that_one_person_entered_and_attested_shows(office):
    zone = make.make_zone("dinant")
    approver = make.make_user(Role.APPROVER, zone)
    make.make_round("2026-Q2")
    make.attested(approver, make.submission_of(zone, "2026-Q2"), figure(5))
    page = signed_in(office.coordinator).get(QUEUE)
    shown = {
        line.submission.reporter.slug: line.submission.by_one_person
        for line in page.context["lines"]
    }
    assert shown == {"namur": False, "dinant": True}
    assert page.content.decode().count("entered and attested by the same person") == 1


@pytest.mark.parametrize("zones", [1, 176])
def test_the_queue_takes_the_same_number_of_queries(zones, django_assert_num_queries):
    make.make_indicator("checks")
    made = make.make_zones(zones)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    make.make_round()
    approver = make.make_user(Role.APPROVER, made[0])
    for zone in made[1:]:
        approver.memberships.create(role=Role.APPROVER, unit=zone)
    for zone in made[:60]:
        make.attested(approver, make.submission_of(zone), figure(5))
    client = signed_in(coordinator)
    with django_assert_num_queries(11):
        page = client.get(QUEUE)
    assert len(units(page)) == min(zones, 50)


# --- The decision -----------------------------------------------------------------------------


def test_figures_comments_and_reasons_are_there_to_judge(office):
    page = signed_in(office.coordinator).get(reverse("review", args=[office.submission.pk]))
    rows = list(page.context["figures"].rows.values())
    assert [row.figure_text for row in rows] == ["987\u202f654", "n/a"]
    assert [row.remarks for row in rows] == [
        ["987\u202f654 is above what is usual for this figure: 100 at most.", "A festival"],
        ["no port"],
    ]


@pytest.mark.parametrize("zones", [1, 176])
def test_a_review_takes_the_same_number_of_queries(zones, django_assert_num_queries):
    source = make.make_source()
    make.make_zones(zones)
    make.make_indicator("checks", reporter=source)
    approver = make.make_user(Role.APPROVER, source)
    secretariat = make.make_user(Role.SECRETARIAT)
    make.make_round()
    sent = make.attested(approver, make.submission_of(source), figure(5))
    client = signed_in(secretariat)
    with django_assert_num_queries(16):
        page = client.get(reverse("review", args=[sent.pk]))
    assert page.context["figures"].total == zones


def test_validating(office):
    response = office.decide(office.coordinator, "review-validate")
    assert (response.status_code, response["Location"]) == (302, QUEUE)
    assert office.submission.state == State.VALIDATED


def test_returning_needs_a_reason(office):
    response = office.decide(office.coordinator, "review-return", reason=" ")
    assert response.context["form"].errors == {
        "reason": ["Say why: the unit must know what to look at."]
    }
    assert office.submission.state == State.SUBMITTED
    response = office.decide(office.coordinator, "review-return", reason="Ten times more?")
    assert (response.status_code, response["Location"]) == (302, QUEUE)
    assert office.submission.return_reason == "Ten times more?"


def test_who_comes_second_sees_who_did_what(office):
    version = str(office.submission.version)
    office.decide(office.coordinator, "review-validate")
    response = office.decide(
        office.coordinator, "review-return", version=version, reason="My long reason"
    )
    assert response.status_code == 409
    [event] = response.context["events"]
    assert (event.title, event.actor) == ("Validated", str(office.coordinator))
    assert "My long reason" in response.content.decode()
    assert office.submission.state == State.VALIDATED


@pytest.mark.parametrize("name", ["review-validate", "review-return"])
def test_the_same_decision_twice_leads_to_the_same_page(office, name):
    version = str(office.submission.version)
    fields = {"version": version, "reason": "Ten times more?"}
    answers = [office.decide(office.coordinator, name, **fields) for _time in range(2)]
    assert [answer["Location"] for answer in answers] == [QUEUE] * 2
    assert said(answers[1])[-1] == "You have done this already."
    other = {"version": version, "reason": "Another reason"}
    answer = office.decide(office.coordinator, "review-return", **other)
    assert (answer.status_code, "You took this step yourself" in answer.text) == (409, True)


def test_who_does_not_control_finds_no_page(office):
    liege = make.make_user(Role.COORDINATOR, make.make_dca("dca-liege"))
    names = ("review", "review-validate", "review-return")
    answers = [
        signed_in(liege).get(reverse("review", args=[office.submission.pk])),
        office.decide(liege, "review-validate"),
        office.decide(liege, "review-return", reason="x"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert all("987" not in answer.content.decode() for answer in answers)
    for user in (office.reporter, office.approver, make.make_user(Role.EVALUATOR)):
        client = signed_in(user)
        assert client.get(QUEUE).status_code == 403
        urls = [reverse(name, args=[office.submission.pk]) for name in names]
        assert client.get(urls[0]).status_code == 403
        assert [client.post(url).status_code for url in urls[1:]] == [403, 403]
    assert office.submission.state == State.SUBMITTED


def test_the_secretariat_sees_a_zones_figures_but_does_not_decide(office):
    client = signed_in(office.secretariat)
    page = client.get(reverse("review", args=[office.submission.pk]))
    assert (page.status_code, page.context["decides"]) == (200, False)
    assert office.decide(office.secretariat, "review-validate").status_code == 403
    returned = office.decide(office.secretariat, "review-return", reason="x")
    assert returned.status_code == 403


# --- My work ----------------------------------------------------------------------------------


def counts(response) -> dict[str, int]:
    return response.context["work"].counts


def test_my_work_counts_what_is_due(office):
    client = signed_in(office.approver)
    assert counts(client.get(WORK)) == {"to_do": 0, "returned": 0, "to_attest": 0, "late": 0}
    make.make_round("2026-Q2", late=True)
    make.make_round("2026-Q1", locked=True)
    page = client.get(WORK)
    assert counts(page) == {"to_do": 1, "returned": 0, "to_attest": 0, "late": 1}
    assert [line.submission.round.period.code for line in page.context["work"].sent] == [
        "2026-Q3",
        "2026-Q1",
    ]
    make.enter(office.reporter, make.submission_of(office.zone, "2026-Q2"), figure(5))
    assert counts(client.get(WORK)) == {"to_do": 0, "returned": 0, "to_attest": 1, "late": 1}
    sent = office.submission
    send_back(actor=office.coordinator, submission=sent, version=sent.version, reason="Too few?")
    page = client.get(WORK)
    assert counts(page)["returned"] == 1
    said = "Returned: “Too few?”<br>Correct, or maintain with a reason."
    assert said in page.content.decode()


def test_an_empty_page_says_why(office):
    page = signed_in(make.make_user(Role.REPORTER, make.make_zone("dinant"))).get(WORK)
    assert "Nothing to do. The next round is not planned yet." in page.content.decode()


def test_my_work_is_for_who_reports_or_controls(office):
    assert signed_in(office.coordinator).get(WORK).context["work"] is None
    assert signed_in(make.make_user(Role.EVALUATOR)).get(WORK).status_code == 403
    anonymous = Client().get(WORK)
    assert anonymous.status_code == 302


@pytest.mark.parametrize("units_held", [1, 176])
def test_my_work_takes_the_same_number_of_queries(units_held, django_assert_num_queries):
    make.make_indicator("checks")
    zones = make.make_zones(units_held)
    reporter = make.make_user(Role.REPORTER, zones[0])
    for zone in zones[1:]:
        reporter.memberships.create(role=Role.REPORTER, unit=zone)
    make.make_round()
    client = signed_in(reporter)
    with django_assert_num_queries(10):
        page = client.get(WORK)
    assert counts(page)["to_do"] == min(units_held, 60)


def test_home_and_navigation_by_role(office):
    home = reverse("home")
    for user, names in (
        (office.reporter, ["My work"]),
        (office.coordinator, ["My work", "To control"]),
        (office.secretariat, ["My work", "To control", "Rounds"]),
    ):
        page = signed_in(user).get(home)
        sections = [section["template"] for section in page.context["sections"]]
        labels = [str(link.label) for link in page.context["navigation"]]
        assert len([each for each in sections if each.startswith("submissions/")]) == 1
        assert labels[: len(names)] == names
    assert list(get_messages(page.wsgi_request)) == []
