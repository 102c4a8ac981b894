"""The demonstration: twelve locked quarters, one open, every status and state, all fictitious."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.services import record
from indicators.enums import CellStatus, Direction, Frequency
from indicators.models import (
    Indicator,
    IndicatorVersion,
    MilestoneStep,
    PathPoint,
    Period,
    Question,
    TargetPath,
)
from indicators.periods import (
    ensure_periods,
    last_day,
    last_ended,
    period_of,
    previous,
    shifted,
)
from organisations import demo as people
from organisations.demo import told, told_to_all
from organisations.enums import AreaKind, Role
from organisations.models import Area, User
from plans.models import Amendment, ConditionVersion
from plans.services import bring_all_into_force
from submissions import demo as submissions_demo
from submissions.demo import Answer, Fate, Hands
from submissions.enums import State
from submissions.models import Cell, Measurement, Round, Submission
from submissions.selectors import preview
from submissions.services import Planned, extend_round, open_round, plan_rounds
from themes import demo as themes_demo
from themes.models import ObjectiveVersion

from . import demo_closing as closing
from .demo_values import Subject, answer
from .models import Closing, Recomputation, Result, Sheet
from .services import recompute_all

QUARTERS = 12
OPEN_DAYS = 30
DUE_DAYS = 20
SOURCE = _("fictitious value")
NO_CONTROL = "aucun-controle-demande"
NOT_COUNTED = _("Counting interrupted by a migration (fictitious example)")


class HoldsOtherFigures(Exception):
    """The database holds figures that are not the demonstration's."""


# --- What the figures tell -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Aim:
    """The R that a fictitious path gives, and the way it asks for so far, in display units."""

    ratio: Fraction
    asked: Fraction


AIMS = {
    "7-vif1-recontact-7-jours": Aim(Fraction(72, 100), Fraction(4)),
    "5-l1-heures-ciblees": Aim(Fraction(104, 100), Fraction(3)),
    "6-1-l1-controles-domicile": Aim(Fraction(110, 100), Fraction(2)),
    "2-l1-delai-premier-devoir": Aim(Fraction(30, 100), Fraction(1)),
    "5-l2-accidents-lesions": Aim(Fraction(-60, 100), Fraction(8)),
    "2-l1-qualite-plaintes": Aim(Fraction(80, 100), Fraction(3)),
    "3-l1-personne-reference": Aim(Fraction(101, 100), Fraction(4)),
    "1-1-l1-lieux-plan": Aim(Fraction(101, 100), Fraction(4)),
    "1-f6-plan-enquete": Aim(Fraction(101, 100), Fraction(4)),
    "4-f3-controles-analyse": Aim(Fraction(101, 100), Fraction(4)),
}
REACHED = "1-l3-protocole-ciear"
WITHOUT_BASELINE = "1-2-l1-recrutement"
UNCOUNTED_BY_HALF = "1-1-l1-lieux-plan"
UNCOUNTED = "1-f6-plan-enquete"
NOT_APPLICABLE = "4-f3-controles-analyse"

# --- How far the open round's submissions got ------------------------------------------------

RETURN_REASON = _("The denominator has doubled since last quarter: please check it.")
MAINTAIN_REASON = _("Figures checked in the register; the rise comes from a control operation.")
ASKED = _("Who keeps the register came back from leave on Monday; we will send in ten days.")
GRANTED = _("The zone’s server was down during the last week of the collection.")
STAYS_OPEN = _("Demonstration: the collection stays open for thirty days after each start.")
FIRST_ZONE, SECOND_ZONE = people.FIRST_ZONE, people.SECOND_ZONE
FIRST_SPEAKS, SECOND_SPEAKS = "fr", "nl"
WAITING_UNIT = "pjf-namur"
#: What checks show in the open round: a mistake of unit in the draft of the first zone, and among
#: what its coordinator controls a jump with its explanation.
MISTAKEN, EXPLAINED = "6-1-l1-controles-domicile", "2-l1-delai-premier-devoir"
EXPLANATION = _(
    "Two files received from another zone five months late, dealt with on arrival (fictitious"
    " example)."
)


