"""What each role reads about how the plan stands."""

import datetime as dt
from fractions import Fraction

import pytest
from django.urls import reverse

from indicators.enums import Kind, Nature, Status, Temporal
from indicators.labels import DatingBasis, Qualifier
from indicators.models import HistoricalFigure, Indicator
from organisations.enums import Role
from organisations.models import User
from progress.closing import close_period
from progress.models import Result
from progress.selectors.overview import overview
from progress.selectors.reviews import Calendar
from progress.services import recompute_all
from submissions.enums import State
from submissions.models import Cell, RoundSubject
from tests.factories import (
    make_dca,
    make_indicator,
    make_objective,
    make_path,
    make_period,
    make_unit,
    make_user,
    make_zone,
)
from themes.enums import Basis
from themes.models import NcsiDimension, ThemeDimension

from .figures import NA, ND, cell_of, given, lock, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
QUARTER = "2026-Q3"
PAGES = ("progress-overview", "objective-standings", "progress-coverage")


@pytest.fixture
def read(client):
    """The text of a page for somebody who holds a role."""

    def page(name, *args, role=Role.STEERING, unit=None, answer=200, **query):
        reader = make_user(role, unit, name=f"reader-{User.objects.count()}")
        client.force_login(reader)
        response = client.get(reverse(name, args=args), query)
        assert response.status_code == answer
        return response.content.decode()

    return page


def test_options_are_said_to_add_up_only_where_they_do(read, nation):
    version = make_indicator(
        "calls", temporal=Temporal.STOCK, options=["a", "b"], breakdown_is_exhaustive=True
    )
    zones = [make_zone(f"zone-{number}") for number in range(2)]
    given(QUARTER, version, dict.fromkeys(zones, 5))
    for option, said in {"a": (2, 1), "b": (3, ND)}.items():
        given(QUARTER, version, dict(zip(zones, said, strict=True)), option=option)
    recompute_all()
    assert "they stand beside the total" in read("indicator-detail", "calls")
    say(Cell.objects.get(current__status=ND), 4)
    recompute_all()
    assert "The options add up to the total." in read("indicator-detail", "calls")


@pytest.fixture
def share(nation):
    """A key indicator of results of 5-L1, from 40 at the end of 2025 to 80 four years later."""
    version = make_indicator(
        "share",
        kind=Kind.RATIO,
        temporal=Temporal.STOCK,
        objective=make_objective("5-L1"),
        is_key=True,
        display_decimals=1,
    )
    version.indicator.nature = Nature.RESULT
    version.indicator.save()
    make_path(version, nation)
    return version


@pytest.fixture
def figures(share):
    """Five zones of two arrondissements; one has not reported. The share is 45.75 %."""
    liege = make_dca("dca-liege")
    zones = [make_zone(f"namur-{number}") for number in (1, 2, 3)]
    zones += [make_zone("liege-1", dca=liege), make_zone("liege-2", dca=liege, population=1_000)]
    given("2026-Q2", share, dict.fromkeys(zones, (42, 100)))
    given(
        QUARTER,
        share,
        dict(zip(zones[:4], [(40, 100), (41, 100), (42, 100), (60, 100)], strict=True)),
    )
    given(QUARTER, share, {zones[4]: None}, state=State.TODO)
    recompute_all()
    return zones


# --- Who reads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.STEERING, Role.COUNCIL, Role.EVALUATOR, Role.SECRETARIAT])
@pytest.mark.parametrize("name", PAGES)
def test_those_who_review_read_every_page(read, figures, role, name):
    read(name, role=role)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.APPROVER, Role.AUTHORITY])
def test_those_of_one_zone_do_not(read, figures, role):
    for name in PAGES:
        read(name, role=role, unit=figures[0], answer=403)
    read("indicator-detail", "share", role=role, unit=figures[0], answer=403)


def test_the_administrator_sees_no_figures(read, figures):
    for name in PAGES:
        read(name, role=Role.ADMINISTRATOR, answer=403)


def test_who_is_not_signed_in_is_asked_to(client, figures):
    answer = client.get(reverse("progress-overview"))
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]


