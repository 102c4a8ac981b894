"""The codebook: every definition in full, in words, and as one file."""

from __future__ import annotations

import csv
import datetime as dt
import io
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

from foundation.spreadsheets import inert
from indicators import wording
from indicators.codebook import selectors
from indicators.codebook.resources import DEFINITIONS, TABLES
from indicators.codebook.selectors import Terms
from indicators.enums import Direction, Frequency, Kind, Temporal
from indicators.labels import Addressed, DatingBasis
from indicators.models import HistoricalFigure, Indicator, PathPoint, TargetPath
from organisations.enums import AreaKind, Role
from tests.factories import (
    make_area,
    make_commitment,
    make_condition,
    make_indicator,
    make_objective,
    make_plan,
    make_point,
    make_source,
    make_unit,
    make_user,
    make_version,
    make_zone,
)

pytestmark = pytest.mark.django_db
KINDS = list(Kind)
OPTIONS = '<span lang="fr">Port</span>, <span lang="fr">Airport</span>'


@pytest.fixture(autouse=True)
def _texts_in_french():
    with translation.override("fr"):
        yield


@pytest.fixture
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def reader(client):
    user = make_user(Role.AUTHORITY, make_zone())
    client.force_login(user)
    return user


def listed(client, **terms) -> str:
    return client.get(reverse("codebook-list"), terms, HTTP_ACCEPT_LANGUAGE="en").content.decode()


