"""The whole codebook as one file: a workbook with a sheet per table, or CSV of the definitions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from foundation.spreadsheets import Heading, Row, Sheet, csv_pieces, write_workbook
from foundation.views import RequiresPermission
from indicators.permissions import VIEW_CODEBOOK
from plans.models import Plan

from .resources import TABLES, Table, as_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CodebookDownload(RequiresPermission, View):
    """?format=xlsx or csv; another format is no address."""

    permission = VIEW_CODEBOOK.name

    def get(self, request: HttpRequest) -> HttpResponseBase:
        wanted = request.GET.get("format", "xlsx")
        if wanted not in ("xlsx", "csv"):
            raise Http404
        if request.method == "HEAD":
            return HttpResponse()
        return _workbook() if wanted == "xlsx" else _csv()


def _csv() -> HttpResponseBase:
    table = TABLES["definitions"]
    headings = [column.heading.text for column in table.columns]
    rows = ([as_text(value) for value in row] for row in table.rows())
    lines = csv_pieces(headings, rows, _("INCOMPLETE: the export stopped here."))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_filename("csv")}"'
    return response


def _workbook() -> HttpResponseBase:
    target = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the response)
    title = _("Codebook")
    sheets = [
        Sheet(_("Read me"), title, "notes", _two(_("Note"), _("Text")), _notes()),
        *(_sheet(name, table) for name, table in TABLES.items()),
        Sheet(
            _("Dictionary"),
            _("What the columns mean"),
            "dictionary",
            [Heading(_("Sheet"), 22), *_two(_("Column"), _("Meaning"))],
            _meanings(list(TABLES.values())),
        ),
    ]
    write_workbook(target, sheets, {"title": f"Jalon – {title}", "creator": "Jalon"})
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=_filename("xlsx"), content_type=XLSX)


def _sheet(name: str, table: Table) -> Sheet:
    headings = [column.heading for column in table.columns]
    return Sheet(str(table.title), str(table.title), name, headings, table.rows())


def _meanings(tables: Sequence[Table]) -> Iterator[Row]:
    for table in tables:
        for column in table.columns:
            yield str(table.title), str(column.column_name), str(column.note)


def _notes() -> list[tuple[str, str]]:
    """What a reader must know of the file."""
    lines = [
        (_("Source"), _("Jalon, follow-up of the National Security Plan 2026-2029")),
        (_("Taken on"), timezone.localtime().strftime("%Y-%m-%d %H:%M")),
        (
            _("Languages"),
            _("French is the text; the others are working translations. An empty cell has none."),
        ),
        (
            _("Restricted indicators"),
            _("Their definitions are here, the figures published about them are not."),
        ),
    ]
    plan = Plan.objects.first()
    if plan:
        days = f"{plan.first_day:%Y-%m-%d} – {plan.last_day:%Y-%m-%d}"
        lines.insert(1, (_("Plan"), f"{plan}, {days}"))
    if settings.DEMO:
        lines.append((_("Demonstration"), _("The definitions are real, the figures fictitious.")))
    return lines


def _filename(extension: str) -> str:
    return f"jalon-codebook-{timezone.localdate():%Y-%m-%d}.{extension}"


def _two(first: str, second: str) -> list[Heading]:
    return [Heading(first, 28), Heading(second, 90)]
