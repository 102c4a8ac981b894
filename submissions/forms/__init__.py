"""Forms of reporting and controlling."""

from .corrections import CorrectionForm
from .decisions import DecisionForm, ReturnForm, WithdrawForm
from .entry import EntryForm
from .evidence import EvidenceForm
from .remarks import AnswerForm, RemarkForm
from .rounds import AskForm, DatesForm, ExtensionForm, RefusalForm, TimingForm
from .rows import Row, cells_in
from .uploads import UploadForm

__all__ = [
    "AnswerForm",
    "AskForm",
    "CorrectionForm",
    "DatesForm",
    "DecisionForm",
    "EntryForm",
    "EvidenceForm",
    "ExtensionForm",
    "RefusalForm",
    "RemarkForm",
    "ReturnForm",
    "Row",
    "TimingForm",
    "UploadForm",
    "WithdrawForm",
    "cells_in",
]