def page(client, code="checks", **query) -> str:
    answer = client.get(reverse("codebook-detail", args=[code]), query, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    return answer.content.decode()


def figure_of(indicator, **fields):
    values = {
        "key": f"{indicator.code}-2018",
        "label_fr": "Messages",
        "value": Fraction(215_189),
        "unit_fr": "number",
        "dating_basis": DatingBasis.STATED,
        "dating_fr": "2018",
        "source_fr": "Annual report",
        "source_date_fr": "2019-06",
    }
    return HistoricalFigure.objects.create(indicator=indicator, **{**values, **fields})


# --- In words -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("_english")
def test_every_kind_has_its_formula_and_its_sum(kind):
    version = make_indicator(kind=kind, steps={1: "2026-12-31"} if kind == "milestones" else None)
    assert "%(" not in wording.formula(version) + wording.addition(version)
    assert wording.formula(version).endswith(".")


@pytest.mark.usefixtures("_english")
def test_a_ratio_in_words():
    version = make_indicator(kind=Kind.RATIO)
    assert wording.formula(version) == "Sum of “Part” divided by the sum of “Whole”\u00a0× 100."
    with translation.override("fr"):
        assert "%(" not in wording.formula(version)


@pytest.mark.usefixtures("_english")
def test_a_rate_is_per_so_many_inhabitants():
    version = make_indicator(kind=Kind.POPULATION_RATE, scale=100_000)
    assert wording.formula(version).endswith("that reported\u00a0× 100\u202f000.")


@pytest.mark.usefixtures("_english")
def test_a_text_with_a_percent_sign_stays_whole():
    version = make_indicator(numerator_label="100 % of %(scale)s")
    assert wording.formula(version) == "Sum of “100 % of %(scale)s”."


@pytest.mark.parametrize(
    ("frequency", "temporal", "said"),
    [
        (Frequency.YEAR, Temporal.FLOW, "Once a year; the value is the year’s."),
        (Frequency.QUARTER, Temporal.FLOW, "4 times a year; a year is the sum of its periods."),
        (Frequency.HALF_YEAR, Temporal.STOCK, "2 times a year; a year is its last value."),
        (Frequency.MONTH, Temporal.MEAN, "12 times a year; the parts of a year are added up"),
    ],
)
@pytest.mark.usefixtures("_english")
def test_over_time(frequency, temporal, said):
    version = make_indicator(frequency=frequency, temporal=temporal)
    assert wording.over_time(version).startswith(said)


# --- The list -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("_english")
def test_the_list_groups_what_measures_each_promise(client, reader):
    make_indicator("first")
    make_indicator("second", promise=make_condition())
    make_indicator("third", promise=make_commitment())
    make_indicator("fourth", promise=make_point())
    found = selectors.sections(selectors.entries())
    assert [section.heading for section in found] == [
        "1 Theme 1",
        "8 Conditions and points of attention",
        "III Resources and capacity",
        "7 Theme 7",
    ]
    text = listed(client)
    for code in ("first", "second", "third", "fourth"):
        assert reverse("codebook-detail", args=[code]) in text


def codes(**terms) -> list[str]:
    found = selectors.narrowed(selectors.entries(), Terms(**terms))
    return [each.indicator.code for each in found]


def test_filters_narrow_the_list():
    source, directorate = make_source(), make_unit("cgi")
    make_indicator("a", is_key=True, definition="Compte les éléments")
    make_indicator("b", kind=Kind.RATIO, frequency=Frequency.YEAR, reporter=source)
    make_indicator("c", addressed=Addressed.LISTED, subjects=[directorate])
    make_indicator("d", objective=make_objective("2-F1"))
    assert codes() == ["a", "b", "c", "d"]
    assert codes(key=True) == ["a"]
    assert codes(words="ELEMENTS compte") == ["a"]
    assert codes(kind=Kind.RATIO) == codes(frequency="year") == codes(reporter="source") == ["b"]
    assert codes(reporter="federal") == ["c"]
    assert codes(reporter="zone") == ["a", "d"]
    assert codes(heading="2") == ["d"]
    assert codes(nature="result") == []


def test_a_filter_that_makes_no_sense_narrows_nothing(client, reader):
    make_indicator()
    assert "checks" in listed(client, heading="nowhere", kind="odd", frequency="never")


def test_an_empty_list_says_why(client, reader):
    make_indicator()
    assert "No indicator is found here" in listed(client, words="zzz")


def test_the_version_in_force_is_listed():
    first, second, third = dt.date(2020, 1, 1), dt.date(2026, 1, 1), dt.date(2050, 1, 1)
    indicator = make_indicator("a", valid_from=first, valid_to=second, name="Former").indicator
    make_version(indicator, number=2, valid_from=second, valid_to=third, name="Present")
    make_version(indicator, number=3, valid_from=third, name="To come")
    assert [each.version.name for each in selectors.entries()] == ["Present"]


# --- One definition -----------------------------------------------------------------------------


def test_a_definition_says_everything(client, reader):
    directorate, nation = make_unit("cgi"), make_area("belgium", AreaKind.NATION)
    version = make_indicator(
        kind=Kind.RATIO,
        addressed=Addressed.LISTED,
        subjects=[directorate],
        options=["port", "airport"],
        breakdown_label="Channel",
        limits="Does not say everything",
        lower_bound=0,
        upper_bound=500,
        materiality=Fraction(2),
        minimum_coverage=Fraction(9, 10),
        display_decimals=1,
    )
    path = TargetPath.objects.create(
        indicator=version.indicator,
        area=nation,
        baseline=Fraction(40),
        baseline_end=dt.date(2025, 12, 31),
        baseline_source="A report",
        target=Fraction(60),
    )
    PathPoint.objects.create(path=path, year=2027, value=Fraction(50))
    figure_of(version.indicator, source_fr="Rapport annuel")
    text = page(client)
    for said in (
        "What checks counts.", "divided by the sum of", "never a mean of ratios", "More is better",
        directorate.label, "Register", "Does not say everything", "90", "500", "Channel",
        OPTIONS, "no port", "A report", "50.0", "60.0", "Rapport annuel", "2019-06",
        "4 times a year", "The first definition.",
    ):  # fmt: skip
        assert said in text, said


def test_scale_and_milestones_are_worded(client, reader):
    make_indicator("scale", kind=Kind.SCALE)
    make_indicator("steps", kind=Kind.MILESTONES, steps={1: "2026-12-31", 2: "2027-06-30"})
    assert "Level 4 in words" in page(client, "scale")
    steps = page(client, "steps")
    assert "Step 2</span> (June 30, 2027)" in steps
    assert "The dated steps above." in steps


def test_without_a_path_it_says_why(client, reader):
    make_indicator("judged")
    make_indicator("followed", direction=Direction.MONITOR)
    assert "the plan sets no target" in page(client, "judged")
    assert "None: followed without judgement." in page(client, "followed")


def test_a_restricted_indicator_shows_its_definition_and_no_figure(client, reader):
    version = make_indicator(is_restricted=True)
    nation = make_area("belgium", AreaKind.NATION)
    TargetPath.objects.create(indicator=version.indicator, area=nation, target=Fraction(77_777))
    figure_of(version.indicator)
    text = page(client)
    assert "What checks counts." in text
    assert "215" not in text
    assert "77,777" not in text
    assert "Not shown here: the indicator is restricted." in text


def test_what_has_no_translation_is_marked_as_french(client, reader):
    make_indicator(name="Contrôles", definition="Ce qui est compté", definition_en="What counts")
    text = page(client)
    assert '<span lang="fr">Contrôles</span>' in text
    assert '<span lang="fr">What counts' not in text
    assert "it stands here in French" in text


def test_a_whole_translation_needs_no_note(client, reader):
    texts = ("name", "definition", "unit", "numerator_label")
    version = make_indicator(reasons=(), **{f"{name}_en": "English" for name in texts})
    assert "it stands here in French" not in page(client)
    said = {"unit": "faits", "dating": "vers 2018", "source": "Rapport", "note": "Rompue."}
    figure = figure_of(version.indicator, **{f"{name}_fr": text for name, text in said.items()})
    text = page(client)
    assert "it stands here in French" in text
    history = text[text.index('id="historical"') :]
    for each in ("Messages", *said.values()):
        assert f'<span lang="fr">{each}</span>' in history
    with translation.override("fr"):
        assert selectors.definition("checks").is_translated
    for name in HistoricalFigure.TEXTS:
        setattr(figure, f"{name}_en", f"English {name}")
    figure.save()
    text = page(client)
    assert "it stands here in French" not in text
    history = text[text.index('id="historical"') :]
    assert 'lang="fr"' not in history
    for name in HistoricalFigure.TEXTS:
        assert f"English {name}" in history


def test_pairs_lead_to_each_other(client, reader):
    first, second = make_indicator("first"), make_indicator("second")
    Indicator.objects.filter(code="first").update(paired_with=second.indicator)
    Indicator.objects.filter(code="second").update(paired_with=first.indicator)
    assert reverse("codebook-detail", args=["second"]) in page(client, "first")
    assert reverse("codebook-detail", args=["first"]) in page(client, "second")


def test_history_keeps_every_version(client, reader):
    indicator = make_indicator(valid_to=dt.date(2026, 1, 1), definition="As it was").indicator
    make_version(indicator, number=2, valid_from=dt.date(2026, 1, 1), definition="As it is")
    now, then = page(client), page(client, version="1")
    assert "As it is" in now
    assert "not the one in force today" not in now
    assert "As it was" in then
    assert "not the one in force today" in then
    assert f"{reverse('codebook-detail', args=['checks'])}?version=1" in now


@pytest.mark.parametrize("asked", ["9", "99999999"])
def test_a_version_that_is_none(client, reader, asked):
    make_indicator()
    address = reverse("codebook-detail", args=["checks"])
    expected = 404 if len(asked) < 5 else 200
    assert client.get(address, {"version": asked}).status_code == expected


def test_unknown_codes_are_not_found(client, reader):
    assert client.get(reverse("codebook-detail", args=["nothing"])).status_code == 404


def test_search_finds_definitions(client, reader):
    make_indicator("a-code", name="Contrôles ciblés")
    hits = selectors.find(reader, "controles", 20)
    assert [hit.url for hit in hits] == [reverse("codebook-detail", args=["a-code"])]
    assert selectors.find(make_user(Role.REPORTER, make_zone("x")), "a-code", 20)


# --- Query counts -------------------------------------------------------------------------------


def queries_of(client, address) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_list_costs_the_same_for_one_and_for_many(client, reader):
    make_indicator("first", subjects=[make_unit("cgi")], addressed=Addressed.LISTED)
    one = queries_of(client, reverse("codebook-list"))
    make_indicator("second", promise=make_condition(), reporter=make_source())
    make_indicator("third", promise=make_point())
    make_indicator("fourth", addressed=Addressed.LISTED, subjects=[make_unit("x")])
    assert queries_of(client, reverse("codebook-list")) == one == 6


def test_a_page_costs_the_same_for_a_full_definition(client, reader):
    make_indicator("plain")
    plain = queries_of(client, reverse("codebook-detail", args=["plain"]))
    full = make_indicator(
        "full", kind=Kind.SCALE, options=["a", "b", "c"], breakdown_label="Channel",
        subjects=[make_unit("x"), make_unit("y")], addressed=Addressed.LISTED,
    )  # fmt: skip
    figure_of(full.indicator)
    figure_of(full.indicator, key="another")
    assert queries_of(client, reverse("codebook-detail", args=["full"])) == plain


# --- The download -------------------------------------------------------------------------------


def content(client, **query) -> bytes:
    answer = client.get(reverse("codebook-download"), query, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def as_csv(client) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(client, format="csv").decode("utf-8-sig"))))


