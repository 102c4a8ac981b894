"""`verify_results` on what results are computed from and on what was frozen."""

import json
import zlib
from fractions import Fraction
from hashlib import sha256

import pytest
from django.core.management import call_command

from foundation.services import enqueue
from indicators.enums import Direction, Kind, Temporal
from indicators.models import IndicatorVersion, SubjectBaseline, TargetPath
from organisations.models import UnitSuccession
from progress.closing import close_period, reopen_period
from progress.demo_closing import thaw
from progress.models import (
    Closing,
    FrozenBasis,
    FrozenResult,
    FrozenSheet,
    Result,
    Sheet,
    Snapshot,
    SnapshotContent,
)
from progress.services import key_of, recompute_all
from progress.snapshots import take_snapshot
from progress.verification import differences, reports
from submissions.models import Measurement
from tests.factories import make_indicator, make_path, make_period, make_zone

from .figures import NA, cell_of, given, lock, say, unlock

pytestmark = pytest.mark.django_db
YEAR = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
QUARTER = YEAR[-1]


@pytest.fixture
def zones(nation):
    return [make_zone(f"zone-{n}", population=20_000 * n) for n in (1, 2, 3)]


@pytest.fixture
def closed(nation, zones, secretariat):
    """Three indicators of five quarters, of which the last is closed; a merger in between.

    Of the count only two of three report, so that its path is scaled to their baselines.
    """
    whole = make_zone("whole", population=60_000)
    fewer = make_indicator("fewer", direction=Direction.DECREASE, minimum_coverage=Fraction(1, 3))
    share = make_indicator("share", kind=Kind.RATIO, for_every_unit=True, options=["a"])
    rate = make_indicator("rate", kind=Kind.POPULATION_RATE, temporal=Temporal.FLOW)
    for version, start, target in ((fewer, 100, 60), (share, 40, 80)):
        path = make_path(version, nation, baseline=Fraction(start), target=Fraction(target))
        if version == fewer:
            for zone, part in zip(zones, (50, 30, 20), strict=True):
                SubjectBaseline.objects.create(path=path, unit=zone, value=Fraction(part))
    for old in zones[:2]:
        UnitSuccession.objects.create(
            predecessor=old, predecessor_label=old.slug, successor=whole, effective_on="2026-01-01"
        )
    for number, code in enumerate(YEAR):
        asked = zones if code < "2026" else [whole, zones[2]]
        given(code, fewer, dict.fromkeys(asked[:-1], 10 + number) | {asked[-1]: None})
        given(code, share, dict.fromkeys(asked, (40 + number, 100)))
        given(code, share, dict.fromkeys(asked, (number, 50)), option="a")
        given(code, rate, dict.fromkeys(asked[:-1], 5 + number) | {asked[-1]: NA})
    lock()
    recompute_all()
    return close_period(actor=secretariat, period=make_period(QUARTER))


def told():
    return [str(each) for each in differences()]


def version_of(code):
    return IndicatorVersion.objects.get(indicator__code=code)


def test_what_was_frozen_recomputes_from_what_was_kept(closed):
    assert told() == []
    scaled = FrozenResult.objects.get(indicator__code="fewer", area__code="belgium")
    assert scaled.baseline == 80
    assert FrozenBasis.objects.get(indicator__code="fewer").paths["belgium"]["baselines"] == {
        "zone-1": "50/1",
        "zone-2": "30/1",
        "zone-3": "20/1",
    }
    assert scaled.path.baseline == 100


