"""Small numbers in a publication: METHOD.md 10, after the OECD glossary of statistical terms.

A table is a list of cells and of relations between them: a total is the sum of its parts (zones of
a province, options of a breakdown, quarters of a year, numerator and rest of a denominator). What
must not be told is hidden first (`primary`), then enough further cells that nobody can work a
hidden one out from what stands (`hidden`). All numbers are whole. Whoever reads the table is
taken to know that counts are not negative, which cells are hidden for being 1 to 4, and so that no
other hidden count is 1 to 4. Who knows less, since a publication marks all hidden cells alike,
finds out less (ADR 34, with what remains to a reader of the program).

A hidden cell is safe where another table that says the same can be shown: some hidden cells
changed, every relation kept, every bound too, and this cell's value another. A cell for which none
is found within the search counts as exposed, so that what is called safe is safe for certain.

Cost: one search changes at most 12 cells and tries at most 5000 times, each time over the
relations of the cells changed. A table of n cells takes at most 2n rounds of n searches; a table
once found serves all the cells that it changes, in every later round that hides them all.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

Key = Hashable

#: Counts from 1 to this one are hidden.
LARGEST_SMALL = 4

#: How many cells another table may differ in, and how many attempts are made to find one.
_MOST_CHANGES = 12
_MOST_ATTEMPTS = 5000

#: An amount is hidden where its largest unit has more than this share of it, and where fewer than
#: so many units make it: one of two knows the other's (METHOD 10 gives no number: ADR 34).
DOMINANT_SHARE = Fraction(4, 5)
FEWEST_UNITS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a table, in its smallest unit.

    An amount has the `contributions` of the units that make it, a count has None.
    """

    key: Key
    value: int
    contributions: tuple[int, ...] | None = None

    @property
    def is_primary(self) -> bool:
        """Whether it must not be told for itself: a small count or a dominated amount."""
        if self.contributions is None:
            return is_small(self.value)
        return is_dominated(self.contributions)

    @property
    def margin(self) -> int:
        """By how much another table must differ here: an amount known to a cent is known."""
        if self.contributions is None or not self.is_primary:
            return 1
        return max(1, ceil(abs(self.value) * (1 - DOMINANT_SHARE)))

    def others(self) -> Iterator[int]:
        """The next values above and below that it may have too.

        A count that is hidden although it is not small skips the small ones.
        """
        above, below = self.value + self.margin, self.value - self.margin
        if self.contributions is None and not self.is_primary:
            above = LARGEST_SMALL + 1 if is_small(above) else above
            below = 0 if is_small(below) else below
        return filter(self.may_be, (above, below))

    def may_be(self, value: int) -> bool:
        """Whether a reader who cannot see it must reckon with that value.

        Small counts are hidden, so a count hidden for itself is small and any other is not.
        """
        if self.contributions is None and is_small(value) != self.is_primary:
            return False
        return value >= 0 or self.value < 0


@dataclass(frozen=True, slots=True)
class Relation:
    """The cell `total` is the sum of the cells `parts`."""

    total: Key
    parts: tuple[Key, ...]


def is_small(count: int) -> bool:
    """Whether a count is 1 to 4: zero tells of nobody."""
    return 1 <= count <= LARGEST_SMALL


def is_dominated(contributions: Sequence[int]) -> bool:
    """Whether one unit makes more than 80 % of an amount, or fewer than 3 units make it.

    Sizes count without their sign; units that gave nothing are none. Nothing from nobody is not
    dominated.
    """
    sizes = [abs(one) for one in contributions if one]
    if not sizes:
        return False
    return len(sizes) < FEWEST_UNITS or max(sizes) > DOMINANT_SHARE * sum(sizes)


def rest(key: Key, total: Cell, parts: Sequence[Cell]) -> tuple[Cell, Relation]:
    """What a total leaves beside some of its parts, as a cell that nobody prints.

    A year less the quarters that are told, a denominator less its numerator: it can be worked out
    as soon as both stand, so it is hidden like any other where it is small.
    """
    left = Cell(key, total.value - sum(part.value for part in parts))
    return left, Relation(total.key, (*(part.key for part in parts), key))


