"""Forms of reporting and controlling."""

from .decisions import ReturnForm
from .entry import EntryForm
from .rounds import AskForm, DatesForm, ExtensionForm, RefusalForm, TimingForm
from .rows import Row

__all__ = [
    "AskForm",
    "DatesForm",
    "EntryForm",
    "ExtensionForm",
    "RefusalForm",
    "ReturnForm",
    "Row",
    "TimingForm",
]
