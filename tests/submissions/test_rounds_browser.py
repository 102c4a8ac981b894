"""My work and the rounds in a browser: axe, the console, nothing sideways, wide and on a phone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from indicators.enums import Frequency
from indicators.periods import last_day
from organisations.enums import Role
from organisations.models import User
from submissions.models import Round, RoundTiming
from submissions.services import Planned, ask_for_time, grant_extension, plan_rounds, send_back
from tests import factories as make
from tests.line.browser import NewContext, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NEXT = "2030-Q4"


def scene() -> dict[str, User]:
    """Forms that are open, returned, late, sent and locked; more time asked for and given."""
    for code in ("checks", "visits", "hours"):
        make.make_indicator(code)
    make.make_indicator("yearly", frequency=Frequency.YEAR)
    namur, dinant = make.make_zone("namur"), make.make_zone("dinant")
    people = {
        "reporter": make.make_user(Role.REPORTER, namur),
        "approver": make.make_user(Role.APPROVER, namur),
        "coordinator": make.make_user(Role.COORDINATOR, make.make_dca()),
        "secretariat": make.make_user(Role.SECRETARIAT),
    }
    make.make_round("2026-Q3")
    make.make_round("2026-Q2", late=True)
    make.make_round("2026-Q1", late=True)
    for code in ("2025-Q4", "2025-Q3"):
        make.make_round(code, locked=True)
    approver = people["approver"]
    make.enter(people["reporter"], make.submission_of(namur, "2026-Q3"), [make.figure(410)])
    sent = make.attested(approver, make.submission_of(namur, "2026-Q2"), make.figure(5))
    send_back(
        actor=people["coordinator"],
        submission=sent,
        version=sent.version,
        reason="The denominator doubled since last quarter: please check.",
    )
    make.attested(approver, make.submission_of(namur, "2026-Q1"), make.figure(5))
    neighbour = make.make_user(Role.REPORTER, dinant)
    missed = make.submission_of(dinant, "2025-Q4")
    ask_for_time(actor=neighbour, submission=missed, reason="Our register was being moved.")
    grant_extension(
        actor=people["secretariat"],
        submission=make.submission_of(namur, "2025-Q3"),
        until=timezone.now() + dt.timedelta(days=9),
        reason="The server of the zone was down in the last week of the round.",
    )
    dates = RoundTiming.of("quarter").dates(last_day("2026-Q4"))
    plan_rounds(actor=None, planned=[Planned("2026-Q4", dates)])
    return people


PAGES = {
    "reporter": [("home",), ("work",), ("extension-ask", "2025-Q4", "namur")],
    "coordinator": [("home",), ("work",)],
    "secretariat": [
        ("home",),
        ("work",),
        ("round-list",),
        ("round-detail", "2026-Q2"),
        ("round-detail", "2026-Q4"),
        ("round-change", "2026-Q4"),
        ("round-remove", "2026-Q4"),
        ("round-plan",),
        ("more-time", "2025-Q4", "dinant"),
        ("more-time", "2025-Q3", "namur"),
    ],
}


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_clean(live_server, new_context: NewContext, width: int):
    people = scene()
    for role, pages in PAGES.items():
        person = Person(people[role], new_context, live_server.url, width)
        person.signs_in()
        for page in pages:
            person.goes_to(*page)
            assert person.page.evaluate(SIDEWAYS) <= 0, page
    assert Round.objects.count() == 6


def test_the_lines_of_my_work_have_one_axis(live_server, new_context: NewContext):
    """Wherever a line stands, the same day stands at the same place."""
    people = scene()
    person = Person(people["reporter"], new_context, live_server.url)
    person.signs_in()
    person.goes_to("work")
    edges = person.page.eval_on_selector_all(
        ".jalon-scale__svg, .jalon-axis--common svg.jalon-axis__svg",
        "all => all.map(each => { const box = each.getBoundingClientRect();"
        " return [Math.round(box.left), Math.round(box.width)] })",
    )
    assert len(edges) >= 5
    assert len({tuple(edge) for edge in edges}) == 1
