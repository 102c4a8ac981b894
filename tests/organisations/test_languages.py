"""The language of a page: the account's, then the unit's, then the browser's, then French."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.models import AuditEntry
from organisations.enums import Role
from organisations.models import Membership, Unit, User
from tests import factories

SignIn = Callable[[User], Client]
COOKIE = settings.LANGUAGE_COOKIE_NAME


@pytest.fixture
def ghent(db: None) -> Unit:
    return factories.make_zone("gent", language="nl")


@pytest.fixture
def brussels(db: None) -> Unit:
    return factories.make_zone("bruxelles", language="fr/nl")


def language_of(client: Client, header: str = "", url_name: str = "account") -> str:
    headers = {"accept-language": header} if header else {}
    return str(client.get(reverse(url_name), headers=headers)["Content-Language"])


def switch(client: Client, language: str, back: str = "/") -> None:
    client.post(reverse("set-language"), {"language": language, "next": back})


# --- The order --------------------------------------------------------------------------------


def test_the_account_comes_before_the_unit(ghent: Unit, signed_in: SignIn):
    user = factories.make_user(Role.REPORTER, ghent, language="de")
    assert language_of(signed_in(user), "fr") == "de"


def test_the_unit_comes_before_the_browser(ghent: Unit, signed_in: SignIn):
    client = signed_in(factories.make_user(Role.REPORTER, ghent))
    assert language_of(client, "fr, en;q=0.5") == "nl"
    client.cookies[COOKIE] = "fr"
    assert language_of(client) == "nl"


@pytest.mark.parametrize(("header", "expected"), [("de-BE, nl;q=0.5", "de"), ("", "fr")])
def test_without_a_unit_the_browser_decides_then_french(header, expected, administrator, signed_in):
    assert language_of(signed_in(administrator), header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [("nl-BE, fr;q=0.8", "nl"), ("fr-BE, nl;q=0.8", "fr"), ("de, nl;q=0.2", "nl"),
     ("de", "fr"), ("", "fr")],
)  # fmt: skip
def test_a_bilingual_unit_leaves_its_two_to_the_browser(brussels, signed_in, header, expected):
    assert language_of(signed_in(factories.make_user(Role.REPORTER, brussels)), header) == expected


def test_what_was_chosen_on_the_browser_counts_before_its_header(brussels: Unit, signed_in: SignIn):
    client = signed_in(factories.make_user(Role.REPORTER, brussels))
    client.cookies[COOKIE] = "nl"
    assert language_of(client, "fr") == "nl"
    client.cookies[COOKIE] = "de"
    assert language_of(client, "nl") == "nl"


def test_a_closed_membership_speaks_no_language(ghent: Unit, signed_in: SignIn):
    user = factories.make_user(Role.REPORTER, ghent)
    user.memberships.update(end=timezone.localdate())
    assert language_of(signed_in(user), "de") == "de"


def test_of_several_units_the_earliest_held_speaks(ghent: Unit, zone: Unit, signed_in: SignIn):
    Unit.objects.filter(pk=zone.pk).update(language="fr")
    user = factories.make_user(Role.REPORTER, zone)
    Membership.objects.create(user=user, role=Role.REPORTER, unit=ghent, start=dt.date(2019, 1, 1))
    assert language_of(signed_in(user), "fr") == "nl"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cookie", "header", "expected"), [("nl", "de", "nl"), ("", "de", "de"), ("", "", "fr")]
)
def test_for_who_is_not_signed_in_it_is_the_cookie_the_browser_then_french(
    cookie, header, expected
):
    client = Client()
    if cookie:
        client.cookies[COOKIE] = cookie
    assert language_of(client, header, "foundation:help") == expected


# --- The switch -------------------------------------------------------------------------------


def test_the_switch_changes_the_account_so_that_the_choice_follows_its_owner(
    ghent: Unit, signed_in: SignIn
):
    user = factories.make_user(Role.REPORTER, ghent)
    switch(signed_in(user), "fr")
    user.refresh_from_db()
    assert user.language == "fr"
    assert language_of(signed_in(user), "nl") == "fr"
    entry = AuditEntry.objects.get(verb="user.changed")
    assert (entry.actor, entry.details) == (user, {"language": "fr"})


def test_the_switch_leaves_the_account_alone_for_the_same_language_or_an_unknown_one(
    ghent: Unit, signed_in: SignIn
):
    user = factories.make_user(Role.REPORTER, ghent, language="nl")
    for language in ("nl", "xx", ""):
        switch(signed_in(user), language)
    user.refresh_from_db()
    assert user.language == "nl"
    assert not AuditEntry.objects.filter(verb="user.changed").exists()


def test_an_emptied_account_speaks_as_the_unit_again(ghent: Unit, signed_in: SignIn):
    user = factories.make_user(Role.REPORTER, ghent, language="fr")
    client = signed_in(user)
    client.post(reverse("account"), {"name": user.name, "language": ""})
    assert language_of(client) == "nl"


def test_a_unit_s_language_comes_to_the_device_with_signing_in(ghent: Unit):
    user = factories.make_user(Role.REPORTER, ghent)
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": factories.PASSWORD})
    client.post(reverse("account_logout"))
    assert language_of(client, "fr", "foundation:help") == "nl"


# --- Mails, and what it costs -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "unit", "expected"),
    [("de", "nl", "de"), ("", "nl", "nl"), ("", "fr/nl", "fr"), ("", None, "fr")],
)
@pytest.mark.django_db
def test_mails_are_in_the_account_s_language_then_the_unit_s_then_french(own, unit, expected):
    zone = factories.make_zone("a", language=unit) if unit else None
    role = Role.REPORTER if zone else Role.ADMINISTRATOR
    assert factories.make_user(role, zone, language=own).reading_language == expected


@pytest.mark.parametrize(
    ("own", "asked", "done"),
    [("", "een ander wachtwoord kiezen", "Uw wachtwoord"), ("de", "ein anderes", "Ihr Passwort")],
)
def test_mails_about_a_password_are_in_the_language_of_who_reads_them(
    ghent: Unit, own, asked, done
):
    user = factories.make_user(Role.REPORTER, ghent, language=own)
    client = Client(headers={"accept-language": "fr"})
    page = client.post(reverse("account_reset_password"), {"email": user.email}, follow=True)
    assert page["Content-Language"] == "fr"
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    address = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(address, dict.fromkeys(("password1", "password2"), "another-sentence-for-tests"))
    assert asked in mail.outbox[0].subject
    assert done in mail.outbox[1].body


@pytest.mark.django_db
def test_a_refused_sign_in_is_told_formally():
    client = Client(headers={"accept-language": "nl"})
    page = client.post(reverse("account_login"), {"login": "x@y.example", "password": "wrong"})
    assert "Het e-mailadres of het wachtwoord is niet juist." in page.content.decode()


def test_the_language_and_the_rights_of_a_user_are_one_query(
    ghent: Unit, django_assert_num_queries
):
    user = User.objects.get(pk=factories.make_user(Role.REPORTER, ghent).pk)
    with django_assert_num_queries(1):
        assert user.own_languages == ["nl"]
        assert user.reading_language == "nl"
        assert user.access.may("submissions.enter", ghent.pk)


def test_users_read_with_their_memberships_cost_no_query_each(
    ghent: Unit, brussels: Unit, django_assert_num_queries
):
    for place in (ghent, brussels):
        factories.make_user(Role.REPORTER, place)
    with django_assert_num_queries(3):
        users = list(User.objects.order_by("pk").prefetch_related("memberships__unit"))
        assert [user.reading_language for user in users] == ["nl", "fr"]


# --- What is noted of a unit ------------------------------------------------------------------


@pytest.fixture
def noted(brussels: Unit) -> Unit:
    french = {"source_fr": "Liste publique", "note_fr": "Issue d’une fusion."}
    dutch = {"source_nl": "Openbare lijst", "note_nl": "Ontstaan uit een fusie."}
    Unit.objects.filter(pk=brussels.pk).update(**french, **dutch)
    of_merger = {"source_fr": "presse, 2025", "source_nl": "pers, 2025", "precision": "unknown"}
    brussels.predecessions.create(predecessor_label="Midi", **of_merger)
    return brussels


def page_of(unit: Unit, language: str) -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(factories.make_user(Role.STEERING, language=language))
    return client.get(reverse("unit-detail", args=[unit.slug])).content.decode()


def test_what_is_noted_of_a_unit_is_read_in_dutch(noted: Unit):
    page = page_of(noted, "nl")
    assert "<dd>Ontstaan uit een fusie.</dd>" in page
    assert "<dd>Openbare lijst</dd>" in page
    assert '<span class="jalon-note">pers, 2025</span>' in page
    assert "<dd>Français en Nederlands</dd>" in page


def test_what_is_noted_in_no_other_language_says_that_it_is_french(noted: Unit):
    page = page_of(noted, "de")
    assert '<dd lang="fr">Issue d’une fusion.</dd>' in page
    assert '<dd lang="fr">Liste publique</dd>' in page
    assert '<span class="jalon-note" lang="fr">presse, 2025</span>' in page
    assert "<dd>Français und Nederlands</dd>" in page
