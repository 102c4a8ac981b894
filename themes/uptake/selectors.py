"""Reading what zones take up, in a number of queries that does not grow with them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.registries import SearchHit
from foundation.words import matches
from organisations.enums import UnitKind
from organisations.models import Area, Unit, User
from organisations.tilemap import TileMap, Value, tile_map
from themes.enums import Stance
from themes.models import Objective, Theme, Uptake, ZonalPlan
from themes.permissions import KEEP_ZONAL_PLAN

from . import rules

#: How the map shows each stance: a step of its scale and a letter. The order is no judgement.
LOOKS: dict[str, tuple[int | None, str | Promise]] = {
    Stance.TAKEN_UP: (4, _("T")),
    Stance.ADAPTED: (3, _("A")),
    Stance.REGULAR: (2, _("R")),
    Stance.PREPARING: (1, _("P")),
    Stance.NOT_CONCERNED: (0, "–"),
    Stance.NOT_TAKEN_UP: (0, "N"),
}


def zones(day: dt.date | None = None) -> QuerySet[Unit]:
    """The zones in existence on a day (today)."""
    return Unit.objects.filter(kind=UnitKind.ZONE).valid_on(day or timezone.localdate())


@dataclass(frozen=True)
class Line:
    """How many zones say what of an objective, of a theme's objectives, or in a province."""

    subject: Any
    counts: Mapping[str, int]
    expected: int

    @property
    def silent(self) -> int:
        return self.expected - sum(self.counts.values())

    @property
    def columns(self) -> list[tuple[str, int]]:
        """A label and a count for each stance, then for nothing said."""
        said = [(str(stance.label), self.counts.get(stance, 0)) for stance in Stance]
        return [*said, (str(_("nothing said yet")), self.silent)]


def headings() -> list[str]:
    return [*(str(stance.label) for stance in Stance), str(_("nothing said yet"))]


def _counts(field: str, uptakes: QuerySet[Uptake]) -> dict[Any, Counter[str]]:
    found: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in uptakes.values(field, "stance").annotate(n=Count("pk")):
        found[row[field]][row["stance"]] += row["n"]
    return found


def of_zones(province: Area | None = None) -> QuerySet[Uptake]:
    found = Uptake.objects.filter(zonal_plan__zone__in=_in(province).values("pk"))
    return found.order_by()


def _in(province: Area | None) -> QuerySet[Unit]:
    return zones().filter(province=province) if province else zones()


def by_objective(objectives: QuerySet[Objective], province: Area | None = None) -> list[Line]:
    """A line per objective: three queries."""
    counts = _counts("objective", of_zones(province))
    expected = _in(province).count()
    return [
        Line(each, counts.get(each.pk, Counter()), expected)
        for each in objectives.select_related("theme")
    ]


def by_theme(lines: Sequence[Line]) -> list[Line]:
    """The lines of objectives added up by theme: what is counted are zone and objective pairs."""
    sums: dict[Theme, list[Line]] = defaultdict(list)
    for line in lines:
        sums[line.subject.theme].append(line)
    return [
        Line(
            theme,
            sum((Counter(each.counts) for each in members), Counter()),
            sum(each.expected for each in members),
        )
        for theme, members in sums.items()
    ]


def by_province(objectives: Iterable[Objective]) -> list[Line]:
    """A line per province, and one for the zones that are in none (Brussels): three queries."""
    wanted = list(objectives)
    found = of_zones().filter(objective__in=wanted)
    counts = _counts("zonal_plan__zone__province", found)
    places: dict[int | None, int] = dict(
        zones().order_by().values_list("province").annotate(n=Count("pk"))
    )
    provinces: dict[int | None, Any] = {
        each.pk: each for each in Area.objects.filter(pk__in=[pk for pk in places if pk])
    }
    provinces[None] = _("Brussels (no province)")
    return [
        Line(name, counts.get(pk, Counter()), places[pk] * len(wanted))
        for pk, name in provinces.items()
        if pk in places
    ]


# --- One objective ----------------------------------------------------------------------------


