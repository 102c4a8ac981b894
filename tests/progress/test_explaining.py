"""How a figure was computed: exact, complete, and only for who may see it."""

import datetime as dt
import random
from fractions import Fraction

import pytest
from django.urls import reverse

from indicators.enums import Kind, Temporal
from indicators.models import IndicatorVersion
from organisations.enums import DatePrecision, Role
from organisations.models import UnitSuccession, User
from progress import presentation
from progress.closing import close_period, reopen_period
from progress.models import Result
from progress.services import recompute_all
from tests.factories import make_dca, make_indicator, make_path, make_period, make_user, make_zone

from .figures import NA, ND, amend, cell_of, clear, given, lock, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
LAST = QUARTERS[-1]


@pytest.fixture
def ask(client):
    """The explanation as JSON (or the page's text) for somebody who holds a role."""

    def explained(code, role=Role.EVALUATOR, unit=None, name="explanation-json", **query):
        place = unit.slug if unit else "belgium"
        known = User.objects.filter(email=f"reader-{role}@{place}.example").first()
        client.force_login(known or make_user(role, unit, name=f"reader-{role}"))
        response = client.get(reverse(name, args=[code]), query)
        if response.status_code != 200:
            return response.status_code
        return response.json() if name == "explanation-json" else response.content.decode()

    return explained


def merge(day, successor, *predecessors):
    for one in predecessors:
        UnitSuccession.objects.create(
            predecessor=one,
            predecessor_label=str(one),
            successor=successor,
            effective_on=day,
            precision=DatePrecision.DAY,
        )


def exact(quantity):
    return None if quantity["exact"] is None else Fraction(quantity["exact"])


# --- The numbers recompute ------------------------------------------------------------------------

KINDS = (
    (Kind.COUNT, Temporal.FLOW, {}),
    (Kind.COUNT, Temporal.MEAN, {}),
    (Kind.COUNT, Temporal.STOCK, {}),
    (Kind.AMOUNT, Temporal.FLOW, {"decimals": 2}),
    (Kind.RATIO, Temporal.FLOW, {"decimals": 1}),
    (Kind.RATIO, Temporal.STOCK, {}),
    (Kind.POPULATION_RATE, Temporal.FLOW, {"scale": 100_000}),
    (Kind.MEAN, Temporal.MEAN, {"decimals": 1}),
    (Kind.YES_NO, Temporal.STOCK, {"scale": 100}),
    (Kind.SCALE, Temporal.STOCK, {"scale": 100}),
)


def some_answer(chance, kind):
    drawn = chance.random()
    if drawn < 0.16:
        return (None, NA, ND)[int(drawn * 18)]
    whole = chance.randrange(1, 60)
    match kind:
        case Kind.RATIO | Kind.MEAN:
            return chance.randrange(whole + 1), whole
        case Kind.YES_NO:
            return chance.randrange(2)
        case Kind.SCALE:
            return chance.randrange(5)
        case _:
            return chance.randrange(60)


def added_up(told, version):
    """A sum and its value by plain arithmetic on the parts of its lines."""
    lines = told["units_in"]
    if not lines:
        return None, None, None
    adds = version.kind not in (Kind.YES_NO, Kind.SCALE) and version.temporal != Temporal.STOCK
    every = [part for line in lines for part in line["parts"] if part["status"] == "reported"]
    last = [part for part in every if part["period"] == LAST]
    parts = every if adds else last
    if version.kind == Kind.SCALE:
        above = [part for part in parts if part["numerator"] >= version.threshold_level]
        numerator = len(above)
    else:
        numerator = sum(part["numerator"] for part in parts)
    denominator, unit = None, 10**version.decimals
    if version.kind in (Kind.YES_NO, Kind.SCALE):
        denominator, unit = len(lines), 1
    elif version.kind in (Kind.RATIO, Kind.MEAN):
        denominator = sum(part["denominator"] for part in parts)
        unit = 1 if version.kind == Kind.RATIO else unit
    elif version.kind == Kind.POPULATION_RATE:
        denominator = sum(part["population"] for part in last)
    elif told["is_year"] and version.temporal == Temporal.MEAN:
        denominator = len(told["periods"])
    if denominator == 0:
        return numerator, denominator, None
    return numerator, denominator, Fraction(numerator * version.scale, unit * (denominator or 1))


