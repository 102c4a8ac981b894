"""Several calls at the same moment on the real database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def together(calls: Sequence[Callable[[], Any]], *refusals: type[Exception]) -> list[Any]:
    """The answers of all calls, started together, each in a thread and connection of its own.

    One of ``refusals`` is an answer, too.
    """
    start = Barrier(len(calls), timeout=30)

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return call()
        except refusals as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, timeout=120))
