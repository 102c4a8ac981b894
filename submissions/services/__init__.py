"""Every write of this app: rounds, entries and decisions."""

from .decisions import NotAttestable, ReasonRequired, attest, send_back, validate
from .entries import Conflict, Entry, Outcome, RefusedContent, save_entries
from .extensions import end_extension, grant_extension
from .rounds import extend_round, freeze_due_rounds, freeze_round, open_round
from .standing import RoundClosed, StateChanged
from .uploads import (
    UPLOADS,
    UploadChange,
    UploadChanged,
    UploadConflicts,
    abandon_upload,
    apply_upload,
    changes_of,
    conclude_upload,
    note_progress,
    read_upload_again,
    receive_upload,
    reconcile_uploads,
)

__all__ = [
    "UPLOADS",
    "Conflict",
    "Entry",
    "NotAttestable",
    "Outcome",
    "ReasonRequired",
    "RefusedContent",
    "RoundClosed",
    "StateChanged",
    "UploadChange",
    "UploadChanged",
    "UploadConflicts",
    "abandon_upload",
    "apply_upload",
    "attest",
    "changes_of",
    "conclude_upload",
    "end_extension",
    "extend_round",
    "freeze_due_rounds",
    "freeze_round",
    "grant_extension",
    "note_progress",
    "open_round",
    "read_upload_again",
    "receive_upload",
    "reconcile_uploads",
    "save_entries",
    "send_back",
    "validate",
]
