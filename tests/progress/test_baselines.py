"""Paths scaled to who reported (METHOD 3), and paths that hold for every unit (METHOD 4)."""

import datetime as dt
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from foundation.models import OutboxEntry
from indicators import rules
from indicators.definitions import baselines_of
from indicators.enums import Direction, Kind, Status, Temporal
from indicators.models import IndicatorVersion, SubjectBaseline, TargetPath
from organisations.enums import Role
from organisations.models import UnitSuccession
from progress.models import Result
from progress.services import recompute_all, reconcile
from progress.verification import differences
from tests.factories import make_dca, make_indicator, make_path, make_user, make_zone

from .figures import NA, cell_of, close, given, lock, recompute, say

pytestmark = pytest.mark.django_db
QUARTER = "2026-Q3"
YEAR = ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")


@pytest.fixture
def zones(nation):
    return [make_zone(f"zone-{number}", dca=make_dca(f"dca-{number}")) for number in (1, 2, 3)]


def count(direction=Direction.DECREASE, temporal=Temporal.STOCK, **fields):
    return make_indicator(
        "counted", direction=direction, temporal=temporal, minimum_coverage=Fraction(1, 2), **fields
    )


def baselines(on, values):
    for unit, value in values.items():
        SubjectBaseline.objects.create(path=on, unit=unit, value=Fraction(value))


def written(version, code=QUARTER, area="belgium"):
    recompute(version, code)
    return Result.objects.get(period__code=code, area__code=area, option="")


def test_a_fall_of_who_reported_is_held_against_their_share_of_the_path(zones, nation):
    """100 to 60 over four years, of which those who reported are 80 %: 74 asked after 9 months."""
    version = count()
    baselines(
        make_path(version, nation, baseline=Fraction(100), target=Fraction(60)),
        dict(zip(zones, (50, 30, 20), strict=True)),
    )
    given(QUARTER, version, dict(zip(zones, (45, 25, None), strict=True)))
    shown = written(version)
    assert (shown.baseline, shown.required, shown.target) == (80, 74, 48)
    assert (shown.status, shown.ratio) == (Status.ON_TRACK, Fraction(5, 3))
    assert shown.judgement.scaled_by == Fraction(4, 5)
    assert list(differences()) == []


def test_without_the_baseline_of_one_of_them_it_stays_unjudged(zones, nation):
    version = count()
    baselines(
        make_path(version, nation, baseline=Fraction(100), target=Fraction(60)),
        dict(zip(zones[:2], (50, 30), strict=True)),
    )
    given(QUARTER, version, dict(zip(zones, (45, 25, None), strict=True)))
    assert written(version).status == Status.INSUFFICIENT_COVERAGE
    assert list(differences()) == []


def test_who_could_not_report_counts_on_neither_side(zones, nation):
    version = count()
    baselines(
        make_path(version, nation, baseline=Fraction(80), target=Fraction(40)),
        dict(zip(zones[:2], (60, 20), strict=True)),
    )
    given(QUARTER, version, dict(zip(zones, (45, None, NA), strict=True)))
    assert written(version).judgement.scaled_by == Fraction(3, 4)
    assert list(differences()) == []


def test_over_a_year_those_who_reported_all_of_it_count(zones, nation):
    version = count(temporal=Temporal.FLOW)
    baselines(
        make_path(version, nation, baseline=Fraction(100), target=Fraction(60)),
        dict(zip(zones, (50, 30, 20), strict=True)),
    )
    for code in YEAR:
        third = None if code == "2026-Q1" else 5
        given(code, version, dict(zip(zones, (11, 7, third), strict=True)))
    shown = written(version)
    assert (shown.judged_value, shown.baseline) == (72, 80)
    assert shown.status == Status.ON_TRACK
    recompute_all()
    assert list(differences()) == []


def test_a_band_is_scaled_too(zones, nation):
    version = count(Direction.MAINTAIN)
    baselines(
        make_path(
            version,
            nation,
            baseline=Fraction(100),
            target=None,
            band_low=Fraction(90),
            band_high=Fraction(110),
        ),
        dict(zip(zones, (50, 30, 20), strict=True)),
    )
    given(QUARTER, version, dict(zip(zones, (50, 23, None), strict=True)))
    shown = written(version)
    assert shown.status == Status.ON_TRACK
    assert (shown.judgement.band_low, shown.judgement.band_high) == (72, 88)
    assert list(differences()) == []


def test_with_everybody_the_path_is_whole(zones, nation):
    version = count()
    baselines(
        make_path(version, nation, baseline=Fraction(100), target=Fraction(60)),
        dict(zip(zones, (50, 30, 20), strict=True)),
    )
    given(QUARTER, version, dict.fromkeys(zones, 30))
    shown = written(version)
    assert (shown.baseline, shown.judgement.scaled_by) == (100, None)
    assert list(differences()) == []


def test_a_successors_baseline_is_the_sum_of_its_predecessors(zones, nation):
    version = count()
    whole = make_zone("whole")
    on = make_path(version, nation, baseline=Fraction(100), target=Fraction(60))
    baselines(on, dict(zip(zones, (50, 30, 20), strict=True)))
    for old in zones[:2]:
        UnitSuccession.objects.create(
            predecessor=old, predecessor_label=old.slug, successor=whole, effective_on="2026-07-01"
        )
    given(QUARTER, version, {whole: 60, zones[2]: None})
    shown = written(version)
    assert (shown.baseline, shown.judgement.scaled_by) == (80, Fraction(4, 5))
    assert list(differences()) == []


