"""One validated submission of 30 figures: the time in the database until its results stand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from foundation import outbox
from foundation.models import OutboxEntry
from indicators.models import Period
from organisations.models import User
from progress.services import TOPIC, recompute_all, recomputed
from submissions.enums import Entrance, State
from submissions.models import Cell, Measurement, Submission
from submissions.services import validate

from . import world

FIGURES = 30
RUNS = 15


class Clock:
    """Seconds spent in the database, executing, fetching and committing, and the statements.

    ``cpu`` are the seconds of this thread alone: on a busy machine what SQLite itself took.
    """

    def __init__(self) -> None:
        self.seconds, self.cpu, self.statements = 0.0, 0.0, 0

    def timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            start, cpu = time.perf_counter(), time.thread_time()
            try:
                return work(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - start
                self.cpu += time.thread_time() - cpu

        return run


class Cursor:
    """A cursor of Django's whose work is timed: rows may come into being only when fetched."""

    def __init__(self, cursor: Any, clock: Clock) -> None:
        self._cursor, self._clock = cursor, clock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._cursor, name)
        if name in ("execute", "executemany"):
            self._clock.statements += 1
        return self._clock.timed(found) if name.startswith(("execute", "fetch")) else found

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_error: object) -> None:
        self._cursor.close()

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row


@contextmanager
def timing() -> Iterator[Clock]:
    clock, make, commit = Clock(), connection.make_cursor, connection._commit
    connection.make_cursor = lambda cursor: Cursor(make(cursor), clock)
    connection._commit = clock.timed(commit)
    try:
        yield clock
    finally:
        connection.make_cursor, connection._commit = make, commit


def measure(quarters: int) -> dict[str, float | int]:
    """Medians over several zones, in the latest of as many quarters: milliseconds."""
    world.add_quarters(quarters - Period.objects.filter(round__isnull=False).count())
    world.fill()
    recompute_all()
    OutboxEntry.objects.update(done_generation=F("generation"))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    latest = Period.objects.filter(round__isnull=False).latest("last_day")
    submissions = list(Submission.objects.filter(round__period=latest).order_by("pk")[: RUNS + 1])
    runs = [_one(submission) for submission in submissions][1:]
    return {
        "quarters": quarters,
        **{name: statistics.median(run[name] for run in runs) for name in runs[0]},
        "most": max(run["database ms"] for run in runs),
    }


def _one(submission: Submission) -> dict[str, float]:
    _attest_again(submission)
    reader = world.reader()
    submission.refresh_from_db()
    validate(actor=reader, submission=submission, version=submission.version)
    ids = list(OutboxEntry.objects.pending().filter(topic=TOPIC).values_list("pk", flat=True))
    start = time.perf_counter()
    with timing() as clock:
        done = outbox.perform_many(ids, recomputed)
    assert done == len(ids) == FIGURES  # noqa: S101
    return {
        "database ms": clock.seconds * 1000,
        "cpu ms": clock.cpu * 1000,
        "statements": clock.statements,
        "wall ms": (time.perf_counter() - start) * 1000,
    }


@transaction.atomic
def _attest_again(submission: Submission) -> None:
    """Another revision of each figure, waiting for its control."""
    cells = Cell.objects.filter(expectation__submission=submission).select_related(
        "current", "expectation__version"
    )
    for cell in cells:
        cell.current = Measurement.objects.create(
            cell=cell,
            revision=cell.current.revision + 1,
            previous=cell.current,
            status="reported",
            numerator=1,
            denominator=40 if cell.expectation.version.denominator_label else None,
            entered_by=world.reader(),
            entrance=Entrance.FORM,
        )
        cell.save()
    writer, _new = User.objects.get_or_create(email="writer@bench.example")
    Submission.objects.filter(pk=submission.pk).update(
        state=State.SUBMITTED, submitted_at=timezone.now(), submitted_by=writer
    )


def run() -> None:
    with transaction.atomic():
        world.load()
        world.add_indicators(FIGURES)
    print(f"one validated submission of {FIGURES} figures, {connection.vendor}")
    print("quarters  database ms (most)  of it CPU here  statements  wall ms")
    for quarters in (4, 16, 64):
        found = measure(quarters)
        print(
            f"{quarters:8}  {found['database ms']:11.1f} ({found['most']:.1f})"
            f"  {found['cpu ms']:14.1f}"
            f"  {found['statements']:10.0f}  {found['wall ms']:7.0f}",
            flush=True,
        )
