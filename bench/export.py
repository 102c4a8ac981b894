"""An export of all figures, against the bare writer fed from values_list of as many columns.

Each run is a process of its own (``python -m bench.export product xlsx``), so that its peak of
memory is its own; it prints seconds and bytes as JSON.
"""

from __future__ import annotations

import csv
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import IO, Any

from rustpy_xlsxwriter import FastExcel

from .measure import Measure, seconds

Run = tuple[float, int]


def measure(extension: str, runs: int = 3) -> Measure:
    found: dict[str, list[Run]] = {"product": [], "bound": []}
    for _run in range(runs):
        for side, taken in found.items():
            taken.append(_in_a_process(side, extension))
    times = [statistics.median(run[0] for run in taken) for taken in found.values()]
    peaks = [round(statistics.median(run[1] for run in taken)) for taken in found.values()]
    from progress.resources import FigureResource

    rows = FigureResource().get_queryset().count()
    return Measure(f"export, {rows:,} rows, {extension.upper()}", *times, *peaks)


def _in_a_process(side: str, extension: str) -> Run:
    command = [sys.executable, "-m", "bench.export", side, extension]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["peak"]


def product(extension: str) -> None:
    """The whole answer of the download page."""
    from django.test import Client
    from django.urls import reverse

    from . import world

    client = Client(SERVER_NAME="localhost")
    client.force_login(world.reader())
    name = {"xlsx": "download-workbook", "csv": "download-csv"}[extension]
    response = client.get(reverse(name, args=["figures"]))
    with tempfile.TemporaryFile() as target:
        for piece in response.streaming_content:
            target.write(piece)


def bound(extension: str) -> None:
    write: dict[str, Callable[[IO[bytes]], None]] = {"xlsx": _bare_workbook, "csv": _bare_csv}
    with tempfile.TemporaryFile() as target:
        write[extension](target)


def _columns() -> list[str]:
    """As many columns of the table as the product's file has."""
    from progress.resources import FigureResource

    figures = FigureResource()
    return list(islice(cycle(figures.lookups), len(figures.columns)))


def _rows() -> Iterator[tuple[Any, ...]]:
    from progress.resources import FigureResource

    return FigureResource().get_queryset().values_list(*_columns()).iterator(chunk_size=5000)


def _bare_workbook(target: IO[bytes]) -> None:
    columns = _columns()
    names = [f"{place} {column}" for place, column in enumerate(columns)]
    records = (dict(zip(names, row, strict=True)) for row in _rows())
    FastExcel(target).sheet("Data", records).save()


def _bare_csv(target: IO[bytes]) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    csv.writer(text).writerows(_rows())
    text.flush()
    text.detach()


def main() -> None:
    import django

    django.setup()
    side, extension = sys.argv[1:]
    work = {"product": product, "bound": bound}[side]
    taken = seconds(lambda: work(extension))
    print(json.dumps({"seconds": taken, "peak": peak()}))


def peak() -> int:
    """This process's own peak in bytes.

    On Linux getrusage() also counts what the process that started this one held, so the kernel's
    high-water mark comes first.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    main()
