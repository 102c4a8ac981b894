"""A unit's form is in its official language; the reader's own is a press away."""

import pytest
from django.test import Client
from django.urls import reverse

from organisations.enums import Role
from organisations.models import Unit, User
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def definition():
    version = make.make_indicator("checks", frequency="quarter")
    version.name_fr, version.name_nl = "Contrôles tenus", "Gehouden controles"
    version.definition_fr, version.definition_nl = "Ce qui est compté.", "Wat wordt geteld."
    version.save()
    return version


def reader(zone: Unit, language: str = "") -> Client:
    client = Client(headers={"accept-language": "fr"})
    client.force_login(make.make_user(Role.REPORTER, zone, language=language))
    make.make_round()
    return client


def form_of(zone: Unit) -> str:
    return reverse("report", args=[make.QUARTER, zone.slug])


def test_a_form_is_in_the_language_of_its_unit_and_the_reader_s_is_offered(definition):
    zone = make.make_zone("gent", language="nl")
    client = reader(zone, language="fr")
    page = client.get(form_of(zone))
    text = page.content.decode()
    assert page["Content-Language"] == "nl"
    assert '<html lang="nl">' in text
    assert "Gehouden controles" in text
    assert "Wat wordt geteld." in text
    assert '<a href="?language=fr" lang="fr" hreflang="fr">Français</a>' in text
    assert client.get(reverse("work"))["Content-Language"] == "fr"


def test_what_was_asked_for_holds_for_the_forms_of_the_session_alone(definition):
    zone = make.make_zone("gent", language="nl")
    client = reader(zone, language="fr")
    answer = client.get(form_of(zone), {"language": "fr"})
    assert (answer.status_code, answer["Location"]) == (302, form_of(zone))
    page = client.get(form_of(zone))
    assert page["Content-Language"] == "fr"
    assert "Contrôles tenus" in page.content.decode()
    assert User.objects.get().language == "fr"
    client.post(reverse("account_logout"))
    client.force_login(User.objects.get())
    assert client.get(form_of(zone))["Content-Language"] == "nl"


def test_the_switch_has_its_say_on_a_form(definition):
    zone = make.make_zone("gent", language="nl")
    client = reader(zone)
    assert client.get(form_of(zone))["Content-Language"] == "nl"
    client.post(reverse("set-language"), {"language": "de", "next": form_of(zone)})
    assert client.get(form_of(zone))["Content-Language"] == "de"


def test_nothing_is_offered_where_unit_and_reader_speak_the_same(definition):
    zone = make.make_zone("gent", language="nl")
    text = reader(zone).get(form_of(zone)).content.decode()
    assert "?language=" not in text


@pytest.mark.parametrize(("own", "shown"), [("nl", "nl"), ("fr", "fr"), ("de", "fr")])
def test_a_bilingual_unit_s_form_is_in_the_one_the_reader_speaks_and_offers_both(
    definition, own, shown
):
    zone = make.make_zone("bruxelles", language="fr/nl")
    page = reader(zone, language=own).get(form_of(zone))
    text = page.content.decode()
    assert page["Content-Language"] == shown
    other = {"fr": "nl", "nl": "fr"}[shown]
    assert f'href="?language={other}"' in text


def test_an_unknown_language_is_not_asked_for(definition):
    zone = make.make_zone("gent", language="nl")
    page = reader(zone).get(form_of(zone), {"language": "xx"})
    assert (page.status_code, page["Content-Language"]) == (200, "nl")


def test_who_controls_reads_the_figures_in_the_own_language(definition):
    zone = make.make_zone("gent", language="nl")
    approver = make.make_user(Role.APPROVER, zone)
    make.make_round()
    make.attested(approver, make.submission_of(zone), make.figure(3))
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca(), language="fr")
    client = Client()
    client.force_login(coordinator)
    page = client.get(reverse("review", args=[make.submission_of(zone).pk]))
    assert page["Content-Language"] == "fr"
    assert "Contrôles tenus" in page.content.decode()
