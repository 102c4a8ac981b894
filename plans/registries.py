"""What amendments may change: each app says what an act changed of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from foundation.registries import Label, Registry


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A text before and after an amendment."""

    label: Label
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an amendment changes of one thing: its fields before and after."""

    title: str
    url: str
    fields: Sequence[FieldChange]


@dataclass(frozen=True, slots=True)
class Amendable:
    """A kind of thing that amendments change.

    ``changes`` takes ids of amendments and returns what each changes, in a fixed number of queries.
    ``bring_into_force`` lets pages show what is in force today; it returns how much it changed.
    """

    name: str
    changes: Callable[[Sequence[int]], Mapping[int, Sequence[Change]]]
    bring_into_force: Callable[[], int] | None = None


amendables: Registry[Amendable] = Registry()
