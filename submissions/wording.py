"""Figures and problems as the reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from foundation.looks import CELL_STATES
from foundation.numbers import NumberProblem, NumberProblemCode, format_units
from foundation.templatetags import dates
from indicators.calculation.checking import PartProblem
from indicators.calculation.display import displayed
from indicators.calculation.values import ADDABLE
from indicators.enums import CellStatus, Kind

from .content import (
    LONGEST_COMMENT,
    LONGEST_REASON,
    Content,
    ContentProblem,
)

if TYPE_CHECKING:
    from indicators.models import IndicatorVersion

#: Signs of the scales that have one.
SIGNS = {100: "%", 1000: "‰"}
QUOTIENTS = frozenset({Kind.RATIO, Kind.MEAN})
NO_BREAK_SPACE = "\u00a0"


class Shape(Protocol):
    """What of a definition is needed to write its figures."""

    @property
    def kind(self) -> str: ...
    @property
    def decimals(self) -> int: ...
    @property
    def display_decimals(self) -> int: ...
    @property
    def scale(self) -> int: ...


def language() -> str:
    return get_language() or "fr"


def units_text(units: int | None, decimals: int) -> str:
    return "" if units is None else format_units(units, decimals, language())


def patterns() -> dict[str, str]:
    """How a page writes a running total by itself, until the server's answer is there."""
    return {
        "sum": _("Parts: %(sums)s") % {"sums": "{sums}"},
        "pair": pgettext("sum", "%(parts)s of %(total)s")
        % {"parts": "{parts}", "total": "{total}"},
        "decimal_mark": units_text(1, 1)[1],
    }


def parts_decimals(shape: Shape) -> tuple[int, int]:
    """Decimals of the first and of the second part: cases of a mean are whole."""
    return shape.decimals, shape.decimals if shape.kind == Kind.RATIO else 0


def computed_value(shape: Shape, numerator: int | None, denominator: int | None) -> Fraction | None:
    """The quotient that two parts give, × scale; None where there is none (METHOD 2)."""
    if shape.kind not in QUOTIENTS or numerator is None or not denominator:
        return None
    if shape.kind == Kind.RATIO:
        return Fraction(numerator, denominator) * shape.scale
    return Fraction(numerator, denominator * 10**shape.decimals)


def computed_text(shape: Shape, numerator: int | None, denominator: int | None) -> str:
    value = computed_value(shape, numerator, denominator)
    if value is None:
        return ""
    shown = displayed(value, shape.display_decimals)
    sign = SIGNS.get(shape.scale, "") if shape.kind == Kind.RATIO else ""
    text = decimal_text(shown)
    return f"{text}{NO_BREAK_SPACE}{sign}" if sign else text


def decimal_text(value: Decimal) -> str:
    places = max(0, -int(value.as_tuple().exponent))
    return format_units(int(value.scaleb(places)), places, language())


def figure_text(shape: Shape, content: Content) -> str:
    """A whole content in one line: "12 / 40 = 30 %", "Yes", "n/a"; with nothing said, "missing"."""
    if not content.is_reported:
        return str(CELL_STATES[content.status.value].label)
    if shape.kind in QUOTIENTS:
        first, second = parts_decimals(shape)
        parts = (units_text(content.numerator, first), units_text(content.denominator, second))
        computed = computed_text(shape, content.numerator, content.denominator)
        if content.denominator == 0:
            return _("%(parts)s, no value") % {"parts": " / ".join(parts)}
        return " / ".join(parts) + (f" = {computed}" if computed else "")
    return short_text(shape, content)


#: Begins a figure that is the sum of units that merged.
MERGED = "Σ"


def merged_text(text: str) -> str:
    return f"{MERGED}\N{NO-BREAK SPACE}{text}"


def short_text(shape: Shape, content: Content) -> str:
    """The figure for a narrow column: only the quotient of two parts."""
    if not content.is_reported:
        return str(CELL_STATES[content.status.value].label)
    if shape.kind == Kind.NARRATIVE:
        return content.text
    if shape.kind == Kind.YES_NO:
        return _("Yes") if content.numerator else _("No")
    if shape.kind == Kind.SCALE:
        return str(content.numerator)
    if shape.kind == Kind.MILESTONES:
        return f"{content.numerator}/{content.denominator}"
    if shape.kind in QUOTIENTS:
        return computed_text(shape, content.numerator, content.denominator) or _parts_over_zero(
            shape, content
        )
    return units_text(content.numerator, shape.decimals)


