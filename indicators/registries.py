"""What a definition and a path may no longer change, as the apps above say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from foundation.registries import Registry


class Measure(StrEnum):
    """The two things by which an indicator measures."""

    DEFINITION = "definition"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Settlement:
    """Up to which day figures were asked by a definition, or judged by a path.

    ``until`` takes an indicator's id and returns that day, or None.
    """

    name: str
    measure: Measure
    until: Callable[[int], dt.date | None]


settlements: Registry[Settlement] = Registry()
