"""The unit cells of one polygon: cut along barriers, divided evenly, small pieces joined.

The polygon is cut into blocks by its barriers (`gridmap.barriers`), each block divided into
compact pieces (`gridmap.tessellate`), and what is too small for a cell joins a neighbour: across
no barrier where there is such a neighbour, else across one, which is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import tessellate, tiling
from gridmap.barriers import TIE_DECIMALS, Barriers, Blocks, Lines, blocks
from gridmap.cell_policy import CellPolicy
from gridmap.measure import areas_m2, length_m, local_metres
from gridmap.remark import Remark, RemarkKind

# Ground is joined over a line that is at least this part of its outline, if it can be: over less
# it would hang by a neck. A side of a square is a quarter of its outline.
_NECK = 0.1

# Noding moves a line by at most the grid a round; what is this near is the same line.
_SAME_DEG = 5 * tiling.GRID_DEG
_CRUMB_DEG = 100 * tiling.GRID_DEG


@dataclass(frozen=True)
class UnitCells:
    """The cells of one polygon, parts of one tiling in reading order, and what falls short.

    ``policy`` is what they were made with. Cells are in EPSG:4490.
    """

    shapes: NDArray[np.object_]
    barriers: Lines
    stubs: Lines
    policy: CellPolicy

    def __len__(self) -> int:
        return len(self.shapes)

    def remarks(self, codes: list[str]) -> Iterator[Remark]:
        """Yield what could not be done as asked, by the codes that the cells have been given."""
        sizes_m2 = areas_m2(self.shapes)
        for code, shape, size_m2 in zip(codes, self.shapes, sizes_m2, strict=True):
            if size_m2 < self.policy.least_m2:
                yield Remark(RemarkKind.TOO_SMALL, code, float(size_m2), shape)
            if size_m2 > self.policy.largest_m2:
                yield Remark(RemarkKind.TOO_LARGE, code, float(size_m2), shape)
        for kind, lines in self._crossed:
            at, rows = shapely.STRtree(self.shapes).query(_middles(lines), predicate="intersects")
            for row in np.unique(rows):
                line = shapely.line_merge(shapely.union_all(lines[at[rows == row]]))
                yield Remark(kind, codes[row], length_m(line), line)

    @cached_property
    def _crossed(self) -> tuple[tuple[RemarkKind, Lines], ...]:
        """What is left of the barriers inside the cells, in pieces of one cell each, with why."""
        if not len(self.barriers):
            return ()
        borders = shapely.union_all(shapely.boundary(self.shapes))
        left = shapely.difference(
            shapely.union_all(self.barriers), borders, grid_size=tiling.GRID_DEG
        )
        lines = shapely.get_parts(left)
        # What is shorter than a centimetre is where the barrier was clipped, or was cut by a cell.
        lines = lines[
            (shapely.length(lines) > _CRUMB_DEG)
            & (shapely.distance(_middles(lines), borders) > _SAME_DEG)
        ]
        loose = _lies_on(lines, self.stubs)
        return (
            (RemarkKind.SMALL_BLOCK, lines[~loose]),
            (RemarkKind.LOOSE_END, lines[loose]),
        )


def unit_cells(
    polygon: BaseGeometry, *, barriers: Barriers | None = None, policy: CellPolicy | None = None
) -> UnitCells:
    """Divide a polygon (EPSG:4490) into unit cells that do not cross the barriers.

    Cells have the policy's target area where the ground between barriers allows it, and are in
    the order in which DB11/T 2157-2023 numbers them. The same polygon, barriers (in any order)
    and policy give the same bytes.

    Raises
    ------
    TessellationError
        The shape is not a valid, non-empty polygon.

    See Also
    --------
    gridmap.tessellate.cells : the same without barriers and sizes to keep.
    """
    policy = policy or CellPolicy()
    tessellate.refuse_unsound(polygon)
    cut = blocks(polygon, barriers or Barriers.build([]), policy=policy)
    tiles = tiling.exact(list(chain.from_iterable(_pieces(block, policy) for block in cut.shapes)))
    cells = _joined(tiles, cut, policy)
    cells = cells[tessellate.reading_order(cells)]
    return UnitCells(shapes=cells, barriers=cut.barriers, stubs=cut.stubs, policy=policy)


def _pieces(block: BaseGeometry, policy: CellPolicy) -> Iterator[BaseGeometry]:
    (size_m2,) = areas_m2(np.array([block], dtype=object))
    outline_m = shapely.length(local_metres(block, shapely.bounds(block)[[1, 3]].mean()))
    count = policy.count(float(size_m2))
    if policy.is_small(size_m2, 2 * size_m2 / outline_m):
        # A strip along a barrier is shared out among the cells beside it, not given to one.
        count = max(1, round(outline_m / 2 / policy.target_m2**0.5))
    pieces = tessellate.pieces(block, count=count)
    for piece, piece_m2 in zip(pieces, areas_m2(pieces), strict=True):
        if piece_m2 <= policy.largest_m2:
            yield piece
        else:  # no cut divided it well among so many; perhaps one does by itself
            yield from tessellate.pieces(piece, count=policy.count(float(piece_m2)))


def _joined(tiles: NDArray[np.object_], cut: Blocks, policy: CellPolicy) -> NDArray[np.object_]:
    """Return the tiles, those too small joined to a neighbour, smallest first."""
    lat_deg = float(shapely.total_bounds(tiles)[[1, 3]].mean())
    ground = _Ground(
        sizes_m2=areas_m2(tiles).round(TIE_DECIMALS),
        outlines_m=shapely.length(local_metres(tiles, lat_deg)).round(TIE_DECIMALS),
        neighbours=_neighbours(tiles, cut.barriers, lat_deg),
        tiles=tiles,
        owners=np.arange(len(tiles)),
    )
    while (row := ground.smallest(policy)) is not None:
        ground.join(row, policy)
    _, owners = np.unique(ground.owners, return_inverse=True)
    return tiling.merged(tiles, owners.reshape(-1), count=int(owners.max()) + 1)


# For each neighbour's row: metres of common line that no barrier follows, and in all.
Common = dict[int, NDArray[np.float64]]


@dataclass
class _Ground:
    """Tiles that join one after another; the arrays change, rows stay those of the tiles."""

    sizes_m2: NDArray[np.float64]
    outlines_m: NDArray[np.float64]
    neighbours: list[Common]
    tiles: NDArray[np.object_]
    owners: NDArray[np.int64]

    def smallest(self, policy: CellPolicy) -> int | None:
        """Return the smallest of the owners that are too small, None without any, or alone."""
        owning = np.unique(self.owners)
        small = policy.is_small(
            self.sizes_m2[owning], 2 * self.sizes_m2[owning] / self.outlines_m[owning]
        )
        if len(owning) == 1 or not small.any():
            return None
        rows = owning[small]
        return int(rows[int(np.argmin(self.sizes_m2[rows]))])

    def join(self, row: int, policy: CellPolicy) -> None:
        """Give the ground of one owner to its best neighbour."""
        to = self._best(row, policy)
        common = self.neighbours[row].pop(to, np.zeros(2))
        self.sizes_m2[to] += self.sizes_m2[row]
        self.outlines_m[to] += self.outlines_m[row] - 2 * common[1]
        self.owners[self.owners == row] = to
        self.neighbours[to].pop(row, None)
        for other, line in self.neighbours[row].items():
            del self.neighbours[other][row]
            both = self.neighbours[to].get(other, np.zeros(2)) + line
            self.neighbours[to][other] = self.neighbours[other][to] = both

    def _best(self, row: int, policy: CellPolicy) -> int:
        """Return the neighbour to join: over no barrier, not too large together, longest line.

        A detached part joins the nearest ground as its exclave.
        """
        if not self.neighbours[row]:
            return self._nearest(row)

        def merit(other: int) -> tuple[bool, bool, float, float, int]:
            free_m, all_m = self.neighbours[row][other]
            fits = self.sizes_m2[row] + self.sizes_m2[other] <= policy.largest_m2
            is_free = free_m >= _NECK * self.outlines_m[row]
            return (bool(is_free), bool(fits), float(free_m * is_free), float(all_m), -other)

        return max(self.neighbours[row], key=merit)

    def _nearest(self, row: int) -> int:
        own = shapely.union_all(self.tiles[self.owners == row])
        away = shapely.distance(self.tiles, own)
        away[self.owners == row] = np.inf
        return int(self.owners[int(np.argmin(away))])


def _neighbours(tiles: NDArray[np.object_], barriers: Lines, lat_deg: float) -> list[Common]:
    found: list[Common] = [{} for _ in tiles]
    ones, others, lines = tiling.common_lines(tiles)
    xy, pair = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    owner = np.repeat(np.arange(len(lines)), shapely.get_num_geometries(lines))[pair]
    edges = np.flatnonzero(pair[1:] == pair[:-1])
    segments = shapely.linestrings(np.stack([xy[edges], xy[edges + 1]], axis=1))
    lengths_m = shapely.length(local_metres(segments, lat_deg))
    free = ~_lies_on(segments, barriers)
    all_m = np.bincount(owner[edges], lengths_m, minlength=len(lines))
    free_m = np.bincount(owner[edges], lengths_m * free, minlength=len(lines))
    for one, other, *common in zip(ones, others, free_m, all_m, strict=True):
        line = np.round(common, TIE_DECIMALS)
        found[one][int(other)] = found[other][int(one)] = line
    return found


def _lies_on(lines: Lines, others: Lines) -> NDArray[np.bool_]:
    """Tell which lines follow the others, by their middles; they have been noded together."""
    if not len(lines) or not len(others):
        return np.zeros(len(lines), dtype=bool)
    tree = shapely.STRtree(others)
    rows = tree.query(_middles(lines), predicate="dwithin", distance=_SAME_DEG)[0]
    return np.isin(np.arange(len(lines)), rows)


def _middles(lines: Lines) -> NDArray[np.object_]:
    points: NDArray[np.object_] = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    return points
