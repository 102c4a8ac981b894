"""Corrections after validation: asked, attested, decided; the old figure stands until then."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from foundation import kept
from foundation.models import AuditEntry, OutboxEntry
from indicators.enums import CellStatus, Kind
from organisations.enums import Role
from submissions import selectors
from submissions.content import Content
from submissions.enums import CorrectionState, Entrance, State
from submissions.models import Cell, Correction, Measurement, Round, Submission
from submissions.services import (
    CorrectionUnderWay,
    Entry,
    NotAttestable,
    RefusedContent,
    StateChanged,
    accept_correction,
    attest_correction,
    propose_correction,
    refuse_correction,
    withdraw_correction,
)
from tests import factories as make
from tests.factories import figure

pytestmark = pytest.mark.django_db
SECRET = 987_654


class Line:
    """A zone with a validated breakdown (126 = 100 + 26) and a validated count, and its people."""

    def __init__(self) -> None:
        self.dca = make.make_dca()
        self.zone = make.make_zone("namur", dca=self.dca)
        make.make_checks()
        make.make_indicator(
            "checks",
            options=["men", "women"],
            breakdown_is_exhaustive=True,
            upper_bound=5_000,
        )
        make.make_indicator("visits")
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        self.approver = make.make_user(Role.APPROVER, self.zone)
        self.coordinator = make.make_user(Role.COORDINATOR, self.dca)
        self.secretariat = make.make_user(Role.SECRETARIAT)
        make.make_round()
        self.validate([figure(126), figure(100), figure(26), figure(SECRET)])

    def validate(self, contents) -> None:
        make.validated(self.approver, self.coordinator, self.submission, contents)

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone)

    @property
    def cells(self) -> list[Cell]:
        return make.cells_of(self.submission)

    @property
    def figures(self) -> list[int | None]:
        """What counts: the numerators validated."""
        return [cell.validated.numerator for cell in self.cells]

    def ask(self, actor=None, reason="A register was read twice", **said: Content):
        """``said`` by place of the cell: c0=figure(162)."""
        cells = self.cells
        entries = [
            Entry(cells[int(name[1:])].pk, cells[int(name[1:])].version, content)
            for name, content in said.items()
        ]
        return propose_correction(
            actor=actor or self.approver,
            submission=self.submission,
            entries=entries,
            reason=reason,
            entrance=Entrance.FORM,
        )


@pytest.fixture
def line() -> Line:
    return Line()


def accept(line: Line, asked, actor=None, **fields):
    [first, *_rest] = asked
    values = {"correction": first, "version": first.version, **fields}
    return accept_correction(actor=actor or line.coordinator, **values)


# --- Asking -----------------------------------------------------------------------------------


def test_the_validated_figure_stands_until_the_decision(line):
    [asked] = line.ask(c3=figure(162))
    assert (asked.state, asked.attested_by) == (CorrectionState.ATTESTED, line.approver)
    assert asked.replaces == line.cells[3].validated
    assert line.figures == [126, 100, 26, SECRET]
    assert line.cells[3].current == line.cells[3].validated
    assert line.submission.state == State.VALIDATED


def test_accepted_it_is_a_new_revision_current_and_validated(line):
    OutboxEntry.objects.all().delete()
    before = line.cells[3].validated
    asked = line.ask(c3=figure(162, comment="Read once"))
    assert not OutboxEntry.objects.filter(topic="results").exists()
    [accepted] = accept(line, asked)
    cell = line.cells[3]
    assert (cell.current, cell.validated, cell.version) == (accepted.revision,) * 2 + (2,)
    revision = accepted.revision
    assert (revision.revision, revision.previous, revision.numerator) == (2, before, 162)
    assert (revision.entered_by, revision.entrance, revision.comment) == (
        line.approver,
        Entrance.FORM,
        "Read once",
    )
    assert (accepted.state, accepted.decided_by) == (CorrectionState.ACCEPTED, line.coordinator)
    assert line.submission.state == State.VALIDATED
    [owed] = OutboxEntry.objects.filter(topic="results")
    period = line.submission.round.period_id
    assert owed.key == f"{cell.expectation.version.indicator_id}:{period}"
    verbs = AuditEntry.objects.filter(verb__startswith="correction.").order_by("pk")
    assert [(each.verb, each.actor) for each in verbs] == [
        ("correction.proposed", line.approver),
        ("correction.accepted", line.coordinator),
    ]


def test_a_total_and_an_option_are_corrected_together(line):
    asked = line.ask(c0=figure(162), c2=figure(62))
    assert len(asked) == 2
    accept(line, asked)
    assert line.figures == [162, 100, 62, SECRET]
    assert {each.state for each in Correction.objects.all()} == {CorrectionState.ACCEPTED}


def test_alone_they_would_not_add_up(line):
    with pytest.raises(NotAttestable):
        line.ask(c0=figure(162))
    with pytest.raises(NotAttestable):
        line.ask(c2=figure(62))
    assert not Correction.objects.exists()


def test_parts_that_contradict_each_other_correct_nothing():
    zone = make.make_zone("namur", dca=make.make_dca())
    make.make_indicator("positive", kind=Kind.RATIO)
    approver = make.make_user(Role.APPROVER, zone)
    coordinator = make.make_user(Role.COORDINATOR, zone.controlled_by)
    make.make_round()
    sent = make.submission_of(zone)
    make.validated(approver, coordinator, sent, figure(3, 4))
    [cell] = make.cells_of(sent)
    with pytest.raises(NotAttestable) as refusal:
        propose_correction(
            actor=approver,
            submission=sent,
            entries=[Entry(cell.pk, cell.version, figure(14, 12))],
            reason="Recount",
            entrance=Entrance.FORM,
        )
    assert [each.kind for each in refusal.value.faults] == ["contradiction"]
    assert not Correction.objects.exists()


def test_out_of_bounds_takes_a_comment(line):
    with pytest.raises(NotAttestable):
        line.ask(c0=figure(9_000), c1=figure(8_974))
    line.ask(c0=figure(9_000, comment="A festival"), c1=figure(8_974, comment="A festival"))


def test_a_figure_may_give_way_to_a_reason_but_not_to_nothing(line):
    with pytest.raises(RefusedContent):
        line.ask(c3=Content())
    with pytest.raises(RefusedContent):
        line.ask(c3=Content(CellStatus.NOT_AVAILABLE))
    accept(line, line.ask(c3=Content(CellStatus.NOT_AVAILABLE, reason="Register lost")))
    assert line.cells[3].validated.status == CellStatus.NOT_AVAILABLE


def test_without_reason_change_or_room_nothing_is_asked(line):
    with pytest.raises(ValidationError):
        line.ask(c3=figure(162), reason="  ")
    with pytest.raises(ValidationError):
        line.ask(c3=figure(SECRET))
    with pytest.raises(RefusedContent):
        line.ask()
    with pytest.raises(RefusedContent):
        line.ask(c0=figure(126), c3=figure(162))
    assert not Correction.objects.exists()


def test_one_request_at_a_time_about_the_same_figures(line):
    line.ask(c0=figure(127), c1=figure(101))
    with pytest.raises(CorrectionUnderWay):
        line.ask(c0=figure(128), c2=figure(28))
    line.ask(c3=figure(162))
    assert Correction.objects.count() == 3


def test_works_after_the_lock_and_only_for_what_is_validated(line):
    now = timezone.now()
    Round.objects.update(
        opens_at=now - dt.timedelta(days=90),
        due_at=now - dt.timedelta(days=60),
        locks_at=now - dt.timedelta(days=30),
    )
    accept(line, line.ask(c3=figure(162)))
    assert line.figures[3] == 162
    make.make_round("2026-Q2")
    sent = make.attested(line.approver, make.submission_of(line.zone, "2026-Q2"), figure(0))
    cell = make.cells_of(sent)[3]
    with pytest.raises(StateChanged):
        propose_correction(
            actor=line.approver,
            submission=sent,
            entries=[Entry(cell.pk, cell.version, figure(1))],
            reason="Early",
            entrance=Entrance.FORM,
        )


def test_what_was_seen_otherwise_is_not_asked(line):
    cell = line.cells[3]
    with pytest.raises(StateChanged):
        propose_correction(
            actor=line.approver,
            submission=line.submission,
            entries=[Entry(cell.pk, cell.version - 1, figure(162))],
            reason="Old page",
            entrance=Entrance.FORM,
        )


# --- Attesting and withdrawing ------------------------------------------------------------------


def test_who_enters_proposes_and_who_attests_sends(line):
    [asked] = line.ask(line.reporter, c3=figure(162))
    assert (asked.state, asked.attested_by) == (CorrectionState.PROPOSED, None)
    with pytest.raises(StateChanged):
        accept(line, [asked])
    with pytest.raises(PermissionDenied):
        attest_correction(actor=line.reporter, correction=asked, version=0)
    sent = attest_correction(actor=line.approver, correction=asked, version=0)
    with pytest.raises(StateChanged):
        attest_correction(actor=line.approver, correction=asked, version=0)
    [accepted] = accept(line, sent)
    assert (accepted.revision.entered_by, accepted.attested_by) == (line.reporter, line.approver)


def test_what_does_not_go_any_more_is_not_attested(line):
    """At the proposal it went with what was validated then."""
    checks, visits = (line.cells[place].expectation.version for place in (0, 3))
    make.make_cross_check(checks, visits)
    more = line.ask(line.reporter, c0=figure(162), c1=figure(130), c2=figure(32))
    accept(line, line.ask(c3=figure(130)))
    with pytest.raises(NotAttestable):
        attest_correction(actor=line.approver, correction=more[0], version=0)
    attest = reverse("correction-attest", args=[more[0].pk])
    page = Browser(line.approver).client.post(attest, {"version": "0"}, follow=True)
    (said,) = page.context["messages"]
    assert (said.level_tag, str(said)[:14]) == ("error", "Not attested. ")
    assert {each.state for each in Correction.objects.filter(pk__in=[e.pk for e in more])} == {
        CorrectionState.PROPOSED
    }
    assert not AuditEntry.objects.filter(verb="correction.attested").exists()
    withdraw_correction(actor=line.reporter, correction=more[0], version=0)


def test_it_is_withdrawn_until_decided(line):
    [asked] = line.ask(line.reporter, c3=figure(162))
    withdraw_correction(actor=line.reporter, correction=asked, version=0)
    [asked] = line.ask(c3=figure(162))
    with pytest.raises(PermissionDenied):
        withdraw_correction(actor=line.reporter, correction=asked, version=0)
    [gone] = withdraw_correction(actor=line.approver, correction=asked, version=0)
    assert (gone.state, gone.decided_by) == (CorrectionState.WITHDRAWN, line.approver)
    with pytest.raises(StateChanged):
        accept(line, [gone])
    accepted = accept(line, line.ask(c3=figure(163)))
    with pytest.raises(StateChanged):
        withdraw_correction(actor=line.approver, correction=accepted[0], version=1)
    assert line.figures[3] == 163


# --- Deciding ---------------------------------------------------------------------------------


def test_two_that_went_one_by_one_are_not_accepted_against_each_other(line):
    checks, visits = (line.cells[place].expectation.version for place in (0, 3))
    make.make_cross_check(checks, visits)
    fewer = line.ask(c3=figure(130))
    more = line.ask(c0=figure(162), c1=figure(130), c2=figure(32))
    accept(line, fewer)
    said = "With what is validated now"
    with translation.override("en"), pytest.raises(ValidationError, match=said):
        accept(line, more)
    assert line.figures == [126, 100, 26, 130]
    assert Correction.objects.filter(state=CorrectionState.ATTESTED).count() == 3


def test_a_refusal_has_a_reason_and_changes_nothing(line):
    OutboxEntry.objects.all().delete()
    [asked] = line.ask(c3=figure(162))
    decision = {"actor": line.coordinator, "correction": asked, "version": 0}
    with pytest.raises(ValidationError):
        refuse_correction(**decision, reason=" ")
    [refused] = refuse_correction(**decision, reason="The register says otherwise")
    assert (refused.state, refused.decision_reason) == (
        CorrectionState.REFUSED,
        "The register says otherwise",
    )
    assert line.figures[3] == SECRET
    assert not OutboxEntry.objects.filter(topic="results").exists()
    assert Measurement.objects.count() == 4


def test_what_is_no_longer_to_be_replaced_is_refused_as_outdated(line):
    """A source's figures can go back to it and change while a request waits."""
    asked = line.ask(c3=figure(162))
    Submission.objects.update(state=State.RETURNED, return_reason="A merger")
    make.enter(line.approver, line.submission, [figure(126), figure(100), figure(26), figure(8)])
    with pytest.raises(StateChanged):
        accept(line, asked)
    Cell.objects.filter(pk=line.cells[3].pk).update(validated=line.cells[3].current_id)
    Submission.objects.update(state=State.VALIDATED)
    [refused] = accept(line, asked)
    assert refused.is_outdated
    assert line.figures[3] == 8
    assert Correction.objects.get().revision is None


