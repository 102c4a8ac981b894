"""The one place where figures are held against the checks, at every entrance.

Pure: blocks, what was validated before and the checks come in, findings come out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indicators import periods
from indicators.calculation import plausibility
from indicators.calculation.breakdowns import breakdown_fault
from indicators.calculation.comparing import median, quartiles
from indicators.calculation.values import ADDABLE
from indicators.enums import Kind
from indicators.models import IndicatorVersion

from . import sentences, wording
from .content import contradiction_in, is_outside_bounds
from .enums import CheckKind, Part, Severity
from .figures import Block, Figure, Series
from .models import Check

#: The kind of the finding that nothing was said: no check, since it cannot be switched off.
MISSING = "missing"

#: The kind of the finding that the parts of a figure contradict each other: no check either, since
#: its definition says so (``is_part``) and no result can be made of it.
CONTRADICTION = "contradiction"

#: How many periods of the past a figure is held against.
LOOKED_BACK = 12

Range = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw at a figure.

    ``text`` says what was seen and what would be expected, ``advice`` what its unit can do about
    it. ``expected`` is the range that would have passed, in display units, where there is one.
    """

    figure: Figure
    kind: str
    severity: Severity
    text: str
    advice: str = ""
    expected: Range | None = None

    @property
    def message(self) -> str:
        return f"{self.text} {self.advice}".strip()

    @property
    def wants_comment(self) -> bool:
        return self.severity == Severity.WARNING

    @property
    def is_explained(self) -> bool:
        return self.wants_comment and bool(self.figure.content.comment.strip())

    @property
    def hinders(self) -> bool:
        """Whether it stops the attestation; a draft is never stopped."""
        return not self.is_explained


@dataclass(frozen=True, slots=True)
class Measures:
    """A reported figure as exact numbers in display units.

    ``value`` is None where a denominator is zero. ``parts`` are those of a quotient. ``weight`` is
    held against a check's floor: the value, the numerator of a ratio, the cases of a mean.
    """

    value: Fraction | None
    parts: tuple[Fraction, ...]
    weight: Fraction


Past = Mapping[Series, Mapping[str, Measures]]
"""Per series and period code, what was validated."""


def measures_of(
    shape: wording.Shape, numerator: int | None, denominator: int | None
) -> Measures | None:
    """The numbers of a reported figure; None for kinds without an own number to follow."""
    if shape.kind not in ADDABLE or numerator is None:
        return None
    first, second = wording.parts_decimals(shape)
    above = Fraction(numerator, 10**first)
    if shape.kind not in wording.QUOTIENTS or denominator is None:
        return Measures(above, (), abs(above))
    below = Fraction(denominator, 10**second)
    value = wording.computed_value(shape, numerator, denominator)
    return Measures(value, (above, below), below if shape.kind == Kind.MEAN else abs(above))


def findings(
    blocks: Sequence[Block], *, code: str, past: Past, checks: Iterable[Check]
) -> list[Finding]:
    """All that is missing, wrong or odd in a submission of the period ``code``, in its order."""
    rules = _Rules(checks)
    crossed = _cross_findings(blocks, rules.cross)
    return [
        finding
        for block in blocks
        for total, options in block.by_subject()
        for finding in _subject_findings(rules, total, options, code, past, crossed)
    ]


class _Rules:
    """The checks by kind; one of an indicator's own goes before the general one."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self.cross: list[Check] = []
        self._known: dict[tuple[str, int | None], Check] = {}
        for check in checks:
            if check.kind == CheckKind.CROSS:
                self.cross.append(check)
            else:
                self._known[check.kind, check.indicator_id] = check

    def of(self, kind: CheckKind, version: IndicatorVersion) -> Check | None:
        general = self._known.get((kind, None))
        return self._known.get((kind, version.indicator_id), general)


def _subject_findings(
    rules: _Rules,
    total: Figure,
    options: Sequence[Figure],
    code: str,
    past: Past,
    crossed: Mapping[int, Sequence[Finding]],
) -> Iterator[Finding]:
    """What there is to say about a subject's total and its options under one definition."""
    yield from _breakdown(rules, total, options)
    for figure in (total, *options):
        if figure.content.is_missing:
            yield Finding(figure, MISSING, Severity.BLOCKING, wording.blank_text())
        elif figure.content.is_reported:
            yield from _contradiction(figure)
            yield from _bounds(rules, figure)
            yield from _beside_past(rules, figure, code, past.get(figure.series, {}))
            yield from crossed.get(figure.cell.pk, ())


def _found(
    check: Check, figure: Figure, text: str, *, of_two: bool = False, expected: Range | None = None
) -> Finding:
    severity = Severity(check.severity)
    advice = sentences.advice(severity, of_two=of_two)
    return Finding(figure, check.kind, severity, text, advice, expected)


# --- Within a figure ---------------------------------------------------------------------------


def _breakdown(rules: _Rules, total: Figure, options: Sequence[Figure]) -> Iterator[Finding]:
    check = rules.of(CheckKind.BREAKDOWN, total.version)
    fault = breakdown_fault(
        Kind(total.version.kind),
        total.content,
        [each.content for each in options],
        is_exhaustive=total.version.breakdown_is_exhaustive,
    )
    if check and fault:
        yield _found(check, total, sentences.breakdown(total.version, fault), of_two=True)


def _contradiction(figure: Figure) -> Iterator[Finding]:
    problem = contradiction_in(figure.version, figure.content)
    if problem:
        text = sentences.contradiction(figure, problem)
        advice = sentences.advice(Severity.BLOCKING, of_two=True)
        yield Finding(figure, CONTRADICTION, Severity.BLOCKING, text, advice)


