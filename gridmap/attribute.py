"""Place -> Attribution: per level, every area concerned, with its share or probability.

References
----------
.. [1] RFC 7459, section 5.5: a location is inside a region with P = confidence x overlap /
   uncertainty region, and "inside" needs at least 0.5.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import measure
from gridmap.attribution import Attribution, LevelAttribution, Neighbour, Part, Tolerance
from gridmap.errors import OutsideReleaseError
from gridmap.geo import LngLat
from gridmap.locate import LayerIndex, ReleaseIndex, Rows
from gridmap.place import Place, PlaceKind
from gridmap.relation import Relation

# How far a place may reach over the edge of a release: 100 km, more than any true one.
_OVER_EDGE_DEG = 1.0


def attribute(
    place: Place, index: ReleaseIndex, *, tolerance: Tolerance | None = None
) -> Attribution:
    """Say whose a place is, at every level of the index's release.

    Raises
    ------
    OutsideReleaseError
        No area of the coarsest level holds a part of the place that counts, or the place reaches
        more than a degree over the edge of the release. (A gap at a finer level is an answer, not
        an error.)
    """
    tolerance = tolerance or Tolerance()
    _refuse_far_reaching(place, index)
    coarsest = index.layers[index.release.levels[0]]
    if not coarsest.meeting(place.geometry).size:
        raise _outside(place.centre, index)
    answer = _point if place.kind is PlaceKind.POINT else _extent
    levels = tuple(answer(place, index, layer, tolerance) for layer in index.layers.values())
    if not levels[0].concerned:  # it touches the edge from outside, with a sliver at most
        raise _outside(place.centre, index)
    return Attribution(release=index.release.id, place=place, levels=levels)


def _refuse_far_reaching(place: Place, index: ReleaseIndex) -> None:
    """A place that reaches to another city is a slip, and distances are measured in one plane."""
    bounds = index.release.bounds
    xy = shapely.get_coordinates(place.geometry)
    low = np.array([bounds.west, bounds.south]) - _OVER_EDGE_DEG
    high = np.array([bounds.east, bounds.north]) + _OVER_EDGE_DEG
    far = ((xy < low) | (xy > high)).any(axis=1)
    if far.any():
        raise _outside(LngLat(*xy[far][0].tolist()), index)


def _outside(at: LngLat, index: ReleaseIndex) -> OutsideReleaseError:
    bounds = index.release.bounds
    return OutsideReleaseError(
        lng=at.lng,
        lat=at.lat,
        release=index.release.id,
        west=bounds.west,
        south=bounds.south,
        east=bounds.east,
        north=bounds.north,
        swapped=bounds.covers(LngLat(at.lat, at.lng)),
    )


# --- points ---------------------------------------------------------------------------------


def _point(
    place: Place, index: ReleaseIndex, layer: LayerIndex, tolerance: Tolerance
) -> LevelAttribution:
    _, covering = layer.covering(shapely.get_coordinates(place.geometry))
    reach_m = max(place.accuracy_m or 0.0, tolerance.near_line_m)
    others = np.setdiff1d(layer.within(place.geometry, radius_m=reach_m), covering)
    parts = (
        _likely_parts(place, index, layer, tolerance, covered=bool(covering.size))
        if place.accuracy_m
        else tuple(Part(area=layer.layer.area(row), counts=True) for row in covering)
    )
    return LevelAttribution(
        level=layer.layer.level,
        basis=layer.layer.basis,
        relation=_point_relation(place.geometry, layer, covering.tolist(), near=bool(others.size)),
        parts=tuple(part for part in parts if part.counts or part.probability),
        touches=(),
        nearby=_neighbours(place.geometry, layer, others if covering.size else None),
        border_distance_m=layer.nearest_border_m(place.geometry),
        line_accuracy_m=layer.layer.line_accuracy_m,
    )


def _point_relation(
    point: BaseGeometry, layer: LayerIndex, covering: list[int], *, near: bool
) -> Relation:
    if not covering:
        return Relation.GAP
    if len(covering) > 1:
        inside = shapely.contains_properly(layer.layer.geometries[covering], point)
        return Relation.OVERLAP if inside.any() else Relation.ON_LINE
    return Relation.NEAR_LINE if near else Relation.INSIDE


def _likely_parts(
    place: Place,
    index: ReleaseIndex,
    layer: LayerIndex,
    tolerance: Tolerance,
    *,
    covered: bool,
) -> tuple[Part, ...]:
    """The areas that may hold an uncertain point; those with P of 0.5 count, else all likely ones.

    Where the point itself lies in a gap nothing counts: the level above answers.
    """
    disc = index.plane.circle(place.centre, radius_m=place.accuracy_m or 0.0)
    rows = layer.meeting(disc)
    overlaps = measure.areas_m2(shapely.intersection(layer.layer.geometries[rows], disc))
    chances = tolerance.confidence * overlaps / measure.area_m2(disc)
    counts = _likely(chances, tolerance) & covered
    parts = [
        Part(area=layer.layer.area(row), counts=bool(count), probability=float(chance))
        for row, count, chance in zip(rows, counts, chances, strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: (-(part.probability or 0.0), part.area.code)))


def _likely(chances: NDArray[np.float64], tolerance: Tolerance) -> NDArray[np.bool_]:
    for least in (tolerance.min_probability, tolerance.min_likelihood):
        enough: NDArray[np.bool_] = chances >= least
        if enough.any():
            return enough
    return np.asarray(chances == chances.max(initial=0.0))


def _neighbours(
    geometry: BaseGeometry, layer: LayerIndex, rows: Rows | None
) -> tuple[Neighbour, ...]:
    """The given areas with their distances; in a gap (no rows given) the nearest three."""
    if rows is None:
        reach_m = 2.0 * layer.nearest_border_m(geometry) + 1.0
        rows = layer.within(geometry, radius_m=reach_m)
    found = [Neighbour(layer.layer.area(row), layer.distance_m(geometry, row)) for row in rows]
    found.sort(key=lambda neighbour: (neighbour.distance_m, neighbour.area.code))
    return tuple(found[:3])


# --- lines and footprints -------------------------------------------------------------------


@dataclass(frozen=True)
class _Cut:
    """A line or footprint cut by the areas of one level; sizes in m2 or m on the ground."""

    kind: PlaceKind
    rows: Rows
    pieces: NDArray[np.object_]
    sizes: NDArray[np.float64]
    total: float
    covered: float
    tolerance: Tolerance

    @property
    def gap(self) -> float:
        return max(self.total - self.covered, 0.0)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shares that sum to one with the gap, also where areas overlap."""
        shares: NDArray[np.float64] = self.sizes / self._whole
        return shares

    @property
    def gap_share(self) -> float:
        return self.gap / self._whole

    @property
    def _whole(self) -> float:
        return float(self.sizes.sum()) + self.gap

    @property
    def least(self) -> float:
        """The size below which a part is noise."""
        line = self.kind is PlaceKind.LINE
        return self.tolerance.min_length_m if line else self.tolerance.min_area_m2

    @property
    def ample(self) -> float:
        """The size from which a part counts however small its share."""
        line = self.kind is PlaceKind.LINE
        return self.tolerance.ample_length_m if line else self.tolerance.ample_area_m2

    @cached_property
    def counts(self) -> NDArray[np.bool_]:
        """Which parts count. A place smaller than the threshold counts where most of it lies."""
        enough = (self.shares >= self.tolerance.min_share) | (self.sizes >= self.ample)
        counts = (self.sizes >= self.least) & enough
        if not counts.any() and self.covered > self.gap:
            counts[int(np.argmax(self.sizes))] = True
        return counts

    @property
    def reaches_gap(self) -> bool:
        return self.gap >= self.least and self.gap_share >= self.tolerance.min_share

    @property
    def doubled(self) -> bool:
        """Whether two areas hold the same stretch of the place."""
        return float(self.sizes.sum()) - self.covered > self.least


