"""The whole line in a browser: from a zone's figure to the steering page and the workbook."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

from indicators.enums import CellStatus, Kind, Temporal
from organisations.enums import AreaKind, Role
from organisations.models import Area, Unit, User
from progress.downloads import CONTENTS
from progress.services import recompute_all
from submissions.enums import State
from submissions.models import Cell, Submission
from tests import factories as make
from tests.conftest import wait_until
from tests.line.browser import NewContext, Person

pytestmark = pytest.mark.browser
PARTS = {"temporal": Temporal.STOCK}
NEIGHBOURS = make.figure(1_000)


@dataclass(frozen=True, slots=True)
class World:
    """Two zones with an open round; the neighbour's figures are validated already."""

    zone: Unit
    cells: dict[str, int]
    people: dict[str, User]

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone)

    def current(self, code: str) -> Cell:
        return Cell.objects.select_related("current").get(pk=self.cells[code])


@pytest.fixture
def world(transactional_db: None) -> World:
    make.make_area("belgium", AreaKind.NATION)
    make.make_indicator("checks", **PARTS)
    make.make_indicator("visits", **PARTS)
    make.make_indicator("share", kind=Kind.RATIO, **PARTS)
    zone, neighbour = make.make_zone("namur"), make.make_zone("arches", population=50_000)
    make.make_round()
    people = {
        "reporter": make.make_user(Role.REPORTER, zone),
        "colleague": make.make_user(Role.REPORTER, zone, name="colleague"),
        "approver": make.make_user(Role.APPROVER, zone),
        "coordinator": make.make_user(Role.COORDINATOR, zone.controlled_by),
        "steering": make.make_user(Role.STEERING),
        "evaluator": make.make_user(Role.EVALUATOR),
    }
    said = [NEIGHBOURS, NEIGHBOURS, make.figure(1, 2)]
    approver = make.make_user(Role.APPROVER, neighbour)
    make.validated(approver, people["coordinator"], make.submission_of(neighbour), said)
    recompute_all()
    cells = {
        cell.expectation.version.indicator.code: cell.pk
        for cell in make.cells_of(make.submission_of(zone))
    }
    return World(zone, cells, people)


@pytest.fixture
def at_browser(world: World, live_server, new_context: NewContext) -> Callable[..., Person]:
    """Sits one of the world's people at a browser and signs them in."""

    def sit(name: str, width: int = 1280) -> Person:
        person = Person(world.people[name], new_context, live_server.url, width)
        person.signs_in()
        return person

    return sit


def test_a_figure_walks_from_its_zone_to_the_evaluators_workbook(
    world: World, at_browser: Callable[..., Person], worker: Callable[..., object]
):
    worker()
    reporter_types(world, at_browser("reporter"), at_browser("colleague"))
    approver, coordinator = at_browser("approver"), at_browser("coordinator")
    approver_attests(world, approver)
    coordinator_returns(world, coordinator)
    unit_corrects(world, approver)
    steering = at_browser("steering")
    assert total_and_coverage(steering) == ("1000", "1")
    coordinator_validates(world, coordinator)
    validated = time.monotonic()
    wait_until(lambda: total_and_coverage(steering) == ("14500", "2"), seconds=5)
    assert time.monotonic() - validated < 5
    steering.goes_to("progress-overview")
    steering.goes_to("indicator-detail", "checks")
    evaluator_takes_it_away(at_browser("evaluator"))


def reporter_types(world: World, reporter: Person, colleague: Person) -> None:
    checks, visits, share = (world.cells[code] for code in ("checks", "visits", "share"))
    reporter.presses(f"nav a[href='{reverse('work')}'] >> visible=true")
    reporter.presses(f"main a[href='{form_of(world)}']")
    colleague.goes_to("report", make.QUARTER, world.zone.slug)
    # A wrong figure is told at its field and in the summary; everything else stays.
    reporter.field(checks, "numerator").fill("a dozen")
    reporter.field(visits, "absence").select_option("not-applicable:no-port")
    reporter.field(visits, "comment").fill("There is no port here.")
    reporter.field(share, "numerator").fill("30")
    reporter.field(share, "denominator").fill("40")
    reporter.keeps_the_draft()
    assert (
        reporter.page.locator(f".govuk-error-summary a[href='#c{checks}-numerator']").count() == 1
    )
    assert reporter.reads(f"#c{checks}-error") in reporter.reads(".govuk-error-summary")
    assert reporter.value(checks, "numerator") == "a dozen"
    assert reporter.value(visits, "absence") == "not-applicable:no-port"
    assert reporter.value(visits, "comment") == "There is no port here."
    assert (reporter.value(share, "numerator"), reporter.value(share, "denominator")) == (
        "30",
        "40",
    )
    reporter.field(checks, "numerator").fill("12\u202f500")
    reporter.keeps_the_draft()
    assert "12500" in reporter.reads(f"#c{checks}")
    assert world.current("visits").current.status == CellStatus.NOT_APPLICABLE
    # The colleague opened the form before: both versions are shown, and one is chosen.
    colleague.field(checks, "numerator").fill("13000")
    colleague.keeps_the_draft()
    both = colleague.reads(f"#c{checks}")
    assert ("12500" in both, "13000" in both) == (True, True)
    assert world.current("checks").current.numerator == 12_500
    colleague.page.locator(f"input[name=c{checks}-choice][value=mine]").check()
    colleague.keeps_the_draft()
    assert world.current("checks").current.numerator == 13_000
    assert world.submission.state == State.DRAFT


