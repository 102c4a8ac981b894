"""Files that are no table, by mistake or by design: refused at once, and cheaply."""

import io
import json
import re
import resource
import subprocess
import sys
import zipfile

import pytest
from django.conf import settings as django_settings

from indicators.enums import CellStatus
from submissions.models import Upload
from tests import factories as make
from tests.submissions.hostile_files import encrypted
from tests.submissions.sheets import (
    Desk,
    changed,
    messages,
    part,
    read_everything,
    sheet_part,
    workbook,
)

pytestmark = pytest.mark.django_db
REPORTED = CellStatus.REPORTED


@pytest.fixture
def desk(db):
    make.make_indicator("checks")
    return Desk()


def good() -> bytes:
    return workbook({"Entries": [["key", "form", "first"], ["checks/1/namur", "2026-Q3/namur", 1]]})


def with_sheet(xml: bytes) -> bytes:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return changed(good(), {"xl/worksheets/sheet1.xml": head + xml + b"</worksheet>"})


def dimension_bomb() -> bytes:
    return with_sheet(
        b'<dimension ref="A1:C1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="C1048576"><v>1</v></c></row></sheetData>'
    )


def rows_without_numbers() -> bytes:
    rows = (b"<row><c><v>%d</v></c></row>" % (n * n) for n in range(6_000))
    return with_sheet(b"<sheetData>" + b"".join(rows) + b"</sheetData>")


def wide() -> bytes:
    return with_sheet(b'<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>')


def wide_without_names() -> bytes:
    return with_sheet(b'<sheetData><row r="1">' + b"<c><v>1</v></c>" * 101 + b"</row></sheetData>")


def test_columns_that_are_only_formatted_do_not_count(desk):
    content = desk.sheet().fill(checks=1).xlsx()
    name = sheet_part(content)
    xml = part(content, name).decode()
    formatted = '<c r="CX2" s="1"/><c r="XFD2" s="1"></c></row>'
    xml = re.sub('<dimension ref="[^"]*"/>', '<dimension ref="A1:XFD3"/>', xml)
    desk.apply(changed(content, {name: xml.replace("</row>", formatted, 2).encode()}))
    assert desk.parts()["checks"] == (REPORTED, 1, None)


def test_separators_without_anything_behind_them_are_no_columns(desk):
    lines = desk.sheet().fill(checks=1).csv().decode().splitlines()
    desk.apply("\n".join(line + ";" * 100 for line in lines).encode(), "f.csv")
    assert desk.parts()["checks"] == (REPORTED, 1, None)
    upload = desk.send("\n".join(line + ";" * 100 + "x" for line in lines).encode(), "f.csv")
    assert messages(upload) == ["The file has more than 100 columns: remove some."]


def entity_bomb(declared: bytes = b'<!DOCTYPE x [<!ENTITY a "b">]>') -> bytes:
    return changed(good(), {"xl/worksheets/sheet1.xml": declared + b"<worksheet/>"})


