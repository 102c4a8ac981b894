"""Zones that merge or split (METHOD 9): prepared, done and taken back by every app's handler."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from foundation.registries import succession_handlers
from foundation.services import record
from foundation.templatetags import jalon

from .access import CHANGE_UNITS
from .enums import Reorganised, UnitKind
from .models import (
    Invitation,
    Membership,
    Municipality,
    Population,
    Reorganisation,
    Transfer,
    Unit,
    UnitSuccession,
    User,
)


@dataclass(frozen=True, slots=True)
class Succession:
    """Units that give way to others on a day, the first of the successors' existence.

    Several predecessors and one successor are a merger, one and several a split, which says by
    ``allotted`` where each municipality goes.
    """

    predecessors: tuple[Unit, ...]
    successors: tuple[Unit, ...]
    effective_on: dt.date
    allotted: tuple[tuple[Municipality, Unit], ...] = ()

    @property
    def is_merger(self) -> bool:
        return len(self.successors) == 1

    def __str__(self) -> str:
        """The same in every language: kept as a reason, by it ``undo`` finds what was done."""
        with override(settings.LANGUAGE_CODE):
            return f"{named(self.predecessors)} → {named(self.successors)} ({self.effective_on})"


def named(units: Iterable[Unit]) -> str:
    return ", ".join(unit.label for unit in units)


@runtime_checkable
class PreviewsUndo(Protocol):
    """A handler that also says what its ``undo`` would do, or raises as it would."""

    def preview_undo(self, succession: Succession) -> Sequence[str]: ...


# --- Services -----------------------------------------------------------------------------------


def preview(*, succession: Succession) -> list[str]:
    """What ``succeed`` would do, in sentences. Raises ValidationError if it would refuse."""
    _check(succession)
    return [line for handler in succession_handlers for line in handler.preview(succession)]


@transaction.atomic
def succeed(*, actor: User, succession: Succession, reason: str) -> Reorganisation:
    """Let the successors take the predecessors' place, on a day past or to come.

    The successors are zones already described: name, areas and who controls them. Raises
    PermissionDenied, or ValidationError if the succession makes no sense.
    """
    held = _held(actor, succession, reason)
    _check(held)
    for handler in succession_handlers:
        handler.apply(held, actor=actor)
    _record(actor, "unit.succeeded", held, reason)
    return _kept(held, actor, reason)


def preview_undo(*, succession: Succession) -> list[str]:
    """What ``undo`` would do, in sentences. Raises ValidationError if it would refuse."""
    _check_recorded(succession)
    lines: list[str] = []
    for handler in reversed(list(succession_handlers)):
        if isinstance(handler, PreviewsUndo):
            lines = [*handler.preview_undo(succession), *lines]
    return lines


@transaction.atomic
def undo(*, actor: User, succession: Succession, reason: str) -> None:
    """Take a succession back, as if it had never been: the successors then never existed.

    Raises PermissionDenied, or ValidationError once a successor has reported anything.
    """
    held = _held(actor, succession, reason)
    _check_recorded(held)
    known = Reorganisation.objects.standing().filter(successions__successor__in=held.successors)
    taken_back = set(known.values_list("pk", flat=True))
    for handler in reversed(list(succession_handlers)):
        handler.undo(held, actor=actor)
    _record(actor, "unit.succession_undone", held, reason)
    Transfer.objects.filter(reorganisation__in=taken_back).delete()
    Reorganisation.objects.filter(pk__in=taken_back).update(
        undone_by=actor, undone_at=timezone.now(), undone_reason=reason.strip()
    )


def _held(actor: User, succession: Succession, reason: str) -> Succession:
    """The succession with its units as they are now, locked until the end of the transaction."""
    if not actor.access.everywhere(CHANGE_UNITS):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("A succession has a reason: the act that decides it.")})
    ids = [unit.pk for unit in (*succession.predecessors, *succession.successors)]
    units = Unit.objects.select_for_update().order_by("pk").in_bulk(ids)
    return replace(
        succession,
        predecessors=tuple(units[unit.pk] for unit in succession.predecessors),
        successors=tuple(units[unit.pk] for unit in succession.successors),
    )


def _kept(done: Succession, actor: User, reason: str) -> Reorganisation:
    """The record of the whole, and of each municipality that changes zone."""
    kept = Reorganisation.objects.create(
        kind=Reorganised.MERGER if done.is_merger else Reorganised.SPLIT,
        effective_on=done.effective_on,
        reason=reason.strip(),
        decided_by=actor,
    )
    kept.predecessors.set(done.predecessors)
    kept.successors.set(done.successors)
    UnitSuccession.objects.filter(successor__in=done.successors).update(reorganisation=kept)
    Transfer.objects.bulk_create(
        Transfer(reorganisation=kept, municipality=municipality, unit=unit)
        for municipality, unit in _allotted(done)
    )
    return kept


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
    _check_allotted(succession)


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
    begins = unit.valid_to is None and unit.valid_from in (None, day)
    if not (begins or unit.never_existed) or unit.predecessions.exists():
        raise ValidationError(_("%(unit)s begins on another day.") % {"unit": unit.label})
    if not (unit.controlled_by_id and unit.arrondissement_id and unit.region_id):
        raise ValidationError(
            _("%(unit)s needs its region, its arrondissement and the unit that controls it.")
            % {"unit": unit.label}
        )


def _check_allotted(succession: Succession) -> None:
    """Each municipality of a split zone goes to one of its parts."""
    if succession.is_merger:
        return
    allotted = [municipality.pk for municipality, _unit in succession.allotted]
    policed = set(_policed(succession).values_list("pk", flat=True))
    parts = {unit.pk for _municipality, unit in succession.allotted}
    known = parts <= {unit.pk for unit in succession.successors}
    if set(allotted) != policed or len(allotted) > len(policed) or not known:
        raise ValidationError(_("Each municipality of the zone goes to one of its parts."))


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

    Roles in merged units go on in their successor, each on its own, and open invitations follow.
    Those in a split unit stay, for its past: nobody can tell from here who goes where, and a role
    in every part would be more than anyone held.
    """

    name = "organisations"

    def preview(self, succession: Succession) -> Sequence[str]:
        return [
            _what_happens(succession),
            _of_roles(succession),
            *_of_invitations(succession),
            *_of_municipalities(succession),
            *_of_population(succession),
        ]

    def apply(self, succession: Succession, *, actor: User) -> None:
        day = succession.effective_on
        _set(succession.predecessors, valid_to=day)
        _set(succession.successors, valid_from=day, valid_to=None)
        _give_tile(succession)
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
            _hand_over_invitations(succession, actor)
        if (summed := _summed(succession)) is not None:
            summed.save()

    def preview_undo(self, succession: Succession) -> Sequence[str]:
        return [_what_is_undone(succession), *_of_roles_back(succession)]

    def undo(self, succession: Succession, *, actor: User) -> None:
        day = succession.effective_on
        # First the successors: one of them may bear the code of a predecessor.
        _set(succession.successors, valid_from=day, valid_to=day, tile_row=None, tile_column=None)
        _set(succession.predecessors, valid_to=None)
        UnitSuccession.objects.filter(successor__in=succession.successors).delete()
        for following in _continued(succession):
            _give_back(following, actor)
        _give_back_invitations(succession, actor)
        _end_own_roles(succession, actor)
        summed = Population.objects.filter(unit__in=succession.successors)
        summed.filter(source=_sum_of(succession.predecessors)).delete()


