"""How the plan stands: overview, lists, coverage, and the page of an indicator."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from foundation.templatetags.jalon import period as period_name
from foundation.views import RequiresPermission
from indicators.models import Indicator, Period
from organisations.models import User

from . import presentation, rules, wording
from .enums import DataState
from .forms import IndicatorFilter, ObjectiveFilter, PeriodForm
from .permissions import CLOSE_PERIODS, VIEW_PROVISIONAL
from .presentation import Choice, group_table, headline_urls, indicator_row, result_row
from .selectors import overview as plan
from .selectors.indicator import IndicatorPage, indicator_page, said
from .selectors.reviews import Calendar


class ReviewPage(RequiresPermission, TemplateView):
    """A page about a period under review: ``?period=``, the latest one without it."""

    permission = "progress.view_results"
    form_class: type[PeriodForm] = PeriodForm
    calendar_class: type[Calendar] = Calendar

    def bound(self, calendar: Calendar) -> PeriodForm:
        return self.form_class(self.request.GET, calendar=calendar)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        calendar = self.calendar_class.seen_by(self.user)
        form = self.bound(calendar)
        if not form.is_valid():
            raise Http404
        period = calendar.chosen(form.cleaned_data["period"])
        if period is None:
            awaits = not self.user.access.may(VIEW_PROVISIONAL.name)
            return render(request, "progress/nothing_yet.html", {"awaits_closing": awaits})
        context: dict[str, Any] = {
            "form": form,
            "calendar": calendar,
            "period": period,
            "code": period.code,
            "state": _settled(period.code in calendar.closed),
            **self.about(calendar, period, form),
        }
        return self.render_to_response(self.get_context_data(**context))

    def about(self, calendar: Calendar, period: Period, form: Any) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def user(self) -> User:
        """Who reads; the permission asks for somebody signed in."""
        return cast("User", self.request.user)


def _settled(is_closed: bool) -> DataState:
    return DataState.FINAL if is_closed else DataState.PROVISIONAL


class ProgressOverview(ReviewPage):
    """How does the plan stand, and what needs us?"""

    template_name = "progress/overview.html"
    form_class = IndicatorFilter

    def about(self, calendar: Calendar, period: Period, form: IndicatorFilter) -> dict[str, Any]:
        overview = plan.overview(calendar, period)
        code, query = period.code, self.request.GET
        choice = Choice.of(code, query.get("nature", ""), query.get("sort", ""))
        dimensions = _("By dimension of the Framework Note (NCSI)")
        return {
            "overview": overview,
            "state": overview.state,
            "may_close": self.user.access.everywhere(CLOSE_PERIODS.name),
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
        return {
            "rows": rows,
            "state": overview.state,
            "total": len(overview.objectives),
            "clear_url": self.request.path,
        }


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
            "state": page.state,
            "version": page.version,
            "revised": page.result
            and presentation.revised_row(page.result, page.version, page.events),
            "sees_reasons": rules.sees_reasons(self.user, page.standing.indicator),
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
    version, events = page.version, page.events
    return {
        "series": [
            result_row(period_name(one.period.code), one, version, events)
            for one in reversed(page.series)
        ],
        "areas": [
            (kind.label, [result_row(one.area.name, one, version, events) for one in in_view])
            for kind, results in page.areas.items()
            if (in_view := rules.areas_in_view(user, results))
        ],
        "options": [result_row(label, one, version, events) for label, one in page.options],
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
