"""Rounds as the secretariat plans and follows them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import TemplateView

from foundation import kept
from foundation.services import AlreadyDone, OtherContent, claim
from foundation.templatetags.jalon import period
from foundation.views import RequiresPermission
from indicators import periods
from submissions import presenters, selectors, services
from submissions.dates import day_of
from submissions.enums import RoundState, State
from submissions.forms import DatesForm, TimingForm
from submissions.models import Round, RoundTiming
from submissions.permissions import MANAGE_ROUNDS
from submissions.services import Planned

from .pages import TOKEN, SignedIn, fingerprint


class RoundsPage(SignedIn, RequiresPermission):
    permission = MANAGE_ROUNDS.name


def add_errors(form: BaseForm, error: ValidationError) -> None:
    """Put a service's errors at the fields they are about, the others above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, found in error.message_dict.items():
        form.add_error(field if field in form.fields else None, found)


class RoundList(RoundsPage, TemplateView):
    """Every round with its dates and how far it is, and who asks for more time."""

    template_name = "submissions/round_list.html"
    per_page = 20

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        page = Paginator(selectors.rounds(), self.per_page).get_page(self.request.GET.get("page"))
        lines = [(each, each.state(now)) for each in page.object_list]
        moving = [each for each, state in lines if state != RoundState.LOCKED]
        return super().get_context_data(
            page_obj=page,
            lines=lines,
            moments=[moment for each in moving for moment in (each.opens_at, each.locks_at)],
            requests=selectors.open_requests(),
            extensions=selectors.extensions_in_force(now),
            now=now,
            **kwargs,
        )


class OneRound(RoundsPage):
    """Pages about the round of a period; 404 where there is none."""

    kwargs: dict[str, Any]

    @cached_property
    def round(self) -> Round:
        rounds = Round.objects.select_related("period")
        return get_object_or_404(rounds, period__code=self.kwargs["code"])

    def opened(self, request: HttpRequest) -> HttpResponse:
        text = _("%(period)s has opened: its dates stand. Give more time to a unit instead.")
        messages.error(request, text % {"period": period(self.round.period.code)})
        return redirect("round-detail", self.round.period.code)


class RoundDetail(OneRound, TemplateView):
    """A round with the units that it asks, and how far each is."""

    template_name = "submissions/round_detail.html"
    per_page = 60
    shows = ("all", "missing", "extended")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, asked = timezone.now(), self.request.GET
        shown = asked.get("show", "") if asked.get("show", "") in self.shows else self.shows[0]
        rows = selectors.submissions_of(self.round)
        if shown == "missing":
            rows = rows.filter(state__in=State.editable())
        if shown == "extended":
            in_force = selectors.extensions_in_force(now).filter(submission__round=self.round)
            rows = rows.filter(pk__in=in_force.order_by().values("submission"))
        page = Paginator(rows, self.per_page).get_page(asked.get("page"))
        state = self.round.state(now)
        return super().get_context_data(
            round=self.round,
            counted=get_object_or_404(selectors.rounds(), pk=self.round.pk),
            state=state,
            may_change=self.round.frozen_at is None and self.round.opens_at > now,
            page_obj=page,
            lines=[presenters.Standing.of(each, now) for each in page.object_list],
            shown=shown,
            shows=self.shows,
            now=now,
            **kwargs,
        )


