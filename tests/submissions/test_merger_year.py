"""A merger in the middle of a year: every figure, role and invitation accounted for, and back."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from indicators.enums import CellStatus
from indicators.models import IndicatorVersion
from organisations.enums import Role
from organisations.models import (
    Invitation,
    Membership,
    Municipality,
    Population,
    Reorganisation,
    Unit,
    User,
)
from organisations.reorganisation import NewZone, Proposal, foreseen, reorganise, succession_of
from organisations.selectors import hashed
from organisations.succession import preview_undo, undo
from progress.models import Result
from progress.services import recompute_all
from progress.verification import differences
from submissions import selectors
from submissions.enums import Entrance
from submissions.models import Cell, Expectation, Measurement, RoundSubject, Submission
from submissions.services import Entry, save_entries
from tests import factories as make

DAY = dt.date(2026, 8, 15)
PAST, OPEN = ("2026-Q1", "2026-Q2"), "2026-Q3"
FIGURES = {"namur": (117, 229, 331), "gembloux": (443, 557, 661), "dinant": (773, 887, 991)}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@dataclass
class Year:
    secretariat: User
    people: dict[str, User]
    zones: dict[str, Unit]

    @property
    def proposal(self) -> Proposal:
        like = self.zones["namur"]
        zone = NewZone(
            name_fr="Namur-Gembloux",
            name_nl="",
            name_de="",
            language="fr",
            code="5399",
            code_status="confirmed",
            region=like.region,
            province=like.province,
            arrondissement=like.arrondissement,
            controlled_by=like.controlled_by,
            has_point_of_entry=False,
        )
        parts = (self.zones["namur"], self.zones["gembloux"])
        return Proposal(parts, (zone,), DAY, "Royal decree")

    def merge(self) -> Reorganisation:
        return reorganise(actor=self.secretariat, proposal=self.proposal)


@pytest.fixture
def year(db: None) -> Year:
    """Three zones: two quarters validated, a third in drafts, people, and an open invitation."""
    make.make_area("belgique", make.AreaKind.NATION)
    make.make_indicator()
    make.make_indicator("ratio", kind=make.Kind.RATIO)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    zones = {
        "namur": make.make_zone("namur", code="5303", tile_row=1, tile_column=1),
        "gembloux": make.make_zone("gembloux", population=50_000),
        "dinant": make.make_zone("dinant", population=70_000),
    }
    people = {slug: make.make_user(Role.APPROVER, unit) for slug, unit in zones.items()}
    for number, (slug, unit) in enumerate(zones.items()):
        nis = f"9200{number}"
        Municipality.objects.create(nis=nis, name_fr=slug, name_nl=slug, unit=unit)
        make.make_user(Role.REPORTER, unit)
    Invitation.objects.create(
        email="invited@gembloux.example",
        name="Invited",
        role=Role.REPORTER,
        unit=zones["gembloux"],
        token_hash=hashed("secret"),
        expires_at=timezone.now() + dt.timedelta(days=5),
    )
    for code in (*PAST, OPEN):
        make.make_round(code)
    for slug, unit in zones.items():
        for code, count in zip((*PAST, OPEN), FIGURES[slug], strict=True):
            said = [make.figure(count), make.figure(count, 10_000)]
            if code in PAST:
                mine = make.submission_of(unit, code)
                make.validated(people[slug], coordinator, mine, said)
            else:
                make.enter(people[slug], make.submission_of(unit, code), said)
    recompute_all()
    return Year(make.make_user(Role.SECRETARIAT), people, zones)


def picture() -> bytes:
    """Everything that a merger may touch, the trace of what was taken back left out."""
    lived = [unit.pk for unit in Unit.objects.order_by("pk") if not unit.never_existed]
    today = timezone.localdate()
    tables: dict[str, Any] = {
        "units": Unit.objects.filter(pk__in=lived).values(),
        "map": Municipality.objects.policed_on(today).values("nis", "zone"),
        "memberships": Membership.objects.values(),
        "invitations": Invitation.objects.values(),
        "populations": Population.objects.values(),
        "subjects": RoundSubject.objects.values(),
        "submissions": Submission.objects.values("pk", "round", "reporter", "state"),
        "expectations": Expectation.objects.values(),
        "cells": Cell.objects.values(),
        "measurements": Measurement.objects.values(),
        "results": Result.objects.values(
            "indicator", "period", "area", "option", "numerator", "denominator", "expected",
            "reported", "population_expected", "population_reported", "fingerprint",
        ),
    }  # fmt: skip
    rows = {
        name: sorted(json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True) for row in found)
        for name, found in tables.items()
    }
    return json.dumps(rows, sort_keys=True).encode()


def nation(code: str) -> list[tuple[Any, ...]]:
    found = Result.objects.filter(area__code="belgique", period__code=code, option="")
    columns = ("indicator__code", "numerator", "denominator", "expected", "reported", "fingerprint")
    return sorted(found.values_list(*columns), key=lambda row: row[0])


def said_by() -> dict[tuple[str, str], int]:
    """Sum of everything that was said, by subject and period."""
    rows = Measurement.objects.values_list(
        "cell__expectation__subject__unit__slug", "cell__expectation__period__code"
    )
    return {(slug, code): total for slug, code, total in rows.annotate(Sum("numerator"))}


def expected(code: str) -> list[str]:
    standing = Expectation.objects.standing().filter(
        period__code=code, version__indicator__code="checks"
    )
    return sorted(standing.values_list("subject__unit__slug", flat=True))


def roles(day: dt.date) -> list[tuple[str, str]]:
    held = Membership.objects.in_force(day).filter(role__in=[Role.REPORTER, Role.APPROVER])
    return sorted(held.values_list("user__email", "unit__slug"))


def test_every_figure_is_accounted_for_before_after_and_after_undo(year):
    before = picture()
    figures = list(Measurement.objects.order_by("pk").values())
    said, past = said_by(), [nation(code) for code in PAST]
    assert said == {
        (slug, code): 2 * count
        for slug, counts in FIGURES.items()
        for code, count in zip((*PAST, OPEN), counts, strict=True)
    }
    assert foreseen(actor=year.secretariat, proposal=year.proposal)
    assert picture() == before

    done = year.merge()
    recompute_all()

    whole = Unit.objects.get(slug="zp-namur-gembloux")
    # Nothing that was said is lost, changed, or counted twice.
    assert list(Measurement.objects.order_by("pk").values()) == figures
    assert said_by() == said
    assert [nation(code) for code in PAST] == past
    assert [expected(code) for code in PAST] == [["dinant", "gembloux", "namur"]] * 2
    # The open quarter: one form for the whole, blank; the drafts stay readable and count nowhere.
    assert expected(OPEN) == ["dinant", "zp-namur-gembloux"]
    states = Submission.objects.filter(round__period__code=OPEN)
    assert dict(states.values_list("reporter__slug", "state")) == {
        "dinant": "draft",
        "gembloux": "replaced",
        "namur": "replaced",
        "zp-namur-gembloux": "todo",
    }
    blank = Cell.objects.filter(expectation__subject__unit=whole)
    assert (blank.count(), blank.filter(current__isnull=False).count()) == (2, 0)
    assert RoundSubject.objects.get(unit=whole).population == 150_000
    assert list(differences()) == []
    # People, invitation, map.
    eve = DAY - dt.timedelta(days=1)
    assert {unit for email, unit in roles(eve)} == {"namur", "gembloux", "dinant"}
    assert len(roles(DAY)) == len(roles(eve)) == 6
    assert {unit for _email, unit in roles(DAY)} == {"zp-namur-gembloux", "dinant"}
    assert Invitation.objects.get().unit == whole
    today = Municipality.objects.policed_on(timezone.localdate())
    assert dict(today.values_list("nis", "zone")) == {
        "92000": whole.pk, "92001": whole.pk, "92002": year.zones["dinant"].pk,
    }  # fmt: skip
    assert (whole.tile_row, whole.tile_column) == (1, 1)

    taken_back = succession_of(done)
    assert preview_undo(succession=taken_back)
    undo(actor=year.secretariat, succession=taken_back, reason="Annulled")
    recompute_all()
    assert picture() == before
    assert list(differences()) == []


def test_reported_by_the_successor_the_quarter_counts_once(year):
    year.merge()
    whole = Unit.objects.get(slug="zp-namur-gembloux")
    approver = User.objects.get(pk=year.people["namur"].pk)
    coordinator = User.objects.get(email__startswith="coord")
    said = [make.figure(50), make.figure(50, 10_000)]
    make.validated(approver, coordinator, make.submission_of(whole, OPEN), said)
    recompute_all()
    ((_code, numerator, _denominator, asked, reported, _mark), _ratio) = nation(OPEN)
    assert (numerator, asked, reported) == (50, 2, 1)


def test_the_past_is_read_by_the_successors_people_on_their_pages(year):
    year.merge()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(User.objects.get(pk=year.people["namur"].pk))
    for slug in ("namur", "gembloux"):
        for code, count in zip((*PAST, OPEN), FIGURES[slug], strict=True):
            page = client.get(reverse("report", args=[code, slug]))
            assert page.status_code == 200
            assert re.search(rf"\b{count}\b", re.sub("<[^>]*>", " ", page.content.decode()))
        cell = make.cells_of(make.submission_of(year.zones[slug], PAST[0]))[0]
        assert client.get(reverse("cell-history", args=[cell.pk])).status_code == 200
    assert client.get(reverse("report", args=[OPEN, "zp-namur-gembloux"])).status_code == 200
    assert client.get(reverse("report", args=[PAST[0], "dinant"])).status_code == 404


def test_the_successors_form_shows_what_each_predecessor_had_drafted(year):
    year.merge()
    (successor,) = Unit.objects.filter(code="5399")
    reporter = make.make_user(Role.REPORTER, successor)
    client = Client()
    client.force_login(reporter)
    form = reverse("report", args=[OPEN, successor.slug])
    page = client.get(form, {"language": "en"}, follow=True)
    rows = page.context["form"].rows.values()
    counts = next(row.inherited.said for row in rows if row.kind == make.Kind.COUNT)
    drafted = {FIGURES["namur"][-1], FIGURES["gembloux"][-1]}
    assert {int("".join(filter(str.isdigit, text))) for _unit, text in counts} == drafted
    assert {unit for unit, _text in counts} == {
        year.zones["namur"].label,
        year.zones["gembloux"].label,
    }
    assert "Said before the reorganisation" in page.content.decode()


# --- What the successor takes over --------------------------------------------------------------


def successor_of(year) -> Unit:
    year.merge()
    (successor,) = Unit.objects.filter(code="5399")
    return successor


def client_of(unit: Unit) -> tuple[Client, str]:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(make.make_user(Role.REPORTER, unit))
    return client, reverse("report", args=[OPEN, unit.slug])


def rows_of(client: Client, address: str) -> dict[str, Any]:
    return {row.kind: row for row in client.get(address).context["form"].rows.values()}


def press(client: Client, address: str, row: Any) -> list[tuple[int | None, int | None]]:
    """Press the button of a row that takes the sum; what is then saved, cell by cell."""
    page = client.get(address)
    form = page.context["form"]
    posted = {f"{each.prefix}-version": each.shown_version for each in form.rows.values()}
    posted |= {
        each.name(part): each.typed[part]
        for each in form.rows.values()
        for part in ("numerator", "denominator")
    }
    hidden = {"token": page.context["token"]}
    answer = client.post(address, {**posted, **hidden, "sum": row.sum_to_take})
    assert answer.status_code == 302
    saved = (each.content for each in client.get(address).context["form"].rows.values())
    return [(each.numerator, each.denominator) for each in saved]


def test_the_sum_of_the_drafts_is_taken_by_a_button_and_by_nobody_else(year):
    client, address = client_of(successor_of(year))
    rows = rows_of(client, address)
    both = FIGURES["namur"][-1] + FIGURES["gembloux"][-1]
    assert {kind: row.content.numerator for kind, row in rows.items()} == {
        make.Kind.COUNT: None,
        make.Kind.RATIO: None,
    }
    assert press(client, address, rows[make.Kind.COUNT]) == [(both, None), (None, None)]
    rows = rows_of(client, address)
    assert rows[make.Kind.COUNT].sum_to_take == ""
    assert press(client, address, rows[make.Kind.RATIO]) == [(both, None), (both, 20_000)]


def test_there_is_no_sum_of_a_part_of_the_drafts(year):
    cell = make.cells_of(make.submission_of(year.zones["gembloux"], OPEN))[0]
    absent = make.Content(CellStatus.NOT_AVAILABLE, reason="Register down")
    save_entries(
        actor=year.people["gembloux"],
        submission=make.submission_of(year.zones["gembloux"], OPEN),
        entries=[Entry(cell.pk, cell.version, absent)],
        entrance=Entrance.FORM,
    )
    rows = rows_of(*client_of(successor_of(year)))
    assert [row.sum_to_take != "" for row in rows.values()] == [False, True]


def test_a_tampered_sum_takes_nothing(year):
    client, address = client_of(successor_of(year))
    row = rows_of(client, address)[make.Kind.COUNT]
    for said in ("", row.prefix, f"{row.prefix} x", "c0 5", f"{row.prefix} 1e3"):
        tampered = SimpleNamespace(sum_to_take=said)
        assert press(client, address, tampered) == [(None, None), (None, None)]


def test_the_successors_form_has_its_predecessors_past_added_up_and_marked(year):
    client, address = client_of(successor_of(year))
    rows = rows_of(client, address)
    sums = [sum(FIGURES[slug][place] for slug in ("namur", "gembloux")) for place in (0, 1)]
    texts = dict(rows[make.Kind.COUNT].history)
    for code, both in zip(PAST, sums, strict=True):
        assert re.sub(r"[^0-9\u03a3]", "", texts[code]) == f"\u03a3{both}"
    page = client.get(address).content.decode()
    assert "les zones fusionnées, additionnées" in page
    others = Client(HTTP_ACCEPT_LANGUAGE="en")
    others.force_login(year.people["dinant"])
    kept = others.get(reverse("report", args=[OPEN, "dinant"])).content.decode()
    assert "additionnées" not in kept


def test_a_period_that_a_predecessor_left_out_has_no_sum(year):
    Cell.objects.filter(
        expectation__subject__unit=year.zones["gembloux"], expectation__period__code=PAST[0]
    ).update(validated=None, current=None)
    texts = dict(rows_of(*client_of(successor_of(year)))[make.Kind.COUNT].history)
    assert texts[PAST[0]] == "–"
    assert texts[PAST[1]].startswith("\u03a3")


def test_a_past_in_other_units_is_not_added_up(year):
    version = IndicatorVersion.objects.get(kind=make.Kind.COUNT)
    former = {"valid_from": dt.date(2019, 1, 1), "valid_to": dt.date(2020, 1, 1)}
    tenths = make.make_version(version.indicator, number=2, decimals=1, **former)
    asked = Expectation.objects.filter(version=version, period__code=PAST[0])
    asked.filter(subject__unit=year.zones["gembloux"]).update(version=tenths)
    client, address = client_of(successor_of(year))
    texts = dict(rows_of(client, address)[make.Kind.COUNT].history)
    assert texts[PAST[0]] == "–"
    assert texts[PAST[1]].startswith("\u03a3")


def test_the_checks_hold_a_successor_against_its_predecessors_past(year):
    whole = successor_of(year)
    blocks = selectors.blocks_of(make.submission_of(whole, OPEN))
    past = selectors.validated_before(blocks, OPEN)
    count = next(block.version.indicator_id for block in blocks)
    sums = [sum(FIGURES[slug][place] for slug in ("namur", "gembloux")) for place in (0, 1)]
    found = past[count, whole.pk, ""]
    assert {code: each.value for code, each in found.items()} == dict(zip(PAST, sums, strict=True))


def test_who_did_not_merge_costs_no_query(year, django_assert_num_queries):
    blocks = selectors.blocks_of(make.submission_of(year.zones["dinant"], OPEN))
    with django_assert_num_queries(1):
        selectors.validated_before(blocks, OPEN)
    whole = selectors.blocks_of(make.submission_of(successor_of(year), OPEN))
    with django_assert_num_queries(3):
        selectors.validated_before(whole, OPEN)
