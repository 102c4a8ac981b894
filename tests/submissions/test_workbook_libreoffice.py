"""A workbook filled in LibreOffice, as a French or a Dutch speaker types, is read exactly so.

A macro types into the cells of the downloaded workbook in the locale of the person, saves it as
XLSX, and the real page, the real reading and the real service do the rest.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from foundation.grids import read_grids, reference
from foundation.words import plain
from indicators.enums import CellStatus, Kind
from submissions.models import Measurement
from submissions.models.uploads import LIMITS
from submissions.resources.columns import Column, known_headings
from tests import factories as make
from tests.submissions.sheets import Desk, told

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice: apt-get install libreoffice-calc"),
]
REPORTED = CellStatus.REPORTED

LOCALE = """<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{locale}</value></prop></item>
</oor:items>"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"
 library:readonly="false" library:passwordprotected="false">
<library:element library:name="Filling"/></library:library>
"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Filling"
 script:language="StarBasic">{code}</script:module>
"""
#: Types each answer as somebody does: FormulaLocal reads it in the locale of the profile.
CODE = """
Sub Fill(source As String, target As String)
  On Error GoTo Failed
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  book = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, hidden())
  sheet = book.Sheets.getByName("{sheet}")
{typing}
  Dim saving(0) As New com.sun.star.beans.PropertyValue
  saving(0).Name = "FilterName" : saving(0).Value = "Calc MS Excel 2007 XML"
  book.storeToURL(ConvertToURL(target), saving())
  book.close(True)
  StarDesktop.terminate()
  Exit Sub
Failed:
  Open target & ".error" For Output As #1
  Print #1, Erl & ": " & Error$
  Close #1
  StarDesktop.terminate()
End Sub
"""


def office(profile: Path, *arguments: str) -> None:
    command = [str(SOFFICE), f"-env:UserInstallation=file://{profile}", "--headless", *arguments]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    ) as started:
        try:
            started.wait(timeout=120)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def profile(tmp_path_factory) -> Path:
    """A new profile; LibreOffice puts its own library in it at its first start."""
    folder: Path = tmp_path_factory.mktemp("office") / "profile"
    office(folder, "--terminate_after_init")
    return folder


def filled(
    profile: Path, content: bytes, typed: dict[str, str], *, sheet: str, locale: str
) -> bytes:
    """The workbook with each cell of ``typed`` typed by a person of that locale, and saved."""
    lines = [
        f'  sheet.getCellRangeByName("{cell}").FormulaLocal = {_basic(text)}'
        for cell, text in typed.items()
    ]
    user = profile / "user"
    standard = user / "basic" / "Standard"
    settings = user / "registrymodifications.xcu"
    known = settings.read_text(encoding="utf-8")
    settings.write_text(known.replace("</oor:items>", LOCALE.format(locale=locale)))
    (standard / "script.xlb").write_text(LIBRARY)
    code = CODE.format(sheet=sheet, typing="\n".join(lines))
    (standard / "Filling.xba").write_text(MODULE.format(code=escape(code)), encoding="utf-8")
    source, target = profile / f"{locale}.xlsx", profile / f"{locale}-filled.xlsx"
    source.write_bytes(content)
    office(profile, f'macro:///Standard.Filling.Fill("{source}","{target}")')
    failure = Path(f"{target}.error")
    assert not failure.exists(), failure.read_text()
    return target.read_bytes()


def _basic(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def cells(content: bytes, wanted: dict[tuple[str, Column], str]) -> tuple[str, dict[str, str]]:
    """The sheet's name, and each text by the name of its cell."""
    known = known_headings()
    for grid in read_grids(content, "w.xlsx", LIMITS):
        for at, row in enumerate(grid.rows):
            places = {known.get(plain(cell.text)): place for place, cell in row.cells.items()}
            if Column.KEY not in places or Column.FIRST not in places:
                continue
            lines = {line.cells[places[Column.KEY]].text: line for line in grid.rows[at + 1 :]}
            return grid.name, {
                reference(places[column], lines[key].number): text
                for (key, column), text in wanted.items()
            }
    raise AssertionError("no table of figures")


#: What is typed in each language for 1234.5, 1234567, 0.05, 1234 and 30 April 2026.
TYPED = {
    "fr": ("1234,5", "1 234 567", "0,05", "1234", "30/04/2026"),
    "nl": ("1.234,5", "1.234.567", "0,05", "1234", "30/04/2026"),
}
GROUPED = {"fr": "1\u202f234,5", "nl": "1234,5"}


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_what_is_typed_in_libreoffice_is_what_is_saved(db, profile, language):
    make.make_indicator("amount", kind=Kind.AMOUNT, decimals=1)
    make.make_indicator("grouped", kind=Kind.AMOUNT, decimals=1)
    make.make_indicator("checks")
    make.make_indicator("rate", kind=Kind.RATIO, decimals=2)
    make.make_indicator("cases", kind=Kind.MEAN, decimals=0)
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-05-01"})
    make.make_indicator("answer", kind=Kind.YES_NO)
    make.make_indicator("absent")
    make.make_indicator("left")
    desk = Desk(language=language)
    amount, count, small, plain_, day = TYPED[language]
    content = desk.template(language=language)
    sheet, typed = cells(
        content,
        {
            ("amount/1/namur", Column.FIRST): amount,
            ("grouped/1/namur", Column.FIRST): GROUPED[language],
            ("checks/1/namur", Column.FIRST): count,
            ("rate/1/namur", Column.FIRST): small,
            ("rate/1/namur", Column.SECOND): amount,
            ("cases/1/namur", Column.FIRST): plain_,
            ("cases/1/namur", Column.SECOND): "12",
            ("plan/1/namur:1", Column.FIRST): day,
            ("answer/1/namur", Column.FIRST): {"fr": "Oui", "nl": "Ja"}[language],
            ("absent/1/namur", Column.REASON): "« - registre en panne »",
            ("absent/1/namur", Column.ABSENCE): "unavailable",
            ("absent/1/namur", Column.COMMENT): "=1+1",
        },
    )
    saved = filled(profile, content, typed, sheet=sheet, locale=f"{language}-BE")
    upload = desk.send(saved, "ingevuld.xlsx")
    assert told(upload) == []
    assert desk.act(upload, "apply").status_code == 302
    assert desk.parts() == {
        "amount": (REPORTED, 12_345, None),
        "grouped": (REPORTED, 12_345, None),
        "checks": (REPORTED, 1_234_567, None),
        "rate": (REPORTED, 5, 123_450),
        "cases": (REPORTED, 1234, 12),
        "plan": (REPORTED, 1, 1),
        "answer": (REPORTED, 1, None),
        "absent": (CellStatus.NOT_AVAILABLE, None, None),
        "left": (),
    }
    steps = Measurement.objects.get(cell__expectation__version__indicator__code="plan").steps_done
    assert steps == {"1": dt.date(2026, 4, 30).isoformat()}
    said = Measurement.objects.get(cell__expectation__version__indicator__code="absent")
    assert (said.reason, said.comment) == ("« - registre en panne »", "=1+1")