def approver_attests(world: World, approver: Person) -> None:
    approver.goes_to("report", make.QUARTER, world.zone.slug)
    approver.attests()
    assert approver.is_at("work")
    assert world.submission.state == State.SUBMITTED


def coordinator_returns(world: World, coordinator: Person) -> None:
    coordinator.goes_to("review-queue")
    review = reverse("review", args=[world.submission.pk])
    coordinator.presses(f"main a[href='{review}']")
    coordinator.page.locator("textarea[name=reason]").fill("The first figure has doubled.")
    coordinator.presses(
        f"form[action='{reverse('review-return', args=[world.submission.pk])}'] button"
    )
    assert coordinator.is_at("review-queue")
    assert world.submission.state == State.RETURNED


def unit_corrects(world: World, approver: Person) -> None:
    approver.goes_to("report", make.QUARTER, world.zone.slug)
    assert "The first figure has doubled." in approver.reads("main")
    approver.field(world.cells["checks"], "numerator").fill("13.500")
    approver.attests()
    assert world.submission.state == State.RETURNED, "13.500 is asked about, never guessed"
    readings = f"input[name=c{world.cells['checks']}-numerator-reading]"
    offered = [each.get_attribute("value") for each in approver.page.locator(readings).all()]
    assert offered == ["13500"], "half a check is no figure: it is not offered"
    approver.page.locator(f"{readings}[value='13500']").check()
    approver.attests()
    assert world.submission.state == State.SUBMITTED


def coordinator_validates(world: World, coordinator: Person) -> None:
    coordinator.goes_to("review", world.submission.pk)
    validate = reverse("review-validate", args=[world.submission.pk])
    coordinator.presses(f"form[action='{validate}'] button")
    assert world.submission.state == State.VALIDATED


def total_and_coverage(steering: Person) -> tuple[str, str]:
    """What the overview says of the indicator: its total, and how many zones it rests on."""
    steering.page.goto(steering.site + reverse("progress-overview"))
    row = "tr:has(a[href*='/progress/indicators/checks/'])"
    value = steering.reads(f"{row} td:nth-of-type(2)")
    coverage = steering.reads(f"{row} td:nth-of-type(5)")
    return re.findall(r"\d+", value)[0], re.findall(r"\d+", coverage)[0]


def evaluator_takes_it_away(evaluator: Person) -> None:
    evaluator.presses(f"nav a[href='{reverse('data-download')}'] >> visible=true")
    figures = rows_of(evaluator, "figures")
    counted = [row["numerator"] for row in figures if row["indicator"] == "checks"]
    nation = Area.objects.get(kind=AreaKind.NATION).name
    (total,) = [
        row["numerator"]
        for row in rows_of(evaluator, "results")
        if (row["indicator"], row["area"]) == ("checks", nation)
    ]
    assert sorted(counted) == [1_000, 13_500]
    assert sum(counted) == total == 14_500


def rows_of(evaluator: Person, name: str) -> list[dict[str, object]]:
    """The rows of a workbook by the names of the columns' fields."""
    address = reverse("download-workbook", args=[name])
    file: Path = evaluator.takes(f"main a[href^='{address}']")
    sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(1).to_python()
    with translation.override("fr"):
        fields = {
            str(field.column_name): key for key, field in CONTENTS[name].resource().fields.items()
        }
    headings = next(row for row in sheet if set(map(str, row)) >= set(fields))
    place = sheet.index(headings)
    names = [fields.get(str(heading), "") for heading in headings]
    return [dict(zip(names, row, strict=True)) for row in sheet[place + 1 :]]


def form_of(world: World) -> str:
    return reverse("report", args=[make.QUARTER, world.zone.slug])


# --- On a phone, and after an hour away ------------------------------------------------------


def test_form_and_overview_fit_a_phone(world: World, at_browser: Callable[..., Person]):
    reporter, steering = at_browser("reporter", 360), at_browser("steering", 360)
    reporter.goes_to("report", make.QUARTER, world.zone.slug)
    steering.goes_to("progress-overview")
    for person in (reporter, steering):
        assert person.page.evaluate("document.documentElement.scrollWidth") == 360


def test_what_was_typed_when_the_session_expired_is_there_after_signing_in(
    world: World, at_browser: Callable[..., Person]
):
    reporter = at_browser("reporter")
    checks, visits = world.cells["checks"], world.cells["visits"]
    reporter.goes_to("report", make.QUARTER, world.zone.slug)
    reporter.field(checks, "numerator").fill("777")
    reporter.field(visits, "comment").fill("Counted by hand.")
    Session.objects.all().delete()
    reporter.page.locator("button[name=action][value=save]:visible").click()
    reporter.page.wait_for_url(f"**{reverse('account_login')}**")
    # The console tells of the answer "401".
    reporter.said.clear()
    reporter.signs_in()
    assert reporter.is_at("report", make.QUARTER, world.zone.slug)
    assert reporter.value(checks, "numerator") == "777"
    assert reporter.value(visits, "comment") == "Counted by hand."
    wait_until(lambda: world.current("checks").current is not None)
    assert world.current("checks").current.numerator == 777
