"""Forms of reporting and controlling."""

from .corrections import CorrectionForm
from .decisions import DecisionForm, ReturnForm, WithdrawForm
from .entry import EntryForm
from .rounds import AskForm, DatesForm, ExtensionForm, RefusalForm, TimingForm
from .rows import Row

__all__ = [
    "AskForm",
    "CorrectionForm",
    "DatesForm",
    "DecisionForm",
    "EntryForm",
    "ExtensionForm",
    "RefusalForm",
    "ReturnForm",
    "Row",
    "TimingForm",
    "WithdrawForm",
]
