"""Headlines of an objective and counts by status: METHOD.md 7. Nothing is averaged."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from indicators.enums import Headline, Status

Group = TypeVar("Group", bound=Hashable)

WEAKEST_FIRST = (
    Status.MOVING_AWAY,
    Status.OFF_TRACK,
    Status.AT_RISK,
    Status.ON_TRACK,
    Status.ACHIEVED,
)


@dataclass(frozen=True, slots=True)
class Summary:
    """A headline with "`judged` of `total` key indicators judged"."""

    headline: Headline
    judged: int
    total: int


def headline(statuses: Sequence[Status]) -> Summary:
    """The weakest of the key indicators that could be judged.

    Undetermined where none, or fewer than half of all of them, could be.
    """
    judged = [status for status in WEAKEST_FIRST for given in statuses if given == status]
    enough = judged and 2 * len(judged) >= len(statuses)
    return Summary(
        headline=Headline(judged[0].value) if enough else Headline.UNDETERMINED,
        judged=len(judged),
        total=len(statuses),
    )


def counts(statuses: Iterable[Status]) -> dict[Status, int]:
    """How many indicators have each status, zeros included, in the order of Status."""
    number = Counter(statuses)
    return {status: number[status] for status in Status}


def counts_by(rows: Iterable[tuple[Group, Status]]) -> dict[Group, dict[Status, int]]:
    """Counts of each group (a theme, a level, a dimension), in the order in which they come.

    One row per indicator and group it belongs to; what is without data counts like the rest.
    """
    groups: dict[Group, list[Status]] = defaultdict(list)
    for group, status in rows:
        groups[group].append(status)
    return {group: counts(statuses) for group, statuses in groups.items()}
