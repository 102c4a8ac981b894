"""Mails to users: written with what they tell, in the reader's language, each once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from .models import Notice, OutboxEntry, UnwantedNotice
from .registries import NoticeKind, notice_kinds
from .services import enqueue, record

TOPIC = "notices"
#: A notice is kept so that nobody gets it again, and the demonstration can show it.
KEPT_FOR = dt.timedelta(days=400)
#: The outbox has a row per notice: done, it only takes room.
ENTRIES_KEPT_FOR = dt.timedelta(days=7)
LONGEST_SUBJECT = Notice._meta.get_field("subject").max_length or 200


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a mail's list; ``path``, an absolute one, is where its text leads."""

    text: str
    note: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a mail says: a subject, paragraphs, a list, where to go (a label and an absolute path).

    ``contact`` is whom to ask, in one line.
    """

    subject: str
    paragraphs: Sequence[str]
    items: Sequence[Item] = ()
    link_label: str = ""
    link_path: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """The same words to some users about an occasion, each of whom hears of it once.

    ``units``: the ids of those for which they hear of it; none: whatever they hold their role for.
    """

    users: Sequence[Any]
    key: str
    message: Callable[[], Message]
    units: Sequence[int] = ()


def notify(
    *,
    kind: str,
    users: Iterable[Any],
    key: str,
    message: Callable[[], Message],
    units: Sequence[int] = (),
) -> int:
    """Write a notice to each user who wants ``kind`` and has none of this ``key`` yet.

    ``message`` is called once per language of the readers, with that language active. Call it
    inside the transaction of what it tells; a worker sends it. Returns how many were written.
    """
    return len(notify_each(kind=kind, tellings=[Telling(tuple(users), key, message, units)]))


def notify_each(*, kind: str, tellings: Iterable[Telling]) -> list[Notice]:
    """Like ``notify``, for many occasions at once; returns the notices written.

    The number of queries depends neither on the users nor on the occasions. A reader's language
    and memberships must be at hand, else it takes one more query for each.
    """
    known = notice_kinds.get(kind)
    if known is None:
        raise LookupError(kind)
    told = [telling for telling in tellings if telling.users]
    if not told:
        return []
    with transaction.atomic():
        notices = list(_wanted(known, told))
        if notices:
            Notice.objects.bulk_create(notices, ignore_conflicts=True)
            _owe(kind, notices)
    return notices


def _wanted(kind: NoticeKind, told: Sequence[Telling]) -> Iterator[Notice]:
    """A notice per user and key, for those who want the kind and have none yet."""
    passed_over = _passed_over(kind, told)
    for telling in told:
        wanting = {user.pk: user for user in telling.users if not passed_over(user.pk, telling.key)}
        yield from _written(kind, telling, list(wanting.values()))


def _passed_over(kind: NoticeKind, told: Sequence[Telling]) -> Callable[[int, str], bool]:
    """Who does not want the kind, or has its notice of a key already."""
    users = {user.pk for telling in told for user in telling.users}
    had = set(
        Notice.objects.filter(
            kind=kind.name, key__in={telling.key for telling in told}, user__in=users
        ).values_list("user_id", "key")
    )
    unwanted = UnwantedNotice.objects.filter(kind=kind.name, user__in=users)
    without = set() if kind.always else set(unwanted.values_list("user_id", flat=True))
    return lambda user_id, key: user_id in without or (user_id, key) in had


def _owe(kind: str, notices: Sequence[Notice]) -> None:
    """Have them sent. Of two that write the same, one's rows stand, and both may owe them."""
    made = Notice.objects.filter(
        kind=kind,
        key__in={each.key for each in notices},
        user__in={each.user_id for each in notices},
        claimed_at__isnull=True,
    )
    enqueue(topic=TOPIC, keys=[str(pk) for pk in made.values_list("pk", flat=True)])


def _written(kind: NoticeKind, telling: Telling, users: Sequence[Any]) -> Iterator[Notice]:
    by_language: dict[str, list[int]] = {}
    for user in users:
        by_language.setdefault(user.reading_language, []).append(user.pk)
    for language, pks in by_language.items():
        subject, text, html = _worded(kind, telling.message, language)
        for pk in pks:
            yield Notice(
                user_id=pk,
                kind=kind.name,
                key=telling.key,
                language=language,
                subject=subject,
                text=text,
                html=html,
                units=list(telling.units),
            )


def _worded(
    kind: NoticeKind, message: Callable[[], Message], language: str
) -> tuple[str, str, str]:
    """Subject, text and HTML in a language."""
    with translation.override(language):
        said = message()
        context = {
            "message": said,
            "why": kind.why,
            "language": language,
            "site": settings.SITE_URL,
            "preferences_url": preferences_url(),
            "contact_email": settings.CONTACT_EMAIL,
            "demo": settings.DEMO,
        }
        text = render_to_string("foundation/mail/notice.txt", context).strip()
        html = render_to_string("foundation/mail/notice.html", context)
    return " ".join(said.subject.split())[:LONGEST_SUBJECT], f"{text}\n", html


def preferences_url() -> str:
    return f"{settings.SITE_URL}{reverse('foundation:mail-preferences')}"


# --- What somebody wants ----------------------------------------------------------------------


def offered_to(user: Any) -> list[NoticeKind]:
    """The kinds of mail that a user may get in the roles they hold today."""
    return [kind for kind in notice_kinds if user.access.may(kind.permission)]


def unwanted_by(user: Any) -> set[str]:
    return set(UnwantedNotice.objects.filter(user=user).values_list("kind", flat=True))


@transaction.atomic
def choose(*, actor: Any, wanted: Collection[str]) -> None:
    """Keep which of the kinds offered to somebody they want; the others stay as they were."""
    offered = {kind.name for kind in offered_to(actor) if not kind.always}
    unwanted = offered - set(wanted)
    before = unwanted_by(actor) & offered
    UnwantedNotice.objects.filter(user=actor, kind__in=offered - unwanted).delete()
    UnwantedNotice.objects.bulk_create(
        [UnwantedNotice(user=actor, kind=kind) for kind in sorted(unwanted - before)],
        ignore_conflicts=True,
    )
    if unwanted != before:
        details = {"before": sorted(before), "after": sorted(unwanted)}
        record(actor=actor, verb="mails.chosen", subject=actor, details=details)


# --- What is left of them ---------------------------------------------------------------------


def sweep(now: dt.datetime | None = None) -> None:
    """Delete the notices of more than KEPT_FOR ago, and the outbox rows that did their work."""
    now = now or timezone.now()
    Notice.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    OutboxEntry.objects.filter(
        topic=TOPIC,
        done_generation=F("generation"),
        changed_at__lt=now - ENTRIES_KEPT_FOR,
    ).delete()
