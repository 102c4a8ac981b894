"""Files of figures: received, read in the background, then applied all or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from foundation.models import OutboxEntry
from foundation.services import enqueue, record
from indicators.enums import CellStatus
from indicators.models import IndicatorVersion
from organisations.models import User
from submissions import rules
from submissions.content import Content
from submissions.enums import Entrance, State, UploadState
from submissions.models import Submission, Upload

from .entries import Conflict, Entry, Outcome, save_entries
from .standing import hold, require, require_open, require_standing

UPLOADS = "uploads"
#: How long the file of an upload stays, from its sending.
KEPT_FOR = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class UploadChange:
    """What a file would change at a cell, with the words of the preview.

    ``version``: the cell's when the file was read. ``since``: who saved something else after the
    file was made, if anybody did. ``remarks``: what the checks say of the figure as it would be.
    """

    cell: int
    version: int
    row: int
    label: str
    before: str
    after: str
    read_as: str
    is_new: bool
    is_cleared: bool
    since: str
    content: Content
    remarks: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        content = {each.name: getattr(self.content, each.name) for each in fields(self.content)}
        return {**own, "remarks": list(self.remarks), "content": content}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> UploadChange:
        content = dict(stored["content"])
        status = CellStatus(content.pop("status"))
        return cls(**{**stored, "content": Content(status, **content)})


class UploadChanged(Exception):
    """Somebody applied, abandoned or sent the file to be read again in the meantime."""


class UploadConflicts(Exception):
    """Figures changed after the file was read: nothing of it was applied."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__(f"{len(conflicts)} figures changed")
        self.conflicts = conflicts


@transaction.atomic
def receive_upload(
    *,
    actor: User,
    submission: Submission,
    version: IndicatorVersion | None,
    name: str,
    content: bytes,
    language: str,
) -> Upload:
    """Keep a file, outside the web root, and owe its reading.

    Raises PermissionDenied, StateChanged or RoundClosed where no figure could be saved now.
    """
    held = hold(submission)
    require(rules.may_enter(actor, held))
    require_standing(held, State.editable())
    require_open(held)
    upload = Upload(
        submission=held,
        version=version,
        name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        language=language,
        uploaded_by=actor,
    )
    upload.file.save("", ContentFile(content), save=False)
    upload.save()
    details = {"size": upload.size, "sha256": upload.sha256}
    record(actor=actor, verb="upload.received", subject=upload, details=details)
    enqueue(topic=UPLOADS, keys=[str(upload.pk)])
    return upload


def note_progress(*, upload_id: int, done: int, total: int) -> None:
    """Say how many rows are read, in a transaction of its own."""
    unread = Upload.objects.filter(pk=upload_id, state__in=UploadState.unread())
    unread.update(state=UploadState.READING, done=min(done, total), total=total)


@transaction.atomic
def conclude_upload(
    *,
    upload: Upload,
    changes: Mapping[str, Any],
    faults: Sequence[Mapping[str, Any]],
    marked: bytes = b"",
) -> bool:
    """Keep what the reading found; returns whether the file still waited for it."""
    state = UploadState.REFUSED if faults else UploadState.READY
    waiting = (
        Upload.objects.select_for_update()
        .filter(pk=upload.pk, state__in=UploadState.unread())
        .first()
    )
    if waiting is None:
        return False
    if waiting.marked:
        waiting.marked.delete(save=False)
    if marked:
        waiting.marked.save("", ContentFile(marked), save=False)
    waiting.state, waiting.done = state, waiting.total
    waiting.faults, waiting.changes = list(faults), dict(changes)
    waiting.save(update_fields=["state", "done", "faults", "changes", "marked"])
    return True


@transaction.atomic
def apply_upload(*, actor: User, upload: Upload) -> Outcome:
    """Save every change of a file, or none.

    Raises UploadConflicts where a figure changed after the reading, UploadChanged where the file
    is not ready any more, and what ``save_entries`` raises.
    """
    held = hold(upload.submission)
    require(rules.may_enter(actor, held))
    now = timezone.now()
    ready = Upload.objects.filter(pk=upload.pk, state=UploadState.READY)
    if not ready.update(state=UploadState.APPLIED, applied_at=now, applied_by=actor):
        raise UploadChanged
    upload.refresh_from_db(fields=["changes", "state", "applied_at", "applied_by"])
    changes = changes_of(upload)
    outcome = save_entries(
        actor=actor,
        submission=held,
        entries=[Entry(each.cell, each.version, each.content) for each in changes],
        entrance=Entrance.FILE,
    )
    if outcome.conflicts:
        raise UploadConflicts(outcome.conflicts)
    details = {"submission": held.pk, "cells": sorted(outcome.saved)}
    record(actor=actor, verb="upload.applied", subject=upload, details=details)
    return outcome


