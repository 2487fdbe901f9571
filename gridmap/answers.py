"""What one level answers for many places at once: every area's claim, as parallel arrays.

The rules of shares, probabilities and relations stand here, once, for one place and for a
million; `gridmap.attribute` words them for one.

References
----------
.. [1] RFC 7459, section 5.5: a location is inside a region with P = confidence x overlap /
   uncertainty region, and "inside" needs at least 0.5.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.attribution import Tolerance
from gridmap.cutting import Cuts, cut
from gridmap.locate import LayerIndex, Rows
from gridmap.measure import MetricPlane
from gridmap.place import PlaceKind
from gridmap.relation import GAP, INSIDE, NEAR_LINE, ON_LINE, OVERLAP, STRADDLES

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Geometries = NDArray[np.object_]
Pairs = tuple[Rows, Rows]

_NO_ROWS = np.empty(0, dtype=np.int64)

# Distances on the plane and on the ground differ by less than this part and these metres.
_PLANE_PART, _PLANE_M = 1.001, 0.01
_SHARE_DECIMALS = 9  # what is whole says 1, not 0.9999999999999999


@dataclass(frozen=True)
class Claims:
    """k claims of areas to places, sorted by place, then the largest first, then by code."""

    positions: Rows  # whose place is claimed
    rows: Rows  # by which area
    portions: Floats  # share or probability; NaN for exact positions
    sizes: Floats  # m2 of a footprint, m of a line; NaN for positions
    counts: Flags  # enough for dispatch

    @staticmethod
    def ordered(
        positions: Rows, rows: Rows, portions: Floats, sizes: Floats, counts: Flags
    ) -> "Claims":
        order = np.lexsort((rows, -portions, positions))
        return Claims(positions[order], rows[order], portions[order], sizes[order], counts[order])


@dataclass(frozen=True)
class Answers:
    """One level's answers for n places."""

    claims: Claims
    relations: NDArray[np.int8]  # (n,): numbers of `gridmap.relation`
    gap_shares: Floats  # (n,): what of a line or footprint no area holds; NaN for positions
    border_m: Floats  # (n,): the geodesic distance to the nearest border of the level
    others: Pairs  # (place, area): near a place that does not lie in it


@dataclass(frozen=True)
class Shapes:
    """n geometries in EPSG:4490, and the same in the plane of a release."""

    degrees: Geometries
    flat: Geometries
    plane: MetricPlane

    @staticmethod
    def of(geometries: Geometries, plane: MetricPlane) -> "Shapes":
        return Shapes(geometries, plane.project(geometries), plane)

    def __len__(self) -> int:
        return len(self.degrees)


def of_positions(
    points: Shapes, accuracies_m: Floats, layer: LayerIndex, *, tolerance: Tolerance
) -> Answers:
    """Answer for n points whose 95 % radii are given in metres, 0 for exact ones."""
    lnglat = shapely.get_coordinates(points.degrees)
    covering = layer.covering(lnglat)
    relations = layer.relations(lnglat, covering)
    border_m = layer.borderlines.nearest_m(points.flat)
    reach_m = np.maximum(accuracies_m, tolerance.near_line_m)
    others = _without(_near(points.flat, border_m, reach_m, layer), covering)
    is_near = _among(others[0], len(points))
    relations[(relations == INSIDE) & is_near] = NEAR_LINE
    uncertain = np.flatnonzero(accuracies_m > 0)
    discs = points.plane.discs(points.flat[uncertain], radii_m=accuracies_m[uncertain])
    likely = _likely(discs, relations[uncertain] != GAP, layer, tolerance)
    at, rows = (side[accuracies_m[covering[0]] == 0] for side in covering)
    nothing = np.full(len(points), np.nan)
    claims = Claims.ordered(
        np.concatenate([at, uncertain[likely.positions]]),
        np.concatenate([rows, likely.rows]),
        np.concatenate([nothing[at], likely.portions]),
        np.full(len(at) + len(likely.rows), np.nan),
        np.concatenate([np.ones(len(at), dtype=bool), likely.counts]),
    )
    return Answers(claims, relations, nothing, border_m, others)


def of_extents(
    shapes: Shapes, layer: LayerIndex, *, kind: PlaceKind, tolerance: Tolerance
) -> Answers:
    """Answer for n lines or footprints, all of one kind and valid."""
    cuts = cut(shapes.degrees, layer, kind=kind)
    wholes = cuts.sums + cuts.gaps  # so that shares sum to one, also where areas overlap
    gap_shares = cuts.gaps / wholes
    least, ample = (
        (tolerance.min_length_m, tolerance.ample_length_m)
        if kind is PlaceKind.LINE
        else (tolerance.min_area_m2, tolerance.ample_area_m2)
    )
    shares = cuts.sizes / wholes[cuts.positions]
    enough = (shares >= tolerance.min_share) | (cuts.sizes >= ample)
    enough &= cuts.sizes >= least
    enough |= _most_of_little(cuts, shares, enough)
    claims = Claims.ordered(cuts.positions, cuts.rows, shares, cuts.sizes, enough)

    border_m = layer.borderlines.nearest_m(shapes.flat)
    reach_m = np.full(len(shapes), tolerance.near_line_m)
    others = _without(_near(shapes.flat, border_m, reach_m, layer), (cuts.positions, cuts.rows))
    is_near = _among(others[0], len(shapes))
    is_near |= np.bincount(cuts.positions, minlength=len(shapes)) > 1
    counting = np.bincount(cuts.positions[enough], minlength=len(shapes))
    is_doubled = cuts.sums - cuts.covered > least
    reaches_gap = (cuts.gaps >= least) & (gap_shares >= tolerance.min_share)
    relations = np.select(
        [
            counting == 0,
            is_doubled & (cuts.overlapped > least),
            is_doubled,
            (counting > 1) | reaches_gap,
            is_near,
        ],
        [GAP, OVERLAP, ON_LINE, STRADDLES, NEAR_LINE],
        default=INSIDE,
    ).astype(np.int8)
    return Answers(claims, relations, gap_shares, border_m, others)


