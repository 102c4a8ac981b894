"""Every address × method × role answers as `table.txt` says, and no address is missing there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.views import View

from submissions.models import Check
from tests.access.table import COLUMNS, Row, names, rows
from tests.access.visits import Visit, Visitor
from tests.access.world import World

pytestmark = pytest.mark.django_db
ROWS = rows()
PEOPLE = [person for people in COLUMNS.values() for person in people]
#: Django's administration redirects whoever is in already for GET only.
HEAD_APART = {"admin:login"}
OTHER_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS")
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}

#: Of the files that people upload.
SANDBOX = {"sandbox", "default-src 'none'"}


@pytest.fixture(scope="module")
def visitor(world: World) -> Visitor:
    return Visitor(world)


@pytest.fixture(scope="module")
def strict(world: World) -> Visitor:
    """With the protection against forged posts, as in production."""
    return Visitor(world, enforce_csrf_checks=True)


def address(world: World, row: Row) -> str:
    if row.name.startswith("/"):
        return re.sub(r"<[^>]*>|\(\?P.*", "1", row.name)
    return reverse(row.name, args=world.args.get(row.title, world.args.get(row.name)))


def posted(world: World, row: Row) -> dict[str, object]:
    return dict(world.posted.get(row.title, world.posted.get(row.name, {})))


# --- The table is complete --------------------------------------------------------------------


def unlisted(patterns: list[URLPattern | URLResolver]) -> list[str]:
    listed = {row.name for row in ROWS}
    return [f"unlisted URL: {name}" for name in names(patterns) if name not in listed]


def test_every_address_is_in_the_table():
    assert unlisted(get_resolver().url_patterns) == []


def test_every_address_of_the_table_exists():
    assert {row.name for row in ROWS} - set(names(get_resolver().url_patterns)) == set()


def test_every_row_says_what_both_methods_answer_to_everybody():
    assert [row.title for row in ROWS if set(row.answers) != {"GET", "POST"}] == []
    assert {len(said) for row in ROWS for said in row.answers.values()} == {len(PEOPLE)}


def test_an_address_that_is_forgotten_is_named():
    forgotten = [path("forgotten/", View.as_view(), name="forgotten"), path("x/", View.as_view())]
    assert unlisted(forgotten) == ["unlisted URL: forgotten", "unlisted URL: /x/"]


# --- What each address answers ----------------------------------------------------------------


def tried(row: Row) -> Iterator[tuple[str, str]]:
    """Everybody by GET and POST; by every other method one person of those who get the same there.

    That is somebody else at each method and address, so that over the table everybody tries all.
    """
    yield from product(PEOPLE, ("GET", "POST"))
    alike: dict[tuple[str, str], list[str]] = {}
    for person in PEOPLE:
        said = (row.answer("GET", person), row.answer("POST", person))
        alike.setdefault(said, []).append(person)
    for place, method in enumerate(("HEAD", *OTHER_METHODS), start=ROWS.index(row)):
        for people in alike.values():
            yield people[place % len(people)], method


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_address_answers_as_the_table_says(row: Row, world: World, visitor: Visitor):
    url = address(world, row)
    wrong: dict[str, list[str]] = {}
    for person, method in tried(row):
        data = posted(world, row) if method == "POST" else None
        visit = visitor.visit(person, method, url, data)
        leaves = row.name == "account_logout" and method == "POST"
        found = faults(row, person, method, visit)
        for fault in found + unsafe(visit.response, "anonymous" if leaves else person):
            wrong.setdefault(f"{method}: {fault}", []).append(person)
    assert [f"{fault}, as {', '.join(people)}" for fault, people in wrong.items()] == []


def faults(row: Row, person: str, method: str, visit: Visit) -> list[str]:
    expected = expected_answers(row, person, method)
    found = [] if visit.answer in expected else [f"{visit.answer} instead of {sorted(expected)}"]
    refused = not row.opens_to(person)
    if method == "OPTIONS" and visit.answer == "200" and refused and visit.text:
        found.append("tells more than the methods that there are")
    may_write = method == "POST" and visit.answer in ("200", "302", "409")
    if visit.written and not may_write and not is_recorded(row, method, visit):
        found.append(f"wrote to {visit.written}")
    return found


def expected_answers(row: Row, person: str, method: str) -> set[str]:
    said = {row.answer("GET", person), row.answer("POST", person)}
    if method == "OPTIONS":
        return said | {"405", "200"}  # Django names the methods that there are to everybody.
    if method in OTHER_METHODS:
        return said | {"405"} | ({"200"} if row.opens_to(person) else set())
    if method == "HEAD":
        return said if row.name in HEAD_APART else {row.answer("GET", person)}
    return {row.answer(method, person)}


def is_recorded(row: Row, method: str, visit: Visit) -> bool:
    """Taking data away leaves an entry in the audit trail."""
    return (
        row.name in ("download-workbook", "download-csv", "coverage-file")
        and method in ("GET", "HEAD")
        and visit.answer == "200"
        and visit.written == ["foundation_auditentry"]
    )


def unsafe(response: HttpResponse, person: str) -> list[str]:
    """What the headers of a response lack."""
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    found = [name for name, value in expected.items() if response.get(name) != value]
    policy = response.get("Content-Security-Policy", "")
    is_evidence = response.get("Content-Disposition", "").startswith('attachment; filename="own')
    expected_policy = SANDBOX if is_evidence else CSP
    if {directive.strip() for directive in policy.split(";")} != expected_policy:
        found.append("Content-Security-Policy")
    signed_in = person not in COLUMNS["anon"]
    if signed_in and "no-store" not in response.get("Cache-Control", ""):
        found.append("Cache-Control")
    return found


# --- Forged posts -----------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_post_without_a_token_or_from_elsewhere_is_refused(row: Row, world: World, strict: Visitor):
    url, data = address(world, row), posted(world, row)
    able = row.people("POST", "200", "302", "409") or ["anonymous"]
    for person in able[:1]:
        token = strict.csrf_token(person)
        forged = [
            strict.visit(person, "POST", url, data),
            strict.visit(person, "POST", url, {**data, "csrfmiddlewaretoken": "x" * 64}),
            strict.visit(
                person,
                "POST",
                url,
                {**data, "csrfmiddlewaretoken": token},
                HTTP_ORIGIN="https://elsewhere.example",
            ),
        ]
        assert [(visit.answer, visit.written) for visit in forged] == [("403", [])] * 3
        assert [unsafe(visit.response, person) for visit in forged] == [[]] * 3
        sent = strict.visit(person, "POST", url, {**data, "csrfmiddlewaretoken": token})
        assert sent.answer == row.answer("POST", person)


# --- The technical administration -------------------------------------------------------------


def test_the_administration_holds_no_figures():
    apps = {model._meta.app_label for model in admin.site._registry}
    assert apps == {"organisations", "plans", "themes", "indicators", "submissions"}
    of_submissions = {
        model for model in admin.site._registry if model._meta.app_label == "submissions"
    }
    assert of_submissions == {Check}
