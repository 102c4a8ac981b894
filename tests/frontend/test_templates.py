import re
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import get_template, render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(ROOT.glob("templates/**/*.html")) + sorted(ROOT.glob("*/templates/**/*.html"))
INLINE = re.compile(
    r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\ssrc=)|hx-on",
    re.IGNORECASE,
)
FOREIGN = re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in TEMPLATES
        for hit in pattern.finditer(path.read_text())
    ]


def test_there_are_templates_to_check():
    assert ROOT / "templates" / "base.html" in TEMPLATES


def test_no_template_of_a_page_holds_inline_script_or_style():
    """A mail carries its styles with it: it is shown on a page of its own, without origin."""
    mails = "templates/foundation/mail/"
    assert [each for each in found(INLINE) if not each.startswith(mails)] == []


def test_no_template_holds_a_script_or_loads_an_image_into_a_mail():
    active = re.compile(r"<script(?![^>]*\ssrc=)|javascript:|\son[a-z]+\s*=\s*[\"']", re.IGNORECASE)
    remote = re.compile(r"<(?:script|img|link|iframe|object|form)\b|url\(|@import", re.IGNORECASE)
    assert found(active) == []
    assert [each for each in found(remote) if "/mail/" in each] == []


def test_no_template_loads_from_another_host():
    assert found(FOREIGN) == []


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "500.html", "403_csrf.html"])
def test_error_pages_need_neither_request_nor_context(name):
    html = get_template(name).render()
    assert html.count("<h1>") == 1
    assert "</footer>" in html


@pytest.mark.parametrize("name", ["help", "accessibility", "privacy", "contacts"])
@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_pages_of_text_are_open_to_everybody_in_every_language(name, language):
    with translation.override(language):
        address = reverse(f"foundation:{name}")
    response = Client(headers={"accept-language": language}).get(address)
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.content.decode()


def test_accessibility_statement_gives_an_address_for_complaints(settings):
    settings.CONTACT_EMAIL = "aide@jalon.example"
    html = Client().get(reverse("foundation:accessibility")).content.decode()
    assert 'href="mailto:aide@jalon.example"' in html


def test_language_switch_changes_the_language_and_comes_back():
    client = Client()
    address = reverse("foundation:help")
    response = client.post(reverse("set-language"), {"language": "nl", "next": address})
    assert (response.status_code, response["Location"]) == (302, address)
    assert '<html lang="nl">' in client.get(address).content.decode()


def test_language_switch_never_leads_to_another_site():
    response = Client().post(
        reverse("set-language"), {"language": "nl", "next": "https://example.com/"}
    )
    assert response["Location"] == "/"


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_is_said_on_screen_and_on_paper(demo):
    html = render_to_string("base.html", {"demo": demo}, request=None)
    assert ("jalon-demo-strip" in html) is demo
    assert ("<strong>" in html.split("jalon-running-head")[1].split("</div>")[0]) is demo


def test_header_shows_navigation_and_search_only_where_there_are_any():
    class Nobody:
        is_authenticated = False

    request = HttpRequest()
    request.user = Nobody()
    bare = render_to_string("components/header.html", {"request": request})
    assert "jalon-nav" not in bare
    assert 'type="search"' not in bare
