"""Tags of the interface: icons, states, figures, periods. The catalogue is docs/interface.md."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField
from django.utils.dates import MONTHS
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from foundation import kept, looks, telephones
from foundation.numbers import format_units
from foundation.templatetags import dates
from foundation.words import excerpt

register = template.Library()

Exact = int | Fraction | Decimal
NO_BREAK_SPACE = "\u00a0"

# --- Whom to ask ------------------------------------------------------------------------------


@register.simple_tag
def secretariat() -> dict[str, str]:
    """Its telephone and mailbox. From the settings, so that an error page asks no database."""
    return {"telephone": settings.SECRETARIAT_TELEPHONE, "mailbox": settings.CONTACT_EMAIL}


@register.filter
def dialled(telephone: str) -> str:
    """A telephone number for a ``tel:`` link."""
    return telephones.dialled(telephone)


# --- What was typed when the session expired -----------------------------------------------------


@register.simple_tag(takes_context=True)
def seal(context: Mapping[str, Any], page: str = "") -> SafeString:
    """The field by which what was typed survives the session: see ``foundation.kept``.

    ``page``: the one that shows this form, where the form is sent to another address.
    """
    request = context["request"]
    mark = kept.seal(request.user.pk, page or request.get_full_path())
    return format_html('<input type="hidden" name="{}" value="{}">', kept.FIELD, mark)


# --- Icons ------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, css: str = "jalon-icon") -> SafeString:
    """An icon of the sprite, hidden from assistive technology: a word always stands beside it."""
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<use href="#icon-{}"></use></svg>',
        css,
        name,
    )


@register.simple_tag
def spoken(thing: Any, field: str) -> SafeString:
    """``lang="fr"`` where a text has no words in the page's language and falls back to French."""
    language = (get_language() or "fr")[:2]
    own = getattr(thing, f"{field}_{language}", None)
    return mark_safe("" if own or language == "fr" else ' lang="fr"')  # noqa: S308 (constant)


@register.inclusion_tag("components/mark.html")
def mark() -> dict[str, Any]:
    """The surveyor's pole."""
    return {}


# --- States -----------------------------------------------------------------------------------


@register.inclusion_tag("components/status_chip.html")
def status_chip(status: str, note: str = "", size: str = "") -> dict[str, Any]:
    """A result status: icon and word. `note` follows it (a trend word, "R = 0,72")."""
    return {"look": looks.STATUSES[status], "note": note, "size": size}


@register.inclusion_tag("components/states.html")
def submission_state(
    state: str, late: bool = False, locked: bool = False, extended: bool = False
) -> dict[str, Any]:
    """The state of a submission, with "late", "locked" and "more time" beside it."""
    beside = {"late": late, "locked": locked, "extended": extended}
    codes = [state, *(code for code, holds in beside.items() if holds)]
    return {"states": [looks.SUBMISSION_STATES[code] for code in codes]}


@register.inclusion_tag("components/states.html")
def coverage_state(stand: str, late: bool = False) -> dict[str, Any]:
    """How a unit stands in a round, with "late" beside it."""
    codes = [stand, *(["late"] if late else [])]
    return {"states": [looks.COVERAGE_STATES[code] for code in codes]}


@register.inclusion_tag("components/states.html")
def data_state(state: str) -> dict[str, Any]:
    """Whether a figure is provisional, final or revised."""
    return {"states": [looks.DATA_STATES[state]]}


@register.filter
def data_word(state: str) -> str:
    """The word of a figure's state inside a sentence: provisional, final, revised."""
    return in_sentence(looks.DATA_STATES[state].label)


def in_sentence(label: object) -> str:
    """A label as it is written within a sentence: nouns keep their capitals in German."""
    text = str(label)
    return text[:1].lower() + text[1:]


@register.inclusion_tag("components/cell_state.html")
def cell_state(state: str, reason: str = "") -> dict[str, Any]:
    """What stands in place of a figure: not applicable, not available or missing."""
    return {"shorthand": looks.CELL_STATES[state], "state": state, "reason": reason}


@register.inclusion_tag("components/status_bar.html")
def status_bar(
    counts: Mapping[str, int],
    title: str = "",
    urls: Mapping[str, str] | None = None,
    bar: bool = True,
) -> dict[str, Any]:
    """Counts by status as one bar of segments with the counts in words under it.

    Segments follow the order of `looks.STATUSES`; statuses with no count are left out. `urls`
    gives the page that lists a status; without `bar` only the words are shown.
    """
    codes = [code for code in looks.STATUSES if counts.get(code)]
    spans = segments([counts[code] for code in codes])
    parts = [
        {
            "look": looks.STATUSES[code],
            "count": counts[code],
            "start": start,
            "width": width,
            "url": (urls or {}).get(code, ""),
        }
        for code, (start, width) in zip(codes, spans, strict=True)
    ]
    return {"parts": parts, "title": title, "bar": bar}


