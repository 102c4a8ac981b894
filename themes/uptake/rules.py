"""Who keeps a zonal plan, and who sees zones by name."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from organisations.enums import UnitKind
from organisations.models import Unit, User
from themes.enums import Stance
from themes.permissions import KEEP_ZONAL_PLAN, VIEW_UPTAKE

#: The stances that need words: the zone's own wording, or why not.
NEEDS_WORDS = frozenset({Stance.ADAPTED, Stance.NOT_TAKEN_UP})


def zones_by_name(user: User) -> QuerySet[Unit]:
    """The zones of which the user sees what each takes up.

    All of them with a role without a unit; a coordinator's, of the arrondissement; else one's own,
    with those that gave way to it.
    """
    zones = Unit.objects.filter(kind=UnitKind.ZONE)
    if user.access.everywhere(VIEW_UPTAKE.name):
        return zones
    units = user.access.units(VIEW_UPTAKE.name)
    gone = Unit.objects.succeeded_by(units)
    return zones.filter(Q(pk__in=units) | Q(controlled_by__in=units) | Q(pk__in=gone.values("pk")))


def may_keep(user: User, zone: Unit) -> bool:
    return zone.pk in user.access.units(KEEP_ZONAL_PLAN.name)
