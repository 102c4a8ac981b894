"""The official wording is kept beside ours, by place; a fault keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from foundation.models import AuditEntry
from plans.models import OfficialText
from tests.factories import make_condition, make_objective
from themes.official import load_official_text

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[2].parent / "shared"

TEXT = """\
themes:
  - code: "1"
    description: [Premier alinéa, Second alinéa]
    objectives:
      federal:
        items:
          - number: 1
            heading: Image
            text: Texte officiel.
            sub_items: [Premier tiret]
          - number: 9
            text: Sans pareil chez nous.
"""


@pytest.fixture(autouse=True)
def _messages_in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    objective = make_objective("1-F1")
    objective.place = "2 § 1, F1"
    objective.save()
    objective.theme.place = "2 § 1"
    objective.theme.save()
    make_condition("C1")
    path = tmp_path / "plan.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("load_official_text", *arguments, stdout=out)
    return out.getvalue()


def test_it_tells_what_matched_and_what_did_not(file):
    loaded = load_official_text(path=file, language="fr")
    assert (loaded.created, loaded.changed, loaded.unchanged) == (2, 0, 0)
    assert loaded.unknown == ("2 § 1, F1.1", "2 § 1, F9")
    assert loaded.without_text == ("2 § 8, C1",)
    assert OfficialText.by_place(["2 § 1", "2 § 1, F1"], "fr") == {
        "2 § 1": "Premier alinéa\n\nSecond alinéa",
        "2 § 1, F1": "Image : Texte officiel.\n\n• Premier tiret",
    }
    out = run(str(file), "--lang", "fr")
    assert "2 § 1, F9" in out
    assert "2 § 8, C1" in out


def test_a_second_run_changes_nothing_and_another_wording_replaces(file):
    load_official_text(path=file, language="fr")
    entries = AuditEntry.objects.count()
    again = load_official_text(path=file, language="fr")
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    assert AuditEntry.objects.count() == entries
    file.write_text(TEXT.replace("Texte officiel", "Texte amendé"), encoding="utf-8")
    changed = load_official_text(path=file, language="fr")
    assert (changed.created, changed.changed, changed.unchanged) == (0, 1, 1)
    assert "Texte amendé" in OfficialText.objects.get(place="2 § 1, F1").text


def test_languages_stand_side_by_side_and_french_stands_in(file):
    load_official_text(path=file, language="fr")
    file.write_text(TEXT.replace("Texte officiel", "Officiële tekst"), encoding="utf-8")
    load_official_text(path=file, language="nl")
    OfficialText.objects.filter(place="2 § 1", language="nl").delete()
    texts = OfficialText.by_place(["2 § 1", "2 § 1, F1"], "nl")
    assert "Officiële tekst" in texts["2 § 1, F1"]
    assert texts["2 § 1"].startswith("Premier")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("number: 1\n", "number: un\n", "plan.yaml:7: number: whole number expected"),
        ("[Premier alinéa, Second alinéa]", "Premier", "plan.yaml:3: description: list expected"),
        ("themes:", "chapters:", "themes: no text of the plan was found"),
        ('code: "1"', 'code: "1', "plan.yaml:"),
        ("number: 9", "number: 1", "2 § 1, F1 stands twice"),
    ],
)
def test_a_fault_names_file_line_and_field_and_keeps_nothing(file, capsys, old, new, told):
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        call_command("load_official_text", str(file), "--lang", "fr")
    assert left.value.code == 1
    assert told in capsys.readouterr().err
    assert not OfficialText.objects.exists()


def test_check_says_what_would_change_only(file):
    assert run(str(file), "--lang", "fr", "--check").startswith("2")
    assert not OfficialText.objects.exists()


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"there is no plan to load in {SHARED}")
def test_the_structured_plan_matches_every_place_of_ours():
    call_command("load_reference", stdout=StringIO())
    loaded = load_official_text(path=SHARED / "plan" / "pns-2026-2029.yaml", language="fr")
    assert loaded.unknown == ()
    assert loaded.created > 350
    # Signatories and cornerstones are names; O1, C1, C2 of chapter 3 share their paragraph's place.
    assert [place for place in loaded.without_text if place[0].isdigit()] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('themes:\n  - code: "1"\n    descripton: [x]\n', "plan.yaml:3: descripton: unknown field"),
        ("themes:\n  - description: [x]\n", "plan.yaml:2: code: missing field"),
        ("themes: \x01\n", "plan.yaml:1: –: "),
        ("themes: &a [*a]\n", "plan.yaml:1: –: "),
        ("a: " + "[" * 3000 + "]" * 3000 + "\n", "plan.yaml:1: –: "),
    ],
)
def test_a_malformed_file_is_a_fault_and_never_a_crash(tmp_path, capsys, text, told):
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("load_official_text", str(path), "--lang", "fr")
    assert told in capsys.readouterr().err
    with pytest.raises(SystemExit):
        call_command("load_official_text", str(tmp_path), "--lang", "fr")
