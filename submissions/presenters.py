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
from organisations.models import Unit, User

from . import rules, selectors, wording
from .content import Content
from .enums import Entrance, RoundState, State
from .models import Measurement, Submission, SubmissionQuerySet, Transition


@dataclass(frozen=True, slots=True)
class Standing:
    """How a submission stands at a moment, for the state chips and what can be done next."""

    submission: Submission
    round_state: RoundState

    @classmethod
    def of(cls, submission: Submission, now: dt.datetime) -> Standing:
        return cls(submission, submission.round.state(now))

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
        return self.round_state == RoundState.LOCKED

    @property
    def is_editable_state(self) -> bool:
        return self.submission.state in State.editable()

    @property
    def is_open(self) -> bool:
        """Whether figures can be entered now."""
        return self.is_editable_state and self.round_state in (RoundState.OPEN, RoundState.LATE)

    @property
    def is_returned(self) -> bool:
        return self.submission.state == State.RETURNED


@dataclass(frozen=True, slots=True)
class WorkLine(Standing):
    """A submission of my units, with how far it is."""

    may_attest: bool = False

    @classmethod
    def for_user(cls, submission: Submission, user: User, now: dt.datetime) -> WorkLine:
        may = rules.may_attest(user, submission)
        return cls(submission, submission.round.state(now), may)

    @property
    def done(self) -> int:
        return int(vars(self.submission)["done"])

    @property
    def total(self) -> int:
        return int(vars(self.submission)["total"])

    @property
    def awaits_attestation(self) -> bool:
        return self.is_open and not self.is_returned and self.done == self.total


@dataclass(frozen=True, slots=True)
class Work:
    """The lines of a user, and the four counts above them."""

    lines: list[WorkLine]

    @property
    def open(self) -> list[WorkLine]:
        """What can be worked on, the first due first."""
        due = [line for line in self.lines if line.is_open]
        return sorted(due, key=lambda line: line.submission.round.due_at)

    @property
    def sent(self) -> list[WorkLine]:
        return [line for line in self.lines if not line.is_open]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "to_do": sum(
                not line.is_returned and not line.awaits_attestation for line in self.open
            ),
            "returned": sum(line.is_returned for line in self.open),
            "to_attest": sum(line.awaits_attestation for line in self.open),
            "late": sum(line.is_late for line in self.open),
        }


def sent_text(reporter: Unit) -> str:
    """Where an attested submission went."""
    controller = reporter.controlled_by
    if controller is None:
        return _("Attested and sent to the secretariat.")
    return _("Attested and sent to the %(dca)s.") % {"dca": controller.acronym or controller.label}


def moved_on_text(submission: Submission) -> str:
    """Why a submission takes no figures now."""
    state = SUBMISSION_STATES[submission.state].label
    return _(
        "These figures have gone on in the meantime (%(state)s) and take no entries now."
        " What you typed stays on this device."
    ) % {"state": state}


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
    if content.is_flagged:
        parts.append(wording.flagged_text())
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
