"""Errors and honest oddities in quarterly series, and what the checks find of them.

A seeded set, the same on every machine; fictitious. No database: unsaved rows go through the engine
that every entrance uses.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from foundation.datafiles import read_yaml
from indicators.enums import CellStatus, Kind
from indicators.models import IndicatorVersion
from indicators.periods import previous
from organisations.models import Unit
from submissions.checking import MISSING, Measures, findings, measures_of
from submissions.content import Content
from submissions.enums import CheckKind, Severity
from submissions.figures import Block, Figure, Series
from submissions.models import Cell, Check

SEED = 20_261_126
NOW = "2026-Q3"
PAST = previous(NOW, 12)[::-1]
#: Inhabitants of the zones, from the smallest to a large town's.
SIZES = (12_000, 27_000, 48_000, 85_000, 140_000, 230_000)
ROUNDS = 10
ZONE = Unit(pk=1, slug="zone")

#: One figure of one quarter: its numbers, options after the total.
Said = list[tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What is counted: per quarter and 10,000 inhabitants, with the share or the length of each."""

    version: IndicatorVersion
    per_10_000: float
    each: float = 0.0


def _version(pk: int, name: str, kind: Kind, **fields: object) -> IndicatorVersion:
    shape = {"decimals": 0, "display_decimals": 1, "scale": 100 if kind == Kind.RATIO else 1}
    labels = {"numerator_label": "Part", "denominator_label": "Whole", "upper_bound": 200_000}
    flow = {"direction": "increase", "temporal": "flow", "frequency": "quarter"}
    return IndicatorVersion(
        pk=pk, indicator_id=pk, name=name, kind=kind, **shape, **labels, **flow, **fields
    )


COUNT = Measured(_version(1, "facts", Kind.COUNT), 11)
LARGE = Measured(_version(2, "hours", Kind.COUNT), 180)
AMOUNT = Measured(_version(3, "euros", Kind.AMOUNT), 900)
RATIO = Measured(_version(4, "share", Kind.RATIO, is_part=True), 60, 0.72)
RARE = Measured(_version(5, "positive", Kind.RATIO, is_part=True), 300, 0.03)
OPEN = Measured(_version(6, "held of agreed", Kind.RATIO, is_part=False), 24, 0.55)
MEAN = Measured(_version(7, "delay", Kind.MEAN), 9, 12.0)
TINY = Measured(_version(8, "tiny", Kind.COUNT), 0.4)
FEW = Measured(_version(9, "few", Kind.COUNT), 1.5)
SPLIT = Measured(_version(10, "persons", Kind.COUNT, breakdown_is_exhaustive=True), 20)
ALL = (COUNT, LARGE, AMOUNT, RATIO, RARE, OPEN, MEAN, FEW, TINY)
WITH_SIZE = (COUNT, LARGE, AMOUNT)
QUOTIENTS = (OPEN, MEAN)


@dataclass(frozen=True, slots=True)
class Case:
    """A zone's twelve quarters, what it says in the thirteenth, and of what kind that is."""

    measured: Measured
    past: list[Said]
    now: Said
    other: tuple[Measured, Said] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Of a class of cases, how many were looked at again, and by which check."""

    name: str
    is_error: bool
    cases: int
    found: int
    kinds: dict[str, int]

    @property
    def share(self) -> float:
        return self.found / self.cases


# --- Making series ------------------------------------------------------------------------------


class Chance:
    """Seeded noise, from ``random()`` alone, which is the same in every version of Python."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)  # noqa: S311 - fictitious data

    def normal(self) -> float:
        return sum(self.source.random() for _each in range(12)) - 6

    def around(self, mean: float, spread: float) -> int:
        """A count around ``mean``: chance of small numbers, and ``spread`` of the unit itself."""
        deviation = (mean + (mean * spread) ** 2) ** 0.5
        return max(0, round(mean + deviation * self.normal()))


def series(chance: Chance, measured: Measured, size: int, season: float = 1.0) -> list[Said]:
    """Thirteen quarters with the zone's own trend; ``season`` multiplies each third quarter."""
    trend = 1 + chance.normal() * 0.01
    level = measured.per_10_000 * size / 10_000 * (1 + 0.2 * chance.normal() / 3)
    each = measured.each * (1 + 0.1 * chance.normal() / 3)
    quarters = []
    for place, code in enumerate([*PAST, NOW]):
        mean = level * trend**place * (season if code.endswith("Q3") else 1)
        quarters.append(_said(chance, measured, mean, each))
    return quarters


