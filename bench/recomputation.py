"""Four years of quarters recomputed, against reading, grouping and writing the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from progress.models import Recomputation, Result, Sheet
from progress.services import recompute_all
from submissions.models import Cell

from .measure import Measure, taking_turns

AREAS = ("region", "province", "arrondissement", "population_class")
WHAT = ("expectation__version__indicator", "expectation__period", "option")


def measure(runs: int = 3) -> Measure:
    recompute_all()
    results = list(Result.objects.all())
    return taking_turns(
        f"recomputation, {Cell.objects.count():,} figures to {len(results):,} results",
        recompute_all,
        lambda: bound(results),
        runs=runs,
        before=clear,
    )


def clear() -> None:
    for model in (Result, Sheet, Recomputation):
        model.objects.all().delete()


def bound(results: list[Result]) -> None:
    """Stream the rows, one GROUP BY per kind of group, insert as many results."""
    for _row in _rows():
        pass
    for area in (None, *AREAS):
        places = () if area is None else (f"expectation__subject__{area}",)
        grouped = Cell.objects.order_by().values(*WHAT, *places)
        list(
            grouped.annotate(
                Count("validated"),
                Sum("validated__numerator"),
                Sum("validated__denominator"),
                Sum("expectation__subject__population"),
            )
        )
    for each in results:
        each.pk = None
        each._state.adding = True
    with transaction.atomic():
        Result.objects.bulk_create(results, batch_size=500)


def _rows() -> Iterator[tuple[Any, ...]]:
    """The rows and columns from which the product computes."""
    subject = "expectation__subject__"
    columns = (
        *WHAT,
        *(f"{subject}{name}" for name in ("unit", "population", *AREAS)),
        *(f"validated__{name}" for name in ("revision", "status", "numerator", "denominator")),
        "current",
        "expectation__submission__state",
    )
    return Cell.objects.order_by().values_list(*columns).iterator(chunk_size=5000)
