"""Whose figures and names a user may see beside the results of areas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from indicators.models import Indicator
from organisations.enums import AreaKind
from organisations.models import Area, Unit, User
from submissions.models import RoundSubject

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
    nation once more. ``alike`` has the class of each area of which all units are of one.
    """

    nation: int | None
    parents: Mapping[int, int]
    classes: frozenset[int]
    alike: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Tree:
        """Three queries."""
        areas = {pk: (kind, number) for pk, kind, number in _areas()}
        kinds = {pk: kind for pk, (kind, _number) in areas.items()}
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
        classes = {number: pk for pk, (kind, number) in areas.items() if kind == AreaKind.CLASS}
        return cls(nation, parents, frozenset(classes.values()), _alike(classes))

    def wholly_in(self, classes: Container[int], among: Container[int]) -> list[int]:
        """The largest of these areas of which all units are of these classes."""
        found = [area for area, one in self.alike.items() if one in classes and area in among]
        return [area for area in found if self.nearest(area, found) is None]

    def nearest(self, area: int, among: Container[int]) -> int | None:
        """The smallest of these areas around one."""
        found = self.parents.get(area)
        while found is not None and found not in among:
            found = self.parents.get(found)
        return found


def _areas() -> Iterable[tuple[int, str, int]]:
    return Area.objects.values_list("pk", "kind", "number")


def _alike(classes: Mapping[int, int]) -> dict[int, int]:
    """The class of each area of which every unit ever asked is of that one: one query."""
    asked = RoundSubject.objects.order_by().values_list(
        "region", "province", "arrondissement", "population_class"
    )
    found: dict[int, set[int | None]] = defaultdict(set)
    for *place, number in asked.distinct():
        for area in place:
            if area is not None:
                found[area].add(None if number is None else classes.get(number))
    return {
        area: one
        for area, numbers in found.items()
        if len(numbers) == 1 and (one := next(iter(numbers))) is not None
    }


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
        left = _less(_units(totals[area]), [totals[part] for part in parts])
        choice = [each for each in parts if each in free] or ([area] if area in free else [])
        if choice and _tells_of_a_unit(left):
            return min(choice, key=lambda each: (*_units(totals[each]), each))
    return _class_at_risk(tree, totals, shown, free)


def _class_at_risk(
    tree: Tree, totals: Mapping[int, Shown], shown: Sequence[int], free: Container[int]
) -> int | None:
    """A class that leaves one or two units beside the areas that lie wholly in it.

    Those that are kept back follow together from the nation's total and the other classes: where
    they do so, the smallest of the others.
    """
    open_classes = [area for area in shown if area in tree.classes and any(_units(totals[area]))]
    groups: list[tuple[set[int], Sequence[int], list[int]]] = [
        ({area}, _units(totals[area]), [area]) for area in open_classes
    ]
    if tree.nation is not None and tree.nation in shown:
        rest = _less(_units(totals[tree.nation]), [totals[area] for area in open_classes])
        groups.append((set(tree.classes).difference(open_classes), rest, open_classes))
    for classes, units, chosen in groups:
        left = _less(units, [totals[area] for area in tree.wholly_in(classes, shown)])
        choice = [area for area in chosen if area in free]
        if choice and _tells_of_a_unit(left):
            return min(choice, key=lambda each: (*_units(totals[each]), each))
    return None


def _less(units: Sequence[int], parts: Iterable[Shown]) -> Sequence[int]:
    """What parts leave of so many units."""
    for part in parts:
        units = [most - less for most, less in zip(units, _units(part), strict=True)]
    return units


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
