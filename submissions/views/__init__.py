"""My work, the entry form, the review queue and the histories."""

from .cells import CellHistory
from .evidence import CellFiles, EvidenceFile, RemoveEvidence
from .remarks import AboutUs, AnswerRemark, FigureAboutUs
from .report import Report
from .review import Queue, Review, SendBack, Validate
from .work import Work

__all__ = [
    "AboutUs",
    "AnswerRemark",
    "CellFiles",
    "CellHistory",
    "EvidenceFile",
    "FigureAboutUs",
    "Queue",
    "RemoveEvidence",
    "Report",
    "Review",
    "SendBack",
    "Validate",
    "Work",
]
