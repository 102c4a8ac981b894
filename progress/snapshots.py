"""Snapshots: everything the pages of progress showed of a period at one moment (METHOD.md 8)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation import canonical
from foundation.moments import one_moment
from foundation.outbox import Write
from foundation.services import record
from indicators.models import Indicator, Period
from organisations.models import Unit, User

from . import rules
from .closing import SNAPSHOTS
from .models import Closing, FrozenResult, Snapshot, SnapshotContent
from .permissions import TAKE_SNAPSHOTS, VIEW_PROVISIONAL
from .recording import read, recorded
from .selectors.indicator import UNIT, IndicatorPage, Said, indicator_page, said, said_when_closed
from .selectors.overview import Overview, overview
from .selectors.reviews import Calendar

TOPIC = SNAPSHOTS
CLOSED = "closing"


def take_snapshot(*, actor: User, period: Period, reason: str) -> Snapshot:
    """Keep what the pages show of a period now.

    Raises PermissionDenied, and ValidationError without a reason or for a period that no page
    shows. Reading takes seconds, so nothing is locked while it goes on.
    """
    if not actor.access.everywhere(TAKE_SNAPSHOTS.name):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the snapshot is taken.")})
    texts = _texts(period)
    return _kept(actor, period, reason.strip(), texts)


def taken(key: str) -> Write:
    """The snapshot of a closing, which the outbox owes under the closing's number.

    None of a closing that was reopened before: pages no longer show what it froze.
    """
    in_force = Closing.objects.in_force().filter(pk=key, snapshot=None)
    closing = in_force.select_related("period", "closed_by").first()
    if closing is None:
        return lambda: None
    texts = _texts(closing.period)

    def write() -> None:
        # Reopened while the pages were read, they may show either.
        if in_force.exists():
            _kept(closing.closed_by, closing.period, CLOSED, texts, closing)

    return write


def _texts(period: Period) -> dict[str, str]:
    """What each page shows at one moment, as text, by its name in ``Snapshot.contents``."""
    with one_moment():
        return _read_texts(period)


def _read_texts(period: Period) -> dict[str, str]:
    calendar = Calendar.read()
    shown = overview(calendar, period)
    texts = {"overview": recorded(shown)}
    for standing in shown.indicators:
        code = standing.indicator.code
        page = indicator_page(calendar, period, code)
        if page is not None:
            texts[f"indicator/{code}"] = recorded(page)
            texts[f"units/{code}"] = recorded(_said(page))
    return texts


def _said(page: IndicatorPage, units: Q | None = None) -> Sequence[Said]:
    """What units said, all of them or some, as it went into the figure that the page shows."""
    if isinstance(page.result, FrozenResult):
        return said_when_closed(page)
    return said(page, Q() if units is None else units)


@transaction.atomic
def _kept(
    actor: User,
    period: Period,
    reason: str,
    texts: Mapping[str, str],
    closing: Closing | None = None,
) -> Snapshot:
    contents = {name: canonical.digest(text) for name, text in texts.items()}
    SnapshotContent.objects.bulk_create(
        [
            SnapshotContent(digest=contents[name], body=zlib.compress(text.encode()))
            for name, text in texts.items()
        ],
        batch_size=100,
        ignore_conflicts=True,
    )
    snapshot = Snapshot.objects.create(
        period=period,
        taken_at=timezone.now(),
        taken_by=actor,
        reason=reason,
        closing=closing,
        contents=contents,
    )
    details = {
        "period": period.code,
        "reason": reason,
        "contents": len(contents),
        "digest": canonical.digest(json.dumps(contents, sort_keys=True)),
    }
    record(actor=actor, verb="snapshot.taken", subject=snapshot, details=details)
    return snapshot


# --- Reading --------------------------------------------------------------------------------------


def may_open(user: User) -> bool:
    """A snapshot shows what was provisional at its moment, which the Council does not read."""
    return user.access.may(VIEW_PROVISIONAL.name)


def opened(user: User, token: str) -> Kept | None:
    """The snapshot that an address names instead of a period; None where there is none such."""
    code, _at, number = token.partition("@")
    if not may_open(user) or not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    found = Snapshot.objects.select_related("period", "taken_by")
    snapshot = found.filter(pk=number, period__code=code).first()
    return None if snapshot is None else Kept(snapshot)


def _seen_by(user: User, units: Sequence[Said]) -> Sequence[Said]:
    """Of those whose figures ``user`` may see; who controls a unit today, not who did then."""
    asked = Unit.objects.filter(pk__in=[each.unit.pk for each in units])
    seen = set(asked.filter(rules.units_with_figures(user)).values_list("pk", flat=True))
    return [each for each in units if each.unit.pk in seen]


class Live:
    """What pages show now."""

    snapshot: Snapshot | None = None

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def overview(self, period: Period) -> Overview:
        return overview(self.calendar, period)

    def indicator(self, period: Period, code: str) -> IndicatorPage | None:
        return indicator_page(self.calendar, period, code)

    def said(self, page: IndicatorPage, user: User) -> Sequence[Said]:
        is_closed = isinstance(page.result, FrozenResult)
        found = _said(page, rules.units_with_figures(user, UNIT))
        if rules.sees_every_unit(user, page.standing.indicator, is_closed=is_closed):
            return found
        return _seen_by(user, found)


class Kept(Live):
    """What pages showed when a snapshot was taken; who may see what is asked now."""

    snapshot: Snapshot

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        super().__init__(self._overview.calendar)

    @cached_property
    def _overview(self) -> Overview:
        shown: Overview = self._read("overview")
        return shown

    def overview(self, period: Period) -> Overview:
        return self._overview

    def indicator(self, period: Period, code: str) -> IndicatorPage | None:
        page: IndicatorPage | None = self._read(f"indicator/{code}")
        if page is not None and Indicator.objects.filter(code=code, is_restricted=True).exists():
            page.standing.indicator.is_restricted = True
        return page

    def said(self, page: IndicatorPage, user: User) -> Sequence[Said]:
        indicator = page.standing.indicator
        if indicator.is_restricted:
            return []
        units: list[Said] = self._read(f"units/{indicator.code}") or []
        return _seen_by(user, units)

    def _read(self, name: str) -> Any:
        content = SnapshotContent.objects.filter(digest=self.snapshot.contents.get(name, ""))
        found = content.first()
        return None if found is None else read(zlib.decompress(found.body).decode())