@pytest.mark.parametrize(
    ("name", "args", "query"),
    [
        ("indicator-detail", ["unknown"], {}),
        ("progress-overview", [], {"period": "2019-Q1"}),
        ("progress-overview", [], {"status": "fine"}),
        ("objective-standings", [], {"theme": "9"}),
    ],
)
def test_what_does_not_exist_is_not_found(read, figures, name, args, query):
    read(name, *args, answer=404, **query)


def test_before_the_first_round_the_pages_say_what_comes(read, nation):
    assert "No figure was asked for yet" in read("progress-overview")


# --- Overview ------------------------------------------------------------------------------------


def now():
    calendar = Calendar.read()
    return overview(calendar, calendar.chosen())


def test_objectives_without_indicators_count_as_undetermined(figures):
    make_objective("5-F1")
    whole = now().whole
    assert dict(whole.results) == {"at_risk": 1, "undetermined": 1}
    assert dict(whole.efforts) == {"undetermined": 2}


def test_the_overview_says_who_reported_and_what_changed(read, figures):
    text = read("progress-overview")
    assert "4 of 5 zones, 99% of the population" in text
    assert f'href="{reverse("progress-coverage")}?period={QUARTER}">1 is missing</a>' in text
    assert "Results: 0 of the 1 objectives achieved or on track;" in text
    assert f'href="{reverse("objective-standings")}?period={QUARTER}&amp;results=at_risk"' in text
    changes = [(each.before.status, each.now.status) for each in now().changes]
    assert changes == [(Status.OFF_TRACK, Status.AT_RISK)]


def test_an_earlier_period_is_read_as_it_stands(read, figures):
    assert "5 of 5 zones, 100% of the population" in read("progress-overview", period="2026-Q2")


def test_a_slower_indicator_keeps_its_last_period(figures):
    yearly = make_indicator("yearly", kind=Kind.COUNT, temporal=Temporal.STOCK, frequency="year")
    given("2025", yearly, {figures[0]: 3})
    recompute_all()
    (standing,) = (one for one in now().indicators if one.indicator.code == "yearly")
    assert (standing.period.code, standing.result.value) == ("2025", 3)


def test_a_narrative_and_a_silence_have_no_result_to_judge(figures):
    make_indicator("story", kind=Kind.NARRATIVE)
    make_indicator("silence")
    found = {one.indicator.code: one.status for one in now().indicators}
    assert found["story"] == Status.NOT_MEASURABLE
    assert found["silence"] == Status.NO_DATA


def test_themes_sort_by_what_is_undetermined(read, figures):
    for code in ("1-F1", "5-F1", "5-F2"):
        make_objective(code)
    text = read("progress-overview", sort="-undetermined")
    table = text[text.index('id="by-theme"') :]
    assert table.index("5 Theme 5") < table.index("1 Theme 1")
    assert 'aria-sort="descending"' in table


def test_only_the_links_that_the_plan_states_make_a_dimension(figures):
    dimension = NcsiDimension.objects.create(code="public", number=1, name="Public space")
    other = make_objective("1-F1").theme
    link = {"dimension": dimension}
    ThemeDimension.objects.create(theme=make_objective("5-L1").theme, basis=Basis.STATED, **link)
    ThemeDimension.objects.create(theme=other, basis=Basis.PROPOSED, **link)
    stated, without = now().by_dimension()
    assert [one.objective.code for one in stated.objectives] == ["5-L1"]
    assert [one.objective.code for one in without.objectives] == ["1-F1"]


def test_a_count_leads_to_its_objectives(read, figures):
    make_objective("5-F1")
    text = read("objective-standings", results="at_risk")
    assert "1 of 2 objectives" in text
    assert "Objective 5-L1" in text
    assert "Objective 5-F1" not in text


@pytest.mark.parametrize("count", [1, 176])
def test_the_overview_takes_the_same_queries_for_any_number_of_zones(
    client, nation, count, django_assert_num_queries
):
    version = make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK)
    zones = [make_zone(f"zone-{number:03}") for number in range(count)]
    given(QUARTER, version, dict.fromkeys(zones, (1, 2)))
    recompute_all()
    client.force_login(make_user(Role.STEERING))
    for name, queries in (
        ("progress-overview", 13),
        ("objective-standings", 12),
        ("progress-coverage", 11),
    ):
        with django_assert_num_queries(queries):
            client.get(reverse(name))
    with django_assert_num_queries(18):
        client.get(reverse("indicator-detail", args=["share"]))


