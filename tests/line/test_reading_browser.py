"""The plan's pages in a browser, with the whole plan: axe, the console, nothing sideways."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from organisations.enums import Role
from organisations.models import Unit
from plans.models import Condition, Framework
from plans.services import adopt, propose_condition_amendment
from tests.factories import make_user
from tests.line.browser import NewContext, Person
from themes import demo
from themes.models import Action

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    ("plan-detail",),
    ("plan-introduction",),
    ("theme-detail", "1"),
    ("theme-detail", "7"),
    ("objective-detail", "1-F4"),
    ("objective-detail", "7-VIF1"),
    ("dimension-list",),
    ("dimension-detail", "ecologique"),
    ("condition-list",),
    ("condition-detail", "C4"),
    ("resources-detail",),
    ("follow-up-detail",),
    ("framework-list",),
    ("glossary",),
    ("plan-references",),
    ("source-notes",),
    ("amendment-list",),
    ("objective-amend", "1-F4"),
    ("action-list",),
    ("action-create",),
    ("uptake-overview",),
    ("objective-uptake", "1-L1"),
    ("zonal-plan-list",),
    ("zonal-plan-detail", "zp-namur"),
    ("codebook-list",),
    ("reorganisation-list",),
    ("population-import",),
]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def _plan(transactional_db: None) -> None:
    call_command("load_reference", stdout=StringIO())
    demo.seed()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_is_clean(live_server, new_context: NewContext, width: int):
    secretariat = make_user(Role.SECRETARIAT)
    condition = Condition.objects.get(code="C4")
    proposal = propose_condition_amendment(
        actor=secretariat,
        condition=condition,
        title=f"{condition.title} et communes voisines",
        text=condition.text,
        reason="Extension",
        effective_on=dt.date(2026, 10, 1),
    )
    adopt(
        actor=secretariat,
        amendment=proposal,
        reference="AR",
        adopted_on=dt.date(2026, 9, 15),
    )
    reader = Person(secretariat, new_context, live_server.url, width)
    reader.page.goto(live_server.url + reverse("plan-detail"))
    reader.signs_in()
    about = [
        ("amendment-detail", proposal.pk),
        ("action-detail", Action.objects.first().pk),
        ("framework-detail", Framework.objects.first().code),
    ]
    faults = [fault for page in [*PAGES, *about] if (fault := looked_at(reader, *page))]
    assert faults == []


def looked_at(reader: Person, name: str, *arguments: object) -> str:
    """What is wrong with a page, or nothing; what one page says is not held against the next."""
    try:
        reader.goes_to(name, *arguments)
    except AssertionError as fault:
        reader.said.clear()
        return str(fault)
    return f"{name} is too wide" if reader.page.evaluate(SIDEWAYS) > 0 else ""


def test_arrow_keys_move_on_the_map_and_enter_opens_a_zone(live_server, new_context: NewContext):
    reader = Person(make_user(Role.STEERING), new_context, live_server.url)
    reader.page.goto(live_server.url + reverse("objective-uptake", args=["1-L1"]))
    reader.signs_in()
    tiles = reader.page.locator("[data-tile-map] a[data-row]")
    assert tiles.count() == 176
    assert reader.page.locator('[data-tile-map] a[tabindex="0"]').count() == 1
    namur = reader.page.locator(f'[data-tile-map] a[href$="{"/zp-namur/"}"]')
    namur.focus()
    place = Unit.objects.get(slug="zp-namur")
    reader.page.keyboard.press("ArrowLeft")
    focused = reader.page.evaluate("document.activeElement.dataset.column")
    assert int(focused) < place.tile_column
    reader.page.keyboard.press("ArrowRight")
    assert reader.page.evaluate("document.activeElement.getAttribute('href')").endswith(
        "/zp-namur/"
    )
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/zonal-plans/zp-namur/")


def test_a_zone_answers_with_the_keyboard_and_words_open_where_they_are_needed(
    live_server, new_context: NewContext
):
    zone = Unit.objects.get(slug="zp-namur")
    reporter = Person(make_user(Role.REPORTER, zone), new_context, live_server.url)
    reporter.page.goto(live_server.url + reverse("zonal-plan-change", args=[zone.slug]))
    reporter.signs_in()
    page = reporter.page
    page.select_option("#stance-1-L1", "adapted")
    words = page.locator("#text-1-L1")
    assert words.is_visible()
    words.fill("Notre texte")
    page.locator(".jalon-dock button").click()
    page.wait_for_url(f"**{reverse('zonal-plan-detail', args=[zone.slug])}")
    assert page.get_by_text("Notre texte").is_visible()
