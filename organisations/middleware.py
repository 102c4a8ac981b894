"""Middleware of accounts: the language that somebody chose for themselves."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

Handler = Callable[[HttpRequest], HttpResponse]


class AccountLanguage:
    """Signing in brings the account's language to the device; the switch on pages overrules it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = request.user
        if before.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            activate(request, before.language)
        response = self.get_response(request)
        after = request.user
        if after.is_authenticated and not before.is_authenticated:
            remember(response, after.language)
        return response


def activate(request: HttpRequest, language: str) -> None:
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = language


def remember(response: HttpResponse, language: str) -> None:
    """Keep a language on the device, as the switch on the pages does."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
