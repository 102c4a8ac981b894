"""My work, the entry form, the review queue, the histories and the rounds."""

from .bulk import Selection
from .cells import CellHistory
from .corrections import AskCorrection, AttestCorrection, ReviewCorrection, WithdrawCorrection
from .evidence import CellFiles, EvidenceFile, RemoveEvidence
from .extensions import AskForTime, EndExtension, MoreTime, RefuseTime
from .files import MarkedFile, UploadFile, UploadPage, Workbook
from .narrowed import ReportGrid, ReportRow
from .remarks import AboutUs, AnswerRemark, FigureAboutUs
from .report import Report
from .review import Queue, Review, ReviewDefinition, SendBack, Validate
from .rounds import RoundChange, RoundDetail, RoundList, RoundPlan, RoundRemove
from .saving import SaveCells
from .withdrawal import Withdraw
from .work import Calendar, CalendarAddress, Work

__all__ = [
    "AboutUs",
    "AnswerRemark",
    "AskCorrection",
    "AskForTime",
    "AttestCorrection",
    "Calendar",
    "CalendarAddress",
    "CellFiles",
    "CellHistory",
    "EndExtension",
    "EvidenceFile",
    "FigureAboutUs",
    "MarkedFile",
    "MoreTime",
    "Queue",
    "RefuseTime",
    "RemoveEvidence",
    "Report",
    "ReportGrid",
    "ReportRow",
    "Review",
    "ReviewCorrection",
    "ReviewDefinition",
    "RoundChange",
    "RoundDetail",
    "RoundList",
    "RoundPlan",
    "RoundRemove",
    "SaveCells",
    "Selection",
    "SendBack",
    "UploadFile",
    "UploadPage",
    "Validate",
    "Withdraw",
    "WithdrawCorrection",
    "Work",
    "Workbook",
]
