"""Mails to users: written with what they tell, in the reader's language, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from .models import Notice, UnwantedNotice
from .registries import notice_kinds
from .services import enqueue

TOPIC = "notices"


@dataclass(frozen=True, slots=True)
class Message:
    """What a mail says: a subject, paragraphs, and where to go (a label and an absolute path)."""

    subject: str
    paragraphs: Sequence[str]
    link_label: str = ""
    link_path: str = ""


@transaction.atomic
def notify(*, kind: str, users: Iterable[Any], key: str, message: Callable[[], Message]) -> int:
    """Write a notice to each user who wants ``kind`` and has none of this ``key`` yet.

    ``message`` is called once per language of the readers, with that language active. Call it
    inside the transaction of what it tells; a worker sends it. Returns how many were written. The
    number of queries does not depend on the number of users.
    """
    if kind not in notice_kinds:
        raise LookupError(kind)
    wanted = {user.pk: user for user in users}
    wanted_not = UnwantedNotice.objects.filter(kind=kind, user__in=wanted)
    had = Notice.objects.filter(kind=kind, key=key, user__in=wanted)
    for pk in [
        *wanted_not.values_list("user_id", flat=True),
        *had.values_list("user_id", flat=True),
    ]:
        wanted.pop(pk, None)
    by_language: dict[str, list[int]] = {}
    for user in wanted.values():
        by_language.setdefault(user.reading_language, []).append(user.pk)
    notices = [
        notice
        for language, pks in by_language.items()
        for notice in _written(kind, key, language, pks, message)
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    made = Notice.objects.filter(kind=kind, key=key, user__in=wanted, sent_at__isnull=True)
    enqueue(topic=TOPIC, keys=[str(pk) for pk in made.values_list("pk", flat=True)])
    return len(notices)


def _written(
    kind: str, key: str, language: str, pks: Sequence[int], message: Callable[[], Message]
) -> list[Notice]:
    with translation.override(language):
        said = message()
        context = {"message": said, "language": language}
        text = render_to_string("foundation/mail/notice.txt", context)
        html = render_to_string("foundation/mail/notice.html", context)
    return [
        Notice(
            user_id=pk,
            kind=kind,
            key=key,
            language=language,
            subject=said.subject,
            text=text,
            html=html,
        )
        for pk in pks
    ]
