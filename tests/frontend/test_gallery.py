import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

SCREENS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
TEXTS = ["/help/", "/accessibility/", "/privacy/", "/contacts/"]
SHOWN = [("/gallery/", *screen) for screen in SCREENS] + [
    (address, *screen) for address in TEXTS for screen in (SCREENS[1], SCREENS[2])
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OVERFLOWING = """() => [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility()
        && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        && !element.closest(".jalon-table-wrap, .jalon-visually-hidden"))
    .map((element) => element.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("address", "width", "scheme"), SHOWN)
def test_axe_and_the_console_have_nothing_to_say(site, page: Page, address, width, scheme):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + address)
    options = {"runOnly": {"type": "tag", "values": TAGS}}
    violations = Axe().run(page, options=options).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    assert said == []


@pytest.mark.parametrize("width", [360, 640, 768, 1024, 1280, 1920])
def test_nothing_leaves_the_page_sideways(site, page: Page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/gallery/")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize(("width", "height"), [(1280, 131), (360, 72)])
def test_strip_header_and_navigation_keep_their_height(site, page: Page, width, height):
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{site}/gallery/")
    assert page.locator(".jalon-header").bounding_box()["height"] == height


def test_dock_leaves_the_focused_field_in_sight(site, page: Page):
    page.set_viewport_size({"width": 1280, "height": 400})
    page.goto(f"{site}/gallery/")
    page.locator("#c1").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    dock = page.locator(".jalon-dock").bounding_box()
    field = page.locator("#c1").bounding_box()
    assert dock["height"] == 50
    assert field["y"] + field["height"] <= dock["y"]


def test_error_summary_leads_to_the_field(site, page: Page):
    page.goto(f"{site}/gallery/")
    page.locator(".govuk-error-summary a[href='#id_level_0']").click()
    assert page.evaluate("document.activeElement.id") == "id_level_0"


def test_enter_goes_to_the_next_field_and_tab_keeps_its_order(site, page: Page):
    page.goto(f"{site}/gallery/")
    page.locator("#c1").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "c2"
    page.locator("#c1").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_leaving_with_changes_asks_first(site, page: Page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{site}/gallery/")
    page.goto(f"{site}/help/")
    assert asked == []
    page.goto(f"{site}/gallery/")
    page.locator("#c1").press_sequentially("1")
    page.goto(f"{site}/help/")
    assert asked == ["beforeunload"]


def test_switching_the_language_with_changes_asks_first(site, page: Page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(f"{site}/gallery/")
    page.locator("#c1").press_sequentially("1")
    page.locator(".jalon-languages button[value=nl] >> visible=true").first.click()
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.url == f"{site}/gallery/"
    assert page.locator("#c1").input_value() == "1126"


def test_escape_closes_the_account_menu_and_keeps_the_place(site, page: Page):
    page.goto(f"{site}/gallery/")
    menu = page.locator(".jalon-account")
    menu.locator("summary").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.parentElement.className") == "jalon-account"


@pytest.fixture
def without_scripts(new_context) -> BrowserContext:
    return new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})


def test_the_telephone_menu_opens_without_scripts(site, without_scripts: BrowserContext):
    page = without_scripts.new_page()
    page.goto(f"{site}/gallery/")
    entry = page.locator(".jalon-menu__panel").get_by_role("link", name="Couverture")
    assert not entry.is_visible()
    page.locator(".jalon-menu > summary").click()
    assert entry.is_visible()


def test_print_opens_disclosures_and_closes_them_again(site, page: Page):
    page.goto(f"{site}/gallery/")
    closed = page.locator("main details:not([open])").count()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details:not([open])").count() == closed


def test_paper_hides_controls_and_says_what_it_is(site, page: Page):
    page.goto(f"{site}/gallery/")
    page.emulate_media(media="print")
    assert page.locator(".jalon-running-head").is_visible()
    for hidden in (".jalon-header", ".jalon-dock", ".jalon-filters", ".jalon-pages"):
        assert not page.locator(hidden).first.is_visible()
