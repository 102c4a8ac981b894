"""My work, the entry form, the review queue and the histories."""

from .cells import CellHistory
from .files import MarkedFile, UploadFile, UploadPage, Workbook
from .report import Report
from .review import Queue, Review, SendBack, Validate
from .work import Work

__all__ = [
    "CellHistory",
    "MarkedFile",
    "Queue",
    "Report",
    "Review",
    "SendBack",
    "UploadFile",
    "UploadPage",
    "Validate",
    "Work",
    "Workbook",
]
