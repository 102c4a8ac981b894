"""Snapshots: the live pages, opened again unchanged, for those who may see them."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from functools import partial
from urllib.parse import quote

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation import canonical, outbox
from foundation.models import AuditEntry, OutboxEntry
from indicators.calculation.paths import Path
from indicators.enums import Direction, Kind, Temporal
from indicators.labels import Addressed, DatingBasis, Qualifier
from indicators.models import (
    BreakdownOption,
    HistoricalFigure,
    Indicator,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    PathPoint,
    ScaleLevel,
    TargetPath,
)
from organisations.enums import AreaKind, Role
from organisations.models import Area, Unit
from progress import snapshots
from progress.closing import SNAPSHOTS, close_period, reopen_period
from progress.models import Snapshot, SnapshotContent
from progress.selectors.reviews import Calendar
from progress.services import recompute_all
from progress.snapshots import Live, opened, take_snapshot
from submissions.models import Cell
from tests import factories as make
from tests.threads import together
from themes.enums import Basis
from themes.models import NcsiDimension, Objective, Theme, ThemeDimension

from .figures import NA, ND, cell_of, given, lock, say

pytestmark = pytest.mark.django_db
FORMER, QUARTER = "2026-Q2", "2026-Q3"
LANGUAGES = ("fr", "nl", "de")
TEXTS = (
    (IndicatorVersion, ("name", "definition", "unit", "numerator_label", "breakdown_label")),
    (BreakdownOption, ("label",)),
    (ScaleLevel, ("text",)),
    (MilestoneStep, ("text",)),
    (NotApplicableReason, ("text",)),
    (Objective, ("title", "statement")),
    (Theme, ("title",)),
    (NcsiDimension, ("name",)),
)


@pytest.fixture
def zones(db):
    liege = make.make_dca("dca-liege")
    near = [make.make_zone(f"namur-{each}") for each in (1, 2, 3)]
    far = [make.make_zone(f"liege-{each}", dca=liege, population=None) for each in (1, 2, 3)]
    return near + far


@pytest.fixture
def everything(nation, zones, secretariat):
    """Indicators of every kind with figures of two quarters, the first closed and then revised."""
    theme = make.make_theme("5")
    dimension = NcsiDimension.objects.create(code="personne", number=1, name="Personne")
    ThemeDimension.objects.create(theme=theme, dimension=dimension, basis=Basis.STATED)
    versions = _versions(zones)
    path = make.make_path(versions["share"], nation)
    PathPoint.objects.create(path=path, year=2027, value=Fraction(60))
    HistoricalFigure.objects.create(
        indicator=versions["share"].indicator,
        label="Earlier",
        value=Fraction(12),
        unit="%",
        qualifier=Qualifier.ABOUT,
        dating="2019",
        dating_basis=DatingBasis.values[0],
        source="Report",
    )
    _say_everything(versions, zones)
    _translate()
    lock()
    recompute_all()
    close_period(actor=secretariat, period=make.make_period(FORMER))
    say(cell_of(versions["share"], zones[0], FORMER), (9, 10))
    recompute_all()
    return versions


def _versions(zones):
    objective = make.make_objective("5-L1")
    on = {"objective": objective, "is_key": True}
    return {
        "share": make.make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK, **on),
        "rate": make.make_indicator("rate", kind=Kind.POPULATION_RATE, scale=1000, **on),
        "flow": make.make_indicator("flow", options=["a", "b"], breakdown_label="Kind", **on),
        "level": make.make_indicator("level", kind=Kind.SCALE, threshold_level=3, **on),
        "steps": make.make_indicator(
            "steps", kind=Kind.MILESTONES, steps={1: "2026-03-31", 2: "2026-12-31"}, **on
        ),
        "words": make.make_indicator("words", kind=Kind.NARRATIVE, direction=Direction.MONITOR),
        "secret": make.make_indicator("secret", is_restricted=True),
        "listed": make.make_indicator(
            "listed", addressed=Addressed.LISTED, subjects=zones[:1], **on
        ),
    }


def _say_everything(versions, zones):
    for code in (FORMER, QUARTER):
        given(code, versions["share"], dict(zip(zones, [(4, 10)] * 4 + [ND, NA], strict=True)))
        given(code, versions["rate"], dict.fromkeys(zones, 7))
        given(code, versions["flow"], dict.fromkeys(zones, 5))
        for option in "ab":
            given(code, versions["flow"], dict.fromkeys(zones, 2), option=option)
        given(code, versions["level"], dict.fromkeys(zones, 3))
        given(code, versions["steps"], dict.fromkeys(zones, (1, 2)))
        given(code, versions["words"], dict.fromkeys(zones, ND))
        given(code, versions["secret"], dict.fromkeys(zones, 1))
        given(code, versions["listed"], {zones[0]: 3})


def _rewritten(addition: str) -> None:
    """Every text that a page shows, in each language."""
    for model, names in TEXTS:
        for language in LANGUAGES:
            columns = {
                f"{name}_{language}": Concat(f"{name}_fr", Value(f" {addition}{language}"))
                for name in names
            }
            model._base_manager.update(**columns)
    for model in (Area, Unit):
        for language in LANGUAGES:
            named = Concat("name_fr", Value(f" {addition}{language}"))
            model.objects.update(**{f"name_{language}": named})


def _translate():
    _rewritten("")


@pytest.fixture
def read(client):
    """What a page shows, the same of now and of a snapshot: without what says which it is."""
    readers = {}

    def page(name, *args, token=QUARTER, language="fr", role=Role.STEERING, unit=None, **query):
        key = (role, unit and unit.pk)
        readers[key] = readers.get(key) or make.make_user(role, unit, name=f"reader-{len(readers)}")
        client.cookies.clear()
        client.force_login(readers[key])
        response = client.get(
            reverse(name, args=args),
            {"period": token, **query},
            headers={"accept-language": language},
        )
        assert response.status_code == 200
        return _shown(response.content.decode(), token)

    return page


def _shown(html: str, token: str) -> str:
    main = html[html.index("<main") : html.index("</main>")]
    main = re.sub(r'<p class="jalon-snapshot".*?</p>', "", main, flags=re.DOTALL)
    main = re.sub(r'<select name="period".*?</select>', "", main, flags=re.DOTALL)
    # A snapshot counts for the nation; another area is asked for on the live page.
    main = re.sub(r'<form [^>]*action="#statuses".*?</form>', "", main, flags=re.DOTALL)
    # How a figure was computed is asked of the figure as it stands, not of a snapshot.
    link = r'<a [^>]*href="[^"]*/explanation/[^"]*">([^<]*)</a>( · )?'
    main = re.sub(link, lambda found: "" if found[2] else found[1], main)
    code = token.partition("@")[0]
    main = main.replace(quote(token), code).replace(token, code)
    return re.sub(r"\n\s*\n", "\n", main)


def pages(versions):
    return [
        ("progress-overview", (), {}),
        ("progress-overview", (), {"status": "on_track", "sort": "-total", "nature": "efforts"}),
        ("objective-standings", (), {}),
        ("objective-standings", (), {"theme": "5", "dimension": "personne"}),
        *(("indicator-detail", (code,), {}) for code in versions),
    ]


def test_a_snapshot_opens_the_live_pages_byte_for_byte_and_keeps_them(
    read, secretariat, everything, zones
):
    """In each language; then every figure and text changes, and the snapshot does not."""
    taken = {
        code: take_snapshot(actor=secretariat, period=make.make_period(code), reason="Before")
        for code in (QUARTER, FORMER)
    }
    shown = {}
    for code, snapshot in taken.items():
        for name, args, query in pages(everything):
            for language in LANGUAGES:
                said = {"language": language, **query}
                live = read(name, *args, token=code, **said)
                assert read(name, *args, token=snapshot.token, **said) == live
                shown[code, name, args, tuple(said.items())] = live
    for cell in Cell.objects.filter(validated__numerator__isnull=False):
        more = (9, 9) if cell.validated.denominator else 1
        say(cell, more)
    _rewritten("changed-")
    TargetPath.objects.update(target=Fraction(99))
    Objective.objects.update(position=100 - make.make_objective("5-L1").position)
    recompute_all()
    for (code, name, args, said), before in shown.items():
        assert read(name, *args, token=taken[code].token, **dict(said)) == before
        assert read(name, *args, token=code, **dict(said)) != before


def test_a_page_of_a_snapshot_leads_to_its_other_pages(read, client, secretariat, everything):
    snapshot = take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason="Before")
    client.force_login(make.make_user(Role.STEERING))
    html = client.get(reverse("progress-overview"), {"period": snapshot.token}).content.decode()
    led = re.findall(r'href="(/progress/(?:objectives|indicators)[^"]*)"', html)
    assert led
    for address in {each.replace("&amp;", "&") for each in led}:
        assert f"period={quote(snapshot.token)}" in address
        assert client.get(address).status_code == 200
    assert (
        "Snapshot of"
        in client.get(
            reverse("progress-overview"),
            {"period": snapshot.token},
            headers={"accept-language": "en"},
        ).content.decode()
    )


def test_nothing_is_read_from_the_tables_that_a_snapshot_tells_of(client, secretariat, everything):
    snapshot = take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason="Before")
    client.force_login(make.make_user(Role.STEERING))
    told = "progress_result|progress_frozen|indicators_|themes_|submissions_"
    for name, args, query in pages(everything):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse(name, args=args), {"period": snapshot.token, **query})
        read_from = [each["sql"] for each in queries if re.search(f'"({told})', each["sql"])]
        # The period of the snapshot itself is the one row that is joined; whether the indicator
        # is restricted now says who may see its units.
        asked = ('"progress_snapshot"', '"indicators_indicator"."is_restricted")')
        assert [each for each in read_from if not any(one in each for one in asked)] == []


def test_contents_are_kept_once_under_their_digest(secretariat, everything):
    first, second = (
        take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason=why)
        for why in ("First", "Second")
    )
    assert first.contents == second.contents
    assert set(first.contents) >= {"overview", "indicator/share", "units/share"}
    assert SnapshotContent.objects.count() == len(set(first.contents.values()))
    say(cell_of(everything["rate"], Unit.objects.get(slug="namur-1"), QUARTER), 70)
    recompute_all()
    third = take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason="Third")
    changed = {name for name, digest in third.contents.items() if first.contents[name] != digest}
    assert changed == {"overview", "indicator/rate", "units/rate"}


@pytest.mark.parametrize("model", [Snapshot, SnapshotContent])
def test_the_database_changes_no_snapshot(secretariat, everything, model):
    take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason="Before")
    column = {Snapshot: {"reason": "x"}, SnapshotContent: {"body": b"x"}}[model]
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        model.objects.update(**column)


@pytest.mark.parametrize("role", [Role.STEERING, Role.EVALUATOR, Role.COUNCIL, Role.COORDINATOR])
def test_beside_a_frozen_total_units_say_what_went_into_it(secretariat, everything, zones, role):
    """The first zone corrected its figure of the closed quarter: the page shows the frozen one."""
    user = make.make_user(role, make.make_dca() if role == Role.COORDINATOR else None)
    period = make.make_period(FORMER)
    live = Live(Calendar.seen_by(user))
    sources = [live]
    if role != Role.COUNCIL:
        snapshot = take_snapshot(actor=secretariat, period=period, reason="Before")
        sources.append(opened(user, snapshot.token))
    for source in sources:
        page = source.indicator(period, "share")
        told = {each.unit.slug: each for each in source.said(page, user)}
        expected = zones[:3] if role == Role.COORDINATOR else zones
        assert set(told) == {each.slug for each in expected}
        first = told[zones[0].slug]
        assert (first.numerator, first.revision) == (4, 1)


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_is_of_one_moment(transactional_db, monkeypatch):
    """What others save between two of its readings is not in it, and does not wait for it."""
    make.make_area("belgium", AreaKind.NATION)
    version = make.make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK)
    given(QUARTER, version, {make.make_zone(): (1, 4)})
    lock()
    recompute_all()
    reading = snapshots.indicator_page

    def meanwhile(*args):
        together([partial(IndicatorVersion.objects.update, name_fr="Meanwhile")])
        return reading(*args)

    monkeypatch.setattr(snapshots, "indicator_page", meanwhile)
    taken = take_snapshot(
        actor=make.make_user(Role.SECRETARIAT), period=make.make_period(QUARTER), reason="Before"
    )
    version.refresh_from_db()
    assert version.name_fr == "Meanwhile"
    kept = opened(make.make_user(Role.STEERING), taken.token)
    assert kept.indicator(taken.period, "share").version.name_fr != "Meanwhile"


# --- Who opens and takes one --------------------------------------------------------------------


def test_figures_of_units_are_for_those_who_may_see_them_now(read, secretariat, everything, zones):
    snapshot = take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason="Before")

    def named(role, unit=None, code="share"):
        text = read("indicator-detail", code, token=snapshot.token, role=role, unit=unit)
        return [zone.slug for zone in zones if zone.name in text]

    everybody = [zone.slug for zone in zones]
    assert named(Role.STEERING) == everybody
    assert named(Role.COORDINATOR, make.make_dca("dca-liege")) == everybody[3:]
    assert named(Role.COORDINATOR, make.make_dca("dca-elsewhere")) == []
    assert named(Role.STEERING, code="secret") == []
    Unit.objects.filter(slug="liege-1").update(controlled_by=make.make_dca("dca-elsewhere"))
    assert named(Role.COORDINATOR, make.make_dca("dca-liege")) == everybody[4:]
    assert named(Role.COORDINATOR, make.make_dca("dca-elsewhere")) == ["liege-1"]
    Indicator.objects.filter(code="share").update(is_restricted=True)
    assert named(Role.STEERING) == []
    assert named(Role.COORDINATOR, make.make_dca("dca-liege")) == []


@pytest.mark.parametrize("token", ["2026-Q2@{pk}", "2026-Q3@0", "2026-Q3@x", "@", "2026-Q3@²"])
def test_no_other_address_opens_one(client, secretariat, everything, token):
    snapshot = take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason="Before")
    client.force_login(make.make_user(Role.STEERING))
    asked = {"period": token.format(pk=snapshot.pk)}
    assert client.get(reverse("progress-overview"), asked).status_code == 404


def test_the_council_opens_none_and_coverage_has_none(client, secretariat, everything):
    snapshot = take_snapshot(actor=secretariat, period=make.make_period(QUARTER), reason="Before")
    client.force_login(make.make_user(Role.COUNCIL))
    asked = {"period": snapshot.token}
    assert client.get(reverse("progress-overview"), asked).status_code == 404
    assert client.get(reverse("snapshot-list")).status_code == 403
    client.force_login(make.make_user(Role.STEERING))
    assert client.get(reverse("progress-coverage"), asked).status_code == 404


def test_the_secretariat_takes_one_with_a_reason(client, secretariat, everything):
    client.force_login(secretariat)
    address = reverse("snapshot-list")
    assert client.post(address, {"period": QUARTER, "reason": ""}).status_code == 200
    assert not Snapshot.objects.exists()
    client.post(address, {"period": QUARTER, "reason": "Before the Council"})
    snapshot = Snapshot.objects.get()
    assert AuditEntry.objects.get(verb="snapshot.taken").subject_id == snapshot.pk
    assert quote(snapshot.token) in client.get(address).content.decode()
    with pytest.raises(ValidationError):
        take_snapshot(actor=secretariat, period=snapshot.period, reason=" ")
    with pytest.raises(PermissionDenied):
        take_snapshot(actor=make.make_user(Role.STEERING), period=snapshot.period, reason="Because")


def test_each_closing_has_its_snapshot_once(secretariat, everything):
    entry = OutboxEntry.objects.get(topic=SNAPSHOTS)
    assert outbox.perform(entry.pk, snapshots.taken)
    kept = Snapshot.objects.get()
    assert (kept.period.code, kept.taken_by) == (FORMER, secretariat)
    snapshots.taken(entry.key)()
    assert Snapshot.objects.count() == 1
    reopen_period(actor=secretariat, period=kept.period, reason="Because")
    assert Snapshot.objects.count() == 1


def test_a_closing_reopened_before_its_snapshot_has_none(secretariat, everything):
    """The pages show provisional figures by then, or those of the next closing."""
    entry, period = OutboxEntry.objects.get(topic=SNAPSHOTS), make.make_period(FORMER)
    late = snapshots.taken(entry.key)
    reopen_period(actor=secretariat, period=period, reason="Because")
    late()
    snapshots.taken(entry.key)()
    assert not Snapshot.objects.exists()
    OutboxEntry.objects.update(done_generation=F("generation"))
    anew = close_period(actor=secretariat, period=period)
    snapshots.taken(str(anew.pk))()
    assert Snapshot.objects.get().closing == anew


# --- Canonical text -----------------------------------------------------------------------------


def test_a_path_is_read_back_as_it_was():
    path = Path(
        Direction.DECREASE,
        baseline=Fraction(1, 3),
        baseline_end=dt.date(2025, 12, 31),
        points=((dt.date(2026, 12, 31), Fraction(-2)),),
        target=Fraction(0),
    )
    text = canonical.dump(path)
    assert canonical.load(text, Path) == path
    assert canonical.dump(canonical.load(text, Path)) == text
    assert '"baseline":"1/3"' in text
    assert canonical.digest(text) == (
        "d0f2d0c3e53aee106e5c278906e59a065245da375bb8b1f0c5094570a7848cdc"
    )


@pytest.mark.parametrize("value", [1.5, object(), {1: 2}])
def test_what_has_no_plain_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical.dump(value)
