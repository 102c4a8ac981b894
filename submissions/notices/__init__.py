"""Mails about collecting and controlling: who is told what, once.

Call ``tell_…`` in the transaction of what it tells. No mail holds a figure, nor a person's name.
"""

from .digests import tell_digests
from .events import (
    tell_correction,
    tell_extension,
    tell_extension_ended,
    tell_reminders,
    tell_returned,
    tell_time_refused,
    tell_validated,
)
from .kinds import KINDS
from .schedule import tell_opening, tell_what_is_due

__all__ = [
    "KINDS",
    "tell_correction",
    "tell_digests",
    "tell_extension",
    "tell_extension_ended",
    "tell_opening",
    "tell_reminders",
    "tell_returned",
    "tell_time_refused",
    "tell_validated",
    "tell_what_is_due",
]
