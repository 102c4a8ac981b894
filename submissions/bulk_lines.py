"""A selection to validate, shaped for templates: its preview and what happened to each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .enums import State
from .models import Submission
from .presenters import Standing
from .services import NotTreated, Treated


@dataclass(frozen=True, slots=True)
class PreviewLine(Standing):
    """A submission of a selection with what a controller looks at before validating it."""

    seen: int = -1
    may_control: bool = False
    changed: int = 0

    @classmethod
    def of(
        cls,
        submission: Submission,
        now: dt.datetime,
        *,
        seen: int = -1,
        may_control: bool = False,
        changed: int = 0,
    ) -> PreviewLine:
        """``changed``: how many figures differ from those that were returned."""
        state = submission.round.state(now)
        return cls(submission, state, seen=seen, may_control=may_control, changed=changed)

    @property
    def is_valid(self) -> bool:
        """Whether it can be validated by this reader now."""
        return self.may_control and self.submission.state == State.SUBMITTED

    @property
    def remarks(self) -> list[str]:
        """What deserves a look, in words."""
        counted, submission = vars(self.submission), self.submission
        found = []
        if counted["remarks"]:
            text = ngettext(
                "%(n)s figure with a remark", "%(n)s figures with a remark", counted["remarks"]
            )
            found.append(text % {"n": counted["remarks"]})
        if submission.is_maintained:
            found.append(_("Maintained: “%(reason)s”") % {"reason": submission.maintain_reason})
        if submission.return_reason:
            text = ngettext(
                "%(n)s figure changed since the return",
                "%(n)s figures changed since the return",
                self.changed,
            )
            found.append(text % {"n": self.changed})
        if counted["by_one_person"]:
            found.append(_("Entered and attested by the same person."))
        if self.seen != submission.version:
            found.append(_("Changed since you opened the list."))
        return found

    @property
    def refusal(self) -> str:
        """Why it cannot be validated here, if so."""
        if self.submission.state != State.SUBMITTED:
            return refusal_text(self.submission, NotTreated.CHANGED)
        return "" if self.may_control else refusal_text(self.submission, NotTreated.NOT_YOURS)


@dataclass(frozen=True, slots=True)
class Result:
    """A submission and what happened to it, in words."""

    submission: Submission
    is_validated: bool
    text: str


@dataclass(frozen=True, slots=True)
class Results:
    """What happened to a selection."""

    rows: Sequence[Result]

    @classmethod
    def of(cls, treated: Sequence[Treated]) -> Results:
        return cls([_result(each) for each in treated])

    @property
    def validated(self) -> int:
        return sum(row.is_validated for row in self.rows)

    @property
    def left(self) -> int:
        return len(self.rows) - self.validated

    @property
    def summary(self) -> str:
        """ "11 submissions validated, 1 not treated." """
        done = ngettext(
            "%(n)s submission validated", "%(n)s submissions validated", self.validated
        ) % {"n": self.validated}
        if not self.left:
            return f"{done}."
        rest = ngettext("%(n)s not treated", "%(n)s not treated", self.left) % {"n": self.left}
        return f"{done}, {rest}."


def _result(treated: Treated) -> Result:
    if treated.refusal is None:
        return Result(treated.submission, True, _("validated"))
    text = _("not treated: %(why)s") % {"why": refusal_text(treated.submission, treated.refusal)}
    return Result(treated.submission, False, text)


def refusal_text(submission: Submission, refusal: NotTreated) -> str:
    """Why a submission, as it is now, was not or cannot be validated."""
    if refusal == NotTreated.NOT_YOURS:
        return _("not yours to control")
    by = {"name": submission.decided_by}
    if submission.state == State.RETURNED:
        return _("returned by %(name)s") % by
    if submission.state == State.VALIDATED:
        return _("validated by %(name)s") % by
    if submission.state == State.DRAFT:
        return _("withdrawn by its unit")
    return _("changed in the meantime")
