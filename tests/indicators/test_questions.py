"""Questions about definitions: who reports asks, the secretariat answers, readers see both."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from foundation import kept
from foundation.models import AuditEntry
from indicators.codebook import rules, selectors, services
from indicators.models import Question
from organisations.enums import Role
from organisations.models import Membership
from tests.factories import make_dca, make_indicator, make_round, make_unit, make_user, make_zone

pytestmark = pytest.mark.django_db
TEXT = "Une commune compte-t-elle deux fois ?"


@pytest.fixture(autouse=True)
def _messages_in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def zone():
    return make_zone()


@pytest.fixture
def indicator():
    return make_indicator().indicator


@pytest.fixture
def reporter(zone):
    return make_user(Role.REPORTER, zone, name="Asker")


@pytest.fixture
def secretariat():
    return make_user(Role.SECRETARIAT)


@pytest.fixture
def question(indicator, reporter, zone):
    return services.ask(actor=reporter, indicator=indicator, unit=zone, text=TEXT)


def answered(secretariat, question, text="Non, une seule fois."):
    return services.answer(
        actor=secretariat, question=question, text=text, seen=rules.fingerprint(question)
    )


def page(client, user, code="checks") -> str:
    client.force_login(user)
    answer = client.get(reverse("codebook-detail", args=[code]), HTTP_ACCEPT_LANGUAGE="en")
    return answer.content.decode()


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


# --- Asking -------------------------------------------------------------------------------------


def test_a_question_is_put_for_a_unit_on_the_record(question, reporter, zone):
    assert (question.text, question.asked_by, question.asked_for) == (TEXT, reporter, zone)
    entry = AuditEntry.objects.get(verb="question.asked")
    assert entry.details == {"indicator": "checks", "unit": "namur", "text": TEXT}


def test_the_same_question_again_is_one(question, indicator, reporter, zone):
    again = services.ask(actor=reporter, indicator=indicator, unit=zone, text=f" {TEXT} ")
    assert (again.pk, Question.objects.count(), verbs()) == (question.pk, 1, ["question.asked"])


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR, Role.AUTHORITY, Role.STEERING, Role.SECRETARIAT, Role.ADMINISTRATOR]
)
def test_only_who_reports_asks(role, indicator, zone):
    unit = zone if role == Role.AUTHORITY else make_dca() if role == Role.COORDINATOR else None
    with pytest.raises(PermissionDenied):
        services.ask(actor=make_user(role, unit), indicator=indicator, unit=zone, text=TEXT)


def test_nobody_asks_for_another_unit(indicator, reporter):
    with pytest.raises(ValidationError) as told:
        services.ask(actor=reporter, indicator=indicator, unit=make_zone("liege"), text=TEXT)
    assert list(told.value.message_dict) == ["unit"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2_001])
def test_a_question_has_words_and_not_too_many(indicator, reporter, zone, text):
    with pytest.raises(ValidationError) as told:
        services.ask(actor=reporter, indicator=indicator, unit=zone, text=text)
    assert list(told.value.message_dict) == ["text"]
    assert not Question.objects.exists()


def test_there_is_a_most_a_day_and_withdrawn_ones_count(indicator, reporter, zone):
    for number in range(rules.MOST_A_DAY):
        asked = services.ask(actor=reporter, indicator=indicator, unit=zone, text=f"No {number}")
        services.withdraw(actor=reporter, question=asked)
    with pytest.raises(ValidationError, match="10 questions"):
        services.ask(actor=reporter, indicator=indicator, unit=zone, text=TEXT)
    assert rules.asked_lately(reporter) == rules.MOST_A_DAY
    assert rules.asked_lately(reporter, timezone.now() + dt.timedelta(days=1)) == 0


def test_the_database_refuses_what_the_form_forgot(indicator):
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(indicator=indicator, text="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(indicator=indicator, text=TEXT, answer="Without a date")


# --- Rewording and withdrawing ------------------------------------------------------------------


def test_the_asker_rewords_and_withdraws_until_there_is_an_answer(question, reporter, secretariat):
    services.reword(actor=reporter, question=question, text="Autrement ?")
    question.refresh_from_db()
    assert question.text == "Autrement ?"
    entry = AuditEntry.objects.get(verb="question.reworded")
    assert entry.details == {"changes": {"text": [TEXT, "Autrement ?"]}}

    answered(secretariat, question)
    for attempt in (
        lambda: services.reword(actor=reporter, question=question, text="Encore ?"),
        lambda: services.withdraw(actor=reporter, question=question),
    ):
        with pytest.raises(ValidationError, match="answered in the meantime"):
            attempt()


def test_nobody_else_rewords_or_withdraws(question, zone, secretariat):
    colleague = make_user(Role.APPROVER, zone)
    for other in (colleague, secretariat):
        with pytest.raises(PermissionDenied):
            services.reword(actor=other, question=question, text="Autrement ?")
        with pytest.raises(PermissionDenied):
            services.withdraw(actor=other, question=question)


def test_withdrawing_keeps_the_words_on_the_record(question, reporter):
    services.withdraw(actor=reporter, question=question)
    assert not Question.objects.exists()
    assert AuditEntry.objects.get(verb="question.withdrawn").details["text"] == TEXT


# --- Answering ----------------------------------------------------------------------------------


def test_an_answer_is_dated_and_on_the_record(question, secretariat):
    held = answered(secretariat, question)
    assert (held.answer, held.answered_by) == ("Non, une seule fois.", secretariat)
    assert held.answered_at
    assert verbs()[-1] == "question.answered"


def test_answering_again_changes_the_answer_on_the_record(question, secretariat):
    held = answered(secretariat, question)
    answered(secretariat, held, "Oui.")
    entry = AuditEntry.objects.get(verb="question.answer_changed")
    assert entry.details == {"changes": {"answer": ["Non, une seule fois.", "Oui."]}}
    before = AuditEntry.objects.count()
    question.refresh_from_db()
    services.answer(actor=secretariat, question=question, text="Oui.", seen="old")
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("role", [Role.REPORTER, Role.STEERING, Role.ADMINISTRATOR])
def test_only_the_secretariat_answers(role, question, zone):
    actor = make_user(role, zone if role == Role.REPORTER else None, name="other")
    with pytest.raises(PermissionDenied):
        answered(actor, question)


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
def test_an_answer_has_words_and_not_too_many(question, secretariat, text):
    with pytest.raises(ValidationError) as told:
        answered(secretariat, question, text)
    assert list(told.value.message_dict) == ["answer"]


def test_a_question_reworded_meanwhile_is_read_again_first(question, reporter, secretariat):
    seen = rules.fingerprint(question)
    services.reword(actor=reporter, question=question, text="Autrement ?")
    with pytest.raises(services.ChangedMeanwhile):
        services.answer(actor=secretariat, question=question, text="Non.", seen=seen)
    question.refresh_from_db()
    assert question.answer == ""


# --- Who sees what ------------------------------------------------------------------------------


def test_an_open_question_is_seen_by_who_asked_and_who_answers(
    client, question, reporter, secretariat, zone
):
    assert TEXT in page(client, reporter)
    assert TEXT in page(client, secretariat)
    for other in (make_user(Role.APPROVER, zone), make_user(Role.STEERING)):
        assert TEXT not in page(client, other)


def test_an_answer_is_seen_by_all_without_who_asked(client, question, secretariat):
    answered(secretariat, question)
    text = page(client, make_user(Role.COUNCIL))
    assert TEXT in text
    assert "Non, une seule fois." in text
    assert "Asked by a zone" in text
    for hidden in ("Asker", "Namur", "namur"):
        assert hidden not in text


def test_a_federal_unit_is_told_as_one(client, indicator, secretariat):
    unit = make_unit("cgi")
    asked = services.ask(
        actor=make_user(Role.REPORTER, unit), indicator=indicator, unit=unit, text=TEXT
    )
    answered(secretariat, asked)
    assert "Asked by a federal unit" in page(client, make_user(Role.COUNCIL))


def test_pages_of_a_question_are_hidden_refused_or_open(client, question, zone, secretariat):
    change = reverse("question-change", args=[question.pk])
    client.force_login(make_user(Role.APPROVER, zone))
    assert client.get(change).status_code == 404
    client.force_login(secretariat)
    assert client.get(change).status_code == 403
    assert client.get(reverse("question-answer", args=[question.pk])).status_code == 200


# --- Pages --------------------------------------------------------------------------------------


def test_asking_on_the_page(client, indicator, reporter, zone):
    client.force_login(reporter)
    address = reverse("codebook-ask", args=["checks"])
    assert client.get(address, {"unit": zone.slug}).status_code == 200
    answer = client.post(address, {"unit": zone.pk, "text": TEXT})
    assert answer.url == reverse("codebook-detail", args=["checks"])
    assert Question.objects.get().text == TEXT


def test_what_is_refused_stays_typed(client, indicator, reporter, zone):
    client.force_login(reporter)
    address = reverse("codebook-ask", args=["checks"])
    long = client.post(address, {"unit": zone.pk, "text": "mot " * 600}, HTTP_ACCEPT_LANGUAGE="en")
    assert long.status_code == 422
    assert "mot mot mot" in long.content.decode()
    blank = client.post(address, {"unit": zone.pk, "text": " "}, HTTP_ACCEPT_LANGUAGE="en")
    assert "Write your question." in blank.content.decode()
    elsewhere = client.post(address, {"unit": make_zone("liege").pk, "text": TEXT})
    assert elsewhere.status_code == 422
    assert TEXT in elsewhere.content.decode()
    assert not Question.objects.exists()


def test_who_reports_for_two_units_chooses(client, indicator, reporter):
    second = make_zone("liege")
    Membership.objects.create(
        user=reporter, role=Role.REPORTER, unit=second, start=dt.date(2020, 1, 1)
    )
    client.force_login(reporter)
    address = reverse("codebook-ask", args=["checks"])
    form = client.get(address, {"unit": "liege"}).context["form"]
    assert form["unit"].initial == second
    assert client.post(address, {"unit": second.pk, "text": TEXT}).status_code == 302
    assert Question.objects.get().asked_for == second


def test_what_was_typed_survives_the_end_of_the_session(client, indicator, reporter, zone):
    address = reverse("codebook-ask", args=["checks"])
    client.post(address, {"unit": zone.pk, "text": TEXT, "seal": kept.seal(reporter.pk, address)})
    client.force_login(reporter)
    assert TEXT in client.get(address).content.decode()


def test_changing_and_withdrawing_on_the_page(client, question, reporter):
    client.force_login(reporter)
    change = reverse("question-change", args=[question.pk])
    assert TEXT in client.get(change).content.decode()
    assert client.post(change, {"text": ""}).status_code == 422
    assert client.post(change, {"text": "Autrement ?"}).status_code == 302
    withdraw = reverse("question-withdraw", args=[question.pk])
    assert "Autrement ?" in client.get(withdraw).content.decode()
    assert client.post(withdraw).status_code == 302
    assert client.post(withdraw).status_code == 404
    assert not Question.objects.exists()


def test_answering_on_the_page(client, question, secretariat):
    client.force_login(secretariat)
    address = reverse("question-answer", args=[question.pk])
    seen = client.get(address).context["form"]["seen"].value()
    assert client.post(address, {"answer": " ", "seen": seen}).status_code == 422
    assert client.post(address, {"answer": "Non.", "seen": seen}).status_code == 302
    question.refresh_from_db()
    assert question.answer == "Non."


def test_a_conflict_keeps_what_was_typed_and_can_be_sent_again(
    client, question, reporter, secretariat
):
    client.force_login(secretariat)
    address = reverse("question-answer", args=[question.pk])
    seen = client.get(address).context["form"]["seen"].value()
    services.reword(actor=reporter, question=question, text="Autrement ?")
    refused = client.post(address, {"answer": "Non.", "seen": seen})
    assert refused.status_code == 409
    for said in ("Autrement ?", "Non."):
        assert said in refused.content.decode()
    seen = refused.context["form"]["seen"].value()
    assert client.post(address, {"answer": "Non.", "seen": seen}).status_code == 302


def test_the_list_has_open_ones_first(client, question, indicator, reporter, zone, secretariat):
    later = services.ask(actor=reporter, indicator=indicator, unit=zone, text="Et après ?")
    answered(secretariat, question)
    assert list(selectors.open_first()) == [later, question]
    client.force_login(secretariat)
    text = client.get(reverse("question-list"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert text.index("Waiting for an answer") < text.index("Answered, the latest first")


def test_the_list_costs_the_same_for_one_and_for_many(client, question, indicator, reporter, zone):
    secretariat = make_user(Role.SECRETARIAT)
    client.force_login(secretariat)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("question-list"))
        return len(queries)

    one = cost()
    for number in range(4):
        services.ask(actor=reporter, indicator=indicator, unit=zone, text=f"No {number}")
    assert cost() == one


def test_home_says_what_waits(question, reporter, secretariat):
    assert selectors.home(secretariat) == {"waiting": 1}
    assert selectors.home(reporter) == {"own": [question]}
    assert selectors.home(make_user(Role.COUNCIL)) is None
    answered(secretariat, question)
    assert selectors.home(secretariat) is None
    Question.objects.update(answered_at=timezone.now() - dt.timedelta(days=32))
    assert selectors.home(reporter) is None


def test_the_entry_form_leads_to_the_question(client, indicator, reporter, zone):
    make_round()
    client.force_login(reporter)
    text = client.get(reverse("report", args=["2026-Q3", zone.slug])).content.decode()
    assert f"{reverse('codebook-ask', args=['checks'])}?unit=namur" in text
