"""Files that support a figure: taken in whole or not at all, and removed on the record."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from foundation.services import record
from organisations.models import User
from submissions import rules
from submissions.enums import State
from submissions.filetypes import accepted
from submissions.models import Cell, Evidence, Submission

from .standing import hold, raise_version, require, require_open, require_standing

logger = logging.getLogger(__name__)

#: The most files that support one figure at a time.
MOST_FILES = 10
#: A file without a row may be one that is just being taken in; after this it is an orphan.
ORPHAN_AFTER = dt.timedelta(days=1)
FOLDER = "evidence"


class AlreadyThere(Exception):
    """The same file supports this figure already: nothing was stored."""


class TooManyFiles(Exception):
    """The figure has as many files as one may have."""


class NotStored(Exception):
    """The disk refused the file; nothing of it is left."""


def add_evidence(*, actor: User, cell: Cell, name: str, content: bytes) -> Evidence:
    """Keep a file with a figure that can be entered now.

    The file is written before its row, and deleted again where the row is not: no row is without
    its file. Raises PermissionDenied, RefusedFile, AlreadyThere, TooManyFiles, NotStored,
    StateChanged and RoundClosed.
    """
    submission = cell.expectation.submission
    require(rules.may_enter(actor, submission))
    what = accepted(name, content)
    evidence = Evidence(
        cell=cell,
        name=what.name,
        content_type=what.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=actor,
    )
    _check(evidence)
    _write(evidence, content)
    try:
        _keep(evidence, actor, submission)
    except BaseException:
        _delete(evidence.file.storage, evidence.file.name)
        raise
    return evidence


@transaction.atomic
def _keep(evidence: Evidence, actor: User, submission: Submission) -> None:
    held = hold(submission)
    require(rules.may_enter(actor, held))
    require_standing(held, State.editable())
    require_open(held)
    _check(evidence)
    evidence.save(force_insert=True)
    raise_version(held, actor=actor)
    details = {"cell": evidence.cell_id, "evidence": evidence.pk, "sha256": evidence.sha256}
    record(actor=actor, verb="evidence.added", subject=held, details=details)


def _check(evidence: Evidence) -> None:
    there = Evidence.objects.filter(cell=evidence.cell_id, removed_at__isnull=True)
    if there.filter(sha256=evidence.sha256).exists():
        raise AlreadyThere
    if there.count() >= MOST_FILES:
        raise TooManyFiles


def _write(evidence: Evidence, content: bytes) -> None:
    """Write the file to the disk, through to it; a part of one is deleted."""
    storage = evidence.file.storage
    path = evidence.file.field.generate_filename(evidence, evidence.name)
    try:
        evidence.file = storage.save(path, ContentFile(content))
        with storage.open(path, "rb") as written:
            os.fsync(written.fileno())
    except OSError as error:
        _delete(storage, path)
        logger.exception("a file could not be stored")
        raise NotStored from error


@transaction.atomic
def remove_evidence(*, actor: User, evidence: Evidence) -> bool:
    """Take a file away while figures can be entered; returns whether this call did it.

    The row stays, with who and when; the content goes once that is committed.
    """
    held = hold(evidence.cell.expectation.submission)
    require(rules.may_enter(actor, held))
    require_standing(held, State.editable())
    require_open(held)
    removed = Evidence.objects.filter(pk=evidence.pk, removed_at__isnull=True).update(
        removed_at=timezone.now(), removed_by=actor
    )
    if removed:
        raise_version(held, actor=actor)
        details = {"cell": evidence.cell_id, "evidence": evidence.pk}
        record(actor=actor, verb="evidence.removed", subject=held, details=details)
        transaction.on_commit(
            partial(_delete, evidence.file.storage, evidence.file.name), robust=True
        )
    return bool(removed)


def _delete(storage: Storage, path: str | None) -> None:
    """What cannot be deleted now is an orphan: the sweep comes back to it."""
    with suppress(OSError):
        if path:
            storage.delete(path)


# --- Orphans --------------------------------------------------------------------------------------


def sweep_evidence(*, now: dt.datetime | None = None) -> int:
    """Delete the files that no row keeps, a day after they were written; returns how many."""
    before = (now or timezone.now()) - ORPHAN_AFTER
    storage = Evidence._meta.get_field("file").storage
    swept = 0
    for folder, names in _folders(storage):
        kept = set(
            Evidence.objects.filter(
                file__startswith=f"{folder}/", removed_at__isnull=True
            ).values_list("file", flat=True)
        )
        for path in (f"{folder}/{name}" for name in names):
            if path not in kept and storage.get_modified_time(path) < before:
                _delete(storage, path)
                swept += 1
    return swept


def kept_evidence() -> list[str]:
    """The files that rows keep."""
    return list(Evidence.objects.filter(removed_at__isnull=True).values_list("file", flat=True))


def _folders(storage: Storage) -> Iterator[tuple[str, list[str]]]:
    if not storage.exists(FOLDER):
        return
    for name in storage.listdir(FOLDER)[0]:
        yield f"{FOLDER}/{name}", storage.listdir(f"{FOLDER}/{name}")[1]
