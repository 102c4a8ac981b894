"""The worked examples of the method page: constants, through the kernel, to a sentence.

Nothing is computed here but by the kernel, when the page is asked for. Each number stands in a
``<data>`` element with its exact value, so that a reader's text and the kernel's value stay one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from foundation.looks import STATUSES, Look
from foundation.templatetags.jalon import NO_BREAK_SPACE, figure, in_sentence
from indicators.calculation import METHOD_VERSION
from indicators.calculation.adding import aggregate, carried, common_set, window
from indicators.calculation.comparing import peers
from indicators.calculation.display import displayed, shown_ratio
from indicators.calculation.fingerprints import fingerprint
from indicators.calculation.headlines import headline
from indicators.calculation.judging import ON_TRACK_FROM, Judgement, judge
from indicators.calculation.paths import PLAN_EVE, PLAN_START, Path, required
from indicators.calculation.signals import limits, signals
from indicators.calculation.suppression import Cell, Publication, Relation, hidden
from indicators.calculation.values import Coverage, Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Status, Temporal

COUNT = Definition(Kind.COUNT, Direction.INCREASE, Temporal.FLOW, Frequency.QUARTER)
SHARE = Definition(
    Kind.RATIO, Direction.INCREASE, Temporal.STOCK, Frequency.QUARTER, scale=100, is_part=True
)

# --- The constants ------------------------------------------------------------------------------

NEARLY = Fraction(9_496, 10_000)
REACHED = ((9, 10), (300, 600))
YEAR_A, YEAR_B = (10, 12, 11, 13), (20, None, 22, 21)
EXPECTED = {CellStatus.REPORTED: 169, CellStatus.NOT_APPLICABLE: 2, CellStatus.MISSING: 5}
BEFORE, AFTER = (100, 50, 40), (110, 60, None)
PATH = Path(
    Direction.INCREASE,
    baseline=Fraction(95, 10),
    baseline_end=PLAN_EVE,
    target=Fraction(17),
)
READ_ON = dt.date(2027, 12, 31)
VALUE = Fraction(126, 10)
SERIES = (41, 44, 39, 43, 40, 42, 45, 38, 41, 43, 40, 62)
KEY_STATUSES = (Status.ON_TRACK, Status.AT_RISK, Status.NO_DATA)
MERGED = ((40, 100), (30, 60))
OTHERS = (3, 5, 8, 9, 12)
HIDDEN = {"A": 2, "B": 14, "C": 9, "D": 31}


@dataclass(frozen=True)
class Row:
    """A row of the table of statuses, with a case that the kernel judged."""

    number: int
    status: Status
    when: str
    case: SafeString

    @property
    def look(self) -> Look:
        return STATUSES[self.status]


@dataclass(frozen=True)
class Shown:
    """A cell of the table with hidden counts; ``text`` is empty where the count is hidden."""

    name: str
    text: str


# --- Sentences ----------------------------------------------------------------------------------


def number(value: Fraction | int, decimals: int = 0, unit: str = "") -> SafeString:
    """An exact value as it is shown, with the exact value beside it for a machine."""
    return _data(value, displayed(Fraction(value), decimals), unit)


def _data(value: Fraction | int, shown: Decimal, unit: str = "") -> SafeString:
    exponent = shown.as_tuple().exponent
    text = figure(shown, -exponent if isinstance(exponent, int) and exponent < 0 else 0)
    return format_html(
        '<data class="jalon-nowrap" value="{}">{}</data>',
        Fraction(value),
        f"{text}{NO_BREAK_SPACE}{unit}" if unit else text,
    )


def _said(text: str, **numbers: SafeString | str) -> SafeString:
    """A translated sentence with its numbers; the sentence itself is escaped."""
    return mark_safe(  # noqa: S308 (escaped here; the numbers are made by `number`)
        escape(text) % {name: conditional_escape(value) for name, value in numbers.items()}
    )


def _listed(values: Iterable[int]) -> SafeString:
    return format_html_join(", ", "{}", ((number(each),) for each in values))


def _reported(
    subject: int, numerator: int | None, denominator: int | None = None, people: int | None = None
) -> Observation:
    status = CellStatus.MISSING if numerator is None else CellStatus.REPORTED
    return Observation(subject, status, numerator, denominator, people)


def _value(value: Fraction | None) -> Fraction:
    """A value that the constants are chosen to give."""
    if value is None:
        raise ValueError("an example of the method has no value")
    return value


def _part(part: int | None) -> int:
    return int(_value(None if part is None else Fraction(part)))


# --- 1 to 4: figures, totals, coverage, paths -----------------------------------------------------


def rounding() -> SafeString:
    return _said(
        _(
            "The limit is %(limit)s. The exact value %(exact)s would round to %(limit)s, but the "
            "limit is not reached: the page shows %(shown)s."
        ),
        limit=number(ON_TRACK_FROM, 2),
        exact=number(NEARLY, 4),
        shown=_data(NEARLY, displayed(NEARLY, 3, [ON_TRACK_FROM])),
    )


def adding() -> SafeString:
    small, large = (aggregate(SHARE, [_reported(1, *parts)]) for parts in REACHED)
    both = aggregate(SHARE, [_reported(each, *parts) for each, parts in enumerate(REACHED)])
    mean = (_value(small.value) + _value(large.value)) / 2
    return _said(
        _(
            "A small zone called back %(a)s of %(b)s victims, a large one %(c)s of %(d)s. "
            "Together that is %(numerator)s of %(denominator)s, or %(value)s. The mean of the two "
            "percentages would be %(mean)s: ten people would weigh as much as six hundred."
        ),
        **{
            name: number(part)
            for name, part in zip("abcd", (*REACHED[0], *REACHED[1]), strict=True)
        },
        numerator=number(_part(both.numerator)),
        denominator=number(_part(both.denominator)),
        value=number(_value(both.value), 1, "%"),
        mean=number(mean, 1, "%"),
    )


def year() -> SafeString:
    periods = [[_reported(1, a), _reported(2, b)] for a, b in zip(YEAR_A, YEAR_B, strict=True)]
    found = window(COUNT, periods)
    return _said(
        _(
            "Zone A reported %(quarters)s. Zone B left out one quarter. The year is that of zone A "
            "alone, %(value)s, and its coverage says so: %(reported)s of %(expected)s zones."
        ),
        quarters=_listed(YEAR_A),
        value=number(_value(found.value)),
        reported=number(found.coverage.reported),
        expected=number(found.coverage.applicable),
    )


def coverage() -> SafeString:
    found = Coverage(
        expected=sum(EXPECTED.values()),
        not_applicable=EXPECTED[CellStatus.NOT_APPLICABLE],
        reported=EXPECTED[CellStatus.REPORTED],
        missing=EXPECTED[CellStatus.MISSING],
    )
    return _said(
        _(
            "%(expected)s zones are expected. To %(not_applicable)s of them it does not apply, and "
            "%(reported)s reported. Coverage is %(reported)s of %(applicable)s, or %(share)s."
        ),
        expected=number(found.expected),
        not_applicable=number(found.not_applicable),
        reported=number(found.reported),
        applicable=number(found.applicable),
        share=number(_value(found.by_number) * 100, 1, "%"),
    )


def change() -> SafeString:
    before, after = (
        [_reported(subject, value) for subject, value in enumerate(values)]
        for values in (BEFORE, AFTER)
    )
    then, now, subjects = common_set(COUNT, before, after)
    return _said(
        _(
            "Zone A goes from %(a)s to %(b)s, zone B from %(c)s to %(d)s. Zone C reported %(e)s, "
            "then nothing. The raw totals go from %(raw_then)s to %(raw_now)s, as if it had "
            "fallen. The %(subjects)s zones that reported both go from %(then)s to %(now)s."
        ),
        a=number(BEFORE[0]),
        b=number(_part(AFTER[0])),
        c=number(BEFORE[1]),
        d=number(_part(AFTER[1])),
        e=number(BEFORE[2]),
        raw_then=number(_value(aggregate(COUNT, before).value)),
        raw_now=number(_value(aggregate(COUNT, after).value)),
        then=number(_value(then.value)),
        now=number(_value(now.value)),
        subjects=number(subjects),
    )


def path() -> SafeString:
    baseline, target = _value(PATH.baseline), _value(PATH.target)
    return _said(
        _(
            "The baseline is %(baseline)s at the end of 2025, the target %(target)s at the end of "
            "2029. At the end of 2027, 24 of 48 months have gone by. The path asks for "
            "%(baseline)s + %(way)s × 24 ÷ 48 = %(required)s."
        ),
        baseline=number(baseline, 1),
        target=number(target),
        way=number(target - baseline, 1),
        required=number(_value(required(PATH, READ_ON)), 2),
    )


# --- 5: status ------------------------------------------------------------------------------------


def judged(
    value: Fraction | None,
    definition: Definition = SHARE,
    path: Path | None = PATH,
    **facts: object,
) -> Judgement:
    """The status of a value at the end of 2027, under full coverage unless ``facts`` say other."""
    asked: dict[str, object] = {
        "coverage": Coverage(expected=176, reported=176),
        "period_end": READ_ON,
        "window_starts": PLAN_START,
        **facts,
    }
    return judge(definition, value=value, path=path, **asked)  # type: ignore[arg-type]


def ratio() -> SafeString:
    found = judged(VALUE)
    baseline, asked = _value(found.baseline), _value(found.required)
    return _said(
        _(
            "The value is %(value)s where the path asks for %(required)s. "
            "R = (%(value)s − %(baseline)s) ÷ (%(required)s − %(baseline)s) = %(ratio)s: "
            "%(status)s."
        ),
        value=number(VALUE, 1),
        required=number(asked, 2),
        baseline=number(baseline, 1),
        ratio=_data(_value(found.ratio), shown_ratio(found) or Decimal(0)),
        status=in_sentence(STATUSES[found.status].label),
    )


def materiality() -> SafeString:
    found = judged(VALUE)
    baseline, target = _value(PATH.baseline), _value(PATH.target)
    return _said(
        _("1%% of the larger of %(baseline)s and %(way)s is %(delta)s."),
        baseline=number(baseline, 1),
        way=number(target - baseline, 1),
        delta=number(_value(found.delta), 3),
    )


def _on_path(value: Fraction) -> tuple[Judgement, SafeString]:
    found = judged(value)
    shown = shown_ratio(found)
    return found, _said(
        _("%(value)s: R = %(ratio)s"),
        value=number(value, 2),
        ratio=_data(_value(found.ratio), shown or Decimal(0)),
    )


def _plainly(text: str, found: Judgement, **numbers: SafeString) -> tuple[Judgement, SafeString]:
    return found, _said(text, **numbers)


def _cases() -> list[tuple[str, Callable[[], tuple[Judgement, SafeString]]]]:
    """Rows 1 to 13 in their order: when a row matches, and a case of it."""
    narrative = Definition(Kind.NARRATIVE, Direction.MONITOR, Temporal.STOCK, Frequency.QUARTER)
    monitored = Definition(Kind.RATIO, Direction.MONITOR, Temporal.STOCK, Frequency.QUARTER)
    kept = Definition(Kind.RATIO, Direction.MAINTAIN, Temporal.STOCK, Frequency.QUARTER)
    band = Path(Direction.MAINTAIN, band_low=Fraction(10), band_high=Fraction(15))
    half = Coverage(expected=176, reported=88, missing=88)
    nobody = Coverage(expected=12, not_applicable=12)
    no_target = Path(Direction.INCREASE)
    no_baseline = Path(Direction.INCREASE, target=PATH.target)
    pair = (Fraction(10), Fraction(12))
    return [
        (
            _("The indicator is a text."),
            lambda: _plainly(_("A report on a training course."), judged(None, narrative)),
        ),
        (
            _("It applies to none of the units expected."),
            lambda: _plainly(
                _("None of %(count)s zones has a port."),
                judged(None, coverage=nobody),
                count=number(nobody.expected),
            ),
        ),
        (
            _("There is no value for the period."),
            lambda: _plainly(_("Nobody has reported yet."), judged(None)),
        ),
        (
            _("Coverage is under the minimum."),
            lambda: _plainly(
                _("%(reported)s of %(expected)s zones: %(share)s"),
                judged(VALUE, coverage=half),
                reported=number(half.reported),
                expected=number(half.applicable),
                share=number(_value(half.by_number) * 100, 0, "%"),
            ),
        ),
        (
            _("The indicator is followed without judgement."),
            lambda: _plainly(_("More seizures can be better or worse."), judged(VALUE, monitored)),
        ),
        (
            _(
                "It must stay inside a band, and does; outside it is “off track”. At the end of "
                "the plan, inside is “achieved”."
            ),
            lambda: _plainly(
                _("%(value)s, from %(low)s to %(high)s"),
                judged(VALUE, kept, band),
                value=number(VALUE, 1),
                low=number(_value(band.band_low)),
                high=number(_value(band.band_high)),
            ),
        ),
        (
            _(
                "There is no target. We say whether it gets better or worse than a year earlier, "
                "over the units that reported both, beyond the materiality."
            ),
            lambda: _plainly(
                _("%(then)s a year earlier, %(now)s now: better"),
                judged(pair[1], path=no_target, a_year_earlier=pair),
                then=number(pair[0]),
                now=number(pair[1]),
            ),
        ),
        (
            _("There is a target and no baseline, and the target is not reached."),
            lambda: _plainly(
                _("%(value)s, target %(target)s"),
                judged(VALUE, path=no_baseline),
                value=number(VALUE, 1),
                target=number(_value(no_baseline.target)),
            ),
        ),
        (
            _("The target is reached, and so is what the path asks for."),
            lambda: _on_path(Fraction(172, 10)),
        ),
        (
            _("What the path asks for is reached, or R is 0.95 or more."),
            lambda: _on_path(Fraction(131, 10)),
        ),
        (_("R is from 0.60 to under 0.95."), lambda: _on_path(VALUE)),
        (
            _(
                "R is from 0 to under 0.60, or the value is no further from the baseline than the "
                "materiality."
            ),
            lambda: _on_path(Fraction(104, 10)),
        ),
        (_("Everything else."), lambda: _on_path(Fraction(9))),
    ]


def statuses() -> list[Row]:
    """The table of statuses: its rows with the status that the kernel gave to each case."""
    rows = []
    for place, (when, case) in enumerate(_cases(), 1):
        found, text = case()
        rows.append(Row(place, found.status, when, text))
    return rows


# --- 6 to 10: signals, headlines, fingerprints, mergers, small numbers ----------------------------


def signal() -> SafeString:
    values = [Fraction(each) for each in SERIES]
    found = limits(values)
    if found is None:
        raise ValueError("an example of the method has no limits")
    told = signals(values, found)
    return _said(
        _(
            "Twelve quarters: %(series)s. The mean is %(centre)s, the limits are %(low)s and "
            "%(high)s. The last point is outside them: %(count)s signal."
        ),
        series=_listed(SERIES),
        centre=number(found.centre, 1),
        low=number(found.low, 1),
        high=number(found.high, 1),
        count=number(len(told)),
    )


def objective() -> SafeString:
    found = headline(KEY_STATUSES)
    return _said(
        _(
            "Three key indicators: %(statuses)s. Headline: %(headline)s, %(judged)s of %(total)s "
            "key indicators judged."
        ),
        statuses=", ".join(in_sentence(STATUSES[each].label) for each in KEY_STATUSES),
        headline=in_sentence(STATUSES[found.headline].label),
        judged=number(found.judged),
        total=number(found.total),
    )


def _print_of(numerator: int) -> str:
    return fingerprint(METHOD_VERSION, {}, [_reported(1, numerator)], {1: "zone-a"})[:12]


def traced() -> SafeString:
    return _said(
        _(
            "One zone, one figure: %(one)s gives the fingerprint %(first)s…; %(other)s gives "
            "%(second)s…"
        ),
        one=number(126),
        other=number(127),
        first=format_html("<code>{}</code>", _print_of(126)),
        second=format_html("<code>{}</code>", _print_of(127)),
    )


def merger() -> SafeString:
    before = [_reported(each, *parts) for each, parts in enumerate(MERGED)]
    (unit,) = carried(SHARE, before, dict.fromkeys(range(len(MERGED)), 9))
    return _said(
        _(
            "Zones A (%(a)s of %(b)s) and B (%(c)s of %(d)s) become one. For the time before, the "
            "new zone has %(numerator)s of %(denominator)s, or %(value)s."
        ),
        **{name: number(part) for name, part in zip("abcd", (*MERGED[0], *MERGED[1]), strict=True)},
        numerator=number(_part(unit.numerator)),
        denominator=number(_part(unit.denominator)),
        value=number(_value(aggregate(SHARE, [unit]).value), 1, "%"),
    )


def comparison() -> SafeString:
    values = [(place, Fraction(each)) for place, each in enumerate(OTHERS, 1)]
    few, enough = peers(0, values[:4]), peers(0, values)
    if few is None or enough is None or few.median is not None:
        raise ValueError("an example of the method compares with too few")
    return _said(
        _(
            "Beside %(few)s other zones a zone sees no median. Beside %(enough)s others that "
            "reported %(values)s, it sees %(median)s."
        ),
        few=number(few.others),
        enough=number(enough.others),
        values=_listed(OTHERS),
        median=number(_value(enough.median)),
    )


def small_numbers() -> Sequence[Shown]:
    """Four zones and their total as a publication shows them."""
    counts = {**HIDDEN, "total": sum(HIDDEN.values())}
    cells = tuple(Cell(name, value) for name, value in counts.items())
    out = hidden(Publication(cells, (Relation("total", tuple(HIDDEN)),)))
    return [Shown(name, "" if name in out else figure(value)) for name, value in counts.items()]


def all_examples() -> Mapping[str, object]:
    """Every example of the page, by the name that the template uses."""
    return {
        each.__name__: each()
        for each in (
            rounding,
            adding,
            year,
            coverage,
            change,
            path,
            ratio,
            materiality,
            statuses,
            signal,
            objective,
            traced,
            merger,
            comparison,
            small_numbers,
        )
    }