def segments(counts: Iterable[int]) -> list[tuple[str, str]]:
    """Start and width of each part of a whole, as percentages that add up exactly."""
    ends = list(accumulate(counts))
    edges = [0, *(end * 10_000 // ends[-1] for end in ends)] if ends else []
    pairs = pairwise(edges)
    return [(_percentage(start), _percentage(end - start)) for start, end in pairs]


def _percentage(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}%"


# --- Figures ----------------------------------------------------------------------------------


@register.simple_tag
def number(
    value: Exact | None, decimals: int = 0, unit: str = "", signed: bool = False
) -> SafeString | str:
    """An exact figure in the reader's notation, with its unit on the same line.

    `value` is a whole number, a fraction or a decimal, never a float; None gives nothing, since
    what is absent is said by `cell_state`. Halves are rounded away from zero.
    """
    if value is None:
        return ""
    text = figure(value, decimals, signed=signed)
    shown = f"{text}{NO_BREAK_SPACE}{unit}" if unit else text
    return format_html('<span class="jalon-nowrap">{}</span>', shown)


@register.simple_tag
def units(value: int | None, decimals: int = 0, unit: str = "") -> SafeString | str:
    """Like `number`, for a stored whole number of units of 10^-decimals."""
    return "" if value is None else number(Fraction(value, 10**decimals), decimals, unit)


@register.simple_tag
def percent(share: Exact | None, decimals: int = 0) -> SafeString | str:
    """A share of one as a percentage: 169/176 gives 96 % with no decimals."""
    return "" if share is None else number(Fraction(share) * 100, decimals, "%")


def figure(value: Exact, decimals: int = 0, *, signed: bool = False) -> str:
    """The text of an exact figure in the current language."""
    scaled = rounded(Fraction(value) * 10**decimals)
    sign = "+" if signed and scaled > 0 else ""
    return sign + format_units(scaled, decimals, get_language() or "fr")


def rounded(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -whole if value < 0 else whole


@register.inclusion_tag("components/coverage.html")
def coverage(
    reported: int, expected: int, population: Exact | None = None, noun: str = ""
) -> dict[str, Any]:
    """ "169 of 176 zones, 97 % of the population": beside every figure of a group.

    Percentages are rounded down: a displayed share never reaches a limit that the exact one
    does not.
    """
    return {
        "reported": reported,
        "expected": expected,
        "noun": noun,
        "population": None if population is None else int(Fraction(population) * 100),
        "share": reported * 100 // expected if expected and population is None else None,
    }


@register.inclusion_tag("components/progress_count.html")
def progress_count(done: int, total: int, label: str = "") -> dict[str, Any]:
    """ "14/22" with a bar; `label` says of what."""
    share = _percentage(min(done, total) * 10_000 // total) if total else "0.00%"
    return {"done": done, "total": total, "label": label, "share": share}


# --- Time -------------------------------------------------------------------------------------

_PERIOD = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?:Q(?P<quarter>[1-4])|H(?P<half_year>[12])|(?P<month>0[1-9]|1[0-2])))?"
)


@register.filter
def period(code: object) -> str:
    """A period's name in the reader's language: 2026, 2026-H1, 2026-Q3 (T3 2026) or 2026-09."""
    parts = _PERIOD.fullmatch(str(code))
    if parts is None:
        raise ValueError(f"not a period: {code!r}")
    if parts["quarter"]:
        return pgettext("quarter", "Q%(number)s") % {"number": parts["quarter"]} + (
            NO_BREAK_SPACE + parts["year"]
        )
    if parts["half_year"]:
        return pgettext("half-year", "H%(number)s") % {"number": parts["half_year"]} + (
            NO_BREAK_SPACE + parts["year"]
        )
    if parts["month"]:
        return f"{MONTHS[int(parts['month'])]}{NO_BREAK_SPACE}{parts['year']}"
    return parts["year"]


@register.filter
def day(date: date) -> str:
    """A date in words; in French, the first of a month alone is an ordinal: 1er janvier 2023."""
    return dates.date(date, get_format("DATE_FORMAT"))


@register.inclusion_tag("components/time_axis.html")
def time_axis(opens: datetime, due: datetime, locks: datetime, now: datetime) -> dict[str, Any]:
    """A round as a surveyor's pole: opens, due, locks, and today on it."""
    today = min(max(now, opens), locks)
    places = {
        "due": _place(opens, due, locks),
        "today": _place(opens, today, locks),
        "elapsed": _place(opens, min(today, due), due),
    }
    dates = {"opens": opens, "due": due, "locks": locks}
    return {**dates, "places": places, **_standing(due, locks, now)}


def _place(start: datetime, moment: datetime, end: datetime) -> str:
    """Where a moment stands between two others, as a percentage."""
    return _percentage((moment - start) * 10_000 // (end - start))


def _standing(due: datetime, locks: datetime, now: datetime) -> dict[str, Any]:
    """What the axis says in words: days left, days late, or locked."""
    if now > locks:
        return {"standing": "locked", "days": 0}
    if now > due:
        return {"standing": "late", "days": (now - due).days + 1}
    return {"standing": "open", "days": (due - now).days}


# --- Forms ------------------------------------------------------------------------------------


@register.filter
def around(text: str, words: str) -> list[tuple[str, bool]]:
    """Pieces of ``text`` around the words that were searched, True for the words themselves."""
    return excerpt(text, words)


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: "BaseForm | BaseFormSet[Any] | None", title: str = "") -> dict[str, Any]:
    """All errors of forms and formsets, each a link to its field, in the same words as there."""
    errors = [error for form in forms if form is not None for error in _all_errors(form)]
    return {"errors": errors, "title": title or _summary_title()}


def _summary_title() -> str:
    return gettext("There is something to correct")


def _all_errors(form: "BaseForm | BaseFormSet[Any]") -> Iterable[dict[str, str]]:
    if not isinstance(form, BaseFormSet):
        yield from _errors(form)
        return
    for message in form.non_form_errors():
        yield {"message": str(message), "target": ""}
    for each in form:
        yield from _errors(each)


def _errors(form: BaseForm) -> Iterable[dict[str, str]]:
    for message in form.non_field_errors():
        yield {"message": str(message), "target": ""}
    for field in form:
        for message in field.errors:
            label = str(field.label).rstrip(".:?")
            yield {"message": str(message), "label": label, "target": target(field)}


def target(field: BoundField) -> str:
    """The id that a link to a field goes to: the first choice where the field is a group."""
    return field.id_for_label or f"{field.auto_id}_0"