def test_who_asks_or_sends_never_decides(line):
    asked = line.ask(line.reporter, c3=figure(162))
    asked = attest_correction(actor=line.approver, correction=asked[0], version=0)
    both = make.make_user(Role.SECRETARIAT, name="both")
    both.memberships.create(role=Role.APPROVER, unit=line.zone, start=dt.date(2020, 1, 1))
    liege = make.make_user(Role.COORDINATOR, make.make_dca("dca-liege"))
    Correction.objects.update(attested_at=timezone.now() - dt.timedelta(days=30))
    for actor in (line.reporter, line.approver, both, liege):
        with pytest.raises(PermissionDenied):
            accept(line, asked, actor)
        with pytest.raises(PermissionDenied):
            refuse_correction(actor=actor, correction=asked[0], version=1, reason="No")
    # Who attested and coordinates since: the role changed, the hand did not.
    moved = make.make_user(Role.COORDINATOR, line.dca, name="moved")
    Correction.objects.update(attested_by=moved)
    with pytest.raises(PermissionDenied):
        accept(line, asked, moved)
    assert line.figures[3] == SECRET


def test_after_ten_working_days_the_secretariat_decides_too(line):
    asked = line.ask(c3=figure(162))
    with pytest.raises(PermissionDenied):
        accept(line, asked, line.secretariat)
    assert not Correction.objects.to_control_by(line.secretariat).exists()
    Correction.objects.update(attested_at=timezone.now() - dt.timedelta(days=30))
    assert Correction.objects.to_control_by(line.secretariat).exists()
    [accepted] = accept(line, Correction.objects.all(), line.secretariat)
    assert accepted.decided_by == line.secretariat


