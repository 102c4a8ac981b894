"""A cache whose loss costs a page 0.2 seconds at most."""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PAUSE_SECONDS = 5.0
OPERATIONS = (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "get_many",
    "has_key",
    "incr",
    "set_many",
    "delete_many",
    "clear",
)


class QuietRedisCache(RedisCache):
    """Redis, or this process's memory while Redis is away.

    After a failure Redis is left alone for `PAUSE_SECONDS`, so a request meets at most one
    time-out. Memory keeps what must go on meanwhile: the counters of failed sign-ins.
    """

    _away_until = 0.0

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache(f"fallback of {server}", {"KEY_PREFIX": self.key_prefix})


def _guarded(name: str) -> Callable[..., Any]:
    operation: Callable[..., Any] = getattr(RedisCache, name)

    def guarded(self: QuietRedisCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= QuietRedisCache._away_until:
            try:
                return operation(self, *args, **kwargs)
            except RedisError:
                QuietRedisCache._away_until = time.monotonic() + PAUSE_SECONDS
        return getattr(self._memory, name)(*args, **kwargs)

    return guarded


for _name in OPERATIONS:
    setattr(QuietRedisCache, _name, _guarded(_name))
