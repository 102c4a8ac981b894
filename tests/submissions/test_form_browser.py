"""The entry form in a browser, by keyboard alone: lost connections, closed tabs, pasted blocks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page

from indicators.enums import Frequency, Kind
from organisations.enums import Role
from organisations.models import Unit, User
from submissions.models import Cell, Measurement
from submissions.services import send_back
from tests import factories as make
from tests.factories import figure
from tests.line.browser import TAGS, NewContext, Person

pytestmark = pytest.mark.browser
Sit = Callable[..., Person]


@pytest.fixture
def zone(transactional_db: None) -> Unit:
    make.make_checks()
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
    make.make_indicator("arrests", reporter=source, options=["women", "men", "other"])
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


def until(page: Page, condition: Callable[[], object], *, seconds: float = 30.0) -> None:
    """Wait with the browser at work."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        page.wait_for_timeout(50)


def violations(page: Page) -> list[str]:
    """What axe finds, where the console tells of a connection that was cut on purpose."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [each["id"] for each in found.response["violations"]]


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
    until(page, lambda: kept(page) == 0)
    assert focused(page) == f"{second}-numerator"


def test_a_figure_typed_twice_before_the_answer_is_no_conflict_with_oneself(zone: Unit, sit: Sit):
    """The answer of the first save is lost; the second follows it all the same."""
    page = opens(sit(make.make_user(Role.REPORTER, zone)), zone)
    first, second = names(zone)[:2]
    lost: list[str] = []

    def loses_the_first_answer(route) -> None:
        if lost or route.request.method != "POST":
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/cells/", loses_the_first_answer)
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{second}-numerator")
    until(page, lambda: numbers(zone)[0] == 126)
    goes_to(page, f"{first}-numerator")
    page.keyboard.press("Control+A")
    page.keyboard.type("162")
    goes_to(page, f"{second}-numerator")
    until(page, lambda: numbers(zone)[0] == 162)
    until(page, lambda: kept(page) == 0)
    assert page.locator(".jalon-versions").count() == 0
    assert [each.numerator for each in Measurement.objects.all()] == [126, 162]


def test_what_is_wrong_is_told_at_the_field_and_announced(zone: Unit, sit: Sit):
    reporter = make.make_user(Role.REPORTER, zone)
    make.enter(reporter, make.submission_of(zone), [figure(126)])
    person = sit(reporter)
    page = opens(person, zone)
    first, second = names(zone)[:2]
    goes_to(page, f"{first}-numerator")
    page.keyboard.press("Control+A")
    types(page, "4l0")
    goes_to(page, f"{second}-numerator")
    told = page.locator(f"[id={first}-error] li")
    told.wait_for()
    assert page.locator("[data-entry-live]").inner_text() == told.inner_text()
    said = page.locator(f"#{first} [data-piece=said]")
    assert (said.locator("strong").count(), "126" in said.inner_text()) == (1, False)
    assert page.locator(f"[id={first}-numerator]").get_attribute("aria-invalid") == "true"
    person.looks()
    page.reload()
    told.wait_for()
    assert person.value(int(first[1:]), "numerator") == "4l0"


def test_an_ambiguous_figure_is_answered_by_keyboard_and_the_focus_stays(zone: Unit, sit: Sit):
    page = opens(sit(make.make_user(Role.REPORTER, zone)), zone)
    first, second = names(zone)[:2]
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("2.500")
    goes_to(page, f"{second}-numerator")
    page.locator(f"[id={first}-numerator-reading-0]").wait_for()
    goes_to(page, f"{first}-numerator-reading-0")
    page.keyboard.press("Space")
    until(page, lambda: numbers(zone)[0] == 2500)
    page.locator(f"[id={first}-numerator-reading-0]").wait_for(state="detached")
    assert focused(page) == f"{first}-numerator"
    assert page.locator(f"[id={first}-numerator]").input_value() == "2\u202f500"


def test_an_answer_is_taken_back_by_keyboard_and_gives_way_to_no_figure(zone: Unit, sit: Sit):
    make.make_indicator("plan-exists", kind=Kind.YES_NO, frequency=Frequency.MONTH)
    make.make_round("2026-09")
    person = sit(make.make_user(Role.REPORTER, zone))
    page = person.page
    page.goto(person.site + reverse("report", args=["2026-09", zone.slug]))
    [cell] = make.cells_of(make.submission_of(zone, "2026-09"))

    def said() -> list[tuple[str, int | None]]:
        return [(each.status, each.numerator) for each in cell.measurements.order_by("revision")]

    goes_to(page, f"c{cell.pk}-numerator-1")
    page.keyboard.press("Space")
    until(page, lambda: said() == [("reported", 1)])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"c{cell.pk}-numerator-none"
    until(page, lambda: said()[-1] == ("missing", None))
    person.looks()
    page.locator(f"details:has(#c{cell.pk}-absence) summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == f"c{cell.pk}-absence"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    until(page, lambda: said()[-1] == ("not_applicable", None))


def test_running_totals_are_said_while_typing_and_by_the_server(zone: Unit, sit: Sit):
    page = opens(sit(make.make_user(Role.REPORTER, zone)), zone)
    total, women, men = names(zone)[-3:]
    for cell, figure_ in ((total, "126"), (women, "100"), (men, "18")):
        goes_to(page, f"{cell}-numerator")
        page.keyboard.type(figure_)
    said = page.locator(f"#{total} [data-sum-of]")
    until(page, lambda: re.findall(r"\d+", said.inner_text()) == ["118", "126"])
    goes_to(page, f"{total}-numerator")
    page.locator(f"[id={total}-error] li").wait_for()
    until(page, lambda: numbers(zone)[-3:] == [126, 100, 18])


# --- Without a connection -----------------------------------------------------------------------


def test_nothing_is_lost_when_the_network_is_cut_and_the_tab_closed(zone: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    page = opens(reporter, zone)
    *counts, share, _total, _women, _men = names(zone)
    for cell, text in zip(counts[:3], ("11", "12", "13"), strict=True):
        goes_to(page, f"{cell}-numerator")
        types(page, text)
    until(page, lambda: numbers(zone)[:2] == [11, 12])
    reporter.context.set_offline(True)
    for cell, text in zip(counts[3:], ("14", "15", "16"), strict=True):
        goes_to(page, f"{cell}-numerator")
        types(page, text)
    goes_to(page, f"{share}-numerator")
    page.keyboard.type("3")
    goes_to(page, f"{share}-denominator")
    page.keyboard.type("4")
    page.locator("[data-entry-notice]").wait_for()
    wait = page.locator(f"#{counts[3]} [data-piece=wait]").inner_text()
    assert any(character.isdigit() for character in wait), wait
    assert numbers(zone)[3:6] == [None] * 3
    page.close()
    reporter.context.set_offline(False)
    reporter.page = reporter.context.new_page()
    page = opens(reporter, zone)
    values = [page.locator(f"[id={cell}-numerator]").input_value() for cell in counts]
    assert values == ["11", "12", "13", "14", "15", "16"]
    assert page.locator(f"[id={share}-denominator]").input_value() == "4"
    until(page, lambda: numbers(zone)[:7] == [11, 12, 13, 14, 15, 16, 3])
    until(page, lambda: kept(page) == 0)
    assert {cell.version for cell in make.cells_of(make.submission_of(zone))[:7]} == {1}


def test_the_page_goes_on_by_itself_when_the_connection_is_back(zone: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    page = opens(reporter, zone)
    first, second = names(zone)[:2]
    reporter.context.set_offline(True)
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{second}-numerator")
    page.locator("[data-entry-notice]").wait_for()
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    until(page, lambda: page.locator("[data-entry-notice]:focus").count() == 1)
    reporter.context.set_offline(False)
    until(page, lambda: numbers(zone)[0] == 126)
    page.locator("[data-entry-notice]").wait_for(state="hidden")


def test_the_page_goes_on_after_a_sign_in_in_another_tab(zone: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    page = opens(reporter, zone)
    first, second = names(zone)[:2]
    Session.objects.all().delete()
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{second}-numerator")
    link = page.locator("[data-entry-notice-link] a")
    link.wait_for()
    link.focus()
    with reporter.context.expect_page() as opened:
        page.keyboard.press("Enter")
    tab = opened.value
    tab.locator("input[name=login]").fill(reporter.user.email)
    tab.locator("input[name=password]").fill(make.PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**{form_of(zone)}")
    tab.close()
    goes_to(page, f"{second}-numerator")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    until(page, lambda: numbers(zone)[:2] == [126, 7], seconds=20)
    page.locator("[data-entry-notice]").wait_for(state="hidden")


def test_what_an_attested_form_does_not_take_stays_on_the_page(zone: Unit, sit: Sit):
    page = opens(sit(make.make_user(Role.REPORTER, zone)), zone)
    first, second = names(zone)[:2]
    contents = [figure(5)] * 6 + [figure(1, 2), figure(2), figure(1), figure(1)]
    make.attested(make.make_user(Role.APPROVER, zone), make.submission_of(zone), contents)
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{second}-numerator")
    page.locator("[data-entry-notice]").wait_for()
    assert page.locator(f"[id={first}-numerator]").input_value() == "126"
    assert (numbers(zone)[0], kept(page)) == (5, 1)


def test_the_first_click_sends_what_saving_has_given_up(zone: Unit, sit: Sit):
    page = opens(sit(make.make_user(Role.REPORTER, zone)), zone)
    first, second = names(zone)[:2]
    no = '{"message": "No."}'
    page.route(
        "**/cells/",
        lambda route: route.fulfill(status=409, content_type="application/json", body=no),
    )
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{second}-numerator")
    page.locator("[data-entry-notice]").get_by_text("No.").wait_for()
    page.keyboard.type("7")
    page.keyboard.press("Control+Enter")
    # The page to come is waited for: closing a tab under way to it may never end.
    with page.expect_navigation(timeout=5000):
        page.keyboard.press("Enter")
    assert numbers(zone)[:2] == [126, 7]


def test_why_figures_are_maintained_outlives_a_refused_attestation_and_its_tab(
    zone: Unit, sit: Sit
):
    approver = make.make_user(Role.APPROVER, zone)
    contents = [figure(5)] * 6 + [figure(1, 2), figure(2), figure(1), figure(1)]
    sent = make.attested(approver, make.submission_of(zone), contents)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    send_back(actor=coordinator, submission=sent, version=sent.version, reason="Too few?")
    person = sit(approver)
    page = opens(person, zone)
    goes_to(page, "maintain")
    page.keyboard.type("Counted twice")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    page.locator("#statement-error").wait_for()
    assert page.locator("#maintain").input_value() == "Counted twice"
    page.close()
    person.page = person.context.new_page()
    assert opens(person, zone).locator("#maintain").input_value() == "Counted twice"


# --- Several people at one device ---------------------------------------------------------------


def test_signing_out_with_unsent_figures_asks_and_another_sees_nothing(zone: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    colleague = make.make_user(Role.REPORTER, zone, name="colleague")
    page = opens(reporter, zone)
    first, second = names(zone)[:2]
    reporter.context.set_offline(True)
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{second}-numerator")
    signs_out(page)
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert "1" in dialog.locator("[data-count]").inner_text()
    assert dialog.locator("[data-problem]").inner_text() != ""
    page.keyboard.press("Escape")
    assert kept(page) == 1
    # Somebody else signs in on the device without the first having signed out.
    page.close()
    reporter.context.set_offline(False)
    reporter.context.clear_cookies()
    reporter.said.clear()
    reporter.user, reporter.page = colleague, reporter.context.new_page()
    reporter.signs_in()
    page = opens(reporter, zone)
    page.wait_for_load_state("networkidle")
    assert page.locator(f"[id={first}-numerator]").input_value() == ""
    assert (numbers(zone)[0], kept(page)) == (None, 1)
    signs_out(page)
    page.wait_for_url(lambda address: form_of(zone) not in address)


def test_figures_wait_while_another_units_user_is_signed_in(zone: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    first = reporter.user
    stranger = make.make_user(Role.REPORTER, make.make_zone("dinant"))
    page = opens(reporter, zone)
    cell, next_cell = names(zone)[:2]

    def signs_in(user: User) -> None:
        reporter.context.clear_cookies()
        tab = reporter.context.new_page()
        tab.goto(reporter.site + reverse("account_login"))
        tab.locator("input[name=login]").fill(user.email)
        tab.locator("input[name=password]").fill(make.PASSWORD)
        tab.keyboard.press("Enter")
        tab.wait_for_url(lambda address: "login" not in address)
        tab.close()

    signs_in(stranger)
    goes_to(page, f"{cell}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{next_cell}-numerator")
    words = "Quelqu’un d’autre"
    page.locator("[data-entry-notice]").get_by_text(words).wait_for()
    assert (numbers(zone)[0], kept(page)) == (None, 1)
    signs_in(first)
    until(page, lambda: numbers(zone)[0] == 126)


def signs_out(page: Page) -> None:
    page.locator(".jalon-account > summary").focus()
    page.keyboard.press("Enter")
    page.locator(".jalon-account form button").focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("button", "saved"), [("send", 126), ("discard", None)])
def test_at_sign_out_unsent_figures_are_sent_or_discarded(
    zone: Unit, sit: Sit, button: str, saved: int | None
):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    page = opens(reporter, zone)
    first, second = names(zone)[:2]
    page.route("**/cells/", lambda route: route.abort())
    goes_to(page, f"{first}-numerator")
    page.keyboard.type("126")
    goes_to(page, f"{second}-numerator")
    signs_out(page)
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert violations(page) == []
    if button == "send":
        page.unroute("**/cells/")
    dialog.locator(f"[data-{button}]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: form_of(zone) not in address)
    assert (numbers(zone)[0], kept(page)) == (saved, 0)


def test_what_is_discarded_without_a_connection_gives_way_to_what_is_saved(zone: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    saved = [*[figure(14)] * 6, figure(1, 2), figure(10), figure(4), figure(6)]
    make.enter(reporter.user, make.submission_of(zone), saved)
    page = opens(reporter, zone)
    first, second = names(zone)[:2]
    women = names(zone)[8]
    added = page.locator("[data-sum-of]")
    before = added.inner_text()
    reporter.context.set_offline(True)
    for name, text in ((women, "5"), (first, "17")):
        goes_to(page, f"{name}-numerator")
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    goes_to(page, f"{second}-numerator")
    page.locator("[data-entry-notice]").wait_for()
    assert added.inner_text() != before
    signs_out(page)
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    for button in ("discard", "stay"):
        dialog.locator(f"[data-{button}]").focus()
        page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    shown = [page.locator(f"[id={name}-numerator]").input_value() for name in (first, women)]
    assert (shown, added.inner_text(), kept(page)) == (["14", "4"], before, 0)
    assert page.locator(f"#{first} [data-piece=wait]").inner_text() == ""
    assert page.locator("[data-entry-notice]").is_hidden()
    # The form goes on: what is typed from now on is kept and sent.
    reporter.context.set_offline(False)
    goes_to(page, f"{first}-numerator")
    page.keyboard.press("Control+A")
    page.keyboard.type("18")
    goes_to(page, f"{second}-numerator")
    until(page, lambda: numbers(zone)[0] == 18)
    assert numbers(zone)[8] == 4


# --- Pasting ------------------------------------------------------------------------------------


def blocks(lines: int) -> tuple[str, list[int]]:
    """A block of four columns as Excel copies it, and its figures."""
    figures = [line * 10 + column for line in range(lines) for column in range(4)]
    rows = ["\t".join(map(str, figures[at : at + 4])) for at in range(0, len(figures), 4)]
    return "\r\n".join(rows) + "\r\n", figures


def can_paste(person: Person) -> None:
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])


def test_a_block_of_thirty_times_four_is_pasted_and_undone(source: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, source))
    can_paste(reporter)
    page = opens(reporter, source, "arrests")
    text, figures = blocks(30)
    goes_to(page, page.locator("#entry-grid input[inputmode=decimal]").first.get_attribute("id"))
    pastes(page, text)
    until(page, lambda: numbers_in_grid(source) == figures, seconds=30)
    until(page, lambda: kept(page) == 0)
    assert "120" in page.locator("[data-entry-paste-text]").inner_text()
    page.keyboard.press("Control+Z")
    until(page, lambda: set(numbers_in_grid(source)) == {None}, seconds=30)
    assert page.locator("[data-entry-paste]").is_hidden()


def numbers_in_grid(source: Unit) -> list[int | None]:
    cells = Cell.objects.filter(expectation__submission=make.submission_of(source))
    in_order = cells.select_related("current").order_by("expectation__subject__unit__slug", "pk")
    return [cell.current and cell.current.numerator for cell in in_order]


def test_what_does_not_fit_or_is_refused_is_counted(source: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, source))
    can_paste(reporter)
    page = opens(reporter, source, "arrests")
    page.locator("#entry-filter").focus()
    page.keyboard.type("030")
    last = page.locator("#entry-grid tr:not([hidden]) input[inputmode=decimal]").nth(2)
    assert page.locator("#entry-grid tbody tr:visible").count() == 1
    last.focus()
    pastes(page, '"twenty\nfive"\t6\t7\n8\n')
    until(page, lambda: numbers_in_grid(source)[-2:] == [None, 6])
    text = page.locator("[data-entry-paste-text]")
    until(page, lambda: [c for c in text.inner_text() if c.isdigit()] == ["2", "2", "1"])


def test_two_lines_of_a_pasted_cell_are_never_joined_into_one_number(source: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, source))
    can_paste(reporter)
    page = opens(reporter, source, "arrests")
    first = page.locator("#entry-grid input[inputmode=decimal]").first
    first.focus()
    pastes(page, '"12\n345"\t7\n')
    until(page, lambda: numbers_in_grid(source)[1] == 7)
    refused = page.locator("#entry-grid .errorlist li").first
    refused.wait_for()
    assert "12; 345" in refused.inner_text()
    assert (first.input_value(), numbers_in_grid(source)[0]) == ("12; 345", None)
    page.keyboard.press("Control+Z")
    until(page, lambda: numbers_in_grid(source)[1] is None)
    assert first.input_value() == ""
    until(page, lambda: kept(page) == 0)


def test_a_column_fills_the_figures_of_the_plain_form(zone: Unit, sit: Sit):
    reporter = sit(make.make_user(Role.REPORTER, zone))
    can_paste(reporter)
    page = opens(reporter, zone)
    first, second = names(zone)[:2]
    goes_to(page, f"{first}-numerator")
    pastes(page, "1\n2\n3\n4\n5\n6\n7\t8\n")
    until(page, lambda: numbers(zone)[:7] == [1, 2, 3, 4, 5, 6, 7])
    goes_to(page, f"{second}-numerator")
    page.keyboard.press("Control+A")
    pastes(page, "99")
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"{names(zone)[2]}-numerator"
    until(page, lambda: numbers(zone)[1] == 99)
    page.keyboard.press("ArrowUp")
    assert focused(page) == f"{second}-numerator"


# --- For everybody ------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("place", ["zone", "source"])
def test_form_and_grid_are_clean_and_fit(
    request: pytest.FixtureRequest, sit: Sit, place: str, width: int
):
    unit: Unit = request.getfixturevalue(place)
    person = sit(make.make_user(Role.REPORTER, unit), width)
    for more in [()] if place == "zone" else [(), ("arrests",)]:
        page = opens(person, unit, *more)
        page.locator("[data-entry-keyboard] summary").focus()
        page.keyboard.press("Enter")
        person.looks()
        assert page.evaluate("document.documentElement.scrollWidth") == width


# --- More figures than one page shows -----------------------------------------------------------


@pytest.fixture
def long_source(transactional_db: None) -> Unit:
    """A central source with an index: four figures about each of 101 zones."""
    make.make_checks()
    source = make.make_source()
    make.make_zones(101)
    options = ["women", "men", "other"]
    make.make_indicator("arrests", reporter=source, options=options, breakdown_is_exhaustive=True)
    make.make_round()
    return source


def test_a_save_in_a_long_grid_leaves_the_messages_of_other_rows(long_source, sit):
    reporter = make.make_user(Role.REPORTER, long_source)
    make.enter(reporter, make.submission_of(long_source), [figure(9), *[figure(1)] * 3])
    page = opens(sit(reporter), long_source, "arrests")
    wrong, _women, _men, _other, second = names(long_source)[:5]
    goes_to(page, f"{second}-numerator")
    types(page, "5")
    until(page, lambda: numbers(long_source)[4] == 5)
    until(page, lambda: kept(page) == 0)
    assert page.locator(f"#{wrong} .errorlist").count() == 1
    assert page.locator("[data-part=count-arrests]").first.inner_text() == "5/404"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_index_sends_what_its_pages_could_not(long_source, sit, width):
    reporter = make.make_user(Role.REPORTER, long_source)
    person = sit(reporter, width)
    first, second = names(long_source)[:2]
    page = opens(person, long_source)
    assert (violations(page), page.locator(".jalon-main form input:visible").count()) == ([], 0)
    for cell, typed in ((first, "7"), (second, "x")):
        page.evaluate(
            """([user, home, cell, typed]) => localStorage.setItem(
                `jalon.typed ${user} ${home} ${cell}`,
                JSON.stringify({
                    values: { [`${cell}-numerator`]: typed }, version: "0", at: Date.now(),
                }),
            )""",
            [str(reporter.pk), form_of(long_source), cell, typed],
        )
    page.reload()
    until(page, lambda: numbers(long_source)[0] == 7)
    notice = page.locator("[data-entry-unsent]")
    notice.wait_for()
    assert (kept(page), notice.locator("a").inner_text()) == (1, "x")
    assert violations(page) == []
    notice.locator("a").click()
    page.locator(".govuk-back-link").click()
    page.locator(f"#{second}-numerator").wait_for()
    until(page, lambda: "x" in page.locator(f"#{second} [data-piece=messages]").inner_text())
    goes_to(page, f"{second}-numerator")
    page.keyboard.press("Control+A")
    types(page, "3")
    until(page, lambda: numbers(long_source)[1] == 3)
    until(page, lambda: kept(page) == 0)
