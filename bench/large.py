"""Everything recomputed at 0.5, 1 and 5 million figures: time and memory grow as the data does.

Other sizes, in millions, as arguments: ``python -m bench large 0.1 0.2``.

The world grows by indicators, of which a recomputation holds one at a time. Each recomputation is a
process of its own, so that its peak of memory is its own. Its CPU seconds, start included, say
the same on a busy machine: on SQLite the database runs in that process.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time

from django.db import connection, transaction

from . import world
from .export import peak
from .measure import seconds

MILLIONS = (0.5, 1, 5)
#: Ten indicators, seven of them with four options, for 176 zones in 16 quarters.
PER_TEN = 107_008


def run() -> None:
    from progress.models import Result

    with transaction.atomic():
        world.load()
        world.add_quarters(world.QUARTERS)
    print(f"recomputation, {connection.vendor}")
    print("   figures  results  seconds  of it CPU  µs of it per figure   peak")
    found, indicators = [], 0
    for millions in [float(each) for each in sys.argv[2:]] or MILLIONS:
        wanted = math.ceil(millions * 1e6 / PER_TEN) * 10
        with transaction.atomic():
            world.add_indicators(wanted - indicators, with_options=True)
            indicators = wanted
            world.fill()
        Result.objects.all().delete()
        taken = _in_a_process()
        found.append((taken["figures"], taken["cpu"], taken["peak"]))
        print(
            f"{taken['figures']:10,}  {taken['results']:7,}  {taken['seconds']:7.1f}"
            f"  {taken['cpu']:9.1f}  {taken['cpu'] / taken['figures'] * 1e6:19.1f}"
            f"  {taken['peak'] / 2**20:4.0f} MB",
            flush=True,
        )
    for name, place in (("CPU time", 1), ("peak of memory", 2)):
        exponent = slope([(math.log(row[0]), math.log(row[place])) for row in found])
        print(f"{name} grows as figures ^ {exponent:.2f}")


def slope(points: list[tuple[float, float]]) -> float:
    """Of the line of least squares."""
    middle_x, middle_y = (sum(each) / len(points) for each in zip(*points, strict=True))
    across = sum((x - middle_x) ** 2 for x, _y in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / across


def _in_a_process() -> dict[str, float]:
    command = [sys.executable, "-m", "bench", "recompute"]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def recompute() -> None:
    from progress.services import recompute_all
    from submissions.models import Cell

    results: list[int] = []
    taken = seconds(lambda: results.append(recompute_all()))
    answer = {"seconds": taken, "cpu": time.process_time(), "results": results[0], "peak": peak()}
    print(json.dumps({**answer, "figures": Cell.objects.count()}))
