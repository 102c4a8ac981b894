"""The five-minute tour of the demonstration, and signing in as one of its roles.

Neither address exists outside demonstration mode; both answer this machine only.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from foundation.models import AuditEntry
from organisations import demo as people
from organisations.enums import Role
from organisations.models import User
from submissions.enums import Entrance, State
from submissions.models import Measurement, Submission, Transition

SEEN = "discovered_results"


class OnThisMachineOnly(View):
    """404 outside demonstration mode and for whoever is not on this machine."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO or not is_on_this_machine(request):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_X_FORWARDED_HOST")


def is_on_this_machine(request: HttpRequest) -> bool:
    """Whether the request comes from a loopback address, and no proxy brought it from elsewhere."""
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the tour: who does it, where, and whether it is done."""

    title: str | Promise
    text: str | Promise
    role: str
    url: str
    done: bool


class Discover(OnThisMachineOnly, TemplateView):
    """Five steps, ticked from what has really happened since the seeding."""

    template_name = "progress/discover.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = tour(seen=self.request.session.get(SEEN, False))
        return super().get_context_data(
            steps=[(step, people.account(step.role)) for step in steps],
            done=sum(step.done for step in steps),
            **kwargs,
        )


class DemoEnter(OnThisMachineOnly):
    """Sign in as a demonstration account: "Entrer comme …"."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = get_object_or_404(User, pk=pk, is_demo=True, is_active=True)
        seen = request.session.get(SEEN, False)
        login(request, user)
        request.session[SEEN] = seen
        target = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
        return redirect(target if safe else "home")


class DiscoverResults(OnThisMachineOnly):
    """Lead to the results, and tick that step."""

    def get(self, request: HttpRequest) -> HttpResponse:
        request.session[SEEN] = True
        return redirect("progress-overview")


def tour(*, seen: bool) -> list[Step]:
    """The steps for the first zone's open round."""
    submission = (
        Submission.objects.filter(reporter__slug=people.FIRST_ZONE, round__is_demo=True)
        .select_related("round__period", "reporter")
        .order_by("-round__period__last_day", "round__period__frequency")
        .first()
    )
    if submission is None:
        return []
    form = reverse("report", args=[submission.round.period.code, submission.reporter.slug])
    taken = AuditEntry.objects.filter(verb="data.exported").exists()
    return [
        Step(
            _("Enter"),
            _("Type the figures that are missing in the zone’s form and save them."),
            Role.REPORTER,
            form,
            Measurement.objects.filter(
                cell__expectation__submission=submission, entrance=Entrance.FORM
            ).exists(),
        ),
        Step(
            _("Attest"),
            _("Attest that the figures match the zone’s records, and send them."),
            Role.APPROVER,
            form,
            _reached(submission, State.SUBMITTED),
        ),
        Step(
            _("Validate"),
            _("Check the zone’s figures for the arrondissement and validate them."),
            Role.COORDINATOR,
            reverse("review", args=[submission.pk]),
            _reached(submission, State.VALIDATED),
        ),
        Step(
            _("See"),
            _("See the new totals, their coverage and their status."),
            Role.STEERING,
            reverse("discover-results"),
            seen,
        ),
        Step(
            _("Take away"),
            _("Take the validated figures and the results away in a workbook."),
            Role.EVALUATOR,
            reverse("data-download"),
            taken,
        ),
    ]


def _reached(submission: Submission, state: State) -> bool:
    return Transition.objects.filter(submission=submission, after=state).exists()


def entrances(ids: Sequence[int], _user: Any) -> dict[int, dict[str, Any]]:
    """The sign-in page's panel: the demonstration accounts with a sentence on each."""
    if not settings.DEMO:
        return {}
    found = [{"account": each, "sentence": people.sentence(each)} for each in people.accounts()]
    return {each: {"entrances": found} for each in ids}
