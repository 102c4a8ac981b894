"""Which periods are settled for good, as the apps above say."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from foundation.registries import Registry


@dataclass(frozen=True, slots=True)
class Closure:
    """``closed`` returns the ids of the periods whose results are frozen."""

    name: str
    closed: Callable[[], Collection[int]]


closures: Registry[Closure] = Registry()


def closed_periods() -> set[int]:
    return {period for closure in closures for period in closure.closed()}
