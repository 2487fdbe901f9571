"""Make polygons one exact tiling: shared edges identical vertex for vertex, no gap, no overlap.

All linework is rounded to one fine grid and noded there (snap rounding), so that a line of one
polygon has every vertex of its neighbours on it, whatever level they belong to. No line moves by
more than the grid.

References
----------
.. [1] J. D. Hobby, Practical segment intersection with finite precision output, Computational
   Geometry 13 (1999).
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.errors import TilingError

# 1e-9 degrees are 0.1 mm: a thousandth of what surveyors state, and far above the rounding of
# doubles at 180 degrees (3e-14), so that noding on it is exact.
GRID_DECIMALS = 9
GRID_DEG = 10.0**-GRID_DECIMALS

# Snapping moves a line a little, which can bring it onto one more vertex; each round fixes what
# the last one moved. Two are usual, and one more sees that nothing moves.
MAX_ROUNDS = 8

# Faces narrower than this (area over half the outline) are what snapping leaves between two
# drawings of one line; anything wider between polygons is a true gap.
SLIVER_WIDTH_DEG = 5 * GRID_DEG


def snapped(geometry: BaseGeometry) -> BaseGeometry:
    """Return a valid geometry whose coordinates lie on the grid; scalar or array."""
    return shapely.set_precision(geometry, GRID_DEG)


def exact(polygons: Sequence[BaseGeometry] | NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons as parts of one tiling, same length and order.

    Neighbours share every vertex of their common lines. Where two polygons claim the same
    ground, the first gets it; slivers of the grid's width go to the neighbour with the longer
    line; a real gap stays a gap. Polygons that do not touch are only rounded.

    Raises
    ------
    TilingError
        A polygon loses all its ground: it is narrower than the grid, or others cover it.

    See Also
    --------
    unions : the parents of such a tiling, exact by construction.
    """
    shapes = np.asarray(polygons, dtype=object)
    if not len(shapes):
        return shapes
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded(shapes))))
    owners = _owners(shapes, faces)
    kept = owners >= 0
    return merged(faces[kept], owners[kept], count=len(shapes))


def unions(
    children: NDArray[np.object_], parents: Sequence[str] | NDArray[np.str_]
) -> tuple[NDArray[np.str_], NDArray[np.object_]]:
    """Return the parent names, sorted, and for each the exact union of its children.

    The children must be parts of one tiling (see `exact`); their outer vertices all stay.
    """
    names, rows = np.unique(np.asarray(parents, dtype=np.str_), return_inverse=True)
    return names, merged(np.asarray(children, dtype=object), rows, count=len(names))


def common_lines(
    tiles: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.object_]]:
    """Return pairs of rows (lower first) of tiles that share a line, and that line, k each.

    The tiles must be parts of one tiling (see `exact`). Tiles that meet in points are no pair.
    """
    ones, others = shapely.STRtree(tiles).query(tiles, predicate="intersects")
    ordered = np.lexsort((others, ones))
    pairs = np.column_stack([ones, others])[ordered]
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    outlines = shapely.boundary(tiles)
    lines = shapely.intersection(outlines[pairs[:, 0]], outlines[pairs[:, 1]])
    shared = shapely.length(lines) > 0
    return pairs[shared, 0], pairs[shared, 1], lines[shared]


def noded(shapes: NDArray[np.object_]) -> BaseGeometry:
    """Return the lines of all polygons on the grid, with a vertex wherever two of them meet.

    Raises
    ------
    TilingError
        The lines do not come to rest.
    """
    return noded_lines(shapely.boundary(shapes))


def noded_lines(lines: NDArray[np.object_]) -> BaseGeometry:
    """Return the lines as one geometry on the grid; see `noded`."""
    lines = shapely.union_all(lines, grid_size=GRID_DEG)
    for _ in range(MAX_ROUNDS):
        again = shapely.union_all(shapely.get_parts(lines), grid_size=GRID_DEG)
        if shapely.get_num_coordinates(again) == shapely.get_num_coordinates(lines):
            return again
        lines = again
    raise TilingError(row=-1, why=f"its lines still move after {MAX_ROUNDS} rounds of noding")


def _owners(shapes: NDArray[np.object_], faces: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return for each face the row of its polygon, -1 in a gap."""
    inside = shapely.point_on_surface(faces)
    face_rows, shape_rows = shapely.STRtree(shapes).query(inside, predicate="intersects")
    owners = np.full(len(faces), len(shapes), dtype=np.int64)
    np.minimum.at(owners, face_rows, shape_rows)
    owners[owners == len(shapes)] = -1
    wide = widths(faces) >= SLIVER_WIDTH_DEG
    # In a spike thinner than the grid the point says nothing about the rest of the face.
    for row in np.flatnonzero(wide & (_margins(faces, inside) < SLIVER_WIDTH_DEG)):
        owners[row] = _holder(shapes, faces[row])
    for row in np.flatnonzero((owners < 0) & ~wide):
        owners[row] = _neighbour(faces, owners, int(row))
    return owners


def _margins(faces: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.float64]:
    return np.asarray(shapely.distance(shapely.boundary(faces), points), dtype=np.float64)


def _holder(shapes: NDArray[np.object_], face: BaseGeometry) -> int:
    """Return the first polygon that has most of a face, -1 in a gap."""
    rows = np.sort(shapely.STRtree(shapes).query(face, predicate="intersects"))
    held = shapely.area(shapely.intersection(shapes[rows], face)) > face.area / 2
    return int(rows[int(np.argmax(held))]) if held.any() else -1


def widths(faces: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return twice the area over the outline: the width of what is long, in degrees."""
    return np.asarray(2 * shapely.area(faces) / shapely.length(faces), dtype=np.float64)


def _neighbour(faces: NDArray[np.object_], owners: NDArray[np.int64], row: int) -> int:
    """Return the owner that shares the longest line with a face, -1 without any."""
    touching = shapely.STRtree(faces).query(faces[row], predicate="touches")
    touching = touching[owners[touching] >= 0]
    if not len(touching):
        return -1
    shared = shapely.length(shapely.intersection(faces[row], faces[touching]))
    return int(owners[touching[int(np.argmax(shared))]])


def merged(
    faces: NDArray[np.object_], owners: NDArray[np.int64], *, count: int
) -> NDArray[np.object_]:
    """Return ``count`` exact unions of the faces of one tiling, by the row of their owner.

    Raises
    ------
    TilingError
        An owner has no face.
    """
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], np.arange(count + 1))
    merged = np.empty(count, dtype=object)
    for row in range(count):
        own = faces[order[starts[row] : starts[row + 1]]]
        if not len(own):
            raise TilingError(row=row, why="no ground is left to it")
        merged[row] = own[0] if len(own) == 1 else shapely.coverage_union_all(own)
    normal: NDArray[np.object_] = shapely.normalize(merged)
    return normal