def test_lists_take_the_same_queries_for_any_number_of_indicators(
    client, figures, django_assert_num_queries
):
    for number in range(30):
        version = make_indicator(f"more-{number}", objective=make_objective(f"1-F{number % 9}"))
        given(QUARTER, version, {figures[0]: 1})
    recompute_all()
    client.force_login(make_user(Role.STEERING))
    with django_assert_num_queries(13):
        client.get(reverse("progress-overview"))
    with django_assert_num_queries(12):
        client.get(reverse("objective-standings"))


# --- Indicator ------------------------------------------------------------------------------------


def test_the_status_names_its_numbers(read, figures):
    text = read("indicator-detail", "share")
    assert "At risk" in text
    assert "R\u00a0= 0,77" in text or "R\u00a0=\u00a00.77" in text or "R\u00a0=\u00a00,77" in text


def test_populations_of_an_earlier_year_are_told_until_the_closing(read, figures):
    RoundSubject.objects.update(population_on=dt.date(2025, 1, 1))
    told = "populations of 1 January 2025, provisional"
    assert told in read("progress-overview")
    assert told in read("home")
    lock()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(QUARTER), undecided=1)
    assert told not in read("progress-overview")


def test_unit_figures_are_for_those_who_control_or_evaluate(read, figures, share):
    def computed(role, unit=None):
        text = read("indicator-detail", "share", role=role, unit=unit)
        return text[text.index('id="computation"') : text.index("</main>")]

    def shown(role, unit=None):
        table = computed(role, unit)
        return [zone.name for zone in figures if f"ZP {zone.name}" in table]

    everybody = [zone.name for zone in figures]
    assert shown(Role.STEERING) == everybody
    assert shown(Role.EVALUATOR) == everybody
    assert shown(Role.SECRETARIAT) == everybody
    lock()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(QUARTER), undecided=1)
    # Of a closed period the Council sees them too, as they were then (METHOD.md 10).
    before = computed(Role.COUNCIL)
    assert shown(Role.COUNCIL) == everybody
    assert shown(Role.COORDINATOR, make_dca("dca-liege")) == everybody[3:]
    say(cell_of(share, figures[0], QUARTER), (7, 77))
    assert computed(Role.COUNCIL) == before
    # Nobody reads a later figure beside the frozen total; it is told as a revision.
    assert "77</td>" not in computed(Role.STEERING)
    share.indicator.is_restricted = True
    share.indicator.save()
    assert shown(Role.COUNCIL) == []


@pytest.mark.parametrize("count", [1, 30])
def test_what_the_council_sees_of_units_takes_the_same_queries(
    client, share, count, django_assert_num_queries
):
    given(QUARTER, share, {make_zone(f"zone-{number}"): (40, 100) for number in range(count)})
    recompute_all()
    lock()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(QUARTER))
    client.force_login(make_user(Role.COUNCIL))
    with django_assert_num_queries(37):
        client.get(reverse("indicator-detail", args=["share"]))


def test_a_restricted_indicator_shows_no_unit(read, figures, share):
    share.indicator.is_restricted = True
    share.indicator.save()
    text = read("indicator-detail", "share", role=Role.EVALUATOR)
    assert "This indicator is restricted: no unit is shown beside another." in text
    assert all(f"ZP {zone.name}" not in text for zone in figures)


def test_too_little_coverage_shows_the_value_and_the_reason(read, figures, share):
    given("2026-Q4", share, {figures[0]: (1, 2), figures[1]: ND, figures[2]: ND})
    recompute_all()
    text = read("indicator-detail", "share", period="2026-Q4")
    assert "No status: coverage 33%, minimum 80%." in text
    assert "1 of 3 zones" in text


