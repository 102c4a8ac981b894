"""A submission with more figures than one page shows: its index, and the pages behind it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.enums import CellStatus
from organisations.enums import Role
from organisations.models import Unit
from submissions import selectors, services
from submissions.enums import Entrance, State
from submissions.models import Check, Remark, RoundSubject
from submissions.services import Entry, save_entries
from tests import factories as make
from tests.factories import figure
from tests.submissions.desk import Desk, errors, said

pytestmark = pytest.mark.django_db


def long_desk(zones: int) -> Desk:
    """A source that reports "persons", with enough options, and "others" about each zone."""
    make.make_checks()
    source = make.make_source()
    make.make_zones(zones)
    options = [f"option-{number}" for number in range(selectors.LONGEST_FORM // zones + 1)]
    persons = make.make_indicator(
        "persons", reporter=source, options=options, breakdown_is_exhaustive=True
    )
    others = make.make_indicator("others", reporter=source)
    make.make_cross_check(others, persons)
    return Desk(source)


@pytest.fixture
def desk() -> Desk:
    return long_desk(3)


def page_of(desk: Desk, *more: str) -> str:
    name = ["report", "report-grid", "report-row"][len(more)]
    return reverse(name, args=[desk.code, desk.zone.slug, *more])


def see(desk: Desk, address: str, user: Any = None) -> Any:
    return desk.client(user or desk.reporter).get(address)


def cells_by(desk: Desk) -> dict[tuple[str, str, str], Any]:
    """The cells by definition, zone and option."""
    cells = selectors.blocks_of(desk.submission)
    return {
        (block.version.indicator.code, each.subject.slug, each.cell.option): each.cell
        for block in cells
        for each in block.figures
    }


def fill(desk: Desk, **others: Any) -> None:
    """Every figure, so that nothing hinders; ``others`` by zone as "zone_001"."""
    entries = []
    for (code, zone, option), cell in cells_by(desk).items():
        is_total = code == "persons" and not option
        options = len(desk.submission.expectations.get(pk=cell.expectation_id).cells.all()) - 1
        content = figure(options) if is_total else figure(1)
        if code == "others":
            content = others.get(zone.replace("-", "_"), content)
        entries.append(Entry(cell.pk, cell.version, content))
    save_entries(
        actor=desk.reporter, submission=desk.submission, entries=entries, entrance=Entrance.FORM
    )


def post(desk: Desk, address: str, user: Any = None, **fields: str) -> Any:
    typed = {name.replace("_", "-", 1): text for name, text in fields.items()}
    version = {"version": str(desk.submission.version)}
    return desk.client(user or desk.reporter).post(address, {**version, **typed})


def save_cell(desk: Desk, cell: Any, **typed: str) -> dict[str, Any]:
    """As the page does when a cell is left."""
    fields = {f"c{cell.pk}-{part}": text for part, text in typed.items()}
    form = {"user": str(desk.reporter.pk), f"c{cell.pk}-version": str(cell.version), **fields}
    answer: dict[str, Any] = (
        desk.client(desk.reporter)
        .post(reverse("report-cells", args=[desk.code, desk.zone.slug]), form)
        .json()
    )
    return answer


def inputs(page: Any) -> int:
    html = page.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return len(re.findall(r"<(?:input|textarea|select)\b", main))


def lines(page: Any) -> dict[str, Any]:
    index = page.context["index"]
    return {
        line.version.indicator.code: line for section in index.sections for line in section.lines
    }


# --- Sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zones", [3, 176])
def test_sizes_and_queries_do_not_grow_with_the_subjects(zones, monkeypatch):
    desk = long_desk(zones)
    client = desk.client(desk.reporter)
    monkeypatch.setattr(desk, "client", lambda user: client)
    cell = cells_by(desk)["others", "zone-001", ""]
    total = len(cells_by(desk))
    assert total > selectors.LONGEST_FORM
    save_cell(desk, cell, numerator="1")
    asked = {}
    for name, call in {
        "index": lambda: see(desk, page_of(desk)),
        "grid": lambda: see(desk, page_of(desk, "others")),
        "row": lambda: see(desk, page_of(desk, "others", "zone-001")),
        "save": lambda: save_cell(desk, cells_by(desk)["others", "zone-001", ""], comment="Why"),
    }.items():
        call()
        with CaptureQueriesContext(connection) as captured:
            answer = call()
        asked[name] = len(captured)
        if name == "index":
            assert (inputs(answer), answer.context["index"].total) == (4, total)
        if name == "row":
            # Its own fields; and the version, mark, seal and token of a form.
            assert inputs(answer) == 4 + 6
    # To save, the test looks for the cell itself.
    assert asked == {"index": 10, "grid": 12, "row": 14, "save": 20}


def test_a_save_reads_what_is_asked_about_its_subject_alone(desk):
    cell = cells_by(desk)["others", "zone-001", ""]
    answer = save_cell(desk, cell, numerator="5")
    of_subject = {f"c{each.pk}" for key, each in cells_by(desk).items() if key[1] == "zone-001"}
    assert set(answer["messages"]) == of_subject
    assert answer["parts"]["count-others"] == "1/3"
    assert "progress" not in answer["parts"]


def test_a_form_that_fits_stays_a_form():
    source = make.make_source()
    make.make_zones(3)
    make.make_indicator("persons", reporter=source)
    desk = Desk(source)
    page = see(desk, page_of(desk))
    assert ("index" in page.context, page.context["form"].total) == (False, 3)


# --- The index ----------------------------------------------------------------------------------


def test_the_index_leads_to_each_definition_and_counts_what_is_there(desk):
    cells = cells_by(desk)
    save_cell(desk, cells["others", "zone-001", ""], numerator="4", comment="Recounted", flag="on")
    save_cell(desk, cells["persons", "zone-001", ""], numerator="3")
    save_cell(desk, cells["others", "zone-002", ""], absence="unavailable", reason="No register")
    page = see(desk, page_of(desk))
    others = lines(page)["others"]
    assert (others.done, others.total, others.commented, others.flagged) == (2, 3, 1, 1)
    assert (others.absent, others.hindering) == (1, 1)
    html = page.content.decode()
    assert f'href="{page_of(desk, "others")}"' in html
    assert f'href="{page_of(desk, "others", "zone-001")}"' in html
    assert reverse("report-upload", args=[desk.code, desk.zone.slug]) in html


def test_the_index_attests_all_of_it_and_says_what_hinders(desk):
    fill(desk, zone_002=figure(500))
    refused = post(desk, page_of(desk), desk.approver, action="attest", statement="1")
    assert desk.submission.state == State.DRAFT
    [fault] = refused.context["errors"]
    assert (fault["label"], fault["href"]) == (
        "Others – ZP Zone 002",
        page_of(desk, "others", "zone-002"),
    )
    assert "500" in fault["message"]
    save_cell(desk, cells_by(desk)["others", "zone-002", ""], numerator="1")
    unticked = post(desk, page_of(desk), desk.approver, action="attest")
    assert unticked.context["statement_error"]
    sent = post(desk, page_of(desk), desk.approver, action="attest", statement="1")
    assert (sent.status_code, desk.submission.state) == (302, State.SUBMITTED)


def test_blanks_are_named_by_definition(desk):
    cells = cells_by(desk)
    save_cell(desk, cells["others", "zone-001", ""], numerator="4")
    page = post(desk, page_of(desk), action="complete")
    blanks = len([key for key in cells if key[0] == "persons"])
    assert [(each["message"], each["href"]) for each in page.context["errors"]] == [
        (f"{blanks} figures are missing", page_of(desk, "persons")),
        ("2 figures are missing", page_of(desk, "others")),
    ]
    fill(desk)
    done = post(desk, page_of(desk), action="complete")
    assert said(done)[0].startswith("Everything is filled in. To attest: ")


def test_many_faults_of_a_definition_are_counted():
    desk = long_desk(176)
    fill(desk, **{f"zone_{number:03}": figure(500) for number in range(1, 177)})
    page = post(desk, page_of(desk), desk.approver, action="attest", statement="1")
    assert [(each["message"], each["href"]) for each in page.context["errors"]] == [
        ("176 figures to correct", page_of(desk, "others"))
    ]
    assert page.context["index"].to_review == 176
    assert lines(page)["others"].hindering == 176


def test_what_a_comment_explains_stands_apart_from_the_errors():
    desk = long_desk(176)
    Check.objects.filter(kind="cross").update(severity="warning")
    few = {f"zone_{number:03}": figure(500) for number in range(1, 3)}
    fill(desk, **few)
    page = post(desk, page_of(desk), desk.approver, action="attest", statement="1")
    assert not any("500" in each["message"] for each in page.context["errors"])
    assert len(page.context["to_explain"]) == 2
    assert "2 remarks to explain in a comment" in page.content.decode()


def test_a_grid_lists_twenty_remarks_and_counts_them_all():
    desk = long_desk(25)
    Check.objects.filter(kind="cross").update(severity="warning")
    fill(desk, **{f"zone_{number:03}": figure(500) for number in range(1, 23)})
    html = see(desk, page_of(desk, "others")).content.decode()
    said = html[html.index("jalon-explain__title") : html.index("</section>")]
    assert "22 remarks to explain in a comment" in said
    assert said.count("<li><a ") == 20
    assert "<li>and 2 others</li>" in said


def test_fields_that_are_posted_to_the_index_are_saved_or_shown_again(desk):
    """A page that was opened while the form was shorter."""
    cell = cells_by(desk)["others", "zone-001", ""]
    typed = {f"c{cell.pk}_version": "0", f"c{cell.pk}_numerator": "x"}
    page = post(desk, page_of(desk), **typed)
    assert page.templates[0].name == "submissions/report_form.html"
    assert errors(page)[0][0] == "Others – ZP Zone 001"
    typed[f"c{cell.pk}_numerator"] = "5"
    assert post(desk, page_of(desk), **typed).status_code == 302
    cell.refresh_from_db()
    assert cell.current.numerator == 5


# --- The pages behind it ------------------------------------------------------------------------


def test_the_whole_is_attested_from_the_index_only(desk):
    fill(desk, zone_002=figure(500))
    for more in (["persons"], ["persons", "zone-001"]):
        post(desk, page_of(desk, *more), desk.approver, action="attest", statement="1")
        assert desk.submission.state == State.DRAFT


def test_a_row_has_what_the_grid_has_no_place_for(desk):
    cell = cells_by(desk)["others", "zone-001", ""]
    address = page_of(desk, "others", "zone-001")
    page = see(desk, address)
    assert [row.figure.cell.pk for row in page.context["form"].rows.values()] == [cell.pk]
    assert reverse("cell-files", args=[cell.pk]) in page.content.decode()
    typed = {
        f"c{cell.pk}_version": "0",
        f"c{cell.pk}_absence": "unavailable",
        f"c{cell.pk}_reason": "No register",
        f"c{cell.pk}_comment": "Next year",
        f"c{cell.pk}_flag": "on",
    }
    answer = post(desk, address, **typed, action="save")
    assert (answer.status_code, answer["Location"]) == (302, address)
    cell.refresh_from_db()
    assert (cell.current.status, cell.current.is_flagged) == (CellStatus.NOT_AVAILABLE, True)
    grid = see(desk, page_of(desk, "others")).content.decode()
    assert f'href="{address}"' in grid
    assert f'href="{address}#c{cell.pk}"' in grid
    assert ("Comment: Next year" in grid, "To come back to." in grid) == (True, True)


def test_what_another_definition_says_is_seen_on_every_page(desk):
    cells = cells_by(desk)
    save_cell(desk, cells["persons", "zone-001", ""], numerator="3")
    answer = save_cell(desk, cells["others", "zone-001", ""], numerator="4")
    name = f"c{cells['others', 'zone-001', ''].pk}"
    assert "errorlist" in answer["messages"][name]
    for more in (["others"], ["others", "zone-001"]):
        assert [label for label, _ in errors(see(desk, page_of(desk, *more)))] == [
            "Others – ZP Zone 001"
        ]
    assert errors(see(desk, page_of(desk, "others", "zone-002"))) == []
    mended = save_cell(desk, cells_by(desk)["persons", "zone-001", ""], numerator="4")
    assert mended["messages"][name] == ""


@pytest.mark.parametrize("more", [["nothing"], ["nothing", "zone-001"], ["others", "nowhere"]])
def test_what_is_not_asked_for_is_not_found(desk, more):
    address = page_of(desk, *more)
    assert see(desk, address).status_code == 404
    assert post(desk, address, action="save").status_code == 404
    make.attested(desk.approver, desk.submission, figure(0))
    assert see(desk, address).status_code == 404


def test_a_withdrawn_subject_has_no_page(desk):
    subjects = RoundSubject.objects.filter(round=desk.submission.round, unit__slug="zone-001")
    subjects.update(withdrawn_at=timezone.now())
    assert see(desk, page_of(desk, "others", "zone-001")).status_code == 404
    assert see(desk, page_of(desk, "others")).context["form"].total == 2


# --- Without fields -----------------------------------------------------------------------------


@pytest.fixture
def sent(desk: Desk) -> Desk:
    fill(desk, zone_002=figure(1, comment="Recounted"), zone_003=figure(1, is_flagged=True))
    submission = desk.submission
    services.attest(actor=desk.approver, submission=submission, version=submission.version)
    return desk


def controller() -> Any:
    return make.make_user(Role.SECRETARIAT, None)


def test_who_controls_decides_on_the_index(sent):
    secretariat = controller()
    Remark.objects.create(
        expectation=cells_by(sent)["others", "zone-001", ""].expectation,
        text="Not ours",
        made_by=make.make_user(Role.REPORTER, Unit.objects.get(slug="zone-001")),
    )
    address = reverse("review", args=[sent.submission.pk])
    page = see(sent, address, secretariat)
    others = lines(page)["others"]
    assert (others.done, others.commented, others.flagged, others.remarks) == (3, 1, 1, 1)
    behind = reverse("review-definition", args=[sent.submission.pk, "others"])
    html = page.content.decode()
    assert (f'href="{behind}"' in html, f'href="{behind}?remarks"' in html) == (True, True)
    form = {"version": str(sent.submission.version)}
    sent.client(secretariat).post(reverse("review-validate", args=[sent.submission.pk]), form)
    assert sent.submission.state == State.VALIDATED


@pytest.mark.parametrize("name", ["review-definition", "report-grid"])
def test_the_figures_of_a_definition_and_those_with_something_beside_them(sent, name):
    place = [sent.code, sent.zone.slug] if name == "report-grid" else [sent.submission.pk]
    address = reverse(name, args=[*place, "others"])
    reader = controller()
    page = see(sent, address, reader)
    assert (inputs(page), page.context["figures"].total, page.context["remarked"]) == (0, 3, 2)
    few = see(sent, f"{address}?remarks", reader)
    zones = [row.figure.subject.slug for row in few.context["figures"].rows.values()]
    assert zones == ["zone-002", "zone-003"]
    assert ("Recounted" in few.content.decode(), "zone-001" in few.content.decode()) == (
        True,
        False,
    )


def test_the_unit_reads_an_index_once_it_has_sent(sent):
    page = see(sent, page_of(sent))
    assert page.templates[0].name == "submissions/report_readonly.html"
    assert set(lines(page)) == {"persons", "others"}
    row = see(sent, page_of(sent, "others", "zone-002"))
    assert list(row.context["figures"].rows) == [cells_by(sent)["others", "zone-002", ""].pk]


@pytest.mark.parametrize("zones", [3, 176])
def test_reading_takes_the_same_number_of_queries(zones):
    desk = long_desk(zones)
    fill(desk)
    services.attest(
        actor=desk.approver, submission=desk.submission, version=desk.submission.version
    )
    reader = controller()
    asked = []
    for address in (
        reverse("review", args=[desk.submission.pk]),
        reverse("review-definition", args=[desk.submission.pk, "persons"]),
        page_of(desk),
        page_of(desk, "persons"),
    ):
        client = desk.client(reader)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        asked.append(len(captured))
    assert asked == [14, 10, 14, 13]
