"""Zones that merge or split amid a round: who reports the period, what stays, what is counted."""

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from foundation.models import AuditEntry, Notice, OutboxEntry
from foundation.templatetags import jalon
from indicators.enums import CellStatus
from indicators.labels import Addressed
from indicators.models import IndicatorVersion
from organisations.enums import Role
from organisations.models import Unit, User
from organisations.succession import Succession, preview, succeed, undo
from progress.models import Result
from progress.services import reconcile
from progress.verification import differences
from submissions import selectors
from submissions.enums import State
from submissions.models import (
    Expectation,
    Extension,
    Measurement,
    Round,
    RoundSubject,
    Submission,
    Upload,
)
from submissions.observations import figures
from submissions.selectors import blocks_of, with_progress, work_of
from submissions.services import (
    StateChanged,
    ask_for_time,
    conclude_upload,
    end_extension,
    grant_extension,
    receive_upload,
    refuse_time,
    validate,
)
from submissions.views.cells import CellHistory
from tests import factories as make
from tests.progress.figures import recompute

PERIOD = "2025-Q3"
LAST_DAY = dt.date(2025, 9, 30)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@dataclass
class Scene:
    """Three zones with one indicator, two of which are about to merge."""

    administrator: User
    version: IndicatorVersion
    parts: tuple[Unit, Unit]
    whole: Unit

    def succession(self, day: dt.date = LAST_DAY) -> Succession:
        return Succession(self.parts, (self.whole,), day)

    def merge(self, day: dt.date = LAST_DAY) -> None:
        Unit.objects.filter(pk=self.whole.pk).update(valid_from=day)
        succeed(actor=self.administrator, succession=self.succession(day), reason="Decree")

    def undo(self) -> None:
        undo(actor=self.administrator, succession=self.succession(), reason="Annulled")

    def people(self, unit: Unit) -> tuple[User, User]:
        return make.make_user(Role.APPROVER, unit), User.objects.get(email__startswith="coord")


@pytest.fixture
def scene(db: None) -> Scene:
    make.make_area("belgique", make.AreaKind.NATION)
    make.make_user(Role.COORDINATOR, make.make_dca())
    make.make_zone("dinant")
    return Scene(
        administrator=make.make_user(Role.ADMINISTRATOR),
        version=make.make_indicator(),
        parts=(make.make_zone("namur"), make.make_zone("gembloux", population=50_000)),
        whole=make.make_zone("greater-namur", population=None, valid_from=dt.date(2090, 1, 1)),
    )


def expected(code: str = PERIOD) -> list[str]:
    """Who is counted as expected in a period."""
    period = make.make_period(code)
    units = Expectation.objects.standing().filter(period=period)
    return sorted(units.values_list("subject__unit__slug", flat=True))


def states(code: str = PERIOD) -> dict[str, str]:
    rows = Submission.objects.filter(round__period__code=code)
    return dict(rows.values_list("reporter__slug", "state"))


def parts_counted(version: IndicatorVersion) -> dict[str, int | None]:
    slugs = dict(Unit.objects.values_list("pk", "slug"))
    return {
        slugs[each.observation.subject]: each.observation.numerator
        for each in figures(version.indicator_id)
    }


# --- Which rounds -------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [dt.date(2025, 7, 1), LAST_DAY - DAY, LAST_DAY])
def test_on_or_before_the_last_day_the_successor_reports_the_whole_period(scene, day):
    make.make_round(PERIOD)
    scene.merge(day)
    assert expected() == ["dinant", "greater-namur"]
    assert states() == {
        "dinant": "todo",
        "gembloux": "replaced",
        "greater-namur": "todo",
        "namur": "replaced",
    }


def test_even_when_it_came_long_before_the_period(scene):
    make.make_round(PERIOD)
    scene.merge(dt.date(2024, 1, 1))
    assert expected() == ["dinant", "greater-namur"]


