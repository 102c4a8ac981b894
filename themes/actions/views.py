"""Pages of actions: the list, one, and writing it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, TemplateView

from foundation import kept
from foundation.numbers import counted
from foundation.views import RequiresPermission
from organisations.forms import add_errors
from organisations.models import User
from themes.enums import ActionState
from themes.models import Action, ActionMilestone
from themes.permissions import VIEW_PLAN

from . import forms, rules, selectors, services


class ActionsPage(RequiresPermission):
    permission = VIEW_PLAN.name

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


class ActionList(ActionsPage, TemplateView):
    """Every action, those with overdue milestones first."""

    template_name = "themes/action_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = forms.ActionFilter(self.request.GET)
        found = selectors.narrowed(selectors.actions(), form.terms())
        page = Paginator(found, 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            filter=form,
            page_obj=page,
            paginator=page.paginator,
            actions=page.object_list,
            may_begin=rules.may_begin(self.user),
            **kwargs,
        )


class ActionDetail(ActionsPage, DetailView):
    """An action with its milestones and what was done to it."""

    template_name = "themes/action_detail.html"
    queryset = selectors.actions().prefetch_related("partners", "milestones")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        action = self.object
        may_keep = rules.may_keep(self.user, action)
        return super().get_context_data(
            milestones=[
                (each, selectors.is_overdue(each, action)) for each in action.milestones.all()
            ],
            history=selectors.history(action),
            may_keep=may_keep,
            may_delete=may_keep and rules.may_delete(action),
            reached=forms.ReachedForm() if may_keep else None,
            **kwargs,
        )


class ActionWrite(ActionsPage, View):
    """A new action, or another wording of one. What was typed stays, whatever happens."""

    @cached_property
    def action(self) -> Action | None:
        """The action to change, None for a new one; 403 for who may not."""
        pk = self.kwargs.get("pk")
        action = get_object_or_404(Action, pk=pk) if pk else None
        may = rules.may_keep(self.user, action) if action else rules.may_begin(self.user)
        if not may:
            raise PermissionDenied
        return action

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        action = self.action
        if typed := self.typed():
            return self._page(typed, restored=typed)
        initial = forms.ActionForm.initial_of(action) if action else self._asked()
        form = forms.ActionForm(initial=initial, actor=self.user, action=action)
        rows = action.milestones.values("pk", "text", "due_on", "done_on") if action else []
        milestones = forms.MilestoneFormSet(initial=list(rows), prefix="milestones")
        return self._render(form, milestones, action.version if action else 0)

    def _asked(self) -> dict[str, Any]:
        """The objective from whose page one comes."""
        chosen = forms.ActionFilter(self.request.GET).terms().get("objective")
        return {"objectives": [chosen.pk]} if chosen else {}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        action = self.action
        form = forms.ActionForm(request.POST, actor=self.user, action=action)
        milestones = forms.MilestoneFormSet(request.POST, prefix="milestones")
        if "more" in request.POST:
            return self._page(request.POST, more=True)
        both = [form.is_valid(), milestones.is_valid()]
        version = counted(request.POST.get("version", ""))
        if not all(both):
            return self._render(form, milestones, version, status=422)
        try:
            written = self._write(action, version, form.wanted(milestones))
        except services.ChangedMeanwhile as conflict:
            return self._render(
                form, milestones, conflict.action.version, conflict=conflict.action, status=409
            )
        except ValidationError as error:
            add_errors(form, error)
            return self._render(form, milestones, version, status=422)
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("The action is saved."))
        return redirect("action-detail", written.pk)

    def _write(self, action: Action | None, version: int, wanted: services.Wanted) -> Action:
        if action is None:
            return services.begin_action(actor=self.user, wanted=wanted)
        return services.change_action(
            actor=self.user, action=action, version=version, wanted=wanted
        )

    def _page(self, data: Any, *, more: bool = False, restored: Any = None) -> HttpResponse:
        """The form with what was typed, three more rows for milestones, and no errors yet."""
        typed = data.copy()
        total = counted(typed.get("milestones-TOTAL_FORMS", ""))
        if more and total:
            typed["milestones-TOTAL_FORMS"] = str(min(total + 3, 40))
        form = forms.ActionForm(typed, actor=self.user, action=self.action)
        milestones = forms.MilestoneFormSet(typed, prefix="milestones")
        return self._render(
            form,
            milestones,
            counted(typed.get("version", "")),
            restored=restored,
            is_draft=True,
        )

    def _render(
        self, form: Any, milestones: Any, version: int, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        context |= {
            "form": form,
            "milestones": milestones,
            "version": version,
            "action": self.action,
        }
        return render(self.request, "themes/action_form.html", context, status=status)


class ActionChange(ActionsPage, View):
    """What is done to an action that one keeps: 403 for who does not."""

    @cached_property
    def action(self) -> Action:
        action = get_object_or_404(Action, pk=self.kwargs["pk"])
        if not rules.may_keep(self.user, action):
            raise PermissionDenied
        return action

    def back(self) -> HttpResponse:
        return redirect("action-detail", self.action.pk)

    @property
    def version(self) -> int:
        return counted(self.request.POST.get("version", ""))

    def refused(self) -> HttpResponse:
        text = _("Somebody changed this action in the meantime. Look again, then decide.")
        messages.error(self.request, text)
        return self.back()


class ActionStateChange(ActionChange):
    """Lets an action run, rest or end."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        typed = self.typed()
        form = forms.StateForm(action=self.action, initial=typed.dict())
        return self._page(form, restored=typed)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = forms.StateForm(request.POST, action=self.action)
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            services.change_state(
                actor=self.user,
                action=self.action,
                version=self.version,
                state=ActionState(form.cleaned_data["state"]),
                reason=form.cleaned_data["reason"],
            )
        except services.ChangedMeanwhile:
            return self.refused()
        except ValidationError as error:
            add_errors(form, error)
            return self._page(form, status=422)
        kept.drop(self.user.pk, request.path)
        messages.success(request, _("The state is changed."))
        return self.back()

    def _page(self, form: forms.StateForm, status: int = 200, **context: Any) -> HttpResponse:
        context |= {"form": form, "action": self.action, "back_url": self.action.get_absolute_url()}
        return render(self.request, "themes/action_state.html", context, status=status)


class ActionDelete(ActionChange):
    """Asks before a plan of which nothing has come is deleted."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = {"action": self.action, "back_url": self.action.get_absolute_url()}
        return render(request, "themes/action_delete.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            services.delete_action(actor=self.user, action=self.action, version=self.version)
        except services.ChangedMeanwhile:
            return self.refused()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return self.back()
        messages.success(request, _("The action is deleted."))
        return redirect("action-list")


class MilestoneReached(ActionChange):
    """Says on which day a milestone was reached, or that it was not after all."""

    def post(self, request: HttpRequest, pk: int, milestone: int) -> HttpResponse:
        chosen = get_object_or_404(ActionMilestone, pk=milestone, action=self.action)
        form = forms.ReachedForm(request.POST)
        if "undo" in request.POST:
            services.mark_milestone(actor=self.user, milestone=chosen, done_on=None)
            messages.success(request, _("The milestone waits again."))
        elif form.is_valid():
            day = form.cleaned_data["done_on"]
            services.mark_milestone(actor=self.user, milestone=chosen, done_on=day)
            messages.success(request, _("The milestone is reached."))
        else:
            messages.error(request, " ".join(map(str, form.errors["done_on"])))
        return self.back()
