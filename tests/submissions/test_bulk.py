"""Validating a selection: a preview, then a result for each row."""

import pytest
from django.test import Client
from django.urls import reverse

from organisations.enums import Role
from submissions.enums import State
from submissions.models import Submission, Transition
from submissions.services import attest, send_back, withdraw
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
QUEUE, SELECTION = "/review/", "/review/selection/"
SECRET = 987_654


class Office:
    """Three zones that have sent their figures, one of another arrondissement that has, too."""

    def __init__(self, zones: int = 3) -> None:
        make.make_indicator("checks", upper_bound=100)
        self.zones = make.make_zones(zones)
        self.elsewhere = make.make_zone("liege", dca=make.make_dca("dca-liege"))
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        self.secretariat = make.make_user(Role.SECRETARIAT)
        self.approvers = {
            zone.pk: make.make_user(Role.APPROVER, zone) for zone in [*self.zones, self.elsewhere]
        }
        make.make_round()
        for zone in self.zones:
            make.attested(self.approvers[zone.pk], make.submission_of(zone), figure(5))
        sent = make.submission_of(self.elsewhere)
        secret = figure(SECRET, comment=f"festival-{SECRET}")
        make.attested(self.approvers[self.elsewhere.pk], sent, secret)

    def submission(self, number: int) -> Submission:
        return make.submission_of(self.zones[number])

    def states(self) -> list[str]:
        return [make.submission_of(zone).state for zone in self.zones]


@pytest.fixture
def office() -> Office:
    return Office()


def signed_in(user) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


def pick(*submissions: Submission) -> dict[str, list[str]]:
    return {"pick": [f"{each.pk}:{each.version}" for each in submissions]}


def results(page) -> list[tuple[str, str]]:
    rows = page.context["results"].rows
    return [(row.submission.reporter.slug, row.text) for row in rows]


# --- The queue --------------------------------------------------------------------------------


def test_rows_of_ones_own_control_can_be_picked(office):
    page = signed_in(office.coordinator).get(QUEUE)
    assert page.content.decode().count('name="pick"') == 3
    assert "checked" not in page.content.decode()
    everything = signed_in(office.coordinator).get(QUEUE, {"picked": "1"})
    assert everything.content.decode().count(" checked") == 3
    seen = signed_in(office.secretariat).get(QUEUE, {"all": "1"})
    assert len(seen.context["lines"]) == 4
    assert 'name="pick"' not in seen.content.decode()


def test_what_is_not_sent_cannot_be_picked(office):
    for code in ("validated", "expected", "returned"):
        page = signed_in(office.coordinator).get(QUEUE, {"state": code})
        assert 'name="pick"' not in page.content.decode()


# --- The preview ------------------------------------------------------------------------------


def test_the_preview_shows_what_deserves_a_look_and_validates_nothing(office):
    returned = office.submission(1)
    send_back(
        actor=office.coordinator, submission=returned, version=returned.version, reason="Five?"
    )
    approver = office.approvers[office.zones[1].pk]
    again = make.enter(approver, office.submission(1), figure(101, comment="A festival"))
    attest(actor=approver, submission=again, version=again.version, maintain_reason="It was so")
    page = signed_in(office.coordinator).get(
        SELECTION, pick(office.submission(0), office.submission(1))
    )
    first, second = page.context["lines"]
    assert first.remarks == ["Entered and attested by the same person."]
    assert second.remarks == [
        "1 figure with a remark",
        "Maintained: “It was so”",
        "1 figure changed since the return",
        "Entered and attested by the same person.",
    ]
    assert (second.submission.done, second.submission.total) == (1, 1)
    assert office.states() == [State.SUBMITTED] * 3


def test_a_comment_is_no_change_since_the_return(office):
    sent = office.submission(0)
    send_back(actor=office.coordinator, submission=sent, version=sent.version, reason="Five?")
    approver = office.approvers[office.zones[0].pk]
    again = make.enter(approver, office.submission(0), figure(5, comment="A festival"))
    attest(actor=approver, submission=again, version=again.version, maintain_reason="It was so")
    [line] = (
        signed_in(office.coordinator).get(SELECTION, pick(office.submission(0))).context["lines"]
    )
    assert "0 figures changed since the return" in line.remarks


