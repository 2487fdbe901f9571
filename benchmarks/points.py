"""Points to cells: gridmap against shapely, geopandas, DuckDB and PostGIS.

All on one core, in one run, in turns; the answers are compared first. Peers get the beginning of
the same points, since their speed does not depend on the number.
"""

import importlib.util
import resource
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.sheet import Sheet
from benchmarks.timing import each_us, interleaved, once, seconds
from gridmap import LngLat, ReleaseIndex, attribute, point
from gridmap.boundary import Layer
from gridmap.errors import GridmapError
from gridmap.gridtables import BATCH, GridTables
from gridmap.level import Basis, Level
from gridmap.locate import LayerIndex
from gridmap.measure import MetricPlane

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

PEERS_AT_MOST = 1_000_000
POSTGIS_AT_MOST = 50_000
HOT_SPOTS = 2_000
HOT_SPOT_DEG = 0.005  # about 500 m
RASTER_PIXELS = 16_000_000  # 64 MB of int32


# The names of ways, as the tables show them.
OURS = "gridmap, exact"
RASTER = "raster of {mb:.0f} MB, {wrong:.1%} of the answers wrong"
BY_HAND = "STRtree on boxes, prepared intersects_xy, grouped"
POSTGIS = "PostGIS ST_Covers, GiST, one process"


def points_to_cells(index: ReleaseIndex, rng: np.random.Generator, count: int) -> Sheet:
    """The cell of each point, in the shipped city."""
    layer = index.layers[Level.CELL]
    layer.grid()
    lnglat = sample(layer, rng, count)
    found = layer.locate(lnglat)
    raster = Raster(layer.grid().tables)
    wrong = float((raster.locate(lnglat) != found).mean())
    name = RASTER.format(mb=raster.ids.nbytes / 1e6, wrong=wrong)
    with peers(layer.layer, lnglat) as (ways, counts):
        for peer, way in ways.items():
            if not np.array_equal(way(), found[: counts[peer]]):
                raise AssertionError(f"{peer} answers otherwise")
        took = interleaved(
            {
                OURS: lambda: layer.locate(lnglat),
                name: lambda: raster.locate(lnglat),
                **ways,
            }
        )
    rates = {way: counts.get(way, len(lnglat)) / time_s for way, time_s in took.items()}
    sheet = Sheet(
        f"{len(lnglat):,} points to {len(layer.layer):,} cells, one core (all exact answers equal)",
        ("way", "M points/s", "gridmap is so many times as fast"),
    )
    for way, rate in sorted(rates.items(), key=lambda item: -item[1]):
        sheet.add(way, f"{rate / 1e6:.2f}", f"{rates[OURS] / rate:.2f}")
    usual = max(rate for way, rate in rates.items() if way not in {OURS, name, BY_HAND})
    sheet.target(
        "ratio to the fastest of sjoin, STRtree, DuckDB, PostGIS", rates[OURS] / usual, at_least=12
    )
    sheet.target("ratio to the best by hand with shapely", rates[OURS] / rates[BY_HAND], at_least=8)
    sheet.target("ratio to the inexact raster", rates[OURS] / rates[name], at_least=0.4)
    sheet.target("million points a second (the goal)", rates[OURS] / 1e6, at_least=20)
    if POSTGIS not in rates:
        sheet.remark("PostGIS took no part: no PostgreSQL with PostGIS on this machine")
    return sheet


def costs_of_the_grid(index: ReleaseIndex) -> Sheet:
    """What the grid costs: to build, in memory, to load."""
    layer = index.layers[Level.CELL]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took_s, _ = once(layer.grid)
    grew_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3
    tracemalloc.start()
    fresh = LayerIndex(layer.layer, index.plane)
    tables = fresh.grid().tables
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.grid"
        index.save_grid(path, level=Level.CELL)
        size_mb = path.stat().st_size / 1e6
        load_s = seconds(lambda: index.load_grid(path, level=Level.CELL))
    sheet = Sheet(f"The grid of {len(layer.layer):,} cells", ("what", "seen"))
    sheet.add("built in", f"{took_s:.1f} s")
    sheet.add("memory afterwards", f"{tables.nbytes / 1e6:.0f} MB")
    sheet.add("arrays while building, at most", f"{peak_mb:.0f} MB")
    sheet.add("the process grew by", f"{grew_mb:.0f} MB")
    sheet.add("file", f"{size_mb:.0f} MB")
    sheet.add("mapped from the file, its layer checked, in", f"{load_s * 1e3:.0f} ms")
    sheet.target("seconds to build", took_s, at_most=10)
    sheet.target("MB to build", peak_mb, at_most=300)
    return sheet


