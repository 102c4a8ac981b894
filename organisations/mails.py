"""The mail that carries an invitation's link, in the languages of the unit."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from .models import Invitation, Unit

DEMO_DOMAIN = "@demo.invalid"

Addressed = tuple[Invitation, str]
"""An invitation and the secret of its link."""


def link(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('invitation-accept', args=[token])}"


def is_fictitious(address: str) -> bool:
    """Whether an address is a demonstration account's: no mail server hears of it."""
    return address.lower().endswith(DEMO_DOMAIN)


def send(invitations: Sequence[Addressed]) -> list[Invitation]:
    """Send each its link over one connection; returns those that could not be sent."""
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError):
        return [invitation for invitation, _token in invitations]
    with closing(connection):
        return [
            invitation
            for invitation, token in invitations
            if not _sent(_message(invitation, token), connection)
        ]


def _sent(message: EmailMessage, connection: BaseEmailBackend) -> bool:
    if is_fictitious(message.to[0]):
        return True
    try:
        return bool(connection.send_messages([message]))
    except (SMTPException, OSError):
        return False


def _message(invitation: Invitation, token: str) -> EmailMessage:
    """Both languages of a bilingual unit stand in the same mail."""
    context = {"invitation": invitation, "link": link(token), "demo": settings.DEMO}
    subjects, bodies = [], []
    for language in languages(invitation.unit):
        with translation.override(language):
            subjects.append(_rendered("subject", context))
            bodies.append(_rendered("message", context))
    return EmailMessage(
        " / ".join(subjects), "\n\n———\n\n".join(bodies) + "\n", to=[invitation.email]
    )


def languages(unit: Unit | None) -> list[str]:
    """The languages in which a unit is written to; French where there is no unit."""
    return unit.language.split("/") if unit else ["fr"]


def _rendered(part: str, context: dict[str, object]) -> str:
    return render_to_string(f"organisations/mail/invitation_{part}.txt", context).strip()
