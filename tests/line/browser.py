"""People at their browsers; axe and the console look at each page that they come to."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import BrowserContext, Error, Locator, Page

from organisations.models import User
from tests.factories import PASSWORD

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NewContext = Callable[..., BrowserContext]


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, user: User, new_context: NewContext, site: str, width: int = 1280) -> None:
        self.user, self.site = user, site
        self.context = new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def goes_to(self, name: str, *args: object, query: str = "") -> None:
        self.page.goto(self.site + reverse(name, args=args) + query)
        self.looks()

    def signs_in(self) -> None:
        """Where the page asks for it, or at the sign-in page."""
        if not self.is_at("account_login"):
            self.goes_to("account_login")
        self.page.locator("input[name=login]").fill(self.user.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.presses(f"form[action='{reverse('account_login')}'] button[type=submit]")

    def presses(self, selector: str) -> None:
        """Press what leads to another page, and look at it."""
        before = self.page.evaluate("performance.timeOrigin")
        self.page.locator(selector).click()
        self.waits_for_page_after(before)
        self.looks()

    def waits_for_page_after(self, before: float, *, seconds: float = 30.0) -> None:
        """A form first sends what is typed in it; the policy of the pages forbids polling there."""
        deadline = time.monotonic() + seconds
        while self._page_began_at() in (before, None):
            assert time.monotonic() < deadline, f"still at {self.page.url}"
            self.page.wait_for_timeout(50)
        self.page.wait_for_load_state()

    def _page_began_at(self) -> float | None:
        """None while one page gives way to the next."""
        try:
            return float(self.page.evaluate("performance.timeOrigin"))
        except Error:
            return None

    def looks(self) -> None:
        # At the end of the page its docked line covers nothing that could be pressed.
        self.page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": TAGS}})
        violations = [
            (each["id"], [(node["html"], node["failureSummary"]) for node in each["nodes"]])
            for each in found.response["violations"]
        ]
        faults = [*violations, *self.said]
        assert not faults, f"{self.page.url}: {faults}"

    def is_at(self, name: str, *args: object) -> bool:
        return urlsplit(self.page.url).path == reverse(name, args=args)

    def field(self, cell: int, part: str) -> Locator:
        """A field of the entry form, its fold opened where it is in one."""
        found = self.page.locator(f"[name=c{cell}-{part}]").first
        if not found.is_visible():
            self.page.locator(f"details:has([name=c{cell}-{part}]) > summary").first.click()
        return found

    def value(self, cell: int, part: str) -> str:
        return self.page.locator(f"[name=c{cell}-{part}]").first.input_value()

    def keeps_the_draft(self) -> None:
        self.presses("button[name=action][value=save]:visible")

    def attests(self) -> None:
        self.page.locator("#statement").check()
        self.presses("button[name=action][value=attest]")

    def reads(self, selector: str) -> str:
        """The text at a place, digits not grouped."""
        return re.sub(r"(?<=\d)\s(?=\d{3})", "", self.page.locator(selector).first.inner_text())

    def takes(self, selector: str) -> Path:
        """Download what a link leads to."""
        with self.page.expect_download() as download:
            self.page.locator(selector).click()
        return Path(download.value.path())
