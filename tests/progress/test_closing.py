"""Closing a period: what is frozen, what hinders it, and what a later change does to it."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from foundation.models import AuditEntry, OutboxEntry
from foundation.outbox import perform_many
from foundation.services import enqueue
from indicators.enums import Kind, Temporal
from indicators.models import PathPoint, TargetPath
from organisations.enums import AreaKind, Role
from organisations.models import Population
from progress.closing import (
    AlreadyClosed,
    NotClosable,
    NotClosed,
    Undecided,
    reopen_period,
)
from progress.enums import Hindrance
from progress.models import Closing, FrozenBasis, FrozenResult, FrozenSheet, Result, Sheet
from progress.selectors.closings import stands
from progress.services import TOPIC, key_of, recompute_all, recomputed
from submissions.enums import State
from submissions.models import Round, RoundSubject
from submissions.services import take_populations
from tests.factories import (
    make_area,
    make_indicator,
    make_path,
    make_period,
    make_user,
    make_zone,
    make_zones,
)
from tests.threads import together

from .figures import cell_of, close, given, lock, say

pytestmark = pytest.mark.django_db
QUARTER = "2026-Q3"


@pytest.fixture
def share(nation):
    version = make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK, options=["a"])
    path = make_path(version, nation)
    PathPoint.objects.create(path=path, year=2026, value=Fraction(151, 3))
    return version


@pytest.fixture
def zones(share):
    """Three zones of which figures of three locked quarters were validated."""
    zones = make_zones(3)
    for code in ("2025-Q3", "2026-Q2", QUARTER):
        given(code, share, dict.fromkeys(zones, (45, 100)))
        given(code, share, dict.fromkeys(zones, (5, 50)), option="a")
    lock()
    recompute_all()
    return zones


def rows(model, **narrowed):
    """Everything that results and their frozen copies have in common."""
    names = [each.attname for each in Result._meta.concrete_fields if each.attname != "id"]
    found = model.objects.filter(period__code=QUARTER, **narrowed)
    return sorted(map(repr, found.values(*names)))


# --- What is frozen -------------------------------------------------------------------------------


def test_closing_freezes_every_result_with_what_it_rests_on(secretariat, share, zones):
    closing = close(secretariat)
    assert rows(FrozenResult) == rows(Result) != []
    assert not FrozenResult.objects.exclude(period__code=QUARTER).exists()
    total, option = FrozenBasis.objects.filter(closing=closing).order_by("option")
    assert (total.option, option.option) == ("", "a")
    assert total.definition["number"] == share.number
    assert total.definition["minimum_coverage"] == "4/5"
    assert list(total.paths) == ["belgium"]
    assert total.paths["belgium"]["points"] == [["2026-12-31", "151/3"]]
    assert option.paths == {}


def test_the_figures_read_are_kept_once(secretariat, share, zones):
    """Of the quarter and of those of the year before it; a second closing shares them."""
    close(secretariat, "2026-Q2")
    basis = FrozenBasis.objects.get(closing=close(secretariat).pk, option="")
    assert [each["period"] for each in basis.inputs] == ["2025-Q3", "2026-Q2", QUARTER]
    for each in basis.inputs:
        kept = json.loads(FrozenSheet.objects.get(digest=each["sheet"]).rows)
        assert [row[:5] for row in kept] == [[zone.slug, 1, "reported", 45, 100] for zone in zones]
    assert FrozenSheet.objects.count() == Sheet.objects.values("digest").distinct().count()


def test_the_closing_is_on_the_record(secretariat, zones):
    closing = close(secretariat)
    entry = AuditEntry.objects.get(verb="period.closed")
    assert (entry.actor, entry.subject_id) == (secretariat, closing.pk)
    assert entry.details["period"] == QUARTER
    assert entry.details["results"] == FrozenResult.objects.count()


def test_a_later_figure_changes_the_result_and_not_the_frozen_one(secretariat, share, zones):
    close(secretariat)
    frozen = rows(FrozenResult)
    say(cell_of(share, zones[0], QUARTER), (90, 100))
    recompute_all()
    assert rows(FrozenResult) == frozen != rows(Result)


def test_the_path_of_a_frozen_result_outlives_the_stored_one(secretariat, share, zones, nation):
    close(secretariat)
    before = Result.objects.select_related("path", "period").get(
        period__code=QUARTER, area=nation, option=""
    )
    told = before.judgement
    Result.objects.all().delete()
    TargetPath.objects.all().delete()
    frozen = FrozenResult.objects.get(area=nation, option="")
    assert frozen.judgement == told
    assert frozen.path.baseline_end == dt.date(2025, 12, 31)


@pytest.mark.parametrize("model", [FrozenResult, FrozenBasis, FrozenSheet])
def test_the_database_changes_nothing_that_is_frozen(secretariat, zones, model):
    close(secretariat)
    column = {FrozenResult: "status", FrozenBasis: "option", FrozenSheet: "rows"}[model]
    assert model.objects.exists()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        model.objects.update(**{column: "x"})


# --- What hinders it ------------------------------------------------------------------------------


def hindrances(refused):
    return set(refused.value.stand.hindrances)


@pytest.mark.parametrize("role", [Role.STEERING, Role.COUNCIL, Role.EVALUATOR, Role.ADMINISTRATOR])
def test_only_the_secretariat_closes_and_reopens(secretariat, zones, role):
    other = make_user(role)
    with pytest.raises(PermissionDenied):
        close(other)
    close(secretariat)
    with pytest.raises(PermissionDenied):
        reopen_period(actor=other, period=make_period(QUARTER), reason="Because")


def test_a_round_that_is_not_locked_cannot_be_closed(secretariat, zones):
    Round.objects.filter(period__code=QUARTER).update(locks_at=timezone.now() + dt.timedelta(1))
    with pytest.raises(NotClosable) as refused:
        close(secretariat)
    assert hindrances(refused) == {Hindrance.NOT_LOCKED}
    assert not Closing.objects.exists()


@pytest.mark.parametrize("code", [QUARTER, "2026-Q2", "2025-Q3", "2025-Q2", "2026-H1"])
def test_results_that_are_owed_hinder_also_in_an_earlier_period(secretariat, share, zones, code):
    """Also before the year that is read: it may be then that a target was first reached."""
    enqueue(topic=TOPIC, keys=[key_of(share.indicator_id, make_period(code).pk)])
    with pytest.raises(NotClosable) as refused:
        close(secretariat)
    assert hindrances(refused) == {Hindrance.OWED}


def test_what_is_owed_of_later_periods_or_other_topics_does_not_hinder(secretariat, share, zones):
    later = make_period("2026-Q4")
    longer = make_period("2026-H2")
    enqueue(topic=TOPIC, keys=[key_of(share.indicator_id, each.pk) for each in (later, longer)])
    enqueue(topic="peers", keys=[f"1:{make_period(QUARTER).pk}"])
    close(secretariat)


def test_results_that_were_set_aside_hinder(secretariat, share, zones):
    enqueue(topic=TOPIC, keys=[key_of(share.indicator_id, make_period(QUARTER).pk)])
    OutboxEntry.objects.update(set_aside_at=timezone.now())
    with pytest.raises(NotClosable) as refused:
        close(secretariat)
    assert hindrances(refused) == {Hindrance.SET_ASIDE}


def test_an_indicator_without_its_result_hinders(secretariat, zones):
    given(QUARTER, make_indicator("other"), {zones[0]: 3})
    with pytest.raises(NotClosable) as refused:
        close(secretariat)
    assert refused.value.stand.hindrances == {Hindrance.OWED: 1}


def test_what_changes_while_it_is_being_frozen_stops_the_closing(
    secretariat, share, zones, monkeypatch
):
    """Owed, computed and done between two statements of the closing."""
    from progress import closing

    whole = closing._copy_results

    def meanwhile(*args):
        whole(*args)
        enqueue(topic=TOPIC, keys=[key_of(share.indicator_id, make_period(QUARTER).pk)])
        OutboxEntry.objects.update(done_generation=1)

    monkeypatch.setattr(closing, "_copy_results", meanwhile)
    with pytest.raises(NotClosable), transaction.atomic():
        close(secretariat)
    assert not FrozenResult.objects.exists()
    assert not FrozenBasis.objects.exists()


def test_what_changes_after_the_hindrances_were_read_stops_the_closing(
    secretariat, share, zones, monkeypatch
):
    """Owed before anything is frozen, and computed between the sheets and the results."""
    from progress import closing

    hindrances_read, sheets_frozen = closing.stand_of, closing._freeze_sheets

    def correct(*args):
        stand = hindrances_read(*args)
        say(cell_of(share, zones[0], QUARTER), (90, 100))
        enqueue(topic=TOPIC, keys=[key_of(share.indicator_id, make_period(QUARTER).pk)])
        return stand

    def work(*args):
        sheets_frozen(*args)
        perform_many([each.pk for each in OutboxEntry.objects.filter(topic=TOPIC)], recomputed)

    monkeypatch.setattr(closing, "stand_of", correct)
    monkeypatch.setattr(closing, "_freeze_sheets", work)
    with pytest.raises(NotClosable) as refused, transaction.atomic():
        close(secretariat)
    assert hindrances(refused) == {Hindrance.OWED}
    assert not FrozenResult.objects.exists()


@pytest.mark.parametrize("code", [QUARTER, "2026-Q2"])
def test_results_judged_by_what_is_no_longer_in_force_hinder(secretariat, share, zones, code):
    """Newer reference data was loaded, and the reconciler has not owed the results yet."""
    Sheet.objects.filter(period__code=code).update(basis="0" * 64)
    stand = next(each for each in stands(timezone.now()) if each.period.code == QUARTER)
    assert stand.hindrances == {Hindrance.OWED: 1}
    with pytest.raises(NotClosable) as refused:
        close(secretariat)
    assert hindrances(refused) == {Hindrance.OWED}
    assert not FrozenBasis.objects.exists()


def test_a_path_loaded_since_is_not_frozen_beside_results_of_the_former(secretariat, zones):
    TargetPath.objects.update(target=Fraction(99))
    with pytest.raises(NotClosable), transaction.atomic():
        close(secretariat)
    recompute_all()
    assert close(secretariat)
    assert FrozenBasis.objects.get(option="").paths["belgium"]["target"] == "99/1"


def test_reference_data_loaded_while_it_is_being_frozen_stops_the_closing(
    secretariat, zones, monkeypatch
):
    from progress import closing

    whole = closing._freeze

    def meanwhile(*args):
        TargetPath.objects.update(target=Fraction(99))
        whole(*args)

    monkeypatch.setattr(closing, "_freeze", meanwhile)
    with pytest.raises(NotClosable) as refused, transaction.atomic():
        close(secretariat)
    assert hindrances(refused) == {Hindrance.OWED}
    assert not FrozenBasis.objects.exists()


def test_what_is_attested_and_undecided_must_have_been_seen(secretariat, share, zones):
    given(QUARTER, share, dict.fromkeys([make_zone("late")], (1, 2)), state=State.SUBMITTED)
    recompute_all()
    with pytest.raises(Undecided) as refused:
        close(secretariat)
    assert refused.value.stand.undecided == 1
    given(QUARTER, share, dict.fromkeys([make_zone("later")], (1, 2)), state=State.SUBMITTED)
    recompute_all()
    with pytest.raises(Undecided):
        close(secretariat, undecided=1)
    closing = close(secretariat, undecided=2)
    assert AuditEntry.objects.get(subject_id=closing.pk).details["undecided"] == 2


# --- Once, and again ------------------------------------------------------------------------------


def test_a_closed_period_is_not_closed_again(secretariat, zones):
    close(secretariat)
    with pytest.raises(AlreadyClosed):
        close(secretariat)
    assert Closing.objects.count() == 1


def test_reopening_wants_a_reason_and_leaves_a_trace(secretariat, zones):
    closing = close(secretariat)
    period = make_period(QUARTER)
    with pytest.raises(ValidationError):
        reopen_period(actor=secretariat, period=period, reason="  ")
    reopen_period(actor=secretariat, period=period, reason=" A wrong register ")
    closing.refresh_from_db()
    assert closing.reopening_reason == "A wrong register"
    entry = AuditEntry.objects.get(verb="period.reopened")
    assert entry.details == {"period": QUARTER, "reason": "A wrong register"}
    assert FrozenResult.objects.count() > FrozenResult.objects.in_force().count() == 0
    with pytest.raises(NotClosed):
        reopen_period(actor=secretariat, period=period, reason="Again")


def test_a_reopened_period_is_closed_anew_with_the_later_figures(secretariat, share, zones, nation):
    close(secretariat)
    reopen_period(actor=secretariat, period=make_period(QUARTER), reason="A wrong register")
    for zone in zones:
        say(cell_of(share, zone, QUARTER), (90, 100))
    recompute_all()
    OutboxEntry.objects.update(done_generation=F("generation"))
    close(secretariat)
    found = FrozenResult.objects.filter(area=nation, option="")
    assert sorted(found.values_list("value", flat=True)) == [45, 90]
    assert found.in_force().get().value == 90


def test_a_reopened_period_takes_the_populations_known_by_then(secretariat, share, zones):
    close(secretariat)
    Population.objects.filter(unit=zones[0]).update(inhabitants=12_345)
    subject = RoundSubject.objects.get(round__period__code=QUARTER, unit=zones[0])
    assert take_populations(actor=None)
    subject.refresh_from_db()
    assert subject.population != 12_345
    reopen_period(actor=secretariat, period=make_period(QUARTER), reason="A wrong register")
    subject.refresh_from_db()
    assert subject.population == 12_345
    key = key_of(share.indicator_id, make_period(QUARTER).pk)
    assert OutboxEntry.objects.pending().filter(topic=TOPIC, key=key).exists()
    assert AuditEntry.objects.filter(verb="round.populations_taken", actor=secretariat).exists()


def test_the_database_refuses_a_second_closing_and_a_reopening_without_reason(secretariat, zones):
    closing = close(secretariat)
    with pytest.raises(IntegrityError), transaction.atomic():
        Closing.objects.create(period=closing.period, closed_by=secretariat)
    with pytest.raises(IntegrityError), transaction.atomic():
        Closing.objects.update(reopened_at=timezone.now(), reopened_by=secretariat)


@pytest.mark.django_db(transaction=True)
def test_of_two_closers_at_once_one_wins(transactional_db):
    nation = make_area("belgium", AreaKind.NATION)
    version = make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK)
    given(QUARTER, version, {make_zone(): (1, 4)})
    lock()
    recompute_all()
    people = [make_user(Role.SECRETARIAT, name=name) for name in ("one", "other")]
    said = together([partial(close, each) for each in people], AlreadyClosed)
    assert {type(each) for each in said} == {Closing, AlreadyClosed}
    assert FrozenResult.objects.filter(area=nation).count() == 1
    assert AuditEntry.objects.filter(verb="period.closed").count() == 1


# --- The list -------------------------------------------------------------------------------------


def test_the_stands_cost_the_same_with_one_period_and_with_many(
    secretariat, zones, share, django_assert_num_queries
):
    queries = 19
    with django_assert_num_queries(queries):
        assert len(stands(timezone.now())) == 3
    for year in (2023, 2024):
        for quarter in (1, 2, 3, 4):
            given(f"{year}-Q{quarter}", share, dict.fromkeys(zones, (45, 100)))
    recompute_all()
    with django_assert_num_queries(queries):
        assert len(stands(timezone.now())) == 11
