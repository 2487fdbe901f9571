"""Lines and footprints cut by the areas of one level: what lies where, measured on the ground.

Most places touch no border. They lie inside one area as a whole, which the index tells without
an intersection; only the others are cut.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap import measure
from gridmap.boundary import Layer
from gridmap.locate import LayerIndex, Rows
from gridmap.place import PlaceKind

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Cuts:
    """n places cut by the areas of one level, as k pairs sorted by place and row.

    Sizes are ground areas in m2 (footprints) or geodesic lengths in m (lines). A pair whose size
    is 0 touches from outside.
    """

    positions: Rows  # (k,)
    rows: Rows  # (k,)
    sizes: Floats  # (k,)
    totals: Floats  # (n,)
    covered: Floats  # (n,): what lies in any area
    overlapped: Floats  # (n,): what lies in several areas, and not just along their borders

    @property
    def sums(self) -> Floats:
        """The sizes of all pieces of each place; more than covered where they lie twice."""
        return _summed(self.positions, self.sizes, len(self.totals))

    @property
    def gaps(self) -> Floats:
        """What of each place lies in no area."""
        return np.maximum(self.totals - self.covered, 0.0)


def cut(geometries: Geometries, layer: LayerIndex, *, kind: PlaceKind) -> Cuts:
    """Cut n lines or footprints (EPSG:4490) by the areas of a level; all of them are valid.

    A stretch of a line that it runs over twice is measured once.
    """
    if kind is PlaceKind.LINE:
        geometries = _run_once(geometries)
    totals = _sizes(geometries, kind)
    boxes = shapely.bounds(geometries)
    is_crossed = layer.crossed(boxes)
    whole, crossed = np.flatnonzero(~is_crossed), np.flatnonzero(is_crossed)
    at, whole_rows = layer.covering(boxes[whole, :2])
    at = whole[at]
    number, rows = layer.meetings(geometries[crossed])
    pieces = _pieces(layer.layer, rows, geometries[crossed[number]])
    sizes = _sizes(pieces, kind)
    covered, overlapped = np.zeros_like(totals), np.zeros_like(totals)
    covered[at] = totals[at]
    overlapped[at] = totals[at] * (np.bincount(at, minlength=len(totals))[at] - 1)
    covered[crossed] = _summed(number, sizes, len(crossed))
    several = np.bincount(number, minlength=len(crossed))[number] > 1
    if kind is PlaceKind.FOOTPRINT:  # lines along a border lie in both areas, in any layer
        suspect = np.bincount(number, weights=layer.may_overlap(rows), minlength=len(crossed)) > 0
        several &= suspect[number]
    heap = _Heap.build(number[several], pieces[several], sizes[several])
    covered[crossed[heap.places]], overlapped[crossed[heap.places]] = heap.measured(
        layer.layer.geometries[rows[several]], kind
    )
    positions = np.concatenate([at, crossed[number]])
    found_rows = np.concatenate([whole_rows, rows])
    order = np.lexsort((found_rows, positions))
    return Cuts(
        positions=positions[order],
        rows=found_rows[order],
        sizes=np.concatenate([totals[at], sizes])[order],
        totals=totals,
        covered=covered,
        overlapped=overlapped,
    )


def _run_once(lines: Geometries) -> Geometries:
    """Return lines that run over each stretch once: what is cut off a line never runs twice."""
    lines = lines.copy()
    twice = ~shapely.is_simple(lines)
    lines[twice] = shapely.union_all(lines[twice][:, None], axis=1)
    return lines


def _sizes(pieces: Geometries, kind: PlaceKind) -> Floats:
    """Ground areas of pieces of footprints, ground lengths of pieces of lines."""
    if kind is PlaceKind.FOOTPRINT:
        return measure.areas_m2(pieces)
    return measure.lengths_m(pieces)


def _pieces(layer: Layer, rows: Rows, geometries: Geometries) -> Geometries:
    """Return what each area holds of its geometry: the geometry as it is where that is all."""
    areas, pieces = layer.geometries[rows], geometries.copy()
    cut_off = np.flatnonzero(~shapely.covers(areas, geometries))
    # GEOS rounds to the precision of the first: areas made on a grid carry that grid's.
    pieces[cut_off] = shapely.intersection(geometries[cut_off], areas[cut_off])
    return pieces


def _summed(positions: Rows, sizes: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(positions, weights=sizes, minlength=count), dtype=np.float64)


@dataclass(frozen=True)
class _Heap:
    """The pieces of places that several areas meet, which may lie on top of each other."""

    places: Rows  # (h,): whose pieces they are
    row: Rows  # (p,): of each piece, the number of its place among these
    pieces: Geometries  # (p,)
    sizes: Floats  # (p,)

    @staticmethod
    def build(numbers: Rows, pieces: Geometries, sizes: Floats) -> "_Heap":
        places, row = np.unique(numbers, return_inverse=True)
        return _Heap(places, row, pieces, sizes)

    def measured(self, areas: Geometries, kind: PlaceKind) -> tuple[Floats, Floats]:
        """Return per place the ground covered, and the ground that lies in several areas."""
        sums = _summed(self.row, self.sizes, len(self.places))
        covered = _sizes(self._unions(self.pieces), kind)
        if kind is PlaceKind.FOOTPRINT:
            return covered, sums - covered
        # A line along a border is in both areas, and no overlap for that.
        inner = shapely.difference(self.pieces, shapely.boundary(areas))
        twice = _summed(self.row, _sizes(inner, kind), len(self.places))
        return covered, twice - _sizes(self._unions(inner), kind)

    def _unions(self, pieces: Geometries) -> Geometries:
        parts, of_piece = shapely.get_parts(pieces, return_index=True)
        heaps = np.full(len(self.places), shapely.GeometryCollection())
        shapely.geometrycollections(parts, indices=self.row[of_piece], out=heaps)
        unions: Geometries = shapely.union_all(heaps[:, None], axis=1)
        return unions
