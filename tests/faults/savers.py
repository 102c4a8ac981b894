"""python -m tests.faults.savers ZONE…: somebody who enters figures and changes files, without end.

Each turn saves the figures of each zone, adds a file and takes the oldest of three away.
"""

import sys
from itertools import count

import django

django.setup()

from organisations.models import Unit, User  # noqa: E402
from submissions.services import add_evidence, remove_evidence  # noqa: E402
from tests.factories import cells_of, enter, figure, submission_of  # noqa: E402


def main(slugs: list[str]) -> None:
    desks = [
        (User.objects.get(memberships__unit=unit), submission_of(unit))
        for unit in Unit.objects.filter(slug__in=slugs)
    ]
    for turn in count(1):
        for user, submission in desks:
            enter(user, submission, figure(turn))
            cell = cells_of(submission)[0]
            add_evidence(actor=user, cell=cell, name="turn.txt", content=f"Turn {turn}".encode())
            kept = cell.evidence.filter(removed_at__isnull=True).order_by("pk")
            if len(kept) > 2:
                remove_evidence(actor=user, evidence=kept[0])
        print("ready", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