@pytest.mark.parametrize("seed", range(3))
def test_every_sum_adds_up_from_its_own_lines(ask, nation, seed):
    chance = random.Random(seed)  # noqa: S311
    liege = make_dca("dca-liege")
    zones = [make_zone(f"zone-{n}", dca=liege if n > 3 else None) for n in range(6)]
    zones[0].populations.update(inhabitants=33_000)
    old = [make_zone(f"old-{n}") for n in range(2)]
    merge(dt.date(2026, 1, 1), zones[0], *old)
    versions = [
        make_indicator(f"one-{place}", kind=kind, temporal=temporal, **{"scale": 1, **fields})
        for place, (kind, temporal, fields) in enumerate(KINDS)
    ]
    for version in versions:
        for code in QUARTERS:
            asked = zones if code >= "2026" else [*old, *zones[1:]]
            given(code, version, {zone: some_answer(chance, version.kind) for zone in asked})
    recompute_all()
    results = Result.objects.filter(period__code=LAST).select_related("area", "indicator")
    assert results.count() > 4 * len(versions)
    for result in results:
        version = next(one for one in versions if one.indicator_id == result.indicator_id)
        told = ask(result.indicator.code, area=result.area.code)
        own, *year = told["sums"]
        assert added_up(own, version) == (result.numerator, result.denominator, result.value)
        assert exact(own["value"]) == result.value
        for one in year:
            assert added_up(one, version) == (
                result.judged_numerator,
                result.judged_denominator,
                result.judged_value,
            )
        for one in told["sums"]:
            coverage, lines = one["coverage"], [*one["units_in"], *one["units_out"]]
            assert len(lines) == coverage["expected"]
            assert len(one["units_in"]) == coverage["reported"]
            assert len(one["units_out"]) == sum(
                coverage[each] for each in ("not_applicable", "not_available", "missing")
            )
            assert all(line["why_out"] for line in one["units_out"])
        assert told["fingerprint"] == result.fingerprint
        assert told["is_current"]


def test_the_path_r_and_materiality_are_written_out(ask, nation):
    version = make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK, display_decimals=1)
    make_path(version, nation)
    given(LAST, version, {make_zone(f"zone-{n}"): (n + 40, 100) for n in range(4)})
    recompute_all()
    told = ask("share")
    (value,) = [exact(one["value"]) for one in told["sums"]]
    nodes = [(node["day"], exact(node["value"])) for node in told["asked"]["nodes"]]
    assert nodes == [("2025-12-31", 40), ("2029-12-31", 80)]
    required = exact(told["asked"]["required"])
    assert required == 40 + (80 - 40) * Fraction(9, 48)
    assert told["asked"]["formula"] == "40 + (80 − 40) × 9 ÷ 48 = 47.5"
    assert exact(told["ratio"]) == (value - 40) / (required - 40)
    assert told["ratio_formula"] == "(41.5 − 40) ÷ (47.5 − 40) = 0.20"
    assert exact(told["materiality"]) == Fraction(40, 100)
    assert told["materiality_formula"] == "1\u00a0% of the larger of |40| and |40|"
    assert told["status"] == {"code": "off_track", "name": "Off track"}
    (sentence,) = told["sentences"]
    assert sentence.startswith("R\u00a0=\u00a00.20")


def test_a_value_just_short_of_the_path_shows_nowhere_as_there(ask, client, nation):
    version = make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK, display_decimals=1)
    make_path(version, nation)
    given(LAST, version, {make_zone("zone"): (4_749, 10_000)})
    recompute_all()
    told = ask("share")
    page = client.get(reverse("indicator-detail", args=["share"])).content.decode()

    assert told["asked"]["required"]["text"].startswith("47.5")
    assert told["sums"][0]["value"]["text"].startswith("47.4")
    assert "= 47.4" in told["sums"][0]["formula"]
    # Elsewhere on the page, the path asks for 47.5; the zone's own line is not held against it.
    assert "= 47.4" in page
    result = Result.objects.get(area=nation)
    assert presentation.result_row("", result, version, {}).value.startswith("47.4")
    assert "to 47.4" in page


