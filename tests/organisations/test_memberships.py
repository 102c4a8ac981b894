"""Roles: when they hold, which go together, how they end."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import AuditEntry
from organisations import services
from organisations.access import BUNDLES
from organisations.enums import Role
from organisations.models import Membership, Unit, User
from tests import factories

SignIn = Callable[[User], Client]
DAY = dt.timedelta(days=1)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# --- When they hold ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [
        (0, None, True),
        (1, None, False),
        (-5, 0, False),
        (-5, 1, True),
        (0, 0, False),
        (-1, 9, True),
    ],
)
def test_start_is_included_and_end_excluded(zone: Unit, start: int, end: int | None, holds: bool):
    today = timezone.localdate()
    user = User.objects.create_user("a@x.example", name="A")
    Membership.objects.create(
        user=user,
        role=Role.REPORTER,
        unit=zone,
        start=today + start * DAY,
        end=None if end is None else today + end * DAY,
    )
    assert user.access.may("submissions.enter", zone.pk) is holds


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [(10, 20, True), (0, 10, False), (0, 11, True), (20, 30, False), (19, None, True)],
)
def test_overlap_is_half_open(zone: Unit, start: int, end: int | None, overlaps: bool):
    first = dt.date(2026, 1, 1)
    user = User.objects.create_user("a@x.example", name="A")
    Membership.objects.create(
        user=user, role=Role.REPORTER, unit=zone, start=first + 10 * DAY, end=first + 20 * DAY
    )
    until = None if end is None else first + end * DAY
    found = Membership.objects.overlapping(first + start * DAY, until)
    assert found.exists() is overlaps


@pytest.mark.parametrize("role", Role.values)
def test_a_role_gives_its_bundle_in_its_unit(zone: Unit, other_zone: Unit, role: str):
    unit = zone if role in Role.of_units() else None
    access = factories.make_user(Role(role), unit).access

    every = frozenset().union(*BUNDLES.values())
    assert {name for name in every if access.may(name)} == BUNDLES[role]
    assert {name for name in every if access.may(name, zone.pk)} == BUNDLES[role]
    elsewhere = set() if unit else set(BUNDLES[role])
    assert {name for name in every if access.may(name, other_zone.pk)} == elsewhere


def test_administrators_and_the_secretariat_open_the_technical_administration(zone: Unit):
    for role in Role:
        user = factories.make_user(role, zone if role in Role.of_units() else None)
        assert user.is_staff is (role in (Role.ADMINISTRATOR, Role.SECRETARIAT))


# --- Which go together ------------------------------------------------------------------------

APART = [
    (Role.COORDINATOR, Role.REPORTER),
    (Role.COORDINATOR, Role.APPROVER),
    (Role.SECRETARIAT, Role.REPORTER),
    (Role.SECRETARIAT, Role.APPROVER),
    (Role.EVALUATOR, Role.COORDINATOR),
    (Role.EVALUATOR, Role.SECRETARIAT),
]


def unit_of(role: Role, zone: Unit) -> Unit | None:
    return {Role.COORDINATOR: zone.controlled_by}.get(
        role, zone if role in Role.of_units() else None
    )


@pytest.mark.parametrize("pair", [*APART, *(pair[::-1] for pair in APART)])
def test_who_controls_neither_enters_nor_evaluates(administrator: User, zone: Unit, pair):
    held, wanted = pair
    user = factories.make_user(held, unit_of(held, zone))
    with pytest.raises(ValidationError) as refused:
        services.grant(actor=administrator, user=user, role=wanted, unit=unit_of(wanted, zone))
    assert list(refused.value.message_dict) == ["role"]
    assert user.memberships.count() == 1


def test_one_after_the_other_is_allowed(administrator: User, zone: Unit):
    user = factories.make_user(Role.REPORTER, zone)
    later = timezone.localdate() + 30 * DAY
    user.memberships.update(end=later)
    terms = {"role": Role.COORDINATOR, "unit": zone.controlled_by}

    with pytest.raises(ValidationError):
        services.grant(actor=administrator, user=user, start=later - DAY, **terms)
    assert services.grant(actor=administrator, user=user, start=later, **terms).start == later


def test_one_person_may_enter_and_attest(administrator: User, approver: User, zone: Unit):
    services.grant(actor=administrator, user=approver, role=Role.REPORTER, unit=zone)
    assert fresh(approver).access.roles == {"reporter", "approver"}


def test_the_same_role_twice_is_refused(administrator: User, approver: User, zone: Unit):
    with pytest.raises(ValidationError):
        services.grant(actor=administrator, user=approver, role=Role.APPROVER, unit=zone)


def test_nobody_grants_themselves_a_role(administrator: User, approver: User, zone: Unit):
    for actor in (administrator, approver):
        with pytest.raises(PermissionDenied):
            services.grant(actor=actor, user=actor, role=Role.REPORTER, unit=zone)


# --- How they end -----------------------------------------------------------------------------


def test_an_ended_role_ends_at_once(approver: User, zone: Unit, signed_in: SignIn):
    reporter = factories.make_user(Role.REPORTER, zone)
    client = signed_in(reporter)
    membership = reporter.memberships.get()

    signed_in(approver).post(
        reverse("membership-end", args=[membership.pk]), {"end": timezone.localdate()}
    )
    membership.refresh_from_db()
    assert membership.end == timezone.localdate()
    assert fresh(reporter).access.grants == frozenset()
    assert client.get(reverse("account")).context["rows"] == []
    entry = AuditEntry.objects.get(verb="membership.ended")
    assert (entry.actor, entry.details["user"]) == (approver, reporter.pk)


def test_a_role_may_end_later_but_not_before_today(administrator: User, approver: User):
    membership = approver.memberships.get()
    today = timezone.localdate()
    with pytest.raises(ValidationError):
        services.end_membership(actor=administrator, membership=membership, on=today - DAY)

    services.end_membership(actor=administrator, membership=membership, on=today + DAY)
    with pytest.raises(ValidationError):
        services.end_membership(actor=administrator, membership=membership, on=today + 2 * DAY)
    assert fresh(approver).access.roles == {"approver"}


def test_a_role_to_come_never_begins(administrator: User, approver: User):
    membership = approver.memberships.get()
    membership.start = timezone.localdate() + 9 * DAY
    membership.save()
    services.end_membership(actor=administrator, membership=membership)
    assert membership.end == membership.start
    assert list(Membership.objects.not_ended().filter(user=approver)) == []


def test_an_approver_ends_reporters_and_stand_ins_of_the_own_unit_only(
    approver: User, zone: Unit, other_zone: Unit, signed_in: SignIn
):
    client = signed_in(approver)
    other_approver = factories.make_user(Role.APPROVER, zone, name="second")
    stand_in = factories.make_user(Role.APPROVER, zone, name="stand-in")
    stand_in.memberships.update(stand_in=True, end=timezone.localdate() + DAY)
    authority = factories.make_user(Role.AUTHORITY, zone)
    foreign = factories.make_user(Role.REPORTER, other_zone)

    def statuses(user: User) -> tuple[int, int]:
        page = reverse("membership-end", args=[user.memberships.get().pk])
        return (
            client.get(page).status_code,
            client.post(page, {"end": timezone.localdate()}).status_code,
        )

    assert statuses(factories.make_user(Role.REPORTER, zone)) == (200, 302)
    assert statuses(stand_in) == (200, 302)
    assert statuses(other_approver) == (403, 403)
    assert statuses(authority) == (404, 404)
    assert statuses(foreign) == (404, 404)


def test_the_last_administrator_stays(administrator: User):
    with pytest.raises(ValidationError, match=r"last administrator|dernier administrateur"):
        services.end_membership(actor=administrator, membership=administrator.memberships.get())

    factories.make_user(Role.ADMINISTRATOR, name="second")
    services.end_membership(actor=administrator, membership=administrator.memberships.get())
    assert fresh(administrator).access.roles == frozenset()


# --- Closing an account -----------------------------------------------------------------------


def test_a_closed_account_loses_sessions_roles_and_invitations(
    administrator: User, approver: User, zone: Unit, signed_in: SignIn
):
    client = signed_in(approver)
    sent = services.invite(
        actor=approver, email="a@x.example", name="A", role=Role.REPORTER, unit=zone
    )
    page = reverse("user-deactivate", args=[approver.pk])
    assert signed_in(administrator).get(page).status_code == 200
    signed_in(administrator).post(page)

    assert client.get(reverse("account")).status_code == 302
    closed = fresh(approver)
    assert (closed.is_active, closed.has_usable_password()) == (False, False)
    assert closed.memberships.not_ended().count() == 0
    sent.refresh_from_db()
    assert sent.withdrawn_at is not None
    closed.is_active = True
    closed.save()
    assert client.get(reverse("account")).status_code == 302


def test_only_administrators_close_accounts_and_never_their_own(
    administrator: User, approver: User, zone: Unit, signed_in: SignIn
):
    reporter = factories.make_user(Role.REPORTER, zone)
    page = reverse("user-deactivate", args=[reporter.pk])
    assert signed_in(approver).post(page).status_code == 403
    with pytest.raises(PermissionDenied):
        services.deactivate_user(actor=approver, user=reporter)
    own = reverse("user-deactivate", args=[administrator.pk])
    assert signed_in(administrator).post(own).status_code == 403
