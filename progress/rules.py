"""Whose figures and names a user may see beside the results of areas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from indicators.models import Indicator
from organisations.enums import AreaKind
from organisations.models import Area, Unit, User

from .models import Shown
from .permissions import VIEW_RESULTS, VIEW_UNIT_FIGURES

#: Indicator, period and option.
About = tuple[int, int, str]

#: A total of fewer units that reported is shown only to those who see the units' figures.
FEWEST = 3


def units_with_figures(user: User, prefix: str = "") -> Q:
    """The units of which ``user`` sees validated figures: all, those they control, or none.

    ``prefix`` leads from the filtered rows to their unit, as in "subject__unit__".
    """
    access = user.access
    if access.everywhere(VIEW_UNIT_FIGURES.name) or access.everywhere("submissions.control_all"):
        return Q()
    return _controlled_by(access.units("submissions.control"), prefix)


def sees_every_unit(user: User, indicator: Indicator, *, is_closed: bool) -> bool:
    """Whether ``user`` sees what each unit reported behind a figure; all, where it may be compared.

    Of a closed period the Council does, too (METHOD.md 10).
    """
    if indicator.is_restricted:
        return False
    reviews_all = is_closed and user.access.everywhere(VIEW_RESULTS.name)
    return reviews_all or not units_with_figures(user)


def areas_in_view(user: User, results: Iterable[Shown], beside: Iterable[Shown]) -> list[Shown]:
    """The totals that ``user`` may see: a total of one or two units tells what a unit reported.

    So does what a total leaves beside the totals within it: of those the smallest are kept back,
    too. ``beside`` are the totals of all areas of the same indicators and periods, and of all their
    options where one is asked for; it is not read for those who see every unit's figures and hence
    all. A coordinator sees the own arrondissement, too (METHOD 10). The nation's totals are for
    everybody.
    """
    found = list(results)
    if not found or not units_with_figures(user):
        return found
    controlled = Unit.objects.filter(units_with_figures(user))
    own = set(controlled.values_list("arrondissement_id", flat=True))
    tables: dict[About, dict[int, Shown]] = {_about(each): {} for each in found}
    divided = {about[:2] for about in tables if about[2]}
    for each in (*beside, *found):
        about = _about(each)
        if about in tables or about[:2] in divided:
            tables.setdefault(about, {})[each.area_id] = each
    kept = _kept_back_with_options(Tree.read(), tables, own)
    return [each for each in found if each.area_id not in kept[_about(each)]]


def _about(one: Shown) -> About:
    return one.indicator_id, one.period_id, one.option


def _kept_back_with_options(
    tree: Tree, tables: Mapping[About, Mapping[int, Shown]], own: Container[int]
) -> dict[About, set[int]]:
    """``kept_back`` of each table. Options add up to their total, so that one that is kept back
    would follow from the others: in its area all of them are, as where the total is.
    """
    kept = {about: kept_back(tree, totals, own) for about, totals in tables.items()}
    while True:
        anywhere: dict[tuple[int, int], set[int]] = defaultdict(set)
        for (indicator, period, _option), areas in kept.items():
            anywhere[indicator, period] |= areas
        wider = {
            (indicator, period, option): kept_back(tree, totals, own, anywhere[indicator, period])
            if option
            else kept[indicator, period, option]
            for (indicator, period, option), totals in tables.items()
        }
        if wider == kept:
            return kept
        kept = wider


@dataclass(frozen=True)
class Tree:
    """Which area lies within which: nation, region, province, arrondissement; nation, class.

    ``parents`` has the smallest area around each one, as its units are; ``classes`` divide the
    nation once more.
    """

    nation: int | None
    parents: Mapping[int, int]
    classes: frozenset[int]

    @classmethod
    def read(cls) -> Tree:
        """Two queries."""
        kinds = dict(Area.objects.values_list("pk", "kind"))
        nation = next((pk for pk, kind in kinds.items() if kind == AreaKind.NATION), None)
        places = Unit.objects.order_by().values_list("region", "province", "arrondissement")
        around: dict[int, list[list[int]]] = defaultdict(list)
        for place in places.distinct():
            known = [area for area in (nation, *place) if area is not None]
            for at, area in enumerate(known):
                around[area].append(known[:at])
        parents = {}
        for area in kinds:
            # An area whose units lie in two others is in neither.
            paths = around.get(area, [[nation] if nation and area != nation else []])
            common = [one for one in paths[0] if all(one in path for path in paths)]
            if common:
                parents[area] = common[-1]
        classes = frozenset(pk for pk, kind in kinds.items() if kind == AreaKind.CLASS)
        return cls(nation, parents, classes)

    def nearest(self, area: int, among: Container[int]) -> int | None:
        """The smallest of these areas around one."""
        found = self.parents.get(area)
        while found is not None and found not in among:
            found = self.parents.get(found)
        return found


def kept_back(
    tree: Tree, totals: Mapping[int, Shown], own: Container[int], others: Container[int] = ()
) -> set[int]:
    """The areas whose totals (of one indicator, period and option) are not shown, ``others`` among
    them.

    Whatever follows from the shown totals is a sum of what each leaves beside those nearest within
    it. So each must leave nobody, or ``FEWEST`` units; where it leaves fewer, the smallest total
    within it is kept back, until it does not. Of ``own`` areas the reader sees the units.
    """
    free = {area for area in totals if area != tree.nation and area not in own}
    kept = {area for area in free if area in others or _tells_of_a_unit(_units(totals[area]))}
    while (area := _smallest_at_risk(tree, totals, kept, free)) is not None:
        kept.add(area)
    return kept


def _smallest_at_risk(
    tree: Tree, totals: Mapping[int, Shown], kept: Container[int], free: Container[int]
) -> int | None:
    """The smallest total within one that leaves one or two units; itself where there is none.

    None where all are safe, or nothing is free to be kept back.
    """
    shown = sorted(area for area in totals if area not in kept)
    within: dict[tuple[int, bool], list[int]] = {(area, False): [] for area in shown}
    for area in shown:
        around = tree.nearest(area, shown)
        if around is not None and any(_units(totals[area])):
            within.setdefault((around, area in tree.classes), []).append(area)
    for (area, _of_classes), parts in within.items():
        left = list(_units(totals[area]))
        for part in parts:
            left = [most - less for most, less in zip(left, _units(totals[part]), strict=True)]
        choice = [each for each in parts if each in free] or ([area] if area in free else [])
        if choice and _tells_of_a_unit(left):
            return min(choice, key=lambda each: (*_units(totals[each]), each))
    return None


def _units(one: Shown) -> tuple[int, int]:
    """The units in a total: the rolling year may rest on one or two although more reported."""
    return one.reported or 0, one.judged_reported or 0


def _tells_of_a_unit(counts: Iterable[int]) -> bool:
    return any(0 < count < FEWEST for count in counts)


def sees_figures(user: User, unit: Unit) -> bool:
    """``units_with_figures`` for one unit, whose name and state go with its figures."""
    controlled = user.access.units("submissions.control")
    return not units_with_figures(user) or unit.controlled_by_id in controlled


def sees_reasons(user: User, indicator: Indicator) -> bool:
    """Whether ``user`` reads why a figure was corrected or sent back: a text may name the unit."""
    return not indicator.is_restricted and not units_with_figures(user)


def units_counted(user: User, prefix: str = "") -> Q:
    """The units that ``user``'s totals of coverage count; a coordinator's are their own."""
    access = user.access
    if access.everywhere(VIEW_RESULTS.name):
        return Q()
    return _controlled_by(access.units(VIEW_RESULTS.name), prefix)


def _controlled_by(units: Iterable[int], prefix: str) -> Q:
    return Q(**{f"{prefix}controlled_by__in": units})
