"""Pages of a part of the entry form: one definition for all its subjects, or for one of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from submissions import presenters, selectors, services
from submissions.enums import State
from submissions.figures import Block
from submissions.forms import EntryForm
from submissions.models import Expectation

from .pages import show_definition
from .report import Answer, Report


class ReportGrid(Report):
    """One definition of the form for all its subjects, as a table to type or paste into."""

    template = "submissions/report_grid.html"

    def get(self, request: HttpRequest, **place: str) -> HttpResponse:
        self.require_expected()
        return super().get(request, **place)

    def require_entering(self) -> None:
        self.require_expected()
        super().require_entering()

    def require_expected(self) -> None:
        """404 unless the submission asks for what the address names."""
        names = {"version__indicator__code": self.kwargs["indicator"]}
        if "subject" in self.kwargs:
            names["subject__unit__slug"] = self.kwargs["subject"]
        expected = Expectation.objects.filter(submission=self.submission, **names)
        if self.submission.state != State.REPLACED:
            expected = expected.standing()
        if not expected.exists():
            raise Http404

    def within(self) -> Q:
        return selectors.under_definition(self.kwargs["indicator"], self.kwargs.get("subject", ""))

    def go_on(self, action: str, outcome: services.Outcome) -> Answer:
        """Only the whole is attested."""
        return self.say_saved(outcome)

    def shown(self, blocks: list[Block]) -> list[Block]:
        code = self.kwargs["indicator"]
        return [each for each in blocks if each.version.indicator.code == code]

    def beside(self, blocks: list[Block]) -> dict[str, Any]:
        """The grid has no place for more than two earlier figures."""
        codes = selectors.compared_codes(self.submission.round.period.code)
        return {"periods": codes, "past": selectors.past_texts(blocks, codes)}

    def more(self, form: EntryForm) -> dict[str, Any]:
        return {"grid": next(form.sections[0].blocks)}

    @property
    def back_url(self) -> str:
        return self.report_url

    def show_read_only(self, standing: presenters.Standing, *, unsent: bool) -> HttpResponse:
        return show_definition(
            self.request,
            self.submission,
            self.kwargs["indicator"],
            self.kwargs.get("subject", ""),
            back_url=self.back_url,
            unsent=unsent,
            keeps_copies=True,
        )


class ReportRow(ReportGrid):
    """One definition for one subject, with all that is said beside its figures."""

    template = "submissions/report_row.html"

    def beside(self, blocks: list[Block]) -> dict[str, Any]:
        return Report.beside(self, blocks)

    def more(self, form: EntryForm) -> dict[str, Any]:
        found = super().more(form)
        subject = found["grid"].block.figures[0].subject
        return {**found, "subject": subject, "back_url": self.back_url}

    @property
    def back_url(self) -> str:
        return reverse("report-grid", args=[*self.place, self.kwargs["indicator"]])
