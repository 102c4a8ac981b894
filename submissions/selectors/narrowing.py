"""Parts of a submission that has too many figures for one page, and how far each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from indicators.enums import CellStatus
from submissions.enums import CheckKind
from submissions.figures import Block
from submissions.models import Cell, Check, Expectation, Submission

#: The most figures that stand on one page; beyond, it is an index of a page per definition.
LONGEST_FORM = 400


def is_long(blocks: Sequence[Block]) -> bool:
    """Whether these figures are too many for one page."""
    return sum(len(block.figures) for block in blocks) > LONGEST_FORM


def cells_asked() -> Coalesce:
    """How many cells a submission asks for, as a column of a query of submissions."""
    cells = _standing().filter(expectation__submission=OuterRef("pk")).order_by()
    counted = cells.values("expectation__submission").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def progress_by_definition(submission: Submission) -> dict[int, tuple[int, int]]:
    """How many figures are done, and asked for, by definition id: one query."""
    said = Q(current__isnull=False) & ~Q(current__status=CellStatus.MISSING)
    counted = (
        _standing()
        .filter(expectation__submission=submission)
        .values_list("expectation__version")
        .annotate(done=Count("pk", filter=said), total=Count("pk"))
        .order_by()
    )
    return {version: (done, total) for version, done, total in counted}


def about_subjects_of(cells: Iterable[int]) -> Q:
    """All that is asked about the subjects of these cells: what checks hold them against."""
    subjects = Expectation.objects.filter(cells__in=list(cells)).values("subject")
    return Q(expectation__subject__in=subjects)


def under_definition(code: str, subject: str = "") -> Q:
    """An indicator, and those that checks hold it against; about one subject where it is named."""
    crossed = Check.objects.filter(kind=CheckKind.CROSS, is_active=True, indicator__code=code)
    indicator = "expectation__version__indicator"
    found = Q(**{f"{indicator}__code": code}) | Q(**{f"{indicator}__in": crossed.values("other")})
    return found & Q(expectation__subject__unit__slug=subject) if subject else found


def _standing() -> QuerySet[Cell]:
    return Cell.objects.filter(expectation__subject__withdrawn_at__isnull=True)
