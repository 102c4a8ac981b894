"""A random history: what followed step by step is what recomputing everything gives."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from foundation import outbox
from foundation.models import OutboxEntry
from indicators.enums import CellStatus, Direction, Kind, Temporal
from indicators.labels import Addressed
from indicators.models import Indicator, IndicatorVersion, PathPoint, Period, TargetPath
from indicators.periods import first_day, shifted
from indicators.services import (
    Decision,
    record_indicator_amendment,
    record_path_amendment,
)
from organisations.enums import AreaKind, Role
from organisations.models import Membership, Reorganisation, Unit, User
from organisations.reorganisation import NewZone, Proposal, reorganise, succession_of
from organisations.succession import undo
from progress.closing import AlreadyClosed, close_period, reopen_period
from progress.models import Closing, FrozenResult, Result, Sheet
from progress.selectors.closings import stand_of
from progress.services import TOPIC, recompute_all, recomputed, reconcile
from progress.verification import differences
from submissions.content import Content
from submissions.enums import CorrectionState, Entrance, State
from submissions.models import Correction, Round, Submission
from submissions.services import (
    CorrectionUnderWay,
    Entry,
    NotAttestable,
    ReasonRequired,
    accept_correction,
    attest,
    propose_correction,
    refuse_correction,
    save_entries,
    send_back,
    validate,
    withdraw,
)
from tests import factories as make

STEPS = 40
#: Whoever closes comes when every round has locked; who reports and controls goes on before.
AFTER_THE_LOCKS = timezone.now() + dt.timedelta(days=365)
FIRST = "2025-Q4"
KINDS = (
    Kind.COUNT,
    Kind.AMOUNT,
    Kind.RATIO,
    Kind.POPULATION_RATE,
    Kind.MEAN,
    Kind.YES_NO,
    Kind.SCALE,
)


class World:
    """Six zones of two arrondissements, an indicator of each kind, three quarters to begin with."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (a history, not a secret)
        self.nation = make.make_area("belgium", AreaKind.NATION)
        make.make_classes()
        self.dcas = [make.make_dca("dca-namur"), make.make_dca("dca-liege")]
        self.zones = [
            make.make_zone(
                f"zone-{number}",
                dca=self.dcas[number % 2],
                population=self.random.choice([None, 20_000, 34_999, 35_000, 70_000, 150_000]),
                has_point_of_entry=number < 3,
                code=f"53{number:02}",
            )
            for number in range(6)
        ]
        self.approver = self._person("approver", Role.APPROVER, self.zones)
        self.coordinator = self._person("coordinator", Role.COORDINATOR, self.dcas)
        self.secretariat = make.make_user(Role.SECRETARIAT)
        for kind in KINDS:
            self._indicator(kind)
        self.frozen: dict[int, Rows] = {}
        self.next = FIRST
        for _round in range(3):
            self.open_round()

    def _person(self, name: str, role: Role, units: list[Unit]) -> User:
        user = make.make_user(role, units[0], name=name)
        Membership.objects.bulk_create(
            Membership(user=user, role=role, unit=unit, start=dt.date(2020, 1, 1))
            for unit in units[1:]
        )
        return user

    def _indicator(self, kind: Kind) -> None:
        choose = self.random.choice
        direction = choose(list(Direction))
        version = make.make_indicator(
            kind.replace("_", "-"),
            kind=kind,
            direction=direction,
            temporal=choose(list(Temporal)),
            decimals=choose([0, 2]) if kind in (Kind.AMOUNT, Kind.RATIO, Kind.MEAN) else 0,
            minimum_coverage=choose([Fraction(0), Fraction(1, 2), Fraction(4, 5)]),
            materiality=choose([None, Fraction(1, 3)]),
            addressed=choose([Addressed.ALL_ZONES, Addressed.POINT_OF_ENTRY]),
            options=["a"] if kind == Kind.COUNT else (),
        )
        if direction != Direction.MONITOR:
            area = choose([self.nation, self.zones[0].region, self.zones[0].arrondissement])
            path = TargetPath.objects.create(
                indicator=version.indicator, area=area, **self._asked(direction)
            )
            if path.target is not None and path.baseline is not None:
                middle = (path.baseline + path.target) / 2
                PathPoint.objects.create(path=path, year=2027, value=middle)

    def _asked(self, direction: str) -> dict[str, Any]:
        asked: dict[str, Any] = dict.fromkeys(
            ("baseline", "baseline_end", "target", "band_low", "band_high")
        )
        if direction == Direction.MAINTAIN:
            return asked | {"band_low": Fraction(1), "band_high": Fraction(40)}
        up = direction == Direction.INCREASE
        asked["target"] = Fraction(self.random.randint(25, 60) if up else self.random.randint(0, 9))
        if self.random.random() < 0.7:
            asked["baseline"] = Fraction(self.random.randint(10, 20))
            asked |= {"baseline_end": dt.date(2025, 12, 31), "baseline_source": "Register"}
        return asked

    # --- What happens -----------------------------------------------------------------------------

    def step(self) -> None:
        """Something that somebody may do; what is not allowed just now does not happen."""
        often: list[Callable[[], None]] = [self.enter, self.attest, self.attest, self.validate]
        also = [self.withdraw, self.send_back, self.correct, self.decide, self.drain]
        seldom = [self.open_round, self.amend, self.repath, self.tell_better, self.merge, self.undo]
        seldom += [self.close, self.close, self.reopen]
        doing = self.random.choices([often, also, seldom], [10, 6, 3])[0]
        with suppress(ValidationError, NotAttestable, ReasonRequired, CorrectionUnderWay):
            self.random.choice(doing)()

    def enter(self) -> None:
        for submission in self._some(State.TODO, State.DRAFT, State.RETURNED):
            entries = [
                Entry(cell.pk, cell.version, self._said(cell.expectation.version))
                for cell in make.cells_of(submission)
                if self.random.random() < 0.95
            ]
            save_entries(
                actor=self._as(self.approver),
                submission=submission,
                entries=entries,
                entrance=Entrance.FORM,
            )

    def _said(self, version: IndicatorVersion) -> Content:
        chance, number = self.random.random(), self.random.randint
        if chance < 0.06:
            return Content(CellStatus.NOT_APPLICABLE, reason="no-port")
        if chance < 0.1:
            return Content(CellStatus.NOT_AVAILABLE, reason="not counted")
        highest = {Kind.YES_NO: 1, Kind.SCALE: 4}.get(Kind(version.kind), 40)
        divided = version.kind in (Kind.RATIO, Kind.MEAN)
        return make.figure(number(0, highest), self.random.choice([40, 50]) if divided else None)

    def attest(self) -> None:
        self.enter()
        for each in self._some(State.DRAFT, State.RETURNED):
            attest(actor=self._as(self.approver), submission=each, version=each.version)

    def validate(self) -> None:
        for each in self._some(State.SUBMITTED):
            validate(actor=self._as(self.coordinator), submission=each, version=each.version)

    def withdraw(self) -> None:
        for each in self._some(State.SUBMITTED)[:1]:
            withdraw(actor=self._as(self.approver), submission=each, version=each.version)

    def send_back(self) -> None:
        for each in self._some(State.SUBMITTED)[:1]:
            send_back(
                actor=self._as(self.coordinator),
                submission=each,
                version=each.version,
                reason="Count again",
            )

    def correct(self) -> None:
        for submission in self._some(State.VALIDATED)[:1]:
            cell = self.random.choice(make.cells_of(submission))
            propose_correction(
                actor=self._as(self.approver),
                submission=submission,
                entries=[Entry(cell.pk, cell.version, self._said(cell.expectation.version))],
                reason="Miscounted",
                entrance=Entrance.FORM,
            )
            if self.random.random() < 0.8:
                self.decide()

    def decide(self) -> None:
        actor = self._as(self.coordinator)
        for asked in Correction.objects.filter(state=CorrectionState.ATTESTED)[:1]:
            if self.random.random() < 0.8:
                accept_correction(actor=actor, correction=asked, version=asked.version)
            else:
                refuse_correction(actor=actor, correction=asked, version=asked.version, reason="No")

    def open_round(self) -> None:
        if Round.objects.count() < 7:
            make.make_round(self.next)
            self.next = shifted(self.next, 1)

    def amend(self) -> None:
        chosen = self.random.choice(list(Indicator.objects.order_by("pk")))
        field, values = self.random.choice(
            [
                ("scale", [1, 10, 100]),
                ("decimals", [0, 1, 2]),
                ("minimum_coverage", [Fraction(0), Fraction(1, 2), Fraction(9, 10)]),
                ("materiality", [Fraction(1, 4), Fraction(5)]),
                ("temporal", list(Temporal)),
            ]
        )
        record_indicator_amendment(
            actor=self._as(self.secretariat),
            indicator=chosen,
            decision=self._decision(),
            values={field: self.random.choice(values)},
        )

    def repath(self) -> None:
        path = self.random.choice(list(TargetPath.objects.order_by("pk")) or [None])
        if path is not None:
            direction = path.indicator.versions.latest("number").direction
            record_path_amendment(
                actor=self._as(self.secretariat),
                indicator=path.indicator,
                area=path.area,
                decision=self._decision(),
                values={"baseline_source": "", **self._asked(direction)},
                points={},
            )

    def _decision(self) -> Decision:
        day = first_day(self.next)
        return Decision("GPI", "The register changes", min(day, timezone.localdate()), day)

    def tell_better(self) -> None:
        """As a newer file of definitions does with an original: nobody owes what follows."""
        version = self.random.choice(list(IndicatorVersion.objects.filter(number=1)))
        version.minimum_coverage = self.random.choice([Fraction(1, 3), Fraction(4, 5)])
        version.materiality = self.random.choice([None, Fraction(1, 2)])
        version.save()

    def merge(self) -> None:
        standing = Unit.objects.zones().filter(valid_to=None).order_by("pk")
        pair = tuple(self.random.sample(list(standing), 2))
        zone = NewZone(
            name_fr=f"Zone {self.random.randint(100, 999)}",
            name_nl="",
            name_de="",
            language="fr",
            code="",
            code_status="",
            region=pair[0].region,
            province=pair[0].province,
            arrondissement=pair[0].arrondissement,
            controlled_by=pair[0].controlled_by,
            has_point_of_entry=any(each.has_point_of_entry for each in pair),
        )
        day = first_day(self.random.choice([FIRST, "2026-Q1", "2026-Q3"])) + dt.timedelta(days=40)
        actor = self._as(self.secretariat)
        reorganise(actor=actor, proposal=Proposal(pair, (zone,), day, "Royal decree"))

    def undo(self) -> None:
        done = Reorganisation.objects.standing().order_by("-pk").first()
        if done is not None:
            actor = self._as(self.secretariat)
            undo(actor=actor, succession=succession_of(done), reason="Annulled")

    def close(self) -> None:
        """Once nothing is owed; what is attested or said later is a revision."""
        self.settle()
        asked = self.random.choice(list(Round.objects.select_related("period").order_by("pk")))
        stand = stand_of(asked.period, AFTER_THE_LOCKS)
        with suppress(AlreadyClosed):
            closing = close_period(
                actor=self._as(self.secretariat),
                period=asked.period,
                undecided=stand.undecided,
                at=AFTER_THE_LOCKS,
            )
            self.frozen[closing.pk] = frozen(closing)
            assert self.frozen[closing.pk] == results_of(asked.period) != []

    def reopen(self) -> None:
        closing = Closing.objects.in_force().order_by("pk").last()
        if closing is not None:
            actor = self._as(self.secretariat)
            reopen_period(actor=actor, period=closing.period, reason="A zone was forgotten")

    def drain(self) -> None:
        """Some of what is owed, together or in pieces, and sometimes twice."""
        owed = list(OutboxEntry.objects.pending().filter(topic=TOPIC).values_list("pk", flat=True))
        some = self.random.sample(owed, self.random.randint(0, len(owed)))
        for _time in range(self.random.choice([1, 1, 2])):
            for first in range(0, len(some), 20):
                outbox.perform_many(some[first : first + 20], recomputed)

    def settle(self) -> None:
        """What the schedule does until nothing waits."""
        reconcile()
        while owed := list(OutboxEntry.objects.pending().filter(topic=TOPIC)[:50]):
            outbox.perform_many([each.pk for each in owed], recomputed)

    def _some(self, *states: State) -> list[Submission]:
        known = list(
            Submission.objects.filter(state__in=states)
            .select_related("round__period", "reporter")
            .order_by("pk")
        )
        return self.random.sample(known, min(len(known), 2))

    def _as(self, user: User) -> User:
        """What somebody may do is read once per request."""
        return User.objects.get(pk=user.pk)


