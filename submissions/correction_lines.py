"""Requests of corrections, shaped for templates: what would replace what, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from foundation.registries import Label
from indicators.models import IndicatorVersion
from organisations.models import User

from . import rules, wording
from .content import Content
from .enums import CorrectionState
from .models import OUTDATED, Correction
from .selectors import CorrectionRequest


@dataclass(frozen=True, slots=True)
class Change:
    """A figure before and after a correction."""

    label: str
    cell_id: int
    before: str
    after: str
    notes: tuple[str, ...] = ()

    @classmethod
    def between(
        cls, version: IndicatorVersion, label: str, cell_id: int, before: Content, after: Content
    ) -> Change:
        was, becomes = (wording.figure_text(version, content) for content in (before, after))
        return cls(label, cell_id, was, becomes, tuple(_notes(version, before, after)))

    @property
    def question(self) -> str:
        """ "Replace 126 by 162?" """
        if self.before == self.after:
            return _("Keep %(figure)s, with another comment or reason?") % {"figure": self.after}
        return _("Replace %(before)s by %(after)s?") % {"before": self.before, "after": self.after}


def _notes(version: IndicatorVersion, before: Content, after: Content) -> Iterable[str]:
    if after.reason and (after.status, after.reason) != (before.status, before.reason):
        yield _("Reason: “%(text)s”") % {"text": wording.absence_text(version, after)}
    if after.steps_done != before.steps_done:
        yield wording.steps_text(version, after)
    if after.comment and after.comment != before.comment:
        yield _("Comment: “%(text)s”") % {"text": after.comment}
    if before.comment and not after.comment:
        yield _("The comment “%(text)s” goes.") % {"text": before.comment}


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request with its changes, its state in words and what a reader may do with it."""

    request: CorrectionRequest
    changes: list[Change]
    may_attest: bool = False
    may_withdraw: bool = False
    may_decide: bool = False

    @classmethod
    def of(cls, request: CorrectionRequest, user: User) -> RequestLine:
        first, submission = request.first, request.submission
        proposed = first.state == CorrectionState.PROPOSED
        attests = first.is_open and rules.may_attest(user, submission)
        enters = proposed and rules.may_enter(user, submission)
        waits = first.state == CorrectionState.ATTESTED
        return cls(
            request,
            [_change(request, each) for each in request.corrections],
            may_attest=proposed and attests,
            may_withdraw=attests or enters,
            may_decide=waits and rules.may_decide(user, first),
        )

    @property
    def first(self) -> Correction:
        return self.request.first

    @property
    def state(self) -> Label:
        return CorrectionState(self.first.state).label

    @property
    def passes_on(self) -> dt.date | None:
        """The day on which the secretariat may decide, where somebody else controls the unit."""
        controlled = self.request.submission.reporter.controlled_by_id is not None
        return self.first.passes_on if controlled else None

    @property
    def decision(self) -> str:
        return decision_text(self.first)


def _change(request: CorrectionRequest, correction: Correction) -> Change:
    version, submission = request.definition, request.submission
    code, subject = correction.cell.option, correction.cell.expectation.subject.unit
    option = next((each.label for each in version.options.all() if each.code == code), "")
    other = subject.label if subject.pk != submission.reporter_id else ""
    label = " – ".join(filter(None, (version.name, option, other)))
    before, after = Content.of(correction.replaces), Content.from_dict(correction.content)
    return Change.between(version, label, correction.cell_id, before, after)


def decision_text(correction: Correction) -> str:
    """Why a request was refused, or what was said with its acceptance."""
    if correction.decision_reason == OUTDATED:
        return _("The figure has changed since this was asked. Ask again from the new figure.")
    return correction.decision_reason
