"""Cells of the entry form saved one by one, and what the form is told."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.models import AuditEntry
from indicators.enums import CellStatus, Kind
from indicators.models import IndicatorVersion
from organisations.enums import Role
from submissions import selectors
from submissions.content import Content
from submissions.enums import Entrance, State
from submissions.models import Measurement, Submission
from submissions.services import Entry, Held, save_held, to_hold
from tests import factories as make
from tests.factories import figure
from tests.submissions.desk import Desk

pytestmark = pytest.mark.django_db


class Page:
    """A form open in a browser that saves its cells as they are left."""

    def __init__(self, desk: Desk, user: Any = None) -> None:
        self.desk, self.user = desk, user or desk.reporter
        self.client = desk.client(self.user)
        self.url = reverse("report-cells", args=[desk.code, desk.zone.slug])
        self.count = 0

    def fields(self, **typed: str) -> dict[str, str]:
        """What the form sends for the cells of ``typed``, which were opened at version 0."""
        self.count += 1
        said = {name.replace("_", "-"): text for name, text in typed.items()}
        versions = {f"{name.split('-')[0]}-version": "0" for name in said}
        form = {"token": f"mark-{self.count}", "user": str(self.user.pk), "version": "0"}
        return {**form, **versions, **said}

    def send(self, **typed: str) -> Any:
        return self.client.post(self.url, self.fields(**typed))


@pytest.fixture
def desk() -> Desk:
    make.make_indicator("checks", decimals=0)
    make.make_indicator("visits")
    return Desk()


@pytest.fixture
def form(desk: Desk) -> Page:
    return Page(desk)


def names(desk: Desk) -> list[str]:
    return [f"c{cell.pk}" for cell in desk.cells]


def told(answer: dict[str, Any]) -> dict[str, str]:
    """The messages of an answer, without the rows that were looked at and are well."""
    return {row: text(html) for row, html in answer["messages"].items() if html}


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_a_nul_in_a_comment_is_kept_as_a_sign_and_in_a_number_refused(desk, form):
    first, second = names(desk)
    answer = form.send(
        **{f"{first}_numerator": "1", f"{first}_comment": "a\0b", f"{second}_numerator": "5\x001"}
    ).json()
    assert desk.cells[0].current.comment == "a\ufffdb"
    assert answer["cells"][second]["state"] != "saved"
    assert desk.cells[1].current is None


# --- What a save answers ----------------------------------------------------------------------


def test_one_cell_is_saved_and_its_page_told(desk, form):
    first, _second = names(desk)
    answer = form.send(**{f"{first}_numerator": "2 500"}).json()
    assert desk.cells[0].current.numerator == 2500
    cell = answer["cells"][first]
    assert (cell["state"], cell["version"], answer["version"]) == ("saved", 1, 1)
    assert re.fullmatch(
        r"Read: 2\u202f500 · Saved at \d+:\d\d\. Checks",
        text(cell["said"]).replace(" 500", "\u202f500"),
    )
    assert told(answer) == {}
    assert text(answer["parts"]["progress"]).startswith("1/2")
    assert (text(answer["parts"]["left"]), answer["parts"]["count-1"]) == ("1 figure left", "1/2")


def test_only_the_cells_that_were_sent_change(desk, form):
    _first, second = names(desk)
    make.enter(desk.reporter, desk.submission, [figure(1), figure(2)])
    fields = {**form.fields(**{f"{second}_numerator": "5"}), f"{second}-version": "1"}
    assert list(form.client.post(form.url, fields).json()["cells"]) == [second]
    assert [cell.current.numerator for cell in desk.cells] == [1, 5]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("4l0", "“4l0” contains a letter. Type digits, for example 410."),
        ("2.500", "Does “2.500” mean 2500? This figure has no decimals: type 2500."),
    ],
)
def test_what_cannot_be_read_is_told_in_the_words_of_the_form(desk, form, typed, message):
    first, _second = names(desk)
    answer = form.send(**{f"{first}_numerator": typed}).json()
    assert answer["cells"][first]["state"] == "refused"
    assert text(answer["messages"][first]) == message
    assert Measurement.objects.count() == 0
    plain = desk.post(desk.reporter, **{f"{first}_numerator": typed})
    assert plain.context["form"].errors[0]["message"] == message


def test_parts_that_contradict_each_other_are_saved_and_told():
    make.make_indicator(
        "positive", kind=Kind.RATIO, numerator_label="Positive", denominator_label="Tests"
    )
    desk = Desk()
    form = Page(desk)
    [name] = names(desk)
    answer = form.send(**{f"{name}_numerator": "14", f"{name}_denominator": "12"}).json()
    assert answer["cells"][name]["state"] == "saved"
    assert text(answer["messages"][name]) == (
        "“Positive” (14) is above “Tests” (12). Correct one of the two."
    )
    said = desk.cells[0].current
    assert (said.numerator, said.denominator) == (14, 12)


def test_a_refused_cell_says_that_it_is_not_saved_and_nothing_of_the_old_figure(desk, form):
    make.make_checks()
    IndicatorVersion.objects.update(upper_bound=100)
    first, _second = names(desk)
    make.enter(desk.reporter, desk.submission, [figure(126)])
    fields = form.fields(**{f"{first}_numerator": "4l0", f"{first}_comment": "Recount"})
    answer = form.client.post(form.url, {**fields, f"{first}-version": "1"}).json()
    cell = answer["cells"][first]
    assert (cell["state"], text(cell["said"])) == ("refused", "Not saved.")
    assert text(answer["messages"][first]) == (
        "“4l0” contains a letter. Type digits, for example 410."
    )
    # What stands beside it can be saved, and the page goes on from there.
    said = desk.cells[0].current
    assert (said.numerator, said.comment, cell["version"]) == (126, "Recount", 2)
    fields = form.fields(**{f"{first}_numerator": "41", f"{first}_comment": "Recount"})
    mended = form.client.post(form.url, {**fields, f"{first}-version": "2"}).json()
    assert mended["cells"][first]["state"] == "saved"
    assert desk.cells[0].current.numerator == 41


def test_a_comment_beside_what_cannot_be_read_overwrites_nobody(desk, form):
    first, _second = names(desk)
    make.enter(desk.approver, desk.submission, [figure(126, comment="Theirs")])
    answer = form.send(**{f"{first}_numerator": "4l0", f"{first}_comment": "Mine"}).json()
    assert answer["cells"][first]["state"] == "refused"
    assert answer["cells"][first]["version"] == 0
    assert desk.cells[0].current.comment == "Theirs"


def test_a_version_of_thousands_of_digits_is_none(desk, form):
    first, _second = names(desk)
    fields = {**form.fields(**{f"{first}_numerator": "5"}), "version": "9" * 5000}
    answer = form.client.post(form.url, fields)
    assert (answer.status_code, answer.json()["version"]) == (200, -1)


def test_an_ambiguous_number_is_asked_and_its_answer_fills_the_field(desk, form):
    first, _second = names(desk)
    asked = form.send(**{f"{first}_numerator": "2.500"}).json()["cells"][first]
    assert re.findall(r'value="([^"]*)"', asked["questions"]) == ["2500"]
    assert asked["values"] is None
    answers = {f"{first}_numerator": "2.500", f"{first}_numerator-reading": "2500"}
    settled = form.send(**answers).json()["cells"][first]
    assert (settled["state"], settled["questions"]) == ("saved", "")
    assert settled["values"][f"{first}-numerator"] == "2\u202f500"
    assert desk.cells[0].current.numerator == 2500


def test_a_conflict_shows_both_versions_and_the_choice_is_saved(desk, form):
    first, _second = names(desk)
    make.enter(desk.approver, desk.submission, [figure(126)])
    answer = form.send(**{f"{first}_numerator": "130"}).json()["cells"][first]
    assert answer["state"] == "conflict"
    said = text(answer["questions"])
    assert ("Keep mine: 130" in said, "Take the saved one: 126" in said) == (True, True)
    assert str(desk.approver) in said
    assert desk.cells[0].current.numerator == 126
    mine = {f"{first}_numerator": "130", f"{first}_choice": "mine", f"{first}_seen": "1"}
    assert form.send(**mine).json()["cells"][first]["state"] == "saved"
    assert desk.cells[0].current.numerator == 130


def test_taking_the_saved_one_fills_the_field_and_writes_nothing(desk, form):
    first, _second = names(desk)
    make.enter(desk.approver, desk.submission, [figure(126)])
    answer = form.send(**{f"{first}_numerator": "130", f"{first}_choice": "theirs"}).json()
    cell = answer["cells"][first]
    assert (cell["state"], cell["version"]) == ("saved", 1)
    assert cell["values"][f"{first}-numerator"] == "126"
    assert Measurement.objects.count() == 1


def test_what_a_save_means_for_other_cells_is_told_too():
    make.make_checks()
    make.make_indicator("persons", options=["women", "men"], breakdown_is_exhaustive=True)
    desk = Desk()
    form = Page(desk)
    total, women, men = names(desk)
    first = form.send(**{f"{total}_numerator": "126", f"{women}_numerator": "100"}).json()
    assert first["parts"][f"sum-{total}"] == "Parts: 100 of 126"
    assert told(first) == {}
    second = form.send(**{f"{men}_numerator": "18"}).json()
    assert second["parts"][f"sum-{total}"] == "Parts: 118 of 126"
    assert text(second["messages"][total]) == (
        "The parts add up to 118, the total is 126. Correct one of the two."
    )


def test_what_is_missing_is_named_only_on_a_page_that_names_it(desk, form):
    first, second = names(desk)
    typed = {f"{first}_numerator": "5"}
    assert told(form.send(**typed).json()) == {}
    fields = {**form.fields(**typed), "missing": "1"}
    answer = form.client.post(form.url, fields).json()
    assert text(answer["messages"][second]) == "Blank is not zero. Type 0 or choose “No figure”."


def test_another_edit_is_not_attested_unseen(desk, form):
    """The form goes on from its own saves only."""
    _first, second = names(desk)
    make.enter(desk.approver, desk.submission, [figure(126)])
    assert desk.submission.version == 1
    assert form.send(**{f"{second}_numerator": "5"}).json()["version"] == 0


# --- Once ---------------------------------------------------------------------------------------


def test_the_same_change_again_is_one_and_is_answered_alike(desk, form):
    first, _second = names(desk)
    fields = form.fields(**{f"{first}_numerator": "5"})
    answers = [form.client.post(form.url, fields).json() for _time in range(3)]
    assert [answer["cells"][first]["state"] for answer in answers] == ["saved"] * 3
    assert [answer["cells"][first]["version"] for answer in answers] == [1] * 3
    assert Measurement.objects.count() == 1
    assert AuditEntry.objects.filter(verb="submission.entered").count() == 1


def test_another_body_under_the_same_mark_is_refused(desk, form):
    first, _second = names(desk)
    fields = form.fields(**{f"{first}_numerator": "5"})
    form.client.post(form.url, fields)
    other = form.client.post(form.url, {**fields, f"{first}-numerator": "6"})
    assert (other.status_code, bool(other.json()["message"])) == (409, True)
    assert desk.cells[0].current.numerator == 5


# --- Refusals -----------------------------------------------------------------------------------


def test_without_a_session_the_page_is_told_and_nothing_redirects(desk, form):
    first, _second = names(desk)
    form.client.logout()
    answer = form.send(**{f"{first}_numerator": "5"})
    assert answer.status_code == 401
    assert answer.json()["sign_in"].startswith(reverse("account_login"))
    assert desk.url.replace("/", "%2F") in answer.json()["sign_in"]
    assert form.client.get(form.url).status_code == 401


@pytest.mark.parametrize(
    ("language", "message"),
    [("nl", "U bent afgemeld."), ("xx", "Your session has expired."), ("", "Your session")],
)
def test_without_a_session_the_answer_speaks_the_language_of_the_page(
    desk, form, language, message
):
    first, _second = names(desk)
    form.client.logout()
    fields = {**form.fields(**{f"{first}_numerator": "5"}), "language": language}
    answer = form.client.post(form.url, fields)
    assert answer.status_code == 401
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize("other", ["colleague", "coordinator", "stranger"])
def test_what_one_typed_is_not_saved_by_another(desk, form, other):
    """Somebody else signed in on the device while the form was open, whoever may see it."""
    first, _second = names(desk)
    fields = form.fields(**{f"{first}_numerator": "5"}) | {"language": "nl"}
    people = {
        "colleague": lambda: desk.approver,
        "coordinator": lambda: make.make_user(Role.COORDINATOR, make.make_dca()),
        "stranger": lambda: make.make_user(Role.REPORTER, make.make_zone("dinant")),
    }
    form.client.force_login(people[other]())
    asks_for_a_token = {"user": fields["user"], "language": "nl"}
    for answer in (form.client.post(form.url, fields), form.client.get(form.url, asks_for_a_token)):
        assert (answer.status_code, answer.json()["other_user"]) == (409, True)
        assert answer.json()["message"].startswith("Iemand anders")
    assert Measurement.objects.count() == 0


def test_who_may_not_enter_is_told(desk):
    first, _second = names(desk)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    answer = Page(desk, coordinator).send(**{f"{first}_numerator": "5"})
    assert (answer.status_code, bool(answer.json()["message"])) == (403, True)
    stranger = make.make_user(Role.REPORTER, make.make_zone("dinant"))
    assert Page(desk, stranger).send(**{f"{first}_numerator": "5"}).status_code == 404
    assert Measurement.objects.count() == 0


def test_a_cell_of_another_form_is_not_touched(desk, form):
    neighbour = make.make_zone("dinant")
    Desk(neighbour, "2026-Q2")
    [foreign, _other] = make.cells_of(make.submission_of(neighbour, "2026-Q2"))
    answer = form.send(**{f"c{foreign.pk}_numerator": "5"})
    assert (answer.status_code, answer.json()["cells"]) == (200, {})
    assert Measurement.objects.count() == 0


def test_after_the_attestation_nothing_is_taken(desk, form):
    first, _second = names(desk)
    make.attested(desk.approver, desk.submission, figure(5))
    answer = form.send(**{f"{first}_numerator": "7"})
    assert (answer.status_code, "Attested" in answer.json()["message"]) == (409, True)
    assert desk.cells[0].current.numerator == 5


def test_after_the_lock_nothing_is_taken(desk, form):
    first, _second = names(desk)
    opened = desk.submission.round
    for moment in ("opens_at", "due_at", "locks_at"):
        setattr(opened, moment, getattr(opened, moment) - dt.timedelta(days=60))
    opened.save()
    answer = form.send(**{f"{first}_numerator": "7"})
    assert answer.status_code == 409
    assert answer.json()["message"] == "Round locked. Ask for more time; your draft is kept."
    assert Measurement.objects.count() == 0


def test_a_sign_in_elsewhere_is_mended_with_a_fresh_token(desk):
    first, _second = names(desk)
    form = Page(desk)
    form.client = Client(enforce_csrf_checks=True)
    form.client.force_login(desk.reporter)
    fields = form.fields(**{f"{first}_numerator": "5"})
    stale = form.client.post(form.url, {**fields, "csrfmiddlewaretoken": "x" * 64})
    assert (stale.status_code, stale["Content-Type"].split(";")[0]) == (403, "text/html")
    fresh = form.client.get(form.url).json()
    assert fresh["user"] == desk.reporter.pk
    again = form.client.post(form.url, {**fields, "csrfmiddlewaretoken": fresh["csrf"]})
    assert again.json()["cells"][first]["state"] == "saved"


# --- The flag -----------------------------------------------------------------------------------


def test_a_figure_is_flagged_shown_and_in_its_history(desk):
    first, _second = names(desk)
    desk.post(desk.reporter, **{f"{first}_numerator": "5", f"{first}_flag": "on"})
    assert desk.cells[0].current.is_flagged
    row = desk.client(desk.reporter).get(desk.url).context["form"].rows[desk.cells[0].pk]
    assert row.typed["flag"] == "on"
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    for address in (desk.url, reverse("review", args=[desk.submission.pk])):
        assert "To come back to." in desk.client(coordinator).get(address).content.decode()
    events = desk.client(desk.reporter).get(reverse("cell-history", args=[desk.cells[0].pk]))
    assert "Flagged: the unit wants to come back to it." in events.context["events"][0].text
    desk.post(desk.reporter, **{f"{first}_flag": ""})
    assert not desk.cells[0].current.is_flagged
    assert desk.cells[0].current.numerator == 5


def test_a_blank_can_be_flagged_and_stays_missing(desk):
    first, _second = names(desk)
    desk.post(desk.reporter, **{f"{first}_flag": "on"})
    said = desk.cells[0].current
    assert (said.status, said.is_flagged) == (CellStatus.MISSING, True)


def test_an_absence_is_flagged_without_being_taken_for_a_figure(desk):
    first, _second = names(desk)
    typed = {"absence": "not-applicable:no-port", "flag": "on"}
    response = desk.post(desk.reporter, **{f"{first}_{part}": said for part, said in typed.items()})
    assert response.status_code == 302
    said = desk.cells[0].current
    assert (said.status, said.is_flagged) == (CellStatus.NOT_APPLICABLE, True)


def test_a_conflict_over_the_flag_alone_is_told_apart(desk, form):
    first, _second = names(desk)
    make.enter(desk.reporter, desk.submission, [figure(5)])
    fields = {
        **form.fields(**{f"{first}_numerator": "5", f"{first}_flag": "on"}),
        f"{first}-version": "1",
    }
    desk.post(desk.approver, **{f"{first}_comment": "Recounted"})
    said = text(form.client.post(form.url, fields).json()["cells"][first]["questions"])
    assert "Keep mine: 5 · To come back to." in said
    assert "Take the saved one: 5 · comment: “Recounted” " in said


def test_a_conflict_over_steps_or_reasons_is_told_apart():
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30", 2: "2026-12-31"})
    desk = Desk(make.make_zone("namur"))
    [name] = names(desk)
    client = desk.client(desk.reporter)
    step = desk.fields(client, **{f"{name}_step-1": "2026-08-03"})
    none = desk.fields(client, **{f"{name}_absence": "unavailable", f"{name}_reason": "Moved"})
    desk.post(desk.approver, **{f"{name}_step-2": "2026-08-04"})
    said = text(client.post(desk.url, {**step, "action": "save"}).content.decode())
    assert "1/2 · Steps done: Step 1 (3 August 2026)" in said
    assert "1/2 · Steps done: Step 2 (4 August 2026)" in said
    said = text(client.post(desk.url, {**none, "action": "save"}).content.decode())
    assert "u/a · Moved" in said


def test_a_page_forgets_the_reason_that_gave_way_to_a_figure(desk, form):
    first, _second = names(desk)
    absent = {f"{first}_absence": "unavailable", f"{first}_reason": "Moved"}
    form.send(**absent)
    fields = form.fields(**{f"{first}_numerator": "7", f"{first}_reason": "Moved"})
    [answer] = (
        form.client.post(form.url, {**fields, f"{first}-version": "1"}).json()["cells"].values()
    )
    assert answer["state"] == "saved"
    assert answer["values"][f"{first}-reason"] == ""
    assert answer["values"][f"{first}-numerator"] == "7"


# --- The grid -----------------------------------------------------------------------------------


@pytest.fixture
def source() -> Desk:
    unit = make.make_source()
    make.make_zones(3)
    make.make_indicator("persons", reporter=unit, options=["women", "men"])
    make.make_indicator("others", reporter=unit)
    return Desk(unit)


def test_the_grid_is_one_indicator_with_a_row_per_subject(source):
    url = reverse("report-grid", args=[source.code, source.zone.slug, "persons"])
    form = source.client(source.reporter).get(url)
    grid = form.context["grid"]
    assert [row.figure.subject.slug for row in grid.totals] == ["zone-001", "zone-002", "zone-003"]
    assert grid.option_labels == ["Women", "Men"]
    assert form.context["form"].total == 9
    assert url in source.client(source.reporter).get(source.url).content.decode()


def test_the_grid_is_saved_as_one_plain_form_and_keeps_what_it_does_not_show(source):
    url = reverse("report-grid", args=[source.code, source.zone.slug, "persons"])
    cells = source.cells
    make.enter(source.reporter, source.submission, [figure(1, comment="Mine", is_flagged=True)])
    client = source.client(source.reporter)
    html = client.get(url).content.decode()
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', html))
    first, second = (f"c{cell.pk}-numerator" for cell in cells[:2])
    answer = client.post(url, {**fields, first: "10", second: "4", "action": "save"})
    assert (answer.status_code, answer["Location"]) == (302, url)
    said = [cell.current for cell in source.cells[:2]]
    assert [each.numerator for each in said] == [10, 4]
    assert (said[0].comment, said[0].is_flagged) == ("Mine", True)


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.YES_NO, Kind.NARRATIVE])
def test_the_grid_offers_no_field_beside_an_absence_that_it_cannot_take_away(kind):
    unit = make.make_source()
    make.make_zones(1)
    make.make_indicator("asked", kind=kind, reporter=unit)
    source = Desk(unit)
    [cell] = source.cells
    absent = Content(CellStatus.NOT_AVAILABLE, reason="No register", comment="Asked twice")
    make.enter(source.reporter, source.submission, absent)
    place = [source.code, unit.slug, "asked"]
    page = source.client(source.reporter).get(reverse("report-grid", args=place))
    assert [row.has_absence for row in page.context["form"].rows.values()] == [True]
    html = page.content.decode()
    shown = re.findall(rf'<(?:input|textarea)(?! type="hidden")[^>]* name="c{cell.pk}-', html)
    assert shown == []
    assert reverse("report-row", args=[*place, "zone-001"]) + f"#c{cell.pk}" in html
    assert "Comment: Asked twice" in html


def test_a_wrong_figure_of_the_grid_is_told_there(source):
    url = reverse("report-grid", args=[source.code, source.zone.slug, "persons"])
    cell = source.cells[0]
    fields = {"token": "t", f"c{cell.pk}-version": "0", f"c{cell.pk}-numerator": "x"}
    form = source.client(source.reporter).post(url, fields)
    assert form.templates[0].name == "submissions/report_grid.html"
    assert len(form.context["form"].errors) == 1


@pytest.mark.parametrize("zones", [3, 176])
def test_a_grid_takes_the_same_number_of_queries(zones, django_assert_num_queries):
    unit = make.make_source()
    make.make_zones(zones)
    make.make_indicator("persons", reporter=unit, options=["women", "men", "other"])
    desk = Desk(unit)
    make.enter(desk.reporter, desk.submission, figure(7))
    client = desk.client(desk.reporter)
    url = reverse("report-grid", args=[desk.code, unit.slug, "persons"])
    client.get(url)
    with django_assert_num_queries(12):
        form = client.get(url)
    assert form.context["form"].total == 4 * zones


# --- A whole quarter in few queries -------------------------------------------------------------


def statements(captured: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, the savepoints of the tests apart."""
    said = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.parametrize("indicators", [3, 60])
