"""What is due in one's units, or to control; and the deadlines as a calendar."""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation.views import RequiresPermission
from submissions import rules, selectors, services
from submissions.calendars import calendar_of
from submissions.models import CalendarFeed
from submissions.permissions import CONTROL, ENTER
from submissions.work import MOST, control_of, work_of

from .pages import SignedIn


class FollowsRounds(SignedIn, RequiresPermission):
    """For who reports, and for who controls."""

    permission = ENTER.name

    def test_func(self) -> bool:
        return rules.may_follow_rounds(self.user)


class Work(FollowsRounds, TemplateView):
    """What is due in my units, what came back and what has gone; or what there is to control."""

    template_name = "submissions/work.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        most = None if "all" in self.request.GET else MOST
        work = work_of(self.user, now, most=most) if self.user.access.may(ENTER.name) else None
        control = control_of(self.user, now) if self.user.access.may(CONTROL.name) else None
        idle = work is not None and work.is_idle
        return super().get_context_data(
            work=work,
            left_out=selectors.work_of(self.user, now).count() - len(work.lines) if work else 0,
            control=control,
            manages=rules.may_manage_rounds(self.user),
            now=now,
            planned=selectors.next_round() if idle else None,
            feed=self.feed(),
            **kwargs,
        )

    def feed(self) -> dict[str, Any]:
        """The number of the user's calendar address (0: none yet), and the address."""
        feed = CalendarFeed.objects.filter(user=self.user).first()
        if feed is None:
            return {"number": 0, "address": ""}
        path = reverse("calendar", args=[selectors.calendar_token(feed)])
        address = self.request.build_absolute_uri(path) if feed.is_on else ""
        return {"number": feed.number, "address": address, "made_at": feed.made_at}


class CalendarAddress(FollowsRounds, View):
    """Make, renew or take away the address of one's deadlines."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("action") == "stop":
            services.stop_calendar(actor=self.user)
            messages.success(request, _("The calendar address no longer works."))
        else:
            seen = request.POST.get("number", "")
            number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
            services.renew_calendar(actor=self.user, seen=number)
            messages.success(
                request, _("Here is your calendar address. Any earlier one no longer works.")
            )
        return redirect(f"{reverse('work')}#calendar")


class Calendar(View):
    """The deadlines of whoever's secret address this is; calendar programs have no session."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if not self.is_in_time(request, token):
            return HttpResponse(status=429, headers={"Retry-After": "300"})
        user = selectors.user_of_calendar(token)
        if user is None:
            raise Http404
        language = user.reading_language
        with translation.override(language):
            body = calendar_of(user, language, request.build_absolute_uri)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'inline; filename="jalon.ics"',
        }
        return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)

    def is_in_time(self, request: HttpRequest, token: str) -> bool:
        """Whether the one throttle (docs/adr/0007) lets this pass; by itself it counts no GET."""
        return bool(
            ratelimit.consume(
                request, app="allauth.account", action="calendar", key=token, limit_get=True
            )
        )
