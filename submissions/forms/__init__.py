"""Forms of reporting and controlling."""

from .corrections import CorrectionForm
from .decisions import DecisionForm, ReturnForm, WithdrawForm
from .entry import EntryForm
from .rows import Row

__all__ = ["CorrectionForm", "DecisionForm", "EntryForm", "ReturnForm", "Row", "WithdrawForm"]
