"""Somebody's deadlines as days of a calendar: no figures, no names of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.icalendar import Day, calendar
from foundation.templatetags.jalon import period
from organisations.models import User

from . import selectors
from .dates import day_of
from .selectors import Deadlines


def calendar_of(user: User, language: str, absolute: Callable[[str], str]) -> bytes:
    """The calendar in the active language; ``absolute`` makes a path an address."""
    now = timezone.now()
    link = absolute(reverse("work"))
    days = [day for each in selectors.deadlines_of(user, now) for day in _days(each, link)]
    return calendar(name=_("Jalon: deadlines"), language=language, days=days, now=now)


def _days(deadlines: Deadlines, link: str) -> Iterator[Day]:
    round = deadlines.round
    code = round.period.code
    what = {"period": period(code)}
    whose = "\n".join(unit.label for unit in deadlines.units)
    moments = [
        ("opens", round.opens_at, _("%(period)s: the round opens")),
        ("due", round.due_at, _("%(period)s: figures due, until 23:59")),
        ("locks", round.locks_at, _("%(period)s: the round locks at 23:59")),
    ]
    for name, moment, text in moments:
        uid = f"{code}-{name}{_mark(deadlines)}"
        yield Day(uid, day_of(moment), _said(deadlines, text % what), whose, link)
    for extension in deadlines.extensions:
        unit = extension.submission.reporter.label
        text = _("%(period)s: more time for %(unit)s ends at 23:59") % {**what, "unit": unit}
        uid = f"extension-{extension.pk}{_mark(deadlines)}"
        yield Day(uid, day_of(extension.until), _said(deadlines, text), unit, link)


def _mark(deadlines: Deadlines) -> str:
    return "-control@jalon" if deadlines.to_control else "@jalon"


def _said(deadlines: Deadlines, text: str) -> str:
    if deadlines.to_control:
        text = _("To control – %(text)s") % {"text": text}
    return _("Demonstration: %(text)s") % {"text": text} if deadlines.round.is_demo else text
