"""Reading an upload in the background: what a worker does with an outbox entry."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace

from django.utils.translation import override

from submissions import selectors, services
from submissions.enums import UploadState
from submissions.models import Upload

from .marked import marked_csv, marked_workbook
from .reading import Reading, Remarks, blocks_for, read_file, remarks
from .template import TemplateKind

#: Progress is written at most this often, in seconds.
_EVERY = 1.0


def read_upload(key: str) -> Callable[[], None]:
    """Read the file of an outbox entry, and return the write that keeps what was found.

    A file that does not wait for it any more is not opened: it may be gone, then nothing is done.
    """
    upload = (
        Upload.objects.select_related("submission__round__period", "submission__reporter")
        .filter(pk=int(key), state__in=UploadState.unread())
        .first()
    )
    if upload is None:
        return lambda: None
    with override(upload.language):
        form = selectors.blocks_of(upload.submission)
        blocks = blocks_for(upload, form)
        with upload.file.open("rb") as stored:
            content = stored.read()
        reading = read_file(upload, content, blocks, _Progress(upload.pk))
        marked = b""
        if reading.faults:
            marked = _marked(upload, content, reading)
        code = upload.submission.round.period.code
        found = _found(reading, remarks(form, reading.changes, code))
    faults = [asdict(fault) for fault in reading.faults]
    return lambda: _keep(upload, found, faults, marked)


def _keep(
    upload: Upload, found: dict[str, object], faults: list[dict[str, object]], marked: bytes
) -> None:
    services.conclude_upload(upload=upload, changes=found, faults=faults, marked=marked)


def _marked(upload: Upload, content: bytes, reading: Reading) -> bytes:
    """The file with its faults marked; empty where no table of figures was found in it."""
    if reading.table is None:
        return b""
    if kind_of(upload.name) == TemplateKind.CSV:
        return marked_csv(reading, content)
    return marked_workbook(reading)


def kind_of(name: str) -> TemplateKind:
    return TemplateKind.CSV if name.lower().endswith(".csv") else TemplateKind.XLSX


def _found(reading: Reading, remarked: Remarks) -> dict[str, object]:
    if reading.faults:
        return {}
    return {
        "changes": [
            replace(change, remarks=remarked.by_cell.get(change.cell, ())).as_json()
            for change in reading.changes
        ],
        "unchanged": reading.unchanged,
        "left_out": reading.left_out,
        "notes": [*reading.notes, *remarked.beside],
    }


class _Progress:
    """Keeps how far a reading is, now and then."""

    def __init__(self, upload_id: int) -> None:
        self.upload_id, self.next = upload_id, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + _EVERY
            services.note_progress(upload_id=self.upload_id, done=done, total=total)
