"""The pages on which periods are closed, and what closing changes on those that show figures."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone

from foundation.services import enqueue
from indicators.enums import CellStatus, Kind, Temporal
from indicators.models import TargetPath
from organisations.enums import Role
from organisations.models import Population, UnitSuccession
from progress.closing import reopen_period
from progress.enums import Cause
from progress.models import Closing, FrozenResult, Result
from progress.selectors.revisions import causes, revised
from progress.services import TOPIC, key_of, recompute_all
from submissions.content import Content
from submissions.enums import Entrance, State
from submissions.models import Extension, Round, Submission
from submissions.services import (
    Entry,
    accept_correction,
    propose_correction,
    take_populations,
)
from tests import factories as make

from .figures import cell_of, close, given, lock, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
QUARTER = "2026-Q3"
FORMER = "2026-Q2"


@pytest.fixture
def share(nation):
    version = make.make_indicator(
        "share",
        kind=Kind.RATIO,
        temporal=Temporal.STOCK,
        objective=make.make_objective("5-L1"),
        is_key=True,
        display_decimals=1,
    )
    make.make_path(version, nation)
    return version


@pytest.fixture
def zones(share):
    zones = make.make_zones(4)
    for code in (FORMER, QUARTER):
        given(code, share, dict.fromkeys(zones, (48, 100)))
    lock()
    recompute_all()
    return zones


@pytest.fixture
def read(client):
    """The text of a page as somebody who holds a role reads it, without its markup."""

    def page(name, *args, role=Role.STEERING, unit=None, answer=200, **query):
        reader = make.make_user(role, unit, name=f"reader-{timezone.now().timestamp()}")
        client.force_login(reader)
        response = client.get(reverse(name, args=args), query)
        assert response.status_code == answer
        return told(response)

    return page


def told(response):
    text = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


# --- Closing and reopening --------------------------------------------------------------------


def test_the_secretariat_closes_a_period_and_reopens_it(client, secretariat, zones):
    client.force_login(secretariat)
    listed = told(client.get(reverse("period-list")))
    assert "Q3 2026 Provisional nothing hinders Close" in listed
    page = told(client.get(reverse("period-close", args=[QUARTER])))
    results = Result.objects.filter(period__code=QUARTER).count()
    assert f"Indicators 1 Results {results} of all areas" in page
    assert "4 of 4 zones" in page
    client.post(reverse("period-close", args=[QUARTER]), {"undecided": "0"})
    day = f"{timezone.localdate():%-d %B %Y}"
    listed = told(client.get(reverse("period-list")))
    assert f"Q3 2026 Final closed on {day} by {secretariat.name} Reopen" in listed
    reopen = reverse("period-reopen", args=[QUARTER])
    refused = client.post(reopen, {"reason": ""})
    assert refused.context["form"].errors
    client.post(reopen, {"reason": "A wrong register"})
    listed = told(client.get(reverse("period-list")))
    assert f"reopened on {day} by {secretariat.name}: “A wrong register”" in listed
    assert not Closing.objects.in_force().exists()


def test_the_list_says_what_hinders(client, secretariat, share, zones):
    later = timezone.now() + dt.timedelta(days=3)
    Round.objects.filter(period__code=QUARTER).update(locks_at=later)
    enqueue(topic=TOPIC, keys=[key_of(share.indicator_id, make.make_period(FORMER).pk)])
    client.force_login(secretariat)
    page = client.get(reverse("period-list"))
    assert "the round is locked after" in told(page)
    assert "1 result is still being computed" in told(page)
    assert reverse("period-close", args=[QUARTER]) not in page.content.decode()
    preview = client.get(reverse("period-close", args=[QUARTER]))
    assert "It cannot be closed now" in told(preview)
    assert 'method="post"' not in preview.content.decode().partition("<main")[2]
    client.post(reverse("period-close", args=[QUARTER]), {"undecided": "0"})
    assert not Closing.objects.exists()


def test_what_is_undecided_is_confirmed_on_the_page(client, secretariat, share, zones):
    given(QUARTER, share, {make.make_zone("late"): (1, 2)}, state=State.SUBMITTED)
    recompute_all()
    client.force_login(secretariat)
    address = reverse("period-close", args=[QUARTER])
    assert "1 attested submission or correction waits" in told(client.get(address))
    for seen in ("0", "", "x", "²"):
        assert "Nothing was closed" in told(client.post(address, {"undecided": seen}))
    assert client.post(address, {"undecided": "1"}).status_code == 302
    assert Closing.objects.in_force().exists()


def test_who_still_has_time_is_said_before_the_closing(client, secretariat, share, zones):
    """A unit that has attested, one whose time was ended and one whose time is over are none."""
    late, sent, ended, over = [make.make_zone(name) for name in ("late", "sent", "ended", "over")]
    given(QUARTER, share, dict.fromkeys((late, ended, over), (1, 2)), state=State.DRAFT)
    given(QUARTER, share, {sent: (1, 2)})
    recompute_all()
    now = timezone.now()
    for zone, days, is_ended in ((late, 3, 0), (sent, 3, 0), (ended, 3, 1), (over, -1, 0)):
        Extension.objects.create(
            submission=Submission.objects.get(reporter=zone, round__period__code=QUARTER),
            until=now + dt.timedelta(days=days),
            reason="Floods",
            granted_at=now - dt.timedelta(days=9),
            granted_by=secretariat,
            ended_at=now if is_ended else None,
            ended_by=secretariat if is_ended else None,
        )
    client.force_login(secretariat)
    assert "1 unit still has time to attest" in told(client.get(reverse("period-list")))
    page = told(client.get(reverse("period-close", args=[QUARTER])))
    assert "1 unit has been given more time and has not attested yet" in page
    assert "Close it all the same" in page


def test_a_period_that_is_closed_or_not_says_so_instead_of_failing(client, secretariat, zones):
    client.force_login(secretariat)
    reopen, close_it = (reverse(f"period-{each}", args=[QUARTER]) for each in ("reopen", "close"))
    for answer in (client.get(reopen), client.post(reopen, {"reason": "Because"})):
        assert answer.status_code == 302
    close(secretariat)
    for answer in (client.get(close_it), client.post(close_it, {"undecided": "0"})):
        assert answer.status_code == 302
    assert client.get(reverse("period-close", args=["2031-Q1"])).status_code == 404
    assert client.get(reverse("period-close", args=["nothing"])).status_code == 404


# --- Provisional, final, revised --------------------------------------------------------------


PAGES = (("progress-overview", ()), ("objective-standings", ()), ("indicator-detail", ("share",)))


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_every_page_says_how_settled_its_figures_are(read, secretariat, share, zones, name, args):
    assert "· Q3 2026 · provisional" in read(name, *args)
    close(secretariat)
    assert "· Q3 2026 · final" in read(name, *args)
    assert "· Q2 2026 · provisional" in read(name, *args, period=FORMER)
    say(cell_of(share, zones[0], QUARTER), (90, 100))
    recompute_all()
    assert "· Q3 2026 · revised" in read(name, *args)
    reopen_period(actor=secretariat, period=make.make_period(QUARTER), reason="Because")
    assert "· Q3 2026 · provisional" in read(name, *args)


def correct(zone, figure, reason, code=QUARTER):
    """Through the services: asked by the zone, accepted by its coordinator."""
    approver = make.make_user(Role.APPROVER, zone)
    coordinator = make.make_user(Role.COORDINATOR, zone.controlled_by)
    submission = Submission.objects.get(reporter=zone, round__period__code=code)
    (cell,) = make.cells_of(submission)
    [asked] = propose_correction(
        actor=approver,
        submission=submission,
        entries=[Entry(cell.pk, cell.version, Content(CellStatus.REPORTED, figure, 100))],
        reason=reason,
        entrance=Entrance.FORM,
    )
    accept_correction(actor=coordinator, correction=asked, version=asked.version)


def test_a_corrected_figure_stands_beside_the_frozen_one(read, secretariat, share, zones):
    close(secretariat)
    correct(zones[0], 88, "A page of the register was missing")
    recompute_all()
    day = f"{timezone.localdate():%-d %B %Y}"
    page = read("indicator-detail", "share")
    assert "48.0 %" in page
    assert "Revised since the closing" in page
    assert "58.0 %" in page
    assert f"{day}: correction – A page of the register was missing" in page
    assert f"Revised {day} · correction" in page
    assert FrozenResult.objects.in_force().filter(area__code="belgium").get().value == 48


def test_a_population_that_came_later_is_told_as_the_reason(read, secretariat, zones):
    """In an earlier quarter, which is not closed; it is in the figures of the rolling year."""
    checks = make.make_indicator("checks")
    for code in ("2025-Q4", "2026-Q1", FORMER, QUARTER):
        given(code, checks, dict.fromkeys(zones, 7))
    lock()
    recompute_all()
    close(secretariat)
    Population.objects.filter(unit=zones[0]).update(inhabitants=12_345)
    take_populations(actor=None)
    recompute_all()
    day = f"{timezone.localdate():%-d %B %Y}"
    page = read("indicator-detail", "checks")
    assert f"Revised {day} · population known later" in page


def test_a_newer_file_of_paths_is_told_as_the_reason(read, secretariat, share, zones):
    close(secretariat)
    TargetPath.objects.update(target=Fraction(99))
    recompute_all()
    day = f"{timezone.localdate():%-d %B %Y}"
    page = read("indicator-detail", "share")
    assert f"Revised {day} · amended definition or path" in page


def test_a_target_that_was_never_reached_revises_what_said_so(read, secretariat, share):
    """No figure of the closed quarter changed, nor any that its value is made of."""
    zones = make.make_zones(4)
    TargetPath.objects.update(target=80)
    for code, figure in (("2026-Q1", 82), ("2027-Q3", 48)):
        given(code, share, dict.fromkeys(zones, (figure, 100)))
    lock()
    recompute_all()
    close(secretariat, "2027-Q3")
    assert {each.reached for each in FrozenResult.objects.filter(area__code="belgium")} == {
        "2026-Q1"
    }
    correct(zones[0], 10, "A page of the register was counted twice", "2026-Q1")
    recompute_all()
    day = f"{timezone.localdate():%-d %B %Y}"
    page = read("indicator-detail", "share")
    assert f"Revised {day} · correction" in page
    assert {each.area.code for each in revised()} >= {"belgium"}


def test_a_predecessors_correction_is_the_reason_where_its_successor_counts(nation, secretariat):
    """Two zones of the first class merged into one of the second, which carries their parts."""
    make.make_classes()
    parts = make.make_indicator("parts", kind=Kind.RATIO)
    former = [make.make_zone(name, population=20_000) for name in ("former-1", "former-2")]
    zone = make.make_zone("zone", population=40_000)
    for each in former:
        UnitSuccession.objects.create(
            predecessor=each,
            predecessor_label=each.slug,
            successor=zone,
            effective_on=dt.date(2026, 7, 1),
        )
    for code in ("2025-Q4", "2026-Q1", FORMER):
        given(code, parts, dict.fromkeys(former, (20, 100)))
    given(QUARTER, parts, {zone: (40, 200)})
    lock()
    recompute_all()
    close(secretariat)
    correct(former[0], 88, "A page of the register was missing", FORMER)
    recompute_all()
    told = causes(found := revised())
    assert "class-2" in {each.area.code for each in found}
    for each in found:
        assert [event.cause for event in told[each.pk]] == [Cause.CORRECTION], each.area.code


def test_who_sees_no_unit_reads_no_reason_that_a_unit_gave(read, secretariat, share, zones):
    close(secretariat)
    correct(zones[0], 88, "A page of the register was missing")
    recompute_all()
    for role, unit in ((Role.COUNCIL, None), (Role.COORDINATOR, make.make_dca("dca-other"))):
        page = read("indicator-detail", "share", role=role, unit=unit)
        assert ": correction" in page
        assert "register was missing" not in page


def test_the_frozen_path_is_drawn_and_told_though_another_holds_now(
    read, secretariat, share, zones
):
    close(secretariat)
    asked = "the path asks for"
    before = read("indicator-detail", "share")
    assert asked in before
    TargetPath.objects.update(target=Fraction(60))
    recompute_all()
    page = read("indicator-detail", "share")
    assert "target 80.0 % in 2029" in page
    assert "Revised since the closing" in page


def test_an_area_that_nothing_touched_stays_final(read, secretariat, share, zones):
    elsewhere = make.make_dca("dca-liege")
    others = [make.make_zone(f"liege-{each}", dca=elsewhere) for each in range(3)]
    given(QUARTER, share, dict.fromkeys(others, (30, 100)))
    recompute_all()
    close(secretariat)
    say(cell_of(share, others[0], QUARTER), (90, 100))
    recompute_all()
    page = read("indicator-detail", "share")
    rows = {
        name: re.search(rf"{name} .*?(Final|Revised)", page)[1]
        for name in ("Arrondissement Dca Namur", "Arrondissement Dca Liege")
    }
    assert rows == {
        "Arrondissement Dca Namur": "Final",
        "Arrondissement Dca Liege": "Revised",
    }


# --- The Council ------------------------------------------------------------------------------


def test_the_council_reads_closed_periods_only(read, secretariat, zones):
    page = read("progress-overview", role=Role.COUNCIL)
    assert "No period is closed yet" in page
    close(secretariat, FORMER)
    for name, args in PAGES:
        page = read(name, *args, role=Role.COUNCIL)
        assert "Q2 2026 · final" in page
        assert "Q3 2026" not in page
        read(name, *args, role=Role.COUNCIL, period=QUARTER, answer=404)
        assert "Q3 2026" in read(name, *args)


def test_the_home_and_the_panels_show_the_council_nothing_provisional(read, secretariat, zones):
    assert "No round was opened yet" in read("objective-detail", "5-L1", role=Role.COUNCIL)
    close(secretariat, FORMER)
    panel = read("objective-detail", "5-L1", role=Role.COUNCIL)
    assert "Belgium, at the end of Q2 2026, final" in panel
    home = read("home", role=Role.COUNCIL)
    assert "Q2 2026" in home
    assert "Q3 2026" not in home


# --- Their cost -------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 30])
def test_pages_with_frozen_and_revised_figures_take_the_same_queries(
    client, secretariat, nation, django_assert_num_queries, count
):
    versions = [
        make.make_indicator(f"count-{number}", objective=make.make_objective("5-L1"))
        for number in range(count)
    ]
    zones = make.make_zones(count)
    for version in versions:
        for code in (FORMER, QUARTER):
            given(code, version, dict.fromkeys(zones, 4))
    lock()
    recompute_all()
    close(secretariat, FORMER)
    close(secretariat)
    for version in versions:
        say(cell_of(version, zones[0], FORMER), 7)
    recompute_all()
    client.force_login(make.make_user(Role.STEERING))
    for name, args, queries in (
        ("progress-overview", (), 13),
        ("indicator-detail", ("count-0",), 40),
    ):
        with django_assert_num_queries(queries):
            client.get(reverse(name, args=args))
