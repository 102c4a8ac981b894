"""Several people, or the same click several times, at the same moment on the real database."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from foundation.models import AuditEntry
from organisations.enums import Role
from submissions.enums import Entrance, State
from submissions.models import Measurement, Round, Submission, Transition
from submissions.services import (
    Entry,
    RoundClosed,
    StateChanged,
    freeze_round,
    open_round,
    save_entries,
    send_back,
    validate,
)
from tests import factories as make
from tests.factories import figure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The answers of all calls, started together, each in a thread and connection of its own."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return call()
        except (StateChanged, RoundClosed) as change:
            return change
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def zone():
    make.make_indicator("checks")
    zone = make.make_zone("namur")
    make.make_round()
    return zone


def test_of_several_decisions_one_wins_and_is_recorded(zone):
    approver = make.make_user(Role.APPROVER, zone)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    sent = make.attested(approver, make.submission_of(zone), figure(5))
    decision = {"actor": coordinator, "submission": sent, "version": sent.version}
    answers = at_once(
        [
            lambda: validate(**decision),
            lambda: send_back(**decision, reason="Too few?"),
            lambda: validate(**decision),
            lambda: send_back(**decision, reason="Too many?"),
        ]
    )
    assert Counter(type(answer) for answer in answers) == {Submission: 1, StateChanged: 3}
    decided = Transition.objects.filter(after__in=[State.VALIDATED, State.RETURNED])
    assert [step.after for step in decided] == [make.submission_of(zone).state]


def test_of_several_editors_of_a_cell_one_saves_and_the_others_are_shown_it(zone):
    editors = [make.make_user(Role.REPORTER, zone, name=f"editor-{n}") for n in range(6)]
    submission = make.submission_of(zone)
    [cell] = make.cells_of(submission)

    def save(number: int) -> Any:
        return save_entries(
            actor=editors[number],
            submission=submission,
            entries=[Entry(cell.pk, 0, figure(number))],
            entrance=Entrance.FORM,
        )

    outcomes = at_once([lambda number=number: save(number) for number in range(6)])
    saved = [number for number, outcome in enumerate(outcomes) if outcome.saved]
    assert len(saved) == 1
    seen = {each.saved.numerator for outcome in outcomes for each in outcome.conflicts}
    assert seen == set(saved)
    assert Measurement.objects.count() == 1


def test_twenty_identical_posts_are_one_change(zone):
    reporter = make.make_user(Role.REPORTER, zone)
    clients = [Client() for _number in range(20)]
    for client in clients:
        client.force_login(reporter)
    url = f"/report/{make.QUARTER}/namur/"
    context = clients[0].get(url).context
    [row] = context["form"].rows.values()
    fields = {
        "token": context["token"],
        "version": "0",
        row.name("version"): "0",
        row.name("numerator"): "126",
    }
    answers = at_once([lambda client=client: client.post(url, fields) for client in clients])
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, url)] * 20
    assert Measurement.objects.count() == 1
    assert make.submission_of(zone).version == 1


def test_twenty_identical_saves_of_a_cell_are_one_change(zone):
    reporter = make.make_user(Role.REPORTER, zone)
    clients = [Client() for _number in range(20)]
    for client in clients:
        client.force_login(reporter)
    [cell] = make.cells_of(make.submission_of(zone))
    fields = {
        "token": "one-mark",
        "user": str(reporter.pk),
        "version": "0",
        f"c{cell.pk}-version": "0",
        f"c{cell.pk}-numerator": "126",
    }
    url = f"/report/{make.QUARTER}/namur/cells/"
    answers = at_once([lambda client=client: client.post(url, fields) for client in clients])
    said = [answer.json()["cells"][f"c{cell.pk}"] for answer in answers]
    assert [(each["state"], each["version"]) for each in said] == [("saved", 1)] * 20
    assert Measurement.objects.count() == 1
    assert AuditEntry.objects.filter(verb="submission.entered").count() == 1
    assert make.submission_of(zone).version == 1


def lock_now() -> None:
    """All moments of the rounds, 60 days earlier."""
    earlier = dt.timedelta(days=60)
    Round.objects.update(
        opens_at=F("opens_at") - earlier,
        due_at=F("due_at") - earlier,
        locks_at=F("locks_at") - earlier,
    )


def test_saves_that_race_the_lock_are_kept_or_refused_and_told_which():
    for number in range(8):
        make.make_indicator(f"checks-{number}")
    zone = make.make_zone("namur")
    make.make_round()
    reporter = make.make_user(Role.REPORTER, zone)
    submission = make.submission_of(zone)
    cells = make.cells_of(submission)

    def save(number: int) -> Any:
        entries = [Entry(cells[number].pk, 0, figure(number))]
        entrance = Entrance.FORM
        return save_entries(
            actor=reporter, submission=submission, entries=entries, entrance=entrance
        )

    saves = [lambda number=number: save(number) for number in range(8)]
    *answers, _locked = at_once([*saves, lock_now])
    kept = {cells[n].pk for n, answer in enumerate(answers) if not isinstance(answer, RoundClosed)}
    assert set(Measurement.objects.values_list("cell", flat=True)) == kept
    assert make.submission_of(zone).version == len(kept)
    # Who read the submission while the round was open is refused all the same.
    assert submission.accepts_figures()
    with pytest.raises(RoundClosed):
        save(0)


def test_two_beats_open_a_round_once():
    make.make_indicator("checks")
    make.make_zones(3)
    now = timezone.now()
    planned = open_round(
        actor=None,
        period=make.make_period(),
        opens_at=now + dt.timedelta(hours=1),
        due_at=now + dt.timedelta(days=1),
        locks_at=now + dt.timedelta(days=2),
    )
    opened = at_once([lambda: freeze_round(actor=None, round=Round.objects.get(pk=planned.pk))] * 4)
    assert Counter(opened) == {True: 1, False: 3}
    assert Submission.objects.count() == 3
