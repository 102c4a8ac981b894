"""The entry form in a browser, by keyboard alone: lost connections, closed tabs, pasted blocks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from indicators.enums import Kind
from organisations.enums import Role
from organisations.models import Unit, User
from tests import factories as make
from tests.conftest import wait_until
from tests.line.browser import NewContext, Person

pytestmark = pytest.mark.browser
Sit = Callable[..., Person]


@pytest.fixture
def zone(transactional_db: None) -> Unit:
    for number in range(6):
        make.make_indicator(f"checks-{number}")
    make.make_indicator("share", kind=Kind.RATIO)
    make.make_indicator("persons", options=["women", "men"], breakdown_is_exhaustive=True)
    zone = make.make_zone("namur")
    make.make_round()
    return zone


@pytest.fixture
def source(transactional_db: None) -> Unit:
    """A central source that reports four figures about each of thirty zones."""
    source = make.make_source()
    make.make_zones(30)
    make.make_indicator("persons", reporter=source, options=["women", "men", "other"])
    make.make_round()
    return source


@pytest.fixture
def sit(live_server, new_context: NewContext) -> Sit:
    def at(user: User, width: int = 1280) -> Person:
        person = Person(user, new_context, live_server.url, width)
        person.signs_in()
        return person

    return at


def form_of(unit: Unit) -> str:
    return reverse("report", args=[make.QUARTER, unit.slug])


def numbers(unit: Unit) -> list[int | None]:
    cells = make.cells_of(make.submission_of(unit))
    return [cell.current and cell.current.numerator for cell in cells]


def names(unit: Unit) -> list[str]:
    return [f"c{cell.pk}" for cell in make.cells_of(make.submission_of(unit))]


def opens(person: Person, unit: Unit, *more: str) -> Page:
    name = "report-grid" if more else "report"
    person.page.goto(person.site + reverse(name, args=[make.QUARTER, unit.slug, *more]))
    return person.page


def goes_to(page: Page, field: str) -> None:
    """The focus alone; no mouse."""
    page.locator(f"[id={field}]").focus()


def types(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def kept(page: Page) -> int:
    """How many cells wait on the device."""
    return page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('jalon.typed ')).length"
    )


def pastes(page: Page, text: str) -> None:
    """Through the real clipboard and its key."""
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


# --- Each cell as it is left --------------------------------------------------------------------


def test_a_cell_is_saved_as_it_is_left_and_says_so(zone: Unit, sit: Sit):
    page = opens(sit(make.make_user(Role.REPORTER, zone)), zone)
    first, second = names(zone)[:2]
    goes_to(page, f"{first}-numerator")
    types(page, "2500")
    assert focused(page).startswith(first) or focused(page).startswith(second)
    goes_to(page, f"{second}-numerator")
    said = page.locator(f"#{first} [data-piece=said]")
    said.get_by_text("2\u202f500").wait_for()
    assert numbers(zone)[0] == 2500
    assert page.locator("[data-part=progress]").inner_text().startswith("1/10")
    wait_until(lambda: kept(page) == 0)
    assert focused(page) == f"{second}-numerator"
