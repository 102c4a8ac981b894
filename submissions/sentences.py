"""What the checks saw, each in one sentence with the numbers in the reader's notation."""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext as _

from indicators.calculation.breakdowns import BreakdownFault, BreakdownProblem
from indicators.calculation.checking import PartProblem
from indicators.calculation.comparing import Peers
from indicators.calculation.display import displayed
from indicators.enums import Kind
from indicators.models import IndicatorVersion

from . import wording
from .content import ContentProblem
from .enums import Part, PeerGroup, Severity
from .figures import Figure

Range = tuple[Fraction, Fraction]


def advice(severity: Severity, *, of_two: bool) -> str:
    """What a unit can do: correct, or for a warning also explain."""
    if severity == Severity.BLOCKING:
        return _("Correct one of the two.") if of_two else _("Correct it.")
    if of_two:
        return _("Correct one of the two or explain it in the comment.")
    return _("Correct it or explain it in the comment.")


def value_text(version: wording.Shape, value: Fraction) -> str:
    """A value in display units: 126, 62.5 %, 14.2."""
    quotient = version.kind in wording.QUOTIENTS
    shown = displayed(value, version.display_decimals if quotient else version.decimals)
    text = wording.decimal_text(shown)
    sign = wording.SIGNS.get(version.scale, "") if version.kind == Kind.RATIO else ""
    return f"{text}{wording.NO_BREAK_SPACE}{sign}" if sign else text


def breakdown(version: IndicatorVersion, fault: BreakdownFault) -> str:
    """A part of a quotient is named, and written with its own decimals."""
    decimals = wording.parts_decimals(version)[fault.part]
    values = {
        "options": wording.units_text(fault.options, decimals),
        "total": wording.units_text(fault.total, decimals),
    }
    if version.kind in wording.QUOTIENTS:
        named = {"name": (version.numerator_label, version.denominator_label)[fault.part], **values}
        if fault.problem == BreakdownProblem.SUM_DIFFERS:
            return _("“%(name)s”: the parts add up to %(options)s, the total is %(total)s.") % named
        return _("“%(name)s”: one part is %(options)s, above the total of %(total)s.") % named
    if fault.problem == BreakdownProblem.SUM_DIFFERS:
        return _("The parts add up to %(options)s, the total is %(total)s.") % values
    return _("One part is %(options)s, above the total of %(total)s.") % values


def contradiction(figure: Figure, problem: PartProblem | ContentProblem) -> str:
    values = {
        "first": _part_label(figure.version, Part.NUMERATOR),
        "one": _part_text(figure, Part.NUMERATOR),
        "second": _part_label(figure.version, Part.DENOMINATOR),
        "two": _part_text(figure, Part.DENOMINATOR),
    }
    if problem == ContentProblem.TOTAL_WITHOUT_CASES:
        return _("“%(first)s” is %(one)s without any case: “%(second)s” is %(two)s.") % values
    return _("“%(first)s” (%(one)s) is above “%(second)s” (%(two)s).") % values


def bounds(version: IndicatorVersion, units: int) -> str:
    first, _second = wording.parts_decimals(version)
    low, high = (
        wording.units_text(each, first) for each in (version.lower_bound, version.upper_bound)
    )
    values = {
        "figure": _named(version, 0, wording.units_text(units, first)),
        "low": low,
        "high": high,
    }
    if not high:
        return _("%(figure)s is below what is usual for this figure: %(low)s or more.") % values
    if not low:
        return _("%(figure)s is above what is usual for this figure: %(high)s at most.") % values
    return _("%(figure)s is outside what is usual for this figure: %(low)s to %(high)s.") % values


def above(figure: Figure, part: str, other: Figure, other_part: str) -> str:
    values = {
        "first": _part_label(figure.version, part),
        "one": _part_text(figure, part),
        "second": _part_label(other.version, other_part),
        "two": _part_text(other, other_part),
        "name": other.version.name,
    }
    return (
        _("“%(first)s” (%(one)s) is above “%(second)s” (%(two)s), asked under “%(name)s”.") % values
    )


def factor(
    version: IndicatorVersion, number: Fraction, part: int | None, power: Fraction, usual: Range
) -> str:
    """``part``: 0 or 1 where a part of a quotient is meant, which is then named."""
    low, high = (_number_text(version, part, each) for each in usual)
    figure = _named(version, part or 0, _number_text(version, part, number))
    values = {"figure": figure, "low": low, "high": high}
    return _POWERS[power]() % values


