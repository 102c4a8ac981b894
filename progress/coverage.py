"""Who has not reported, and does it matter: the page, its file, and reminders to a selection."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from foundation.looks import COVERAGE_STATES
from foundation.services import record
from foundation.spreadsheets import Heading, Row, Sheet, csv_pieces, write_workbook
from foundation.views import RequiresPermission
from indicators.models import Period
from organisations.models import Unit, User
from submissions import rules as submission_rules
from submissions import selectors
from submissions.models import Submission
from submissions.selectors import Matrix, Place, Stand, Timing, UnitRow
from submissions.services import remind

from . import rules
from .downloads import XLSX
from .forms import CoverageForm, PeriodForm, period_choices
from .permissions import EXPORT, VIEW_RESULTS
from .selectors.reviews import Calendar, EveryRound
from .views import ReviewPage

CONTROL = "submissions.control"


@dataclass(frozen=True, slots=True)
class Line:
    """A unit of the matrix, and whether its reader may remind it now."""

    row: UnitRow
    places: Sequence[tuple[str, Place]]
    is_remindable: bool


class ProgressCoverage(ReviewPage):
    """Units × rounds: the chosen round and those before it, totals first.

    Names are for those who see the units' figures; everybody else sees the totals.
    """

    template_name = "progress/coverage.html"
    form_class = CoverageForm
    calendar_class = EveryRound

    def bound(self, calendar: Calendar) -> PeriodForm:
        access = self.user.access
        without = []
        if not access.everywhere(VIEW_RESULTS.name):
            without = ["kind", "province", "arrondissement"]
        elif not _sees_names(self.user):
            without = ["arrondissement", "state", "sort"]
        return CoverageForm(self.request.GET, choices=period_choices(calendar), without=without)

    def about(self, calendar: Calendar, period: Period, form: Any) -> dict[str, Any]:
        matrix, rows = found(self.user, period, form)
        codes = [each.period.code for each in matrix.rounds]
        lines = [self.line(row, codes) for row in rows]
        totals = matrix.totals
        return {
            "matrix": matrix,
            "codes": codes,
            "totals": list(zip(codes, totals, strict=True)),
            "total": totals[-1],
            "lines": lines,
            "named": _sees_names(self.user),
            "kind": form.kind_chosen,
            "may_control": self.user.access.may(CONTROL),
            "remindable": sum(line.is_remindable for line in lines),
            "all_selected": self.request.GET.get("select") == "all",
            "most": form.most,
            "absent": self.absent(matrix),
            "may_export": self.user.access.may(EXPORT.name),
            "query": self.request.GET.urlencode(),
            "clear_url": f"{self.request.path}?period={period.code}",
        }

    def absent(self, matrix: Matrix) -> list[Unit]:
        """Who has no validated figure in the chosen round, of those one sees by name."""
        return [
            row.unit
            for row in matrix.rows
            if row.now.counts
            and not row.now.has_reported
            and rules.sees_figures(self.user, row.unit)
        ]

    def line(self, row: UnitRow, codes: Sequence[str]) -> Line:
        place = row.now
        is_remindable = (
            place.submission is not None
            and place.takes_figures
            and submission_rules.may_remind(self.user, place.submission)
        )
        return Line(row, list(zip(codes, row.places, strict=True)), is_remindable)


def found(user: User, period: Period, form: CoverageForm) -> tuple[Matrix, list[UnitRow]]:
    """All that the reader's totals count, and of it the rows they see by name, as chosen."""
    matrix = selectors.coverage(
        period,
        units=form.units() & rules.units_counted(user, "reporter__"),
        theme=form.cleaned_data["theme"],
        most=form.most,
        now=timezone.now(),
    )
    seen = [row for row in matrix.rows if rules.sees_figures(user, row.unit)]
    return matrix, form.ordered([row for row in seen if form.keeps(row)])


def _sees_names(user: User) -> bool:
    """Whether any unit is there by name."""
    return not rules.units_with_figures(user) or bool(user.access.units(CONTROL))


# --- Reminders ------------------------------------------------------------------------------------


