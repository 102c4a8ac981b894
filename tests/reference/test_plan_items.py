"""Nothing of the plan is dropped: every kind of item is counted, and each is found by place."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import transaction

from plans.enums import CommitmentKind, PassageKind
from plans.models import (
    Commitment,
    CommitmentPoint,
    Condition,
    ConditionPoint,
    GlossaryEntry,
    KeyDate,
    LegalReference,
    Passage,
    PlanFigure,
    SourceNote,
)
from submissions.management.commands.load_reference import load
from themes.enums import Basis, PointKind
from themes.models import (
    Footnote,
    Objective,
    ObjectiveStep,
    Responsibility,
    Theme,
    ThemeDimension,
    ThemeFramework,
    ThemePoint,
)

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
pytestmark = pytest.mark.django_db
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"the plan to compare with is not in {SHARED}"
)


@pytest.fixture(autouse=True, scope="module")
def _loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The program's files, loaded once for the tests below, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(root=Path(settings.BASE_DIR))
        yield
        transaction.set_rollback(True)


def source() -> dict[str, Any]:
    """The structured plan that the tests compare with."""
    with (SHARED / "plan" / "pns-2026-2029.yaml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


def themes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for theme in plan["themes"]:
        yield theme
        yield from theme["subthemes"]


def objectives_of(theme: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in filter(None, theme["objectives"].values()):
        for part in group.get("strands", [group]):
            yield from part["items"]


# --- Counts -----------------------------------------------------------------------------------


def counted() -> dict[str, Counter[str]]:
    """What is loaded, per theme and kind of item, in the words of counts.json."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for theme in Theme.objects.all():
        found[theme.code]["objectives"] = 0
    for theme, level in Objective.objects.values_list("theme__code", "level"):
        found[theme][level] += 1
        found[theme]["objectives"] += 1
    names = {
        PointKind.MISSION: "mission_bullets",
        PointKind.CROSS_CUTTING: "cross_cutting",
        PointKind.GENERAL: "general_points",
    }
    for theme, kind in ThemePoint.objects.values_list("theme__code", "kind"):
        found[theme][names[PointKind(kind)]] += 1
    for theme in ThemeFramework.objects.values_list("theme__code", flat=True):
        found[theme]["frameworks"] += 1
    items = ObjectiveStep.objects.exclude(place="")
    for theme in items.values_list("version__objective__theme__code", flat=True):
        found[theme]["sub_items"] += 1
    return found


@needs_shared
def test_every_kind_of_item_is_counted_per_theme() -> None:
    expected = json.loads((SHARED / "plan" / "counts.json").read_text(encoding="utf-8"))
    found = counted()
    kinds = [kind for kind in expected["totals"] if kind in expected["themes"]["1"]]
    assert set(kinds) == {
        "federal", "local", "integrated", "objectives", "cross_cutting", "general_points",
        "frameworks", "mission_bullets", "sub_items",
    }  # fmt: skip
    assert {code: {kind: found[code][kind] for kind in kinds} for code in found} == {
        code: {kind: counts[kind] for kind in kinds} for code, counts in expected["themes"].items()
    }
    totals = Counter({kind: sum(each[kind] for each in found.values()) for kind in kinds})
    assert totals == Counter({kind: expected["totals"][kind] for kind in kinds})


@needs_shared
def test_what_stands_outside_the_themes_is_counted() -> None:
    expected = json.loads((SHARED / "plan" / "counts.json").read_text(encoding="utf-8"))
    kinds = Counter(Passage.objects.values_list("kind", flat=True))
    assert Condition.objects.count() == expected["conditions"]
    assert ConditionPoint.objects.count() == expected["plan_grandes_villes_sub_points"]
    assert GlossaryEntry.objects.filter(is_ours=False).count() == expected["glossary_entries"]
    assert Footnote.objects.count() == expected["footnotes"]
    assert kinds[PassageKind.EMPHASIS] == expected["emphasis_points"]
    named = Passage.objects.filter(kind=PassageKind.REGULAR_MISSION).exclude(place="1, M")
    assert named.count() == expected["regular_functioning_themes_named"]
    of_kind = Counter(Commitment.objects.values_list("kind", flat=True))
    assert of_kind[CommitmentKind.REFORM] == expected["structural_reforms"]
    assert of_kind[CommitmentKind.PILLAR] == expected["capacity_pillars"]
    distinct = ThemeFramework.objects.filter(theme__code="6.1").values("framework").distinct()
    assert distinct.count() == expected["frameworks_distinct_6.1"]


# --- A walk through the plan ------------------------------------------------------------------


