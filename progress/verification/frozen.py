"""METHOD.md 8: frozen results, by the method they record, from what was frozen with them."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from hashlib import sha256
from typing import Any

from indicators.models import Indicator
from indicators.models import Period as StoredPeriod
from organisations.models import Area
from progress.models import FrozenBasis, FrozenResult, FrozenSheet
from submissions.models import Measurement

from .adding import units_by_area
from .reading import (
    METHOD,
    NO_PATH,
    PLAN_ENDS,
    Case,
    Difference,
    Ground,
    Period,
    Report,
    Rules,
    Values,
    month_of,
    status_counted,
    text_of,
    unmatched,
)
from .results import result_of

#: The methods that a frozen result may record; each that comes is read here in its own way.
METHODS = (METHOD,)
#: Numbers of rows, which frozen results do not rest on, and what waited, which is not frozen.
NOT_FROZEN = ("version_id", "path_id", "in_review")

Row = Sequence[Any]


def frozen_differences(
    indicator: Indicator, ground: Ground, only: str, report: Report
) -> Iterator[Difference]:
    """What differs in the frozen results of an indicator, reopened periods too."""
    stored = FrozenBasis.objects.filter(indicator=indicator).select_related("closing__period")
    if only:
        stored = stored.filter(closing__period__code=only)
    bases = list(stored.order_by("closing__period__last_day", "closing__closed_at", "option"))
    if not bases:
        return
    digests = {each["sheet"] for basis in bases for each in basis.inputs}
    sheets = dict(FrozenSheet.objects.filter(pk__in=digests).values_list("digest", "rows"))
    yield from _sheets_differ(indicator, bases, sheets, report)
    results: dict[int, dict[str, FrozenResult]] = defaultdict(dict)
    found = FrozenResult.objects.filter(basis__in=[basis.pk for basis in bases])
    for result in found.select_related("area", "period"):
        results[result.basis_id][result.area.code] = result
    names = dict(Area.objects.values_list("code", "name_fr"))
    days = {each.code: each for each in StoredPeriod.objects.all()}
    rows = {digest: _rows(text) for digest, text in sheets.items()}
    kept = _Kept(indicator.code, ground, rows, days)
    for basis in bases:
        label = f"{indicator.code} {basis.closing.period.code}"
        end = f"{basis.option} frozen {basis.closing.closed_at:%Y-%m-%d %H:%M}".strip()
        yield from _basis_differs(" ".join(filter(None, (label, end))), basis)
        recomputed = kept.recomputed(basis, results[basis.pk])
        for area in sorted({*results[basis.pk], *recomputed}):
            report.compared += 1
            yield from _compared(
                f"{label} {names.get(area, area)} {end}",
                basis,
                results[basis.pk].get(area),
                recomputed.get(area),
            )


# --- The figures ----------------------------------------------------------------------------------


def _sheets_differ(
    indicator: Indicator, bases: Iterable[FrozenBasis], sheets: Mapping[str, str], report: Report
) -> Iterator[Difference]:
    """Each frozen row against the measurement of its revision, which never changes."""
    read = {
        (each["period"], basis.option, each["sheet"]) for basis in bases for each in basis.inputs
    }
    measured = _measured(indicator, {code for code, _option, _digest in read})
    for code, option, digest in sorted(read):
        label = " ".join(filter(None, (indicator.code, code, option, "frozen sheet")))
        text = sheets.get(digest)
        if text is None:
            yield Difference(label, "rows", "missing", digest)
            continue
        right = sha256(text.encode()).hexdigest()
        if right != digest:
            yield Difference(label, "digest", digest, right)
        for slug, revision, *said in _rows(text):
            report.compared += 1
            known = measured.get((code, option, slug, revision), [])
            if revision is None:
                known = [["missing", None, None]]
            if said[:3] not in known:
                yield Difference(
                    f"{label} {slug} revision {revision or 0}",
                    "row",
                    text_of(said[:3]),
                    text_of(known[0] if known else None),
                )


def _measured(
    indicator: Indicator, codes: Iterable[str]
) -> dict[tuple[str, str, str, int], list[list[Any]]]:
    found: dict[tuple[str, str, str, int], list[list[Any]]] = defaultdict(list)
    told = Measurement.objects.filter(
        cell__expectation__version__indicator=indicator,
        cell__expectation__period__code__in=codes,
    ).values_list(
        "cell__expectation__period__code",
        "cell__option",
        "cell__expectation__subject__unit__slug",
        "revision",
        "status",
        "numerator",
        "denominator",
    )
    for code, option, slug, revision, *said in told.iterator(chunk_size=2000):
        found[code, option, slug, revision].append(said)
    return found


def _rows(text: str) -> list[Row]:
    try:
        return [row for row in json.loads(text) if isinstance(row, list) and len(row) == 10]
    except (ValueError, TypeError):
        return []


# --- The results ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kept:
    """What the closings of an indicator kept: rows by the digest of their sheet.

    ``achieved`` are the areas whose target was reached in a period, by all that this rests on:
    closings that agree on a period, as most do, have it recomputed once.
    """

    code: str
    ground: Ground
    rows: Mapping[str, Sequence[Row]]
    days: Mapping[str, StoredPeriod]
    achieved: dict[str, frozenset[str]] = field(default_factory=dict)

    def recomputed(
        self, basis: FrozenBasis, stored: Mapping[str, FrozenResult]
    ) -> dict[str, Values]:
        """The results of the closed period by the code of the area."""
        code = basis.closing.period.code
        before = self._reached_before(basis, stored)
        found = self._results(basis, code)
        for area, values in found.items():
            own = code if values["status"] == "achieved" else ""
            values["reached"] = before.get(area, own)
        return found

    def _reached_before(
        self, basis: FrozenBasis, stored: Mapping[str, FrozenResult]
    ) -> Mapping[str, str]:
        """By area the earlier period in which the target was first reached.

        5: an option has no path, so none. Closings that kept a year only are taken as recorded.
        """
        code = basis.closing.period.code
        if basis.option:
            return {}
        if not any(each.get("all_earlier") for each in basis.inputs):
            return {
                area: result.reached
                for area, result in stored.items()
                if result.reached and result.reached < code
            }
        found: dict[str, str] = {}
        for each in basis.inputs:
            if each["period"] != code:
                for area in self._achieved(basis, each["period"]):
                    found.setdefault(area, each["period"])
        return found

    def _achieved(self, basis: FrozenBasis, code: str) -> frozenset[str]:
        """The codes of the areas."""
        key = self._key(basis, code)
        if key not in self.achieved:
            self._results(basis, code)
        return self.achieved[key]

    def _key(self, basis: FrozenBasis, code: str) -> str:
        year = [
            [each["period"], each["sheet"], each.get("definition", basis.definition)]
            for each in self._year(basis, code)
        ]
        return json.dumps([year, _paths(basis, code), basis.closing.mergers], sort_keys=True)

    def _year(self, basis: FrozenBasis, code: str) -> list[dict[str, Any]]:
        """The figures of a period and of the year before it."""
        now = month_of(self.days[code].last_day)
        return [
            each
            for each in basis.inputs
            if now - 12 <= month_of(self.days[each["period"]].last_day) <= now
        ]

    def _results(self, basis: FrozenBasis, code: str) -> dict[str, Values]:
        """The results of one period that was kept, by the code of the area."""
        case = self._case(basis, code)
        period = next((each for each in case.periods.values() if each.code == code), None)
        if period is None:
            return {}
        units = units_by_area(period.asked[basis.option], case.ground)
        found = {
            case.ground.areas[area]: result_of(case, period, basis.option, area, members)
            for area, members in units.items()
        }
        if not basis.option:
            self.achieved[self._key(basis, code)] = frozenset(
                area for area, values in found.items() if values["status"] == "achieved"
            )
        return found

    def _case(self, basis: FrozenBasis, code: str) -> Case:
        """The indicator as it was frozen: units are numbered by their slugs, in order."""
        inputs, asked = self._year(basis, code), _paths(basis, code)
        slugs = {row[0] for each in inputs for row in self.rows.get(each["sheet"], ())}
        slugs.update(slug for _day, *pair in basis.closing.mergers for slug in pair)
        slugs.update(slug for path in asked.values() for slug in path.get("baselines", ()))
        numbers = {slug: number for number, slug in enumerate(sorted(slugs))}
        areas = {area: pk for pk, area in self.ground.areas.items()}
        periods = {}
        for each in inputs:
            known = self.days[each["period"]]
            then = _rules(
                each.get("definition", basis.definition), asked if known.code == code else {}
            )
            period = Period(known.code, known.frequency, known.last_day, then)
            for row in self.rows.get(each["sheet"], ()):
                said = _asked(row, then.kind, areas) | {"unit": numbers[row[0]]}
                # Of an option, too, the total says who is asked.
                for option in {"", basis.option}:
                    period.asked[option][numbers[row[0]]] = said
            periods[known.frequency, month_of(known.last_day)] = period
        paths = {areas[each]: [_path(path, numbers)] for each, path in asked.items()}
        stood = Ground(
            self.ground.areas, self.ground.classes, self.ground.nation, _successions(basis, numbers)
        )
        return Case(self.code, periods, paths, stood)


def _paths(basis: FrozenBasis, code: str) -> Mapping[str, Any]:
    """The paths that counted in a period that was kept, by the code of the area."""
    own: Mapping[str, Any] = basis.paths
    return next((each.get("paths", own) for each in basis.inputs if each["period"] == code), own)


def _successions(basis: FrozenBasis, numbers: Mapping[str, int]) -> list[tuple[dt.date, int, int]]:
    mergers = basis.closing.mergers
    times = Counter(old for _day, old, _new in mergers)
    return sorted(
        (dt.date.fromisoformat(day), numbers[old], numbers[new])
        for day, old, new in mergers
        if times[old] == 1
    )


def _rules(definition: Mapping[str, Any], paths: Mapping[str, Any]) -> Rules:
    plain = {each.name: definition.get(each.name) for each in fields(Rules)}
    scale = plain["scale"]
    plain |= {
        "pk": 0,
        "scale": scale if isinstance(scale, int) else Fraction(str(scale)),
        "minimum_coverage": Fraction(str(plain["minimum_coverage"])),
        "materiality": _fraction(plain["materiality"]),
        "steps": [_day(day) for path in paths.values() for day in path["due_dates"]],
    }
    return Rules(**plain)  # type: ignore[arg-type]


def _path(path: Mapping[str, Any], numbers: Mapping[str, int]) -> Values:
    return {
        **NO_PATH,
        "from": dt.date.min,
        "b": _fraction(path["baseline"]),
        "baseline_end": path["baseline_end"] and _day(path["baseline_end"]),
        "points": {_day(day): _fraction(value) for day, value in path["points"]},
        "target": _fraction(path["target"]),
        "band": (_fraction(path["band_low"]), _fraction(path["band_high"])),
        "baselines": {
            numbers[slug]: _fraction(value) for slug, value in path.get("baselines", {}).items()
        },
    }


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _asked(row: Row, kind: str, areas: Mapping[str, int]) -> dict[str, Any]:
    slug, revision, said, numerator, denominator, population, *places, number = row
    region, province, arrondissement = (areas.get(code) for code in places)
    return {
        "slug": slug,
        "revision": revision,
        "said": said,
        "status": status_counted(said, kind, population),
        "numerator": numerator,
        "denominator": denominator,
        "population": population,
        "region": region,
        "province": province,
        "arrondissement": arrondissement,
        "population_class": number,
        "in_review": False,
    }


def _basis_differs(label: str, basis: FrozenBasis) -> Iterator[Difference]:
    """What pages read of a frozen definition and path, and no result rests on."""
    definition = basis.definition
    has_steps = definition["kind"] == "milestones"
    # 3: coverage by population wherever subjects have one.
    told: list[tuple[str, Values, Values]] = [("definition", definition, {"by_population": True})]
    for area, path in sorted(basis.paths.items()):
        dues = sorted(path["due_dates"]) if has_steps else []
        asked: Values = {
            # Steps done only grow.
            "direction": "increase" if has_steps else definition["direction"],
            "due_dates": dues,
            "target_date": dues[-1] if dues else PLAN_ENDS.isoformat(),
        }
        told.append((f"path of {area}", path, asked))
    for what, stored, expected in told:
        for name, value in expected.items():
            if stored[name] != value:
                yield Difference(f"{label} {what}", name, text_of(stored[name]), text_of(value))


def _compared(
    label: str, basis: FrozenBasis, stored: FrozenResult | None, values: Values | None
) -> Iterator[Difference]:
    if stored is None or values is None:
        yield unmatched(label, stored)
        return
    if stored.method_version not in METHODS:
        yield Difference(label, "method_version", stored.method_version, "a method not known")
        return
    place: Values = {
        "closing_id": basis.closing_id,
        "indicator_id": basis.indicator_id,
        "period_id": basis.closing.period_id,
        "option": basis.option,
    }
    for name, value in {**place, **values}.items():
        if name not in NOT_FROZEN and getattr(stored, name) != value:
            yield Difference(label, name, text_of(getattr(stored, name)), text_of(value))
