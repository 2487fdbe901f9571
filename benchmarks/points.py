"""Points to cells: gridmap against the ways one would write with shapely, geopandas and DuckDB.

All on one core, the answers compared first. Peers get at most a million points of the sample, in
the same order, since their speed does not depend on the number.
"""

import importlib.util
import resource
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.timing import once, seconds
from gridmap import LngLat, ReleaseIndex
from gridmap.boundary import Layer
from gridmap.gridtables import BATCH, GridTables
from gridmap.level import Basis, Level
from gridmap.locate import LayerIndex
from gridmap.measure import MetricPlane

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

PEERS_AT_MOST = 1_000_000
HOT_SPOTS = 2_000
HOT_SPOT_DEG = 0.005  # about 500 m
RASTER_PIXELS = 16_000_000  # 64 MB of int32


def points_to_cells(index: ReleaseIndex, rng: np.random.Generator, count: int) -> None:
    """The cell of each point, in the shipped city."""
    layer = index.layers[Level.CELL]
    costs_of_the_grid(index)
    lnglat = sample(layer, rng, count)
    fewer = lnglat[:PEERS_AT_MOST]
    ways = exact_ways(layer.layer, fewer)
    answers = {name: way() for name, way in ways.items()}
    found = layer.locate(lnglat)
    for name, answer in answers.items():
        assert np.array_equal(answer, found[: len(fewer)]), f"{name} answers otherwise"
    print(f"{count:,} points to {len(layer.layer):,} cells (answers equal)")
    ours = len(lnglat) / seconds(lambda: layer.locate(lnglat))
    _print_rate("gridmap", ours, ours)
    for name, way in ways.items():
        _print_rate(name, len(fewer) / seconds(way, runs=3), ours)
    raster = Raster(layer.grid().tables)
    wrong = (raster.locate(lnglat) != found).mean()
    speed = len(lnglat) / seconds(lambda: raster.locate(lnglat))
    _print_rate(f"raster of {raster.ids.nbytes / 1e6:.0f} MB, {wrong:.1%} wrong", speed, ours)
    small_batches(layer, lnglat)


def costs_of_the_grid(index: ReleaseIndex) -> None:
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
    print(f"grid of {len(layer.layer):,} cells")
    print(f"  built in {took_s:.1f} s; {tables.nbytes / 1e6:.0f} MB")
    print(f"  while building {peak_mb:.0f} MB at most, the process grew by {grew_mb:.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.grid"
        index.save_grid(path, level=Level.CELL)
        load_s = seconds(lambda: index.load_grid(path, level=Level.CELL))
    print(f"  loaded in {load_s * 1e3:.0f} ms, the check of the layer included")


def small_batches(layer: LayerIndex, lnglat: Floats) -> None:
    """Where the grid overtakes the tree."""
    print("one batch of (microseconds by the grid, by the tree)")
    for count in (1, 2, 10, 100, 1_000, 10_000, 100_000):
        batch = lnglat[:count]
        repeats = max(1, 2_000 // count)
        by_grid = seconds(lambda: [layer.grid().settle(batch) for _ in range(repeats)])  # noqa: B023
        by_tree = seconds(lambda: [layer.covering_by_rule(batch) for _ in range(repeats)])  # noqa: B023
        print(f"  {count:>7,} {by_grid / repeats * 1e6:12.0f} {by_tree / repeats * 1e6:12.0f}")


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
        "STRtree on boxes, prepared intersects_xy, grouped": by_boxes,
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


def growth(rng: np.random.Generator, count: int) -> None:
    """How the cost grows with the number of cells: Voronoi cells of 70 % crowded seeds."""
    print(f"{count:,} points, by number of cells")
    for cells in (4_000, 40_000, 400_000):
        layer = LayerIndex(voronoi(rng, cells), MetricPlane(LngLat(116.4, 40.2)))
        took_s, grid = once(layer.grid)
        lnglat = sample(layer, rng, count)
        found, left_open = layer.grid().settle(lnglat)
        assert np.array_equal(found[:100_000], layer.locate(lnglat[:100_000]))
        rate = len(lnglat) / seconds(lambda: layer.locate(lnglat)) / 1e6  # noqa: B023
        mb = layer.grid().tables.nbytes / 1e6
        print(
            f"  {cells:>7,} cells {rate:6.1f} M points/s   built in {took_s:5.1f} s, {mb:.0f} MB, "
            f"{len(left_open)} left open"
        )
        del grid


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


def _print_rate(name: str, rate: float, ours: float) -> None:
    print(f"  {name:50} {rate / 1e6:7.2f} M points/s   gridmap is {ours / rate:6.2f} x as fast")