def quotient(
    key: Key, numerator: int, denominator: int, *, is_part: bool
) -> tuple[list[Cell], list[Relation]]:
    """A ratio or a rate as cells, and what hides it: its numerator, its base, and their difference.

    They are (key, "numerator"), (key, "denominator") and, of a part, (key, "rest"). The published
    value must be hidden where one of them is: with one part it gives the other.
    """
    cells = [Cell((key, "numerator"), numerator), Cell((key, "denominator"), denominator)]
    if not is_part:
        return cells, []
    left, relation = rest((key, "rest"), cells[1], cells[:1])
    return [*cells, left], [relation]


def primary(cells: Iterable[Cell]) -> frozenset[Key]:
    """The cells that must not be told for themselves: small counts and dominated amounts."""
    return frozenset(cell.key for cell in cells if cell.is_primary)


@dataclass(frozen=True, slots=True)
class Publication:
    """A table with what is known of it already: `told` stands, `withheld` was hidden before."""

    cells: tuple[Cell, ...]
    relations: tuple[Relation, ...] = ()
    told: frozenset[Key] = frozenset()
    withheld: frozenset[Key] = frozenset()


def after(
    now: Publication, before: Sequence[Cell], relations: Sequence[Relation], told: Collection[Key]
) -> Publication:
    """The present table together with an earlier publication of it.

    `before` are the cells as they were, `relations` theirs, and `told` the keys of those that were
    published. A value that has not changed is one and the same number in both, and the reader is
    taken to know so; one that has is a cell of its own, (key, "earlier").
    """
    present = {cell.key: cell.value for cell in now.cells}
    names = {
        cell.key: cell.key if present.get(cell.key) == cell.value else (cell.key, "earlier")
        for cell in before
    }
    changed = [replace(cell, key=names[cell.key]) for cell in before if names[cell.key] != cell.key]
    renamed = (
        Relation(names[each.total], tuple(names[part] for part in each.parts)) for each in relations
    )
    known = frozenset(names[key] for key in told)
    return Publication(
        cells=(*now.cells, *changed),
        relations=tuple(dict.fromkeys((*now.relations, *renamed))),
        told=now.told | known,
        withheld=now.withheld | (frozenset(cell.key for cell in changed) - known),
    )


def hidden(table: Publication) -> frozenset[Key]:
    """All cells to hide: the primary ones, and enough others that none of them can be worked out.

    A cell that was told stands. What is exposed even with everything else hidden is beyond help
    and hides nothing further: `exposed` names it, and the table is not for publication. Raises
    ValueError for a cell given twice, and for a relation of a cell that is not there or that does
    not add up: such a table protects nothing.

    Further cells are taken one at a time, the smallest of those that share a relation with a cell
    at risk, and given back, the largest first, where all is safe without: no least set, but none
    of it is idle.
    """
    search = _Search(table)
    first = (primary(table.cells) - table.told) | table.withheld
    hopeless = search.exposed(frozenset(search.cells) - table.told)
    chosen = first
    while at_risk := search.exposed(chosen) - hopeless:
        free = list(search.beside(at_risk, chosen)) or list(search.beside(chosen, chosen))
        if not free:
            break
        chosen |= {min(free, key=search.size)}
    for key in sorted(chosen - first, key=search.size, reverse=True):
        left = chosen - {key}
        # Cells that only this one kept hidden go with it.
        while (lost := search.exposed(left) - hopeless) and not lost & first:
            left -= lost
        if not lost:
            chosen = left
    return chosen - table.withheld


def exposed(table: Publication, kept: Collection[Key]) -> frozenset[Key]:
    """Which of the hidden cells `kept` a reader may work out; empty where the table is safe.

    Raises ValueError as `hidden` does.
    """
    return _Search(table).exposed(frozenset(kept) | table.withheld)


