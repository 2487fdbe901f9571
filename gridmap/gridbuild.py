"""Build the tables of a layer: choose the pixels, draw the borders, fill in the areas.

Every shortcut is checked here once, so that a look-up never has to: a pixel whose content is not
certain (an overlap, unmatched lines, an invalid polygon, an anchor on a line) holds `ASK`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.gridframe import Frame
from gridmap.gridtables import ASK, MAX_SHIFT, GridTables, block_codes, morton, turn
from gridmap.linework import ONE_AREA, Linework, linework
from gridmap.pixels import ANCHOR, Edges, anchored, doubtful_anchors, ranges, touched

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The border rule: pairs (position, row) of the areas that cover each position.
Covering = Callable[[Floats], tuple[Ints, Ints]]

# The part of a block's fine pixels that borders may touch, tried until the blocks fit.
_TOUCHED_PARTS = 0.06 * 1.25 ** np.arange(24)

# Fine pixels filled at a time: their temporaries take some 50 MB.
_CHUNK = 1 << 20

# Blocks for borders are divided at least this far.
_MIN_SHIFT = 2

_NO_ROWS = np.empty(0, dtype=np.int32)

# A knot with more edges (the tip of a star, say) would be slower than the border rule itself.
_MOST_EDGES = 200


def tables(polygons: NDArray[np.object_], covering: Covering, *, budget_mb: float) -> GridTables:
    """Return the tables of n polygons; ``covering`` answers for single positions.

    ``budget_mb`` is what the fine pixels may take; more memory leaves fewer positions in pixels
    that borders touch.
    """
    frame = Frame.around(polygons, max_shift=MAX_SHIFT)
    lines = linework(polygons if frame else polygons[:0])
    frame = frame or Frame.nowhere()
    asked = np.full((frame.rows, frame.columns), frame.max_shift == 0)
    for box in shapely.bounds(polygons[lines.invalid]):
        asked[frame.window(box)] = True
    borders = _Borders.build(lines, frame, asked.ravel())
    shifts = _shifts(borders, budget_mb)
    lone = np.concatenate([[ASK, -1], np.arange(len(polygons))]).astype(np.int32)
    codes, places, size = block_codes(np.concatenate([np.zeros_like(lone), shifts]))
    fine = np.full(size, ASK, dtype=np.int32)
    fine[places[: len(lone)]] = lone
    areas = np.where(asked, ASK, _coarse_areas(lines, frame))
    coarse = codes[np.where(areas == ASK, 0, areas + 2)]
    coarse.ravel()[borders.pixels] = codes[len(lone) :]
    places = places[len(lone) :]
    knots: list[_Knots] = []
    for blocks in _chunks(shifts):
        place, shift = int(places[blocks[0]]), int(shifts[blocks[0]])
        values, drawn = _filled(borders, blocks, shift, covering)
        values[drawn.pixels] -= sum(len(one.areas) for one in knots)
        inside = fine[place : place + len(values)].reshape(len(blocks), -1)
        inside[:, morton(shift)] = values.reshape(len(blocks), -1)
        knots.append(drawn)
    return GridTables(
        frame=np.array([frame.west, frame.south, frame.per_degree]),
        coarse=coarse,
        fine=fine,
        edges=np.column_stack([lines.starts, lines.ends]),
        sides=lines.sides,
        knot_ends=np.cumsum(np.concatenate([[0], *(one.counts for one in knots)]), dtype=np.int32),
        knot_edges=np.concatenate([_NO_ROWS, *(one.edges for one in knots)]).astype(np.int32),
        knot_anchors=np.concatenate([np.empty((0, 2)), *(one.anchors for one in knots)]),
        knot_areas=np.concatenate([_NO_ROWS, *(one.areas for one in knots)]),
    )


def _coarse_areas(lines: Linework, frame: Frame) -> NDArray[np.int32]:
    """Return the area of each coarse pixel that no border touches (others are meaningless)."""
    starts, ends = frame.pixels(lines.starts), frame.pixels(lines.ends)
    whole = Edges(starts, ends, lines.weights, np.zeros(len(starts), dtype=np.int64))
    return _decoded(anchored(whole, np.zeros(1), columns=frame.columns, rows=frame.rows)[0])


def _decoded(sums: Floats) -> NDArray[np.int32]:
    """Return the area of sums in ``ONE_AREA`` code: -1 for no area, `ASK` for several."""
    count = np.floor(sums / ONE_AREA)
    areas = (sums - count * ONE_AREA - 1).astype(np.int64).astype(np.int32)
    areas[(count != 1) & (sums != 0)] = ASK
    return areas


@dataclass(frozen=True)
class _Borders:
    """The pairs (edge, coarse pixel) that touch, sorted by pixel; each pixel needs a block."""

    lines: Linework
    frame: Frame
    starts: Floats  # of each edge, in coarse pixels
    ends: Floats
    edges: Ints  # of each pair
    pixels: Ints  # of each block: row * columns + column
    pair_ends: Ints  # of each block, with a 0 in front

    @staticmethod
    def build(lines: Linework, frame: Frame, asked: NDArray[np.bool_]) -> "_Borders":
        starts, ends = frame.pixels(lines.starts), frame.pixels(lines.ends)
        edge, column, row = touched(starts, ends, columns=frame.columns, rows=frame.rows)
        pixel = row * frame.columns + column
        kept = np.flatnonzero(~asked[pixel])
        order = kept[np.argsort(pixel[kept], kind="stable")]
        pixels, counts = np.unique(pixel[order], return_counts=True)
        pair_ends = np.concatenate([[0], np.cumsum(counts)])
        return _Borders(lines, frame, starts, ends, edge[order], pixels, pair_ends)

    def pairs(self, blocks: Ints) -> tuple[Ints, Ints]:
        """Return (number in ``blocks``, edge) of the pairs of some blocks."""
        item, pair = ranges(self.pair_ends[blocks], self.pair_ends[blocks + 1] - 1)
        return item, self.edges[pair]

    def corners(self, blocks: Ints) -> Floats:
        """Return the south-western corners of blocks, in coarse pixels; shape (n, 2)."""
        row, column = np.divmod(self.pixels[blocks], self.frame.columns)
        return np.column_stack([column, row]).astype(np.float64)


def _shifts(borders: _Borders, budget_mb: float) -> Ints:
    """Return how finely blocks are divided: by the borders in them, as memory allows."""
    length = np.hypot(*(borders.ends - borders.starts).T)
    share = length / np.maximum(np.bincount(borders.edges, minlength=len(length)), 1)
    lengths = np.add.reduceat(share[borders.edges], borders.pair_ends[:-1]) if len(share) else share
    for part in _TOUCHED_PARTS:
        ideal = np.ceil(np.log2(np.maximum(lengths, 1e-9) / part))
        shifts = np.clip(ideal, _MIN_SHIFT, borders.frame.max_shift).astype(np.int64)
        if (4.0 ** (shifts + 1)).sum() <= budget_mb * 1e6:
            break
    return np.asarray(shifts, dtype=np.int64)


def _chunks(shifts: Ints) -> Iterator[Ints]:
    """Yield blocks of one size together, as many as fit into the cache."""
    for shift in np.unique(shifts):
        blocks = np.flatnonzero(shifts == shift)
        step = max(1, _CHUNK >> (2 * int(shift)))
        for start in range(0, len(blocks), step):
            yield blocks[start : start + step]


@dataclass(frozen=True)
class _Knots:
    """The fine pixels of a chunk that several edges touch."""

    pixels: Ints  # (k,) in the chunk
    counts: Ints  # (k,)
    edges: Ints
    anchors: Floats  # (k, 2)
    areas: NDArray[np.int32]  # (k,)


def _filled(
    borders: _Borders, blocks: Ints, shift: int, covering: Covering
) -> tuple[NDArray[np.int32], _Knots]:
    """Return what the fine pixels of some blocks hold, and their knots (numbered from 0)."""
    size = 1 << shift
    lines, corners = borders.lines, borders.corners(blocks)
    item, edge = borders.pairs(blocks)
    starts = (borders.starts[edge] - corners[item]) * size
    ends = (borders.ends[edge] - corners[item]) * size
    bases = _sums(covering(borders.frame.degrees(corners + ANCHOR / size)), len(blocks))
    inside = Edges(starts, ends, lines.weights[edge], item)
    values = _decoded(anchored(inside, bases, columns=size, rows=size)).ravel()

    pair, column, row = touched(starts, ends, columns=size, rows=size)
    at = (item[pair] * size + row) * size + column
    doubtful = doubtful_anchors(starts[pair], ends[pair], column, row)
    _spoil(values, at[doubtful & (column == 0)], size)
    anchors = corners[item[pair]] + (np.column_stack([column, row]) + ANCHOR) / size
    doubtful |= lines.doubtful[edge[pair]]
    order = np.argsort(at, kind="stable")
    pairs = _Pairs(
        at[order], edge[pair[order]], doubtful[order], borders.frame.degrees(anchors[order])
    )
    return values, _draw(values, lines, pairs)


def _sums(covering: tuple[Ints, Ints], count: int) -> Floats:
    positions, rows = covering
    sums = np.bincount(positions, weights=ONE_AREA + rows + 1, minlength=count)
    return np.asarray(sums, dtype=np.float64)


def _spoil(values: NDArray[np.int32], at: Ints, size: int) -> None:
    """Mark all that was counted from doubtful anchors: a row, or the block of a first one."""
    values.reshape(-1, size)[at // size] = ASK
    first = at[at % (size * size) == 0]
    values.reshape(-1, size * size)[first // (size * size)] = ASK


@dataclass(frozen=True)
class _Pairs:
    """Pairs (fine pixel, edge) that touch, sorted by pixel."""

    pixels: Ints  # (n,) in the chunk
    edges: Ints  # (n,)
    doubtful: NDArray[np.bool_]  # (n,)
    anchors: Floats  # (n, 2): the pixel's, in degrees


def _draw(values: NDArray[np.int32], lines: Linework, pairs: _Pairs) -> _Knots:
    """Put edges, knots and `ASK` into the pixels that borders touch."""
    at, edge, anchors = pairs.pixels, pairs.edges, pairs.anchors
    first = np.flatnonzero(np.diff(at, prepend=-1))
    if not len(first):
        return _Knots(at, at, at, anchors, _NO_ROWS)
    pixels, counts = at[first], np.diff(first, append=len(at))
    areas = values[pixels]
    is_bad = np.logical_or.reduceat(pairs.doubtful, first)
    is_bad |= (areas == ASK) | (counts > _MOST_EDGES)
    is_bad |= (counts == 1) & (areas != _beside(lines, edge[first], anchors[first]))
    is_knot = ~is_bad & (counts > 1)
    values[pixels] = np.where(is_bad, ASK, -2 - edge[first])
    knots = first[is_knot]
    values[at[knots]] = -2 - len(lines.starts) - np.arange(len(knots))
    _, members = ranges(knots, knots + counts[is_knot] - 1)
    return _Knots(at[knots], counts[is_knot], edge[members], anchors[knots], areas[is_knot])


def _beside(lines: Linework, edge: Ints, points: Floats) -> NDArray[np.int32]:
    """Return the area on a point's side of an edge; `ASK` where that is not certain."""
    ends = np.column_stack([lines.starts[edge], lines.ends[edge]])
    det, error = turn(ends, points[:, 0], points[:, 1])
    sides = np.where(det > 0, lines.sides[edge, 0], lines.sides[edge, 1])
    return np.where(np.abs(det) > error, sides, ASK).astype(np.int32)
