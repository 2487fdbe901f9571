"""Two grids of pixels over a layer, and how a batch of positions is looked up in them.

Every pixel of a coarse grid points to a block of fine pixels: a block of one where no border
touches it, else of as many as its borders deserve. A fine pixel holds, as one number,

- its area (or -1 for none), where no border touches it;
- one edge, where a single edge crosses it: the side of the edge tells the area;
- a knot, where several do: the area at an anchor inside the pixel and the edges that touch it.
  From the anchor to the position, the crossing nearest to the position tells the area;
- `ASK`, where areas overlap, or where the lines are not to be trusted.

Signs come from orientation tests with an error bound [1]_. A position whose sign is not certain,
such as any that lies on a line, is left open: the tables hold no border rule.

References
----------
.. [1] J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
   Predicates, Discrete & Computational Geometry 18 (1997), section 4.2: the error of the
   orientation determinant is below (3 + 16 eps) eps times the sum of its terms' sizes.
"""

from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What a fine pixel holds when only the border rule itself can tell.
ASK = -(2**31)

# Coarse pixels are divided by 2^shift in both directions, 2^MAX_SHIFT at most. A position's place
# in its coarse pixel at the finest division is a number of 2 * MAX_SHIFT bits in Morton order
# (the bits of column and row alternate), so that the place in a coarser block is the number
# without its last bits. A coarse pixel holds where its block begins, a multiple of ALIGNMENT,
# plus how many bits to drop.
MAX_SHIFT = 7
_MASK = (1 << MAX_SHIFT) - 1
ALIGNMENT = 16

# Positions looked up together: their temporaries stay in the second-level cache.
BATCH = 65_536

_NONE = np.empty(0, dtype=np.int64)

_EPS = 2.0**-53
ORIENTATION_ERROR = (3 + 16 * _EPS) * _EPS
# Products below 2^-1022 lose digits, each by less than 2^-1074; this is far above.
UNDERFLOW = 1e-300