def _set(units: Sequence[Unit], **values: Any) -> None:
    for unit in units:
        for name, value in values.items():
            setattr(unit, name, value)
        unit.save(update_fields=list(values))


def _give_tile(succession: Succession) -> None:
    """The (first) successor stands on the map where its most populous predecessor stood."""
    successor = succession.successors[0]
    placed = [unit for unit in succession.predecessors if unit.tile_row is not None]
    if placed and successor.tile_row is None:
        unit = max(placed, key=_inhabitants)
        _set([successor], tile_row=unit.tile_row, tile_column=unit.tile_column)


def _inhabitants(unit: Unit) -> int:
    latest = unit.populations.order_by("on").last()
    return latest.inhabitants if latest else 0


def _what_happens(succession: Succession) -> str:
    parts = {
        "day": jalon.day(succession.effective_on),
        "predecessors": named(succession.predecessors),
        "successors": named(succession.successors),
    }
    if succession.is_merger:
        return _("On %(day)s, %(predecessors)s merge into %(successors)s.") % parts
    return _("On %(day)s, %(predecessors)s splits into %(successors)s.") % parts


def _what_is_undone(succession: Succession) -> str:
    return _(
        "%(predecessors)s exist beyond %(day)s, as if nothing had been decided; %(successors)s "
        "never existed."
    ) % {
        "day": jalon.day(succession.effective_on),
        "predecessors": named(succession.predecessors),
        "successors": named(succession.successors),
    }


# Municipalities


def _policed(succession: Succession) -> Any:
    """The municipalities of the predecessors on the eve of that day."""
    eve = succession.effective_on - dt.timedelta(days=1)
    ids = [unit.pk for unit in succession.predecessors]
    return Municipality.objects.policed_on(eve).filter(zone__in=ids)


def _allotted(succession: Succession) -> Iterable[tuple[Municipality, Unit]]:
    if not succession.is_merger:
        return succession.allotted
    return [(each, succession.successors[0]) for each in _policed(succession)]


def _of_municipalities(succession: Succession) -> list[str]:
    """How many municipalities each successor takes over."""
    if succession.is_merger:
        counts = [(succession.successors[0], _policed(succession).count())]
    else:
        counts = [
            (each, sum(unit.pk == each.pk for _municipality, unit in succession.allotted))
            for each in succession.successors
        ]
    return [
        ngettext(
            "%(count)s municipality goes to %(unit)s.",
            "%(count)s municipalities go to %(unit)s.",
            count,
        )
        % {"count": count, "unit": unit.label}
        for unit, count in counts
        if count
    ]


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


def _continued(succession: Succession) -> list[Membership]:
    """The roles in the successors that go on from a predecessor's."""
    roles = Membership.objects.filter(unit__in=succession.successors, continues__isnull=False)
    return list(roles.select_related("continues").order_by("pk"))


