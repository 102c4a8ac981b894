"""Rows of lists and histories, shaped for templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from foundation.looks import SUBMISSION_STATES
from foundation.registries import Label
from organisations.models import Unit, User

from . import rules, selectors
from .enums import RoundState, State
from .models import Expectation, Extension, Submission, Transition, Upload
from .services import UploadChange


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
        return "withdrawn" if self.submission.is_withdrawn else state

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
        return self.submission.is_under_return

    @property
    def may_ask_for_time(self) -> bool:
        """Whether a request makes sense: the due date has passed, and nothing gives more time."""
        past_due = self.round_state in (RoundState.LATE, RoundState.LOCKED)
        return self.is_editable_state and past_due and self.extension is None

    @property
    def passes_on(self) -> dt.date | None:
        """The day from which the secretariat may control it, where somebody else does."""
        controlled = self.submission.reporter.controlled_by_id is not None
        return self.submission.passes_on if controlled else None

    @property
    def is_left(self) -> bool:
        """Whether the secretariat controls it now, since its controller has not."""
        return self.submission.reporter.controlled_by_id is not None and self.submission.is_left()


def may_correct(submission: Submission, user: User) -> bool:
    """Whether ``user`` may ask to correct its validated figures."""
    return submission.state == State.VALIDATED and rules.may_enter(user, submission)


def report_address(submission: Submission) -> str:
    return reverse("report", args=[submission.round.period.code, submission.reporter.slug])


def figure_address(asked: Expectation) -> str:
    """Where a unit enters a figure: in its form, or on a page apart if it is about another unit."""
    subject = asked.subject.unit
    if subject.pk == asked.submission.reporter_id:
        return report_address(asked.submission)
    place = [asked.submission.round.period.code, asked.submission.reporter.slug]
    return reverse("report-row", args=[*place, asked.version.indicator.code, subject.slug])


def queue_address(code: str) -> str:
    """The queue under a filter."""
    return f"{reverse('review-queue')}?{urlencode({'state': code})}"


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


def history(
    submission: Submission, transitions: Iterable[Transition], one_person: bool
) -> list[Event]:
    """Every step of a submission, last first, back to what began it."""
    events = transition_events(transitions, one_person)
    if submission.begun_at is not None:
        title = str(SUBMISSION_STATES[State.DRAFT].label)
        events.append(Event(submission.begun_at, title, str(submission.begun_by), ""))
    return events


_EDITS = {
    "entered": gettext_lazy("Figures saved"),
    "added": gettext_lazy("File added"),
    "removed": gettext_lazy("File removed"),
}


def last_change(transitions: Sequence[Transition], edit: selectors.Edit | None) -> list[Event]:
    """The last thing that happened: a step, or the ``edit`` since."""
    if edit is None:
        return transition_events(transitions[:1])
    text = quoted(edit.name) if edit.name else ""
    return [Event(edit.at, str(_EDITS[edit.verb]), edit.by, text)]


def quoted(text: str) -> str:
    return _("“%(text)s”") % {"text": text}


def transition_title(step: Transition) -> str:
    if step.after == State.SUBMITTED and step.before in State.editable() and step.reason:
        return str(SUBMISSION_STATES["maintained"].label)
    if step.after == State.DRAFT and step.before == State.SUBMITTED:
        return str(SUBMISSION_STATES["withdrawn"].label)
    return str(SUBMISSION_STATES[step.after].label)


#: What each filter of the queue is called.
QUEUE_LABELS = {
    "to-control": gettext_lazy("To control"),
    "remarks": gettext_lazy("With remarks"),
    "without-remarks": gettext_lazy("Without remarks"),
    "left": gettext_lazy("Left for 10 working days"),
    "corrections": gettext_lazy("Corrections"),
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


def queue_counters(user: User, *, everything: bool = False) -> list[Counter]:
    counts = selectors.queue_counts(user, everything=everything)
    return [Counter(code, QUEUE_LABELS[code], count) for code, count in counts.items()]


@dataclass(frozen=True, slots=True)
class UploadCounts:
    """What a file of figures would do, in numbers; ``notes``: what of it was not read, and what it
    makes the checks say of other figures."""

    new: int
    changed: int
    cleared: int
    unchanged: int
    left_out: int
    warnings: int
    notes: Sequence[str]

    @classmethod
    def of(cls, upload: Upload, changes: Sequence[UploadChange]) -> UploadCounts:
        found = dict(upload.changes or {})
        cleared = sum(change.is_cleared for change in changes)
        new = sum(change.is_new for change in changes)
        return cls(
            new,
            len(changes) - new - cleared,
            cleared,
            found.get("unchanged", 0),
            found.get("left_out", 0),
            sum(bool(change.remarks) for change in changes),
            found.get("notes", ()),
        )

    @property
    def all(self) -> int:
        return self.new + self.changed + self.cleared