@transaction.atomic
def seed(*, password: str, now: dt.datetime | None = None) -> dict[str, int]:
    """Fill an empty database with the demonstration; returns counts.

    Raises HoldsOtherFigures where there are rounds already that are not the demonstration's.
    """
    now = now or timezone.now()
    if Round.objects.filter(is_demo=False).exists():
        raise HoldsOtherFigures
    people.create_accounts(password=password)
    hands = _hands()
    quarter = last_ended(Frequency.QUARTER, timezone.localdate(now))
    locked = previous(quarter, QUARTERS)
    for code in _with_longer(reversed(locked)):
        _seed_round(code, hands, None, missed_by=SECOND_ZONE if code == locked[0] else "")
    for code in _with_longer([quarter]):
        _seed_round(code, hands, now)
    submissions_demo.lock_past(now=now)
    _seed_more_time(locked[0], now)
    _plan_next(shifted(quarter, 1))
    recompute_all()
    _draw_paths()
    recompute_all()
    closing.settle()
    themes_demo.seed()
    submissions_demo.write_mails(now=now)
    closing.close(_with_longer(reversed(locked[1:])), at=now)
    closing.correct(locked[1])
    record(
        actor=hands.controller,
        verb="demo.seeded",
        subject=hands.controller,
        details={"open": quarter},
    )
    return {
        "rounds": Round.objects.filter(is_demo=True).count(),
        "submissions": Submission.objects.count(),
        "results": Result.objects.count(),
        "closings": Closing.objects.count(),
    }


def refresh(*, now: dt.datetime | None = None) -> list[Round]:
    """Keep the demonstration's last rounds open for 30 days from now, on the record."""
    now = now or timezone.now()
    opened = Round.objects.filter(is_demo=True, frozen_at__isnull=False)
    latest = opened.order_by("-period__last_day").first()
    if latest is None:
        return []
    locks_at = _end_of(timezone.localdate(now) + dt.timedelta(days=OPEN_DAYS))
    rounds = opened.filter(
        period__last_day=latest.period.last_day, locks_at__lt=locks_at
    ).select_related("period")
    extended = []
    for round in rounds:
        extend_round(
            actor=None,
            round=round,
            due_at=_end_of(timezone.localdate(now) + dt.timedelta(days=DUE_DAYS)),
            locks_at=locks_at,
            reason=told_to_all(STAYS_OPEN),
        )
        extended.append(round)
    submissions_demo.prolong(until=_more_time(now))
    return extended


@transaction.atomic
def clear() -> dict[str, int]:
    """Remove all that is fictitious or visitors did, and the accounts; returns ``counts()``."""
    removed = counts()
    in_demo = Q(period__in=Period.objects.filter(round__is_demo=True))
    closing.thaw(Closing.objects.filter(in_demo))
    Result.objects.filter(in_demo | Q(path__is_demo=True)).delete()
    Sheet.objects.filter(in_demo).delete()
    Recomputation.objects.all().delete()
    TargetPath.objects.filter(is_demo=True).delete()
    submissions_demo.clear()
    themes_demo.clear()
    _forget_what_visitors_said()
    people.delete_accounts()
    return removed


def _forget_what_visitors_said() -> None:
    """Amendments and questions of the demonstration's accounts, with all that they made.

    The definitions that an amendment closed hold again. A merger is taken back on its own page.
    """
    Question.objects.filter(asked_by__is_demo=True).delete()
    acts = Amendment.objects.filter(proposed_by__is_demo=True)
    made = IndicatorVersion.objects.filter(amendment__in=acts)
    closed = {version.indicator_id: version.valid_from for version in made.order_by("-valid_from")}
    TargetPath.objects.filter(amendment__in=acts).delete()
    made.delete()
    for indicator, day in closed.items():
        IndicatorVersion.objects.filter(indicator=indicator, valid_to=day).update(valid_to=None)
    for wordings in (ObjectiveVersion, ConditionVersion):
        wordings.objects.filter(amendment__in=acts).delete()
    acts.delete()
    bring_all_into_force()


