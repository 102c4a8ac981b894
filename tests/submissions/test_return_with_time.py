"""A return gives its unit time: where its round leaves less than ten days, in the same step."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import AuditEntry
from organisations.enums import Role
from submissions.enums import State
from submissions.models import Extension, Round
from submissions.services import RoundClosed, attest, send_back
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db


class Line:
    def __init__(self) -> None:
        make.make_indicator("checks")
        self.zone = make.make_zone("namur")
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        make.make_round()
        make.attested(self.approver, self.submission, figure(5))

    @property
    def submission(self):
        return make.submission_of(self.zone)

    def locks_in(self, days: float) -> None:
        now = timezone.now()
        Round.objects.update(
            opens_at=now - dt.timedelta(days=60),
            due_at=now - dt.timedelta(days=30),
            locks_at=now + dt.timedelta(days=days),
        )

    def client(self, user=None) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user or self.coordinator)
        return client

    def form(self):
        return self.client().get(reverse("review", args=[self.submission.pk])).context["form"]

    def post(self, **fields):
        posted = {"version": self.submission.version, "reason": "Ten times more?", **fields}
        return self.client().post(reverse("review-return", args=[self.submission.pk]), posted)


@pytest.fixture
def line() -> Line:
    return Line()


def day(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


@pytest.mark.parametrize(("left", "asks"), [(-3, True), (9.9, True), (10.1, False)])
def test_the_form_asks_until_when_where_less_than_ten_days_are_left(line, left, asks):
    line.locks_in(left)
    form = line.form()
    assert ("until" in form.fields) is asks
    if asks:
        assert form["until"].value() == day(10)


def test_an_extension_in_force_counts_as_time_left(line):
    line.locks_in(-3)
    secretariat = make.make_user(Role.SECRETARIAT)
    Extension.objects.create(
        submission=line.submission,
        until=timezone.now() + dt.timedelta(days=20),
        reason="Illness",
        granted_by=secretariat,
    )
    assert "until" not in line.form().fields


def test_returning_after_the_lock_gives_the_unit_time_to_the_end_of_the_day(line):
    line.locks_in(-3)
    answer = line.post(until=day(12).isoformat())
    assert (answer.status_code, answer["Location"]) == (302, "/review/")
    assert line.submission.state == State.RETURNED
    given = Extension.objects.get()
    assert timezone.localtime(given.until) == timezone.make_aware(
        dt.datetime.combine(day(12), dt.time(23, 59, 59))
    )
    assert (given.reason, given.granted_by) == ("Ten times more?", line.coordinator)
    verbs = AuditEntry.objects.filter(subject_id=line.submission.pk).values_list("verb", flat=True)
    assert {"submission.extended", "submission.returned"} <= set(verbs)
    page = line.client(line.approver).get(f"/report/{make.QUARTER}/namur/")
    assert page.templates[0].name == "submissions/report_form.html"
    back = make.enter(line.approver, line.submission, figure(6))
    attest(actor=line.approver, submission=back, version=back.version)
    assert line.submission.state == State.SUBMITTED


@pytest.mark.parametrize(
    ("until", "error"),
    [
        ("", "Give the unit a day: without it, it could not correct."),
        ("31 of Mai", "Type a date, for example 31/03/2026."),
        (day(-1).isoformat(), "An extension ends after the round has locked."),
        (day(90).isoformat(), "An extension gives 60 days at most."),
    ],
)
def test_without_a_good_day_nothing_is_returned(line, until, error):
    line.locks_in(-3)
    answer = line.post(until=until)
    assert answer.context["form"].errors == {"until": [error]}
    assert "Ten times more?" in answer.content.decode()
    assert line.submission.state == State.SUBMITTED
    assert not Extension.objects.exists()


def test_what_locks_between_the_page_and_the_click_asks_with_the_reason_kept(line, monkeypatch):
    line.locks_in(-3)
    monkeypatch.setattr("submissions.rules.TIME_TO_CORRECT", dt.timedelta(days=-30))
    answer = line.post()
    assert answer.status_code == 200
    assert "Ten times more?" in answer.content.decode()
    assert line.submission.state == State.SUBMITTED


def test_the_service_returns_to_nobody_without_time(line):
    line.locks_in(-3)
    sent = line.submission
    decision = {"actor": line.coordinator, "submission": sent, "version": sent.version}
    with pytest.raises(RoundClosed):
        send_back(**decision, reason="Late")
    with pytest.raises(ValidationError):
        send_back(**decision, reason=" ", until=timezone.now() + dt.timedelta(days=3))
    assert not Extension.objects.exists()


def test_who_does_not_control_gives_no_time(line):
    line.locks_in(-3)
    url = reverse("review-return", args=[line.submission.pk])
    posted = {
        "version": line.submission.version,
        "reason": "x",
        "until": day(12).isoformat(),
    }
    secretariat = make.make_user(Role.SECRETARIAT)
    liege = make.make_user(Role.COORDINATOR, make.make_dca("dca-liege"))
    answers = [line.client(user).post(url, posted) for user in (secretariat, liege, line.approver)]
    assert [answer.status_code for answer in answers] == [403, 404, 403]
    assert not Extension.objects.exists()
