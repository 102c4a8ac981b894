"""A NUL in an address or a form: PostgreSQL refuses it, and nobody meets an error of ours."""

from contextlib import nullcontext

import pytest
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from foundation.middleware import NoNul
from organisations.enums import Role
from tests import factories as make

pytestmark = pytest.mark.django_db
READ = [
    "/search/?q=a%00b",
    "/data/codebook/?q=%00",
    "/progress/coverage/?round=%00&province=%00&theme=%00",
    "/progress/?theme=%00&q=%00",
    "/report/2026-Q1%00/namur/",
    "/plan/actions/?q=%00&objective=%00",
    "/%00",
]


@pytest.fixture
def client() -> Client:
    make.make_zone("namur")
    client = Client(raise_request_exception=False)
    client.force_login(make.make_user(Role.SECRETARIAT))
    return client


@pytest.mark.parametrize("address", READ)
def test_an_address_with_a_nul_is_no_error_of_ours(client, address):
    assert client.get(address).status_code in (200, 302, 400, 404, 422)


def test_who_signs_in_with_a_nul_is_told(client):
    response = Client(raise_request_exception=False).post(
        reverse("account_login"), {"login": "a\0b@police.example", "password": "a\0b"}
    )
    assert response.status_code == 200
    assert response.context["form"].errors


@pytest.mark.parametrize(("query", "is_refused"), [("?q=a%00", True), ("?q=a", False)])
def test_only_what_was_sent_with_a_nul_is_a_bad_request(rf, query, is_refused):
    request = rf.get(f"/search/{query}")
    with pytest.raises(BadRequest) if is_refused else nullcontext():
        NoNul(HttpResponse).process_exception(request, DataError("no NUL"))