Rows = list[dict[str, Any]]
#: A row's own number, when it was written, and of which closing: not what was computed.
NOT_COMPARED = ("id", "changed_at", "closing_id", "basis_id")


def stored() -> list[Rows]:
    """Every result and sheet, but for ids and for when it was written."""
    return [_rows(model.objects.all()) for model in (Result, Sheet)]


def frozen(closing: Closing) -> Rows:
    return _rows(FrozenResult.objects.filter(closing=closing))


def results_of(period: Period) -> Rows:
    return _rows(Result.objects.filter(period=period))


def _rows(found: QuerySet[Any]) -> Rows:
    names = [each.attname for each in found.model._meta.fields]
    names = [name for name in names if name not in NOT_COMPARED]
    order = [name for name in ("indicator_id", "period_id", "area_id", "option") if name in names]
    return list(found.order_by(*order).values(*names))


def assert_followed(seed: int) -> None:
    """The history of a seed, and everything recomputed after it."""
    world = World(seed)
    for _step in range(STEPS):
        world.step()
    world.close()
    followed = stored()
    assert [str(each) for each in differences()] == []

    recompute_all()
    assert stored() == followed
    assert len(followed[0]) > 100
    kept = {each.pk: frozen(each) for each in Closing.objects.all()}
    assert kept == world.frozen != {}
