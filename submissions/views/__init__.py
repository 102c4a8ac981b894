"""My work, the entry form, the review queue, the histories and the rounds."""

from .bulk import Selection
from .cells import CellHistory
from .corrections import AskCorrection, AttestCorrection, ReviewCorrection, WithdrawCorrection
from .extensions import AskForTime, EndExtension, MoreTime, RefuseTime
from .report import Report
from .review import Queue, Review, SendBack, Validate
from .rounds import RoundChange, RoundDetail, RoundList, RoundPlan, RoundRemove
from .withdrawal import Withdraw
from .work import Calendar, CalendarAddress, Work

__all__ = [
    "AskCorrection",
    "AskForTime",
    "AttestCorrection",
    "Calendar",
    "CalendarAddress",
    "CellHistory",
    "EndExtension",
    "MoreTime",
    "Queue",
    "RefuseTime",
    "Report",
    "Review",
    "ReviewCorrection",
    "RoundChange",
    "RoundDetail",
    "RoundList",
    "RoundPlan",
    "RoundRemove",
    "Selection",
    "SendBack",
    "Validate",
    "Withdraw",
    "WithdrawCorrection",
    "Work",
]
