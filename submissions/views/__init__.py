"""My work, the entry form, the review queue and the histories."""

from .bulk import Selection
from .cells import CellHistory
from .corrections import AskCorrection, AttestCorrection, ReviewCorrection, WithdrawCorrection
from .report import Report
from .review import Queue, Review, SendBack, Validate
from .withdrawal import Withdraw
from .work import Work

__all__ = [
    "AskCorrection",
    "AttestCorrection",
    "CellHistory",
    "Queue",
    "Report",
    "Review",
    "ReviewCorrection",
    "Selection",
    "SendBack",
    "Validate",
    "Withdraw",
    "WithdrawCorrection",
    "Work",
]
