"""The entry form as reporters and approvers meet it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from submissions.enums import State
from submissions.models import Check, Measurement
from submissions.services import send_back, validate, withdraw
from tests import factories as make
from tests.factories import figure
from tests.submissions.desk import Desk, cell_names, errors, said

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def desk() -> Desk:
    make.make_indicator("checks", decimals=0)
    make.make_indicator("visits")
    return Desk()


# --- Saving -----------------------------------------------------------------------------------


def test_a_draft_is_saved_and_the_figure_echoed(desk):
    first, _second = cell_names(desk)
    response = desk.post(desk.reporter, **{f"{first}_numerator": "2 500"})
    assert response.status_code == 302
    assert response["Location"] == desk.url
    assert desk.cells[0].current.numerator == 2500
    page = desk.client(desk.reporter).get(desk.url)
    row = page.context["form"].rows[desk.cells[0].pk]
    assert row.echo == "2\u202f500"
    assert row.typed["numerator"] == "2\u202f500"


def test_the_previous_value_and_the_year_before_stand_beside():
    make.make_indicator("checks")
    zone = make.make_zone("namur")
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    desk = Desk(zone)
    for code in ("2026-Q2", "2026-Q1", "2025-Q4", "2025-Q3"):
        make.make_round(code)
    for code, number in (("2026-Q2", 124), ("2025-Q3", 1118)):
        before = make.submission_of(zone, code)
        make.validated(desk.approver, coordinator, before, figure(number))
    # Neither a draft nor what waits for control is a figure of the past.
    make.enter(desk.reporter, make.submission_of(zone, "2026-Q1"), figure(555))
    make.attested(desk.approver, make.submission_of(zone, "2025-Q4"), figure(666))
    make.attested(desk.approver, desk.submission, figure(7))
    pages = {desk.reporter: desk.url, coordinator: reverse("review", args=[desk.submission.pk])}
    for user, address in pages.items():
        [row] = desk.client(user).get(address).context["figures"].rows.values()
        assert row.history == [
            ("2026-Q2", "124"),
            ("2026-Q1", "–"),
            ("2025-Q4", "–"),
            ("2025-Q3", "1\u202f118"),
        ]
    withdraw(actor=desk.approver, submission=desk.submission, version=desk.submission.version)
    [row] = desk.client(desk.reporter).get(desk.url).context["form"].rows.values()
    assert [text for _code, text in row.history] == ["124", "–", "–", "1\u202f118"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("4l0", "“4l0” contains a letter. Type digits, for example 410."),
        ("--4", "“--4” is not a number. Type digits, for example 410."),
        ("2,5", "“2,5” is not a whole number. Type a number without decimals."),
        ("-4", "“-4” is negative. This figure is zero or more."),
        ("٤", "“٤” holds signs other than the digits 0 to 9. Type digits, for example 410."),
        ("9" * 17, f"“{'9' * 17}” is too large. Check the number of digits."),
        ("2.500", "Does “2.500” mean 2500? This figure has no decimals: type 2500."),
    ],
)
def test_a_wrong_number_is_told_at_its_field_and_all_else_stays(desk, typed, message):
    first, second = cell_names(desk)
    response = desk.post(
        desk.reporter,
        **{f"{first}_numerator": typed, f"{first}_comment": "mine", f"{second}_numerator": "7"},
    )
    assert response.status_code == 200
    assert errors(response) == [("Checks", message)]
    rows = list(response.context["form"].rows.values())
    assert (rows[0].typed["numerator"], rows[0].typed["comment"]) == (typed, "mine")
    assert [cell.current and cell.current.numerator for cell in desk.cells] == [None, 7]
    html = response.content.decode()
    assert f'href="#{rows[0].target}"' in html
    assert f'id="{rows[0].target}"' in html


@pytest.mark.parametrize(
    ("decimals", "typed", "offered", "reading", "units"),
    [
        (0, "2.500", ["2500"], "2500", 2_500),
        (0, "2.000", ["2000", "2"], "2", 2),
        (1, "2.500", ["2500", "2.5"], "2500", 25_000),
        (1, "2.500", ["2500", "2.5"], "2.5", 25),
        (1, "2.345", ["2345"], "2345", 23_450),
        (3, "2.345", ["2345", "2.345"], "2.345", 2_345),
    ],
)
def test_an_ambiguous_number_is_asked_and_the_answer_taken(
    decimals, typed, offered, reading, units
):
    make.make_indicator("kilos", decimals=decimals)
    desk = Desk()
    [name] = cell_names(desk)
    asked = desk.post(desk.reporter, **{f"{name}_numerator": typed})
    [row] = asked.context["form"].rows.values()
    assert [choice.value for choice in row.readings["numerator"]] == offered
    refused = {f"{name}_numerator": typed, f"{name}_numerator-reading": "2.34567"}
    assert desk.post(desk.reporter, **refused).status_code == 200
    answers = {f"{name}_numerator": typed, f"{name}_numerator-reading": reading}
    assert desk.post(desk.reporter, **answers).status_code == 302
    assert desk.cells[0].current.numerator == units


def test_each_wrong_part_of_a_quotient_is_named():
    make.make_indicator("positive", kind=Kind.RATIO)
    desk = Desk()
    [name] = cell_names(desk)
    page = desk.post(desk.reporter, **{f"{name}_numerator": "1.234", f"{name}_denominator": "abc"})
    assert [message for _label, message in errors(page)] == [
        "Does “1.234” mean 1234? This figure has no decimals: type 1234.",
        "“abc” contains a letter. Type digits, for example 410.",
    ]
    both = desk.post(desk.reporter, **{f"{name}_numerator": "x", f"{name}_denominator": "x"})
    assert len(errors(both)) == 1


def test_what_is_shown_and_left_alone_is_not_asked_again():
    make.make_indicator("kilos", decimals=3)
    desk = Desk()
    make.enter(desk.reporter, desk.submission, figure(1234))
    response = desk.post(desk.reporter)
    assert response.status_code == 302
    assert Measurement.objects.count() == 1


def test_a_numerator_above_its_denominator_is_kept_as_a_draft_and_not_attested():
    make.make_indicator(
        "positive", kind=Kind.RATIO, numerator_label="Positive", denominator_label="Tests"
    )
    desk = Desk()
    [name] = cell_names(desk)
    typed = {f"{name}_numerator": "14", f"{name}_denominator": "12", f"{name}_comment": "Odd"}
    assert desk.post(desk.reporter, **typed).status_code == 302
    said = desk.cells[0].current
    assert (said.numerator, said.denominator, said.comment) == (14, 12, "Odd")
    message = "“Positive” (14) is above “Tests” (12). Correct one of the two."
    assert errors(desk.client(desk.reporter).get(desk.url)) == [("Positive", message)]
    # No comment explains it, and no check that is switched off lets it through.
    asked = desk.post(desk.approver, action="attest", statement="on")
    assert errors(asked) == [("Positive", message)]
    assert desk.submission.state == State.DRAFT
    ok = desk.post(desk.reporter, **{f"{name}_numerator": "12", f"{name}_denominator": "40"})
    assert ok.status_code == 302
    [row] = desk.client(desk.reporter).get(desk.url).context["form"].rows.values()
    assert row.echo == "12 / 40 = 30\u00a0%"


def test_a_total_without_any_case_is_a_draft_only_and_no_case_at_all_is_no_value():
    labels = {"numerator_label": "Days", "denominator_label": "Files"}
    make.make_indicator("delay", kind=Kind.MEAN, decimals=1, **labels)
    desk = Desk()
    [name] = cell_names(desk)
    desk.post(desk.reporter, **{f"{name}_numerator": "4", f"{name}_denominator": "0"})
    assert desk.cells[0].current.numerator == 40
    message = "“Days” is 4.0 without any case: “Files” is 0. Correct one of the two."
    asked = desk.post(desk.approver, action="attest", statement="on")
    assert errors(asked) == [("Delay", message)]
    assert desk.submission.state == State.DRAFT
    ok = desk.post(desk.reporter, **{f"{name}_numerator": "0", f"{name}_denominator": "0"})
    assert ok.status_code == 302
    [row] = desk.client(desk.reporter).get(desk.url).context["form"].rows.values()
    assert row.echo == "0.0 / 0, no value"


@pytest.mark.parametrize("part", ["numerator", "denominator"])
def test_half_a_figure_is_told_as_not_saved_and_its_comment_is_kept(part):
    make.make_indicator("positive", kind=Kind.RATIO)
    desk = Desk()
    [name] = cell_names(desk)
    make.enter(desk.reporter, desk.submission, [figure(3, 4)])
    blank = "denominator" if part == "numerator" else "numerator"
    typed = {f"{name}_{part}": "12", f"{name}_{blank}": "", f"{name}_comment": "Recount"}
    page = desk.post(desk.reporter, **typed)
    said = desk.cells[0].current
    assert (said.numerator, said.denominator, said.comment) == (3, 4, "Recount")
    [(_label, message)] = errors(page)
    assert message.endswith("number too, or neither of them.")
    html = page.content.decode()
    assert ("Not saved." in html, "Read: 3 / 4" in html) == (True, False)
    # The page goes on from what it saved itself.
    [row] = page.context["form"].rows.values()
    mended = desk.values(page.context) | {row.name(part): "1", row.name(blank): "1"}
    assert desk.client(desk.reporter).post(desk.url, mended).status_code == 302
    said = desk.cells[0].current
    assert (said.numerator, said.denominator, said.comment) == (1, 1, "Recount")


def test_too_long_a_comment_or_reason_is_told_at_its_field_and_kept(desk):
    first, second = cell_names(desk)
    longest = "é" * 1999 + "\r\n" + "é" * 1000
    typed = {
        f"{first}_numerator": "5",
        f"{first}_comment": longest,
        f"{second}_absence": "unavailable",
        f"{second}_reason": "r" * 301,
    }
    response = desk.post(desk.reporter, **typed)
    assert errors(response) == [
        (
            "Checks",
            "This comment is longer than 2\u202f000 characters. Shorten it: nothing is lost.",
        ),
        ("Visits", "This reason is longer than 300 characters. Shorten it: nothing is lost."),
    ]
    rows = list(response.context["form"].rows.values())
    assert [row.target for row in rows] == [f"{first}-comment", f"{second}-reason"]
    assert rows[0].typed["comment"] == longest.replace("\r\n", "\n")
    assert rows[1].typed["reason"] == "r" * 301
    assert Measurement.objects.count() == 0
    html = response.content.decode()
    assert f'maxlength="2000" id="{first}-comment"' in html
    typed |= {f"{first}_comment": "é" * 1999 + "\r\n", f"{second}_reason": "r" * 300}
    assert desk.post(desk.reporter, **typed).status_code == 302


def test_the_summary_counts_figures_not_messages():
    make.make_checks()
    Check.objects.filter(kind="bounds").update(severity="blocking")
    make.make_indicator(
        "persons", options=["women", "men"], breakdown_is_exhaustive=True, upper_bound=5
    )
    desk = Desk()
    total, women, men = cell_names(desk)
    numbers = {f"{total}_numerator": "10", f"{women}_numerator": "4", f"{men}_numerator": "5"}
    desk.post(desk.reporter, **numbers)
    page = desk.client(desk.reporter).get(desk.url)
    assert len(errors(page)) == 2
    assert "1 figure needs a second look." in page.content.decode()


def test_every_kind_of_field_is_read():
    make.make_indicator("yes-no", kind=Kind.YES_NO)
    make.make_indicator("level", kind=Kind.SCALE)
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30", 2: "2026-12-31"})
    make.make_indicator("words", kind=Kind.NARRATIVE)
    make.make_indicator("delay", kind=Kind.MEAN, decimals=1)
    desk = Desk()
    yes, level, plan, words, delay = cell_names(desk)
    response = desk.post(
        desk.reporter,
        **{
            f"{yes}_numerator": "0",
            f"{level}_numerator": "3",
            f"{plan}_step-1": "30/06/2026",
            f"{words}_text": "All is well.",
            f"{delay}_numerator": "12,5",
            f"{delay}_denominator": "5",
        },
    )
    assert response.status_code == 302
    found = [
        (each.current.numerator, each.current.denominator, each.current.text) for each in desk.cells
    ]
    assert found == [
        (0, None, ""),
        (3, None, ""),
        (1, 2, ""),
        (None, None, "All is well."),
        (125, 5, ""),
    ]
    assert desk.cells[2].current.steps_done == {"1": "2026-06-30"}


def test_no_step_done_is_said_never_guessed():
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30"})
    desk = Desk()
    [name] = cell_names(desk)
    desk.post(desk.reporter)
    assert desk.cells[0].current is None
    desk.post(desk.reporter, **{f"{name}_no_step": "on"})
    assert desk.cells[0].current.numerator == 0


@pytest.mark.parametrize("typed", ["0026-08-03", "03/08/0026", "1999-12-31", "3/8/26"])
def test_a_year_of_two_digits_is_no_day_on_which_a_step_was_done(typed):
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30", 2: "2026-12-31"})
    desk = Desk()
    [name] = cell_names(desk)
    response = desk.post(desk.reporter, **{f"{name}_step-1": typed})
    assert errors(response) == [("Plan", "Type a date, for example 31/03/2026.")]
    assert Measurement.objects.count() == 0
    assert desk.post(desk.reporter, **{f"{name}_step-1": "2000-01-01"}).status_code == 302


def test_no_figure_needs_a_reason_of_the_definition_or_words(desk):
    first, second = cell_names(desk)
    response = desk.post(
        desk.reporter,
        **{f"{first}_absence": "not-applicable:no-port", f"{second}_absence": "unavailable"},
    )
    assert errors(response) == [("Visits", "Say why the figure is not available.")]
    assert desk.cells[0].current.status == CellStatus.NOT_APPLICABLE
    both = desk.post(
        desk.reporter, **{f"{second}_absence": "unavailable", f"{second}_numerator": "5"}
    )
    message = "A figure and “No figure” exclude each other: keep one of the two."
    assert errors(both) == [("Visits", message)]


@pytest.mark.parametrize("chosen", ["", "not-applicable:no-port"])
def test_words_why_there_is_no_figure_are_never_dropped(desk, chosen):
    first, second = cell_names(desk)
    stray = {f"{first}_absence": chosen, f"{first}_reason": "Register down"}
    response = desk.post(desk.reporter, **stray, **{f"{second}_numerator": "5"})
    message = "Choose “Not available, because …” for this reason, or remove it."
    assert errors(response) == [("Checks", message)]
    row = next(iter(response.context["form"].rows.values()))
    assert (row.typed["reason"], row.has_absence) == ("Register down", True)
    assert [cell.current and cell.current.numerator for cell in desk.cells] == [None, 5]


def test_a_saved_reason_gives_way_to_the_figure_that_was_found(desk):
    first, _second = cell_names(desk)
    desk.post(desk.reporter, **{f"{first}_absence": "unavailable", f"{first}_reason": "Moved"})
    found = {f"{first}_absence": "", f"{first}_numerator": "7"}
    assert desk.post(desk.reporter, **found).status_code == 302
    said = desk.cells[0].current
    assert (said.numerator, said.reason) == (7, "")


def test_parts_that_do_not_add_up_are_told_at_the_total():
    make.make_checks()
    make.make_indicator("persons", options=["women", "men"], breakdown_is_exhaustive=True)
    desk = Desk()
    total, women, men = cell_names(desk)
    numbers = {f"{total}_numerator": "10", f"{women}_numerator": "4", f"{men}_numerator": "5"}
    assert desk.post(desk.reporter, **numbers).status_code == 302
    page = desk.client(desk.reporter).get(desk.url)
    message = "The parts add up to 9, the total is 10. Correct one of the two."
    assert errors(page) == [("Persons", message)]


def test_a_figure_out_of_bounds_may_be_a_draft_and_asks_for_a_comment():
    make.make_checks()
    make.make_indicator("checks", upper_bound=100)
    desk = Desk()
    [name] = cell_names(desk)
    assert desk.post(desk.reporter, **{f"{name}_numerator": "101"}).status_code == 302
    page = desk.client(desk.reporter).get(desk.url)
    seen = "101 is above what is usual for this figure: 100 at most."
    message = f"{seen} Correct it or explain it in the comment."
    form = page.context["form"]
    # No error: in words, in the look, and for who hears the page.
    assert (form.errors, form.to_review) == ([], 0)
    assert [(each["label"], each["message"]) for each in form.to_explain] == [("Checks", message)]
    html = page.content.decode()
    assert "1 remark to explain in a comment" in html
    assert not any(
        sign in html for sign in ("error-summary", "1 error", "errorlist", "aria-invalid")
    )
    # Where the attestation is asked for, it stands in its way.
    asked = desk.post(desk.approver, action="attest", statement="on")
    assert asked.context["form"].to_explain[0]["message"] == message
    assert 'data-module="govuk-error-summary" tabindex="-1"' in asked.content.decode()
    assert desk.submission.state == State.DRAFT
    desk.post(desk.reporter, **{f"{name}_comment": "A festival"})
    explained = desk.client(desk.reporter).get(desk.url)
    assert explained.context["form"].to_explain == []
    [row] = explained.context["form"].rows.values()
    assert (row.messages, row.warnings) == ([], [seen])
    assert seen in explained.content.decode()


# --- Sending ----------------------------------------------------------------------------------


def test_attesting_names_what_is_missing_and_keeps_what_was_typed(desk):
    first, _second = cell_names(desk)
    response = desk.post(desk.approver, "attest", statement="1", **{f"{first}_numerator": "5"})
    assert errors(response) == [("Visits", "Blank is not zero. Type 0 or choose “No figure”.")]
    assert (desk.submission.state, desk.cells[0].current.numerator) == (State.DRAFT, 5)


def test_attesting_needs_the_statement(desk):
    make.enter(desk.reporter, desk.submission, figure(5))
    response = desk.post(desk.approver, "attest")
    assert response.context["statement_error"] == "Tick the statement before you send."
    assert desk.submission.state == State.DRAFT


def test_saving_and_attesting_in_one_go(desk):
    first, second = cell_names(desk)
    numbers = {f"{first}_numerator": "5", f"{second}_numerator": "0"}
    response = desk.post(desk.approver, "attest", statement="1", **numbers)
    assert (response.status_code, response["Location"]) == (302, reverse("work"))
    assert desk.submission.state == State.SUBMITTED
    assert said(response) == ["Attested and sent to the DCA."]


def test_attesting_reads_the_figures_once(desk):
    make.enter(desk.approver, desk.submission, [figure(5), figure(6)])
    client = desk.client(desk.approver)
    fields = {**desk.fields(client), "action": "attest", "statement": "1"}
    with CaptureQueriesContext(connection) as queries:
        client.post(desk.url, fields)
    assert desk.submission.state == State.SUBMITTED
    reads = [each for each in queries if each["sql"].startswith('SELECT "submissions_cell"."id"')]
    assert len(reads) == 1


def test_figures_entered_since_the_page_was_opened_are_not_attested_unseen(desk):
    make.enter(desk.reporter, desk.submission, figure(5))
    client = desk.client(desk.approver)
    fields = desk.fields(client)
    desk.post(desk.reporter, **{f"{cell_names(desk)[0]}_numerator": "6"})
    response = client.post(desk.url, {**fields, "action": "attest", "statement": "1"})
    assert response.status_code == 409
    assert (desk.submission.state, desk.cells[0].current.numerator) == (State.DRAFT, 6)


def test_a_reporter_cannot_attest_but_is_told_who_can(desk):
    make.enter(desk.reporter, desk.submission, figure(5))
    response = desk.post(desk.reporter, "complete")
    assert said(response) == [f"Everything is filled in. To attest: {desk.approver.name}."]
    forced = desk.post(desk.reporter, "attest", statement="1")
    assert forced.status_code == 403
    assert desk.submission.state == State.DRAFT


def test_a_return_is_maintained_with_a_reason(desk):
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    sent = make.attested(desk.approver, desk.submission, figure(5))
    send_back(actor=coordinator, submission=sent, version=sent.version, reason="Too few?")
    page = desk.client(desk.approver).get(desk.url)
    assert "Too few?" in page.content.decode()
    without = desk.post(desk.approver, "attest", statement="1")
    assert without.context["maintain_error"] == (
        "Correct a figure, or say why you maintain them all."
    )
    client = desk.client(desk.approver)
    fields = {**desk.fields(client), "action": "attest", "statement": "1"}
    client.post(desk.url, {**fields, "maintain_reason": "Counted twice"})
    assert desk.submission.is_maintained


def test_why_figures_are_maintained_stays_on_the_page_until_they_are_sent(desk):
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    sent = make.attested(desk.approver, desk.submission, figure(5))
    send_back(actor=coordinator, submission=sent, version=sent.version, reason="Too few?")
    client = desk.client(desk.approver)
    why = {"maintain_reason": "Counted twice", "statement": "1"}
    saved = client.post(desk.url, {**desk.fields(client), **why, "action": "save"})
    assert saved.context["maintain_reason"] == "Counted twice"
    assert "Saved at" in saved.content.decode()
    page = client.get(desk.url)
    assert page.context["maintain_reason"] == ""
    desk.post(desk.reporter, **{f"{cell_names(desk)[0]}_numerator": "6"})
    late = client.post(desk.url, {**desk.values(page.context), **why, "action": "attest"})
    assert late.status_code == 409
    assert "<blockquote>Counted twice</blockquote>" in late.content.decode()
    assert desk.submission.state == State.RETURNED


# --- Too late, or not yours -------------------------------------------------------------------


def test_typing_into_what_was_attested_meanwhile_loses_nothing(desk):
    client = desk.client(desk.reporter)
    fields = desk.fields(client, **{f"{cell_names(desk)[0]}_numerator": "77"})
    make.attested(desk.approver, desk.submission, figure(5))
    response = client.post(desk.url, {**fields, "action": "save"})
    assert response.status_code == 409
    html = response.content.decode()
    assert str(desk.approver) in html
    assert [row.typed_text for row in response.context["typed"]] == ["77"]
    assert desk.cells[0].current.numerator == 5


def test_what_came_too_late_is_shown_in_the_words_it_was_chosen_by():
    make.make_indicator("answer", kind=Kind.YES_NO)
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30", 2: "2026-12-31"})
    make.make_indicator("absent")
    desk = Desk(make.make_zone("namur"))
    client = desk.client(desk.reporter)
    names = {cell.expectation.version.indicator.code: f"c{cell.pk}" for cell in desk.cells}
    typed = {
        f"{names['answer']}_numerator": "0",
        f"{names['plan']}_step-2": "2026-08-03",
        f"{names['absent']}_absence": "unavailable",
        f"{names['absent']}_reason": "Server down",
        f"{names['absent']}_flag": "on",
    }
    fields = desk.fields(client, **typed)
    said = {
        "answer": figure(1),
        "plan": figure(1, 2, steps_done={"1": "2026-08-03"}),
        "absent": figure(5),
    }
    make.attested(desk.approver, desk.submission, [said[code] for code in names])
    response = client.post(desk.url, {**fields, "action": "save"})
    assert response.status_code == 409
    shown = {row.version.indicator.code: row.typed_text for row in response.context["typed"]}
    assert shown == {
        "answer": "No",
        "plan": "Step 2: 2026-08-03",
        "absent": "Not available, because … / Server down / To come back to.",
    }


def test_attesting_what_another_has_just_changed_names_that_edit(desk):
    make.enter(desk.reporter, desk.submission, figure(5))
    client = desk.client(desk.approver)
    first, second = cell_names(desk)
    fields = desk.fields(client, **{f"{second}_numerator": "8"})
    desk.post(desk.reporter, **{f"{first}_numerator": "6"})
    response = client.post(desk.url, {**fields, "action": "attest", "statement": "1"})
    assert response.status_code == 409
    [event] = response.context["events"]
    assert (event.title, event.actor) == ("Figures saved", str(desk.reporter))
    assert event.when == desk.cells[0].current.entered_at


def test_attesting_what_one_changed_in_another_tab_names_that_and_not_this_very_save(desk):
    make.enter(desk.approver, desk.submission, figure(5))
    client = desk.client(desk.approver)
    first, second = cell_names(desk)
    fields = desk.fields(client, **{f"{second}_numerator": "8"})
    desk.post(desk.approver, **{f"{first}_numerator": "6"})
    response = client.post(desk.url, {**fields, "action": "attest", "statement": "1"})
    assert (response.status_code, desk.cells[1].current.numerator) == (409, 8)
    [event] = response.context["events"]
    assert (event.title, event.when) == ("Figures saved", desk.cells[0].current.entered_at)
    assert "You changed these figures in another page" in response.content.decode()


def test_read_only_figures_become_blocks_on_a_phone(desk):
    make.attested(desk.approver, desk.submission, figure(5))
    html = desk.client(desk.reporter).get(desk.url).content.decode()
    assert '<table class="jalon-table jalon-table--blocks">' in html
    assert '<td class="jalon-num" data-label="Q3\u00a02026">' in html
    assert '<td class="jalon-num" data-label="Q2\u00a02026">' in html


def test_typing_after_the_lock_is_refused_with_a_clear_page():
    make.make_indicator("checks")
    zone = make.make_zone("namur")
    desk = Desk(zone)
    client = desk.client(desk.reporter)
    fields = desk.fields(client, **{f"{cell_names(desk)[0]}_numerator": "77"})
    opened = desk.submission.round
    opened.opens_at -= dt.timedelta(days=60)
    opened.due_at -= dt.timedelta(days=60)
    opened.locks_at -= dt.timedelta(days=60)
    opened.save()
    response = client.post(desk.url, {**fields, "action": "save"})
    assert response.status_code == 409
    assert "Round locked. Ask for more time; your draft is kept." in response.content.decode()
    assert [row.typed_text for row in response.context["typed"]] == ["77"]
    assert client.get(desk.url).templates[0].name == "submissions/report_readonly.html"


def test_anothers_form_and_history_do_not_exist(desk):
    make.enter(desk.reporter, desk.submission, figure(987654))
    cell = desk.cells[0]
    neighbour = make.make_zone("dinant")
    others = [
        make.make_user(Role.REPORTER, neighbour),
        make.make_user(Role.APPROVER, neighbour),
        make.make_user(Role.AUTHORITY, neighbour),
        make.make_user(Role.COORDINATOR, make.make_dca("dca-liege")),
        make.make_user(Role.EVALUATOR),
        make.make_user(Role.STEERING),
        make.make_user(Role.COUNCIL),
        make.make_user(Role.ADMINISTRATOR),
    ]
    pages = [desk.url, reverse("cell-history", args=[cell.pk])]
    for user in others:
        client = desk.client(user)
        answers = [client.get(page) for page in pages]
        answers.append(client.post(desk.url, {"action": "save"}))
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert all("987654" not in answer.content.decode() for answer in answers)


def test_who_may_see_but_not_enter(desk):
    make.enter(desk.reporter, desk.submission, figure(5))
    for role, unit in ((Role.COORDINATOR, make.make_dca()), (Role.AUTHORITY, desk.zone)):
        client = desk.client(make.make_user(role, unit))
        assert client.get(desk.url).templates[0].name == "submissions/report_readonly.html"
        assert client.post(desk.url, {"action": "save"}).status_code == 403


def test_the_history_of_a_cell_tells_each_revision(desk):
    first, _second = cell_names(desk)
    desk.post(desk.reporter, **{f"{first}_numerator": "126"})
    desk.post(desk.approver, **{f"{first}_numerator": "162", f"{first}_comment": "Recounted"})
    url = reverse("cell-history", args=[desk.cells[0].pk])
    events = desk.client(desk.reporter).get(url).context["events"]
    assert [(event.title, event.actor) for event in events] == [
        ("126 → 162", str(desk.approver)),
        ("126", str(desk.reporter)),
    ]
    assert events[0].text == "Revision 2. Entrance: form. Comment: “Recounted”"


def test_a_sent_form_is_shown_without_fields(desk):
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    sent = make.attested(desk.approver, desk.submission, figure(5))
    validate(actor=coordinator, submission=sent, version=sent.version)
    page = desk.client(desk.reporter).get(desk.url)
    assert page.templates[0].name == "submissions/report_readonly.html"
    titles = [event.title for event in page.context["events"]]
    assert titles == ["Validated", "Attested", "Draft"]
    assert page.context["events"][1].text == "Entered and attested by the same person."


@pytest.mark.parametrize("zones", [1, 176])
def test_a_central_sources_form_takes_the_same_number_of_queries(zones, django_assert_num_queries):
    source = make.make_source()
    make.make_zones(zones)
    make.make_indicator("checks", reporter=source)
    desk = Desk(source)
    make.make_round("2026-Q2")
    make.enter(desk.reporter, make.submission_of(source, "2026-Q2"), figure(5))
    make.enter(desk.reporter, desk.submission, figure(7))
    client = desk.client(desk.reporter)
    client.get(desk.url)
    with django_assert_num_queries(13):
        page = client.get(desk.url)
    assert page.context["form"].total == zones


def test_a_form_of_a_central_source_about_every_zone_can_be_sent(desk):
    """Four thousand figures of five fields each, as a browser sends them all."""
    fields = desk.fields(desk.client(desk.reporter), **{f"c{desk.cells[0].pk}_numerator": "7"})
    others = {f"c{900_000 + number // 5}-part{number % 5}": "" for number in range(22_000)}
    answer = desk.client(desk.reporter).post(desk.url, {**others, **fields, "action": "save"})
    assert answer.status_code == 302
    assert desk.cells[0].current.numerator == 7
