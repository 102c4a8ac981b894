"""Every write of this app: rounds, entries and decisions."""

from .decisions import NotAttestable, ReasonRequired, attest, send_back, validate
from .entries import (
    Conflict,
    Entry,
    Held,
    Outcome,
    RefusedContent,
    hold_figures,
    save_entries,
    save_held,
)
from .extensions import end_extension, grant_extension
from .rounds import extend_round, freeze_due_rounds, freeze_round, open_round
from .standing import RoundClosed, StateChanged

__all__ = [
    "Conflict",
    "Entry",
    "Held",
    "NotAttestable",
    "Outcome",
    "ReasonRequired",
    "RefusedContent",
    "RoundClosed",
    "StateChanged",
    "attest",
    "end_extension",
    "extend_round",
    "freeze_due_rounds",
    "freeze_round",
    "grant_extension",
    "hold_figures",
    "open_round",
    "save_entries",
    "save_held",
    "send_back",
    "validate",
]
