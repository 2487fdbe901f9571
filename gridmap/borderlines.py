"""The border lines of one level in short pieces, to find what is near a place and how far.

A district's outline has thousands of vertices; the pieces have a few, so that a tree of them
leads to the nearest one without measuring the rest.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.measure import MetricPlane

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]

# Longer pieces mean fewer branches to look at, but more to measure at each; 4 to 16 are alike.
_EDGES_OF_A_PIECE = 8


class Borderlines:
    """The outlines of n areas (EPSG:4490), projected to a plane in metres.

    All geometries asked about are in that plane too.
    """

    def __init__(self, areas: Geometries, plane: MetricPlane) -> None:
        outlines = plane.project(shapely.boundary(areas))
        pieces, self._owners = _pieces(outlines)
        self._ends = np.searchsorted(self._owners, np.arange(len(areas) + 1))
        self._tree = shapely.STRtree(pieces)
        self._plane = plane

    def nearest_m(self, flat: Geometries) -> Floats:
        """Return the geodesic distances of geometries to the nearest border, in metres.

        0 where a border crosses or touches one. Infinite where there are no borders at all.
        """
        if not len(self._owners):
            return np.full(len(flat), np.inf)
        nearest = self._tree.query_nearest(flat, all_matches=False)[1]
        return self._plane.ground_distances_m(flat, self._tree.geometries[nearest])

    def within(self, flat: Geometries, *, radius_m: float | Floats) -> tuple[Rows, Rows]:
        """Return pairs (position, area), sorted, of the areas whose border is that near."""
        positions, pieces = self._tree.query(flat, predicate="dwithin", distance=radius_m)
        pairs = np.unique(np.column_stack([positions, self._owners[pieces]]), axis=0)
        return pairs[:, 0], pairs[:, 1]

    def distances_m(self, flat: Geometries, rows: Rows) -> Floats:
        """Return the geodesic distance of each geometry to the border of its area."""
        nearest = [self._nearest_piece(one, int(row)) for one, row in zip(flat, rows, strict=True)]
        return self._plane.ground_distances_m(flat, self._tree.geometries[nearest])

    def _nearest_piece(self, flat: shapely.Geometry, row: int) -> int:
        start, end = self._ends[row], self._ends[row + 1]
        return int(start + np.argmin(shapely.distance(flat, self._tree.geometries[start:end])))


def _pieces(outlines: Geometries) -> tuple[Geometries, Rows]:
    """Return the lines cut into pieces, neighbours sharing a vertex, and whose each is."""
    lines, owners = shapely.get_parts(outlines, return_index=True)
    xy, of_line = shapely.get_coordinates(lines, return_index=True)
    counts = shapely.get_num_coordinates(lines)
    starts = np.cumsum(counts) - counts
    inside = np.arange(len(xy)) - starts[of_line]  # each vertex's number in its own line
    # A vertex between two pieces ends one and begins the next, so it stands twice.
    is_joint = (inside % _EDGES_OF_A_PIECE == 0) & (inside > 0) & (inside < counts[of_line] - 1)
    vertices = np.repeat(np.arange(len(xy)), np.where(is_joint, 2, 1))
    first = np.zeros(len(vertices), dtype=bool)
    first[np.flatnonzero(np.diff(vertices) == 0) + 1] = True  # the second of a joint's two
    first[np.flatnonzero(np.diff(of_line[vertices], prepend=-1))] = True
    of_piece = np.cumsum(first) - 1
    pieces = shapely.linestrings(xy[vertices], indices=of_piece)
    return pieces, owners[of_line[vertices[first]]]
