"""The demonstration on the real reference data: what it shows, keeps open, and leaves behind."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation import outbox
from foundation.models import AuditEntry, Notice, OutboxEntry
from indicators.codebook.services import ask
from indicators.enums import CellStatus, Frequency, Kind, Status
from indicators.models import Indicator, IndicatorVersion, Period, TargetPath
from organisations import demo as people
from organisations.enums import AreaKind, Role, UnitKind
from organisations.models import Unit, User
from plans.models import Condition
from plans.services import adopt, propose_condition_amendment
from progress import demo, demo_closing
from progress.closing import close_period, reopen_period
from progress.demo_values import Subject, answer
from progress.enums import Cause, DataState
from progress.models import Closing, FrozenResult, Result
from progress.selectors.overview import overview
from progress.selectors.reviews import Calendar
from progress.selectors.revisions import causes, revised
from progress.services import TOPIC, recomputed
from submissions.checking import MISSING, findings
from submissions.content import Content
from submissions.enums import Entrance, RoundState, State
from submissions.models import (
    Cell,
    Check,
    Extension,
    ExtensionRequest,
    Measurement,
    PeerValues,
    Round,
    Submission,
)
from submissions.selectors import blocks_of, findings_of
from submissions.services import Entry, accept_correction, propose_correction, send_back
from tests import factories as make
from themes.actions.services import Wanted, begin_action
from themes.models import Action, Objective, ZonalPlan

# One process seeds for all of them.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demonstration")]
PASSWORD = "made-for-these-tests"
SEED = """
import datetime as dt, os, sys
import django
django.setup()
from django.core.management import call_command
from progress import demo
from tests.line.test_demo import digest
call_command("migrate", interactive=False, verbosity=0)
with open(os.devnull, "w") as nothing:
    call_command("load_reference", stdout=nothing)
