"""Plain functions that make test data: deterministic, and only what a test does not say itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone

from indicators.enums import CellStatus, Direction, Frequency, Kind, Nature, Temporal
from indicators.labels import Addressed
from indicators.models import (
    BreakdownOption,
    Indicator,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    Period,
    Promise,
    ScaleLevel,
    TargetPath,
)
from indicators.periods import ensure_period
from organisations.enums import AreaKind, Role, UnitKind
from organisations.models import Area, Membership, Population, Unit, User
from plans.enums import CommitmentKind
from plans.models import Commitment, Condition, ConditionVersion, Plan
from submissions.content import Content
from submissions.enums import Entrance
from submissions.models import Cell, Check, Round, Submission
from submissions.services import (
    Entry,
    attest,
    freeze_round,
    open_round,
    save_entries,
    validate,
)
from themes.enums import Level, PointKind
from themes.models import Objective, ObjectiveVersion, Theme, ThemePoint

PASSWORD = "a-password-for-tests-only"
QUARTER = "2026-Q3"
#: Units of tests are read in the one of these that a test asks for; without asking, in French.
FRENCH_OR_ENGLISH = "fr/en"


# --- Organisations ----------------------------------------------------------------------------


def _names(code: str) -> dict[str, str]:
    name = code.replace("-", " ").title()
    return {"name_fr": name, "name_nl": name}


def make_area(code: str, kind: AreaKind = AreaKind.PROVINCE) -> Area:
    defaults = {"kind": kind, **_names(code)}
    return Area.objects.get_or_create(code=code, defaults=defaults)[0]


def make_classes() -> list[Area]:
    """The four population classes."""
    classes = [make_area(f"class-{number}", AreaKind.CLASS) for number in range(1, 5)]
    for number, area in enumerate(classes, start=1):
        area.number = number
        area.save()
    return classes


def make_unit(slug: str, kind: UnitKind = UnitKind.FEDERAL, **fields: Any) -> Unit:
    defaults = {"kind": kind, "language": FRENCH_OR_ENGLISH, **_names(slug)}
    return Unit.objects.get_or_create(slug=slug, defaults={**defaults, **fields})[0]


def make_dca(slug: str = "dca-namur") -> Unit:
    """The coordination of an arrondissement: it controls the zones made with it."""
    return make_unit(slug, acronym_fr="DCA", acronym_nl="CSD")


def make_zone(
    slug: str = "namur", *, dca: Unit | None = None, population: int | None = 100_000, **fields: Any
) -> Unit:
    dca = dca or make_dca()
    zone = make_unit(
        slug,
        UnitKind.ZONE,
        controlled_by=dca,
        region=make_area("wallonie", AreaKind.REGION),
        province=make_area("province-namur"),
        arrondissement=make_area(f"arrondissement-{dca.slug}", AreaKind.ARRONDISSEMENT),
        **fields,
    )
    if population:
        Population.objects.get_or_create(
            unit=zone,
            on=dt.date(2026, 1, 1),
            defaults={"inhabitants": population, "source": "Test"},
        )
    return zone


def make_zones(count: int, *, dca: Unit | None = None) -> list[Unit]:
    """As many zones, each as ``make_zone`` makes one, in a few statements."""
    first, *others = [f"zone-{number:03}" for number in range(1, count + 1)]
    like = make_zone(first, dca=dca)
    known = like.populations.get()
    Unit.objects.bulk_create(
        (
            Unit(
                slug=slug,
                kind=like.kind,
                language=like.language,
                controlled_by=like.controlled_by,
                region=like.region,
                province=like.province,
                arrondissement=like.arrondissement,
                **_names(slug),
            )
            for slug in others
        ),
        ignore_conflicts=True,
    )
    made = Unit.objects.filter(slug__in=others).order_by("slug")
    Population.objects.bulk_create(
        (
            Population(unit=unit, on=known.on, inhabitants=known.inhabitants, source=known.source)
            for unit in made
        ),
        ignore_conflicts=True,
    )
    return [like, *made]


def make_source(slug: str = "central-source") -> Unit:
    return make_unit(slug, UnitKind.SOURCE)


def make_user(role: Role, unit: Unit | None = None, *, name: str = "", **fields: Any) -> User:
    """Somebody who holds one role; the address says which, and where."""
    place = unit.slug if unit else "belgium"
    user = User.objects.create_user(
        f"{name or role}@{place}.example", PASSWORD, name=name or f"{role.label} {place}", **fields
    )
    Membership.objects.create(user=user, role=role, unit=unit, start=dt.date(2020, 1, 1))
    return user


# --- Plan and indicators ----------------------------------------------------------------------


def make_plan() -> Plan:
    return Plan.objects.create(
        code="pns-2026-2029",
        ordinal=5,
        title="Plan",
        first_day=dt.date(2026, 1, 1),
        last_day=dt.date(2029, 12, 31),
    )


def make_theme(code: str = "1") -> Theme:
    plan = Plan.objects.first() or make_plan()
    position = int(code.replace(".", "")) + (0 if "." in code else int(code) * 9)
    defaults = {"position": position, "title": f"Theme {code}", "place": "2"}
    return Theme.objects.get_or_create(plan=plan, code=code, defaults=defaults)[0]


def make_objective(code: str = "1-F1", theme: Theme | None = None) -> Objective:
    known = Objective.objects.filter(code=code).first()
    if known:
        return known
    words = {"title": f"Objective {code}", "statement": f"Statement of {code}"}
    objective = Objective.objects.create(
        code=code,
        theme=theme or make_theme(code.split("-")[0]),
        level=Level.LOCAL if "L" in code else Level.FEDERAL,
        number=int(code[-1]),
        position=Objective.objects.count() + 1,
        place="2",
        **words,
    )
    ObjectiveVersion.objects.create(
        objective=objective, number=1, valid_from=objective.theme.plan.first_day, **words
    )
    return objective


def make_condition(code: str = "C1") -> Condition:
    words = {"title": f"Condition {code}", "text": f"Text of {code}"}
    condition = Condition.objects.create(
        plan=Plan.objects.first() or make_plan(),
        code=code,
        number=int(code[1:]),
        place=f"2 § 8, {code}",
        **words,
    )
    ConditionVersion.objects.create(
        condition=condition, number=1, valid_from=condition.plan.first_day, **words
    )
    return condition


def make_commitment(code: str = "3-R1") -> Commitment:
    return Commitment.objects.create(
        plan=Plan.objects.first() or make_plan(),
        code=code,
        number=Commitment.objects.count() + 1,
        kind=CommitmentKind.REFORM,
        place=f"3 § 1, {code[2:]}",
        title=f"Commitment {code}",
        text=f"Text of {code}",
    )


def make_point(code: str = "7-G1", theme: Theme | None = None) -> ThemePoint:
    return ThemePoint.objects.create(
        theme=theme or make_theme(code.split("-")[0]),
        kind=PointKind.GENERAL,
        number=int(code[-1]),
        code=code,
        place=f"2 § 7, {code}",
        heading=f"Point {code}",
        text=f"Text of {code}",
    )


def make_indicator(
    code: str = "checks",
    *,
    kind: Kind = Kind.COUNT,
    frequency: Frequency = Frequency.QUARTER,
    objective: Objective | None = None,
    promise: Promise | None = None,
    options: Iterable[str] = (),
    reasons: Iterable[str] = ("no-port",),
    subjects: Iterable[Unit] = (),
    steps: Mapping[int, str] | None = None,
    is_key: bool = False,
    is_restricted: bool = False,
    **fields: Any,
) -> IndicatorVersion:
    """An indicator with its first version, in force since 2020; ``fields`` are the version's."""
    indicator = Indicator.objects.create(
        code=code,
        position=Indicator.objects.count() + 1,
        is_key=is_key,
        is_restricted=is_restricted,
        nature=Nature.EFFORT,
        **_measuring(promise or objective or make_objective()),
    )
    version = make_version(indicator, kind=kind, frequency=frequency, **fields)
    version.subjects.set(subjects)
    BreakdownOption.objects.bulk_create(
        BreakdownOption(version=version, code=option, label=option.title(), position=place)
        for place, option in enumerate(options)
    )
    NotApplicableReason.objects.bulk_create(
        NotApplicableReason(version=version, code=reason, text=reason.replace("-", " "))
        for reason in reasons
    )
    MilestoneStep.objects.bulk_create(
        MilestoneStep(
            version=version,
            number=number,
            text=f"Step {number}",
            due_on=dt.date.fromisoformat(due_on),
            originally_due_on=dt.date.fromisoformat(due_on),
        )
        for number, due_on in (steps or {}).items()
    )
    if kind == Kind.SCALE:
        ScaleLevel.objects.bulk_create(
            ScaleLevel(version=version, level=level, text=f"Level {level} in words")
            for level in range(5)
        )
    return version


