"""Corrections asked after validation, gathered in the requests they were made in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from indicators.models import IndicatorVersion
from organisations.models import Unit, User
from submissions.checking import Finding
from submissions.content import Content
from submissions.enums import CheckKind, CorrectionState, State
from submissions.figures import Block
from submissions.models import Cell, Correction, CorrectionQuerySet, Submission

from .checks import findings_of
from .figures import blocks_of, definitions

_WITH = (
    "replaces",
    "proposed_by",
    "attested_by",
    "decided_by",
    "cell__expectation__subject__unit",
    "cell__expectation__submission__reporter__controlled_by",
    "cell__expectation__submission__round__period",
)


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """The corrections of one expectation that were asked together, its total first."""

    definition: IndicatorVersion
    corrections: Sequence[Correction]

    @property
    def first(self) -> Correction:
        """Any of them stands for the state, the version, the reason and the people of all."""
        return self.corrections[0]

    @property
    def submission(self) -> Submission:
        submission: Submission = self.first.cell.expectation.submission
        return submission


def correction_of(corrections: CorrectionQuerySet) -> CorrectionQuerySet:
    """With all that a request's page and its rules read."""
    return corrections.select_related(*_WITH)


def corrections_of(submission: Submission) -> list[CorrectionRequest]:
    """Every request about a submission's figures: the open ones first, then the latest."""
    asked = Correction.objects.filter(cell__expectation__submission=submission).requests()
    found = requests_of(asked)
    return sorted(found, key=lambda each: each.first.state not in CorrectionState.open())


def requests_to_control(user: User, *, everything: bool = False) -> CorrectionQuerySet:
    """A row per request that ``user`` decides, the longest waiting first; or that they may see."""
    corrections = Correction.objects.requests()
    if everything:
        waiting = corrections.visible_to(user).to_decide()
    else:
        waiting = corrections.to_control_by(user)
    return waiting.order_by("attested_at", "pk")


def requests_to_attest(user: User) -> CorrectionQuerySet:
    """A row per request that waits for an approver of the units for which ``user`` enters, those
    that these came in place of included, the longest waiting first. One query."""
    units = user.access.units("submissions.enter")
    reporter = "cell__expectation__submission__reporter"
    mine = Q(**{f"{reporter}__in": units}) | Q(
        **{f"{reporter}__in": Unit.objects.succeeded_by(units).values("pk")}
    )
    waiting = Correction.objects.requests().filter(
        mine,
        state=CorrectionState.PROPOSED,
        cell__expectation__submission__state=State.VALIDATED,
    )
    found = waiting.select_related(*_WITH, "cell__expectation__version")
    return found.order_by("proposed_at", "pk")


def requests_of(rows: Iterable[Correction]) -> list[CorrectionRequest]:
    """The requests that some corrections are part of, in their order. Constant queries."""
    found = [(each.cell_id, each.proposed_at) for each in rows]
    if not found:
        return []
    expectation_of = dict(
        Cell.objects.filter(pk__in=[cell for cell, _at in found]).values_list("pk", "expectation")
    )
    keys = list(dict.fromkeys((expectation_of[cell], at) for cell, at in found))
    asked = correction_of(
        Correction.objects.filter(
            cell__expectation__in=[expectation for expectation, _at in keys],
            proposed_at__in=[at for _expectation, at in keys],
        )
    ).order_by("cell")
    together: dict[tuple[int, dt.datetime], list[Correction]] = {}
    for each in asked:
        together.setdefault((each.cell.expectation_id, each.proposed_at), []).append(each)
    known = definitions({each.cell.expectation.version_id for each in asked})
    return [_request(together[key], known) for key in keys]


def _request(
    corrections: Sequence[Correction], known: Mapping[int, IndicatorVersion]
) -> CorrectionRequest:
    return CorrectionRequest(known[corrections[0].cell.expectation.version_id], corrections)


def corrections_of_cell(cell: Cell) -> QuerySet[Correction]:
    """Every correction asked of a cell, with its people."""
    return cell.corrections.select_related(
        "proposed_by", "attested_by", "decided_by", "replaces", "revision"
    )


# --- Figures as they would be -----------------------------------------------------------------


def block_of_expectation(submission: Submission, expectation: int) -> Block:
    """The figures of one expectation: a definition's total and options about one subject."""
    for block in blocks_of(submission, Q(expectation=expectation)):
        return block
    raise Cell.DoesNotExist


def findings_as_if(
    submission: Submission, block: Block, contents: Mapping[int, Content]
) -> list[Finding]:
    """What would hinder a block with other contents, by cell id, beside its subject's others.

    A figure that would no longer go with another definition's is among them. Constant queries.
    """
    about = Q(expectation__subject=block.figures[0].cell.expectation.subject_id)
    blocks = [each.as_if(contents) for each in blocks_of(submission, about)]
    own = {figure.cell.pk for figure in block.figures}
    return [
        finding
        for finding in findings_of(blocks, submission.round.period.code)
        if finding.hinders and (finding.kind == CheckKind.CROSS or finding.figure.cell.pk in own)
    ]
