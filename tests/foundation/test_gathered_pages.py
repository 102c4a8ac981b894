"""Home, search and the technical state: what the apps registered, for whom it is meant."""

import pytest
from celery import current_app
from django.urls import reverse
from django.utils import timezone

from config.env import celery_broker
from foundation import outbox
from foundation.context import allowed_items
from foundation.models import OutboxEntry
from foundation.services import enqueue
from organisations.enums import Role
from tests.factories import (
    figure,
    make_indicator,
    make_objective,
    make_round,
    make_user,
    make_zone,
    submission_of,
    validated,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = make_user(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def test_home_has_the_work_of_a_reporter_and_not_that_of_a_coordinator(client):
    zone = make_zone()
    client.force_login(make_user(Role.REPORTER, zone))
    templates = [each["template"] for each in client.get(reverse("home")).context["sections"]]
    assert templates == ["submissions/home_work.html", "themes/home_zonal_plan.html"]
    client.force_login(make_user(Role.COORDINATOR, zone.controlled_by))
    templates = [each["template"] for each in client.get(reverse("home")).context["sections"]]
    assert templates == ["submissions/home_review.html"]


def test_an_empty_home_points_to_the_first_entry_of_the_menu(client, administrator):
    page = client.get(reverse("home"))
    first = page.context["navigation"][0]
    assert page.context["sections"] == []
    assert f'<p><a href="{first.url}">{first.label}</a></p>' in page.content.decode()


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.REPORTER, ["work", "plan", "codebook"]),
        (Role.EVALUATOR, ["progress", "coverage", "data", "plan", "codebook"]),
        (Role.ADMINISTRATOR, ["people", "zones", "state", "plan", "codebook"]),
    ],
)
def test_navigation_by_role(role, names):
    unit = make_zone() if role in Role.of_units() else None
    assert [item.name for item in allowed_items(make_user(role, unit))] == names


def test_search_gathers_what_the_apps_find(client, administrator):
    make_zone("namur")
    make_objective("1-F1")
    page = client.get(reverse("search"), {"q": "namur"})
    assert [group["hits"][0].url for group in page.context["groups"]] == [
        reverse("unit-detail", args=["namur"])
    ]
    assert client.get(reverse("search"), {"q": "1-f1"}).context["groups"] != []
    assert client.get(reverse("search"), {"q": " "}).context["groups"] == []


def test_the_state_page_says_what_waits_and_what_was_set_aside(client, administrator):
    enqueue(topic="results", keys=["1:1", "1:2"])
    OutboxEntry.objects.filter(key="1:2").update(
        set_aside_at=timezone.now(), last_error="ValueError('cannot add')"
    )
    page = client.get(reverse("state"))
    assert page.context["pending"] == 1
    assert "cannot add" in page.content.decode()


def test_the_state_page_says_when_the_store_is_down(client, administrator, monkeypatch, tmp_path):
    monkeypatch.setattr(current_app.conf, "broker_write_url", celery_broker(f"unix://{tmp_path}/x"))
    assert outbox.store_answers() is False
    assert client.get(reverse("state")).context["store_answers"] is False


def test_what_was_set_aside_can_be_taken_back(client, administrator):
    enqueue(topic="results", keys=["1:1"])
    entry = OutboxEntry.objects.get()
    again = reverse("state-try-again", args=[entry.pk])
    assert client.post(again).status_code == 404
    OutboxEntry.objects.update(set_aside_at=timezone.now(), attempts=5)
    assert client.post(again).status_code == 302
    entry.refresh_from_db()
    assert (entry.set_aside_at, entry.attempts) == (None, 0)


def test_only_an_administrator_sees_the_state(client):
    client.force_login(make_user(Role.SECRETARIAT))
    assert client.get(reverse("state")).status_code == 403


def test_higher_apps_fill_the_slots_of_a_lower_page(client):
    make_objective("1-F1")
    client.force_login(make_user(Role.STEERING))
    page = client.get(reverse("objective-detail", args=["1-F1"]))
    assert "progress/objective_panel.html" in [each.name for each in page.templates]
    client.force_login(make_user(Role.REPORTER, make_zone()))
    page = client.get(reverse("objective-detail", args=["1-F1"]))
    assert "progress/objective_panel.html" not in [each.name for each in page.templates]


def test_help_begins_with_ones_own_role(client):
    assert client.get(reverse("foundation:help")).context["mine"] == []
    client.force_login(make_user(Role.EVALUATOR))
    context = client.get(reverse("foundation:help")).context
    assert [role.code for role in context["mine"]] == ["evaluator"]
    assert "evaluator" not in [role.code for role in context["others"]]
    assert {role.code for role in [*context["mine"], *context["others"]]} == set(Role.values)


def test_an_authority_finds_the_validated_figures_of_its_zone_and_no_others(client):
    zone, other = make_zone("namur"), make_zone("dinant")
    make_indicator()
    make_round()
    coordinator = make_user(Role.COORDINATOR, zone.controlled_by)
    for each in (zone, other):
        approver = make_user(Role.APPROVER, each)
        validated(approver, coordinator, submission_of(each), figure(5))
    client.force_login(make_user(Role.AUTHORITY, zone))
    page = client.get(reverse("home")).content.decode()
    address = reverse("report", args=["2026-Q3", "namur"])
    assert address in page
    assert reverse("report", args=["2026-Q3", "dinant"]) not in page
    assert client.get(address).status_code == 200
