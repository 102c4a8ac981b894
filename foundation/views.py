"""The pages that gather what the apps registered: home, search and the technical state."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from . import kept, outbox
from .models import OutboxEntry
from .registries import home_sections, search_sources


class RequiresPermission(LoginRequiredMixin, UserPassesTestMixin):
    """Signed in (else the sign-in page) and holding ``permission`` in some unit (else 403)."""

    permission: str
    request: HttpRequest

    def test_func(self) -> bool:
        user: Any = self.request.user
        return bool(user.access.may(self.permission))

    def handle_no_permission(self) -> Any:
        self.raise_exception = self.request.user.is_authenticated
        return super().handle_no_permission()


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
    unsent = request.method == "POST" and kept.keep(request.path, request.POST)
    return render(request, "403_csrf.html", {"unsent": unsent}, status=403)
