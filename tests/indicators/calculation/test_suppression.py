"""METHOD.md 10: what a publication hides, and that nobody can work it out."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.calculation.suppression import (
    Cell,
    Publication,
    Relation,
    after,
    exposed,
    hidden,
    is_dominated,
    is_small,
    primary,
    quotient,
    rest,
)


def counts(**values):
    return tuple(Cell(key, value) for key, value in values.items())


def table(*relations, told=(), **values):
    """Relations as "total=part+part", cells by name."""
    pairs = (each.split("=") for each in relations)
    return Publication(
        counts(**values),
        tuple(Relation(total, tuple(parts.split("+"))) for total, parts in pairs),
        told=frozenset(told),
    )


# --- What must not be told for itself -------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "small"), [(0, False), (1, True), (4, True), (5, False), (-1, False)]
)
def test_counts_of_1_to_4_are_small(count, small):
    assert is_small(count) is small
    assert primary([Cell("a", count)]) == ({"a"} if small else set())


@pytest.mark.parametrize(
    ("contributions", "dominated"),
    [
        ((80, 10, 10), False),
        ((81, 10, 9), True),
        ((50, 50), True),
        ((100,), True),
        ((50, 50, 0), True),
        ((40, 30, 30), False),
        ((-81, 10, 9), True),
        ((), False),
        ((0, 0), False),
    ],
)
def test_an_amount_that_one_unit_dominates(contributions, dominated):
    assert is_dominated(contributions) is dominated
    amount = Cell("a", sum(contributions), contributions)
    assert primary([amount]) == ({"a"} if dominated else set())


def test_an_amount_of_1_to_4_is_not_small_for_itself():
    assert primary([Cell("a", 3, (1, 1, 1))]) == set()


@pytest.mark.parametrize(
    ("numerator", "denominator", "small"),
    [
        (3, 50, {"numerator"}),
        (47, 50, {"rest"}),
        (46, 50, {"rest"}),
        (45, 50, set()),
        (5, 50, set()),
        (2, 4, {"numerator", "denominator", "rest"}),
        (0, 4, {"denominator", "rest"}),
        (0, 50, set()),
        (50, 50, set()),
    ],
)
def test_a_part_is_small_as_numerator_as_base_and_as_what_is_left(numerator, denominator, small):
    cells, relations = quotient("q", numerator, denominator, is_part=True)

    assert primary(cells) == {("q", name) for name in small}
    assert relations == [Relation(("q", "denominator"), (("q", "numerator"), ("q", "rest")))]


def test_what_is_no_part_leaves_nothing():
    cells, relations = quotient("q", 48, 50, is_part=False)

    assert ([cell.value for cell in cells], relations) == ([48, 50], [])


def test_a_year_less_the_quarters_that_are_told_is_a_cell_too():
    year, *quarters = counts(year=40, q1=12, q2=14, q3=11)
    left, relation = rest("q4", year, quarters)
    told = Publication((year, *quarters, left), (relation,))

    assert left == Cell("q4", 3)
    assert primary(told.cells) == {"q4"}
    # One quarter or the year goes with it.
    assert hidden(told) == {"q4", "q3"}


# --- Complementary cells --------------------------------------------------------------------------


def test_nothing_small_hides_nothing():
    assert hidden(table("t=a+b", t=20, a=12, b=8)) == set()


def test_a_lone_small_count_of_a_total_takes_the_smallest_other_with_it():
    assert hidden(table("t=a+b+c", t=30, a=3, b=15, c=12)) == {"a", "c"}


def test_of_two_alike_the_first_of_the_table_is_taken():
    assert hidden(table("t=a+b+c", t=27, a=3, b=12, c=12)) == {"a", "b"}


def test_two_small_counts_protect_each_other():
    assert hidden(table("t=a+b+c", t=20, a=3, b=2, c=15)) == {"a", "b"}


@pytest.mark.parametrize(("one", "other"), [(1, 1), (4, 4)])
def test_two_small_counts_at_the_end_of_their_range_do_not(one, other):
    # Together 2, each is 1; together 8, each is 4.
    assert hidden(table("t=a+b+c", t=one + other + 15, a=one, b=other, c=15)) == {"a", "b", "c"}


def test_with_nothing_else_to_hide_the_total_goes():
    assert hidden(table("t=a", t=3, a=3)) == {"t", "a"}
    assert hidden(table("t=a+b", t=2, a=1, b=1)) == {"t", "a", "b"}


def test_a_cell_in_no_relation_hides_nothing_else():
    assert hidden(table(a=3, b=30)) == {"a"}


def test_a_zero_cannot_hide_a_small_count():
    # Of 3 left for both, b is 0: were it 1 or 2, it would be hidden for itself.
    assert hidden(table("t=a+b+c", t=33, a=3, b=0, c=30)) == {"a", "c"}


def test_a_zero_can_be_hidden_where_it_could_be_5():
    assert exposed(table("t=a+b", t=20, a=20, b=0), {"a", "b"}) == set()


@pytest.mark.parametrize(("other", "at_risk"), [(5, {"a", "b"}), (6, set())])
def test_a_complementary_count_is_known_not_to_be_small(other, at_risk):
    # Of 6 for both, 1 and 5 is the only pair with one that is 1 to 4 and one that is not.
    assert exposed(table("t=a+b", t=1 + other, a=1, b=other), {"a", "b"}) == at_risk


@pytest.mark.parametrize(
    ("value", "others"),
    [
        (0, [5]),
        (1, [2]),
        (2, [3, 1]),
        (4, [3]),
        (5, [6, 0]),
        (6, [7, 5]),
        (-1, [0, -2]),
        (-2, [-1, -3]),
    ],
)
def test_the_next_values_that_a_count_may_have(value, others):
    assert list(Cell("a", value).others()) == others


@pytest.mark.parametrize(
    ("contributions", "others"),
    [((3, 0), [4, 2]), ((0, 0), [1]), ((2, 2, 1), [6, 4]), ((900, 100), [1200, 800])],
)
def test_an_amount_skips_nothing(contributions, others):
    assert list(Cell("a", sum(contributions), contributions).others()) == others


def test_rows_and_columns_need_four_cells():
    # a3 is small. Its row and its column each lose one more, and those two another.
    shown = hidden(
        table(
            "r1=a1+b1+c1", "r2=a2+b2+c2", "r3=a3+b3+c3",
            "ca=a1+a2+a3", "cb=b1+b2+b3", "cc=c1+c2+c3", "t=ca+cb+cc", "t=r1+r2+r3",
            a1=20, b1=30, c1=40, a2=21, b2=31, c2=41, a3=3, b3=33, c3=43,
            r1=90, r2=93, r3=79, ca=44, cb=94, cc=124, t=262,
        )
    )  # fmt: skip

    assert shown == {"a3", "b3", "a1", "b1"}


def test_levels_of_totals_are_looked_through():
    # The province's total is hidden with it only where no zone can be.
    shown = hidden(
        table("n=p+q", "p=a", "q=b+c", n=63, p=3, a=3, q=60, b=25, c=35),
    )

    assert {"a", "p"} < shown
    assert exposed(table("n=p+q", "p=a", "q=b+c", n=63, p=3, a=3, q=60, b=25, c=35), shown) == set()


@pytest.mark.parametrize(("opposite", "at_risk"), [(199, {"a"}), (200, set())])
def test_a_dominated_amount_is_not_known_within_a_fifth(opposite, at_risk):
    cells = (
        Cell("a", 1000, (990, 5, 5)),
        *(Cell(key, value, (value, value, value)) for key, value in (("b", 199), ("d", 500))),
        Cell("e", opposite, (1, 1, 1)),
    )
    values = {cell.key: cell.value for cell in cells}
    sums = {"r": "ab", "s": "de", "u": "ad", "v": "be"}
    totals = (
        Cell(key, sum(values[part] for part in parts), (1, 1, 1)) for key, parts in sums.items()
    )
    relations = (Relation(key, tuple(parts)) for key, parts in sums.items())
    whole = Publication((*cells, *totals), tuple(relations))

    # Up it could go by what b gives, 199; down by what is opposite; 200 is a fifth.
    assert exposed(whole, set("abde")) == at_risk


@pytest.mark.parametrize(("value", "wanted"), [(0, 1), (4, 1), (5, 1), (6, 2), (-1000, 200)])
def test_the_margin_of_a_dominated_amount(value, wanted):
    assert Cell("a", value, (value, 1)).margin == wanted


def test_counts_and_safe_amounts_have_a_margin_of_one():
    assert (Cell("a", 1000).margin, Cell("a", 1000, (400, 300, 300)).margin) == (1, 1)


def test_an_amount_below_zero_may_be_anything():
    one, other = Cell("a", -10, (-10,)), Cell("b", 30, (10, 10, 10))
    whole = Publication(
        (one, other, Cell("t", 20, (-10, 10, 10, 10))), (Relation("t", ("a", "b")),)
    )

    assert hidden(whole) == {"a", "t"}


def test_what_two_totals_differ_by_hides_the_total_that_it_is_in_no_relation_with():
    """a = t - s; b and c protect each other, and a has nothing beside it that is left to hide."""
    known = table("t=a+b+c", "s=b+c", told=["t"], t=100, a=2, s=98, b=50, c=48)

    assert hidden(replace(known, withheld=frozenset("bc"))) == {"a", "s"}


# --- The limits of the search ---------------------------------------------------------------------


def chain(cells):
    """A table of which another one changes each of the cells: each adds up with the next."""
    names = [f"c{place}" for place in range(cells)]
    totals = {f"t{place}": 60 for place in range(cells - 1)}
    relations = (f"t{place}={one}+{other}" for place, (one, other) in enumerate(pairwise(names)))
    return table(*relations, told=totals, **dict.fromkeys(names, 30), **totals), set(names)


def test_another_table_of_12_changes_is_found():
    known, all_cells = chain(12)
    assert exposed(known, all_cells) == set()


def test_what_needs_more_changes_counts_as_exposed():
    known, all_cells = chain(13)
    assert exposed(known, all_cells) == all_cells


def test_what_takes_too_many_attempts_counts_as_exposed():
    """a follows from both totals; the search for another value goes through orders of the rest."""
    others = [f"c{place}" for place in range(16)]
    known = table(
        "t=a+" + "+".join(others),
        "s=" + "+".join(others),
        told=["t", "s"],
        t=820, a=20, s=800, **dict.fromkeys(others, 50),
    )  # fmt: skip

    assert exposed(known, {"a", *others}) == {"a"}


# --- Earlier publications -------------------------------------------------------------------------


def test_what_was_told_before_cannot_hide_anything():
    assert hidden(table("t=a+b+c", told=["c"], t=30, a=3, b=15, c=12)) == {"a", "b"}


def test_a_small_count_that_was_told_before_stands():
    assert hidden(table("t=a+b", told=["a"], t=30, a=3, b=27)) == set()


def test_what_cannot_be_helped_hides_nothing_further():
    known = table("t=a+b", "u=c+d", told=["t", "b"], t=30, a=3, b=27, u=20, c=3, d=17)

    assert hidden(known) == {"a", "c", "d"}
    assert exposed(known, hidden(known)) == {"a"}


def test_what_was_told_stands_although_it_was_hidden_since():
    known = replace(table("t=a+b", told=["t", "a", "b"], t=40, a=20, b=20), withheld={"a"})

    assert hidden(known) == set()


def test_a_value_that_has_changed_since_is_a_cell_of_its_own():
    now = table("t=a+b+c", t=22, a=3, b=12, c=7)
    before = table("t=a+b+c", t=20, a=3, b=10, c=7)

    both = after(now, before.cells, before.relations, told=["t", "b"])

    assert both.told == {("t", "earlier"), ("b", "earlier")}
    assert both.withheld == frozenset()
    assert Relation(("t", "earlier"), ("a", ("b", "earlier"), "c")) in both.relations
    # With c told now, a would follow from the former total: 20 - 10 - 7.
    assert exposed(both, {"a", "b"}) == {"a", "b"}
    assert hidden(both) == {"a", "c"}


def test_what_was_hidden_before_is_not_told_by_its_correction():
    now = table("t=a+b+c", t=24, a=5, b=12, c=7)
    before = table("t=a+b+c", t=22, a=3, b=12, c=7)

    both = after(now, before.cells, before.relations, told=["t", "b"])

    assert both.withheld == {("a", "earlier")}
    assert hidden(both) == {"a", "c"}


def test_an_unchanged_table_is_hidden_as_before():
    now = table("t=a+b+c", t=30, a=3, b=15, c=12)
    shown = hidden(now)

    again = after(now, now.cells, now.relations, told={"t", "b"})

    assert (again.cells, again.relations, again.withheld) == (now.cells, now.relations, frozenset())
    assert hidden(again) == shown


# --- Tables that contradict themselves ------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (Publication((Cell("a", 1), Cell("a", 1))), "^a cell is given twice$"),
        (table("t=a+b", t=3, a=3), "unknown cell"),
        (table("t=a", t=4, a=3), "do not add up"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        hidden(wrong)
    with pytest.raises(ValueError, match=reason):
        exposed(wrong, set())


# --- Against every solution there is --------------------------------------------------------------


def grid(rows, columns, values):
    """A table of counts with totals of rows and columns, and the whole."""
    inner = {(row, column): next(values) for row in range(rows) for column in range(columns)}
    cells = [Cell(key, value) for key, value in inner.items()]
    relations = []
    for row in range(rows):
        parts = tuple((row, column) for column in range(columns))
        cells.append(Cell(("row", row), sum(inner[part] for part in parts)))
        relations.append(Relation(("row", row), parts))
    for column in range(columns):
        parts = tuple((row, column) for row in range(rows))
        cells.append(Cell(("column", column), sum(inner[part] for part in parts)))
        relations.append(Relation(("column", column), parts))
    cells.append(Cell("all", sum(inner.values())))
    relations.append(Relation("all", tuple(("row", row) for row in range(rows))))
    relations.append(Relation("all", tuple(("column", column) for column in range(columns))))
    return Publication(tuple(cells), tuple(relations)), tuple(inner)


#: The largest drawn, and the step from 0 to 5.
MOST = 12


def with_totals(relations, known):
    """The parts that are known, with every total of which all parts are."""
    for each in relations:
        if each.total not in known and all(part in known for part in each.parts):
            known = {**known, each.total: sum(known[part] for part in each.parts)}
    return known


def worlds(whole, inner, kept, *, marked=True):
    """Every table up to MOST that shows the same, for a reader who is told which are small."""
    values = {cell.key: cell.value for cell in whole.cells}
    small = primary(whole.cells)

    def fits(key, value):
        if key not in kept:
            return value == values[key]
        return not marked or is_small(value) == (key in small)

    def fill(left, known):
        if not left:
            yield known
            return
        for value in range(MOST + 1):
            further = with_totals(whole.relations, {**known, left[0]: value})
            if all(fits(key, further[key]) for key in further.keys() - known.keys()):
                yield from fill(left[1:], further)

    return fill(inner, {})


def one_value(tables, keys):
    """Those of the keys that are the same in all the tables; looks no further than it must."""
    first = next(tables, None)
    left = set(keys)
    while left and (other := next(tables, None)):
        left = {key for key in left if other[key] == first[key]}
    return left


def unhelped(whole, inner, found):
    """What is left of the exposed cells without those that have one value with nothing told."""
    return found and found - one_value(worlds(whole, inner, {c.key for c in whole.cells}), found)


SMALL_TABLES = st.tuples(
    st.sampled_from([(1, 3), (2, 2), (1, 4), (3, 1)]),
    st.lists(st.integers(0, 7), min_size=4, max_size=4),
)
#: As many as the profile for mutants runs.
some = settings(max_examples=30)


@some
@given(SMALL_TABLES)
@example(((1, 3), [1, 5, 7]))
@example(((2, 2), [5, 6, 3, 4]))
def test_no_hidden_cell_has_one_value_only(drawn):
    whole, inner = grid(*drawn[0], iter(drawn[1]))
    kept = hidden(whole)

    assert primary(whole.cells) <= kept
    assert not unhelped(whole, inner, one_value(worlds(whole, inner, kept), kept))


@settings(max_examples=8)
@given(st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_nor_in_a_larger_table(values):
    whole, inner = grid(2, 3, iter(values))
    kept = hidden(whole)

    assert not unhelped(whole, inner, one_value(worlds(whole, inner, kept), kept))


@settings(max_examples=15)
@given(SMALL_TABLES)
def test_nor_is_a_small_count_known_to_whoever_knows_that_no_complementary_cell_is_idle(drawn):
    whole, inner = grid(*drawn[0], iter(drawn[1]))
    kept, small = hidden(whole), primary(whole.cells)

    def explains(world):
        cells = tuple(replace(cell, value=world[cell.key]) for cell in whole.cells)
        other = replace(whole, cells=cells)
        itself = primary(cells)
        if not itself or not itself <= kept:
            return False
        return all(exposed(other, kept - {key}) for key in kept - itself)

    seen = filter(explains, worlds(whole, inner, kept, marked=False))
    assert not unhelped(whole, inner, one_value(seen, small))


@some
@given(st.lists(st.integers(0, 7), min_size=4, max_size=4))
def test_no_complementary_cell_is_idle(values):
    whole, _inner = grid(2, 2, iter(values))
    kept = hidden(whole)

    for key in kept - primary(whole.cells):
        assert exposed(whole, kept - {key}), key


@some
@given(st.lists(st.integers(0, 7), min_size=4, max_size=4), st.data())
def test_what_is_called_safe_is_safe_whatever_is_hidden(values, data):
    whole, inner = grid(2, 2, iter(values))
    keys = [cell.key for cell in whole.cells]
    kept = primary(whole.cells) | data.draw(st.sets(st.sampled_from(keys)))

    assert one_value(worlds(whole, inner, kept), kept) <= exposed(whole, kept)


def test_nothing_of_a_large_table_is_exposed():
    values = iter([(7 * place * place + 3 * place) % 23 for place in range(50)])
    whole, _inner = grid(10, 5, values)
    kept = hidden(whole)

    assert primary(whole.cells) <= kept
    assert exposed(whole, kept) == set()
