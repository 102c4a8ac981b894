"""The form of a correction: the fields of the entry form, for a total and its options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from foundation.forms import words
from submissions import wording
from submissions.checking import Finding
from submissions.content import Content
from submissions.correction_lines import Change
from submissions.figures import Block
from submissions.services import Entry

from .rows import Row

LONGEST_REASON = 1000


class CorrectionForm:
    """Validated figures of one expectation as fields, and why they change.

    ``held_against`` gives what hinders these figures with other contents, by cell id."""

    longest_reason = LONGEST_REASON

    def __init__(
        self,
        block: Block,
        *,
        last_day: dt.date,
        held_against: Callable[[Mapping[int, Content]], list[Finding]],
        posted: Mapping[str, Any] | None = None,
    ) -> None:
        self.block = block
        self.held_against = held_against
        self.reason = words((posted or {}).get("reason", ""))
        self.is_posted = posted is not None
        self.rows = [Row(each, last_day=last_day, posted=posted) for each in block.figures]
        if self.is_posted:
            self._check_rows()

    def _check_rows(self) -> None:
        """A validated figure gives way to a figure or a reason, and sums still add up."""
        for row in self.rows:
            if row.entry and not row.errors and row.entry.content.is_missing:
                row.errors[row.first_part] = wording.blank_text()
        if any(row.errors for row in self.rows):
            return
        after = {entry.cell_id: entry.content for entry in self.entries}
        rows = {row.figure.cell.pk: row for row in self.rows}
        for finding in self.held_against(after):
            row = rows.get(finding.figure.cell.pk, self.rows[0])
            row.findings = [*row.findings, finding]

    @property
    def entries(self) -> list[Entry]:
        """Where something else is said than what is validated."""
        return [
            row.entry
            for row in self.rows
            if row.entry is not None and row.entry.content != row.content
        ]

    @cached_property
    def changes(self) -> list[Change]:
        figures = {row.figure.cell.pk: row.figure for row in self.rows}
        return [
            Change.between(
                self.block.version,
                figures[entry.cell_id].label,
                entry.cell_id,
                figures[entry.cell_id].content,
                entry.content,
            )
            for entry in self.entries
        ]

    @cached_property
    def reason_error(self) -> str:
        if not self.reason:
            return str(_("Say why the figure changes."))
        if len(self.reason) > LONGEST_REASON:
            text = _("This reason is longer than %(most)s characters. Shorten it: nothing is lost.")
            return str(text) % {"most": LONGEST_REASON}
        return ""

    @cached_property
    def errors(self) -> list[dict[str, str]]:
        """For the summary, in the words that stand at the field."""
        if not self.is_posted:
            return []
        found = [
            {"label": row.figure.label, "message": str(message), "target": row.target}
            for row in self.rows
            for message in row.messages
        ]
        if not found and not self.entries:
            text = str(_("Change at least one figure: these are the validated ones."))
            found.append({"label": "", "message": text, "target": self.rows[0].target})
        if self.reason_error:
            found.append({"label": "", "message": self.reason_error, "target": "reason"})
        return found

    @property
    def to_explain(self) -> list[dict[str, str]]:
        """For a summary of its own: what wants a comment."""
        return [
            {"label": row.figure.label, "message": message, "target": row.target}
            for row in self.rows
            for message in row.to_explain
        ]

    @property
    def is_valid(self) -> bool:
        return self.is_posted and not self.errors and not self.to_explain
