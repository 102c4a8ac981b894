"""Results of areas against totals worked out by hand."""

import datetime as dt
from fractions import Fraction

import pytest

from foundation.models import OutboxEntry
from indicators.enums import Direction, Frequency, Kind, Status, Temporal, Trend
from indicators.models import TargetPath
from organisations.enums import DatePrecision
from organisations.models import UnitSuccession
from progress.models import Result
from progress.services import key_of, recompute_all, recomputed
from submissions.enums import State
from tests.factories import make_area, make_dca, make_indicator, make_period, make_unit, make_zone

from .figures import NA, ND, cell_of, given, recompute, say

pytestmark = pytest.mark.django_db
QUARTER = "2026-Q3"
YEAR = ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")


def result(version, code=QUARTER, area="belgium", option=""):
    return Result.objects.get(
        indicator=version.indicator, period__code=code, area__code=area, option=option
    )


def write(version, code=QUARTER):
    recompute(version, code)
    return result(version, code)


@pytest.fixture
def zones(nation):
    """Two zones of Namur and one of Liège, with 100,000, 50,000 and 350,000 inhabitants."""
    liege = make_dca("dca-liege")
    return [
        make_zone("namur"),
        make_zone("arches", population=50_000),
        make_zone("liege", dca=liege, population=350_000),
    ]


@pytest.fixture
def share():
    return make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK)


@pytest.fixture
def total():
    return make_indicator("total", kind=Kind.COUNT, temporal=Temporal.FLOW)


# --- Sums and quotients ---------------------------------------------------------------------------


def test_ratio_is_a_sum_over_a_sum_and_not_a_mean_of_percentages(zones, share):
    given(QUARTER, share, dict(zip(zones, [(1, 10), (9, 10), (50, 180)], strict=True)))
    shown = write(share)
    assert (shown.value, shown.numerator, shown.denominator) == (Fraction(60, 200) * 100, 60, 200)


def test_every_area_has_its_own_total(zones, share):
    given(QUARTER, share, dict(zip(zones, [(1, 10), (9, 10), (50, 180)], strict=True)))
    write(share)
    values = {each.area.code: each.value for each in Result.objects.select_related("area")}
    assert values == {
        "belgium": 30,
        "wallonie": 30,
        "province-namur": 30,
        "arrondissement-dca-namur": 50,
        "arrondissement-dca-liege": Fraction(5000, 180),
    }


def test_federal_units_add_up_for_the_nation_alone(nation):
    version = make_indicator("federal", kind=Kind.COUNT, temporal=Temporal.STOCK)
    given(QUARTER, version, {make_unit("pjf-liege"): 3, make_unit("pjf-gand"): 4})
    write(version)
    (only,) = Result.objects.all()
    assert (only.area.code, only.value, only.population_expected) == ("belgium", 7, None)


def test_parts_are_units_of_the_definition(nation, zones):
    version = make_indicator("amount", kind=Kind.AMOUNT, temporal=Temporal.STOCK, decimals=2)
    given(QUARTER, version, {zones[0]: 1_005, zones[1]: 10})
    assert write(version).value == Fraction(1_015, 100)


def test_each_option_is_added_apart(zones):
    version = make_indicator("hits", kind=Kind.COUNT, temporal=Temporal.STOCK, options=["a", "b"])
    given(QUARTER, version, {zones[0]: 5, zones[1]: 6})
    given(QUARTER, version, {zones[0]: 2, zones[1]: None}, option="a")
    write(version)
    values = {
        each.option: (each.value, each.reported, each.missing)
        for each in Result.objects.filter(area__code="belgium")
    }
    assert values == {"": (11, 2, 0), "a": (2, 1, 1), "b": (None, 0, 2)}


# --- Coverage -------------------------------------------------------------------------------------


def test_coverage_counts_each_state_apart(zones, share):
    fourth = make_zone("huy", population=25_000)
    given(QUARTER, share, {zones[0]: (1, 2), zones[1]: ND, zones[2]: NA, fourth: None})
    shown = write(share)
    assert (shown.expected, shown.reported, shown.not_available) == (4, 1, 1)
    assert (shown.not_applicable, shown.missing) == (1, 1)
    assert (shown.population_reported, shown.population_expected) == (100_000, 175_000)


def test_a_figure_in_review_counts_beside_and_not_inside(zones, share):
    given(QUARTER, share, {zones[0]: (1, 2)}, state=State.SUBMITTED)
    shown = write(share)
    assert (shown.reported, shown.in_review, shown.value) == (0, 1, None)


def test_the_validated_figure_stands_until_the_next_one_is(zones, share):
    given(QUARTER, share, {zones[0]: (1, 2)})
    say(cell_of(share, zones[0], QUARTER), (2, 2), is_validated=False)
    assert write(share).value == 50