def counts() -> dict[str, int]:
    """What ``clear`` would remove, each with all that hangs on it."""
    rounds = Round.objects.filter(is_demo=True)
    return {
        "rounds": rounds.count(),
        "submissions": Submission.objects.filter(round__in=rounds).count(),
        "measurements": Measurement.objects.filter(
            cell__expectation__submission__round__in=rounds
        ).count(),
        "results": Result.objects.filter(period__round__in=rounds).count(),
        "closings": Closing.objects.filter(period__round__in=rounds).count(),
        "paths": TargetPath.objects.filter(is_demo=True).count(),
        **themes_demo.counts(),
        "accounts": User.objects.filter(is_demo=True).count(),
    }


def _hands() -> Hands:
    """The accounts that seeded figures come from; nobody can sign in to them."""
    return Hands(*(_hand(role) for role in (Role.REPORTER, Role.APPROVER, Role.COORDINATOR)))


def _hand(role: Role) -> User:
    return User.objects.create_user(
        f"figures-{role}@demo.invalid",
        name=f"Demo ({told_to_all(role.label)})",
        is_demo=True,
        is_active=False,
    )


def _with_longer(quarters: Iterable[str]) -> list[str]:
    """The quarters, each followed by the half-year and year that end with it."""
    codes = []
    for quarter in quarters:
        codes.append(quarter)
        for frequency in (Frequency.HALF_YEAR, Frequency.YEAR):
            longer = period_of(frequency, last_day(quarter))
            if last_day(longer) == last_day(quarter):
                codes.append(longer)
    return codes


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59)))


