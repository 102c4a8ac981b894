"""From the workbook of a unit to its figures: downloaded, filled, read, previewed, applied."""

import datetime as dt
import io
import os
import re
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from foundation import outbox
from foundation.models import AuditEntry, OutboxEntry
from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from submissions.content import Content
from submissions.enums import Entrance, State
from submissions.models import Measurement, Upload
from submissions.resources.columns import Column
from submissions.resources.reading import _told
from submissions.services import conclude_upload, reconcile_uploads, sweep_uploads
from submissions.tasks import read_upload
from tests import factories as make
from tests.factories import figure
from tests.submissions.sheets import (
    Desk,
    Sheet,
    messages,
    part,
    read_everything,
    sheet_part,
    workbook,
)

pytestmark = pytest.mark.django_db
REPORTED = CellStatus.REPORTED
NB = "\u00a0"


@pytest.fixture
def every_kind(db):
    make.make_indicator("checks", options=("young", "old"))
    make.make_indicator("amount", kind=Kind.AMOUNT, decimals=2)
    make.make_indicator("rate", kind=Kind.RATIO, decimals=1)
    make.make_indicator("delay", kind=Kind.MEAN, decimals=1)
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01", 2: "2027-01-01"})
    make.make_indicator("level", kind=Kind.SCALE)
    make.make_indicator("answer", kind=Kind.YES_NO)
    make.make_indicator("story", kind=Kind.NARRATIVE)


@pytest.fixture
def desk(every_kind):
    return Desk()


@pytest.fixture
def simple(db):
    make.make_indicator("checks")
    make.make_indicator("visits")
    return Desk()


def fill_all(sheet: Sheet) -> Sheet:
    sheet.fill(checks=126, amount=Decimal("1234.5"), rate=Decimal("12.5"), delay=40)
    sheet.fill(level="3 – Level 3 in words", answer="Yes", story="=Because\nof this")
    sheet.set("checks/1/namur/young", Column.FIRST, 26).set(
        "checks/1/namur/old", Column.FIRST, "100"
    )
    sheet.set("rate/1/namur", Column.SECOND, 40).set("delay/1/namur", Column.SECOND, 8)
    sheet.set("plan/1/namur:1", Column.FIRST, dt.date(2026, 4, 30))
    return sheet


WANTED = {
    "checks": (REPORTED, 126, None),
    "checks/young": (REPORTED, 26, None),
    "checks/old": (REPORTED, 100, None),
    "amount": (REPORTED, 123_450, None),
    "rate": (REPORTED, 125, 400),
    "delay": (REPORTED, 400, 8),
    "plan": (REPORTED, 1, 2),
    "level": (REPORTED, 3, None),
    "answer": (REPORTED, 1, None),
    "story": (REPORTED, None, None),
}


def by_code():
    rows = Measurement.objects.all()
    return {each.cell.expectation.version.indicator.code: each for each in rows}


# --- The round trip -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "make_file"), [("f.xlsx", Sheet.xlsx), ("f.csv", Sheet.csv)])
def test_a_filled_file_becomes_the_figures_typed_in_it(desk, name, make_file):
    upload = desk.apply(make_file(fill_all(desk.sheet())), name)
    assert desk.parts() == WANTED
    said = {
        each.cell.expectation.version.indicator.code: each for each in Measurement.objects.all()
    }
    assert said["story"].text == "=Because\nof this"
    assert said["plan"].steps_done == {"1": "2026-04-30"}
    assert {each.entrance for each in said.values()} == {Entrance.FILE}
    assert (upload.state, upload.applied_by) == ("applied", desk.reporter)
    assert desk.submission.state == State.DRAFT
    assert AuditEntry.objects.filter(verb="upload.applied", subject_id=upload.pk).count() == 1


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_saved_comes_down_and_back_unchanged(desk, kind):
    desk.apply(fill_all(desk.sheet()).xlsx())
    make.enter(desk.reporter, desk.submission, [figure(126, comment="=1+1", is_flagged=True)])
    before = Measurement.objects.count()
    upload = desk.send(desk.template(format=kind), f"again.{kind}")
    assert (upload.faults, upload.changes["changes"]) == ([], [])
    assert upload.changes["unchanged"] == 10
    assert Measurement.objects.count() == before


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_file_is_read_alike_in_every_language(desk, language, kind):
    desk.apply(fill_all(desk.sheet()).xlsx())
    upload = desk.send(desk.template(language=language, format=kind), f"f.{kind}")
    assert (upload.faults, upload.changes["changes"]) == ([], [])


