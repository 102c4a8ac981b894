"""How a figure was computed: everything it rests on, exact and in words (METHOD.md 8).

A page and its JSON show the same ``Explanation``, so they cannot disagree. Nothing is computed
anew: the numbers are the outcome's own, beside the parts that anybody can add up again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from foundation.looks import CELL_STATES, STATUSES
from foundation.templatetags.jalon import NO_BREAK_SPACE, figure, in_sentence, period
from indicators.calculation.adding import aggregate, subject_value, window
from indicators.calculation.judging import MATERIAL_SHARE
from indicators.calculation.paths import Path, nodes, segment
from indicators.calculation.signals import is_unstable
from indicators.calculation.values import (
    PERIODS_PER_YEAR,
    Aggregate,
    Coverage,
    Definition,
    Observation,
)
from indicators.enums import CellStatus, Frequency, Kind
from indicators.models import IndicatorVersion
from organisations.enums import AreaKind

from . import wording
from .enums import DataState
from .explained import (
    Asked,
    Compared,
    Explanation,
    Line,
    Named,
    Node,
    Part,
    Quantity,
    Seen,
    Sum,
    Told,
)
from .inputs import Inputs, YearChange
from .models import FrozenResult, Outcome, Shown
from .rules import FEWEST
from .sheets import Collected


def explain(inputs: Inputs, seen: Seen, *, is_revision: bool = False) -> Explanation:
    outcome, version = inputs.outcome, inputs.version
    option = next((one for one in version.options.all() if one.code == outcome.option), None)
    sums = _sums(inputs, version, seen)
    frozen = isinstance(outcome, FrozenResult)
    change = compared(inputs.change(), version, whole=seen.whole, now=outcome)
    # A share of the value a year earlier tells that value.
    tells = change is None and _is_of_a_year_earlier(inputs)
    material = None if tells else outcome.materiality
    return Explanation(
        indicator=Named(version.indicator.code, version.name),
        unit=version.unit,
        decimals=version.decimals,
        period=Named(outcome.period.code, period(outcome.period.code)),
        area=Named(outcome.area.code, outcome.area.name),
        option=Named(option.code, option.label) if option else None,
        state=(DataState.REVISED if is_revision else outcome.state).value,
        closed_at=outcome.closing.closed_at if isinstance(outcome, FrozenResult) else None,
        revised=_value(outcome.revised.judged_value, version, outcome.revised)
        if outcome.revised
        else None,
        is_revision=is_revision,
        status=Named(outcome.status, str(STATUSES[outcome.status].label)),
        sentences=tuple(wording.sentences(outcome, version)),
        sums=sums,
        asked=_asked(inputs, version),
        ratio=Quantity(outcome.ratio, wording.ratio_text(outcome)),
        ratio_formula=_ratio(outcome),
        materiality=Quantity(material, _plain(material)),
        materiality_formula="" if material is None else _materiality(inputs),
        compared=change,
        method_version=outcome.method_version,
        definition_version=_definition_number(outcome, version),
        definition_valid_from=version.valid_from,
        fingerprint=outcome.fingerprint,
        changed_at=outcome.changed_at,
        is_current=frozen or _agrees(inputs),
        is_restricted=version.indicator.is_restricted,
        names_units=bool(seen.names),
    )


def _definition_number(outcome: Shown, version: IndicatorVersion) -> int:
    if isinstance(outcome, FrozenResult):
        return int(outcome.basis.definition["number"])
    return version.number


# --- Numbers --------------------------------------------------------------------------------------


def _value(
    value: Fraction | None, version: IndicatorVersion, beside: Outcome | None = None
) -> Quantity:
    return Quantity(value, wording.value_text(value, version, beside))


def _plain(value: Fraction | int | None) -> str:
    """A number of an arithmetic."""
    return "" if value is None else wording.plain(Fraction(value))


def _in_brackets(value: Fraction) -> str:
    """A negative number after a sign is put in brackets."""
    return f"({_plain(value)})" if value < 0 else _plain(value)


def _share(value: Fraction | None) -> Quantity:
    """A share of one, as a percentage rounded down: it never reaches a limit it does not."""
    if value is None:
        return Quantity(None, "")
    return Quantity(value, f"{figure(Fraction(int(value * 1000), 10), 1)}{NO_BREAK_SPACE}%")


def _percent(share: Fraction) -> Quantity:
    return Quantity(share, f"{_plain(share * 100)}{NO_BREAK_SPACE}%")


# --- Sums -----------------------------------------------------------------------------------------


def _sums(inputs: Inputs, version: IndicatorVersion, seen: Seen) -> tuple[Sum, ...]:
    own = _sum(inputs, version, seen, is_year=False)
    return (own, _sum(inputs, version, seen, is_year=True)) if is_year_judged(inputs) else (own,)


def is_year_judged(inputs: Inputs) -> bool:
    """Whether a rolling year is held against the path, complete or not."""
    outcome = inputs.outcome
    return outcome.window_periods > 1 or (
        outcome.judged_value is None and outcome.value is not None
    )


def _sum(inputs: Inputs, version: IndicatorVersion, seen: Seen, *, is_year: bool) -> Sum:
    outcome = inputs.outcome
    periods = [*inputs.year, inputs.now] if is_year else [inputs.now]
    total = outcome.judged_aggregate if is_year else outcome.aggregate
    fresh = _again(inputs, periods, is_year=is_year)
    lines = [
        _line(inputs, version, seen, periods, unit, is_year=is_year)
        for unit in inputs.members
        if _is_seen(inputs, seen, periods, unit)
    ]
    shown = _value(total.value, version, outcome)
    return Sum(
        is_year=is_year,
        is_judged=is_year == is_year_judged(inputs),
        periods=tuple(each.period.code for each in periods),
        formula=wording.formula(version, total.numerator, total.denominator, shown.text),
        numerator=total.numerator,
        denominator=total.denominator,
        value=shown,
        coverage=_coverage(inputs, total.coverage, fresh.coverage),
        distribution=total.distribution,
        median=total.median,
        is_unstable=is_unstable(inputs.definition, total),
        carried=sum(_is_carried(inputs, periods, unit) for unit in inputs.members),
        units_in=tuple(each for each in lines if not each.why_out),
        units_out=tuple(each for each in lines if each.why_out),
        not_closed=_not_closed(inputs, seen, periods),
    )


def _again(
    inputs: Inputs,
    periods: Sequence[Collected],
    units: Collection[int] | None = None,
    *,
    is_year: bool,
) -> Aggregate:
    """The kernel's sum over some units (all of the area's)."""
    chosen = inputs.members if units is None else units
    given = [
        [known[unit] for unit in chosen if unit in known] for known in map(inputs.observed, periods)
    ]
    return window(inputs.definition, given) if is_year else aggregate(inputs.definition, given[0])


def _agrees(inputs: Inputs) -> bool:
    """Whether the figures as they stand give the outcome's parts: else it is about to change."""
    outcome = inputs.outcome
    own = _again(inputs, [inputs.now], is_year=False)
    if (own.numerator, own.denominator, own.coverage) != (
        outcome.numerator,
        outcome.denominator,
        outcome.coverage,
    ):
        return False
    if not is_year_judged(inputs):
        return True
    year = _again(inputs, [*inputs.year, inputs.now], is_year=True)
    return (year.numerator, year.denominator, year.coverage.reported) == (
        outcome.judged_numerator,
        outcome.judged_denominator,
        outcome.judged_reported,
    )


