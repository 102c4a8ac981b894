"""The pages on which the secretariat closes periods, reopens them and takes snapshots."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from foundation import kept
from foundation.templatetags.jalon import period as period_name
from foundation.views import RequiresPermission
from indicators.models import Period
from organisations.models import User

from .closing import (
    AlreadyClosed,
    NotClosable,
    NotClosed,
    Undecided,
    close_period,
    reopen_period,
)
from .forms import ReopenForm, SnapshotForm, period_choices
from .models import Closing, Snapshot
from .permissions import CLOSE_PERIODS, TAKE_SNAPSHOTS, VIEW_PROVISIONAL
from .selectors.closings import Stand, preview, stand_of, stands
from .selectors.overview import reporting
from .selectors.reviews import Calendar
from .snapshots import take_snapshot


class PeriodsPage(RequiresPermission):
    permission = CLOSE_PERIODS.name

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


class PeriodList(PeriodsPage, TemplateView):
    """Every period that was collected: closed, ready to be closed, or what hinders it."""

    template_name = "progress/period_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(stands=stands(timezone.now()), **kwargs)


class SnapshotList(PeriodsPage, View):
    """The snapshots there are; the secretariat takes another."""

    permission = VIEW_PROVISIONAL.name
    per_page = 20

    def get(self, request: HttpRequest) -> HttpResponse:
        typed = self.typed()
        form = self.form(initial=typed.dict()) if self.may_take else None
        return self.show(form, restored=typed)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.may_take:
            raise PermissionDenied
        form = self.form(request.POST)
        period = self.calendar.chosen(form.cleaned_data["period"]) if form.is_valid() else None
        if period is None:
            return self.show(form)
        try:
            take_snapshot(actor=self.user, period=period, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error("reason", error.message_dict["reason"])
            return self.show(form)
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("The snapshot is taken."))
        return redirect("snapshot-list")

    @property
    def may_take(self) -> bool:
        return self.user.access.everywhere(TAKE_SNAPSHOTS.name)

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar.seen_by(self.user)

    def form(self, data: Any = None, **said: Any) -> SnapshotForm:
        return SnapshotForm(data, choices=period_choices(self.calendar), **said)

    def show(self, form: SnapshotForm | None, restored: Any = None) -> HttpResponse:
        found = Snapshot.objects.select_related("period", "taken_by").defer("contents")
        page = Paginator(found, self.per_page).get_page(self.request.GET.get("page"))
        context = {"form": form, "restored": restored, "page_obj": page}
        return render(self.request, "progress/snapshot_list.html", context)


class OnePeriod(PeriodsPage, View):
    """Pages about a period whose round was opened; 404 for any other."""

    kwargs: dict[str, Any]

    @cached_property
    def period(self) -> Period:
        opened = Period.objects.filter(round__frozen_at__isnull=False)
        return get_object_or_404(opened, code=self.kwargs["code"])

    def back(self) -> HttpResponse:
        return redirect("period-list")


class PeriodClose(OnePeriod):
    """What would be frozen and what speaks against it, then the closing."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        if Closing.objects.in_force().filter(period=self.period).exists():
            return self.already()
        return self.show(stand_of(self.period, timezone.now()))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        seen = request.POST.get("undecided", "")
        undecided = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else 0
        try:
            close_period(actor=self.user, period=self.period, undecided=undecided)
        except AlreadyClosed:
            return self.already()
        except (NotClosable, Undecided) as refusal:
            messages.error(request, _("Nothing was closed: look at what has changed."))
            return self.show(refusal.stand)
        text = _("%(period)s is closed: its figures are final.")
        messages.success(request, text % {"period": period_name(self.period.code)})
        return self.back()

    def already(self) -> HttpResponse:
        text = _("%(period)s is closed already.") % {"period": period_name(self.period.code)}
        messages.info(self.request, text)
        return self.back()

    def show(self, stand: Stand) -> HttpResponse:
        context = {
            "stand": stand,
            "period": self.period,
            "preview": preview(self.period),
            "reporting": reporting(self.period),
            "back_url": reverse("period-list"),
        }
        return render(self.request, "progress/period_close.html", context)


class PeriodReopen(OnePeriod):
    """Ask why, then make the figures of a closed period provisional again."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        typed = self.typed()
        return self.show(ReopenForm(initial=typed.dict()), restored=typed)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        form = ReopenForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            reopen_period(actor=self.user, period=self.period, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error("reason", error.message_dict["reason"])
            return self.show(form)
        except NotClosed:
            return self.not_closed()
        kept.drop(self.user.pk, request.path)
        text = _("%(period)s is reopened: its figures are provisional.")
        messages.success(request, text % {"period": period_name(self.period.code)})
        return self.back()

    def not_closed(self) -> HttpResponse:
        text = _("%(period)s is not closed.") % {"period": period_name(self.period.code)}
        messages.info(self.request, text)
        return self.back()

    def show(self, form: ReopenForm, restored: Any = None) -> HttpResponse:
        closings = Closing.objects.in_force().select_related("closed_by")
        closing = closings.filter(period=self.period).first()
        if closing is None:
            return self.not_closed()
        context = {
            "form": form,
            "restored": restored,
            "closing": closing,
            "period": self.period,
            "back_url": reverse("period-list"),
        }
        return render(self.request, "progress/period_reopen.html", context)
