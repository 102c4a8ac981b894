"""A fault names file, line and field, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from indicators.models import SubjectBaseline
from submissions.management.commands.load_reference import load

pytestmark = pytest.mark.django_db
Edit = Callable[[str, str, str], int]

AREAS = "organisations/data/areas.yaml"
ZONES = "organisations/data/zones.csv"
FORMER = "organisations/data/former_zones.csv"
TOWNS = "organisations/data/municipalities.csv"
MERGERS = "organisations/data/mergers.csv"
FEDERAL = "organisations/data/federal.csv"
PLAN = "plans/data/plan.yaml"
TILES = "organisations/data/tilegrid.csv"
PASSAGES = "plans/data/passages.yaml"
CONDITIONS = "plans/data/conditions.yaml"
FIGURES = "plans/data/figures.yaml"
DATES = "plans/data/dates.yaml"
SECOND_THEME = "themes/data/themes-2.yaml"
PARTS = "themes/data/responsibilities.yaml"
THEMES = "themes/data/themes-1.yaml"
DIMENSIONS = "themes/data/ncsi.yaml"
TITLES = "themes/data/titles.yaml"
INDICATORS = "indicators/data/indicators.yaml"
CHECKS = "submissions/data/checks.yaml"

# What is wrong: the file, what it reads, what it reads instead, and what is told of it.
FAULTS = {
    "tile of an unknown zone": (
        TILES,
        "zp-midi",
        "zp-nord",
        "tilegrid.csv:3: slug: unknown: zp-nord",
    ),
    "tile taken twice": (
        TILES,
        "zp-midi,7,9",
        "zp-midi,11,12",
        "tilegrid.csv:3: column: another zone has this tile",
    ),
    "place taken twice": (
        PASSAGES,
        '"1, E1"',
        '"0, 1"',
        "passages.yaml:6: place: stands twice (first in passages.yaml, line 2)",
    ),
    "condition taken twice": (
        CONDITIONS,
        "text: Texte de la condition.",
        "texte: Texte de la condition.",
        "conditions.yaml:6: texte: unknown field",
    ),
    "figure that is no number": (
        FIGURES,
        '"2.84"',
        '"2,84"',
        'figures.yaml:6: value: exact number expected, in quotes: "0.8" or "4/5"',
    ),
    "path of a scale for every unit": (
        INDICATORS,
        "threshold_level: 3",
        "threshold_level: 3\n        for_every_unit: true",
        (
            "indicators.yaml:73: for_every_unit: "
            "only the path of a ratio, a rate or a mean holds for every unit"
        ),
    ),
    "baselines of the subjects of a ratio": (
        INDICATORS,
        "points: {2026",
        "subject_baselines: {zp-midi: 3}\n      points: {2026",
        "indicators.yaml:50: subject_baselines: only a sum has baselines of subjects",
    ),
    "figure of an unknown commitment": (
        FIGURES,
        "commitment: 3-R1",
        "commitment: 3-R9",
        "figures.yaml:11: commitment: unknown: 3-R9",
    ),
    "figure without a value": (
        FIGURES,
        '"2.84"',
        '""',
        "figures.yaml:2: –: A figure has a number, or a text in its place.",
    ),
    "date of the plan that is none": (
        DATES,
        "2025-07-10",
        "10 juillet",
        "dates.yaml:2: on: date expected, as 2026-12-31, 2026-12 or 2026",
    ),
    "framework unknown": (
        SECOND_THEME,
        "framework: plan-drogues",
        "framework: plan-armes",
        "themes-2.yaml:17: framework: unknown: plan-armes",
    ),
    "general point without a code": (
        SECOND_THEME,
        "code: 2-G1, ",
        "",
        "themes-2.yaml:15: –: A general point has a code.",
    ),
    "dimension proposed that is unknown": (
        SECOND_THEME,
        "ncsi_proposed: [personne]",
        "ncsi_proposed: [animaux]",
        "themes-2.yaml:21: ncsi_proposed: unknown: animaux",
    ),
    "responsibility of an unknown unit": (
        PARTS,
        "[dca-namur]",
        "[dca-dinant]",
        "responsibilities.yaml:2: responsible: unknown: dca-dinant",
    ),
    "responsibility for an unknown objective": (
        PARTS,
        "objective: 1-F1",
        "objective: 1-F9",
        "responsibilities.yaml:2: objective: unknown: 1-F9",
    ),
    "indicator of two promises": (
        INDICATORS,
        "    objective: 1.1-L1\n",
        "    objective: 1.1-L1\n    condition: C1\n",
        (
            "indicators.yaml:3: objective: an indicator measures exactly one promise: "
            "objective, point, condition, commitment"
        ),
    ),
    "indicator of an unknown condition": (
        INDICATORS,
        "    objective: 1.1-L1\n",
        "    condition: C9\n",
        "indicators.yaml:3: condition: unknown: C9",
    ),
    "zone of an unknown province": (
        ZONES,
        "province-namur",
        "province-nimur",
        "zones.csv:2: province: unknown: province-nimur",
    ),
    "zone of an unknown region": (
        ZONES,
        ",wallonie,",
        ",wallonia,",
        "zones.csv:2: region: unknown: wallonia",
    ),
    "zone of a province in place of a region": (
        ZONES,
        ",wallonie,",
        ",province-namur,",
        "zones.csv:2: region: unknown: province-namur",
    ),
    "zone of an unknown arrondissement": (
        ZONES,
        "dca-namur",
        "dca-nimur",
        "zones.csv:2: dca: unknown: dca-nimur",
    ),
    "arrondissement without its directorate": (
        FEDERAL,
        "dca-namur,",
        "dca-dinant,",
        "zones.csv:2: dca: unknown: dca-namur",
    ),
    "column missing": (ZONES, ",note_nl\n", "\n", "zones.csv:1: note_nl: missing field"),
    "column unknown": (
        ZONES,
        ",note_nl\n",
        ",note_nl,remarque\n",
        "zones.csv:1: remarque: unknown field",
    ),
    "column twice": (
        ZONES,
        ",note_nl\n",
        ",note_nl,note_nl\n",
        "zones.csv:1: note_nl: stands twice",
    ),
    "too few values": (
        ZONES,
        ",no,essai,",
        ",no,essai",
        "zones.csv:2: note_nl: 17 values for 18 columns",
    ),
    "population that is no number": (
        ZONES,
        "115000",
        "115 000",
        "zones.csv:2: population: whole number expected",
    ),
    "population missing": (
        ZONES,
        "115000",
        "",
        "zones.csv:2: population: This field cannot be null.",
    ),
    "date that is none": (
        ZONES,
        "2002-01-01",
        "2002-02-30",
        "zones.csv:2: valid_from: date expected, as 2026-12-31",
    ),
    "neither yes nor no": (
        ZONES,
        ",no,",
        ",non,",
        "zones.csv:2: has_point_of_entry: yes or no expected",
    ),
    "language unknown": (
        ZONES,
        ",fr,province",
        ",it,province",
        "zones.csv:2: language: Value 'it' is not a valid choice.",
    ),
    "zone without a name in its language": (
        ZONES,
        "Midi,Zuid",
        ",Zuid",
        "zones.csv:3: name_fr: a unit has a name in its own language",
    ),
    "code without a status": (
        ZONES,
        "5303,confirmed",
        "5303,",
        "zones.csv:2: code_status: a code and its status go together",
    ),
    "code twice": (ZONES, "zp-midi,,", "zp-midi,5303,confirmed", "zones.csv:3: code: stands twice"),
    "space around a value": (
        ZONES,
        ",Midi,",
        ", Midi,",
        "zones.csv:3: name_fr: space at the beginning or the end",
    ),
    "zone twice": (
        ZONES,
        "zp-midi",
        "zp-namur",
        "zones.csv:3: slug: stands twice (first in zones.csv, line 2)",
    ),
    "zone without a municipality": (
        TOWNS,
        "Namen,,zp-namur",
        "Namen,,zp-midi",
        "zones.csv:2: slug: a zone without a municipality",
    ),
    "zone that ends before it begins": (
        FORMER,
        "2002-01-01",
        "2025-01-01",
        "former_zones.csv:2: valid_to: the end comes after the beginning",
    ),
    "municipality twice": (
        TOWNS,
        "21013",
        "21001",
        "municipalities.csv:4: nis: stands twice (first in municipalities.csv, line 3)",
    ),
    "municipality of an unknown zone": (
        TOWNS,
        "Gillis,,zp-midi",
        "Gillis,,zp-nord",
        "municipalities.csv:4: zone: unknown: zp-nord",
    ),
    "municipality of a former zone": (
        TOWNS,
        "Gillis,,zp-midi",
        "Gillis,,zp-ancienne",
        "municipalities.csv:4: zone: unknown: zp-ancienne",
    ),
    "merger into an unknown zone": (
        MERGERS,
        "zp-midi,zp-ancienne",
        "zp-nord,zp-ancienne",
        "mergers.csv:2: successor: unknown: zp-nord",
    ),
    "merger of an unknown zone": (
        MERGERS,
        "zp-midi,zp-ancienne",
        "zp-midi,zp-nord",
        "mergers.csv:2: predecessor: unknown: zp-nord",
    ),
    "merger without a date": (
        MERGERS,
        ",2025-01-01,year",
        ",,year",
        "mergers.csv:2: effective_on: a date, or the precision “unknown”",
    ),
    "merger on another day than the zone's end": (
        MERGERS,
        "2025-01-01",
        "2024-01-01",
        "mergers.csv:2: effective_on: the predecessor ends on another day",
    ),
    "unit below an unknown one": (
        FEDERAL,
        ",dgj,essai",
        ",dgx,essai",
        "federal.csv:2: parent: unknown: dgx",
    ),
    "area twice": (
        AREAS,
        "code: bruxelles,",
        "code: wallonie,",
        "areas.yaml:5: code: stands twice (first in areas.yaml, line 4)",
    ),
    "area without a Dutch name": (
        AREAS,
        ', nl: "Provincie Namen"',
        "",
        "areas.yaml:7: name: This field cannot be blank.",
    ),
    "area name in a language unknown": (
        AREAS,
        'nl: "Provincie Namen"',
        'it: "Namur"',
        "areas.yaml:7: it: unknown field",
    ),
    "plan that ends before it begins": (
        PLAN,
        "2029-12-31",
        "2025-12-31",
        "plan.yaml:6: last_day: the end comes after the beginning",
    ),
    "plan without a title": (
        PLAN,
        '    title: "Ciblé. Intégré. Sûr."\n',
        "",
        "plan.yaml:2: title: missing field",
    ),
    "text that reads as a number": (
        THEMES,
        'code: "1.1"',
        "code: 1.1",
        "themes-1.yaml:21: code: text expected (in quotes)",
    ),
    "theme code that is not its parent's": (
        THEMES,
        'parent: "1"',
        'parent: "2"',
        "themes-1.yaml:21: code: the code is the parent's, then the number",
    ),
    "key twice": (
        THEMES,
        "        statement: Dresser l’image.\n",
        "        level: local\n",
        "themes-1.yaml:17: level: stands twice",
    ),
    "objective with a field unknown": (
        THEMES,
        "statement: Dresser l’image.",
        "enonce: Dresser l’image.",
        "themes-1.yaml:17: enonce: unknown field",
    ),
    "objective of another level than its code": (
        THEMES,
        "level: federal",
        "level: local",
        "themes-1.yaml:11: level: the code says otherwise",
    ),
    "objective of another strand than its code": (
        THEMES,
        "strand: VIF",
        "strand: VS",
        "themes-1.yaml:40: strand: the code says otherwise",
    ),
    "objective of another number than its code": (
        THEMES,
        "strand: VIF\n        number: 1",
        "strand: VIF\n        number: 2",
        "themes-1.yaml:41: number: the code says otherwise",
    ),
    "objective under another theme than its code": (
        THEMES,
        "1.1-L1",
        "1-L1",
        "themes-1.yaml:29: code: the objective stands under another theme",
    ),
    "objective with an unreadable code": (
        THEMES,
        "1.1-L1",
        "1.1/L1",
        "themes-1.yaml:29: code: a code reads 1.1-F2 or 7-VIF1",
    ),
    "title too long": (
        THEMES,
        "title: Nuisances",
        f"title: {'x' * 161}",
        "themes-1.yaml:33: title: Ensure this value has at most 160 characters (it has 161).",
    ),
    "link that only a theme knows": (
        THEMES,
        "ncsi: [personne]",
        "ncsi: []",
        "ncsi.yaml:5: linked_by_themes: the themes say otherwise",
    ),
    "dimension unknown": (
        THEMES,
        "ncsi: []",
        "ncsi: [lunaire]",
        "themes-1.yaml:8: ncsi: unknown: lunaire",
    ),
    "title of an unknown theme": (TITLES, '"1.1":', '"1.2":', "titles.yaml:2: 1.2: unknown field"),
    "YAML that cannot be read": (
        DIMENSIONS,
        "number: 1",
        "number: [1",
        "ncsi.yaml:4: –: expected ',' or ']', but got ':'",
    ),
    "indicator of an unknown objective": (
        INDICATORS,
        "objective: 1.1-L1",
        "objective: 1.1-L9",
        "indicators.yaml:3: objective: unknown: 1.1-L9",
    ),
    "indicator twice": (
        INDICATORS,
        "code: etapes",
        "code: maturite",
        "indicators.yaml:81: code: stands twice (first in indicators.yaml, line 51)",
    ),
    "indicator paired with an unknown one": (
        INDICATORS,
        "paired_with: maturite",
        "paired_with: immaturite",
        "indicators.yaml:6: paired_with: unknown: immaturite",
    ),
    "definition without a direction": (
        INDICATORS,
        "        kind: scale\n        direction: increase\n",
        "        kind: scale\n",
        "indicators.yaml:57: direction: missing field",
    ),
    "definition of a kind unknown": (
        INDICATORS,
        "kind: ratio",
        "kind: taux",
        "indicators.yaml:16: kind: unknown: taux",
    ),
    "ratio without a denominator": (
        INDICATORS,
        "        denominator_label: Reçus\n",
        "",
        "indicators.yaml:8: denominator_label: a ratio or a mean names its denominator",
    ),
    "coverage above one": (
        INDICATORS,
        '"4/5"',
        '"5/4"',
        "indicators.yaml:24: minimum_coverage: a share between 0 and 1",
    ),
    "float": (
        INDICATORS,
        'value: "33.5"',
        "value: 33.5",
        'indicators.yaml:37: value: exact number expected, in quotes: "0.8" or "4/5"',
    ),
    "scale without one of its levels": (
        INDICATORS,
        "          - {level: 2, text: Essai}\n",
        "",
        "indicators.yaml:75: levels: a scale, and no other kind, has the levels 0 to 4",
    ),
    "scale without a threshold": (
        INDICATORS,
        "        threshold_level: 3\n",
        "",
        "indicators.yaml:57: threshold_level: a scale, and no other kind, has a threshold",
    ),
    "milestones without steps": (
        INDICATORS,
        "kind: milestones",
        "kind: count",
        "indicators.yaml:104: steps: milestones, and no other kind, have steps",
    ),
    "milestones that should decrease": (
        INDICATORS,
        "kind: milestones\n        direction: increase",
        "kind: milestones\n        direction: decrease",
        "indicators.yaml:94: direction: milestones only increase",
    ),
    "part of a count": (
        INDICATORS,
        "is_part: false\n        threshold_level",
        "is_part: true\n        threshold_level",
        "indicators.yaml:71: is_part: only the numerator of a ratio is a part",
    ),
    "listed units that are not named": (
        INDICATORS,
        "        subjects: [djsoc]\n",
        "",
        (
            "indicators.yaml:57: subjects: "
            "subjects are named where the listed units are addressed, and only there"
        ),
    ),
    "subject unknown": (
        INDICATORS,
        "[djsoc]",
        "[djsac]",
        "indicators.yaml:74: subjects: unknown: djsac",
    ),
    "reporter unknown": (
        INDICATORS,
        "reporter: bng",
        "reporter: bnx",
        "indicators.yaml:103: reporter: unknown: bnx",
    ),
    "options without the label of their breakdown": (
        INDICATORS,
        "        breakdown_label: Canal\n",
        "",
        "indicators.yaml:8: breakdown_label: options and the label of their breakdown go together",
    ),
    "figure of an option unknown": (
        INDICATORS,
        "option: web",
        "option: mail",
        "indicators.yaml:36: option: no definition has this option",
    ),
    "path against the direction": (
        INDICATORS,
        "target: 80",
        "target: 40",
        "indicators.yaml:49: target: the target goes against the direction",
    ),
    "point past the target": (
        INDICATORS,
        '"60.5"',
        "90",
        "indicators.yaml:50: points: a point passes the target",
    ),
    "point without a value": (
        INDICATORS,
        '"60.5"',
        '""',
        "indicators.yaml:50: 2027: missing field",
    ),
    "point outside the plan": (
        INDICATORS,
        "{2026: 50,",
        "{2025: 50,",
        "indicators.yaml:50: 2025: unknown field",
    ),
    "path of what is only monitored": (
        INDICATORS,
        "kind: ratio\n        direction: increase",
        "kind: ratio\n        direction: monitor",
        "indicators.yaml:46: path: what is only monitored has no path",
    ),
    "path of milestones": (
        INDICATORS,
        "  - code: etapes\n",
        "  - code: etapes\n    path: {target: 100}\n",
        (
            "indicators.yaml:82: path: "
            "milestones are held against their dates, a narrative against nothing"
        ),
    ),
    "bounds upside down": (
        INDICATORS,
        '        minimum_coverage: "4/5"\n',
        "        lower_bound: 5\n        upper_bound: 4\n",
        "indicators.yaml:25: upper_bound: the upper bound is below the lower one",
    ),
    "figure that ends before it begins": (
        INDICATORS,
        "last_day: 2018-12-31",
        "last_day: 2017-12-31",
        "indicators.yaml:40: last_day: the last day comes before the first",
    ),
    "baseline without a source": (
        INDICATORS,
        "      baseline_source: Rapport annuel 2025\n",
        "",
        "indicators.yaml:46: baseline_source: a baseline has its source",
    ),
    "check of no kind": (
        CHECKS,
        "kind: history",
        "kind: guess",
        "checks.yaml:7: kind: unknown: guess",
    ),
    "check taken twice": (
        CHECKS,
        "code: history",
        "code: breakdown",
        "checks.yaml:6: code: stands twice (first in checks.yaml, line 2)",
    ),
    "two checks of a kind for all": (
        CHECKS,
        'kind: history\n    severity: warning\n    threshold: "7/2"\n    floor: "20"',
        "kind: breakdown\n    severity: warning",
        "checks.yaml:7: kind: there is another check of this kind for the same",
    ),
    "check of an unknown severity": (
        CHECKS,
        "severity: blocking",
        "severity: deadly",
        "checks.yaml:4: severity: unknown: deadly",
    ),
    "change without a threshold": (
        CHECKS,
        '    threshold: "7/2"\n',
        "",
        "checks.yaml:6: threshold: only changes and mistakes of unit have one, above zero",
    ),
    "threshold of zero": (
        CHECKS,
        'threshold: "7/2"',
        'threshold: "0"',
        "checks.yaml:9: threshold: only changes and mistakes of unit have one, above zero",
    ),
    "sum with a threshold": (
        CHECKS,
        "severity: blocking",
        'severity: blocking\n    threshold: "2"',
        "checks.yaml:5: threshold: only changes and mistakes of unit have one, above zero",
    ),
    "floor below zero": (
        CHECKS,
        'floor: "20"',
        'floor: "-1"',
        "checks.yaml:10: floor: zero or more, of a change or a mistake of unit",
    ),
    "threshold as a float": (
        CHECKS,
        'threshold: "7/2"',
        "threshold: 3.5",
        'checks.yaml:9: threshold: exact number expected, in quotes: "0.8" or "4/5"',
    ),
    "two figures of which one is unknown": (
        CHECKS,
        "other: part-traitee",
        "other: part-oubliee",
        "checks.yaml:17: other: unknown: part-oubliee",
    ),
    "two figures of which one is not named": (
        CHECKS,
        "    other: part-traitee\n",
        "",
        "checks.yaml:12: other: two figures against each other, and no others, have it",
    ),
    "check with a part that is none": (
        CHECKS,
        "other_part: denominator",
        "other_part: half",
        "checks.yaml:18: other_part: unknown: half",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_names_its_place_and_changes_nothing(
    name: str,
    root: Path,
    edit: Edit,
    every_row: Callable[[], Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, old, new, told = FAULTS[name]
    edit(file, old, new)
    before = every_row()
    with pytest.raises(SystemExit) as stop:
        call_command("load_reference", dir=root)
    assert stop.value.code == 1
    folder = next(path.parent for path in root.rglob(told.split(":")[0]))
    assert capsys.readouterr().err == f"{folder}/{told}\n"
    assert every_row() == before


def test_a_fault_leaves_what_was_loaded_before(
    root: Path, edit: Edit, every_row: Callable[[], Any]
) -> None:
    call_command("load_reference", dir=root)
    before = every_row()
    edit(ZONES, "Midi,Zuid", "Gare du Midi,Zuid")
    edit(INDICATORS, "target: 80", "target: 40")
    with pytest.raises(SystemExit):
        call_command("load_reference", dir=root)
    assert every_row() == before


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("organisations/data/sources.csv", "bng,BNG", "bnd,BND", "sources.csv:1: slug: {}: bng"),
        (FORMER, "zp-ancienne,", "zp-autre,", "former_zones.csv:1: slug: {}: zp-ancienne"),
        (INDICATORS, "code: etapes", "code: pas", "indicators.yaml:1: code: {}: etapes"),
        (DIMENSIONS, "id: personne", "id: humaine", "ncsi.yaml:1: code: {}: personne"),
        (
            THEMES,
            "code: 1.1-VIF1\n        level: integrated\n        strand: VIF\n        number: 1",
            "code: 1.1-VIF2\n        level: integrated\n        strand: VIF\n        number: 2",
            "themes-1.yaml:1: code: {}: 1.1-VIF1",
        ),
    ],
)
def test_what_was_loaded_does_not_vanish(
    file: str,
    old: str,
    new: str,
    told: str,
    root: Path,
    edit: Edit,
    every_row: Callable[[], Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    load(root=root)
    before = every_row()
    edit(file, old, new)
    if file == DIMENSIONS:
        edit(THEMES, "ncsi: [personne]", "ncsi: [humaine]")
    with pytest.raises(SystemExit):
        call_command("load_reference", dir=root)
    message = told.format("loaded from here before and no longer there")
    assert capsys.readouterr().err == f"{(root / file).parent}/{message}\n"
    assert every_row() == before


def test_a_file_that_is_not_there(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / ZONES).unlink()
    with pytest.raises(SystemExit):
        call_command("load_reference", dir=root)
    assert capsys.readouterr().err == f"{root / ZONES}:1: –: there is no such file\n"


def test_a_file_in_another_encoding(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / MERGERS
    path.write_bytes(
        path.read_text(encoding="utf-8").replace("Inconnue", "Liège").encode("latin-1")
    )
    with pytest.raises(SystemExit):
        call_command("load_reference", dir=root)
    assert capsys.readouterr().err == f"{path}:3: –: text in UTF-8 expected\n"


def test_a_rule_of_the_database_names_the_row(
    root: Path, edit: Edit, every_row: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    before = every_row()
    edit(INDICATORS, "points: {2026", "band_low: 3\n      points: {2026")
    with pytest.raises(SystemExit):
        call_command("load_reference", dir=root)
    message = "Constraint “path_band_both_or_none” is violated."
    assert capsys.readouterr().err == f"{root / INDICATORS}:46: –: {message}\n"
    assert every_row() == before


def test_baselines_of_subjects_are_exact_and_of_known_units(
    root: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(INDICATORS, "kind: ratio", "kind: count")
    edit(INDICATORS, "is_part: true", "is_part: false")
    edit(INDICATORS, "points: {2026", 'subject_baselines: {zp-midi: "30.5"}\n      points: {2026')
    load(root=root)
    (baseline,) = SubjectBaseline.objects.all()
    assert (baseline.unit.slug, baseline.value) == ("zp-midi", Fraction(61, 2))
    for old, new, told in (
        ('{zp-midi: "30.5"}', "{zp-nord: 3}", "unknown: zp-nord"),
        ("{zp-nord: 3}", "{zp-midi: -3}", "zero or more of each subject"),
    ):
        edit(INDICATORS, old, new)
        with pytest.raises(SystemExit):
            call_command("load_reference", dir=root)
        assert capsys.readouterr().err == f"{root / INDICATORS}:50: subject_baselines: {told}\n"


def test_two_definitions_in_force_together(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = (root / INDICATORS).read_text(encoding="utf-8").split("    versions:\n")[-1]
    later = version.replace("number: 1\n", "number: 2\n")
    with (root / INDICATORS).open("a", encoding="utf-8") as file:
        file.write(later)
    with pytest.raises(SystemExit):
        call_command("load_reference", dir=root)
    told = "108: valid_from: the former definition is still in force"
    assert capsys.readouterr().err == f"{root / INDICATORS}:{told}\n"
