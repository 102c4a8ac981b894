"""My work, the entry form, the review queue and the histories."""

from .cells import CellHistory
from .report import Report
from .review import Queue, Review, SendBack, Validate
from .work import Work

__all__ = [
    "CellHistory",
    "Queue",
    "Report",
    "Review",
    "SendBack",
    "Validate",
    "Work",
]
