"""A total of one or two units tells what a unit reported: who sees it."""

import pytest

from organisations.enums import AreaKind, Role
from progress.models import Result
from progress.rules import FEWEST, areas_in_view
from tests.factories import make_area, make_dca, make_user, make_zone

pytestmark = pytest.mark.django_db


def total(area_code: str, reported: int) -> Result:
    return Result(area=make_area(area_code, AreaKind.ARRONDISSEMENT), reported=reported)


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