demo.seed(password="another", now=dt.datetime.fromisoformat(sys.argv[1]))
print(digest())
"""
#: The day on which the demonstration is seeded: everything in it follows from the day.
NOW = dt.datetime(2026, 10, 12, 9, 30, tzinfo=dt.UTC)
OPEN_ROUND, NEXT_ROUND = "2026-Q3", "2026-Q4"
#: What stays: the record of what was done, periods, and work that finds nothing to do.
KEPT = {
    "foundation.AuditEntry",
    "foundation.OutboxEntry",
    "indicators.Period",
    "sessions.Session",
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """How many rows each table held before, and what seeding counted."""

    before: dict[str, int]
    counts: dict[str, int]


def row_counts() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.label not in KEPT
    }


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The same seeding by another process on a SQLite file; it prints the digest."""
    folder = tmp_path_factory.mktemp("elsewhere")
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'other.sqlite3'}",
        "JALON_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", SEED, NOW.isoformat()],
        env=environment,
        cwd=configured.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker, elsewhere) -> Iterator[Seeded]:
    """The whole demonstration, made once; what a test changes in it is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        ContentType.objects.clear_cache()
        call_command("load_reference", stdout=StringIO())
        before = row_counts()
        yield Seeded(before, demo.seed(password=PASSWORD, now=NOW))
        transaction.set_rollback(True)


def open_submissions() -> list[Submission]:
    return list(Submission.objects.filter(round__period__code=OPEN_ROUND))


# --- What it shows ----------------------------------------------------------------------------


def test_twelve_quarters_are_locked_and_the_last_ended_one_is_open(seeded: Seeded):
    rounds = Round.objects.select_related("period")
    quarters = rounds.filter(period__frequency=Frequency.QUARTER)
    states = {each.period.code: each.state(NOW) for each in quarters}
    assert Counter(states.values()) == {
        RoundState.LOCKED: 12,
        RoundState.OPEN: 1,
        RoundState.PLANNED: 1,
    }
    assert (min(states), max(states)) == ("2023-Q3", NEXT_ROUND)
    assert states[OPEN_ROUND] == RoundState.OPEN
    longer = rounds.exclude(period__frequency=Frequency.QUARTER)
    assert {each.state(NOW) for each in longer.filter(frozen_at__isnull=False)} == {
        RoundState.LOCKED
    }
    assert seeded.counts["rounds"] == rounds.count() == rounds.filter(is_demo=True).count()


def test_the_open_round_stays_open_for_thirty_days(seeded: Seeded):
    round = Round.objects.get(period__code=OPEN_ROUND)
    assert timezone.localdate(round.locks_at) == NOW.date() + dt.timedelta(days=30)
    assert timezone.localtime(round.locks_at).time() == dt.time(23, 59, 59)


def test_the_rounds_of_the_next_quarter_are_planned(seeded: Seeded):
    planned = Round.objects.filter(frozen_at__isnull=True).select_related("period")
    dates = {each.period.code: timezone.localdate(each.opens_at) for each in planned}
    assert dates == dict.fromkeys((NEXT_ROUND, "2026-H2", "2026"), dt.date(2027, 1, 1))


def test_locked_rounds_are_marked_and_one_was_missed_with_a_request(seeded: Seeded):
    past = Round.objects.filter(locks_at__lt=NOW)
    assert not past.filter(locked_at__isnull=True).exists()
    asked = ExtensionRequest.objects.get(answered_at=None)
    assert asked.submission.reporter.slug == people.SECOND_ZONE
    assert asked.submission.round.state(NOW) == RoundState.LOCKED
    assert asked.submission.state == State.DRAFT


def test_one_zone_has_more_time_and_a_later_start_keeps_it(seeded: Seeded):
    extension = Extension.objects.get()
    assert extension.is_in_force(NOW)
    assert extension.submission.state == State.DRAFT
    assert extension.submission.round.state(NOW) == RoundState.LOCKED
    demo.refresh(now=NOW + dt.timedelta(days=30))
    assert Extension.objects.get().is_in_force(NOW + dt.timedelta(days=40))


def test_every_status_occurs(seeded: Seeded):
    calendar = Calendar.read()
    shown = overview(calendar, calendar.chosen(OPEN_ROUND)).statuses
    assert {status for status in Status if not shown[status]} == set()


def test_every_state_of_a_submission_occurs(seeded: Seeded):
    found = open_submissions()
    walked = {State.TODO, State.DRAFT, State.SUBMITTED, State.RETURNED, State.VALIDATED}
    assert {each.state for each in found} == walked
    assert any(each.is_maintained for each in found)
    assert all(each.return_reason for each in found if each.state == State.RETURNED)


def test_the_zones_of_the_tour_can_be_worked_on(seeded: Seeded):
    states = {each.reporter.slug: each.state for each in open_submissions()}
    assert states[people.FIRST_ZONE] == State.DRAFT
    assert states[people.SECOND_ZONE] == State.RETURNED
    first = Submission.objects.get(reporter__slug=people.FIRST_ZONE, round__period__code=OPEN_ROUND)
    cells = Cell.objects.filter(expectation__submission=first)
    assert 0 < cells.filter(current__isnull=True).count() < cells.count()


def test_everything_is_said_to_be_fictitious(seeded: Seeded):
    assert not User.objects.filter(is_demo=False).exists()
    assert set(Round.objects.values_list("is_demo", flat=True)) == {True}
    assert {each.entrance for each in Measurement.objects.only("entrance")} == {"seed"}


def test_what_is_of_no_one_unit_is_said_in_the_languages_of_all(seeded: Seeded):
    baselined = TargetPath.objects.exclude(baseline=None)
    assert set(baselined.values_list("baseline_source", flat=True)) == {
        "valeur fictive / fictieve waarde / fiktiver Wert"
    }
    names = {each.entered_by.name for each in Measurement.objects.select_related("entered_by")[:9]}
    assert names == {"Demo (Encodeur / Invoerder / Erfasser)"}
    owners = Action.objects.select_related("owner").filter(is_demo=True)
    said = {each.owner.languages[0]: each.description for each in owners}
    assert said == {
        "fr": "Action fictive, pour la démonstration.",
        "nl": "Fictieve actie, voor de demonstratie.",
    }


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [("nl", "Fictieve tekst", "Telling"), ("de", "Fiktiver Text", "Zählung")],
)
def test_a_zone_answers_in_its_own_language(language: str, text: str, reason: str):
    about = Subject("zp-gent", language, 260_000, "2026-Q2", dt.date(2026, 6, 30), 13)
    assert answer("narrative", Kind.NARRATIVE, about, []).text.startswith(text)
    given = demo._told(demo.UNCOUNTED, about)
    assert given is not None
    assert given.reason.startswith(reason)


def test_the_test_inbox_has_mails_of_what_was_filled_in(seeded: Seeded):
    mails = Notice.objects.select_related("user")
    assert {each.kind for each in mails} == {
        "opening",
        "returned",
        "validated",
        "digest",
        "correction_asked",
        "correction",
    }
    assert all(each.user.is_demo for each in mails)
    returned = mails.filter(kind="returned", user__memberships__unit__slug=people.SECOND_ZONE)
    assert {each.language for each in returned} == {"nl"}
    assert all("De noemer is verdubbeld" in each.text for each in returned)


def test_locked_rounds_have_what_zones_compare_themselves_with(seeded: Seeded):
    locked = Round.objects.filter(locked_at__isnull=False)
    assert locked.count() == Round.objects.filter(locks_at__lt=NOW).count() > 12
    quarters = locked.filter(period__frequency="quarter")
    kept = PeerValues.objects.filter(version__indicator__code="5-l1-heures-ciblees")
    assert set(kept.values_list("period__round", flat=True)) == {each.pk for each in quarters}
    assert not PeerValues.objects.filter(version__indicator__is_restricted=True).exists()
    assert not PeerValues.objects.filter(period__round__locked_at=None).exists()


def test_the_open_round_is_calm_but_for_a_mistake_and_an_explained_jump(seeded: Seeded):
    """Looked at where the tour leads: the zones of the first zone's coordinator."""
    first = Unit.objects.get(slug=people.FIRST_ZONE)
    found = {
        submission.reporter.slug: findings_of(blocks_of(submission), OPEN_ROUND)
        for submission in open_submissions()
        if submission.reporter.controlled_by_id == first.controlled_by_id
    }
    odd = {
        slug: [each for each in all_of_it if each.kind != MISSING]
        for slug, all_of_it in found.items()
    }
    [mistake] = odd.pop(people.FIRST_ZONE)
    assert (mistake.kind, mistake.hinders) == ("factor", True)
    explained = [each for all_of_it in odd.values() for each in all_of_it]
    assert 1 <= len(explained) <= 4
    assert all(each.is_explained for each in explained)


