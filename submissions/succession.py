"""What a merger or split of zones does to the rounds that are not locked (METHOD 9)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.services import record
from foundation.templatetags import jalon
from indicators.labels import Addressed
from indicators.models import IndicatorVersion
from organisations.models import Unit, User
from organisations.succession import Succession, named

from . import notices
from .dates import day_of
from .enums import State
from .models import (
    Evidence,
    Expectation,
    Extension,
    ExtensionRequest,
    Measurement,
    Round,
    RoundSubject,
    Submission,
    Transition,
    Upload,
)
from .selectors import Addressing
from .services.extensions import close_request, give_time
from .services.rounds import expect
from .services.standing import hold, move, owe
from .services.uploads import delete_files_of


class RoundsHandler:
    """The successors take the predecessors' place in every open round whose last day they see.

    What the predecessors said stays with them, readable and replaced: their subjects are withdrawn
    and count nowhere. The successors start blank and report the whole period, since a part's draft
    is no figure of the whole, and the sum of two drafts is a figure that nobody gave. They get the
    longest time that a predecessor, or they themselves, had been given. A round whose period ended
    before that day, or that is locked, stays as it is.
    """

    name = "submissions"

    def preview(self, succession: Succession) -> Sequence[str]:
        amended = _to_amend(succession)
        return [
            *(_amendment(each, succession) for each in amended),
            *(line for each in amended for line in _time_told(each, succession)),
        ] or [_("No open round changes.")]

    def apply(self, succession: Succession, *, actor: User) -> None:
        _check_nothing_said(succession.successors)
        for each in _to_amend(succession):
            versions = _asked(each, succession.predecessors)
            longest = _longest_time(each, succession)
            _withdraw(each, succession, actor)
            _take_out(each, succession.successors)
            _bring_in(each, versions, succession.successors, str(succession), actor)
            _close_requests(each, succession, actor)
            _hand_time_on(each, longest, succession, actor)
            _finish("round.amended", each, versions, succession, actor)

    def preview_undo(self, succession: Succession) -> Sequence[str]:
        _check_nothing_said(succession.successors)
        _check_not_locked(succession.successors)
        return [_amended_back(each, succession) for each in _open_rounds(succession.successors)]

    def undo(self, succession: Succession, *, actor: User) -> None:
        """The successors are expected no more, and the predecessors stand as they stood.

        So does a source's submission that went back to it for a successor's figure, unless the
        source has written in it since.
        """
        _check_nothing_said(succession.successors)
        _check_not_locked(succession.successors)
        for each in _open_rounds(succession.successors):
            versions = _asked(each, succession.successors)
            _take_out(each, succession.successors)
            _restore(each, succession, actor)
            _open_requests_again(each, succession, actor)
            _bring_in(each, versions, succession.predecessors, str(succession), actor)
            _give_back(each, succession, actor)
            _finish("round.amendment_undone", each, versions, succession, actor)


def _to_amend(succession: Succession) -> QuerySet[Round]:
    rounds = _open_rounds(succession.predecessors)
    return rounds.filter(period__last_day__gte=succession.effective_on)


def _open_rounds(units: Collection[Unit]) -> QuerySet[Round]:
    """Frozen rounds, not locked, that expect one of ``units``."""
    asking = RoundSubject.objects.filter(unit__in=units, withdrawn_at__isnull=True)
    return Round.objects.filter(
        frozen_at__isnull=False, locks_at__gte=timezone.now(), pk__in=asking.values("round")
    ).select_related("period")


def _amendment(amended: Round, succession: Succession) -> str:
    return _(
        "%(period)s: the whole period is reported by %(successors)s. What %(predecessors)s said "
        "stays readable and no longer counts."
    ) % {
        "period": amended.period,
        "successors": named(succession.successors),
        "predecessors": named(succession.predecessors),
    }


def _amended_back(amended: Round, succession: Succession) -> str:
    return _("%(period)s: the period is reported by %(predecessors)s again, as they left it.") % {
        "period": amended.period,
        "predecessors": named(succession.predecessors),
    }


def _asked(of: Round, units: Collection[Unit]) -> list[IndicatorVersion]:
    """The definitions by which any of ``units`` is expected to be reported on."""
    expected = Expectation.objects.standing().filter(subject__round=of, subject__unit__in=units)
    return list(IndicatorVersion.objects.filter(pk__in=expected.values("version")))


def _finish(
    verb: str,
    amended: Round,
    versions: Sequence[IndicatorVersion],
    succession: Succession,
    actor: User,
) -> None:
    details = {"period": amended.period.code, "succession": str(succession)}
    record(actor=actor, verb=verb, subject=amended, details=details)
    owe((version.indicator_id for version in versions), amended.period)


# --- Out of the expected set, and into it -------------------------------------------------------


def _withdraw(amended: Round, succession: Succession, actor: User) -> None:
    """Take the predecessors out, with all they said: nothing is deleted."""
    out = succession.predecessors
    amended.subjects.filter(unit__in=out).update(withdrawn_at=timezone.now())
    for submission in amended.submissions.filter(reporter__in=out).exclude(state=State.REPLACED):
        move(
            hold(submission),
            actor=actor,
            after=State.REPLACED,
            verb="submission.replaced",
            reason=str(succession),
        )


def _restore(amended: Round, succession: Succession, actor: User) -> None:
    back = succession.predecessors
    amended.subjects.filter(unit__in=back).update(withdrawn_at=None)
    for submission in amended.submissions.filter(reporter__in=back, state=State.REPLACED):
        move(
            hold(submission),
            actor=actor,
            after=_state_before(submission),
            verb="submission.restored",
            reason=str(succession),
        )


def _state_before(submission: Submission) -> State:
    replaced = Transition.objects.filter(submission=submission, after=State.REPLACED)
    return State(replaced.latest("at", "pk").before)


def _bring_in(
    amended: Round,
    versions: Sequence[IndicatorVersion],
    units: Sequence[Unit],
    reason: str,
    actor: User,
) -> None:
    """Expect those of ``units`` that are no subjects of the round, by the same definitions."""
    there = set(amended.subjects.values_list("unit_id", flat=True))
    reporters = {version.reporter_id for version in versions} - {None}
    known = {each.reporter_id: each for each in amended.submissions.filter(reporter__in=reporters)}
    addressed: Addressing = [
        (version, [unit for unit in _addressed(version, units) if unit.pk not in there])
        for version in versions
    ]
    if expect(amended, addressed, known=known):
        for submission in known.values():
            _send_back(submission, reason, actor)


def _addressed(version: IndicatorVersion, units: Sequence[Unit]) -> list[Unit]:
    """One unit alone takes over all; of several parts, those with a point of entry take its."""
    if len(units) == 1 or version.addressed != Addressed.POINT_OF_ENTRY:
        return list(units)
    return [unit for unit in units if unit.has_point_of_entry]


def _send_back(submission: Submission, reason: str, actor: User) -> None:
    """A central source that had finished has a subject more to report on, and is told so."""
    if submission.state not in (State.SUBMITTED, State.VALIDATED):
        return
    held = move(
        hold(submission),
        actor=actor,
        after=State.RETURNED,
        verb="submission.returned",
        reason=reason,
        decided_at=timezone.now(),
        decided_by=actor,
        return_reason=reason,
        maintain_reason="",
    )
    notices.tell_returned(held)


def _give_back(amended: Round, succession: Succession, actor: User) -> None:
    """Let what went back to a source for the successors stand where it stood."""
    for submission in amended.submissions.filter(state=State.RETURNED):
        last = submission.transitions.latest("at", "pk")
        written = Measurement.objects.filter(
            cell__expectation__submission=submission, entered_at__gt=last.at
        )
        if last.reason != str(succession) or written.exists():
            continue
        stood = submission.transitions.filter(after=last.before).latest("at", "pk")
        is_decided = last.before == State.VALIDATED
        move(
            hold(submission),
            actor=actor,
            after=State(last.before),
            verb="submission.restored",
            reason=str(succession),
            decided_at=stood.at if is_decided else None,
            decided_by=stood.actor if is_decided else None,
            return_reason="",
        )


# --- More time ----------------------------------------------------------------------------------


def _longest_time(amended: Round, succession: Succession) -> Extension | None:
    """Of the extensions in force, the successors' own among them, the one that lasts longest after
    the lock."""
    units = (*succession.predecessors, *succession.successors)
    given = Extension.objects.in_force(timezone.now()).filter(
        submission__round=amended, submission__reporter__in=units, until__gt=amended.locks_at
    )
    return given.order_by("-until", "pk").first()


def _time_told(amended: Round, succession: Succession) -> Iterator[str]:
    longest = _longest_time(amended, succession)
    if longest is not None:
        yield _("%(period)s: the time given until %(until)s goes to %(successors)s.") % {
            "period": amended.period,
            "until": jalon.day(day_of(longest.until)),
            "successors": named(succession.successors),
        }


def _hand_time_on(
    amended: Round, longest: Extension | None, succession: Succession, actor: User
) -> None:
    """To submissions that were all just made: none of them has time yet."""
    if longest is None:
        return
    reason = f"{succession}: {longest.reason}"
    for submission in amended.submissions.filter(reporter__in=succession.successors):
        given = give_time(actor=actor, held=hold(submission), until=longest.until, reason=reason)
        notices.tell_extension(given)


def _requests_of(amended: Round, units: Collection[Unit]) -> QuerySet[ExtensionRequest]:
    asked = ExtensionRequest.objects.filter(
        submission__round=amended, submission__reporter__in=units
    )
    return asked.select_related("submission")


def _close_requests(amended: Round, succession: Succession, actor: User) -> None:
    """What a predecessor asked for is refused for this reason: its successor may ask itself."""
    waiting = _requests_of(amended, succession.predecessors).filter(answered_at__isnull=True)
    for asked in waiting:
        held = hold(asked.submission)
        close_request(actor=actor, held=held, asked=asked, reason=str(succession))


def _open_requests_again(amended: Round, succession: Succession, actor: User) -> None:
    closed = _requests_of(amended, succession.predecessors).filter(refusal=str(succession))
    for asked in closed:
        asked.refusal, asked.answered_at, asked.answered_by = "", None, None
        asked.save(update_fields=["refusal", "answered_at", "answered_by"])
        details = {"reason": str(succession)}
        verb = "submission.time_asked_again"
        record(actor=actor, verb=verb, subject=asked.submission, details=details)


# --- Successors about which nothing was said ----------------------------------------------------


def _check_nothing_said(successors: Collection[Unit]) -> None:
    about = {"cell__expectation__subject__unit__in": successors}
    said = Measurement.objects.filter(**about).exists()
    if said or Evidence.objects.filter(**about).exists():
        raise ValidationError(_("A successor has figures of its own already."))


def _check_not_locked(successors: Collection[Unit]) -> None:
    asked = RoundSubject.objects.filter(unit__in=successors)
    if asked.filter(round__locks_at__lt=timezone.now()).exists():
        raise ValidationError(_("A locked round expects a successor: the succession stands."))


def _take_out(amended: Round, successors: Collection[Unit]) -> None:
    """Leave no trace of them, to expect them anew or no more: nothing was said about them."""
    theirs = amended.submissions.filter(reporter__in=successors)
    delete_files_of(Upload.objects.select_for_update().filter(submission__in=theirs))
    Expectation.objects.filter(subject__round=amended, subject__unit__in=successors).delete()
    theirs.delete()
    amended.subjects.filter(unit__in=successors).delete()
