"""Every write of this app: rounds, entries and decisions."""

from .decisions import NotAttestable, ReasonRequired, attest, send_back, validate
from .entries import Conflict, Entry, Outcome, RefusedContent, save_entries
from .evidence import (
    MOST_FILES,
    AlreadyThere,
    NotStored,
    TooManyFiles,
    add_evidence,
    remove_evidence,
    sweep_evidence,
)
from .extensions import end_extension, grant_extension
from .remarks import (
    LONGEST_REMARK,
    AlreadyAnswered,
    RemarksClosed,
    answer_remark,
    make_remark,
)
from .reminders import Reminded, remind
from .rounds import extend_round, freeze_due_rounds, freeze_round, open_round
from .standing import RoundClosed, StateChanged

__all__ = [
    "LONGEST_REMARK",
    "MOST_FILES",
    "AlreadyAnswered",
    "AlreadyThere",
    "Conflict",
    "Entry",
    "NotAttestable",
    "NotStored",
    "Outcome",
    "ReasonRequired",
    "RefusedContent",
    "RemarksClosed",
    "Reminded",
    "RoundClosed",
    "StateChanged",
    "TooManyFiles",
    "add_evidence",
    "answer_remark",
    "attest",
    "end_extension",
    "extend_round",
    "freeze_due_rounds",
    "freeze_round",
    "grant_extension",
    "make_remark",
    "open_round",
    "remind",
    "remove_evidence",
    "save_entries",
    "send_back",
    "sweep_evidence",
    "validate",
]
