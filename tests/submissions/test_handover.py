"""Controls left for ten working days pass to the secretariat, who never acts for the unit."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organisations.enums import Role
from organisations.models import UnitSuccession
from submissions import rules
from submissions.enums import State
from submissions.models import Submission
from submissions.models.waiting import is_left, left_before, passes_on
from submissions.services import StateChanged, send_back, validate
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(days=30)
YEARS = (dt.datetime(2024, 1, 1), dt.datetime(2030, 1, 1))  # noqa: DTZ001 - made aware


def moment(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))


# --- The day ----------------------------------------------------------------------------------


def test_sent_on_a_monday_with_a_holiday_between():
    sent = moment("2026-11-02T18:30")
    assert passes_on(sent) == dt.date(2026, 11, 18)
    assert not is_left(sent, moment("2026-11-17T23:59"))
    assert is_left(sent, moment("2026-11-18T00:00"))


def test_the_hour_of_sending_does_not_count():
    now = moment("2026-11-18T08:00")
    assert left_before(now) == moment("2026-11-03T00:00")
    assert is_left(moment("2026-11-02T23:59"), now)
    assert not is_left(moment("2026-11-03T00:00"), now)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.datetimes(*YEARS).map(timezone.make_aware),
    st.integers(0, 40),
)
def test_the_day_shown_is_the_day_it_passes(sent, days):
    now = sent + dt.timedelta(days=days)
    assert is_left(sent, now) is (passes_on(sent) <= timezone.localdate(now))


# --- Who controls -----------------------------------------------------------------------------


class Office:
    """A zone whose figures wait, since a month where ``left``."""

    def __init__(self) -> None:
        make.make_indicator("checks")
        self.zone = make.make_zone("namur")
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
        self.secretariat = make.make_user(Role.SECRETARIAT)
        make.make_round()
        make.attested(self.approver, self.submission, figure(987_654))

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone)

    def leave(self) -> None:
        Submission.objects.update(submitted_at=timezone.now() - LONG_AGO)

    def both(self, role: Role) -> object:
        """Somebody of the secretariat who also acts for the zone."""
        user = make.make_user(Role.SECRETARIAT, name=f"both-{role}")
        user.memberships.create(role=role, unit=self.zone, start=dt.date(2020, 1, 1))
        return user


@pytest.fixture
def office() -> Office:
    return Office()


def queue(user, **query):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client.get("/review/", query)


def units(page) -> list[str]:
    return [line.submission.reporter.slug for line in page.context["lines"]]


def test_before_that_day_the_secretariat_does_not_decide(office):
    sent = office.submission
    assert units(queue(office.secretariat)) == []
    assert not rules.may_control(office.secretariat, sent)
    with pytest.raises(PermissionDenied):
        validate(actor=office.secretariat, submission=sent, version=sent.version)


def test_from_that_day_both_may_and_one_does(office):
    office.leave()
    sent = office.submission
    assert units(queue(office.secretariat)) == units(queue(office.coordinator)) == ["namur"]
    validate(actor=office.secretariat, submission=sent, version=sent.version)
    with pytest.raises(StateChanged):
        send_back(
            actor=office.coordinator, submission=sent, version=sent.version, reason="Too late"
        )
    assert (office.submission.state, office.submission.decided_by) == (
        State.VALIDATED,
        office.secretariat,
    )


def test_the_coordinator_still_may(office):
    office.leave()
    sent = office.submission
    validate(actor=office.coordinator, submission=sent, version=sent.version)
    assert office.submission.decided_by == office.coordinator


def test_only_what_waits_passes(office):
    office.leave()
    Submission.objects.update(state=State.DRAFT)
    assert units(queue(office.secretariat, state="expected")) == []
    assert not rules.may_control(office.secretariat, office.submission)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.APPROVER])
def test_never_somebody_who_acts_for_the_unit(office, role):
    office.leave()
    both = office.both(role)
    sent = office.submission
    page = queue(both)
    assert units(page) == []
    assert "987" not in page.content.decode()
    with pytest.raises(PermissionDenied):
        validate(actor=both, submission=sent, version=sent.version)


def test_nor_for_a_unit_that_gave_way_to_theirs(office):
    office.leave()
    today = timezone.localdate()
    successor = make.make_zone("meuse")
    UnitSuccession.objects.create(predecessor=office.zone, successor=successor, effective_on=today)
    type(office.zone).objects.filter(pk=office.zone.pk).update(valid_to=today)
    both = make.make_user(Role.SECRETARIAT, name="both")
    both.memberships.create(role=Role.APPROVER, unit=successor, start=dt.date(2020, 1, 1))
    sent = office.submission
    assert units(queue(both)) == []
    assert not rules.may_control(both, sent)
    assert rules.may_control(office.secretariat, sent)


def test_who_attested_never_controls_even_in_another_role_since(office):
    sent = office.submission
    office.approver.memberships.all().delete()
    make.Membership.objects.create(
        user=office.approver,
        role=Role.COORDINATOR,
        unit=office.zone.controlled_by,
        start=dt.date(2020, 1, 1),
    )
    moved = type(office.approver).objects.get(pk=office.approver.pk)
    with pytest.raises(PermissionDenied):
        validate(actor=moved, submission=sent, version=sent.version)
    assert office.submission.state == State.SUBMITTED


# --- The pages --------------------------------------------------------------------------------


def test_the_queue_says_since_when_and_when_it_passes(office):
    text = queue(office.coordinator).content.decode()
    assert "passes to the secretariat on" in text
    office.leave()
    assert "with the secretariat since" in queue(office.coordinator).content.decode()


def test_the_secretariat_has_a_filter_for_these_and_coordinators_have_not(office):
    make.make_indicator("visits", reporter=make.make_source())
    office.leave()
    page = queue(office.secretariat, state="left")
    assert units(page) == ["namur"]
    counts = {counter.code: counter.count for counter in page.context["counters"]}
    assert counts["left"] == 1
    page = queue(office.coordinator, state="left")
    assert "left" not in {counter.code for counter in page.context["counters"]}
    assert page.context["chosen"] == "to-control"


def test_the_secretariat_decides_on_the_page(office):
    office.leave()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(office.secretariat)
    sent = office.submission
    page = client.get(reverse("review", args=[sent.pk]))
    assert page.context["decides"] is True
    assert "Left for 10 working days" in page.content.decode()
    answer = client.post(reverse("review-validate", args=[sent.pk]), {"version": sent.version})
    assert answer.status_code == 302
    assert office.submission.state == State.VALIDATED