def test_a_whole_quarter_is_saved_in_under_ten_queries(indicators):
    for number in range(indicators):
        make.make_indicator(f"checks-{number}")
    make.make_indicator("level", kind=Kind.SCALE)
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30"})
    desk = Desk()
    cells = desk.cells
    contents = [figure(7)] * indicators + [figure(3), figure(1, 1, steps_done={"1": "2026-06-30"})]
    said = zip(cells, contents, strict=True)
    entries = [Entry(cell.pk, 0, content) for cell, content in said]
    submission = desk.submission
    assert desk.reporter.access
    with CaptureQueriesContext(connection) as captured:
        held = Held.of(to_hold(Submission.objects).get(pk=submission.pk))
        outcome = save_held(actor=desk.reporter, held=held, entries=entries, entrance=Entrance.FORM)
    assert len(outcome.saved) == indicators + 2
    assert len(statements(captured)) == 6, "\n".join(statements(captured))
    assert desk.submission.state == State.DRAFT


@pytest.mark.parametrize("indicators", [3, 60])
@pytest.mark.parametrize("is_begun", [True, False])
@pytest.mark.parametrize("address", ["report", "report-cells"])
def test_the_whole_request_takes_the_same_few_queries(indicators, is_begun, address):
    """Session, account, lock, claim, figures, revisions, cells, submission and audit: nine.

    To save cells as they are left takes two more than the under ten of a whole form: the answer
    holds them against the checks and what was validated before, which the form does on its page.
    """
    for number in range(indicators):
        make.make_indicator(f"checks-{number}")
    make.make_indicator("level", kind=Kind.SCALE, reasons=["none"])
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30"})
    desk = Desk()
    form = Page(desk)
    *counted, _level, plan = desk.cells
    if is_begun:
        make.enter(desk.reporter, desk.submission, [figure(1)])
        counted = counted[1:]
    typed = {f"c{cell.pk}_numerator": "7" for cell in counted}
    fields = form.fields(**typed, **{f"c{plan.pk}_step-1": "2026-06-30"})
    with CaptureQueriesContext(connection) as captured:
        answer = form.client.post(reverse(address, args=[desk.code, desk.zone.slug]), fields)
    assert answer.status_code in (200, 302)
    assert Measurement.objects.count() == indicators + 1
    expected = {"report": 9, "report-cells": 11}[address]
    assert len(statements(captured)) == expected, "\n".join(statements(captured))