def test_what_is_asked_shows_nowhere_as_reached_by_a_value_short_of_it(ask, client, nation):
    """11 of 11.25: rounded, both would be 11, beside "at risk"."""
    version = make_indicator("checks", temporal=Temporal.STOCK, display_decimals=0)
    make_path(version, nation, baseline=Fraction(10), target=Fraction(15))
    given("2026-Q4", version, {make_zone("zone"): 11})
    recompute_all()
    told = ask("checks")
    assert (told["status"]["code"], told["asked"]["required"]["text"]) == ("at_risk", "11.3")
    page = client.get(reverse("indicator-detail", args=["checks"])).content.decode()
    overview = client.get(reverse("progress-overview")).content.decode()
    for text in (page, overview, ask("checks", name="explanation")):
        assert "11.3" in text


def test_the_materiality_of_a_trend_is_on_the_page_too(ask, nation):
    """Without any path: it says how much of a change is none."""
    version = make_indicator("checks", temporal=Temporal.STOCK)
    zones = [make_zone(f"zone-{n}") for n in range(3)]
    for code in (QUARTERS[0], LAST):
        given(code, version, dict.fromkeys(zones, 40))
    recompute_all()
    told = ask("checks")
    assert told["asked"] is None
    assert exact(told["materiality"]) == Fraction(6, 5)
    page = ask("checks", name="explanation")
    assert page.count("Materiality") == 1
    assert told["materiality"]["text"] in page.partition("Materiality")[2]


def test_a_negative_baseline_stands_in_brackets(ask, nation):
    version = make_indicator("balance", temporal=Temporal.STOCK)
    make_path(version, nation, baseline=Fraction(-10), target=Fraction(30))
    given(LAST, version, {make_zone("one"): 2})
    recompute_all()
    told = ask("balance")
    assert told["asked"]["formula"] == "\u221210 + (30 − (\u221210)) × 9 ÷ 48 = \u22122.5"
    assert told["ratio_formula"] == "(2 − (\u221210)) ÷ (\u22122.5 − (\u221210)) = 1.60"


def test_milestones_say_how_many_steps_are_due(ask, nation):
    version = make_indicator(
        "steps",
        kind=Kind.MILESTONES,
        temporal=Temporal.STOCK,
        scale=100,
        steps={1: "2026-03-31", 2: "2026-09-30", 3: "2027-06-30"},
    )
    given(LAST, version, {make_zone("one"): (1, 3)})
    recompute_all()
    told = ask("steps")
    assert told["asked"]["due_dates"] == ["2026-03-31", "2026-09-30", "2027-06-30"]
    assert told["asked"]["formula"] == "0 + (100 − 0) × 2 ÷ 3 = 66.666667"
    (sentence,) = told["sentences"]
    assert "(target 100 in 2027)" in sentence
    lock()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(LAST))
    assert ask("steps")["sentences"] == [sentence]


def test_an_incomplete_year_says_so(ask, nation):
    version = make_indicator("checks")
    make_path(version, nation)
    for code in QUARTERS[-2:]:
        given(code, version, {make_zone("one"): 3})
    recompute_all()
    own, year = ask("checks")["sums"]
    assert (exact(own["value"]), own["is_judged"]) == (3, False)
    assert (exact(year["value"]), year["is_judged"]) == (None, True)
    (line,) = year["units_out"]
    assert line["why_out"] == "2 of 4 periods are known"


