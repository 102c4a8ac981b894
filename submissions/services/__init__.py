"""Every write of this app: rounds, entries and decisions."""

from .bulk import NotTreated, Pick, Treated, validate_each
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
from .extensions import end_extension, grant_extension
from .rounds import extend_round, freeze_due_rounds, freeze_round, open_round
from .standing import RoundClosed, StateChanged

__all__ = [
    "Conflict",
    "CorrectionUnderWay",
    "Entry",
    "NotAttestable",
    "NotTreated",
    "Outcome",
    "Pick",
    "ReasonRequired",
    "RefusedContent",
    "RoundClosed",
    "StateChanged",
    "Treated",
    "accept_correction",
    "attest",
    "attest_correction",
    "end_extension",
    "extend_round",
    "freeze_due_rounds",
    "freeze_round",
    "grant_extension",
    "open_round",
    "propose_correction",
    "refuse_correction",
    "save_entries",
    "send_back",
    "validate",
    "validate_each",
    "withdraw",
    "withdraw_correction",
]
