"""What a file of figures may not say: the right value, or a sentence at the cell; never a guess.

The cases "Files" of the quality references at this entrance. One fault, and nothing is stored.
"""

import datetime as dt
import io
import re
import time
from decimal import Decimal
from itertools import product

import pytest
from django.urls import reverse
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from foundation.grids import read_grids
from foundation.words import plain
from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from organisations.models import Unit
from submissions.enums import UploadState
from submissions.models import Measurement
from submissions.models.uploads import LIMITS
from submissions.resources.columns import Column, known_headings
from submissions.resources.marked import _above
from tests import factories as make
from tests.factories import figure
from tests.submissions.sheets import (
    Desk,
    Odd,
    Sheet,
    changed,
    messages,
    part,
    sheet_part,
    told,
    workbook,
)

pytestmark = pytest.mark.django_db
REPORTED = CellStatus.REPORTED
NARROW = "\u202f"


@pytest.fixture
def desk(db):
    make.make_indicator("checks")
    make.make_indicator("amount", kind=Kind.AMOUNT, decimals=1)
    return Desk()


# --- Numbers: the table of formats --------------------------------------------------------------

READ = [
    # as a number of the workbook
    (5, 50), (1234.5, 12345), (0.1, 1), (0, 0), (1.0, 10), (1e3, 10_000), (12345678901234.5,
    123_456_789_012_345), (Decimal(1234), 12_340),
    # as a text
    ("1234,5", 12_345), ("1234.5", 12_345), ("1.234,5", 12_345), ("1,234.5", 12_345),
    ("1 234,5", 12_345), ("1\u00a0234,5", 12_345), (f"1{NARROW}234,5", 12_345),
    ("1'234,5", 12_345), ("1.234.567", 12_345_670), ("12,50", 125),
]  # fmt: skip
ASKED = [
    (
        "1.234",
        "Does “1.234” mean 1234? This figure has 1 decimal at most: type 1234, or fewer decimals.",
    ),
    ("1,500", "Does “1,500” mean 1500 or 1.5? Type 1500 as it is, or 1.5."),
    ("NaN", "“NaN” contains a letter. Type digits, for example 410."),
    ("1e3", "“1e3” contains a letter. Type digits, for example 410."),
    ("1_000", "“1_000” is not a number. Type digits, for example 410."),
    ("٤١٠", "“٤١٠” holds signs other than the digits 0 to 9. Type digits, for example 410."),
    ("12,55", "“12,55” has too many decimals: 1 at most."),
    (12.55, "“12.55” has too many decimals: 1 at most."),
    (1e17, "“100000000000000000” is too large. Check the number of digits."),
    (-5, "“-5” is negative. This figure is zero or more."),
    ("-5", "“-5” is negative. This figure is zero or more."),
    ("12 %", "“12 %” is not a number. Type digits, for example 410."),
    ("#N/A", "“#N/A” contains a letter. Type digits, for example 410."),
    (True, "“TRUE” is not a number. Type digits, for example 410."),
    (
        dt.date(2026, 4, 1),
        "“2026-04-01” is read as a date. Type the figure, and format the cell as a number.",
    ),
    (
        Odd("time", 0.5),
        "“0.5” is read as a date. Type the figure, and format the cell as a number.",
    ),
    (
        Odd("percent", 0.45),
        (
            "The cell shows 45 % and holds 0.45. Which of the two is meant? Type the figure alone,"
            " and format the cell as a number."
        ),
    ),
    (Odd("formula", "=2+3"), "A formula. Copy the cell and paste its value in its place."),
]


@pytest.mark.parametrize(("value", "units"), READ)
def test_a_number_is_read_as_it_was_typed(desk, value, units):
    desk.apply(desk.sheet().fill(amount=value).xlsx())
    assert desk.parts()["amount"] == (REPORTED, units, None)


@pytest.mark.parametrize(("value", "message"), ASKED)
def test_what_can_be_misread_is_asked(desk, value, message):
    upload = desk.send(desk.sheet().fill(amount=value, checks=1).xlsx())
    assert told(upload) == [("J3", message)]
    assert upload.state == "refused"
    assert desk.act(upload, "apply").status_code == 302
    assert Measurement.objects.count() == 0