def test_under_the_minimum_there_is_a_value_and_no_status(zones, share):
    given(QUARTER, share, {zones[0]: (1, 2), zones[1]: (1, 2), zones[2]: None})
    shown = write(share)
    assert (shown.value, shown.status) == (50, Status.INSUFFICIENT_COVERAGE)


# --- Over time ------------------------------------------------------------------------------------


def test_rolling_year_adds_those_that_reported_every_quarter(zones, total):
    for code in YEAR[:3]:
        given(code, total, {zones[0]: 10, zones[1]: 5})
    given(QUARTER, total, {zones[0]: 11, zones[1]: 6, zones[2]: 100})
    shown = write(total)
    assert (shown.value, shown.reported) == (117, 3)
    assert (shown.judged_value, shown.judged_reported, shown.window_periods) == (62, 2, 4)
    assert (shown.judged_population_reported, shown.judged_population_expected) == (
        150_000,
        500_000,
    )


def test_without_four_quarters_no_path_is_held_against_a_year(zones, total, nation):
    path(total, nation, baseline="100", target="200")
    for code in YEAR[1:]:
        given(code, total, {zones[0]: 10})
    shown = write(total)
    assert (shown.value, shown.judged_value, shown.status) == (10, None, Status.NO_DATA)


def test_without_four_quarters_and_path_the_period_speaks_for_itself(zones, total):
    for code in YEAR[1:]:
        given(code, total, dict.fromkeys(zones, 10))
    shown = write(total)
    whole = 10 * len(zones)
    assert (shown.judged_value, shown.window_periods) == (whole, 1)
    assert shown.status == Status.NO_TARGET


def test_what_applies_to_nobody_is_not_applicable_whatever_the_year_was(zones, total):
    for code in YEAR[:3]:
        given(code, total, dict.fromkeys(zones, 10))
    given(QUARTER, total, dict.fromkeys(zones, NA))
    assert write(total).status == Status.NOT_APPLICABLE


def test_half_years_make_a_year_of_two(zones):
    version = make_indicator("half", kind=Kind.COUNT, frequency=Frequency.HALF_YEAR)
    given("2025-H2", version, {zones[0]: 4})
    given("2026-H1", version, {zones[0]: 5})
    assert write(version, "2026-H1").judged_value == 9


def test_a_stock_is_its_last_value(zones, share):
    given("2026-Q2", share, {zones[0]: (1, 2)})
    given(QUARTER, share, {zones[0]: (3, 4)})
    shown = write(share)
    assert (shown.judged_value, shown.window_periods) == (75, 1)


def test_a_merged_zone_brings_the_parts_of_its_predecessors(zones, total):
    """Namur and Arches merge on 1 July 2026."""
    merged = make_zone("namur-arches", population=150_000)
    for old in zones[:2]:
        UnitSuccession.objects.create(
            successor=merged,
            predecessor=old,
            predecessor_label=old.name,
            effective_on=dt.date(2026, 7, 1),
            precision=DatePrecision.DAY,
        )
    for code in YEAR[:3]:
        given(code, total, {zones[0]: 10, zones[1]: 5})
    given(QUARTER, total, {merged: 16})
    assert write(total).judged_value == 61
    before = write(total, "2026-Q2")
    assert (before.judged_value, before.window_periods) == (15, 1)


# --- Status ---------------------------------------------------------------------------------------


def path(version, nation, **fields):
    fields = {"baseline_end": dt.date(2025, 12, 31), "baseline_source": "Register", **fields}
    return TargetPath.objects.create(indicator=version.indicator, area=nation, **fields)


@pytest.mark.parametrize(
    ("numerator", "status"),
    [
        (80, Status.ACHIEVED),
        (48, Status.ON_TRACK),
        (46, Status.AT_RISK),
        (43, Status.OFF_TRACK),
        (30, Status.MOVING_AWAY),
    ],
)
def test_the_nation_is_judged_by_its_path(zones, nation, share, numerator, status):
    """From 40 at the end of 2025 to 80 four years later: 47.5 after nine months."""
    path(share, nation, baseline=Fraction(40), target=Fraction(80))
    given(QUARTER, share, dict.fromkeys(zones, (numerator, 100)))
    shown = write(share)
    assert (shown.required, shown.baseline, shown.target) == (Fraction(95, 2), 40, 80)
    assert shown.status == status
    assert shown.ratio == (shown.value - 40) / Fraction(15, 2)


def test_an_area_without_a_path_of_its_own_has_a_trend(zones, nation, share):
    path(share, nation, baseline=Fraction(40), target=Fraction(80))
    given("2025-Q3", share, dict.fromkeys(zones, (40, 100)))
    given(QUARTER, share, dict.fromkeys(zones, (50, 100)))
    write(share)
    area = result(share, area="wallonie")
    assert (area.status, area.trend, area.path) == (Status.NO_TARGET, Trend.IMPROVING, None)


