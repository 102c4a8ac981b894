"""Forms of reporting and controlling."""

from .decisions import ReturnForm
from .entry import EntryForm
from .rows import Row
from .uploads import UploadForm

__all__ = ["EntryForm", "ReturnForm", "Row", "UploadForm"]
