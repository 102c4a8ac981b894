import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_up(client: Client, store: str) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "up"})
    assert "no-store" in response.headers["Cache-Control"]


def test_degraded_without_the_store(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = "unix:///nowhere/store.sock"
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "degraded"})


def test_unavailable_without_the_database(client: Client, store: str) -> None:
    def cut(*args: object) -> None:
        raise DatabaseError("connection lost")

    with connection.execute_wrapper(cut):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"status": "degraded"})


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
