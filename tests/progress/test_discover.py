"""The tour and the entrances without a password: in the demonstration, on this machine only."""

import pytest
from django.urls import reverse

from organisations.enums import Role
from organisations.models import User
from tests.factories import make_user, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> User:
    return make_user(Role.REPORTER, make_zone(), is_demo=True)


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def enter(client, user, **headers):
    return client.post(reverse("demo-enter", args=[user.pk]), {"next": "/report/"}, **headers)


def test_outside_the_demonstration_neither_address_exists(client, account):
    assert client.get("/decouvrir").status_code == 404
    assert enter(client, account).status_code == 404


def test_a_demonstration_account_is_entered_without_a_password(client, account, demo):
    assert client.get("/decouvrir").status_code == 200
    answer = enter(client, account)
    assert (answer.status_code, answer["Location"]) == (302, "/report/")
    assert client.get(reverse("account")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
    ],
)
def test_from_elsewhere_or_through_a_proxy_there_is_no_entrance(client, account, demo, headers):
    assert enter(client, account, **headers).status_code == 404
    assert client.get("/decouvrir", **headers).status_code == 404


def test_real_accounts_have_no_such_entrance(client, demo):
    assert enter(client, make_user(Role.ADMINISTRATOR)).status_code == 404


def test_an_address_elsewhere_is_not_followed(client, account, demo):
    answer = client.post(reverse("demo-enter", args=[account.pk]), {"next": "https://example.com/"})
    assert answer["Location"] == reverse("home")


def test_the_entrances_lead_to_where_one_was_going(client, account, demo):
    sign_in = reverse("account_login")
    field = '<input type="hidden" name="next" value="/report/?a=1&amp;b=2">'
    target = "/report/?a=1&b=2"
    wrong = {"login": "nobody@example.be", "password": "wrong", "next": target}
    for page in (client.get(sign_in, {"next": target}), client.post(sign_in, wrong)):
        panel = page.text[page.text.index(reverse("demo-enter", args=[account.pk])) :]
        assert field in panel


def test_the_sign_in_page_offers_them_in_the_demonstration_only(client, account, settings):
    page = reverse("account_login")
    entrance = reverse("demo-enter", args=[account.pk])
    assert entrance not in client.get(page).content.decode()
    settings.DEMO = True
    assert entrance in client.get(page).content.decode()