def test_of_an_unknown_part_the_whole_is_unknown(zones, nation):
    on = make_path(count(), nation, baseline=Fraction(100), target=Fraction(60))
    one, other, whole = (each.pk for each in zones)
    day = dt.date(2026, 7, 1)
    baselines(on, {zones[0]: 50})
    assert baselines_of(on, [(day, one, whole), (day, other, whole)]) == {one: 50}
    baselines(on, {zones[2]: 90})
    on = TargetPath.objects.get(pk=on.pk)
    assert baselines_of(on, [(day, one, whole), (day, other, whole)]) == {one: 50, whole: 90}


def test_other_baselines_make_results_stale(zones, nation):
    version = count()
    on = make_path(version, nation, baseline=Fraction(100), target=Fraction(60))
    given(QUARTER, version, dict(zip(zones, (45, 25, None), strict=True)))
    before = written(version).fingerprint
    recompute_all()
    OutboxEntry.objects.all().delete()
    assert reconcile() == 0
    baselines(on, dict(zip(zones, (50, 30, 20), strict=True)))
    assert reconcile() == 1
    assert written(version).fingerprint != before


# --- For every unit -------------------------------------------------------------------------------


@pytest.fixture
def share(nation):
    version = make_indicator(
        "share", kind=Kind.RATIO, temporal=Temporal.STOCK, for_every_unit=True, display_decimals=1
    )
    make_path(version, nation)
    return version


def test_every_area_is_held_against_the_nations_path(zones, share):
    given(QUARTER, share, dict(zip(zones, [(80, 100), (46, 100), (30, 100)], strict=True)))
    statuses = [written(share, area=f"arrondissement-dca-{number}").status for number in (1, 2, 3)]
    assert statuses == [Status.ACHIEVED, Status.AT_RISK, Status.MOVING_AWAY]
    assert list(differences()) == []


def test_a_closed_period_shows_each_unit_against_the_path_that_was_frozen(
    client, zones, share, secretariat
):
    given(QUARTER, share, dict(zip(zones, [(80, 100), (46, 100), (30, 100)], strict=True)))
    lock()
    recompute_all()
    close(secretariat)
    TargetPath.objects.update(target=99)
    say(cell_of(share, zones[1], QUARTER), (80, 100))
    said = page(client, Role.STEERING).context["said"]
    assert [(each.judged, each.revision) for each in said] == [
        (Status.ACHIEVED, 1),
        (Status.AT_RISK, 1),
        (Status.MOVING_AWAY, 1),
    ]


def test_without_the_declaration_an_area_has_no_target(zones, share):
    IndicatorVersion.objects.update(for_every_unit=False)
    given(QUARTER, share, dict.fromkeys(zones, (46, 100)))
    assert written(share, area="arrondissement-dca-1").status == Status.NO_TARGET


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.AMOUNT, Kind.YES_NO, Kind.SCALE])
def test_what_grows_with_its_unit_is_refused(nation, kind):
    version = make_indicator("grows", kind=kind)
    version.for_every_unit = True
    assert "for_every_unit" in dict(rules.contradictions(version, version))
    with pytest.raises(ValidationError):
        version.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        version.save()


def page(client, role, unit=None):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user(role, unit))
    return client.get(reverse("indicator-detail", args=["share"]))


def statuses_of_units(response):
    return {one.unit: one.judged for one in response.context["said"]}


def test_units_have_their_status_for_who_may_see_them(client, zones, share):
    given(QUARTER, share, dict(zip(zones, [(80, 100), (46, 100), None], strict=True)))
    recompute_all()
    response = page(client, Role.EVALUATOR)
    shown = statuses_of_units(response)
    assert list(shown.values()) == [Status.ACHIEVED, Status.AT_RISK, Status.NO_DATA]
    areas = response.content.decode().partition('id="areas"')[2].partition("</p>")[0]
    assert "path holds for every unit" in areas
    coordinator = page(client, Role.COORDINATOR, make_dca("dca-2"))
    assert statuses_of_units(coordinator) == {zones[1].label: Status.AT_RISK}


def test_a_unit_is_judged_by_its_rolling_year(client, zones, nation):
    version = make_indicator("share", kind=Kind.RATIO, for_every_unit=True)
    make_path(version, nation)
    for code in YEAR:
        given(code, version, dict.fromkeys(zones, (40 if code == QUARTER else 50, 100)))
    recompute_all()
    shown = statuses_of_units(page(client, Role.EVALUATOR))
    assert set(shown.values()) == {Status.ON_TRACK}


@pytest.mark.parametrize("more", [0, 20])
def test_statuses_of_units_take_a_fixed_number_of_queries(
    client, zones, share, more, django_assert_num_queries
):
    units = [*zones, *(make_zone(f"more-{number}") for number in range(more))]
    given(QUARTER, share, dict.fromkeys(units, (46, 100)))
    recompute_all()
    client.force_login(make_user(Role.EVALUATOR))
    with django_assert_num_queries(34):
        client.get(reverse("indicator-detail", args=["share"]))