_POWERS = {
    Fraction(10): lambda: _(
        "%(figure)s is about ten times the usual figures (%(low)s to %(high)s)."
    ),
    Fraction(100): lambda: _(
        "%(figure)s is about a hundred times the usual figures (%(low)s to %(high)s)."
    ),
    Fraction(1000): lambda: _(
        "%(figure)s is about a thousand times the usual figures (%(low)s to %(high)s)."
    ),
    Fraction(1, 10): lambda: _(
        "%(figure)s is about a tenth of the usual figures (%(low)s to %(high)s)."
    ),
    Fraction(1, 100): lambda: _(
        "%(figure)s is about a hundredth of the usual figures (%(low)s to %(high)s)."
    ),
    Fraction(1, 1000): lambda: _(
        "%(figure)s is about a thousandth of the usual figures (%(low)s to %(high)s)."
    ),
}


def history(version: IndicatorVersion, value: Fraction, expected: Range) -> str:
    low, high = (value_text(version, each) for each in expected)
    values = {"figure": value_text(version, value), "low": low, "high": high}
    if value > expected[1]:
        return (
            _("%(figure)s is far above the figures so far: %(low)s to %(high)s would be expected.")
            % values
        )
    return (
        _("%(figure)s is far below the figures so far: %(low)s to %(high)s would be expected.")
        % values
    )


def last_year(version: IndicatorVersion, value: Fraction, before: Fraction, expected: Range) -> str:
    low, high = (value_text(version, each) for each in expected)
    return _(
        "%(figure)s, against %(before)s in the same period last year: %(low)s to %(high)s would be "
        "expected."
    ) % {
        "figure": value_text(version, value),
        "before": value_text(version, before),
        "low": low,
        "high": high,
    }


# --- Peers -------------------------------------------------------------------------------------


def hidden_median() -> str:
    return _("Median hidden: fewer than 5 other zones have answered.")


def beside(version: IndicatorVersion, group: str, place: str, peers: Peers) -> str:
    """What is said of a group: "province: median 102 (88–131)".

    ``place`` is the number of a population class. A population rate is a rate, with its unit.
    """
    names = {PeerGroup.NATION: _("all zones"), PeerGroup.PROVINCE: _("province")}
    name = names.get(PeerGroup(group)) or _("class %(number)s") % {"number": place}
    if peers.median is None:
        return _("%(group)s: fewer than 5 other zones have answered") % {"group": name}
    values = {"group": name, "median": _peer_text(version, peers.median)}
    text = _("%(group)s: median %(median)s") % values
    if peers.quartiles is not None:
        first, third = (_peer_text(version, each, sign=False) for each in peers.quartiles)
        text += f" ({first}–{third})"
    return f"{text} {version.unit}" if version.kind == Kind.POPULATION_RATE else text


def _peer_text(version: IndicatorVersion, value: Fraction, *, sign: bool = True) -> str:
    """A value of peers; one decimal more where it falls between two that can be reported."""
    if version.kind in wording.QUOTIENTS and sign:
        return value_text(version, value)
    if version.kind == Kind.POPULATION_RATE or version.kind in wording.QUOTIENTS:
        return wording.decimal_text(displayed(value, version.display_decimals))
    is_exact = 10**version.decimals % value.denominator == 0
    return wording.decimal_text(displayed(value, version.decimals + (not is_exact)))


# --- Words shared ------------------------------------------------------------------------------


def _named(version: IndicatorVersion, part: int, text: str) -> str:
    """A number, and of a quotient also the part that it is."""
    if version.kind not in wording.QUOTIENTS:
        return text
    label = (version.numerator_label, version.denominator_label)[part]
    return _("“%(part)s” (%(number)s)") % {"part": label, "number": text}


def _number_text(version: IndicatorVersion, part: int | None, number: Fraction) -> str:
    decimals = wording.parts_decimals(version)[part or 0]
    return wording.decimal_text(displayed(number, decimals))


def _part_label(version: IndicatorVersion, part: str) -> str:
    is_first = part == Part.NUMERATOR
    return version.numerator_label if is_first else version.denominator_label


def _part_text(figure: Figure, part: str) -> str:
    first, second = wording.parts_decimals(figure.version)
    if part == Part.NUMERATOR:
        return wording.units_text(figure.content.numerator, first)
    return wording.units_text(figure.content.denominator, second)
