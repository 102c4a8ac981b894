"""Loads areas, units, populations, municipalities and recorded mergers from ``data/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from foundation.datafiles import LANGUAGES, Record, read_csv, read_yaml
from foundation.reference import Count, Row, load_rows

from .enums import AreaKind, DatePrecision, UnitKind
from .models import Area, Municipality, Population, Unit, UnitSuccession

STATBEL = "Statbel (CC BY 4.0)"

NAMES = tuple(f"name_{language}" for language in LANGUAGES)
TEXTS = ("source_fr", "source_nl", "note_fr", "note_nl")
FEDERAL = ("slug", "acronym_fr", "acronym_nl", *NAMES, "language", "parent", *TEXTS)
FORMER = (
    "slug", "code", "code_status", "name_fr", "name_nl", "name_de", "language", "province",
    "region", "dca", "valid_from", "valid_to", *TEXTS,
)  # fmt: skip
ZONES = (
    "slug", "code", "code_status", "name_fr", "name_nl", "name_de", "language", "province",
    "region", "dca", "population", "population_date", "valid_from", "has_point_of_entry",
    *TEXTS,
)  # fmt: skip
TILES = ("slug", "row", "column")
MUNICIPALITIES = ("nis", "name_fr", "name_nl", "name_de", "zone")
MERGERS = (
    "successor", "predecessor", "predecessor_label", "effective_on", "precision", "zones_after",
    "source_fr", "source_nl",
)  # fmt: skip


def load(*, root: Path) -> list[Count]:
    """Load the files of ``root``/organisations/data. Raises DataFault."""
    folder = root / "organisations" / "data"
    zones = read_csv(folder / "zones.csv", ZONES)
    former = read_csv(folder / "former_zones.csv", FORMER)
    federal = read_csv(folder / "federal.csv", FEDERAL)
    sources = read_csv(folder / "sources.csv", FEDERAL)
    municipalities = read_csv(folder / "municipalities.csv", MUNICIPALITIES)
    mergers = read_csv(folder / "mergers.csv", MERGERS)
    _refuse_zones_without_municipality(zones, municipalities)
    _refuse_shared_codes(zones)
    tiles = _tiles(read_csv(folder / "tilegrid.csv", TILES), zones)

    areas = load_rows(Area, ["code"], _areas(read_yaml(folder / "areas.yaml")), lasting=True)
    units = load_rows(
        Unit,
        ["slug"],
        [
            *(_federal(record, UnitKind.FEDERAL) for record in federal),
            *(_federal(record, UnitKind.SOURCE) for record in sources),
            *(_zone(record, areas.rows, tiles) for record in zones),
            *(_zone(record, areas.rows, {}) for record in former),
        ],
        # A unit ends by its dates.
        lasting=True,
    )
    in_existence = {record.text("slug"): units.rows[record.text("slug")] for record in zones}
    populations = load_rows(
        Population, ["unit", "on"], (_population(each, in_existence) for each in zones)
    )
    towns = load_rows(
        Municipality, ["nis"], (_municipality(each, in_existence) for each in municipalities)
    )
    successions = load_rows(
        UnitSuccession,
        ["successor", "predecessor_label"],
        (_succession(each, units.rows) for each in mergers),
    )
    return [areas.count, units.count, populations.count, towns.count, successions.count]


def _areas(record: Record) -> Iterable[Row]:
    record.only(AreaKind.values)
    for kind in AreaKind.values:
        for number, area in enumerate(record.records(kind), start=1):
            area.only({"code", "name"})
            names = {name: text or "" for name, text in area.translations("name").items()}
            yield Row(area, {"kind": kind, "code": area.text("code"), "number": number, **names})


def _federal(record: Record, kind: str) -> Row:
    texts = ("slug", "acronym_fr", "acronym_nl", "name_en", "language", *TEXTS)
    values = {**_names(record), **{name: record.text(name) for name in texts}, "kind": kind}
    return Row(record, values, {"parent": record.text("parent")})


Tiles = Mapping[str, tuple[int | None, int | None]]


def _tiles(records: Iterable[Record], zones: Sequence[Record]) -> Tiles:
    """Where each zone stands on the tile map, by slug: row and column from 0, one zone a tile."""
    known = {zone.text("slug"): zone for zone in zones}
    if len(known) < len(zones):
        return {}  # a zone stands twice, which load_rows tells where it stands
    tiles: dict[str, tuple[int | None, int | None]] = {}
    for record in records:
        record.choice("slug", known)
        place = (record.integer("row"), record.integer("column"))
        if None in place:
            raise record.fault("row", _("whole number expected"))
        if record.text("slug") in tiles:
            raise record.fault("slug", _("stands twice"))
        if place in tiles.values():
            raise record.fault("column", _("another zone has this tile"))
        tiles[record.text("slug")] = place
    return tiles


def _zone(record: Record, areas: Mapping[str, Area], tiles: Tiles) -> Row:
    """A zone, controlled by the DCA of its arrondissement."""
    if bool(record.text("code")) != bool(record.text("code_status")):
        raise record.fault("code_status", _("a code and its status go together"))
    _refuse_wrong_dates(record)
    province = record.text("province")
    values = {
        "kind": UnitKind.ZONE,
        **_names(record),
        **{name: record.text(name) for name in ("slug", "code", "code_status", "language", *TEXTS)},
        "province": record.choice("province", _of(areas, AreaKind.PROVINCE)) if province else None,
        "region": record.choice("region", _of(areas, AreaKind.REGION)),
        "arrondissement": record.choice("dca", _of(areas, AreaKind.ARRONDISSEMENT)),
        "valid_from": record.day("valid_from"),
        "valid_to": record.day("valid_to"),
        "has_point_of_entry": record.flag("has_point_of_entry"),
    }
    row, column = tiles.get(record.text("slug"), (None, None))
    placed = {**values, "tile_row": row, "tile_column": column}
    return Row(record, placed, {"controlled_by": record.text("dca")}, {"controlled_by": "dca"})


def _of(areas: Mapping[str, Area], kind: str) -> dict[str, Area]:
    return {code: area for code, area in areas.items() if area.kind == kind}


def _names(record: Record) -> dict[str, str]:
    own = f"name_{record.text('language')[:2]}"
    if own in NAMES and not record.text(own):
        raise record.fault(own, _("a unit has a name in its own language"))
    return {name: record.text(name) for name in NAMES[:3]}


def _population(record: Record, zones: Mapping[str, Unit]) -> Row:
    values = {
        "unit": zones[record.text("slug")],
        "on": record.day("population_date"),
        "inhabitants": record.integer("population"),
        "source": STATBEL,
    }
    return Row(record, values, named={"on": "population_date", "inhabitants": "population"})


def _municipality(record: Record, zones: Mapping[str, Unit]) -> Row:
    values = {name: record.text(name) for name in ("nis", "name_fr", "name_nl", "name_de")}
    return Row(record, {**values, "unit": record.choice("zone", zones)})


def _succession(record: Record, units: Mapping[str, Unit]) -> Row:
    day = record.day("effective_on")
    if (day is None) != (record.text("precision") == DatePrecision.UNKNOWN):
        raise record.fault("effective_on", _("a date, or the precision “unknown”"))
    predecessor = record.choice("predecessor", units) if record.text("predecessor") else None
    if predecessor and predecessor.valid_to != day:
        raise record.fault("effective_on", _("the predecessor ends on another day"))
    values = {
        "successor": record.choice("successor", units),
        "predecessor": predecessor,
        "predecessor_label": record.text("predecessor_label"),
        "effective_on": day,
        "precision": record.text("precision"),
        "zones_after": record.integer("zones_after"),
        "source_fr": record.text("source_fr"),
        "source_nl": record.text("source_nl"),
    }
    return Row(record, values)


def _refuse_wrong_dates(record: Record) -> None:
    start, end = record.day("valid_from"), record.day("valid_to")
    if start and end and end <= start:
        raise record.fault("valid_to", _("the end comes after the beginning"))


def _refuse_zones_without_municipality(
    zones: Iterable[Record], municipalities: Iterable[Record]
) -> None:
    policed = {record.text("zone") for record in municipalities}
    for record in zones:
        if record.text("slug") not in policed:
            raise record.fault("slug", _("a zone without a municipality"))


def _refuse_shared_codes(zones: Iterable[Record]) -> None:
    seen: set[str] = set()
    for record in zones:
        code = record.text("code")
        if code and code in seen:
            raise record.fault("code", _("stands twice"))
        seen.add(code)