def test_every_content_survives_the_way_down_and_back(db):
    make.make_indicator("small", kind=Kind.AMOUNT, decimals=3)
    make.make_indicator("large", kind=Kind.AMOUNT, decimals=0)
    make.make_indicator("absent")
    make.make_indicator("unknown")
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01"})
    desk = Desk()
    contents = [
        figure(1234),
        figure(999_999_999_999_999, comment="- not yet\n@once"),
        Content(CellStatus.NOT_APPLICABLE, reason="no-port"),
        Content(CellStatus.NOT_AVAILABLE, reason="+ not counted", comment="'=x"),
        figure(0, 1),
    ]
    make.enter(desk.reporter, desk.submission, contents)
    for kind in ("xlsx", "csv"):
        upload = desk.send(desk.template(format=kind), f"f.{kind}")
        assert (upload.faults, upload.changes["changes"]) == ([], [])
        assert upload.changes["unchanged"] == 5


def test_an_absence_is_chosen_in_words(simple):
    sheet = simple.sheet()
    sheet.set("checks/1/namur", Column.ABSENCE, "Not available")
    sheet.set("checks/1/namur", Column.REASON, "register down")
    sheet.set("visits/1/namur", Column.ABSENCE, "not applicable: no port")
    simple.apply(sheet.xlsx())
    said = {
        each.cell.expectation.version.indicator.code: each for each in Measurement.objects.all()
    }
    assert (said["checks"].status, said["checks"].reason) == ("not_available", "register down")
    assert (said["visits"].status, said["visits"].reason) == ("not_applicable", "no-port")


# --- The preview --------------------------------------------------------------------------------


def test_the_preview_says_what_would_change_and_saves_nothing(simple):
    make.enter(simple.reporter, simple.submission, [figure(100), figure(7)])
    sheet = simple.sheet().fill(checks="1.234,0", visits=None)
    upload = simple.send(sheet.xlsx())
    page = simple.page(upload)
    changes = {each["label"]: each for each in upload.changes["changes"]}
    assert (changes["Checks"]["before"], changes["Checks"]["after"]) == ("100", "1\u202f234")
    assert changes["Checks"]["read_as"] == "“1.234,0” read as 1\u202f234"
    assert (changes["Visits"]["before"], changes["Visits"]["after"]) == ("7", "nothing")
    counts = page.context["counts"]
    assert (counts.new, counts.changed, counts.cleared, counts.unchanged) == (0, 1, 1, 0)
    assert Measurement.objects.filter(entrance=Entrance.FILE).count() == 0
    assert simple.act(upload, "apply").status_code == 302
    assert simple.parts() == {"checks": (REPORTED, 1234, None), "visits": ("missing", None, None)}


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("fr", "1 chiffre vidé", "2 chiffres vidés"),
        ("nl", "1 cijfer leeggemaakt", "2 cijfers leeggemaakt"),
        ("de", "1 Zahl geleert", "2 Zahlen geleert"),
        ("en", "1 figure made empty", "2 figures made empty"),
    ],
)
def test_the_preview_counts_what_is_made_empty_in_the_language(simple, language, one, two):
    make.enter(simple.reporter, simple.submission, [figure(100), figure(7)])
    sheet = simple.sheet().fill(checks=None)
    simple.speak(language)
    for text in (one, two):
        upload = simple.send(sheet.xlsx())
        page = simple.page(upload).content.decode()
        assert text in " ".join(re.sub("<[^>]*>", "", page).split())
        simple.act(upload, "abandon")
        sheet.fill(visits=None)


