"""A total of one or two units tells what a unit reported: who sees it."""

import dataclasses

import pytest
from django.urls import reverse

from indicators.enums import Temporal
from organisations.enums import AreaKind, Role
from organisations.models import Unit
from progress.models import Result
from progress.rules import FEWEST, Tree, areas_in_view, kept_back
from progress.services import recompute_all
from submissions.models import RoundSubject
from tests.factories import make_area, make_dca, make_indicator, make_user, make_zone

from .figures import close, given, lock

pytestmark = pytest.mark.django_db


def total(area_code: str, reported: int, in_year: int | None = None) -> Result:
    """``in_year`` units are in the value that is judged, those that reported if not said."""
    return Result(
        area=make_area(area_code, AreaKind.ARRONDISSEMENT),
        reported=reported,
        judged_reported=reported if in_year is None else in_year,
    )


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.STEERING, ["namur", "liege", "large", "silent"]),
        (Role.EVALUATOR, ["namur", "liege", "large", "silent"]),
        (Role.SECRETARIAT, ["namur", "liege", "large", "silent"]),
        (Role.COUNCIL, ["large", "silent"]),
        (Role.COORDINATOR, ["namur", "large", "silent"]),
    ],
)
def test_small_totals_are_for_those_who_see_unit_figures(role, seen):
    namur = make_zone("namur")
    make_zone("liege", dca=make_dca("dca-liege"))
    codes = {
        "namur": namur.arrondissement.code,
        "liege": "arrondissement-dca-liege",
        "large": "large",
        "silent": "silent",
    }
    reported = {"namur": 1, "liege": FEWEST - 1, "large": FEWEST, "silent": 0}
    results = [total(codes[name], reported[name]) for name in codes]
    user = make_user(role, make_dca() if role == Role.COORDINATOR else None)
    shown = {one.area.code for one in areas_in_view(user, results, results)}
    assert shown == {codes[name] for name in seen}


@pytest.mark.parametrize(
    ("reported", "in_year", "seen"),
    [
        (FEWEST, FEWEST, True),
        (FEWEST, FEWEST - 1, False),
        (FEWEST, 1, False),
        (FEWEST, 0, True),
        (FEWEST - 1, 0, False),
    ],
)
def test_a_rolling_year_of_few_units_tells_as_much_as_a_period(reported, in_year, seen):
    results = [total("namur", reported, in_year)]
    assert bool(areas_in_view(make_user(Role.COUNCIL), results, results)) is seen


# --- What a total leaves beside others --------------------------------------------------------

#: Two regions, of which the first has three provinces, one of them two arrondissements; classes.
TREE = Tree(
    nation=1,
    parents={2: 1, 3: 1, 21: 2, 22: 2, 23: 2, 221: 22, 222: 22, 91: 1, 92: 1},
    classes=frozenset({91, 92}),
)


def kept(
    reported: dict[int, int], own=(), in_year: dict[int, int] | None = None, tree: Tree = TREE
) -> set[int]:
    totals = {
        area: Result(reported=count, judged_reported=(in_year or reported)[area])
        for area, count in reported.items()
    }
    return kept_back(tree, totals, own)