def _seed_round(code: str, hands: Hands, now: dt.datetime | None, *, missed_by: str = "") -> None:
    """Open a past round, which a zone may have missed, or the current one from ``now``; fill it."""
    period = ensure_periods([code])[code]
    start = timezone.localdate(now) if now else period.last_day + dt.timedelta(days=1)
    opens_at = timezone.make_aware(dt.datetime.combine(start, dt.time()))
    round = open_round(
        actor=None,
        period=period,
        opens_at=opens_at,
        due_at=_end_of(start + dt.timedelta(days=DUE_DAYS)),
        locks_at=_end_of(start + dt.timedelta(days=OPEN_DAYS)),
        is_demo=True,
    )
    fates = _fates(round, is_open=now is not None, missed_by=missed_by)
    answers = _answers(round, fates)
    at = now or opens_at + dt.timedelta(days=DUE_DAYS // 2)
    submissions_demo.fill(round=round, answers=answers, fates=fates, hands=hands, at=at)
    if now is not None:
        submissions_demo.remark(round=round, zone=FIRST_ZONE, by=hands.reporter)


def _plan_next(quarter: str) -> None:
    """The rounds of the next quarter, as the catalogue asks for them."""
    found = preview(last_day(quarter))
    plan_rounds(
        actor=None, planned=[Planned(each.code, each.dates) for each in found.rounds], is_demo=True
    )


def _seed_more_time(code: str, now: dt.datetime) -> None:
    """In the last locked quarter the second zone asks for more time, and another zone has some."""
    missed = Submission.objects.filter(round__period__code=code, state=State.DRAFT).select_related(
        "reporter"
    )
    asking = missed.filter(reporter__slug=SECOND_ZONE).first()
    reporter = User.objects.filter(
        memberships__role=Role.REPORTER, memberships__unit__slug=SECOND_ZONE, is_demo=True
    ).first()
    if asking is not None and reporter is not None:
        submissions_demo.ask_for_time(asking, by=reporter, reason=_to(asking, ASKED), at=now)
    given = missed.exclude(reporter__slug=SECOND_ZONE).first()
    secretariat = people.account(Role.SECRETARIAT)
    if given is not None and secretariat is not None:
        until = _more_time(now)
        reason = _to(given, GRANTED)
        submissions_demo.give_time(given, by=secretariat, reason=reason, at=now, until=until)


def _to(submission: Submission, text: Promise) -> str:
    return told(text, submission.reporter.languages[0])


def _more_time(now: dt.datetime) -> dt.datetime:
    return _end_of(timezone.localdate(now) + dt.timedelta(days=DUE_DAYS))


def _fates(round: Round, *, is_open: bool, missed_by: str) -> dict[int, Fate]:
    """By submission id. A locked round lacks two zones, one of them with its draft still there,
    and the one that missed it."""
    submissions = list(round.submissions.select_related("reporter").order_by("reporter__slug"))
    fates = {each.pk: Fate() for each in submissions}
    by_slug = {each.reporter.slug: each.pk for each in submissions}
    others = [
        each.pk
        for each in submissions
        if each.reporter.kind == "zone" and each.reporter.slug not in (FIRST_ZONE, SECOND_ZONE)
    ]
    if not is_open:
        late = others[(round.period.last_day.month * 7) % 50 :: 90] if len(others) > 90 else []
        for pk, state in zip(late, (State.DRAFT, State.TODO), strict=False):
            fates[pk] = Fate(state)
        if missed_by in by_slug:
            fates[by_slug[missed_by]] = Fate(State.DRAFT)
        return fates
    near = _neighbours(submissions)
    special = [
        (by_slug.get(FIRST_ZONE), Fate(State.DRAFT)),
        (
            by_slug.get(SECOND_ZONE),
            Fate(State.RETURNED, return_reason=told(RETURN_REASON, SECOND_SPEAKS)),
        ),
        *((pk, Fate(State.SUBMITTED)) for pk in near[:2]),
        *((pk, Fate(maintain_reason=told(MAINTAIN_REASON, FIRST_SPEAKS))) for pk in near[2:3]),
        *((pk, Fate(State.TODO)) for pk in others[40:42]),
        (by_slug.get(WAITING_UNIT), Fate(State.SUBMITTED)),
        (by_slug.get(people.SOURCE), Fate(State.DRAFT)),  # For its grid and its file to be tried.
    ]
    return fates | {pk: fate for pk, fate in special if pk is not None}


def _neighbours(submissions: list[Submission]) -> list[int]:
    """The submissions of other zones that the first zone's coordinator controls."""
    first = next((each for each in submissions if each.reporter.slug == FIRST_ZONE), None)
    if first is None:
        return []
    return [
        each.pk
        for each in submissions
        if each.reporter.controlled_by_id == first.reporter.controlled_by_id and each != first
    ]


def _answers(round: Round, fates: dict[int, Fate]) -> dict[int, Answer]:
    """By cell id; totals of breakdowns are the sums of their options."""
    cells = Cell.objects.filter(expectation__submission__round=round).select_related(
        "expectation__version__indicator",
        "expectation__subject__unit",
        "expectation__submission__reporter",
    )
    steps = _milestones()
    first = period_of(Frequency.QUARTER, round.period.last_day)
    quarters = int(first[:4]) * 4 + int(first[-1]) - 2023 * 4
    answers: dict[int, Answer] = {}
    totals: dict[int, int] = {}
    left_blank = 0
    for cell in cells.order_by("expectation_id", "-option"):
        expectation = cell.expectation
        fate = fates[expectation.submission_id]
        if fate.state == State.TODO:
            continue
        if fate.state == State.DRAFT and left_blank < 3 and not cell.option:
            left_blank += 1
            continue
        version, subject = expectation.version, expectation.subject
        code = version.indicator.code
        about = Subject(
            subject.unit.slug,
            expectation.submission.reporter.languages[0],
            subject.population,
            round.period.code,
            round.period.last_day,
            quarters,
        )
        given = _told(code, about) or answer(
            code, version.kind, about, steps.get(version.pk, []), cell.option
        )
        if cell.option:
            given = Answer(numerator=given.numerator or 0)
            totals[expectation.pk] = totals.get(expectation.pk, 0) + (given.numerator or 0)
        elif expectation.pk in totals:
            given = Answer(numerator=totals[expectation.pk])
        answers[cell.pk] = _odd(code, about, fate, given)
    return answers


def _odd(code: str, subject: Subject, fate: Fate, given: Answer) -> Answer:
    """The answer, or what the demonstration has to show of the checks."""
    if subject.unit == FIRST_ZONE and fate.state == State.DRAFT and code == MISTAKEN:
        return replace(given, denominator=10 * (given.denominator or 0))
    if fate.state == State.SUBMITTED and code == EXPLAINED:
        late = 3 * (given.numerator or 0)
        return replace(given, numerator=late, comment=told(EXPLANATION, subject.language))
    return given


def _told(code: str, subject: Subject) -> Answer | None:
    """What the demonstration has to show: not applicable, or not counted, since mid-2026."""
    if code == NOT_APPLICABLE and subject.period_end > dt.date(2025, 9, 1):
        return Answer(CellStatus.NOT_APPLICABLE, reason=NO_CONTROL)
    if subject.period_end < dt.date(2026, 6, 1):
        return None
    if code == UNCOUNTED:
        return Answer(CellStatus.NOT_AVAILABLE, reason=told(NOT_COUNTED, subject.language))
    if code == UNCOUNTED_BY_HALF and len(subject.unit) % 2:
        return Answer(CellStatus.NOT_AVAILABLE, reason=told(NOT_COUNTED, subject.language))
    return None


def _milestones() -> dict[int, list[tuple[int, dt.date]]]:
    steps: dict[int, list[tuple[int, dt.date]]] = {}
    for step in MilestoneStep.objects.all():
        steps.setdefault(step.version_id, []).append((step.number, step.due_on))
    return steps


# --- Paths -----------------------------------------------------------------------------------


def _draw_paths() -> None:
    """Fictitious national paths, drawn from the figures so that each status occurs."""
    nation = Area.objects.get(kind=AreaKind.NATION)
    latest = _latest(nation)
    for code, aim in AIMS.items():
        result = latest.get(code)
        if result is not None and result.judged_value is not None:
            _draw(result, result.judged_value, nation, aim)
    _draw_edge(latest.get(REACHED), nation)
    indicator = Indicator.objects.filter(code=WITHOUT_BASELINE).first()
    if indicator is not None:
        TargetPath.objects.create(
            indicator=indicator, area=nation, target=Fraction(90), is_demo=True
        )


def _latest(nation: Area) -> dict[str, Result]:
    """The last national result with a value, by indicator code."""
    results = (
        Result.objects.filter(area=nation, option="")
        .select_related("indicator", "version", "period")
        .order_by("period__last_day")
    )
    return {each.indicator.code: each for each in results if each.judged_value is not None}


def _draw(result: Result, value: Fraction, nation: Area, aim: Aim) -> None:
    """A straight line from b to T on which v stands at the wanted R."""
    sign = -1 if result.version.direction == Direction.DECREASE else 1
    baseline = _rounded(value - sign * aim.ratio * aim.asked)
    end = result.period.last_day
    months = max(1, (end.year - 2026) * 12 + end.month)
    target = _rounded(baseline + sign * aim.asked * 48 / months)
    if result.version.scale == 100:
        target = min(target, Fraction(100))
    path = _path(result, nation, baseline, target)
    first_year = baseline + (target - baseline) / 4
    PathPoint.objects.create(path=path, year=2026, value=_rounded(first_year))


def _draw_edge(result: Result | None, nation: Area) -> None:
    """A path whose final target is already reached."""
    if result is not None and result.judged_value is not None:
        _path(
            result,
            nation,
            _rounded(result.judged_value - 12),
            _rounded(result.judged_value - 2),
        )


def _path(result: Result, nation: Area, baseline: Fraction, target: Fraction) -> TargetPath:
    return TargetPath.objects.create(
        indicator=result.indicator,
        area=nation,
        baseline=baseline,
        baseline_end=dt.date(2025, 12, 31),
        baseline_source=told_to_all(SOURCE),
        target=target,
        is_demo=True,
    )


def _rounded(value: Fraction) -> Fraction:
    return Fraction(round(value * 10), 10)
