"""METHOD.md 8: the fingerprint of what went into a result."""

from dataclasses import replace
from hashlib import sha256

import pytest

from indicators.calculation.fingerprints import fingerprint as fingerprint_of
from indicators.calculation.values import Observation
from indicators.enums import CellStatus

SUBJECTS = {2: "zp-namur", 3: "zp-gent", 10: "zp-arlon"}
NAMES = {"indicator_version": 3, "period": "2026-Q3", "option": None}
ROWS = [
    Observation(2, CellStatus.REPORTED, 5, 10, 30_000, revision=1),
    Observation(10, CellStatus.MISSING),
]


def fingerprint(method, names, rows, subjects=SUBJECTS):
    return fingerprint_of(method, names, rows, subjects)


def test_it_is_the_sha_256_of_method_names_and_ordered_figures():
    canonical = (
        '["1",{"indicator_version":3,"option":null,"period":"2026-Q3"},'
        '[["zp-arlon",null,"missing",null,null,null],["zp-namur",1,"reported",5,10,30000]]]'
    )

    assert fingerprint("1", NAMES, ROWS) == sha256(canonical.encode()).hexdigest()


def test_neither_order_of_rows_nor_of_names_matters():
    again = fingerprint("1", dict(reversed(NAMES.items())), reversed(ROWS))

    assert again == fingerprint("1", NAMES, ROWS)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": 3},
        {"status": CellStatus.NOT_AVAILABLE},
        {"numerator": 6},
        {"numerator": None},
        {"denominator": 11},
        {"population": 30_001},
        {"revision": 2},
    ],
)
def test_every_field_of_a_figure_counts(change):
    changed = [replace(ROWS[0], **change), ROWS[1]]

    assert fingerprint("1", NAMES, changed) != fingerprint("1", NAMES, ROWS)


def test_method_names_and_number_of_rows_count():
    prints = {
        fingerprint("1", NAMES, ROWS),
        fingerprint("2", NAMES, ROWS),
        fingerprint("1", NAMES | {"option": 4}, ROWS),
        fingerprint("1", NAMES, ROWS[:1]),
        fingerprint("1", NAMES, [*ROWS, ROWS[1]]),
    }

    assert len(prints) == 5


def test_periods_of_a_window_may_arrive_in_any_order():
    other = replace(ROWS[0], numerator=6, revision=4)

    assert fingerprint("1", NAMES, [ROWS[0], other]) == fingerprint("1", NAMES, [other, ROWS[0]])


def test_a_databases_own_numbers_do_not_matter():
    elsewhere = [replace(ROWS[0], subject=70), replace(ROWS[1], subject=71)]
    names = {70: "zp-namur", 71: "zp-arlon"}

    assert fingerprint("1", NAMES, elsewhere, names) == fingerprint("1", NAMES, ROWS)


def test_figures_under_one_name_have_an_order_too():
    alike = {2: "zp-namur", 3: "zp-namur"}
    silent, heard = Observation(2, CellStatus.MISSING), replace(ROWS[0], subject=3)

    one_way = fingerprint("1", {}, [silent, heard], alike)
    assert one_way == fingerprint("1", {}, [heard, silent], alike)
