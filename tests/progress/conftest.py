import pytest

from organisations.enums import AreaKind, Role
from tests.factories import make_area, make_user


@pytest.fixture
def nation(db):
    return make_area("belgium", AreaKind.NATION)


@pytest.fixture
def secretariat(db):
    return make_user(Role.SECRETARIAT)


@pytest.fixture
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