def _extent(
    place: Place, index: ReleaseIndex, layer: LayerIndex, tolerance: Tolerance
) -> LevelAttribution:
    cut = _cut(place, layer, tolerance)
    parts = _shared_parts(place, index, layer, cut)
    near = layer.within(place.geometry, radius_m=tolerance.near_line_m)
    others = np.setdiff1d(near, cut.rows)
    return LevelAttribution(
        level=layer.layer.level,
        basis=layer.layer.basis,
        relation=_extent_relation(layer, cut, near=len(cut.rows) > 1 or bool(others.size)),
        parts=tuple(part for part in parts if part.counts),
        touches=tuple(part for part in parts if not part.counts),
        nearby=_neighbours(place.geometry, layer, others if cut.rows.size else None),
        border_distance_m=layer.nearest_border_m(place.geometry),
        line_accuracy_m=layer.layer.line_accuracy_m,
        gap_share=cut.gap_share,
    )


def _cut(place: Place, layer: LayerIndex, tolerance: Tolerance) -> _Cut:
    rows = layer.meeting(place.geometry)
    pieces = shapely.intersection(layer.layer.geometries[rows], place.geometry)
    sizes = _sizes(pieces, place.kind)
    covered = float(_sizes(shapely.union_all(pieces), place.kind)[0])
    total = float(_sizes(place.geometry, place.kind)[0])
    return _Cut(
        kind=place.kind,
        rows=rows,
        pieces=pieces,
        sizes=sizes,
        total=total,
        covered=covered,
        tolerance=tolerance,
    )


