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
        if deadlines.to_control:
            name, text = f"{name}-control", _("To control – %(text)s") % {"text": text}
        said = _said(round.is_demo, text % what)
        yield Day(f"{code}-{name}@jalon", day_of(moment), said, whose, link)
    for extension in deadlines.extensions:
        unit = extension.submission.reporter.label
        text = _("%(period)s: more time for %(unit)s ends at 23:59") % {**what, "unit": unit}
        uid = f"extension-{extension.pk}@jalon"
        yield Day(uid, day_of(extension.until), _said(round.is_demo, text), unit, link)


def _said(is_demo: bool, text: str) -> str:
    return _("Demonstration: %(text)s") % {"text": text} if is_demo else text