@pytest.mark.parametrize(
    ("decimals", "value", "message", "readings"),
    [
        (
            0,
            "1.234",
            "Does “1.234” mean 1234? This figure has no decimals: type 1234.",
            ["1234"],
        ),
        (
            0,
            "2,000",
            "Does “2,000” mean 2000 or 2? Type 2000 as it is, or 2.",
            ["2000", "2"],
        ),
        (
            3,
            "1,234",
            "Does “1,234” mean 1234 or 1.234? Type 1234 as it is, or 1.2340.",
            ["1234", "1.2340"],
        ),
    ],
)
def test_only_the_readings_that_the_figure_takes_are_offered(
    db, decimals, value, message, readings
):
    make.make_indicator("weight", kind=Kind.AMOUNT, decimals=decimals)
    desk = Desk()
    assert messages(desk.send(desk.sheet().fill(weight=value).xlsx())) == [message]
    for typed in readings:
        assert desk.send(desk.sheet().fill(weight=typed).xlsx()).faults == []


@pytest.mark.parametrize(("name", "make_file"), [("f.xlsx", Sheet.xlsx), ("f.csv", Sheet.csv)])
def test_each_wrong_part_of_a_quotient_is_named(db, name, make_file):
    make.make_indicator("rate", kind=Kind.RATIO)
    desk = Desk()
    sheet = desk.sheet().fill(rate="1.234").set("rate/1/namur", Column.SECOND, "abc")
    upload = desk.send(make_file(sheet), name)
    assert sorted((fault["column"], fault["value"]) for fault in upload.faults) == [
        ("First answer (to fill in)", "1.234"),
        ("Second answer (to fill in)", "abc"),
    ]


def test_an_error_of_the_spreadsheet_is_named(desk):
    content = desk.sheet().fill(amount="x").xlsx()
    name = sheet_part(content)
    xml = part(content, name).decode()
    broken = re.sub(r'<c r="J3"[^>]*>.*?</c>', '<c r="J3" t="e"><v>#REF!</v></c>', xml)
    assert broken != xml
    upload = desk.send(changed(content, {name: broken.encode()}))
    assert told(upload) == [("J3", "“#REF!” is an error of the spreadsheet. Type a value.")]


@pytest.mark.parametrize(
    "stored", ["7.00000000000000000001", "0.30000000000000004", "123456789012345.25"]
)
def test_a_number_with_more_digits_than_the_figure_takes_is_not_rounded(desk, stored):
    content = desk.sheet().fill(amount=777).xlsx()
    name = sheet_part(content)
    xml = part(content, name).decode().replace("<v>777</v>", f"<v>{stored}</v>")
    upload = desk.send(changed(content, {name: xml.encode()}))
    assert messages(upload) == [f"“{stored}” has too many decimals: 1 at most."]


def test_the_noise_of_binary_numbers_is_no_digit(desk):
    content = desk.sheet().fill(amount=777).xlsx()
    name = sheet_part(content)
    xml = part(content, name).decode().replace("<v>777</v>", "<v>1234.0999999999999</v>")
    desk.apply(changed(content, {name: xml.encode()}))
    assert desk.parts()["amount"] == (REPORTED, 12_341, None)


def test_days_are_counted_as_the_workbook_says(db):
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01"})
    desk = Desk()
    sheet = desk.sheet().set("plan/1/namur:1", Column.FIRST, dt.date(2026, 4, 30))
    desk.apply(workbook({"Entries": sheet.table}, date_1904=True))
    assert Measurement.objects.get().steps_done == {"1": "2026-04-30"}


@pytest.mark.parametrize("value", ["31/04/2026", "soon", 46142, Odd("percent", 0.5)])
def test_a_date_that_is_none_is_told(db, value):
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01"})
    desk = Desk()
    upload = desk.send(desk.sheet().set("plan/1/namur:1", Column.FIRST, value).xlsx())
    (message,) = messages(upload)
    assert message.endswith("is not a date. Type a date, for example 31/03/2026.")


