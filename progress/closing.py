"""Closing a period: its results are frozen with all that they rest on (METHOD.md 8)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Min, Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation import canonical
from foundation.models import OutboxEntry
from foundation.services import enqueue, record
from indicators.definitions import definition_of, path_of
from indicators.models import IndicatorVersion, Period, TargetPath
from organisations.enums import AreaKind
from organisations.models import UnitSuccession, User
from submissions.services import take_populations

from .aggregation import codes_read
from .enums import Hindrance
from .models import Closing, FrozenBasis, FrozenResult, FrozenSheet, Result, Sheet
from .permissions import CLOSE_PERIODS
from .selectors.closings import Stand, ids_read, is_stale, keys_of, stand_of

#: The outbox topic under which the snapshot of a closing is owed.
SNAPSHOTS = "snapshots"

#: An indicator, and the option of its breakdown (empty for the total) or the code of a period.
Key = tuple[int, str]
#: A definition, a path or an input in the types of JSON.
Kept = dict[str, Any]


class AlreadyClosed(Exception):
    """The period is closed: somebody was first."""


class NotClosable(Exception):
    """``hindrances`` says why the period cannot be closed now."""

    def __init__(self, stand: Stand) -> None:
        super().__init__(", ".join(stand.hindrances))
        self.stand = stand


class Undecided(Exception):
    """More is attested and not decided than whoever closes has accepted."""

    def __init__(self, stand: Stand) -> None:
        super().__init__(f"{stand.undecided} undecided")
        self.stand = stand


class NotClosed(Exception):
    """The period is not closed, or somebody has reopened it."""


@transaction.atomic
def close_period(
    *, actor: User, period: Period, undecided: int = 0, at: dt.datetime | None = None
) -> Closing:
    """Freeze the results of a period as they are, with what they rest on.

    What they rest on is what they were computed with: where it is another by now, results are owed.

    ``undecided`` is how much the actor has seen to be attested and not decided, and leaves so: it
    will be a revision. Raises PermissionDenied, AlreadyClosed, NotClosable and Undecided.
    """
    _require(actor)
    at = at or timezone.now()
    closing = _claimed(actor, period, at)
    before = _generations(period)
    stand = stand_of(period, at)
    if stand.hindrances:
        raise NotClosable(stand)
    if stand.undecided > undecided:
        raise Undecided(stand)
    _freeze(closing)
    # A load of reference data owes nothing by itself: the reconciler does, minutes later.
    if _generations(period) != before or is_stale(period):
        raise NotClosable(stand.hindered_by(Hindrance.OWED))
    details = {
        "period": period.code,
        "results": closing.results.count(),
        "undecided": stand.undecided,
    }
    record(actor=actor, verb="period.closed", subject=closing, details=details)
    enqueue(topic=SNAPSHOTS, keys=[str(closing.pk)])
    return closing


@transaction.atomic
def reopen_period(*, actor: User, period: Period, reason: str) -> Closing:
    """Make the results of a closed period provisional again. What was frozen stays on the record.

    Provisional, its rounds take the populations that came to be known since.

    Raises PermissionDenied, NotClosed, and ValidationError without a reason.
    """
    _require(actor)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the period is reopened.")})
    closing = Closing.objects.in_force().filter(period=period).first()
    reopened = closing and Closing.objects.in_force().filter(pk=closing.pk).update(
        reopened_at=timezone.now(), reopened_by=actor, reopening_reason=reason.strip()
    )
    if closing is None or not reopened:
        raise NotClosed
    closing.refresh_from_db()
    details = {"period": period.code, "reason": closing.reopening_reason}
    record(actor=actor, verb="period.reopened", subject=closing, details=details)
    take_populations(actor=actor)
    return closing


def _require(actor: User) -> None:
    if not actor.access.everywhere(CLOSE_PERIODS.name):
        raise PermissionDenied


def _claimed(actor: User, period: Period, at: dt.datetime) -> Closing:
    """The row that only one closer can insert; the second waits for the first to end."""
    try:
        with transaction.atomic():
            return Closing.objects.create(
                period=period, closed_at=at, closed_by=actor, mergers=_mergers()
            )
    except IntegrityError as error:
        raise AlreadyClosed from error


def _mergers() -> list[list[str]]:
    found = UnitSuccession.objects.filter(
        predecessor__isnull=False, effective_on__isnull=False
    ).values_list("effective_on", "predecessor__slug", "successor__slug")
    return [[str(day), str(old), new] for day, old, new in found.order_by("effective_on", "pk")]


def _generations(period: Period) -> dict[str, int]:
    """What has been owed so far of the period and earlier ones: it changes with every change.

    Each statement of a closing sees what was committed before it. Compared before and after, this
    says that nothing was between them.
    """
    owed = OutboxEntry.objects.filter(keys_of(ids_read(period)))
    return dict(owed.values_list("key", "generation"))


# --- Freezing -----------------------------------------------------------------------------------


def _freeze(closing: Closing) -> None:
    results = Result.objects.filter(period=closing.period)
    sheets = _sheets_read(closing.period)
    _freeze_sheets(sheets)
    versions = IndicatorVersion.objects.prefetch_related("steps").in_bulk(
        {
            *results.values_list("version_id", flat=True),
            *sheets.values_list("version_id", flat=True),
        }
    )
    paths = _paths(closing.period, versions)
    inputs = _inputs(closing.period, sheets, versions, paths)
    frozen = results.order_by("indicator", "option").values_list(
        "indicator_id", "option", "version_id"
    )
    FrozenBasis.objects.bulk_create(
        [
            FrozenBasis(
                closing=closing,
                indicator_id=indicator,
                option=option,
                definition=definition_kept(versions[version]),
                paths={} if option else paths.get((indicator, closing.period.code), {}),
                inputs=inputs.get((indicator, option), []),
            )
            for indicator, option, version in frozen.distinct()
        ],
        batch_size=500,
    )
    _copy_results(closing)


def definition_kept(version: IndicatorVersion) -> Kept:
    return {**canonical.plain(definition_of(version)), "number": version.number}


def _paths(period: Period, versions: Mapping[int, IndicatorVersion]) -> dict[Key, Kept]:
    """The paths that counted in the periods read, by indicator and period, then by code of area.

    The dated steps of milestones are the nation's path; an option has none. Baselines of subjects
    stand with their path by slug.
    """
    rows = Result.objects.filter(
        period__in=ids_read(period), option="", indicator__in=_indicators(period)
    ).exclude(path=None, area__kind__in=[each for each in AreaKind if each != AreaKind.NATION])
    named = rows.values_list("indicator_id", "period__code", "area__code", "version_id", "path_id")
    stored = TargetPath.objects.prefetch_related("points", "subject_baselines__unit").in_bulk(
        set(rows.exclude(path=None).values_list("path_id", flat=True))
    )

    @cache
    def kept(version: int, path_id: int | None) -> Kept | None:
        """Once: the areas and periods that share a path are many."""
        return path_kept(versions[version], stored.get(path_id or 0))

    found: dict[Key, Kept] = defaultdict(dict)
    for indicator, code, area, version, path_id in named:
        if path := kept(version, path_id):
            found[indicator, code][area] = path
    return dict(found)


def path_kept(version: IndicatorVersion, stored: TargetPath | None) -> Kept | None:
    """What is asked of a total by its stored path, or by dated steps. Prefetch what it reads."""
    path = path_of(version, stored)
    return None if path is None else {**canonical.plain(path), **_baselines(stored)}


def _baselines(path: TargetPath | None) -> Kept:
    known = path.subject_baselines.all() if path else ()
    parts = {each.unit.slug: canonical.plain(each.value) for each in known}
    return {"baselines": parts} if parts else {}


def _indicators(period: Period) -> QuerySet[Sheet, int]:
    return Sheet.objects.filter(period=period).values_list("indicator_id", flat=True)


def _sheets_read(period: Period) -> QuerySet[Sheet]:
    """The sheets that the results of a period rest on.

    Of a total those of all earlier periods: their statuses say when its target was first reached.
    """
    year = Q(period__code__in=codes_read(period.code))
    return Sheet.objects.filter(
        Q(option="") | year, period__in=ids_read(period), indicator__in=_indicators(period)
    )


def _inputs(
    period: Period,
    sheets: QuerySet[Sheet],
    versions: Mapping[int, IndicatorVersion],
    paths: Mapping[Key, Kept],
) -> dict[Key, list[Kept]]:
    """The figures read, by indicator and option, oldest period first."""
    rows = list(
        sheets.order_by("period__last_day").values_list(
            "indicator_id", "option", "period__code", "digest", "version_id"
        )
    )
    now = {(each[0], each[1]): each[-1] for each in rows if each[2] == period.code}
    found: dict[Key, list[Kept]] = defaultdict(list)
    for indicator, option, code, digest, version in rows:
        kept: Kept = {"period": code, "sheet": digest}
        if now.get((indicator, option), version) != version:
            kept["definition"] = definition_kept(versions[version])
        if not option:
            asked = paths.get((indicator, code), {})
            if asked != paths.get((indicator, period.code), {}):
                kept["paths"] = asked
            if code == period.code:
                kept["all_earlier"] = True
        found[indicator, option].append(kept)
    return dict(found)


def _freeze_sheets(sheets: QuerySet[Sheet]) -> None:
    """Keep the sheets that no closing has kept yet."""
    texts = sheets.order_by().values("digest").annotate(text=Min("rows"))
    chosen, values = texts.query.get_compiler(connection=connection).as_sql()
    _run(
        f"""
        INSERT INTO {_table(FrozenSheet)} (digest, {_quoted("rows")}) {chosen}
        ON CONFLICT DO NOTHING
        """,
        values,
    )


#: The columns that a frozen result has in common with the result it is a copy of.
_COPIED = [
    str(each.column)
    for each in FrozenResult._meta.concrete_fields
    if each.column in {known.column for known in Result._meta.concrete_fields}
    and not each.primary_key
]


def _copy_results(closing: Closing) -> None:
    """One statement, so that what is copied is of one moment on every database."""
    columns = ", ".join(map(_quoted, _COPIED))
    values = ", ".join(f"result.{_quoted(each)}" for each in _COPIED)
    _run(
        f"""
        INSERT INTO {_table(FrozenResult)} (closing_id, basis_id, {columns})
        SELECT basis.closing_id, basis.id, {values}
        FROM {_table(Result)} AS result
        JOIN {_table(FrozenBasis)} AS basis
          ON basis.indicator_id = result.indicator_id AND basis.option = result.option
        WHERE basis.closing_id = %s AND result.period_id = %s
        """,  # noqa: S608 (names of tables and columns only)
        [closing.pk, closing.period_id],
    )


def _run(statement: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _table(model: type[Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