def test_it_does_not_rest_on_what_came_later(closed, zones):
    """Everything else changes: the frozen results are as they were, and no difference is told."""
    say(cell_of(version_of("share"), zones[2], QUARTER), (90, 100))
    UnitSuccession.objects.all().delete()
    SubjectBaseline.objects.update(value=Fraction(1))
    TargetPath.objects.update(target=Fraction(70))
    before = FrozenResult.objects.count()
    recompute_all()
    assert told() == []
    assert FrozenResult.objects.count() == before
    assert Result.objects.get(
        indicator__code="share", period__code=QUARTER, area__code="belgium", option=""
    ).target == Fraction(70)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("value", Fraction(1), "value: stored 1, recomputed 14"),
        ("status", "at_risk", "status: stored at_risk, recomputed "),
        ("baseline", Fraction(81), "baseline: stored 81, recomputed 80"),
        ("fingerprint", "0" * 64, f"fingerprint: stored {'0' * 64}, recomputed "),
        ("method_version", "0", "method_version: stored 0, recomputed a method not known"),
        ("option", "a", "option: stored a, recomputed nothing"),
    ],
)
def test_a_frozen_result_that_was_tampered_with_is_named(closed, field, value, said):
    unlock(FrozenResult)
    FrozenResult.objects.filter(indicator__code="fewer", area__code="belgium").update(
        **{field: value}
    )
    assert [line.partition(" frozen ")[0] for line in told()] == [f"fewer {QUARTER} Belgium"]
    assert said in told()[0]


def test_a_frozen_result_that_was_moved_to_another_period_is_named(closed):
    unlock(FrozenResult)
    moved, right = make_period("2026-Q2"), make_period(QUARTER)
    FrozenResult.objects.filter(indicator__code="rate", area__code="belgium").update(period=moved)
    (line,) = told()
    assert line.startswith(f"rate {QUARTER} Belgium frozen ")
    assert line.endswith(f" period_id: stored {moved.pk}, recomputed {right.pk}")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("direction", "increase", "direction: stored increase, recomputed decrease"),
        ("target_date", "2030-12-31", "target_date: stored 2030-12-31, recomputed 2029-12-31"),
        ("due_dates", ["2028-06-30"], "due_dates: stored ['2028-06-30'], recomputed []"),
    ],
)
def test_a_frozen_path_that_was_tampered_with_is_named(closed, name, value, said):
    """Explanations and charts read it, though no status follows from it."""
    unlock(FrozenBasis)
    basis = FrozenBasis.objects.get(indicator__code="fewer")
    paths = {"belgium": basis.paths["belgium"] | {name: value}}
    FrozenBasis.objects.filter(pk=basis.pk).update(paths=paths)
    (line,) = told()
    assert line.startswith(f"fewer {QUARTER} frozen ")
    assert line.endswith(f" path of belgium {said}")


def test_a_frozen_definition_that_was_tampered_with_is_named(closed):
    unlock(FrozenBasis)
    basis = FrozenBasis.objects.get(indicator__code="fewer")
    definition = basis.definition | {"by_population": False}
    FrozenBasis.objects.filter(pk=basis.pk).update(definition=definition)
    (line,) = told()
    assert line.endswith(" definition by_population: stored False, recomputed True")


def test_a_frozen_figure_that_was_never_reported_is_named(closed):
    unlock(FrozenSheet)
    sheet = FrozenSheet.objects.get(
        pk=FrozenBasis.objects.get(indicator__code="share", option="").inputs[-1]["sheet"]
    )
    rows = json.loads(sheet.rows)
    rows[0][3] += 1
    text = json.dumps(rows, separators=(",", ":"))
    FrozenSheet.objects.filter(pk=sheet.pk).update(rows=text)
    lines = told()
    assert f"share {QUARTER} frozen sheet digest: stored {sheet.pk}, recomputed " in lines[0]
    named = f"share {QUARTER} frozen sheet {rows[0][0]} revision 1 row: "
    assert f"{named}stored ['reported', 45, 100], recomputed ['reported', 44, 100]" in lines
    assert any(line.startswith(f"share {QUARTER} Belgium frozen") for line in lines)


