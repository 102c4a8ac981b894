"""Writes about people: invitations, memberships, accounts. Each leaves an audit entry."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record

from . import mails, rules, succession
from .access import INVITE_ANYONE
from .enums import Role
from .models import Invitation, Membership, Unit, User
from .selectors import hashed

VALID_FOR = dt.timedelta(days=7)

_ANSWER = ("accepted_at", "accepted_by", "withdrawn_at")


class MailNotSent(Exception):
    """The mail could not be sent: nothing is left of these invitations but their record."""

    def __init__(self, invitations: Sequence[Invitation]) -> None:
        super().__init__([each.email for each in invitations])
        self.invitations = invitations


class InvitationClosed(Exception):
    """The invitation was used, withdrawn or has expired."""


class AccountExists(Exception):
    """The address has an account: its owner signs in to accept."""


class ContactsChanged(Exception):
    """Somebody else has changed the unit's telephone or mailbox: both versions can be shown."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit.pk)
        self.unit = unit


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """A line of a file of invitations; ``number`` is its line in the file."""

    number: int
    email: str
    name: str
    role: str
    unit: Unit | None
    start: dt.date | None
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in a file: line, column (empty: the whole line) and message."""

    number: int
    column: str
    message: str


class RowErrors(Exception):
    """A file was refused as a whole."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__(errors)
        self.errors = errors


# --- Invitations ------------------------------------------------------------------------------


def invite(
    *,
    actor: User,
    email: str,
    name: str,
    role: str,
    unit: Unit | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    stand_in: bool = False,
) -> Invitation:
    """Invite somebody to hold a role, by a mail with a link that works once and for seven days.

    Raises PermissionDenied if the actor may not give the role, ValidationError (by field) if the
    invitation makes no sense, MailNotSent if the mail fails; the invitation is then withdrawn.
    """
    with transaction.atomic():
        addressed = _invite(actor, email, name, role, unit, start, end, stand_in)
    _deliver([addressed], actor=actor)
    return addressed[0]


def invite_many(
    *, actor: User, rows: Iterable[InvitationRow], unread: Iterable[RowError] = ()
) -> list[Invitation]:
    """Invite all of them or nobody. Raises RowErrors, or MailNotSent for those not reached.

    ``unread`` is what is wrong with rows that could not be read: told with what is wrong in the
    others.
    """
    addressed: list[mails.Addressed] = []
    errors = list(unread)
    with transaction.atomic():
        for row in rows:
            try:
                addressed.append(_invite_row(actor, row))
            except (ValidationError, PermissionDenied) as error:
                errors.extend(_row_errors(row, error))
        if errors:
            raise RowErrors(sorted(errors, key=lambda error: error.number))
    _deliver(addressed, actor=actor)
    return [invitation for invitation, _token in addressed]


def _invite_row(actor: User, row: InvitationRow) -> mails.Addressed:
    """An approver's row that names an approver means a stand-in, as in the form."""
    stand_in = row.role == Role.APPROVER and not actor.access.everywhere(INVITE_ANYONE)
    with transaction.atomic():
        return _invite(actor, row.email, row.name, row.role, row.unit, row.start, row.end, stand_in)


def _row_errors(
    row: InvitationRow, error: ValidationError | PermissionDenied
) -> Iterable[RowError]:
    if isinstance(error, PermissionDenied):
        yield RowError(row.number, "role", _("You may not give this role in this unit."))
        return
    for field, messages in error.message_dict.items():
        for message in messages:
            yield RowError(row.number, "" if field == "__all__" else field, message)


def invite_administrator(*, email: str) -> mails.Addressed:
    """Invite an administrator from the command line; returns the invitation and its secret.

    An earlier link stops working. The mail is tried and may fail: whoever runs the command reads
    the link on the screen.
    """
    with transaction.atomic():
        earlier = Invitation.objects.open().filter(email=normal_address(email))
        for invitation in earlier.filter(role=Role.ADMINISTRATOR):
            _close(invitation, withdrawn_at=timezone.now())
            record(actor=None, verb="invitation.withdrawn", subject=invitation)
        addressed = _invite(None, email, _("Administrator"), Role.ADMINISTRATOR)
    mails.send([addressed])
    return addressed


def _invite(
    actor: User | None,
    email: str,
    name: str,
    role: str,
    unit: Unit | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    stand_in: bool = False,
) -> mails.Addressed:
    rules.check_role(role=role, unit=unit, stand_in=stand_in, end=end)
    email = normal_address(email)
    _check_may_give(actor, email, role, unit, stand_in)
    now, token = timezone.now(), secrets.token_urlsafe(32)
    invitation = Invitation(
        email=email,
        name=rules.checked_name(name),
        role=role,
        unit=unit,
        start=max(start or timezone.localdate(), timezone.localdate()),
        end=end,
        stand_in=stand_in,
        token_hash=hashed(token),
        invited_by=actor,
        invited_at=now,
        expires_at=now + VALID_FOR,
    )
    rules.check_dates(invitation.start, end)
    invitation.clean_fields(exclude={"unit", "invited_by", *_ANSWER})
    _check_invited(invitation)
    invitation.save()
    record(actor=actor, verb="invitation.sent", subject=invitation, details=_terms(invitation))
    return invitation, token


