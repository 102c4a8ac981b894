"""What each mail to a unit's people says, in the language that is active.

Units, periods, dates and counts, and the reason of a decision: never a figure, never a person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.notices import Item, Message
from foundation.templatetags import jalon
from organisations.models import Unit
from submissions.correction_lines import decision_text
from submissions.enums import CorrectionState, State
from submissions.models import Correction, Extension, ExtensionRequest, Submission

from .readers import Lot

Worded = Callable[[Lot], Message]


# --- The calendar's ---------------------------------------------------------------------------


def opening(lot: Lot) -> Message:
    """What is asked of each unit, until when, and from when on it is not taken any more."""
    round = lot[0].round
    said = {"due": day(round.due_at), "locks": day(round.locks_at), "about": _about(lot)}
    items = [Item(each.reporter.label, figures(_total(each)), report_path(each)) for each in lot]
    return Message(
        _("%(about)s: figures to send by %(due)s") % said,
        [
            _("The round is open. Enter the figures, then have them attested."),
            _("Due on %(due)s. After that they count as late, and after %(locks)s the round locks.")
            % said,
        ],
        items,
        *_way(lot),
        contact_of(lot),
    )


def before_due(left: int, lot: Lot) -> Message:
    """``left``: days before the round is due; 0 is its last day."""
    said = {"due": day(lot[0].round.due_at), "about": _about(lot)}
    if all(awaits_attestation(each) for each in lot):
        subject = _("%(about)s: complete, to attest by %(due)s") % said
        first = _("Every figure is there. They count once you have attested them.")
    else:
        subject = _("%(about)s: still to send by %(due)s") % said
        first = _("These figures are not attested yet.")
    return Message(
        subject, [first, days_left(left, said["due"])], _standings(lot), *_way(lot), contact_of(lot)
    )


def overdue(lot: Lot) -> Message:
    round = lot[0].round
    said = {"due": day(round.due_at), "locks": day(round.locks_at), "about": _about(lot)}
    return Message(
        _("%(about)s: late since %(due)s") % said,
        [
            _("These figures were due on %(due)s and are not attested.") % said,
            _("The round takes them until %(locks)s. If that is too soon, ask for more time.")
            % said,
        ],
        _standings(lot),
        *_way(lot),
        contact_of(lot),
    )


def locked(lot: Lot) -> Message:
    """What was not sent in time: the round is over, for these units."""
    said = {"locks": day(lot[0].round.locks_at), "about": _about(lot)}
    return Message(
        _("%(about)s: locked since %(locks)s, not sent") % said,
        [
            _("The round locked on %(locks)s, and these figures are not attested.") % said,
            _("What you have entered is kept. To send it, ask for more time."),
        ],
        _standings(lot),
        *_way(lot),
        contact_of(lot),
    )


def extension_ends(left: int, given: Extension, lot: Lot) -> Message:
    """``left``: days before the time given to one unit ends; 0 is its last day."""
    said = {"about": _about(lot), "until": day(given.until)}
    if awaits_attestation(lot[0]):
        first = _("Every figure is there. They count once you have attested them.")
    else:
        first = _("These figures are not attested yet.")
    return Message(
        _("%(about)s: the time given ends on %(until)s") % said,
        [first, _("Your unit may enter and attest them until %(until)s.") % said]
        if left
        else [first, _("Your unit may enter and attest them until the end of today.")],
        _standings(lot),
        *_way(lot),
        secretariat(),
    )


def days_left(left: int, due: str) -> str:
    if left == 0:
        return _("They are due today, %(due)s.") % {"due": due}
    return ngettext(
        "%(count)s day is left: they are due on %(due)s.",
        "%(count)s days are left: they are due on %(due)s.",
        left,
    ) % {"count": left, "due": due}


# --- Somebody's -------------------------------------------------------------------------------


def reminder(lot: Lot) -> Message:
    """By who controls, about one submission: only for what may still be sent."""
    round, now = lot[0].round, timezone.now()
    until = lot[0].takes_figures_until(now)
    said = {"due": day(round.due_at), "about": _about(lot), "until": day(until)}
    was_due = now > round.due_at
    return Message(
        _("Reminder – %(about)s") % said,
        [
            _("These figures were due on %(due)s and are not attested.") % said
            if was_due
            else _("These figures are due on %(due)s and are not attested yet.") % said,
            _("They are taken until %(until)s.") % said,
        ],
        _standings(lot),
        *_way(lot),
        contact_of(lot),
    )


def returned(lot: Lot) -> Message:
    (submission,) = lot
    until = submission.takes_figures_until(timezone.now())
    said = {"about": _about(lot), "reason": submission.return_reason, "until": day(until)}
    return Message(
        _("%(about)s: returned") % said,
        [
            _("Returned: “%(reason)s”") % said,
            _("Correct the figures, or maintain them with a reason, and send them again."),
            _("They are taken until %(until)s.") % said,
        ],
        (),
        *_way(lot),
        contact_of(lot),
    )


def validated(lot: Lot) -> Message:
    return Message(
        _("%(about)s: validated") % {"about": _about(lot)},
        [_("The figures that your unit sent are validated. Nothing is left to do.")],
        (),
        *_way(lot),
    )


def extension(given: Extension, lot: Lot) -> Message:
    said = {"about": _about(lot), "until": day(given.until), "reason": given.reason}
    return Message(
        _("%(about)s: more time, until %(until)s") % said,
        [
            _("Your unit may enter and attest its figures until %(until)s.") % said,
            _("Reason: “%(reason)s”") % said,
        ],
        (),
        *_way(lot),
        contact_of(lot),
    )


def time_refused(asked: ExtensionRequest, lot: Lot) -> Message:
    said = {"about": _about(lot), "reason": asked.refusal}
    return Message(
        _("%(about)s: no more time") % said,
        [
            _("The request for more time is refused."),
            _("Reason: “%(reason)s”") % said,
            _time_that_is_left(lot[0]),
        ],
        (),
        *_way(lot),
        secretariat(),
    )


def extension_ended(given: Extension, lot: Lot) -> Message:
    said = {"about": _about(lot), "until": day(given.until)}
    return Message(
        _("%(about)s: the time given is taken back") % said,
        [
            _("The time that your unit had until %(until)s is taken back.") % said,
            _time_that_is_left(lot[0]),
        ],
        (),
        *_way(lot),
        secretariat(),
    )


def _time_that_is_left(submission: Submission) -> str:
    now = timezone.now()
    if submission.state == State.REPLACED:
        return _("The unit that took its place reports this period, and may ask for time itself.")
    if submission.state not in State.editable():
        return _("The figures that your unit has sent stand.")
    if submission.accepts_figures(now):
        until = day(submission.takes_figures_until(now))
        return _("The figures are taken until %(until)s.") % {"until": until}
    return _("The round is locked and takes no figures any more. What you have entered is kept.")


# --- Corrections ------------------------------------------------------------------------------


def correction(asked: Correction, lot: Lot) -> Message:
    """To the unit, at each step; with the reason where it was refused."""
    said = {
        "about": _about(lot),
        "indicator": asked.cell.expectation.version.name,
        "reason": decision_text(asked),
    }
    subject, paragraphs = {
        CorrectionState.PROPOSED: (
            _("%(about)s: a correction to attest"),
            [
                _("A correction of “%(indicator)s” waits for your attestation."),
                _("The validated figure stands until the new one is validated."),
            ],
        ),
        CorrectionState.ACCEPTED: (
            _("%(about)s: correction accepted"),
            [_("The correction of “%(indicator)s” is accepted: the new figure is validated.")],
        ),
        CorrectionState.REFUSED: (
            _("%(about)s: correction refused"),
            [
                _("The correction of “%(indicator)s” is refused: “%(reason)s”"),
                _("The validated figure stands."),
            ],
        ),
    }[CorrectionState(asked.state)]
    return Message(
        subject % said, [text % said for text in paragraphs], (), *_way(lot), contact_of(lot)
    )


def correction_asked(asked: Correction, submission: Submission) -> Message:
    """To who controls the unit."""
    said = {"about": _about([submission]), "indicator": asked.cell.expectation.version.name}
    return Message(
        _("%(about)s: a correction to decide") % said,
        [
            _("The unit asks to correct a validated figure of “%(indicator)s”.") % said,
            _("The validated figure stands until you have decided."),
        ],
        (),
        _("See what the unit sent"),
        reverse("review", args=[submission.pk]),
        line_of(submission.reporter),
    )


# --- Their parts ------------------------------------------------------------------------------


def awaits_attestation(submission: Submission) -> bool:
    """Whether every figure is there and only the attestation is missing."""
    return submission.state != State.RETURNED and _missing(submission) == 0


def report_path(submission: Submission) -> str:
    return reverse("report", args=[submission.round.period.code, submission.reporter.slug])


def day(moment: dt.datetime) -> str:
    return jalon.day(timezone.localtime(moment).date())


def figures(count: int) -> str:
    return ngettext("%(count)s figure", "%(count)s figures", count) % {"count": jalon.figure(count)}


def contact_of(lot: Lot) -> str:
    """Whom a unit may ask: who controls it, or the secretariat where no way to them is known."""
    controller = lot[0].reporter.controlled_by
    if controller is not None and (controller.telephone or controller.mailbox):
        return line_of(controller)
    return str(settings.CONTACT_EMAIL)


def secretariat() -> str:
    """Who decides on more time."""
    return ", ".join(
        filter(None, [_("Secretariat"), settings.SECRETARIAT_TELEPHONE, settings.CONTACT_EMAIL])
    )


def short(unit: Unit) -> str:
    """A unit's name for a narrow place, such as a subject."""
    return unit.acronym or unit.label


