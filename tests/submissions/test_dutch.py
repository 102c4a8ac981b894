"""A Flemish zone's quarter from the first page to the last, in Dutch, with nothing chosen."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from indicators.enums import Kind
from indicators.models import Indicator, IndicatorVersion
from organisations.enums import Role
from organisations.models import Unit, User
from submissions.content import Content
from submissions.management.commands.load_reference import load
from submissions.models import Submission
from submissions.services import send_back
from tests import factories as make

pytestmark = pytest.mark.django_db
#: A quarter, a half-year and a year: every definition that a zone reports.
PERIODS = ("2026-Q2", "2026-H1", "2025")
SHORT = 12
PARTS = {
    "options": "label", "levels": "text", "steps": "text", "not_applicable_reasons": "text",
}  # fmt: skip


# --- What must not be read --------------------------------------------------------------------


def plain(text: str) -> str:
    """What a page or a text says, on one line, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def catalogue(language: str) -> dict[str, set[str]]:
    """The pieces of text between placeholders, by message."""
    file = settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po"
    found: dict[str, set[str]] = {}
    for entry in polib.pofile(str(file)):
        said = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        pieces = (piece for text in said for piece in re.split(r"%\(\w+\)[sd]|%[sd%]", text))
        found[f"{entry.msgctxt}|{entry.msgid}"] = {plain(piece) for piece in pieces}
    return found


def french_of_the_interface() -> Iterator[str]:
    dutch = catalogue("nl")
    every_dutch = " ".join(" ".join(pieces) for pieces in dutch.values())
    for pieces in catalogue("fr").values():
        yield from (each for each in pieces if len(each) > SHORT and each not in every_dutch)


def french_of(row: models.Model, *fields: str) -> Iterator[str]:
    for field in fields:
        said, dutch = getattr(row, f"{field}_fr") or "", getattr(row, f"{field}_nl") or ""
        if len(said) > SHORT and said not in dutch:
            yield plain(said)


def french_of_the_plan() -> Iterator[str]:
    texts = ("name", "definition", "limits", "numerator_label", "denominator_label")
    for version in IndicatorVersion.objects.prefetch_related(*PARTS):
        yield from french_of(version, *texts, "source_system", "breakdown_label")
        for related, field in PARTS.items():
            for part in getattr(version, related).all():
                yield from french_of(part, field)
    for indicator in Indicator.objects.select_related(*Indicator.RELATED):
        promise = indicator.promise
        yield from french_of(promise, "heading" if indicator.point else "title")
        if owner := indicator.objective or indicator.point:
            yield from french_of(owner.theme, "title")


def french_in(markup: str, french: set[str]) -> list[str]:
    """The French of a page, apart from what says that it is."""
    said = plain(re.sub(r'(?s)<(\w+)[^>]* lang="fr".*?</\1>', " ", markup))
    return sorted(each for each in french if each in said)


class Reader:
    """Somebody of whom nothing is known but the unit, on a device that asks for French."""

    def __init__(self, role: Role, unit: Unit, french: set[str]) -> None:
        self.user: User = make.make_user(role, unit, name=role.value)
        self.client = Client(headers={"accept-language": "fr-BE"})
        self.client.force_login(self.user)
        self.french = french

    def get(self, name: str, *args: object, status: int = 200) -> str:
        return self.read(self.client.get(reverse(name, args=args)), status)

    def post(self, path: str, data: dict[str, str], status: int = 200) -> str:
        return self.read(self.client.post(path, data, follow=True), status)

    def read(self, response: HttpResponse, status: int = 200) -> str:
        """The text of a page, of which no sentence is French."""
        markup = response.content.decode()
        assert response.status_code == status
        assert '<html lang="nl">' in markup
        assert french_in(markup, self.french) == []
        return plain(markup)


@pytest.fixture
def french(db: None) -> set[str]:
    load(root=Path(settings.BASE_DIR))
    for code in PERIODS:
        make.make_round(code)
    found = {*french_of_the_interface(), *french_of_the_plan()}
    assert len(found) > 2500
    return found


