"""How the plan stands: overview, lists, coverage, and the page of an indicator."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation.templatetags.jalon import period as period_name
from foundation.views import RequiresPermission
from indicators.models import Indicator, Period
from organisations.enums import AreaKind
from organisations.models import Area, User

from . import presentation, rules, services, wording
from .forms import ObjectiveFilter, OverviewForm, PeriodForm
from .models import Result
from .presentation import Choice, group_table, headline_urls, indicator_row, result_row
from .selectors import overview as plan
from .selectors.indicator import IndicatorPage, indicator_page, said
from .selectors.reviews import Calendar
from .selectors.statuses import area_results, status_tables


class ReviewPage(RequiresPermission, TemplateView):
    """A page about a period under review: ``?period=``, the latest one without it."""

    permission = "progress.view_results"
    form_class: type[PeriodForm] = PeriodForm
    calendar_class: type[Calendar] = Calendar

    def bound(self, calendar: Calendar) -> PeriodForm:
        return self.form_class(self.request.GET, calendar=calendar)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        calendar = self.calendar_class.read()
        form = self.bound(calendar)
        if not form.is_valid():
            raise Http404
        period = calendar.chosen(form.cleaned_data["period"])
        if period is None:
            return render(request, "progress/nothing_yet.html")
        context = self.about(calendar, period, form)
        return self.render_to_response(
            self.get_context_data(
                form=form, calendar=calendar, period=period, code=period.code, **context
            )
        )

    def about(self, calendar: Calendar, period: Period, form: Any) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def user(self) -> User:
        """Who reads; the permission asks for somebody signed in."""
        return cast("User", self.request.user)


class ProgressOverview(ReviewPage):
    """How does the plan stand, and what needs us?"""

    template_name = "progress/overview.html"
    form_class = OverviewForm

    def about(self, calendar: Calendar, period: Period, form: OverviewForm) -> dict[str, Any]:
        overview = plan.overview(calendar, period)
        area = form.cleaned_data["area"]
        code, query = period.code, self.request.GET
        choice = Choice.of(code, query.get("nature", ""), query.get("sort", ""))
        dimensions = _("By dimension of the Framework Note (NCSI)")
        return {
            "overview": overview,
            "results_urls": headline_urls("results", code),
            "efforts_urls": headline_urls("efforts", code),
            "choice": choice,
            "natures": [
                (nature, choice.url(nature=nature, sort="") + "#groups")
                for nature in presentation.NATURES
            ],
            "tables": [
                group_table("theme", _("By theme"), overview.by_theme(), choice),
                group_table("level", _("By level"), overview.by_level(), choice),
                group_table("dimension", dimensions, overview.by_dimension(), choice),
            ],
            "area": area,
            "status_tables": status_tables(overview, area, self.results_of(overview, area)),
            "attention": [
                indicator_row(each, code) for each in plan.weakest_first(overview.indicators)
            ],
            "changes": [
                (indicator_row(change.before, code), indicator_row(change.now, code))
                for change in overview.changes
            ],
            "rows": [indicator_row(each, code) for each in overview.indicators if form.keeps(each)],
            "status_urls": {
                status.value: presentation.address("progress-overview", period=code, status=status)
                + "#indicators"
                for status in overview.statuses
            },
        }

    def results_of(self, overview: plan.Overview, area: Area | None) -> list[Result]:
        """What the reader may see of an area's results; the nation's stand in the overview."""
        if area is None or area.kind == AreaKind.NATION:
            return []
        return rules.areas_in_view(cast(User, self.request.user), area_results(overview, area))


class ObjectiveStandings(ReviewPage):
    """The objectives with their two headlines, narrowed by what stands in the address."""

    template_name = "progress/objective_standings.html"
    form_class = ObjectiveFilter

    def about(self, calendar: Calendar, period: Period, form: ObjectiveFilter) -> dict[str, Any]:
        overview = plan.overview(calendar, period)
        rows = [
            (each, [indicator_row(one, period.code) for one in each.indicators])
            for each in overview.objectives
            if form.keeps(each, overview.dimensions)
        ]
        return {"rows": rows, "total": len(overview.objectives), "clear_url": self.request.path}


class IndicatorDetail(ReviewPage):
    """Why this status, and can I trust it?"""

    template_name = "progress/indicator_detail.html"

    def about(self, calendar: Calendar, period: Period, form: PeriodForm) -> dict[str, Any]:
        code = self.kwargs["code"]
        get_object_or_404(Indicator, code=code)
        page = indicator_page(calendar, period, code)
        if page is None:
            raise Http404
        return {
            "page": page,
            "version": page.version,
            "row": indicator_row(page.standing, period.code),
            "sentences": wording.sentences(page.result, page.version) if page.result else [],
            "chart": presentation.trend_chart(page),
            "history_charts": presentation.history_charts(page),
            "history": [(one, presentation.historical_value(one)) for one in page.history],
            "said": [presentation.said_row(one, page.version) for one in said(page, self.user)],
            **_tables(page, self.user),
            **_computation(page),
        }


def _tables(page: IndicatorPage, user: User) -> dict[str, Any]:
    version = page.version
    return {
        "series": [
            result_row(period_name(one.period.code), one, version) for one in reversed(page.series)
        ],
        "areas": [
            (kind.label, [result_row(one.area.name, one, version) for one in in_view])
            for kind, results in page.areas.items()
            if (in_view := rules.areas_in_view(user, results))
        ],
        "options": [result_row(label, one, version) for label, one in page.options],
    }


def _computation(page: IndicatorPage) -> dict[str, Any]:
    result, version = page.result, page.version
    if result is None:
        return {}
    value = wording.value_text(result.value, version)
    judged = wording.value_text(result.judged_value, version)
    return {
        "formula": wording.formula(version, result.numerator, result.denominator, value),
        "judged_formula": wording.formula(
            version, result.judged_numerator, result.judged_denominator, judged
        )
        if result.window_periods > 1
        else "",
    }


class Recompute(RequiresPermission, View):
    """Have every result recomputed."""

    permission = "foundation.view_state"

    def post(self, request: HttpRequest) -> HttpResponse:
        services.start_recomputation(actor=cast(User, request.user))
        messages.success(request, _("All results are being recomputed."))
        return redirect("state")
