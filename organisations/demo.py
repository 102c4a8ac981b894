"""The accounts of the demonstration: one per role, named by what they do and for whom."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from foundation import seals
from foundation.models import AuditEntry
from foundation.services import record

from .enums import Role
from .mails import DEMO_DOMAIN
from .models import Membership, Unit, User

FIRST_ZONE, SECOND_ZONE = "zp-namur", "zp-gent"
FEDERAL_UNIT, SOURCE = "cgi", "bng"
TELEPHONE = "02 000 00 00"

SENTENCES: dict[str, str | Promise] = {
    Role.REPORTER: _("Types the figures of the unit and saves them."),
    Role.APPROVER: _("Attests that the figures match the registers, and invites the reporters."),
    Role.COORDINATOR: _("Checks the zones of the arrondissement, then validates or returns."),
    Role.AUTHORITY: _("Reads the figures of its zone: mayor, police college, King’s prosecutor."),
    Role.SECRETARIAT: _("Keeps plan, indicators and rounds, and checks the federal units."),
    Role.STEERING: _("Follows the progress of the whole plan, down to one zone."),
    Role.COUNCIL: _("Evaluates the plan once a year on its results."),
    Role.EVALUATOR: _("Filters, compares and downloads everything that was validated."),
    Role.ADMINISTRATOR: _("Manages the accounts and the technical state, but no figures."),
}


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """A demonstration account: its role, the unit it acts for, and the user."""

    role: str
    unit: Unit | None
    user: User


def kept_password() -> str:
    """The demonstration's password, made at first use and readable by this system user alone."""
    path = settings.RUN_DIR / "demo_password"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return str(path.read_text())
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(12))
    return str(path.read_text())


@transaction.atomic
def create_accounts(
    *,
    password: str,
    first_zone: str = FIRST_ZONE,
    second_zone: str = SECOND_ZONE,
    federal_unit: str = FEDERAL_UNIT,
    source: str = SOURCE,
    since: dt.date | None = None,
) -> list[Demonstrated]:
    """One account per role, for the units with these slugs; made again, nothing changes but the
    password. The two zones are each seen by the coordinator of their own DCA."""
    units = Unit.objects.select_related("controlled_by").in_bulk(
        [first_zone, second_zone, federal_unit, source], field_name="slug"
    )
    first, second = units[first_zone], units[second_zone]
    _give_contacts([*units.values(), *filter(None, (first.controlled_by, second.controlled_by))])
    hashed = make_password(password)
    return [
        _account(role, unit, hashed, since or timezone.localdate())
        for role, unit in _cast(first, second, units[federal_unit], units[source])
    ]


def _cast(
    first: Unit, second: Unit, federal_unit: Unit, source: Unit
) -> Iterable[tuple[str, Unit | None]]:
    for unit in (first, second, federal_unit, source):
        yield Role.REPORTER, unit
        yield Role.APPROVER, unit
    for zone in (first, second):
        yield Role.COORDINATOR, zone.controlled_by
    yield Role.AUTHORITY, first
    for role in Role.without_unit():
        yield role, None


def _give_contacts(units: Iterable[Unit]) -> None:
    """A fictitious telephone and mailbox, in the unit's language, where there are none."""
    for unit in units:
        unknown = Unit.objects.filter(pk=unit.pk, telephone="", mailbox="")
        with translation.override(unit.languages[0]):
            local = slugify(unit.acronym or unit.label)
        unknown.update(telephone=TELEPHONE, mailbox=f"{local}{DEMO_DOMAIN}")


def told(text: Promise | str, language: str) -> str:
    """A text of the demonstration in the language of the unit that gives or gets it."""
    with translation.override(language):
        return str(text)


def told_to_all(text: Promise | str) -> str:
    """A text of the demonstration that is not of one unit, in each language of the units."""
    return " / ".join(told(text, language) for language in ("fr", "nl", "de"))


def _account(role: str, unit: Unit | None, hashed: str, since: dt.date) -> Demonstrated:
    with translation.override(unit.languages[0] if unit else "fr"):
        label = str(Role(role).label)
        name = f"{label}, {unit.acronym or unit.label}" if unit else label
    place = f".{unit.slug}" if unit else ""
    user, _made = User.objects.update_or_create(
        email=f"{role}{place}{DEMO_DOMAIN}",
        defaults={"name": name, "password": hashed, "is_demo": True, "is_active": True},
    )
    membership, made = Membership.objects.get_or_create(
        user=user, role=role, unit=unit, end=None, defaults={"start": since}
    )
    if made:
        details = {"role": role, "unit": unit.slug if unit else None}
        record(actor=None, verb="membership.granted", subject=membership, details=details)
    return Demonstrated(role, unit, user)


def accounts() -> list[User]:
    """The demonstration accounts that one can enter as, in the order in which they were made."""
    cast = User.objects.filter(is_demo=True, is_active=True, memberships__isnull=False)
    return list(cast.prefetch_related("memberships").order_by("pk"))


def sentence(account: User) -> str:
    """What one does when entering as this account."""
    return str(SENTENCES[account.memberships.all()[0].role])


def account(role: str) -> User | None:
    """The account that plays a role in the tour: where several do, that of the first zone or of
    its coordinator."""
    held = Membership.objects.in_force().filter(role=role, user__is_demo=True)
    first = Q(unit__slug=FIRST_ZONE) | Q(unit__controls__slug=FIRST_ZONE)
    found = held.filter(first).first() or held.order_by("pk").first()
    return found.user if found else None


@transaction.atomic
def delete_accounts() -> int:
    """Delete the demonstration accounts with what they did, and the fictitious contacts of units;
    returns how many accounts there were.

    What they entered must be gone before: the database refuses otherwise.
    """
    accounts = User.objects.filter(is_demo=True)
    count = accounts.count()
    seals.remove(
        AuditEntry.objects.filter(actor__in=accounts), reason="the demonstration was removed"
    )
    accounts.delete()
    Unit.objects.filter(mailbox__endswith=DEMO_DOMAIN).update(telephone="", mailbox="")
    return count