def test_my_work_counts_the_requests_to_decide(line):
    controller = Browser(line.coordinator)
    link = "/review/?state=corrections"
    assert link not in controller.client.get("/report/").content.decode()
    line.ask(c0=figure(162), c2=figure(62))
    page = controller.client.get("/report/")
    assert page.context["control"].counts["corrections"] == 1
    assert link in page.content.decode()


@pytest.mark.parametrize("state", [State.REPLACED, State.RETURNED])
def test_what_a_merger_replaced_or_sent_back_waits_for_no_decision(line, state):
    line.ask(c3=figure(162))
    assert selectors.requests_to_control(line.coordinator).count() == 1
    Submission.objects.update(state=state, return_reason="Merger")
    assert selectors.requests_to_control(line.coordinator).count() == 0
    assert selectors.requests_to_control(line.secretariat, everything=True).count() == 0
    Submission.objects.update(state=State.VALIDATED)
    assert selectors.requests_to_control(line.coordinator).count() == 1


def test_who_controls_does_not_ask(line):
    both = make.make_user(Role.APPROVER, line.zone, name="both")
    both.memberships.create(role=Role.COORDINATOR, unit=line.dca, start=dt.date(2020, 1, 1))
    for actor in (line.coordinator, line.secretariat, both):
        with pytest.raises(PermissionDenied):
            line.ask(actor, c3=figure(162))


