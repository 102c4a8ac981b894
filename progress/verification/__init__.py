"""Every stored result once more, on a way of its own: METHOD.md 2 to 5 read plainly, row by row.

It shares no calculation with the kernel (indicators.calculation) nor with progress.aggregation, so
that a fault of theirs shows here as a difference. It prefers plainness to speed: one indicator at a
time, dictionaries and exact fractions. Sections in comments are METHOD.md's.
"""

from .reading import Difference, Report, read_ground
from .report import differences, reports, verified
from .snapshots import snapshot_report

__all__ = [
    "Difference",
    "Report",
    "differences",
    "read_ground",
    "reports",
    "snapshot_report",
    "verified",
]
