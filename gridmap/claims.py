"""Which areas of one level claim many places, and with what part: the rules, once, for arrays.

Shares of lines and footprints, probabilities of uncertain points, what counts for dispatch, and
how each place lies to the level's areas. What is near without a claim: `gridmap.answers`.

References
----------
.. [1] RFC 7459, section 5.5: a location is inside a region with P = confidence x overlap /
   uncertainty region, and "inside" needs at least 0.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.attribution import Tolerance
from gridmap.cutting import Cuts, cut
from gridmap.locate import LayerIndex, Rows
from gridmap.measure import MetricPlane
from gridmap.place import PlaceKind
from gridmap.places import Places
from gridmap.relation import GAP, INSIDE, NEAR_LINE, ON_LINE, OVERLAP, STRADDLES

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Geometries = NDArray[np.object_]
Pairs = tuple[Rows, Rows]

_NO_ROWS = np.empty(0, dtype=np.int64)
SHARE_DECIMALS = 9  # what is whole says 1, not 0.9999999999999999, and halves are equal
_DEGREE_M = 110_000.0  # at least so long is a degree of latitude (GB 22021-2008 ellipsoid)


@dataclass(frozen=True)
class Claims:
    """k claims of areas to places, sorted by place, the largest first, equal ones by code."""

    positions: Rows  # whose place is claimed
    rows: Rows  # by which area
    portions: Floats  # share or probability; NaN for exact positions
    sizes: Floats  # m2 of a footprint, m of a line; NaN for positions
    counts: Flags  # enough for dispatch

    @staticmethod
    def ordered(
        positions: Rows, rows: Rows, portions: Floats, sizes: Floats, counts: Flags
    ) -> "Claims":
        order = np.lexsort((rows, -portions.round(SHARE_DECIMALS), positions))
        return Claims(positions[order], rows[order], portions[order], sizes[order], counts[order])


@dataclass(frozen=True)
class Claimed:
    """What one level claims of n places."""

    claims: Claims
    relations: NDArray[np.int8]  # (n,): numbers of `gridmap.relation`; what is near plays no part
    gap_shares: Floats  # (n,): what of a line or footprint no area holds; NaN for positions
    holding: Pairs  # (place, area): the areas in which a place lies, or which it touches

    @staticmethod
    def joined(count: int, parts: Sequence[tuple[Rows, "Claimed"]]) -> "Claimed":
        """Return what is claimed of n places from what is claimed of some of them each."""
        columns = [
            np.concatenate([getattr(part.claims, name) for _, part in parts])
            for name in ("rows", "portions", "sizes", "counts")
        ]
        whose = np.concatenate([places[part.claims.positions] for places, part in parts])
        joined = Claimed(
            Claims.ordered(whose, *columns),
            np.empty(count, dtype=np.int8),
            np.empty(count),
            (
                np.concatenate([places[part.holding[0]] for places, part in parts]),
                np.concatenate([part.holding[1] for _, part in parts]),
            ),
        )
        for places, part in parts:
            joined.relations[places] = part.relations
            joined.gap_shares[places] = part.gap_shares
        return joined


def claimed(
    places: Places, layer: LayerIndex, *, plane: MetricPlane, tolerance: Tolerance
) -> Claimed:
    """Return what the areas of a level claim of n places of any kinds.

    Areas that meet a line, a footprint or an uncertain point are valid polygons.
    """
    kinds = [kind for kind in PlaceKind if (places.kinds == kind).any()] or [PlaceKind.POINT]
    parts = []
    for kind in kinds:
        at = np.flatnonzero(places.kinds == kind)
        shapes = places.geometries[at]
        if kind is PlaceKind.POINT:
            radii_m = places.accuracies_m[at]
            part = _of_positions(shapes, radii_m, layer, plane=plane, tolerance=tolerance)
        else:
            part = _of_extents(shapes, layer, kind=kind, tolerance=tolerance)
        parts.append((at, part))
    return parts[0][1] if len(parts) == 1 else Claimed.joined(len(places), parts)


# --- points ---------------------------------------------------------------------------------


def _of_positions(
    points: Geometries,
    radii_m: Floats,
    layer: LayerIndex,
    *,
    plane: MetricPlane,
    tolerance: Tolerance,
) -> Claimed:
    """Claims to n points; those of radius 0 are exact and have no portions.

    An uncertain one whose disc no border touches needs no disc: all of it lies where it does.
    """
    lnglat = shapely.get_coordinates(points)
    covering = layer.covering(lnglat)
    relations = layer.relations(lnglat, covering)
    is_cut = radii_m > 0
    is_cut[is_cut] = _near_a_border(points[is_cut], radii_m[is_cut], layer)
    uncut = [side[~is_cut[covering[0]]] for side in covering]
    cut_at = np.flatnonzero(is_cut)
    discs = plane.discs(plane.project(points[cut_at]), radii_m=radii_m[cut_at])
    likely = _likely(discs, relations[cut_at] != GAP, layer, tolerance)
    # RFC 7459: "inside" needs one half; at the city's edge no other area makes it near a line.
    unsure = cut_at[likely.best < tolerance.min_probability]
    relations[unsure[relations[unsure] == INSIDE]] = NEAR_LINE
    claims = Claims.ordered(
        np.concatenate([uncut[0], cut_at[likely.positions]]),
        np.concatenate([uncut[1], likely.rows]),
        np.concatenate(
            [np.where(radii_m > 0, tolerance.confidence, np.nan)[uncut[0]], likely.portions]
        ),
        np.full(len(uncut[0]) + len(likely.rows), np.nan),
        np.concatenate([np.ones(len(uncut[0]), dtype=bool), likely.counts]),
    )
    return Claimed(claims, relations, np.full(len(points), np.nan), covering)


@dataclass(frozen=True)
class _Likely:
    """The areas that may hold uncertain positions."""

    positions: Rows
    rows: Rows
    portions: Floats
    counts: Flags
    best: Floats  # of each of the n positions


def _likely(discs: Geometries, covered: Flags, layer: LayerIndex, tolerance: Tolerance) -> _Likely:
    """Return the areas in n discs with their probabilities.

    Those with P of 0.5 count, else all likely ones, else the likeliest. Where the position itself
    lies in a gap (is not covered) nothing counts: the level above answers.
    """
    if not len(discs):  # exact points, one by one, are most of what the service is asked
        nothing = np.empty(0)
        return _Likely(_NO_ROWS, _NO_ROWS, nothing, np.empty(0, dtype=bool), nothing)
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
    return _Likely(cuts.positions[kept], cuts.rows[kept], chances[kept], counts[kept], best)


# --- lines and footprints -------------------------------------------------------------------


def _of_extents(
    geometries: Geometries, layer: LayerIndex, *, kind: PlaceKind, tolerance: Tolerance
) -> Claimed:
    cuts = cut(geometries, layer, kind=kind)
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
    counting = np.bincount(cuts.positions[enough], minlength=len(geometries))
    is_doubled = cuts.sums - cuts.covered > least
    reaches_gap = (cuts.gaps >= least) & (gap_shares >= tolerance.min_share)
    relations = np.select(
        [
            counting == 0,
            is_doubled & (cuts.overlapped > least),
            is_doubled,
            (counting > 1) | reaches_gap,
        ],
        [GAP, OVERLAP, ON_LINE, STRADDLES],
        default=INSIDE,
    ).astype(np.int8)
    claims = Claims.ordered(cuts.positions, cuts.rows, shares, cuts.sizes, enough)
    return Claimed(claims, relations, gap_shares, (cuts.positions, cuts.rows))


def _most_of_little(cuts: Cuts, shares: Floats, enough: Flags) -> Flags:
    """Tell which claims count to places below every threshold: the first largest, if any.

    Such a place counts where most of it lies, unless that is a gap.
    """
    left_out = np.bincount(cuts.positions[enough], minlength=len(cuts.totals)) == 0
    left_out &= cuts.covered > cuts.gaps
    order = np.lexsort((cuts.rows, -shares, cuts.positions))
    is_first = np.zeros(len(order), dtype=bool)
    is_first[order[np.flatnonzero(np.diff(cuts.positions, prepend=-1))]] = True
    return np.asarray(is_first & left_out[cuts.positions], dtype=bool)


# --- the accuracy of lines ------------------------------------------------------------------


def share_ranges(
    places: Places, found: Claimed, layer: LayerIndex, *, plane: MetricPlane
) -> tuple[Floats, Floats]:
    """Return the least and largest share of each claim when its area's line lies elsewhere.

    The line is moved in and out by the accuracy that the level states. NaN for positions, and
    where nothing is stated.
    """
    claims, accuracy_m = found.claims, layer.layer.line_accuracy_m
    is_shared = places.kinds[claims.positions] != PlaceKind.POINT
    if accuracy_m is None:
        is_shared[:] = False
    low = np.where(is_shared, claims.portions, np.nan).round(SHARE_DECIMALS)
    high = low.copy()
    if accuracy_m is None or not is_shared.any():
        return low, high
    reach_m = np.full(len(places), accuracy_m)
    is_near = _near_a_border(places.geometries, reach_m, layer)
    moving = np.flatnonzero(is_shared & is_near[claims.positions])
    flat = plane.project(places.geometries[claims.positions[moving]])
    # Clipped around the place with three times the accuracy to spare, so that moving the
    # clipped edges inwards never reaches the place.
    bounds = shapely.bounds(shapely.buffer(flat, 3.0 * accuracy_m))
    around = plane.unproject(shapely.box(*bounds.T))
    areas = layer.layer.geometries[claims.rows[moving]]
    local = plane.project(shapely.intersection(areas, around))
    for side, shift_m in ((low, -accuracy_m), (high, accuracy_m)):
        side[moving] = _portions(shapely.buffer(local, shift_m), flat).round(SHARE_DECIMALS)
    return low, high


def _near_a_border(geometries: Geometries, reach_m: Floats, layer: LayerIndex) -> Flags:
    """Tell which geometries may lie that near to a border; by boxes, so some do not."""
    return layer.crossed(reach_boxes(geometries, reach_m))


def reach_boxes(geometries: Geometries, reach_m: Floats) -> Floats:
    """Return boxes in degrees that hold all within some metres of n geometries, shape (n, 4)."""
    boxes = shapely.bounds(geometries)
    lat = np.abs(boxes[:, [1, 3]]).max(axis=1, initial=0.0)
    up = reach_m / _DEGREE_M
    along = up / np.cos(np.radians(np.minimum(lat + up, 89.0)))
    return np.asarray(boxes + np.column_stack([-along, -up, along, up]), dtype=np.float64)


def _portions(areas: Geometries, flat: Geometries) -> Floats:
    """Return what part of each plane line or footprint lies in its area."""
    is_line = shapely.get_dimensions(flat) == 1
    inside = shapely.intersection(areas, flat)
    sizes, wholes = (
        np.where(is_line, shapely.length(shapes), shapely.area(shapes)) for shapes in (inside, flat)
    )
    return np.asarray(sizes / wholes, dtype=np.float64)