@pytest.mark.parametrize(("zone", "is_refused"), [(0, True), (1, False)])
def test_what_does_not_go_together_elsewhere_hinders_no_correction(zone, is_refused):
    """The figures about one zone, which a check made since would refuse, are not the other's."""
    source = make.make_source()
    zones = make.make_zones(2)
    positive = make.make_indicator("positive", reporter=source)
    tested = make.make_indicator("tested", reporter=source)
    approver = make.make_user(Role.APPROVER, source)
    make.make_round()
    secretariat = make.make_user(Role.SECRETARIAT)
    at_first = {(positive, zones[0]): 9}
    done = make.submission_of(source)
    asked = [
        (each.expectation.version, each.expectation.subject.unit) for each in make.cells_of(done)
    ]
    make.validated(approver, secretariat, done, [figure(at_first.get(each, 5)) for each in asked])
    make.make_cross_check(positive, tested)
    cell = make.cells_of(done)[asked.index((tested, zones[zone]))]
    asking = {
        "actor": approver,
        "submission": make.submission_of(source),
        "entries": [Entry(cell.pk, cell.version, figure(6))],
        "reason": "One more",
        "entrance": Entrance.FORM,
    }
    if is_refused:
        with pytest.raises(NotAttestable):
            propose_correction(**asking)
    else:
        assert len(propose_correction(**asking)) == 1


