"""What tests about people share."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from organisations.enums import Role
from organisations.models import Unit, User
from tests import factories


@pytest.fixture(autouse=True)
def no_earlier_tries() -> None:
    """The counters of the throttle start at nothing."""
    cache.clear()


@pytest.fixture
def zone(db: None) -> Unit:
    return factories.make_zone("namur")


@pytest.fixture
def other_zone(db: None) -> Unit:
    return factories.make_zone("liege", dca=factories.make_dca("dca-liege"))


@pytest.fixture
def administrator(db: None) -> User:
    return factories.make_user(Role.ADMINISTRATOR)


@pytest.fixture
def approver(zone: Unit) -> User:
    return factories.make_user(Role.APPROVER, zone)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def mailed_link() -> Callable[[], str]:
    """The path of the link in the last mail sent."""

    def path() -> str:
        found = re.search(r"https?://[^/]+(/people/invitations/\S+)", mail.outbox[-1].body)
        assert found
        return found[1]

    return path