@pytest.mark.parametrize("day", [LAST_DAY + DAY, dt.date(2025, 12, 31)])
def test_after_the_last_day_nothing_moves(scene, day):
    make.make_round(PERIOD)
    scene.merge(day)
    assert expected() == ["dinant", "gembloux", "namur"]
    assert set(states().values()) == {"todo"}


def test_late_rounds_are_amended_and_locked_ones_are_not(scene):
    make.make_round("2025-Q2", locked=True)
    make.make_round(PERIOD, late=True)
    scene.merge(dt.date(2025, 6, 1))
    assert expected("2025-Q2") == ["dinant", "gembloux", "namur"]
    assert set(states("2025-Q2").values()) == {"todo"}
    assert expected() == ["dinant", "greater-namur"]


def test_a_round_opened_after_a_prepared_merger_expects_who_is_there_that_day(scene):
    make.make_indicator("listed", addressed=Addressed.LISTED, subjects=[scene.parts[0]])
    scene.merge(LAST_DAY)
    make.make_round("2025-Q2")
    make.make_round(PERIOD)
    assert expected("2025-Q2") == ["dinant", "gembloux", "namur", "namur"]
    assert expected() == ["dinant", "greater-namur", "greater-namur"]


def recorded_mergers() -> list[tuple[str, dt.date, list[str]]]:
    """Successor, day and predecessors of every merger of the reference data with a date."""
    predecessors: dict[tuple[str, dt.date], list[str]] = defaultdict(list)
    path = settings.BASE_DIR / "organisations" / "data" / "mergers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["effective_on"]:
                day = dt.date.fromisoformat(row["effective_on"])
                predecessors[row["successor"], day].append(row["predecessor"])
    return [(successor, day, slugs) for (successor, day), slugs in predecessors.items()]