def test_what_was_sent_could_be_attested_again(seeded: Seeded):
    """What stands beside another in a rule, and all of a half-year but the zones' own forms.

    Without the past: what that finds odd may be so.
    """
    checks = list(Check.objects.filter(is_active=True))
    crossed = {each for check in checks for each in (check.indicator_id, check.other_id) if each}
    within = Q(expectation__version__indicator__in=crossed)
    sent = Submission.objects.filter(state__in=[State.SUBMITTED, State.VALIDATED]).select_related(
        "round__period", "reporter"
    )
    beside = sent.filter(expectations__version__indicator__in=crossed).distinct()
    whole = sent.filter(round__period__code="2026-H1").exclude(reporter__kind=UnitKind.ZONE)
    forms = [(each, blocks_of(each, within)) for each in beside]
    forms += [(each, blocks_of(each)) for each in whole]
    assert {each.reporter.slug for each in whole} >= {"bng", "dao", "drp"}
    hindering = Counter(
        (finding.kind, finding.figure.version.indicator.code)
        for each, blocks in forms
        for finding in findings(blocks, code=each.round.period.code, past={}, checks=checks)
        if finding.hinders
    )
    assert hindering == {}
    bound = "validated_of__expectation__version__{}_bound"
    outside = Q(numerator__gt=F(bound.format("upper"))) | Q(numerator__lt=F(bound.format("lower")))
    assert not Measurement.objects.filter(outside, validated_of__isnull=False).exists()


