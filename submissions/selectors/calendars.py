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
from .rounds import extensions_in_force

_signer = Signer(salt="submissions.calendar")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A round with the units of somebody's that it asks, and more time given to them.

    ``to_control``: it asks units that they control, of which those alone are named that have more
    time and have not sent their figures.
    """

    round: Round
    units: list[Unit]
    extensions: list[Extension]
    to_control: bool = False


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

    One that asks units for which they report and units that they control is there twice. Seven
    queries, and five more for each planned period.
    """
    mine = set(rules.reports_for(user, ENTER.name))
    open_to = Submission.objects.taking_figures(now).exclude(state=State.REPLACED)
    found = [*_reported(user, open_to.filter(reporter__in=mine), now)]
    found += _controlled(user, open_to, now)
    for planned in Round.objects.filter(frozen_at__isnull=True).select_related("period"):
        asked = _asked(planned).values()
        units = [unit for unit in asked if unit.pk in mine and not rules.controls(user, unit)]
        if units:
            found.append(Deadlines(planned, units, []))
        if _controls_any(user, asked):
            found.append(Deadlines(planned, [], [], to_control=True))
    return sorted(found, key=lambda each: (each.round.opens_at, each.round.pk, each.to_control))


def _reported(user: User, submissions: SubmissionQuerySet, now: dt.datetime) -> Iterable[Deadlines]:
    """Whoever controls a unit does not report for it."""
    found: dict[int, Deadlines] = {}
    rows = submissions.select_related("round__period", "reporter").prefetch_related("extensions")
    for each in rows:
        if not rules.controls(user, each.reporter):
            entry = found.setdefault(each.round_id, Deadlines(each.round, [], []))
            entry.units.append(each.reporter)
            entry.extensions.extend(e for e in each.extensions.all() if e.is_in_force(now))
    return found.values()


def _controlled(
    user: User, submissions: SubmissionQuerySet, now: dt.datetime
) -> Iterable[Deadlines]:
    """The rounds that take figures of a unit that ``user`` controls, or follows."""
    if not user.access.may(CONTROL.name):
        return []
    if not user.access.everywhere(CONTROL_ALL.name):
        submissions = submissions.to_control_by(user)
    rounds = Round.objects.filter(pk__in=submissions.values("round")).select_related("period")
    found = {each.pk: Deadlines(each, [], [], to_control=True) for each in rounds}
    expected = submissions.filter(state__in=State.editable())
    for each in extensions_in_force(now).filter(submission__in=expected.values("pk")):
        found[each.submission.round_id].extensions.append(each)
    return found.values()


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
