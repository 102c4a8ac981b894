"""Actions: owners keep their own, the secretariat all; nothing is overwritten or lost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from foundation.models import AuditEntry
from organisations.enums import Role
from organisations.models import UnitSuccession
from tests.factories import make_objective, make_theme, make_unit, make_user, make_zone
from themes.actions import rules, selectors
from themes.actions.services import (
    ChangedMeanwhile,
    Milestone,
    Wanted,
    begin_action,
    change_action,
    change_state,
    delete_action,
    mark_milestone,
)
from themes.enums import ActionKind, ActionState
from themes.models import Action

pytestmark = pytest.mark.django_db
START, END = dt.date(2026, 1, 1), dt.date(2028, 12, 31)
FIRST, SECOND = dt.date(2026, 6, 30), dt.date(2028, 6, 30)


@pytest.fixture(autouse=True)
def _messages_in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def client(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def zone():
    return make_zone()


@pytest.fixture
def reporter(zone):
    return make_user(Role.REPORTER, zone)


def wish(zone, **fields):
    defaults = {
        "title": "Plan d’approche",
        "description": "",
        "kind": ActionKind.PROJECT,
        "owner": zone,
        "partners": (),
        "other_partners": "",
        "objectives": (make_objective("1-L1"), make_objective("1-F1")),
        "starts_on": START,
        "ends_on": END,
        "milestones": (Milestone(None, "Convention", FIRST), Milestone(None, "Bilan", SECOND)),
    }
    return Wanted(**{**defaults, **fields})


@pytest.fixture
def action(reporter, zone):
    return begin_action(actor=reporter, wanted=wish(zone))


def as_wish(action, **fields):
    milestones = [Milestone(m.pk, m.text, m.due_on, m.done_on) for m in action.milestones.all()]
    return wish(action.owner, **{"milestones": milestones, **fields})


# --- Services ---------------------------------------------------------------------------------


def test_an_owner_writes_an_action_for_several_objectives_on_the_record(action, reporter):
    assert list(action.objectives.order_by("code").values_list("code", flat=True)) == [
        "1-F1",
        "1-L1",
    ]
    assert action.state == ActionState.PLANNED
    entry = AuditEntry.objects.get(verb="action.begun")
    assert (entry.actor, entry.subject_id) == (reporter, action.pk)


def test_who_keeps_an_action(action, zone):
    other = make_zone("dinant")
    may = {
        Role.REPORTER: make_user(Role.REPORTER, zone, name="second"),
        Role.APPROVER: make_user(Role.APPROVER, zone),
        Role.SECRETARIAT: make_user(Role.SECRETARIAT),
    }
    may_not = [
        make_user(Role.REPORTER, other),
        make_user(Role.AUTHORITY, zone),
        make_user(Role.STEERING),
        make_user(Role.ADMINISTRATOR),
        make_user(Role.COORDINATOR, zone.controlled_by),
    ]
    assert all(rules.may_keep(user, action) for user in may.values())
    assert not any(rules.may_keep(user, action) for user in may_not)
    for user in may_not:
        with pytest.raises(PermissionDenied):
            change_action(actor=user, action=action, version=1, wanted=as_wish(action))
        with pytest.raises(PermissionDenied):
            begin_action(actor=user, wanted=wish(zone))


def test_an_owner_cannot_give_an_action_to_another_unit(action, reporter):
    with pytest.raises(PermissionDenied):
        change_action(
            actor=reporter,
            action=action,
            version=1,
            wanted=as_wish(action, owner=make_zone("dinant")),
        )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"objectives": ()}, "objectives"),
        ({"ends_on": START - dt.timedelta(days=1), "milestones": ()}, "ends_on"),
        ({"milestones": (Milestone(None, "Tôt", START - dt.timedelta(days=1)),)}, "milestones"),
        ({"milestones": (Milestone(None, "Tard", END + dt.timedelta(days=1)),)}, "milestones"),
    ],
)
def test_a_contradiction_is_refused_at_its_field(reporter, zone, fields, field):
    with pytest.raises(ValidationError) as refused:
        begin_action(actor=reporter, wanted=wish(zone, **fields))
    assert set(refused.value.message_dict) == {field}
    assert not Action.objects.exists()


def test_the_owner_is_no_partner(reporter, zone):
    with pytest.raises(ValidationError) as refused:
        begin_action(actor=reporter, wanted=wish(zone, partners=(zone,)))
    assert set(refused.value.message_dict) == {"partners"}


def test_a_milestone_moved_keeps_the_day_first_planned(action, reporter):
    first = action.milestones.get(due_on=FIRST)
    moved = Milestone(first.pk, first.text, dt.date(2027, 1, 31))
    changed = change_action(
        actor=reporter, action=action, version=1, wanted=as_wish(action, milestones=[moved])
    )
    kept = changed.milestones.get()
    assert (kept.pk, kept.due_on, kept.originally_due_on) == (
        first.pk,
        dt.date(2027, 1, 31),
        FIRST,
    )
    changes = AuditEntry.objects.get(verb="action.changed").details["changes"]
    assert set(changes) == {"milestones"}


def test_another_actions_milestone_cannot_be_taken(action, reporter, zone):
    other = begin_action(actor=reporter, wanted=wish(zone))
    stolen = Milestone(other.milestones.first().pk, "Pris", FIRST)
    with pytest.raises(PermissionDenied):
        change_action(
            actor=reporter, action=action, version=1, wanted=as_wish(action, milestones=[stolen])
        )


def test_the_second_of_two_editors_overwrites_nothing(action, reporter):
    change_action(actor=reporter, action=action, version=1, wanted=as_wish(action, title="Premier"))
    with pytest.raises(ChangedMeanwhile):
        change_action(
            actor=reporter, action=action, version=1, wanted=as_wish(action, title="Second")
        )
    action.refresh_from_db()
    assert action.title == "Premier"


def test_states_follow_each_other_with_a_reason_where_they_stop(action, reporter):
    with pytest.raises(ValidationError):
        change_state(actor=reporter, action=action, version=1, state=ActionState.DONE)
    running = change_state(actor=reporter, action=action, version=1, state=ActionState.RUNNING)
    with pytest.raises(ValidationError) as refused:
        change_state(
            actor=reporter, action=action, version=2, state=ActionState.SUSPENDED, reason=" "
        )
    assert set(refused.value.message_dict) == {"reason"}
    stopped = change_state(
        actor=reporter, action=running, version=2, state=ActionState.SUSPENDED, reason="Personnel"
    )
    assert (stopped.state, stopped.state_reason) == (ActionState.SUSPENDED, "Personnel")


def test_the_database_refuses_what_the_form_forgot(action):
    wrong = [
        {"state": ActionState.ABANDONED},
        {"state": "sleeping"},
        {"kind": "wish"},
        {"ends_on": START - dt.timedelta(days=1)},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Action.objects.filter(pk=action.pk).update(**fields)


def test_only_a_plan_of_which_nothing_has_come_is_deleted(action, reporter, zone):
    milestone = action.milestones.first()
    mark_milestone(actor=reporter, milestone=milestone, done_on=FIRST)
    with pytest.raises(ValidationError):
        delete_action(actor=reporter, action=action, version=2)
    other = begin_action(actor=reporter, wanted=wish(zone))
    delete_action(actor=reporter, action=other, version=1)
    assert list(Action.objects.all()) == [action]
    assert AuditEntry.objects.get(verb="action.deleted").details["title"] == "Plan d’approche"


def test_the_successor_of_an_owner_keeps_its_actions_from_the_day_on(action, zone):
    successor = make_zone("namur-dinant")
    member = make_user(Role.REPORTER, successor)
    UnitSuccession.objects.create(
        successor=successor,
        predecessor=zone,
        predecessor_label="Namur",
        effective_on=timezone.localdate(),
    )
    zone.valid_to = timezone.localdate() + dt.timedelta(days=1)
    zone.save()
    assert not rules.may_keep(member, action)
    zone.valid_to = timezone.localdate()
    zone.save()
    assert rules.may_keep(member, action)


# --- Selectors --------------------------------------------------------------------------------


def test_overdue_is_due_before_today_not_reached_and_going_on(action, reporter):
    def overdue(day):
        return selectors.actions(day).get(pk=action.pk).overdue_count

    assert overdue(FIRST) == 0
    assert overdue(FIRST + dt.timedelta(days=1)) == 1
    mark_milestone(actor=reporter, milestone=action.milestones.get(due_on=FIRST), done_on=FIRST)
    assert overdue(FIRST + dt.timedelta(days=1)) == 0
    assert overdue(dt.date(2028, 12, 31)) == 1
    change_state(
        actor=reporter, action=action, version=2, state=ActionState.ABANDONED, reason="Budget"
    )
    assert overdue(dt.date(2028, 12, 31)) == 0


def test_search_forgives_accents_and_case(action, reporter):
    hits = selectors.find(reporter, "PLAN d'approche", 10)
    assert [hit.url for hit in hits] == [reverse("action-detail", args=[action.pk])]
    assert selectors.find(make_user(Role.REPORTER, make_zone("dinant")), "approche", 10)


# --- Pages ------------------------------------------------------------------------------------


def posted(action=None, **fields):
    objective = make_objective("1-L1")
    data = {
        "version": str(action.version if action else 0),
        "title": "Plan d’approche",
        "kind": "project",
        "owner": str((action.owner if action else make_zone()).pk),
        "objectives": [str(objective.pk)],
        "starts_on": "2026-01-01",
        "ends_on": "2028-12-31",
        "milestones-TOTAL_FORMS": "1",
        "milestones-INITIAL_FORMS": "0",
        "milestones-0-text": "Convention",
        "milestones-0-due_on": "2026-06-30",
    }
    return {**data, **fields}


def test_an_action_is_written_from_the_page(client, reporter):
    client.force_login(reporter)
    answer = client.post(reverse("action-create"), posted())
    action = Action.objects.get()
    assert answer["Location"] == action.get_absolute_url()
    page = client.get(action.get_absolute_url()).content.decode()
    assert "Convention" in page
    assert "overdue" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"milestones-0-due_on": ""}, "Give the day on which this milestone is due."),
        ({"milestones-0-text": ""}, "Say what will have been reached on that day."),
        ({"objectives": []}, "Choose at least one objective."),
        ({"ends_on": "2025-01-01"}, "The action ends after it starts."),
        ({"milestones-0-due_on": "2025-01-01"}, "A milestone lies between"),
        ({"starts_on": "hier"}, "Enter a valid date"),
    ],
)
def test_errors_keep_everything_that_was_typed(client, reporter, fields, told):
    client.force_login(reporter)
    answer = client.post(reverse("action-create"), posted(description="Texte tapé", **fields))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert "Texte tapé" in page
    assert not Action.objects.exists()


def test_more_rows_keep_what_was_typed_and_save_nothing(client, reporter):
    client.force_login(reporter)
    answer = client.post(reverse("action-create"), posted(more="1", title=""))
    page = answer.content.decode()
    assert page.count('name="milestones-3-text"') == 1
    assert "Convention" in page
    assert "There is something to correct" not in page
    assert not Action.objects.exists()


def test_a_conflict_shows_both_and_a_second_send_replaces_knowingly(client, reporter, action):
    client.force_login(reporter)
    url = reverse("action-change", args=[action.pk])
    change_action(actor=reporter, action=action, version=1, wanted=as_wish(action, title="Autre"))
    answer = client.post(url, posted(action, title="Le mien", version="1"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Autre" in page
    assert "Le mien" in page
    assert client.post(url, posted(action, title="Le mien", version="2")).status_code == 302
    action.refresh_from_db()
    assert action.title == "Le mien"


def test_what_was_typed_waits_for_who_signs_in_again(client, reporter):
    client.force_login(reporter)
    url = reverse("action-create")
    page = client.get(url).content.decode()
    seal = page.split('name="seal" value="')[1].split('"')[0]
    client.logout()
    client.post(url, posted(title="Longtemps tapé", seal=seal))
    client.force_login(reporter)
    again = client.get(url).content.decode()
    assert "Longtemps tapé" in again
    assert not Action.objects.exists()


def test_milestones_are_reached_and_taken_back_on_the_page(client, reporter, action):
    client.force_login(reporter)
    milestone = action.milestones.get(due_on=FIRST)
    url = reverse("milestone-reached", args=[action.pk, milestone.pk])
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    client.post(url, {"done_on": tomorrow.isoformat()})
    milestone.refresh_from_db()
    assert milestone.done_on is None
    client.post(url, {"done_on": "2026-06-15"})
    milestone.refresh_from_db()
    assert milestone.done_on == dt.date(2026, 6, 15)
    client.post(url, {"undo": "1"})
    milestone.refresh_from_db()
    assert milestone.done_on is None


def test_the_objective_shows_its_actions_and_who_may_adds_one(client, reporter, action):
    url = reverse("objective-detail", args=["1-L1"])
    client.force_login(reporter)
    page = client.get(url).content.decode()
    assert action.title in page
    assert "?objective=1-L1" in page
    client.force_login(make_user(Role.STEERING))
    assert "?objective=1-L1" not in client.get(url).content.decode()


@pytest.mark.parametrize("count", [1, 9])
def test_the_list_takes_the_same_queries_however_long(
    client, reporter, zone, count, django_assert_max_num_queries
):
    for number in range(count):
        begin_action(
            actor=reporter,
            wanted=wish(zone, title=f"Action {number}", partners=(make_unit("djsoc"),)),
        )
    client.force_login(reporter)
    with django_assert_max_num_queries(11):
        client.get(reverse("action-list"))


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({"theme": "1"}, 1),
        ({"theme": "2"}, 0),
        ({"objective": "1-L1"}, 1),
        ({"state": "running"}, 0),
        ({"overdue": "on"}, 1),
        ({"words": "APPRÔCHE"}, 1),
        ({"owner": "namur"}, 1),
        ({"owner": "nulle-part", "kind": "x"}, 1),
    ],
)
def test_filters_narrow_and_nonsense_narrows_nothing(client, reporter, action, terms, found):
    make_theme("2")
    client.force_login(reporter)
    page = client.get(reverse("action-list"), terms).content.decode()
    assert page.count(action.get_absolute_url()) == found
