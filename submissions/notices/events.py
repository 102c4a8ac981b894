"""Mails that somebody's act asks for: a decision, a reminder, more time, a correction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from foundation.notices import Telling, notify_each
from foundation.registries import NoticeKind
from submissions.enums import CorrectionState
from submissions.models import Correction, Extension, ExtensionRequest, Submission
from submissions.selectors import Acting, controllers_of, people_of

from . import words
from .kinds import CORRECTION, CORRECTION_ASKED, EXTENSION, REMINDER, RETURNED, VALIDATED
from .readers import Concerns, everybody, tellings, who_attests


def tell_returned(held: Submission) -> int:
    """Tell who enters and attests why their figures came back."""
    return _tell(RETURNED, held, f"{held.pk}:{held.version}", words.returned)


def tell_validated(held: Submission) -> int:
    return _tell(VALIDATED, held, f"{held.pk}:{held.version}", words.validated)


def tell_extension(given: Extension) -> int:
    """Tell a unit that it has more time, until when and why."""
    return _tell(EXTENSION, given.submission, f"{given.pk}", partial(words.extension, given))


def tell_time_refused(asked: ExtensionRequest, held: Submission) -> int:
    """Tell a unit that it gets no more time, and why; again where the request had been reopened."""
    key = f"{asked.pk}:refused:{asked.answered_at}"
    return _tell(EXTENSION, held, key, partial(words.time_refused, asked))


def tell_extension_ended(given: Extension, held: Submission) -> int:
    """Tell a unit that the time it was given is taken back."""
    return _tell(EXTENSION, held, f"{given.pk}:ended", partial(words.extension_ended, given))


def tell_correction(asked: Correction) -> int:
    """Tell whose turn it is: who attests, who controls, or the unit of what was decided."""
    submission = asked.cell.expectation.submission
    key = f"{asked.pk}:{asked.state}"
    if asked.state == CorrectionState.WITHDRAWN:
        return 0
    if asked.state == CorrectionState.ATTESTED:
        return _tell_controllers(asked, submission, key)
    concerns = who_attests if asked.state == CorrectionState.PROPOSED else everybody
    return _tell(CORRECTION, submission, key, partial(words.correction, asked), concerns)


def tell_reminders(
    submissions: Iterable[Submission], people: Mapping[int, Sequence[Acting]], day: dt.date
) -> dict[int, int]:
    """Remind the people of each submission, once a day; returns how many by submission id.

    The submissions are as from ``with_progress``.
    """
    told: list[Telling] = []
    keys: dict[str, int] = {}
    for each in submissions:
        key = f"{each.pk}:{day}"
        keys[key] = each.pk
        told.extend(tellings([each], people, key=key, message=words.reminder))
    counts: dict[int, int] = dict.fromkeys(keys.values(), 0)
    for notice in notify_each(kind=REMINDER.name, tellings=told):
        counts[keys[notice.key]] += 1
    return counts


def _tell(
    kind: NoticeKind,
    submission: Submission,
    key: str,
    message: words.Worded,
    concerns: Concerns = everybody,
) -> int:
    people = people_of([submission.reporter])
    told = tellings([submission], people, key=key, message=message, concerns=concerns)
    return len(notify_each(kind=kind.name, tellings=told))


def _tell_controllers(asked: Correction, submission: Submission, key: str) -> int:
    unit = submission.reporter.controlled_by_id
    telling = Telling(
        controllers_of(submission.reporter),
        key,
        partial(words.correction_asked, asked, submission),
        [unit] if unit else [],
    )
    return len(notify_each(kind=CORRECTION_ASKED.name, tellings=[telling]))