def test_a_measurement_that_was_changed_is_named(closed, zones):
    unlock(Measurement)
    cell = cell_of(version_of("share"), zones[2], "2026-Q2")
    Measurement.objects.filter(cell=cell).update(numerator=99)
    recompute_all()
    (line,) = told()
    assert line.startswith("share 2026-Q2 frozen sheet zone-3 revision 1 row: ")
    assert line.endswith("stored ['reported', 43, 100], recomputed ['reported', 99, 100]")


def test_a_reopened_period_stays_verified(closed, secretariat):
    reopen_period(actor=secretariat, period=make_period(QUARTER), reason="Error")
    unlock(FrozenResult)
    FrozenResult.objects.filter(indicator__code="rate", area__code="belgium").update(reported=9)
    assert len(told()) == 1


# --- Snapshots ------------------------------------------------------------------------------------


@pytest.fixture
def kept(closed, secretariat):
    """Two snapshots of the closed period; what they have in common is kept once."""
    period = make_period(QUARTER)
    return [
        take_snapshot(actor=secretariat, period=period, reason=reason) for reason in ("one", "two")
    ]


def test_what_snapshots_keep_is_what_they_kept(kept):
    *_indicators, report = reports()
    assert report.differences == []
    contents = len({*kept[0].contents.values(), *kept[1].contents.values()})
    assert report.compared == 1 + contents > 4


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (zlib.compress(b"{}"), sha256(b"{}").hexdigest()),
        (b"not compressed", "unreadable"),
        (None, "missing"),
    ],
)
def test_a_content_that_is_not_what_was_kept_is_named_by_each_snapshot(kept, body, found, capsys):
    digest = kept[0].contents["units/share"]
    unlock(SnapshotContent)
    content = SnapshotContent.objects.filter(pk=digest)
    if body is None:
        content.delete()
    else:
        content.update(body=body)
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_results", period=QUARTER)
    assert capsys.readouterr().out.splitlines() == [
        *(
            f"snapshot {each.token} units/share digest: stored {digest}, recomputed {found}"
            for each in kept
        ),
        "2 differences",
    ]
    call_command("verify_results", indicator="share")
    call_command("verify_results", period="2026-Q2")


# --- What is gone with all that it rested on ------------------------------------------------------


def remove_results(of):
    unlock(FrozenResult)
    unlock(FrozenBasis)
    for model in (FrozenResult, FrozenBasis):
        model.objects.filter(**of).delete()


def test_frozen_results_that_are_gone_with_their_basis_are_named(closed):
    count = FrozenResult.objects.count()
    gone = FrozenResult.objects.filter(indicator__code="rate").count()
    remove_results({"indicator__code": "rate"})
    assert told() == [
        f"closing {closed.pk} of {QUARTER} results: stored {count - gone}, recomputed {count}"
    ]


def test_a_closing_that_is_gone_is_named_with_its_period(closed, capsys):
    count = FrozenResult.objects.count()
    remove_results({})
    number = closed.pk
    Closing.objects.all().delete()
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_results", period=QUARTER)
    assert capsys.readouterr().out.splitlines() == [
        f"closing {number} of {QUARTER} results: stored nothing, recomputed {count}",
        "1 difference",
    ]
    call_command("verify_results", period="2026-Q2")


def test_a_reopening_that_nobody_recorded_is_named(closed, secretariat):
    Closing.objects.update(
        reopened_at=closed.closed_at, reopened_by=secretariat, reopening_reason="Quietly"
    )
    assert told() == [f"closing {closed.pk} of {QUARTER} reopened: stored True, recomputed False"]


def test_a_closing_that_nobody_recorded_is_named(closed, secretariat):
    other = make_period("2026-Q2")
    made = Closing.objects.create(period=other, closed_by=secretariat)
    assert told() == [
        f"closing {made.pk} of {other.code} audit trail: stored missing, recomputed an entry"
    ]


def test_what_was_removed_on_the_record_is_missed_by_nobody(closed):
    thaw(Closing.objects.all())
    assert told() == []


