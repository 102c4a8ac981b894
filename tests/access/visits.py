"""Visiting an address as one of the table's people, and undoing what the visit changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.access.world import World

WITH_A_BODY = ("GET", "HEAD", "POST")
_WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
#: A visit may touch its own session.
_OF_THE_VISIT = "django_session"


@dataclass(frozen=True, slots=True)
class Visit:
    """An answer with what it carries, and the tables that were written to on the way to it."""

    response: HttpResponse
    content: bytes
    written: list[str]

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def answer(self) -> str:
        """As the table says it: a status, or where a redirect leads if it asks who one is."""
        if self.response.status_code != 302:
            return str(self.response.status_code)
        target = self.response["Location"]
        doors = {
            "in": (reverse("account_login"),),
            "again": (reverse("account_reauthenticate"), reverse("mfa_reauthenticate")),
            "door": (reverse("admin:login"),),
        }
        return next((name for name, urls in doors.items() if target.startswith(urls)), "302")


class Visitor:
    """Makes visits to ``world``, which is as before after each of them."""

    def __init__(self, world: World, **options: Any) -> None:
        self.world = world
        # One client, since each builds the whole chain of middleware.
        self._client = Client(**options)
        self._sessions = {person: self._session(person) for person in world.people}

    def visit(
        self,
        person: str,
        method: str,
        url: str,
        data: Mapping[str, Any] | None = None,
        **headers: Any,
    ) -> Visit:
        self._become(person)
        send = getattr(self._client, method.lower())
        body = {"data": data} if method in WITH_A_BODY else {}
        cache.clear()  # The throttle counts anew.
        with undone(), writes() as written:
            response = send(url, **body, **headers)
            content = b"".join(response) if response.streaming else response.content
        return Visit(response, content, written)

    def csrf_token(self, person: str) -> str:
        """A token of the person's, and its cookie at the client for the next visit."""
        return self.visit(person, "GET", reverse("foundation:help")).response.context["csrf_token"]

    def _session(self, person: str) -> str:
        user = self.world.people[person]
        if user is None:
            return ""
        self._client.cookies.clear()
        self._client.force_login(user)
        return self._client.cookies[settings.SESSION_COOKIE_NAME].value

    def _become(self, person: str) -> None:
        """As right after signing in; a token against forged posts is kept."""
        for name in set(self._client.cookies) - {settings.CSRF_COOKIE_NAME}:
            del self._client.cookies[name]
        self._client.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[person]


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
        written = _WRITE.match(sql)
        if written and written[1] != _OF_THE_VISIT:
            found.append(written[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found
