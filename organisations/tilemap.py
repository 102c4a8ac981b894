"""The map of police zones: one equal tile a zone, neighbours near each other.

Whatever is told of zones, each takes a tile with a step (0 to 4) or none, a short mark that tells
it without colour, and words; the same stands in the table beside the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .models import Unit

SIDE, GAP = 24, 3
PITCH = SIDE + GAP
ROWS, COLUMNS = 17, 20


@dataclass(frozen=True, slots=True)
class Value:
    """What is told of a zone: a step from 0 to 4, or None for nothing; a mark of two letters."""

    text: str
    step: int | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A zone on the map; ``x`` and ``y`` are of its upper left corner, in pixels."""

    unit: Unit
    value: Value
    url: str

    @property
    def row(self) -> int:
        return self.unit.tile_row or 0

    @property
    def column(self) -> int:
        return self.unit.tile_column or 0

    @property
    def x(self) -> int:
        return self.column * PITCH

    @property
    def y(self) -> int:
        return self.row * PITCH

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + SIDE // 2, self.y + SIDE // 2

    @property
    def look(self) -> str:
        return "none" if self.value.step is None else str(self.value.step + 1)


@dataclass(frozen=True)
class TileMap:
    """Zones with what is told of them, in the order of the map: row by row."""

    caption: str
    tiles: Sequence[Tile]
    elsewhere: Sequence[Tile]
    legend: Sequence[Value]

    width = COLUMNS * PITCH
    height = ROWS * PITCH

    @property
    def all(self) -> list[Tile]:
        """Every zone by name, for the table."""
        return sorted([*self.tiles, *self.elsewhere], key=lambda tile: tile.unit.name)

    @cached_property
    def edges(self) -> str:
        """An SVG path along the borders between tiles of different provinces."""
        areas = {
            (tile.row, tile.column): tile.unit.province_id or tile.unit.region_id
            for tile in self.tiles
        }
        lines = []
        for (row, column), area in areas.items():
            left, top = column * PITCH - GAP / 2, row * PITCH - GAP / 2
            right, below = areas.get((row, column + 1)), areas.get((row + 1, column))
            if right is not None and right != area:
                lines.append(f"M{left + PITCH} {top}v{PITCH}")
            if below is not None and below != area:
                lines.append(f"M{left} {top + PITCH}h{PITCH}")
        return "".join(lines)


def tile_map(
    units: Iterable[Unit],
    values: Mapping[int, Value],
    *,
    caption: str,
    legend: Sequence[Value],
    nothing: Value,
    urls: Mapping[int, str] | None = None,
) -> TileMap:
    """A map of ``units`` by what ``values`` tells of each id, ``nothing`` of the others."""
    links = urls or {}
    tiles = [Tile(unit, values.get(unit.pk, nothing), links.get(unit.pk, "")) for unit in units]
    placed = [tile for tile in tiles if tile.unit.tile_row is not None]
    return TileMap(
        caption=caption,
        tiles=sorted(placed, key=lambda tile: (tile.y, tile.x)),
        elsewhere=[tile for tile in tiles if tile.unit.tile_row is None],
        legend=[*legend, nothing],
    )
