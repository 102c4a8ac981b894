"""The codebook and the texts of the administration in a browser: axe, the console, screens."""

from __future__ import annotations

import pytest
from django.urls import reverse

from indicators.codebook.services import ask
from indicators.enums import Kind
from indicators.models import Indicator
from organisations.enums import Role
from organisations.models import Unit
from tests.factories import make_indicator, make_user, make_zone
from tests.line.browser import NewContext, Person

pytestmark = pytest.mark.browser

READ = [
    ("codebook-list",),
    ("codebook-detail", "checks"),
    ("codebook-detail", "scale"),
    ("codebook-ask", "checks"),
]


@pytest.fixture
def zone(transactional_db: None) -> Unit:
    make_indicator(kind=Kind.RATIO, limits="Limites", options=["port"], breakdown_label="Canal")
    make_indicator("scale", kind=Kind.SCALE)
    return make_zone()


def signed_in(role: Role, unit: Unit | None, new_context: NewContext, site: str) -> Person:
    person = Person(make_user(role, unit), new_context, site)
    person.signs_in()
    return person


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_who_reports_reads_and_asks(zone: Unit, live_server, new_context, width, scheme):
    reporter = signed_in(Role.REPORTER, zone, new_context, live_server.url)
    reporter.page.set_viewport_size({"width": width, "height": 800})
    reporter.page.emulate_media(color_scheme=scheme)
    for name, *args in READ:
        reporter.goes_to(name, *args)
        assert reporter.page.evaluate("document.documentElement.scrollWidth") == width
    reporter.goes_to("codebook-ask", "checks")
    with reporter.page.expect_console_message(lambda message: "422" in message.text):
        reporter.page.locator("main form >> button[type=submit]").click()
    reporter.page.locator(".govuk-error-summary").wait_for()
    reporter.said.clear()  # The console notes the refusal, a 422.
    reporter.looks()
    reporter.page.locator("textarea[name=text]").fill("Une commune compte-t-elle deux fois ?")
    reporter.presses("main form >> button[type=submit]")
    assert reporter.page.locator("#questions article").count() == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_the_secretariat_answers_and_edits(zone: Unit, live_server, new_context, width):
    asker = make_user(Role.REPORTER, zone)
    indicator = Indicator.objects.get(code="checks")
    question = ask(actor=asker, indicator=indicator, unit=zone, text="Deux fois ?")
    secretary = signed_in(Role.SECRETARIAT, None, new_context, live_server.url)
    secretary.page.set_viewport_size({"width": width, "height": 800})
    for name, *args in (("question-list",), ("question-answer", question.pk), ("data-download",)):
        secretary.goes_to(name, *args)
        assert secretary.page.evaluate("document.documentElement.scrollWidth") == width
    secretary.goes_to("question-answer", question.pk)
    secretary.page.locator("textarea[name=answer]").fill("Non.")
    secretary.presses("main form >> button[type=submit]")
    assert "Non." in secretary.page.locator("#questions").inner_text()

    version = indicator.versions.get()
    secretary.page.goto(
        secretary.site + reverse("admin:indicators_indicatorversion_change", args=[version.pk])
    )
    secretary.page.locator("[name=name_nl]").fill("Controles")
    with secretary.page.expect_navigation():
        secretary.page.locator("[name=_save]").click()
    history = reverse("admin:indicators_indicatorversion_history", args=[version.pk])
    secretary.page.goto(secretary.site + history)
    assert "Controles" in secretary.page.locator("#change-history").inner_text()
    assert secretary.said == []
