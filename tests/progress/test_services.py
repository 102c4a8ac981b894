"""Results through the outbox: nothing older wins, nothing is lost, nothing loops."""

import datetime as dt
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from foundation import outbox
from foundation.models import OutboxEntry
from foundation.services import enqueue
from indicators.enums import Kind, Temporal
from indicators.models import TargetPath
from organisations.enums import Role
from organisations.models import Unit, UnitSuccession
from progress.models import Recomputation, Result, Sheet
from progress.services import (
    TOPIC,
    key_of,
    recompute_all,
    recomputed,
    recomputed_indicator,
    reconcile,
    start_recomputation,
)
from progress.sheets import digest_of, rows_of
from progress.verification import differences
from tests.factories import (
    make_area,
    make_dca,
    make_indicator,
    make_path,
    make_period,
    make_user,
    make_zone,
)

from .figures import cell_of, given, recompute, say

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
    recompute(share, "2026-Q1")
    owed(share, "2026-Q2")
    set_aside = owed(share, QUARTER)
    OutboxEntry.objects.filter(pk=set_aside.pk).update(set_aside_at=timezone.now())
    assert reconcile() == 0
    set_aside.refresh_from_db()
    assert set_aside.set_aside_at is not None


def test_a_target_reached_earlier_makes_later_periods_owed(share, zone, nation):
    make_path(share, nation)
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


# --- Only what changed ----------------------------------------------------------------------------


def drain():
    while ids := list(OutboxEntry.objects.pending().values_list("pk", flat=True)):
        outbox.perform_many(ids, recomputed)


def test_only_areas_of_the_subjects_that_changed_are_written(share, zone):
    other = make_zone("liege", dca=make_dca("dca-liege"))
    given(QUARTER, share, {zone: (1, 4), other: (2, 4)})
    recompute_all()
    before = dict(Result.objects.values_list("area__code", "changed_at"))
    say(cell_of(share, zone, QUARTER), (3, 4))
    enqueue(topic=TOPIC, keys=[key(share)], about=[zone.pk])
    drain()
    after = dict(Result.objects.values_list("area__code", "changed_at"))
    assert {area for area in after if after[area] != before[area]} == {
        "belgium",
        "wallonie",
        "province-namur",
        "arrondissement-dca-namur",
    }


def test_nothing_is_written_where_nothing_changed(share, zone):
    given(QUARTER, share, {zone: (1, 4)})
    recompute_all()
    before = list(Result.objects.values("pk", "changed_at"))
    owed(share)
    drain()
    recompute_all()
    assert list(Result.objects.values("pk", "changed_at")) == before


def test_a_later_period_sees_what_an_earlier_one_still_owes(zone):
    total = make_indicator("total", kind=Kind.COUNT, temporal=Temporal.FLOW)
    for code in ("2025-Q4", "2026-Q1", "2026-Q2", QUARTER):
        given(code, total, {zone: 10})
    recompute_all()
    say(cell_of(total, zone, "2026-Q1"), 15)
    for code in ("2026-Q1", QUARTER):
        enqueue(topic=TOPIC, keys=[key(total, code)], about=[zone.pk])
    outbox.perform_many([OutboxEntry.objects.get(key=key(total)).pk], recomputed)
    national = Result.objects.get(area__code="belgium", period__code=QUARTER)
    assert national.judged_value == 45


@pytest.mark.parametrize("count", [1, 30])
def test_a_submission_takes_the_same_queries_for_any_number_of_figures(
    zone, count, django_assert_num_queries
):
    versions = [make_indicator(f"of-{number}", kind=Kind.COUNT) for number in range(count)]
    for version in versions:
        given(QUARTER, version, {zone: 1})
    recompute_all()
    for version in versions:
        say(cell_of(version, zone, QUARTER), 2)
    enqueue(topic=TOPIC, keys=[key(version) for version in versions], about=[zone.pk])
    entries = list(OutboxEntry.objects.order_by("key"))
    with django_assert_num_queries(15):
        write = recomputed(entries)
    with django_assert_num_queries(6):
        write([entry.key for entry in entries])
    assert set(Result.objects.values_list("value", flat=True)) == {2}


def test_figures_as_a_sheet_are_those_of_the_measurements(share, zone):
    given(QUARTER, share, {zone: (1, 4), make_zone("arches", population=None): None})
    recompute_all()
    rows = (
        '[["arches",null,"missing",null,null,null,"wallonie","province-namur",'
        '"arrondissement-dca-namur",null],["namur",1,"reported",1,4,100000,"wallonie",'
        '"province-namur","arrondissement-dca-namur",4]]'
    )
    sheet = Sheet.objects.get()
    assert (sheet.rows, sheet.digest) == (rows, digest_of(rows))
    assert rows_of(share.indicator, make_period(QUARTER)) == rows


