"""Which mails somebody wants, and the demonstration's test inbox, where mails are read instead."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, ListView

from . import notices
from .models import Notice
from .permissions import VIEW_STATE
from .registries import NoticeKind


class PreferencesForm(forms.Form):
    """A box per kind of mail that may be turned off, ticked where it is wanted."""

    def __init__(self, *args: Any, kinds: list[NoticeKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in kinds:
            self.fields[kind.name] = forms.BooleanField(
                label=str(kind.label), help_text=str(kind.help), required=False
            )

    @property
    def wanted(self) -> list[str]:
        return [name for name, is_wanted in self.cleaned_data.items() if is_wanted]


class Preferences(LoginRequiredMixin, FormView):  # type: ignore[type-arg]
    """The mails that one's roles may bring, and which of them one wants."""

    # A PUT without a body would turn everything off.
    http_method_names = ("get", "head", "post", "options")
    template_name = "foundation/mail_preferences.html"
    form_class = PreferencesForm
    success_url = reverse_lazy("foundation:mail-preferences")

    def get_form_kwargs(self) -> dict[str, Any]:
        self.offered = notices.offered_to(self.request.user)
        optional = [kind for kind in self.offered if not kind.always]
        return {**super().get_form_kwargs(), "kinds": optional}

    def get_initial(self) -> dict[str, Any]:
        unwanted = notices.unwanted_by(self.request.user)
        return {kind.name: kind.name not in unwanted for kind in self.offered}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["always"] = [kind for kind in self.offered if kind.always]
        return context

    def form_valid(self, form: PreferencesForm) -> HttpResponse:
        notices.choose(actor=self.request.user, wanted=form.wanted)
        messages.success(self.request, _("Your choice of mails is saved."))
        return super().form_valid(form)


# --- The test inbox ---------------------------------------------------------------------------


class OfTheDemonstration(LoginRequiredMixin):
    """404 outside demonstration mode, to everybody; one's own mails, and all to administrators."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def sees_all(self) -> bool:
        user: Any = self.request.user
        return bool(user.access.may(VIEW_STATE.name))

    def get_queryset(self) -> QuerySet[Notice]:
        found = Notice.objects.filter(user__is_demo=True).select_related("user")
        return found if self.sees_all else found.filter(user=self.request.user.pk)


class Inbox(OfTheDemonstration, ListView):  # type: ignore[type-arg]
    template_name = "foundation/inbox.html"
    context_object_name = "mails"
    paginate_by = 30

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sees_all=self.sees_all, **kwargs)


class InboxMail(OfTheDemonstration, DetailView):  # type: ignore[type-arg]
    """A mail as text, with the way to its HTML."""

    template_name = "foundation/inbox_mail.html"
    context_object_name = "mail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sender = settings.DEFAULT_FROM_EMAIL
        return super().get_context_data(sender=sender, sees_all=self.sees_all, **kwargs)


#: A mail's HTML is a page of its own, without origin: its styles hold, and nothing else does.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "form-action": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": True,
}


class InboxHtml(OfTheDemonstration, DetailView):  # type: ignore[type-arg]
    """A mail's HTML as a mail program would show it."""

    @method_decorator(csp(MAIL_POLICY))
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(self.get_object().html)
