"""Corrections of validated figures: asked, attested, decided. The old figure stands until then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from organisations.models import User
from submissions import notices, rules
from submissions.checking import Finding
from submissions.content import Content, problem_with
from submissions.enums import CorrectionState, Entrance, Severity, State
from submissions.figures import Block, Figure
from submissions.models import OUTDATED, Cell, Correction, Measurement, Submission
from submissions.selectors import block_of_expectation, blocks_of, findings_as_if

from .decisions import NotAttestable
from .entries import Entry, RefusedContent, write_revisions
from .peers import owe_peers_of
from .standing import StateChanged, hold, owe, require, require_standing


class CorrectionUnderWay(Exception):
    """Another request about the same figures waits for its decision."""


@transaction.atomic
def propose_correction(
    *,
    actor: User,
    submission: Submission,
    entries: Iterable[Entry],
    reason: str,
    entrance: Entrance,
) -> list[Correction]:
    """Ask to replace validated figures of one expectation, a total and its options together.

    Who may attest sends the request in the same step. Entries that say what is validated are left
    out. Raises PermissionDenied, StateChanged where the submission is not validated or a cell has
    changed since it was seen, CorrectionUnderWay, RefusedContent, NotAttestable where the figures
    would not do together, and ValidationError without a change or a reason.
    """
    held = hold(submission)
    require(rules.may_enter(actor, held))
    require_standing(held, [State.VALIDATED])
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the figure changes.")})
    block, changed = _changes(held, list(entries))
    if not changed:
        raise ValidationError(_("Change at least one figure: these are the validated ones."))
    after = {each.cell.pk: content for each, content in changed}
    faults = findings_as_if(held, block, after)
    if faults:
        raise NotAttestable(faults)
    asked = _propose(actor, held, changed, reason.strip(), entrance)
    _record(actor, "correction.proposed", held, asked, reason.strip())
    notices.tell_correction(asked[0])
    return asked


def _propose(
    actor: User,
    held: Submission,
    changed: Sequence[tuple[Figure, Content]],
    reason: str,
    entrance: Entrance,
) -> list[Correction]:
    expectation = changed[0][0].cell.expectation_id
    under_way = Correction.objects.filter(
        cell__expectation=expectation, state__in=CorrectionState.open()
    )
    if under_way.exists():
        raise CorrectionUnderWay
    now = timezone.now()
    sends = rules.may_attest(actor, held)
    state = CorrectionState.ATTESTED if sends else CorrectionState.PROPOSED
    attested: dict[str, Any] = {"attested_at": now, "attested_by": actor} if sends else {}
    try:
        with transaction.atomic():
            return [
                Correction.objects.create(
                    cell=figure.cell,
                    replaces=cast(
                        Measurement, figure.cell.current
                    ),  # checked to be the validated one
                    content=content.as_dict(),
                    reason=reason,
                    entrance=entrance,
                    state=state,
                    proposed_at=now,
                    proposed_by=actor,
                    **attested,
                )
                for figure, content in changed
            ]
    except IntegrityError as error:
        raise CorrectionUnderWay from error


@transaction.atomic
def attest_correction(*, actor: User, correction: Correction, version: int) -> list[Correction]:
    """Send a request that somebody else of the unit proposed.

    Raises NotAttestable where its figures do not do any more beside what is validated now.
    """
    held = hold(correction.cell.expectation.submission)
    require(rules.may_attest(actor, held))
    require_standing(held, [State.VALIDATED])
    faults = _faults(held, _asked(correction, held, [CorrectionState.PROPOSED], version))
    if faults:
        raise NotAttestable(faults)
    asked = _move(
        correction,
        held,
        [CorrectionState.PROPOSED],
        version,
        state=CorrectionState.ATTESTED,
        attested_at=timezone.now(),
        attested_by=actor,
    )
    _record(actor, "correction.attested", held, asked)
    notices.tell_correction(asked[0])
    return asked


@transaction.atomic
def withdraw_correction(*, actor: User, correction: Correction, version: int) -> list[Correction]:
    """Take back a request that nobody decided: a proposal by who enters, else by who attests."""
    held = hold(correction.cell.expectation.submission)
    state = Correction.objects.get(pk=correction.pk).state
    may = rules.may_enter if state == CorrectionState.PROPOSED else rules.may_attest
    require(may(actor, held))
    asked = _move(
        correction,
        held,
        CorrectionState.open(),
        version,
        state=CorrectionState.WITHDRAWN,
        decided_at=timezone.now(),
        decided_by=actor,
    )
    _record(actor, "correction.withdrawn", held, asked)
    return asked


@transaction.atomic
def refuse_correction(
    *, actor: User, correction: Correction, version: int, reason: str
) -> list[Correction]:
    """Keep the validated figures, with a reason."""
    held = hold(correction.cell.expectation.submission)
    require(rules.may_decide(actor, _fresh(correction)))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the unit must know what to look at.")})
    return _refuse(actor, correction, held, version, reason.strip())


@transaction.atomic
def accept_correction(
    *, actor: User, correction: Correction, version: int, reason: str = ""
) -> list[Correction]:
    """Validate the proposed figures: a new revision each, current and validated at once.

    Where a figure is no longer the one to be replaced, the request is refused as outdated; see the
    state of what is returned. Raises ValidationError where another figure has meanwhile changed so
    that a blocking check speaks against it.
    """
    held = hold(correction.cell.expectation.submission)
    require(rules.may_decide(actor, _fresh(correction)))
    require_standing(held, [State.VALIDATED])
    asked = _asked(correction, held, [CorrectionState.ATTESTED], version)
    if any(
        not (each.replaces_id == each.cell.validated_id == each.cell.current_id) for each in asked
    ):
        return _refuse(actor, correction, held, version, OUTDATED)
    _require_together(held, asked)
    _write(asked, held)
    _decide(actor, asked, CorrectionState.ACCEPTED, reason.strip())
    _record(actor, "correction.accepted", held, asked, reason.strip())
    about = correction.cell.expectation
    owe([about.version.indicator_id], held.round.period, about=[about.subject.unit_id])
    owe_peers_of(held)
    notices.tell_correction(asked[0])
    return asked


def _faults(held: Submission, asked: Sequence[Correction]) -> list[Finding]:
    """What hinders the figures of a request beside all that is validated now."""
    block = block_of_expectation(held, asked[0].cell.expectation_id)
    return findings_as_if(held, block, _contents(asked))


def _contents(asked: Sequence[Correction]) -> dict[int, Content]:
    """What would stand in each cell."""
    return {each.cell_id: Content.from_dict(each.content) for each in asked}


def _require_together(held: Submission, asked: Sequence[Correction]) -> None:
    """Each request went with what was validated when it was made; both together may not."""
    for finding in _faults(held, asked):
        if finding.severity == Severity.BLOCKING:
            text = _(
                "With what is validated now, this does not go: %(why)s Refuse it for that reason."
            )
            raise ValidationError(text % {"why": finding.text})


def _write(asked: Sequence[Correction], held: Submission) -> None:
    """The revisions, entered by who proposed them and validated where they stand."""
    first, contents = asked[0], _contents(asked)
    figures = [figure for block in blocks_of(held) for figure in block.figures]
    due = [
        (figure, Entry(figure.cell.pk, figure.cell.version, contents[figure.cell.pk]))
        for figure in figures
        if figure.cell.pk in contents
    ]
    write_revisions(due, actor=first.proposed_by, entrance=Entrance(first.entrance))
    Cell.objects.filter(pk__in=contents).update(validated=F("current"))
    written = Measurement.objects.filter(current_of__in=list(contents))
    by_cell = {revision.cell_id: revision for revision in written}
    for each in asked:
        each.revision = by_cell[each.cell_id]


def _decide(actor: User, asked: Sequence[Correction], state: CorrectionState, reason: str) -> None:
    for each in asked:
        each.state, each.version = state, each.version + 1
        each.decided_at, each.decided_by = timezone.now(), actor
        each.decision_reason = reason
    columns = ["state", "version", "decided_at", "decided_by", "decision_reason", "revision"]
    Correction.objects.bulk_update(asked, columns)


def _refuse(
    actor: User, correction: Correction, held: Submission, version: int, reason: str
) -> list[Correction]:
    asked = _asked(correction, held, [CorrectionState.ATTESTED], version)
    _decide(actor, asked, CorrectionState.REFUSED, reason)
    _record(actor, "correction.refused", held, asked, reason)
    notices.tell_correction(asked[0])
    return asked


# --- What is asked ----------------------------------------------------------------------------


def _changes(
    held: Submission, entries: Sequence[Entry]
) -> tuple[Block, list[tuple[Figure, Content]]]:
    """The figures of the entries' one expectation, and what would replace which of them."""
    typed = {entry.cell_id: entry for entry in entries}
    cells = Cell.objects.filter(pk__in=typed, expectation__submission=held)
    expectations = list(cells.values_list("expectation_id", flat=True))
    if len(expectations) != len(typed) or len(set(expectations)) != 1:
        raise RefusedContent(next(iter(typed), 0), "not of one expectation of this submission")
    block = block_of_expectation(held, expectations[0])
    changed = []
    for figure in block.figures:
        entry = typed.get(figure.cell.pk)
        if entry is None or entry.content == figure.content:
            continue
        if entry.version != figure.cell.version:
            raise StateChanged(held)
        _check(figure, entry.content, held)
        changed.append((figure, entry.content))
    return block, changed


