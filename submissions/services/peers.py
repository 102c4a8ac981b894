"""What the zones of a group reported in a locked round, kept for who compares (METHOD.md 10)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction

from django.db import transaction

from foundation.outbox import Write
from foundation.services import enqueue
from indicators.calculation.adding import subject_value
from indicators.calculation.comparing import population_class
from indicators.calculation.values import ADDABLE
from indicators.definitions import definition_of
from indicators.enums import Kind
from indicators.models import IndicatorVersion, Period
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
    expected = Expectation.objects.filter(subject__round=round)
    indicators = expected.values_list("version__indicator_id", flat=True).order_by().distinct()
    _owe(indicators, round.period)


def owe_peers_of(held: Submission) -> None:
    """Have them compared again where a figure of a locked round has been validated since."""
    if held.round.locked_at is not None:
        expected = Expectation.objects.filter(submission=held)
        _owe(expected.values_list("version__indicator_id", flat=True), held.round.period)


def _owe(indicator_ids: Iterable[int], period: Period) -> None:
    enqueue(topic=TOPIC, keys={f"{each}:{period.pk}" for each in indicator_ids})


def compared(key: str) -> Write:
    """Compute what an outbox key owes; returns the write that replaces the values."""
    indicator_id, period_id = (int(part) for part in key.split(":"))
    rows = list(_rows(indicator_id, period_id)) if _is_locked(period_id) else []

    def write() -> None:
        known = PeerValues.objects.filter(period=period_id, version__indicator=indicator_id)
        known.delete()
        PeerValues.objects.bulk_create(rows)

    return write


def compare_all(rounds: Collection[Round]) -> int:
    """Compute the values of whole rounds at once, for a demonstration; returns how many rows."""
    for each in rounds:
        versions = Expectation.objects.filter(subject__round=each)
        ids = set(versions.values_list("version__indicator_id", flat=True))
        with transaction.atomic():
            for indicator in sorted(ids):
                compared(f"{indicator}:{each.period_id}")()
    return PeerValues.objects.filter(period__round__in=rounds).count()


def _is_locked(period_id: int) -> bool:
    return Round.objects.filter(period=period_id, locked_at__isnull=False).exists()


def _rows(indicator_id: int, period_id: int) -> Iterator[PeerValues]:
    said = _validated_by_zones(indicator_id, period_id)
    versions = IndicatorVersion.objects.filter(
        pk__in={figure.version_id for figure in said},
        kind__in=COMPARED,
        indicator__is_restricted=False,
    ).in_bulk()
    provinces = dict(Area.objects.values_list("pk", "code"))
    found: dict[tuple[int, str, Place], list[tuple[Fraction, int]]] = {}
    for figure in said:
        version = versions.get(figure.version_id)
        value = (
            None if version is None else subject_value(definition_of(version), figure.observation)
        )
        if value is None:
            continue
        for place in _places(figure, provinces):
            group = found.setdefault((figure.version_id, figure.option, place), [])
            group.append((value, figure.observation.subject))
    for (version_id, option, (group_name, place_code)), values in found.items():
        yield PeerValues(
            period_id=period_id,
            version_id=version_id,
            option=option,
            group=group_name,
            place=place_code,
            values=[[unit, value.numerator, value.denominator] for value, unit in sorted(values)],
        )


def _validated_by_zones(indicator_id: int, period_id: int) -> list[Figure]:
    zones = set(Unit.objects.zones().values_list("pk", flat=True))
    return [
        figure
        for figure in figures(indicator_id, [period_id])
        if figure.measurement_id is not None and figure.observation.subject in zones
    ]


def _places(figure: Figure, provinces: dict[int, str]) -> Iterator[Place]:
    """The nation, and the province and population class frozen when the round opened."""
    yield PeerGroup.NATION, ""
    if figure.province_id is not None:
        yield PeerGroup.PROVINCE, provinces[figure.province_id]
    number = population_class(figure.observation.population)
    if number is not None:
        yield PeerGroup.CLASS, str(number)
