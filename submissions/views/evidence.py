"""The files that support a figure: a page per figure, and the files themselves."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views import View

from foundation.views import KeepsInput
from organisations.models import User
from submissions import presenters, rules, selectors, services
from submissions.enums import State
from submissions.filetypes import served_type
from submissions.forms import EvidenceForm
from submissions.models import Cell, Evidence, Submission

from .pages import SignedIn, answer_to_its_people

#: Nothing in a file runs or loads, even if somebody opens it in the browser.
SANDBOX = "sandbox; default-src 'none'"


def may_change(user: User, submission: Submission) -> bool:
    """Whether files can be added and removed now, by who asks."""
    is_open = submission.state in State.editable() and submission.accepts_figures()
    return is_open and rules.may_enter(user, submission)


class CellFiles(SignedIn, KeepsInput, View):
    """The files of a figure, those taken away named too, and the form that adds one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.cell = self.found(kwargs["pk"])
        answer = partial(super().dispatch, request, *args, **kwargs)
        return answer_to_its_people(request, self.cell.expectation.submission, answer)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.cell, EvidenceForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cell = self.cell
        if not rules.may_enter(self.user, cell.expectation.submission):
            raise PermissionDenied
        form = EvidenceForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(cell, form, 422)
        refusal, status = self.add(cell, form)
        if refusal:
            form.add_error("file", refusal)
            return self.show(cell, form, status)
        return redirect("cell-files", pk)

    def add(self, cell: Cell, form: EvidenceForm) -> tuple[str, int]:
        """Add the file; why not, in words and as a status, where it cannot be."""
        try:
            kept = services.add_evidence(
                actor=self.user,
                cell=cell,
                name=form.cleaned_data["file"].name,
                content=form.content,
            )
        except services.AlreadyThere:
            messages.info(self.request, _("This file is already there: nothing was added."))
            return "", 302
        except services.TooManyFiles:
            most = {"most": services.MOST_FILES}
            return _("A figure has %(most)s files at most: remove one first.") % most, 422
        except services.NotStored:
            text = _("The file could not be stored: nothing was kept. Try again later.")
            return text, 503
        except (services.StateChanged, services.RoundClosed):
            return _("In the meantime these figures have gone on: no file can be added."), 409
        messages.success(self.request, _("“%(name)s” was added.") % {"name": kept.name})
        return "", 302

    def found(self, pk: int) -> Cell:
        cells = selectors.cells_visible_to(self.user).select_related(
            "expectation__submission__round__period",
            "expectation__submission__reporter",
            "expectation__subject__unit",
            "expectation__version__indicator",
        )
        return get_object_or_404(cells, pk=pk)

    def show(self, cell: Cell, form: EvidenceForm, status: int = 200) -> HttpResponse:
        expectation = cell.expectation
        context = {
            "cell": cell,
            "back_url": f"{presenters.figure_address(expectation)}#c{cell.pk}",
            "version": expectation.version,
            "option": expectation.version.options.filter(code=cell.option).first(),
            "submission": expectation.submission,
            "evidence": selectors.evidence_of(cell),
            "form": form,
            "may_change": may_change(self.user, expectation.submission),
        }
        return render(self.request, "submissions/cell_files.html", context, status=status)


class OfEvidence(SignedIn, LoginRequiredMixin, View):
    """A file that is there, of a figure that one may see; else 404."""

    def found(self, key: uuid.UUID) -> Evidence:
        visible = selectors.evidence_visible_to(self.user).select_related(
            "cell__expectation__submission__round__period",
            "cell__expectation__submission__reporter",
        )
        return get_object_or_404(visible, key=key)


class EvidenceFile(OfEvidence):
    """The file, to be saved: never shown as a page."""

    def get(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        evidence = self.found(key)
        try:
            with evidence.file.open("rb") as stored:
                content = stored.read()
        except FileNotFoundError as lost:
            raise Http404 from lost
        response = HttpResponse(content, content_type=served_type(evidence.content_type))
        name = content_disposition_header(as_attachment=True, filename=evidence.name)
        response["Content-Disposition"] = name or "attachment"
        response["Content-Security-Policy"] = SANDBOX
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


class RemoveEvidence(OfEvidence):
    """Take a file away: asked first, since its content goes for good."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.evidence = self.mine(kwargs["key"])
        answer = partial(super().dispatch, request, *args, **kwargs)
        return answer_to_its_people(request, self.evidence.cell.expectation.submission, answer)

    def get(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        evidence = self.evidence
        if not may_change(self.user, evidence.cell.expectation.submission):
            return self.gone_on(evidence)
        return render(request, "submissions/evidence_remove.html", {"evidence": evidence})

    def post(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        evidence = self.evidence
        try:
            services.remove_evidence(actor=self.user, evidence=evidence)
        except (services.StateChanged, services.RoundClosed):
            return self.gone_on(evidence)
        messages.success(request, _("“%(name)s” was removed.") % {"name": evidence.name})
        return redirect("cell-files", evidence.cell_id)

    def mine(self, key: uuid.UUID) -> Evidence:
        evidence = self.found(key)
        if not rules.may_enter(self.user, evidence.cell.expectation.submission):
            raise PermissionDenied
        return evidence

    def gone_on(self, evidence: Evidence) -> HttpResponse:
        text = _("In the meantime these figures have gone on: no file can be removed.")
        messages.error(self.request, text)
        return redirect("cell-files", evidence.cell_id)