class _Search:
    """Looks for other tables that say the same."""

    def __init__(self, table: Publication) -> None:
        self.cells = {cell.key: cell for cell in table.cells}
        self.told = table.told
        #: By cell, the cells of which one other table changes: it holds while all are hidden.
        self.witnesses: dict[Key, frozenset[Key]] = {}
        self.order = {key: place for place, key in enumerate(self.cells)}
        if len(self.cells) != len(table.cells):
            raise ValueError("a cell is given twice")
        self.relations: dict[Key, list[Mapping[Key, int]]] = defaultdict(list)
        for relation in table.relations:
            signs = {relation.total: -1, **dict.fromkeys(relation.parts, 1)}
            if not signs.keys() <= self.cells.keys():
                raise ValueError(f"the relation of {relation.total!r} has an unknown cell")
            if sum(sign * self.cells[key].value for key, sign in signs.items()):
                raise ValueError(f"the parts of {relation.total!r} do not add up to it")
            for key in signs:
                self.relations[key].append(signs)

    def size(self, key: Key) -> tuple[int, int]:
        """Cells by size, and of the same size in the order of the table."""
        return abs(self.cells[key].value), self.order[key]

    def beside(self, keys: Iterable[Key], chosen: Collection[Key]) -> Iterator[Key]:
        """Cells that stand in a relation with one of `keys` and could still be hidden."""
        for key in keys:
            for signs in self.relations[key]:
                yield from (one for one in signs if one not in chosen and one not in self.told)

    def exposed(self, kept: frozenset[Key]) -> frozenset[Key]:
        """Those of the hidden cells for which no other table is found.

        In the order of the table, so that the same table is always answered alike; what is found
        for one cell may serve others.
        """
        in_order = sorted(kept, key=self.order.__getitem__)
        for key in in_order:
            if not self._has_witness(key, kept):
                self._look_for_witness(key, kept)
        return frozenset(key for key in in_order if not self._has_witness(key, kept))

    def _has_witness(self, key: Key, kept: frozenset[Key]) -> bool:
        return key in self.witnesses and self.witnesses[key] <= kept

    def _look_for_witness(self, key: Key, kept: frozenset[Key]) -> None:
        changes = self._other_table(key, kept)
        for each, change in changes.items():
            if abs(change) >= self.cells[each].margin:
                self.witnesses[each] = frozenset(changes)

    def _other_table(self, key: Key, kept: frozenset[Key]) -> dict[Key, int]:
        """What another table changes, with as few cells as can be; nothing where none is found."""
        cell = self.cells[key]
        attempts = iter(range(_MOST_ATTEMPTS))
        for most in range(1, _MOST_CHANGES + 1):
            for value in cell.others():
                found = self._closed({key: value - cell.value}, kept, most, attempts)
                if found:
                    return found
        return {}

    def _closed(
        self, changes: dict[Key, int], kept: frozenset[Key], most: int, attempts: Iterator[int]
    ) -> dict[Key, int]:
        """These changes, with others until there are `most`, where they keep every relation."""
        gap = self._gap(changes)
        if gap is None:
            return changes
        if len(changes) >= most or next(attempts, None) is None:
            return {}
        signs, excess = gap
        further = (
            self._closed({**changes, key: -sign * excess}, kept, most, attempts)
            for key, sign in signs.items()
            if key in kept
            and key not in changes
            and self.cells[key].may_be(self.cells[key].value - sign * excess)
        )
        return next(filter(None, further), {})

    def _gap(self, changes: Mapping[Key, int]) -> tuple[Mapping[Key, int], int] | None:
        """A relation that these changes break, with what it is out by."""
        for changed in changes:
            for signs in self.relations[changed]:
                excess = sum(sign * changes.get(key, 0) for key, sign in signs.items())
                if excess:
                    return signs, excess
        return None
