"""The kinds of mail about collecting and controlling, as users choose them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from foundation.registries import NoticeKind
from submissions.permissions import CONTROL, ENTER

_ENTERS = _("You get this mail because you enter or attest the figures of a unit.")
_CONTROLS = _("You get this mail because you control the figures of units.")

OPENING = NoticeKind(
    "opening",
    _("A round opens"),
    ENTER.name,
    _("Which figures your units owe, and until when."),
    _ENTERS,
)
BEFORE_DUE = NoticeKind(
    "before_due",
    _("A round is due soon"),
    ENTER.name,
    _("Fourteen and three days before, for what is not attested yet."),
    _ENTERS,
)
OVERDUE = NoticeKind(
    "overdue",
    _("Figures are late"),
    ENTER.name,
    _("The day after a round was due, and the day after it locked."),
    _ENTERS,
)
RETURNED = NoticeKind(
    "returned",
    _("Figures are returned"),
    ENTER.name,
    _("With the reason of who controls them: your unit corrects or maintains them."),
    _ENTERS,
    always=True,
)
VALIDATED = NoticeKind(
    "validated",
    _("Figures are validated"),
    ENTER.name,
    _("When who controls them has accepted what your unit sent."),
    _ENTERS,
)
REMINDER = NoticeKind(
    "reminder",
    _("Who controls you reminds you"),
    ENTER.name,
    _("When they ask your unit for figures that have not come, once a day at most."),
    _ENTERS,
    always=True,
)
EXTENSION = NoticeKind(
    "extension",
    _("More time for your unit"),
    ENTER.name,
    _("When it is given, refused or taken back, and three days before it ends."),
    _ENTERS,
)
CORRECTION = NoticeKind(
    "correction",
    _("A correction is under way"),
    ENTER.name,
    _("When one of your unit’s waits to be attested, and when it is accepted or refused."),
    _ENTERS,
)
CORRECTION_ASKED = NoticeKind(
    "correction_asked",
    _("A unit asks to correct a validated figure"),
    CONTROL.name,
    _("At once; the weekly digest counts them, too."),
    _CONTROLS,
)
DIGEST = NoticeKind(
    "digest",
    _("Weekly digest"),
    CONTROL.name,
    _("On Monday: what waits for control and since when, what is expected and what is late."),
    _CONTROLS,
)
KINDS = (
    OPENING,
    BEFORE_DUE,
    OVERDUE,
    RETURNED,
    VALIDATED,
    REMINDER,
    EXTENSION,
    CORRECTION,
    CORRECTION_ASKED,
    DIGEST,
)