# --- What nobody owed -----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["definition", "path", "merger"])
def test_what_results_rest_on_makes_them_stale(share, zone, nation, what):
    given("2026-Q2", share, {zone: (1, 4)})
    given(QUARTER, share, {zone: (1, 4)})
    recompute_all()
    assert reconcile() == 0
    if what == "definition":
        share.minimum_coverage = Fraction(1, 2)
        share.save()
    elif what == "path":
        TargetPath.objects.create(indicator=share.indicator, area=nation, target=Fraction(80))
    else:
        UnitSuccession.objects.create(
            predecessor=make_zone("old"), successor=zone, effective_on=dt.date(2026, 2, 1)
        )
    assert reconcile() == 2
    drain()
    assert reconcile() == 0
    assert list(differences()) == []


# --- Everything -----------------------------------------------------------------------------------


def test_an_administrator_has_everything_recomputed_and_sees_how_far_it_is(share, zone, client):
    given(QUARTER, share, {zone: (1, 4)})
    make_indicator("other")
    Result.objects.all().delete()
    administrator = make_user(Role.ADMINISTRATOR)
    client.force_login(administrator)
    for _twice in range(2):
        client.post(reverse("state-recompute"))
    run = Recomputation.objects.get()
    assert (run.started_by, run.done, run.total, run.ended_at) == (administrator, 0, 2, None)
    first, second = OutboxEntry.objects.filter(topic=Recomputation.TOPIC).order_by("key")
    outbox.perform(first.pk, recomputed_indicator)
    assert b'max="2" value="1"' in client.get(reverse("state")).content
    outbox.perform(second.pk, recomputed_indicator)
    run.refresh_from_db()
    assert run.done == 2
    assert run.ended_at is not None
    assert value() == 25


def test_what_was_set_aside_ends_its_part_and_another_recomputation_may_start(share, zone, client):
    given(QUARTER, share, {zone: (1, 4)})
    make_indicator("other")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user(Role.ADMINISTRATOR))
    client.post(reverse("state-recompute"))
    run = Recomputation.objects.get()
    first, second = run.pieces.order_by("key")

    def poison(_key):
        raise outbox.SetAside("cannot add")

    outbox.perform(first.pk, poison)
    client.post(reverse("state-recompute"))
    assert b"under way" in client.get(reverse("state")).content
    outbox.perform(second.pk, recomputed_indicator)
    page = client.get(reverse("state")).content.decode()
    assert "<dt>Failed, set aside</dt><dd>1</dd>" in page
    assert "under way" not in page
    client.post(reverse("state-recompute"))
    latest = Recomputation.objects.first()
    assert latest.pieces.pending().count() == 2
    run.refresh_from_db()
    assert (run.done, run.total, run.pieces.exists()) == (1, 2, False)
    assert run.ended_at is not None


def test_a_recomputation_whose_process_is_gone_has_stopped(nation, client):
    """Of the command line; one that the workers do waits for them, however long."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user(Role.ADMINISTRATOR))
    long_ago = timezone.now() - Recomputation.SILENCE - dt.timedelta(seconds=1)
    run = Recomputation.objects.create(total=2, done=1)
    assert "under way" in client.get(reverse("state")).content.decode()
    Recomputation.objects.update(progressed_at=long_ago)
    page = client.get(reverse("state")).content.decode()
    assert "stopped without an end, last heard of" in page
    assert "under way" not in page
    Recomputation.objects.update(is_owed=True)
    run.refresh_from_db()
    assert run.stopped_at is None
    Recomputation.objects.update(is_owed=False, ended_at=timezone.now())
    run.refresh_from_db()
    assert run.stopped_at is None


def test_each_indicator_done_is_a_sign_of_life(share, zone):
    given(QUARTER, share, {zone: (1, 4)})
    recompute_all()
    run = Recomputation.objects.get()
    assert Result.objects.latest("changed_at").changed_at < run.progressed_at <= run.ended_at


def test_who_is_no_administrator_starts_no_recomputation(nation):
    with pytest.raises(PermissionDenied):
        start_recomputation(actor=make_user(Role.SECRETARIAT))


# --- On every database ----------------------------------------------------------------------------


def test_the_same_figures_have_the_same_fingerprint_on_every_database(nation):
    """Literal digests: a run on SQLite and one on PostgreSQL agree only if both find them."""
    share = make_indicator(
        "share", kind=Kind.RATIO, temporal=Temporal.FLOW, decimals=3, options=["a"]
    )
    make_path(share, nation, baseline=Fraction(100, 3), target=Fraction(200, 3))
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
            "afcb66a80ba781771c21dde7514f35facbe42c9f91322217c06d7b18ca523450",
        ),
        ("belgium", "a"): (
            third,
            "e2543bdb95e875e16419d61b40db8cdac3e491a497bdfdd2f7400ae8ef825c42",
        ),
        ("wallonie", ""): (
            exact,
            "24807122ec82c13a4533424830d4ab101149f23bce66adc0277fa3e94fc970cd",
        ),
        ("wallonie", "a"): (
            third,
            "98aab4264c0b52cb03940d17e7a2fea4f4c096c260ea03a02c230b066edbde42",
        ),
    }