def test_who_is_out_says_why(ask, nation):
    version = make_indicator("rate", kind=Kind.POPULATION_RATE, scale=1_000)
    said = {
        make_zone("said"): 4,
        make_zone("silent"): None,
        make_zone("inland"): NA,
        make_zone("unable"): ND,
        make_zone("unknown", population=None): 7,
    }
    for code in QUARTERS[1:]:
        given(code, version, said)
    recompute_all()
    own, year = ask("rate")["sums"]
    assert {line["unit"]["code"]: line["why_out"] for line in own["units_out"]} == {
        "silent": "nobody reported a figure",
        "inland": "not applicable (no port)",
        "unable": "not available (no port)",
        "unknown": "population unknown: not in the rate",
    }
    out = {line["unit"]["code"]: line["why_out"] for line in year["units_out"]}
    assert out["unable"].startswith("Q4\u00a02025: not available (no port) · Q1\u00a02026: ")
    assert [line["unit"]["code"] for line in year["units_in"]] == ["said"]
    assert exact(year["value"]) == Fraction(16 * 1_000, 100_000)


def test_former_units_stand_with_their_parts(ask, nation):
    version = make_indicator("checks")
    old, new = [make_zone("old-1"), make_zone("old-2")], make_zone("new")
    merge(dt.date(2026, 7, 1), new, *old)
    for code in QUARTERS[1:-1]:
        given(code, version, {old[0]: 3, old[1]: 4})
    given(LAST, version, {new: 9})
    recompute_all()
    own, year = ask("checks")["sums"]
    assert (own["carried"], year["carried"]) == (0, 1)
    (line,) = year["units_in"]
    assert line["is_carried"]
    assert [(part["subject"]["code"], part["numerator"]) for part in line["parts"]] == [
        *[("old-1", 3), ("old-2", 4)] * 3,
        ("new", 9),
    ]
    assert exact(year["value"]) == 30
    assert "with its predecessors’ parts" in ask("checks", name="explanation")


def test_a_later_revision_is_named(ask, nation):
    version, zone = make_indicator("checks", temporal=Temporal.STOCK), make_zone("one")
    given(LAST, version, {zone: 3})
    say(cell_of(version, zone, LAST), 5)
    recompute_all()
    (line,) = ask("checks")["sums"][0]["units_in"]
    assert [(part["numerator"], part["revision"]) for part in line["parts"]] == [(5, 2)]


def test_a_result_that_is_behind_its_figures_says_so(ask, nation):
    version, zone = make_indicator("checks", temporal=Temporal.STOCK), make_zone("one")
    given(LAST, version, {zone: 3})
    recompute_all()
    say(cell_of(version, zone, LAST), 5)
    told = ask("checks")
    assert not told["is_current"]
    assert exact(told["sums"][0]["value"]) == 3
    assert "Figures have changed since" in ask("checks", name="explanation")


def test_the_change_is_that_of_the_common_set(ask, nation):
    version = make_indicator("checks", temporal=Temporal.STOCK)
    zones = [make_zone(f"zone-{n}") for n in range(4)]
    given(QUARTERS[0], version, dict(zip(zones, (10, 20, 30, 40), strict=True)))
    given(LAST, version, dict(zip(zones, (11, 22, 33, None), strict=True)))
    recompute_all()
    compared = ask("checks")["compared"]
    assert compared["units"] == 3
    assert [exact(compared[each]) for each in ("then", "now", "change")] == [60, 66, 6]
    assert [exact(compared[each]) for each in ("total_then", "total_now")] == [100, 66]
    assert compared["change"]["text"] == "+6"


# --- Closed and revised ---------------------------------------------------------------------------


@pytest.fixture
def closed(nation):
    """A closed quarter of a rolling year, with one figure corrected since and a former unit."""
    version = make_indicator("checks")
    make_path(version, nation)
    old, new = make_zone("old"), make_zone("new")
    others = [make_zone(f"zone-{n}") for n in range(3)]
    merge(dt.date(2026, 7, 1), new, old)
    for code in QUARTERS[:-1]:
        given(code, version, {old: 5, **dict.fromkeys(others, 10)})
    given(LAST, version, {new: 5, **dict.fromkeys(others, 10)})
    lock()
    recompute_all()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(LAST))
    say(cell_of(version, others[0], LAST), 90)
    recompute_all()
    return version


