"""Fixed vocabularies of progress."""

from __future__ import annotations

from enum import StrEnum


class DataState(StrEnum):
    """How settled a figure is (METHOD.md 8).

    Provisional until its period is closed; then final, or revised where the figures have changed
    since: the frozen one stands, the later one beside it.
    """

    PROVISIONAL = "provisional"
    FINAL = "final"
    REVISED = "revised"


class Hindrance(StrEnum):
    """Why a period cannot be closed."""

    NOT_LOCKED = "not_locked"
    OWED = "owed"
    SET_ASIDE = "set_aside"


class Cause(StrEnum):
    """Why a figure was revised after its period was closed."""

    CORRECTION = "correction"
    RETURN = "return"
    LATE = "late"
    POPULATION = "population"
    AMENDMENT = "amendment"
    MERGER = "merger"
    METHOD = "method"
