"""Borders with many vertices, as surveyed ones have: the same tiling, every edge in short steps."""

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]

STEP_DEG = 0.00002  # two metres at least between vertices
MOST_STEPS = 7  # of an edge: some fifty vertices a cell


def densified(polygons: Geometries) -> Geometries:
    """Return a tiling with more vertices on every edge, the same from both of its sides."""
    parts, of_polygon = shapely.get_parts(polygons, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(of_ring[1:] == of_ring[:-1])
    start, end = xy[joined], xy[joined + 1]
    inner = (np.hypot(*(end - start).T) / STEP_DEG).astype(int).clip(1, MOST_STEPS)
    edge = np.repeat(np.arange(len(joined)), inner)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(inner) - inner, inner)
    points = _along(start[edge], end[edge], number / inner[edge])
    ring = of_ring[joined][edge]
    firsts = np.flatnonzero(np.diff(ring, prepend=-1))
    order = np.argsort(np.concatenate([ring, ring[firsts]]), kind="stable")  # closes each ring
    closed = np.concatenate([points, points[firsts]])[order]
    drawn = shapely.linearrings(closed, indices=np.concatenate([ring, ring[firsts]])[order])
    shells, starts = np.unique(of_part, return_index=True)
    faces = [
        shapely.polygons(drawn[begin], drawn[begin + 1 : stop])
        for begin, stop in zip(starts, [*starts[1:], len(drawn)], strict=True)
    ]
    made = np.array(faces, dtype=object)[shells]
    several = np.bincount(of_polygon, minlength=len(polygons)) > 1
    out = np.empty(len(polygons), dtype=object)
    out[of_polygon] = made
    for row in np.flatnonzero(several):
        out[row] = shapely.multipolygons(made[of_polygon == row])
    return out


def _along(start: Floats, end: Floats, part: Floats) -> Floats:
    """Return positions along edges; from either end they come out the same, to the bit."""
    forward = (start[:, 0] < end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] < end[:, 1]))
    low = np.where(forward[:, None], start, end)
    high = np.where(forward[:, None], end, start)
    part = np.where(forward, part, 1 - part)[:, None].round(12)
    return np.where(part == 0, low, np.where(part == 1, high, low + part * (high - low)))
