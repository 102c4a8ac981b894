"""What an explanation of a figure says: plain values, the same for a page and for JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Quantity:
    """An exact number and how it is shown."""

    exact: Fraction | None
    text: str


@dataclass(frozen=True)
class Named:
    code: str
    name: str


@dataclass(frozen=True)
class Part:
    """What a subject said in a period, validated; parts in units of 10^-decimals.

    ``subject`` is another than its line's unit where a former unit said it.
    """

    period: str
    subject: Named
    status: str
    numerator: int | None
    denominator: int | None
    population: int | None
    revision: int | None
    text: str
    reason: str


@dataclass(frozen=True)
class Line:
    """A unit of today that is in a sum, or out of it and why."""

    unit: Named
    why_out: str
    value: Quantity
    parts: tuple[Part, ...]
    is_carried: bool


@dataclass(frozen=True)
class Told:
    """Coverage: (expected − not applicable) asked, ``reported`` of them in; shares from 0 to 1."""

    expected: int
    not_applicable: int
    reported: int
    not_available: int
    missing: int
    in_review: int
    by_number: Quantity
    population_expected: int | None
    population_reported: int | None
    by_population: Quantity
    minimum: Quantity


@dataclass(frozen=True)
class Sum:
    """The value of the period alone, or of its rolling year.

    ``units_in`` and ``units_out`` are the lines of those that the reader may see; ``carried`` is
    how many of all units have former units' parts in it. ``not_closed`` are the periods because of
    which the units of a closed rolling year are kept from the reader.
    """

    is_year: bool
    is_judged: bool
    periods: tuple[str, ...]
    formula: str
    numerator: int | None
    denominator: int | None
    value: Quantity
    coverage: Told
    distribution: tuple[int, ...] | None
    median: int | None
    is_unstable: bool
    carried: int
    units_in: tuple[Line, ...]
    units_out: tuple[Line, ...]
    not_closed: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    day: dt.date
    value: Quantity


@dataclass(frozen=True)
class Asked:
    """What the path asks for: its points, and p written out. ``due`` steps of milestones."""

    nodes: tuple[Node, ...]
    band_low: Quantity
    band_high: Quantity
    due_dates: tuple[dt.date, ...]
    required: Quantity
    formula: str
    scaled_by: Quantity
    valid_from: dt.date | None


@dataclass(frozen=True)
class Compared:
    """A year earlier and now: over the units that reported both, and the raw totals."""

    period: str
    units: int
    then: Quantity
    now: Quantity
    change: Quantity
    total_then: Quantity
    total_now: Quantity


@dataclass(frozen=True)
class Explanation:
    """``revised`` is what the latest figures give beside a frozen one; ``is_revision`` says that
    it is they that are explained."""

    indicator: Named
    unit: str
    decimals: int
    period: Named
    area: Named
    option: Named | None
    state: str
    closed_at: dt.datetime | None
    revised: Quantity | None
    is_revision: bool
    status: Named
    sentences: tuple[str, ...]
    sums: tuple[Sum, ...]
    asked: Asked | None
    ratio: Quantity
    ratio_formula: str
    materiality: Quantity
    materiality_formula: str
    compared: Compared | None
    method_version: str
    definition_version: int
    definition_valid_from: dt.date | None
    fingerprint: str
    changed_at: dt.datetime
    is_current: bool
    is_restricted: bool
    names_units: bool

    @property
    def judged(self) -> Sum:
        """The sum that is held against the path."""
        return next(each for each in self.sums if each.is_judged)


@dataclass(frozen=True)
class Seen:
    """What the reader may see of single units: names by slug, all ``reasons`` of figures.

    Reasons are by slug, period and revision. ``whole`` are the codes of the periods of which no
    unit is kept from the reader; of others only ``own`` units are seen, by slug.
    """

    names: Mapping[str, str]
    reasons: Mapping[tuple[str, str, int], str]
    whole: Collection[str] = frozenset()
    own: Collection[str] = frozenset()

    def shows(self, slug: str, code: str) -> bool:
        """Whether the reader sees what a unit said in a period."""
        return slug in self.names and (code in self.whole or slug in self.own)
