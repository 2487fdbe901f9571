"""Side by side in one run, printed as ratios: ``make bench``.

Machines are noisy, so only ratios carry over; each figure is the median of several runs.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap import ReleaseIndex, attribute, measure, place, read
from gridmap.level import Level

BEIJING = "data/boundaries/beijing/definition.toml"
RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--footprints", type=int, default=500)
    sizes = parser.parse_args()
    index = ReleaseIndex(read.release(BEIJING)).warm()
    rng = np.random.default_rng(20261123)
    points_to_cells(index, _inside(index, rng, sizes.points))
    footprints_to_shares(index, _inside(index, rng, sizes.footprints))


def points_to_cells(index: ReleaseIndex, lnglat: NDArray[np.float64]) -> None:
    """The cell of each point, against geopandas and a bare STRtree; equal answers are checked."""
    cells = index.release.layers[Level.CELL]
    frame = geopandas.GeoDataFrame(geometry=cells.geometries, crs="EPSG:4490")
    tree = shapely.STRtree(cells.geometries)

    def by_sjoin() -> NDArray[np.int64]:
        points = geopandas.GeoDataFrame(geometry=shapely.points(lnglat), crs="EPSG:4490")
        joined = points.sjoin(frame, predicate="intersects")["index_right"]
        return joined.groupby(level=0).min().to_numpy()

    def by_tree() -> NDArray[np.int64]:
        found, rows = tree.query(shapely.points(lnglat), predicate="intersects")
        order = np.lexsort((rows, found))
        return rows[order][np.unique(found[order], return_index=True)[1]]

    ways = {
        "gridmap.locate": lambda: index.locate(lnglat, level=Level.CELL),
        "geopandas.sjoin(intersects)": by_sjoin,
        "shapely.STRtree(intersects)": by_tree,
    }
    answers = [way() for way in ways.values()]
    assert all(np.array_equal(answers[0], answer) for answer in answers[1:]), "answers differ"
    report(f"{len(lnglat):,} points to {len(cells):,} cells (answers equal)", ways)


def footprints_to_shares(index: ReleaseIndex, centres: NDArray[np.float64]) -> None:
    """Street shares of 50 x 40 m buildings: all levels of gridmap, one level of the peer."""
    streets = index.release.layers[Level.STREET]
    frame = geopandas.GeoDataFrame(geometry=streets.geometries, crs="EPSG:4490")
    half = np.array([0.0003, 0.00018])
    boxes = shapely.box(*(centres - half).T, *(centres + half).T)
    places = [place(box, crs="EPSG:4490") for box in boxes]

    def by_overlay() -> None:
        buildings = geopandas.GeoDataFrame(geometry=boxes, crs="EPSG:4490")
        cut = buildings.overlay(frame, how="intersection", keep_geom_type=True)
        measure.areas_m2(cut.geometry.to_numpy())

    ways = {
        "gridmap.attribute (5 levels, distances, ranges)": lambda: [
            attribute(one, index) for one in places
        ],
        "geopandas.overlay (1 level, areas only)": by_overlay,
    }
    report(f"{len(boxes):,} footprints to shares", ways)


def report(title: str, ways: dict[str, Callable[[], object]]) -> None:
    """Print each way's median time and its ratio to the first."""
    seconds = {
        name: statistics.median(_timed(way) for _ in range(RUNS)) for name, way in ways.items()
    }
    first = next(iter(seconds.values()))
    print(title)
    for name, took in seconds.items():
        print(f"  {name:50} {took:8.3f} s   {took / first:6.2f} x gridmap's time")


def _timed(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def _inside(index: ReleaseIndex, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Positions spread over the city, as many as asked."""
    west, south, east, north = index.release.bounds
    spread = rng.uniform((west, south), (east, north), size=(4 * count, 2))
    return spread[index.locate(spread, level=Level.CITY) >= 0][:count]


if __name__ == "__main__":
    main()