def _check(figure: Figure, content: Content, held: Submission) -> None:
    if figure.cell.validated_id is None or figure.cell.validated_id != figure.cell.current_id:
        raise RefusedContent(figure.cell.pk, "not validated")
    if content.is_missing:
        raise RefusedContent(figure.cell.pk, "missing")
    problem = problem_with(figure.version, content, held.round.period.last_day)
    if problem:
        raise RefusedContent(figure.cell.pk, problem)


# --- Steps of a request -----------------------------------------------------------------------


def _fresh(correction: Correction) -> Correction:
    known = Correction.objects.select_related("cell__expectation__submission__reporter")
    return known.get(pk=correction.pk)


def _asked(
    correction: Correction, held: Submission, states: Sequence[str], version: int
) -> list[Correction]:
    """The corrections of a request in one of ``states`` at the version seen, or StateChanged."""
    together = Correction.objects.asked_with(correction).select_related("cell", "proposed_by")
    asked = list(together)
    if not all(each.state in states and each.version == version for each in asked):
        raise StateChanged(held)
    return asked


def _move(
    correction: Correction,
    held: Submission,
    states: Sequence[str],
    version: int,
    **changes: Any,
) -> list[Correction]:
    """Compare-and-set all corrections of a request."""
    asked = _asked(correction, held, states, version)
    standing = Correction.objects.filter(
        pk__in=[each.pk for each in asked], version=version, state__in=states
    )
    if standing.update(version=F("version") + 1, **changes) != len(asked):
        raise StateChanged(held)
    return list(Correction.objects.asked_with(correction))


def _record(
    actor: User,
    verb: str,
    held: Submission,
    asked: Sequence[Correction],
    reason: str = "",
) -> None:
    """The audit entry of a step; what is to be told of it is told here."""
    record(
        actor=actor,
        verb=verb,
        subject=held,
        details={
            "corrections": [each.pk for each in asked],
            "cells": [each.cell_id for each in asked],
            "reason": reason,
        },
    )