@pytest.mark.parametrize(
    ("reported", "hidden"),
    [
        # Nothing small, nothing hidden.
        ({1: 12, 2: 9, 3: 3, 21: 3, 22: 3, 23: 3}, set()),
        # One small province is what its region leaves: the next smallest goes with it.
        ({2: 12, 21: 1, 22: 5, 23: 6}, {21, 22}),
        ({2: 12, 21: 2, 22: 5, 23: 5}, {21, 22}),
        # Two of one unit each leave two units; two of two units each are enough.
        ({2: 12, 21: 1, 22: 1, 23: 10}, {21, 22, 23}),
        ({2: 12, 21: 2, 22: 2, 23: 8}, {21, 22}),
        # A total of which nobody reports is not taken for company.
        ({2: 6, 21: 2, 22: 0, 23: 4}, {21, 23}),
        # Without a total around it nothing follows.
        ({21: 1, 22: 5, 23: 6}, {21}),
        # A part that is not there at all leaves as much as one that is hidden.
        ({2: 12, 22: 5, 23: 6}, {22}),
        # The nation's total stands: the other region goes, and what would give it back.
        ({1: 7, 2: 5, 3: 2}, {2, 3}),
        ({1: 15, 2: 13, 3: 2, 21: 3, 22: 4, 23: 6}, {2, 3, 21}),
        # Through an area whose own total is hidden.
        ({2: 12, 21: 4, 22: 8, 221: 1, 222: 7}, {221, 222}),
        # By class, the nation is divided once more.
        ({1: 9, 2: 4, 3: 5, 91: 1, 92: 8}, {91, 92}),
    ],
)
def test_no_hidden_total_is_what_others_leave(reported, hidden):
    assert kept(reported) == hidden


def test_a_rolling_year_leaves_as_much_as_a_period():
    reported = {2: 15, 21: 5, 22: 5, 23: 5}
    assert kept(reported, in_year={2: 12, 21: 2, 22: 5, 23: 5}) == {21, 22}


def test_the_own_area_of_a_coordinator_stands_and_the_reader_knows_it():
    reported = {2: 9, 21: 4, 22: 3, 23: 2}
    assert kept(reported) == {22, 23}
    assert kept(reported, own={22}) == {21, 23}
    assert kept(reported, own={23}) == set()
    assert kept({1: 20, 22: 9, 221: 8, 222: 1}, own={221}) == {22, 222}


def test_a_class_less_the_areas_that_lie_wholly_in_it_tells_no_unit():
    """All zones of region 3 are large; those of region 2 are of two classes."""
    tree = dataclasses.replace(
        TREE,
        parents={**TREE.parents, 93: 1},
        classes=TREE.classes | {93},
        alike={3: 92, 22: 91, 221: 91, 222: 91},
    )
    regions = {1: 30, 2: 24, 3: 6}
    # The class leaves one zone of region 2: it goes, and the smallest that would give it back.
    assert kept({**regions, 91: 12, 92: 7, 93: 11}, tree=tree) == {92, 93}
    assert kept({**regions, 91: 10, 92: 9, 93: 11}, tree=tree) == set()
    assert kept({**regions, 91: 12, 92: 6, 93: 12}, tree=tree) == set()
    # Without the nation's total nothing gives it back.
    assert kept({2: 24, 3: 6, 91: 12, 92: 7, 93: 11}, tree=tree) == {92}
    # Of areas within one another the largest counts.
    within = {1: 30, 2: 24, 22: 8, 221: 4, 222: 4}
    assert kept({**within, 91: 12, 92: 8, 93: 10}, tree=tree) == set()
    assert kept({**within, 91: 9, 92: 10, 93: 11}, tree=tree) == {91, 92}
    # A rolling year may leave fewer than its last period.
    years = {**regions, 91: 11, 92: 7, 93: 12}
    assert kept({**regions, 91: 10, 92: 9, 93: 11}, in_year=years, tree=tree) == {91, 92}


def in_view(reported: dict[str, dict[int, int]], option: str) -> set[int]:
    """The areas of which a reader sees this option, by what all options and the total rest on."""
    make_area("belgium", AreaKind.NATION)
    areas = {number: make_area(f"area-{number}") for number in (1, 2, 3)}
    for number, area in areas.items():
        Unit.objects.filter(pk=make_zone(f"zone-{number}").pk).update(province=area)
    results = {
        (each, number): Result(
            indicator_id=1, period_id=1, option=each, area=areas[number], reported=count,
            judged_reported=count,
        )
        for each, counts in reported.items()
        for number, count in counts.items()
    }  # fmt: skip
    asked = [one for (each, _number), one in results.items() if each == option]
    seen = areas_in_view(make_user(Role.COUNCIL), asked, results.values())
    return {number for number, area in areas.items() if area.pk in {one.area_id for one in seen}}


