"""Inviting somebody, and what becomes of the link."""

import datetime as dt
import re
from collections.abc import Callable
from unittest.mock import ANY

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import AuditEntry
from organisations import services
from organisations.enums import Language, Role, UnitKind
from organisations.models import Invitation, Membership, Unit, User
from organisations.selectors import hashed
from tests import factories

PASSWORD = "quatre mots plus faciles"
NEW = {"name": "Rapporteur de zone", "password1": PASSWORD, "password2": PASSWORD}

Link = Callable[[], str]
SignIn = Callable[[User], Client]


def invite(actor: User, unit: Unit | None, **fields: object) -> Invitation:
    terms = {"email": "new@zone.example", "name": "Rapporteur", "role": Role.REPORTER, **fields}
    return services.invite(actor=actor, unit=unit, **terms)  # type: ignore[arg-type]


def audited(verb: str) -> list[tuple[int | None, dict[str, object]]]:
    entries = AuditEntry.objects.filter(verb=verb).order_by("pk")
    return [(entry.actor_id, entry.details) for entry in entries]


# --- The link ---------------------------------------------------------------------------------


def test_only_the_hash_of_the_link_is_kept(administrator: User, zone: Unit, mailed_link: Link):
    invitation = invite(administrator, zone)

    token = mailed_link().removeprefix("/people/invitations/").strip("/")
    assert invitation.token_hash == hashed(token)
    assert token not in str(AuditEntry.objects.values_list("details", flat=True))
    assert mail.outbox[0].to == ["new@zone.example"]


def test_the_mail_is_in_the_language_of_the_unit(administrator: User):
    dutch = factories.make_unit("gent", UnitKind.ZONE, language=Language.NL)
    both = factories.make_unit("brussels", UnitKind.ZONE, language=Language.FR_NL)

    invite(administrator, dutch, email="a@zone.example")
    invite(administrator, both, email="b@zone.example")

    assert "PZ Gent" in mail.outbox[0].body
    assert "ZP Gent" not in mail.outbox[0].body
    assert [text in mail.outbox[1].body for text in ("ZP Brussels", "PZ Brussels")] == [True, True]
    assert len(re.findall(r"/people/invitations/", mail.outbox[1].body)) == 2


def test_a_demonstration_says_so_in_its_mails(administrator: User, zone: Unit, settings):
    settings.DEMO = True
    invite(administrator, zone)

    assert mail.outbox[0].subject.startswith(("Démonstration", "Demonstration"))
    assert mail.outbox[0].body.startswith(("Démonstration", "Demonstration"))


def test_a_new_account_begins_with_the_link(
    client: Client, administrator: User, zone: Unit, mailed_link: Link
):
    invite(administrator, zone)
    path = mailed_link()

    assert client.get(path).status_code == 200
    response = client.post(path, NEW)

    assert response.url == reverse("account_login")
    user = User.objects.get(email="new@zone.example")
    assert user.check_password(PASSWORD)
    assert user.name == "Rapporteur de zone"
    membership = user.memberships.get()
    assert (membership.role, membership.unit, membership.granted_by) == (
        Role.REPORTER,
        zone,
        administrator,
    )
    terms = {
        "role": "reporter",
        "unit": "namur",
        "start": timezone.localdate().isoformat(),
        "end": None,
        "stand_in": False,
    }
    assert audited("invitation.sent") == [(administrator.pk, terms)]
    assert audited("user.opened") == [(user.pk, {})]
    assert audited("membership.granted") == [(user.pk, terms)]
    assert audited("invitation.accepted") == [(user.pk, {})]


def test_what_is_posted_beside_the_form_is_ignored(
    client: Client, administrator: User, zone: Unit, other_zone: Unit, mailed_link: Link
):
    invite(administrator, zone)
    client.post(
        mailed_link(),
        {**NEW, "role": "administrator", "unit": other_zone.pk, "email": "x@y.example"},
    )

    held = Membership.objects.filter(user__email="new@zone.example")
    assert [(each.role, each.unit) for each in held] == [(Role.REPORTER, zone)]
    assert not User.objects.filter(email="x@y.example").exists()


def test_a_link_works_once(client: Client, administrator: User, zone: Unit, mailed_link: Link):
    invite(administrator, zone)
    path = mailed_link()
    client.post(path, NEW)

    for response in (client.get(path), client.post(path, NEW)):
        assert response.status_code == 410
        assert "organisations/invitation_closed.html" in [t.name for t in response.templates]
    assert Membership.objects.filter(user__email="new@zone.example").count() == 1


@pytest.mark.parametrize(("seconds", "status"), [(1, 200), (0, 410), (-1, 410)])
def test_a_link_expires_after_seven_days(
    client: Client, administrator: User, zone: Unit, mailed_link: Link, monkeypatch, seconds, status
):
    invitation = invite(administrator, zone)
    assert invitation.expires_at - invitation.invited_at == dt.timedelta(days=7)
    then = invitation.expires_at - dt.timedelta(seconds=seconds)
    monkeypatch.setattr("organisations.models.timezone.now", lambda: then)

    assert client.get(mailed_link()).status_code == status