def test_a_step_after_the_period_is_told_at_its_own_row(db):
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01", 2: "2027-01-01"})
    desk = Desk()
    sheet = desk.sheet().set("plan/1/namur:1", Column.FIRST, dt.date(2026, 4, 30))
    upload = desk.send(sheet.set("plan/1/namur:2", Column.FIRST, dt.date(2026, 10, 1)).xlsx())
    (fault,) = upload.faults
    assert (fault["row"], fault["value"]) == (4, "2026-10-01")


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [(";", "utf-8-sig"), (";", "cp1252"), (",", "utf-8"), ("\t", "utf-8-sig"), ("\t", "cp1252")],
)
def test_csv_is_read_in_every_usual_form(desk, delimiter, encoding):
    sheet = desk.sheet().fill(amount="1234,5").set("amount/1/namur", Column.COMMENT, "né à Ciney")
    desk.apply(sheet.csv(delimiter, encoding), "figures.csv")
    said = Measurement.objects.get()
    assert (said.numerator, said.comment) == (12_345, "né à Ciney")


@pytest.mark.parametrize(
    ("encoding", "comment"),
    [
        *product(("cp850", "mac_roman"), ("activité", "très", "ÉCART", "l'état", "août", "für")),
        *product(("cp850", "mac_roman"), ("coördinatie", "geïnformeerd", "één", "CONTRÔLE")),
        ("cp850", "où est"),
        ("mac_roman", "tête"),
        ("mac_roman", "patiënten"),
        ("mac_roman", "Straße"),
    ],
)
def test_csv_of_an_old_character_set_is_refused_where_its_letters_would_be_others(
    desk, encoding, comment
):
    sheet = desk.sheet().fill(amount="5").set("amount/1/namur", Column.COMMENT, comment)
    upload = desk.send(sheet.csv(";", encoding), "figures.csv")
    assert "old character set" in str(told(upload))


def test_csv_of_windows_keeps_its_quotation_marks(desk):
    text = "„Goed“ – d’après “l’œuvre” … Namur–Dinant, ÇÀ ET LÀ: 5 € (3‰) ™"
    sheet = desk.sheet().fill(amount="5").set("amount/1/namur", Column.COMMENT, text)
    desk.apply(sheet.csv(";", "cp1252"), "figures.csv")
    assert Measurement.objects.get().comment == text


def test_a_formula_in_csv_is_refused_and_its_cell_named(desk):
    content = desk.sheet().fill(amount="@@").csv().replace(b"@@", b"=1+1")
    content = content.replace(b"'=1+1", b"=1+1")
    upload = desk.send(content, "figures.csv")
    assert told(upload) == [
        ("J3", "A formula. Copy the cell and paste its value in its place."),
    ]


# --- Which figure -------------------------------------------------------------------------------


def test_formulas_on_any_sheet_are_refused_with_their_cells(desk):
    table = desk.sheet().fill(checks=1).table
    other = [["Sum"], [Odd("formula", "=SUM(A1:A2)")]]
    upload = desk.send(workbook({"Entries": table, "Mine": other}))
    assert [(fault["sheet"], fault["place"]) for fault in upload.faults] == [("Mine", "A2")]


def test_a_file_of_another_unit_is_refused(desk):
    make.make_indicator("late")
    content = desk.sheet().fill(checks=1).csv().replace(b"namur", b"gembloux")
    upload = desk.send(content, "f.csv")
    text = "The row is for the unit gembloux; this form is of namur."
    assert messages(upload) == [text, text]
    sheet = desk.sheet()
    sheet.rows["checks/1/namur"][Column.KEY] = "checks/1/gembloux"
    upload = desk.send(sheet.xlsx())
    assert messages(upload) == ["The unit “gembloux” is not asked about in this form."]


