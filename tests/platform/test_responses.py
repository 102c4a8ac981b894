"""What every response carries, error pages included."""

import logging

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platform.urls")]

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("/healthz", "localhost", 200),
        ("/accounts/login/", "localhost", 200),
        ("/nowhere/", "localhost", 404),
        ("/fails/", "localhost", 500),
        ("/accounts/login/", "evil.example", 400),
    ],
)
def test_security_headers(client: Client, store: str, address: str, host: str, status: int) -> None:
    response = client.get(address, headers={"host": host})
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert len(response.headers["X-Request-ID"]) == 32


def test_post_without_token_is_refused_with_headers() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert response.status_code == 403
    assert response.headers["X-Frame-Options"] == "DENY"


def test_pages_of_the_signed_in_are_not_stored(client: Client) -> None:
    assert "Cache-Control" not in client.get("/private/").headers
    client.force_login(get_user_model().objects.create(email="reader@example.be"))
    directives = client.get("/private/").headers["Cache-Control"].split(", ")
    assert {"no-store", "private"} <= set(directives)


def test_request_is_logged_by_route_without_its_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="jalon.request"):
        client.get("/private/?q=Dupont")
    (record,) = caplog.records
    assert record.getMessage() == "GET private/ 200"
