"""Edges on grids of pixels: which pixels they touch, and which area lies at each pixel's anchor.

All coordinates are in pixels: the pixel in column c and row r is [c, c + 1] x [r, r + 1]. Arrays
are parallel; each edge is seen in its own window of columns and rows (one block of the grid).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Pixels are taken this much larger than they are (in pixels), so that rounding never lets an edge
# slip between two of them. Coordinates have errors below 1e-9 pixels: grids have at most 2^20
# pixels in a row, and `gridbuild` keeps pixels at least 2^-26 of the coordinates' size.
MARGIN = 1e-6

# Where in its pixel an anchor stands: near the middle, but not where a tidy city has its corners.
ANCHOR = np.array([0.4871, 0.5213])


@dataclass(frozen=True)
class Edges:
    """Parallel edges, each with the block of the grid in which it is looked at."""

    starts: Floats  # (n, 2)
    ends: Floats  # (n, 2)
    weights: Floats  # (n,), see Linework
    blocks: Ints  # (n,)


def touched(starts: Floats, ends: Floats, *, columns: int, rows: int) -> tuple[Ints, Ints, Ints]:
    """Return (edge, column, row) of every pixel of the window that an edge touches.

    Follows each edge along its longer axis, where its slope is at most 1 and rounding small.
    """
    delta = np.abs(ends - starts)
    steep = (delta[:, 1] > delta[:, 0])[:, None]
    one = np.where(steep, starts[:, ::-1], starts)
    other = np.where(steep, ends[:, ::-1], ends)
    forward = (one[:, 0] <= other[:, 0])[:, None]
    one, other = np.where(forward, one, other), np.where(forward, other, one)
    limits = np.where(steep, [rows, columns], [columns, rows]) - 1
    slope = (other[:, 1] - one[:, 1]) / (other[:, 0] - one[:, 0])

    first = np.maximum(np.floor(one[:, 0] - MARGIN), 0).astype(np.int64)
    last = np.minimum(np.floor(other[:, 0] + MARGIN), limits[:, 0]).astype(np.int64)
    edge, along = ranges(first, last)
    at = one[edge, 1], one[edge, 0]
    sides = [
        at[0] + (np.clip(side, at[1], other[edge, 0]) - at[1]) * slope[edge]
        for side in (along - MARGIN, along + 1 + MARGIN)
    ]
    low = np.maximum(np.floor(np.minimum(*sides) - MARGIN), 0).astype(np.int64)
    high = np.minimum(np.floor(np.maximum(*sides) + MARGIN), limits[edge, 1]).astype(np.int64)
    step, across = ranges(low, high)
    edge, along = edge[step], along[step]
    is_steep = steep[edge, 0]
    return edge, np.where(is_steep, across, along), np.where(is_steep, along, across)


def anchored(edges: Edges, bases: Floats, *, columns: int, rows: int) -> Floats:
    """Return the areas at every pixel's anchor, summed in ``ONE_AREA`` code.

    The sums have the shape (blocks, rows, columns); ``bases`` are those of each block's first
    pixel. From there, crossings are counted northward along the first column of anchors, then
    eastward along each row, so that no polygon is assumed to fit its neighbours: every edge adds
    what it has on one side and takes away what it has on the other. An anchor within rounding of
    an edge may be wrong, and when it stands in the first column, so may its whole row (see
    `doubtful_anchors`).
    """
    north = _crossings(edges, across=0, lines=1, marks=rows)
    east = _crossings(edges, across=1, lines=rows, marks=columns)
    shape = (len(bases), rows, columns)
    at = np.concatenate(
        [
            (edges.blocks[north.edge] * rows + north.mark) * columns,
            (edges.blocks[east.edge] * rows + east.line) * columns + east.mark,
        ]
    )
    weights = np.concatenate([north.weights, east.weights])
    counted = np.bincount(at, weights=weights, minlength=int(np.prod(shape)))
    steps = np.asarray(counted, dtype=np.float64).reshape(shape)
    steps[:, 0, 0] += bases
    steps[:, :, 0].cumsum(axis=1, out=steps[:, :, 0])
    return steps.cumsum(axis=2, out=steps)


def doubtful_anchors(starts: Floats, ends: Floats, column: Ints, row: Ints) -> NDArray[np.bool_]:
    """Tell of pairs (edge, pixel) whether the edge's line passes within rounding of the anchor."""
    along = ends - starts
    x, y = column + ANCHOR[0] - starts[:, 0], row + ANCHOR[1] - starts[:, 1]
    off = np.abs(along[:, 0] * y - along[:, 1] * x)
    return np.asarray(off <= MARGIN * np.hypot(along[:, 0], along[:, 1]), dtype=bool)


@dataclass(frozen=True)
class _Crossings:
    edge: Ints
    line: Ints  # the row (or column) of anchors on which the edge is crossed
    mark: Ints  # the first anchor beyond the crossing, never 0
    weights: Floats  # what is added there


def _crossings(edges: Edges, *, across: int, lines: int, marks: int) -> _Crossings:
    """Return where edges cross lines of anchors; each line is closed below and open above.

    ``across`` is the axis that is constant on a line: 1 for rows (counted eastward), 0 for columns
    (counted northward).
    """
    along = 1 - across
    a, b = edges.starts[:, across], edges.ends[:, across]
    low, high = np.minimum(a, b), np.maximum(a, b)
    first = np.maximum(np.ceil(low - ANCHOR[across]), 0).astype(np.int64)
    last = np.minimum(np.ceil(high - ANCHOR[across]) - 1, lines - 1).astype(np.int64)
    edge, line = ranges(first, last)
    p, q = edges.starts[edge, along], edges.ends[edge, along]
    part = (line + ANCHOR[across] - a[edge]) / (b[edge] - a[edge])
    where = np.clip(p + part * (q - p), np.minimum(p, q), np.maximum(p, q))
    mark = np.floor(where - ANCHOR[along]).astype(np.int64) + 1
    # Eastward over an edge that runs south one comes from its right to its left, likewise
    # northward over one that runs east.
    to_left = (a < b) == (across == 0)
    weights = np.where(to_left, edges.weights, -edges.weights)
    kept = (mark >= 1) & (mark < marks)
    edge = edge[kept]
    return _Crossings(edge, line[kept], mark[kept], weights[edge])


def ranges(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return every (item, number) with first <= number <= last of that item."""
    counts = np.maximum(last - first + 1, 0)
    item = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return item, np.arange(len(item)) + np.repeat(first - starts, counts)
