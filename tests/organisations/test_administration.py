"""The technical administration, and the command that makes the first administrator."""

import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib import admin
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from foundation.models import AuditEntry
from organisations.enums import Role
from organisations.models import Invitation, Unit, User
from tests import factories

SignIn = Callable[[User], Client]


# --- create_administrator ---------------------------------------------------------------------


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_administrator", *arguments, stdout=out)
    return out.getvalue()


def test_the_first_administrator_gets_a_link(db: None, client: Client):
    printed = create("First@Example.be")
    path = re.search(r"http://127\.0\.0\.1:\d+(/people/invitations/\S+)", printed)
    assert path
    assert path[1] in mail.outbox[0].body
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb) == (None, "invitation.sent")

    typed = {"name": "Administrateur", "password1": factories.PASSWORD}
    client.post(path[1], {**typed, "password2": factories.PASSWORD})
    user = User.objects.get(email="first@example.be")
    assert user.access.roles == {"administrator"}
    assert "first@example.be" in create("first@example.be")
    assert Invitation.objects.count() == 1


def test_a_second_call_changes_nothing_and_again_replaces_the_link(db: None, client: Client):
    first = create("a@example.be")
    assert "--again" in create("a@example.be")
    assert Invitation.objects.count() == 1

    create("a@example.be", "--again")
    assert Invitation.objects.open().count() == 1
    path = re.search(r"(/people/invitations/\S+)", first)
    assert path
    assert client.get(path[1]).status_code == 410


def test_no_address_no_invitation(db: None):
    with pytest.raises(CommandError):
        create("not-an-address")
    assert not Invitation.objects.exists()


# --- The technical administration -------------------------------------------------------------


def test_its_door_is_the_sites_own(client: Client, db: None):
    login = reverse("account_login")
    for path in ("/admin/", "/admin/organisations/unit/"):
        response = client.get(path, follow=True)
        assert response.redirect_chain[-1][0].startswith(login)


def test_other_roles_stay_outside(zone: Unit, approver: User, signed_in: SignIn):
    response = signed_in(approver).get("/admin/", follow=True)
    assert response.status_code == 403
    assert signed_in(approver).get("/admin/login/").status_code == 403


def test_passwords_are_changed_on_the_sites_page(administrator: User, signed_in: SignIn):
    response = signed_in(administrator).get("/admin/password_change/")
    assert response.url == reverse("account_change_password")


def test_it_holds_no_figures():
    models = list(admin.site._registry)
    apps = {model._meta.app_label for model in models}
    assert apps == {"organisations", "plans", "themes", "indicators", "submissions"}
    of_figures = [each.__name__ for each in models if each._meta.app_label == "submissions"]
    assert of_figures == ["Check"]
    assert not any(model.__name__ in ("TargetPath", "PathPoint") for model in models)


def test_its_pages_open_and_hold_no_script_of_their_own(
    administrator: User, zone: Unit, signed_in: SignIn
):
    client = signed_in(administrator)
    own = [each for each in admin.site._registry if each._meta.app_label == "organisations"]
    for model in own:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        response = client.get(reverse(f"{name}_changelist"))
        assert response.status_code == 200
        assert not re.search(rb"<script(?![^>]*\bsrc=)(?![^>]*application/json)", response.content)
    change = client.get(reverse("admin:organisations_unit_change", args=[zone.pk]))
    assert change.status_code == 200
    assert not re.search(rb"<script(?![^>]*\bsrc=)(?![^>]*application/json)", change.content)


@pytest.mark.parametrize("demo", [True, False])
def test_its_pages_have_the_strip_the_languages_and_the_footer(
    administrator: User, zone: Unit, signed_in: SignIn, settings, demo: bool
):
    settings.DEMO = demo
    client = signed_in(administrator)
    change = reverse("admin:organisations_unit_change", args=[zone.pk])
    for page in ("/admin/", "/admin/organisations/unit/", change, f"{change}?_popup=1"):
        text = client.get(page).content.decode()
        assert text.count('<p class="jalon-demo-strip">') == demo
        assert ("admin/jalon.css" in text, " style=" in text) == (True, False)
        for name in ("accessibility", "privacy", "contacts"):
            assert f'href="{reverse(f"foundation:{name}")}"' in text
        assert (reverse("set-language") in text) == ("_popup" not in page)


def test_a_save_leaves_an_audit_entry(administrator: User, approver: User, signed_in: SignIn):
    client = signed_in(administrator)
    address = reverse("admin:organisations_user_change", args=[approver.pk])
    typed = {"name": "Autre nom", "language": "fr", "email": "x@y.example", "is_active": ""}
    assert client.post(address, typed).status_code == 302

    changed = User.objects.get(pk=approver.pk)
    assert (changed.name, changed.email, changed.is_active) == ("Autre nom", approver.email, True)
    entry = AuditEntry.objects.get(verb="user.changed")
    assert (entry.actor, entry.subject_id) == (administrator, approver.pk)
    assert entry.details == {"fields": ["name", "language"]}


@pytest.mark.parametrize("model", ["unit", "user", "membership", "municipality", "population"])
def test_nothing_is_deleted_there(administrator: User, zone: Unit, signed_in: SignIn, model: str):
    pk = {"unit": zone.pk, "user": administrator.pk}.get(model, 1)
    address = reverse(f"admin:organisations_{model}_delete", args=[pk])
    assert signed_in(administrator).get(address).status_code in (302, 403)
    assert Unit.objects.filter(pk=zone.pk).exists()


def test_roles_are_not_given_there(administrator: User, signed_in: SignIn):
    client = signed_in(administrator)
    assert client.get(reverse("admin:organisations_membership_add")).status_code == 403
    own = administrator.memberships.get()
    address = reverse("admin:organisations_membership_change", args=[own.pk])
    assert client.post(address, {"role": Role.SECRETARIAT}).status_code == 403