def test_an_area_with_a_path_is_judged_by_it(zones, nation, share):
    path(share, make_area("wallonie"), baseline=Fraction(40), target=Fraction(80))
    given(QUARTER, share, dict.fromkeys(zones, (80, 100)))
    write(share)
    assert result(share, area="wallonie").status == Status.ACHIEVED
    assert result(share).status == Status.NO_TARGET


def test_the_trend_compares_those_that_reported_both(zones, nation, share):
    given("2025-Q3", share, {zones[0]: (40, 100), zones[1]: (40, 100), zones[2]: (0, 100)})
    given(QUARTER, share, {zones[0]: (40, 100), zones[1]: (40, 100), zones[2]: None})
    share.minimum_coverage = Fraction(0)
    share.save()
    shown = write(share)
    assert (shown.status, shown.trend) == (Status.NO_TARGET, Trend.STABLE)


def test_monitoring_is_never_judged(zones, nation):
    version = make_indicator(
        "seizures", direction=Direction.MONITOR, temporal=Temporal.STOCK, kind=Kind.COUNT
    )
    given(QUARTER, version, dict.fromkeys(zones, 3))
    assert write(version).status == Status.MONITORING


def test_milestones_are_judged_by_the_dates_of_their_steps(nation):
    version = make_indicator(
        "steps",
        kind=Kind.MILESTONES,
        temporal=Temporal.STOCK,
        scale=100,
        steps={1: "2026-06-30", 2: "2027-06-30"},
    )
    given(QUARTER, version, {make_unit("djsoc"): (1, 2)})
    shown = write(version)
    assert (shown.value, shown.required, shown.status) == (50, 50, Status.ON_TRACK)


def test_what_was_reached_and_lost_is_remembered(zones, nation, share):
    path(share, nation, baseline=Fraction(40), target=Fraction(80))
    given("2026-Q2", share, dict.fromkeys(zones, (80, 100)))
    given(QUARTER, share, dict.fromkeys(zones, (60, 100)))
    write(share, "2026-Q2")
    shown = write(share)
    assert (shown.status, shown.reached) == (Status.ON_TRACK, "2026-Q2")


# --- Replacing ------------------------------------------------------------------------------------


def rows():
    kept = [each.name for each in Result._meta.fields if each.name not in ("id", "changed_at")]
    return list(Result.objects.order_by("indicator", "period", "area", "option").values(*kept))


def test_computing_again_changes_nothing(zones, share):
    given(QUARTER, share, dict.fromkeys(zones, (1, 2)))
    write(share)
    before, ids = rows(), set(Result.objects.values_list("pk", flat=True))
    write(share)
    assert rows() == before
    assert set(Result.objects.values_list("pk", flat=True)) == ids


def test_a_result_without_expected_subjects_goes(zones, share):
    given(QUARTER, share, dict.fromkeys(zones, (1, 2)))
    write(share)
    area = make_area("elsewhere")
    Result.objects.filter(area__code="wallonie").update(area=area)
    write(share)
    assert not Result.objects.filter(area=area).exists()
    assert result(share, area="wallonie").value == 50


def test_everything_at_once_equals_one_by_one(zones, nation, share, total):
    path(share, nation, baseline=Fraction(40), target=Fraction(80))
    for number, code in enumerate(YEAR):
        given(code, share, dict.fromkeys(zones, (80 - 10 * (number % 2), 100)))
        given(code, total, {zones[0]: 10 + number, zones[1]: ND, zones[2]: 3})
    for code in YEAR:
        write(share, code)
        write(total, code)
    one_by_one = rows()
    Result.objects.all().delete()
    assert recompute_all() == len(one_by_one)
    assert rows() == one_by_one


# --- Fingerprints ---------------------------------------------------------------------------------


def test_a_fingerprint_follows_what_went_in(zones, total):
    for code in YEAR:
        given(code, total, dict.fromkeys(zones, 10))
    before = {each.area_id: each.fingerprint for each in _national_and_liege(total)}
    say(cell_of(total, zones[0], "2026-Q1"), 11)
    after = {each.area_id: each.fingerprint for each in _national_and_liege(total)}
    changed = {area for area in before if before[area] != after[area]}
    assert changed == {result(total).area_id}


def _national_and_liege(version):
    write(version)
    return Result.objects.filter(area__code__in=["belgium", "arrondissement-dca-liege"])


# --- Queries --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 176])
def test_computing_takes_the_same_queries_for_any_number_of_zones(
    nation, share, count, django_assert_num_queries
):
    zones = [make_zone(f"zone-{number:03}") for number in range(count)]
    given(QUARTER, share, dict.fromkeys(zones, (1, 2)))
    entry = OutboxEntry(key=key_of(share.indicator_id, make_period(QUARTER).pk))
    with django_assert_num_queries(14):
        write_results = recomputed([entry])
    with django_assert_num_queries(6):
        write_results([entry.key])