def _parts_over_zero(shape: Shape, content: Content) -> str:
    """A denominator of zero gives no value: the parts are shown (METHOD 2)."""
    first, _second = parts_decimals(shape)
    return f"{units_text(content.numerator, first)} / 0"


def absence_text(version: IndicatorVersion, content: Content) -> str:
    return reason_text(version, content.status, content.reason)


def reason_text(version: IndicatorVersion, status: str, reason: str) -> str:
    """Why there is no figure: the words of a definition's reason, or those typed."""
    words = {(version.pk, each.code): each.text for each in version.not_applicable_reasons.all()}
    return reason_among(words, version.pk, status, reason)


def reason_among(
    words: Mapping[tuple[int, str], str], version_id: int, status: str, reason: str
) -> str:
    """The same from the words of several definitions' reasons, by definition and code."""
    if status != CellStatus.NOT_APPLICABLE:
        return reason
    return words.get((version_id, reason), reason)


def number_problem_text(problem: NumberProblem, decimals: int) -> str:
    value: dict[str, str | int] = {"v": problem.text, "decimals": decimals}
    if problem.code == NumberProblemCode.AMBIGUOUS:
        return _ambiguous_text(value, readings(problem, decimals), decimals)
    if problem.code == NumberProblemCode.NOT_A_NUMBER and any(map(str.isalpha, problem.text)):
        return _("“%(v)s” contains a letter. Type digits, for example 410.") % value
    if problem.code == NumberProblemCode.TOO_MANY_DECIMALS and not decimals:
        return _("“%(v)s” is not a whole number. Type a number without decimals.") % value
    return _NUMBER_PROBLEMS[problem.code]() % value


def readings(problem: NumberProblem, decimals: int) -> list[Decimal]:
    """The readings of an ambiguous text that a figure of so many decimals takes: one or two."""
    return [each for each in problem.candidates if places(each) <= decimals]


def places(number: Decimal) -> int:
    """How many decimals it is written with, final zeros left out."""
    return max(0, -int(number.normalize().as_tuple().exponent))


def _ambiguous_text(value: dict[str, str | int], found: Sequence[Decimal], decimals: int) -> str:
    first, *others = map(reading_text, found)
    if others:
        text = _("Does “%(v)s” mean %(first)s or %(second)s?")
        return text % {**value, "first": first, "second": others[0]}
    if not decimals:
        text = _("Does “%(v)s” mean %(first)s? This figure has no decimals: type %(first)s.")
    else:
        text = ngettext(
            "Does “%(v)s” mean %(first)s? This figure has %(decimals)s decimal at most: type"
            " %(first)s, or fewer decimals.",
            "Does “%(v)s” mean %(first)s? This figure has %(decimals)s decimals at most: type"
            " %(first)s, or fewer decimals.",
            decimals,
        )
    return text % {**value, "first": first}


_NUMBER_PROBLEMS = {
    NumberProblemCode.NOT_A_NUMBER: lambda: _(
        "“%(v)s” is not a number. Type digits, for example 410."
    ),
    NumberProblemCode.MIXED_DIGITS: lambda: _(
        "“%(v)s” holds signs other than the digits 0 to 9. Type digits, for example 410."
    ),
    NumberProblemCode.TOO_MANY_DECIMALS: lambda: _(
        "“%(v)s” has too many decimals: %(decimals)s at most."
    ),
    NumberProblemCode.NEGATIVE: lambda: _("“%(v)s” is negative. This figure is zero or more."),
    NumberProblemCode.TOO_LARGE: lambda: _("“%(v)s” is too large. Check the number of digits."),
    NumberProblemCode.EMPTY: lambda: _("Type the second number too, or neither of them."),
}


def reading_text(candidate: Decimal) -> str:
    """A reading of an ambiguous text without groups: 2500, 2,5."""
    plain = format(candidate.normalize(), "f")
    return plain if language().startswith("en") else plain.replace(".", ",")


def content_problem_text(problem: PartProblem | ContentProblem) -> str:
    return _CONTENT_PROBLEMS.get(problem, lambda: _("This answer cannot be read. Choose again."))()


