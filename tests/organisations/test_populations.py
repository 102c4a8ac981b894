"""Populations from a file: read strictly, shown before they are kept, the same twice is nothing."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from foundation.models import AuditEntry
from foundation.spreadsheets import Heading, Sheet, write_workbook
from organisations.enums import Role
from organisations.models import Municipality, Population, Unit, User
from organisations.populations import Counted, import_populations
from organisations.succession import Succession, succeed
from tests import factories as make
from tests.submissions.hostile_files import encrypted

URL = "population-import"
SOURCE = "Statbel, 10 June 2026"
ON = dt.date(2026, 1, 1)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def zones(db: None) -> tuple[Unit, Unit]:
    found = make.make_zone("namur", code="5303"), make.make_zone("gembloux", population=50_000)
    for nis, zone in (("92094", found[0]), ("92006", found[0]), ("92142", found[1])):
        Municipality.objects.create(nis=nis, name_fr=f"C {nis}", name_nl=f"G {nis}", unit=zone)
    return found


@pytest.fixture
def keeper(db: None) -> User:
    return make.make_user(Role.SECRETARIAT)


@pytest.fixture
def client(keeper: User, signed_in: Callable[[User], Client]) -> Client:
    found = signed_in(keeper)
    found.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return found


def sent(client: Client, content: str | bytes, name: str = "counts.csv", **typed: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(name, data)
    return client.post(reverse(URL), {"file": file, "source": SOURCE, **typed})


def kept(client: Client, page: Any) -> Any:
    return client.post(reverse(URL), {"sheet": page.context["sheet"]}, follow=True)


def known() -> dict[tuple[str, dt.date], tuple[int, str]]:
    return {
        (row.unit.slug, row.on): (row.inhabitants, row.source)
        for row in Population.objects.select_related("unit")
    }


def workbook(rows: list[list[Any]], headings: tuple[str, ...]) -> bytes:
    """A workbook as spreadsheets write them: the header in the first row, numbers as numbers."""
    cells = [list(headings), *rows]
    body = "".join(_row(number, row) for number, row in enumerate(cells, start=1))
    target = io.BytesIO()
    sheet = Sheet("S", "T", "T", [Heading("a")], [["b"]])
    write_workbook(target, [sheet], {"title": "T", "creator": "C"})
    return changed(
        target.getvalue(),
        {
            "xl/worksheets/sheet1.xml": (
                '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                f"<sheetData>{body}</sheetData></worksheet>"
            ).encode()
        },
    )


def _row(number: int, row: list[Any]) -> str:
    cells = "".join(_cell(value, number, place) for place, value in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(value: Any, row: int, place: int) -> str:
    reference = f'r="{"ABCDEF"[place]}{row}"'
    if isinstance(value, str):
        return f'<c {reference} t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c {reference}><v>{value}</v></c>"


def changed(content: bytes, parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for name in source.namelist():
            if name not in parts:
                package.writestr(name, source.read(name))
        for name, data in parts.items():
            package.writestr(name, data)
    return target.getvalue()


# --- From the file to the page --------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "zone,year,inhabitants\n5303,2026,101000\ngembloux,2026,50000\n",
        "\ufeffZone;Année;Habitants\n5303;2026;101 000\ngembloux;2026;50\u202f000\n",
        "Zone;Jaar;Inwoners\n5303;2026;101'000\ngembloux;2026;50000\n".encode("cp1252"),
        "zone\tdate\tpopulation\n5303\t01/01/2026\t101000\ngembloux\t2026-01-01\t50000\n",
    ],
)
def test_what_would_change_is_shown_and_then_kept(client, zones, content):
    Population.objects.filter(unit=zones[1]).update(source=SOURCE)
    make.make_zone("dinant")
    page = sent(client, content)
    found = page.context["changes"]
    assert (found.new, found.changed, found.unchanged) == (0, 1, 1)
    assert found.totals == [(ON, 151_000)]
    assert [unit.slug for unit in found.missing[ON]] == ["dinant"]
    assert known()["namur", ON] == (100_000, "Test")
    answer = kept(client, page)
    told = [str(each) for each in answer.context["messages"]]
    assert told == ["Populations kept: 0 new, 1 changed, 1 as they were."]
    assert known()["namur", ON] == (101_000, SOURCE)
    assert AuditEntry.objects.filter(verb="population.imported").count() == 1


def test_the_same_file_twice_changes_nothing(client, zones):
    content = "zone,year,inhabitants\nnamur,2025,99000\ngembloux,2025,49000\n"
    page = sent(client, content)
    kept(client, page)
    before = list(Population.objects.order_by("pk").values())
    again = sent(client, content)
    assert again.context["changes"].unchanged == 2
    kept(client, page)
    assert list(Population.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.filter(verb="population.imported").count() == 2


def test_a_workbook_is_read_alike(client, zones):
    rows = [[5303, 2026, 101_000], ["gembloux", 2026, 50_000]]
    page = sent(client, workbook(rows, ("zone", "year", "inhabitants")), "counts.xlsx")
    assert [(row.unit.slug, row.inhabitants) for row in page.context["changes"].rows] == [
        ("gembloux", 50_000),
        ("namur", 101_000),
    ]


def test_a_sheet_of_another_user_or_changed_on_the_way_is_not_kept(client, zones, signed_in):
    page = sent(client, "zone,year,inhabitants\nnamur,2026,1\n")
    sheet = page.context["sheet"]
    other = signed_in(make.make_user(Role.SECRETARIAT, name="other"))
    other.post(reverse(URL), {"sheet": sheet})
    client.post(reverse(URL), {"sheet": sheet[:-1] + ("A" if sheet[-1] != "A" else "B")})
    assert known()["namur", ON] == (100_000, "Test")


# --- By municipality ------------------------------------------------------------------------------


def test_municipalities_are_summed_to_their_zone(client, zones):
    page = sent(client, "nis,year,inhabitants\n92094,2026,60000\n92006,2026,7\n92142,2026,5\n")
    rows = {row.unit.slug: row.inhabitants for row in page.context["changes"].rows}
    assert rows == {"namur": 60_007, "gembloux": 5}
    assert page.context["by_municipality"]


def test_a_sum_that_would_lack_a_municipality_is_refused(client, zones):
    page = sent(client, "nis,year,inhabitants\n92094,2026,60000\n92142,2026,5\n")
    assert page.status_code == 422
    assert page.context["problems"] == [
        "ZP Namur: the file has some of its municipalities and lacks C 92006 (92006)."
    ]
    assert known()["gembloux", ON] == (50_000, "Test")


def test_after_a_merger_both_maps_are_summed(keeper, zones):
    day = dt.date(2026, 8, 15)
    whole = make.make_zone("greater", population=None, valid_from=day)
    succeed(actor=keeper, succession=Succession(zones, (whole,), day), reason="Decree")
    towns = {each.nis: each.pk for each in Municipality.objects.all()}
    counted = [
        Counted(number, None, towns[nis], ON, count)
        for number, (nis, count) in enumerate(
            [("92094", 60_000), ("92006", 7), ("92142", 5)], start=2
        )
    ]
    found = import_populations(actor=keeper, counted=counted, source=SOURCE)
    assert {row.unit.slug: row.inhabitants for row in found.rows} == {
        "gembloux": 5, "greater": 60_012, "namur": 60_007,
    }  # fmt: skip
    assert found.totals == [(ON, 60_012)]
    assert known()["greater", ON] == (60_012, SOURCE)


# --- What is refused ------------------------------------------------------------------------------


def test_one_wrong_row_and_nothing_is_kept_with_every_error_told(client, zones):
    content = (
        "zone,year,inhabitants\nnamur,2026,101000\nnowhere,26,1.234\n5303,2026,5\ngembloux,2026,NaN\n"
        "gembloux,2025,1e3\ngembloux,2024,\ngembloux,2090,4\ngembloux,2023,-4\ngembloux,2022,=1+1\n"
        "gembloux,2021,0\ngembloux,2020,٤\n"
    )
    page = sent(client, content)
    assert page.status_code == 422
    told = [(error.number, error.column) for error in page.context["errors"]]
    assert told == [
        (3, "zone"), (3, "year"), (3, "inhabitants"), (4, "zone"), (5, "inhabitants"),
        (6, "inhabitants"), (7, "inhabitants"), (8, "year"), (9, "inhabitants"),
        (10, "inhabitants"), (11, "inhabitants"), (12, "inhabitants"),
    ]  # fmt: skip
    messages = [error.message for error in page.context["errors"]]
    assert messages[2] == "“1.234” can be read in two ways: write it without point or comma."
    assert messages[3] == "This stands in row 2 already."
    assert page.context["form"]["source"].value() == SOURCE
    assert known()["namur", ON] == (100_000, "Test")


@pytest.mark.parametrize(
    "header",
    ["", "a,b,c", "zone,year", "zone,nis,year,inhabitants", "zone,zone,year,inhabitants",
     "zone,year,date,inhabitants"],
)  # fmt: skip
def test_a_header_that_does_not_say_what_it_holds_is_refused(client, zones, header):
    page = sent(client, f"{header}\nnamur,2026,1\n")
    assert page.status_code == 422


def test_a_source_is_needed(client, zones):
    page = sent(client, "zone,year,inhabitants\nnamur,2026,1\n", source="  ")
    assert page.context["form"].errors["source"]


def good_workbook() -> bytes:
    return workbook([["namur", 2026, 1]], ("zone", "year", "inhabitants"))


def bomb() -> bytes:
    dimension = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    dimension += b'<dimension ref="A1:C1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    dimension += b'<row r="1048576"><c r="C1048576"><v>1</v></c></row></sheetData></worksheet>'
    return changed(good_workbook(), {"xl/worksheets/sheet1.xml": dimension})


def wide() -> bytes:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet += b'<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'
    return changed(good_workbook(), {"xl/worksheets/sheet1.xml": sheet})


def crowded() -> bytes:
    return changed(good_workbook(), {f"xl/media/{number}": b"" for number in range(5_000)})


def entities() -> bytes:
    sheet = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>'
    return changed(good_workbook(), {"xl/worksheets/sheet1.xml": sheet})


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"zone,year,inhabitants\nnamur,2026,1", "counts.xlsx", "not what its name says"),
        (good_workbook, "counts.csv", "not what its name says"),
        (good_workbook, "counts.xlsm", "with macros"),
        (lambda: changed(good_workbook(), {"xl/vbaProject.bin": b"x"}), "c.xlsx", "with macros"),
        (b"MZ\x90\x00\x03", "counts.csv", "not what its name says"),
        (b"MZ\x90\x00\x03", "counts.exe", "Send a .csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "counts.xlsx", "password"),
        (lambda: encrypted(good_workbook()), "counts.xlsx", "password"),
        (lambda: good_workbook()[:-300], "counts.xlsx", "damaged"),
        (lambda: good_workbook()[:200], "counts.xlsx", "damaged"),
        (bomb, "counts.xlsx", "more than 5\u202f000 rows"),
        (wide, "counts.xlsx", "more than 50 columns"),
        (crowded, "counts.xlsx", "too large"),
        (
            lambda: changed(good_workbook(), {"xl/big.xml": b" " * 40_000_000}),
            "c.xlsx",
            "too large",
        ),
        (lambda: changed(good_workbook(), {"xl/b.xml": b" " * 20_000_000}), "c.xlsx", "too large"),
        (entities, "counts.xlsx", "damaged"),
        (b"x" * 2_000_001, "counts.csv", "larger than 2 MB"),
        (b" \n", "counts.csv", "empty"),
        (b'zone,"year\n', "counts.csv", "quotation mark"),
        (
            b"zone,year,inhabitants\n" + b"namur,2026,1\n" * 5_001,
            "counts.csv",
            "more than 5\u202f000",
        ),
    ],
)
def test_files_that_are_no_table_are_refused_quickly(client, zones, content, name, message):
    data = content if isinstance(content, bytes) else content()
    began = timezone.now()
    page = sent(client, data, name)
    assert timezone.now() - began < dt.timedelta(seconds=2)
    assert page.status_code == 422
    assert message in page.context["errors"][0].message


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.SECRETARIAT}))
def test_nobody_else_may(zones, role):
    actor = make.make_user(role, zones[0] if role in Role.of_units() else None)
    with pytest.raises(PermissionDenied):
        import_populations(actor=actor, counted=[], source=SOURCE)
