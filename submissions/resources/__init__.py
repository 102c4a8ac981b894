"""Files of figures: the workbook that a unit fills, and reading what it gives back."""

from .receiving import read_upload
from .template import TemplateKind, template_bytes

__all__ = ["TemplateKind", "read_upload", "template_bytes"]