def test_a_file_of_another_round_is_refused(desk):
    content = desk.sheet().fill(checks=1).csv().replace(b"2026-Q3/", b"2026-Q2/")
    upload = desk.send(content, "f.csv")
    text = "The row is for the round 2026-Q2; this form is for 2026-Q3."
    assert messages(upload) == [text, text]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "checks/2/namur",
            "Version 2 of the definition; the round uses version 1. Start from a new workbook.",
        ),
        ("nothing/1/namur", "“nothing/1/namur” is no figure of this form."),
        ("checks/1/namur/young", "“checks/1/namur/young” is no figure of this form."),
        ("checks", "“checks” is no figure of this form."),
        ("", "The row does not say what it is about: its key is empty."),
        ("amount/1/namur", "This stands in row 2 already."),
    ],
)
def test_a_row_about_nothing_that_is_asked_is_refused(desk, key, message):
    sheet = desk.sheet().fill(checks=1)
    sheet.rows = {"amount/1/namur": sheet.rows["amount/1/namur"], **sheet.rows}
    sheet.rows["checks/1/namur"] = {**sheet.rows["checks/1/namur"], Column.KEY: key}
    sheet.rows["checks/1/namur"][Column.SUBJECT_CODE] = None
    upload = desk.send(sheet.xlsx())
    assert messages(upload) == [message]


@pytest.mark.parametrize("said", ["x", "1.5", -1, "²", "12345678901"])
def test_a_saved_version_that_cannot_be_read_is_refused_with_its_cell(desk, said):
    """Read as "not said", it would write over what others have saved since."""
    sheet = desk.sheet().fill(checks=5).set("checks/1/namur", Column.SAVED, said)
    upload = desk.send(sheet.xlsx())
    assert upload.state == UploadState.REFUSED
    (fault,) = upload.faults
    assert fault["message"].startswith("No saved version.")
    assert (fault["column"], fault["value"]) == ("Saved version", str(said))
    assert re.fullmatch("[A-Z]+[0-9]+", fault["place"])


def test_a_row_that_does_not_say_its_saved_version_is_read_against_what_is_saved_now(desk):
    sheet = desk.sheet().fill(checks=5).set("checks/1/namur", Column.SAVED, None)
    assert desk.send(sheet.xlsx()).faults == []


def test_rows_of_one_figure_that_name_two_saved_versions_are_refused(db):
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01", 2: "2027-01-01"})
    desk = Desk()
    sheet = desk.sheet().set("plan/1/namur:2", Column.SAVED, 1)
    upload = desk.send(sheet.xlsx())
    (message,) = messages(upload)
    assert message.startswith("Rows of one figure name two saved versions.")
    assert upload.faults[0]["column"] == "Saved version"


NAMED = [
    ("checks/1/namur", Column.FIGURE, "Visits", "Visits", "Checks"),
    ("checks/1/namur", Column.OPTION, "Young", "Checks – Young", "Checks"),
    ("checks/1/namur/young", Column.OPTION, "Old", "Checks – Old", "Checks – Young"),
    ("plan/1/namur:1", Column.OPTION, "Step 2", "Plan – Step 2", "Plan – Step 1"),
]


@pytest.mark.parametrize(("name", "make_file"), [("f.xlsx", Sheet.xlsx), ("f.csv", Sheet.csv)])
@pytest.mark.parametrize(("key", "column", "name_", "said", "meant"), NAMED)
def test_a_row_that_names_another_figure_than_its_key_is_refused(
    db, name, make_file, key, column, name_, said, meant
):
    """Some columns were sorted and others not: nobody can tell which of the two is meant."""
    make.make_indicator("checks", options=("young", "old"))
    make.make_indicator("visits")
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01", 2: "2027-01-01"})
    desk = Desk()
    sheet = desk.sheet().fill(checks=1, visits=2).set(key, column, name_)
    upload = desk.send(make_file(sheet), name)
    (fault,) = upload.faults
    assert fault["message"] == (
        f"The row says “{said}”, its column “Key” stands for “{meant}”. Put back what stood here;"
        " if only some of the columns were sorted, start from the workbook again."
    )
    assert (fault["row"], fault["value"]) == (list(sheet.rows).index(key) + 2, name_)
    assert fault["place"] == ("A" if column == Column.FIGURE else "B") + str(fault["row"])
    assert (fault["sheet"], upload.state) == ("Entries" if name == "f.xlsx" else "", "refused")


