"""The index of one release: which areas cover a position, and what lies around it.

The border rule stands here and nowhere else: **borders are closed**. A position on a shared line
is in both areas; rows come in the order of the codes, so the deterministic first is the lowest.
"""

from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.boundary import Layer, Release
from gridmap.geo import LngLat
from gridmap.level import Level
from gridmap.measure import MetricPlane

Rows = NDArray[np.int64]


class LayerIndex:
    """Spatial look-ups in one level of a release.

    Nothing is prepared beforehand: GEOS fills a prepared geometry at its first use, which is not
    safe when two threads ask at once, and tree queries prepare the question anyway.
    """

    def __init__(self, layer: Layer, plane: MetricPlane) -> None:
        self.layer = layer
        self._plane = plane
        self._areas = shapely.STRtree(layer.geometries)

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
            with all the areas that share it, one in a gap not at all.
        """
        positions, rows = self._areas.query(shapely.points(lnglat), predicate="intersects")
        order = np.lexsort((rows, positions))
        return positions[order], rows[order]

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
        found = np.full(len(lnglat), -1, dtype=np.int64)
        positions, rows = self.layers[level].covering(lnglat)
        first = np.unique(positions, return_index=True)[1]
        found[positions[first]] = rows[first]
        return found
