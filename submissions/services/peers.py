"""What the zones of a group reported in a locked round, kept for who compares (METHOD.md 10)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from foundation.outbox import Write
from foundation.services import enqueue
from indicators.calculation.adding import subject_value
from indicators.calculation.values import ADDABLE
from indicators.definitions import definition_of
from indicators.enums import Kind
from indicators.models import IndicatorVersion, Period
from organisations.enums import UnitKind
from organisations.models import Area, Unit
from submissions.enums import PeerGroup
from submissions.models import Expectation, PeerValues, Round, Submission
from submissions.observations import Figure, figures

TOPIC = "peers"

#: Kinds of which each subject has a value.
COMPARED = ADDABLE | {Kind.SCALE}

Place = tuple[str, str]
"""A group and, in it, a place: the code of a province, the number of a class, empty for all."""


def owe_peers(round: Round) -> None:
    """Have the values of a round's zones compared: called when it locks."""
    _owe(_expected().filter(subject__round=round), round.period)


def owe_peers_of(held: Submission) -> None:
    """Have them compared again where a figure of a locked round has been validated since."""
    if held.round.locked_at is not None:
        _owe(_expected().filter(submission=held), held.round.period)


def _expected() -> QuerySet[Expectation]:
    """What is asked about zones that can be compared."""
    return Expectation.objects.standing().filter(
        subject__unit__kind=UnitKind.ZONE,
        version__kind__in=COMPARED,
        version__indicator__is_restricted=False,
    )


def _owe(expected: QuerySet[Expectation], period: Period) -> None:
    indicators = expected.values_list("version__indicator_id", flat=True)
    enqueue(topic=TOPIC, keys={f"{each}:{period.pk}" for each in indicators})


def compared(key: str) -> Write:
    """Compute what an outbox key owes; returns the write that replaces the values."""
    indicator_id, period_id = (int(part) for part in key.split(":"))
    locked = Round.objects.filter(period=period_id, locked_at__isnull=False)
    rows = list(_rows(indicator_id, [period_id])) if locked.exists() else []
    return partial(_replace, indicator_id, [period_id], rows)


@transaction.atomic
def compare_all(rounds: Collection[Round]) -> None:
    """Compute the values of whole locked rounds at once, for a demonstration."""
    periods = [each.period_id for each in rounds if each.locked_at is not None]
    expected = _expected().filter(period__in=periods)
    for indicator in set(expected.values_list("version__indicator_id", flat=True)):
        _replace(indicator, periods, list(_rows(indicator, periods)))


def _replace(indicator_id: int, periods: Collection[int], rows: Sequence[PeerValues]) -> None:
    PeerValues.objects.filter(period__in=periods, version__indicator=indicator_id).delete()
    PeerValues.objects.bulk_create(rows, batch_size=200)


def _rows(indicator_id: int, periods: Collection[int]) -> Iterator[PeerValues]:
    """A row per period, option and group, its values in order."""
    provinces = dict(Area.objects.values_list("pk", "code"))
    found: dict[tuple[int, int, str, Place], list[tuple[Fraction, int]]] = {}
    for figure, value in _validated_by_zones(indicator_id, periods):
        for place in _places(figure, provinces):
            group = (figure.period_id, figure.version_id, figure.option, place)
            found.setdefault(group, []).append((value, figure.observation.subject))
    for (period_id, version_id, option, (name, code)), values in found.items():
        yield PeerValues(
            period_id=period_id,
            version_id=version_id,
            option=option,
            group=name,
            place=code,
            values=[[unit, value.numerator, value.denominator] for value, unit in sorted(values)],
        )


def _validated_by_zones(
    indicator_id: int, periods: Collection[int]
) -> Iterator[tuple[Figure, Fraction]]:
    zones = set(Unit.objects.zones().values_list("pk", flat=True))
    versions = IndicatorVersion.objects.filter(
        indicator=indicator_id, kind__in=COMPARED, indicator__is_restricted=False
    )
    definitions = {version.pk: definition_of(version) for version in versions}
    for figure in figures(indicator_id, periods):
        if figure.observation.subject in zones and figure.version_id in definitions:
            value = subject_value(definitions[figure.version_id], figure.observation)
            if value is not None:
                yield figure, value


def _places(figure: Figure, provinces: dict[int, str]) -> Iterator[Place]:
    """The nation, the province frozen when the round opened, and the class fixed for the plan."""
    yield PeerGroup.NATION, ""
    if figure.province_id is not None:
        yield PeerGroup.PROVINCE, provinces[figure.province_id]
    if figure.population_class is not None:
        yield PeerGroup.CLASS, str(figure.population_class)