def test_a_row_that_names_its_figure_otherwise_or_not_at_all_is_taken(desk):
    sheet = desk.sheet().fill(checks=1, amount=2)
    sheet.set("checks/1/namur", Column.FIGURE, "  CHECKS\u00a0").set(
        "amount/1/namur", Column.FIGURE, None
    )
    desk.apply(sheet.xlsx())
    assert desk.parts() == {"checks": (REPORTED, 1, None), "amount": (REPORTED, 20, None)}


def test_a_saved_version_that_never_was_is_refused(desk):
    upload = desk.send(desk.sheet().set("checks/1/namur", Column.SAVED, 4).xlsx())
    assert messages(upload) == ["No such version has been saved. Start from a new workbook."]


def test_a_table_without_its_columns_or_with_one_twice_is_refused(desk):
    upload = desk.send(workbook({"Entries": [["a", "b"], [1, 2]]}))
    assert messages(upload)[0].startswith(
        "No sheet has the columns “Key” and “First answer (to fill in)”."
    )
    assert not upload.marked
    upload = desk.send(workbook({"Entries": [["Key", "First", "first"], ["x", 1, 2]]}))
    assert "stands in the file twice" in messages(upload)[0]
    upload = desk.send(b"Key;First\n", "f.csv")
    assert messages(upload) == ["The file holds no row of figures."]


@pytest.mark.parametrize(
    ("filling", "column", "message"),
    [
        (
            {Column.FIRST: 1, Column.ABSENCE: "Not available", Column.REASON: "x"},
            Column.ABSENCE,
            "A figure and “No figure” exclude each other: keep one of the two.",
        ),
        ({Column.ABSENCE: "Not available"}, Column.REASON, "Say why the figure is not available."),
        (
            {Column.ABSENCE: "No idea"},
            Column.ABSENCE,
            "“No idea” is not one of the answers: “Not applicable: no port”, “Not available”.",
        ),
        (
            {Column.REASON: "because"},
            Column.REASON,
            "A reason stands alone: choose “Not available” under “No figure”, or remove it.",
        ),
        ({Column.FIRST: 1, Column.FLAG: "maybe"}, Column.FLAG, "“maybe” is neither yes nor no."),
        (
            {Column.FIRST: 1, Column.SECOND: 2},
            Column.SECOND,
            "This figure has one answer: “2” is one too many.",
        ),
        (
            {Column.FIRST: 1, Column.COMMENT: "x" * 2001},
            Column.COMMENT,
            "This comment is longer than 2\u202f000 characters. Shorten it: nothing is lost.",
        ),
    ],
)
def test_answers_that_exclude_each_other_are_told_at_the_cell(desk, filling, column, message):
    sheet = desk.sheet()
    sheet.header.append("Second")
    for each, value in filling.items():
        sheet.set("checks/1/namur", each, value)
    upload = desk.send(sheet.xlsx())
    assert messages(upload) == [message]
    heading = {"Second answer (to fill in)"} if column == Column.SECOND else set(sheet.header)
    assert upload.faults[0]["column"] in heading


def test_everything_that_is_wrong_in_a_row_is_told_at_once(db):
    make.make_indicator("checks")
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01", 2: "2027-01-01"})
    desk = Desk()
    sheet = desk.sheet().fill(checks=1)
    late = dt.date(2026, 10, 1)
    sheet.set("plan/1/namur:1", Column.FIRST, late).set("plan/1/namur:2", Column.FIRST, late)
    sheet.set("plan/1/namur", Column.COMMENT, "x" * 2001)
    sheet.set("checks/1/namur", Column.COMMENT, "x" * 2001)
    sheet.set("checks/1/namur", Column.ABSENCE, "Not available")
    upload = desk.send(sheet.xlsx())
    known = known_headings()
    told_of = [(fault["row"], known[plain(fault["column"])]) for fault in upload.faults]
    assert sorted(told_of) == sorted(
        [
            *((2, column) for column in (Column.ABSENCE, Column.REASON, Column.COMMENT)),
            (3, Column.COMMENT),
            *((row, Column.FIRST) for row in (4, 5)),
        ]
    )