def _own_roles(succession: Succession) -> list[Membership]:
    """The roles given in the successors themselves that are not over."""
    roles = Membership.objects.not_ended().filter(unit__in=succession.successors)
    return list(roles.filter(continues__isnull=True).order_by("pk"))


def _of_roles_back(succession: Succession) -> list[str]:
    lines = []
    if count := len(_continued(succession)):
        text = ngettext(
            "%(count)s role goes back to where it was.",
            "%(count)s roles go back to where they were.",
            count,
        )
        lines.append(text % {"count": count})
    if count := _followed(succession).filter(accepted_at__isnull=True).count():
        text = ngettext(
            "%(count)s invitation goes back to the zone that sent it.",
            "%(count)s invitations go back to the zones that sent them.",
            count,
        )
        lines.append(text % {"count": count})
    if count := len(_own_roles(succession)):
        text = ngettext(
            "%(count)s role given since in %(unit)s ends.",
            "%(count)s roles given since in %(unit)s end.",
            count,
        )
        lines.append(text % {"count": count, "unit": named(succession.successors)})
    return lines


def _end_own_roles(succession: Succession, actor: User) -> None:
    """Roles given in a successor end with it, today or before they would begin."""
    for membership in _own_roles(succession):
        membership.end = max(membership.start, timezone.localdate())
        membership.save(update_fields=["end"])
        details = {"user": membership.user_id, "role": membership.role, "unit": membership.unit_id}
        record(actor=actor, verb="membership.ended", subject=membership, details=details)


def in_place(unit: Unit | None, day: dt.date) -> Unit | None:
    """Who stands on ``day`` where ``unit`` stood: itself, or what it has merged into by then."""
    while unit is not None and unit.valid_to is not None and unit.valid_to <= day:
        after = Unit.objects.filter(predecessions__predecessor=unit).distinct()[:2]
        if len(after) != 1 or unit.never_existed:
            break
        (unit,) = after
    return unit


def carry_on(membership: Membership, *, actor: User) -> None:
    """A new role in a unit about to merge goes on in its successor, as those held before do."""
    unit, end = membership.unit, membership.end
    if unit is None or unit.valid_to is None or membership.start >= unit.valid_to:
        return
    successor = in_place(unit, unit.valid_to)
    if successor is None or successor == unit or (end is not None and end <= unit.valid_to):
        return
    _hand_over(membership, successor, unit.valid_to, actor)


def _record_role(actor: User, verb: str, membership: Membership, instead_of: Membership) -> None:
    details = {
        "user": membership.user_id,
        "role": membership.role,
        "unit": membership.unit_id,
        "instead_of": instead_of.pk,
    }
    record(actor=actor, verb=verb, subject=membership, details=details)


# Invitations


def _open_invitations(succession: Succession) -> Any:
    return Invitation.objects.open().filter(unit__in=succession.predecessors)


def _followed(succession: Succession) -> Any:
    """The invitations that followed a merger into a successor, accepted since or not."""
    return Invitation.objects.filter(unit__in=succession.successors, instead_of__isnull=False)


def _of_invitations(succession: Succession) -> list[str]:
    count = _open_invitations(succession).count()
    if not count or not succession.is_merger:
        return []
    text = ngettext(
        "%(count)s open invitation goes on for %(unit)s: its link still works.",
        "%(count)s open invitations go on for %(unit)s: their links still work.",
        count,
    )
    return [text % {"count": count, "unit": named(succession.successors)}]


def _hand_over_invitations(succession: Succession, actor: User) -> None:
    """At once if the day has come; before it, ``in_place`` says for which unit one is accepted."""
    if succession.effective_on > timezone.localdate():
        return
    for invitation in list(_open_invitations(succession).order_by("pk")):
        follow(invitation, succession.successors[0], actor=actor)


def follow(invitation: Invitation, unit: Unit, *, actor: User) -> None:
    """Let an invitation follow its unit into the one that took its place."""
    _record_invitation(actor, "invitation.followed", invitation, unit.pk)
    Invitation.objects.filter(pk=invitation.pk).update(unit=unit, instead_of=F("unit_id"))


def _give_back_invitations(succession: Succession, actor: User) -> None:
    """To the unit that sent them; a role accepted from one becomes a role there."""
    for invitation in _followed(succession).order_by("pk"):
        successor, unit = invitation.unit, invitation.instead_of
        _record_invitation(actor, "invitation.given_back", invitation, unit.pk)
        Invitation.objects.filter(pk=invitation.pk).update(unit=unit, instead_of=None)
        if invitation.accepted_by_id:
            accepted = Membership.objects.filter(
                user=invitation.accepted_by_id,
                role=invitation.role,
                unit=successor,
                continues__isnull=True,
            )
            accepted.update(unit=unit)


def _record_invitation(actor: User, verb: str, invitation: Invitation, unit_id: int) -> None:
    details = {"role": invitation.role, "unit": unit_id, "instead_of": invitation.unit_id}
    record(actor=actor, verb=verb, subject=invitation, details=details)


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
