"""`verify_results`: what is stored against what the validated figures give, on a way of its own."""

import datetime as dt
import json
from fractions import Fraction
from hashlib import sha256

import pytest
from django.core.management import CommandError, call_command

from indicators.enums import Direction, Kind, Status, Temporal
from indicators.models import PathPoint, TargetPath
from organisations.models import UnitSuccession
from progress.models import Result
from progress.services import recompute_all
from progress.verification import differences
from submissions.enums import State
from tests.factories import (
    make_area,
    make_classes,
    make_indicator,
    make_path,
    make_period,
    make_source,
    make_zone,
)
from tests.progress.figures import NA, ND, given

QUARTERS = ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]


def hashed(*parts: object) -> str:
    return sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@pytest.fixture
def small_world(nation):
    """Three zones, two of which reported 60 of 100 and 30 of 50; the third is in review.

    The path goes from 50 at the end of 2025 to 90 at the end of 2029: 57.5 after 9 of 48 months.
    """
    zones = [
        make_zone("andenne", population=20_000),
        make_zone("dinant", population=30_000),
        make_zone("namur", population=50_000),
    ]
    version = make_indicator(
        "checked", kind=Kind.RATIO, temporal=Temporal.STOCK, minimum_coverage=Fraction(1, 2)
    )
    given("2026-Q3", version, {zones[0]: (60, 100), zones[1]: (30, 50)})
    given("2026-Q3", version, {zones[2]: (1, 2)}, state=State.SUBMITTED)
    path = make_path(version, nation, baseline=Fraction(50), target=Fraction(90))
    rows = [
        [zones[0].slug, 1, "reported", 60, 100, 20_000],
        [zones[1].slug, 1, "reported", 30, 50, 30_000],
        [zones[2].slug, None, "missing", None, None, 50_000],
    ]
    asked = {
        "band_high": None,
        "band_low": None,
        "baseline": "50",
        "baseline_end": "2025-12-31",
        "direction": "increase",
        "due_dates": [],
        "points": [],
        "target": "90",
        "target_date": "2029-12-31",
    }
    defined = {
        "by_population": True,
        "decimals": 0,
        "direction": "increase",
        "for_every_unit": False,
        "frequency": "quarter",
        "is_part": True,
        "kind": "ratio",
        "materiality": version.materiality and str(version.materiality),
        "minimum_coverage": str(version.minimum_coverage),
        "number": 1,
        "scale": version.scale,
        "temporal": "stock",
        "threshold_level": None,
    }
    names = {
        "indicator": "checked",
        "definition": json.dumps(defined, sort_keys=True),
        "period": "2026-Q3",
        "option": "",
        "2026-Q3": hashed("1", {}, rows),
    }
    added = {
        "indicator": version.indicator,
        "version": version,
        "period": make_period("2026-Q3"),
        "value": Fraction(60),
        "numerator": 90,
        "denominator": 150,
        "expected": 3,
        "reported": 2,
        "not_applicable": 0,
        "not_available": 0,
        "missing": 1,
        "in_review": 1,
        "population_expected": 100_000,
        "population_reported": 50_000,
        "judged_value": Fraction(60),
        "judged_numerator": 90,
        "judged_denominator": 150,
        "judged_reported": 2,
        "judged_not_applicable": 0,
        "judged_population_expected": 100_000,
        "judged_population_reported": 50_000,
        "method_version": "1",
    }
    text = json.dumps(asked, sort_keys=True)
    Result.objects.create(
        **added,
        area=nation,
        status=Status.ON_TRACK,
        path=path,
        baseline=Fraction(50),
        required=Fraction(115, 2),
        target=Fraction(90),
        ratio=Fraction(4, 3),
        materiality=Fraction(1, 2),
        fingerprint=hashed("1", names | {"area": "belgium", "path": text}, []),
    )
    for place in ("region", "province", "arrondissement"):
        area = getattr(zones[0], place)
        Result.objects.create(
            **added,
            area=area,
            status=Status.NO_TARGET,
            trend="too_few_points",
            fingerprint=hashed("1", names | {"area": area.code, "path": None}, []),
        )


@pytest.fixture
def varied_world(nation):
    """Every kind over six quarters; a merger, absences, options, and paths of each direction."""
    make_classes()
    zones = [make_zone(f"zone-{number}", population=20_000 * number) for number in range(1, 7)]
    for number, kind in enumerate(Kind):
        version = make_indicator(
            f"of-{kind}".replace("_", "-"),
            kind=kind,
            direction=Direction.INCREASE
            if kind == Kind.MILESTONES
            else list(Direction)[number % 4],
            temporal=Temporal.STOCK if kind in (Kind.SCALE, Kind.YES_NO) else Temporal.FLOW,
            materiality=Fraction(1, 3) if number % 3 == 0 else None,
            decimals=2 if kind == Kind.AMOUNT else 0,
            steps={1: "2026-03-31", 2: "2026-12-31"} if kind == Kind.MILESTONES else None,
        )
        if kind != Kind.MILESTONES:
            _make_path(version, nation, number + 1)
            _make_path(version, zones[0].province, number)
        for place, code in enumerate(QUARTERS):
            asked = zones if code < "2026" else zones[1:]
            given(code, version, {zone: _said(kind, place, zone) for zone in asked})
    by_channel = make_indicator("by-channel", direction=Direction.MONITOR, options=("sis", "ip"))
    for option in ("", "sis", "ip"):
        given("2026-Q3", by_channel, {zone: zone.pk for zone in zones[1:4]}, option=option)
    UnitSuccession.objects.create(
        successor=zones[1],
        predecessor=zones[0],
        predecessor_label="Zone 1",
        effective_on=dt.date(2026, 1, 1),
    )


