import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from redis.backoff import NoBackoff
from redis.retry import Retry

from foundation.cache import QuietRedisCache


@pytest.fixture
def silent_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[QuietRedisCache]:
    """A cache on a server that accepts connections and never answers."""
    monkeypatch.setattr(QuietRedisCache, "_away_until", 0.0)
    path = tmp_path / "s"
    options = {"socket_timeout": 0.2, "retry": Retry(NoBackoff(), 0)}
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield QuietRedisCache(f"unix://{path}", {"OPTIONS": options})


def test_a_running_store_keeps_values(store: str) -> None:
    cache = caches["default"]
    cache.set("key", [1, 2])
    assert cache.get("key") == [1, 2]
    assert cache.add("key", 3) is False
    assert QuietRedisCache._away_until == 0.0


def test_a_silent_store_costs_one_time_out_for_many_operations(
    silent_store: QuietRedisCache,
) -> None:
    started = time.monotonic()
    for number in range(20):
        silent_store.set(str(number), number)
    assert silent_store.get_many(["1", "2"]) == {"1": 1, "2": 2}
    assert 0.15 < time.monotonic() - started < 0.4


def test_failed_sign_ins_are_still_counted(silent_store: QuietRedisCache) -> None:
    silent_store.add("failed", 1)
    assert silent_store.add("failed", 1) is False
    assert silent_store.incr("failed") == 2
