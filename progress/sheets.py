"""Sheets: the validated figures of an indicator × period × option as canonical text.

A row is ``[slug, revision, status, numerator, denominator, population, region, province,
arrondissement, class]``: what was said about a subject as it counts, and where the subject was when
its round opened (codes of areas, number of the population class). Rows are in order of slug; the
text is JSON without spaces, in ASCII, so that the same figures are the same text, and have the same
digest, on every database. It holds no number of a database's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from indicators.calculation import METHOD_VERSION
from indicators.calculation.fingerprints import digest, row_text
from indicators.calculation.values import Definition, Observation
from indicators.definitions import definition_of
from indicators.enums import CellStatus
from indicators.models import Indicator, IndicatorVersion, Period
from organisations.enums import AreaKind
from organisations.models import Area, Unit
from submissions.observations import Figure, figures

from .models import Sheet


class Place(NamedTuple):
    """Where a subject was when its round opened: ids of areas, the number of its class."""

    region: int | None
    province: int | None
    arrondissement: int | None
    population_class: int | None

    def is_in(self, area: Area) -> bool:
        """Whether a subject there counts in the area's results."""
        if area.kind == AreaKind.CLASS:
            return self.population_class == area.number
        return area.kind == AreaKind.NATION or area.pk in self[:3]


@dataclass(frozen=True, slots=True)
class Names:
    """Ids and names of areas and units, both ways: a sheet has names, calculations ids."""

    area_codes: Mapping[int, str]
    area_ids: Mapping[str, int]
    unit_ids: Mapping[str, int]


@dataclass(slots=True)
class Collected:
    """An indicator's figures of one period: observations and reviews by option, then subject.

    Subjects are in order of slug, and every option has all of them.
    """

    period: Period
    version: IndicatorVersion
    definition: Definition
    slugs: dict[int, str] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    observations: dict[str, dict[int, Observation]] = field(default_factory=dict)
    in_review: dict[str, set[int]] = field(default_factory=dict)
    texts: dict[str, dict[int, str]] = field(default_factory=dict)
    digests: dict[tuple[str, tuple[int, ...]], str] = field(default_factory=dict)

    def digest(self, option: str, subjects: tuple[int, ...]) -> str:
        """Fingerprint of these subjects' figures (in order of slug) as validated in the period."""
        key = (option, subjects)
        if key not in self.digests:
            texts = self.rows(option)
            rows = [texts.get(one, "") for one in subjects if one in self.slugs]
            self.digests[key] = digest(METHOD_VERSION, {}, rows)
        return self.digests[key]

    def rows(self, option: str) -> Mapping[int, str]:
        """Each subject's row as the fingerprint takes it, in order; of no option nothing."""
        if option not in self.texts:
            self.texts[option] = {
                subject: row_text(one, self.slugs[subject])
                for subject, one in self.observations.get(option, {}).items()
            }
        return self.texts[option]


# --- From figures ---------------------------------------------------------------------------------


def collected(
    versions: Mapping[int, IndicatorVersion],
    periods: Mapping[int, Period],
    rows: Iterable[Figure],
) -> Iterator[Collected]:
    """The figures period by period, as they come; rows of a period follow each other."""
    for period_id, given in groupby(rows, key=lambda row: row.period_id):
        yield of_figures(versions, periods[period_id], list(given))


def of_figures(
    versions: Mapping[int, IndicatorVersion], period: Period, rows: Sequence[Figure]
) -> Collected:
    """One period from all its rows."""
    found = empty(versions[rows[0].version_id], period)
    put(found, rows)
    return found


def empty(version: IndicatorVersion, period: Period) -> Collected:
    """A period of which nothing is known yet, with the options of its definition."""
    options = ["", *(option.code for option in version.options.all())]
    return Collected(
        period,
        version,
        definition_of(version),
        observations={option: {} for option in options},
        in_review={option: set() for option in options},
    )


