"""My work, the entry form, the review queue, the histories and the rounds."""

from .cells import CellHistory
from .extensions import AskForTime, EndExtension, MoreTime, RefuseTime
from .report import Report
from .review import Queue, Review, SendBack, Validate
from .rounds import RoundChange, RoundDetail, RoundList, RoundPlan, RoundRemove
from .work import Calendar, CalendarAddress, Work

__all__ = [
    "AskForTime",
    "Calendar",
    "CalendarAddress",
    "CellHistory",
    "EndExtension",
    "MoreTime",
    "Queue",
    "RefuseTime",
    "Report",
    "Review",
    "RoundChange",
    "RoundDetail",
    "RoundList",
    "RoundPlan",
    "RoundRemove",
    "SendBack",
    "Validate",
    "Work",
]
