"""A total of one or two units tells what a unit reported: who sees it."""

import pytest

from organisations.enums import AreaKind, Role
from progress.models import Result
from progress.rules import FEWEST, areas_in_view
from tests.factories import make_area, make_dca, make_user, make_zone

pytestmark = pytest.mark.django_db


def total(area_code: str, reported: int, in_year: int | None = None) -> Result:
    """``in_year`` units are in the value that is judged, those that reported if not said."""
    return Result(
        area=make_area(area_code, AreaKind.ARRONDISSEMENT),
        reported=reported,
        judged_reported=reported if in_year is None else in_year,
    )


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.STEERING, ["namur", "liege", "large", "silent"]),
        (Role.EVALUATOR, ["namur", "liege", "large", "silent"]),
        (Role.SECRETARIAT, ["namur", "liege", "large", "silent"]),
        (Role.COUNCIL, ["large", "silent"]),
        (Role.COORDINATOR, ["namur", "large", "silent"]),
    ],
)
def test_small_totals_are_for_those_who_see_unit_figures(role, seen):
    namur = make_zone("namur")
    make_zone("liege", dca=make_dca("dca-liege"))
    codes = {
        "namur": namur.arrondissement.code,
        "liege": "arrondissement-dca-liege",
        "large": "large",
        "silent": "silent",
    }
    reported = {"namur": 1, "liege": FEWEST - 1, "large": FEWEST, "silent": 0}
    results = [total(codes[name], reported[name]) for name in codes]
    user = make_user(role, make_dca() if role == Role.COORDINATOR else None)
    shown = {one.area.code for one in areas_in_view(user, results)}
    assert shown == {codes[name] for name in seen}


@pytest.mark.parametrize(
    ("reported", "in_year", "seen"),
    [
        (FEWEST, FEWEST, True),
        (FEWEST, FEWEST - 1, False),
        (FEWEST, 1, False),
        (FEWEST, 0, True),
        (FEWEST - 1, 0, False),
    ],
)
def test_a_rolling_year_of_few_units_tells_as_much_as_a_period(reported, in_year, seen):
    results = [total("namur", reported, in_year)]
    assert bool(areas_in_view(make_user(Role.COUNCIL), results)) is seen
