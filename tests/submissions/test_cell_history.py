"""The history of a cell: said, answered, validated, corrected, refused; by whom, when and why."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from submissions.cell_events import CellRecord
from submissions.enums import Entrance, State
from submissions.models import Measurement, Transition
from submissions.services import (
    Entry,
    accept_correction,
    attest,
    attest_correction,
    propose_correction,
    refuse_correction,
    send_back,
    validate,
    withdraw_correction,
)
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db


class Line:
    def __init__(self, **fields) -> None:
        make.make_indicator("checks", **fields)
        self.zone = make.make_zone("namur")
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        make.make_round()

    @property
    def submission(self):
        return make.submission_of(self.zone)

    @property
    def cell(self):
        [cell] = make.cells_of(self.submission)
        return cell

    def correct(self, content):
        [asked] = propose_correction(
            actor=self.reporter,
            submission=self.submission,
            entries=[Entry(self.cell.pk, self.cell.version, content)],
            reason=f"Reason of {content.numerator}",
            entrance=Entrance.FORM,
        )
        [asked] = attest_correction(actor=self.approver, correction=asked, version=0)
        return {"correction": asked, "version": asked.version}

    def walk(self) -> None:
        """126, returned, 162, validated; corrections to 170 (refused), 171 (taken back), 172."""
        make.attested(self.approver, self.submission, figure(126))
        sent = self.submission
        send_back(actor=self.coordinator, submission=sent, version=sent.version, reason="Too few?")
        again = make.enter(
            self.reporter, self.submission, figure(162, comment="Recounted", is_flagged=True)
        )
        sent = attest(actor=self.approver, submission=again, version=again.version)
        validate(actor=self.coordinator, submission=sent, version=sent.version)
        refuse_correction(actor=self.coordinator, reason="No trace", **self.correct(figure(170)))
        withdraw_correction(actor=self.approver, **self.correct(figure(171)))
        accept_correction(actor=self.coordinator, **self.correct(figure(172)))

    def events(self, user):
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        return client.get(reverse("cell-history", args=[self.cell.pk])).context["events"]


@pytest.fixture
def line() -> Line:
    return Line()


def test_it_tells_everything_in_order(line):
    line.walk()
    told = [(event.title, event.actor) for event in line.events(line.coordinator)][::-1]
    reporter, approver = str(line.reporter), str(line.approver)
    coordinator = str(line.coordinator)
    assert told == [
        ("126", approver),
        ("126 → 162", reporter),
        ("Validated: 162 (revision 2)", coordinator),
        ("Correction asked: 162 → 170", reporter),
        ("Correction attested: 162 → 170", approver),
        ("Correction refused: 162 → 170", coordinator),
        ("Correction asked: 162 → 171", reporter),
        ("Correction attested: 162 → 171", approver),
        ("Correction withdrawn: 162 → 171", approver),
        ("Correction asked: 162 → 172", reporter),
        ("Correction attested: 162 → 172", approver),
        ("162 → 172", reporter),
        ("Validated: 172 (revision 3)", coordinator),
    ]


def test_it_tells_why(line):
    line.walk()
    texts = {event.title: event.text for event in line.events(line.approver)}
    assert texts["126"] == "Revision 1. Entrance: form."
    assert texts["126 → 162"] == (
        "Revision 2. Entrance: form. Comment: “Recounted” Flagged: the unit wants to come back to"
        " it. After the return: “Too few?”"
    )
    assert texts["162 → 172"] == (
        "Revision 3. Entrance: form. The comment “Recounted” goes. No longer flagged."
        " Correction: “Reason of 172”"
    )
    assert texts["Correction refused: 162 → 170"] == "“No trace”"


@pytest.mark.parametrize(
    ("decision", "titles"),
    [
        (State.RETURNED, ["126 → 162", "126"]),
        (State.VALIDATED, ["Validated: 162 (revision 2)", "126 → 162", "126"]),
    ],
)
def test_what_happened_at_one_moment_is_told_in_its_order(line, decision, titles):
    """As the demonstration fills a round in: a decision is of the figures, and never before."""
    now, cell = timezone.now(), line.cell
    said = [
        Measurement(
            cell=cell,
            revision=revision,
            status=CellStatus.REPORTED,
            numerator=numerator,
            entered_at=now,
            entered_by=line.reporter,
            entrance=Entrance.SEED,
        )
        for revision, numerator in ((1, 126), (2, 162))
    ]
    step = Transition(
        at=now, actor=line.coordinator, before=State.SUBMITTED, after=decision, reason="Too few?"
    )
    with override("en"):
        events = CellRecord(cell.expectation.version, said, [step], []).events()
    assert [event.title for event in events] == titles
    assert not any("After the return" in event.text for event in events)


def test_it_tells_which_steps_are_done():
    line = Line(kind=Kind.MILESTONES, steps={1: "2026-06-30", 2: "2026-12-31"})
    one, other = ({number: "2026-08-03"} for number in "12")
    make.enter(line.reporter, line.submission, figure(1, 2, steps_done=one))
    make.validated(line.approver, line.coordinator, line.submission, figure(1, 2, steps_done=other))
    line.correct(figure(1, 2, steps_done=one))
    texts = [(event.title, event.text) for event in line.events(line.approver)][::-1]
    first, second = (f"Steps done: Step {number} (3 August 2026)." for number in "12")
    assert [text for title, text in texts if title == "1/2 → 1/2" or title == "1/2"] == [
        f"Revision 1. Entrance: form. {first}",
        f"Revision 2. Entrance: form. {second}",
    ]
    assert ("Correction asked: 1/2 → 1/2", f"“Reason of 1” {first}") in texts


def test_it_tells_that_a_comment_and_a_flag_went(line):
    make.enter(line.reporter, line.submission, figure(5, comment="Recounted", is_flagged=True))
    make.enter(line.reporter, line.submission, figure(5))
    last = line.events(line.approver)[0]
    assert last.text == (
        "Revision 2. Entrance: form. The comment “Recounted” goes. No longer flagged."
    )


@pytest.mark.parametrize("corrections", [0, 3])
def test_it_takes_the_same_number_of_queries(line, corrections, django_assert_num_queries):
    make.validated(line.approver, line.coordinator, line.submission, figure(5))
    for number in range(corrections):
        accept_correction(actor=line.coordinator, **line.correct(figure(number)))
    url = reverse("cell-history", args=[line.cell.pk])
    client = Client()
    client.force_login(line.approver)
    with django_assert_num_queries(8):
        client.get(url)


def test_who_may_not_see_the_cell_finds_no_history(line):
    line.walk()
    stranger = make.make_user(Role.APPROVER, make.make_zone("liege", dca=make.make_dca("dca-l")))
    client = Client()
    client.force_login(stranger)
    answer = client.get(reverse("cell-history", args=[line.cell.pk]))
    assert (answer.status_code, b"No trace" in answer.content) == (404, False)
    secretariat = make.make_user(Role.SECRETARIAT)
    assert len(line.events(secretariat)) == 13