def single_points(index: ReleaseIndex) -> Sheet:
    """One point from Python, in several ways."""
    layer = index.layers[Level.CELL]
    lnglat = np.array([[116.3175, 39.885]])
    codes = layer.layer.codes
    layers = index.release.layers

    def chain() -> list[str]:
        rows = index.located(lnglat).rows
        return [str(layers[level].codes[found[0]]) for level, found in rows.items()]

    ways: dict[str, tuple[Callable[[], object], int]] = {
        "cell's code: layer.locate": (lambda: str(codes[layer.locate(lnglat)[0]]), 1_000),
        "code and name: layer.area": (
            lambda: layer.layer.area(int(layer.locate(lnglat)[0])),
            1_000,
        ),
        "codes of all levels: index.located": (chain, 1_000),
        "cell's row by the grid alone": (lambda: layer.grid().settle(lnglat), 1_000),
        "everything: attribute (distances, relations)": (
            lambda: attribute(point(*lnglat[0].tolist(), crs="EPSG:4490"), index),
            20,
        ),
    }
    sheet = Sheet("A single point from Python", ("way", "microseconds"))
    times = {name: each_us(way, repeats=repeats) for name, (way, repeats) in ways.items()}
    for name, time_us in times.items():
        sheet.add(name, f"{time_us:.1f}")
    sheet.target("microseconds for the cell's code", next(iter(times.values())), at_most=30)
    return sheet


