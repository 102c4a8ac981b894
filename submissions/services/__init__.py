"""Every write of this app: rounds, entries and decisions."""

from .calendars import renew_calendar, stop_calendar
from .decisions import NotAttestable, ReasonRequired, attest, send_back, validate
from .entries import Conflict, Entry, Outcome, RefusedContent, save_entries
from .extensions import ask_for_time, end_extension, grant_extension, refuse_time
from .planning import (
    Planned,
    RoundExists,
    RoundOpened,
    change_planned_round,
    keep_timing,
    plan_rounds,
    remove_planned_round,
)
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
    "Conflict",
    "Entry",
    "NotAttestable",
    "Outcome",
    "Planned",
    "ReasonRequired",
    "RefusedContent",
    "RoundClosed",
    "RoundExists",
    "RoundOpened",
    "StateChanged",
    "ask_for_time",
    "attest",
    "change_planned_round",
    "end_extension",
    "extend_round",
    "freeze_due_rounds",
    "freeze_round",
    "grant_extension",
    "keep_timing",
    "lock_due_rounds",
    "lock_round",
    "open_round",
    "plan_rounds",
    "refuse_time",
    "remove_planned_round",
    "renew_calendar",
    "save_entries",
    "send_back",
    "stop_calendar",
    "validate",
]
