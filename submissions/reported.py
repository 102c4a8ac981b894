"""Rows of what others report about a unit, shaped for templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from organisations.models import User

from . import rules, selectors, wording
from .content import Content
from .enums import State
from .models import Cell, Expectation, Measurement, Remark


@dataclass(frozen=True, slots=True)
class Reported:
    """What another unit attested about one's own by one definition, and whether to remark on it.

    ``until``: the last moment to do so, in the past where it is over.
    """

    expectation: Expectation
    until: dt.datetime
    is_open: bool
    may_remark: bool

    @classmethod
    def rows(
        cls, expectations: Iterable[Expectation], user: User, now: dt.datetime
    ) -> list[Reported]:
        """One per expectation; who may remark is asked once per unit."""
        may: dict[int, bool] = {}
        rows = []
        for each in expectations:
            submission, unit = each.submission, each.subject.unit_id
            if unit not in may:
                may[unit] = rules.may_remark(user, each)
            until = selectors.remarks_until(submission.submitted_at or submission.round.opens_at)
            is_open = selectors.is_remarkable(submission, now)
            rows.append(cls(each, until, is_open, may[unit]))
        return rows

    @property
    def look(self) -> str:
        """The submission's code in ``looks.SUBMISSION_STATES``."""
        submission = self.expectation.submission
        maintained = submission.state == State.SUBMITTED and submission.is_maintained
        return "maintained" if maintained else submission.state

    @property
    def remarks(self) -> Sequence[Remark]:
        return list(self.expectation.remarks.all())

    @property
    def figures(self) -> list[tuple[str, str]]:
        """The total and each option, by name; empty while the source corrects them."""
        version = self.expectation.version
        labels = {option.code: option.label for option in version.options.all()}
        return [
            (labels.get(cell.option, ""), wording.figure_text(version, Content.of(said)))
            for cell in self.expectation.cells.all()
            if (said := self._said(cell)) is not None
        ]

    def _said(self, cell: Cell) -> Measurement | None:
        """What the source attested; what it is writing is not shown."""
        if self.expectation.submission.state == State.SUBMITTED:
            return cell.current
        return cell.validated

    @property
    def window(self) -> str:
        """Until when to remark, or why not now."""
        if self.is_open:
            return _("Remarks are open.")
        if self.expectation.submission.state not in (State.SUBMITTED, State.VALIDATED):
            return _("The source is correcting its figures: remarks open when it attests them.")
        return _("The %(days)s days for remarks are over.") % {"days": selectors.REMARK_DAYS}