def test_results_are_those_of_the_validated_figures(seeded: Seeded):
    out = StringIO()
    call_command("verify_results", period=OPEN_ROUND, indicator="5-l1-heures-ciblees", stdout=out)
    assert out.getvalue().splitlines()[-1] == "0 differences"


def test_every_locked_quarter_but_the_last_is_closed_with_what_ended_by_then(seeded: Seeded):
    closed = set(Closing.objects.in_force().values_list("period__code", flat=True))
    locked = Round.objects.filter(locked_at__isnull=False).values_list("period__code", flat=True)
    assert closed == set(locked) - {"2026-Q2", "2026-H1"}
    assert {each for each in closed if "Q" in each} == {
        *(f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)),
        "2023-Q3",
        "2023-Q4",
        "2026-Q1",
    }
    assert not OutboxEntry.objects.pending().filter(topic=TOPIC).exists()


def test_one_figure_was_corrected_after_the_closing(seeded: Seeded):
    found = revised()
    assert {each.period.code for each in found} == {"2026-Q1"}
    assert {each.area.kind for each in found} == {*AreaKind}
    told = {event for events in causes(found).values() for event in events}
    assert [(each.cause, each.reason) for each in told] == [
        (Cause.CORRECTION, demo_closing.CORRECTION)
    ]
    calendar = Calendar.read()
    assert overview(calendar, calendar.chosen("2026-Q1")).state == DataState.REVISED
    assert overview(calendar, calendar.chosen("2025-Q4")).state == DataState.FINAL
    assert overview(calendar, calendar.chosen("2026-Q2")).state == DataState.PROVISIONAL


# --- Seeding again, and keeping it open --------------------------------------------------------


def test_seeding_is_refused_on_other_figures(seeded: Seeded):
    demo.clear()
    make.make_round(OPEN_ROUND)
    before = row_counts()
    with pytest.raises(demo.HoldsOtherFigures):
        demo.seed(password=PASSWORD, now=NOW)
    with pytest.raises(CommandError):
        call_command("seed_demo", stdout=StringIO())
    assert row_counts() == before


def test_a_second_start_seeds_nothing(seeded: Seeded):
    before = row_counts()
    call_command("seed_demo", stdout=StringIO())
    assert row_counts() == before


def test_a_later_start_extends_the_open_round_on_the_record(seeded: Seeded):
    later = NOW + dt.timedelta(days=25)
    (extended,) = demo.refresh(now=later)
    extended.refresh_from_db()
    assert extended.period.code == OPEN_ROUND
    assert timezone.localdate(extended.locks_at) == later.date() + dt.timedelta(days=30)
    entry = AuditEntry.objects.filter(subject_id=extended.pk, verb="round.extended").latest("pk")
    assert entry.details["reason"]
    assert demo.refresh(now=later) == []


# --- Taking it away ---------------------------------------------------------------------------


def test_clearing_shows_counts_and_removes_everything(seeded: Seeded):
    told = StringIO()
    call_command("clear_demo", yes=True, stdout=told)
    assert str(seeded.counts["submissions"]) in told.getvalue()
    assert row_counts() == seeded.before
    assert not AuditEntry.objects.exclude(actor=None).exists()