def filled(kind: str) -> Content:
    if kind in (Kind.RATIO, Kind.MEAN):
        return make.figure(1, 2, comment="Toegelicht.")
    return make.figure(1, comment="Toegelicht.")


def fill(user: User, submission: Submission) -> Submission:
    cells = make.cells_of(submission)
    return make.enter(user, submission, [filled(cell.expectation.version.kind) for cell in cells])


def shown_fields(response: HttpResponse) -> dict[str, str]:
    """What a browser sends of a form as it was shown."""
    context = response.context
    sent = {"token": context["token"], "version": str(context["submission"].version)}
    for row in context["form"].rows.values():
        sent[row.name("version")] = str(row.shown_version)
        sent |= {row.name(part): text for part, text in row.typed.items() if text}
    return sent


def test_a_flemish_zone_s_quarter_is_in_dutch_from_end_to_end(french):
    gent = Unit.objects.get(slug="zp-gent")
    reporter = Reader(Role.REPORTER, gent, french)
    approver = Reader(Role.APPROVER, gent, french)
    coordinator = Reader(Role.COORDINATOR, gent.controlled_by, french)
    url = reverse("report", args=["2026-Q2", gent.slug])

    assert "Mijn werk" in reporter.get("home")
    assert "K2 2026" in reporter.get("work")
    for code in PERIODS:
        assert "Definitie" in reporter.get("report", code, gent.slug)

    shown = reporter.client.get(url)
    first = next(iter(shown.context["form"].rows.values()))
    wrong = {**shown_fields(shown), first.name(first.first_part): "twaalf", "action": "save"}
    assert "bevat een letter" in reporter.post(url, wrong)
    right = {**shown_fields(reporter.client.get(url)), "action": "save"}
    assert "Opgeslagen om" in reporter.post(url, right)
    incomplete = {**shown_fields(reporter.client.get(url)), "action": "complete"}
    assert "cijfers moeten worden nagekeken" in reporter.post(url, incomplete)

    fill(reporter.user, make.submission_of(gent, "2026-Q2"))
    sent = {**shown_fields(approver.client.get(url)), "action": "attest"}
    assert "Vink de verklaring aan" in approver.post(url, sent)
    sent = {**shown_fields(approver.client.get(url)), "action": "attest", "statement": "1"}
    assert "Geattesteerd en verzonden naar de CSD" in approver.post(url, sent)
    assert "Geattesteerd" in reporter.get("report", "2026-Q2", gent.slug)
    assert "Ingevoerd via: formulier" in reporter.get("cell-history", first.figure.cell.pk)

    submission = make.submission_of(gent, "2026-Q2")
    assert "Te controleren" in coordinator.get("home")
    assert "PZ Gent" in coordinator.get("review-queue")
    assert "Toegelicht." in coordinator.get("review", submission.pk)
    send_back(
        actor=coordinator.user, submission=submission, version=submission.version, reason="Kijk na."
    )
    assert "Teruggestuurd: ‘Kijk na.’" in approver.get("work")
    assert "behoud met een reden" in approver.get("report", "2026-Q2", gent.slug)
    late = {"version": str(submission.version), "reason": "Nogmaals."}
    assert "Intussen gewijzigd" in coordinator.post(
        reverse("review-return", args=[submission.pk]), late, status=409
    )

    assert "Taal van de pagina’s" in reporter.get("account")
    assert "Gent" in reporter.get("unit-detail", gent.slug)
    assert "Deze pagina bestaat niet" in reporter.read(reporter.client.get("/nergens/"), 404)


def test_french_on_a_page_is_found():
    french = {"Votre session a expiré", "Moniteur de sécurité", "Collecte verrouillée"}
    page = """<html lang="nl"><p>Votre <b>session</b> a expiré.<p>Moniteur de s&eacute;curité
        <a href="?" lang="fr">Collecte verrouillée</a>"""
    assert french_in(page, french) == ["Moniteur de sécurité", "Votre session a expiré"]
