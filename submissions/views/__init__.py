"""My work, the entry form, the review queue and the histories."""

from .cells import CellHistory
from .report import Report, ReportGrid
from .review import Queue, Review, SendBack, Validate
from .saving import SaveCells
from .work import Work

__all__ = [
    "CellHistory",
    "Queue",
    "Report",
    "ReportGrid",
    "Review",
    "SaveCells",
    "SendBack",
    "Validate",
    "Work",
]