def test_a_closed_figure_is_explained_as_it_was(ask, closed):
    told = ask("checks", area="belgium")
    own, year = told["sums"]
    assert (exact(own["value"]), exact(year["value"])) == (35, 140)
    assert added_up(own, closed) == (35, None, 35)
    assert added_up(year, closed) == (140, None, 140)
    assert {line["unit"]["code"] for line in year["units_in"] if line["is_carried"]} == {"new"}
    assert told["closed_at"]
    assert told["is_current"]
    assert (told["state"], exact(told["revised"])) == ("revised", 220)
    assert told["asked"]["formula"].startswith("40 + (80 − 40) × 9 ÷ 48")
    assert "a revision beside the figure that was closed" in ask("checks", name="explanation")


def test_what_stands_beside_a_closed_figure_is_explained_too(ask, closed):
    told = ask("checks", period=LAST, revised="1")
    own, year = told["sums"]
    assert (exact(own["value"]), exact(year["value"])) == (115, 220)
    assert added_up(own, closed) == (115, None, 115)
    assert added_up(year, closed) == (220, None, 220)
    (line,) = (line for line in own["units_in"] if line["parts"][0]["revision"] == 2)
    assert line["unit"]["code"] == "zone-0"
    live = Result.objects.get(period__code=LAST, area__code="belgium")
    assert told["fingerprint"] == live.fingerprint != ask("checks")["fingerprint"]
    assert (told["state"], told["is_revision"], told["closed_at"]) == ("revised", True, None)
    address = "/progress/indicators/checks/explanation/?period=2026-Q3"
    assert f'href="{address}&amp;revised=1"' in ask("checks", name="indicator-detail")
    assert f'href="{address}&amp;revised=1"' in ask("checks", name="explanation")
    assert f'href="{address}"' in ask("checks", name="explanation", revised="1")
    # Of what is not closed there is nothing beside.
    assert ask("checks", period="2026-Q2", revised="1") == 404


def test_the_council_sees_no_unit_of_what_stands_beside_a_closed_figure(ask, closed):
    told = ask("checks", Role.COUNCIL, revised="1")
    assert exact(told["sums"][1]["value"]) == 220
    assert units(told) == set()


def test_a_closed_figure_survives_a_merger_recorded_later(ask, closed):
    UnitSuccession.objects.all().delete()
    recompute_all()
    (old, *_others) = ask("checks")["sums"][1]["units_in"]
    assert old["is_carried"]
    assert exact(ask("checks")["sums"][1]["value"]) == 140


def test_a_split_leads_nowhere_in_a_closed_figure_either(ask, nation):
    version = make_indicator("checks")
    old, *parts = (make_zone(f"split-{n}") for n in range(3))
    others = [make_zone(f"zone-{n}") for n in range(3)]
    for each in parts:
        merge(dt.date(2026, 7, 1), each, old)
    for code in QUARTERS[:-1]:
        given(code, version, dict.fromkeys([old, *others], 10))
    given(LAST, version, dict.fromkeys([*parts, *others], 10))
    lock()
    recompute_all()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(LAST))
    year = ask("checks")["sums"][1]
    assert exact(year["value"]) == 120
    assert {line["unit"]["code"] for line in year["units_in"]} == {"zone-0", "zone-1", "zone-2"}
    assert year["carried"] == 0


def test_the_council_reads_what_is_closed(ask, closed):
    told = ask("checks", Role.COUNCIL)
    assert told["period"]["code"] == LAST
    assert units(told) == {"new", "zone-0", "zone-1", "zone-2"}
    assert ask("checks", Role.COUNCIL, period="2026-Q2") == 404