def walked(plan: dict[str, Any]) -> Iterator[str]:
    """The place of each item of the structured plan that Jalon must tell."""
    book = plan["plan"]
    yield from (f"0, {n}" for n, _ in enumerate(book["preamble"]["paragraphs"], 1))
    yield from (f"1, {n}" for n, _ in enumerate(book["introduction"]["paragraphs"], 1))
    after = book["introduction"]["paragraphs_after_emphasis"]
    yield from (f"1, S{n}" for n, _ in enumerate(after, 1))
    yield from (f"1, E{n}" for n, _ in enumerate(book["emphasis_points"], 1))
    yield from (f"1, M{n}" for n, _ in enumerate(book["regular_functioning_themes"]["items"], 1))
    yield "1, M"
    yield "2"
    yield from (f"2, L{n}" for n, _ in enumerate(plan["chapter_2"]["theme_elements"], 1))
    yield from (f"2, S{n}" for n, _ in enumerate(plan["chapter_2"]["closing"], 1))
    for theme in themes_of(plan):
        yield from walked_theme(theme)
    yield "2 § 8"
    for condition in plan["conditions"]["items"]:
        here = f"2 § 8, C{condition['number']}"
        yield here
        yield from (f"{here}.{point['number']}" for point in condition.get("sub_points", ()))
    yield from walked_resources(plan["resources"])
    for part in ("follow_up", "evaluation"):
        here = f"4 § {plan[part]['number']}"
        yield from (f"{here}, {n}" for n, _ in enumerate(plan[part]["paragraphs"], 1))
        yield from (f"{here}, A{n}" for n, _ in enumerate(plan[part]["roles"], 1))


def walked_theme(theme: dict[str, Any]) -> Iterator[str]:
    here = f"2 § {theme['code']}"
    yield here
    if theme["mission"]:
        yield from (f"{here}, M{n}" for n, _ in enumerate(theme["mission"]["items"], 1))
    for objective in objectives_of(theme):
        place = f"{here}, {objective['id'].split('-')[1]}"
        yield place
        yield from (f"{place}.{n}" for n, _ in enumerate(objective.get("sub_items", ()), 1))
    yield from (f"{here}, T{n}" for n, _ in enumerate(theme["cross_cutting"], 1))
    general = theme.get("general_attention_points", ())
    yield from (f"{here}, G{n}" for n, _ in enumerate(general, 1))
    yield from (f"{here}, D{n}" for n, _ in enumerate(theme["frameworks"], 1))
    yield from (f"{here}, N{note['number']}" for note in theme["footnotes"])


def walked_resources(resources: dict[str, Any]) -> Iterator[str]:
    orientation, capacity = resources["orientation"], resources["capacity"]
    yield from (f"3 § 1, {n}" for n, _ in enumerate(orientation["paragraphs"], 1))
    yield from (f"3 § 1, R{n}" for n, _ in enumerate(orientation["reforms"], 1))
    yield from (f"3 § 1, S{n}" for n, _ in enumerate(orientation["closing"], 1))
    yield from (f"3 § 2, {n}" for n, _ in enumerate(capacity["paragraphs"], 1))
    yield from (f"3 § 2, P{pillar['number']}" for pillar in capacity["pillars"])
    yield from (f"3 § 2, S{n}" for n, _ in enumerate(capacity["paragraphs_after_pillars"], 1))
    targets = capacity["reinforcement_targets"]
    for name, letter in (("government_agreement", "G"), ("outside_government_agreement", "H")):
        yield f"3 § 2, {letter}"
        yield from (f"3 § 2, {letter}{n}" for n, _ in enumerate(targets[name]["items"], 1))


def told() -> dict[str, str]:
    """Our words by place."""
    words: dict[str, str] = {}
    for model, field in (
        (Passage, "text_fr"),
        (Theme, "description_fr"),
        (ThemePoint, "text_fr"),
        (Footnote, "text_fr"),
        (Objective, "statement_fr"),
        (ObjectiveStep, "text_fr"),
        (Condition, "text_fr"),
        (ConditionPoint, "text_fr"),
        (Commitment, "text_fr"),
        (CommitmentPoint, "text_fr"),
        (ThemeFramework, "framework__title_fr"),
    ):
        words |= dict(model.objects.exclude(place="").values_list("place", field))  # type: ignore[attr-defined]
    return words


@needs_shared
def test_each_item_of_the_plan_has_its_counterpart_by_place() -> None:
    words = told()
    places = list(walked(source()))
    assert len(places) == len(set(places)) > 350
    assert [place for place in places if not words.get(place)] == []


@needs_shared
def test_missions_with_a_lead_are_told() -> None:
    led = {theme["code"] for theme in themes_of(source()) if theme["mission"]}
    told_in = Theme.objects.exclude(mission_fr="").values_list("code", flat=True)
    assert led == set(told_in)


