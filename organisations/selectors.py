"""Reading people and units for pages, in a number of queries that does not grow."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.registries import SearchHit
from foundation.templatetags import jalon
from foundation.words import matches, plain

from . import rules
from .access import Access
from .enums import Role
from .models import (
    Invitation,
    Membership,
    Municipality,
    Reorganisation,
    Unit,
    UnitSuccession,
    User,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A membership as a list shows it; ``state`` is in_force, to_come or ended."""

    membership: Membership
    state: str
    may_end: bool


def memberships(
    user: User, *, role: str = "", words: str = "", ended: bool = False
) -> QuerySet[Membership]:
    """The memberships that ``user`` looks after, by role in the order of the roles."""
    found = Membership.objects.visible_to(user).select_related("user", "unit")
    if not ended:
        found = found.not_ended()
    if role:
        found = found.filter(role=role)
    for word in words.split():
        found = found.filter(_speaks_of(word))
    return found.order_by(_rank("role"), "unit__slug", "user__name", "start", "pk")


def _speaks_of(word: str) -> Q:
    fields = ("user__name", "user__email", "unit__name_fr", "unit__name_nl", "unit__code")
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__icontains": word})
    return condition


def _rank(field: str) -> Case:
    """Roles in the order in which they are declared."""
    whens = [When(**{field: role}, then=Value(place)) for place, role in enumerate(Role.values)]
    return Case(*whens, output_field=IntegerField())


def held(user: User, shown: Sequence[Membership]) -> list[Held]:
    """Rows for a page of the list, each with whether ``user`` may end it."""
    today, reach = timezone.localdate(), rules.reach(user)
    rows = []
    for each in shown:
        state = _state(each, today)
        covered = reach.covers(role=each.role, unit_id=each.unit_id, stand_in=each.stand_in)
        rows.append(Held(each, state, covered and state != "ended"))
    return rows


def _state(membership: Membership, today: Any) -> str:
    if membership.end is not None and membership.end <= max(today, membership.start):
        return "ended"
    return "to_come" if membership.start > today else "in_force"


def with_access(users: QuerySet[User]) -> list[User]:
    """Open accounts whose access and reading language are at hand: two queries for all of them."""
    held = Membership.objects.in_force().select_related("unit")
    found = list(users.filter(is_active=True).prefetch_related(Prefetch("memberships", held)))
    for user in found:
        vars(user)["access"] = Access.of(user.memberships.all())
    return found


def open_invitations(user: User) -> QuerySet[Invitation]:
    """Unanswered invitations that ``user`` looks after, the next to expire first."""
    found = Invitation.objects.open().visible_to(user)
    return found.select_related("unit", "invited_by").order_by("expires_at", "pk")


def invitation_of(token: str) -> QuerySet[Invitation]:
    """The invitation whose link carries this secret."""
    return Invitation.objects.filter(token_hash=hashed(token)).select_related("unit")


def hashed(token: str) -> str:
    """What is kept of a link's secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def units_in_existence() -> QuerySet[Unit]:
    return Unit.objects.valid_on(timezone.localdate()).order_by("kind", "name_fr", "slug")


def unit_page() -> QuerySet[Unit]:
    """A unit with what its page shows."""
    return Unit.objects.select_related(
        "parent", "controlled_by", "region", "province", "arrondissement"
    ).prefetch_related("populations", "predecessions__predecessor", "successions__successor")


def municipalities_of(unit: Unit, today: dt.date) -> QuerySet[Municipality]:
    """The municipalities that a unit polices: today, on its first day to come or its last one."""
    day = today
    if unit.valid_from is not None and unit.valid_from > today:
        day = unit.valid_from
    elif unit.valid_to is not None and unit.valid_to <= today:
        day = unit.valid_to - dt.timedelta(days=1)
    return Municipality.objects.policed_on(day).filter(zone=unit.pk)


# --- Mergers and splits -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReorganisationLine:
    """A merger or split as a list shows it; ``state`` is planned, in_effect or undone."""

    reorganisation: Reorganisation
    predecessors: list[Unit]
    successors: list[Unit]
    state: str


def reorganisations() -> QuerySet[Reorganisation]:
    """Those done here, the latest day first, with their units and who decided."""
    return Reorganisation.objects.select_related("decided_by", "undone_by").prefetch_related(
        "predecessors", "successors"
    )


def reorganisation_line(done: Reorganisation, today: dt.date) -> ReorganisationLine:
    state = "planned" if done.effective_on > today else "in_effect"
    return ReorganisationLine(
        done,
        list(done.predecessors.all()),
        list(done.successors.all()),
        "undone" if done.undone_at else state,
    )


@dataclass(frozen=True, slots=True)
class Recorded:
    """A merger of the reference data: its successor, and a row per predecessor."""

    successor: Unit
    rows: list[UnitSuccession]

    @property
    def first(self) -> UnitSuccession:
        return self.rows[0]


def recorded_mergers() -> list[Recorded]:
    """The mergers that came with the reference data, the latest first, undated ones last."""
    rows = UnitSuccession.objects.filter(reorganisation__isnull=True).select_related(
        "successor", "predecessor"
    )
    grouped: dict[tuple[int, dt.date | None], list[UnitSuccession]] = {}
    for row in rows.order_by(F("effective_on").desc(nulls_last=True), "successor__slug", "pk"):
        grouped.setdefault((row.successor_id, row.effective_on), []).append(row)
    return [Recorded(rows[0].successor, rows) for rows in grouped.values()]


# --- Search -------------------------------------------------------------------------------------


def find_units(user: User, words: str, most: int) -> list[SearchHit]:
    """Units whose name, acronym or code holds every word, then those whose areas do."""
    found = Unit.objects.select_related("province", "arrondissement")
    units = [unit for unit in found if not unit.never_existed]
    wanted = plain(words)
    named = [unit for unit in units if matches(words, *_names(unit))]
    named.sort(key=lambda unit: wanted not in map(plain, _names(unit)))
    placed = [unit for unit in units if unit not in named and matches(words, *_areas(unit))]
    return [_hit(unit) for unit in [*named, *placed][:most]]


def _names(unit: Unit) -> list[str]:
    names = [unit.name_fr, unit.name_nl, unit.name_de, unit.name_en]
    return [unit.code, unit.acronym_fr, unit.acronym_nl, *names, unit.label]


def _areas(unit: Unit) -> list[str]:
    areas = [area for area in (unit.arrondissement, unit.province) if area]
    return [text for area in areas for text in (area.name_fr, area.name_nl, area.name)]


def _hit(unit: Unit) -> SearchHit:
    areas = dict.fromkeys(area.name for area in (unit.arrondissement, unit.province) if area)
    excerpt = " · ".join(filter(None, [unit.code, *areas, _dates(unit)]))
    return SearchHit(
        unit.label, reverse("unit-detail", args=[unit.slug]), unit.get_kind_display(), excerpt
    )


def _dates(unit: Unit) -> str:
    """What tells a unit of the past or to come from one of the same name."""
    today = timezone.localdate()
    if unit.valid_to is not None:
        return _("until %(day)s") % {"day": jalon.day(unit.valid_to)}
    if unit.valid_from is not None and unit.valid_from > today:
        return _("from %(day)s") % {"day": jalon.day(unit.valid_from)}
    return ""
