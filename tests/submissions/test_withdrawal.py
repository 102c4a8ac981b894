"""The approver takes back what was attested, until somebody validates it."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import AuditEntry, OutboxEntry
from organisations.enums import Role
from submissions.enums import State
from submissions.models import Round, Submission
from submissions.services import (
    ReasonRequired,
    RoundClosed,
    StateChanged,
    attest,
    grant_extension,
    send_back,
    validate,
    withdraw,
)
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db


class Line:
    """A zone that has sent a figure, and the people around it."""

    def __init__(self) -> None:
        self.dca = make.make_dca()
        make.make_indicator("checks")
        self.zone = make.make_zone("namur", dca=self.dca)
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, self.dca)
        self.secretariat = make.make_user(Role.SECRETARIAT)
        make.make_round()
        make.attested(self.approver, self.submission, figure(987_654))

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone)

    def lock(self) -> None:
        now = timezone.now()
        Round.objects.update(
            opens_at=now - dt.timedelta(days=60),
            due_at=now - dt.timedelta(days=30),
            locks_at=now - dt.timedelta(days=1),
        )

    def withdraw(self, actor=None, **fields):
        sent = self.submission
        values = {"submission": sent, "version": sent.version, **fields}
        return withdraw(actor=actor or self.approver, **values)

    def post(self, user, **fields):
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        url = reverse("report-withdraw", args=[make.QUARTER, self.zone.slug])
        return client.post(url, {"version": self.submission.version, **fields})


@pytest.fixture
def line() -> Line:
    return Line()


def page_of(line: Line, user) -> str:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client.get(f"/report/{make.QUARTER}/namur/").content.decode()


def test_a_withdrawal_makes_a_draft_and_is_recorded(line):
    OutboxEntry.objects.all().delete()
    line.withdraw(reason=" A column was forgotten ")
    assert line.submission.state == State.DRAFT
    step = line.submission.transitions.latest("at", "pk")
    assert (step.before, step.after, step.actor, step.reason) == (
        State.SUBMITTED,
        State.DRAFT,
        line.approver,
        "A column was forgotten",
    )
    entry = AuditEntry.objects.get(verb="submission.withdrawn")
    assert (entry.actor, entry.details["reason"]) == (line.approver, "A column was forgotten")
    assert OutboxEntry.objects.filter(topic="results").count() == 1


def test_what_was_withdrawn_is_corrected_and_sent_again(line):
    line.withdraw()
    make.attested(line.approver, line.submission, figure(12))
    assert line.submission.state == State.SUBMITTED


def test_only_who_attests_for_the_unit_may(line):
    elsewhere = make.make_user(Role.APPROVER, make.make_zone("dinant"))
    for actor in (line.reporter, line.coordinator, line.secretariat, elsewhere):
        with pytest.raises(PermissionDenied):
            line.withdraw(actor)
    assert line.submission.state == State.SUBMITTED


def test_what_was_validated_returned_or_seen_otherwise_stays(line):
    sent = line.submission
    with pytest.raises(StateChanged):
        line.withdraw(version=sent.version - 1)
    validate(actor=line.coordinator, submission=sent, version=sent.version)
    with pytest.raises(StateChanged):
        line.withdraw()
    assert line.submission.state == State.VALIDATED


def test_after_the_lock_it_could_not_be_sent_again(line):
    line.lock()
    with pytest.raises(RoundClosed):
        line.withdraw()
    assert line.submission.state == State.SUBMITTED
    grant_extension(
        actor=line.secretariat,
        submission=line.submission,
        until=timezone.now() + dt.timedelta(days=5),
        reason="Illness",
    )
    line.withdraw()
    assert line.submission.state == State.DRAFT
    assert 'name="c' in page_of(line, line.approver)


def test_a_withdrawn_answer_to_a_return_does_not_do_away_with_the_return(line):
    sent = line.submission
    send_back(actor=line.coordinator, submission=sent, version=sent.version, reason="Too many?")
    back = line.submission
    attest(actor=line.approver, submission=back, version=back.version, maintain_reason="A festival")
    assert line.submission.is_maintained
    line.withdraw()
    again = line.submission
    assert (again.state, again.is_maintained, again.is_under_return) == (State.DRAFT, False, True)
    assert "Returned: “Too many?”" in page_of(line, line.approver)
    with pytest.raises(ReasonRequired):
        attest(actor=line.approver, submission=again, version=again.version)
    kept = attest(
        actor=line.approver, submission=again, version=again.version, maintain_reason="It is so"
    )
    assert kept.maintain_reason == "It is so"


# --- The page ---------------------------------------------------------------------------------


def test_the_page_offers_it_to_the_approver_alone(line):
    assert "Withdraw these figures" in page_of(line, line.approver)
    for user in (line.reporter, line.coordinator, make.make_user(Role.AUTHORITY, line.zone)):
        assert "Withdraw these figures" not in page_of(line, user)


def test_withdrawing_opens_the_form_and_the_history_says_so(line):
    answer = line.post(line.approver, reason="A column was forgotten")
    assert (answer.status_code, answer["Location"]) == (302, f"/report/{make.QUARTER}/namur/")
    assert line.submission.state == State.DRAFT
    make.attested(line.approver, line.submission, figure(5))
    text = page_of(line, line.coordinator)
    assert "Withdrawn" in text
    assert "A column was forgotten" in text


def test_too_late_says_what_to_do_and_keeps_the_words(line):
    line.lock()
    assert "Ask who controls your figures to return them" in page_of(line, line.approver)
    answer = line.post(line.approver, reason="My long reason")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Ask who controls your figures to return them" in text
    assert "My long reason" in text


def test_who_comes_after_the_controller_sees_the_validation(line):
    sent = line.submission
    validate(actor=line.coordinator, submission=sent, version=sent.version)
    answer = line.post(line.approver, version=sent.version)
    assert answer.status_code == 409
    [event] = answer.context["events"]
    assert (event.title, event.actor) == ("Validated", str(line.coordinator))


def test_withdrawing_again_from_another_page_is_no_error(line):
    seen = line.submission.version
    for number in range(2):
        answer = line.post(line.approver, version=seen, reason="A column was forgotten")
        assert (answer.status_code, answer["Location"]) == (302, f"/report/{make.QUARTER}/namur/")
        told = str(list(get_messages(answer.wsgi_request))[-1])
        assert (told == "You have done this already.") == bool(number)
    assert line.submission.transitions.filter(after=State.DRAFT).count() == 1
    answer = line.post(line.approver, version=seen, reason="Another reason")
    assert (answer.status_code, "Another reason" in answer.text) == (409, True)
    other = make.make_user(Role.APPROVER, line.zone, name="deputy")
    assert line.post(other, version=seen, reason="A column was forgotten").status_code == 409


def test_withdrawing_a_draft_that_was_never_sent_is_refused(line):
    dinant = make.make_zone("dinant", dca=line.dca)
    approver = make.make_user(Role.APPROVER, dinant)
    make.make_round("2026-Q2")
    draft = make.submission_of(dinant, "2026-Q2")
    make.enter(approver, draft, figure(5))
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(approver)
    url = reverse("report-withdraw", args=["2026-Q2", dinant.slug])
    assert client.post(url, {"version": draft.version}).status_code == 409


def test_others_are_refused_or_find_nothing(line):
    stranger = make.make_user(Role.APPROVER, make.make_zone("liege", dca=make.make_dca("dca-l")))
    answer = line.post(stranger)
    assert (answer.status_code, b"987" in answer.content) == (404, False)
    for user in (line.reporter, line.coordinator, line.secretariat):
        assert line.post(user).status_code == 403
    assert line.submission.state == State.SUBMITTED


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_reason_that_is_too_long_is_refused_at_its_field_with_all_of_it(line, is_locked):
    if is_locked:
        line.lock()
    reason = "é" * 1000 + " the end"
    answer = line.post(line.approver, reason=reason)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "There is something to correct" in text
    assert reason in text
    assert line.submission.state == State.SUBMITTED
    assert line.post(line.reporter, reason=reason).status_code == 403
    sent = line.submission
    validate(actor=line.coordinator, submission=sent, version=sent.version)
    answer = line.post(line.approver, reason=reason)
    assert (answer.status_code, reason in answer.content.decode()) == (409, True)


def test_a_reason_of_many_lines_is_counted_as_the_browser_counts_it(line):
    reason = "\r\n".join(["é" * 49] * 20)
    assert line.post(line.approver, reason=reason).status_code == 302
    step = line.submission.transitions.latest("at", "pk")
    assert step.reason == reason.replace("\r\n", "\n")
