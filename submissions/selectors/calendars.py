"""Deadlines: which rounds ask something of somebody's units, now and next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from organisations.models import Unit, User
from submissions import rules
from submissions.enums import State
from submissions.models import CalendarFeed, Extension, Round, Submission, SubmissionQuerySet
from submissions.permissions import CONTROL, CONTROL_ALL, ENTER

from .expected import addressed

_signer = Signer(salt="submissions.calendar")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A round with the units of somebody's that it asks (controllers: none, it asks theirs), and
    more time given to them."""

    round: Round
    units: list[Unit]
    extensions: list[Extension]


def calendar_token(feed: CalendarFeed) -> str:
    """The secret part of an address: who, and the number of it, signed."""
    return _signer.sign(f"{feed.user_id}-{feed.number}").replace(":", ".")


def user_of_calendar(token: str) -> User | None:
    """Whose address this is; None once it was renewed or taken away, or the account closed."""
    try:
        said = _signer.unsign(token.replace(".", ":"))
    except BadSignature:
        return None
    user_id, _hyphen, number = said.partition("-")
    feed = (
        CalendarFeed.objects.filter(user=int(user_id), number=int(number), is_on=True)
        .select_related("user")
        .prefetch_related("user__memberships__unit")
        .first()
    )
    if feed is None or not rules.may_follow_rounds(feed.user):
        return None
    return feed.user


def deadlines_of(user: User, now: dt.datetime) -> list[Deadlines]:
    """The rounds that are planned, open, or extended for one of the user's units.

    Five queries, and five more for each planned period.
    """
    reporting = user.access.may(ENTER.name)
    mine = set(rules.reports_for(user, ENTER.name))
    open_to = Submission.objects.taking_figures(now).exclude(state=State.REPLACED)
    theirs = open_to.filter(reporter__in=mine) if reporting else _controlled(user, open_to)
    found: dict[int, Deadlines] = {}
    for each in theirs.select_related("round__period", "reporter").prefetch_related("extensions"):
        entry = found.setdefault(each.round_id, Deadlines(each.round, [], []))
        if reporting:
            entry.units.append(each.reporter)
            entry.extensions.extend(e for e in each.extensions.all() if e.is_in_force(now))
    for planned in Round.objects.filter(frozen_at__isnull=True).select_related("period"):
        asked = _asked(planned)
        units = [unit for unit in asked.values() if unit.pk in mine]
        if units if reporting else _controls_any(user, asked.values()):
            found[planned.pk] = Deadlines(planned, units, [])
    return sorted(found.values(), key=lambda each: (each.round.opens_at, each.round.pk))


def _controlled(user: User, submissions: SubmissionQuerySet) -> SubmissionQuerySet:
    if user.access.everywhere(CONTROL_ALL.name):
        return submissions
    return submissions.to_control_by(user)


def _controls_any(user: User, units: Iterable[Unit]) -> bool:
    if user.access.everywhere(CONTROL_ALL.name):
        return True
    controlling = user.access.units(CONTROL.name)
    return any(unit.controlled_by_id in controlling for unit in units)


def _asked(planned: Round) -> dict[int, Unit]:
    """Who will hand something in, as far as is known today."""
    units: dict[int, Unit] = {}
    sources: set[int] = set()
    for version, of in addressed(planned.period.frequency, planned.period.last_day):
        if version.reporter_id is None:
            units.update((unit.pk, unit) for unit in of)
        elif of:
            sources.add(version.reporter_id)
    return units | Unit.objects.in_bulk(sources)
