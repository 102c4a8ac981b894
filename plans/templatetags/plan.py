"""Texts of the plan on pages: abbreviations explained where they stand, paragraphs, language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from foundation.templatetags.jalon import day, spoken
from plans.selectors import Abbreviations, Note

register = template.Library()


@register.filter
def explained(text: str | None, abbreviations: Abbreviations | str) -> SafeString:
    """``text`` in paragraphs, each abbreviation explained the first time that it stands there."""
    paragraphs = [each for each in (text or "").split("\n\n") if each.strip()]
    return mark_safe(  # noqa: S308 (escaped piece by piece)
        "".join(f"<p>{explained_line(each, abbreviations)}</p>" for each in paragraphs)
    )


@register.filter
def explained_line(text: str | None, abbreviations: Abbreviations | str) -> SafeString:
    """``text`` without paragraphs, each abbreviation explained the first time.

    A number that leads to the footnote follows the words on which one hangs.
    """
    if not isinstance(abbreviations, Abbreviations):
        return escape(text or "")
    seen: set[str] = set()
    pieces = []
    for words, note in _noted(text or "", abbreviations):
        pieces.append(_abbreviated(words, abbreviations, seen))
        if note is not None:
            pieces.append(_footnote_mark(note, abbreviations))
    return mark_safe("".join(pieces))  # noqa: S308 (escaped piece by piece)


def _noted(text: str, abbreviations: Abbreviations) -> list[tuple[str, Note | None]]:
    """``text`` cut after the first occurrence of the words of each footnote."""
    low = text.lower()
    found = [(low.find(each.on.lower()), each) for each in abbreviations.notes]
    ends = sorted(
        ((at + len(each.on), each) for at, each in found if at >= 0), key=lambda end: end[0]
    )
    pieces: list[tuple[str, Note | None]] = []
    start = 0
    for end, note in ends:
        pieces.append((text[start:end], note))
        start = end
    return [*pieces, (text[start:], None)]


def _abbreviated(text: str, abbreviations: Abbreviations, seen: set[str]) -> str:
    pieces: list[str] = []
    at = 0
    for found in abbreviations.pattern.finditer(text):
        name = found.group()
        entry = abbreviations.meet(name)
        if name in seen:
            continue
        seen.add(name)
        pieces.append(escape(text[at : found.start()]))
        language = spoken(entry, "expansion")
        pieces.append(format_html('<abbr title="{}"{}>{}</abbr>', entry.expansion, language, name))
        at = found.end()
    return "".join([*pieces, escape(text[at:])])


def _footnote_mark(note: Note, abbreviations: Abbreviations) -> SafeString:
    label = gettext("Footnote %(number)s") % {"number": note.number}
    anchor = format_html(' id="mark-{}"', note.number) if abbreviations.mark(note) else ""
    return format_html(
        '<sup><a{} href="#note-{}" aria-label="{}">{}</a></sup>',
        anchor,
        note.number,
        label,
        note.number,
    )


@register.filter
def partial_date(text: str) -> str:
    """A date as precise as known: 2026-02-27 in words, 2025-10 as a month, 2014 as it is."""
    year, month, number = (*(int(each) for each in text.split("-")), 0, 0)[:3]
    if number:
        return day(date(year, month, number))
    return date_format(date(year, month, 1), "YEAR_MONTH_FORMAT") if month else text


@register.filter
def at(found: Mapping[Any, Any], key: Any) -> Any:
    """What stands at a key, or nothing: the official wording of a place, an objective's steps."""
    return found.get(key, "")
