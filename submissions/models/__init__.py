"""What was reported: rounds, who is expected to say what, submissions, cells and measurements."""

from .cells import Cell, Evidence, Measurement
from .checks import Check, PeerValues
from .corrections import OUTDATED, Correction, CorrectionQuerySet
from .remarks import Remark
from .requests import CalendarFeed, ExtensionRequest
from .rounds import Round, RoundSubject, RoundTiming
from .submissions import (
    Expectation,
    ExpectationQuerySet,
    Extension,
    Submission,
    SubmissionQuerySet,
    Transition,
)
from .uploads import Upload

__all__ = [
    "OUTDATED",
    "CalendarFeed",
    "Cell",
    "Check",
    "Correction",
    "CorrectionQuerySet",
    "Evidence",
    "Expectation",
    "ExpectationQuerySet",
    "Extension",
    "ExtensionRequest",
    "Measurement",
    "PeerValues",
    "Remark",
    "Round",
    "RoundSubject",
    "RoundTiming",
    "Submission",
    "SubmissionQuerySet",
    "Transition",
    "Upload",
]
