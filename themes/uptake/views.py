"""Pages of the uptake of the plan, and of zonal plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, TemplateView

from foundation import kept
from foundation.numbers import counted
from foundation.spreadsheets import csv_pieces
from foundation.views import RequiresPermission
from organisations.forms import add_errors
from organisations.models import Unit, User
from plans.models import Plan
from themes.models import Objective, ZonalPlan
from themes.permissions import VIEW_PLAN

from . import forms, rules, selectors, services


class UptakePage(RequiresPermission):
    permission = VIEW_PLAN.name

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


class UptakeOverview(UptakePage, TemplateView):
    """How many zones say what of each objective, by theme and by province."""

    template_name = "themes/uptake_overview.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.filter = forms.UptakeFilter(request.GET)
        if request.GET.get("format") == "csv":
            return self.download()
        return super().get(request, *args, **kwargs)

    def lines(self) -> list[selectors.Line]:
        terms = self.filter.terms()
        objectives = Objective.objects.all()
        if theme := terms.get("theme"):
            objectives = objectives.filter(theme=theme) | objectives.filter(theme__parent=theme)
        if level := terms.get("level"):
            objectives = objectives.filter(level=level)
        return selectors.by_objective(objectives, terms.get("province"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = self.lines()
        return super().get_context_data(
            filter=self.filter,
            headings=selectors.headings(),
            lines=lines,
            themes=selectors.by_theme(lines),
            provinces=selectors.by_province(line.subject for line in lines),
            query=self.request.GET.urlencode(),
            **kwargs,
        )

    def download(self) -> HttpResponseBase:
        headings = [_("Theme"), _("Objective"), _("Title"), *selectors.headings(), _("Zones")]
        pieces = csv_pieces(headings, self._rows(), _("INCOMPLETE: the export stopped here."))
        response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="jalon-uptake.csv"'
        return response

    def _rows(self) -> Iterator[list[Any]]:
        for line in self.lines():
            objective = line.subject
            counts = [count for _label, count in line.columns]
            yield [objective.theme.code, objective.code, objective.title, *counts, line.expected]


class ObjectiveUptake(UptakePage, DetailView):
    """What zones say of one objective: counts, the map of zones, their wordings."""

    template_name = "themes/uptake_objective.html"
    slug_field = slug_url_kwarg = "code"
    queryset = Objective.objects.select_related("theme")
    context_object_name = "objective"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        objective = self.object
        (line,) = selectors.by_objective(Objective.objects.filter(pk=objective.pk))
        return super().get_context_data(
            headings=selectors.headings(),
            line=line,
            provinces=selectors.by_province([objective]),
            map=selectors.uptake_map(objective, self.user),
            words=selectors.words_of(objective, self.user),
            **kwargs,
        )


class ZonalPlanList(UptakePage, TemplateView):
    """How far the zonal plans are that the user sees; one's own where there is only one."""

    template_name = "themes/zonal_plan_list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visible = rules.zones_by_name(self.user).filter(pk__in=selectors.zones().values("pk"))
        self.states = selectors.states(
            visible.select_related("arrondissement").order_by("arrondissement__number", "slug"),
            self.user,
        )
        if len(self.states) == 1:
            return redirect("zonal-plan-detail", self.states[0].zone.slug)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(states=self.states, **kwargs)


class ZonePage(UptakePage, View):
    """A page about the plan of a zone that the user sees by name; 404 for any other."""

    @cached_property
    def zone(self) -> Unit:
        return get_object_or_404(rules.zones_by_name(self.user), slug=self.kwargs["slug"])

    @cached_property
    def zonal_plan(self) -> ZonalPlan | None:
        return (
            ZonalPlan.objects.filter(zone=self.zone).prefetch_related("uptakes__objective").first()
        )


class ZonalPlanDetail(ZonePage):
    """What a zone takes up, theme by theme."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = forms.StancesForm(self.zonal_plan, {})
        context = {
            "zone": self.zone,
            "zonal_plan": self.zonal_plan,
            "form": form,
            "may_keep": rules.may_keep(self.user, self.zone),
        }
        return render(request, "themes/zonal_plan_detail.html", context)


class ZonalPlanChange(ZonePage):
    """Where a zone says what it takes up. What was typed stays, whatever happens."""

    @cached_property
    def zone(self) -> Unit:
        zone = get_object_or_404(rules.zones_by_name(self.user), slug=self.kwargs["slug"])
        if not rules.may_keep(self.user, zone):
            raise PermissionDenied
        return zone

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        zone = self.zone
        if typed := self.typed():
            return self._page(
                forms.CoverForm(typed),
                self._stances(typed),
                version=counted(typed.get("version", "")),
                restored=typed,
            )
        found = self.zonal_plan
        names = ("label", "council_on", "approved_on")
        initial = {name: getattr(found, name) for name in names} if found else {}
        before = selectors.said_by_predecessors(zone)
        return self._page(
            forms.CoverForm(initial=initial),
            forms.StancesForm(found, before),
            version=found.version if found else 0,
        )

    def _stances(self, posted: Any) -> forms.StancesForm:
        before = selectors.said_by_predecessors(self.zone)
        return forms.StancesForm(self.zonal_plan, before, posted)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        zone = self.zone
        cover, stances = forms.CoverForm(request.POST), self._stances(request.POST)
        if theme := request.POST.get("fill", ""):
            stances.fill(theme, request.POST.get(f"fill-{theme}", ""))
            return self._page(cover, stances, filled=True)
        if not all([cover.is_valid(), stances.is_valid()]):
            return self._page(cover, stances, status=422)
        try:
            services.save_zonal_plan(
                actor=self.user,
                zone=zone,
                plan=Plan.objects.get(),
                version=self.version,
                cover=cover.cover(),
                said=stances.said(),
            )
        except services.ChangedMeanwhile as conflict:
            return self._conflict(cover, stances, conflict.zonal_plan)
        except ValidationError as error:
            add_errors(cover, error)
            return self._page(cover, stances, status=422)
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("The zonal plan is saved."))
        return redirect("zonal-plan-detail", zone.slug)

    @property
    def version(self) -> int:
        return counted(self.request.POST.get("version", ""))

    def _conflict(
        self, cover: forms.CoverForm, stances: forms.StancesForm, current: ZonalPlan
    ) -> HttpResponse:
        """What was typed beside what is kept by now, where the two differ."""
        now = forms.StancesForm(current, {})
        pairs = [
            (mine, theirs)
            for mine, theirs in zip(stances.rows, now.rows, strict=True)
            if (mine.stance, mine.text) != (theirs.stance, theirs.text)
        ]
        return self._page(cover, stances, version=current.version, conflicts=pairs, status=409)

    def _page(
        self,
        cover: forms.CoverForm,
        stances: forms.StancesForm,
        *,
        version: int | None = None,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        context |= {
            "zone": self.zone,
            "zonal_plan": self.zonal_plan,
            "cover": cover,
            "form": stances,
            "version": self.version if version is None else version,
            "is_draft": status == 200,
        }
        return render(self.request, "themes/zonal_plan_form.html", context, status=status)
