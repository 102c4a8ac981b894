"""Whom a unit can ask stands on its forms and refusals; how it is reached, on the review."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from organisations.enums import Role
from organisations.models import Unit, User
from submissions.models import Round
from submissions.services import send_back
from tests import factories as make

pytestmark = pytest.mark.django_db
DCA, ZONE, DESK = "dca@namur.example", "cel@namur.example", "desk@jalon.example"


@pytest.fixture(autouse=True)
def zone(settings) -> Unit:
    settings.CONTACT_EMAIL, settings.SECRETARIAT_TELEPHONE = DESK, "02 222 22 22"
    made = make.make_zone("namur")
    Unit.objects.filter(pk=made.pk).update(telephone="081 11 11 11", mailbox=ZONE)
    Unit.objects.filter(pk=made.controlled_by_id).update(telephone="081 00 00 00", mailbox=DCA)
    make.make_indicator("checks")
    make.make_round()
    return made


@pytest.fixture
def approver(zone: Unit) -> User:
    return make.make_user(Role.APPROVER, zone)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_of(zone: Unit) -> str:
    return reverse("report", args=[make.QUARTER, zone.slug])


def asks_both(response) -> bool:
    text = response.content.decode()
    told = [f"mailto:{DCA}", "tel:081000000", f"mailto:{DESK}", "tel:022222222"]
    return all(each in text for each in told) and f"mailto:{ZONE}" not in text


def test_my_work_and_the_form_say_whom_to_ask(zone, approver):
    client = client_of(approver)
    assert asks_both(client.get(reverse("work")))
    assert asks_both(client.get(form_of(zone)))


def test_figures_that_are_sent_or_returned_say_it_too(zone, approver):
    sent = make.attested(approver, make.submission_of(zone), make.figure(3))
    page = client_of(approver).get(form_of(zone))
    assert "submissions/report_readonly.html" in [each.name for each in page.templates]
    assert asks_both(page)
    coordinator = make.make_user(Role.COORDINATOR, zone.controlled_by)
    send_back(actor=coordinator, submission=sent, version=sent.version, reason="Look again.")
    returned = client_of(approver).get(form_of(zone))
    assert "submissions/report_form.html" in [each.name for each in returned.templates]
    assert asks_both(returned)


def test_a_refusal_says_it_too(zone, approver):
    client = client_of(approver)
    page = client.get(form_of(zone))
    (cell,) = make.cells_of(make.submission_of(zone))
    past = timezone.now() - dt.timedelta(days=60)
    days = (dt.timedelta(days=number) for number in range(3))
    Round.objects.update(
        **dict(zip(("opens_at", "due_at", "locks_at"), (past + day for day in days), strict=True))
    )
    refused = client.post(
        form_of(zone),
        {
            "action": "save",
            "token": page.context["token"],
            "version": "0",
            f"c{cell.pk}-version": str(cell.version),
            f"c{cell.pk}-numerator": "5",
        },
    )
    assert refused.status_code == 409
    assert asks_both(refused)


def test_the_review_says_how_the_unit_is_reached(zone, approver):
    sent = make.attested(approver, make.submission_of(zone), make.figure(3))
    coordinator = make.make_user(Role.COORDINATOR, zone.controlled_by)
    text = client_of(coordinator).get(reverse("review", args=[sent.pk])).content.decode()
    assert f"mailto:{ZONE}" in text
    assert "tel:081111111" in text


def test_whom_to_ask_costs_my_work_no_query_more_per_form(zone, approver):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client_of(approver).get(reverse("work")).status_code == 200
        return len(seen)

    one = queries()
    for code in ("2026-Q1", "2026-Q2"):
        make.make_round(code)
    assert queries() == one
