"""Which of many boxes a border touches: all others lie inside one area, and nothing is to be cut.

References
----------
.. [1] S. Gottschalk, M. C. Lin, D. Manocha, OBBTree: a hierarchical structure for rapid
   interference detection (SIGGRAPH 1996): two convex shapes are apart where a line parallel to
   an edge of one separates them.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.gridframe import Frame
from gridmap.gridtables import turn
from gridmap.linework import segments
from gridmap.pixels import MARGIN, ranges, touched

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Finer than the index's own: a box should meet few edges beside those that touch it.
_PIXELS_PER_AREA = 100
# A box over more pixels than this is taken as touched: to look is dearer than to cut.
_MOST_PIXELS = 64
# Boxes looked at together: some 50 edges each, whose temporaries stay in the cache.
_BATCH = 4_096


@dataclass(frozen=True)
class Crossings:
    """The edges of a layer's outlines by the pixels they touch."""

    frame: Frame
    edges: Floats  # (m, 4): start x, start y, end x, end y
    ends: NDArray[np.int32]  # (pixels + 1,): where the edges of each pixel begin and end
    items: NDArray[np.int32]  # the edges of the pixels, one pixel after the other

    @staticmethod
    def build(polygons: NDArray[np.object_]) -> "Crossings | None":
        """Return the edges of polygons, valid or not; None for a layer without extent."""
        frame = Frame.around(polygons, max_shift=0, pixels_per_area=_PIXELS_PER_AREA)
        if frame is None:
            return None
        rings = shapely.get_rings(shapely.get_parts(polygons))
        starts, ends = _once(*segments(rings)[:2])
        edge, column, row = touched(
            frame.pixels(starts), frame.pixels(ends), columns=frame.columns, rows=frame.rows
        )
        pixel = row * frame.columns + column
        order = np.argsort(pixel, kind="stable")
        counts = np.bincount(pixel, minlength=frame.columns * frame.rows)
        return Crossings(
            frame,
            np.column_stack([starts, ends]),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            edge[order].astype(np.int32),
        )

    def touch(self, boxes: Floats) -> Flags:
        """Tell of n closed boxes (west, south, east, north; degrees) whether an edge touches them.

        Never wrong when it says no: then everything in the box lies in the same areas. What is
        not certain within rounding, or too large to look at, is a yes.
        """
        found = np.zeros(len(boxes), dtype=bool)
        for start in range(0, len(boxes), _BATCH):
            found[start : start + _BATCH] = self._touch(boxes[start : start + _BATCH])
        return found

    def _touch(self, boxes: Floats) -> Flags:
        low, high = self._pixels(boxes[:, :2], margin=-1), self._pixels(boxes[:, 2:], margin=1)
        width, height = (high - low + 1).T
        is_large: Flags = width * height > _MOST_PIXELS
        line, row = ranges(low[:, 1], np.where(is_large, low[:, 1] - 1, high[:, 1]))
        at, column = ranges(low[line, 0], high[line, 0])
        pixel = row[at] * self.frame.columns + column
        spot, item = ranges(self.ends[pixel], self.ends[pixel + 1] - 1)
        box = line[at[spot]]
        is_near = _near(self.edges[self.items[item]], boxes[box])
        is_large[box[is_near]] = True
        return is_large

    def _pixels(self, lnglat: Floats, *, margin: int) -> Ints:
        """Return the pixels (column, row) of positions, a hair further out than they are.

        Positions outside are in the outer ring, which no edge touches.
        """
        nudged = self.frame.pixels(lnglat) + margin * MARGIN
        limits = [self.frame.columns - 1, self.frame.rows - 1]
        pixels: Ints = np.floor(np.clip(nudged, 0, limits)).astype(np.int64)
        return pixels


def _once(starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Return the edges without those that stand again in the other direction."""
    forward = (starts[:, 0] < ends[:, 0]) | (
        (starts[:, 0] == ends[:, 0]) & (starts[:, 1] < ends[:, 1])
    )
    low = np.where(forward[:, None], starts, ends)
    high = np.where(forward[:, None], ends, starts)
    edges = np.unique(np.column_stack([low, high]).view("c16"), axis=0).view("f8")
    return edges[:, :2], edges[:, 2:]


def _near(edges: Floats, boxes: Floats) -> Flags:
    """Tell of pairs whether the edge touches the closed box, or may do so within rounding."""
    low = np.minimum(edges[:, :2], edges[:, 2:])
    high = np.maximum(edges[:, :2], edges[:, 2:])
    meets = (low <= boxes[:, 2:]) & (high >= boxes[:, :2])
    is_near: Flags = meets[:, 0] & meets[:, 1]
    close = np.flatnonzero(is_near)
    edges, boxes = edges[close], boxes[close]
    left, right = np.ones(len(close), dtype=bool), np.ones(len(close), dtype=bool)
    for x in (0, 2):
        for y in (1, 3):
            det, error = turn(edges, boxes[:, x], boxes[:, y])
            left &= det > error
            right &= det < -error
    is_near[close] = ~(left | right)
    return is_near