@pytest.mark.parametrize(
    ("option", "seen"),
    [
        # The total stands: without any option nobody learns what one of them is.
        ("", {1, 2, 3}),
        # One zone alone has figures of women: men are what its area's total less theirs would be.
        ("women", {2, 3}),
        ("men", {2, 3}),
    ],
)
def test_an_option_is_not_what_the_others_leave_of_the_total(option, seen):
    whole = {1: 5, 2: 6, 3: 7}
    assert in_view({"": whole, "men": whole, "women": {**whole, 1: 1}}, option) == seen


def test_options_do_not_add_up_to_a_total_that_is_kept_back():
    whole = {1: 1, 2: 6, 3: 7}
    assert in_view({"": whole, "men": {**whole, 1: 0}, "women": {**whole, 1: 0}}, "men") == {2, 3}


def test_the_tree_of_areas_is_that_of_their_units():
    nation, region = make_area("belgium", AreaKind.NATION), make_area("r", AreaKind.REGION)
    provinces = [make_area(f"p-{each}", AreaKind.PROVINCE) for each in "ab"]
    within, across = (make_area(f"a-{each}", AreaKind.ARRONDISSEMENT) for each in "ab")
    young = make_area("class", AreaKind.CLASS)
    places = [(provinces[0], within), (provinces[0], across), (provinces[1], across)]
    for number, (province, arrondissement) in enumerate(places):
        Unit.objects.filter(pk=make_zone(f"zone-{number}").pk).update(
            region=region, province=province, arrondissement=arrondissement
        )
    given("2026-Q3", make_indicator("checks"), dict.fromkeys(Unit.objects.filter(kind="zone"), 1))
    RoundSubject.objects.update(population_class=4)
    RoundSubject.objects.filter(arrondissement=within).update(population_class=young.number)
    tree = Tree.read()
    assert tree.alike == {within.pk: young.pk}
    assert tree.nation == nation.pk
    assert tree.classes == {young.pk}
    assert {
        area: tree.parents[area.pk] for area in [region, *provinces, within, across, young]
    } == {
        region: nation.pk,
        **dict.fromkeys(provinces, region.pk),
        within: provinces[0].pk,
        across: region.pk,
        young: nation.pk,
    }


# --- The doors ----------------------------------------------------------------------------------


def test_what_is_kept_back_is_kept_back_at_every_door(client, secretariat):
    """Three arrondissements of a province, of which one has a total of one zone."""
    make_area("belgium", AreaKind.NATION)
    province = make_area("province", AreaKind.PROVINCE)
    version = make_indicator("checks", temporal=Temporal.STOCK)
    said = {}
    for name, count in (("small", 1), ("middle", 3), ("large", 4)):
        for number in range(count):
            zone = make_zone(f"{name}-{number}", dca=make_dca(f"dca-{name}"))
            Unit.objects.filter(pk=zone.pk).update(province=province)
            zone.refresh_from_db()
            said[zone] = 5
    given("2026-Q3", version, said)
    lock()
    recompute_all()
    close(secretariat)
    codes = [f"arrondissement-dca-{name}" for name in ("small", "middle", "large")]

    def seen(role, unit=None):
        client.force_login(make_user(role, unit))
        page = client.get(reverse("indicator-detail", args=["checks"])).context["areas"]
        rows = {row.result.area.code for _kind, rows in page for row in rows}
        found = []
        for code in codes:
            at = {"area": code}
            explained = client.get(reverse("explanation-json", args=["checks"]), at)
            counted = client.get(reverse("progress-overview"), at).context["status_tables"]
            doors = {code in rows, explained.status_code == 200, bool(counted[0].rows)}
            assert len(doors) == 1
            found += [code] if True in doors else []
        return found

    assert seen(Role.STEERING) == codes
    assert seen(Role.COUNCIL) == codes[2:]
    assert seen(Role.COORDINATOR, make_dca("dca-large")) == codes[2:]
    assert seen(Role.COORDINATOR, make_dca("dca-small")) == codes