def test_the_council_sees_no_unit_of_a_part_whose_period_is_open_again(ask, closed):
    """Of a closed year, whose sum stands as it was frozen; nor does a year less its quarters."""
    secretariat = User.objects.get(memberships__role=Role.SECRETARIAT)
    for code in QUARTERS[1:-1]:
        close_period(actor=secretariat, period=make_period(code))
    own, year = ask("checks", Role.COUNCIL)["sums"]
    assert {line["unit"]["code"] for line in year["units_in"]} == units({"sums": [own]})
    assert (len(year["units_in"]), year["not_closed"]) == (4, [])
    reopen_period(actor=secretariat, period=make_period("2026-Q1"), reason="Because")
    own, year = ask("checks", Role.COUNCIL)["sums"]
    assert len(own["units_in"]) == 4
    assert (year["units_in"], year["units_out"], year["not_closed"]) == ([], [], ["2026-Q1"])
    assert exact(year["value"]) == 140
    page = ask("checks", Role.COUNCIL, name="explanation")
    assert "not final in: Q1\u00a02026" in page
    own, year = ask("checks", Role.STEERING)["sums"]
    assert (len(year["units_in"]), year["not_closed"]) == (4, [])
    assert "not final in" not in ask("checks", Role.STEERING, name="explanation")


def test_a_closed_figure_survives_its_definition(ask, nation):
    """An amendment may be cleared with the version that it made; what was frozen stays."""
    version = make_indicator("checks")
    amended = amend(version, decimals=1)
    zones = [make_zone(f"zone-{n}") for n in range(3)]
    given(LAST, amended, dict.fromkeys(zones, 105))
    lock()
    recompute_all()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(LAST))
    asked = ask("checks")
    clear(amended)
    told = ask("checks")
    assert told.pop("definition_valid_from") is None
    del asked["definition_valid_from"]
    assert told == asked
    assert (told["definition_version"], exact(told["sums"][0]["value"])) == (2, Fraction(63, 2))
    assert "version 2</dd>" in ask("checks", name="explanation")


@pytest.mark.parametrize("count", [1, 176])
def test_a_closed_figure_takes_the_same_queries(client, nation, count, django_assert_num_queries):
    version = make_indicator("checks")
    zones = [make_zone(f"zone-{number:03}") for number in range(count)]
    for code in QUARTERS[-2:]:
        given(code, version, dict.fromkeys(zones, 1))
    lock()
    recompute_all()
    close_period(actor=make_user(Role.SECRETARIAT), period=make_period(LAST))
    client.force_login(make_user(Role.STEERING))
    with django_assert_num_queries(21):
        assert client.get(reverse("explanation", args=["checks"])).status_code == 200


# --- Who sees what --------------------------------------------------------------------------------


@pytest.fixture
def world(nation):
    """Two arrondissements: three zones that reported in one, one of two in the other."""
    version = make_indicator("checks", temporal=Temporal.STOCK, options=["a", "b"])
    liege = make_dca("dca-liege")
    namur = [make_zone(f"namur-{n}") for n in range(3)]
    others = [make_zone(f"liege-{n}", dca=liege) for n in range(2)]
    given(LAST, version, {**dict.fromkeys(namur, 5), others[0]: 7, others[1]: None})
    given(LAST, version, dict.fromkeys(namur, 2), option="a")
    recompute_all()
    return version


def units(told):
    lines = (line for one in told["sums"] for line in [*one["units_in"], *one["units_out"]])
    return {line["unit"]["code"] for line in lines}


def test_units_are_named_to_who_may_see_them(ask, world):
    everybody = {"namur-0", "namur-1", "namur-2", "liege-0", "liege-1"}
    assert units(ask("checks", Role.EVALUATOR)) == everybody
    assert units(ask("checks", Role.STEERING)) == everybody
    coordinated = ask("checks", Role.COORDINATOR, make_dca("dca-liege"))
    assert units(coordinated) == {"liege-0", "liege-1"}
    assert "namur" not in str(coordinated["sums"])
    assert exact(coordinated["sums"][0]["value"]) == 22


def test_an_area_of_few_units_is_not_found_for_who_may_not_see_them(ask, world):
    few, enough = "arrondissement-dca-liege", "arrondissement-dca-namur"
    assert ask("checks", Role.EVALUATOR, area=few)["area"]["code"] == few
    liege, namur = make_dca("dca-liege"), make_dca()
    assert ask("checks", Role.COORDINATOR, liege, area=few)["area"]["code"] == few
    assert ask("checks", Role.COORDINATOR, namur, area=few) == 404
    assert ask("checks", Role.COORDINATOR, namur, name="explanation", area=few) == 404
    assert units(ask("checks", Role.COORDINATOR, liege, area=enough)) == set()