@dataclass(frozen=True)
class GridTables:
    """The tables; every field is an array, so that all can be saved and memory-mapped."""

    frame: Floats  # (3,): west and south of the coarse grid, coarse pixels in a degree
    coarse: NDArray[np.int32]  # (rows, columns)
    fine: NDArray[np.int32]  # all blocks, one after the other, each in Morton order
    edges: Floats  # (m, 4): start x, start y, end x, end y
    sides: NDArray[np.int32]  # (m, 2): the areas left and right
    knot_ends: NDArray[np.int32]  # (k + 1,): where the edges of each knot begin and end
    knot_edges: NDArray[np.int32]
    knot_anchors: Floats  # (k, 2)
    knot_areas: NDArray[np.int32]  # (k,): the area at the anchor

    @property
    def nbytes(self) -> int:
        return sum(getattr(self, field.name).nbytes for field in fields(self))

    def settle(self, lnglat: Floats) -> tuple[Ints, Ints]:
        """Return the area of n positions, and which of them are left open.

        Parameters
        ----------
        lnglat
            Shape (n, 2), EPSG:4490 degrees; also far outside, infinite or NaN.

        Returns
        -------
        rows, open_positions
            The row of the only area that covers each position, which lies inside and not on its
            border; -1 for positions outside all areas (closed), and for those that are not finite.
            Positions that are open have -1 as well: on or very near a border, in an
            overlap, beside lines that are not to be trusted.
        """
        rows = np.empty(len(lnglat), dtype=np.int64)
        waiting = [_NONE]
        with np.errstate(all="ignore"):  # huge or infinite coordinates end in an open position
            desk = _Desk.of(min(len(lnglat), BATCH))
            for start in range(0, len(lnglat), BATCH):
                batch = lnglat[start : start + BATCH]
                values = self._look_up(batch, desk)
                waiting.append(self._settle_beside(values, batch) + start)
                rows[start : start + BATCH] = values
            later = np.concatenate(waiting)
            left_open = [
                self._settle_around(rows, later[start : start + BATCH], lnglat)
                for start in range(0, len(later), BATCH)
            ]
        return rows, np.concatenate([_NONE, *left_open])

    def _look_up(self, lnglat: Floats, desk: "_Desk") -> NDArray[np.int32]:
        """Return what the fine pixels of positions hold, on the desk."""
        desk = desk.cut(len(lnglat))
        west, south, per_degree = self.frame.tolist()
        rows, columns = self.coarse.shape
        row, column, block, other, at = desk.row, desk.column, desk.block, desk.other, desk.at
        _tick(lnglat[:, 0], west, per_degree, columns, desk.degrees, out=column)
        _tick(lnglat[:, 1], south, per_degree, rows, desk.degrees, out=row)
        np.right_shift(row, MAX_SHIFT, out=block)
        np.right_shift(column, MAX_SHIFT, out=other)
        block *= columns
        np.add(block, other, out=at)
        self.coarse.ravel().take(at, out=block, mode="clip")
        row &= _MASK
        row <<= MAX_SHIFT
        column &= _MASK
        np.bitwise_or(row, column, out=at)
        inner = morton().take(at, out=row, mode="clip")
        dropped = np.bitwise_and(block, ALIGNMENT - 1, out=other)
        block ^= dropped
        inner >>= dropped
        np.add(block, inner, out=at)
        return self.fine.take(at, out=block, mode="clip")

    def _settle_beside(self, values: NDArray[np.int32], lnglat: Floats) -> Ints:
        """Put in the areas of positions beside a single edge; return those that still wait."""
        at = np.flatnonzero(values < -1)
        if not len(self.edges):  # a layer of which nothing is known
            return at
        code = -2 - values.take(at).astype(np.int64)
        xy = lnglat.take(at, axis=0)
        det, error = turn(self.edges.take(code, axis=0, mode="clip"), xy[:, 0], xy[:, 1])
        areas = self.sides.ravel().take(2 * code + (det < 0), mode="clip")
        waiting = np.flatnonzero((code >= len(self.edges)) | ~(np.abs(det) > error))
        areas[waiting] = -2 - code[waiting]
        values[at] = areas
        return at[waiting]

    def _settle_around(self, rows: Ints, at: Ints, lnglat: Floats) -> Ints:
        """Put in the areas of positions at knots; return the positions left open."""
        code = -2 - rows[at]
        is_open = np.ones(len(at), dtype=bool)
        knots = np.flatnonzero((code >= len(self.edges)) & (code != -2 - ASK))
        if len(knots):
            xy = lnglat[at[knots]]
            areas, certain = self._around(code[knots] - len(self.edges), xy[:, 0], xy[:, 1])
            rows[at[knots]] = areas
            is_open[knots] = ~certain
        left_open: Ints = at[is_open]
        rows[left_open] = -1
        return left_open

    def _around(
        self, knot: Ints, x: Floats, y: Floats
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the area at positions in pixels with several edges, and whether it is certain."""
        first = self.knot_ends[knot].astype(np.int64)
        counts = self.knot_ends[knot + 1] - first
        starts = np.cumsum(counts) - counts
        item = np.repeat(np.arange(len(knot)), counts)
        edge = self.knot_edges[np.repeat(first - starts, counts) + np.arange(len(item))]
        anchors = self.knot_anchors[knot]
        met = _Crossings.build(self.edges[edge], np.column_stack([anchors, x, y])[item])
        nearest = np.minimum.reduceat(met.part, starts)
        # The furthest the nearest crossing may truly be; any other that may be nearer is a rival.
        furthest = np.minimum.reduceat(met.part + met.error, starts)
        rivals = np.add.reduceat(met.part - met.error <= furthest[item], starts)
        none = np.isinf(nearest)
        areas = self.knot_areas[knot]
        winner = np.flatnonzero((met.part == nearest[item]) & ~none[item])
        areas[item[winner]] = self.sides.ravel()[2 * edge[winner] + met.on_right[winner]]
        certain = ~np.logical_or.reduceat(met.doubtful, starts)
        return areas, certain & (none | (rivals == 1))


@dataclass(frozen=True)
class _Crossings:
    """Where the straight ways from anchors to positions cross edges; parallel arrays."""

    part: Floats  # of the way, counted from the position; inf where the edge is not crossed
    error: Floats  # of ``part``, at most
    doubtful: NDArray[np.bool_]  # crossed or not: not certain
    on_right: NDArray[np.bool_]  # the position lies right of the edge

    @staticmethod
    def build(edges: Floats, ways: Floats) -> "_Crossings":
        to_point, point_error = turn(edges, ways[:, 2], ways[:, 3])
        to_anchor, anchor_error = turn(edges, ways[:, 0], ways[:, 1])
        apart = _sign(to_point, point_error) * _sign(to_anchor, anchor_error)
        between = _sign(*turn(ways, edges[:, 0], edges[:, 1])) * _sign(
            *turn(ways, edges[:, 2], edges[:, 3])
        )
        crossed = (apart < 0) & (between < 0)
        span = np.abs(to_point) + np.abs(to_anchor)
        # With errors e, f of the two turns p, a: |p/(p+a) - p'/(p'+a')| <= max(e, f) / (p'+a').
        # Twice the sum leaves room for rounding, since e and f are at least 3 eps p and 3 eps a.
        return _Crossings(
            part=np.where(crossed, np.abs(to_point) / span, np.inf),
            error=np.where(crossed, 2 * (point_error + anchor_error) / span, 0.0),
            doubtful=~(crossed | (apart > 0) | (between > 0)),
            on_right=to_point < 0,
        )


def turn(edges: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the orientation of positions to edges, above 0 on the left, and its error bound."""
    start_x, start_y = edges[:, 0], edges[:, 1]
    one = (edges[:, 2] - start_x) * (y - start_y)
    other = (edges[:, 3] - start_y) * (x - start_x)
    return one - other, ORIENTATION_ERROR * (np.abs(one) + np.abs(other)) + UNDERFLOW


def _sign(value: Floats, error: Floats) -> NDArray[np.int8]:
    """Return 1 or -1 where the sign is certain, else 0."""
    return (value > error).astype(np.int8) - (value < -error).astype(np.int8)


@dataclass(frozen=True)
class _Desk:
    """Arrays to work in, so that no batch waits for memory from the system."""

    degrees: Floats
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    block: NDArray[np.int32]
    other: NDArray[np.int32]
    at: Ints

    @staticmethod
    def of(count: int) -> "_Desk":
        row, column, block, other = np.empty((4, count), dtype=np.int32)
        return _Desk(np.empty(count), row, column, block, other, np.empty(count, dtype=np.int64))

    def cut(self, count: int) -> "_Desk":
        return _Desk(*(getattr(self, field.name)[:count] for field in fields(self)))


def _tick(
    degrees: Floats,
    origin: float,
    per_degree: float,
    count: int,
    ticks: Floats,
    *,
    out: NDArray[np.int32],
) -> None:
    """Put the finest columns or rows of positions into ``out``.

    What lies outside is in the outer ring: the ring of coarse pixels around the layer's extent,
    which holds no area. NaN goes there too.
    """
    np.subtract(degrees, origin, out=ticks)
    ticks *= per_degree * (1 << MAX_SHIFT)
    # fmax and fmin would see to NaN as well, and take five times as long.
    low, high = (1 << MAX_SHIFT) // 2, count * (1 << MAX_SHIFT) - (1 << MAX_SHIFT) // 2
    ticks.clip(low, high, out=ticks)
    np.copyto(out, ticks, casting="unsafe")
    out.clip(low, high, out=out)  # whatever number NaN has become


@cache
def morton(shift: int = MAX_SHIFT) -> NDArray[np.int32]:
    """Return the Morton numbers of a block's pixels, row by row.

    >>> morton(1).tolist(), morton(2)[:4].tolist()
    ([0, 1, 2, 3], [0, 1, 4, 5])
    """
    row, column = np.divmod(np.arange(1 << (2 * shift), dtype=np.int32), 1 << shift)
    numbers = np.zeros(len(row), dtype=np.int32)
    for bit in range(shift):
        numbers |= ((column >> bit) & 1) << (2 * bit) | ((row >> bit) & 1) << (2 * bit + 1)
    numbers.flags.writeable = False
    return numbers


def block_codes(shifts: Ints) -> tuple[NDArray[np.int32], Ints, int]:
    """Return what the coarse pixels of blocks hold, where each block begins, and the total size.

    Blocks of one size lie together, in their order.
    """
    sizes = np.maximum(np.left_shift(1, 2 * shifts), ALIGNMENT)
    order = np.argsort(shifts, kind="stable")
    ends = np.cumsum(sizes[order])
    places = np.empty(len(shifts), dtype=np.int64)
    places[order] = ends - sizes[order]
    codes = places + 2 * (MAX_SHIFT - shifts)
    return codes.astype(np.int32), places, int(sizes.sum())