def test_a_formula_is_told_once_where_words_are_asked_for(desk):
    sheet = desk.sheet().set("checks/1/namur", Column.ABSENCE, "Not available")
    upload = desk.send(sheet.set("checks/1/namur", Column.REASON, Odd("formula", "=A1")).xlsx())
    assert messages(upload) == ["A formula. Copy the cell and paste its value in its place."]


def test_endless_digits_are_no_answer_of_a_list(db):
    make.make_indicator("answer", kind=Kind.YES_NO)
    desk = Desk()
    upload = desk.send(desk.sheet().fill(answer="1" * 5000).xlsx())
    assert messages(upload)[0].endswith("is not one of the answers: “Yes”, “No”.")


# --- One bad row, and the file given back -------------------------------------------------------


@pytest.fixture
def many(db):
    """A central source with 1,000 subjects."""
    source = make.make_source()
    count = 1_000
    zones = [make.make_zone("zone-0001")]
    first = zones[0]
    Unit.objects.bulk_create(
        Unit(
            slug=f"zone-{n:04}", kind="zone", name_fr=f"Zone {n}", name_nl=f"Zone {n}",
            language="fr", controlled_by_id=first.controlled_by_id,
        )
        for n in range(2, count + 1)
    )  # fmt: skip
    for code in ("a", "b", "c", "d", "e"):
        make.make_indicator(f"deaths-{code}", reporter=source)
    desk = Desk.__new__(Desk)
    desk.zone, desk.code, desk.language = source, make.QUARTER, "en"
    desk.reporter = make.make_user(Role.REPORTER, source)
    make.make_round()
    desk.client = desk.client_of(desk.reporter)
    return desk


def test_one_bad_row_in_5000_and_nothing_is_stored_and_everything_is_told(many):
    sheet = many.sheet()
    assert len(sheet.rows) == 5_000
    for number, key in enumerate(sheet.rows):
        sheet.set(key, Column.FIRST, number)
    good = sheet.xlsx()
    sheet.set("deaths-c/1/zone-0500", Column.FIRST, "1.234")
    upload = many.send(sheet.xlsx())
    assert (upload.state, upload.changes) == ("refused", {})
    (fault,) = upload.faults
    assert (fault["row"], fault["column"]) == (2501, "First answer (to fill in)")
    assert fault["value"] == "1.234"
    assert many.act(upload, "apply").status_code == 302
    assert Measurement.objects.count() == 0
    began = time.process_time()
    upload = many.send(good)
    assert time.process_time() - began < 10
    assert (upload.faults, len(upload.changes["changes"])) == ([], 5_000)


def without(sheet: Sheet, *columns: Column) -> Sheet:
    """The file as if somebody had taken these columns out."""
    known = known_headings()
    sheet.header = [text for text in sheet.header if known.get(plain(text)) not in columns]
    return sheet


@pytest.mark.parametrize(("name", "make_file"), [("f.xlsx", Sheet.xlsx), ("f.csv", Sheet.csv)])
def test_a_file_that_does_not_say_its_form_is_refused_once_and_says_what_to_add(name, make_file):
    """Of an earlier round without the column, every key is one of this round, too."""
    make.make_indicator("checks")
    make.make_indicator("visits")
    desk = Desk()
    make.make_round("2026-Q2")
    desk.code = "2026-Q2"
    old = desk.sheet().fill(checks=1, visits=2)
    desk.code = make.QUARTER
    assert len(told(desk.send(make_file(old), name))) == 2
    upload = desk.send(make_file(without(old, Column.FORM)), name)
    (message,) = messages(upload)
    assert message == (
        "The file does not say which form it is for. Start from the workbook of this round; or, if"
        " the figures are of this round, add the column “Form” with 2026-Q3/namur in every row."
    )
    upload = desk.send(make_file(without(old, Column.FORM, Column.KEY)), name)
    assert "does not say which form" in messages(upload)[0]
    assert Measurement.objects.count() == 0


