"""How allauth behaves here: accounts begin with an invitation, never with a sign-up form."""

from __future__ import annotations

from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from qrcode.image.svg import SvgPathFillImage

from . import mails, services
from .models import User

#: What allauth's forms and Django's validators say by themselves, gathered here since our words
#: come first: Dutch of allauth is informal, and what Django's lacks would be French.
SAID_BY_OTHERS = (
    gettext_lazy("You must type the same password each time."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)


class AccountAdapter(DefaultAccountAdapter):
    #: Gathered here to be formal: allauth's own Dutch and German are on first-name terms.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy(
            "The email address and/or password you specified are not correct."
        ),
        "enter_current_password": gettext_lazy("Please type your current password."),
        "rate_limited": gettext_lazy("Be patient, you are sending too many requests."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        services.set_password(user=user, password=password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of who reads it: the page may be in another, or somebody else's."""
        if mails.is_fictitious(email):
            return
        user = User.objects.filter(email__iexact=email).first()
        with translation.override(user.reading_language if user else translation.get_language()):
            super().send_mail(template_prefix, email, context)

    def format_email_subject(self, subject: str) -> str:
        sender = f"Jalon ({_('Demonstration')})" if settings.DEMO else "Jalon"
        return f"{sender} – {subject}"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count for an account and a place together: guessing from elsewhere never locks
        the owner out."""
        return f"{get_ip(request)}:{credentials.get('email', '').lower()}"


class MFAAdapter(DefaultMFAAdapter):
    def build_totp_svg(self, url: str) -> str:
        """A drawing that stands in the page, on white in dark mode too: no image from data."""
        return str(qrcode.make(url, image_factory=SvgPathFillImage).to_string(encoding="unicode"))