def test_the_figures_of_a_form_are_picked_by_their_submission(desk):
    """In the join itself: another query within it is planned with every table beside it."""
    with CaptureQueriesContext(connection) as captured:
        assert len(selectors.blocks_of(desk.submission)) == 2
    *_submission, cells = statements(captured)
    assert "IN (SELECT" not in cells


def test_parts_of_definitions_are_read_at_once(django_assert_num_queries):
    make.make_indicator("persons", options=["women", "men"], reasons=["b", "a"])
    make.make_indicator("level", kind=Kind.SCALE)
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={2: "2026-12-31", 1: "2026-06-30"})
    ids = set(IndicatorVersion.objects.values_list("pk", flat=True))
    with django_assert_num_queries(1):
        found = selectors.definitions(ids)
        read = [parts_of(each) for each in found.values()]
    expected = [parts_of(IndicatorVersion.objects.get(pk=pk)) for pk in found]
    assert read == expected
    assert [len(parts) for parts in read] == [4, 6, 3]


def parts_of(version: IndicatorVersion) -> list[dict[str, Any]]:
    """All fields of a definition's options, levels, steps and reasons, in order."""
    asked = ("options", "levels", "steps", "not_applicable_reasons")
    return [
        {field.attname: getattr(part, field.attname) for field in part._meta.concrete_fields}
        for name in asked
        for part in getattr(version, name).all()
    ]