class RoundPlan(RoundsPage, View):
    """Plan the rounds of a period's end: what they would ask, by when, and what is odd."""

    def get(self, request: HttpRequest) -> HttpResponse:
        typed = self.typed()
        end = self.chosen(request.GET.get("end") or typed.get("end", ""))
        if typed.get("end") != end:
            return self.show(end)
        forms = self.forms(selectors.preview(periods.last_day(end)), typed)
        return self.show(end, forms, restored=typed)

    def post(self, request: HttpRequest) -> HttpResponse:
        end = self.chosen(request.POST.get("end", ""))
        found = selectors.preview(periods.last_day(end))
        forms = self.forms(found, request.POST)
        if not all(form.is_valid() for form in forms.values()):
            return self.show(end, forms)
        wants = request.POST.get("action") == "plan"
        try:
            answer = self.plan(end, forms) if wants else self.keep(end, forms)
        except AlreadyDone as done:
            return redirect(done.location)
        except OtherContent:
            text = _(
                "This page was sent before, with something else. Look at it, then send it again."
            )
            return self.refuse(end, text)
        except services.RoundExists as refusal:
            return self.refuse(end, existing_text(refusal.codes))
        kept.drop(self.user.pk, request.path)
        return redirect(answer)

    def keep(self, end: str, forms: dict[str, TimingForm]) -> str:
        """Keep the days that were typed, for these rounds and for the next ones."""
        if self.kept(forms):
            messages.success(self.request, _("The days are kept, here and for the next rounds."))
        return self.address(end)

    @transaction.atomic
    def kept(self, forms: dict[str, TimingForm]) -> bool:
        changed = [
            services.keep_timing(actor=self.user, frequency=frequency, **form.cleaned_data)
            for frequency, form in forms.items()
        ]
        return any(changed)

    @transaction.atomic
    def plan(self, end: str, forms: dict[str, TimingForm]) -> str:
        """Make the rounds whose dates were shown, all or none; other dates are shown first."""
        posted = self.request.POST
        token = posted.get(TOKEN, "")[:64] or secrets.token_urlsafe(24)
        claimed = claim(actor=self.user, key=token, content=fingerprint(posted))
        self.kept(forms)
        wanted = _planned(end, posted.getlist("code"))
        if seen_dates(wanted) != posted.get("seen"):
            messages.info(self.request, _("The dates have changed. Look at them, then plan."))
            location = self.address(end)
        else:
            made = services.plan_rounds(actor=self.user, planned=wanted)
            messages.success(self.request, planned_text(len(made)))
            location = reverse("round-list")
        claimed.location = location
        claimed.save(update_fields=["location"])
        return location

    # Pages

    def refuse(self, end: str, refusal: str) -> HttpResponse:
        """Nothing was done: the page as it is now, with the days that were typed."""
        posted = self.request.POST
        found = selectors.preview(periods.last_day(end))
        without_form = (each for each in found.rounds if each.existing)
        said = (days_text(each.code, self.form_of(each, posted)) for each in without_form)
        written = "; ".join(filter(None, said))
        return self.show(end, self.forms(found, posted), refusal=refusal, written=written)

    def chosen(self, end: str) -> str:
        """The period whose end was chosen; the next one where none was, or no such period."""
        today = timezone.localdate()
        try:
            known = periods.last_day(end).year in range(2000, 2100)
        except (ValueError, OverflowError):
            known = False
        return end if known else selectors.next_end(today)

    def address(self, end: str) -> str:
        return f"{reverse('round-plan')}?end={end}"

    def forms(self, found: selectors.Preview, posted: Any = None) -> dict[str, TimingForm]:
        """One form per round to plan, by frequency."""
        return {each.timing.frequency: self.form_of(each, posted) for each in found.to_plan}

    def form_of(self, each: selectors.RoundPreview, posted: Any = None) -> TimingForm:
        return TimingForm(
            posted,
            prefix=each.timing.frequency,
            initial={
                "opens_after": each.timing.opens_after,
                "due_after": each.timing.due_after,
                "grace": each.timing.grace,
            },
        )

    def show(
        self,
        end: str,
        forms: dict[str, TimingForm] | None = None,
        *,
        refusal: str = "",
        written: str = "",
        restored: Any = None,
    ) -> HttpResponse:
        found = selectors.preview(periods.last_day(end))
        forms = forms or self.forms(found)
        choices = selectors.ends_to_plan(timezone.localdate())
        context = {
            "end": end,
            "page_url": self.address(end),
            "ends": choices if end in choices else [end, *choices],
            "preview": found,
            "lines": [(each, forms.get(each.timing.frequency)) for each in found.rounds],
            "forms": list(forms.values()),
            "moments": [
                moment
                for each in found.to_plan
                for moment in (each.dates.opens_at, each.dates.locks_at)
            ],
            "seen": seen_dates([Planned(each.code, each.dates) for each in found.to_plan]),
            "token": secrets.token_urlsafe(24),
            "refusal": refusal,
            "written": written,
            "restored": restored,
            "now": timezone.now(),
        }
        status = 409 if refusal else 200
        return render(self.request, "submissions/round_plan.html", context, status=status)


def _planned(end: str, codes: Sequence[str]) -> list[Planned]:
    """The rounds that the page offered, at the dates that are kept now."""
    last_day = periods.last_day(end)
    return [
        Planned(code, RoundTiming.of(periods.frequency_of(code)).dates(last_day))
        for code in selectors.codes_ending_on(last_day)
        if code in codes
    ]


def seen_dates(planned: Sequence[Planned]) -> str:
    """What the page showed, to be told apart from what would be made."""
    return ";".join(
        f"{each.code}:{each.dates.opens}/{each.dates.due}/{each.dates.locks}" for each in planned
    )


def planned_text(count: int) -> str:
    text = ngettext("%(count)s round planned.", "%(count)s rounds planned.", count)
    return text % {"count": count}


def days_text(code: str, form: TimingForm) -> str:
    """The other days typed for a round whose form is no longer there; empty where none were."""
    changed = (form[name] for name in form.changed_data)
    typed = [f"{field.label} {field.value()}" for field in changed if field.value()]
    return f"{period(code)} – {', '.join(typed)}" if typed else ""


def existing_text(codes: Sequence[str]) -> str:
    text = ngettext(
        "There is a round of %(periods)s already: nothing was planned.",
        "There are rounds of %(periods)s already: nothing was planned.",
        len(codes),
    )
    return text % {"periods": ", ".join(period(code) for code in codes)}


class RoundChange(OneRound, View):
    """Other dates for a round whose opening has not come."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        held = self.round
        if held.frozen_at is not None or held.opens_at <= timezone.now():
            return self.opened(request)
        days = {
            name: day_of(moment)
            for name, moment in (
                ("opens", held.opens_at),
                ("due", held.due_at),
                ("locks", held.locks_at),
            )
        }
        typed = self.typed()
        return self.show(DatesForm(initial=days | typed.dict()), restored=typed)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        form = DatesForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            services.change_planned_round(actor=self.user, round=self.round, dates=form.dates)
        except services.RoundOpened:
            return self.opened(request)
        except ValidationError as error:
            add_errors(form, error)
            return self.show(form)
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("The dates of the round are changed."))
        return redirect("round-detail", code)

    def show(self, form: DatesForm, restored: Any = None) -> HttpResponse:
        context = {
            "form": form,
            "restored": restored,
            "round": self.round,
            "back_url": reverse("round-detail", args=[self.round.period.code]),
        }
        return render(self.request, "submissions/round_change.html", context)


class RoundRemove(OneRound, View):
    """Asks before a planned round is taken back."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        if self.round.frozen_at is not None or self.round.opens_at <= timezone.now():
            return self.opened(request)
        back_url = reverse("round-detail", args=[code])
        context = {"round": self.round, "back_url": back_url}
        return render(request, "submissions/round_remove.html", context)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        try:
            services.remove_planned_round(actor=self.user, round=self.round)
        except services.RoundOpened:
            return self.opened(request)
        text = _("The round of %(period)s is no longer planned.") % {"period": period(code)}
        messages.success(request, text)
        return redirect("round-list")
