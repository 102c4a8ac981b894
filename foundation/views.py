"""The pages that gather what the apps registered: home, search and the technical state."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from . import kept, outbox
from .models import OutboxEntry
from .registries import home_sections, search_sources


class KeepsInput(LoginRequiredMixin):
    """Signed in, else the sign-in page. What a sealed form sent without a session is kept for an
    hour: the sign-in page says so, and leads to the page of the form. Files are not kept."""

    request: HttpRequest

    def handle_no_permission(self) -> HttpResponseRedirect:
        request = self.request
        if request.method != "POST" or request.user.is_authenticated:
            return super().handle_no_permission()
        if request.FILES:
            text = _(
                "Your session expired, and the file is not kept: sign in, then choose it again."
            )
            messages.warning(request, text)
        if page := kept.keep(request.path, request.POST):
            text = _("Your session expired. Sign in: what you typed is kept for an hour.")
            messages.info(request, text)
            return redirect_to_login(page)
        shows_page = hasattr(self, "get") and "get" in getattr(self, "http_method_names", ())
        return redirect_to_login(request.get_full_path() if shows_page else reverse("home"))

    def typed(self, path: str = "") -> QueryDict:
        """What this user sent here, or to ``path``, without a session; empty where nothing."""
        user: Any = self.request.user
        return kept.found(user.pk, path or self.request.path) or QueryDict()


class KeepsForm(KeepsInput, FormView):  # type: ignore[type-arg]
    """The page of one form, that what was kept fills again."""

    #: Django would take a PUT for a form that is sent empty.
    http_method_names = ["get", "post", "head", "options"]

    @cached_property
    def restored(self) -> QueryDict:
        return self.typed() if self.request.method == "GET" else QueryDict()

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return {**kwargs, "initial": {**kwargs["initial"], **self.restored.dict()}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(restored=self.restored, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """What subclasses end with, when all is done."""
        user: Any = self.request.user
        kept.drop(user.pk, self.request.path)
        return super().form_valid(form)


class RequiresPermission(KeepsInput, UserPassesTestMixin):
    """Signed in (else the sign-in page) and holding ``permission`` in some unit (else 403)."""

    permission: str

    def test_func(self) -> bool:
        user: Any = self.request.user
        return bool(user.access.may(self.permission))


class Home(LoginRequiredMixin, TemplateView):
    """The first page by role: what each app has to say to this user."""

    template_name = "foundation/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_order = sorted(home_sections, key=lambda section: section.order)
        found = ((section, section.select(self.request.user)) for section in in_order)
        sections = [
            {"template": section.template, **context}
            for section, context in found
            if context is not None
        ]
        return super().get_context_data(sections=sections, **kwargs)


class Search(LoginRequiredMixin, TemplateView):
    """Everything that the apps find for some words, as far as the user may see it."""

    template_name = "foundation/search.html"
    most = 20

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET.get("q", "").strip()[:100]
        groups = self.found(words) if words else []
        named = [hit for group in groups for hit in group["hits"] if hit.is_named(words)]
        return super().get_context_data(words=words, groups=groups, named=named[:5], **kwargs)

    def found(self, words: str) -> list[dict[str, Any]]:
        """What each source finds, at most ``most`` of each; a source that finds nothing is out."""
        groups = []
        for source in search_sources:
            hits = source.find(self.request.user, words, self.most + 1)
            if hits:
                more = len(hits) > self.most
                groups.append({"label": source.label, "hits": hits[: self.most], "more": more})
        return groups


class State(RequiresPermission, TemplateView):
    """What waits in the outbox and what was set aside, for an administrator."""

    permission = "foundation.view_state"
    template_name = "foundation/state.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pending = OutboxEntry.objects.pending()
        return super().get_context_data(
            pending=pending.count(),
            oldest=pending.order_by("changed_at").first(),
            set_aside=OutboxEntry.objects.set_aside().order_by("set_aside_at")[:100],
            store_answers=outbox.store_answers(),
            **kwargs,
        )


class TryAgain(RequiresPermission, View):
    """Take back an entry that was set aside."""

    permission = "foundation.view_state"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = get_object_or_404(OutboxEntry.objects.set_aside(), pk=pk)
        outbox.try_again(entry_id=entry.pk)
        messages.success(request, _("The work will be tried again."))
        return redirect("state")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A post whose token is not of this session: what was typed is kept if its seal is good.

    So it is after a sign-in in another tab, which renews the token.
    """
    page = kept.keep(request.path, request.POST) if request.method == "POST" else ""
    return render(request, "403_csrf.html", {"page": page}, status=403)
