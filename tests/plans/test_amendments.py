"""Acts on the record: who may, in which order, within the plan; and that they stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from foundation.models import AuditEntry
from organisations.enums import Role
from organisations.models import User
from plans import amendments, services
from plans.differences import ADDED, KEPT, REMOVED, difference
from plans.enums import AmendmentState, Authority
from plans.models import Amendment, Condition, ConditionVersion
from plans.models import adopted as adopted_versions
from tests.factories import make_condition, make_user

pytestmark = pytest.mark.django_db

DAY = dt.date(2027, 3, 1)
EVE = dt.date(2027, 2, 28)
NO_PROPOSER = [role for role in Role.without_unit() if role not in ("steering", "secretariat")]


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@pytest.fixture
def steering() -> User:
    return make_user(Role.STEERING)


@pytest.fixture
def secretariat() -> User:
    return make_user(Role.SECRETARIAT)


def propose(actor: User, condition: Condition, day: dt.date = DAY, **said: Any) -> Amendment:
    words = {"title": condition.title, "text": "Another text", "reason": "Because", **said}
    return services.propose_condition_amendment(
        actor=actor, condition=condition, effective_on=day, **words
    )


def adopt(actor: User, amendment: Amendment, **said: Any) -> Amendment:
    act = {"reference": "M.B. 2026/7", "adopted_on": timezone.localdate(), **said}
    return services.adopt(actor=actor, amendment=amendment, **act)


# --- Who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", NO_PROPOSER)
def test_others_neither_propose_nor_decide(role, secretariat):
    condition, actor = make_condition(), make_user(Role(role))
    with pytest.raises(PermissionDenied):
        propose(actor, condition)
    proposal = propose(secretariat, condition)
    with pytest.raises(PermissionDenied):
        adopt(actor, proposal)
    with pytest.raises(PermissionDenied):
        services.withdraw(actor=actor, amendment=proposal, reason="No")
    proposal.refresh_from_db()
    assert proposal.state == AmendmentState.PROPOSED


def test_the_group_proposes_what_ministers_decide_and_the_secretariat_records_it(
    steering, secretariat
):
    proposal = propose(steering, make_condition())
    assert (proposal.authority, proposal.proposed_by) == (Authority.MINISTERS, steering)
    with pytest.raises(PermissionDenied):
        adopt(steering, proposal)
    adopted = adopt(secretariat, proposal)
    assert (adopted.state, adopted.recorded_by) == (AmendmentState.ADOPTED, secretariat)
    verbs = AuditEntry.objects.filter(subject_type="plans.amendment", subject_id=proposal.pk)
    assert set(verbs.values_list("verb", "actor")) == {
        ("amendment.proposed", steering.pk),
        ("amendment.adopted", secretariat.pk),
    }


# --- From which day on ----------------------------------------------------------------------------


def test_the_words_change_on_the_day_and_not_before(steering, secretariat):
    condition = make_condition()
    adopt(secretariat, propose(steering, condition))
    assert [amendments.condition_wording(condition, day).version.text for day in (EVE, DAY)] == [
        "Text of C1",
        "Another text",
    ]


def test_a_proposal_changes_nothing(steering):
    condition = make_condition()
    propose(steering, condition, condition.plan.first_day)
    assert services.bring_all_into_force() == 0
    condition.refresh_from_db()
    assert condition.text == "Text of C1"


def test_what_was_adopted_in_advance_comes_into_force_on_its_day(secretariat, monkeypatch):
    condition = make_condition()
    adopt(secretariat, propose(secretariat, condition))
    for today, text in ((EVE, "Text of C1"), (DAY, "Another text")):
        monkeypatch.setattr(timezone, "localdate", lambda day=today: day)
        from plans.tasks import bring_into_force

        bring_into_force()
        condition.refresh_from_db()
        assert condition.text == text


def test_what_is_in_force_already_shows_at_once(secretariat, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: DAY)
    condition = make_condition()
    adopt(secretariat, propose(secretariat, condition, dt.date(2026, 2, 1)))
    condition.refresh_from_db()
    assert condition.text == "Another text"


def test_the_act_may_set_another_day(steering, secretariat):
    condition = make_condition()
    adopted = adopt(secretariat, propose(steering, condition), effective_on=dt.date(2027, 6, 1))
    assert adopted.effective_on == dt.date(2027, 6, 1)
    assert amendments.condition_wording(condition, DAY).version.amendment is None
    later = amendments.condition_wording(condition, dt.date(2027, 6, 1)).version
    assert later.amendment == adopted


# --- Refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [dt.date(2025, 12, 31), dt.date(2030, 1, 1)])
def test_an_amendment_outside_the_plan_is_refused_at_the_field_and_by_the_database(
    day, secretariat
):
    condition = make_condition()
    with pytest.raises(ValidationError) as error:
        propose(secretariat, condition, day)
    assert error.value.message_dict.keys() == {"effective_on"}
    proposal = propose(secretariat, condition)
    with pytest.raises(ValidationError):
        adopt(secretariat, proposal, effective_on=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        Amendment.objects.filter(pk=proposal.pk).update(effective_on=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        Amendment.objects.create(
            plan=condition.plan, authority=Authority.MINISTERS, reason="Why", effective_on=day
        )


@pytest.mark.parametrize("day", [dt.date(2026, 1, 1), dt.date(2029, 12, 31)])
def test_the_first_and_the_last_day_of_the_plan_are_days_of_the_plan(day, secretariat):
    assert propose(secretariat, make_condition(), day).effective_on == day


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("title", {"title": " "}),
        ("text", {"text": ""}),
        ("reason", {"reason": "  "}),
        (None, {"text": "Text of C1"}),
    ],
)
def test_a_proposal_that_says_nothing_is_refused(field, said, secretariat):
    condition = make_condition()
    with pytest.raises(ValidationError) as error:
        propose(secretariat, condition, **said)
    assert field is None or error.value.message_dict.keys() == {field}
    assert condition.versions.count() == 1


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("reference", {"reference": " "}),
        ("adopted_on", {"adopted_on": None}),
        ("adopted_on", {"adopted_on": dt.date(2090, 1, 1)}),
    ],
)
def test_an_act_that_cannot_be_found_again_is_refused(field, said, secretariat):
    proposal = propose(secretariat, make_condition())
    with pytest.raises(ValidationError) as error:
        adopt(secretariat, proposal, **said)
    assert error.value.message_dict.keys() == {field}
    proposal.refresh_from_db()
    assert proposal.state == AmendmentState.PROPOSED


def test_an_amendment_is_decided_on_once(secretariat):
    condition = make_condition()
    adopted, withdrawn = propose(secretariat, condition), propose(secretariat, condition)
    adopt(secretariat, adopted)
    services.withdraw(actor=secretariat, amendment=withdrawn, reason="Not needed")
    for amendment in (adopted, withdrawn):
        with pytest.raises(ValidationError):
            adopt(secretariat, amendment, reference="Another")
        with pytest.raises(ValidationError):
            services.withdraw(actor=secretariat, amendment=amendment, reason="No")
    adopted.refresh_from_db()
    assert adopted.reference == "M.B. 2026/7"
    assert AuditEntry.objects.filter(verb="amendment.adopted").count() == 1
    assert [each.number for each in adopted_versions(condition.versions.all())] == [1, 2]


def test_two_wordings_of_one_condition_never_begin_on_one_day(secretariat):
    condition = make_condition()
    first, second = propose(secretariat, condition), propose(secretariat, condition, text="A third")
    adopt(secretariat, first)
    with pytest.raises(ValidationError) as error:
        adopt(secretariat, second)
    assert error.value.message_dict.keys() == {"effective_on"}
    act = {"state": "adopted", "reference": "R", "adopted_on": EVE, "recorded_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Amendment.objects.filter(pk=second.pk).update(**act)
    adopt(secretariat, second, effective_on=EVE)
    assert adopted_versions(condition.versions.all()).count() == 3


def test_history_is_never_rewritten(secretariat):
    condition = make_condition()
    amendment = adopt(secretariat, propose(secretariat, condition))
    for change in (
        {"reference": "Another"},
        {"state": AmendmentState.PROPOSED, "adopted_on": None},
        {"effective_on": EVE},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Amendment.objects.filter(pk=amendment.pk).update(**change)
    for change in ({"text_fr": "A third"}, {"valid_from": EVE}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ConditionVersion.objects.filter(amendment=amendment).update(**change)
    # The original is told in our own words, which may be told better.
    condition.versions.filter(number=1).update(text_fr="Told better")


# --- Told -----------------------------------------------------------------------------------------


def test_a_difference_keeps_every_word_of_both_texts():
    before, after = "Train every recruit in time.", "Train each new recruit in time, always."
    pieces = difference(before, after)
    assert "".join(each.text for each in pieces if each.kind != ADDED) == before
    assert "".join(each.text for each in pieces if each.kind != REMOVED) == after
    assert [each.text.strip() for each in pieces if each.kind == KEPT] == ["Train", "recruit in"]


def test_the_page_marks_what_was_removed_and_added_in_words_too(secretariat, client: Client):
    amendment = propose(secretariat, make_condition(), text="Text of the fourth")
    client.force_login(secretariat)
    page = client.get(amendment.get_absolute_url()).content.decode()
    removed, added = page.index("<del>"), page.index("<ins>")
    assert "C1" in page[removed : page.index("</del>")]
    assert "the fourth" in page[added : page.index("</ins>")]
    assert all("visually-hidden" in page[at : at + 60] for at in (removed, added))


def test_the_list_and_the_search_find_an_amendment_by_what_it_changes(secretariat, client: Client):
    for code in ("C1", "C2"):
        propose(secretariat, make_condition(code))
    client.force_login(secretariat)
    listed = client.get(reverse("amendment-list"), {"words": "c2"}).context["shown"]
    assert [change.title for one in listed for change in one.changes] == ["C2"]
    (hit,) = amendments.find(secretariat, "c2", 10)
    assert hit.url == listed[0].amendment.get_absolute_url()
    assert not client.get(reverse("amendment-list"), {"state": "adopted"}).context["shown"]


def test_the_list_takes_as_many_queries_for_many(secretariat):
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            list(amendments.shown(amendments.amendments()))
        return len(context)

    propose(secretariat, make_condition("C1"))
    few = queries()
    for number in range(2, 8):
        propose(secretariat, make_condition(f"C{number}"))
    assert queries() == few


def test_what_was_typed_stays(steering, client: Client):
    make_condition()
    client.force_login(steering)
    address = reverse("condition-amend", args=["C1"])
    said = {"title": "Title", "text": "A long text", "reason": "", "effective_on": "2027-03-01"}
    answer = client.post(address, said)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"reason"}
    assert answer.context["form"]["text"].value() == "A long text"
    late = client.post(address, {**said, "reason": "Because", "effective_on": "2031-01-01"})
    assert late.status_code == 422
    assert late.context["form"].errors.keys() == {"effective_on"}
    assert not Amendment.objects.exists()


@pytest.mark.parametrize("asked", ["2027-02-30", "yesterday", "2025-12-31", "2030-01-01"])
def test_a_day_that_is_none_of_the_plan_is_kindly_refused(asked, steering, client: Client):
    make_condition()
    client.force_login(steering)
    page = client.get(reverse("condition-detail", args=["C1"]), {"on": asked})
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"on"}
    assert page.context["wording"].version.text == "Text of C1"