def test_clearing_asks_first(seeded: Seeded, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("builtins.input", lambda _question: "")
    before = row_counts()
    call_command("clear_demo", stdout=StringIO())
    assert row_counts() == before


def test_clearing_without_a_terminal_names_the_way(seeded: Seeded, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    before = row_counts()
    with pytest.raises(CommandError, match="--yes"):
        call_command("clear_demo", stdout=StringIO())
    assert row_counts() == before


def test_clearing_counts_what_it_removes(seeded: Seeded):
    shown, before = demo.counts(), row_counts()
    assert demo.clear() == shown
    after = row_counts()
    tables = {
        "rounds": Round,
        "submissions": Submission,
        "measurements": Measurement,
        "results": Result,
        "closings": Closing,
        "paths": TargetPath,
        "actions": Action,
        "zonal plans": ZonalPlan,
        "accounts": User,
    }
    removed = {
        name: before[model._meta.label] - after[model._meta.label] for name, model in tables.items()
    }
    assert shown == removed


def test_clearing_takes_what_visitors_did_with_it(seeded: Seeded):
    """Whoever tried it has entered, validated and taken figures away."""
    demo.refresh()
    approver, coordinator = people.account(Role.APPROVER), people.account(Role.COORDINATOR)
    draft = make.submission_of(approver.memberships.get().unit, OPEN_ROUND)
    for reason in ("The register is closed.", "The register is being moved."):
        make.enter(approver, draft, Content(CellStatus.NOT_AVAILABLE, reason=reason))
    sent = Submission.objects.to_control_by(coordinator).filter(state=State.SUBMITTED).first()
    make.validate(actor=coordinator, submission=sent, version=sent.version)
    _correct_and_return(approver, coordinator)
    _close_and_reopen()
    evaluator = Client()
    evaluator.force_login(people.account(Role.EVALUATOR))
    evaluator.get(reverse("download-csv", args=["results"])).getvalue()
    _amend_and_ask()
    demo.clear()
    assert row_counts() == seeded.before
    assert not AuditEntry.objects.exclude(actor=None).exists()
    connection.check_constraints()
    assert not IndicatorVersion.objects.exclude(valid_to=None).exists()
    assert "changé" not in Condition.objects.get(code="C1").title_fr


def _correct_and_return(approver: User, coordinator: User) -> None:
    """A validated figure is corrected, and another zone's figures come back with time."""
    validated = Submission.objects.filter(
        reporter=approver.memberships.get().unit, state=State.VALIDATED
    ).select_related("round__period")
    cell = Cell.objects.filter(expectation__submission__in=validated, option="").first()
    [asked] = propose_correction(
        actor=approver,
        submission=cell.expectation.submission,
        entries=[
            Entry(
                cell.pk,
                cell.version,
                Content(CellStatus.NOT_AVAILABLE, reason="The register is lost."),
            )
        ],
        reason="The register is lost.",
        entrance=Entrance.FORM,
    )
    accept_correction(actor=coordinator, correction=asked, version=asked.version)
    waiting = Submission.objects.to_control_by(coordinator).filter(state=State.SUBMITTED).first()
    send_back(
        actor=coordinator,
        submission=waiting,
        version=waiting.version,
        reason="Too few?",
        until=waiting.round.locks_at + dt.timedelta(days=30),
    )


def _close_and_reopen() -> None:
    secretariat = people.account(Role.SECRETARIAT)
    period = Period.objects.get(code="2025-Q4")
    reopen_period(actor=secretariat, period=period, reason="Essai")
    # What was corrected before may say when a target was first reached.
    owed = OutboxEntry.objects.pending().filter(topic=TOPIC).values_list("pk", flat=True)
    outbox.perform_many(list(owed), recomputed)
    close_period(actor=secretariat, period=period)


def _amend_and_ask() -> None:
    """What visitors do who try the plan's pages: amend, ask, write an action."""
    secretariat, reporter = people.account(Role.SECRETARIAT), people.account(Role.REPORTER)
    condition = Condition.objects.get(code="C1")
    act = {"reference": "AR", "adopted_on": dt.date(2026, 10, 1)}
    proposal = propose_condition_amendment(
        actor=secretariat,
        condition=condition,
        title="Titre changé",
        text=condition.text,
        reason="Essai",
        effective_on=dt.date(2026, 10, 2),
    )
    adopt(actor=secretariat, amendment=proposal, **act)
    assert Condition.objects.get(code="C1").title_fr == "Titre changé"
    indicator = Indicator.objects.get(code="c1-analyse-risques")
    zone = reporter.memberships.get().unit
    ask(actor=reporter, indicator=indicator, unit=zone, text="Comment compter ?")
    begin_action(
        actor=reporter,
        wanted=Wanted(
            title="Essai",
            description="",
            kind="project",
            owner=zone,
            partners=(),
            other_partners="",
            objectives=(Objective.objects.get(code="1-L1"),),
            starts_on=dt.date(2026, 1, 1),
            ends_on=None,
            milestones=(),
        ),
    )


# --- The same everywhere -----------------------------------------------------------------------


def digest() -> str:
    """One number for all results: their fingerprints by what they are about."""
    told = ("indicator__code", "period__code", "area__code", "option")
    rows = [
        list(each.objects.order_by(*told).values_list(*told, "fingerprint"))
        for each in (Result, FrozenResult)
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_another_database_gets_the_same_results(seeded: Seeded, elsewhere: subprocess.Popen[str]):
    told, _errors = elsewhere.communicate(timeout=200)
    assert told.split()[-1:] == [digest()]


# --- Its addresses -----------------------------------------------------------------------------

ADDRESSES = ["/decouvrir", "/decouvrir/resultats", "/demo/enter/{pk}/"]


def reporter() -> User:
    return people.account(Role.REPORTER)


def test_without_the_demonstration_its_addresses_do_not_exist(seeded: Seeded, client: Client):
    for address in ADDRESSES:
        url = address.format(pk=reporter().pk)
        assert (url, client.get(url).status_code) == (url, 404)
        assert (url, client.post(url).status_code) == (url, 404)
    assert "/demo/enter/" not in client.get(reverse("account_login")).content.decode()


def test_with_it_they_answer_this_machine_only(seeded: Seeded, client: Client, settings):
    settings.DEMO = True
    enter = reverse("demo-enter", args=[reporter().pk])
    for place in ("203.0.113.7", "10.0.0.1", "::ffff:203.0.113.7", ""):
        assert client.get("/decouvrir", REMOTE_ADDR=place).status_code == 404
        assert client.post(enter, REMOTE_ADDR=place).status_code == 404
    for place in ("127.0.0.1", "::1"):
        assert client.get("/decouvrir", REMOTE_ADDR=place).status_code == 200


def test_the_tour_leads_through_five_steps(seeded: Seeded, client: Client, settings):
    settings.DEMO = True
    answer = client.get("/decouvrir")
    steps = answer.context["steps"]
    assert [step.done for step, _account in steps] == [False] * 5
    for step, account in steps:
        entered = client.post(reverse("demo-enter", args=[account.pk]), {"next": step.url})
        assert entered["Location"] == step.url
        assert client.get(step.url, follow=True).status_code == 200
    assert [step.done for step, _ in client.get("/decouvrir").context["steps"]][3]


def test_sign_in_offers_the_roles_and_nobody_else(seeded: Seeded, client: Client, settings):
    settings.DEMO = True
    page = client.get(reverse("account_login")).content.decode()
    for account in people.accounts():
        assert reverse("demo-enter", args=[account.pk]) in page
    silent = User.objects.filter(is_demo=True, is_active=False)
    real = make.make_user(Role.STEERING)
    for user in (*silent, real):
        enter = reverse("demo-enter", args=[user.pk])
        assert enter not in page
        assert client.post(enter).status_code == 404
    assert "_auth_user_id" not in client.session


def test_entering_leads_nowhere_else(seeded: Seeded, client: Client, settings):
    settings.DEMO = True
    enter = reverse("demo-enter", args=[reporter().pk])
    assert client.post(enter, {"next": "https://elsewhere.example/"})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(reporter().pk)
