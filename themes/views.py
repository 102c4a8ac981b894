"""Pages to read the plan: the whole, a theme, an objective."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.views.generic import DetailView, ListView

from foundation.views import RequiresPermission

from . import selectors
from .models import Objective, Theme


class PlanDetail(RequiresPermission, ListView):
    """The plan's themes and sub-themes in order."""

    permission = "themes.view_plan"
    template_name = "themes/plan_detail.html"
    context_object_name = "themes"

    def get_queryset(self) -> QuerySet[Theme]:
        return selectors.themes_with_counts()


class ThemeDetail(RequiresPermission, DetailView):
    """A theme: what it is about, its sub-themes, its objectives by level."""

    permission = "themes.view_plan"
    template_name = "themes/theme_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Theme]:
        return selectors.theme_page(self.kwargs["code"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = selectors.by_level(list(self.object.objectives.all()))
        return super().get_context_data(groups=groups, **kwargs)


class ObjectiveDetail(RequiresPermission, DetailView):
    """An objective: what it says, its steps, and the panels of the higher apps."""

    permission = "themes.view_plan"
    template_name = "themes/objective_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Objective]:
        return selectors.objective_page()
