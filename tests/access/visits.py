"""Visiting an address as one of the table's people, and undoing what the visit changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from organisations.models import User
from tests.access.table import Row
from tests.access.world import World

BACKEND = "django.contrib.auth.backends.ModelBackend"
#: A visit may touch its own session.
_OF_THE_VISIT = '"django_session"'
_WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Visit:
    """An answer, and the tables that were written to on the way to it."""

    response: HttpResponse
    written: list[str] = field(default_factory=list)

    @property
    def answer(self) -> str:
        """As the table says it: a status, or where a redirect leads if it asks who one is."""
        status = self.response.status_code
        if status != 302:
            return str(status)
        if self.response["Location"].startswith(reverse("account_login")):
            return "in"
        again = (reverse("account_reauthenticate"), reverse("mfa_reauthenticate"))
        return "again" if self.response["Location"].startswith(again) else "302"

    @property
    def text(self) -> str:
        content = b"".join(self.response) if self.response.streaming else self.response.content
        return content.decode(errors="replace")


class Visitor:
    """Makes visits; ``world`` is as before after each of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._cookies: dict[str, Any] = {}

    def url(self, row: Row, route: str) -> str:
        """The address of a row, with the world's arguments; an unnamed route with made-up ones."""
        if row.name.startswith("/"):
            return re.sub(r"<[^>]*>|\(\?P.*\)\$?", "1", route)
        known = self.world.args
        if row.title in known or row.name in known:
            return reverse(row.name, args=known.get(row.title, known.get(row.name)))
        return reverse(row.name, args=self.first_object(row.name))

    @staticmethod
    def first_object(name: str) -> tuple[Any, ...]:
        """For the administration's pages about one object: the first there is."""
        model = _ADMIN_PAGE.fullmatch(name)
        if model is None:
            return ()
        found = connection.introspection.django_table_names
        assert found
        from django.apps import apps

        first = apps.get_model("organisations", model[1]).objects.order_by("pk").first()
        return (first.pk if first else 1,)

    def client(self, person: str, **options: Any) -> Client:
        """A client as it is right after ``person`` signed in."""
        client = Client(**options)
        user = self.world.people[person]
        if user is not None:
            if person not in self._cookies:
                client.force_login(user, backend=BACKEND)
                self._cookies[person] = client.cookies[settings.SESSION_COOKIE_NAME].value
            client.cookies[settings.SESSION_COOKIE_NAME] = self._cookies[person]
        return client

    def visit(
        self,
        person: str,
        method: str,
        url: str,
        data: Mapping[str, Any] | None = None,
        *,
        client: Client | None = None,
        **headers: Any,
    ) -> Visit:
        client = client or self.client(person)
        sent = {} if method in ("PUT", "PATCH", "DELETE", "OPTIONS") else {"data": data}
        with undone(), writes() as written:
            response = getattr(client, method.lower())(url, **sent, **headers)
            visit = Visit(response, written)
            if response.streaming:
                response.content_kept = visit.text
            return visit


_ADMIN_PAGE = re.compile(r"admin:organisations_([a-z]+)_(?:history|delete|change)")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes() -> Iterator[list[str]]:
    """The tables that are written to, the session's apart."""
    found: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        written = _WRITES.match(sql)
        if written and written[2] != _OF_THE_VISIT:
            found.append(written[2].strip('"'))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


def users_of(world: World) -> dict[str, User | None]:
    return dict(world.people)
