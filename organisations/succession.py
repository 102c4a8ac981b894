"""Zones that merge or split (METHOD 9): prepared, done and taken back by every app's handler."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.registries import succession_handlers
from foundation.services import record
from foundation.templatetags import jalon

from .access import ADMINISTER
from .enums import UnitKind
from .models import Membership, Population, Unit, UnitSuccession, User


@dataclass(frozen=True, slots=True)
class Succession:
    """Units that give way to others on a day, the first of the successors' existence.

    Several predecessors and one successor are a merger, one and several a split.
    """

    predecessors: tuple[Unit, ...]
    successors: tuple[Unit, ...]
    effective_on: dt.date

    @property
    def is_merger(self) -> bool:
        return len(self.successors) == 1

    def __str__(self) -> str:
        return f"{named(self.predecessors)} → {named(self.successors)} ({self.effective_on})"


def named(units: Iterable[Unit]) -> str:
    return ", ".join(unit.label for unit in units)


# --- Services -----------------------------------------------------------------------------------


def preview(*, succession: Succession) -> list[str]:
    """What ``succeed`` would do, in sentences. Raises ValidationError if it would refuse."""
    _check(succession)
    return [line for handler in succession_handlers for line in handler.preview(succession)]


@transaction.atomic
def succeed(*, actor: User, succession: Succession, reason: str) -> None:
    """Let the successors take the predecessors' place, on a day past or to come.

    The successors are zones already described: name, areas and who controls them. Raises
    PermissionDenied, or ValidationError if the succession makes no sense.
    """
    held = _held(actor, succession, reason)
    _check(held)
    for handler in succession_handlers:
        handler.apply(held, actor=actor)
    _record(actor, "unit.succeeded", held, reason)


@transaction.atomic
def undo(*, actor: User, succession: Succession, reason: str) -> None:
    """Take a succession back, as if it had never been: the successors then never existed.

    Raises PermissionDenied, or ValidationError once a successor has reported anything.
    """
    held = _held(actor, succession, reason)
    _check_recorded(held)
    for handler in reversed(list(succession_handlers)):
        handler.undo(held, actor=actor)
    _record(actor, "unit.succession_undone", held, reason)


def _held(actor: User, succession: Succession, reason: str) -> Succession:
    """The succession with its units as they are now, locked until the end of the transaction."""
    if not actor.access.everywhere(ADMINISTER):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("A succession has a reason: the act that decides it.")})
    ids = [unit.pk for unit in (*succession.predecessors, *succession.successors)]
    units = Unit.objects.select_for_update().order_by("pk").in_bulk(ids)
    return Succession(
        tuple(units[unit.pk] for unit in succession.predecessors),
        tuple(units[unit.pk] for unit in succession.successors),
        succession.effective_on,
    )


def _record(actor: User, verb: str, done: Succession, reason: str) -> None:
    details = {
        "predecessors": [unit.slug for unit in done.predecessors],
        "successors": [unit.slug for unit in done.successors],
        "effective_on": done.effective_on.isoformat(),
        "reason": reason,
    }
    for unit in (*done.predecessors, *done.successors):
        record(actor=actor, verb=verb, subject=unit, details=details)


# --- Checks -------------------------------------------------------------------------------------


def _check(succession: Succession) -> None:
    """Raise ValidationError unless these units can succeed one another on that day."""
    _check_shape(succession)
    for unit in succession.predecessors:
        _check_in_existence(unit, succession.effective_on)
    for unit in succession.successors:
        _check_ready(unit, succession.effective_on)


def _check_shape(succession: Succession) -> None:
    units = (*succession.predecessors, *succession.successors)
    fewer, more = sorted((len(succession.predecessors), len(succession.successors)))
    if fewer != 1 or more == 1 or len(set(units)) < len(units):
        raise ValidationError(
            _("Several zones merge into another one, or one splits into several others.")
        )
    if any(unit.kind != UnitKind.ZONE for unit in units):
        raise ValidationError(_("Only zones merge or split."))


def _check_in_existence(unit: Unit, day: dt.date) -> None:
    if unit.valid_to is not None or (unit.valid_from is not None and unit.valid_from >= day):
        raise ValidationError(
            _("%(unit)s has an end already, or does not exist before that day.")
            % {"unit": unit.label}
        )


def _check_ready(unit: Unit, day: dt.date) -> None:
    """A successor begins that day, or never existed, and is in nobody's place yet."""
    never_existed = unit.valid_to is not None and unit.valid_to == unit.valid_from
    begins = unit.valid_to is None and unit.valid_from in (None, day)
    if not (begins or never_existed) or unit.predecessions.exists():
        raise ValidationError(_("%(unit)s begins on another day.") % {"unit": unit.label})
    if not (unit.controlled_by_id and unit.arrondissement_id and unit.region_id):
        raise ValidationError(
            _("%(unit)s needs its region, its arrondissement and the unit that controls it.")
            % {"unit": unit.label}
        )


def _check_recorded(succession: Succession) -> None:
    day, successors = succession.effective_on, succession.successors
    rows = UnitSuccession.objects.filter(
        Q(successor__in=successors) | Q(predecessor__in=succession.predecessors)
    )
    recorded = {(row.predecessor_id, row.successor_id, row.effective_on) for row in rows}
    if recorded != {(old.pk, new.pk, day) for old in succession.predecessors for new in successors}:
        raise ValidationError(_("This succession is not recorded."))
    for unit in successors:
        if unit.valid_to is not None:
            raise ValidationError(_("%(unit)s has ended since.") % {"unit": unit.label})


# --- What it means for units and people ---------------------------------------------------------


