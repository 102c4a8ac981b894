"""The secretariat keeps the checks: severity, threshold, floor and whether they are active."""

from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from foundation.models import AuditEntry
from organisations.enums import Role
from submissions.models import Check
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretariat() -> Client:
    make.make_checks()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(make.make_user(Role.SECRETARIAT))
    return client


def address(code: str) -> str:
    return reverse("admin:submissions_check_change", args=[Check.objects.get(code=code).pk])


def change(client: Client, name: str, **typed: str):
    posted = {"severity": "warning", "is_active": "on", **typed}
    return client.post(address(name), posted)


def test_the_list_shows_thresholds_as_people_write_them(secretariat):
    html = secretariat.get(reverse("admin:submissions_check_changelist")).content.decode()
    for shown in ("3.5", "0.4", "20"):
        assert f">{shown}<" in html


@pytest.mark.parametrize(
    ("typed", "kept"), [("5", "5"), ("4,5", "9/2"), ("4.5", "9/2"), ("7/3", "7/3")]
)
def test_a_threshold_changes_on_the_record(secretariat, typed, kept):
    assert change(secretariat, "history", threshold=typed, floor="20").status_code == 302
    assert Check.objects.get(code="history").threshold == Fraction(kept)
    entry = AuditEntry.objects.get(verb="check.edited")
    assert entry.details == {"changes": {"threshold": ["7/2", kept]}}


def test_saving_unchanged_leaves_no_trace(secretariat):
    change(secretariat, "history", threshold="3.5", floor="20")
    assert not AuditEntry.objects.filter(verb="check.edited").exists()


@pytest.mark.parametrize("typed", ["", "0", "-1", "much", "1/0"])
def test_a_threshold_is_a_number_above_zero(secretariat, typed):
    answer = change(secretariat, "history", threshold=typed, floor="20")
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["threshold"]
    assert Check.objects.get(code="history").threshold == Fraction(7, 2)


def test_a_check_without_a_threshold_offers_none(secretariat):
    form = secretariat.get(address("breakdown")).context["adminform"].form
    assert set(form.fields) == {"severity", "is_active"}
    change(secretariat, "breakdown", threshold="3", is_active="")
    check = Check.objects.get(code="breakdown")
    assert (check.threshold, check.severity, check.is_active) == (None, "warning", False)


def test_what_a_check_is_about_is_not_changed_here(secretariat):
    one, other = make.make_indicator("positive"), make.make_indicator("tests")
    check = make.make_cross_check(one, other)
    change(secretariat, check.code, kind="bounds", part="denominator", code="else")
    check.refresh_from_db()
    kept = (check.kind, check.part, check.code, check.other, check.severity)
    assert kept == ("cross", "numerator", "positive-tests", other.indicator, "warning")


def test_no_check_is_added_or_deleted(secretariat):
    assert secretariat.get(reverse("admin:submissions_check_add")).status_code == 403
    pk = Check.objects.first().pk
    assert secretariat.post(reverse("admin:submissions_check_delete", args=[pk])).status_code == 403


def test_an_administrator_of_people_does_not_change_checks():
    make.make_checks()
    client = Client()
    client.force_login(make.make_user(Role.ADMINISTRATOR))
    assert change(client, "history", threshold="9").status_code == 403
    assert Check.objects.get(code="history").threshold == Fraction(7, 2)