def small_batches(layer: LayerIndex, lnglat: Floats) -> Sheet:
    """Where the grid overtakes the tree."""
    sheet = Sheet("One batch, in microseconds", ("points", "by the grid", "by the tree"))
    for count in (1, 10, 100, 1_000, 10_000, 100_000):
        batch = lnglat[:count]
        repeats = max(1, 2_000 // count)
        by_grid = each_us(lambda: layer.grid().settle(batch), repeats=repeats, runs=3)  # noqa: B023
        by_tree = each_us(lambda: layer.covering_by_rule(batch), repeats=repeats, runs=3)  # noqa: B023
        sheet.add(f"{count:,}", f"{by_grid:,.0f}", f"{by_tree:,.0f}")
    return sheet


@contextmanager
def peers(
    layer: Layer, lnglat: Floats
) -> Iterator[tuple[dict[str, Callable[[], Rows]], dict[str, int]]]:
    """Yield the peers' ways, each with its index built, and how many points each gets."""
    fewer = lnglat[:PEERS_AT_MOST]
    ways = exact_ways(layer, fewer)
    counts = dict.fromkeys(ways, len(fewer))
    try:
        from benchmarks.postgis_peer import covers  # noqa: PLC0415 - needs the service's packages

        fewest = lnglat[:POSTGIS_AT_MOST]
        joining = covers(layer.geometries, fewest)
        by_postgis = joining.__enter__()
    except (ImportError, GridmapError, OSError):
        yield ways, counts
        return
    try:
        yield {**ways, POSTGIS: by_postgis}, {**counts, POSTGIS: len(fewest)}
    finally:
        joining.__exit__(None, None, None)


def exact_ways(layer: Layer, lnglat: Floats) -> dict[str, Callable[[], Rows]]:
    """The peers, each with its index built beforehand; all return the lowest row, -1 for none."""
    cells = layer.geometries
    frame = geopandas.GeoDataFrame(geometry=cells, crs="EPSG:4490")
    tree = shapely.STRtree(cells)
    boxes = shapely.STRtree(shapely.box(*shapely.bounds(cells).T))
    prepared = cells.copy()
    shapely.prepare(prepared)

    def by_sjoin(predicate: str) -> Rows:
        points = geopandas.GeoDataFrame(geometry=shapely.points(lnglat), crs="EPSG:4490")
        joined = points.sjoin(frame, predicate=predicate)["index_right"]
        return lowest(joined.index.to_numpy(), joined.to_numpy(), len(lnglat))

    def by_tree() -> Rows:
        return lowest(*tree.query(shapely.points(lnglat), predicate="intersects"), len(lnglat))

    def by_boxes() -> Rows:
        at, rows = boxes.query(shapely.points(lnglat))
        order = np.argsort(rows, kind="stable")
        at, rows = at[order], rows[order]
        x, y = lnglat[at].T
        held = shapely.intersects_xy(prepared[rows], x, y)
        return lowest(at[held], rows[held], len(lnglat))

    ways = {
        "geopandas.sjoin(intersects)": lambda: by_sjoin("intersects"),
        "geopandas.sjoin(within)": lambda: by_sjoin("within"),
        "shapely.STRtree(intersects)": by_tree,
        BY_HAND: by_boxes,
    }
    if importlib.util.find_spec("duckdb") and importlib.util.find_spec("duckdb_extension_spatial"):
        from benchmarks.duckdb_peer import spatial_join  # noqa: PLC0415 - no dependency of ours

        ways["DuckDB spatial, one thread"] = spatial_join(cells, lnglat)
    return ways


def lowest(positions: Rows, rows: Rows, count: int) -> Rows:
    found = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(found, positions, rows)
    found[found == np.iinfo(np.int64).max] = -1
    return found


class Raster:
    """What one would do without borders: a raster of the area at each pixel's centre."""

    def __init__(self, tables: GridTables) -> None:
        self._west, self._south, coarse_per_degree = tables.frame.tolist()
        height, width = np.array(tables.coarse.shape) / coarse_per_degree
        self._per_degree = np.sqrt(RASTER_PIXELS / (width * height))
        rows, columns = (np.array([height, width]) * self._per_degree).astype(int) + 1
        x = self._west + (np.arange(columns) + 0.5) / self._per_degree
        self.ids = np.empty((rows, columns), dtype=np.int32)
        for row in range(rows):
            y = self._south + (row + 0.5) / self._per_degree
            self.ids[row] = tables.settle(np.column_stack([x, np.full(columns, y)]))[0]

    def locate(self, lnglat: Floats) -> Rows:
        found = np.empty(len(lnglat), dtype=np.int64)
        for start in range(0, len(lnglat), BATCH):
            x, y = lnglat[start : start + BATCH].T
            column = ((x - self._west) * self._per_degree).astype(np.int64)
            row = ((y - self._south) * self._per_degree).astype(np.int64)
            row *= self.ids.shape[1]
            row += column
            found[start : start + BATCH] = self.ids.ravel().take(row, mode="clip")
        return found


def growth(rng: np.random.Generator, count: int) -> Sheet:
    """How the cost grows with the number of cells: Voronoi cells of 70 % crowded seeds."""
    layers = {}
    sheet = Sheet(
        f"{count:,} points, by number of cells",
        ("cells", "M points/s", "built in s", "MB", "left open"),
    )
    points: dict[str, Floats] = {}
    built: dict[str, float] = {}
    for cells in (4_000, 40_000, 400_000):
        layer = LayerIndex(voronoi(rng, cells), MetricPlane(LngLat(116.4, 40.2)))
        built[f"{cells:,}"], _ = once(layer.grid)
        layers[f"{cells:,}"] = layer
        points[f"{cells:,}"] = lnglat = sample(layer, rng, count)
        found = lowest(*layer.covering_by_rule(lnglat[:100_000]), len(lnglat[:100_000]))
        if not np.array_equal(layer.locate(lnglat[:100_000]), found):
            raise AssertionError(f"the grid of {cells:,} cells answers otherwise")
    ways = {name: _locating(layer, points[name]) for name, layer in layers.items()}
    took = interleaved(ways)
    rates = {name: len(points[name]) / time_s for name, time_s in took.items()}
    for name, layer in layers.items():
        left_open = len(layer.grid().settle(points[name])[1])
        mb = layer.grid().tables.nbytes / 1e6
        sheet.add(
            name, f"{rates[name] / 1e6:.1f}", f"{built[name]:.1f}", f"{mb:.0f}", f"{left_open:,}"
        )
    few, some, many = rates.values()
    sheet.target("4,000 to 40,000 cells, times slower", few / some, at_most=2)
    sheet.target("40,000 to 400,000 cells, times slower", some / many, at_most=2)
    sheet.target("4,000 to 400,000 cells, times slower", few / many, at_most=2)
    return sheet


def _locating(layer: LayerIndex, lnglat: Floats) -> Callable[[], Rows]:
    return lambda: layer.locate(lnglat)


def voronoi(rng: np.random.Generator, count: int) -> Layer:
    towns = rng.uniform((115.6, 39.6), (117.3, 40.9), (40, 2))
    crowded = towns[rng.integers(0, 40, int(count * 0.7))]
    crowded += rng.normal(0, 0.04, crowded.shape)
    spread = rng.uniform((115.4, 39.4), (117.5, 41.1), (count - len(crowded), 2))
    seeds = shapely.MultiPoint(np.concatenate([crowded, spread]))
    shapes = shapely.get_parts(shapely.voronoi_polygons(seeds))
    codes = [f"110101{number // 1000:03d}{number % 1000:03d}001" for number in range(len(shapes))]
    return Layer.build(
        Level.CELL,
        Basis.SCHEMATIC,
        codes=codes,
        names=codes,
        parents=["" for _ in codes],
        geometries=shapes,
    )


def sample(layer: LayerIndex, rng: np.random.Generator, count: int) -> Floats:
    """Points inside the layer: 70 % crowded around hot spots at its cells, 30 % spread."""
    cells = layer.layer.geometries
    spots = shapely.get_coordinates(shapely.centroid(rng.choice(cells, HOT_SPOTS)))
    crowded = spots[rng.integers(0, HOT_SPOTS, int(count * 0.75))]
    crowded += rng.normal(0, HOT_SPOT_DEG, crowded.shape)
    west, south, east, north = shapely.total_bounds(cells)
    spread = rng.uniform((west, south), (east, north), (count, 2))
    parts = []
    for points, part in ((crowded, int(count * 0.7)), (spread, count - int(count * 0.7))):
        inside = points[layer.locate(points) >= 0]
        parts.append(inside[:part])
    points = np.concatenate(parts)
    rng.shuffle(points)
    return points
