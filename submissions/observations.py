"""What an indicator's subjects said, as it counts: the validated figure of each cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from indicators.calculation.values import Observation
from indicators.enums import CellStatus

from .enums import State
from .models import Expectation
from .models.submissions import ExpectationQuerySet


class Figure(NamedTuple):
    """One expected subject × breakdown option in one period.

    ``slug`` names the subject alike in every database. ``observation`` is the validated figure
    (its revision with it), missing where nothing was validated; parts are in units of 10^-decimals
    of the definition ``version_id``. ``in_review``: something later than the validated figure was
    attested and waits for control. Areas and the number of the population class are those frozen
    when the round opened; federal units and sources have none.
    """

    period_id: int
    version_id: int
    option: str
    slug: str
    observation: Observation
    measurement_id: int | None
    in_review: bool
    region_id: int | None
    province_id: int | None
    arrondissement_id: int | None
    population_class: int | None


_FIELDS = (
    "period_id",
    "version_id",
    "cells__option",
    "subject__unit_id",
    "subject__unit__slug",
    "cells__validated__status",
    "cells__validated__numerator",
    "cells__validated__denominator",
    "subject__population",
    "cells__validated__revision",
    "cells__validated_id",
    "cells__current_id",
    "submission__state",
    "subject__region_id",
    "subject__province_id",
    "subject__arrondissement_id",
    "subject__population_class",
)


def figures(indicator_id: int, period_ids: Collection[int] | None = None) -> Iterator[Figure]:
    """The figures of an indicator in some periods (all of them), oldest period first: one query.

    A subject without any cell yet has one missing figure, of the total.
    """
    expectations = Expectation.objects.filter(version__indicator_id=indicator_id)
    if period_ids is not None:
        expectations = expectations.filter(period_id__in=period_ids)
    return (figure for _indicator, figure in _read(expectations, "period__last_day"))


def figures_of(
    indicator_ids: Collection[int],
    period_ids: Collection[int],
    unit_ids: Collection[int] | None = None,
) -> Iterator[tuple[int, Figure]]:
    """As ``figures``, of several indicators, each with its id, in no order of periods; about some
    subjects only."""
    expectations = Expectation.objects.filter(
        version__indicator_id__in=indicator_ids, period_id__in=period_ids
    )
    if unit_ids is not None:
        expectations = expectations.filter(
            subject__unit_id__in=unit_ids, subject__round__period_id__in=period_ids
        )
    return _read(expectations, "period_id")


def _read(expectations: ExpectationQuerySet, by_period: str) -> Iterator[tuple[int, Figure]]:
    rows = (
        expectations.standing()
        .order_by("version__indicator_id", by_period, "subject__unit_id", "cells__option")
        .values_list("version__indicator_id", *_FIELDS)
    )
    for indicator_id, *row in rows.iterator(chunk_size=5_000):
        yield indicator_id, _figure(*row)


def _figure(
    period_id: int,
    version_id: int,
    option: str | None,
    unit_id: int,
    slug: str,
    status: str | None,
    numerator: int | None,
    denominator: int | None,
    population: int | None,
    revision: int | None,
    validated_id: int | None,
    current_id: int | None,
    state: str,
    *places: int | None,
) -> Figure:
    return Figure(
        period_id,
        version_id,
        option or "",
        slug,
        Observation(
            unit_id,
            CellStatus(status) if status else CellStatus.MISSING,
            numerator,
            denominator,
            population,
            revision,
        ),
        validated_id,
        state == State.SUBMITTED and current_id != validated_id,
        *places,
    )