def uptake_map(objective: Objective, user: User) -> TileMap:
    """What each zone says of an objective, of the zones that the user sees by name."""
    visible = set(rules.zones_by_name(user).values_list("pk", flat=True))
    rows = of_zones().filter(objective=objective, zonal_plan__zone__in=visible)
    said = {zone: _value(stance) for zone, stance in rows.values_list("zonal_plan__zone", "stance")}
    hidden = Value(str(_("not shown to you")))
    everyone = list(zones().order_by("slug"))
    unseen = [each.pk for each in everyone if each.pk not in visible]
    shown = [_value(stance) for stance in LOOKS]
    return tile_map(
        everyone,
        dict.fromkeys(unseen, hidden) | said,
        caption=str(objective),
        legend=[*shown, hidden] if unseen else shown,
        nothing=Value(str(_("nothing said yet")), None, "?"),
        urls={each.pk: _url(each) for each in everyone if each.pk in visible},
    )


def _value(stance: str) -> Value:
    step, mark = LOOKS[stance]
    return Value(str(Stance(stance).label), step, str(mark))


def _url(zone: Unit) -> str:
    return reverse("zonal-plan-detail", args=[zone.slug])


def words_of(objective: Objective, user: User) -> list[Uptake]:
    """The wordings and the reasons that zones gave, of the zones that the user sees by name."""
    return list(
        of_zones()
        .filter(objective=objective, zonal_plan__zone__in=rules.zones_by_name(user).values("pk"))
        .exclude(text="")
        .select_related("zonal_plan__zone")
        .order_by("stance", "zonal_plan__zone__slug")
    )


# --- One zone ---------------------------------------------------------------------------------


def said_by_predecessors(zone: Unit) -> dict[int, list[tuple[str, str]]]:
    """By objective's id, what each zone that gave way to this one said: name and stance."""
    gone = Unit.objects.succeeded_by([zone.pk])
    rows = Uptake.objects.filter(zonal_plan__zone__in=gone.values("pk")).select_related(
        "zonal_plan__zone"
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for each in rows:
        found[each.objective_id].append((each.zonal_plan.zone.label, each.get_stance_display()))
    return found


@dataclass(frozen=True, slots=True)
class ZoneState:
    """How far a zone's plan is: objectives on which it says something, of all."""

    zone: Unit
    zonal_plan: ZonalPlan | None
    said: int
    total: int
    may_keep: bool


def states(found: Iterable[Unit], user: User) -> list[ZoneState]:
    """How far the plans of some zones are: three queries."""
    wanted = list(found)
    total = Objective.objects.count()
    plans = {
        each.zone_id: each
        for each in ZonalPlan.objects.filter(zone__in=wanted).annotate(said=Count("uptakes"))
    }
    return [
        ZoneState(
            zone,
            plans.get(zone.pk),
            plans[zone.pk].said if zone.pk in plans else 0,
            total,
            rules.may_keep(user, zone),
        )
        for zone in wanted
    ]


# --- Blocks on other pages ------------------------------------------------------------------------


def objective_panels(ids: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """How many zones say what of some objectives: three queries."""
    lines = by_objective(Objective.objects.filter(pk__in=ids))
    return {line.subject.pk: {"line": line} for line in lines}


def unit_panels(ids: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """How far the plans of some zones are, of those that the user sees by name."""
    visible = rules.zones_by_name(user).filter(pk__in=ids)
    return {each.zone.pk: {"state": each} for each in states(visible, user)}


def home(user: User) -> Mapping[str, Any] | None:
    """How far the plan of one's own zone is."""
    units = user.access.units(KEEP_ZONAL_PLAN.name)
    own = zones().filter(pk__in=units)
    found = states(own, user)
    return {"states": found} if found else None


def find(user: User, words: str, most: int) -> list[SearchHit]:
    """What zones say in their own words, of the zones that the user sees by name."""
    visible = rules.zones_by_name(user).values("pk")
    found = (
        Uptake.objects.filter(zonal_plan__zone__in=visible)
        .exclude(text="")
        .select_related("zonal_plan__zone", "objective")
    )
    return [
        SearchHit(
            f"{each.objective.code} · {each.zonal_plan.zone.label}",
            _url(each.zonal_plan.zone),
            each.get_stance_display(),
            each.text,
        )
        for each in found
        if matches(words, each.text)
    ][:most]