def test_a_withdrawn_link_works_no_more(
    client: Client, administrator: User, zone: Unit, mailed_link: Link, signed_in: SignIn
):
    invitation = invite(administrator, zone)
    page = reverse("invitation-withdraw", args=[invitation.pk])
    assert signed_in(administrator).get(page).status_code == 200
    signed_in(administrator).post(page)

    response = client.post(mailed_link(), NEW)
    assert response.status_code == 410
    assert not User.objects.filter(email="new@zone.example").exists()
    assert audited("invitation.withdrawn") == [(administrator.pk, {})]
    with pytest.raises(services.InvitationClosed):
        services.withdraw_invitation(actor=administrator, invitation=invitation)


def test_an_unknown_link_is_not_found(client: Client, db: None):
    assert client.get("/people/invitations/nothing/").status_code == 404


def test_somebody_elses_link_is_refused(
    administrator: User, approver: User, zone: Unit, mailed_link: Link, signed_in: SignIn
):
    invite(administrator, zone)
    client = signed_in(approver)

    assert client.get(mailed_link()).status_code == 403
    assert client.post(mailed_link()).status_code == 403
    assert Invitation.objects.open().count() == 1


def test_an_account_there_is_gains_the_role(
    client: Client,
    administrator: User,
    approver: User,
    other_zone: Unit,
    mailed_link: Link,
    signed_in: SignIn,
):
    invite(administrator, other_zone, email=approver.email.upper())

    page = client.get(mailed_link())
    assert "organisations/invitation_sign_in.html" in [t.name for t in page.templates]
    client.post(mailed_link(), NEW)
    assert approver.memberships.count() == 1

    mine = signed_in(approver)
    assert mine.get(mailed_link()).status_code == 200
    assert mine.post(mailed_link()).url == reverse("account")
    held = approver.memberships.order_by("pk").values_list("role", "unit__slug")
    assert list(held) == [("approver", "namur"), ("reporter", "liege")]
    approver.refresh_from_db()
    assert approver.check_password(factories.PASSWORD)


def test_passwords_are_long_equal_and_uncommon(
    client: Client, administrator: User, zone: Unit, mailed_link: Link
):
    invite(administrator, zone)
    for password, again in [("short", "short"), ("password1234", "password1234"), (PASSWORD, "x")]:
        typed = {**NEW, "password1": password, "password2": again}
        response = client.post(mailed_link(), typed)
        assert response.status_code == 200
        assert response.context["form"].errors
    assert not User.objects.filter(email="new@zone.example").exists()


def test_a_mail_that_fails_leaves_no_open_invitation(administrator: User, zone: Unit, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with pytest.raises(services.MailNotSent):
        invite(administrator, zone)
    assert not Invitation.objects.open().exists()


# --- Who may invite to what -------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_an_administrator_invites_to_every_role(administrator: User, zone: Unit, role: str):
    unit = {Role.COORDINATOR: zone.controlled_by}.get(Role(role), zone)
    invitation = invite(administrator, unit if role in Role.of_units() else None, role=role)
    assert invitation.role == role


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.REPORTER])
def test_an_approver_invites_reporters_only(approver: User, zone: Unit, role: str):
    unit = zone if role != Role.COORDINATOR else zone.controlled_by
    with pytest.raises(PermissionDenied):
        invite(approver, unit if role in Role.of_units() else None, role=role)


def test_an_approver_invites_for_the_own_unit_only(approver: User, other_zone: Unit):
    with pytest.raises(PermissionDenied):
        invite(approver, other_zone)


@pytest.mark.parametrize(
    "role", [Role.REPORTER, Role.COORDINATOR, Role.AUTHORITY, Role.SECRETARIAT, Role.EVALUATOR]
)
def test_other_roles_invite_nobody(zone: Unit, role: Role):
    unit = {Role.COORDINATOR: zone.controlled_by}.get(role, zone)
    actor = factories.make_user(role, unit if role in Role.of_units() else None)
    with pytest.raises(PermissionDenied):
        invite(actor, zone)


def test_an_approver_names_a_stand_in_with_dates(approver: User, zone: Unit):
    end = timezone.localdate() + dt.timedelta(days=14)
    invitation = invite(approver, zone, role=Role.APPROVER, stand_in=True, end=end)
    assert (invitation.stand_in, invitation.end) == (True, end)
    with pytest.raises(ValidationError, match=r"end date|date de fin"):
        invite(approver, zone, role=Role.APPROVER, stand_in=True, email="b@zone.example")


