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
from django.utils import timezone, translation

from foundation.models import AuditEntry
from foundation.services import record

from .enums import Role
from .models import Membership, Unit, User

FIRST_ZONE, SECOND_ZONE = "zp-namur", "zp-gent"
DIRECTORATE, SOURCE = "cgi", "bng"


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """A demonstration account: its role, the unit it acts for, and the user."""

    role: str
    unit: Unit | None
    user: User


def password() -> str:
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
    directorate: str = DIRECTORATE,
    source: str = SOURCE,
    since: dt.date | None = None,
) -> list[Demonstrated]:
    """One account per role, for the units with these slugs; made again, nothing changes but the
    password. The two zones are each seen by the coordinator of their own DCA."""
    units = Unit.objects.select_related("controlled_by").in_bulk(
        [first_zone, second_zone, directorate, source], field_name="slug"
    )
    first, second = units[first_zone], units[second_zone]
    hashed = make_password(password)
    return [
        _account(role, unit, hashed, since or timezone.localdate())
        for role, unit in _cast(first, second, units[directorate], units[source])
    ]


def _cast(
    first: Unit, second: Unit, directorate: Unit, source: Unit
) -> Iterable[tuple[str, Unit | None]]:
    for unit in (first, second, directorate, source):
        yield Role.REPORTER, unit
        yield Role.APPROVER, unit
    for zone in (first, second):
        yield Role.COORDINATOR, zone.controlled_by
    yield Role.AUTHORITY, first
    for role in Role.without_unit():
        yield role, None


def _account(role: str, unit: Unit | None, hashed: str, since: dt.date) -> Demonstrated:
    with translation.override("fr"):
        label = str(Role(role).label)
        name = f"{label}, {unit.acronym or unit.label}" if unit else label
    place = f".{unit.slug}" if unit else ""
    user, _made = User.objects.update_or_create(
        email=f"{role}{place}@demo.invalid",
        defaults={"name": name, "password": hashed, "is_demo": True, "is_active": True},
    )
    membership, made = Membership.objects.get_or_create(
        user=user, role=role, unit=unit, end=None, defaults={"start": since}
    )
    if made:
        details = {"role": role, "unit": unit.slug if unit else None}
        record(actor=None, verb="membership.granted", subject=membership, details=details)
    return Demonstrated(role, unit, user)


@transaction.atomic
def delete_accounts() -> int:
    """Delete the demonstration accounts with what they did; returns how many there were.

    What they entered must be gone before: the database refuses otherwise.
    """
    accounts = User.objects.filter(is_demo=True)
    count = accounts.count()
    AuditEntry.objects.filter(actor__in=accounts).delete()
    accounts.delete()
    return count
