"""Validated figures put straight into the database, for tests of what they add up to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from foundation.models import OutboxEntry
from indicators.calculation.comparing import population_class
from indicators.enums import CellStatus
from indicators.models import IndicatorVersion
from organisations.models import Population, Unit, User
from progress.closing import close_period
from progress.models import Closing, Result, Sheet
from progress.services import key_of, recomputed
from submissions import demo
from submissions.enums import Entrance, State
from submissions.models import (
    Cell,
    Expectation,
    Measurement,
    Round,
    RoundSubject,
    Submission,
)
from tests.factories import QUARTER, make_period

NA = CellStatus.NOT_APPLICABLE
ND = CellStatus.NOT_AVAILABLE
#: A value, the parts of a quotient, an absence, or nothing said.
Said = int | tuple[int, int] | CellStatus | None


def clerk() -> User:
    return User.objects.get_or_create(email="clerk@belgium.example", defaults={"name": "Clerk"})[0]


def recompute(version: IndicatorVersion, code: str) -> None:
    """An indicator's results of one period, as a worker recomputes them."""
    entry = OutboxEntry(key=key_of(version.indicator_id, make_period(code).pk))
    recomputed([entry])([entry.key])


def given(
    code: str,
    version: IndicatorVersion,
    said: Mapping[Unit, Said],
    *,
    option: str = "",
    state: State = State.VALIDATED,
) -> None:
    """The expected set of a period is the units of ``said``; what they said is in ``state``."""
    now, actor, period = timezone.now(), clerk(), make_period(code)
    round, _new = Round.objects.get_or_create(
        period=period,
        defaults={
            "opens_at": now,
            "due_at": now + dt.timedelta(days=30),
            "locks_at": now + dt.timedelta(days=45),
            "frozen_at": now,
        },
    )
    people = dict(Population.objects.values_list("unit_id", "inhabitants"))
    subjects = {one.unit_id: one for one in round.subjects.all()}
    new_subjects = RoundSubject.objects.bulk_create(
        RoundSubject(
            round=round,
            unit=unit,
            region=unit.region,
            province=unit.province,
            arrondissement=unit.arrondissement,
            population=people.get(unit.pk),
            population_class=population_class(people.get(unit.pk)),
        )
        for unit in said
        if unit.pk not in subjects
    )
    subjects.update({one.unit_id: one for one in new_subjects})
    submissions = {one.reporter_id: one for one in round.submissions.all()}
    new_submissions = Submission.objects.bulk_create(
        Submission(
            round=round,
            reporter=unit,
            state=state,
            submitted_at=now,
            submitted_by=actor,
            decided_at=now,
            decided_by=actor,
        )
        for unit in said
        if unit.pk not in submissions
    )
    submissions.update({one.reporter_id: one for one in new_submissions})
    asked = Expectation.objects.filter(subject__round=round, version=version, period=period)
    expectations = {one.subject.unit_id: one for one in asked.select_related("subject")}
    new_expectations = Expectation.objects.bulk_create(
        Expectation(
            submission=submissions[unit.pk],
            subject=subjects[unit.pk],
            version=version,
            period=period,
        )
        for unit in said
        if unit.pk not in expectations
    )
    expectations.update({one.subject.unit_id: one for one in new_expectations})
    cells = Cell.objects.bulk_create(
        Cell(expectation=expectations[unit.pk], option=option) for unit in said
    )
    contents = zip(cells, said.values(), strict=True)
    say_all(
        [(cell, content) for cell, content in contents if content is not None],
        is_validated=state == State.VALIDATED,
    )


def say(cell: Cell, content: Said, *, is_validated: bool = True) -> None:
    """A further revision of a cell."""
    say_all([(cell, content)], is_validated=is_validated)


def say_all(said: Sequence[tuple[Cell, Said]], *, is_validated: bool) -> None:
    actor = clerk()
    revisions = [_revision(cell, content, actor) for cell, content in said]
    for revision in Measurement.objects.bulk_create(revisions):
        cell = revision.cell
        cell.current, cell.version = revision, revision.revision
        if is_validated:
            cell.validated = revision
    Cell.objects.bulk_update([cell for cell, _ in said], ["current", "validated", "version"])


def _revision(cell: Cell, content: Said, actor: User) -> Measurement:
    former = cell.current
    numerator, denominator = content if isinstance(content, tuple) else (content, None)
    is_absent = isinstance(content, CellStatus)
    return Measurement(
        cell=cell,
        revision=former.revision + 1 if former else 1,
        previous=former,
        status=content if is_absent else CellStatus.REPORTED,
        numerator=None if is_absent else numerator,
        denominator=denominator,
        # The code of a definition's reason, or words.
        reason={NA: "no-port", ND: "no port"}.get(content, "") if is_absent else "",
        entered_by=actor,
        entrance=Entrance.FORM,
    )


def cell_of(version: IndicatorVersion, unit: Unit, code: str) -> Cell:
    return Cell.objects.get(
        expectation__version=version,
        expectation__subject__unit=unit,
        expectation__period__code=code,
        option="",
    )


def amend(version: IndicatorVersion, **changed: Any) -> IndicatorVersion:
    """A second version, which differs in these fields; the first holds no more."""
    second = IndicatorVersion.objects.get(pk=version.pk)
    version.valid_to = second.valid_from = dt.date(2026, 7, 1)
    version.save()
    for name, value in {"pk": None, "number": 2, **changed}.items():
        setattr(second, name, value)
    second.save()
    return second


def clear(version: IndicatorVersion) -> None:
    """Remove a definition with everything that was reported; rounds and what was closed stay."""
    Result.objects.all().delete()
    Sheet.objects.all().delete()
    rounds = list(Round.objects.all())
    Round.objects.update(is_demo=True)
    demo.clear()
    Round.objects.bulk_create(rounds)
    version.delete()


def lock() -> None:
    """All rounds are locked since yesterday."""
    day = dt.timedelta(days=1)
    now = timezone.now()
    Round.objects.update(opens_at=now - 60 * day, due_at=now - 10 * day, locks_at=now - day)


def close(actor: User, code: str = QUARTER, *, undecided: int = 0) -> Closing:
    return close_period(actor=actor, period=make_period(code), undecided=undecided)


def unlock(model: type[Model]) -> None:
    """Take away what keeps rows of a table from being changed; the test's end puts it back."""
    table = model._meta.db_table
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_immutable{on}")
