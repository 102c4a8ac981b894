"""Populations of municipalities by year, from a file."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import FormView

from . import (
    forms,
    populations,
    resources,
    services,
)
from .reorganisation_views import UnitsPage

SHEET = "organisations.populations"
READ_AGAIN = dt.timedelta(hours=12)


class PopulationImport(UnitsPage, FormView):
    """Populations from a file: read, shown beside what is known, and only then kept."""

    template_name = "organisations/population_import.html"
    form_class = forms.PopulationFileForm
    extra_context = {"columns": resources.POPULATION_COLUMNS}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._keep() if "sheet" in request.POST else super().post(request)

    def form_valid(self, form: forms.PopulationFileForm) -> HttpResponse:
        file, source = form.cleaned_data["file"], " ".join(form.cleaned_data["source"].split())
        try:
            counted = resources.read_populations(file.read(), file.name)
        except services.RowErrors as refused:
            return self._refused(form, errors=refused.errors)
        found = populations.changes(counted=counted, source=source)
        if found.problems:
            return self._refused(form, problems=found.problems)
        rows = [
            (each.number, each.unit_id, each.municipality_id, each.on.isoformat(), each.inhabitants)
            for each in counted
        ]
        sheet = signing.dumps([self.user.pk, source, rows], salt=SHEET, compress=True)
        context = self.get_context_data(
            form=form,
            changes=found,
            source=source,
            sheet=sheet,
            by_municipality=any(each.municipality_id for each in counted),
        )
        return render(self.request, "organisations/population_preview.html", context)

    def _refused(self, form: forms.PopulationFileForm, **why: Any) -> HttpResponse:
        form.add_error("file", _("Nothing was kept. Correct what is listed, then send it again."))
        return self.render_to_response(self.get_context_data(form=form, **why), status=422)

    def _keep(self) -> HttpResponse:
        try:
            owner, source, rows = signing.loads(
                self.request.POST["sheet"], salt=SHEET, max_age=READ_AGAIN
            )
        except signing.BadSignature:
            owner = None
        if owner != self.user.pk:
            messages.error(self.request, _("The preview is too old: send the file again."))
            return redirect("population-import")
        counted = [
            populations.Counted(number, unit, town, dt.date.fromisoformat(on), inhabitants)
            for number, unit, town, on, inhabitants in rows
        ]
        try:
            found = populations.import_populations(actor=self.user, counted=counted, source=source)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return redirect("population-import")
        messages.success(
            self.request,
            _("Populations kept: %(new)s new, %(changed)s changed, %(unchanged)s as they were.")
            % {"new": found.new, "changed": found.changed, "unchanged": found.unchanged},
        )
        return redirect("population-import")
