"""Pages to read the plan: the whole, a theme, an objective, a dimension."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import DetailView, ListView

from plans import selectors as plans
from plans.amendment_views import PlanPage, Proposal
from plans.forms import InForceForm
from plans.models import Amendment, OfficialText
from plans.permissions import VIEW_SOURCE_NOTES

from . import amendments, selectors, services
from .forms import ObjectiveAmendmentForm
from .models import NcsiDimension, Objective, Theme


class PlanDetail(PlanPage, ListView):
    """The plan's contents: its themes and sub-themes in order, and the other chapters."""

    template_name = "themes/plan_detail.html"
    context_object_name = "themes"

    def get_queryset(self) -> QuerySet[Theme]:
        return selectors.themes_with_counts()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        notes = self.user.access.may(VIEW_SOURCE_NOTES.name)
        return super().get_context_data(cover=plans.cover(), sees_source_notes=notes, **kwargs)


class ThemeDetail(PlanPage, DetailView):
    """A theme: what it is about, its objectives by level, and all that stands with them."""

    template_name = "themes/theme_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Theme]:
        return selectors.theme_page(self.kwargs["code"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        theme = self.object
        objectives, notes = list(theme.objectives.all()), list(theme.footnotes.all())
        placed = [theme, *theme.points.all(), *notes]
        places = [f"{theme.place}, M", *(each.place for each in placed)]
        return super().get_context_data(
            groups=selectors.by_level(objectives),
            steps=selectors.steps_in_force(objectives),
            points=selectors.points_by_kind(theme),
            neighbours=selectors.neighbours(Theme.objects.filter(plan=theme.plan), theme.position),
            official=OfficialText.by_place(places, self.request.LANGUAGE_CODE),
            abbreviations=plans.abbreviations(notes),
            **kwargs,
        )


class ObjectiveDetail(PlanPage, DetailView):
    """An objective: what it says on a day, who has which part, and the panels of other apps."""

    template_name = "themes/objective_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Objective]:
        return selectors.objective_page()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        objective = self.object
        form = InForceForm(self.request.GET or None, plan=objective.theme.plan)
        wording = amendments.objective_wording(objective, form.day)
        return super().get_context_data(
            form=form,
            wording=wording,
            version=wording.version,
            folds_steps=selectors.is_long(wording.version),
            parts=selectors.parts_of(objective),
            neighbours=selectors.neighbours(Objective.objects.all(), objective.position),
            official=OfficialText.by_place([objective.place], self.request.LANGUAGE_CODE),
            abbreviations=plans.abbreviations(objective.theme.footnotes.all()),
            amend_url=amendments.amend_url(objective, self.user),
            **kwargs,
        )


class ObjectiveAmend(Proposal):
    """Proposes another wording of an objective."""

    form_class = ObjectiveAmendmentForm
    compared = ("title", "statement", "steps")

    @cached_property
    def subject(self) -> Objective:
        objectives = Objective.objects.select_related("theme__plan")
        return get_object_or_404(objectives, code=self.kwargs["code"])

    def words(self) -> dict[str, Any]:
        today = timezone.localdate()
        return amendments.words(amendments.objective_wording(self.subject, today).version)

    def send(self, said: dict[str, Any]) -> Amendment:
        wanted = {**said, "steps": said["steps"].splitlines()}
        return services.propose_objective_amendment(
            actor=self.user, objective=self.subject, **wanted
        )


class DimensionList(PlanPage, ListView):
    """The six dimensions of the NCSI, with the themes linked to each."""

    template_name = "themes/dimension_list.html"
    context_object_name = "dimensions"

    def get_queryset(self) -> QuerySet[NcsiDimension]:
        return selectors.dimensions()


class DimensionDetail(PlanPage, DetailView):
    """A dimension: its themes, whether the plan states the link, and their objectives."""

    template_name = "themes/dimension_detail.html"
    slug_field = slug_url_kwarg = "code"
    context_object_name = "dimension"

    def get_queryset(self) -> QuerySet[NcsiDimension]:
        return selectors.dimension_page()
