"""A unit's form is in its official language; the reader's own is a press away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from organisations.enums import Role
from organisations.models import Unit, User
from submissions.models import Upload
from submissions.services import validate
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


# --- The other pages of a unit ------------------------------------------------------------------


def languages_of(client: Client, *paths: str) -> set[str]:
    """In which languages pages are given."""
    pages = [client.get(path) for path in paths]
    assert [page.status_code for page in pages] == [200] * len(paths)
    return {page["Content-Language"] for page in pages}


def around(zone: Unit) -> list[str]:
    """What a unit meets around the form of its quarter."""
    cell = make.cells_of(make.submission_of(zone))[0]
    of_form = [reverse(name, args=[make.QUARTER, zone.slug]) for name in AROUND_FORMS]
    return [*of_form, *(reverse(name, args=[cell.pk]) for name in AROUND_CELLS)]


AROUND_FORMS = ("report-upload", "extension-ask")
AROUND_CELLS = ("cell-files", "cell-history")


def test_what_stands_around_a_form_is_in_the_language_of_its_unit(definition):
    zone = make.make_zone("gent", language="nl")
    client = reader(zone, language="fr")
    for path in around(zone):
        page = client.get(path)
        assert (page.status_code, page["Content-Language"]) == (200, "nl")
        assert '<html lang="nl">' in page.content.decode()
        assert 'href="?language=fr"' in page.content.decode()
    client.get(around(zone)[0], {"language": "fr"})
    assert languages_of(client, *around(zone)) == {"fr"}


def test_who_controls_reads_a_figure_s_history_in_the_own_language(definition):
    zone = make.make_zone("gent", language="nl")
    reader(zone)
    client = Client()
    client.force_login(make.make_user(Role.COORDINATOR, zone.controlled_by, language="fr"))
    cell = make.cells_of(make.submission_of(zone))[0]
    paths = [reverse(name, args=[cell.pk]) for name in AROUND_CELLS]
    assert languages_of(client, *paths) == {"fr"}


def test_a_file_sent_to_a_unit_s_form_is_read_in_its_language(definition):
    zone = make.make_zone("gent", language="nl")
    client = reader(zone, language="fr")
    url = reverse("report-upload", args=[make.QUARTER, zone.slug])
    sent = client.post(url, {"file": SimpleUploadedFile("f.csv", b"key;first\n")})
    assert Upload.objects.get().language == "nl"
    assert languages_of(client, sent["Location"]) == {"nl"}
    names = [name for _code, name in client.get(url).context["languages"]]
    assert names == ["Nederlands", "Français"]
    workbook = reverse("report-workbook", args=[make.QUARTER, zone.slug])
    for language in ("nl", "fr"):
        file = client.get(workbook, {"language": language})
        assert file.status_code == 200
        assert f"-{language}.xlsx" in file["Content-Disposition"]


def test_a_withdrawal_and_a_correction_speak_the_language_of_the_unit(definition):
    zone = make.make_zone("gent", language="nl")
    reader(zone)
    approver = make.make_user(Role.APPROVER, zone, language="fr")
    client = Client()
    client.force_login(approver)
    make.attested(approver, make.submission_of(zone), make.figure(3))
    withdrawn = reverse("report-withdraw", args=[make.QUARTER, zone.slug])
    late = client.post(withdrawn, {"version": "99", "reason": "Nog eens."})
    assert (late.status_code, late["Content-Language"]) == (409, "nl")
    sent = make.submission_of(zone)
    coordinator = make.make_user(Role.COORDINATOR, zone.controlled_by)
    validate(actor=coordinator, submission=sent, version=sent.version)
    cell = make.cells_of(make.submission_of(zone))[0]
    assert languages_of(client, reverse("correction-ask", args=[cell.pk])) == {"nl"}
