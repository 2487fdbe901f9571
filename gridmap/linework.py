"""The border lines of a layer: every edge once, with the areas on its left and right.

Nothing is assumed of the polygons. Edges that belong to an overlap, or to lines that neighbours
draw with different vertices, are told apart as ``doubtful``; polygons that are not valid give no
edges at all and are named.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The weight of one area in a sum over edges: the count of areas above these bits, the sum of
# their rows + 1 below. Doubles hold it exactly for 2^20 areas on top of each other.
ONE_AREA = float(1 << 32)


@dataclass(frozen=True)
class Linework:
    """The edges of n polygons; m edges, each stored once, from its lesser end to its greater."""

    starts: Floats  # (m, 2)
    ends: Floats  # (m, 2)
    sides: NDArray[np.int32]  # (m, 2): the area left and right of it, -1 for none
    weights: Floats  # (m,): the areas on the left minus those on the right, in ONE_AREA code
    doubtful: NDArray[np.bool_]  # (m,): what lies beside it is not just the two sides
    invalid: NDArray[np.int64]  # rows of polygons that are not valid


def linework(polygons: NDArray[np.object_]) -> Linework:
    """Return the edges of polygons and multipolygons, those that two share once."""
    sound = shapely.is_valid(polygons) & ~shapely.is_empty(polygons)
    rows = np.flatnonzero(sound)
    starts, ends, owners = _directed(polygons[rows])
    bad_starts, bad_ends = _broken(polygons[rows])
    return _merged(
        np.concatenate([starts, bad_starts]),
        np.concatenate([ends, bad_ends]),
        np.concatenate([rows[owners], np.full(len(bad_starts), -1)]),
        invalid=np.flatnonzero(~sound & ~shapely.is_empty(polygons)),
    )


def _directed(polygons: NDArray[np.object_]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return the edges of every ring, the area on their left, and whose they are."""
    parts, owners = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    starts, ends, of_ring = segments(rings)
    return starts, ends, owners[of_part[of_ring]]


def _broken(polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Return the edges where the polygons are no valid coverage: overlaps, unmatched lines."""
    if not len(polygons):
        return np.empty((0, 2)), np.empty((0, 2))
    starts, ends, _ = segments(shapely.get_parts(shapely.coverage_invalid_edges(polygons)))
    return starts, ends


def segments(lines: NDArray[np.object_]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return starts, ends (shape (m, 2)) and the line of every edge that has a length."""
    xy, of_line = shapely.get_coordinates(lines, return_index=True)
    one_line = (of_line[1:] == of_line[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    return xy[:-1][one_line], xy[1:][one_line], of_line[:-1][one_line]


def _merged(
    starts: Floats, ends: Floats, owners: NDArray[np.int64], *, invalid: NDArray[np.int64]
) -> Linework:
    """Bring equal edges together; an owner of -1 marks an edge as doubtful."""
    backward = (starts[:, 0] > ends[:, 0]) | (
        (starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1])
    )
    low = np.where(backward[:, None], ends, starts)
    high = np.where(backward[:, None], starts, ends)
    order = np.lexsort((high[:, 1], high[:, 0], low[:, 1], low[:, 0]))
    low, high, owners, backward = low[order], high[order], owners[order], backward[order]
    is_new = np.ones(len(low), dtype=bool)
    is_new[1:] = ((low[1:] != low[:-1]) | (high[1:] != high[:-1])).any(axis=1)
    edge = np.cumsum(is_new) - 1
    count = int(is_new.sum())
    sides = np.full((count, 2), -1, dtype=np.int32)
    doubtful = np.zeros(count, dtype=bool)
    for side, here in enumerate((~backward, backward)):
        owned = here & (owners >= 0)
        sides[edge[owned], side] = owners[owned]
        doubtful |= np.bincount(edge[owned], minlength=count) > 1
    doubtful[edge[owners < 0]] = True
    signed = np.where(owners < 0, 0.0, np.where(backward, -1.0, 1.0)) * (ONE_AREA + owners + 1)
    return Linework(
        starts=low[is_new],
        ends=high[is_new],
        sides=sides,
        weights=np.asarray(np.bincount(edge, weights=signed, minlength=count), dtype=np.float64),
        doubtful=doubtful,
        invalid=invalid,
    )