@pytest.mark.parametrize("subjects", [1, 60])
def test_accepting_takes_the_same_number_of_queries(subjects, django_assert_num_queries):
    source = make.make_source()
    make.make_zones(subjects)
    make.make_indicator("searches", reporter=source)
    approver = make.make_user(Role.APPROVER, source)
    secretariat = make.make_user(Role.SECRETARIAT)
    make.make_round()
    done = make.validated(approver, secretariat, make.submission_of(source), figure(5))
    cell = make.cells_of(done)[0]
    [asked] = propose_correction(
        actor=approver,
        submission=done,
        entries=[Entry(cell.pk, cell.version, figure(6))],
        reason="One more",
        entrance=Entrance.FORM,
    )
    assert secretariat.access
    with django_assert_num_queries(37):
        accept_correction(actor=secretariat, correction=asked, version=0)


# --- The pages --------------------------------------------------------------------------------


class Browser:
    def __init__(self, user) -> None:
        self.client = Client(HTTP_ACCEPT_LANGUAGE="en")
        self.client.force_login(user)

    def get(self, name: str, *args: object):
        return self.client.get(reverse(name, args=args))

    def ask(self, line: Line, place: int, *, step="show", reason="Read twice", token="", **typed):
        """What the form of a cell's expectation posts; ``typed`` by place: c0="162"."""
        cells = line.cells
        fields = {"step": step, "reason": reason, "token": token}
        expectation = cells[place].expectation_id
        for number, cell in enumerate(cells):
            if cell.expectation_id == expectation:
                fields[f"c{cell.pk}-version"] = str(cell.version)
                numerator = typed.get(f"c{number}", str(cell.current.numerator))
                fields[f"c{cell.pk}-numerator"] = numerator
        return self.client.post(reverse("correction-ask", args=[cells[place].pk]), fields)


def test_the_difference_is_said_before_it_is_sent(line):
    browser = Browser(line.approver)
    page = browser.ask(line, 0, c0="162", c2="62")
    text = page.content.decode()
    assert "Replace 126 by 162?" in text
    assert "Replace 26 by 62?" in text
    assert "The old figure stays until validation." in text
    assert not Correction.objects.exists()
    sent = browser.ask(line, 0, step="send", token="one", c0="162", c2="62")
    assert sent["Location"] == f"/report/{make.QUARTER}/namur/#corrections"
    again = browser.ask(line, 0, step="send", token="one", c0="162", c2="62")
    assert again["Location"] == sent["Location"]
    assert Correction.objects.count() == 2


def test_errors_stand_at_their_field_and_nothing_typed_is_lost(line):
    browser = Browser(line.approver)
    page = browser.ask(line, 0, c0="16x", reason="")
    [total, *_rest] = page.context["form"].rows
    assert total.messages == ["“16x” contains a letter. Type digits, for example 410."]
    text = page.content.decode()
    assert 'value="16x"' in text
    assert "Say why the figure changes." in text
    page = browser.ask(line, 0, c0="162")
    assert "The parts add up to 126, the total is 162." in page.content.decode()
    page = browser.ask(line, 0, c0="")
    assert "Blank is not zero." in page.content.decode()
    page = browser.ask(line, 0)
    assert "Change at least one figure" in page.content.decode()
    page = browser.ask(line, 0, step="edit", c0="162", c2="62")
    assert 'value="162"' in page.content.decode()
    assert not Correction.objects.exists()