def test_a_restricted_indicator_names_nobody(ask, world):
    world.indicator.is_restricted = True
    world.indicator.save()
    told = ask("checks", Role.EVALUATOR)
    assert units(told) == set()
    assert told["sums"][0]["coverage"]["reported"] == 4
    assert "no unit is shown beside another" in ask("checks", name="explanation")


def test_an_option_has_its_own_explanation(ask, world):
    told = ask("checks", option="a")
    assert told["option"] == {"code": "a", "name": "A"}
    assert told["sums"][0]["coverage"]["reported"] == 3
    assert exact(told["sums"][0]["value"]) == 6
    assert told["asked"] is None


@pytest.mark.parametrize(
    "query",
    [{"area": "nowhere"}, {"option": "c"}, {"period": "2019-Q1"}, {"period": "never"}],
)
def test_what_does_not_exist_is_not_found(ask, world, query):
    assert ask("checks", **query) == 404
    assert ask("unknown") == 404


def few_in_common() -> None:
    """Four zones, of which two reported a year earlier, too."""
    version = make_indicator("checks", temporal=Temporal.STOCK)
    zones = [make_zone(f"zone-{n}") for n in range(4)]
    given(QUARTERS[0], version, dict(zip(zones, (10, 20, None, None), strict=True)))
    given(LAST, version, dict.fromkeys(zones, 11))


def test_few_common_units_hide_the_change(ask, nation):
    few_in_common()
    recompute_all()
    assert ask("checks", Role.EVALUATOR)["compared"]["units"] == 2
    assert ask("checks", Role.COORDINATOR, make_dca("dca-liege"))["compared"] is None


def test_the_council_reads_no_change_of_few_units_since_an_open_period(ask, nation):
    few_in_common()
    lock()
    recompute_all()
    secretariat = make_user(Role.SECRETARIAT)
    for code in (QUARTERS[0], LAST):
        close_period(actor=secretariat, period=make_period(code))
    assert ask("checks", Role.COUNCIL)["compared"]["units"] == 2
    reopen_period(actor=secretariat, period=make_period(QUARTERS[0]), reason="Because")
    assert ask("checks", Role.COUNCIL)["compared"] is None


def test_raw_totals_less_the_common_units_tell_no_unit(ask, nation):
    version = make_indicator("checks", temporal=Temporal.STOCK)
    zones = [make_zone(f"zone-{n}") for n in range(6)]
    given(QUARTERS[0], version, dict(zip(zones, (10, 20, 30, 40, None, None), strict=True)))
    given(LAST, version, dict(zip(zones, (11, 22, 33, None, None, None), strict=True)))
    recompute_all()
    outsider = make_dca("dca-liege")
    assert ask("checks", Role.COORDINATOR, outsider)["compared"] is None
    say(cell_of(version, zones[3], LAST), 44)
    recompute_all()
    assert ask("checks", Role.COORDINATOR, outsider)["compared"]["units"] == 4


def test_an_option_is_no_way_to_another_of_one_unit(ask, nation):
    """The area's total less the men of all is what one zone said of women."""
    version = make_indicator("checks", temporal=Temporal.STOCK, options=("men", "women"))
    zones = [make_zone(f"zone-{n}") for n in range(4)]
    given(LAST, version, dict.fromkeys(zones, 10))
    given(LAST, version, dict(zip(zones, (3, 10, 10, 10), strict=True)), option="men")
    given(LAST, version, dict(zip(zones, (7, NA, NA, NA), strict=True)), option="women")
    recompute_all()
    outsider, area = make_dca("dca-liege"), zones[0].arrondissement.code
    shown = {
        option: ask("checks", Role.COORDINATOR, outsider, area=area, option=option) != 404
        for option in ("", "men", "women")
    }
    assert shown == {"": True, "men": False, "women": False}
    assert ask("checks", Role.EVALUATOR, area=area, option="men") != 404