def external_entity() -> bytes:
    return entity_bomb(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')


def hidden_declaration() -> bytes:
    """A document type that a search for its letters does not find."""
    head = b'<?xml version="1.0" encoding="cp037"?>'
    text = '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'.encode("cp037")
    return changed(good(), {"xl/worksheets/sheet1.xml": head + text})


def ratio_bomb() -> bytes:
    return changed(good(), {"xl/worksheets/sheet2.xml": b" " * 40_000_000})


def unpacked_bomb() -> bytes:
    return changed(good(), {f"xl/media/{n}": b"%d" % n * 4_000_000 for n in range(10, 17)})


def crowded() -> bytes:
    """Many entries in the directory, all of one part, so that the file itself is small."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("a", b"")
        info = package.infolist()[0]
        package.filelist = [info] * 100_000
    return target.getvalue()


AT_ONCE = [
    (b"", "f.xlsx", "The file is empty."),
    (b" \n", "f.csv", "The file is empty."),
    (b"x" * 5_000_001, "f.csv", "The file is larger than 5 MB: split it."),
    (good, "f.xlsm", "A workbook with macros is not taken: save it as .xlsx."),
    (b"MZ\x90\x00\x03", "f.exe", "Send a .csv or an .xlsx file."),
    (b"MZ\x90\x00\x03", "f.xlsx", "not what its name says"),
    (b"MZ\x90\x00\x03", "f.csv", "not what its name says"),
    (b"key;first\nx;1\n", "f.xlsx", "not what its name says"),
    ("Clé;Unité\n".encode("utf-16"), "f.csv", "in UTF-16: save it as “CSV UTF-8”, or as an .xlsx"),
    ("Clé;Unité\n".encode("utf-16-le"), "f.csv", "written in UTF-16"),
    ("Clé;Unité\n".encode("utf-16-be"), "f.csv", "written in UTF-16"),
    ("Clé;Unité\n".encode("utf-16"), "f.xlsx", "not what its name says"),
    (good, "f.csv", "not what its name says"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "f.xlsx", "protected by a password or in an old format"),
]
LATER = [
    (lambda: encrypted(good()), "protected by a password"),
    (lambda: good()[:-300], "damaged"),
    (lambda: good()[:200], "damaged"),
    (lambda: changed(good(), {"xl/vbaProject.bin": b"x"}), "with macros"),
    (lambda: changed(good(), {"xl/workbook.xml": b"<workbook"}), "damaged"),
    (dimension_bomb, "more than 5\u202f000 rows"),
    (rows_without_numbers, "more than 5\u202f000 rows"),
    (wide, "more than 100 columns"),
    (wide_without_names, "more than 100 columns"),
    (entity_bomb, "damaged"),
    (external_entity, "damaged"),
    (hidden_declaration, "damaged"),
    (ratio_bomb, "too large"),
    (unpacked_bomb, "more than 50 MB unpacked"),
    (crowded, "too large"),
]


@pytest.mark.parametrize(("content", "name", "message"), AT_ONCE)
def test_what_is_no_table_at_first_sight_is_refused_at_the_field(desk, content, name, message):
    answer = desk.post(content if isinstance(content, bytes) else content(), name)
    assert answer.status_code == 422
    assert message in answer.context["form"].errors["file"][0]
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "message"), LATER, ids=lambda each: getattr(each, "__name__", str(each))
)
def test_what_is_no_table_when_opened_is_refused_with_a_clear_sentence(desk, content, message):
    answer = desk.post(content())
    if answer.status_code == 422:
        assert message in answer.context["form"].errors["file"][0]
        return
    read_everything()
    upload = Upload.objects.get()
    assert upload.state == "refused"
    (fault,) = upload.faults
    assert message in fault["message"]
    assert fault["message"] in desk.page(upload).content.decode().replace("&#x27;", "'")


MEASURE = """
import json, resource, sys, time
import django
django.setup()
from django.utils.translation import override
from foundation.grids import read_grids
from foundation.uploads import Unreadable
from submissions.models.uploads import LIMITS
content = open(sys.argv[1], "rb").read()
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
try:
    with override("en"):
        read_grids(content, "f.xlsx", LIMITS)
    said = ""
except Unreadable as refusal:
    said = str(refusal)
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
print(json.dumps([said, time.process_time() - began, used // 1024]))
"""


@pytest.mark.parametrize(
    "content",
    [dimension_bomb, rows_without_numbers, entity_bomb, ratio_bomb, unpacked_bomb, crowded],
)
def test_a_bomb_is_refused_in_a_second_and_200_megabytes(tmp_path, content):
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(content())
    assert path.stat().st_size < 5_000_000
    limit = 1_500_000_000  # of addresses, which Python's libraries take more of than of memory
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        check=True,
        capture_output=True,
        cwd=django_settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "config.settings", "LOCAL": "1", "PATH": ""},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        timeout=60,
    )
    said, seconds, megabytes = json.loads(answer.stdout)
    assert said
    assert seconds < 1
    assert megabytes < 200
