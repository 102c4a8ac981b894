"""What evaluators take away: validated figures and results, as XLSX or CSV."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from foundation.services import record
from foundation.spreadsheets import Heading, Row, Sheet, csv_pieces, write_workbook
from foundation.views import RequiresPermission

from .filters import DownloadFilter, FigureFilter, ResultFilter
from .models import Closing
from .resources import FigureResource, ResultResource, StreamedResource

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Content:
    """A thing that can be taken away: its columns and its filters."""

    name: str
    title: str | Promise
    resource: type[StreamedResource]
    filters: type[DownloadFilter]

    def narrowed(self, query: QueryDict) -> tuple[DownloadFilter, list[QuerySet[Any]]]:
        """The filter, and what it leaves of each part; nothing where it makes no sense."""
        parts = self.resource().querysets()
        narrowed = self.filters(query, parts[0])
        if not narrowed.is_valid():
            return narrowed, []
        return narrowed, [narrowed.filter_queryset(each) for each in parts]


CONTENTS = {
    each.name: each
    for each in (
        Content("figures", gettext_lazy("Validated figures"), FigureResource, FigureFilter),
        Content("results", gettext_lazy("Results"), ResultResource, ResultFilter),
    )
}


class DataDownload(RequiresPermission, View):
    """Choose what to take away; says how many rows there are before they are taken.

    A choice that makes no sense is told at its field, and gives nothing to take.
    """

    permission = "progress.export"

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = FigureFilter(request.GET, FigureResource().get_queryset())
        contents = [
            {
                "content": content,
                "count": sum(each.count() for each in content.narrowed(request.GET)[1]),
            }
            for content in CONTENTS.values()
            if chosen.is_valid()
        ]
        context = {"form": chosen.form, "contents": contents, "query": request.GET.urlencode()}
        return render(request, "progress/data_download.html", context)


class DownloadFile(RequiresPermission, View):
    """One file: ``name`` of CONTENTS, in the format of the address."""

    permission = "progress.export"

    def get(self, request: HttpRequest, name: str, extension: str) -> HttpResponseBase:
        content = CONTENTS.get(name)
        if content is None:
            raise Http404
        resource = content.resource()
        narrowed, parts = content.narrowed(request.GET)
        if not narrowed.is_valid():
            raise Http404
        if request.method == "HEAD":
            return HttpResponse()
        details = {"content": name, "format": extension, "query": request.GET.urlencode()}
        user: Any = request.user
        record(actor=user, verb="data.exported", subject=user, details=details)
        rows = chain.from_iterable(resource.rows(each) for each in parts)
        answer = workbook if extension == "xlsx" else csv
        return answer(content, resource, rows, narrowed)


def csv(
    content: Content, resource: StreamedResource, rows: Iterator[Row], _narrowed: DownloadFilter
) -> HttpResponseBase:
    headings = [str(column.column_name) for column in resource.columns]
    lines = csv_pieces(headings, rows, _("INCOMPLETE: the export stopped here."))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename(content, "csv")}"'
    return response


def workbook(
    content: Content, resource: StreamedResource, rows: Iterator[Row], narrowed: DownloadFilter
) -> HttpResponseBase:
    """A workbook with notes, the data, a dictionary of the columns and a control sheet."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the response)
    control = Control(rows)
    title = str(content.title)
    sheets = [
        Sheet(_("Read me"), title, "notes", _two(_("Note"), _("Text")), notes(narrowed)),
        Sheet(
            _("Data"),
            title,
            "data",
            [column.heading for column in resource.columns],
            control.rows(),
        ),
        Sheet(
            _("Dictionary"),
            _("What the columns mean"),
            "dictionary",
            _two(_("Column"), _("Meaning")),
            [(str(column.column_name), str(column.note)) for column in resource.columns],
        ),
        Sheet(
            _("Control"),
            _("Row count and checksum"),
            "control",
            _two(_("Item"), _("Value")),
            control,
        ),
    ]
    write_workbook(target, sheets, {"title": f"Jalon – {title}", "creator": "Jalon"})
    target.seek(0)
    return FileResponse(
        target, as_attachment=True, filename=filename(content, "xlsx"), content_type=XLSX
    )


class Control:
    """Counts the data's rows and sums them up while they pass; read after them."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows, self._count, self._digest = rows, 0, hashlib.sha256()

    def rows(self) -> Iterator[Row]:
        for row in self._rows:
            self._count += 1
            self._digest.update("\x1f".join(map(str, row)).encode())
            yield row

    def __iter__(self) -> Iterator[Row]:
        yield _("Rows"), self._count
        yield _("SHA-256 of the rows"), self._digest.hexdigest()


def notes(narrowed: DownloadFilter) -> list[tuple[str, str]]:
    """What a reader must know of the file: what it is, from when, of what, from whom."""
    moment = timezone.localtime()
    lines = [
        (_("Source"), _("Jalon, follow-up of the National Security Plan 2026-2029")),
        (_("Taken on"), moment.strftime("%Y-%m-%d %H:%M")),
        (_("State of the data"), _state()),
        (_("Populations"), _("Statbel, CC BY 4.0")),
        (
            _("Empty cells"),
            _("Empty means that the column does not apply to the row; a blank is never a zero."),
        ),
        (_("Selection"), selection(narrowed)),
    ]
    if settings.DEMO:
        fictitious = _("Demonstration: fictitious figures, except those that carry a dated source")
        return [(_("Demonstration"), fictitious), *lines]
    return lines


def _state() -> str:
    closed = Closing.objects.in_force().count()
    if not closed:
        return _("Provisional: periods are not closed yet.")
    return ngettext(
        "Final or revised for %(count)s closed period, provisional for others, as a column says.",
        "Final or revised for %(count)s closed periods, provisional for others, as a column says.",
        closed,
    ) % {"count": closed}


def selection(narrowed: DownloadFilter) -> str:
    chosen = [
        f"{narrowed.form.fields[name].label}: {value}"
        for name, value in narrowed.form.cleaned_data.items()
        if value
    ]
    return "; ".join(chosen) or _("everything")


def filename(content: Content, extension: str) -> str:
    demo = "demonstration-" if settings.DEMO else ""
    return f"jalon-{demo}{content.name}-{timezone.localdate():%Y-%m-%d}.{extension}"


def _two(first: str, second: str) -> list[Heading]:
    return [Heading(first, 28), Heading(second, 90)]
