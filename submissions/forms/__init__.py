"""Forms of reporting and controlling."""

from .decisions import ReturnForm
from .entry import EntryForm
from .evidence import EvidenceForm
from .remarks import AnswerForm, RemarkForm
from .rows import Row

__all__ = ["AnswerForm", "EntryForm", "EvidenceForm", "RemarkForm", "ReturnForm", "Row"]