@transaction.atomic
def abandon_upload(*, actor: User, upload: Upload) -> None:
    """Put a file aside without applying it; its content is not kept. Raises UploadChanged."""
    require(rules.may_enter(actor, upload.submission))
    open_ = Upload.objects.filter(pk=upload.pk).exclude(state__in=_ENDED)
    if not open_.update(state=UploadState.ABANDONED, changes={}, faults=[]):
        raise UploadChanged
    record(actor=actor, verb="upload.abandoned", subject=upload)
    delete_files_of([upload])


@transaction.atomic
def read_upload_again(*, actor: User, upload: Upload) -> None:
    """Have a file read against what is saved now. Raises UploadChanged."""
    require(rules.may_enter(actor, upload.submission))
    read = Upload.objects.filter(pk=upload.pk).exclude(Q(state__in=_ENDED) | Q(file=""))
    if not read.update(state=UploadState.QUEUED, done=0, total=0, changes={}, faults=[]):
        raise UploadChanged
    enqueue(topic=UPLOADS, keys=[str(upload.pk)])


def sweep_uploads(*, now: dt.datetime | None = None) -> int:
    """Delete the files of uploads a month after they were sent; the rows stay.

    What waits to be read is kept; what is read can be applied without its file. Returns how many
    uploads lost theirs.
    """
    before = (now or timezone.now()) - KEPT_FOR
    read = Upload.objects.filter(uploaded_at__lt=before).exclude(
        Q(state__in=UploadState.unread()) | Q(file="")
    )
    swept = 0
    for upload in read.only("file", "marked", "state"):
        names = [str(kept) for kept in (upload.file, upload.marked) if kept]
        # A file that is read again in the meantime is left.
        still = Upload.objects.filter(pk=upload.pk, state=upload.state)
        if still.update(file="", marked=""):
            _delete(upload.file.storage, names)
            swept += 1
    return swept


def kept_uploads() -> list[str]:
    """The files that rows keep."""
    files = Upload.objects.values_list("file", "marked")
    return [name for names in files for name in names if name]


def _delete(storage: Storage, names: Sequence[str]) -> None:
    """A file that cannot be deleted now stops nothing."""
    for name in names:
        with suppress(OSError):
            storage.delete(name)


def delete_files_of(uploads: Iterable[Upload]) -> None:
    """Once their rows are gone for good, so are their files."""
    for upload in uploads:
        names = [str(kept) for kept in (upload.file, upload.marked) if kept]
        transaction.on_commit(partial(_delete, upload.file.storage, names), robust=True)


def changes_of(upload: Upload) -> list[UploadChange]:
    return [UploadChange.of(each) for each in dict(upload.changes or {}).get("changes", ())]


def reconcile_uploads() -> int:
    """Owe the reading of files that nobody owes any more; give up those that were set aside."""
    waiting = dict(Upload.objects.filter(state__in=UploadState.unread()).values_list("pk", "state"))
    entries = {
        entry.key: entry
        for entry in OutboxEntry.objects.filter(topic=UPLOADS, key__in=map(str, waiting))
    }
    set_aside = [pk for pk in waiting if (e := entries.get(str(pk))) and e.set_aside_at]
    Upload.objects.filter(pk__in=set_aside, state__in=UploadState.unread()).update(
        state=UploadState.FAILED
    )
    lost = [str(pk) for pk in waiting if not _is_owed(entries.get(str(pk)))]
    enqueue(topic=UPLOADS, keys=lost)
    return len(lost)


def _is_owed(entry: OutboxEntry | None) -> bool:
    return entry is not None and (
        entry.set_aside_at is not None or entry.generation > entry.done_generation
    )


_ENDED = (UploadState.APPLIED, UploadState.ABANDONED)
