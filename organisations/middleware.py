"""Middleware of accounts: pages in the reader's own language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from . import languages

Handler = Callable[[HttpRequest], HttpResponse]


class AccountLanguage:
    """Whoever is signed in reads in their own language: the account's, else the unit's.

    Signing in brings it to the device, for the pages that are open to everybody.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = request.user
        if before.is_authenticated:
            translation.activate(languages.of_reader(request, before))
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        after = request.user
        if after.is_authenticated and not before.is_authenticated:
            remember(response, after.own_languages)
        return response


def remember(response: HttpResponse, own: list[str]) -> None:
    """Keep a reader's one language on the device, as the switch on the pages does."""
    if len(own) == 1:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            own[0],
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
