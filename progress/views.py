"""How the plan stands: overview, lists, coverage, and the page of an indicator."""

from __future__ import annotations

from itertools import chain
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation.templatetags.jalon import period as period_name
from foundation.views import RequiresPermission
from indicators.models import Period
from organisations.enums import AreaKind
from organisations.models import Area, User

from . import explanations, presentation, rules, services, wording
from .enums import DataState
from .forms import AreaForm, IndicatorFilter, ObjectiveFilter, PeriodForm, period_choices
from .models import Shown
from .permissions import CLOSE_PERIODS, VIEW_PROVISIONAL
from .presentation import Choice, group_table, headline_urls, indicator_row, result_row
from .selectors import overview as plan
from .selectors.indicator import IndicatorPage
from .selectors.reviews import Calendar
from .selectors.revisions import totals_beside
from .selectors.statuses import area_results, status_tables
from .snapshots import Live, may_open, opened


class ReviewPage(RequiresPermission, TemplateView):
    """A page about a period under review: ``?period=``, the latest one without it."""

    permission = "progress.view_results"
    form_class: type[PeriodForm] = PeriodForm
    calendar_class: type[Calendar] = Calendar
    opens_snapshots = False
    source: Live
    period: Period | None

    def bound(self, calendar: Calendar) -> PeriodForm:
        return self.form_class(
            self.request.GET, choices=period_choices(calendar, self.source.snapshot)
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = request.GET.get("period", "")
        kept = opened(self.user, token) if self.opens_snapshots and "@" in token else None
        self.source = kept or Live(self.calendar_class.seen_by(self.user))
        calendar = self.source.calendar
        self.period = kept.snapshot.period if kept else calendar.chosen(token)
        if self.period is None:
            if token:
                raise Http404
            awaits = not self.user.access.may(VIEW_PROVISIONAL.name)
            return render(request, "progress/nothing_yet.html", {"awaits_closing": awaits})
        form = self.bound(calendar)
        if not form.is_valid():
            raise Http404
        context: dict[str, Any] = {
            "form": form,
            "calendar": calendar,
            "snapshot": self.source.snapshot,
            "period": self.period,
            "code": self.period.code,
            "token": self.token,
            "settled": _settled(self.period.code in calendar.closed),
            **self.about(calendar, self.period, form),
        }
        return self.render_to_response(self.get_context_data(**context))

    @property
    def token(self) -> str:
        """What addresses of this review say: the period, or a snapshot of it."""
        snapshot, period = self.source.snapshot, self.period
        return snapshot.token if snapshot else period.code if period else ""

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
    opens_snapshots = True
    form_class = IndicatorFilter

    def about(self, calendar: Calendar, period: Period, form: IndicatorFilter) -> dict[str, Any]:
        overview = self.source.overview(period)
        area_form, area = self.area_chosen()
        code, query = self.token, self.request.GET
        choice = Choice.of(code, query.get("nature", ""), query.get("sort", ""))
        dimensions = _("By dimension of the Framework Note (NCSI)")
        return {
            "overview": overview,
            "settled": overview.state,
            "clear_url": presentation.address("progress-overview", period=code),
            "sees_snapshots": may_open(self.user),
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
            "area_form": area_form,
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

    def area_chosen(self) -> tuple[AreaForm | None, Area | None]:
        """A snapshot keeps the nation's counts: there is nothing to choose."""
        if self.source.snapshot:
            return None, None
        form = AreaForm(self.request.GET)
        if not form.is_valid():
            raise Http404
        return form, form.cleaned_data["area"]

    def results_of(self, overview: plan.Overview, area: Area | None) -> list[Shown]:
        """What the reader may see of an area's results; the nation's stand in the overview."""
        if area is None or area.kind == AreaKind.NATION:
            return []
        found = area_results(overview, area)
        return rules.areas_in_view(self.user, found, totals_beside(found))


class ObjectiveStandings(ReviewPage):
    """The objectives with their two headlines, narrowed by what stands in the address."""

    template_name = "progress/objective_standings.html"
    opens_snapshots = True
    form_class = ObjectiveFilter

    def bound(self, calendar: Calendar) -> PeriodForm:
        assert self.period is not None  # noqa: S101 (looked up before)
        self.overview = self.source.overview(self.period)
        return ObjectiveFilter(
            self.request.GET,
            choices=period_choices(calendar, self.source.snapshot),
            overview=self.overview,
        )

    def about(self, calendar: Calendar, period: Period, form: ObjectiveFilter) -> dict[str, Any]:
        overview = self.overview
        rows = [
            (each, [indicator_row(one, self.token) for one in each.indicators])
            for each in overview.objectives
            if form.keeps(each)
        ]
        return {
            "rows": rows,
            "settled": overview.state,
            "total": len(overview.objectives),
            "clear_url": presentation.address("objective-standings", period=self.token),
        }


class IndicatorDetail(ReviewPage):
    """Why this status, and can I trust it?"""

    template_name = "progress/indicator_detail.html"
    opens_snapshots = True

    def about(self, calendar: Calendar, period: Period, form: PeriodForm) -> dict[str, Any]:
        code = self.kwargs["code"]
        page = self.source.indicator(period, code)
        if page is None:
            raise Http404
        return {
            "page": page,
            "settled": page.state,
            "version": page.version,
            "revised": page.result
            and presentation.revised_row(page.result, page.version, page.events),
            "sees_reasons": rules.sees_reasons(self.user, page.standing.indicator),
            "row": indicator_row(page.standing, self.token),
            "sentences": wording.sentences(page.result, page.version) if page.result else [],
            "chart": presentation.trend_chart(page),
            "history_charts": presentation.history_charts(page),
            "history": [(one, presentation.historical_value(one)) for one in page.history],
            "said": [
                presentation.said_row(one, page.version)
                for one in self.source.said(page, self.user)
            ],
            **_tables(page, self.user),
            **_computation(page),
            **explanations.beside(page, self.user),
        }


def _tables(page: IndicatorPage, user: User) -> dict[str, Any]:
    version, events = page.version, page.events
    seen = rules.areas_in_view(user, chain.from_iterable(page.areas.values()), page.parts)
    ids = {one.area_id for one in seen}
    return {
        "series": [
            result_row(period_name(one.period.code), one, version, events)
            for one in reversed(page.series)
        ],
        "areas": [
            (kind.label, [result_row(one.area.name, one, version, events) for one in in_view])
            for kind, results in page.areas.items()
            if (in_view := [one for one in results if one.area_id in ids])
        ],
        "options": [result_row(label, one, version, events) for label, one in page.options],
    }


def _computation(page: IndicatorPage) -> dict[str, Any]:
    result, version = page.result, page.version
    if result is None:
        return {}
    value = wording.value_text(result.value, version, result)
    judged = wording.judged_text(result, version)
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
