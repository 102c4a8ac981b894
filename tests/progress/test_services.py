"""Results through the outbox: nothing older wins, nothing is lost, nothing loops."""

import datetime as dt
from fractions import Fraction

import pytest
from django.utils import timezone

from foundation import outbox
from foundation.models import OutboxEntry
from foundation.services import enqueue
from indicators.enums import Kind, Temporal
from indicators.models import TargetPath
from organisations.models import Unit
from progress.models import Result
from progress.services import TOPIC, compute, key_of, recompute_all, recomputed, reconcile
from tests.factories import make_area, make_indicator, make_period, make_zone

from .figures import cell_of, given, say

pytestmark = pytest.mark.django_db
QUARTER = "2026-Q3"


@pytest.fixture
def share(nation):
    return make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK)


@pytest.fixture
def zone(nation):
    return make_zone("namur")


def key(version, code=QUARTER):
    return key_of(version.indicator_id, make_period(code).pk)


def owed(version, code=QUARTER):
    enqueue(topic=TOPIC, keys=[key(version, code)])
    return OutboxEntry.objects.get(topic=TOPIC, key=key(version, code))


def value():
    return Result.objects.get(area__code="belgium", period__code=QUARTER).value


def test_a_result_computed_from_older_figures_is_not_written_over_newer(share, zone):
    given(QUARTER, share, {zone: (1, 4)})
    entry = owed(share)

    def slow(entries):
        write = recomputed(entries)
        say(cell_of(share, zone, QUARTER), (3, 4))
        owed(share)
        assert outbox.perform_many([entry.pk], recomputed)
        return write

    assert not outbox.perform_many([entry.pk], slow)
    assert value() == 75


def test_work_on_what_no_longer_exists_is_done(share, zone):
    enqueue(topic=TOPIC, keys=["999999:999999"])
    entry = OutboxEntry.objects.get()
    assert outbox.perform_many([entry.pk], recomputed)
    assert not OutboxEntry.objects.pending().exists()


def test_the_reconciler_owes_what_is_expected_and_has_no_result(share, zone):
    given(QUARTER, share, {zone: (1, 4)})
    given("2026-Q2", share, {zone: None})
    assert reconcile() == 2
    assert set(OutboxEntry.objects.values_list("key", flat=True)) == {
        key(share),
        key(share, "2026-Q2"),
    }


def test_the_reconciler_leaves_what_waits_what_is_done_and_what_is_set_aside(share, zone):
    for code in ("2026-Q1", "2026-Q2", QUARTER):
        given(code, share, {zone: (1, 4)})
    compute(share.indicator_id, make_period("2026-Q1").pk)()
    owed(share, "2026-Q2")
    set_aside = owed(share, QUARTER)
    OutboxEntry.objects.filter(pk=set_aside.pk).update(set_aside_at=timezone.now())
    assert reconcile() == 0
    set_aside.refresh_from_db()
    assert set_aside.set_aside_at is not None


def test_a_target_reached_earlier_makes_later_periods_owed(share, zone, nation):
    TargetPath.objects.create(
        indicator=share.indicator,
        area=nation,
        baseline=Fraction(40),
        baseline_end=dt.date(2025, 12, 31),
        baseline_source="Register",
        target=Fraction(80),
    )
    given("2026-Q1", share, {zone: (1, 4)})
    given(QUARTER, share, {zone: (2, 4)})
    recompute_all()
    say(cell_of(share, zone, "2026-Q1"), (4, 4))
    outbox.perform_many([owed(share, "2026-Q1").pk], recomputed)
    later = OutboxEntry.objects.get(key=key(share))
    assert outbox.perform_many([later.pk], recomputed)
    assert Result.objects.get(area=nation, period__code=QUARTER).reached == "2026-Q1"
    assert not OutboxEntry.objects.pending().exists()


def test_recomputing_everything_owes_again_what_changed_meanwhile(share, zone):
    given(QUARTER, share, {zone: (1, 4)})
    entry = owed(share)
    outbox.perform_many([entry.pk], recomputed)
    recompute_all()
    assert OutboxEntry.objects.pending().get().pk == entry.pk


def test_the_same_figures_have_the_same_fingerprint_on_every_database(nation):
    """Literal digests: a run on SQLite and one on PostgreSQL agree only if both find them."""
    share = make_indicator(
        "share", kind=Kind.RATIO, temporal=Temporal.FLOW, decimals=3, options=["a"]
    )
    TargetPath.objects.create(
        indicator=share.indicator,
        area=nation,
        baseline=Fraction(100, 3),
        baseline_end=dt.date(2025, 12, 31),
        baseline_source="Register",
        target=Fraction(200, 3),
    )
    zones = [make_zone(f"zone-{number}", population=number) for number in (1, 2)]
    assert Unit.objects.zones().count() == 2
    for number, code in enumerate(("2025-Q4", "2026-Q1", "2026-Q2", QUARTER)):
        given(code, share, {zones[0]: (10**14 + number, 3 * 10**14), zones[1]: (7, 21)})
        given(code, share, {zones[0]: (1, 3)}, option="a")
    recompute_all()
    found = {
        (each.area.code, each.option): (each.judged_value, each.fingerprint)
        for each in Result.objects.filter(
            period__code=QUARTER, area__in=[nation, make_area("wallonie")]
        ).select_related("area")
    }
    exact = Fraction(4 * 10**14 + 34, 12 * 10**14 + 84) * 100
    third = Fraction(100, 3)
    assert found == {
        ("belgium", ""): (
            exact,
            "2b334d02c9f387682205c57132384abd2a7a05a3b114da582a0abf7705bad222",
        ),
        ("belgium", "a"): (
            third,
            "e6c6912739c7c19a12018a6676b40f22643acc6370aec52d6090ea3c7090d8f3",
        ),
        ("wallonie", ""): (
            exact,
            "2276a9d19611ed7f96dc60387146b5565e4788675236fab407e659c72e61a04f",
        ),
        ("wallonie", "a"): (
            third,
            "af0c5ac6e28bdfbf763b179c185b627ec953b92939556d372e0feed9e6a9df57",
        ),
    }
