"""What a zone reports reaches nobody who must not know it: pages, lists, search and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import product

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from indicators.models import Indicator
from organisations.enums import Role
from organisations.models import User
from submissions.models import Correction
from submissions.selectors import QUEUE_FILTERS
from tests import factories as make
from tests.access.table import rows
from tests.access.visits import Visitor
from tests.access.world import (
    COMMENTS,
    CORRECTED,
    CORRECTION_REASONS,
    FIGURES,
    OPEN,
    RETURN_REASONS,
    SUBMITTED,
    VALIDATED,
    Side,
    World,
)

pytestmark = pytest.mark.django_db
#: Lists that show more when they are asked.
ASKED = [
    "/review/?state={state}&all=1",
    "/search/?q={words}",
    "/people/?ended=on",
    "/people/?words=other",
    "/progress/?period={period}",
    "/progress/coverage/?period={period}",
    "/progress/indicators/checks/?period={period}",
    "/data/?province=province-namur",
]
STATES = QUEUE_FILTERS
#: Parts of what is hidden: a search page repeats the words themselves.
WORDS = ("comment-of", "reason-of-the", "86753", "other", "checks")
UNVALIDATED = (SUBMITTED, OPEN)


@pytest.fixture(scope="module")
def visitor(world: World) -> Visitor:
    return Visitor(world)


def marks(name: str, *periods: str) -> dict[str, str]:
    """What stands in a zone's figures of these periods and nowhere else."""
    found = {f"figure of {name} in {code}": str(FIGURES[name][code]) for code in periods}
    return found | {f"comment of {name} in {code}": COMMENTS[name][code] for code in periods}


def all_marks(name: str) -> dict[str, str]:
    return marks(name, *FIGURES[name]) | not_validated(name)


def not_validated(name: str) -> dict[str, str]:
    """What is between a zone and its controller only."""
    return {
        f"reason of the return to {name}": RETURN_REASONS[name],
        f"reason of the correction of {name}": CORRECTION_REASONS[name],
        f"corrected figure of {name}": str(CORRECTED[name]),
    }


def addresses(world: World, person: str) -> Iterator[str]:
    """Every page that the table opens to a person, and lists asked for more."""
    for row in rows():
        if row.answer("GET", person) == "200" and not row.name.startswith(("/", "admin:")):
            yield reverse(row.name, args=world.args.get(row.title, world.args.get(row.name)))
    for address, state, period, words in product(ASKED, STATES, FIGURES["other"], WORDS):
        yield address.format(state=state, period=period, words=words)


def of_the_other_zone(side: Side) -> Iterator[str]:
    """The addresses that are about a zone's figures."""
    for code, submission in side.submissions.items():
        yield reverse("report", args=[code, side.zone.slug])
        yield reverse("review", args=[submission.pk])
        for cell in make.cells_of(submission):
            yield reverse("cell-history", args=[cell.pk])
            yield reverse("correction-ask", args=[cell.pk])
            for asked in Correction.objects.filter(cell=cell):
                yield reverse("correction-review", args=[asked.pk])


def told(text: str, known: dict[str, str]) -> list[str]:
    """Which marks a page shows, however it groups digits."""
    plain = re.sub(r"(?<=\d)(?:[\s.,'’]|&nbsp;|&#160;|&#x27;)(?=\d{3})", "", text)
    return [name for name, mark in known.items() if mark in plain or mark in text]


@pytest.mark.parametrize("person", ["reporter", "approver", "coordinator", "authority"])
def test_nothing_of_the_other_zone_is_anywhere(world: World, visitor: Visitor, person: str):
    seen = {*addresses(world, person), *of_the_other_zone(world.other)}
    visits = {url: visitor.visit(person, "GET", url) for url in seen}
    leaks = {url: told(visit.text, all_marks("other")) for url, visit in visits.items()}
    assert {url: found for url, found in leaks.items() if found} == {}
    own = [told(visit.text, all_marks("own")) for visit in visits.values()]
    assert any(own), "the pages show no figures at all: the test would find no leak"


@pytest.mark.parametrize("person", ["reporter", "approver", "coordinator", "authority"])
def test_what_is_about_the_other_zone_is_not_found_or_refused(
    world: World, visitor: Visitor, person: str
):
    for url in of_the_other_zone(world.other):
        answer = visitor.visit(person, "GET", url).answer
        may_review = person == "coordinator" or not url.startswith("/review/")
        assert (url, answer) == (url, "404" if may_review else "403")


