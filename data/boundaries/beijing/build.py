"""Build the schematic levels of Beijing's boundary set from districts and published facts.

    python data/boundaries/beijing/build.py

reads districts-amap.parquet and streets.csv beside it and writes district.parquet,
street.parquet, community.parquet and cell.parquet: one exact tiling. The same inputs and
versions give the same bytes.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import shapely
from rich.progress import track
from schematic_streets import Street, divided  # beside this script, which is in no package
from shapely.geometry.base import BaseGeometry

from gridmap import codes, tessellate, tiling, write
from gridmap.boundary import Layer
from gridmap.geo import LngLat
from gridmap.level import Basis, Level
from gridmap.measure import area_m2, distance_m

HERE = Path(__file__).parent
CITY = "110000"
# 天安门, from which the city grows outward.
CENTRE = LngLat(116.3975, 39.9087)
# DB11/T 2157-2023: a unit cell has nominally 10,000 m2.
CORE_CELL_M2 = 10_000.0
# Cells stay nominal this far out (东城, 西城 and the dense core) and grow with this power of the
# distance beyond it; chosen so that the city has about 40,000 cells.
CORE_RADIUS_M = 6_500.0
GROWTH = 3.1
# A far street still has cells enough to work with: a town's centre is small ground.
FEWEST_CELLS = 45
# Communities per street: some 45 in the core, a dozen far out; some 6,000 in the city, where
# the statistics bureau lists 7,535.
COMMUNITIES_PER_ROOT_CELL = 1.9


@dataclass(frozen=True)
class Cell:
    """A piece of ground and the codes above it; names are numbers, for nothing here is real."""

    code: str
    shape: BaseGeometry


def main() -> None:
    districts = geopandas.read_parquet(HERE / "districts-amap.parquet")
    streets = facts()
    cells: list[Cell] = []
    for code, shape in track(
        list(zip(districts["code"], districts.geometry, strict=True)), description="districts"
    ):
        cells.extend(cells_of(shape, streets[code]))
    print(f"{len(cells)} cells; making them one exact tiling")
    names = dict(zip(districts["code"], districts["name"], strict=True))
    names |= {one.code: one.name for of_district in streets.values() for one in of_district}
    for layer in layers(cells, names):
        write.layer(layer, HERE / f"{layer.level}.parquet")
        print(f"{layer.level}: {len(layer)} areas")


def facts() -> dict[str, list[Street]]:
    """Return the streets of each district by its code, in the order of their codes."""
    found: dict[str, list[Street]] = {}
    with (HERE / "streets.csv").open(encoding="utf-8", newline="") as lines:
        for row in sorted(csv.DictReader(lines), key=lambda row: row["code"]):
            columns = ("centre_lng", "centre_lat", "west", "south", "east", "north", "area_km2")
            street = Street(row["code"], row["name"], *(float(row[one]) for one in columns))
            found.setdefault(row["district_code"], []).append(street)
    return found


def cells_of(district: BaseGeometry, streets: Sequence[Street]) -> Iterator[Cell]:
    """Yield the unit cells of one district, numbered inside schematic communities."""
    shapes = divided(tiling.snapped(district), streets)
    for street, shape in zip(streets, shapes, strict=True):
        count = cell_count(shape)
        communities = tessellate.pieces(shape, count=round(COMMUNITIES_PER_ROOT_CELL * count**0.5))
        counts = tessellate.apportioned(shapely.area(communities), count)
        for number, (community, share) in enumerate(zip(communities, counts, strict=True), start=1):
            for place, cell in enumerate(
                tessellate.pieces(community, count=max(1, int(share))), start=1
            ):
                yield Cell(f"{street.code}{number:03d}{place:03d}", cell)


def cell_count(street: BaseGeometry) -> int:
    """Return how many cells a street gets, by its area and its distance from the centre."""
    middle = street.centroid
    away_m = distance_m(CENTRE, LngLat(middle.x, middle.y))
    cell_m2 = CORE_CELL_M2 * max(1.0, away_m / CORE_RADIUS_M) ** GROWTH
    return max(FEWEST_CELLS, round(area_m2(street) / cell_m2))


def layers(cells: Sequence[Cell], names: dict[str, str]) -> Iterator[Layer]:
    """Yield the layers, finest first, each the exact union of the one below."""
    found = np.array([one.code for one in cells])
    shapes = tiling.exact([one.shape for one in cells])
    for level in (Level.CELL, Level.COMMUNITY, Level.STREET, Level.DISTRICT):
        if level is not Level.CELL:
            found, shapes = tiling.unions(shapes, [code[: codes.DIGITS[level]] for code in found])
        parent_digits = codes.DIGITS[level.parent or Level.CITY]
        yield Layer.build(
            level,
            Basis.MAPPED if level is Level.DISTRICT else Basis.SCHEMATIC,
            codes=found,
            names=[name_of(str(code), level, names) for code in found],
            parents=[CITY if level is Level.DISTRICT else code[:parent_digits] for code in found],
            geometries=shapes,
        )


def name_of(code: str, level: Level, names: dict[str, str]) -> str:
    """Return a real name for districts and streets, a number for what is invented."""
    if level is Level.COMMUNITY:
        return f"示意社区 {code[-3:]}"
    return f"示意网格 {code}" if level is Level.CELL else names[code]


if __name__ == "__main__":
    main()
