"""Keeping what was typed when the session expired, an hour, for the same user.

A form carries a seal: who it was made for and the page that shows it, signed. A post without a
session whose seal is good is kept under that user and the address it was sent to, and offered when
the same user opens the page again. Of a second post of the same form the fields are filled; what
was written in the first is offered beside them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.core import signing
from django.db.models import Exists, QuerySet
from django.http import QueryDict
from django.utils import timezone

from .models import IdempotencyKey, KeptInput

FIELD = "seal"
KEPT_FOR = dt.timedelta(hours=1)
#: How long a page may stay open before its form is sent: over a leave.
SEALED_FOR = dt.timedelta(days=30)
KEYS_KEPT_FOR = dt.timedelta(days=7)
#: As much as a form may send, by Django's DATA_UPLOAD_MAX_MEMORY_SIZE.
LARGEST = 2_500_000
#: Beside the fields of a kept post, which are never called so: what earlier ones said.
_EARLIER = ""
_SALT = "jalon.kept.page"


class Restored(QueryDict):
    """What was posted last; and ``earlier``, what was written in posts before and is not in it."""

    earlier: Sequence[str] = ()


def seal(user_id: int, page: str) -> str:
    """The signed mark that a form on this page, for this user, carries in its field ``seal``."""
    return signing.dumps([user_id, page], salt=_SALT)


def keep(path: str, posted: QueryDict) -> str:
    """Keep a post made without a session, if its seal is good; returns the page of its form.

    Empty where nothing was kept.
    """
    try:
        user_id, page = signing.loads(posted.get(FIELD, ""), salt=_SALT, max_age=SEALED_FOR)
    except signing.BadSignature:
        return ""
    data = {
        name: values
        for name, values in posted.lists()
        if name not in (FIELD, "csrfmiddlewaretoken")
    }
    if len(json.dumps(data)) > LARGEST:
        return ""
    if earlier := _written_before(KeptInput.objects.filter(user_id=user_id, path=path), data):
        data[_EARLIER] = earlier
    KeptInput.objects.update_or_create(
        user_id=user_id, path=path[:300], defaults={"data": data, "kept_at": timezone.now()}
    )
    return str(page)


def _written_before(rows: QuerySet[KeptInput], data: Mapping[str, list[str]]) -> list[str]:
    """The texts of what was kept that ``data`` does not have, those of the last post first: a word
    alone is soon typed again, and may be a mark of the page."""
    before = _within_the_hour(rows)
    if before is None:
        return []
    now = {value for values in data.values() for value in values}
    earlier = before.data.pop(_EARLIER, [])
    said = [value for values in before.data.values() for value in values]
    written = [
        value
        for value in dict.fromkeys([*said, *earlier])
        if value not in now and len(value.split()) > 1
    ]
    return written if len(json.dumps(written)) <= LARGEST else []


def _within_the_hour(rows: QuerySet[KeptInput]) -> KeptInput | None:
    return rows.filter(kept_at__gte=timezone.now() - KEPT_FOR).first()


def found(user_id: int, path: str) -> Restored | None:
    """What was kept for this user and address within the hour. It stays until ``drop``."""
    kept = _within_the_hour(KeptInput.objects.filter(user_id=user_id, path=path))
    if kept is None:
        return None
    restored = Restored(mutable=True)
    restored.earlier = kept.data.pop(_EARLIER, ())
    for name, values in kept.data.items():
        restored.setlist(name, values)
    return restored


def is_there(user_id: int, start: str) -> Exists:
    """Whether anything is kept under addresses that begin so, as a column of another query."""
    return Exists(KeptInput.objects.filter(user_id=user_id, path__startswith=start))


def let_go(
    user_id: int, start: str, names: Collection[str], holds: Callable[[Mapping[str, Any]], object]
) -> None:
    """Forget fields that were sent since, at whatever address, of what is kept under those that
    begin with ``start``; and all of it where nothing is left that it ``holds``."""
    for each in KeptInput.objects.filter(user_id=user_id, path__startswith=start):
        each.data = {name: said for name, said in each.data.items() if name not in names}
        if holds(each.data):
            each.save(update_fields=["data"])
        else:
            each.delete()


def drop(user_id: int, path: str) -> None:
    """Forget what was kept: the form was sent again."""
    KeptInput.objects.filter(user_id=user_id, path=path).delete()


def sweep() -> None:
    """Delete what has expired."""
    now = timezone.now()
    KeptInput.objects.filter(kept_at__lt=now - KEPT_FOR).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEYS_KEPT_FOR).delete()