def _measuring(promise: Promise) -> dict[str, Promise]:
    names = {ThemePoint: "point", Condition: "condition", Commitment: "commitment"}
    return {names.get(type(promise), "objective"): promise}


def make_version(
    indicator: Indicator, *, number: int = 1, kind: Kind = Kind.COUNT, **fields: Any
) -> IndicatorVersion:
    quotient = kind in (Kind.RATIO, Kind.MEAN)
    defaults: dict[str, Any] = {
        "valid_from": dt.date(2020, 1, 1),
        "name": indicator.code.replace("-", " ").capitalize(),
        "definition": f"What {indicator.code} counts.",
        "unit": "%" if kind == Kind.RATIO else "number",
        "numerator_label": "Part" if quotient else "Number",
        "denominator_label": "Whole" if quotient else "",
        "source_system": "Register",
        "direction": Direction.INCREASE,
        "temporal": Temporal.FLOW,
        "frequency": Frequency.QUARTER,
        "scale": 100 if kind == Kind.RATIO else 1,
        "is_part": kind == Kind.RATIO,
        "threshold_level": 3 if kind == Kind.SCALE else None,
        "addressed": Addressed.ALL_ZONES,
    }
    return IndicatorVersion.objects.create(
        indicator=indicator, number=number, kind=kind, **{**defaults, **fields}
    )