def _coverage(inputs: Inputs, coverage: Coverage, fresh: Coverage) -> Told:
    """The outcome's coverage; of a rolling year the figures say why the others are out."""
    return Told(
        expected=coverage.expected,
        not_applicable=coverage.not_applicable,
        reported=coverage.reported,
        not_available=fresh.not_available,
        missing=fresh.missing,
        in_review=inputs.outcome.in_review,
        by_number=_share(coverage.by_number),
        population_expected=coverage.population_expected,
        population_reported=coverage.population_reported,
        by_population=_share(coverage.by_population),
        minimum=_percent(inputs.definition.minimum_coverage),
    )


# --- Units ----------------------------------------------------------------------------------------


def _is_seen(inputs: Inputs, seen: Seen, periods: Sequence[Collected], unit: int) -> bool:
    """Whether the reader may see a unit with all that was said about it, by former units too.

    A year that is told less its closed periods tells the others.
    """
    slug = inputs.now.slugs[unit]
    return all(seen.shows(slug, each.period.code) for each in periods) and all(
        seen.shows(each.slugs[one.subject], each.period.code)
        for each in periods
        for one in inputs.said(each, unit)
    )


def _not_closed(inputs: Inputs, seen: Seen, periods: Sequence[Collected]) -> tuple[str, ...]:
    """The periods that keep a year's units from a reader who sees those of the figure's own."""
    if inputs.now.period.code not in seen.whole:
        return ()
    codes = (each.period.code for each in periods)
    return tuple(code for code in codes if code not in seen.whole)


