"""Timing: the product and its lower bound take turns, and medians are compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Measure:
    """Medians of a piece of work and of its lower bound: seconds, and bytes where measured."""

    name: str
    product: float
    bound: float
    product_peak: int | None = None
    bound_peak: int | None = None

    @property
    def ratio(self) -> float:
        return self.product / self.bound


def taking_turns(
    name: str, product: Work, bound: Work, *, runs: int, before: Work = lambda: None
) -> Measure:
    """Run both ``runs`` times in turn; ``before`` prepares each run and is not timed."""
    times: tuple[list[float], list[float]] = ([], [])
    for _run in range(runs):
        for work, found in zip((product, bound), times, strict=True):
            before()
            found.append(seconds(work))
    return Measure(name, *map(statistics.median, times))


def seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table(measures: list[Measure]) -> str:
    heads = ("", "product", "lower bound", "ratio", "peak", "peak of the bound")
    rows = [heads, *map(_row, measures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(found: Measure) -> tuple[str, ...]:
    peaks = (found.product_peak, found.bound_peak)
    return (
        found.name,
        _time(found.product),
        _time(found.bound),
        f"{found.ratio:.2f}",
        *("" if peak is None else f"{peak / 2**20:.0f} MB" for peak in peaks),
    )


def _time(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"