def make_path(version: IndicatorVersion, area: Area, **fields: Any) -> TargetPath:
    """From 40 at the end of 2025 to 80 at the end of the plan, unless ``fields`` say otherwise."""
    defaults = {
        "baseline": Fraction(40),
        "baseline_end": dt.date(2025, 12, 31),
        "baseline_source": "Register",
        "target": Fraction(80),
    }
    return TargetPath.objects.create(
        indicator=version.indicator, area=area, **{**defaults, **fields}
    )


# --- Rounds and figures -----------------------------------------------------------------------


def make_period(code: str = QUARTER) -> Period:
    return ensure_period(code)


def make_round(code: str = QUARTER, *, locked: bool = False, late: bool = False) -> Round:
    """A round opened by the schedule: open for 30 days from now, past due, or locked.

    Its period may not have ended yet, which no service allows.
    """
    now = timezone.now()
    shift = dt.timedelta(days=-60 if locked else -35 if late else -1)
    dates = {
        "opens_at": now + shift,
        "due_at": now + shift + dt.timedelta(days=30),
        "locks_at": now + shift + dt.timedelta(days=45),
    }
    period = make_period(code)
    if timezone.localdate(dates["opens_at"]) > period.last_day:
        return open_round(actor=None, period=period, **dates)
    made = Round.objects.create(period=period, **dates)
    freeze_round(actor=None, round=made)
    return made


def submission_of(unit: Unit, code: str = QUARTER) -> Submission:
    return Submission.objects.select_related("round__period", "reporter").get(
        reporter=unit, round__period__code=code
    )


def cells_of(submission: Submission) -> list[Cell]:
    return list(
        Cell.objects.filter(expectation__submission=submission)
        .select_related("current", "expectation__version")
        .order_by("pk")
    )


def figure(numerator: int, denominator: int | None = None, **fields: Any) -> Content:
    return Content(CellStatus.REPORTED, numerator, denominator, **fields)


def enter(actor: User, submission: Submission, contents: Iterable[Content] | Content) -> Submission:
    """Enter a content per cell, in the order of the cells; one content stands for all of them."""
    cells = cells_of(submission)
    said = [contents] * len(cells) if isinstance(contents, Content) else list(contents)
    entries = [
        Entry(cell.pk, cell.version, content) for cell, content in zip(cells, said, strict=False)
    ]
    save_entries(actor=actor, submission=submission, entries=entries, entrance=Entrance.FORM)
    submission.refresh_from_db()
    return submission


def attested(
    approver: User, submission: Submission, contents: Iterable[Content] | Content
) -> Submission:
    enter(approver, submission, contents)
    return attest(actor=approver, submission=submission, version=submission.version)


def validated(
    approver: User,
    coordinator: User,
    submission: Submission,
    contents: Iterable[Content] | Content,
) -> Submission:
    sent = attested(approver, submission, contents)
    return validate(actor=coordinator, submission=sent, version=sent.version)


def make_checks() -> None:
    """The checks that hold for all definitions, as the program's own file has them."""
    file = Path(settings.BASE_DIR) / "submissions" / "data" / "checks.yaml"
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))["checks"]
    Check.objects.bulk_create(Check(**row) for row in rows if "indicator" not in row)


def make_cross_check(one: IndicatorVersion, other: IndicatorVersion, **fields: Any) -> Check:
    """``one``'s numerator is at most ``other``'s, or as ``fields`` say."""
    defaults = {"code": f"{one.indicator.code}-{other.indicator.code}", "severity": "blocking"}
    pair = {"indicator": one.indicator, "other": other.indicator}
    return Check.objects.create(kind="cross", **{**defaults, **pair, **fields})