def _make_path(version, area, number):
    """A band, or a way up or down from 20; one in three has no baseline."""
    if version.direction == Direction.MAINTAIN:
        values = {"band_low": Fraction(1), "band_high": Fraction(50)}
    else:
        values = {"target": Fraction(16 if version.direction == Direction.DECREASE else 40)}
        if number % 3:
            end = dt.date(2026 - number % 2, 1, 31 - number % 5)
            values |= {"baseline": Fraction(20), "baseline_end": end, "baseline_source": "Register"}
    path = TargetPath.objects.create(indicator=version.indicator, area=area, **values)
    if "baseline" in values:
        PathPoint.objects.create(path=path, year=2026, value=(20 + values["target"]) / 2)


def _said(kind, place, zone):
    number = int(zone.slug[-1])
    if (place + number) % 11 == 0:
        return (NA, ND, None)[number % 3]
    if kind == Kind.NARRATIVE:
        return None
    if kind == Kind.YES_NO:
        return number % 2
    if kind == Kind.MILESTONES:
        return (place // 3, 2)
    if kind in (Kind.RATIO, Kind.MEAN):
        return (number * 3 + place, 0 if number == 6 else 40)
    return (number + place) % 5


def test_a_world_computed_by_hand_has_no_differences(small_world):
    assert list(differences()) == []


@pytest.mark.parametrize(
    ("field", "stored", "said"),
    [
        ("value", Fraction(61), "value: stored 61, recomputed 60"),
        ("status", "at_risk", "status: stored at_risk, recomputed on_track"),
        ("reported", 3, "reported: stored 3, recomputed 2"),
        ("population_reported", 1, "population_reported: stored 1, recomputed 50000"),
        ("judged_value", None, "judged_value: stored nothing, recomputed 60"),
        ("required", Fraction(58), "required: stored 58, recomputed 115/2"),
        ("ratio", Fraction(1), "ratio: stored 1, recomputed 4/3"),
        ("reached", "2026-Q1", "reached: stored 2026-Q1, recomputed nothing"),
        ("is_understated", True, "is_understated: stored True, recomputed False"),
    ],
)
def test_what_was_tampered_with_is_named(small_world, field, stored, said):
    Result.objects.filter(area__code="belgium").update(**{field: stored})

    assert [str(each) for each in differences()] == [f"checked 2026-Q3 Belgium {said}"]


def test_another_fingerprint_is_named(small_world):
    right = Result.objects.get(area__code="belgium").fingerprint
    Result.objects.filter(area__code="belgium").update(fingerprint="0" * 64)

    assert [str(each) for each in differences()] == [
        f"checked 2026-Q3 Belgium fingerprint: stored {'0' * 64}, recomputed {right}"
    ]


def test_a_result_that_is_missing_or_that_nothing_asked_for_is_named(small_world):
    moved = Result.objects.filter(area__code="wallonie")
    moved.update(area=make_area("elsewhere"))

    assert [str(each) for each in differences()] == [
        "checked 2026-Q3 Wallonie result: stored missing, recomputed a result",
        "checked 2026-Q3 Elsewhere result: stored a result, recomputed none expected",
    ]


def test_a_period_or_an_indicator_can_be_chosen(small_world):
    Result.objects.update(value=Fraction(1))

    assert len(list(differences(period="2026-Q3", indicator="checked"))) == 4
    assert list(differences(period="2026-Q2")) == []
    assert list(differences(indicator="another")) == []


def test_the_command_ends_with_the_count(small_world, capsys):
    call_command("verify_results")

    assert capsys.readouterr().out == "0 differences\n"


def test_the_command_fails_where_something_differs(small_world, capsys):
    Result.objects.filter(area__code="belgium").update(numerator=91)

    with pytest.raises(SystemExit, match="1"):
        call_command("verify_results")
    assert capsys.readouterr().out == (
        "checked 2026-Q3 Belgium numerator: stored 91, recomputed 90\n1 difference\n"
    )


@pytest.mark.parametrize("option", ["period", "indicator"])
def test_the_command_refuses_a_name_that_nothing_has(small_world, option):
    with pytest.raises(CommandError, match=f"no {option} is named 2026-Q9"):
        call_command("verify_results", **{option: "2026-Q9"})


def test_the_product_computes_the_same(varied_world):
    stored = recompute_all()

    assert [str(each) for each in differences()] == []
    assert stored == Result.objects.count() > 200
    assert len(set(Result.objects.values_list("status", flat=True))) == 10


def test_dated_steps_are_the_nations_whatever_path_is_stored(nation):
    zone = make_zone()
    version = make_indicator(
        "steps", kind=Kind.MILESTONES, temporal=Temporal.STOCK, scale=100, steps={1: "2026-06-30"}
    )
    for area in (nation, zone.arrondissement):
        TargetPath.objects.create(indicator=version.indicator, area=area, target=Fraction(50))
    given("2026-Q3", version, {zone: (1, 1)})
    recompute_all()
    assert list(differences()) == []
    own = Result.objects.exclude(area=nation)
    assert set(own.values_list("status", flat=True)) == {Status.NO_TARGET}
    assert Result.objects.get(area=nation).target == 100


def test_a_source_that_reports_about_zones_is_verified_too(nation):
    source = make_source()
    version = make_indicator("observed", reporter=source)
    given("2026-Q3", version, {make_zone("namur"): 5, make_zone("dinant"): None})
    recompute_all()

    assert list(differences()) == []


@pytest.mark.parametrize("zones", [1, 40])
def test_the_number_of_queries_does_not_follow_the_zones(nation, zones, django_assert_num_queries):
    version = make_indicator("counted")
    given("2026-Q3", version, {make_zone(f"zone-{each}"): each for each in range(zones)})
    recompute_all()

    with django_assert_num_queries(20):
        assert list(differences()) == []
