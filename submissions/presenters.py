"""Rows of lists and histories, shaped for templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from foundation.looks import SUBMISSION_STATES
from foundation.registries import Label
from indicators.models import IndicatorVersion
from organisations.models import Unit

from . import selectors, wording
from .content import Content
from .enums import Entrance, RoundState, State
from .models import Extension, Measurement, Submission, SubmissionQuerySet, Transition


@dataclass(frozen=True, slots=True)
class Standing:
    """How a submission stands at a moment, for the state chips and what can be done next.

    ``extension`` is the one in force: with it the unit goes on after the lock, alone.
    """

    submission: Submission
    round_state: RoundState
    extension: Extension | None = None

    @classmethod
    def of(cls, submission: Submission, now: dt.datetime) -> Standing:
        """One query while figures can be entered, unless extensions are prefetched."""
        editable = submission.state in State.editable()
        extension = submission.extension(now) if editable else None
        return cls(submission, submission.round.state(now), extension)

    @property
    def look(self) -> str:
        """The submission's code in ``looks.SUBMISSION_STATES``."""
        state = self.submission.state
        if state == State.SUBMITTED and self.submission.is_maintained:
            return "maintained"
        return state

    @property
    def is_late(self) -> bool:
        return self.is_editable_state and self.round_state == RoundState.LATE

    @property
    def is_locked(self) -> bool:
        """Whether the round is locked, and for this unit too."""
        return self.round_state == RoundState.LOCKED and self.extension is None

    @property
    def is_extended(self) -> bool:
        """Whether more time is what this unit may still use, now or once the round has locked."""
        return self.extension is not None

    @property
    def is_editable_state(self) -> bool:
        return self.submission.state in State.editable()

    @property
    def is_open(self) -> bool:
        """Whether figures can be entered now."""
        takes = self.round_state in (RoundState.OPEN, RoundState.LATE)
        extended = self.round_state == RoundState.LOCKED and self.extension is not None
        return self.is_editable_state and (takes or extended)

    @property
    def is_returned(self) -> bool:
        return self.submission.state == State.RETURNED

    @property
    def may_ask_for_time(self) -> bool:
        """Whether a request makes sense: the due date has passed, and nothing gives more time."""
        past_due = self.round_state in (RoundState.LATE, RoundState.LOCKED)
        return self.is_editable_state and past_due and self.extension is None


def sent_text(reporter: Unit) -> str:
    """Where an attested submission went."""
    controller = reporter.controlled_by
    if controller is None:
        return _("Attested and sent to the secretariat.")
    return _("Attested and sent to the %(dca)s.") % {"dca": controller.acronym or controller.label}


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of a history: when, what, who, and why or what."""

    when: dt.datetime
    title: str
    actor: str
    text: str


def transition_events(transitions: Iterable[Transition], one_person: bool = False) -> list[Event]:
    events = []
    for step in transitions:
        texts = [quoted(step.reason)] if step.reason else []
        if one_person and step.after == State.SUBMITTED:
            texts.append(_("Entered and attested by the same person."))
            one_person = False
        events.append(Event(step.at, transition_title(step), str(step.actor), " ".join(texts)))
    return events


def last_change(transitions: Sequence[Transition], edit: Measurement | None) -> list[Event]:
    """The last thing that happened: a step, or the ``edit`` since."""
    if edit is None:
        return transition_events(transitions[:1])
    return [Event(edit.entered_at, _("Figures saved"), str(edit.entered_by), "")]


def quoted(text: str) -> str:
    return _("“%(text)s”") % {"text": text}


def transition_title(step: Transition) -> str:
    if step.after == State.SUBMITTED and step.before == State.RETURNED and step.reason:
        return str(SUBMISSION_STATES["maintained"].label)
    return str(SUBMISSION_STATES[step.after].label)


def revision_events(version: IndicatorVersion, revisions: list[Measurement]) -> list[Event]:
    """What each revision said and what it replaced, last first."""
    reasons = {reason.code: reason.text for reason in version.not_applicable_reasons.all()}
    return [
        Event(
            revision.entered_at,
            _change_text(version, revision, before),
            str(revision.entered_by),
            _revision_text(revision, reasons),
        )
        for revision, before in pairwise([*revisions, None])
        if revision is not None
    ]


def _change_text(
    version: IndicatorVersion, revision: Measurement, before: Measurement | None
) -> str:
    now = wording.figure_text(version, Content.of(revision))
    if before is None:
        return now
    return f"{wording.figure_text(version, Content.of(before))} → {now}"


def _revision_text(revision: Measurement, reasons: Mapping[str, str]) -> str:
    content = Content.of(revision)
    entrance = _("Entrance: %(entrance)s.") % {"entrance": Entrance(revision.entrance).label}
    parts = [entrance]
    if content.reason:
        parts.append(quoted(wording.absence_text(content, dict(reasons))))
    if content.comment:
        parts.append(pgettext("history", "Comment: “%s”") % content.comment)
    return " ".join(parts)


#: What each filter of the queue is called.
QUEUE_LABELS = {
    "to-control": gettext_lazy("To control"),
    "remarks": gettext_lazy("With remarks"),
    "returned": pgettext_lazy("submissions", "Returned"),
    "expected": pgettext_lazy("submissions", "Expected"),
    "validated": pgettext_lazy("submissions", "Validated"),
}


@dataclass(frozen=True, slots=True)
class Counter:
    """A filter of the queue with how many submissions it holds."""

    code: str
    label: Label
    count: int


def queue_counters(submissions: SubmissionQuerySet) -> list[Counter]:
    counts = selectors.queue_counts(submissions)
    return [Counter(code, QUEUE_LABELS[code], count) for code, count in counts.items()]
