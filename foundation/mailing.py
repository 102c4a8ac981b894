"""Handing notices to the mail server, each at most once (docs/adr/0025-mails.md).

A notice is claimed, in a transaction of its own, before the server hears of it. What the server
surely did not take is given back and tried again later; what it may have taken never is, unless an
administrator says so.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from contextlib import suppress
from email.utils import parseaddr
from smtplib import (
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import NoReturn

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from . import outbox
from .models import Notice, UnwantedNotice
from .notices import preferences_url
from .registries import notice_kinds

logger = logging.getLogger("jalon.mail")

#: With the waits between them, two days without a mail server.
ATTEMPTS = 48
#: Seconds after which a task is stopped; each answer of the server takes EMAIL_TIMEOUT at most.
TIME_LIMIT = 150
#: Whoever claimed a notice earlier than this was stopped or killed.
ABANDONED_AFTER = dt.timedelta(seconds=TIME_LIMIT + 30)
#: Seconds for which this process lets a server alone that it could not reach.
REST = 30.0

_rested_until = 0.0


class NotTaken(Exception):
    """The mail server surely did not take a mail, and may later."""


def send(entry_id: int) -> bool:
    """Send the notice of an outbox entry; returns whether this call settled it."""
    try:
        return outbox.perform(entry_id, deliver, most=ATTEMPTS)
    except NotTaken as reason:
        logger.warning("a mail waits: %s", reason)
        return False


def deliver(key: str) -> outbox.Write:
    """Hand the notice of this id over; returns the write that marks it sent, or takes it away.

    It is taken away from who is to hear of it no more: the account was closed, the role has ended,
    the kind was turned off. Runs outside a transaction: a mail server is slow. Raises NotTaken,
    and ``outbox.SetAside`` where the mail may have been delivered, or is refused for good.
    """
    notice = Notice.objects.select_related("user").filter(pk=int(key)).first()
    if notice is None or notice.sent_at is not None:
        return lambda: None
    if not _is_awaited(notice):
        return lambda: _take_away(notice)
    if not _claim(notice):
        _say_who_has_it(notice)
    if not notice.user.is_demo:
        try:
            _hand_over(message_of(notice))
        except NotTaken:
            renew(key)
            raise
    return lambda: _mark_sent(notice)


def renew(key: str) -> None:
    """Let a notice be claimed again: it was surely not taken, or an administrator says so."""
    Notice.objects.filter(pk=int(key), sent_at__isnull=True).update(claimed_at=None)


def message_of(notice: Notice) -> EmailMultiAlternatives:
    """The mail: text and HTML, and the headers by which programs know what it is."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        notice.subject,
        notice.text,
        to=[notice.user.email],
        reply_to=[settings.CONTACT_EMAIL],
        headers={
            "Message-ID": f"<notice-{notice.pk}-{notice.created_at:%Y%m%d%H%M%S}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Unsubscribe": f"<{preferences_url()}>",
            "Content-Language": notice.language,
        },
    )
    message.attach_alternative(notice.html, "text/html")
    return message


# --- Once -------------------------------------------------------------------------------------


def _is_awaited(notice: Notice) -> bool:
    """Whether the user is still there, holds the role where they held it, and wants the kind."""
    kind = notice_kinds.get(notice.kind)
    if kind is None or not notice.user.is_active:
        return False
    unwanted = UnwantedNotice.objects.filter(user=notice.user_id, kind=notice.kind)
    if not kind.always and unwanted.exists():
        return False
    access = notice.user.access
    return all(access.may(kind.permission, unit) for unit in notice.units or [None])


def _claim(notice: Notice) -> bool:
    """Whether this call, and no other, hands the notice over."""
    unclaimed = Notice.objects.filter(pk=notice.pk, claimed_at__isnull=True)
    return bool(unclaimed.update(claimed_at=timezone.now()))


def _say_who_has_it(notice: Notice) -> NoReturn:
    claimed_at = Notice.objects.filter(pk=notice.pk).values_list("claimed_at", flat=True).first()
    if claimed_at is None or claimed_at > timezone.now() - ABANDONED_AFTER:
        raise outbox.UnderWay
    raise outbox.SetAside(
        "The process stopped while it handed this mail over: it may have been delivered."
    )


def _mark_sent(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).update(sent_at=timezone.now())


def _take_away(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk, claimed_at__isnull=True).delete()


# --- The server -------------------------------------------------------------------------------


def _hand_over(message: EmailMultiAlternatives) -> None:
    """Only types and codes are told of what goes wrong: a server's words repeat the address."""
    connection = _connected()
    try:
        connection.send_messages([message])
    except SMTPRecipientsRefused as refused:
        _refused(max((code for code, _words in refused.recipients.values()), default=500))
    except SMTPResponseException as refused:
        _refused(refused.smtp_code)
    except SMTPNotSupportedError:
        raise outbox.SetAside("The mail server cannot write to this address.") from None
    except (SMTPException, OSError) as error:
        raise outbox.SetAside(
            f"The connection broke off ({type(error).__name__}): the mail may have been delivered."
        ) from None
    finally:
        with suppress(SMTPException, OSError):
            connection.close()


def _refused(code: int) -> NoReturn:
    """A server says 4xx for "not now" and 5xx for "never"."""
    if 400 <= code < 500:
        raise NotTaken(f"the mail server answers {code}") from None
    raise outbox.SetAside(f"The mail server refuses this mail ({code}).") from None


def _connected() -> BaseEmailBackend:
    """An open connection. A server that is away costs a process one time-out, not one per mail."""
    global _rested_until
    if time.monotonic() < _rested_until:
        raise NotTaken("the mail server could not be reached just now")
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        _rested_until = time.monotonic() + REST
        raise NotTaken(f"the mail server cannot be reached ({type(error).__name__})") from None
    return connection
