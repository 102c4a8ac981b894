"""Who may give or end which role, and which roles go together."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from .access import INVITE_ANYONE, INVITE_REPORTERS, KEEP_CONTACTS
from .enums import Role, UnitKind
from .models import Membership, Unit, User

ENTERS = frozenset({Role.REPORTER, Role.APPROVER})
CONTROLS = frozenset({Role.COORDINATOR, Role.SECRETARIAT})

#: Who controls figures never enters or attests any, and the AIG never controls.
APART: dict[str, frozenset[str]] = {
    **dict.fromkeys(CONTROLS, ENTERS | {Role.EVALUATOR}),
    **dict.fromkeys(ENTERS, CONTROLS),
    Role.EVALUATOR: CONTROLS,
}

_NAME = re.compile(r"[^\W\d_][\w .,'’()/&–-]*")


@dataclass(frozen=True, slots=True)
class Reach:
    """The roles that somebody may give and end: all, or reporters and stand-ins of some units."""

    everyone: bool
    reporters: frozenset[int]
    stand_ins: frozenset[int]

    def covers(self, *, role: str, unit_id: int | None, stand_in: bool) -> bool:
        if self.everyone:
            return True
        if role == Role.REPORTER:
            return unit_id in self.reporters
        return role == Role.APPROVER and stand_in and unit_id in self.stand_ins


def reach(actor: User) -> Reach:
    """An administrator's is everyone; a stand-in approver names no further stand-ins."""
    reporters = actor.access.units(INVITE_REPORTERS)
    own_name = actor.memberships.in_force().filter(role=Role.APPROVER, stand_in=False)
    return Reach(
        everyone=actor.access.everywhere(INVITE_ANYONE),
        reporters=reporters,
        stand_ins=frozenset(own_name.values_list("unit_id", flat=True)) & reporters,
    )


def may_handle(actor: User, *, role: str, unit: Unit | None, stand_in: bool) -> bool:
    return reach(actor).covers(role=role, unit_id=unit.pk if unit else None, stand_in=stand_in)


def may_keep_contacts(actor: User, unit: Unit) -> bool:
    """Its approvers, the coordinators of a DCA; for all units the secretariat, an administrator."""
    return actor.access.may(KEEP_CONTACTS, unit.pk)


def checked_name(name: str) -> str:
    """A person's or a function's name; raises ValidationError for what is none, such as a formula
    or an address, since mails repeat it."""
    name = " ".join(name.split())
    if len(name) > 120 or not _NAME.fullmatch(name):
        raise ValidationError(
            {"name": _("Write a name: letters first, then letters, digits and , . ' ( ) / & -.")}
        )
    return name


def check_role(*, role: str, unit: Unit | None, stand_in: bool, end: dt.date | None) -> None:
    """Raise ValidationError unless the role fits the unit."""
    if role not in Role.values:
        raise ValidationError({"role": _("There is no such role.")})
    if unit is None:
        if role in Role.of_units():
            raise ValidationError({"unit": _("Choose the unit in which this role is held.")})
    elif role not in Role.of_units():
        raise ValidationError({"unit": _("This role is held without a unit: leave it empty.")})
    else:
        _check_unit(role, unit)
    if stand_in and (role != Role.APPROVER or end is None):
        raise ValidationError({"end": _("A stand-in is an approver with an end date.")})


def _check_unit(role: str, unit: Unit) -> None:
    today = timezone.localdate()
    if unit.valid_to is not None and unit.valid_to <= today:
        raise ValidationError({"unit": _("This unit no longer exists.")})
    wanted = {Role.COORDINATOR: UnitKind.FEDERAL, Role.AUTHORITY: UnitKind.ZONE}.get(Role(role))
    if wanted is not None and unit.kind != wanted:
        raise ValidationError({"unit": _("This role does not exist in a unit of this kind.")})


def check_dates(start: dt.date, end: dt.date | None) -> None:
    """Raise ValidationError unless the role will be in force on some day; the end is excluded."""
    if end is not None and end <= start:
        raise ValidationError({"end": _("The end comes after the start.")})
    if end is not None and end <= timezone.localdate():
        raise ValidationError({"end": _("The end lies in the past.")})


def check_together(user: User, *, role: str, start: dt.date, end: dt.date | None) -> None:
    """Raise ValidationError if the user holds, at the same time, a role that excludes this one."""
    meanwhile = Membership.objects.filter(user=user).overlapping(start, end)
    for held in meanwhile.filter(role__in=APART.get(role, frozenset())):
        raise ValidationError(
            {
                "role": _(
                    "This person is %(held)s during that time: who controls figures neither "
                    "enters, attests nor evaluates them."
                )
                % {"held": held.get_role_display()}
            }
        )


def check_new(
    user: User, *, role: str, unit: Unit | None, start: dt.date, end: dt.date | None
) -> None:
    """Raise ValidationError if the user holds this very role during that time."""
    meanwhile = Membership.objects.filter(user=user, role=role, unit=unit)
    if meanwhile.overlapping(start, end).exists():
        raise ValidationError({"role": _("This person already holds this role at that time.")})
