"""My work: the lines of who reports, in groups, and what who controls waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import pgettext_lazy

from foundation.registries import Label
from organisations.models import Unit, User

from . import rules, selectors
from .dates import day_of
from .enums import State
from .models import Correction, ExtensionRequest, Round, Submission
from .permissions import ATTEST
from .presenters import Standing
from .selectors import LastChange

#: How many lines a list shows.
MOST = 60
#: How many sent forms stand open above the earlier ones.
SENT_SHOWN = 3
#: For how long a round that is over stays on the time axis.
DRAWN_FOR = dt.timedelta(days=300)
#: The groups of my work, in their order, by what their lines ask.
GROUPS: dict[str, Label] = {
    "to_do": pgettext_lazy("submissions", "To do"),
    "returned": pgettext_lazy("submissions", "Returned"),
    "to_attest": pgettext_lazy("submissions", "To attest"),
    "late": pgettext_lazy("submissions", "Late"),
    "sent": pgettext_lazy("submissions", "Sent"),
    "locked": pgettext_lazy("submissions", "Locked"),
}
#: The groups in which somebody can do something now.
OPEN_GROUPS = ("to_do", "returned", "to_attest", "late")


@dataclass(frozen=True, slots=True)
class WorkLine(Standing):
    """A submission of my units, with how far it is and the one next action."""

    may_attest: bool = False
    change: LastChange | None = None
    is_recent: bool = True

    @property
    def done(self) -> int:
        return int(vars(self.submission)["done"])

    @property
    def total(self) -> int:
        return int(vars(self.submission)["total"])

    @property
    def was_sent_back(self) -> bool:
        """Whether it stands returned; once its answer was withdrawn it says that instead."""
        return self.submission.state == State.RETURNED

    @property
    def awaits_attestation(self) -> bool:
        return self.is_open and not self.is_returned and self.done == self.total

    @property
    def group(self) -> str:
        """The one group it stands in; a returned or complete form that is late says so itself."""
        if not self.is_open:
            return "locked" if self.is_editable_state else "sent"
        if self.was_sent_back:
            return "returned"
        if self.awaits_attestation:
            return "to_attest"
        return "late" if self.is_late else "to_do"

    @property
    def action(self) -> str:
        """correct, attest, continue, begin, ask (for more time) or read."""
        if not self.is_open:
            return "ask" if self.may_ask_for_time and self.waiting is None else "read"
        if self.is_returned:
            return "correct"
        if self.awaits_attestation and self.may_attest:
            return "attest"
        return "continue" if self.done else "begin"

    @property
    def requests(self) -> list[ExtensionRequest]:
        """What the unit asked for, last first."""
        found = self.submission.extension_requests.all()
        return sorted(found, key=lambda each: each.asked_at, reverse=True)

    @property
    def waiting(self) -> ExtensionRequest | None:
        """The request for more time that waits for an answer."""
        return next((each for each in self.requests if each.answered_at is None), None)

    @property
    def refusal(self) -> str:
        """Why the last request was refused; empty where it was not."""
        return next((each.refusal for each in self.requests[:1]), "")

    @property
    def more_time_until(self) -> dt.datetime | None:
        """When more time ends, or has ended, that this unit had after the lock and did not send
        its figures in; None where it had none."""
        if not self.is_editable_state:
            return None
        given = self.submission.extensions.all()
        ends = [min(each.until, each.ended_at or each.until) for each in given]
        return max([end for end in ends if end > self.submission.round.locks_at], default=None)

    @property
    def closes_at(self) -> dt.datetime:
        """Until when figures are, or were, taken from this unit."""
        return self.more_time_until or self.submission.round.locks_at


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A correction of validated figures that somebody of the unit asked for, and nobody sent."""

    correction: Correction
    may_attest: bool

    @property
    def submission(self) -> Submission:
        submission: Submission = self.correction.cell.expectation.submission
        return submission

    @property
    def subject(self) -> Unit:
        subject: Unit = self.correction.cell.expectation.subject.unit
        return subject

    @property
    def is_about_another(self) -> bool:
        return self.subject.pk != self.submission.reporter_id


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that ask the same; of what is sent, only the latest stand open."""

    code: str
    label: Label
    lines: list[WorkLine]
    corrections: Sequence[CorrectionLine] = ()

    @property
    def count(self) -> int:
        return len(self.lines) + len(self.corrections)

    @property
    def on_axis(self) -> list[WorkLine]:
        """The lines that are drawn: what is long over has its dates in words alone."""
        return [line for line in self.shown if line.is_recent]

    @property
    def shown(self) -> list[WorkLine]:
        return self.lines[:SENT_SHOWN] if self.code == "sent" else self.lines

    @property
    def earlier(self) -> list[WorkLine]:
        return self.lines[len(self.shown) :]


@dataclass(frozen=True, slots=True)
class Work:
    """The lines of a user, and the counts above them."""

    lines: list[WorkLine]
    corrections: Sequence[CorrectionLine] = ()

    @property
    def is_idle(self) -> bool:
        """Whether nobody can do anything now."""
        return not self.open and not any(line.may_attest for line in self.corrections)

    @property
    def open(self) -> list[WorkLine]:
        """What can be worked on, the first to close first."""
        due = [line for line in self.lines if line.is_open]
        return sorted(due, key=lambda line: (line.submission.round.due_at, line.closes_at))

    @property
    def sent(self) -> list[WorkLine]:
        return [line for line in self.lines if not line.is_open]

    @property
    def groups(self) -> list[Group]:
        """The groups that hold lines, in order: what is open as ``open`` sorts it, the rest with
        the last period first."""
        in_order = [*self.open, *self.sent]
        found = (
            Group(
                code,
                label,
                [line for line in in_order if line.group == code],
                self.corrections if code == "to_attest" else (),
            )
            for code, label in GROUPS.items()
        )
        return [group for group in found if group.count]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "to_do": sum(
                not line.was_sent_back and not line.awaits_attestation for line in self.open
            ),
            "returned": sum(line.was_sent_back for line in self.open),
            "to_attest": sum(line.awaits_attestation for line in self.open) + len(self.corrections),
            "late": sum(line.is_late for line in self.open),
        }

    @property
    def moments(self) -> list[dt.datetime]:
        """What the common time axis must hold: the rounds of the lines that stand open."""
        drawn = [line for group in self.groups for line in group.on_axis]
        return [
            moment for line in drawn for moment in (line.submission.round.opens_at, line.closes_at)
        ]

    @property
    def controllers(self) -> list[Unit]:
        """Who controls these figures, each once: whom to ask."""
        found = [line.submission.reporter.controlled_by for line in self.lines]
        return list(dict.fromkeys(each for each in found if each is not None))

    @property
    def units(self) -> int:
        return len({line.submission.reporter_id for line in self.lines})


def work_of(user: User, now: dt.datetime, *, most: int | None = MOST) -> Work:
    """With ``most`` lines, or all. Eleven queries at most, whatever the number of lines."""
    found = list(selectors.work_of(user, now)[:most])
    attests = rules.reports_for(user, ATTEST.name)
    changes = selectors.last_changes(found)
    return Work(
        [
            WorkLine(
                each,
                each.round.state(now),
                each.extension(now) if each.state in State.editable() else None,
                each.reporter_id in attests and not rules.controls(user, each.reporter),
                changes.get(each.pk),
                is_recent=each.takes_figures_until(now) > now - DRAWN_FOR,
            )
            for each in found
        ],
        [
            CorrectionLine(each, _may_attest(user, each, attests))
            for each in selectors.requests_to_attest(user)
        ],
    )


def _may_attest(user: User, correction: Correction, attests: frozenset[int]) -> bool:
    reporter = correction.cell.expectation.submission.reporter
    return reporter.pk in attests and not rules.controls(user, reporter)


# --- What who controls waits for --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExpectedLine(Standing):
    """A submission that is expected, with how far it is and its last change."""

    change: LastChange | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An attested submission, and for how many days it waits."""

    submission: Submission
    days: int


