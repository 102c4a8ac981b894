"""The technical administration in a browser: axe, the console and the languages."""

import pytest
from django.urls import reverse

from organisations.enums import Role
from tests.factories import make_user, make_zone
from tests.line.browser import NewContext, Person


@pytest.mark.browser
def test_its_pages_are_clean_and_change_language(
    transactional_db: None, live_server, new_context: NewContext, settings
):
    settings.DEMO = True
    make_zone()
    administrator = Person(make_user(Role.ADMINISTRATOR), new_context, live_server.url)
    administrator.page.goto(live_server.url + reverse("admin:index"))
    administrator.signs_in()
    administrator.goes_to("admin:index")
    administrator.presses(".jalon-languages button[value=nl]")
    assert administrator.page.get_attribute("html", "lang") == "nl"
    assert administrator.page.locator(".jalon-demo-strip").is_visible()