def line_of(unit: Unit) -> str:
    """A unit with its telephone and mailbox, as far as they are known."""
    return ", ".join(filter(None, [short(unit), unit.telephone, unit.mailbox]))


def _about(lot: Lot) -> str:
    """ "ZP Namur, Q3 2026"; of several units their number."""
    period = jalon.period(lot[0].round.period.code)
    if len(lot) == 1:
        return f"{short(lot[0].reporter)}, {period}"
    units = ngettext("%(count)s unit", "%(count)s units", len(lot)) % {"count": len(lot)}
    return f"{units}, {period}"


def _way(lot: Lot) -> tuple[str, str]:
    """The label and the path of the button."""
    if len(lot) == 1:
        return _("Open the form"), report_path(lot[0])
    return _("Open my work"), reverse("work")


def _standings(lot: Lot) -> list[Item]:
    return [Item(each.reporter.label, _standing(each), report_path(each)) for each in lot]


def _standing(submission: Submission) -> str:
    if submission.state == State.RETURNED:
        return _("returned, to correct or to maintain")
    missing = _missing(submission)
    if missing == 0:
        return _("complete, to attest")
    return ngettext(
        "%(missing)s figure of %(total)s is missing",
        "%(missing)s figures of %(total)s are missing",
        missing,
    ) % {"missing": jalon.figure(missing), "total": jalon.figure(_total(submission))}


def _total(submission: Submission) -> int:
    """Annotated by ``with_progress``."""
    return int(vars(submission)["total"])


def _missing(submission: Submission) -> int:
    return _total(submission) - int(vars(submission)["done"])