def quarter(day: dt.date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


@pytest.mark.parametrize(("successor", "day", "predecessors"), recorded_mergers())
def test_the_mergers_of_the_past(administrator, successor, day, predecessors):
    make.make_indicator(valid_from=dt.date(2002, 1, 1))
    units = tuple(make.make_zone(slug) for slug in predecessors)
    whole = make.make_zone(successor, population=None, valid_from=day)
    before = quarter(dt.date(day.year - 1, 12, 31))
    make.make_round(before)
    make.make_round(quarter(day))
    succession = Succession(units, (whole,), day)
    succeed(actor=administrator, succession=succession, reason="As recorded")
    assert expected(before) == sorted(predecessors)
    assert expected(quarter(day)) == [successor]
    population = 100_000 * len(predecessors)
    assert RoundSubject.objects.get(unit=whole).population == population


@pytest.fixture
def administrator(db: None) -> User:
    return make.make_user(Role.ADMINISTRATOR)


# --- What becomes of figures --------------------------------------------------------------------


def test_the_successor_starts_blank_and_what_was_said_stays_readable(scene):
    make.make_round(PERIOD)
    approver, coordinator = scene.people(scene.parts[0])
    make.validated(
        approver, coordinator, make.submission_of(scene.parts[0], PERIOD), make.figure(4)
    )
    drafter, _coordinator = scene.people(scene.parts[1])
    make.enter(drafter, make.submission_of(scene.parts[1], PERIOD), make.figure(3))
    before = list(Measurement.objects.order_by("pk").values())

    scene.merge()

    assert list(Measurement.objects.order_by("pk").values()) == before
    assert parts_counted(scene.version) == {"dinant": None, "greater-namur": None}
    said = {
        figure.subject.slug: figure.content.numerator
        for unit in (*scene.parts, scene.whole)
        for block in blocks_of(make.submission_of(unit, PERIOD))
        for figure in block.figures
    }
    assert said == {"namur": 4, "gembloux": 3, "greater-namur": None}


def test_nobody_writes_for_a_predecessor_any_more(scene):
    make.make_round(PERIOD)
    approver, _coordinator = scene.people(scene.parts[0])
    submission = make.submission_of(scene.parts[0], PERIOD)
    scene.merge()
    # As before the day has come: the role in the predecessor is still in force.
    approver.memberships.update(end=None)
    with pytest.raises(StateChanged):
        make.enter(User.objects.get(pk=approver.pk), submission, make.figure(1))


def test_a_zone_that_reports_already_is_nobodys_successor(scene):
    Unit.objects.filter(pk=scene.whole.pk).update(valid_from=LAST_DAY)
    make.make_round(PERIOD)
    approver, _coordinator = scene.people(scene.whole)
    make.enter(approver, make.submission_of(scene.whole, PERIOD), make.figure(1))
    with pytest.raises(ValidationError, match="figures of its own"):
        scene.merge()
    assert expected() == ["dinant", "gembloux", "greater-namur", "namur"]


def test_the_successor_reports_and_is_counted(scene):
    make.make_round(PERIOD)
    approver, coordinator = scene.people(scene.parts[0])
    scene.merge()
    approver = User.objects.get(pk=approver.pk)
    make.validated(approver, coordinator, make.submission_of(scene.whole, PERIOD), make.figure(9))
    assert parts_counted(scene.version) == {"dinant": None, "greater-namur": 9}
    recompute(scene.version, PERIOD)
    nation = Result.objects.get(area__code="belgique", option="")
    assert (nation.numerator, nation.expected, nation.reported) == (9, 2, 1)
    assert (nation.population_expected, nation.population_reported) == (250_000, 150_000)
    assert list(differences()) == []


def test_a_locked_round_keeps_its_results(scene):
    make.make_round(PERIOD)
    approver, coordinator = scene.people(scene.parts[0])
    make.validated(
        approver, coordinator, make.submission_of(scene.parts[0], PERIOD), make.figure(4)
    )
    past = timezone.now() - 60 * DAY
    Round.objects.update(opens_at=past, due_at=past + DAY, locks_at=past + 2 * DAY)
    recompute(scene.version, PERIOD)
    before = Result.objects.get(area__code="belgique").fingerprint
    scene.merge()
    recompute(scene.version, PERIOD)
    assert Result.objects.get(area__code="belgique").fingerprint == before
    assert list(differences()) == []


def test_results_are_owed_again_and_the_amendment_is_on_the_record(scene):
    made = make.make_round(PERIOD)
    later = make.make_round("2025-Q4")
    OutboxEntry.objects.all().delete()
    scene.merge(LAST_DAY)
    keys = {f"{scene.version.indicator_id}:{each.period_id}" for each in (made, later)}
    assert set(OutboxEntry.objects.values_list("topic", "key")) == {
        ("results", key) for key in keys
    }
    entries = AuditEntry.objects.filter(verb="round.amended").order_by("pk")
    assert {entry.subject_id for entry in entries} == {made.pk, later.pk}
    assert {entry.details["succession"] for entry in entries} == {
        "ZP Namur, ZP Gembloux → ZP Greater Namur (2025-09-30)"
    }
    replaced = AuditEntry.objects.filter(verb="submission.replaced")
    assert replaced.count() == 4
    steps = Submission.objects.filter(state=State.REPLACED).values_list(
        "transitions__before", "transitions__after", "transitions__actor"
    )
    assert set(steps) == {("todo", "replaced", scene.administrator.pk)}


def test_what_a_predecessor_still_owes_is_entered_by_the_successors_people(scene):
    """A merger on 1 January leaves the last quarter's round with the zones that lived it."""
    make.make_round(PERIOD)
    scene.merge(LAST_DAY + DAY)
    scene.parts[0].refresh_from_db()
    approver, coordinator = scene.people(scene.whole)
    owed = make.submission_of(scene.parts[0], PERIOD)
    assert owed in list(work_of(approver, timezone.now()))
    sent = make.attested(approver, owed, make.figure(7))
    validate(actor=coordinator, submission=sent, version=sent.version)
    assert parts_counted(scene.version)["namur"] == 7
    stranger = make.make_user(Role.APPROVER, make.make_zone("dinant"))
    other = make.submission_of(scene.parts[1], PERIOD)
    assert other not in list(work_of(stranger, timezone.now()))
    with pytest.raises(PermissionDenied):
        make.enter(stranger, other, make.figure(1))


def test_nothing_is_owed_where_nothing_moves(scene):
    make.make_round(PERIOD)
    OutboxEntry.objects.all().delete()
    scene.merge(LAST_DAY + DAY)
    assert OutboxEntry.objects.count() == 0
    assert AuditEntry.objects.filter(verb="round.amended").count() == 0


def test_reconciling_owes_nothing_for_what_was_withdrawn(scene):
    make.make_round(PERIOD)
    RoundSubject.objects.update(withdrawn_at=dt.datetime(2025, 10, 1, tzinfo=dt.UTC))
    OutboxEntry.objects.all().delete()
    assert reconcile() == 0


# --- By which definitions -----------------------------------------------------------------------


def test_the_successor_answers_for_all_that_its_predecessors_were_asked(scene):
    make.make_indicator("listed", addressed=Addressed.LISTED, subjects=[scene.parts[0]])
    Unit.objects.filter(pk=scene.parts[1].pk).update(has_point_of_entry=True)
    make.make_indicator("border", addressed=Addressed.POINT_OF_ENTRY, options=["sea", "air"])
    make.make_round(PERIOD)
    scene.merge()
    asked = Expectation.objects.filter(subject__unit=scene.whole)
    codes = asked.values_list("version__indicator__code", flat=True)
    assert sorted(codes) == ["border", "checks", "listed"]
    border = asked.get(version__indicator__code="border")
    assert list(border.cells.order_by("pk").values_list("option", flat=True)) == ["", "sea", "air"]


def test_a_central_source_that_had_finished_reports_on_the_successor_too(scene):
    source = make.make_source()
    make.make_indicator("central", reporter=source)
    make.make_round(PERIOD)
    sender = make.make_user(Role.APPROVER, source)
    secretariat = make.make_user(Role.SECRETARIAT)
    done = make.validated(sender, secretariat, make.submission_of(source, PERIOD), make.figure(7))

    scene.merge()

    done.refresh_from_db()
    assert done.state == State.RETURNED
    assert done.return_reason == "ZP Namur, ZP Gembloux → ZP Greater Namur (2025-09-30)"
    (block,) = blocks_of(done)
    shown = {figure.subject.slug: figure.content.numerator for figure in block.figures}
    assert shown == {"dinant": 7, "greater-namur": None}
    counted = with_progress(Submission.objects.filter(pk=done.pk)).get()
    assert (counted.done, counted.total) == (1, 2)
    told = Notice.objects.filter(kind="returned")
    assert [notice.user for notice in told] == [sender]

    decided = (done.submitted_at, done.submitted_by)
    with translation.override("nl"):
        scene.undo()
    (block,) = blocks_of(done)
    shown = {figure.subject.slug: figure.content.numerator for figure in block.figures}
    assert shown == {"dinant": 7, "gembloux": 7, "namur": 7}
    done.refresh_from_db()
    assert (done.state, done.return_reason) == (State.VALIDATED, "")
    assert (done.submitted_at, done.submitted_by) == decided
    assert done.decided_by == secretariat
    history = CellHistory()
    cell = make.cells_of(done)[0]
    said = history.events(cell, cell.expectation.version)
    assert [each.actor for each in said if "Validated" in each.title] == [str(secretariat)]


# --- Splits -------------------------------------------------------------------------------------


@pytest.fixture
def halves(scene: Scene) -> tuple[Unit, Unit]:
    return (
        make.make_zone("north", valid_from=LAST_DAY, has_point_of_entry=True),
        make.make_zone("south", valid_from=LAST_DAY),
    )


def test_a_split_expects_its_parts_and_invents_no_past(scene, halves):
    Unit.objects.filter(pk=scene.parts[0].pk).update(has_point_of_entry=True)
    make.make_indicator("border", addressed=Addressed.POINT_OF_ENTRY)
    make.make_round("2025-Q2")
    make.make_round(PERIOD)
    approver, coordinator = scene.people(scene.parts[0])
    for code in ("2025-Q2", PERIOD):
        mine = make.submission_of(scene.parts[0], code)
        make.validated(approver, coordinator, mine, make.figure(8))
    split = Succession(scene.parts[:1], halves, LAST_DAY)
    succeed(actor=scene.administrator, succession=split, reason="Decree")
    assert expected() == ["dinant", "gembloux", "north", "north", "south"]
    assert expected("2025-Q2") == ["dinant", "gembloux", "namur", "namur"]
    assert set(Measurement.objects.values_list("cell__expectation__subject__unit", flat=True)) == {
        scene.parts[0].pk
    }
    for code in ("2025-Q2", PERIOD):
        recompute(scene.version, code)
    totals = Result.objects.filter(area__code="belgique", option="")
    assert list(totals.order_by("period__last_day").values_list("numerator", "expected")) == [
        (8, 3),
        (None, 4),
    ]


# --- Taking back --------------------------------------------------------------------------------


def test_taken_back_the_predecessors_stand_as_they_stood(scene):
    make.make_round(PERIOD)
    approver, coordinator = scene.people(scene.parts[0])
    make.validated(
        approver, coordinator, make.submission_of(scene.parts[0], PERIOD), make.figure(4)
    )
    make.make_round("2025-Q4")
    before = states(), states("2025-Q4"), expected(), expected("2025-Q4")
    counted = parts_counted(scene.version)
    scene.merge()
    OutboxEntry.objects.all().delete()
    scene.undo()
    assert (states(), states("2025-Q4"), expected(), expected("2025-Q4")) == before
    assert parts_counted(scene.version) == counted
    assert OutboxEntry.objects.filter(topic="results").count() == 2
    assert AuditEntry.objects.filter(verb="round.amendment_undone").count() == 2
    assert AuditEntry.objects.filter(verb="submission.restored").count() == 4
    scene.merge()
    assert expected() == ["dinant", "greater-namur"]


def test_a_round_opened_meanwhile_expects_the_predecessors_again(scene):
    scene.merge()
    make.make_round(PERIOD)
    scene.undo()
    assert expected() == ["dinant", "gembloux", "namur"]
    assert set(states()) == {"dinant", "gembloux", "namur"}


@pytest.mark.parametrize(
    "said", [make.figure(1), make.Content(CellStatus.NOT_AVAILABLE, reason="Lost")]
)
def test_once_the_successor_said_anything_its_succession_stands(scene, said):
    make.make_round(PERIOD)
    approver, _coordinator = scene.people(scene.parts[0])
    scene.merge()
    approver = User.objects.get(pk=approver.pk)
    make.enter(approver, make.submission_of(scene.whole, PERIOD), said)
    with pytest.raises(ValidationError, match="figures of its own"):
        scene.undo()
    assert expected() == ["dinant", "greater-namur"]
    scene.whole.refresh_from_db()
    assert scene.whole.valid_to is None


def test_once_a_round_that_expects_the_successor_is_locked_its_succession_stands(scene):
    scene.merge()
    make.make_round(PERIOD, locked=True)
    with pytest.raises(ValidationError, match="A locked round expects a successor"):
        scene.undo()


# --- More time ----------------------------------------------------------------------------------


def grant(unit: Unit, *, days: int, reason: str) -> Extension:
    locks_at = Round.objects.get(period__code=PERIOD).locks_at
    return grant_extension(
        actor=make.make_user(Role.SECRETARIAT, name=reason),
        submission=make.submission_of(unit, PERIOD),
        until=locks_at + days * DAY,
        reason=reason,
    )


def test_the_successor_gets_the_longest_time_that_a_predecessor_has(scene):
    make.make_round(PERIOD)
    longest = grant(scene.parts[0], days=20, reason="Floods")
    grant(scene.parts[1], days=10, reason="We moved")
    ended = grant(scene.parts[1], days=40, reason="A mistake")
    end_extension(actor=User.objects.get(name="A mistake"), extension=ended)
    grant(Unit.objects.get(slug="dinant"), days=50, reason="Not theirs")
    people = make.make_user(Role.REPORTER, scene.parts[0], language="en")
    Unit.objects.filter(pk=scene.whole.pk).update(valid_from=LAST_DAY)
    scene.whole.refresh_from_db()
    day = timezone.localdate(longest.until)
    (line,) = [each for each in preview(succession=scene.succession()) if "time given" in each]
    assert line.endswith(f"{jalon.day(day)} goes to ZP Greater Namur.")
    Notice.objects.all().delete()

    scene.merge()

    given = Extension.objects.get(submission=make.submission_of(scene.whole, PERIOD))
    assert (given.until, given.granted_by) == (longest.until, scene.administrator)
    assert given.reason == "ZP Namur, ZP Gembloux → ZP Greater Namur (2025-09-30): Floods"
    entry = AuditEntry.objects.filter(verb="submission.extended").latest("pk")
    assert (entry.subject_id, entry.details["reason"]) == (given.submission_id, given.reason)
    notice = Notice.objects.get(kind="extension", user=people)
    assert notice.subject.startswith("ZP Greater Namur")

    scene.undo()
    assert not Extension.objects.filter(pk=given.pk).exists()
    stand = make.submission_of(scene.parts[0], PERIOD)
    assert stand.extended_until(timezone.now()) == longest.until


def test_the_successor_keeps_longer_time_of_its_own(scene):
    Unit.objects.filter(pk=scene.whole.pk).update(valid_from=LAST_DAY)
    make.make_round(PERIOD)
    grant(scene.parts[0], days=20, reason="Floods")
    own = grant(scene.whole, days=40, reason="We moved")
    day = jalon.day(timezone.localdate(own.until))
    scene.whole.refresh_from_db()
    (line,) = [each for each in preview(succession=scene.succession()) if "time given" in each]
    assert day in line
    scene.merge()
    given = Extension.objects.get(submission=make.submission_of(scene.whole, PERIOD))
    assert (given.until, given.reason.partition(": ")[2]) == (own.until, "We moved")


def test_without_time_in_force_the_successor_gets_none(scene):
    make.make_round(PERIOD)
    ended = grant(scene.parts[0], days=20, reason="Floods")
    end_extension(actor=User.objects.get(name="Floods"), extension=ended)
    scene.merge()
    assert Extension.objects.get() == ended


def test_what_a_predecessor_asked_for_is_closed_and_waits_again_once_taken_back(scene):
    make.make_round(PERIOD, late=True)
    people = make.make_user(Role.REPORTER, scene.parts[0], language="en")
    mine = make.submission_of(scene.parts[0], PERIOD)
    asked = ask_for_time(actor=people, submission=mine, reason="We moved")
    refused_before = ask_for_time(
        actor=make.make_user(Role.REPORTER, scene.parts[1]),
        submission=make.submission_of(scene.parts[1], PERIOD),
        reason="Floods",
    )
    secretariat = make.make_user(Role.SECRETARIAT)
    refuse_time(actor=secretariat, request=refused_before, reason="Enough")

    scene.merge()

    asked.refresh_from_db()
    assert asked.refusal == "ZP Namur, ZP Gembloux → ZP Greater Namur (2025-09-30)"
    assert asked.answered_by == scene.administrator
    assert not selectors.open_requests().exists()
    notice = Notice.objects.get(kind="extension", user=people, subject__startswith="ZP Namur")
    assert "may ask for time itself" in notice.text
    OutboxEntry.objects.all().delete()

    with translation.override("nl"):
        scene.undo()
    assert [each.pk for each in selectors.open_requests()] == [asked.pk]
    refused_before.refresh_from_db()
    assert refused_before.refusal == "Enough"
    entry = AuditEntry.objects.get(verb="submission.time_asked_again")
    assert entry.subject_id == mine.pk

    refuse_time(actor=secretariat, request=asked, reason="Long enough")
    told = Notice.objects.filter(kind="extension", user=people, subject=notice.subject)
    assert [("Long enough" in each.text) for each in told.order_by("pk")] == [False, True]


# --- Files --------------------------------------------------------------------------------------


def test_files_that_the_successor_sent_and_never_applied_go_with_it(
    scene, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    make.make_round(PERIOD)
    people = make.make_user(Role.REPORTER, scene.parts[0])
    other = make.make_user(Role.REPORTER, Unit.objects.get(slug="dinant"))
    scene.merge()
    sent = [
        receive_upload(
            actor=User.objects.get(pk=user.pk),
            submission=make.submission_of(unit, PERIOD),
            version=None,
            name="figures.csv",
            content=b"key;first",
            language="en",
        )
        for user, unit in ((people, scene.whole), (other, Unit.objects.get(slug="dinant")))
    ]
    fault = {"message": "No"}
    conclude_upload(upload=sent[0], changes={}, faults=[fault], marked=b"marked")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3
    with django_capture_on_commit_callbacks(execute=True):
        scene.undo()
        assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3
    (left,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert str(left).endswith(sent[1].file.name)
    assert list(Upload.objects.all()) == [sent[1]]


# --- What is said and who sees it ---------------------------------------------------------------


def test_the_preview_names_each_round(scene):
    make.make_round(PERIOD)
    make.make_round("2025-Q2")
    Unit.objects.filter(pk=scene.whole.pk).update(valid_from=LAST_DAY)
    scene.whole.refresh_from_db()
    said = preview(succession=scene.succession())
    (line,) = [each for each in said if "the whole period" in each]
    assert line == (
        f"{make.make_period(PERIOD)}: the whole period is reported by ZP Greater Namur. What "
        "ZP Namur, ZP Gembloux said stays readable and no longer counts."
    )
    assert states() == {"dinant": "todo", "gembloux": "todo", "namur": "todo"}


def seen(user: User) -> list[tuple[str, str]]:
    rows = Submission.objects.visible_to(User.objects.get(pk=user.pk))
    return sorted(rows.values_list("round__period__code", "reporter__slug"))


def test_the_successors_people_see_its_predecessors_past(scene, client):
    make.make_round("2025-Q2")
    make.make_round(PERIOD)
    mine = make.make_user(Role.REPORTER, scene.parts[0])
    assert seen(mine) == [("2025-Q2", "namur"), (PERIOD, "namur")]
    scene.merge()
    assert seen(mine) == [
        ("2025-Q2", "gembloux"),
        ("2025-Q2", "namur"),
        (PERIOD, "gembloux"),
        (PERIOD, "greater-namur"),
        (PERIOD, "namur"),
    ]
    client.force_login(User.objects.get(pk=mine.pk))
    replaced = reverse("report", args=[PERIOD, "gembloux"])
    assert client.get(replaced).templates[0].name == "submissions/report_readonly.html"
    assert client.post(replaced).status_code == 409
    still_owed = reverse("report", args=["2025-Q2", "gembloux"])
    assert client.get(still_owed).templates[0].name == "submissions/report_form.html"
    assert client.get(reverse("report", args=[PERIOD, "dinant"])).status_code == 404


def test_each_part_of_a_split_sees_the_past_once(scene, halves, django_assert_num_queries):
    make.make_round("2025-Q2")
    user = make.make_user(Role.REPORTER, halves[0])
    make.make_user(Role.REPORTER, halves[1]).memberships.update(user=user)
    split = Succession(scene.parts[:1], halves, LAST_DAY)
    succeed(actor=scene.administrator, succession=split, reason="Decree")
    assert seen(user) == [("2025-Q2", "namur")]
    user = User.objects.get(pk=user.pk)
    with django_assert_num_queries(2):  # the roles, then the submissions
        list(Submission.objects.visible_to(user))


def test_others_see_nothing_of_it(scene):
    make.make_round(PERIOD)
    scene.merge()
    assert seen(make.make_user(Role.REPORTER, Unit.objects.get(slug="dinant"))) == [
        (PERIOD, "dinant")
    ]
    assert seen(make.make_user(Role.STEERING)) == []