def as_workbook(client) -> dict[str, list[list[object]]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content(client, format="xlsx")))
    return {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}


def test_csv_has_a_row_per_version_in_every_language(client, reader):
    indicator = make_indicator(
        kind=Kind.RATIO,
        valid_to=dt.date(2026, 1, 1),
        definition_nl="Wat geteld wordt",
        decimals=1,
        upper_bound=105,
    ).indicator
    make_version(indicator, number=2, valid_from=dt.date(2026, 1, 1))
    first, second = as_csv(client)
    assert first["Indicator code"] == second["Indicator code"] == "checks"
    assert (first["Version of the definition"], second["Version of the definition"]) == ("1", "2")
    assert first["Definition (fr)"] == "What checks counts."
    assert first["Definition (nl)"] == "Wat geteld wordt"
    assert first["In force until"] == "2026-01-01"
    assert first["Minimum coverage (%)"] == "80"
    assert first["Upper bound"] == "10.5"
    assert "divided by" in first["Formula"]
    assert first["Not applicable where (fr)"] == "no port"


def test_the_workbook_has_a_sheet_per_table(client, reader):
    make_plan()
    version = make_indicator("scale", kind=Kind.SCALE)
    make_indicator("broken-down", options=["port"])
    make_indicator("steps", kind=Kind.MILESTONES, steps={1: "2026-12-31"})
    figure_of(version.indicator, label_nl="Berichten")
    sheets = as_workbook(client)
    names = ["Read me", "Definitions", "Options", "Levels", "Steps", "Reasons"]
    assert list(sheets) == [*names, "Historical figures", "Dictionary"]
    assert len(sheets["Definitions"]) == 3 + 3
    assert sheets["Levels"][3][:3] == ["scale", 1, 0]
    assert sheets["Options"][3][:3] == ["broken-down", 1, "port"]
    assert sheets["Steps"][3][:4] == ["steps", 1, 1, dt.date(2026, 12, 31)]
    assert sheets["Reasons"][3][2] == "no-port"
    figures = sheets["Historical figures"]
    assert figures[3][:3] == ["scale", "Messages", "Berichten"]
    assert figures[3][figures[2].index("Value")] == 215_189
    assert any("PNS-2026-2029" in str(row[1]) for row in sheets["Read me"])


