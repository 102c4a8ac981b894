"""What objectives say on a day, and themes that would stand in a circle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from organisations.enums import Role
from organisations.models import User
from plans.enums import AmendmentState
from plans.models import Amendment
from plans.services import adopt
from tests.factories import make_objective, make_theme, make_user
from themes import amendments
from themes.models import Objective, ObjectiveStep, ObjectiveVersion, Theme
from themes.services import propose_objective_amendment

pytestmark = pytest.mark.django_db

DAY = dt.date(2027, 3, 1)
EVE = dt.date(2027, 2, 28)


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@pytest.fixture
def secretariat() -> User:
    return make_user(Role.SECRETARIAT)


@pytest.fixture
def objective() -> Objective:
    """An objective with two steps, each an item of the plan; the first is translated."""
    made = make_objective()
    version = made.versions.get()
    for number, text in enumerate(("Train", "Measure"), start=1):
        ObjectiveStep.objects.create(
            version=version, number=number, place=f"2 § 1, F1.{number}", text=text
        )
    version.steps.filter(number=1).update(text_nl="Opleiden")
    return made


def propose(actor: User, objective: Objective, day: dt.date = DAY, **said: Any) -> Amendment:
    words: dict[str, Any] = {
        "title": objective.title,
        "statement": "Another statement",
        "steps": ["Train", "Measure"],
        "reason": "Because",
    }
    return propose_objective_amendment(
        actor=actor, objective=objective, effective_on=day, **{**words, **said}
    )


def adopted(actor: User, objective: Objective, day: dt.date = DAY, **said: Any) -> Amendment:
    return adopt(
        actor=actor,
        amendment=propose(actor, objective, day, **said),
        reference="M.B. 2026/7",
        adopted_on=timezone.localdate(),
    )


def told(objective: Objective, day: dt.date) -> tuple[str, list[str]]:
    version = amendments.objective_wording(objective, day).version
    return version.statement, [step.text for step in version.steps.all()]


def test_a_reporter_proposes_nothing(objective):
    with pytest.raises(PermissionDenied):
        propose(make_user(Role.EVALUATOR), objective)
    assert not Amendment.objects.exists()


def test_words_and_steps_change_on_the_day_and_not_before(objective, secretariat):
    adopted(secretariat, objective, steps=["Train", "Measure yearly"])
    assert told(objective, EVE) == ("Statement of 1-F1", ["Train", "Measure"])
    assert told(objective, DAY) == ("Another statement", ["Train", "Measure yearly"])


def test_steps_keep_their_places_in_the_plan_and_their_translations(objective, secretariat):
    adopted(secretariat, objective, steps=["Train", "Measure yearly"])
    steps = ObjectiveVersion.objects.get(number=2).steps.all()
    assert [step.place for step in steps] == ["2 § 1, F1.1", "2 § 1, F1.2"]
    assert [(step.text_nl, step.text_fr) for step in steps] == [
        ("Opleiden", "Train"),
        (None, "Measure yearly"),
    ]


def test_a_missing_translation_never_shows_as_a_change(objective, secretariat):
    objective.versions.update(title_nl="Titel", statement_nl="Tekst")
    amendment = adopted(
        secretariat, objective, title="Another title", statement="Statement of 1-F1"
    )
    version = ObjectiveVersion.objects.get(amendment=amendment)
    assert (version.title_nl, version.statement_nl) == (None, "Tekst")
    with translation.override("nl"):
        ((change,),) = amendments.changes([amendment.pk]).values()
    assert [(each.before, each.after) for each in change.fields] == [
        ("Objective 1-F1", "Another title")
    ]


def test_translations_of_what_was_amended_may_be_made_afterwards(objective, secretariat):
    amendment = adopted(secretariat, objective)
    assert ObjectiveVersion.objects.filter(amendment=amendment).update(statement_nl="Een andere")


def test_a_proposal_is_in_french_whatever_the_readers_language(
    objective, secretariat, client: Client
):
    objective.versions.update(statement_nl="Tekst")
    secretariat.language = "nl"
    secretariat.save()
    client.force_login(secretariat)
    page = client.get(reverse("objective-amend", args=["1-F1"]))
    assert page.context["form"]["statement"].value() == "Statement of 1-F1"


def test_a_further_step_is_no_item_of_the_plan(objective, secretariat):
    adopted(secretariat, objective, steps=["Train", "Measure", "Publish"])
    steps = ObjectiveVersion.objects.get(number=2).steps.all()
    assert [step.place for step in steps] == ["2 § 1, F1.1", "2 § 1, F1.2", ""]


def test_other_steps_alone_are_an_amendment_and_nothing_at_all_is_none(objective, secretariat):
    same = objective.statement
    with pytest.raises(ValidationError):
        propose(secretariat, objective, statement=same)
    propose(secretariat, objective, statement=same, steps=["Measure", "Train"])


def test_amendments_follow_each_other_whatever_the_order_of_their_adoption(objective, secretariat):
    later = dt.date(2028, 1, 1)
    adopted(secretariat, objective, later, statement="The last")
    adopted(secretariat, objective, DAY)
    days = (dt.date(2026, 1, 1), EVE, DAY, dt.date(2027, 12, 31), later, dt.date(2029, 12, 31))
    assert [told(objective, day)[0] for day in days] == [
        *["Statement of 1-F1"] * 2,
        *["Another statement"] * 2,
        *["The last"] * 2,
    ]
    shown = amendments.changes(list(Amendment.objects.values_list("pk", flat=True)))
    before = {
        change.fields[0].after: change.fields[0].before
        for found in shown.values()
        for change in found
    }
    assert before == {"Another statement": "Statement of 1-F1", "The last": "Another statement"}


def test_an_amendment_never_undoes_another_in_silence(objective, secretariat):
    """Both were written from the same words: the second would bring them back."""
    first = propose(secretariat, objective, DAY, title="Other title")
    second = propose(secretariat, objective, DAY + dt.timedelta(days=9), statement="Third")
    act = {"actor": secretariat, "reference": "AR", "adopted_on": timezone.localdate()}
    adopt(amendment=first, **act)
    with pytest.raises(ValidationError) as refused:
        adopt(amendment=second, **act)
    assert set(refused.value.message_dict) == {"effective_on"}
    again = propose(secretariat, objective, DAY + dt.timedelta(days=9), statement="Third")
    assert adopt(amendment=again, **act).state == AmendmentState.ADOPTED


def test_an_earlier_day_is_refused_where_a_later_wording_would_undo_it(objective, secretariat):
    later = propose(secretariat, objective, DAY + dt.timedelta(days=9), statement="Later")
    earlier = propose(secretariat, objective, DAY, title="Earlier")
    act = {"actor": secretariat, "reference": "AR", "adopted_on": timezone.localdate()}
    adopt(amendment=later, **act)
    with pytest.raises(ValidationError):
        adopt(amendment=earlier, **act)


def test_what_an_amendment_made_is_never_rewritten(objective, secretariat):
    amendment = adopted(secretariat, objective)
    versions = ObjectiveVersion.objects.filter(amendment=amendment)
    steps = ObjectiveStep.objects.filter(version__amendment=amendment)
    for rows, change in ((versions, {"statement_fr": "A third"}), (steps, {"text_fr": "A third"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    assert told(objective, DAY)[0] == "Another statement"


def test_two_wordings_never_begin_on_one_day(objective, secretariat):
    adopted(secretariat, objective)
    with pytest.raises(ValidationError) as error:
        adopted(secretariat, objective, statement="A third")
    assert error.value.message_dict.keys() == {"effective_on"}
    with pytest.raises(IntegrityError), transaction.atomic():
        ObjectiveVersion.objects.create(
            objective=objective,
            number=9,
            valid_from=DAY,
            amendment=Amendment.objects.get(state="adopted"),
            title="Title",
            statement="A third",
        )


def test_the_page_shows_what_is_in_force_on_a_chosen_day(objective, secretariat, client: Client):
    adopted(secretariat, objective)
    client.force_login(secretariat)
    address = reverse("objective-detail", args=["1-F1"])
    for day, statement in ((EVE, "Statement of 1-F1"), (DAY, "Another statement")):
        page = client.get(address, {"on": day.isoformat()})
        assert page.context["version"].statement == statement
        assert statement in page.content.decode()
    wrong = client.get(address, {"on": "soon"})
    assert wrong.status_code == 200
    assert wrong.context["form"].errors.keys() == {"on"}


# --- Themes ---------------------------------------------------------------------------------------


def test_a_theme_never_stands_in_a_circle():
    """Refused at the field, and by the database where the field is not asked."""
    theme, sub = make_theme("1"), make_theme("1.1")
    other = make_theme("2")
    sub.parent = theme
    sub.save()
    for moved, parent in ((theme, theme), (theme, sub), (theme, other), (other, sub)):
        with pytest.raises(ValidationError) as error:
            Theme(**{**vars_of(moved), "parent": parent}).clean()
        assert error.value.message_dict.keys() == {"parent"}
        with pytest.raises(IntegrityError), transaction.atomic():
            Theme.objects.filter(pk=moved.pk).update(parent=parent)
    sub.parent = other
    sub.clean()
    sub.save()


def vars_of(theme: Theme) -> dict[str, Any]:
    return {"pk": theme.pk, "plan": theme.plan, "code": theme.code, "position": theme.position}