def test_what_was_asked_of_figures_that_have_changed_is_shown_and_asked_anew(line):
    browser, cell = Browser(line.approver), line.cells[3]
    address = reverse("correction-ask", args=[cell.pk])
    said = {
        "step": "send",
        "seal": kept.seal(line.approver.pk, address),
        "reason": "Counted twice",
        f"c{cell.pk}-version": str(cell.version),
        f"c{cell.pk}-numerator": "5",
    }
    Client().post(address, said)  # The session had expired.
    assert 'value="5"' in browser.client.get(address).content.decode()
    accept(line, line.ask(c3=figure(7)))
    refused = browser.client.post(address, said)
    text = refused.content.decode()
    assert refused.status_code == 409
    assert [row.typed_text for row in refused.context["typed"]] == ["5"]
    assert "Nothing was asked for: ask again from the figures as they are now." in text
    assert "Counted twice" in text
    page = browser.client.get(address)
    assert [row.typed["numerator"] for row in page.context["form"].rows] == ["7"]


def test_the_same_mark_with_another_correction_is_refused_as_such(line):
    browser = Browser(line.approver)
    browser.ask(line, 3, step="send", token="one", c3="5")
    [asked] = Correction.objects.all()
    withdraw_correction(actor=line.approver, correction=asked, version=asked.version)
    answer = browser.ask(line, 3, step="send", token="one", c3="6")
    assert answer.status_code == 409
    assert answer.templates[0].name == "submissions/other_content.html"
    assert Correction.objects.count() == 1


def test_what_wants_a_comment_is_not_said_to_be_saved(line):
    page = Browser(line.approver).ask(line, 0, c0="9000", c1="8974")
    assert page.context["form"].to_explain
    text = page.content.decode()
    assert "These figures may be right, and are not saved" in text
    assert "These figures are saved" not in text


def test_a_second_request_is_told_of_the_first(line):
    browser = Browser(line.approver)
    browser.ask(line, 3, step="send", c3="5")
    assert "under way already" in browser.get("correction-ask", line.cells[3].pk).content.decode()
    answer = browser.ask(line, 3, step="send", c3="6")
    assert answer.status_code == 409
    assert "under way already" in answer.content.decode()


def test_the_read_only_page_leads_to_it_lists_it_and_lets_it_be_sent_or_withdrawn(line):
    reporter, approver = Browser(line.reporter), Browser(line.approver)
    page = reporter.get("report", make.QUARTER, "namur")
    ask_here = reverse("correction-ask", args=[line.cells[3].pk])
    assert ask_here in page.content.decode()
    assert ask_here in reporter.get("cell-history", line.cells[3].pk).content.decode()
    reporter.ask(line, 3, step="send", c3="162")
    [asked] = Correction.objects.all()
    attest = reverse("correction-attest", args=[asked.pk])
    withdraw = reverse("correction-withdraw", args=[asked.pk])
    mine = reporter.get("report", make.QUARTER, "namur").content.decode()
    assert (attest in mine, withdraw in mine) == (False, True)
    theirs = approver.get("report", make.QUARTER, "namur").content.decode()
    assert (attest in theirs, withdraw in theirs) == (True, True)
    seen = Browser(line.coordinator).get("review", line.submission.pk).content.decode()
    assert (attest in seen, withdraw in seen, ask_here in seen) == (False, False, False)
    assert approver.client.post(attest, {"version": "0"}).status_code == 302
    assert approver.client.post(attest, {"version": "0"}).status_code == 409
    assert approver.client.post(withdraw, {"version": "1"}).status_code == 302
    assert Correction.objects.get().state == CorrectionState.WITHDRAWN


