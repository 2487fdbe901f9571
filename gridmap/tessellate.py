"""Divide a polygon into compact pieces of about equal area: unit cells, schematic communities.

Everything here is pure and deterministic: the same polygon and count give the same pieces in
the same order. Cut points lie on the grid of `gridmap.tiling`, whose ``exact`` turns the pieces
of many polygons into one tiling with shared edges.
"""

from collections.abc import Sequence
from itertools import chain
from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap import tiling
from gridmap.chord import Ring, best_cut
from gridmap.errors import TessellationError
from gridmap.measure import area_m2


def cells(polygon: BaseGeometry, *, target_m2: float) -> NDArray[np.object_]:
    """Divide a polygon (EPSG:4490) into pieces of about ``target_m2`` true ground area.

    A polygon below one and a half targets comes back whole, as an array of one.

    Raises
    ------
    TessellationError
        ``target_m2`` is not above zero, or the shape is not a valid, non-empty polygon.

    See Also
    --------
    pieces : the same by number of pieces.
    """
    if not target_m2 > 0:
        raise TessellationError(why=f"the target area must be above 0 m², not {target_m2}")
    return pieces(polygon, count=max(1, round(area_m2(polygon) / target_m2)))


def pieces(polygon: BaseGeometry, *, count: int) -> NDArray[np.object_]:
    """Divide a polygon (EPSG:4490) into ``count`` compact pieces, in reading order.

    The polygon is halved again and again along single chords, across its longer axis where
    possible, so that both halves can hold their share of pieces. Pieces are connected and free
    of holes; only a detached part too small for a piece of its own joins the nearest one as its
    exclave. A shape that no chord divides well (narrow, deeply bent) may give fewer pieces.

    The pieces cover the polygon without overlap, up to the grid of `gridmap.tiling`; parts of
    one tiling come out of its ``exact``.

    Raises
    ------
    TessellationError
        ``count`` is below one, or the shape is not a valid, non-empty polygon.
    """
    if count < 1:
        raise TessellationError(why=f"the number of pieces must be 1 or more, not {count}")
    refuse_unsound(polygon)
    if count == 1:
        return np.array([tiling.snapped(polygon)], dtype=object)
    lng_scale = cos(radians(shapely.bounds(polygon)[[1, 3]].mean()))
    parts = np.array(list(_without_holes(tiling.snapped(polygon))), dtype=object)
    counts = apportioned(shapely.area(parts), count)
    found = list(
        chain.from_iterable(
            _divided(part, int(share), lng_scale)
            for part, share in zip(parts, counts, strict=True)
            if share
        )
    )
    for part in parts[counts == 0]:
        nearest = int(np.argmin(shapely.distance(np.array(found, dtype=object), part)))
        found[nearest] = shapely.union(found[nearest], part)
    shapes = np.array(found, dtype=object)
    return shapes[reading_order(shapes)]


def refuse_unsound(polygon: BaseGeometry) -> None:
    """Refuse what is not a valid, non-empty polygon with `TessellationError`."""
    if polygon.is_empty or not polygon.is_valid or shapely.get_dimensions(polygon) != 2:  # noqa: PLR2004
        raise TessellationError(why="the shape must be a valid polygon that is not empty")


def reading_order(shapes: Sequence[BaseGeometry] | NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the rows of the shapes in the order in which cells are numbered.

    DB11/T 2157-2023 numbers cells inside one community from west to east, then from north to
    south: like lines of a page. A line takes every shape whose centre is less than half a mean
    shape's side below the northernmost one that is left; ties go by longitude.
    """
    centres = shapely.get_coordinates(shapely.centroid(np.asarray(shapes, dtype=object)))
    height = float(np.sqrt(shapely.area(shapes).mean())) if len(centres) else 0.0
    line = np.zeros(len(centres), dtype=np.int64)
    from_north = np.lexsort((centres[:, 0], -centres[:, 1]))
    top, number = np.inf, 0
    for row in from_north:
        if centres[row, 1] < top - height / 2:
            top, number = centres[row, 1], number + 1
        line[row] = number
    return np.lexsort((centres[:, 1], centres[:, 0], line))


def apportioned(sizes: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Return whole shares of ``total`` in proportion to ``sizes`` (largest remainders).

    >>> apportioned(np.array([5.0, 3.0, 0.1]), 8).tolist()
    [5, 3, 0]
    """
    quotas = np.asarray(sizes, dtype=np.float64) / np.sum(sizes) * total
    shares = np.floor(quotas).astype(np.int64)
    order = np.argsort(shares - quotas, kind="stable")
    shares[order[: total - int(shares.sum())]] += 1
    return shares


def _without_holes(polygon: BaseGeometry) -> list[Polygon]:
    """Return parts without holes that together are the polygon, cut through its holes."""
    whole: list[Polygon] = []
    waiting = list(shapely.get_parts(polygon))
    while waiting:
        part = waiting.pop(0)
        if len(part.interiors):
            waiting.extend(_cut_through(part, part.interiors[0]))
        else:
            whole.append(part)
    return whole


def _cut_through(part: Polygon, hole: BaseGeometry) -> NDArray[np.object_]:
    west, south, east, north = part.bounds
    middle = hole.envelope.centroid
    if east - west > north - south:
        boxes = [(west, south, middle.x, north), (middle.x, south, east, north)]
    else:
        boxes = [(west, south, east, middle.y), (west, middle.y, east, north)]
    sides = shapely.box(*np.array(boxes).T)
    halves = shapely.get_parts(shapely.intersection(part, sides, grid_size=tiling.GRID_DEG))
    surfaces: NDArray[np.object_] = halves[shapely.get_dimensions(halves) == 2]  # noqa: PLR2004 - surfaces only
    return surfaces


def _divided(polygon: Polygon, count: int, lng_scale: float) -> list[Polygon]:
    outline = shapely.get_coordinates(shapely.orient_polygons(polygon).exterior)[:-1]
    waiting: list[tuple[Ring, int]] = [(outline, count)]
    done: list[Polygon] = []
    while waiting:
        ring, left = waiting.pop()
        cut = best_cut(ring, left, lng_scale=lng_scale) if left > 1 else None
        if cut is None:
            done.append(shapely.polygons(ring))
        else:
            waiting += [(cut.second, cut.second_count), (cut.first, cut.first_count)]
    return done