def _said(chance: Chance, measured: Measured, mean: float, each: float) -> Said:
    count = chance.around(mean, 0.08)
    if measured.version.kind == Kind.RATIO:
        share = min(1.0, max(0.0, each))
        part = min(count, chance.around(count * share, 0.04))
        return [(part, count)]
    if measured.version.kind == Kind.MEAN:
        return [(chance.around(count * each, 0.12), count)]
    if measured is SPLIT:
        half = chance.around(count * 0.4, 0.05)
        half = min(half, count)
        return [(count, None), (half, None), (count - half, None)]
    return [(count, None)]


# --- What goes wrong, and what is only odd -------------------------------------------------------

Change = Callable[[Chance, Case], Case]


def _times(said: Said, factor: float) -> Said:
    """The first number (of a quotient: the cases, the part keeping its share) times ``factor``."""
    return [
        (round(one * factor), None if two is None else round(two * factor)) for one, two in said
    ]


def times(factor: float) -> Change:
    return lambda _chance, case: replace(case, now=_times(case.now, factor))


def denominator_times_ten(_chance: Chance, case: Case) -> Case:
    return replace(case, now=[(one, (two or 0) * 10) for one, two in case.now])


def wrong_sign(_chance: Chance, case: Case) -> Case:
    total, first, *rest = case.now
    return replace(case, now=[total, (-first[0], None), *rest])


def swapped(_chance: Chance, case: Case) -> Case:
    return replace(case, now=[(two or 0, one) for one, two in case.now])


def transposed(chance: Chance, case: Case) -> Case:
    """Two neighbouring digits that differ change places; else the last two figures do."""
    digits = list(str(case.now[0][0]))
    places = [at for at in range(len(digits) - 1) if digits[at] != digits[at + 1]]
    if places:
        at = places[int(chance.source.random() * len(places))]
        digits[at], digits[at + 1] = digits[at + 1], digits[at]
    return replace(case, now=[(int("".join(digits)), case.now[0][1])])


def pasted(_chance: Chance, case: Case) -> Case:
    return replace(case, now=case.past[-4])


def above_the_tests(chance: Chance, case: Case) -> Case:
    count = case.now[0][0]
    return replace(
        case, other=(LARGE, [(max(0, count - 1 - int(chance.source.random() * 5)), None)])
    )


def out_of_bounds(_chance: Chance, case: Case) -> Case:
    return replace(case, now=[(200_001 + case.now[0][0], None)])


def as_it_is(_chance: Chance, case: Case) -> Case:
    return case


def nothing(_chance: Chance, case: Case) -> Case:
    return replace(case, now=[(0, two and 0) for _one, two in case.now])


def young(_chance: Chance, case: Case) -> Case:
    return replace(case, past=case.past[-2:])


@dataclass(frozen=True, slots=True)
class Class:
    """A kind of error or of oddity: what it does, to which measures."""

    name: str
    is_error: bool
    change: Change
    measures: tuple[Measured, ...]
    season: float = 1.0


CLASSES = (
    Class("ten times", True, times(10), WITH_SIZE),
    Class("a hundred times", True, times(100), WITH_SIZE),
    Class("a thousand times", True, times(1000), WITH_SIZE),
    Class("a tenth", True, times(0.1), WITH_SIZE),
    Class("ten times, in few cases", True, times(10), (FEW,)),
    Class("both parts ten times", True, times(10), (RATIO, RARE, MEAN)),
    Class("denominator ten times", True, denominator_times_ten, (RATIO, RARE, MEAN)),
    Class("wrong sign in a breakdown", True, wrong_sign, (SPLIT,)),
    Class("parts of a quotient swapped", True, swapped, QUOTIENTS),
    Class("two digits transposed", True, transposed, WITH_SIZE),
    Class("last year's figure pasted", True, pasted, WITH_SIZE),
    Class("more positive tests than tests", True, above_the_tests, (COUNT,)),
    Class("out of bounds", True, out_of_bounds, WITH_SIZE),
    Class("ordinary quarter", False, as_it_is, ALL),
    Class("breakdown that adds up", False, as_it_is, (SPLIT,)),
    Class("tiny counts", False, as_it_is, (TINY, FEW)),
    Class("seasons of three to one", False, as_it_is, WITH_SIZE, season=3.0),
    Class("new register, a third more", False, times(1.35), WITH_SIZE),
    Class("two quarters of past only", False, young, ALL),
    Class("quarter of zero in few cases", False, nothing, (TINY, FEW)),
    # Odd enough to be asked about: a comment says it in a line.
    Class("doubling after a merger", False, times(2.1), WITH_SIZE),
    Class("strike, two fifths of the usual", False, times(0.4), WITH_SIZE),
)


