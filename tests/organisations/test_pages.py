"""The pages about people and units: who sees what, in how many queries."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import AuditEntry
from organisations import selectors
from organisations.enums import CodeStatus, DatePrecision, Role
from organisations.models import Invitation, Membership, Municipality, Unit, UnitSuccession, User
from tests import factories

SignIn = Callable[[User], Client]


def shown(response) -> list[tuple[str, str | None]]:
    return [
        (row.membership.role, row.membership.unit and row.membership.unit.slug)
        for row in response.context["rows"]
    ]


# --- Accounts ---------------------------------------------------------------------------------


@pytest.fixture
def people(administrator: User, approver: User, zone: Unit, other_zone: Unit) -> None:
    factories.make_user(Role.REPORTER, zone, name="Élise")
    factories.make_user(Role.AUTHORITY, zone)
    factories.make_user(Role.REPORTER, other_zone)
    former = factories.make_user(Role.REPORTER, zone, name="former")
    former.memberships.update(end=timezone.localdate())


def test_an_administrator_sees_everybody_by_role(people, administrator: User, signed_in: SignIn):
    response = signed_in(administrator).get(reverse("membership-list"))
    assert shown(response) == [
        ("reporter", "liege"),
        ("reporter", "namur"),
        ("approver", "namur"),
        ("authority", "namur"),
        ("administrator", None),
    ]


def test_an_approver_sees_who_reports_in_the_own_unit(people, approver: User, signed_in: SignIn):
    response = signed_in(approver).get(reverse("membership-list"))
    assert shown(response) == [("reporter", "namur"), ("approver", "namur")]
    assert [row.may_end for row in response.context["rows"]] == [True, False]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("role=authority", [("authority", "namur")]),
        ("words=liege", [("reporter", "liege")]),
        ("words=lise", [("reporter", "namur")]),
        ("words=former&ended=on", [("reporter", "namur")]),
        ("words=former", []),
        ("role=king", None),
        ("words=" + "x" * 500, None),
        ("words=%00", None),
    ],
)
def test_the_list_is_narrowed(people, administrator: User, signed_in: SignIn, query, expected):
    response = signed_in(administrator).get(f"{reverse('membership-list')}?{query}")
    assert response.status_code == 200
    if expected is None:
        assert len(response.context["rows"]) == 5
    else:
        assert shown(response) == expected


@pytest.mark.parametrize("page", ["0", "x", "999"])
def test_a_page_there_is_not_is_not_found(administrator: User, signed_in: SignIn, page: str):
    address = f"{reverse('membership-list')}?page={page}"
    assert signed_in(administrator).get(address).status_code == 404


@pytest.mark.parametrize("role", [Role.REPORTER, Role.COORDINATOR, Role.EVALUATOR, Role.STEERING])
@pytest.mark.parametrize(
    "name", ["membership-list", "invitation-list", "invitation-create", "invitation-upload"]
)
def test_other_roles_have_no_page_of_accounts(zone: Unit, signed_in: SignIn, role: Role, name: str):
    unit = {Role.COORDINATOR: zone.controlled_by}.get(role, zone)
    user = factories.make_user(role, unit if role in Role.of_units() else None)
    assert signed_in(user).get(reverse(name)).status_code == 403


@pytest.mark.parametrize("count", [1, 176])
def test_the_lists_cost_the_same_whatever_their_length(
    administrator: User, signed_in: SignIn, django_assert_num_queries, count: int
):
    for unit in factories.make_zones(count):
        factories.make_user(Role.REPORTER, unit)
        Invitation.objects.create(
            email=f"a@{unit.slug}.example",
            name="A",
            role=Role.REPORTER,
            unit=unit,
            token_hash=unit.slug,
            invited_by=administrator,
            expires_at=timezone.now() + dt.timedelta(days=7),
        )
    client = signed_in(administrator)
    with django_assert_num_queries(6):
        client.get(reverse("membership-list"))
    with django_assert_num_queries(4):
        client.get(reverse("invitation-list"))
    with django_assert_num_queries(5):  # One of them: what was typed before a session expired.
        client.get(reverse("invitation-create"))


# --- One's own account ------------------------------------------------------------------------


def test_the_account_page_changes_name_and_language_only(approver: User, signed_in: SignIn):
    client = signed_in(approver)
    response = client.post(
        reverse("account"),
        {"name": "Cheffe de corps", "language": "nl", "email": "x@y.example", "is_active": ""},
    )
    assert response.url == reverse("account")
    user = User.objects.get(pk=approver.pk)
    assert (user.name, user.language, user.email) == ("Cheffe de corps", "nl", approver.email)
    assert client.get(reverse("account"))["Content-Language"] == "nl"
    assert AuditEntry.objects.get(verb="user.changed").details == {"language": "nl"}

    refused = client.post(reverse("account"), {"name": "=cmd", "language": "xx"})
    assert list(refused.context["form"].errors) == ["language"]
    refused = client.post(reverse("account"), {"name": "=cmd", "language": "fr"})
    assert list(refused.context["form"].errors) == ["name"]


def test_the_account_page_says_which_roles_hold_when(approver: User, zone: Unit, signed_in: SignIn):
    later = timezone.localdate() + dt.timedelta(days=5)
    Membership.objects.create(user=approver, role=Role.REPORTER, unit=zone, start=later)
    rows = signed_in(approver).get(reverse("account")).context["rows"]
    assert [(row.membership.role, row.state) for row in rows] == [
        ("approver", "in_force"),
        ("reporter", "to_come"),
    ]


# --- Units ------------------------------------------------------------------------------------


@pytest.fixture
def merged(zone: Unit) -> Unit:
    zone.code, zone.code_status = "5303", CodeStatus.DERIVED
    zone.save()
    Municipality.objects.create(nis="92094", name_fr="Namur", name_nl="Namen", unit=zone)
    former = factories.make_zone("former", valid_to=dt.date(2020, 1, 1))
    UnitSuccession.objects.create(
        successor=zone,
        predecessor=former,
        predecessor_label="Former",
        effective_on=dt.date(2020, 1, 1),
    )
    UnitSuccession.objects.create(
        successor=zone, predecessor_label="Lost", precision=DatePrecision.UNKNOWN
    )
    return zone


def test_a_units_page_says_what_is_not_confirmed(merged: Unit, approver: User, signed_in: SignIn):
    page = signed_in(approver).get(reverse("unit-detail", args=["namur"]))
    text = page.content.decode()
    assert str(CodeStatus.DERIVED.label) in text
    for expected in ("5303", "NIS 92094", "Former", "Lost", "01/01/2020", "Province Namur"):
        assert expected in text


def test_units_are_open_to_whoever_is_signed_in(merged: Unit, signed_in: SignIn, client: Client):
    nobody = User.objects.create_user("a@x.example", name="A")
    address = reverse("unit-detail", args=["namur"])
    assert signed_in(nobody).get(address).status_code == 200
    assert client.get(address).status_code == 302
    assert signed_in(nobody).get(reverse("unit-detail", args=["nowhere"])).status_code == 404


def test_a_units_page_costs_the_same_whatever_its_size(
    merged: Unit, approver: User, signed_in: SignIn, django_assert_max_num_queries
):
    for number in range(30):
        Municipality.objects.create(nis=str(number), name_fr="A", name_nl="A", unit=merged)
    client = signed_in(approver)
    with django_assert_max_num_queries(12):
        client.get(reverse("unit-detail", args=["namur"]))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("liège", ["ZP Liege", "ZP Seraing"]),
        ("LIEGE", ["ZP Liege", "ZP Seraing"]),
        ("5277", ["ZP Liege"]),
        ("arrondissement dca liege", ["ZP Liege", "ZP Seraing"]),
        ("nowhere", []),
    ],
)
def test_units_are_found_by_name_code_or_area(approver: User, other_zone: Unit, words, expected):
    Unit.objects.filter(pk=other_zone.pk).update(code="5277", code_status=CodeStatus.CONFIRMED)
    factories.make_zone("seraing", dca=factories.make_dca("dca-liege"))
    hits = selectors.find_units(approver, words, 20)
    assert [hit.title for hit in hits if hit.title.startswith("ZP")] == expected
