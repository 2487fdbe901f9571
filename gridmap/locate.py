"""The index of one release: which areas cover a position, and what lies around it.

The border rule stands here and nowhere else: **borders are closed**. A position on a shared line
is in both areas; rows come in the order of the codes, so the deterministic first is the lowest.
Batches go through a grid (`gridmap.gridindex`), which leaves to the rule what it cannot settle.
"""

import os
from functools import cached_property
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.boundary import Layer, Release
from gridmap.geo import LngLat
from gridmap.gridindex import GridIndex
from gridmap.level import Level
from gridmap.measure import MetricPlane

Rows = NDArray[np.int64]

# A grid pays for its building in one batch from here on; one that is built already, from there
# (see docs/decisions/0004-the-point-index.md).
GRID_FROM = 1_000_000
BUILT_GRID_FROM = 30


class LayerIndex:
    """Spatial look-ups in one level of a release.

    Nothing is prepared beforehand: GEOS fills a prepared geometry at its first use, which is not
    safe when two threads ask at once, and tree queries prepare the question anyway.
    """

    def __init__(self, layer: Layer, plane: MetricPlane) -> None:
        self.layer = layer
        self._plane = plane
        self._areas = shapely.STRtree(layer.geometries)
        self._grid: GridIndex | None = None
        self._building = Lock()

    @cached_property
    def _borders(self) -> shapely.STRtree:
        outlines = self._plane.project(shapely.boundary(self.layer.geometries))
        return shapely.STRtree(outlines)

    def covering(self, lnglat: NDArray[np.float64]) -> tuple[Rows, Rows]:
        """Return pairs (position, row) of every area covering each of n positions.

        Parameters
        ----------
        lnglat
            Shape (n, 2), EPSG:4490 degrees.

        Returns
        -------
        positions, rows
            Equal length; sorted by position, then by area code. A position on a border stands
            with all the areas that share it; one in a gap, or not finite, not at all.
        """
        grid = self._grid_for(len(lnglat))
        if grid is None:
            return self.covering_by_rule(lnglat)
        found, left_open = grid.settle(lnglat)
        settled = np.flatnonzero(found >= 0)
        asked, rows = self.covering_by_rule(lnglat[left_open])
        positions = np.concatenate([settled, left_open[asked]])
        return _sorted(positions, np.concatenate([found[settled], rows]))

    def locate(self, lnglat: NDArray[np.float64]) -> Rows:
        """Return for n positions the row of the lowest code that covers each; -1 for none."""
        grid = self._grid_for(len(lnglat))
        if grid is None:
            return _first(self.covering_by_rule(lnglat), len(lnglat))
        found, left_open = grid.settle(lnglat)
        found[left_open] = _first(self.covering_by_rule(lnglat[left_open]), len(left_open))
        return found

    def covering_by_rule(self, lnglat: NDArray[np.float64]) -> tuple[Rows, Rows]:
        """Apply the border rule position by position.

        GEOS is exact here; for a point, `intersects` and `covers` are the same.
        """
        finite = np.flatnonzero(np.isfinite(lnglat).all(axis=1))
        points = shapely.points(lnglat[finite])
        positions, rows = self._areas.query(points, predicate="intersects")
        return _sorted(finite[positions], rows)

    def grid(self) -> GridIndex:
        """Return the grid that settles batches; built at the first call."""
        with self._building:
            if self._grid is None:
                self._grid = GridIndex.build(self.layer, self.covering_by_rule)
            return self._grid

    def use(self, grid: GridIndex) -> None:
        """Settle batches by a grid that was loaded from a file."""
        self._grid = grid

    def _grid_for(self, count: int) -> GridIndex | None:
        if self._grid is not None:
            return self._grid if count >= BUILT_GRID_FROM else None
        return self.grid() if count >= GRID_FROM else None

    def meeting(self, geometry: BaseGeometry) -> Rows:
        """Return the rows of the areas that share at least one point with a geometry."""
        return np.sort(self._areas.query(geometry, predicate="intersects"))

    def within(self, geometry: BaseGeometry, *, radius_m: float) -> Rows:
        """Return the rows of the areas whose border is at most ``radius_m`` from a geometry."""
        flat = self._plane.project(geometry)
        return np.sort(self._borders.query(flat, predicate="dwithin", distance=radius_m))

    def nearest_border_m(self, geometry: BaseGeometry) -> float:
        """Return the geodesic distance to the nearest border of this level, in metres.

        0 where a border crosses or touches the geometry.
        """
        flat = self._plane.project(geometry)
        row = int(self._borders.query_nearest(flat, all_matches=False)[0])
        return self._plane.ground_distance_m(flat, self._borders.geometries[row])

    def distance_m(self, geometry: BaseGeometry, row: int) -> float:
        """Return the geodesic distance from a geometry outside an area to its border."""
        flat = self._plane.project(geometry)
        return self._plane.ground_distance_m(flat, self._borders.geometries[row])


class ReleaseIndex:
    """All levels of one release, ready for look-ups; immutable, shared between threads."""

    def __init__(self, release: Release) -> None:
        self.release = release
        bounds = release.bounds
        centre = LngLat((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)
        self.plane = MetricPlane(centre)
        self.layers = {
            level: LayerIndex(release.layers[level], self.plane) for level in release.levels
        }

    def warm(self) -> "ReleaseIndex":
        """Build everything that is otherwise built at the first question; return self."""
        for layer in self.layers.values():
            layer.nearest_border_m(layer.layer.geometries[0])
        return self

    def locate(self, lnglat: NDArray[np.float64], *, level: Level) -> Rows:
        """Return for n positions the row of the lowest code that covers each; -1 for none."""
        return self.layers[level].locate(lnglat)

    def save_grid(self, path: str | os.PathLike[str], *, level: Level) -> None:
        """Write the grid of a level to a file, for `load_grid`; build it where it is not yet."""
        self.layers[level].grid().save(path, release=self.release.id)

    def load_grid(self, path: str | os.PathLike[str], *, level: Level) -> None:
        """Settle batches of a level by the grid in a file, shared with other processes.

        Raises
        ------
        StaleGridError
            The file belongs to another release or layer, or is not a whole grid.
        """
        layer = self.layers[level]
        layer.use(GridIndex.load(path, layer.layer, release=self.release.id))


def _sorted(positions: Rows, rows: Rows) -> tuple[Rows, Rows]:
    order = np.lexsort((rows, positions))
    return positions[order], rows[order]


def _first(covering: tuple[Rows, Rows], count: int) -> Rows:
    """Return the first row of each of ``count`` positions, -1 without any; pairs are sorted."""
    positions, rows = covering
    found = np.full(count, -1, dtype=np.int64)
    found[positions[::-1]] = rows[::-1]
    return found