def test_a_snapshot_that_lost_a_page_is_named(kept):
    unlock(Snapshot)
    contents = dict(kept[0].contents)
    del contents["units/share"]
    Snapshot.objects.filter(pk=kept[0].pk).update(contents=contents)
    assert told() == [
        f"snapshot {kept[0].token} contents: stored {len(contents)}, recomputed {len(contents) + 1}"
    ]


def test_a_snapshot_that_shows_another_page_is_named(kept):
    """The content is whole and there are as many; it is that of another name."""
    unlock(Snapshot)
    contents = kept[0].contents | {"units/share": kept[0].contents["overview"]}
    Snapshot.objects.filter(pk=kept[0].pk).update(contents=contents)
    (line,) = told()
    assert line.startswith(f"snapshot {kept[0].token} digest: stored ")


def test_a_snapshot_of_another_period_is_named(kept):
    unlock(Snapshot)
    Snapshot.objects.filter(pk=kept[0].pk).update(period=make_period("2026-Q2"))
    assert told() == [f"snapshot {kept[0].token} period: stored 2026-Q2, recomputed {QUARTER}"]


def test_a_snapshot_that_is_gone_is_named(kept):
    unlock(Snapshot)
    Snapshot.objects.filter(pk=kept[0].pk).delete()
    assert told() == [f"snapshot {kept[0].token} snapshot: stored missing, recomputed a snapshot"]


def test_snapshots_that_were_removed_on_the_record_are_missed_by_nobody(kept):
    thaw(Closing.objects.all())
    assert not Snapshot.objects.exists()
    assert told() == []


# --- Sheets ---------------------------------------------------------------------------------------


def test_a_sheet_that_was_tampered_with_is_named(zones):
    given(QUARTER, make_indicator("counted"), dict(zip(zones, (1, 2, None), strict=True)))
    recompute_all()
    sheet = Sheet.objects.get()
    rows = json.loads(sheet.rows)
    rows[1][3] = 7
    Sheet.objects.update(rows=json.dumps(rows, separators=(",", ":")), in_review=["zone-1"])
    first, second = told()
    assert first.startswith(f"counted {QUARTER} sheet zone-2 row: stored ['zone-2', 1, 'reported',")
    assert second == f"counted {QUARTER} sheet in_review: stored ['zone-1'], recomputed []"
    Sheet.objects.update(rows="not JSON", in_review=[])
    assert len(told()) == 3


def test_a_sheet_of_a_period_that_nobody_is_asked_of_is_named(zones):
    given(QUARTER, make_indicator("counted"), {zones[0]: 1})
    recompute_all()
    Sheet.objects.update(period=make_period("2026-Q1"))
    assert told() == ["counted 2026-Q1 sheet rows: stored a sheet, recomputed none expected"]


# --- What waits -----------------------------------------------------------------------------------


def test_what_is_still_owed_waits_and_is_no_difference(zones):
    version = make_indicator("counted")
    given(QUARTER, version, {zones[0]: 1})
    recompute_all()
    Result.objects.update(value=Fraction(2))
    report, _snapshots = reports()
    assert (len(report.differences), len(report.waiting)) == (4, 0)
    assert report.compared == 5
    enqueue(topic="results", keys=[key_of(version.indicator_id, make_period(QUARTER).pk)])
    report, _snapshots = reports()
    assert (len(report.differences), len(report.waiting)) == (0, 4)


def test_the_command_tells_what_waits_and_does_not_fail_for_it(zones, capsys):
    version = make_indicator("counted")
    given(QUARTER, version, {zones[0]: 1})
    recompute_all()
    Result.objects.update(value=Fraction(2))
    enqueue(topic="results", keys=[key_of(version.indicator_id, make_period(QUARTER).pk)])
    call_command("verify_results")
    assert capsys.readouterr().out.splitlines() == [
        "4 waiting for a recomputation that is owed",
        "0 differences",
    ]