def _check_may_give(
    actor: User | None, email: str, role: str, unit: Unit | None, stand_in: bool
) -> None:
    """No actor means the command line; nobody gives a role to themselves."""
    if actor is None:
        return
    if email == actor.email or not rules.may_handle(actor, role=role, unit=unit, stand_in=stand_in):
        raise PermissionDenied


def _check_invited(invitation: Invitation) -> None:
    same = Invitation.objects.open().filter(
        email=invitation.email, role=invitation.role, unit=invitation.unit
    )
    if same.exists():
        raise ValidationError(
            {"email": _("An invitation to this role is open. Withdraw it before sending another.")}
        )
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        return
    if not user.is_active and not _gives_any(invitation.invited_by):
        raise ValidationError({"email": _("This account is closed. Ask an administrator.")})
    _check_holdable(user, invitation)


def _gives_any(actor: User | None) -> bool:
    return actor is None or actor.access.everywhere(INVITE_ANYONE)


def _check_holdable(user: User, terms: Invitation | Membership) -> None:
    start, end = terms.start, terms.end
    rules.check_new(user, role=terms.role, unit=terms.unit, start=start, end=end)
    rules.check_together(user, role=terms.role, start=start, end=end)


def _deliver(addressed: Sequence[mails.Addressed], *, actor: User) -> None:
    unsent = mails.send(addressed)
    for invitation in unsent:
        withdraw_invitation(actor=actor, invitation=invitation)
    if unsent:
        raise MailNotSent(unsent)


@transaction.atomic
def withdraw_invitation(*, actor: User, invitation: Invitation) -> None:
    """Close an invitation that nobody has accepted. Raises InvitationClosed if it is closed."""
    if not rules.may_handle(
        actor, role=invitation.role, unit=invitation.unit, stand_in=invitation.stand_in
    ):
        raise PermissionDenied
    _close(invitation, withdrawn_at=timezone.now())
    record(actor=actor, verb="invitation.withdrawn", subject=invitation)


def _close(invitation: Invitation, **how: Any) -> None:
    """Compare-and-set: of two who accept or withdraw at once, one wins."""
    if not Invitation.objects.open().filter(pk=invitation.pk).update(**how):
        raise InvitationClosed


@transaction.atomic
def join(*, actor: User, invitation: Invitation) -> Membership:
    """Accept an invitation with the account that the actor is signed in with.

    Raises PermissionDenied for another address, InvitationClosed, or ValidationError if a role
    held meanwhile excludes this one.
    """
    if actor.email != invitation.email:
        raise PermissionDenied
    _close(invitation, accepted_at=timezone.now(), accepted_by=actor)
    start = max(invitation.start, timezone.localdate())
    unit = succession.in_place(invitation.unit, start)
    if unit is not None and unit != invitation.unit:
        succession.follow(invitation, unit, actor=actor)
    membership = _grant(
        actor=actor,
        granted_by=invitation.invited_by,
        user=actor,
        role=invitation.role,
        unit=unit,
        start=start,
        end=invitation.end,
        stand_in=invitation.stand_in,
    )
    record(actor=actor, verb="invitation.accepted", subject=invitation)
    return membership


@transaction.atomic
def open_account(*, invitation: Invitation, name: str, password: str) -> User:
    """Accept an invitation with a new account, or with a closed one, which opens again.

    Raises AccountExists if the address has an account in use, and what ``join`` raises.
    """
    known = User.objects.select_for_update().filter(email=invitation.email).first()
    if known is not None and known.is_active:
        raise AccountExists
    user = known or _new_user(invitation.email)
    user.name, user.is_active = rules.checked_name(name), True
    user.set_password(password)
    user.save(update_fields=["name", "is_active", "password"])
    record(actor=user, verb="user.opened", subject=user)
    join(actor=user, invitation=invitation)
    return user


def _new_user(email: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email)
    except IntegrityError as error:
        raise AccountExists from error


# --- Memberships ------------------------------------------------------------------------------


@transaction.atomic
def grant(
    *,
    actor: User,
    user: User,
    role: str,
    unit: Unit | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    stand_in: bool = False,
) -> Membership:
    """Give a role to an account without an invitation; raises what ``invite`` raises."""
    rules.check_role(role=role, unit=unit, stand_in=stand_in, end=end)
    _check_may_give(actor, user.email, role, unit, stand_in)
    return _grant(
        actor=actor,
        granted_by=actor,
        user=user,
        role=role,
        unit=unit,
        start=start or timezone.localdate(),
        end=end,
        stand_in=stand_in,
    )


