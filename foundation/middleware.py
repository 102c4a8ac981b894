"""Middleware of the platform: a log line per request, no copies of private pages, no NUL."""

import logging
import time
import uuid
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import add_never_cache_headers, patch_cache_control

from foundation.logging import request_id

Handler = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger("jalon.request")


class RequestLog:
    """Gives each request an id, told in `X-Request-ID` and in every log line it causes.

    The line says the route and never the address: a query may hold a name.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(uuid.uuid4().hex)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            self._log(request, response, time.perf_counter() - started)
            return response
        finally:
            request_id.reset(token)

    def _log(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        fields = {
            "method": request.method,
            "route": match.route if match else "-",
            "status": response.status_code,
            "milliseconds": round(seconds * 1000),
        }
        logger.info("%(method)s %(route)s %(status)s", fields, extra={"fields": fields})


class NoStore:
    """Pages shown to somebody who is signed in are kept by no cache, shared or private."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        signed_in = was_signed_in or request.user.is_authenticated
        if "Cache-Control" not in response and signed_in:
            add_never_cache_headers(response)
            patch_cache_control(response, no_store=True)
        return response


class NoNul:
    """PostgreSQL refuses a NUL in what it is asked; whoever sends one reads that it was not read.

    SQLite finds nothing for it. Texts that are kept have another sign in its place: see ``words``.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, DataError) and (
            "\0" in request.path or _has_nul(request.GET) or _has_nul(request.POST)
        ):
            raise BadRequest("NUL in what was sent") from exception


def _has_nul(sent: QueryDict) -> bool:
    return any("\0" in text for name, texts in sent.lists() for text in (name, *texts))