def test_a_row_without_its_form_is_refused(desk):
    sheet = desk.sheet().fill(checks=1, amount=2).set("checks/1/namur", Column.FORM, "")
    upload = desk.send(sheet.xlsx())
    (message,) = messages(upload)
    assert message == (
        "The row does not say which form it is for. If its figures are of this round, write"
        " 2026-Q3/namur here."
    )


def test_a_second_sheet_of_figures_is_refused_by_name(desk):
    table = desk.sheet().fill(checks=1).table
    content = workbook({"Saisie": table, "Notes": [["Figure", "figure"]], "Saisie (2)": table})
    upload = desk.send(content)
    (message,) = messages(upload)
    assert message == (
        "Figures stand on more than one sheet: “Saisie”, “Saisie (2)”. Keep one of them in the"
        " file."
    )


def marked(desk, upload) -> bytes:
    answer = desk.client.get(reverse("upload-marked", args=[upload.key]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_the_file_comes_back_with_its_errors_marked_and_once_corrected_is_taken(desk):
    sheet = desk.sheet().fill(amount="1.234", checks=Odd("formula", "=2+3"))
    sheet.set("amount/1/namur", Column.COMMENT, "=mine")
    sheet.rows["odd"] = {Column.KEY: "nothing/1/namur", Column.FIRST: 9}
    upload = desk.send(sheet.xlsx())
    assert len(upload.faults) == 3
    content = marked(desk, upload)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content), load_tables=True)
    rows = book.get_sheet_by_name("Entries").to_python(skip_empty_area=False)
    errors = [row[rows[0].index("What to correct")] for row in rows[1:]]
    assert errors[0] == "A formula. Copy the cell and paste its value in its place."
    assert errors[1].startswith("Does “1.234” mean")
    assert errors[2] == "“nothing/1/namur” is no figure of this form."
    xml = part(content, sheet_part(content))
    assert b"<f>" not in xml
    notes = part(content, "xl/comments1.xml").decode()
    assert "Does “1.234” mean 1234? This figure has 1 decimal at most" in notes
    again = Sheet.of(content)
    first = again.rows["amount/1/namur"]
    assert (first[Column.FIRST], first[Column.COMMENT]) == ("1.234", "=mine")
    del again.rows["nothing/1/namur"]
    desk.apply(again.fill(amount=Decimal("1.5"), checks=5).xlsx())
    assert desk.parts() == {"checks": (REPORTED, 5, None), "amount": (REPORTED, 15, None)}


def test_every_sheet_row_and_column_comes_back_as_it_was_sent(desk):
    table = [["My figures"], [], *desk.sheet().fill(amount="1.234", checks=12).table]
    table[2].append("My own notes")
    table[3].append(Odd("percent", 0.125))
    own = [["x", 7, dt.date(2026, 3, 31)], [], [Odd("formula", "=1+1"), True, "=inert"]]
    sent = workbook({"Saisie du T3": table, "Mes calculs": own})
    upload = desk.send(sent)
    assert len(upload.faults) == 2
    content = marked(desk, upload)
    before, after = (
        {grid.name: grid for grid in read_grids(each, "f.xlsx", LIMITS)} for each in (sent, content)
    )
    assert list(after) == ["What to correct", "Saisie du T3", "Mes calculs"]
    width = len(table[2])
    for name, grid in before.items():
        assert [row.number for row in after[name].rows] == [row.number for row in grid.rows]
        for row, again in zip(grid.rows, after[name].rows, strict=True):
            kept = {at: cell for at, cell in again.cells.items() if at in row.cells}
            plain_cells = {at: cell for at, cell in row.cells.items() if not cell.formula}
            assert {at: kept[at] for at in plain_cells} == plain_cells
    assert after["Saisie du T3"].rows[1].cells[width].text == "What to correct"
    assert after["Mes calculs"].rows[1].cells[0].text == "Formula: =1+1"
    assert not any(b"<f>" in part(content, sheet_part(content, name)) for name in after)
    listed = [[cell.text for cell in row.cells.values()] for row in after["What to correct"].rows]
    assert sorted(row[:2] for row in listed[3:]) == [["Mes calculs", "3"], ["Saisie du T3", "5"]]
    assert b'<fill><patternFill patternType="solid"><fgColor rgb="FFF9DEDC"/>' in part(
        content, "xl/styles.xml"
    )
    again = desk.send(content)
    twice = read_grids(marked(desk, again), "f.xlsx", LIMITS)
    assert [grid.name for grid in twice] == list(after)
    assert max(at for row in twice[1].rows for at in row.cells) == width


