"""Everything that a unit or its coordinator reads of the plan and its definitions is in Dutch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from modeltranslation.translator import translator

from indicators.models import HistoricalFigure, Indicator, IndicatorVersion
from organisations.enums import Role, UnitKind
from organisations.models import Area, Unit, UnitSuccession
from plans.models import GlossaryEntry
from submissions.management.commands.load_reference import load
from tests import factories as make

pytestmark = pytest.mark.django_db
PARTS = ("options", "levels", "steps", "not_applicable_reasons")
#: Published before the plan, on the definitions that federal units report.
FIGURES = 40
#: By what a promise is called on forms.
TITLES = ("title", "heading")
#: What is told of a unit; of a merger, its source.
NOTED = ("source", "note")


@pytest.fixture(autouse=True, scope="module")
def _loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        load(root=Path(settings.BASE_DIR))
        yield
        transaction.set_rollback(True)


def without_dutch(row: models.Model, name: str, fields: Any) -> list[str]:
    """The texts that a row has in French and not in Dutch, by ``name`` and field."""
    return [
        f"{name}: {field}"
        for field in fields
        if getattr(row, f"{field}_fr", "") and not getattr(row, f"{field}_nl")
    ]


def translated(row: models.Model) -> Any:
    return translator.get_options_for_model(type(row)).get_field_names()


def definitions() -> Iterator[tuple[str, models.Model]]:
    """Each definition and each of its parts, with what it is called in a failure."""
    for version in IndicatorVersion.objects.select_related("indicator").prefetch_related(*PARTS):
        name = f"{version.indicator.code}/{version.number}"
        yield name, version
        for related in PARTS:
            for part in getattr(version, related).all():
                yield f"{name} {related} {part.pk}", part


def headings() -> Iterator[tuple[str, models.Model]]:
    """The promises and themes under which a form lists what is reported."""
    for indicator in Indicator.objects.select_related(*Indicator.RELATED):
        owner = indicator.objective or indicator.point
        yield str(indicator.promise), indicator.promise
        if owner:
            yield str(owner.theme), owner.theme


def test_every_definition_is_whole_in_dutch() -> None:
    read = list(definitions())
    missing = [text for name, row in read for text in without_dutch(row, name, translated(row))]
    assert missing == []
    assert len(read) > 261


def test_every_published_figure_is_told_in_dutch() -> None:
    read = {figure.key: figure for figure in HistoricalFigure.objects.all()}
    missing = [
        text for key, row in read.items() for text in without_dutch(row, key, translated(row))
    ]
    assert missing == []
    assert len(read) == FIGURES
    assert read["violence-physique-couple-2018"].source_nl.startswith("Federale Politie, ")


def test_every_heading_of_a_form_is_in_dutch() -> None:
    read = dict(headings())
    missing = [text for name, row in read.items() for text in without_dutch(row, name, TITLES)]
    assert missing == []
    assert len(read) > 109


def test_every_unit_and_area_has_a_name_in_dutch() -> None:
    units = Unit.objects.exclude(kind=UnitKind.ZONE)
    own_name = Unit.objects.filter(kind=UnitKind.ZONE, language__in=["nl", "fr/nl"])
    rows = [*units, *own_name, *Area.objects.all()]
    assert [str(row) for row in rows if not row.name_nl] == []
    assert len(rows) > 150


def test_the_plan_s_cover_is_in_dutch(client: Client) -> None:
    client.force_login(make.make_user(Role.STEERING, language="nl"))
    page = client.get(reverse("plan-detail")).content.decode()
    assert "het aandeel van de politie in de Kadernota Integrale Veiligheid 2026-2029 (KIV)" in page
    assert "<li>Kadernota Integrale Veiligheid (KIV)</li>" in page
    assert "Minister van Justitie" in page
    assert "NCSI" not in page
    assert "Note-cadre" not in page
    page = client.get(reverse("framework-detail", args=["ncsi"])).content.decode()
    assert "<h1>Kadernota Integrale Veiligheid 2026-2029 (KIV)</h1>" in page


def test_abbreviations_of_belgian_services_are_explained_in_dutch() -> None:
    french = re.compile(r"[àâçèéêîôû]|d’|\b(?:des?|du|et|les?|la)\b")
    entries = GlossaryEntry.objects.all()
    explained = [row for row in entries if french.search(row.expansion_fr)]  # type: ignore[attr-defined]
    missing = [
        text for row in explained for text in without_dutch(row, row.abbreviation, ["expansion"])
    ]
    assert missing == []
    assert len(explained) > 60


def test_what_is_noted_of_units_and_mergers_is_in_dutch() -> None:
    units = {unit.slug: unit for unit in Unit.objects.all()}
    mergers = {str(merger): merger for merger in UnitSuccession.objects.all()}
    missing = [each for slug, unit in units.items() for each in without_dutch(unit, slug, NOTED)]
    missing += [
        each for name, row in mergers.items() for each in without_dutch(row, name, NOTED[:1])
    ]
    assert missing == []
    assert units["zp-gent"].note_nl.startswith("Toegangspoort: haven van Gent;")
    assert units["zp-gent"].source_nl.startswith("Samenstelling: ")
    assert all(merger.source_nl for merger in mergers.values())


def test_what_has_no_dutch_is_named() -> None:
    version = IndicatorVersion.objects.select_related("indicator")[0]
    version.definition_nl, version.source_system_nl = "", None
    name = version.indicator.code
    found = without_dutch(version, name, translated(version))
    assert sorted(found) == [f"{name}: definition", f"{name}: source_system"]
