"""The program's own reference files hold what the plan and the public facts say."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from organisations.enums import AreaKind, UnitKind
from organisations.models import Area, Municipality, Population, Unit, UnitSuccession
from submissions.management.commands.load_reference import load
from themes.enums import Basis
from themes.models import NcsiDimension, Objective, Theme, ThemeDimension

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
pytestmark = pytest.mark.django_db
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"the facts to compare with are not in {SHARED}"
)


@pytest.fixture(autouse=True, scope="module")
def _loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The program's files, loaded once for the tests below, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(root=Path(settings.BASE_DIR))
        yield
        transaction.set_rollback(True)


def facts(name: str) -> list[dict[str, str]]:
    with (SHARED / "facts" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_themes_and_objectives_by_level() -> None:
    assert Theme.objects.filter(parent=None).count() == 7
    assert Theme.objects.exclude(parent=None).count() == 9
    assert Counter(Objective.objects.values_list("level", flat=True)) == {
        "federal": 58,
        "local": 17,
        "integrated": 8,
    }


@needs_shared
def test_objectives_per_theme_and_level_are_those_of_the_plan() -> None:
    expected = json.loads((SHARED / "plan" / "counts.json").read_text(encoding="utf-8"))["themes"]
    found: dict[str, Counter[str]] = {
        code: Counter() for code in Theme.objects.values_list("code", flat=True)
    }
    for code, level in Objective.objects.values_list("theme__code", "level"):
        found[code][level] += 1
    levels = ("federal", "local", "integrated")
    assert {code: [found[code][level] for level in levels] for code in found} == {
        code: [counts[level] for level in levels] for code, counts in expected.items()
    }


def test_every_objective_has_words_and_a_place() -> None:
    assert not Objective.objects.filter(title_fr="").exists()
    assert not Objective.objects.filter(statement_fr="").exists()
    assert not Objective.objects.filter(place="").exists()


def test_dimensions_and_the_links_that_the_plan_states() -> None:
    links = ThemeDimension.objects.filter(basis=Basis.STATED)
    assert NcsiDimension.objects.count() == 6
    assert sorted(links.values_list("dimension__code", "theme__code")) == [
        ("economique", "6.1"),
        ("economique", "6.2"),
        ("espace_public_democratie", "1.1"),
        ("espace_public_democratie", "1.3"),
        ("espace_public_democratie", "1.6"),
        ("espace_public_democratie", "1.7"),
        ("espace_public_democratie", "3"),
        ("espace_public_democratie", "4"),
        ("numerique", "2"),
        ("personne", "7"),
        ("societale", "5"),
    ]


def test_units_and_areas() -> None:
    areas = Counter(Area.objects.values_list("kind", flat=True))
    assert areas == {
        AreaKind.NATION: 1,
        AreaKind.REGION: 3,
        AreaKind.PROVINCE: 10,
        AreaKind.ARRONDISSEMENT: 14,
        AreaKind.CLASS: 4,
    }
    assert Unit.objects.filter(kind=UnitKind.FEDERAL, slug__startswith="dca-").count() == 14
    assert Unit.objects.filter(kind=UnitKind.FEDERAL, slug__startswith="pjf-").count() == 14
    assert Unit.objects.filter(kind=UnitKind.SOURCE).count() == 17
    assert Municipality.objects.count() == 565


def test_every_zone_is_controlled_by_the_dca_of_its_arrondissement() -> None:
    pairs = Unit.objects.zones().values_list("controlled_by__slug", "arrondissement__code")
    assert all(controller == area for controller, area in pairs)
    assert not Unit.objects.exclude(kind=UnitKind.ZONE).exclude(controlled_by=None).exists()


def test_mergers_tie_former_zones_to_their_successors() -> None:
    former = Unit.objects.zones().exclude(valid_to=None)
    recorded = UnitSuccession.objects.exclude(predecessor=None)
    assert former.count() == 24
    assert recorded.count() == 24
    assert UnitSuccession.objects.filter(predecessor=None).count() == 13
    assert set(recorded.values_list("predecessor", flat=True)) == set(
        former.values_list("pk", flat=True)
    )


@needs_shared
def test_zones_are_those_of_the_facts() -> None:
    zones = (
        Unit.objects.zones().filter(valid_to=None).prefetch_related("municipalities", "populations")
    )
    assert {tuple(_in_database(zone)) for zone in zones} == {
        tuple(_in_facts(row)) for row in facts("zones.csv")
    }


def _in_database(zone: Unit) -> list[Any]:
    """What can be compared as it is: names without regard to the apostrophe."""
    names = (zone.name_fr, zone.name_nl, zone.name_de)
    population = zone.populations.get()
    return [
        zone.code,
        zone.code_status,
        zone.language,
        *(name.replace("’", "'") for name in names),
        population.inhabitants,
        str(population.on),
        "; ".join(sorted(each.nis for each in zone.municipalities.all())),
    ]


def _in_facts(row: dict[str, str]) -> list[Any]:
    nis = sorted(each.split(":")[0].strip() for each in row["municipalities"].split(";"))
    return [
        row["code"],
        row["code_status"],
        row["language"],
        *(row[name].replace("’", "'") for name in ("name_fr", "name_nl", "name_de")),
        int(row["population"]),
        row["population_date"],
        "; ".join(nis),
    ]


@needs_shared
@pytest.mark.parametrize(
    ("field", "column"),
    [("province", "province"), ("region", "region"), ("arrondissement", "pjf_dca")],
)
def test_areas_hold_the_zones_that_the_facts_say(field: str, column: str) -> None:
    by_area: dict[str, set[str]] = defaultdict(set)
    for nis, area in Municipality.objects.values_list("nis", f"unit__{field}__code"):
        by_area[area].add(nis)
    expected: dict[str, set[str]] = defaultdict(set)
    for row in facts("zones.csv"):
        expected[row[column]] |= {
            each.split(":")[0].strip() for each in row["municipalities"].split(";")
        }
    assert sorted(map(sorted, by_area.values())) == sorted(map(sorted, expected.values()))


@needs_shared
def test_municipalities_are_those_of_the_facts() -> None:
    names = ("nis", "name_fr", "name_nl", "name_de")
    assert list(Municipality.objects.order_by("nis").values_list(*names)) == sorted(
        tuple(row[name] for name in names) for row in facts("municipalities.csv")
    )


def test_population_of_the_country() -> None:
    assert sum(Population.objects.values_list("inhabitants", flat=True)) == 11_867_634
    assert set(Population.objects.values_list("source", flat=True)) == {"Statbel (CC BY 4.0)"}