def test_a_unit_to_which_it_does_not_apply_has_the_words_of_its_reason(read, figures, share):
    given("2026-Q4", share, {figures[0]: (1, 2), figures[1]: NA})
    recompute_all()
    text = read("indicator-detail", "share", period="2026-Q4")
    assert "Not applicable · no port" in text
    assert "no-port" not in text


def test_historical_figures_are_drawn_apart_and_cited(read, figures, share):
    HistoricalFigure.objects.create(
        indicator=share.indicator,
        key="messages-2012",
        label_fr="Messages a year",
        value=Fraction(78_000),
        unit_fr="messages",
        first_day=dt.date(2012, 1, 1),
        last_day=dt.date(2012, 12, 31),
        dating_basis=DatingBasis.INFERRED,
        dating_fr="about 2012",
        qualifier=Qualifier.ABOUT,
        source_fr="Release of a visit",
        source_date_fr="21 February 2022",
    )
    text = read("indicator-detail", "share")
    history = text[text.index('id="history"') :]
    assert history.index("<svg") < history.index("Release of a visit")
    assert "about 78" in history
    assert "Line with points" not in history  # They are bars.
    for said in ("Messages a year", "messages", "about 2012", "Release of a visit<"):
        assert f'<span lang="fr">{said}' in history


def test_a_federal_indicator_has_no_areas_below_the_nation(read, figures):
    version = make_indicator("federal", kind=Kind.COUNT, temporal=Temporal.STOCK)
    given(QUARTER, version, {make_unit("pjf-liege"): 3})
    recompute_all()
    text = read("indicator-detail", "federal")
    assert 'id="areas"' not in text
    assert "1 of 1" in text


# --- Elsewhere ------------------------------------------------------------------------------------


def test_an_objective_shows_its_indicators_to_who_may_see_results(read, figures):
    address = reverse("indicator-detail", args=["share"])
    assert address in read("objective-detail", "5-L1")
    assert address not in read("objective-detail", "5-L1", role=Role.REPORTER, unit=figures[0])


def test_home_has_the_headlines_for_who_reviews(read, figures):
    sentence = "objectives achieved or on track"
    assert sentence in read("home")
    assert sentence not in read("home", role=Role.COORDINATOR, unit=make_dca())


def test_search_finds_indicators_for_who_may_see_them(read, figures):
    address = reverse("indicator-detail", args=["share"])
    assert address in read("search", q="share")
    assert address not in read("search", q="share", role=Role.REPORTER, unit=figures[0])


def test_a_period_of_the_calendar_is_chosen_by_its_end(figures):
    make_period("2026-H1")
    assert [period.code for period in Calendar.read().choices] == [QUARTER, "2026-Q2"]


def test_values_of_the_overview_carry_their_unit(read, share, nation):
    zone = make_zone("namur-1")
    hits = make_indicator("hits", unit="hits", is_key=True)
    seized = make_indicator("seized", kind=Kind.AMOUNT, unit="euros", is_key=True)
    given(QUARTER, hits, {zone: 1_234})
    given(QUARTER, seized, {zone: 5_678})
    recompute_all()
    page = read("progress-overview", period=QUARTER)
    assert '1\u202f234</a><br><span class="jalon-note">hits</span>' in page
    assert "5\u202f678\u00a0€</a></span>" in page


def test_indicators_are_counted_by_status_for_any_area(client, figures, nation):
    given(QUARTER, make_indicator("nowhere", direction="monitor"), {figures[0]: 1})
    recompute_all()
    client.force_login(make_user(Role.STEERING))
    address = reverse("progress-overview")
    national, wallonie = (
        client.get(address, {"period": QUARTER, "area": code}).context["status_tables"]
        for code in ("", "wallonie")
    )
    assert [table.name for table in national] == ["theme", "level", "dimension"]
    indicators = Indicator.objects.count()
    for table in national:
        assert sum(total for _group, _cells, total in table.rows) == indicators
        assert all(total == sum(n for _l, n in cells) for _group, cells, total in table.rows)
    there = Result.objects.filter(area__code="wallonie", option="", period__code=QUARTER)
    assert sum(total for _group, _cells, total in wallonie[0].rows) == there.count()
    assert client.get(address, {"area": "atlantis"}).status_code == 404
