"""Every write of this app: rounds, entries and decisions."""

from .decisions import NotAttestable, ReasonRequired, attest, send_back, validate
from .entries import Conflict, Entry, Outcome, RefusedContent, save_entries
from .extensions import end_extension, grant_extension
from .peers import owe_peers, owe_peers_of
from .rounds import extend_round, freeze_due_rounds, freeze_round, open_round
from .standing import RoundClosed, StateChanged

__all__ = [
    "Conflict",
    "Entry",
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
    "open_round",
    "owe_peers",
    "owe_peers_of",
    "save_entries",
    "send_back",
    "validate",
]
