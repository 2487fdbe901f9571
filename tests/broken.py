"""A copy of a city's cells that is broken on purpose, each fault in a community of its own.

``python -m tests.broken FOLDER`` writes one of the shipped city, for `gridmap check`.
"""

import sys
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

from gridmap import read, write
from gridmap.boundary import Draft, Layer
from gridmap.findings import Kind
from gridmap.level import Level

METRE_DEG = 1 / 111_000


@dataclass(frozen=True)
class Pair:
    """Two neighbouring cells of one community (or of two), and one edge that both have."""

    one: int
    other: int
    start: np.ndarray
    end: np.ndarray

    def triangle(self, shape, height_deg):
        """The triangle on the edge that reaches so far into a shape beside it."""
        middle = (self.start + self.end) / 2
        inward = shapely.get_coordinates(shapely.point_on_surface(shape))[0] - middle
        apex = middle + inward * min(0.5, height_deg / np.hypot(*inward))
        return shapely.Polygon([self.start, self.end, apex])


class BrokenCells:
    """The cells of a release, broken one by one; ``expected`` tells what a check must find."""

    def __init__(self, release):
        self.release = release
        cells = release.layers[Level.CELL]
        self.codes = cells.codes.tolist()
        self.parents = cells.parents.tolist()
        self.shapes = list(cells.geometries)
        self.names = cells.names.tolist()
        self.removed = set()
        self.expected = []

    def draft(self):
        kept = [row for row in range(len(self.codes)) if row not in self.removed]
        cells = self.release.layers[Level.CELL]
        layer = Layer.unchecked(
            Level.CELL,
            cells.basis,
            codes=[self.codes[row] for row in kept],
            names=[self.names[row] for row in kept],
            parents=[self.parents[row] for row in kept],
            geometries=[self.shapes[row] for row in kept],
        )
        layers = dict(self.release.layers) | {Level.CELL: layer}
        return Draft(id="broken", title="broken on purpose", layers=layers)

    @cached_property
    def pairs(self):
        """Pairs of convex cells, one in each 40th community."""
        found = []
        parents = np.array(self.parents)
        for community in np.unique(parents)[::40]:
            rows = np.flatnonzero(parents == community)
            pair = next((self._pair(a, b) for a in rows for b in rows if self._pair(a, b)), None)
            if pair:
                found.append(pair)
        return iter(found)

    def pair_across(self):
        """A pair of two communities, far from the others."""
        tree = shapely.STRtree(self.shapes)
        for one in range(20_000, len(self.shapes)):
            for other in tree.query(self.shapes[one], predicate="touches").tolist():
                same_street = self.codes[one][:9] == self.codes[other][:9]
                across = same_street and self.parents[one] != self.parents[other]
                if across and (pair := self._pair(one, other)):
                    return pair
        raise AssertionError

    def _pair(self, one, other):
        convex = shapely.convex_hull([self.shapes[one], self.shapes[other]])
        if one == other or not np.allclose(
            shapely.area(convex), shapely.area([self.shapes[one], self.shapes[other]]), rtol=1e-9
        ):
            return None
        common = _edges(self.shapes[one]) & _edges(self.shapes[other])
        long = [edge for edge in common if np.hypot(*np.subtract(*edge)) > 30 * METRE_DEG]
        return Pair(one, other, *map(np.array, min(long))) if long else None

    def expect(self, kind, *codes, sliver=False):
        self.expected.append((kind, codes, sliver))

    # --- the faults ---------------------------------------------------------------------------

    def gap(self):
        pair = next(self.pairs)
        piece = pair.triangle(self.shapes[pair.one], 20 * METRE_DEG)
        self.shapes[pair.one] = shapely.difference(self.shapes[pair.one], piece)
        self.expect(Kind.GAP, self.parents[pair.one], *self._sorted(pair))

    def sliver_gap(self):
        pair = next(self.pairs)
        piece = pair.triangle(self.shapes[pair.one], 0.6 * METRE_DEG)
        self.shapes[pair.one] = shapely.difference(self.shapes[pair.one], piece)
        self.expect(Kind.GAP, self.parents[pair.one], *self._sorted(pair), sliver=True)

    def overlap(self):
        pair = next(self.pairs)
        piece = pair.triangle(self.shapes[pair.other], 20 * METRE_DEG)
        self.shapes[pair.one] = shapely.union(self.shapes[pair.one], piece)
        self.expect(Kind.OVERLAP, *self._sorted(pair))

    def sliver_overlap(self):
        pair = next(self.pairs)
        piece = pair.triangle(self.shapes[pair.other], 0.6 * METRE_DEG)
        self.shapes[pair.one] = shapely.union(self.shapes[pair.one], piece)
        self.expect(Kind.OVERLAP, *self._sorted(pair), sliver=True)

    def outside(self):
        pair = self.pair_across()
        piece = pair.triangle(self.shapes[pair.other], 20 * METRE_DEG)
        self.shapes[pair.one] = shapely.union(self.shapes[pair.one], piece)
        self.shapes[pair.other] = shapely.difference(self.shapes[pair.other], piece)
        self.expect(Kind.OUTSIDE, self.codes[pair.one], self.parents[pair.one])

    def orphan(self):
        pair = next(self.pairs)
        self.parents[pair.one] = ""
        self.expect(Kind.ORPHAN, self.codes[pair.one])

    def duplicate(self):
        pair = next(self.pairs)
        self.codes[pair.one] = self.codes[pair.other]
        self.expect(Kind.DUPLICATE, self.codes[pair.other])

    def ill_formed(self):
        pair = next(self.pairs)
        self.codes[pair.one] = self.codes[pair.one] + "A"
        self.expect(Kind.ILL_FORMED, self.codes[pair.one])

    def misplaced(self):
        pair = next(self.pairs)
        self.codes[pair.one] = self.codes[pair.one][:9]
        self.expect(Kind.MISPLACED, self.codes[pair.one])
        # Its street has that code: two areas with one code are told, too.
        self.expect(Kind.DUPLICATE, self.codes[pair.one])

    def foreign(self):
        pair = next(self.pairs)
        code = "110101001001" + self.codes[pair.one][12:-3] + "999"
        self.codes[pair.one] = code
        self.expect(Kind.FOREIGN, code, self.parents[pair.one])

    def invalid(self):
        """The outline walks into its own area and back."""
        pair = next(self.pairs)
        ring = shapely.get_coordinates(self.shapes[pair.one]).tolist()
        inside = shapely.get_coordinates(shapely.point_on_surface(self.shapes[pair.one])).tolist()
        self.shapes[pair.one] = shapely.Polygon([*ring[:2], *inside, ring[1], *ring[2:]])
        self.expect(Kind.INVALID, self.codes[pair.one])

    def unmatched(self):
        pair = next(self.pairs)
        ring = shapely.get_coordinates(self.shapes[pair.one])
        middle = (pair.start + pair.end) / 2
        at = next(
            row
            for row in range(len(ring) - 1)
            if {tuple(ring[row]), tuple(ring[row + 1])} == {tuple(pair.start), tuple(pair.end)}
        )
        self.shapes[pair.one] = shapely.Polygon(np.insert(ring, at + 1, middle, axis=0))
        self.expect(Kind.UNMATCHED, self.codes[pair.one])
        self.expect(Kind.UNMATCHED, self.codes[pair.other])

    def splinter(self):
        """A cell of another corner of the community claims a narrow triangle of a neighbour."""
        pair = next(self.pairs)
        parents = np.array(self.parents)
        far = next(
            row
            for row in np.flatnonzero(parents == self.parents[pair.one])
            if not shapely.intersects(self.shapes[row], self.shapes[pair.one])
        )
        piece = pair.triangle(self.shapes[pair.one], 0.6 * METRE_DEG)
        self.shapes[pair.one] = shapely.difference(self.shapes[pair.one], piece)
        self.shapes[far] = shapely.MultiPolygon([self.shapes[far], piece])
        self.expect(Kind.SPLINTER, self.codes[far], sliver=True)

    def _sorted(self, pair):
        return sorted([self.codes[pair.one], self.codes[pair.other]])


def _edges(shape):
    points = [tuple(xy) for xy in shapely.get_coordinates(shape).tolist()]
    return {tuple(sorted(edge)) for edge in pairwise(points)}


FAULTS = (
    "gap",
    "sliver_gap",
    "overlap",
    "sliver_overlap",
    "outside",
    "orphan",
    "duplicate",
    "ill_formed",
    "misplaced",
    "foreign",
    "invalid",
    "unmatched",
    "splinter",
)


def broken(release):
    """The cells with every fault once."""
    cells = BrokenCells(release)
    for fault in FAULTS:
        getattr(cells, fault)()
    return cells


if __name__ == "__main__":
    shipped = read.release("data/boundaries/beijing/definition.toml")
    write.release(broken(shipped).draft(), Path(sys.argv[1]))