def said_a_year_apart(then, now):
    version = make_indicator("checks", temporal=Temporal.STOCK)
    given(QUARTERS[0], version, then)
    given(LAST, version, now)
    recompute_all()


def test_the_change_of_an_area_is_not_what_others_leave_of_the_nations(ask, nation):
    """9 in common of 13; 5 of 8 in one area leave 4 of 5, and so one unit, in the other."""
    one, other = (
        [make_zone(f"{name}-{n}", dca=make_dca(f"dca-{name}")) for n in range(count)]
        for name, count in (("one", 8), ("other", 5))
    )
    both = [*one[:5], *other[:4]]
    said_a_year_apart(dict.fromkeys([*one, *other]) | dict.fromkeys(both, 10),
                      dict.fromkeys([*one, *other], 11))  # fmt: skip
    outsider, area = make_dca("dca-liege"), "arrondissement-dca-one"
    assert ask("checks", Role.COORDINATOR, outsider)["compared"]["units"] == 9
    assert ask("checks", Role.COORDINATOR, outsider, area=area)["compared"] is None
    assert ask("checks", Role.EVALUATOR, area=area)["compared"]["units"] == 5


def test_the_change_of_an_area_where_all_reported_both_is_told(ask, nation):
    zones = [make_zone(f"zone-{n}") for n in range(3)]
    said_a_year_apart(dict.fromkeys(zones, 10), dict.fromkeys(zones, 11))
    told = ask("checks", Role.COORDINATOR, make_dca("dca-liege"), area=zones[0].arrondissement.code)
    assert told["compared"]["units"] == 3


@pytest.mark.parametrize(("single", "is_told"), [("new", False), ("old", True)])
def test_raw_totals_less_whole_areas_tell_no_unit(ask, nation, single, is_told):
    """An area of three begins to report, or they are of the area of all others."""
    old = [make_zone(f"old-{n}", dca=make_dca("dca-old")) for n in range(8)]
    new = [make_zone(f"new-{n}", dca=make_dca(f"dca-{single}")) for n in range(3)]
    zones = [*old, *new]
    said_a_year_apart(dict.fromkeys(zones) | dict.fromkeys(old[:-1], 10), dict.fromkeys(zones, 11))
    told = ask("checks", Role.COORDINATOR, make_dca("dca-liege"))
    assert (told["compared"] is not None) is is_told


def test_a_change_that_is_withheld_leaves_no_materiality(ask, nation):
    """It is 1 % of the value a year earlier, so of what one or two units reported."""
    version = make_indicator("checks", temporal=Temporal.STOCK)
    zones = [make_zone(f"zone-{n}") for n in range(4)]
    make_path(version, nation, baseline=None, target=None)
    given(QUARTERS[0], version, dict(zip(zones, (100, 200, None, None), strict=True)))
    given(LAST, version, dict.fromkeys(zones, 110))
    recompute_all()
    seen = ask("checks", Role.EVALUATOR)
    assert exact(seen["materiality"]) == 3
    outsider = make_dca("dca-liege")
    told = ask("checks", Role.COORDINATOR, outsider)
    assert told["compared"] is None
    assert told["materiality"] == {"exact": None, "text": ""}
    assert told["materiality_formula"] == ""
    assert "Materiality" not in ask("checks", Role.COORDINATOR, outsider, name="explanation")
    IndicatorVersion.objects.update(materiality=2)
    recompute_all()
    assert exact(ask("checks", Role.COORDINATOR, outsider)["materiality"]) == 2


@pytest.mark.parametrize("count", [1, 176])
def test_any_number_of_subjects_takes_the_same_queries(
    client, nation, count, django_assert_num_queries
):
    version = make_indicator("checks")
    make_path(version, nation)
    zones = [make_zone(f"zone-{number:03}") for number in range(count)]
    for code in QUARTERS:
        given(code, version, dict.fromkeys(zones, 1))
    recompute_all()
    client.force_login(make_user(Role.STEERING))
    for name in ("explanation", "explanation-json"):
        with django_assert_num_queries(23):
            assert client.get(reverse(name, args=["checks"])).status_code == 200