def test_a_sheet_is_named_as_it_was_as_far_as_spreadsheets_take_it(desk):
    content = desk.sheet().fill(amount="NaN").xlsx(sheet="Entries")
    names = part(content, "xl/workbook.xml").replace(b'"Entries"', b'"A/B: what to correct?"')
    upload = desk.send(changed(content, {"xl/workbook.xml": names}))
    names = [grid.name for grid in read_grids(marked(desk, upload), "f.xlsx", LIMITS)]
    assert names == ["What to correct", "A-B- what to correct-"]


def test_a_cell_that_is_too_long_is_not_called_an_open_quotation_mark(desk):
    content = desk.sheet().fill(checks="x" * 140_000).csv()
    upload = desk.send(content, "f.csv")
    assert messages(upload) == [
        "Row 2 cannot be read: a cell holds more than 131\u202f072 characters."
    ]


@pytest.mark.parametrize("wrong", ['"open', '"closed"and more'])
def test_a_quotation_mark_in_the_wrong_place_is_told_with_its_row(desk, wrong):
    content = desk.sheet().fill(checks=5, amount="MARK").csv().decode()
    upload = desk.send(content.replace("MARK", wrong).encode(), "f.csv")
    assert messages(upload) == [
        "Row 3 cannot be read: a quotation mark is not closed, or text follows the one that closes."
    ]


def test_faults_are_counted_as_the_language_writes_numbers():
    with override("nl"):
        assert _above(5_000).startswith(f"5{NARROW}000 ")
        assert f" 1{NARROW}000 " in _above(5_000)


def test_a_csv_file_keeps_its_separator_and_its_own_columns(desk):
    sheet = desk.sheet().fill(amount="-5", checks="=1+1")
    header, *rows = sheet.csv(",").decode("utf-8-sig").splitlines()
    sent = "\r\n".join([header + ",Mine", "", *(f"{row},@note" for row in rows)])
    upload = desk.send(sent.encode(), "f.csv")
    first, blank, *lines = marked(desk, upload).decode("utf-8-sig").splitlines()
    assert first == header + ",Mine,What to correct"
    assert blank == ""
    assert ",'@note," in lines[0]
    assert any(",-5," in line for line in lines)
    assert not re.search(r"(^|,)[=@+]", "\n".join(lines), re.MULTILINE)


def test_a_csv_file_comes_back_with_a_column_of_errors(desk):
    upload = desk.send(desk.sheet().fill(amount="NaN", checks=3).csv(), "f.csv")
    lines = marked(desk, upload).decode("utf-8-sig").splitlines()
    assert "What to correct" in lines[0]
    assert "contains a letter" not in lines[1]
    assert "“NaN” contains a letter" in lines[2]
    desk.apply("\n".join(lines).replace(";NaN;", ";7;").encode(), "g.csv")
    assert desk.parts() == {"checks": (REPORTED, 3, None), "amount": (REPORTED, 70, None)}


def test_a_file_without_faults_has_nothing_marked(desk):
    upload = desk.send(desk.sheet().fill(checks=1).xlsx())
    assert desk.client.get(reverse("upload-marked", args=[upload.key])).status_code == 404


def test_the_same_figures_are_not_stored_twice(desk):
    make.enter(desk.reporter, desk.submission, [figure(5)])
    upload = desk.send(desk.sheet().xlsx())
    assert upload.changes["changes"] == []
    assert Measurement.objects.count() == 1
