"""Every write of this app: rounds, entries and decisions."""

from .bulk import NotTreated, Pick, Treated, validate_each
from .calendars import renew_calendar, stop_calendar
from .corrections import (
    CorrectionUnderWay,
    accept_correction,
    attest_correction,
    propose_correction,
    refuse_correction,
    withdraw_correction,
)
from .decisions import NotAttestable, ReasonRequired, attest, send_back, validate, withdraw
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
from .extensions import ask_for_time, end_extension, grant_extension, refuse_time
from .peers import owe_peers, owe_peers_of
from .planning import (
    Planned,
    RoundExists,
    RoundOpened,
    change_planned_round,
    keep_timing,
    plan_rounds,
    remove_planned_round,
)
from .remarks import LONGEST_REMARK, AlreadyAnswered, RemarksClosed, answer_remark, make_remark
from .reminders import Reminded, remind
from .rounds import (
    extend_round,
    freeze_due_rounds,
    freeze_round,
    lock_due_rounds,
    lock_round,
    open_round,
)
from .standing import RoundClosed, StateChanged

__all__ = [
    "LONGEST_REMARK",
    "MOST_FILES",
    "AlreadyAnswered",
    "AlreadyThere",
    "Conflict",
    "CorrectionUnderWay",
    "Entry",
    "NotAttestable",
    "NotStored",
    "NotTreated",
    "Outcome",
    "Pick",
    "Planned",
    "ReasonRequired",
    "RefusedContent",
    "RemarksClosed",
    "Reminded",
    "RoundClosed",
    "RoundExists",
    "RoundOpened",
    "StateChanged",
    "TooManyFiles",
    "Treated",
    "accept_correction",
    "add_evidence",
    "answer_remark",
    "ask_for_time",
    "attest",
    "attest_correction",
    "change_planned_round",
    "end_extension",
    "extend_round",
    "freeze_due_rounds",
    "freeze_round",
    "grant_extension",
    "keep_timing",
    "lock_due_rounds",
    "lock_round",
    "make_remark",
    "open_round",
    "owe_peers",
    "owe_peers_of",
    "plan_rounds",
    "propose_correction",
    "refuse_correction",
    "refuse_time",
    "remind",
    "remove_evidence",
    "remove_planned_round",
    "renew_calendar",
    "save_entries",
    "send_back",
    "stop_calendar",
    "sweep_evidence",
    "validate",
    "validate_each",
    "withdraw",
    "withdraw_correction",
]
