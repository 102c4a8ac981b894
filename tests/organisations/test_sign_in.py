"""Signing in and out: no sign-up, a throttle, sessions that end when they should."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from foundation.models import AuditEntry
from organisations import services
from organisations.enums import Role
from organisations.models import Unit, User
from tests import factories

SignIn = Callable[[User], Client]
NEW_PASSWORD = "another-sentence-for-tests"


def post_login(client: Client, user: User, password: str = factories.PASSWORD, **more: str):
    typed = {"login": user.email, "password": password, **more}
    address = {"REMOTE_ADDR": more.pop("address", "127.0.0.1")}
    return client.post(reverse("account_login"), typed, **address)


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


# --- The doors there are ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_sign_up_is_closed(client: Client, db: None, method: str):
    typed = {"email": "a@x.example", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    response = getattr(client, method)(reverse("account_signup"), typed)
    assert response.status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_set_password",
        "account_confirm_email",
        "account_request_login_code",
        "mfa_list_webauthn",
        "mfa_login_webauthn",
    ],
)
def test_what_is_not_needed_has_no_address(name: str):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("account_login", 200),
        ("account_logout", 302),
        ("account_inactive", 200),
        ("account_signup", 403),
        ("account_reset_password", 200),
        ("account_reset_password_done", 200),
        ("account_reset_password_from_key_done", 200),
        ("account_change_password", 302),
        ("account_reauthenticate", 302),
        ("mfa_index", 302),
        ("mfa_authenticate", 302),
        ("mfa_reauthenticate", 302),
        ("mfa_activate_totp", 302),
        ("mfa_deactivate_totp", 302),
        ("mfa_view_recovery_codes", 302),
        ("mfa_generate_recovery_codes", 302),
        ("mfa_download_recovery_codes", 302),
        ("account", 302),
        ("membership-list", 302),
    ],
)
def test_pages_for_who_is_not_signed_in(client: Client, db: None, name: str, status: int):
    response = client.get(reverse(name))
    assert response.status_code == status
    assert b"<script>" not in response.content


# --- Signing in -------------------------------------------------------------------------------


def test_signing_in_changes_the_sessions_key(client: Client, approver: User):
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = before

    assert post_login(client, approver).url == "/"
    assert client.session.session_key != before
    assert is_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_a_foreign_next_is_not_followed(client: Client, approver: User, target: str):
    assert post_login(client, approver, next=target).url == "/"


def test_an_own_next_is_followed(client: Client, approver: User):
    assert post_login(client, approver, next="/account/").url == "/account/"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(client: Client, approver: User):
    wrong = post_login(client, approver, "not-it").context["form"].errors
    unknown = post_login(client, User(email="nobody@x.example"), "not-it").context["form"].errors
    assert (wrong, is_in(client)) == (unknown, False)


def test_guessing_is_slowed_without_locking_the_owner_out(client: Client, approver: User):
    for _try in range(5):
        assert post_login(client, approver, "not-it", address="203.0.113.9").status_code == 200
    guesser = post_login(Client(), approver, address="203.0.113.9")
    assert guesser.status_code == 200
    assert guesser.context["form"].errors

    assert post_login(Client(), approver, address="198.51.100.7").status_code == 302


def test_a_closed_account_cannot_sign_in(client: Client, administrator: User, approver: User):
    services.deactivate_user(actor=administrator, user=approver)
    assert post_login(client, approver).status_code == 200
    assert not is_in(client)


def test_a_post_without_its_token_is_refused(approver: User):
    strict = Client(enforce_csrf_checks=True)
    assert post_login(strict, approver).status_code == 403


# --- Sessions end -----------------------------------------------------------------------------


def test_signing_out_ends_the_session_itself(approver: User, signed_in: SignIn):
    client = signed_in(approver)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.post(reverse("account_logout")).url == "/"

    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert not is_in(client)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (NEW_PASSWORD, f"{NEW_PASSWORD}!", "Voer twee keer hetzelfde wachtwoord in."),
        ("te kort", "te kort", "Dit wachtwoord is te kort: er zijn minstens 15 tekens nodig."),
    ],
)
def test_a_password_is_refused_in_formal_dutch(
    approver: User, signed_in: SignIn, first: str, second: str, said: str
):
    User.objects.update(language="nl")
    typed = {"oldpassword": factories.PASSWORD, "password1": first, "password2": second}
    page = signed_in(approver).post(reverse("account_change_password"), typed).content.decode()
    assert said in page


def test_a_changed_password_ends_every_session(approver: User, signed_in: SignIn):
    here, elsewhere = signed_in(approver), signed_in(approver)
    typed = {
        "oldpassword": factories.PASSWORD,
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    }
    assert here.get(reverse("account_change_password")).status_code == 200
    assert here.post(reverse("account_change_password"), typed).status_code == 302

    assert (is_in(here), is_in(elsewhere)) == (False, False)
    assert AuditEntry.objects.get(verb="user.password_set").actor == approver
    assert post_login(here, approver, NEW_PASSWORD).status_code == 302


def test_a_forgotten_password_is_chosen_anew_by_mail(
    client: Client, approver: User, signed_in: SignIn
):
    elsewhere = signed_in(approver)
    client.post(reverse("account_reset_password"), {"email": approver.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link

    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    typed = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    response = client.post(address, typed, follow=True)
    assert response.redirect_chain[-1][0] == reverse("account_reset_password_from_key_done")
    assert not is_in(elsewhere)
    assert post_login(client, approver, NEW_PASSWORD).status_code == 302
    again = Client().get(link[1], follow=True)
    assert again.context["token_fail"] is True


def test_no_mail_goes_to_an_address_without_account(client: Client, db: None):
    response = client.post(reverse("account_reset_password"), {"email": "nobody@x.example"})
    assert response.url == reverse("account_reset_password_done")
    assert mail.outbox == []


# --- Two steps --------------------------------------------------------------------------------


def code_now(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_two_steps_from_the_square_code_to_the_second_sign_in(approver: User, client: Client):
    post_login(client, approver)
    page = client.get(reverse("mfa_activate_totp"), follow=True)
    again = page.redirect_chain[-1][0]
    page = client.post(again, {"password": factories.PASSWORD}, follow=True)
    assert b"<svg" in page.content
    assert b"data:image" not in page.content
    secret = page.context["form"].secret
    page = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    codes = page.context["unused_codes"]
    for name in ("mfa_index", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert client.get(reverse(name)).status_code == 200

    other = Client()
    assert post_login(other, approver).url == reverse("mfa_authenticate")
    assert not is_in(other)
    assert other.get(reverse("mfa_authenticate")).status_code == 200
    code = code_now(secret)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).url == "/"
    assert is_in(other)

    onlooker = Client()
    post_login(onlooker, approver)
    for used in (code, codes[0][::-1]):
        answer = onlooker.post(reverse("mfa_authenticate"), {"code": used})
        assert (answer.status_code, is_in(onlooker)) == (200, False)
    assert onlooker.post(reverse("mfa_authenticate"), {"code": codes[0]}).url == "/"


def test_a_change_to_security_asks_for_the_password_again(approver: User, signed_in: SignIn):
    client = signed_in(approver)
    response = client.get(reverse("mfa_activate_totp"))
    assert response.url.startswith(reverse("account_reauthenticate"))
    assert client.get(response.url).status_code == 200


# --- Language ---------------------------------------------------------------------------------


def test_the_accounts_language_comes_with_signing_in(client: Client, zone: Unit):
    user = factories.make_user(Role.REPORTER, zone, language="nl")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    response = post_login(client, user)
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "nl"
    assert client.get(reverse("account"))["Content-Language"] == "nl"

    client.post(reverse("set-language"), {"language": "de", "next": "/"})
    assert client.get(reverse("account"))["Content-Language"] == "de"