def test_a_row_taken_out_leaves_what_is_saved(simple):
    make.enter(simple.reporter, simple.submission, [figure(100), figure(7)])
    sheet = simple.sheet()
    del sheet.rows["visits/1/namur"]
    upload = simple.send(sheet.fill(checks=0).xlsx())
    assert upload.changes["left_out"] == 1
    simple.act(upload, "apply")
    assert simple.parts() == {"checks": (REPORTED, 0, None), "visits": (REPORTED, 7, None)}


def test_what_the_checks_say_stands_in_the_preview(db):
    make.make_checks()
    make.make_indicator("checks", upper_bound=10)
    desk = Desk()
    upload = desk.send(desk.sheet().fill(checks=11).xlsx())
    (change,) = upload.changes["changes"]
    (remark,) = change["remarks"]
    assert remark == (
        "11 is above what is usual for this figure: 10 at most."
        " Correct it or explain it in the comment."
    )
    assert desk.page(upload).context["counts"].warnings == 1


def test_parts_that_contradict_each_other_are_a_remark_and_no_error(db):
    make.make_indicator(
        "positive", kind=Kind.RATIO, numerator_label="Positive", denominator_label="Tests"
    )
    desk = Desk()
    sheet = desk.sheet().fill(positive=14).set("positive/1/namur", Column.SECOND, 12)
    upload = desk.apply(sheet.xlsx())
    (change,) = upload.changes["changes"]
    assert change["remarks"] == ["“Positive” (14) is above “Tests” (12). Correct one of the two."]
    assert desk.parts() == {"positive": (REPORTED, 14, 12)}


def test_what_a_change_puts_in_the_wrong_elsewhere_stands_in_the_preview(desk):
    make.make_checks()
    desk.apply(fill_all(desk.sheet()).xlsx())
    upload = desk.send(desk.sheet().set("checks/1/namur/old", Column.FIRST, 200).xlsx())
    (change,) = upload.changes["changes"]
    assert change["remarks"] == []
    (note,) = upload.changes["notes"]
    assert note.startswith("Checks: ")
    assert "200" in note
    assert escape(note) in desk.page(upload).content.decode()
    desk.act(upload, "apply")
    again = desk.send(desk.sheet().fill(amount=5).xlsx())
    assert again.changes["notes"] == []


def test_many_remarks_on_other_figures_are_counted():
    others = [(f"Figure {number}", "Odd.") for number in range(53)]
    assert len(_told(others[:50])) == 50
    with override("en"):
        assert _told(others)[49:] == ["Figure 49: Odd.", "3 more remarks on other figures."]


def test_columns_that_are_not_ours_are_named_and_not_read(simple):
    sheet = simple.sheet().fill(checks=1)
    sheet.header.append("My own notes")
    upload = simple.send(sheet.xlsx())
    assert upload.changes["notes"] == ["Columns that were not read: “My own notes”."]


@pytest.mark.parametrize(
    ("language", "note", "answers", "sheets"),
    [
        ("fr", f"«{NB}Mine{NB}»", f"«{NB}Oui{NB}», «{NB}Non{NB}»", f"«{NB}a{NB}», «{NB}b{NB}»"),
        ("nl", "‘Mine’", "‘Ja’, ‘Nee’", "‘a’, ‘b’"),
        ("de", "„Mine“", "„Ja“, „Nein“", "„a“, „b“"),
        ("en", "“Mine”", "“Yes”, “No”", "“a”, “b”"),
    ],
)  # fmt: skip
def test_what_is_listed_stands_between_the_quotation_marks_of_the_language(
    db, language, note, answers, sheets
):
    make.make_indicator("answer", kind=Kind.YES_NO)
    desk = Desk()
    desk.speak(language)
    sheet = desk.sheet().fill(answer="1")
    sheet.header.append("Mine")
    (found,) = desk.send(sheet.xlsx()).changes["notes"]
    assert found.endswith(f" {note}.")
    (found,) = messages(desk.send(sheet.fill(answer="odd").xlsx()))
    assert found.endswith(f" {answers}.")
    absent = sheet.set("answer/1/namur", Column.ABSENCE, "odd").fill(answer=None)
    (found,) = messages(desk.send(absent.xlsx()))
    assert found.count(note[0]) == 3
    (found,) = messages(desk.send(workbook({"a": sheet.table, "b": sheet.table})))
    assert f" {sheets}." in found


