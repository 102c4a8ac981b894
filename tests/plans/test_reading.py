"""Reading the plan: abbreviations and footnotes where they stand, official wording, search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from organisations.enums import Role
from organisations.models import User
from plans.enums import PassageKind
from plans.models import (
    CommitmentPoint,
    Framework,
    GlossaryEntry,
    KeyDate,
    OfficialText,
    Passage,
    Plan,
    PlanFigure,
    SourceNote,
)
from plans.selectors import Abbreviations, abbreviations, find, glossary
from plans.templatetags.plan import explained, explained_line, partial_date
from tests.factories import (
    make_commitment,
    make_condition,
    make_indicator,
    make_objective,
    make_plan,
    make_point,
    make_round,
    make_theme,
    make_user,
    make_zone,
)
from themes.enums import Basis, Part
from themes.models import (
    Footnote,
    NcsiDimension,
    ObjectiveStep,
    Responsibility,
    ThemeDimension,
    ThemeFramework,
)
from themes.selectors import find as find_in_themes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _messages_in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def reader(client: Client) -> User:
    user = make_user(Role.REPORTER, make_zone())
    client.force_login(user)
    return user


def read(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(name, args=args), headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def read_in(language: str, client: Client, name: str, *args: str) -> str:
    """A page as the reader reads it whose account has this language."""
    User.objects.update(language=language)
    return read(client, name, *args)


def make_passage(place: str, text: str, kind: PassageKind = PassageKind.PREAMBLE) -> Passage:
    plan = Plan.objects.first() or make_plan()
    position = Passage.objects.count() + 1
    return Passage.objects.create(plan=plan, kind=kind, place=place, position=position, text=text)


def make_entry(abbreviation: str, expansion: str, **said: object) -> GlossaryEntry:
    return GlossaryEntry.objects.create(abbreviation=abbreviation, expansion=expansion, **said)


# --- Abbreviations and footnotes --------------------------------------------------------------


def words(*names: str) -> Abbreviations:
    return Abbreviations(
        [GlossaryEntry(abbreviation=name, expansion=f"<{name}>") for name in names]
    )


def test_an_abbreviation_is_explained_once_in_a_text_and_escaped():
    assert explained_line("La GPI & la GPI", words("GPI")) == (
        'La <abbr title="&lt;GPI&gt;">GPI</abbr> &amp; la GPI'
    )


def test_an_abbreviation_without_words_in_the_language_says_that_it_is_french():
    known = [
        GlossaryEntry(abbreviation="SGRS", expansion_fr="Service", expansion_nl="Dienst"),
        GlossaryEntry(abbreviation="PIP", expansion_fr="Plan"),
    ]
    with translation.override("nl"):
        shown = explained_line("SGRS, PIP", Abbreviations(known))
    assert shown == '<abbr title="Dienst">SGRS</abbr>, <abbr title="Plan" lang="fr">PIP</abbr>'


def test_the_longest_abbreviation_wins_and_words_stay_whole():
    shown = explained_line("DGA/DAH, DAHlia, dga", words("DGA", "DGA/DAH", "DAH"))
    assert shown == '<abbr title="&lt;DGA/DAH&gt;">DGA/DAH</abbr>, DAHlia, dga'


def test_each_paragraph_explains_anew_and_the_page_lists_each_once():
    met = words("VIF", "AIG", "CPS")
    shown = explained("AIG\n\nVIF et AIG", met)
    assert shown.count("<p>") == 2
    assert shown.count("<abbr") == 3
    assert [entry.abbreviation for entry in met.met] == ["AIG", "VIF"]


def test_a_text_without_a_glossary_stays_as_it_is():
    assert explained_line("L’AIG <b>", Abbreviations([])) == "L’AIG &lt;b&gt;"


def test_a_footnote_hangs_on_its_words_whatever_the_case_and_leads_back_once():
    notes = [Footnote(number=2, on="fraude à la TVA", text="…")]
    known = Abbreviations([GlossaryEntry(abbreviation="TVA", expansion="taxe")], notes)
    shown = explained_line("La Fraude à la TVA croît.", known)
    assert shown == (
        'La Fraude à la <abbr title="taxe">TVA</abbr>'
        '<sup><a id="mark-2" href="#note-2" aria-label="Footnote 2">2</a></sup> croît.'
    )
    assert 'id="mark-2"' not in explained_line("fraude à la TVA", known)
    assert known.marked == notes


def test_the_theme_page_marks_its_footnotes(client, reader):
    theme = make_theme("1")
    theme.description_fr = "Les hawaladars agissent."
    theme.save()
    for number, on in ((1, "hawaladars"), (2, "nulle part")):
        place = f"2 § 1, N{number}"
        Footnote.objects.create(theme=theme, number=number, place=place, on=on, text="Dit ceci.")
    page = read(client, "theme-detail", "1")
    assert 'href="#note-1"' in page
    assert 'href="#mark-1"' in page
    assert 'id="note-2"' in page
    assert 'href="#mark-2"' not in page


@pytest.mark.parametrize(
    ("text", "said"),
    [("2014", "2014"), ("2025-10", "October 2025"), ("2026-02-27", "Feb. 27, 2026")],
)
def test_a_date_is_as_precise_as_it_is_known(text, said):
    assert partial_date(text) == said


# --- Pages ------------------------------------------------------------------------------------


def test_the_glossary_goes_by_letters_and_says_what_is_ours(client, reader):
    make_entry("GPI", "Police intégrée")
    make_entry("iPhone", "un téléphone", is_ours=True)
    make_entry("ISLP", "un système")
    by_letter = {each.letter: [entry.abbreviation for entry in each.entries] for each in glossary()}
    assert by_letter == {"G": ["GPI"], "I": ["iPhone", "ISLP"]}
    page = read(client, "glossary")
    assert page.count("explained by the editors of Jalon)") == 1
    assert 'href="#letter-I"' in page


def test_a_commitment_is_read_with_its_figures_and_dates(client, reader):
    commitment = make_commitment("3-R1")
    PlanFigure.objects.create(
        plan=commitment.plan,
        commitment=commitment,
        code="posts",
        number=1,
        place="3 § 1",
        label="Posts",
        value=250,
        unit="ETP",
        dating="end of 2026",
    )
    page = read(client, "resources-detail")
    assert 'id="3-R1"' in page
    assert "end of 2026" in page
    assert "250" in page


def test_a_framework_tells_which_themes_name_it_and_how(client, reader):
    framework = Framework.objects.create(
        code="kadernota", title="Note-cadre", reach="belgian", kind="note"
    )
    for code, written in (("1", ""), ("2", "La note-cadre")):
        ThemeFramework.objects.create(
            theme=make_theme(code),
            framework=framework,
            number=1,
            place=f"2 § {code}, D1",
            as_written=written,
        )
    page = read(client, "framework-detail", "kadernota")
    assert page.count("Theme ") == 2
    assert "« La note-cadre »" in page


def test_a_framework_is_named_officially_in_each_language_else_in_french(client, reader):
    kind = {"reach": "belgian", "kind": "note"}
    named = Framework.objects.create(code="a", title_fr="Note-cadre", title_nl="Kadernota", **kind)
    french = Framework.objects.create(code="b", title_fr="Plan local", **kind)
    theme = make_theme("1")
    for number, (framework, written) in enumerate(((named, ""), (french, ""), (named, "La note"))):
        ThemeFramework.objects.create(
            theme=theme, framework=framework, number=number, place=f"D{number}", as_written=written
        )
    listed = read_in("nl", client, "framework-list")
    assert ">Kadernota</a>" in listed
    assert ' lang="fr">Plan local</a>' in listed
    assert "<h1>Kadernota</h1>" in read(client, "framework-detail", "a")
    page = read(client, "framework-detail", "b")
    assert '<h1 lang="fr">Plan local</h1>' in page
    assert '<span lang="fr">Plan local</span>' in page
    of_theme = read(client, "theme-detail", "1")
    assert ">Kadernota</a>" in of_theme
    assert ' lang="fr">Plan local</a>' in of_theme
    assert ' lang="fr">La note</a>' in of_theme
    assert of_theme.count(' lang="fr">Kadernota') == listed.count(' lang="fr">Kadernota') == 0


def test_an_objective_says_who_has_which_part_and_on_what_basis(client, reader):
    objective = make_objective("1-F1")
    for position, (part, basis) in enumerate(
        [(Part.RESPONSIBLE, Basis.STATED), (Part.CONTRIBUTOR, Basis.PROPOSED)]
    ):
        Responsibility.objects.create(
            objective=objective, part=part, group="pjf", basis=basis, position=position
        )
    dimension = NcsiDimension.objects.create(code="numerique", number=1, name="numérique")
    ThemeDimension.objects.create(theme=objective.theme, dimension=dimension, basis=Basis.PROPOSED)
    page = read(client, "objective-detail", "1-F1")
    assert page.count("stated by the plan") == 1
    assert page.count("working proposal") == 2
    assert reverse("dimension-detail", args=["numerique"]) in page


def test_only_long_objectives_fold_their_steps(client, reader):
    for code, length in (("1-F1", 20), ("1-F2", 900)):
        version = make_objective(code).versions.get()
        ObjectiveStep.objects.create(version=version, number=1, text="x" * length)
    assert '<details class="jalon-details" open><summary>Steps (1)' in read(
        client, "objective-detail", "1-F1"
    )
    assert '<details class="jalon-details"><summary>Steps (1)' in read(
        client, "objective-detail", "1-F2"
    )


def test_objectives_lead_to_the_one_before_and_after(client, reader):
    for number in (1, 2, 3):
        make_objective(f"1-F{number}")
    page = read(client, "objective-detail", "1-F2")
    assert f'rel="prev" href="{reverse("objective-detail", args=["1-F1"])}"' in page
    assert f'rel="next" href="{reverse("objective-detail", args=["1-F3"])}"' in page
    assert 'rel="next"' not in read(client, "objective-detail", "1-F3")


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.SECRETARIAT, True), (Role.ADMINISTRATOR, True), (Role.STEERING, False)],
)
def test_the_notes_on_the_source_are_for_the_secretariat(client, role, sees):
    plan = make_plan()
    note = {"kind": "anomaly", "observed": "Une phrase sans verbe", "place": "1", "note": ""}
    SourceNote.objects.create(plan=plan, number=1, **note)
    make_theme("1")
    client.force_login(make_user(role))
    answer = client.get(reverse("source-notes"))
    assert answer.status_code == (200 if sees else 403)
    assert (b"sans verbe" in answer.content) is sees
    assert (reverse("source-notes") in read(client, "plan-detail")) is sees


# --- Languages and the official wording -------------------------------------------------------


def test_a_text_that_exists_in_french_only_says_its_language(client, reader):
    make_passage("0, 1", "Seulement en français.")
    other = make_passage("0, 2", "En deux langues.")
    other.text_nl = "In twee talen."
    other.save()
    page = read_in("nl", client, "plan-introduction")
    assert "Seulement en français." in page
    assert "In twee talen." in page
    assert page.count('lang="fr"') - page.count('value="fr" lang="fr"') == 1


def test_the_official_wording_stands_in_the_language_of_the_page_else_in_french(client, reader):
    condition = make_condition("C1")
    make_condition("C2")
    for code, language, text in (
        ("C1", "fr", "Officiel"),
        ("C1", "nl", "Officieel"),
        ("C2", "fr", "Seul"),
    ):
        place = condition.place.replace("C1", code)
        OfficialText.objects.create(place=place, language=language, text=text)
    assert "<p>Officieel</p>" in read_in("nl", client, "condition-detail", "C1")
    assert "<p>Officiel</p>" in read_in("de", client, "condition-detail", "C1")
    assert "<p>Seul</p>" in read_in("nl", client, "condition-detail", "C2")


# --- Queries ----------------------------------------------------------------------------------


def much(count: int) -> None:
    """A plan with ``count`` of all that its pages show."""
    make_round()
    theme = make_theme("7")
    framework = Framework.objects.create(code="f", title="Frame", reach="belgian", kind="plan")
    for n in range(1, count + 1):
        for kind in PassageKind:
            make_passage(f"{kind} {n}", f"AB{n} Passage", kind)
        make_entry(f"AB{n}", "Abbreviation")
        make_condition(f"C{n}")
        commitment = make_commitment(f"3-R{n}")
        CommitmentPoint.objects.create(
            commitment=commitment, number=1, place=f"3 § 1, R{n}.1", title="Point", text="Said"
        )
        make_indicator(f"measure-{n}", promise=commitment)
        make_point(f"7-G{n}", theme)
        version = make_objective(f"7-F{n}", theme).versions.get()
        ObjectiveStep.objects.create(version=version, number=1, text="Step")
        ThemeFramework.objects.create(
            theme=theme, framework=framework, number=n, place=f"2 § 7, D{n}"
        )
        Footnote.objects.create(theme=theme, number=n, place=f"2 § 7, N{n}", on="AB", text="Note")
        dimension = NcsiDimension.objects.create(code=f"d{n}", number=n, name=f"Dimension {n}")
        ThemeDimension.objects.create(theme=theme, dimension=dimension, basis=Basis.STATED)
        KeyDate.objects.create(
            plan=theme.plan, code=f"k{n}", number=n, on="2026", place="1", event="Event"
        )


QUERIES = {
    "plan-introduction": ([], 5),
    "condition-list": ([], 7),
    "condition-detail": (["C1"], 9),
    "resources-detail": ([], 14),
    "follow-up-detail": ([], 5),
    "framework-list": ([], 3),
    "framework-detail": (["f"], 4),
    "glossary": ([], 3),
    "plan-references": ([], 4),
    "dimension-list": ([], 4),
    "dimension-detail": (["d1"], 5),
    "theme-detail": (["7"], 17),
    "objective-detail": (["7-F1"], 20),
}


@pytest.mark.parametrize("count", [1, 9])
def test_pages_take_the_same_queries_however_much_the_plan_holds(client, count):
    much(count)
    client.force_login(make_user(Role.SECRETARIAT))
    taken = {}
    for name, (args, _queries) in QUERIES.items():
        with CaptureQueriesContext(connection) as seen:
            read(client, name, *args)
        taken[name] = len(seen)
    assert taken == {name: queries for name, (_args, queries) in QUERIES.items()}


# --- Search -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "title", "where"),
    [
        ("c1", "C1 Condition C1", "2 § 8, C1"),
        ("3-r1", "3-R1 Commitment 3-R1", "3 § 1, R1"),
        ("ab1", "AB1 – Abbreviation", ""),
        ("FRAME", "Frame", ""),
        ("evenement de fevrier", "Événement de février", "1"),
    ],
)
def test_search_finds_codes_and_words_first_what_bears_the_name(client, asked, title, where):
    much(1)
    plan = Plan.objects.get()
    make_passage("0, 1", "Un passage qui nomme C1, 3-R1, AB1 et frame.")
    KeyDate.objects.create(
        plan=plan, code="k", number=9, on="2026-02", place="1", event="Événement de février"
    )
    hits = find(make_user(Role.COUNCIL), asked, 20)
    assert (str(hits[0].title), hits[0].where) == (title, where)


def test_search_finds_points_footnotes_steps_and_dimensions():
    much(1)
    seen = make_user(Role.COUNCIL)
    kinds = {
        asked: [str(hit.kind) for hit in find_in_themes(seen, asked, 9)]
        for asked in ("7-G1", "note ab", "step", "dimension 1")
    }
    assert kinds == {
        "7-G1": ["General points of attention"],
        "note ab": ["Footnote"],
        "step": ["Objective"],
        "dimension 1": ["NCSI dimension"],
    }


def test_search_tells_nothing_to_who_may_not_read_the_plan():
    much(1)
    nobody = User.objects.create(email="nobody@example.be")
    assert find(nobody, "passage", 9) == []
    assert find_in_themes(nobody, "step", 9) == []


def test_the_search_page_marks_the_words_and_shows_the_name_first(client, reader):
    make_condition("C1")
    make_passage("0, 1", "La condition C1 vaut pour tous.")
    page = client.get(reverse("search"), {"q": "c1"}, headers={"accept-language": "en"})
    assert [hit.title for hit in page.context["named"]] == ["C1 Condition C1"]
    assert "<mark>C1</mark> vaut" in page.content.decode()


def test_abbreviations_are_read_once(django_assert_num_queries):
    make_entry("GPI", "Police intégrée")
    with django_assert_num_queries(1):
        known = abbreviations()
        explained_line("GPI", known)
        explained_line("GPI encore", known)