def test_the_queue_holds_requests_and_the_decision_is_made_there(line):
    asked = line.ask(c0=figure(162), c2=figure(62))
    line.ask(line.reporter, c3=figure(5))
    controller = Browser(line.coordinator)
    page = controller.client.get("/review/", {"state": "corrections"})
    counts = {counter.code: counter.count for counter in page.context["counters"]}
    assert counts["corrections"] == 1
    [shown] = page.context["requests"]
    assert [(each.before, each.after) for each in shown.changes] == [("126", "162"), ("26", "62")]
    assert "passes to the secretariat on" in page.content.decode()
    url = reverse("correction-review", args=[asked[0].pk])
    assert url in page.content.decode()
    assert "A register was read twice" in controller.client.get(url).content.decode()
    refused = controller.client.post(url, {"version": "0", "decision": "refuse", "reason": " "})
    assert refused.context["form"].errors == {
        "reason": ["Say why: the unit must know what to look at."]
    }
    done = controller.client.post(url, {"version": "0", "decision": "accept", "reason": ""})
    assert done["Location"] == "/review/?state=corrections"
    assert line.figures == [162, 100, 62, SECRET]
    late = controller.client.post(
        url, {"version": "0", "decision": "refuse", "reason": "My long reason"}
    )
    assert late.status_code == 409
    assert "My long reason" in late.content.decode()


def test_who_may_not_see_finds_nothing_and_who_may_not_act_is_refused(line):
    [asked] = line.ask(c3=figure(162))
    dinant = make.make_zone("liege", dca=make.make_dca("dca-liege"))
    urls = [
        ("get", "correction-ask", line.cells[3].pk),
        ("post", "correction-ask", line.cells[3].pk),
        ("post", "correction-attest", asked.pk),
        ("post", "correction-withdraw", asked.pk),
    ]
    reviews = [("get", "correction-review", asked.pk), ("post", "correction-review", asked.pk)]
    strangers = [make.make_user(Role.APPROVER, dinant), make.make_user(Role.EVALUATOR)]
    for user in strangers:
        for method, name, pk in urls:
            send = getattr(Browser(user).client, method)
            answer = send(reverse(name, args=[pk]), {"version": "0", "step": "send"})
            assert (answer.status_code, b"987" in answer.content) == (404, False)
    liege = make.make_user(Role.COORDINATOR, make.make_dca("dca-liege"))
    for method, name, pk in reviews:
        answer = getattr(Browser(liege).client, method)(reverse(name, args=[pk]))
        assert (answer.status_code, b"987" in answer.content) == (404, False)
    page = Browser(liege).client.get("/review/", {"state": "corrections", "all": "1"})
    assert (page.context["requests"], b"987" in page.content) == ([], False)
    for method, name, pk in urls:
        send = getattr(Browser(line.coordinator).client, method)
        assert send(reverse(name, args=[pk]), {"version": "0"}).status_code == 403
    posted = {"version": "0", "decision": "accept"}
    url = reverse("correction-review", args=[asked.pk])
    assert Browser(line.secretariat).client.post(url, posted).status_code == 403
    assert Browser(line.approver).client.post(url, posted).status_code == 403
    assert Correction.objects.get().state == CorrectionState.ATTESTED


@pytest.mark.parametrize("requests", [1, 3])
def test_lists_of_corrections_take_the_same_number_of_queries(requests, django_assert_num_queries):
    versions = [make.make_indicator(f"i-{n}", kind=Kind.COUNT) for n in range(requests)]
    zone = make.make_zone("namur")
    approver = make.make_user(Role.APPROVER, zone)
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    make.make_round()
    done = make.validated(approver, coordinator, make.submission_of(zone), figure(5))
    assert len(make.cells_of(done)) == len(versions)
    for cell in make.cells_of(done):
        propose_correction(
            actor=approver,
            submission=done,
            entries=[Entry(cell.pk, cell.version, figure(6))],
            reason="One more",
            entrance=Entrance.FORM,
        )
    client = Browser(coordinator).client
    with django_assert_num_queries(13):
        page = client.get("/review/", {"state": "corrections"})
    assert len(page.context["requests"]) == requests
    client = Browser(approver).client
    with django_assert_num_queries(20):
        page = client.get(f"/report/{make.QUARTER}/namur/")
    assert len(page.context["corrections"]) == requests
