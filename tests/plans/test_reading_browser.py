"""The pages to read the plan, in a browser: axe and the console, screens, print."""

from __future__ import annotations

import pytest
from django.urls import reverse

from organisations.enums import Role
from plans.models import Framework
from tests.factories import make_commitment, make_condition, make_objective, make_point, make_user
from tests.line.browser import NewContext, Person
from themes.models import Footnote, ObjectiveStep

from .test_reading import make_entry, make_passage

pytestmark = pytest.mark.browser

PAGES = [
    ("plan-detail",),
    ("plan-introduction",),
    ("theme-detail", "1"),
    ("objective-detail", "1-F1"),
    ("dimension-list",),
    ("condition-list",),
    ("condition-detail", "C1"),
    ("resources-detail",),
    ("follow-up-detail",),
    ("framework-list",),
    ("framework-detail", "cadre"),
    ("glossary",),
    ("plan-references",),
    ("source-notes",),
]
BOTTOMS = """() => [...document.querySelectorAll(".jalon-statement, .jalon-panel")]
    .map((element) => element.getBoundingClientRect().bottom)"""


@pytest.fixture
def plan(transactional_db: None) -> None:
    """A little of all that stands in the plan."""
    objective = make_objective("1-F1")
    objective.theme.description = "AIG et trafic de toute sorte."
    objective.theme.save()
    for number in (1, 2, 3):
        ObjectiveStep.objects.create(
            version=objective.versions.get(), number=number, text="Une étape de l’AIG. " * 4
        )
    Footnote.objects.create(
        theme=objective.theme, number=1, place="2 § 1, N1", on="trafic", text="Une note."
    )
    make_point("1-G1", objective.theme)
    make_condition("C1")
    make_commitment("3-R1")
    make_entry("AIG", "Inspection générale")
    make_passage("0, 1", "Un préambule de l’AIG.")
    Framework.objects.create(code="cadre", title="Cadre", reach="belgian", kind="plan")


@pytest.fixture
def secretary(plan: None, live_server, new_context: NewContext) -> Person:
    person = Person(make_user(Role.SECRETARIAT), new_context, live_server.url)
    person.signs_in()
    return person


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_axe_and_the_console_have_nothing_to_say(secretary: Person, width, scheme):
    secretary.page.set_viewport_size({"width": width, "height": 800})
    secretary.page.emulate_media(color_scheme=scheme)
    for name, *args in PAGES:
        secretary.goes_to(name, *args)
        assert secretary.page.evaluate("document.documentElement.scrollWidth") == width
    secretary.goes_to("search", query="?q=aig")
    assert secretary.page.locator("mark").count() > 0


def test_one_screen_shows_an_objective_with_its_panels(secretary: Person):
    secretary.page.set_viewport_size({"width": 1280, "height": 800})
    secretary.page.goto(secretary.site + reverse("objective-detail", args=["1-F1"]))
    bottoms = secretary.page.evaluate(BOTTOMS)
    assert len(bottoms) >= 6
    assert max(bottoms) <= 800


def test_a_footnote_is_reached_from_its_words_and_back(secretary: Person):
    secretary.page.goto(secretary.site + reverse("theme-detail", args=["1"]))
    secretary.page.locator("#mark-1").click()
    assert secretary.page.evaluate("document.querySelector(':target').id") == "note-1"
    secretary.page.locator("#note-1 a[href='#mark-1']").click()
    assert secretary.page.evaluate("document.querySelector(':target').id") == "mark-1"


def test_print_opens_what_is_folded(secretary: Person):
    secretary.page.goto(secretary.site + reverse("theme-detail", args=["1"]))
    said = secretary.page.locator("details ol li").first
    assert not said.is_visible()
    secretary.page.emulate_media(media="print")
    secretary.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert said.is_visible()
