"""How allauth behaves here: accounts begin with an invitation, never with a sign-up form."""

from __future__ import annotations

from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathFillImage

from . import mails, services
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        services.set_password(user=user, password=password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if not mails.is_fictitious(email):
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
