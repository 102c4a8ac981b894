"""Which tests `.ci/run` repeats on PostgreSQL and Redis: all that may reach them."""

import pytest

from organisations.models import User


def is_repeated(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("servers") is not None


def test_what_is_not_repeated_cannot_reach_the_database(request: pytest.FixtureRequest) -> None:
    assert not is_repeated(request)
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        User.objects.exists()


@pytest.mark.django_db
def test_a_marked_test_is_repeated(request: pytest.FixtureRequest) -> None:
    assert is_repeated(request)


def test_a_test_with_the_database_is_repeated(request: pytest.FixtureRequest, db: None) -> None:
    assert is_repeated(request)


def test_a_test_with_the_store_is_repeated(request: pytest.FixtureRequest, store: str) -> None:
    assert is_repeated(request)


@pytest.mark.processes
def test_a_test_that_starts_processes_is_repeated(request: pytest.FixtureRequest) -> None:
    assert is_repeated(request)