class UnitsHandler:
    """Validity, the record of who came after whom, roles, and the population of a merger.

    Roles in merged units go on in their successor, each on its own. Those in a split unit stay,
    for its past: nobody can tell from here who goes where, and a role in every part would be more
    than anyone held.
    """

    name = "organisations"

    def preview(self, succession: Succession) -> Sequence[str]:
        return [_what_happens(succession), _of_roles(succession), *_of_population(succession)]

    def apply(self, succession: Succession, *, actor: User) -> None:
        day = succession.effective_on
        _set_validity(succession.predecessors, valid_to=day)
        _set_validity(succession.successors, valid_from=day, valid_to=None)
        UnitSuccession.objects.bulk_create(
            UnitSuccession(
                predecessor=old,
                predecessor_label=f"{old.name} ({old.code})" if old.code else old.name,
                successor=new,
                effective_on=day,
            )
            for old in succession.predecessors
            for new in succession.successors
        )
        if succession.is_merger:
            _hand_over_roles(succession, actor)
        if (summed := _summed(succession)) is not None:
            summed.save()

    def undo(self, succession: Succession, *, actor: User) -> None:
        day = succession.effective_on
        _set_validity(succession.predecessors, valid_to=None)
        _set_validity(succession.successors, valid_from=day, valid_to=day)
        UnitSuccession.objects.filter(successor__in=succession.successors).delete()
        roles = Membership.objects.filter(unit__in=succession.successors)
        for following in roles.filter(continues__isnull=False).select_related("continues"):
            _give_back(following, actor)
        summed = Population.objects.filter(unit__in=succession.successors)
        summed.filter(source=_sum_of(succession.predecessors)).delete()


def _set_validity(units: Sequence[Unit], **validity: dt.date | None) -> None:
    for unit in units:
        for name, day in validity.items():
            setattr(unit, name, day)
        unit.save(update_fields=list(validity))


def _what_happens(succession: Succession) -> str:
    parts = {
        "day": jalon.day(succession.effective_on),
        "predecessors": named(succession.predecessors),
        "successors": named(succession.successors),
    }
    if succession.is_merger:
        return _("On %(day)s, %(predecessors)s merge into %(successors)s.") % parts
    return _("On %(day)s, %(predecessors)s splits into %(successors)s.") % parts


# Roles


def _roles(succession: Succession) -> list[Membership]:
    """The roles in the predecessors that would hold on that day or later."""
    held = Membership.objects.not_ended(succession.effective_on)
    return list(held.filter(unit__in=succession.predecessors).order_by("pk"))


def _of_roles(succession: Succession) -> str:
    count = len(_roles(succession))
    if succession.is_merger:
        text = ngettext(
            "%(count)s role goes on in %(unit)s.", "%(count)s roles go on in %(unit)s.", count
        )
        return text % {"count": count, "unit": named(succession.successors)}
    text = ngettext(
        "%(count)s role gives access to the past of %(unit)s only: invite its holder to a "
        "successor.",
        "%(count)s roles give access to the past of %(unit)s only: invite their holders to the "
        "successors.",
        count,
    )
    return text % {"count": count, "unit": named(succession.predecessors)}


def _hand_over_roles(succession: Succession, actor: User) -> None:
    for membership in _roles(succession):
        _hand_over(membership, succession.successors[0], succession.effective_on, actor)


def _hand_over(membership: Membership, successor: Unit, day: dt.date, actor: User) -> None:
    """End a role that day; it goes on in the successor until the end that it had."""
    end, start = membership.end, max(membership.start, day)
    membership.end = start
    membership.save(update_fields=["end"])
    following = Membership.objects.create(
        user=membership.user,
        role=membership.role,
        unit=successor,
        start=start,
        end=end,
        stand_in=membership.stand_in,
        granted_by=actor,
        continues=membership,
    )
    _record_role(actor, "membership.continued", following, membership)


def _give_back(following: Membership, actor: User) -> None:
    """Take a role back to the predecessor, until the end that it has now."""
    membership = following.continues
    if membership is None:
        return
    _record_role(actor, "membership.given_back", membership, following)
    membership.end = following.end
    membership.save(update_fields=["end"])
    following.delete()


def _record_role(actor: User, verb: str, membership: Membership, instead_of: Membership) -> None:
    details = {
        "user": membership.user_id,
        "role": membership.role,
        "unit": membership.unit_id,
        "instead_of": instead_of.pk,
    }
    record(actor=actor, verb=verb, subject=membership, details=details)


# Population


def _summed(succession: Succession) -> Population | None:
    """The sum of the predecessors' latest counts, for a merged unit that has none of its own."""
    successor = succession.successors[0]
    if not succession.is_merger or successor.populations.exists():
        return None
    latest = [unit.populations.order_by("on").last() for unit in succession.predecessors]
    known = [each for each in latest if each is not None]
    if len(known) < len(latest):
        return None
    return Population(
        unit=successor,
        on=max(each.on for each in known),
        inhabitants=sum(each.inhabitants for each in known),
        source=_sum_of(succession.predecessors),
    )


def _sum_of(units: Iterable[Unit]) -> str:
    """The source of a sum names what was added, and tells it from a published count."""
    return " + ".join(unit.slug for unit in units)[:200]


def _of_population(succession: Succession) -> list[str]:
    if not succession.is_merger or succession.successors[0].populations.exists():
        return []
    summed = _summed(succession)
    if summed is None:
        return [_("The population is not known: a predecessor has none.")]
    return [
        _("Population on %(day)s: %(count)s, the sum of the predecessors.")
        % {
            "day": jalon.day(summed.on),
            "count": number_format(summed.inhabitants, force_grouping=True),
        }
    ]