@pytest.mark.parametrize("person", ["steering", "council", "evaluator", "administrator", "without"])
def test_nobody_else_sees_what_is_not_validated(world: World, visitor: Visitor, person: str):
    hidden = marks("own", *UNVALIDATED) | marks("other", *UNVALIDATED)
    hidden |= not_validated("own") | not_validated("other")
    for url in {*addresses(world, person), *of_the_other_zone(world.other)}:
        assert (url, told(visitor.visit(person, "GET", url).text, hidden)) == (url, [])


def test_the_council_sees_what_is_validated_in_closed_periods_and_no_more(
    world: World, visitor: Visitor
):
    """METHOD 10: validated figures of frozen periods, here of 2026-Q1, where they are added up."""
    hidden = all_marks("own") | all_marks("other")
    closed = {
        f"figure of {name} in {VALIDATED}": hidden.pop(f"figure of {name} in {VALIDATED}")
        for name in ("own", "other")
    }
    shown = set()
    for url in {*addresses(world, "council"), *of_the_other_zone(world.other)}:
        text = visitor.visit("council", "GET", url).text
        assert (url, told(text, hidden)) == (url, [])
        if told(text, closed):
            shown.add(url.partition("?")[0])
    names = ("explanation", "explanation-json", "indicator-detail")
    assert shown == {reverse(name, args=["checks"]) for name in names}


@pytest.mark.parametrize("person", ["administrator", "without", "ended"])
def test_some_see_no_figure_of_any_unit(world: World, visitor: Visitor, person: str):
    hidden = all_marks("own") | all_marks("other")
    for url in {*addresses(world, person), *of_the_other_zone(world.other)}:
        assert (url, told(visitor.visit(person, "GET", url).text, hidden)) == (url, [])


@pytest.mark.parametrize("person", ["secretariat", "evaluator"])
@pytest.mark.parametrize("name", ["figures", "results"])
def test_files_hold_what_is_validated_and_nothing_else(
    world: World, visitor: Visitor, person: str, name: str
):
    as_csv = visitor.visit(person, "GET", reverse("download-csv", args=[name]))
    as_workbook = visitor.visit(person, "GET", reverse("download-workbook", args=[name]))
    hidden = marks("own", *UNVALIDATED) | marks("other", *UNVALIDATED)
    hidden |= not_validated("own") | not_validated("other")
    shown = marks("own", VALIDATED) | marks("other", VALIDATED)
    for text in (as_csv.text, cells_of(as_workbook.content)):
        assert told(text, hidden) == []
        if name == "figures":
            assert told(text, shown) == list(shown)


def cells_of(workbook: bytes) -> str:
    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    cells = (cell for name in book.sheet_names for row in rows_of(book, name) for cell in row)
    return "\n".join(f"{cell:.0f}" if isinstance(cell, float) else str(cell) for cell in cells)


def rows_of(book: CalamineWorkbook, name: str) -> list[list[object]]:
    return book.get_sheet_by_name(name).to_python()


def test_people_of_the_other_zone_are_not_in_an_approvers_lists(world: World, visitor: Visitor):
    people = "".join(
        visitor.visit("approver", "GET", url).text
        for url in ("/people/", "/people/?ended=on", "/people/?words=other", "/people/invitations/")
    )
    strangers = [user.email for user in world.other.people.values()]
    assert [email for email in strangers if email in people] == []
    assert world.own.reporter.user.email in people


@pytest.mark.parametrize("person", ["steering", "evaluator", "secretariat", "coordinator"])
def test_a_restricted_indicator_shows_no_unit_beside_another(
    world: World, visitor: Visitor, person: str
):
    page = f"{reverse('indicator-detail', args=['checks'])}?period={VALIDATED}"
    figure = {"figure": str(FIGURES["own"][VALIDATED])}
    assert told(visitor.visit(person, "GET", page).text, figure) == ["figure"]
    Indicator.objects.filter(code="checks").update(is_restricted=True)
    assert told(visitor.visit(person, "GET", page).text, figure) == []


def test_several_roles_add_up_and_no_more(world: World):
    """A reporter here who is authority there enters here and only reads there."""
    user = User.objects.create_user("both@belgium.example", make.PASSWORD)
    day = world.own.reporter.start
    user.memberships.create(role=Role.REPORTER, unit=world.own.zone, start=day)
    user.memberships.create(role=Role.AUTHORITY, unit=world.other.zone, start=day)
    visitor = Visitor(World(world.own, world.other, {"both": user}))
    there = reverse("report", args=[OPEN, world.other.zone.slug])
    here = reverse("report", args=[OPEN, world.own.zone.slug])
    assert visitor.visit("both", "GET", there).answer == "200"
    assert visitor.visit("both", "POST", there, {"action": "save"}).answer == "403"
    assert visitor.visit("both", "POST", here, {"action": "save"}).answer == "302"