def test_the_preview_says_what_changed_since_the_list(office):
    seen = pick(office.submission(0))
    sent = office.submission(0)
    approver = office.approvers[office.zones[0].pk]
    withdraw(actor=approver, submission=sent, version=sent.version)
    make.attested(approver, office.submission(0), figure(6))
    [line] = signed_in(office.coordinator).get(SELECTION, seen).context["lines"]
    assert line.is_valid
    assert "Changed since you opened the list." in line.remarks


@pytest.mark.parametrize("zones", [1, 3])
def test_the_preview_takes_the_same_number_of_queries(zones, django_assert_num_queries):
    office = Office(zones)
    client = signed_in(office.coordinator)
    picked = pick(*(office.submission(number) for number in range(zones)))
    with django_assert_num_queries(4):
        page = client.get(SELECTION, picked)
    assert len(page.context["lines"]) == zones


def test_an_empty_selection_says_what_to_do(office):
    page = signed_in(office.coordinator).get(SELECTION, {"pick": ["x", "1:", ":2", "9" * 12]})
    assert "Nothing is selected" in page.content.decode()


# --- The results ------------------------------------------------------------------------------


def test_each_row_says_what_happened(office):
    client = signed_in(office.coordinator)
    picked = pick(*(office.submission(number) for number in range(3)))
    other = make.make_user(Role.COORDINATOR, make.make_dca(), name="colleague")
    second, third = office.submission(1), office.submission(2)
    send_back(actor=other, submission=second, version=second.version, reason="Five?")
    approver = office.approvers[office.zones[2].pk]
    withdraw(actor=approver, submission=third, version=third.version)
    page = client.post(SELECTION, picked)
    assert results(page) == [
        ("zone-001", "validated"),
        ("zone-002", f"not treated: returned by {other}"),
        ("zone-003", "not treated: withdrawn by its unit"),
    ]
    assert "1 submission validated, 2 not treated." in page.content.decode()
    assert office.states() == [State.VALIDATED, State.RETURNED, State.DRAFT]


def test_what_changed_since_it_was_seen_is_not_validated(office):
    picked = pick(office.submission(0))
    sent = office.submission(0)
    approver = office.approvers[office.zones[0].pk]
    withdraw(actor=approver, submission=sent, version=sent.version)
    make.attested(approver, office.submission(0), figure(6))
    page = signed_in(office.coordinator).post(SELECTION, picked)
    assert results(page) == [("zone-001", "not treated: changed in the meantime")]
    assert office.states()[0] == State.SUBMITTED


def test_a_double_click_says_the_same_and_decides_once(office):
    client = signed_in(office.coordinator)
    picked = pick(office.submission(0), office.submission(1))
    first, second = client.post(SELECTION, picked), client.post(SELECTION, picked)
    assert results(first) == results(second)
    assert {text for _slug, text in results(second)} == {"validated"}
    assert Transition.objects.filter(after=State.VALIDATED).count() == 2


def test_what_somebody_else_validated_is_theirs(office):
    picked = pick(office.submission(0))
    other = make.make_user(Role.COORDINATOR, make.make_dca(), name="colleague")
    signed_in(other).post(SELECTION, picked)
    page = signed_in(office.coordinator).post(SELECTION, picked)
    assert results(page) == [("zone-001", f"not treated: validated by {other}")]


def test_nobody_validates_beyond_their_own_control(office):
    foreign = make.submission_of(office.elsewhere)
    picked = pick(office.submission(0), foreign)
    for send in ("get", "post"):
        page = getattr(signed_in(office.coordinator), send)(SELECTION, picked)
        text = page.content.decode()
        assert (str(SECRET) in text, "liege" in text.lower()) == (False, False)
    assert results(page) == [("zone-001", "validated")]
    [line] = signed_in(office.secretariat).get(SELECTION, pick(foreign)).context["lines"]
    assert (line.is_valid, line.refusal) == (False, "not yours to control")
    page = signed_in(office.secretariat).post(SELECTION, pick(foreign))
    assert results(page) == [("liege", "not treated: not yours to control")]
    approver = office.approvers[office.elsewhere.pk]
    assert signed_in(approver).post(SELECTION, pick(foreign)).status_code == 403
    assert make.submission_of(office.elsewhere).state == State.SUBMITTED


def test_the_queue_leads_to_the_preview_and_back(office):
    page = signed_in(office.coordinator).get(QUEUE, {"state": "without-remarks"})
    assert f'action="{reverse("review-selection")}"' in page.content.decode()
    picked = {**pick(office.submission(0)), "state": "without-remarks"}
    text = signed_in(office.coordinator).get(SELECTION, picked).content.decode()
    assert "/review/?state=without-remarks" in text