def _sizes(pieces: NDArray[np.object_] | BaseGeometry, kind: PlaceKind) -> NDArray[np.float64]:
    """Ground areas of pieces of a footprint, ground lengths of pieces of a line."""
    pieces = np.atleast_1d(np.asarray(pieces, dtype=object))
    if kind is PlaceKind.FOOTPRINT:
        return measure.areas_m2(pieces)
    return np.array([measure.length_m(piece) for piece in pieces])


def _shared_parts(
    place: Place, index: ReleaseIndex, layer: LayerIndex, cut: _Cut
) -> tuple[Part, ...]:
    parts = []
    for row, size, share, count in zip(cut.rows, cut.sizes, cut.shares, cut.counts, strict=True):
        low, high = _share_range(place, index, layer, int(row))
        parts.append(
            Part(
                area=layer.layer.area(row),
                counts=bool(count),
                share=float(share),
                share_low=low,
                share_high=high,
                area_m2=float(size) if place.kind is PlaceKind.FOOTPRINT else None,
                length_m=float(size) if place.kind is PlaceKind.LINE else None,
            )
        )
    return tuple(sorted(parts, key=lambda part: (-(part.share or 0.0), part.area.code)))


def _share_range(
    place: Place, index: ReleaseIndex, layer: LayerIndex, row: int
) -> tuple[float | None, float | None]:
    """The least and largest share of one area when its line lies up to its accuracy elsewhere.

    The area is clipped around the place with three times the accuracy to spare, so that moving
    the clipped edges inwards never reaches the place.
    """
    accuracy_m = layer.layer.line_accuracy_m
    if accuracy_m is None:
        return None, None
    flat = index.plane.project(place.geometry)
    around = index.plane.unproject(shapely.box(*flat.buffer(3.0 * accuracy_m).bounds))
    local = index.plane.project(shapely.intersection(layer.layer.geometries[row], around))

    def share(shift_m: float) -> float:
        inside = shapely.intersection(local.buffer(shift_m), flat)
        areal = place.kind is PlaceKind.FOOTPRINT
        part = inside.area / flat.area if areal else inside.length / flat.length
        return round(float(part), 9)  # what is whole says 1, not 0.9999999999999999

    return share(-accuracy_m), share(accuracy_m)


def _extent_relation(layer: LayerIndex, cut: _Cut, *, near: bool) -> Relation:
    if not cut.counts.any():
        return Relation.GAP
    if cut.doubled:
        return _doubled_relation(layer, cut)
    if cut.counts.sum() > 1 or cut.reaches_gap:
        return Relation.STRADDLES
    return Relation.NEAR_LINE if near else Relation.INSIDE


def _doubled_relation(layer: LayerIndex, cut: _Cut) -> Relation:
    """Two areas hold the same stretch: their shared border (on the line), or a true overlap."""
    inner = cut.pieces
    if cut.kind is PlaceKind.LINE:
        inner = shapely.difference(inner, shapely.boundary(layer.layer.geometries[cut.rows]))
    twice = _sizes(inner, cut.kind).sum() - _sizes(shapely.union_all(inner), cut.kind)[0]
    return Relation.OVERLAP if twice > cut.least else Relation.ON_LINE