class Remind(RequiresPermission, View):
    """What a reminder to the chosen units would do, then the reminder."""

    permission = CONTROL

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = self.chosen(request.GET.getlist("submission"))
        if not chosen:
            messages.info(request, _("Nobody was selected: tick the units to remind."))
            return redirect(self.back(chosen))
        people = selectors.people_of(each.reporter for each in chosen)
        before = selectors.reminded_today(chosen)
        preview: dict[str, list[Any]] = {"reached": [], "already": [], "nobody": [], "sent": []}
        for each in chosen:
            names = [acting.user.name for acting in people[each.reporter_id]]
            preview[self.kind(each, names, before)].append((each, names))
        context = {"preview": preview, "chosen": chosen, "back_url": self.back(chosen)}
        return render(request, "progress/coverage_remind.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = self.chosen(request.POST.getlist("submission"))
        done = remind(actor=self.user, submissions=chosen)
        reached = ngettext(
            "%(n)s unit was reminded.", "%(n)s units were reminded.", done.submissions
        )
        parts = [reached % {"n": done.submissions}]
        if done.already:
            parts.append(_("Reminded today already: %(units)s.") % {"units": _named(done.already)})
        if done.nobody:
            parts.append(_("Nobody to write to: %(units)s.") % {"units": _named(done.nobody)})
        (messages.success if done.submissions else messages.info)(request, " ".join(parts))
        return redirect(self.back(chosen))

    def chosen(self, typed: Sequence[str]) -> list[Submission]:
        """The submissions named, all of them of units that one may remind; else 404: they are not
        seen."""
        ids = {int(text) for text in typed[:1000] if text.isascii() and text.isdigit()}
        ids = {pk for pk in ids if pk < 2**63}
        named = Submission.objects.filter(pk__in=ids).select_related("round__period", "reporter")
        rows = list(named.prefetch_related("extensions").order_by("reporter__slug", "pk"))
        if not all(submission_rules.may_remind(self.user, each) for each in rows):
            raise Http404
        return rows

    def kind(self, submission: Submission, names: Sequence[str], before: set[int]) -> str:
        editable = submission.state in (Stand.TODO, Stand.DRAFT, Stand.RETURNED)
        if not editable or not submission.accepts_figures():
            return "sent"
        if not names:
            return "nobody"
        return "already" if submission.pk in before else "reached"

    def back(self, chosen: Sequence[Submission]) -> str:
        periods = {each.round.period.code for each in chosen}
        address = reverse("progress-coverage")
        return f"{address}?period={periods.pop()}" if len(periods) == 1 else address

    @property
    def user(self) -> User:
        return cast("User", self.request.user)


def _named(units: Sequence[Unit]) -> str:
    return ", ".join(unit.label for unit in units)


# --- The matrix as a file -------------------------------------------------------------------------


class CoverageFile(ProgressCoverage):
    """The matrix as it was chosen, a row per unit and period, as XLSX or CSV."""

    permission = EXPORT.name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["extension"] not in ("xlsx", "csv"):
            raise Http404
        calendar = EveryRound.seen_by(self.user)
        form = self.bound(calendar)
        period = calendar.chosen(form.cleaned_data["period"]) if form.is_valid() else None
        if period is None:
            raise Http404
        if request.method == "HEAD":
            return HttpResponse()
        matrix, rows = found(self.user, period, form)  # type: ignore[arg-type]
        details = {"content": "coverage", "format": kwargs["extension"]}
        details["query"] = request.GET.urlencode()
        record(actor=self.user, verb="data.exported", subject=self.user, details=details)
        name = f"jalon-coverage-{period.code}-{timezone.localdate():%Y-%m-%d}"
        write = _workbook if kwargs["extension"] == "xlsx" else _csv
        return write(f"{name}.{kwargs['extension']}", list(_tidy(matrix, rows)))


def _headings() -> list[Heading]:
    return [
        Heading(_("Unit"), 34),
        Heading(_("Kind"), 16),
        Heading(_("Province"), 20),
        Heading(_("Arrondissement"), 24),
        Heading(_("Period"), 12),
        Heading(_("State"), 18),
        Heading(_("Figures validated"), 14),
        Heading(_("Figures expected"), 14),
        Heading(_("Signed, in review"), 14),
        Heading(_("Population"), 14),
        Heading(_("First attested"), 30),
    ]


TIMINGS = {
    Timing.IN_TIME: lambda: _("by the due date"),
    Timing.IN_GRACE: lambda: _("between due and lock"),
    Timing.AFTER_LOCK: lambda: _("after the lock, through an extension"),
}


def _tidy(matrix: Matrix, rows: Sequence[UnitRow]) -> Iterator[Row]:
    """A row per unit and round in which something was expected of it."""
    for row in rows:
        unit = row.unit
        for each, place in zip(matrix.rounds, row.places, strict=True):
            if place.submission is None:
                continue
            yield (
                unit.label,
                str(unit.get_kind_display()),
                unit.province.name if unit.province else "",
                unit.arrondissement.name if unit.arrondissement else "",
                each.period.code,
                str(COVERAGE_STATES[place.stand].label),
                place.reported,
                place.expected,
                place.held.signed,
                place.population or None,
                TIMINGS[place.timing]() if place.timing else "",
            )


def _csv(name: str, rows: list[Row]) -> HttpResponseBase:
    headings = [heading.text for heading in _headings()]
    lines = csv_pieces(headings, iter(rows), _("INCOMPLETE: the export stopped here."))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _workbook(name: str, rows: list[Row]) -> HttpResponseBase:
    target = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the response)
    sheet = Sheet(_("Data"), _("Coverage"), "coverage", _headings(), rows)
    write_workbook(target, [sheet], {"title": f"Jalon – {_('Coverage')}", "creator": "Jalon"})
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=name, content_type=XLSX)
