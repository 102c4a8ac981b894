"""What happened to a figure."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from submissions import presenters, selectors

from .pages import SignedIn


class CellHistory(SignedIn, LoginRequiredMixin, View):
    """Every revision of a cell: who, when, by which entrance, from what to what, why."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        cell = get_object_or_404(
            selectors.cells_visible_to(self.user).select_related(
                "expectation__submission__round__period",
                "expectation__submission__reporter",
                "expectation__subject__unit",
            ),
            pk=pk,
        )
        version = selectors.definitions({cell.expectation.version_id})[cell.expectation.version_id]
        option = next((each for each in version.options.all() if each.code == cell.option), None)
        context = {
            "cell": cell,
            "version": version,
            "option": option,
            "submission": cell.expectation.submission,
            "evidence": selectors.evidence_of(cell),
            "events": presenters.revision_events(version, selectors.revisions_of(cell)),
        }
        return render(request, "submissions/cell_history.html", context)
