"""Several people, or the same click several times, at the same moment on the real database."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from foundation.models import AuditEntry
from indicators.enums import Frequency
from organisations.enums import Role
from submissions.dates import Dates
from submissions.enums import CorrectionState, Entrance, State
from submissions.models import (
    Correction,
    Measurement,
    Round,
    RoundTiming,
    Submission,
    Transition,
)
from submissions.services import (
    CorrectionUnderWay,
    Entry,
    Planned,
    RoundClosed,
    RoundExists,
    RoundOpened,
    StateChanged,
    accept_correction,
    ask_for_time,
    change_planned_round,
    freeze_round,
    lock_round,
    open_round,
    plan_rounds,
    propose_correction,
    refuse_correction,
    refuse_time,
    remove_planned_round,
    save_entries,
    send_back,
    validate,
    withdraw,
    withdraw_correction,
)
from submissions.tasks import advance_rounds
from tests import factories as make
from tests.factories import figure
from tests.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    return together(calls, StateChanged, RoundClosed)


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


def planned(opens_in: dt.timedelta) -> Round:
    now = timezone.now()
    return open_round(
        actor=None,
        period=make.make_period(),
        opens_at=now + opens_in,
        due_at=now + dt.timedelta(days=1),
        locks_at=now + dt.timedelta(days=2),
    )


def test_two_beats_lock_a_round_once():
    make.make_indicator("checks")
    make.make_zones(3)
    made = make.make_round(locked=True)
    now = timezone.now()
    locked = at_once([lambda: lock_round(round=Round.objects.get(pk=made.pk), now=now)] * 4)
    assert Counter(locked) == {True: 1, False: 3}
    assert AuditEntry.objects.filter(verb="round.locked").count() == 1
    assert advance_rounds() == 0


def test_whole_beats_at_once_open_and_lock_what_they_missed():
    make.make_indicator("checks")
    make.make_zones(3)
    make.make_round("2026-Q2", locked=True)
    missed = planned(dt.timedelta(hours=1))
    Round.objects.filter(pk=missed.pk).update(opens_at=timezone.now() - dt.timedelta(hours=1))
    assert sum(at_once([advance_rounds] * 3)) == 2
    assert Submission.objects.filter(round=missed).count() == 3
    verbs = Counter(AuditEntry.objects.values_list("verb", flat=True))
    assert (verbs["round.opened"], verbs["round.locked"]) == (2, 1)


def test_changing_removing_and_opening_a_round_at_once_leaves_one_of_them():
    make.make_indicator("checks")
    make.make_zones(2)
    secretariat = make.make_user(Role.SECRETARIAT)
    made = planned(dt.timedelta(hours=1))
    later = timezone.localdate() + dt.timedelta(days=30)
    dates = Dates(later, later + dt.timedelta(days=5), later + dt.timedelta(days=9))

    def attempt(call: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            try:
                return call() is not False
            except RoundOpened:
                return False

        return run

    change = {"actor": secretariat, "round": made, "dates": dates}
    calls = [
        attempt(lambda: change_planned_round(**change)),
        attempt(lambda: freeze_round(actor=None, round=made)),
        attempt(lambda: remove_planned_round(actor=secretariat, round=made)),
    ]
    at_once(calls)
    left = Round.objects.first()
    if left is None:
        assert Submission.objects.count() == 0
    elif left.frozen_at is None:
        assert left.opens_at == dates.opens_at
        assert Submission.objects.count() == 0
    else:
        assert left.opens_at == made.opens_at
        assert Submission.objects.count() == 2


def test_two_secretaries_plan_the_same_rounds_once():
    make.make_indicator("checks")
    make.make_indicator("yearly", frequency=Frequency.YEAR)
    secretariat = make.make_user(Role.SECRETARIAT)
    wanted = [
        Planned(code, RoundTiming.of(frequency).dates(dt.date(2026, 12, 31)))
        for code, frequency in (("2026-Q4", Frequency.QUARTER), ("2026", Frequency.YEAR))
    ]

    def plan() -> Any:
        try:
            return len(plan_rounds(actor=secretariat, planned=wanted))
        except RoundExists as refusal:
            return refusal.codes

    answers = at_once([plan] * 4)
    assert sorted(map(str, answers)) == ["2", *[str(["2026", "2026-Q4"])] * 3]
    assert Round.objects.count() == 2


def test_twenty_identical_plans_are_one():
    make.make_indicator("checks")
    secretariat = make.make_user(Role.SECRETARIAT)
    clients = [Client() for _number in range(20)]
    for client in clients:
        client.force_login(secretariat)
    context = clients[0].get("/rounds/plan/?end=2026-Q4").context
    fields = {
        "action": "plan",
        "end": "2026-Q4",
        "code": "2026-Q4",
        "seen": context["seen"],
        "token": context["token"],
        "quarter-opens_after": "1",
        "quarter-due_after": "25",
        "quarter-grace": "10",
    }
    answers = at_once(
        [lambda client=client: client.post("/rounds/plan/", fields) for client in clients]
    )
    assert [(each.status_code, each.get("Location")) for each in answers] == [
        (302, "/rounds/")
    ] * 20
    assert Round.objects.count() == 1


def test_a_request_and_its_answers_at_once_are_one_each():
    make.make_indicator("checks")
    zone = make.make_zone("namur")
    reporter, secretariat = make.make_user(Role.REPORTER, zone), make.make_user(Role.SECRETARIAT)
    make.make_round(locked=True)
    submission = make.submission_of(zone)
    asking = {"actor": reporter, "submission": submission, "reason": "We moved"}
    asked = at_once([lambda: ask_for_time(**asking)] * 4)
    assert len({each.pk for each in asked}) == 1
    refusal = {"actor": secretariat, "request": asked[0], "reason": "Too late"}
    assert Counter(at_once([lambda: refuse_time(**refusal)] * 3)) == {True: 1, False: 2}


def test_of_a_validation_and_a_withdrawal_one_wins_and_is_recorded(zone):
    approver = make.make_user(Role.APPROVER, zone)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    sent = make.attested(approver, make.submission_of(zone), figure(5))
    same = {"submission": sent, "version": sent.version}
    answers = at_once(
        [
            lambda: validate(actor=coordinator, **same),
            lambda: withdraw(actor=approver, **same),
            lambda: validate(actor=coordinator, **same),
            lambda: withdraw(actor=approver, **same),
        ]
    )
    assert Counter(type(answer) for answer in answers) == {Submission: 1, StateChanged: 3}
    steps = Transition.objects.filter(before=State.SUBMITTED)
    assert [step.after for step in steps] == [make.submission_of(zone).state]
    [cell] = make.cells_of(sent)
    is_validated = make.submission_of(zone).state == State.VALIDATED
    assert (cell.validated is not None) is is_validated


def test_of_several_decisions_about_a_correction_one_wins(zone):
    approver = make.make_user(Role.APPROVER, zone)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    done = make.validated(approver, coordinator, make.submission_of(zone), figure(5))
    [cell] = make.cells_of(done)
    [asked] = propose_correction(
        actor=approver,
        submission=done,
        entries=[Entry(cell.pk, cell.version, figure(6))],
        reason="One more",
        entrance=Entrance.FORM,
    )
    same = {"correction": asked, "version": asked.version}
    answers = at_once(
        [
            lambda: accept_correction(actor=coordinator, **same),
            lambda: withdraw_correction(actor=approver, **same),
            lambda: accept_correction(actor=coordinator, **same),
            lambda: refuse_correction(actor=coordinator, reason="No", **same),
        ]
    )
    assert Counter(type(answer) for answer in answers) == {list: 1, StateChanged: 3}
    [cell] = make.cells_of(done)
    accepted = Correction.objects.get().state == CorrectionState.ACCEPTED
    assert (cell.validated.numerator, cell.version) == ((6, 2) if accepted else (5, 1))


def test_of_several_requests_about_the_same_figure_one_is_under_way(zone):
    approver = make.make_user(Role.APPROVER, zone)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    done = make.validated(approver, coordinator, make.submission_of(zone), figure(5))
    [cell] = make.cells_of(done)

    def ask(number: int) -> Any:
        try:
            return propose_correction(
                actor=approver,
                submission=done,
                entries=[Entry(cell.pk, cell.version, figure(number))],
                reason="One more",
                entrance=Entrance.FORM,
            )
        except CorrectionUnderWay as refusal:
            return refusal

    answers = at_once([lambda number=number: ask(number) for number in range(6, 10)])
    assert Counter(type(answer) for answer in answers) == {list: 1, CorrectionUnderWay: 3}
    assert Correction.objects.count() == 1
