"""Dates as each language writes them."""

from __future__ import annotations

import datetime as dt

from django import template
from django.template.defaultfilters import date as plain_date
from django.utils.translation import get_language

register = template.Library()


@register.filter(expects_localtime=True, is_safe=False)
def date(value: dt.date | None, form: str | None = None) -> str:
    """Django's filter; in French the first of a month is an ordinal: 1er janvier."""
    if form and "j F" in form and isinstance(value, dt.date) and value.day == 1:
        form = form.replace("j F", _first(), 1)
    return str(plain_date(value, form))


def _first() -> str:
    return r"j\e\r F" if (get_language() or "fr").startswith("fr") else "j F"
