"""What happened to a figure."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views import View

from indicators.models import IndicatorVersion
from submissions import presenters, selectors
from submissions.cell_events import CellRecord
from submissions.models import Cell

from .pages import SignedIn, answer_to_its_people


class CellHistory(SignedIn, LoginRequiredMixin, View):
    """Every revision of a cell: who, when, by which entrance, from what to what, why."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        cell = get_object_or_404(
            selectors.cells_visible_to(self.user).select_related(
                "expectation__submission__round__period",
                "expectation__submission__reporter",
                "expectation__subject__unit",
                "expectation__version__indicator",
            ),
            pk=pk,
        )
        submission = cell.expectation.submission
        return answer_to_its_people(request, submission, partial(self.show, cell))

    def show(self, cell: Cell) -> HttpResponse:
        version = selectors.definitions({cell.expectation.version_id})[cell.expectation.version_id]
        option = next((each for each in version.options.all() if each.code == cell.option), None)
        context = {
            "cell": cell,
            "back_url": f"{presenters.figure_address(cell.expectation)}#c{cell.pk}",
            "version": version,
            "option": option,
            "submission": cell.expectation.submission,
            "evidence": selectors.evidence_of(cell),
            "events": self.events(cell, version),
            "may_correct": presenters.may_correct(cell.expectation.submission, self.user)
            and cell.validated_id is not None,
        }
        return render(self.request, "submissions/cell_history.html", context)

    def events(self, cell: Cell, version: IndicatorVersion) -> list[presenters.Event]:
        submission = cell.expectation.submission
        record = CellRecord(
            version,
            selectors.revisions_of(cell)[::-1],
            selectors.transitions_of(submission)[::-1],
            list(selectors.corrections_of_cell(cell)),
        )
        return record.events()