def _grant(*, actor: User, user: User, **terms: Any) -> Membership:
    """Checks what the user holds under a lock on the account, so that two grants cannot cross."""
    User.objects.select_for_update().get(pk=user.pk)
    membership = Membership(user=user, **terms)
    rules.check_dates(membership.start, membership.end)
    _check_holdable(user, membership)
    membership.save()
    user.__dict__.pop("access", None)  # what was computed before is no longer so
    record(actor=actor, verb="membership.granted", subject=membership, details=_terms(membership))
    succession.carry_on(membership, actor=actor)
    return membership


@transaction.atomic
def end_membership(*, actor: User, membership: Membership, on: dt.date | None = None) -> None:
    """End a role on a day (today: at once), which is the first day without it.

    Raises PermissionDenied, or ValidationError if it has ended, or is nobody else's to keep.
    """
    if not rules.may_handle(
        actor, role=membership.role, unit=membership.unit, stand_in=membership.stand_in
    ):
        raise PermissionDenied
    _end(actor, membership, on or timezone.localdate())


def _end(actor: User, membership: Membership, on: dt.date) -> None:
    if on < timezone.localdate():
        raise ValidationError({"end": _("A role cannot end in the past.")})
    if membership.end is not None and membership.end <= on:
        raise ValidationError({"end": _("This role ends before that day already.")})
    _keep_an_administrator(membership)
    membership.end = max(on, membership.start)
    membership.save(update_fields=["end"])
    details = {**_terms(membership), "user": membership.user_id}
    record(actor=actor, verb="membership.ended", subject=membership, details=details)


def _keep_an_administrator(membership: Membership) -> None:
    if membership.role != Role.ADMINISTRATOR:
        return
    others = Membership.objects.in_force().filter(
        role=Role.ADMINISTRATOR, end__isnull=True, user__is_active=True
    )
    if not others.exclude(user=membership.user_id).exists():
        raise ValidationError(
            {"end": _("This is the last administrator. Invite another one first.")}
        )


# --- Accounts ---------------------------------------------------------------------------------


@transaction.atomic
def deactivate_user(*, actor: User, user: User) -> None:
    """Close an account: its sessions, roles and open invitations, received and sent, end now.

    The password goes too, so that no session comes back with the account.
    """
    if user == actor or not actor.access.everywhere(INVITE_ANYONE):
        raise PermissionDenied
    for membership in user.memberships.not_ended().select_related("unit"):
        _end(actor, membership, timezone.localdate())
    for invitation in Invitation.objects.open().filter(Q(email=user.email) | Q(invited_by=user)):
        withdraw_invitation(actor=actor, invitation=invitation)
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    record(actor=actor, verb="user.deactivated", subject=user)


@transaction.atomic
def change_account(*, actor: User, name: str, language: str) -> None:
    """Change one's own name and language (empty: as the unit speaks, else as the device asks)."""
    actor.name, actor.language = rules.checked_name(name), language
    actor.clean_fields(exclude={"password", "email"})
    actor.save(update_fields=["name", "language"])
    record(actor=actor, verb="user.changed", subject=actor, details={"language": language})


@transaction.atomic
def choose_language(*, actor: User, language: str) -> None:
    """Change the language of one's own pages and mails, as the switch on the pages does."""
    if actor.language == language:
        return
    actor.language = language
    actor.clean_fields(exclude={"name", "password", "email"})
    actor.save(update_fields=["language"])
    record(actor=actor, verb="user.changed", subject=actor, details={"language": language})


@transaction.atomic
def set_password(*, user: User, password: str) -> None:
    """Set a password, which ends every other session of the account."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record(actor=user, verb="user.password_set", subject=user)


# --- Units ------------------------------------------------------------------------------------

_CONTACTS = ("telephone", "mailbox")


@transaction.atomic
def change_contacts(
    *, actor: User, unit: Unit, telephone: str, mailbox: str, seen: tuple[str, str]
) -> None:
    """Change how a unit is reached; ``seen`` is the telephone and the mailbox it replaces.

    Raises PermissionDenied, ContactsChanged where another has changed them since, and
    ValidationError by field.
    """
    if not rules.may_keep_contacts(actor, unit):
        raise PermissionDenied
    held = Unit.objects.select_for_update().get(pk=unit.pk)
    before = (held.telephone, held.mailbox)
    if before != seen:
        raise ContactsChanged(held)
    held.telephone, held.mailbox = telephone, mailbox
    held.clean_fields(exclude={each.name for each in Unit._meta.fields} - set(_CONTACTS))
    held.clean()
    if before == (held.telephone, held.mailbox):
        return
    held.save(update_fields=_CONTACTS)
    details = {"before": before, "after": (held.telephone, held.mailbox)}
    record(actor=actor, verb="unit.contacts_changed", subject=held, details=details)


# --- Parts ------------------------------------------------------------------------------------


def normal_address(email: str) -> str:
    return email.strip().lower()


def _terms(held: Invitation | Membership) -> dict[str, Any]:
    return {
        "role": held.role,
        "unit": held.unit.slug if held.unit else None,
        "start": held.start.isoformat(),
        "end": held.end.isoformat() if held.end else None,
        "stand_in": held.stand_in,
    }
