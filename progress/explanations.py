"""The page and the JSON that say how a figure was computed."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, cast

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from foundation import canonical
from foundation.views import RequiresPermission
from indicators.calculation.signals import is_unstable
from indicators.definitions import definition_of
from indicators.models import Indicator, NotApplicableReason
from organisations.enums import AreaKind
from organisations.models import Unit, User
from submissions.models import Measurement
from submissions.wording import reason_among

from . import rules
from .explained import Explanation, Seen
from .explaining import compared, explain
from .inputs import Inputs, inputs_of
from .models import FrozenResult, Shown
from .presentation import address, explanation_url
from .selectors.indicator import IndicatorPage
from .selectors.reviews import Calendar
from .selectors.revisions import shown, totals_beside
from .signal_chart import signal_view


class ExplanationPage(RequiresPermission, TemplateView):
    """``?period=&area=&option=``: the nation's total in the latest period unless they say other.

    ``&revised=1``: of a closed period, what the latest figures give beside the frozen one. A figure
    that does not exist and one that the reader may not see are the same 404.
    """

    permission = "progress.view_results"
    template_name = "progress/explanation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        explanation, inputs = self.explained()
        code, outcome = explanation.indicator.code, inputs.outcome
        is_revision = explanation.is_revision
        return super().get_context_data(
            explanation=explanation,
            version=inputs.version,
            indicator_url=address("indicator-detail", code),
            json_url=explanation_url(outcome, code, "explanation-json", is_revision=is_revision),
            other_url=explanation_url(outcome, code, is_revision=not is_revision),
            **kwargs,
        )

    def explained(self) -> tuple[Explanation, Inputs]:
        outcome = self.outcome()
        inputs = inputs_of(outcome)
        if inputs is None:
            raise Http404
        is_revision = bool(self.request.GET.get("revised"))
        return explain(inputs, self.seen(inputs), is_revision=is_revision), inputs

    def outcome(self) -> Shown:
        indicator = get_object_or_404(Indicator, code=self.kwargs["code"])
        chosen = {name: self.request.GET.get(name, "") for name in ("period", "area", "option")}
        area = {"area__code": chosen["area"]} if chosen["area"] else {"area__kind": AreaKind.NATION}
        codes = [each.code for each in self.calendar.periods]
        if chosen["period"]:
            codes = [code for code in codes if code == chosen["period"]]
        found = {
            each.period.code: each
            for each in shown(
                indicator=indicator, period__code__in=codes, option=chosen["option"], **area
            )
        }
        outcome = next((found[code] for code in codes if code in found), None)
        if outcome is None or not self.may_see(outcome):
            raise Http404
        if not self.request.GET.get("revised"):
            return outcome
        if outcome.revised is None or not self.may_see(outcome.revised):
            raise Http404
        return outcome.revised

    def may_see(self, outcome: Shown) -> bool:
        if outcome.area.kind == AreaKind.NATION:
            return True
        return bool(rules.areas_in_view(self.user, [outcome], totals_beside([outcome])))

    def seen(self, inputs: Inputs) -> Seen:
        """The names of the units that the reader may see; of a restricted indicator none."""
        if inputs.outcome.indicator.is_restricted:
            return Seen({}, {})
        periods = [*inputs.year, inputs.now]
        slugs = {slug for each in periods for slug in each.slugs.values()}
        codes = {each.period.code for each in [*periods, *([inputs.then] if inputs.then else [])]}
        # Beside what was frozen the Council sees no unit's later figure.
        is_frozen = isinstance(inputs.outcome, FrozenResult)
        closed = self.calendar.closed if is_frozen else frozenset[str]()
        whole = _whole(self.user, inputs.outcome.indicator, codes, closed)
        visible = rules.units_with_figures(self.user)
        known = Unit.objects.filter(Q() if whole else visible, slug__in=slugs)
        names = {each.slug: each.label for each in known}
        return Seen(
            names,
            self.reasons(inputs, [each.period.pk for each in periods]),
            whole=whole,
            own=[] if whole else names,
        )

    def reasons(self, inputs: Inputs, periods: list[int]) -> dict[tuple[str, str, int], str]:
        """Why a figure is not applicable or not available: two queries.

        In the words of the definition's reason, or those of the unit. Only lines of units that the
        reader may see show theirs.
        """
        given = NotApplicableReason.objects.filter(version__indicator=inputs.outcome.indicator_id)
        words = {(each.version_id, each.code): each.text for each in given}
        on = "cell__expectation__"
        rows = (
            Measurement.objects.filter(
                cell__option=inputs.option,
                cell__expectation__version__indicator=inputs.outcome.indicator_id,
                cell__expectation__period__in=periods,
            )
            .exclude(reason="")
            .values_list(
                f"{on}subject__unit__slug",
                f"{on}period__code",
                "revision",
                f"{on}version",
                "status",
                "reason",
            )
        )
        return {
            (slug, code, revision): reason_among(words, version, status, reason)
            for slug, code, revision, version, status, reason in rows
        }

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar.seen_by(self.user)

    @cached_property
    def user(self) -> User:
        """Who reads; the permission asks for somebody signed in."""
        return cast("User", self.request.user)


def beside(page: IndicatorPage, user: User) -> dict[str, Any]:
    """What the page of an indicator says of its figure beside the status."""
    result, version = page.result, page.version
    if result is None:
        return {"signal": signal_view(page)}
    codes = {result.period.code, *([page.change.period.code] if page.change else [])}
    return {
        "signal": signal_view(page),
        "compared": compared(
            page.change,
            version,
            whole=_whole(user, page.standing.indicator, codes, page.calendar.closed),
            now=result,
        ),
        "is_unstable": is_unstable(definition_of(version), result.judged_aggregate),
    }


def _whole(
    user: User, indicator: Indicator, codes: Iterable[str], closed: Container[str]
) -> frozenset[str]:
    """Of these periods, those of which ``user`` sees every unit's figures."""
    return frozenset(
        code for code in codes if rules.sees_every_unit(user, indicator, is_closed=code in closed)
    )


class ExplanationJson(ExplanationPage):
    """The same, as JSON: fractions are "n/d" beside the text that the page shows."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        explanation, _inputs = self.explained()
        return JsonResponse(canonical.plain(explanation), json_dumps_params={"ensure_ascii": False})
