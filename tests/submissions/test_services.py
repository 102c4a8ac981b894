"""Entering, attesting, validating and sending back."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from foundation.models import AuditEntry, OutboxEntry
from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from organisations.models import Membership
from submissions.checking import MISSING
from submissions.content import Content
from submissions.enums import CheckKind, Entrance, State
from submissions.models import Cell, Measurement, Submission, Transition
from submissions.selectors import changed_since_return
from submissions.services import (
    Entry,
    NotAttestable,
    ReasonRequired,
    RefusedContent,
    RoundClosed,
    StateChanged,
    attest,
    save_entries,
    send_back,
    validate,
)
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db


class Line:
    """A zone with two counts to report, and the people around it."""

    def __init__(self) -> None:
        self.dca = make.make_dca()
        self.zone = make.make_zone("namur", dca=self.dca)
        self.versions = [make.make_indicator("checks"), make.make_indicator("visits")]
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, self.dca)
        make.make_round()

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone)

    @property
    def cells(self) -> list[Cell]:
        return make.cells_of(self.submission)


@pytest.fixture
def line() -> Line:
    return Line()


def save(line: Line, actor, *entries: Entry):
    return save_entries(
        actor=actor, submission=line.submission, entries=entries, entrance=Entrance.FORM
    )


# --- Entering ---------------------------------------------------------------------------------


def test_a_first_save_makes_a_revision_and_a_draft(line):
    cell = line.cells[0]
    outcome = save(line, line.reporter, Entry(cell.pk, 0, figure(126)))
    assert outcome.saved == {cell.pk}
    assert outcome.conflicts == []
    saved = line.cells[0]
    assert (saved.version, saved.current.revision, saved.current.numerator) == (1, 1, 126)
    assert saved.current.entered_by == line.reporter
    assert saved.validated is None
    begun = line.submission
    assert (begun.state, begun.begun_by) == (State.DRAFT, line.reporter)
    assert begun.begun_at >= saved.current.entered_at
    assert AuditEntry.objects.filter(verb="submission.entered").get().details == {
        "cells": [cell.pk]
    }


def test_zero_is_a_figure_and_blank_is_none(line):
    first, second = line.cells
    outcome = save(
        line, line.reporter, Entry(first.pk, 0, figure(0)), Entry(second.pk, 0, Content())
    )
    assert outcome.saved == {first.pk}
    first, second = line.cells
    assert first.current.numerator == 0
    assert second.current is None


def test_what_is_unchanged_writes_nothing(line):
    cell = line.cells[0]
    save(line, line.reporter, Entry(cell.pk, 0, figure(126)))
    before = line.submission.version
    outcome = save(line, line.reporter, Entry(cell.pk, 1, figure(126)))
    assert outcome.saved == frozenset()
    assert Measurement.objects.count() == 1
    assert line.submission.version == before


def test_a_correction_refers_to_the_revision_before(line):
    cell = line.cells[0]
    save(line, line.reporter, Entry(cell.pk, 0, figure(126)))
    save(line, line.approver, Entry(cell.pk, 1, figure(162)))
    first, second = Measurement.objects.order_by("revision")
    assert (second.previous, second.numerator, first.numerator) == (first, 162, 126)


def test_the_second_editor_of_a_cell_overwrites_nothing(line):
    first, second = line.cells
    save(line, line.reporter, Entry(first.pk, 0, figure(126)))
    mine = Entry(first.pk, 0, figure(130))
    outcome = save(line, line.approver, mine, Entry(second.pk, 0, figure(7)))
    assert outcome.saved == {second.pk}
    [conflict] = outcome.conflicts
    assert conflict.entry == mine
    assert (conflict.saved.numerator, conflict.saved.entered_by) == (126, line.reporter)
    assert [cell.current.numerator for cell in line.cells] == [126, 7]


def test_who_typed_the_same_or_left_it_alone_has_no_conflict(line):
    first, second = line.cells
    save(line, line.reporter, Entry(first.pk, 0, figure(1)), Entry(second.pk, 0, figure(2)))
    save(line, line.reporter, Entry(first.pk, 1, figure(10)), Entry(second.pk, 1, figure(20)))
    same_as_saved = Entry(first.pk, 1, figure(10))
    left_alone = Entry(second.pk, 1, figure(2))
    outcome = save(line, line.approver, same_as_saved, left_alone)
    assert (outcome.saved, outcome.conflicts) == (frozenset(), [])
    assert [cell.current.numerator for cell in line.cells] == [10, 20]


def test_clearing_a_figure_says_missing(line):
    cell = line.cells[0]
    save(line, line.reporter, Entry(cell.pk, 0, figure(126)))
    save(line, line.reporter, Entry(cell.pk, 1, Content()))
    assert line.cells[0].current.status == CellStatus.MISSING


@pytest.mark.parametrize("cells", [22, 352])
def test_saving_takes_the_same_number_of_queries(cells, django_assert_num_queries):
    source = make.make_source()
    make.make_zones(cells // 2)
    make.make_indicator(reporter=source, options=["women"])
    reporter = make.make_user(Role.REPORTER, source)
    make.make_round()
    submission = make.submission_of(source)
    entries = [Entry(cell.pk, 0, figure(5)) for cell in make.cells_of(submission)]
    assert reporter.access
    with django_assert_num_queries(10):
        outcome = save_entries(
            actor=reporter, submission=submission, entries=entries, entrance=Entrance.FORM
        )
    assert len(outcome.saved) == cells


def test_who_may_not_enter(line):
    cell = line.cells[0]
    other = make.make_user(Role.REPORTER, make.make_zone("dinant"))
    both = make.make_user(Role.APPROVER, line.zone, name="both")
    Membership.objects.create(
        user=both, role=Role.COORDINATOR, unit=line.dca, start=dt.date(2020, 1, 1)
    )
    secretariat = make.make_user(Role.SECRETARIAT)
    authority = make.make_user(Role.AUTHORITY, line.zone)
    for actor in (other, both, secretariat, authority, line.coordinator):
        with pytest.raises(PermissionDenied):
            save(line, actor, Entry(cell.pk, 0, figure(1)))
    assert Measurement.objects.count() == 0


def test_nothing_is_entered_when_sent_validated_or_closed(line):
    cell = line.cells[0]
    sent = make.attested(line.approver, line.submission, figure(1))
    with pytest.raises(StateChanged):
        save(line, line.reporter, Entry(cell.pk, 1, figure(2)))
    validate(actor=line.coordinator, submission=sent, version=sent.version)
    with pytest.raises(StateChanged):
        save(line, line.reporter, Entry(cell.pk, 1, figure(2)))
    locked = make.make_round("2026-Q2", locked=True)
    submission = locked.submissions.get()
    other = make.cells_of(submission)[0]
    with pytest.raises(RoundClosed):
        save_entries(
            actor=line.reporter,
            submission=submission,
            entries=[Entry(other.pk, 0, figure(2))],
            entrance=Entrance.FORM,
        )


def test_cells_of_another_submission_are_refused(line):
    other = make.make_round("2026-Q2").submissions.get()
    foreign = make.cells_of(other)[0]
    with pytest.raises(RefusedContent):
        save(line, line.reporter, Entry(foreign.pk, 0, figure(1)))
    assert Measurement.objects.count() == 0


def test_contents_that_a_definition_does_not_allow_are_refused():
    zone = make.make_zone()
    make.make_indicator("share", kind=Kind.RATIO)
    make.make_indicator("level", kind=Kind.SCALE)
    make.make_indicator("plan", kind=Kind.MILESTONES, steps={1: "2026-06-30", 2: "2026-12-31"})
    reporter = make.make_user(Role.REPORTER, zone)
    make.make_round()
    submission = make.submission_of(zone)
    share, level, plan = make.cells_of(submission)
    refused = [
        (share, figure(14)),
        (share, Content(CellStatus.NOT_APPLICABLE, reason="not-of-the-list")),
        (share, Content(CellStatus.NOT_AVAILABLE, reason=" ")),
        (level, figure(5)),
        (plan, figure(2, 2, steps_done={"1": "2026-07-01"})),
        (plan, figure(1, 2, steps_done={"3": "2026-07-01"})),
        (plan, figure(1, 2, steps_done={"1": "2026-10-01"})),
        (plan, figure(1, 2, steps_done={"1": "yesterday"})),
    ]
    for cell, content in refused:
        with pytest.raises(RefusedContent):
            save_entries(
                actor=reporter,
                submission=submission,
                entries=[Entry(cell.pk, 0, content)],
                entrance=Entrance.FORM,
            )
    assert Measurement.objects.count() == 0


# --- Attesting --------------------------------------------------------------------------------


def test_attesting_names_each_missing_cell(line):
    cell = line.cells[0]
    save(line, line.reporter, Entry(cell.pk, 0, figure(1)))
    with pytest.raises(NotAttestable) as refusal:
        attest(actor=line.approver, submission=line.submission, version=line.submission.version)
    [fault] = refusal.value.faults
    assert (fault.kind, fault.figure.label) == (MISSING, "Visits")
    assert line.submission.state == State.DRAFT


def test_attesting_sends_and_owes_the_results(line):
    make.make_round("2026-Q4")
    make.make_round("2026-Q2")
    OutboxEntry.objects.all().delete()
    sent = make.attested(line.approver, line.submission, figure(1))
    assert (sent.state, sent.submitted_by) == (State.SUBMITTED, line.approver)
    periods = {period.code: period.pk for period in map(make.make_period, ["2026-Q3", "2026-Q4"])}
    expected = {
        f"{version.indicator_id}:{pk}" for version in line.versions for pk in periods.values()
    }
    assert set(OutboxEntry.objects.values_list("key", flat=True)) == expected
    assert AuditEntry.objects.filter(verb="submission.attested").count() == 1


def test_no_figure_with_a_reason_is_enough_to_attest(line):
    contents = [
        Content(CellStatus.NOT_APPLICABLE, reason="no-port"),
        Content(CellStatus.NOT_AVAILABLE, reason="Register down"),
    ]
    assert make.attested(line.approver, line.submission, contents).state == State.SUBMITTED


def test_who_saw_another_version_attests_nothing(line):
    make.enter(line.reporter, line.submission, figure(1))
    seen = line.submission.version
    save(line, line.reporter, Entry(line.cells[0].pk, 1, figure(2)))
    with pytest.raises(StateChanged):
        attest(actor=line.approver, submission=line.submission, version=seen)
    assert line.submission.state == State.DRAFT


def test_only_an_approver_of_the_unit_attests(line):
    make.enter(line.reporter, line.submission, figure(1))
    stranger = make.make_user(Role.APPROVER, make.make_zone("dinant"))
    for actor in (line.reporter, stranger, line.coordinator):
        with pytest.raises(PermissionDenied):
            attest(actor=actor, submission=line.submission, version=line.submission.version)


def test_a_sum_that_does_not_add_up_and_a_bound_keep_from_attesting():
    make.make_checks()
    zone = make.make_zone()
    make.make_indicator("persons", options=["women", "men"], breakdown_is_exhaustive=True)
    make.make_indicator("substances", options=["cannabis", "cocaine"])
    make.make_indicator("checks", upper_bound=100)
    approver = make.make_user(Role.APPROVER, zone)
    make.make_round()
    submission = make.submission_of(zone)
    numbers = [10, 4, 5, 10, 11, 2, 101]
    with pytest.raises(NotAttestable) as refusal:
        make.attested(approver, submission, [figure(number) for number in numbers])
    found = [(fault.kind, fault.figure.label) for fault in refusal.value.faults]
    assert found == [
        (CheckKind.BREAKDOWN, "Persons"),
        (CheckKind.BREAKDOWN, "Substances"),
        (CheckKind.BOUNDS, "Checks"),
    ]
    numbers = [9, 4, 5, 11, 11, 2]
    explained = figure(101, comment="A festival")
    contents = [*(figure(number) for number in numbers), explained]
    assert make.attested(approver, submission, contents).state == State.SUBMITTED


# --- Deciding ---------------------------------------------------------------------------------


def test_validating_makes_what_is_current_validated(line):
    sent = make.attested(line.approver, line.submission, [figure(5), figure(6)])
    done = validate(actor=line.coordinator, submission=sent, version=sent.version)
    assert (done.state, done.decided_by) == (State.VALIDATED, line.coordinator)
    assert [cell.validated_id for cell in line.cells] == [cell.current_id for cell in line.cells]


def test_of_two_who_decide_the_second_changes_nothing(line):
    sent = make.attested(line.approver, line.submission, figure(5))
    validate(actor=line.coordinator, submission=sent, version=sent.version)
    with pytest.raises(StateChanged) as change:
        send_back(actor=line.coordinator, submission=sent, version=sent.version, reason="x")
    assert change.value.submission.state == State.VALIDATED
    assert Transition.objects.filter(after=State.RETURNED).count() == 0


def test_who_controls(line):
    sent = make.attested(line.approver, line.submission, figure(5))
    elsewhere = make.make_user(Role.COORDINATOR, make.make_dca("dca-liege"))
    secretariat = make.make_user(Role.SECRETARIAT)
    for actor in (line.reporter, line.approver, elsewhere, secretariat):
        with pytest.raises(PermissionDenied):
            validate(actor=actor, submission=sent, version=sent.version)
        with pytest.raises(PermissionDenied):
            send_back(actor=actor, submission=sent, version=sent.version, reason="x")


def test_the_secretariat_controls_units_that_nobody_else_does():
    source = make.make_source()
    make.make_zone()
    make.make_indicator(reporter=source)
    approver = make.make_user(Role.APPROVER, source)
    secretariat = make.make_user(Role.SECRETARIAT)
    make.make_round()
    done = make.validated(approver, secretariat, make.submission_of(source), figure(3))
    assert done.state == State.VALIDATED


def returned(line: Line) -> Submission:
    sent = make.attested(line.approver, line.submission, figure(5))
    return send_back(
        actor=line.coordinator, submission=sent, version=sent.version, reason="Ten times more?"
    )


def test_a_return_has_a_reason(line):
    sent = make.attested(line.approver, line.submission, figure(5))
    with pytest.raises(ValidationError):
        send_back(actor=line.coordinator, submission=sent, version=sent.version, reason="  ")
    assert returned_state(line) == State.SUBMITTED


def returned_state(line: Line) -> str:
    return line.submission.state


def test_a_returned_submission_is_corrected_and_attested_again(line):
    back = returned(line)
    assert (back.state, back.return_reason) == (State.RETURNED, "Ten times more?")
    make.enter(line.reporter, line.submission, [figure(50), figure(5)])
    again = attest(actor=line.approver, submission=line.submission, version=line.submission.version)
    assert (again.state, again.is_maintained) == (State.SUBMITTED, False)


def test_unchanged_it_is_maintained_with_a_reason(line):
    back = returned(line)
    with pytest.raises(ReasonRequired):
        attest(actor=line.approver, submission=back, version=back.version)
    again = attest(
        actor=line.approver,
        submission=back,
        version=back.version,
        maintain_reason="Counted twice, it is right",
    )
    assert again.is_maintained
    step = Transition.objects.order_by("pk").last()
    assert (step.before, step.after, step.reason) == (
        State.RETURNED,
        State.SUBMITTED,
        "Counted twice, it is right",
    )
    twice = send_back(
        actor=line.coordinator, submission=again, version=again.version, reason="Still?"
    )
    assert not twice.is_maintained


@pytest.mark.parametrize(
    "said",
    [
        [figure(5, is_flagged=True)],
        [figure(5, comment="It is so")],
        [figure(50), figure(5)],
        [Content(CellStatus.NOT_AVAILABLE, reason="Lost"), figure(5, comment="Found")],
    ],
    ids=["flag", "comment", "back", "found"],
)
def test_a_remark_or_a_figure_changed_back_maintains(line, said):
    returned(line)
    for content in said:
        make.enter(line.reporter, line.submission, [content])
    again = line.submission
    with pytest.raises(ReasonRequired):
        attest(actor=line.approver, submission=again, version=again.version)
    attest(actor=line.approver, submission=again, version=again.version, maintain_reason="It is so")
    assert line.submission.is_maintained


@pytest.mark.parametrize(
    "content",
    [figure(4), Content(CellStatus.NOT_AVAILABLE, reason="The register is lost")],
    ids=["number", "absence"],
)
def test_any_figure_that_differs_from_the_returned_one_corrects(line, content):
    returned(line)
    make.enter(line.reporter, line.submission, [content])
    again = attest(actor=line.approver, submission=line.submission, version=line.submission.version)
    assert not again.is_maintained


def test_figures_are_held_against_those_of_the_last_return(line):
    returned(line)
    make.attested(line.approver, line.submission, figure(50))
    sent = line.submission
    back = send_back(actor=line.coordinator, submission=sent, version=sent.version, reason="Why?")
    with pytest.raises(ReasonRequired):
        attest(actor=line.approver, submission=back, version=back.version)
    make.attested(line.approver, line.submission, figure(5))
    assert not line.submission.is_maintained


@pytest.mark.parametrize("changed", [1, 2])
def test_changes_are_counted_in_two_queries(line, changed, django_assert_num_queries):
    returned(line)
    make.enter(line.reporter, line.submission, [figure(6)] * changed)
    back = line.submission
    with django_assert_num_queries(2):
        assert changed_since_return([back]) == {back.pk: changed}


def test_the_validated_figure_stands_until_the_next_is_validated(line):
    sent = make.attested(line.approver, line.submission, figure(5))
    validate(actor=line.coordinator, submission=sent, version=sent.version)
    assert {cell.validated.numerator for cell in line.cells} == {5}


# --- What the database refuses ----------------------------------------------------------------


def refused(write) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


def test_the_database_refuses_what_a_service_would_never_write(line):
    make.enter(line.reporter, line.submission, figure(5))
    cell = line.cells[0]
    said = {"cell": cell, "entered_by": line.reporter, "entrance": Entrance.FORM}
    first = cell.current
    later = {**said, "revision": 2, "previous": first}
    submissions = Submission.objects.filter(pk=line.submission.pk)
    steps = {"before": State.SUBMITTED, "after": State.DRAFT}
    Transition.objects.create(submission=line.submission, actor=line.approver, **steps)
    writes = [
        lambda: Measurement.objects.create(**said, revision=1, status="reported", numerator=1),
        lambda: Measurement.objects.create(**said, revision=2, status="reported", numerator=1),
        lambda: Measurement.objects.create(**later, status="reported"),
        lambda: Measurement.objects.create(**later, status="missing", numerator=1),
        lambda: Measurement.objects.create(**later, status="not_available"),
        lambda: Measurement.objects.create(**later, status="guessed", numerator=1),
        lambda: Measurement.objects.filter(pk=first.pk).update(numerator=6),
        lambda: Transition.objects.update(reason="rewritten"),
        lambda: submissions.update(state=State.SUBMITTED),
        lambda: submissions.update(state=State.VALIDATED),
        lambda: submissions.update(begun_at=None),
        lambda: submissions.update(submitted_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC)),
        lambda: Cell.objects.filter(pk=cell.pk).update(validated=first, current=None),
    ]
    assert [refused(write) for write in writes] == [True] * len(writes)