def put(found: Collected, rows: Sequence[Figure]) -> None:
    """Put subjects with all they said; one that was there already must have been taken out."""
    populations: dict[int, int | None] = {}
    for row in rows:
        subject = row.observation.subject
        if subject not in populations:
            populations[subject] = row.observation.population
            found.slugs[subject] = row.slug
            found.places[subject] = Place(
                row.region_id, row.province_id, row.arrondissement_id, row.population_class
            )
        if row.option in found.observations:
            found.observations[row.option][subject] = row.observation
            if row.in_review:
                found.in_review[row.option].add(subject)
    found.slugs = dict(sorted(found.slugs.items(), key=lambda item: item[1]))
    for option, said in found.observations.items():
        found.observations[option] = {
            subject: said.get(subject)
            or Observation(subject, CellStatus.MISSING, population=populations.get(subject))
            for subject in found.slugs
        }
    found.texts.clear()
    found.digests.clear()


def take_out(found: Collected, subjects: Iterable[int]) -> None:
    """Forget what these subjects said, and that they were asked."""
    gone = set(subjects).intersection(found.slugs)
    for subject in gone:
        del found.slugs[subject], found.places[subject]
        for option, said in found.observations.items():
            del said[subject]
            found.in_review[option].discard(subject)
    found.texts.clear()
    found.digests.clear()


# --- As text, and back ----------------------------------------------------------------------------


def names() -> Names:
    """Two queries."""
    areas = dict(Area.objects.values_list("pk", "code"))
    units = dict(Unit.objects.values_list("slug", "pk"))
    return Names(areas, {code: pk for pk, code in areas.items()}, units)


def sheets_of(found: Collected, area_codes: Mapping[int, str], basis: str) -> list[Sheet]:
    """A period's figures as sheets, unsaved."""
    texts = {place: _place_text(place, area_codes) for place in set(found.places.values())}
    places = {one: texts[place] for one, place in found.places.items()}
    sheets = []
    for option in found.observations:
        # One text per row, closed by the place instead of its bracket.
        rows = ",".join(text[:-1] + places[one] for one, text in found.rows(option).items())
        sheet = Sheet(
            indicator_id=found.version.indicator_id,
            period_id=found.period.pk,
            option=option,
            version_id=found.version.pk,
            rows=f"[{rows}]",
            in_review=sorted(found.slugs[one] for one in found.in_review[option]),
            basis=basis,
        )
        sheet.digest = digest_of(sheet.rows)
        sheets.append(sheet)
    return sheets


def _place_text(place: Place, area_codes: Mapping[int, str]) -> str:
    *areas, number = place
    codes = [None if area is None else area_codes[area] for area in areas]
    return "," + json.dumps([*codes, number], separators=(",", ":"))[1:]


def digest_of(rows: str) -> str:
    """SHA-256 of a sheet's rows, 64 hex digits."""
    return sha256(rows.encode("ascii")).hexdigest()


def of_sheets(version: IndicatorVersion, sheets: Sequence[Sheet], known: Names) -> Collected:
    """A period's figures from its sheets, one per option."""
    found = empty(version, sheets[0].period)
    for sheet in sheets:
        said = found.observations.setdefault(sheet.option, {})
        for slug, revision, status, numerator, denominator, population, *place in json.loads(
            sheet.rows
        ):
            subject = known.unit_ids[slug]
            said[subject] = Observation(
                subject, CellStatus(status), numerator, denominator, population, revision
            )
            if subject not in found.slugs:
                found.slugs[subject] = slug
                *codes, number = place
                region, province, arrondissement = (code and known.area_ids[code] for code in codes)
                found.places[subject] = Place(region, province, arrondissement, number)
        found.in_review[sheet.option] = {known.unit_ids[slug] for slug in sheet.in_review}
    return found


def rows_of(indicator: Indicator, period: Period, option: str = "") -> str:
    """The canonical rows, read from the measurements themselves; "[]" where nobody was asked."""
    versions = {each.pk: each for each in indicator.versions.prefetch_related("options")}
    given = figures(indicator.pk, [period.pk])
    area_codes = dict(Area.objects.values_list("pk", "code"))
    for found in collected(versions, {period.pk: period}, given):
        for sheet in sheets_of(found, area_codes, ""):
            if sheet.option == option:
                return sheet.rows
    return "[]"