def test_a_stand_in_names_no_stand_in(approver: User, zone: Unit):
    today = timezone.localdate()
    approver.memberships.update(stand_in=True, end=today + dt.timedelta(days=9))
    actor = User.objects.get(pk=approver.pk)

    invite(actor, zone)
    with pytest.raises(PermissionDenied):
        invite(actor, zone, role=Role.APPROVER, stand_in=True, end=today + dt.timedelta(days=99))


def test_nobody_invites_themselves(administrator: User, approver: User, zone: Unit):
    for actor in (administrator, approver):
        with pytest.raises(PermissionDenied):
            invite(actor, zone, email=actor.email)


def test_the_second_of_two_open_invitations_is_refused(administrator: User, zone: Unit):
    invite(administrator, zone)
    with pytest.raises(ValidationError) as refused:
        invite(administrator, zone)
    assert refused.value.message_dict == {"email": ANY}


def test_an_approver_does_not_reopen_a_closed_account(
    administrator: User, approver: User, zone: Unit
):
    closed = factories.make_user(Role.REPORTER, zone)
    services.deactivate_user(actor=administrator, user=closed)

    with pytest.raises(ValidationError):
        invite(approver, zone, email=closed.email)
    assert invite(administrator, zone, email=closed.email).email == closed.email


@pytest.mark.parametrize(
    "name", ["=1+1", "+32", "-x", "@cmd", "\tx", "", "http://x.example", "a\x00b", "<b>a</b>"]
)
def test_a_name_is_a_name(administrator: User, zone: Unit, name: str):
    if name == "\tx":
        assert invite(administrator, zone, name=name).name == "x"
        return
    with pytest.raises(ValidationError) as refused:
        invite(administrator, zone, name=name)
    assert list(refused.value.message_dict) == ["name"]


@pytest.mark.parametrize(
    ("role", "kind", "field"),
    [
        (Role.COORDINATOR, UnitKind.ZONE, "unit"),
        (Role.AUTHORITY, UnitKind.FEDERAL, "unit"),
        (Role.SECRETARIAT, UnitKind.FEDERAL, "unit"),
        (Role.REPORTER, None, "unit"),
        ("king", UnitKind.ZONE, "role"),
    ],
)
def test_a_role_fits_its_unit(administrator: User, role: str, kind: str | None, field: str):
    unit = factories.make_unit("unit", UnitKind(kind)) if kind else None
    with pytest.raises(ValidationError) as refused:
        invite(administrator, unit, role=role)
    assert list(refused.value.message_dict) == [field]


def test_a_unit_that_has_ended_takes_nobody(administrator: User):
    ended = factories.make_unit("ended", UnitKind.ZONE, valid_to=timezone.localdate())
    with pytest.raises(ValidationError):
        invite(administrator, ended)


# --- The form ---------------------------------------------------------------------------------


def test_the_form_of_an_approver_offers_the_own_unit(approver: User, zone: Unit, signed_in: SignIn):
    form = signed_in(approver).get(reverse("invitation-create")).context["form"]
    assert list(form.fields["unit"].queryset) == [zone]
    assert [value for value, _label in form.fields["role"].choices] == ["reporter", "approver"]
    assert "stand_in" not in form.fields


def test_the_form_refuses_another_unit_and_another_role(
    approver: User, zone: Unit, other_zone: Unit, signed_in: SignIn
):
    client, page = signed_in(approver), reverse("invitation-create")
    typed = {"name": "Rapporteur", "email": "new@zone.example", "role": "reporter"}

    assert client.post(page, {**typed, "unit": other_zone.pk}).status_code == 404
    assert client.post(page, {**typed, "unit": zone.pk, "role": "administrator"}).status_code == 403
    assert not Invitation.objects.exists()
    mine = client.post(page, {**typed, "unit": zone.pk, "stand_in": "on", "invited_by": "1"})
    assert mine.status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.stand_in, invitation.invited_by) == (False, approver)


def test_the_form_shows_what_the_service_refuses(
    administrator: User, zone: Unit, signed_in: SignIn
):
    response = signed_in(administrator).post(
        reverse("invitation-create"),
        {"name": "=1+1", "email": "new@zone.example", "role": "reporter", "unit": zone.pk},
    )
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["name"]
    assert not Invitation.objects.exists()


def test_an_approver_sees_and_withdraws_the_own_units_invitations_only(
    administrator: User, approver: User, zone: Unit, other_zone: Unit, signed_in: SignIn
):
    own = invite(administrator, zone)
    foreign = invite(administrator, other_zone, email="b@zone.example")
    client = signed_in(approver)

    assert list(client.get(reverse("invitation-list")).context["object_list"]) == [own]
    page = reverse("invitation-withdraw", args=[foreign.pk])
    assert (client.get(page).status_code, client.post(page).status_code) == (404, 404)
    own_page = reverse("invitation-withdraw", args=[own.pk])
    assert client.post(own_page).url == reverse("invitation-list")
    assert list(Invitation.objects.open()) == [foreign]
