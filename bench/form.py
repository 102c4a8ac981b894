"""python -m bench.form: what the pages of a central source with thousands of figures cost.

Every zone of the reference data, the ten indicators of the bench, all reported by one source: a
draft of 6,688 figures. Prints size, seconds (median of five) and queries of each page, and of a
save. SQLite in a folder of its own; nothing of it is kept.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

PERIOD = "2026-Q3"
RUNS = 5


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="jalon-form-") as folder:
        os.environ |= {"JALON_VAR": folder, "LOCAL": "1", "DEMO": "0", "LOG_LEVEL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        run()


def run() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    submission = prepare()
    for name, call in pages(submission).items():
        print(line(name, call))


def prepare() -> Any:
    """The source's submission: a draft in an open round."""
    from django.db import transaction
    from django.utils import timezone

    from indicators.models import IndicatorVersion
    from indicators.periods import ensure_periods
    from organisations.enums import Role, UnitKind
    from organisations.models import Membership, Unit, User
    from submissions.demo import Fate, Hands, fill
    from submissions.enums import State
    from submissions.services import open_round

    from . import world
    from .attest import answers

    now, days = timezone.now(), dt.timedelta(days=1)
    with transaction.atomic():
        world.load()
        world.add_indicators(len(world.KINDS), with_options=True)
        source = Unit.objects.filter(kind=UnitKind.SOURCE).order_by("pk")[0]
        IndicatorVersion.objects.update(reporter=source)
        period = ensure_periods([PERIOD])[PERIOD]
        dates = {"opens_at": now - days, "due_at": now + 20 * days, "locks_at": now + 30 * days}
        made = open_round(actor=None, period=period, **dates)
        people = {}
        for role, unit in ((Role.REPORTER, source), (Role.SECRETARIAT, None)):
            people[role] = User.objects.create(email=f"{role}@bench.example")
            start = dt.date(2020, 1, 1)
            Membership.objects.create(user=people[role], role=role, unit=unit, start=start)
        submission = made.submissions.get()
        hands = Hands(*[people[Role.REPORTER]] * 3)
        fates = {submission.pk: Fate(State.DRAFT)}
        fill(round=made, answers=dict(answers(made)), fates=fates, hands=hands, at=now)
    return submission


def pages(submission: Any) -> dict[str, Callable[[], Any]]:
    from django.urls import reverse

    from submissions.models import Cell

    cells = Cell.objects.filter(expectation__submission=submission).order_by("pk")
    cell = cells.select_related("expectation__subject__unit")[0]
    place = [PERIOD, submission.reporter.slug]
    enters, controls = client("reporter"), client("secretariat")

    def see(of: Any, name: str, *args: object) -> Callable[[], Any]:
        return lambda: of.get(reverse(name, args=args))

    subject = cell.expectation.subject.unit.slug
    return {
        f"index of {cells.count()} figures": see(enters, "report", *place),
        "grid, 176 × 5": see(enters, "report-grid", *place, "bench-0"),
        "row of one unit": see(enters, "report-row", *place, "bench-0", subject),
        "save of a cell": Saving(enters, reverse("report-cells", args=place), cell).save,
        "index to control": see(controls, "review", submission.pk),
        "its page of a definition": see(controls, "review-definition", submission.pk, "bench-0"),
    }


def client(role: str) -> Any:
    from django.test import Client

    from organisations.models import User

    found = Client(SERVER_NAME="localhost")
    found.force_login(User.objects.get(email=f"{role}@bench.example"))
    return found


class Saving:
    """A cell saved again and again, each time another figure."""

    def __init__(self, client: Any, address: str, cell: Any) -> None:
        self.client, self.address, self.cell, self.count = client, address, cell, 0

    def save(self) -> Any:
        self.cell.refresh_from_db()
        self.count += 1
        name = f"c{self.cell.pk}"
        user = self.client.session["_auth_user_id"]
        version = {f"{name}-version": self.cell.version, "version": 0}
        typed = {f"{name}-numerator": self.count, "user": user, "token": f"bench-{self.count}"}
        return self.client.post(self.address, {**version, **typed})


def line(name: str, call: Callable[[], Any]) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for _run in range(RUNS):
        start = time.perf_counter()
        answer = call()
        times.append(time.perf_counter() - start)
    if answer.status_code != HTTPStatus.OK:
        sys.exit(f"{name}: {answer.status_code}")
    with CaptureQueriesContext(connection) as captured:
        call()
    size, median = len(answer.content) / 1000, statistics.median(times)
    return f"{name:28}{size:8.0f} KB {median:7.3f} s {len(captured):4} queries"


if __name__ == "__main__":
    main()
