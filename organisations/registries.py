"""What the apps above do when the known populations change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from foundation.registries import Registry

from .models import User


@dataclass(frozen=True, slots=True)
class PopulationTaker:
    """``take`` is called in the transaction that changed the populations of units, by id."""

    name: str
    take: Callable[[User | None, Collection[int]], object]


population_takers: Registry[PopulationTaker] = Registry()


def populations_changed(*, actor: User | None, units: Collection[int]) -> None:
    """Tell every app above, in floor order."""
    for taker in population_takers:
        taker.take(actor, units)
