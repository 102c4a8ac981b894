"""Mergers and splits as they are prepared: zones to come, what would follow, and doing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from .enums import CodeStatus, UnitKind
from .models import Area, Municipality, Reorganisation, Unit, User
from .succession import Succession, preview, succeed


@dataclass(frozen=True, slots=True)
class NewZone:
    """A zone to come, with the municipalities that it takes of a zone that splits."""

    name_fr: str
    name_nl: str
    name_de: str
    language: str
    code: str
    code_status: str
    region: Area
    province: Area | None
    arrondissement: Area
    controlled_by: Unit
    has_point_of_entry: bool
    municipalities: tuple[Municipality, ...] = ()

    @property
    def own_name(self) -> str:
        names = {"nl": self.name_nl, "de": self.name_de}
        return names.get(self.language, "") or self.name_fr or self.name_nl


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which zones give way to which, on which day, by which act."""

    predecessors: tuple[Unit, ...]
    zones: tuple[NewZone, ...]
    effective_on: dt.date
    reason: str


def foreseen(*, actor: User, proposal: Proposal) -> list[str]:
    """What ``reorganise`` would do, in sentences; nothing is left of it.

    It is really tried, so that whatever would refuse refuses here. Raises what ``succeed`` raises.
    """
    with transaction.atomic():
        succession = _described(proposal)
        lines = preview(succession=succession)
        succeed(actor=actor, succession=succession, reason=proposal.reason)
        transaction.set_rollback(True)
    return lines


@transaction.atomic
def reorganise(*, actor: User, proposal: Proposal) -> Reorganisation:
    """Describe the zones to come and let them take the predecessors' place."""
    return succeed(actor=actor, succession=_described(proposal), reason=proposal.reason)


def succession_of(done: Reorganisation) -> Succession:
    """The succession that a standing reorganisation recorded, its units in their order."""
    rows = list(
        done.successions.select_related("predecessor", "successor__controlled_by").order_by("pk")
    )
    return Succession(
        tuple(dict.fromkeys(row.predecessor for row in rows if row.predecessor)),
        tuple(dict.fromkeys(row.successor for row in rows)),
        done.effective_on,
    )


def _described(proposal: Proposal) -> Succession:
    units = [(zone, _unit(zone, proposal.effective_on)) for zone in proposal.zones]
    allotted = tuple((each, unit) for zone, unit in units for each in zone.municipalities)
    return Succession(
        proposal.predecessors,
        tuple(unit for _zone, unit in units),
        proposal.effective_on,
        allotted,
    )


def _unit(zone: NewZone, day: dt.date) -> Unit:
    """The unit of a zone to come, which exists from its succession on and not before."""
    unit = _unused(_slugs(zone, day))
    unit.kind = UnitKind.ZONE
    unit.valid_from = unit.valid_to = day
    unit.code, unit.code_status = zone.code, zone.code_status if zone.code else CodeStatus.NONE
    for name in (
        "name_fr", "name_nl", "name_de", "language", "region", "province", "arrondissement",
        "controlled_by", "has_point_of_entry",
    ):  # fmt: skip
        setattr(unit, name, getattr(zone, name))
    unit.full_clean(validate_constraints=False)
    unit.save()
    return unit


def _slugs(zone: NewZone, day: dt.date) -> Iterable[str]:
    first = f"zp-{slugify(zone.own_name)[:45]}"
    yield first
    for number in range(1, 100):
        yield f"{first}-{day.year}" if number == 1 else f"{first}-{day.year}-{number}"


def _unused(slugs: Iterable[str]) -> Unit:
    """A unit with the first slug that is free, or whose zone never existed and may begin now."""
    for slug in slugs:
        known = Unit.objects.filter(slug=slug).first()
        if known is None:
            return Unit(slug=slug)
        if known.kind == UnitKind.ZONE and known.never_existed:
            return known
    raise ValueError("no address is free for this zone")