@needs_shared
def test_figures_dates_and_legal_references_are_those_of_the_plan() -> None:
    plan = source()
    figures = {each.code: each for each in PlanFigure.objects.all()}
    for figure in plan["resources"]["figures"]:
        ours = figures[figure["id"].replace("_", "-")]
        said = ours.value_text or ours.value
        assert str(said) == str(figure["value"]) or float(said) == figure["value"], figure["id"]
        assert ours.on in ("", str(figure["period"])), figure["id"]
        assert ours.dating_fr
    assert len(figures) >= len(plan["resources"]["figures"])
    assert sorted(KeyDate.objects.values_list("on", flat=True)) == sorted(
        each["date"] for each in plan["plan"]["dates_mentioned"]
    )
    numbers = set(LegalReference.objects.values_list("number", flat=True))
    assert numbers >= set(range(1, len(plan["plan"]["legal_references"]) + 1))


@needs_shared
def test_the_glossary_explains_every_abbreviation() -> None:
    plan = source()
    theirs = dict(
        GlossaryEntry.objects.filter(is_ours=False).values_list("abbreviation", "expansion_fr")
    )
    assert theirs == {each["abbr"]: each["expansion"] for each in plan["glossary"]}
    unexplained = plan["editorial"]["abbreviations_used_not_in_glossary"]
    ours = GlossaryEntry.objects.filter(is_ours=True)
    assert set(ours.values_list("abbreviation", flat=True)) >= set(unexplained)
    assert not GlossaryEntry.objects.filter(expansion_fr="").exists()


@needs_shared
def test_anomalies_of_the_source_are_notes_for_the_secretariat() -> None:
    editorial = source()["editorial"]
    lines = Counter(SourceNote.objects.exclude(line=None).values_list("line", flat=True))
    for each in [*editorial["source_anomalies"], *editorial["suspicious_facts"]]:
        assert lines[each["line"]] >= 1, each["line"]
    kinds = Counter(SourceNote.objects.values_list("kind", flat=True))
    assert kinds["variant"] >= len(editorial["variant_names_in_source"])
    assert kinds["lost"] >= len(editorial["lost_in_ocr"])


@needs_shared
def test_links_to_dimensions_say_whether_the_plan_states_them() -> None:
    stated = {
        (theme["code"], dimension)
        for theme in themes_of(source())
        if theme["ncsi"]
        for dimension in theme["ncsi"]["dimensions"] or ()
    }
    links = ThemeDimension.objects.values_list("theme__code", "dimension__code", "basis")
    assert {(theme, code) for theme, code, basis in links if basis == Basis.STATED} == stated
    proposed = {(theme, code) for theme, code, basis in links if basis == Basis.PROPOSED}
    assert proposed
    assert not proposed & stated


def test_every_objective_has_somebody_responsible() -> None:
    without = Objective.objects.exclude(
        pk__in=Responsibility.objects.filter(part="responsible").values("objective")
    )
    assert list(without.values_list("code", flat=True)) == []


# --- Our own words ----------------------------------------------------------------------------

RUN = 10
#: Keys under which the plan's YAML holds official names and titles, which stay as they are.
NAMES = {
    "title", "heading", "name", "frameworks", "legal_references", "cornerstone_documents", "quote",
    "expansion", "actor", "function", "unit", "label",
}  # fmt: skip
LEFT_ASIDE = {"editorial", "glossary"}
#: Official names that stand within statements; they count as one word.
OFFICIAL = (
    "Conférence interministérielle sur la politique de sécurité et de maintien de l’ordre",
    "Politique stratégique pluriannuelle pour la gestion européenne intégrée des frontières",
    "Faire face à la violence de manière sensible au genre",
    "Technique d’audition audiovisuelle de mineurs et de personnes vulnérables",
)


def words_of(text: str) -> list[str]:
    without_marks = re.sub(r"\[\^\d+\]", "", text).lower()
    return re.findall(r"\w+", re.sub(r"['’]", " ", without_marks))


def runs(text: str) -> set[tuple[str, ...]]:
    """Every ten words in a row, an official name being one."""
    joined = " ".join(words_of(text))
    for name in OFFICIAL:
        joined = joined.replace(" ".join(words_of(name)), "§")
    words = joined.split()
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def strings(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, list):
        for each in node:
            yield from strings(each, key)
    elif isinstance(node, dict):
        for name, each in node.items():
            if name not in LEFT_ASIDE:
                yield from strings(each, name)


@needs_shared
def test_no_statement_repeats_ten_words_of_the_official_text() -> None:
    official: set[tuple[str, ...]] = set()
    names: set[tuple[str, ...]] = set()
    for key, text in strings(source()):
        (names if key in NAMES else official).update(runs(text))
    assert len(official) > 5_000
    folder = Path(settings.BASE_DIR)
    files = sorted(folder.glob("*/data/*.yaml"))
    assert len(files) > 15
    repeated = [
        f"{file.relative_to(folder)}: {key}: {' '.join(run)}"
        for file in files
        for key, text in strings(yaml.safe_load(file.read_text(encoding="utf-8")))
        for run in sorted(runs(text) & (official - names))
    ]
    assert repeated == []


def test_the_rule_of_ten_words_would_find_a_repetition() -> None:
    assert runs("Un deux trois quatre cinq six sept huit neuf dix.") & runs(
        "Et un, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze."
    )