_CONTENT_PROBLEMS = {
    PartProblem.NUMERATOR_MISSING: lambda: _("Type the first number too, or neither of them."),
    PartProblem.DENOMINATOR_MISSING: lambda: _("Type the second number too, or neither of them."),
    PartProblem.NEGATIVE: lambda: _("This figure is zero or more."),
    ContentProblem.REASON_NEEDED: lambda: _("Say why the figure is not available."),
    ContentProblem.COMMENT_TOO_LONG: lambda: (
        _("This comment is longer than %(most)s characters. Shorten it: nothing is lost.")
        % {"most": format_units(LONGEST_COMMENT, 0, language())}
    ),
    ContentProblem.REASON_TOO_LONG: lambda: (
        _("This reason is longer than %(most)s characters. Shorten it: nothing is lost.")
        % {"most": LONGEST_REASON}
    ),
    ContentProblem.UNKNOWN_REASON: lambda: _("Choose one of the reasons of the list."),
    ContentProblem.NOT_A_DATE: lambda: _("Type a date, for example 31/03/2026."),
    ContentProblem.STEP_AFTER_PERIOD: lambda: _(
        "A step is counted when it was done by the last day of the period."
    ),
}


def blanks_text(count: int) -> str:
    return ngettext("%(n)s figure is missing", "%(n)s figures are missing", count) % {"n": count}


def to_correct_text(count: int) -> str:
    return ngettext("%(n)s figure to correct", "%(n)s figures to correct", count) % {"n": count}


def to_explain_text(count: int) -> str:
    return ngettext("%(n)s figure to explain", "%(n)s figures to explain", count) % {"n": count}


def blank_text() -> str:
    return _("Blank is not zero. Type 0 or choose “No figure”.")


def figure_and_absence_text() -> str:
    return _("A figure and “No figure” exclude each other: keep one of the two.")


def stray_reason_text() -> str:
    return _("Choose “Not available, because …” for this reason, or remove it.")


def sum_text(shape: Shape, total: Content, options: Sequence[Content]) -> str:
    """How far options add up to their total: "Parts: 118 of 126", part by part of a quotient."""
    said = [option for option in options if option.is_reported]
    if not said or shape.kind not in ADDABLE:
        return ""
    first, second = parts_decimals(shape)
    sums = [_sum_text(first, total.numerator, [each.numerator for each in said])]
    if shape.kind in QUOTIENTS:
        sums.append(_sum_text(second, total.denominator, [each.denominator for each in said]))
    return _("Parts: %(sums)s") % {"sums": "; ".join(sums)}


def _sum_text(decimals: int, total: int | None, parts: Iterable[int | None]) -> str:
    added = units_text(sum(part or 0 for part in parts), decimals)
    if total is None:
        return added
    whole = units_text(total, decimals)
    return pgettext("sum", "%(parts)s of %(total)s") % {"parts": added, "total": whole}


def quoted(texts: Iterable[str]) -> str:
    """Each text between the quotation marks of the language: “a”, “b”."""
    return ", ".join(_("“%(text)s”") % {"text": text} for text in texts)


def flagged_text() -> str:
    return _("To come back to.")


def steps_text(version: IndicatorVersion, content: Content) -> str:
    """The steps of a milestone that are done, each with its day."""
    steps = {step.number: step.text for step in version.steps.all()}
    done = sorted(
        (int(number), dt.date.fromisoformat(day)) for number, day in content.steps_done.items()
    )
    told = [f"{steps.get(number, number)} ({dates.date(day, 'j F Y')})" for number, day in done]
    return _("Steps done: %(steps)s") % {"steps": "; ".join(told) or "–"}


def details(version: IndicatorVersion, content: Content) -> list[str]:
    """What a figure's text leaves out: why there is none, which steps are done."""
    found = []
    if content.reason:
        found.append(absence_text(version, content))
    if content.steps_done:
        found.append(steps_text(version, content))
    return found


def beside_texts(version: IndicatorVersion, content: Content) -> list[str]:
    """All that is said beside a figure or in its place, comment and flag too."""
    found = details(version, content)
    if content.comment:
        found.append(_("comment: “%(text)s”") % {"text": content.comment})
    if content.is_flagged:
        found.append(flagged_text())
    return found


def version_text(version: IndicatorVersion, content: Content) -> str:
    """A content as one of two to choose between, with all that may tell them apart."""
    return " · ".join([figure_text(version, content), *beside_texts(version, content)])


def saved_text(moment: dt.datetime) -> str:
    """ "Saved at 14:02." today, "Saved on 3 August 2026." on another day."""
    local = timezone.localtime(moment)
    if local.date() != timezone.localdate():
        return _("Saved on %(date)s.") % {"date": dates.date(local, "j F Y")}
    return _("Saved at %(hour)s:%(minute)s.") % {"hour": local.hour, "minute": f"{local:%M}"}