def cases_of(kind: Class) -> Iterator[Case]:
    for place, measured in enumerate(kind.measures):
        for at, size in enumerate(SIZES):
            for turn in range(ROUNDS):
                chance = Chance(SEED + place * 10_000 + at * 100 + turn)
                *past, now = series(chance, measured, size, kind.season)
                yield kind.change(chance, Case(measured, past, now))


# --- Measuring ----------------------------------------------------------------------------------


def checks() -> list[Check]:
    """The program's own checks for all definitions, and positives ≤ tests of this set."""
    file = Path(__file__).resolve().parents[1] / "submissions" / "data" / "checks.yaml"
    general = [
        Check(
            code=each.text("code"),
            kind=each.text("kind"),
            severity=each.text("severity"),
            threshold=each.number("threshold"),
            floor=each.number("floor"),
        )
        for each in read_yaml(file).records("checks")
        if "indicator" not in each
    ]
    positives = Check(kind=CheckKind.CROSS, severity=Severity.BLOCKING, indicator_id=1, other_id=2)
    return [*general, positives]


def measure(known: Iterable[Check] | None = None) -> list[Result]:
    """Every class of the set through the engine."""
    held = list(checks() if known is None else known)
    return [_measured(kind, held) for kind in CLASSES]


def _measured(kind: Class, held: list[Check]) -> Result:
    found, cases, kinds = 0, 0, dict.fromkeys([*CheckKind, MISSING], 0)
    for case in cases_of(kind):
        seen = {each.kind for each in _findings(case, held)}
        cases += 1
        found += bool(seen)
        for each in seen:
            kinds[each] += 1
    return Result(kind.name, kind.is_error, cases, found, kinds)


def _findings(case: Case, held: list[Check]) -> list[object]:
    blocks = [_block(case.measured, case.now, 1)]
    if case.other is not None:
        blocks.append(_block(*case.other, 100))
    past: dict[Series, dict[str, Measures]] = {}
    for code, said in zip(PAST[-len(case.past) :], case.past, strict=True):
        for option, (one, two) in enumerate(said):
            series_key = (
                case.measured.version.indicator_id,
                ZONE.pk,
                str(option) if option else "",
            )
            measures = measures_of(case.measured.version, one, two)
            if measures is not None:
                past.setdefault(series_key, {})[code] = measures
    return list(findings(blocks, code=NOW, past=past, checks=held))


def _block(measured: Measured, said: Said, first: int) -> Block:
    figures = [
        Figure(
            Cell(pk=first + place, option=str(place) if place else ""),
            measured.version,
            ZONE,
            None,
            Content(CellStatus.REPORTED, one, two),
            is_of_reporter=True,
        )
        for place, (one, two) in enumerate(said)
    ]
    return Block(measured.version, figures)


def table(results: Iterable[Result]) -> str:
    """One line per class: how many cases, how many found, and by which checks."""
    lines = [f"{'':34}{'cases':>6}{'found':>7}{'share':>7}  by"]
    for heading, is_error in (("Errors", True), ("Honest", False)):
        lines.append(heading)
        for each in (each for each in results if each.is_error == is_error):
            kinds = ", ".join(f"{kind} {count}" for kind, count in each.kinds.items() if count)
            share = f"{each.share:.0%}"
            lines.append(f"  {each.name:32}{each.cases:>6}{each.found:>7}{share:>7}  {kinds}")
    return "\n".join(lines)