def _bounds(rules: _Rules, figure: Figure) -> Iterator[Finding]:
    check = rules.of(CheckKind.BOUNDS, figure.version)
    is_option = figure.option is not None
    if check and is_outside_bounds(figure.version, figure.content, is_option=is_option):
        yield _found(check, figure, sentences.bounds(figure.version, figure.content.numerator or 0))


# --- Two figures against each other ------------------------------------------------------------


def _cross_findings(blocks: Sequence[Block], checks: Sequence[Check]) -> dict[int, list[Finding]]:
    """By cell id. A rule speaks where both totals are of the same subject, and reported."""
    if not checks:
        return {}
    totals = {
        (total.version.indicator_id, total.subject.pk): total
        for block in blocks
        for total, _options in block.by_subject()
        if total.content.is_reported
    }
    found: dict[int, list[Finding]] = {}
    for check in checks:
        for (indicator, subject), one in totals.items():
            other = totals.get((check.other_id or 0, subject))
            if indicator == check.indicator_id and other is not None:
                found.setdefault(one.cell.pk, []).extend(_crossed(check, one, other))
    return found


def _crossed(check: Check, one: Figure, other: Figure) -> Iterator[Finding]:
    first, second = part_of(one, check.part), part_of(other, check.other_part)
    if first is not None and second is not None and first > second:
        text = sentences.above(one, check.part, other, check.other_part)
        yield _found(check, one, text, of_two=True, expected=(Fraction(0), second))


def part_of(figure: Figure, part: str) -> Fraction | None:
    """A part of a figure in display units; None where it has no such part."""
    first, second = wording.parts_decimals(figure.version)
    is_first = part == Part.NUMERATOR
    units = figure.content.numerator if is_first else figure.content.denominator
    return None if units is None else Fraction(units, 10 ** (first if is_first else second))


# --- Against what was validated before ---------------------------------------------------------


def _beside_past(
    rules: _Rules, figure: Figure, code: str, past: Mapping[str, Measures]
) -> Iterator[Finding]:
    """One finding at most: the most telling. A mistake of unit says more than a jump."""
    content = figure.content
    now = measures_of(figure.version, content.numerator, content.denominator)
    if now is None or not past:
        return
    found = (
        _factor(rules, figure, now, list(past.values()))
        or _history(rules, figure, now, past, code)
        or _last_year(rules, figure, now, past.get(periods.a_year_earlier(code)))
    )
    if found:
        yield found


def _is_large(check: Check, now: Measures, usual: Fraction) -> bool:
    """Whether a figure, now or usually, reaches the floor under which nothing is looked at."""
    return check.floor is None or max(now.weight, usual) >= check.floor


def _usual_weight(past: Sequence[Measures]) -> Fraction:
    return median([each.weight for each in past])


def _factor(
    rules: _Rules, figure: Figure, now: Measures, past: Sequence[Measures]
) -> Finding | None:
    check = rules.of(CheckKind.FACTOR, figure.version)
    if check is None or check.threshold is None or not _is_large(check, now, _usual_weight(past)):
        return None
    for place in range(len(now.parts) or 1):
        number = now.parts[place] if now.parts else now.value
        known = [each.parts[place] if each.parts else each.value for each in past]
        history = [each for each in known if each is not None]
        if number is None:
            continue
        power = plausibility.mistaken_power(number, history, check.threshold)
        if power is not None:
            expected = quartiles(history)
            part = place if now.parts else None
            text = sentences.factor(figure.version, number, part, power, expected)
            return _found(check, figure, text, expected=expected)
    return None


def _history(
    rules: _Rules, figure: Figure, now: Measures, past: Mapping[str, Measures], code: str
) -> Finding | None:
    """A jump out of the own past; what was much the same a year ago is the season."""
    check = rules.of(CheckKind.HISTORY, figure.version)
    history = [each.value for each in past.values() if each.value is not None]
    if check is None or check.threshold is None or now.value is None:
        return None
    score = plausibility.modified_z(now.value, history)
    if score is None or abs(score) <= check.threshold:
        return None
    before = past.get(periods.a_year_earlier(code))
    if not _is_large(check, now, _usual_weight(list(past.values()))) or _is_season(now, before):
        return None
    expected = _possible(figure.version, plausibility.expected_by_history(history, check.threshold))
    text = sentences.history(figure.version, now.value, expected)
    return _found(check, figure, text, expected=expected)


def _is_season(now: Measures, before: Measures | None) -> bool:
    if before is None or now.value is None or not before.value:
        return False
    return not plausibility.is_beyond(now.value, before.value, plausibility.SAME_SEASON)


def _last_year(
    rules: _Rules, figure: Figure, now: Measures, before: Measures | None
) -> Finding | None:
    check = rules.of(CheckKind.LAST_YEAR, figure.version)
    if check is None or check.threshold is None or before is None:
        return None
    if now.value is None or before.value is None or not _is_large(check, now, before.weight):
        return None
    if not plausibility.is_beyond(now.value, before.value, check.threshold):
        return None
    expected = _possible(
        figure.version, plausibility.expected_by_change(before.value, check.threshold)
    )
    text = sentences.last_year(figure.version, now.value, before.value, expected)
    return _found(check, figure, text, expected=expected)


def _possible(version: IndicatorVersion, expected: Range) -> Range:
    """A range cut to what the definition allows: no negative count, no share above the whole."""
    low, high = expected
    if version.lower_bound is None or version.lower_bound >= 0:
        low = max(low, Fraction(0))
    return low, min(high, Fraction(version.scale)) if version.is_part else high