def test_a_changed_cell_that_only_explains_is_ignored(simple):
    sheet = simple.sheet().set("checks/1/namur", Column.UNIT, "Something else").fill(checks=3)
    simple.apply(sheet.xlsx())
    assert simple.parts()["checks"] == (REPORTED, 3, None)


@pytest.mark.parametrize("count", [3, 260])
def test_a_long_preview_is_cut_into_pages(db, count, django_assert_num_queries):
    for number in range(count):
        make.make_indicator(f"figure-{number:03}")
    desk = Desk()
    sheet = desk.sheet()
    for key in sheet.rows:
        sheet.set(key, Column.FIRST, 5)
    upload = desk.send(sheet.xlsx())
    desk.page(upload)
    with django_assert_num_queries(7):
        page = desk.page(upload)
    assert len(page.context["page_obj"].object_list) == min(count, 200)
    assert page.context["counts"].new == count


@pytest.mark.parametrize("count", [1, 60])
def test_reading_takes_the_same_queries_whatever_the_rows(db, count, django_assert_num_queries):
    for number in range(count):
        make.make_indicator(f"figure-{number:03}")
    desk = Desk()
    sheet = desk.sheet()
    for key in sheet.rows:
        sheet.set(key, Column.FIRST, 5)
    desk.post(sheet.xlsx())
    entry = OutboxEntry.objects.get(topic="uploads")
    with django_assert_num_queries(14):
        read_upload(entry.pk)
    assert len(Upload.objects.get().changes["changes"]) == count


# --- Others at the same time --------------------------------------------------------------------


def test_a_figure_saved_since_the_file_was_made_is_kept_where_the_file_does_not_touch_it(simple):
    make.enter(simple.reporter, simple.submission, [figure(100), figure(7)])
    sheet = simple.sheet().fill(visits=8)
    make.enter(simple.reporter, simple.submission, [figure(200)])
    upload = simple.apply(sheet.xlsx())
    assert [each["label"] for each in upload.changes["changes"]] == ["Visits"]
    assert simple.parts() == {"checks": (REPORTED, 200, None), "visits": (REPORTED, 8, None)}


def test_a_figure_saved_since_and_changed_in_the_file_is_told(simple):
    make.enter(simple.reporter, simple.submission, [figure(100), figure(7)])
    sheet = simple.sheet().fill(checks=150)
    make.enter(simple.reporter, simple.submission, [figure(200)])
    upload = simple.send(sheet.xlsx())
    (change,) = upload.changes["changes"]
    assert (change["before"], change["after"]) == ("200", "150")
    assert change["since"].startswith("Since this file was made,")


def test_a_figure_changed_after_the_reading_stops_all_of_it(simple):
    upload = simple.send(simple.sheet().fill(checks=1, visits=2).xlsx())
    make.enter(simple.reporter, simple.submission, [figure(9)])
    answer = simple.act(upload, "apply")
    assert answer.status_code == 409
    (conflict,) = answer.context["conflicts"]
    assert (conflict["mine"], conflict["theirs"]) == ("1", "9")
    assert simple.parts() == {"checks": (REPORTED, 9, None), "visits": ()}
    upload.refresh_from_db()
    assert (upload.state, upload.applied_at) == ("ready", None)
    simple.act(upload, "again")
    read_everything()
    upload.refresh_from_db()
    assert upload.changes["changes"][0]["before"] == "9"
    assert simple.act(upload, "apply").status_code == 302
    assert simple.parts() == {"checks": (REPORTED, 1, None), "visits": (REPORTED, 2, None)}


def test_the_same_file_twice_is_nothing_new(simple):
    content = simple.sheet().fill(checks=1, visits=2).xlsx()
    first = simple.apply(content)
    again = simple.send(content)
    page = simple.page(again)
    assert (again.changes["changes"], again.changes["unchanged"]) == ([], 2)
    assert page.context["before"] == first
    assert 'value="apply"' not in page.content.decode()
    assert Measurement.objects.count() == 2