@dataclass(frozen=True, slots=True)
class Expected:
    """A round with the units that have not sent their figures: the late ones first."""

    round: Round
    lines: list[ExpectedLine]

    @property
    def is_late(self) -> bool:
        return any(line.is_late for line in self.lines)

    @property
    def beyond_ten(self) -> int:
        """How many are left where ten are named."""
        return max(0, len(self.lines) - 10)


@dataclass(frozen=True, slots=True)
class Control:
    """What there is to control, what is expected, and who asks for more time.

    ``corrections``: how many requests of corrections there are to decide.
    """

    waiting: list[Waiting]
    waiting_in_all: int
    expected: list[Expected]
    requests: Sequence[ExtensionRequest]
    corrections: int

    @property
    def counts(self) -> dict[str, int]:
        lines = [line for each in self.expected for line in each.lines]
        return {
            "to_control": self.waiting_in_all,
            "corrections": self.corrections,
            "expected": len(lines),
            "late": sum(line.is_late for line in lines),
            "requests": len(self.requests),
        }

    @property
    def moments(self) -> list[dt.datetime]:
        return [
            moment
            for each in self.expected
            for moment in (each.round.opens_at, each.round.locks_at)
        ]


def control_of(user: User, now: dt.datetime, *, most: int = 10) -> Control:
    """Ten queries at most, whatever the number of units."""
    sees_all = rules.sees_all(user)
    attested = selectors.queue_of(user).filter(state=State.SUBMITTED)
    oldest = attested.select_related("round__period", "reporter").order_by("submitted_at", "pk")
    expected = selectors.still_expected(user, now, everything=sees_all)
    awaited = list(selectors.with_progress(expected))
    changes = selectors.last_changes(awaited) if awaited else {}
    lines = [
        ExpectedLine(each, each.round.state(now), each.extension(now), changes.get(each.pk))
        for each in awaited
    ]
    asking = selectors.open_requests() if rules.may_manage_rounds(user) else []
    return Control(
        [Waiting(each, _days(each.submitted_at, now)) for each in oldest[:most]],
        attested.count(),
        list(_by_round(lines)),
        list(asking),
        selectors.requests_to_control(user).count(),
    )


def _by_round(lines: Iterable[ExpectedLine]) -> Iterable[Expected]:
    for _pk, group in groupby(lines, key=lambda line: line.submission.round_id):
        of_round = list(group)
        yield Expected(of_round[0].submission.round, of_round)


def _days(since: dt.datetime | None, now: dt.datetime) -> int:
    return 0 if since is None else (day_of(now) - day_of(since)).days
