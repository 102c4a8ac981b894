"""What the pages read, in a number of queries that does not depend on the number of rows."""

from submissions.figures import Series

from .checks import findings_of, validated_before
from .figures import (
    PastShape,
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
from .peers import Beside, peers_beside

__all__ = [
    "QUEUE_FILTERS",
    "Beside",
    "PastShape",
    "Series",
    "approvers_of",
    "asked_until",
    "blocks_of",
    "cells_visible_to",
    "compared_codes",
    "definitions",
    "findings_of",
    "in_queue",
    "is_by_one_person",
    "last_edit",
    "next_round",
    "past_texts",
    "peers_beside",
    "predecessors_texts",
    "queue_counts",
    "queue_of",
    "queue_rows",
    "revisions_of",
    "series_of",
    "transitions_of",
    "validated_before",
    "with_progress",
    "with_remarks",
    "work_of",
]
