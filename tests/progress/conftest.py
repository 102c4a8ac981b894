import pytest

from organisations.enums import AreaKind
from tests.factories import make_area


@pytest.fixture
def nation(db):
    return make_area("belgium", AreaKind.NATION)