def test_restricted_figures_are_not_in_the_file(client, reader):
    figure_of(make_indicator(is_restricted=True).indicator)
    assert len(as_workbook(client)["Historical figures"]) == 3  # title, blank, headings
    assert "215189" not in str(as_workbook(client))


def test_no_text_becomes_a_formula(client, reader):
    make_indicator(definition="=1+1")
    (row,) = as_csv(client)
    assert row["Definition (fr)"] == inert("=1+1") == "'=1+1"


def test_another_format_is_no_address(client, reader):
    assert client.get(reverse("codebook-download"), {"format": "exe"}).status_code == 404


def test_every_heading_is_there_once():
    for table in TABLES.values():
        headings = [column.heading.text for column in table.columns]
        assert len(set(headings)) == len(headings)
    assert len(DEFINITIONS) > 60


def test_the_file_costs_the_same_for_one_and_for_many(client, reader):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            content(client, format="xlsx")
        return len(queries)

    make_indicator("first", options=["a"])
    one = cost()
    for number in range(3):
        make_indicator(f"more-{number}", options=["a", "b"])
    assert cost() == one


def test_who_sees_no_results_sees_on_an_objective_what_measures_it(client):
    version = make_indicator("checks", objective=make_objective("1-L1"), is_key=True)
    url = reverse("objective-detail", args=["1-L1"])
    link = reverse("codebook-detail", args=["checks"])
    client.force_login(make_user(Role.REPORTER, make_zone()))
    page = client.get(url).content.decode()
    assert page.count(version.name) == page.count(link) == 1
    client.force_login(make_user(Role.STEERING))
    assert link not in client.get(url).content.decode()
