"""Who is told about which submissions: one mail to a person, whatever the number of their units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from foundation.notices import Message, Telling
from organisations.models import User
from submissions.models import Submission
from submissions.selectors import Acting

Lot = Sequence[Submission]
Concerns = Callable[[Acting, Submission], bool]


def everybody(_acting: Acting, _submission: Submission) -> bool:
    return True


def who_attests(acting: Acting, _submission: Submission) -> bool:
    return acting.attests


def tellings(
    submissions: Iterable[Submission],
    people: Mapping[int, Sequence[Acting]],
    *,
    key: str,
    message: Callable[[Lot], Message],
    concerns: Concerns = everybody,
) -> list[Telling]:
    """A telling per set of submissions that somebody acts for; ``message`` words such a set."""
    about: dict[int, dict[Submission, Acting]] = defaultdict(dict)
    for submission in submissions:
        for acting in people[submission.reporter_id]:
            if concerns(acting, submission):
                about[acting.user.pk].setdefault(submission, acting)
    groups: dict[tuple[tuple[Submission, ...], tuple[int, ...]], list[User]] = defaultdict(list)
    for mine in about.values():
        units = tuple(sorted({acting.unit_id for acting in mine.values()}))
        groups[tuple(mine), units].append(next(iter(mine.values())).user)
    return [
        Telling(users, key, partial(message, lot), units) for (lot, units), users in groups.items()
    ]