def _is_carried(inputs: Inputs, periods: Sequence[Collected], unit: int) -> bool:
    return any(one.subject != unit for each in periods for one in inputs.said(each, unit))


def _line(
    inputs: Inputs,
    version: IndicatorVersion,
    seen: Seen,
    periods: Sequence[Collected],
    unit: int,
    *,
    is_year: bool,
) -> Line:
    alone = _again(inputs, periods, {unit}, is_year=is_year)
    parts = tuple(
        _part(version, seen, each, one) for each in periods for one in inputs.said(each, unit)
    )
    why = "" if alone.coverage.reported else _why_out(inputs, parts, periods, is_year=is_year)
    value = alone.value
    if not is_year:
        value = subject_value(inputs.definition, inputs.observed(inputs.now)[unit])
    slug = inputs.now.slugs[unit]
    return Line(
        unit=Named(slug, seen.names[slug]),
        why_out=why,
        value=_value(None if why else value, version),
        parts=parts,
        is_carried=_is_carried(inputs, periods, unit),
    )


def _part(version: IndicatorVersion, seen: Seen, at: Collected, one: Observation) -> Part:
    slug, code = at.slugs[one.subject], at.period.code
    numerator = wording.part_text(one.numerator, version)
    second = one.population if version.kind == Kind.POPULATION_RATE else one.denominator
    denominator = wording.part_text(second, version, is_denominator=True)
    return Part(
        period=code,
        subject=Named(slug, seen.names[slug]),
        status=str(one.status),
        numerator=one.numerator,
        denominator=one.denominator,
        population=one.population,
        revision=one.revision,
        text=f"{numerator} ÷ {denominator}" if numerator and denominator else numerator,
        reason=seen.reasons.get((slug, code, one.revision or 0), ""),
    )


def _why_out(
    inputs: Inputs, parts: Sequence[Part], periods: Sequence[Collected], *, is_year: bool
) -> str:
    """Period by period what is not there; of a single period without its name."""
    needed = PERIODS_PER_YEAR[Frequency(inputs.definition.frequency)]
    told = []
    for each in periods:
        code = each.period.code
        given = [part for part in parts if part.period == code]
        why = _absence(inputs.definition, given)
        if why:
            named = _("%(period)s: %(why)s") % {"period": period(code), "why": why}
            told.append(named if is_year else why)
    if is_year and len(periods) < needed:
        told.append(
            _("%(known)s of %(needed)s periods are known")
            % {"known": len(periods), "needed": needed}
        )
    return " · ".join(told) or _("levels and answers of former units are not carried")


def _absence(definition: Definition, given: Sequence[Part]) -> str:
    if not given:
        return _("not asked")
    absent = [part for part in given if part.status != CellStatus.REPORTED]
    if absent:
        first = absent[0]
        meaning = in_sentence(CELL_STATES[first.status].meaning)
        return f"{meaning} ({first.reason})" if first.reason else meaning
    rate = definition.kind == Kind.POPULATION_RATE
    unknown = rate and any(part.population is None for part in given)
    return _("population unknown: not in the rate") if unknown else ""


# --- Path, R, materiality -------------------------------------------------------------------------


