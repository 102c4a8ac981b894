"""Forms of reporting and controlling."""

from .decisions import ReturnForm
from .entry import EntryForm
from .rows import Row

__all__ = ["EntryForm", "ReturnForm", "Row"]