def _most_of_little(cuts: Cuts, shares: Floats, enough: Flags) -> Flags:
    """Tell which claims count to places below every threshold: the first largest, if any.

    Such a place counts where most of it lies, unless that is a gap.
    """
    count = len(cuts.totals)
    left_out = (np.bincount(cuts.positions[enough], minlength=count) == 0) & (
        cuts.covered > cuts.gaps
    )
    order = np.lexsort((cuts.rows, -shares, cuts.positions))
    is_first = np.zeros(len(order), dtype=bool)
    is_first[order[np.flatnonzero(np.diff(cuts.positions, prepend=-1))]] = True
    return np.asarray(is_first & left_out[cuts.positions], dtype=bool)


@dataclass(frozen=True)
class _Likely:
    """The areas that may hold uncertain positions."""

    positions: Rows
    rows: Rows
    portions: Floats
    counts: Flags


def _likely(discs: Geometries, covered: Flags, layer: LayerIndex, tolerance: Tolerance) -> _Likely:
    """Return the areas in n discs with their probabilities, those that may count and others.

    Those with P of 0.5 count, else all likely ones, else the likeliest. Where the position itself
    lies in a gap (is not covered) nothing counts: the level above answers.
    """
    if not len(discs):  # exact points, one by one, are most of what the service is asked
        return _Likely(_NO_ROWS, _NO_ROWS, np.empty(0), np.empty(0, dtype=bool))
    cuts = cut(discs, layer, kind=PlaceKind.FOOTPRINT)
    chances = tolerance.confidence * cuts.sizes / cuts.totals[cuts.positions]
    best = np.zeros(len(discs))
    np.maximum.at(best, cuts.positions, chances)
    least = np.select(
        [best >= tolerance.min_probability, best >= tolerance.min_likelihood],
        [tolerance.min_probability, tolerance.min_likelihood],
        default=best,
    )
    counts = (chances >= least[cuts.positions]) & covered[cuts.positions]
    kept = counts | (chances > 0)
    return _Likely(cuts.positions[kept], cuts.rows[kept], chances[kept], counts[kept])


def _near(flat: Geometries, border_m: Floats, reach_m: Floats, layer: LayerIndex) -> Pairs:
    """Return pairs (place, area) of the areas whose border lies within each place's reach."""
    close = np.flatnonzero(border_m <= reach_m * _PLANE_PART + _PLANE_M)
    at, rows = layer.borderlines.within(flat[close], radius_m=reach_m[close])
    return close[at], rows


def _without(pairs: Pairs, others: Pairs) -> Pairs:
    """Return the pairs that are not among the others."""
    if not len(pairs[0]):
        return pairs
    width = int(max(pairs[1].max(), others[1].max(initial=0))) + 1
    kept = ~np.isin(pairs[0] * width + pairs[1], others[0] * width + others[1])
    return pairs[0][kept], pairs[1][kept]


def _among(positions: Rows, count: int) -> Flags:
    found = np.zeros(count, dtype=bool)
    found[positions] = True
    return found


def share_ranges(shapes: Shapes, answers: Answers, layer: LayerIndex) -> tuple[Floats, Floats]:
    """Return the least and largest share of each claim when its area's line lies elsewhere.

    The line is moved in and out by the accuracy that the level states. NaN for positions, and
    where nothing is stated.
    """
    claims, accuracy_m = answers.claims, layer.layer.line_accuracy_m
    if accuracy_m is None or np.isnan(answers.gap_shares).all():
        return np.full_like(claims.portions, np.nan), np.full_like(claims.portions, np.nan)
    low, high = claims.portions.round(_SHARE_DECIMALS), claims.portions.round(_SHARE_DECIMALS)
    near = answers.border_m <= accuracy_m * _PLANE_PART + _PLANE_M
    moving = np.flatnonzero(near[claims.positions])
    flat, plane = shapes.flat[claims.positions[moving]], shapes.plane
    # Clipped around the place with three times the accuracy to spare, so that moving the
    # clipped edges inwards never reaches the place.
    bounds = shapely.bounds(shapely.buffer(flat, 3.0 * accuracy_m))
    around = plane.unproject(shapely.box(*bounds.T))
    areas = layer.layer.geometries[claims.rows[moving]]
    local = plane.project(shapely.intersection(areas, around))
    for side, shift_m in ((low, -accuracy_m), (high, accuracy_m)):
        side[moving] = _portions(shapely.buffer(local, shift_m), flat).round(_SHARE_DECIMALS)
    return low, high


def _portions(areas: Geometries, flat: Geometries) -> Floats:
    """Return what part of each plane line or footprint lies in its area."""
    size = shapely.length if (shapely.get_dimensions(flat) == 1).all() else shapely.area
    return np.asarray(size(shapely.intersection(areas, flat)) / size(flat), dtype=np.float64)