def test_a_double_click_on_apply_saves_once(simple):
    upload = simple.send(simple.sheet().fill(checks=1).xlsx())
    answers = [simple.act(upload, "apply").status_code for _click in range(3)]
    assert answers == [302, 302, 302]
    assert Measurement.objects.count() == 1
    assert AuditEntry.objects.filter(verb="upload.applied").count() == 1


def test_a_double_click_on_sending_makes_one_upload(simple):
    content = simple.sheet().fill(checks=1).xlsx()
    answers = [simple.post(content, token="once") for _click in range(3)]
    assert len({answer["Location"] for answer in answers}) == 1
    assert Upload.objects.count() == 1
    other = simple.post(simple.sheet().fill(checks=2).xlsx(), token="once")
    assert other.status_code == 409
    assert Upload.objects.count() == 1


def test_an_abandoned_file_is_not_kept(simple, django_capture_on_commit_callbacks):
    upload = simple.send(simple.sheet().fill(checks=1).xlsx())
    assert default_storage.exists(upload.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        simple.act(upload, "abandon")
    upload.refresh_from_db()
    assert (upload.state, upload.changes) == ("abandoned", {})
    assert not default_storage.exists(upload.file.name)
    assert simple.act(upload, "apply").status_code == 302
    assert Measurement.objects.count() == 0


# --- The worker ---------------------------------------------------------------------------------


def test_a_file_abandoned_before_its_turn_is_not_opened(simple, django_capture_on_commit_callbacks):
    simple.post(simple.sheet().fill(checks=1).xlsx())
    with django_capture_on_commit_callbacks(execute=True):
        simple.act(Upload.objects.get(), "abandon")
    entry = OutboxEntry.objects.get(topic="uploads")
    assert read_upload(entry.pk)
    assert not OutboxEntry.objects.pending().filter(topic="uploads").exists()
    assert Upload.objects.get().state == "abandoned"


def test_the_marked_file_of_an_abandoned_one_is_not_found(
    simple, django_capture_on_commit_callbacks
):
    refused = simple.send(simple.sheet().fill(checks="1.234").xlsx())
    marked = reverse("upload-marked", args=[refused.key])
    assert b"".join(simple.client.get(marked).streaming_content)
    with django_capture_on_commit_callbacks(execute=True):
        simple.act(refused, "abandon")
    assert simple.client.get(marked).status_code == 404


def test_files_go_a_month_after_they_were_sent_and_their_rows_stay(simple):
    applied = simple.apply(simple.sheet().fill(checks=1).xlsx())
    refused = simple.send(simple.sheet().fill(checks="1.234").xlsx())
    simple.post(simple.sheet().fill(checks=3).xlsx())
    waiting = Upload.objects.get(state="queued")
    sent = timezone.now()
    assert sweep_uploads(now=sent + dt.timedelta(days=29)) == 0
    assert sweep_uploads(now=sent + dt.timedelta(days=31)) == 2
    assert sweep_uploads(now=sent + dt.timedelta(days=31)) == 0
    for upload in (applied, refused, waiting):
        upload.refresh_from_db()
    assert [applied.state, refused.state, waiting.state] == ["applied", "refused", "queued"]
    assert (applied.file, refused.file, refused.marked) == ("", "", "")
    assert simple.client.get(reverse("upload-marked", args=[refused.key])).status_code == 404
    page = simple.page(refused).content.decode()
    assert reverse("upload-marked", args=[refused.key]) not in page
    assert "1.234" in page
    folders = os.walk(default_storage.path("uploads"))
    assert [name for *_folders, names in folders for name in names] == [waiting.key.hex]


def test_a_file_swept_is_not_read_again(simple):
    refused = simple.send(simple.sheet().fill(checks="1.234").xlsx())
    sweep_uploads(now=timezone.now() + dt.timedelta(days=31))
    simple.act(refused, "again")
    refused.refresh_from_db()
    assert refused.state == "refused"
    assert not OutboxEntry.objects.pending().filter(topic="uploads").exists()


def test_the_page_tells_how_far_the_reading_is(simple):
    simple.post(simple.sheet().fill(checks=1).xlsx())
    upload = Upload.objects.get()
    waiting = simple.page(upload).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    Upload.objects.update(state="reading", done=3, total=10)
    assert "3/10" in simple.page(upload).content.decode()
    read_everything()
    assert "hx-trigger" not in simple.page(upload).content.decode()


def test_a_file_that_a_killed_worker_left_half_read_is_read_again(simple):
    simple.post(simple.sheet().fill(checks=1).xlsx())
    entry = OutboxEntry.objects.get(topic="uploads")
    Upload.objects.update(state="reading", done=3, total=10)
    OutboxEntry.objects.update(sent_generation=1, sent_at=timezone.now() - dt.timedelta(hours=1))
    outbox.reconcile()
    entry.refresh_from_db()
    assert entry.sent_generation == 0
    read_upload(entry.pk)
    upload = Upload.objects.get()
    assert (upload.state, upload.done, upload.total) == ("ready", 2, 2)
    assert read_upload(entry.pk) is False


def test_a_late_second_reading_changes_nothing_that_was_settled(simple):
    upload = simple.apply(simple.sheet().fill(checks=1).xlsx())
    assert not conclude_upload(upload=upload, changes={}, faults=[{"message": "x"}])
    upload.refresh_from_db()
    assert upload.state == "applied"


def test_a_file_that_cannot_be_read_time_and_again_says_so_and_can_be_tried_again(simple):
    simple.post(simple.sheet().fill(checks=1).xlsx())
    upload = Upload.objects.get()
    entry = OutboxEntry.objects.get(topic="uploads")
    kept = upload.file.read()
    upload.file.close()
    default_storage.delete(upload.file.name)
    for _attempt in range(outbox.MAX_ATTEMPTS):
        with pytest.raises(FileNotFoundError):
            read_upload(entry.pk)
    reconcile_uploads()
    upload.refresh_from_db()
    assert upload.state == "failed"
    default_storage.save(upload.file.name, io.BytesIO(kept))
    simple.act(upload, "again")
    read_everything()
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_a_reading_that_nobody_owes_any_more_is_owed_again(simple):
    simple.post(simple.sheet().fill(checks=1).xlsx())
    OutboxEntry.objects.all().delete()
    assert reconcile_uploads() == 1
    read_everything()
    assert Upload.objects.get().state == "ready"


# --- Who and when -------------------------------------------------------------------------------


def test_nobody_else_sees_or_sends_a_file(simple):
    upload = simple.send(simple.sheet().fill(checks=1).xlsx())
    stranger = make.make_user(Role.REPORTER, make.make_zone("gembloux"))
    coordinator = make.make_user(Role.COORDINATOR, simple.zone.controlled_by)
    urls = [simple.url("report-workbook"), simple.url("report-upload")]
    urls.append(reverse("upload", args=[upload.key]))
    for user, status in ((stranger, 404), (coordinator, 403)):
        client = simple.client_of(user)
        assert [client.get(url).status_code for url in urls] == [status] * 3
        assert simple.act(upload, "apply", client).status_code == status
    assert Measurement.objects.count() == 0


def test_a_form_that_was_sent_takes_no_file(simple):
    upload = simple.send(simple.sheet().fill(checks=1, visits=1).xlsx())
    approver = make.make_user(Role.APPROVER, simple.zone)
    make.attested(approver, simple.submission, figure(3))
    assert simple.act(upload, "apply").status_code == 409
    assert simple.post(simple.sheet().xlsx()).status_code == 409
    assert simple.parts() == {"checks": (REPORTED, 3, None), "visits": (REPORTED, 3, None)}


def test_files_are_kept_for_their_owner_alone(simple):
    upload = simple.send(simple.sheet().fill(checks=1).xlsx())
    path = default_storage.path(upload.file.name)
    assert str(upload.key.hex) in path
    assert os.stat(path).st_mode & 0o077 == 0
    assert os.stat(os.path.dirname(path)).st_mode & 0o077 == 0


# --- The workbook itself ------------------------------------------------------------------------


def test_the_workbook_is_accessible_and_locked_but_for_its_entries(desk):
    content = desk.template()
    book = CalamineWorkbook.from_filelike(io.BytesIO(content), load_tables=True)
    assert book.sheet_names == ["Read me", "Contents", "Entries", "Definitions", "Lists"]
    assert [str(each.visible) for each in book.sheets_metadata] == ["SheetVisibleEnum.Visible"] * 5
    assert len(book.table_names) == 5
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        assert sheet.start == (0, 0)
        assert not sheet.merged_cell_ranges
        header = sheet.to_python(skip_empty_area=False)[2]
        assert all(header), name
        assert len(set(header)) == len(header)
    for name in book.sheet_names:
        protected = part(content, sheet_part(content, name)).decode()
        assert "<sheetProtection" in protected, name
        assert "password" not in protected
    xml = part(content, sheet_part(content)).decode()
    assert "<dataValidation " in xml
    assert 'hidden="1"' not in xml
    core = part(content, "docProps/core.xml").decode()
    assert "Figures of ZP Namur, Q3\u00a02026" in core


def test_only_the_cells_to_fill_are_unlocked(desk):
    content = desk.template()
    xml = part(content, sheet_part(content)).decode()
    styles = part(content, "xl/styles.xml").decode()

    xfs = re.findall(
        r"<xf [^>]*?(?:/>|>.*?</xf>)", styles.split("<cellXfs")[1].split("</cellXfs")[0]
    )
    unlocked = {str(n) for n, xf in enumerate(xfs) if 'locked="0"' in xf}
    cells = dict(re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', xml))
    free = {name for name, style in cells.items() if style in unlocked}
    rows = 12  # of 8 figures, 2 options and 2 steps
    columns = {name.rstrip("0123456789") for name in free}
    assert len(columns) == 6
    assert len(free) == rows + 2 + 4 * (rows - 2)


def test_every_text_is_inert_and_numbers_stay_numbers(db):
    make.make_indicator("checks", name="=1+1", definition="@x", unit="+y", limits="-z")
    desk = Desk()
    make.enter(desk.reporter, desk.submission, figure(5, comment="=cmd|' /C calc'!A0"))
    content = desk.template()
    for name in ("Read me", "Contents", "Entries", "Definitions", "Lists"):
        assert b"<f>" not in part(content, sheet_part(content, name))
    (row,) = desk.sheet().rows.values()
    assert (row[Column.FIRST], row[Column.COMMENT]) == (5, "=cmd|' /C calc'!A0")
    line = desk.template(format="csv").decode("utf-8-sig").splitlines()[1]
    assert line.startswith("'=1+1;")
    assert ";5;" in line
    assert ";'=cmd|' /C calc'!A0;" in line


def test_a_bilingual_unit_is_offered_both_languages(db):
    make.make_indicator("checks", name_fr="Contrôles", name_nl="Controles")
    zone = make.make_zone("brussel", language="fr/nl")
    reporter = make.make_user(Role.REPORTER, zone)
    make.make_round()
    client = Client(HTTP_ACCEPT_LANGUAGE="nl")
    client.force_login(reporter)
    page = client.get(reverse("report-upload", args=[make.QUARTER, "brussel"]))
    assert [code for code, _name in page.context["languages"]] == ["fr", "nl"]
    url = reverse("report-workbook", args=[make.QUARTER, "brussel"])
    for query, name in (({}, "Controles"), ({"language": "fr"}, "Contrôles")):
        (row,) = Sheet.of(client.get(url, query).content).rows.values()
        assert row[Column.FIGURE] == name
    assert client.get(url, {"language": "xx"}).status_code == 404
    assert client.get(url, {"format": "pdf"}).status_code == 404


@pytest.mark.parametrize("count", [1, 40])
def test_the_workbook_takes_the_same_queries_whatever_the_figures(
    db, count, django_assert_num_queries
):
    for number in range(count):
        make.make_indicator(f"figure-{number:03}")
    desk = Desk()
    desk.template()
    with django_assert_num_queries(5):
        desk.template()
    assert len(desk.sheet().rows) == count
