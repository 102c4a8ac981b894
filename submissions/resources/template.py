"""A file of figures as bytes, in one language: a workbook, or CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import get_language, override

from foundation.grids import kept_inert
from foundation.spreadsheets import BOM
from submissions.figures import Block
from submissions.models import Submission

from .columns import Value
from .lines import FileOfFigures, filled
from .workbook import workbook_bytes


class TemplateKind(StrEnum):
    """The formats of a file of figures, by the end of its name."""

    XLSX = "xlsx"
    CSV = "csv"


def template_bytes(
    submission: Submission, blocks: Sequence[Block], *, kind: TemplateKind, language: str
) -> bytes:
    """The file that a unit fills, with what is saved now. A constant number of queries."""
    with override(language):
        return written(filled(submission, blocks), kind)


def written(file: FileOfFigures, kind: TemplateKind) -> bytes:
    return workbook_bytes(file) if kind == TemplateKind.XLSX else csv_bytes(file)


def csv_bytes(file: FileOfFigures) -> bytes:
    """UTF-8 with a mark of it, semicolons, numbers as the language writes them, without groups."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    columns = file.columns
    writer.writerow([kept_inert(file.heading(column)) for column in columns])
    for line in file.lines:
        writer.writerow([_text(file.value(line, column)) for column in columns])
    return (BOM + buffer.getvalue()).encode()


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return kept_inert(value) if isinstance(value, str) else str(value)


def _number(value: Decimal) -> str:
    """Without groups; 1,234 could be read in two ways, so it is written 1,2340."""
    text = f"{value:f}"
    whole, point, decimals = text.partition(".")
    if len(decimals) == 3 and len(whole.lstrip("-")) <= 3:
        text += "0"
    english = (get_language() or "fr").startswith("en")
    return text if english or not point else text.replace(".", ",")
