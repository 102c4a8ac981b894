"""Loading twice changes nothing; what a file says anew is written; corrections stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from foundation.datafiles import DataFault
from foundation.models import AuditEntry, ReferenceRow
from foundation.reference import Count
from indicators.models import HistoricalFigure, Indicator, IndicatorVersion, TargetPath
from indicators.services import Decision, record_indicator_amendment
from organisations.enums import DatePrecision, Role
from organisations.models import Unit, UnitSuccession
from submissions.management.commands.load_reference import load
from tests.factories import make_user
from themes.models import Objective, ObjectiveStep, Theme

pytestmark = pytest.mark.django_db
Edit = Callable[[str, str, str], int]

ZONES = "organisations/data/zones.csv"
THEMES = "themes/data/themes-1.yaml"
INDICATORS = "indicators/data/indicators.yaml"


def changes(counts: list[Count]) -> dict[str, tuple[int, int, int]]:
    """Created, changed and removed rows of each table that changed."""
    return {
        count.model._meta.label: (count.created, count.changed, count.removed)
        for count in counts
        if count.changes
    }


def test_a_second_run_changes_nothing(own: Path, every_row: Callable[[], Any]) -> None:
    first = load(root=own)
    before = every_row()
    second = load(root=own)
    assert changes(second) == {}
    assert [count.unchanged for count in second] == [count.created for count in first]
    assert every_row() == before


def test_what_a_unit_says_of_its_contacts_outlasts_a_new_file(root: Path, edit: Edit) -> None:
    load(root=root)
    Unit.objects.filter(slug="zp-namur").update(telephone="081 00 00 00", mailbox="n@example.be")
    edit(ZONES, "5303,confirmed,Namur,,", "5303,confirmed,Namur,Namen,")
    assert changes(load(root=root)) == {"organisations.Unit": (0, 1, 0)}
    zone = Unit.objects.get(slug="zp-namur")
    assert (zone.name_nl, zone.telephone, zone.mailbox) == ("Namen", "081 00 00 00", "n@example.be")


@pytest.mark.parametrize("files", ["root", "own"])
def test_a_second_run_costs_the_same_for_few_rows_and_for_all(
    files: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(files)
    load(root=folder)
    with CaptureQueriesContext(connection) as queries:
        load(root=folder)
    assert len(queries) == 104


def test_units_and_their_ties(root: Path) -> None:
    load(root=root)
    zone = Unit.objects.get(slug="zp-midi")
    assert (zone.code, zone.code_status, zone.language) == ("", "", "fr/nl")
    assert (zone.name_fr, zone.name_nl) == ("Midi", "Zuid")
    assert zone.province is None
    assert zone.region.code == "bruxelles"
    assert zone.arrondissement.code == zone.controlled_by.slug == "dca-bruxelles"
    assert zone.has_point_of_entry is True
    assert zone.valid_from == dt.date(2025, 1, 1)
    assert zone.populations.get().inhabitants == 230_000
    assert [each.nis for each in zone.municipalities.all()] == ["21001", "21013"]
    # A parent may stand after its child.
    assert Unit.objects.get(slug="djsoc").parent.slug == "dgj"
    assert Unit.objects.get(slug="djsoc").controlled_by is None


def test_mergers(root: Path) -> None:
    load(root=root)
    known, unknown = UnitSuccession.objects.order_by("predecessor_label")
    assert known.predecessor.slug == "zp-ancienne"
    assert known.predecessor.valid_to == known.effective_on == dt.date(2025, 1, 1)
    assert (known.precision, known.zones_after) == (DatePrecision.YEAR, 2)
    assert unknown.predecessor is None
    assert unknown.effective_on is None


def test_objectives_in_the_order_of_the_plan(root: Path) -> None:
    load(root=root)
    assert list(Objective.objects.values_list("code", "place", "theme__parent__code")) == [
        ("1-F1", "2 § 1, F1", None),
        ("1.1-L1", "2 § 1.1, L1", "1"),
        ("1.1-VIF1", "2 § 1.1, VIF1", "1"),
    ]
    theme = Theme.objects.get(code="1.1")
    assert (theme.title_fr, theme.title_nl) == ("Trafic de stupéfiants", "Drugshandel")
    assert [each.text_fr for each in ObjectiveStep.objects.all()] == [
        "Première étape.",
        "Seconde étape.",
    ]


def test_indicators_and_what_they_consist_of(root: Path) -> None:
    load(root=root)
    scale, steps, ratio = Indicator.objects.all()
    assert (scale.code, steps.code, ratio.code) == ("maturite", "etapes", "part-traitee")
    assert ratio.paired_with == scale
    assert scale.paired_with == ratio
    definition = ratio.versions.get()
    assert definition.name_nl == "Behandeld deel"
    assert definition.minimum_coverage == Fraction(4, 5)
    assert [each.label_fr for each in definition.options.all()] == ["En ligne", "À l’accueil"]
    assert [each.text_fr for each in definition.not_applicable_reasons.all()] == [
        "Aucun signalement"
    ]
    assert [each.level for each in scale.versions.get().levels.all()] == [0, 1, 2, 3, 4]
    assert [each.slug for each in scale.versions.get().subjects.all()] == ["djsoc"]
    milestones = steps.versions.get()
    assert milestones.reporter.slug == "bng"
    assert [each.originally_due_on for each in milestones.steps.all()] == [
        dt.date(2026, 6, 30),
        dt.date(2027, 6, 30),
    ]


@pytest.mark.parametrize(
    ("written", "minimum"),
    [('"0"', 0), ("0", 0), ('""', Fraction(4, 5)), ('"2/3"', Fraction(2, 3))],
)
def test_a_minimum_of_zero_is_a_minimum(
    root: Path, edit: Edit, written: str, minimum: Fraction
) -> None:
    edit(INDICATORS, 'minimum_coverage: "4/5"', f"minimum_coverage: {written}")
    load(root=root)
    assert Indicator.objects.get(code="part-traitee").versions.get().minimum_coverage == minimum


def test_paths_and_historical_figures_are_exact(root: Path) -> None:
    load(root=root)
    path = TargetPath.objects.get()
    assert (path.area.code, path.baseline, path.target) == (
        "belgium",
        Fraction(81, 2),
        Fraction(80),
    )
    assert [(point.year, point.value) for point in path.points.all()] == [
        (2026, Fraction(50)),
        (2027, Fraction(121, 2)),
    ]
    figure = HistoricalFigure.objects.get()
    assert (figure.value, figure.option, figure.dating_basis) == (Fraction(67, 2), "web", "stated")


def test_only_what_a_file_says_anew_is_written(root: Path, edit: Edit) -> None:
    load(root=root)
    edit(THEMES, "Dresser l’image.", "Dresser et tenir à jour l’image.")
    assert changes(load(root=root)) == {"themes.ObjectiveVersion": (0, 1, 0)}
    columns = models.QuerySet(Objective).values_list("statement", "statement_fr", "statement_nl")
    text = "Dresser et tenir à jour l’image."
    assert columns.get(code="1-F1") == (text, text, None)


def test_a_correction_stands_while_its_row_of_the_file_says_the_same(
    root: Path, edit: Edit
) -> None:
    load(root=root)
    Unit.objects.filter(slug="zp-midi").update(code="5341", code_status="confirmed")
    edit(ZONES, "Namur,,,fr", "Namur (ville),,,fr")
    assert changes(load(root=root)) == {"organisations.Unit": (0, 1, 0)}
    assert Unit.objects.get(slug="zp-midi").code == "5341"


def test_a_row_that_says_something_new_wins_over_a_correction(root: Path, edit: Edit) -> None:
    load(root=root)
    Unit.objects.filter(slug="zp-midi").update(code="5341", code_status="confirmed")
    edit(ZONES, "zp-midi,,,", "zp-midi,5342,confirmed,")
    load(root=root)
    assert Unit.objects.get(slug="zp-midi").code == "5342"


def test_a_link_that_changes_is_one_change(root: Path, edit: Edit) -> None:
    load(root=root)
    edit(INDICATORS, "    paired_with: part-traitee\n", "")
    assert changes(load(root=root)) == {"indicators.Indicator": (0, 1, 0)}
    assert Indicator.objects.get(code="maturite").paired_with is None


def test_a_row_that_is_gone_is_made_again(root: Path) -> None:
    load(root=root)
    HistoricalFigure.objects.all().delete()
    assert changes(load(root=root)) == {"indicators.HistoricalFigure": (1, 0, 0)}


def test_steps_and_points_that_a_file_drops_are_removed(root: Path, edit: Edit) -> None:
    load(root=root)
    edit(THEMES, "          - text: Seconde étape.\n", "")
    edit(INDICATORS, 'points: {2026: 50, 2027: "60.5"}', "points: {2026: 50}")
    assert changes(load(root=root)) == {
        "themes.ObjectiveStep": (0, 0, 1),
        "indicators.PathPoint": (0, 0, 1),
    }
    assert changes(load(root=root)) == {}


def test_an_indicator_may_move_to_another_file(root: Path) -> None:
    load(root=root)
    (root / INDICATORS).rename((root / INDICATORS).with_name("others.yaml"))
    assert changes(load(root=root)) == {}
    row = ReferenceRow.objects.get(table="indicators.indicator", key="maturite")
    assert row.file == "others.yaml"


def test_a_load_that_changes_something_is_on_the_record(root: Path, edit: Edit) -> None:
    load(root=root)
    load(root=root)
    edit(THEMES, "Dresser l’image.", "Dresser une image.")
    load(root=root)
    last, first = AuditEntry.objects.all()
    assert (first.verb, first.actor) == ("reference.load", None)
    assert last.details == {"themes.ObjectiveVersion": 1}


def test_the_command_tells_what_it_changed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_reference", dir=root)
    first = capsys.readouterr().out.splitlines()
    call_command("load_reference", dir=root)
    second = capsys.readouterr().out.splitlines()
    assert first[1] == "organisations.Unit: 8 created, 0 changed, 0 removed, 0 unchanged"
    assert second[1] == "organisations.Unit: 0 created, 0 changed, 0 removed, 8 unchanged"
    assert second[-1] == "0 changes"


def test_check_changes_nothing(
    root: Path, every_row: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    before = every_row()
    call_command("load_reference", dir=root, check=True)
    assert "organisations.Unit: 8 created" in capsys.readouterr().out
    assert every_row() == before


def test_definitions_follow_each_other(root: Path, edit: Edit) -> None:
    version = (root / INDICATORS).read_text(encoding="utf-8").split("    versions:\n")[-1]
    later = version.replace("number: 1\n", "number: 2\n").replace("2026-01-01", "2027-01-01")
    edit(
        INDICATORS, "        name: Étapes\n", "        valid_to: 2027-01-01\n        name: Étapes\n"
    )
    with (root / INDICATORS).open("a", encoding="utf-8") as file:
        file.write(later)
    load(root=root)
    versions = IndicatorVersion.objects.filter(indicator__code="etapes")
    assert [(each.number, each.valid_from) for each in versions] == [
        (1, dt.date(2026, 1, 1)),
        (2, dt.date(2027, 1, 1)),
    ]


def test_a_definition_may_end_and_another_begin_in_a_later_load(root: Path, edit: Edit) -> None:
    load(root=root)
    test_definitions_follow_each_other(root, edit)


def test_loading_leaves_what_an_amendment_changed(root: Path, edit: Edit) -> None:
    load(root=root)
    day = dt.date(2027, 1, 1)
    indicator = Indicator.objects.get(code="etapes")
    record_indicator_amendment(
        actor=make_user(Role.SECRETARIAT),
        indicator=indicator,
        decision=Decision("GPI 1", "A reason", dt.date(2026, 1, 1), day),
        texts={"unit": "autre"},
    )
    load(root=root)
    edit(INDICATORS, "        name: Étapes\n", "        name: Étapes franchies\n")
    load(root=root)
    versions = list(indicator.versions.values_list("number", "name_fr", "unit_fr", "valid_to"))
    assert versions == [(1, "Étapes franchies", "étapes", day), (2, "Étapes", "autre", None)]

    edit(
        INDICATORS,
        "        name: Étapes franchies\n",
        "        valid_to: 2028-01-01\n        name: Étapes franchies\n",
    )
    with pytest.raises(DataFault) as fault:
        load(root=root)
    assert fault.value.field == "valid_from"
