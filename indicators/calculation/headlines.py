"""Headlines of an objective and counts by status: METHOD.md 7. Nothing is averaged."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.enums import Headline, Status

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