def _asked(inputs: Inputs, version: IndicatorVersion) -> Asked | None:
    path, outcome = inputs.path, inputs.outcome
    if path is None:
        return None
    share = outcome.scaled_by
    scaled = path if share is None else path.scaled(share)
    stored = outcome.path
    return Asked(
        nodes=tuple(Node(day, _value(value, version)) for day, value in nodes(scaled)),
        band_low=_limit(scaled.band_low, inputs, version, "low"),
        band_high=_limit(scaled.band_high, inputs, version, "high"),
        due_dates=scaled.due_dates,
        required=_limit(outcome.required, inputs, version),
        formula=_required(scaled, outcome),
        scaled_by=Quantity(share, _plain(share)),
        valid_from=getattr(stored, "valid_from", None),
    )


def _limit(
    value: Fraction | None, inputs: Inputs, version: IndicatorVersion, limit: str = ""
) -> Quantity:
    return Quantity(value, wording.asked_text(value, inputs.outcome, version, limit=limit))


def _required(path: Path, outcome: Shown) -> str:
    """p written out on the last day of the period."""
    if outcome.required is None or path.baseline is None or path.target is None:
        return ""
    day, p = outcome.period.last_day, _plain(outcome.required)
    low, high = path.baseline, path.target
    if path.due_dates:
        elapsed, months = sum(due <= day for due in path.due_dates), len(path.due_dates)
    else:
        between = segment(path, day)
        if between is None:
            return p
        low, high = between.low, between.high
        elapsed, months = between.elapsed, between.months
    return f"{_plain(low)} + ({_plain(high)} − {_in_brackets(low)}) × {elapsed} ÷ {months} = {p}"


def _ratio(outcome: Shown) -> str:
    v, b, p = outcome.judged_value, outcome.baseline, outcome.required
    if outcome.judgement.read_ratio is None or v is None or b is None or p is None:
        return ""
    b_text = _in_brackets(b)
    shown = wording.ratio_text(outcome).partition("=")[2].strip()
    return f"({_plain(v)} − {b_text}) ÷ ({_plain(p)} − {b_text}) = {shown}"


def _materiality(inputs: Inputs) -> str:
    outcome, delta = inputs.outcome, inputs.outcome.materiality
    if delta is None:
        return ""
    if inputs.definition.materiality is not None:
        return _("given by the definition")
    share = _percent(MATERIAL_SHARE).text
    if not _is_of_a_year_earlier(inputs):
        way = (outcome.target or 0) - (outcome.baseline or 0)
        return _("%(share)s of the larger of |%(baseline)s| and |%(way)s|") % {
            "share": share,
            "baseline": _plain(outcome.baseline),
            "way": _plain(way),
        }
    return _("%(share)s of the value a year earlier") % {"share": share}


def _is_of_a_year_earlier(inputs: Inputs) -> bool:
    """Whether the materiality is a share of the value a year earlier (METHOD.md 5)."""
    outcome = inputs.outcome
    has_way = outcome.target is not None and outcome.baseline is not None
    return inputs.definition.materiality is None and not has_way


def compared(
    change: YearChange | None,
    version: IndicatorVersion,
    *,
    whole: Collection[str],
    now: Shown,
) -> Compared | None:
    """None also where a reader would learn what a unit said, without seeing both periods' units.

    ``now`` is the later outcome, and ``whole`` that of ``Seen``.
    """
    if change is None:
        return None
    sees_all = {change.period.code, now.period.code} <= set(whole)
    if not sees_all and _tells_of_a_unit(change, is_nation=now.area.kind == AreaKind.NATION):
        return None
    then, latest = change.then.value, change.now.value
    moved = None if then is None or latest is None else latest - then
    return Compared(
        period=change.period.code,
        units=change.units,
        then=_value(then, version),
        now=_value(latest, version),
        change=Quantity(moved, wording.change_text(moved, version)),
        total_then=_value(change.total_then.value, version),
        total_now=_value(change.total_now.value, version),
    )


def _tells_of_a_unit(change: YearChange, *, is_nation: bool) -> bool:
    """Whether units in common, or what they leave of the totals, are one or two.

    Or become so beside other totals that the reader may have: of an area within the nation, whose
    units in common are those of the nation less those of other areas, only a change of all that
    reported is told; of the nation, one whose ``apart`` are none so few.
    """
    totals = (change.total_then, change.total_now)
    beside = [total.coverage.reported - change.units for total in totals]
    if not is_nation and any(beside):
        return True
    return change.units < FEWEST or any(0 < each < FEWEST for each in (*beside, *change.apart))
