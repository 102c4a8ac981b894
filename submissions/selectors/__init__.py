"""What the pages read, in a number of queries that does not depend on the number of rows."""

from .figures import (
    PastShape,
    Series,
    blocks_of,
    compared_codes,
    definitions,
    past_texts,
    predecessors_texts,
    series_of,
)
from .history import (
    asked_until,
    cells_visible_to,
    last_edit,
    revisions_of,
    transitions_of,
)
from .lists import (
    QUEUE_FILTERS,
    approvers_of,
    in_queue,
    is_by_one_person,
    next_round,
    queue_counts,
    queue_of,
    queue_rows,
    with_progress,
    with_remarks,
    work_of,
)
from .uploads import applied_before, latest_uploads, revisions_at, uploads_visible_to

__all__ = [
    "QUEUE_FILTERS",
    "PastShape",
    "Series",
    "applied_before",
    "approvers_of",
    "asked_until",
    "blocks_of",
    "cells_visible_to",
    "compared_codes",
    "definitions",
    "in_queue",
    "is_by_one_person",
    "last_edit",
    "latest_uploads",
    "next_round",
    "past_texts",
    "predecessors_texts",
    "queue_counts",
    "queue_of",
    "queue_rows",
    "revisions_at",
    "revisions_of",
    "series_of",
    "transitions_of",
    "uploads_visible_to",
    "with_progress",
    "with_remarks",
    "work_of",
]
