"""Mergers and splits by their pages: prepared, previewed, done once, listed and taken back."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from foundation.models import AuditEntry
from organisations.enums import Language, Role
from organisations.models import (
    Invitation,
    Membership,
    Municipality,
    Reorganisation,
    Transfer,
    Unit,
    UnitSuccession,
    User,
)
from organisations.selectors import find_units, hashed, municipalities_of
from organisations.services import grant, join
from tests import factories as make

DAY = dt.date(2026, 8, 15)
LIST, MERGE, SPLIT = "reorganisation-list", "merger-choose", "split-choose"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def zones(db: None) -> tuple[Unit, Unit]:
    found = (
        make.make_zone("namur", code="5303", tile_row=3, tile_column=4),
        make.make_zone("gembloux", population=50_000, tile_row=9, tile_column=9),
    )
    make.make_zone("dinant", code="5310")
    for number, zone in enumerate(found):
        for part in range(2):
            Municipality.objects.create(
                nis=f"9200{number}{part}"[-5:],
                name_fr=f"Commune {number}{part}",
                name_nl=f"Gemeente {number}{part}",
                unit=zone,
            )
    return found


@pytest.fixture
def keeper(db: None) -> User:
    return make.make_user(Role.SECRETARIAT, name="Keeper")


@pytest.fixture
def client(keeper: User, signed_in: Callable[[User], Client]) -> Client:
    found = signed_in(keeper)
    found.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return found


def chosen(**changes: Any) -> dict[str, Any]:
    return {
        "zone_1": "namur",
        "zone_2": "gembloux",
        "effective_on": DAY.isoformat(),
        "goes_on": "new",
    } | changes


def described(zone: Unit, prefix: str = "z1", **changes: Any) -> dict[str, Any]:
    typed = {
        "name_fr": "Namur-Gembloux",
        "language": Language.FR,
        "region": zone.region_id,
        "province": zone.province_id,
        "arrondissement": zone.arrondissement_id,
        "controlled_by": zone.controlled_by_id,
    } | changes
    return {f"{prefix}-{name}": value for name, value in typed.items()}


def address(page: str, query: dict[str, Any]) -> str:
    return f"{reverse(page)}?{urlencode(query)}"


def previewed(client: Client, query: dict[str, Any], typed: dict[str, Any]) -> Any:
    page = "split-describe" if "parts" in query else "merger-describe"
    typed = {"act-reason": "Royal decree", "action": "preview", **typed}
    return client.post(address(page, query), typed)


def confirmed(client: Client, query: dict[str, Any], typed: dict[str, Any]) -> Any:
    """What the button of the preview sends."""
    page = previewed(client, query, typed)
    again = dict(page.context["typed"]) | {"token": page.context["token"], "action": "confirm"}
    url = "split-describe" if "parts" in query else "merger-describe"
    return client.post(address(url, query), again), again


def merged(client: Client, zones: tuple[Unit, Unit], day: dt.date = DAY) -> Reorganisation:
    answer, _again = confirmed(client, chosen(effective_on=day.isoformat()), described(zones[0]))
    assert answer.status_code == 302
    return Reorganisation.objects.latest("pk")


def existing(day: dt.date) -> list[str]:
    return sorted(Unit.objects.zones().valid_on(day).values_list("slug", flat=True))


def text_of(page: Any) -> str:
    return " ".join(page.content.decode().split())


# --- Choosing -----------------------------------------------------------------------------------


def test_the_choice_goes_on_in_the_address(client, zones):
    answer = client.get(reverse(MERGE), chosen())
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    form = page.context["described"].zones[0]
    assert form.initial["arrondissement"] == zones[0].arrondissement_id
    assert form.initial["controlled_by"] == zones[0].controlled_by_id


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"zone_2": ""}, "zone_2", "required"),
        ({"zone_2": "namur"}, "zone_2", "stands above already"),
        ({"zone_2": "nowhere"}, "zone_2", "no such zone"),
        ({"zone_2": "ended"}, "zone_2", "has an end already: 01/01/2020"),
        ({"zone_2": "young"}, "effective_on", "begins on 01/10/2026 only"),
        ({"effective_on": "1998-01-01"}, "effective_on", "began on 1 January 2002"),
        ({"effective_on": "2126-01-01"}, "effective_on", "ten years ahead"),
        ({"effective_on": "tomorrow"}, "effective_on", "valid date"),
        ({"effective_on": ""}, "effective_on", "required"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(client, zones, changes, field, message):
    make.make_zone("ended", valid_to=dt.date(2020, 1, 1))
    make.make_zone("young", valid_from=dt.date(2026, 10, 1))
    page = client.get(reverse(MERGE), chosen(**changes))
    assert page.status_code == 200
    assert message in " ".join(page.context["form"].errors[field])
    assert page.context["form"]["zone_1"].value() == "namur"
    straight = client.get(address("merger-describe", chosen(**changes)))
    assert straight.status_code == 302


def test_a_zone_that_has_fewer_municipalities_than_parts_does_not_split(client, zones):
    query = {"zone": "namur", "parts": 3, "effective_on": DAY.isoformat()}
    page = client.get(reverse(SPLIT), query)
    assert "fewer municipalities than that: 2." in " ".join(page.context["form"].errors["parts"])


# --- Describing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name_fr": ""}, "name_fr", "name in its own language"),
        ({"name_fr": "Dinant"}, "name_fr", "Another zone has this name"),
        ({"code": "53"}, "code", "four digits"),
        ({"code": "5310"}, "code", "has this code"),
        ({"region": ""}, "region", "required"),
        ({"controlled_by": ""}, "controlled_by", "required"),
    ],
)
def test_a_zone_to_come_is_checked_at_its_fields(client, zones, changes, field, message):
    page = previewed(client, chosen(), described(zones[0], **changes))
    form = page.context["described"].zones[0]
    assert message in " ".join(form.errors[field])
    assert form["name_fr"].value() == changes.get("name_fr", "Namur-Gembloux")
    assert Unit.objects.filter(slug__startswith="zp-").count() == 0


def test_the_act_is_needed(client, zones):
    page = previewed(client, chosen(), {**described(zones[0]), "act-reason": " "})
    assert page.context["described"].act.errors["reason"]


def test_the_preview_says_everything_and_changes_nothing(client, zones):
    make.make_user(Role.REPORTER, zones[0])
    before = list(Unit.objects.order_by("pk").values())
    page = previewed(client, chosen(), described(zones[0]))
    assert page.context["lines"][:4] == [
        "On Aug. 15, 2026, ZP Namur, ZP Gembloux merge into ZP Namur-Gembloux.",
        "1 role goes on in ZP Namur-Gembloux.",
        "4 municipalities go to ZP Namur-Gembloux.",
        "Population on Jan. 1, 2026: 150,000, the sum of the predecessors.",
    ]
    assert "No open round changes." in page.context["lines"]
    assert list(Unit.objects.order_by("pk").values()) == before
    assert Reorganisation.objects.count() == AuditEntry.objects.count() == 0
    back = client.post(
        address("merger-describe", chosen()), {**described(zones[0]), "action": "change"}
    )
    assert back.context["described"].zones[0]["name_fr"].value() == "Namur-Gembloux"


# --- Doing it -----------------------------------------------------------------------------------


def test_confirmed_it_is_done_once(client, zones, keeper):
    answer, again = confirmed(client, chosen(), described(zones[0], code="5399"))
    second = client.post(address("merger-describe", chosen()), again)
    assert answer["Location"] == second["Location"]
    done = Reorganisation.objects.get()
    assert (done.decided_by, done.reason, done.kind) == (keeper, "Royal decree", "merger")
    assert existing(DAY - dt.timedelta(days=1)) == ["dinant", "gembloux", "namur"]
    assert existing(DAY) == ["dinant", "zp-namur-gembloux"]
    unit = Unit.objects.get(slug="zp-namur-gembloux")
    assert (unit.code, unit.code_status) == ("5399", "guess-within-range")
    assert (unit.tile_row, unit.tile_column) == (3, 4)
    assert UnitSuccession.objects.filter(reorganisation=done).count() == 2
    assert AuditEntry.objects.filter(verb="unit.succeeded", actor=keeper).count() == 3


def test_the_button_of_an_old_preview_does_nothing(client, zones):
    """Two windows, each with its preview: the second is told that the zones have an end."""
    first = previewed(client, chosen(), described(zones[0]))
    merged(client, zones)
    again = dict(first.context["typed"]) | {"token": "another", "action": "confirm"}
    answer = client.post(address("merger-describe", chosen()), again, follow=True)
    assert "has an end already" in " ".join(answer.context["form"].errors["zone_1"])
    assert Reorganisation.objects.count() == 1


def test_a_zone_that_absorbs_another_keeps_name_and_code(client, zones):
    query = chosen(goes_on="first")
    form = client.get(address("merger-describe", query)).context["described"].zones[0]
    assert (form.initial["name_fr"], form.initial["code"]) == ("Namur", "5303")
    typed = described(zones[0], name_fr="Namur", code="5303", confirmed="on")
    answer, _again = confirmed(client, query, typed)
    assert answer.status_code == 302
    unit = Unit.objects.zones().valid_on(DAY).get(code="5303")
    assert (unit.slug, unit.code_status) == ("zp-namur", "confirmed")
    client.post(
        reverse("reorganisation-undo", args=[Reorganisation.objects.get().pk]), {"reason": "No"}
    )
    assert Unit.objects.zones().valid_on(DAY).get(code="5303") == zones[0]


def split_of(zone: Unit, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    query = {"zone": "namur", "parts": 2, "effective_on": DAY.isoformat()}
    typed = {
        **described(zone, "z1", name_fr="North"),
        **described(zone, "z2", name_fr="South"),
        **{f"a-m{each.nis}": str(place) for place, each in enumerate(zone.municipalities.all(), 1)},
    }
    return query, typed | changes


def test_a_split_allots_its_municipalities(client, zones):
    query, typed = split_of(zones[0])
    page = previewed(client, query, typed)
    assert page.context["lines"][2:4] == [
        "1 municipality goes to ZP North.",
        "1 municipality goes to ZP South.",
    ]
    answer, _again = confirmed(client, query, typed)
    assert answer.status_code == 302
    assert existing(DAY) == ["dinant", "gembloux", "zp-north", "zp-south"]
    today = timezone.localdate()
    found = {
        unit.slug: [each.name_fr for each in municipalities_of(unit, today)]
        for unit in Unit.objects.filter(slug__in=["namur", "zp-north", "zp-south"])
    }
    assert found == {
        "namur": ["Commune 00", "Commune 01"],
        "zp-north": ["Commune 00"],
        "zp-south": ["Commune 01"],
    }
    assert UnitSuccession.objects.count() == 2


def test_a_part_without_a_municipality_and_two_of_one_name_are_refused(client, zones):
    nis = [each.nis for each in zones[0].municipalities.all()]
    query, typed = split_of(zones[0], **{f"a-m{nis[1]}": "1"})
    page = previewed(client, query, typed)
    assert (
        "Zone 2 gets no municipality." in page.context["described"].allotment.errors[f"m{nis[0]}"]
    )
    query, typed = split_of(zones[0], **{f"a-m{nis[1]}": ""})
    page = previewed(client, query, typed)
    assert page.context["described"].allotment.errors[f"m{nis[1]}"]
    query, typed = split_of(zones[0], **{"z2-name_fr": "North"})
    page = previewed(client, query, typed)
    assert page.context["described"].zones[1].errors["name_fr"] == [
        "Another zone to come has it too."
    ]


# --- Prepared in advance ------------------------------------------------------------------------


def test_prepared_in_advance_nothing_changes_before_the_day(client, zones, signed_in):
    today = timezone.localdate()
    day = today + dt.timedelta(days=40)
    user = make.make_user(Role.REPORTER, zones[0])
    shown = text_of(client.get(reverse("unit-detail", args=["namur"])))
    done = merged(client, zones, day)
    unit = Unit.objects.get(slug="zp-namur-gembloux")

    assert existing(today) == existing(day - dt.timedelta(days=1)) == [
        "dinant", "gembloux", "namur",
    ]  # fmt: skip
    assert existing(day) == ["dinant", "zp-namur-gembloux"]
    units = {
        when: list(user.memberships.in_force(when).values_list("unit__slug", flat=True))
        for when in (today, day - dt.timedelta(days=1), day)
    }
    assert list(units.values()) == [["namur"], ["namur"], ["zp-namur-gembloux"]]
    assert [each.name_fr for each in municipalities_of(zones[0], today)] == [
        "Commune 00", "Commune 01",
    ]  # fmt: skip
    assert municipalities_of(unit, today).count() == 4
    page = text_of(client.get(reverse(LIST)))
    assert "Planned" in page
    assert "Merged into" in text_of(client.get(reverse("unit-detail", args=["namur"])))
    assert "Comes into existence on" in text_of(
        client.get(reverse("unit-detail", args=[unit.slug]))
    )
    assert "Merged into" not in shown
    assert client.get(reverse("reorganisation-detail", args=[done.pk])).status_code == 200


def test_a_role_given_meanwhile_goes_on_too(client, zones, administrator):
    day = timezone.localdate() + dt.timedelta(days=40)
    done = merged(client, zones, day)
    zones[0].refresh_from_db()
    user = User.objects.create_user("new@namur.example", make.PASSWORD, name="New")
    grant(actor=administrator, user=user, role=Role.REPORTER, unit=zones[0])
    first, following = user.memberships.order_by("start")
    assert (first.unit, first.end) == (zones[0], day)
    assert (following.unit.slug, following.start, following.end) == ("zp-namur-gembloux", day, None)
    client.post(reverse("reorganisation-undo", args=[done.pk]), {"reason": "Annulled"})
    assert list(user.memberships.values_list("unit__slug", "end")) == [("namur", None)]


# --- Invitations --------------------------------------------------------------------------------


def invitation(unit: Unit, email: str = "new@namur.example", days: int = 7) -> Invitation:
    return Invitation.objects.create(
        email=email,
        name="New",
        role=Role.REPORTER,
        unit=unit,
        start=dt.date(2026, 1, 1),
        token_hash=hashed(email + unit.slug),
        expires_at=timezone.now() + dt.timedelta(days=days),
    )


def test_open_invitations_follow_and_come_back(client, zones, keeper):
    waiting = invitation(zones[0])
    accepted = invitation(zones[1], "quick@gembloux.example")
    expired = invitation(zones[0], "late@namur.example", days=-1)
    before = list(Invitation.objects.order_by("pk").values("pk", "unit", "instead_of"))
    page = previewed(client, chosen(), described(zones[0]))
    assert (
        "2 open invitations go on for ZP Namur-Gembloux: their links still work."
        in page.context["lines"]
    )
    done = merged(client, zones)
    unit = Unit.objects.get(slug="zp-namur-gembloux")
    assert {each.email: each.unit for each in Invitation.objects.all()} == {
        waiting.email: unit, accepted.email: unit, expired.email: zones[0],
    }  # fmt: skip
    user = User.objects.create_user(accepted.email, make.PASSWORD, name="Quick")
    accepted.refresh_from_db()
    join(actor=user, invitation=accepted)
    assert user.memberships.get().unit == unit
    granted = make.make_user(Role.REPORTER, unit)

    client.post(reverse("reorganisation-undo", args=[done.pk]), {"reason": "Annulled"})
    assert list(Invitation.objects.order_by("pk").values("pk", "unit", "instead_of")) == before
    assert user.memberships.get().unit == zones[1]
    assert granted.memberships.get().end == timezone.localdate()
    assert Membership.objects.filter(unit=unit).not_ended().count() == 0


def test_an_invitation_accepted_after_the_day_is_for_who_is_there_then(client, zones):
    day = timezone.localdate() + dt.timedelta(days=3)
    waiting = invitation(zones[0])
    Invitation.objects.filter(pk=waiting.pk).update(start=day + dt.timedelta(days=1))
    merged(client, zones, day)
    waiting.refresh_from_db()
    assert waiting.unit == zones[0]
    user = User.objects.create_user(waiting.email, make.PASSWORD, name="New")
    join(actor=user, invitation=Invitation.objects.get(pk=waiting.pk))
    held = user.memberships.get()
    assert (held.unit.slug, held.start) == ("zp-namur-gembloux", day + dt.timedelta(days=1))


# --- Taking back --------------------------------------------------------------------------------


def test_taken_back_it_stays_readable_and_may_be_done_again(client, zones, keeper):
    done = merged(client, zones)
    url = reverse("reorganisation-undo", args=[done.pk])
    assert "4 municip" not in text_of(client.get(url))
    assert client.post(url, {"reason": ""}).context["form"].errors["reason"]
    assert client.post(url, {"reason": "Annulled"}).status_code == 302
    assert client.post(url, {"reason": "Again"}).status_code == 302
    done.refresh_from_db()
    assert (done.undone_by, done.undone_reason) == (keeper, "Annulled")
    assert Transfer.objects.count() == UnitSuccession.objects.count() == 0
    detail = text_of(client.get(reverse("reorganisation-detail", args=[done.pk])))
    assert "Taken back" in detail
    assert "Annulled" in detail
    gone = Unit.objects.get(slug="zp-namur-gembloux")
    assert gone.never_existed
    assert (gone.tile_row, gone.tile_column) == (None, None)
    assert "Never existed" in text_of(client.get(reverse("unit-detail", args=[gone.slug])))
    assert find_units(keeper, "Namur-Gembloux", 10) == []

    merged(client, zones)
    gone.refresh_from_db()
    assert (gone.valid_from, gone.valid_to) == (DAY, None)
    assert Reorganisation.objects.count() == 2


def test_why_it_can_no_longer_be_taken_back_is_shown(client, zones):
    make.make_indicator()
    make.make_round("2026-Q3")
    user = make.make_user(Role.REPORTER, zones[0])
    done = merged(client, zones)
    unit = Unit.objects.get(slug="zp-namur-gembloux")
    make.enter(User.objects.get(pk=user.pk), make.submission_of(unit, "2026-Q3"), make.figure(3))
    for page in ("reorganisation-detail", "reorganisation-undo"):
        assert "A successor has figures of its own already." in text_of(
            client.get(reverse(page, args=[done.pk]))
        )
    answer = client.post(reverse("reorganisation-undo", args=[done.pk]), {"reason": "No"})
    assert answer.context["form"].non_field_errors()
    done.refresh_from_db()
    assert done.undone_at is None


# --- Reading ------------------------------------------------------------------------------------


def test_the_list_costs_the_same_however_long(client, zones, django_assert_num_queries):
    merged(client, zones)
    client.get(reverse(LIST))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse(LIST))
    queries = len(few)
    parts = (make.make_zone("huy"), make.make_zone("hannut"), make.make_zone("waremme"))
    typed = described(parts[0], name_fr="Hesbaye")
    confirmed(client, chosen(zone_1="huy", zone_2="hannut", zone_3="waremme"), typed)
    with django_assert_num_queries(queries):
        client.get(reverse(LIST))


@pytest.mark.parametrize(
    "values", [{"reason": ""}, {"undone_at": timezone.now()}, {"undone_reason": "x"}]
)
def test_the_database_refuses_half_a_record(db, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Reorganisation.objects.create(
            **{"kind": "merger", "effective_on": DAY, "reason": "Act", **values}
        )
