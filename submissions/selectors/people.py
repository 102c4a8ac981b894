"""Who acts for a unit and who controls it today, with their language and access at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from organisations.access import roles_with
from organisations.models import Membership, Unit, UnitSuccession, User
from organisations.selectors import with_access
from submissions import rules
from submissions.permissions import ATTEST, CONTROL, CONTROL_ALL, ENTER


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who enters for a reporter, through which unit, and whether they also attest."""

    user: User
    unit_id: int
    attests: bool


def people_of(reporters: Iterable[Unit]) -> Mapping[int, list[Acting]]:
    """By reporter id, who enters or attests for it today; nobody for a unit that is not there.

    A reporter that gave way has its successors' people, too. Whoever controls a unit never acts for
    it. At most four queries.
    """
    known = {unit.pk: unit for unit in reporters}
    through = _acting_units(known.values())
    units = {unit for ids in through.values() for unit in ids}
    by_unit: dict[int, list[User]] = defaultdict(list)
    for user in _holding(ENTER.name, units):
        for unit in user.access.units(ENTER.name) & units:
            by_unit[unit].append(user)
    return {
        reporter.pk: [
            Acting(user, unit, user.access.may(ATTEST.name, unit))
            for unit in through[reporter.pk]
            for user in by_unit[unit]
            if not rules.controls(user, reporter)
        ]
        for reporter in known.values()
    }


def approvers_of(reporter: Unit) -> list[str]:
    """The names of who may attest for a unit today, in order; see ``people_of``."""
    acting = people_of([reporter])[reporter.pk]
    return sorted({each.user.name for each in acting if each.attests})


def _acting_units(reporters: Collection[Unit]) -> dict[int, list[int]]:
    """By reporter id, itself and what came after it, twice over at most (``succeeded_by``)."""
    through = {unit.pk: [unit.pk] for unit in reporters}
    gone = {unit.pk for unit in reporters if unit.valid_to is not None}
    for _step in range(2):
        following = _successors(gone)
        for ids in through.values():
            ids.extend({new for old in ids for new in following.get(old, ())} - set(ids))
        gone = {new for ids in following.values() for new in ids}
    return through


def _successors(units: Collection[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    if units:
        rows = UnitSuccession.objects.filter(predecessor__in=units)
        for old, new in rows.values_list("predecessor_id", "successor_id"):
            found[old].append(new)
    return found


def controllers_of(reporter: Unit) -> list[User]:
    """The coordinators who control a unit; the secretariat where nobody else does."""
    if reporter.controlled_by_id is None:
        return [user for user in controllers() if user.access.everywhere(CONTROL_ALL.name)]
    return _holding(CONTROL.name, [reporter.controlled_by_id])


def controllers() -> list[User]:
    """Everybody who controls something. Two queries."""
    return _holding(CONTROL.name, None)


def _holding(permission: str, units: Collection[int] | None) -> list[User]:
    """Who holds a permission today, in one of ``units`` where they are given."""
    held = Membership.objects.in_force().filter(role__in=roles_with(permission))
    if units is not None:
        held = held.filter(unit__in=units)
    return with_access(User.objects.filter(pk__in=held.values("user")).order_by("pk"))
