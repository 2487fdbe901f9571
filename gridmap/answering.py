"""Places in, the answers of every level out; what lies outside the release is set aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.answers import Answers, answers
from gridmap.attribution import Tolerance
from gridmap.claims import claimed, reach_boxes
from gridmap.errors import GridmapError, InvalidAreaError, OutsideReleaseError
from gridmap.geo import LngLat
from gridmap.level import Level
from gridmap.locate import LayerIndex, ReleaseIndex, Rows
from gridmap.measure import MetricPlane
from gridmap.place import PlaceKind
from gridmap.places import Places

Geometries = NDArray[np.object_]
Flags = NDArray[np.bool_]

# How far a place may reach over the edge of a release: 100 km, more than any true one.
_OVER_EDGE_DEG = 1.0


@dataclass(frozen=True)
class Answered:
    """The places inside the release, and what each level says of them."""

    places: Places
    flat: Geometries  # the places in the release's plane
    levels: Mapping[Level, Answers]


def answered(
    places: Places, index: ReleaseIndex, *, levels: Sequence[Level], tolerance: Tolerance
) -> Answered:
    """Answer for places at some levels of the index's release.

    Places that have no answer are set aside; see `inside`.
    """
    places = inside(places, index, levels=levels, tolerance=tolerance)
    flat = index.plane.project(places.geometries)
    found = {
        level: answers(places, flat, index.layers[level], plane=index.plane, tolerance=tolerance)
        for level in levels
    }
    return Answered(places, flat, found)


def inside(
    places: Places, index: ReleaseIndex, *, levels: Sequence[Level], tolerance: Tolerance
) -> Places:
    """Return the places inside the release; the problem of the others is `OutsideReleaseError`.

    A place is outside when no area of the coarsest level holds a part of it that counts, or when
    it reaches more than a degree over the edge of the release. (A gap at a finer level is an
    answer.) What has to be cut by an area that is no valid polygon has an `InvalidAreaError`.
    """
    places = _within_reach(places, index)
    coarsest = index.release.levels[0]
    for level in dict.fromkeys((coarsest, *levels)):
        places = _cut_by_valid(places, index.layers[level])
    held = _held(places, index.layers[coarsest], plane=index.plane, tolerance=tolerance)
    spots = shapely.get_coordinates(shapely.point_on_surface(places.geometries[~held]))
    return places.only(held, _outside(places.positions[~held], spots, index))


def _held(places: Places, layer: LayerIndex, *, plane: MetricPlane, tolerance: Tolerance) -> Flags:
    """Tell which places an area of the level claims with a part that counts."""
    boxes = reach_boxes(places.geometries, places.accuracies_m)
    is_crossed = layer.crossed(boxes)
    held = np.zeros(len(places), dtype=bool)
    held[~is_crossed] = layer.locate(boxes[~is_crossed, :2]) >= 0
    crossed = places.only(is_crossed, {})
    claims = claimed(crossed, layer, plane=plane, tolerance=tolerance).claims
    held[is_crossed] = np.bincount(claims.positions[claims.counts], minlength=len(crossed)) > 0
    return held


def _cut_by_valid(places: Places, layer: LayerIndex) -> Places:
    """Set aside what would be cut by an invalid polygon; exact points are not cut."""
    if not len(layer.invalid):
        return places
    boxes = reach_boxes(places.geometries, places.accuracies_m)
    broken = shapely.STRtree(layer.layer.geometries[layer.invalid])
    at, which = broken.query(shapely.box(*boxes.T))
    is_cut = (places.kinds != PlaceKind.POINT) | (places.accuracies_m > 0)
    problems: dict[int, GridmapError] = {}
    for place, row in zip(at.tolist(), layer.invalid[which].tolist(), strict=True):
        if is_cut[place]:
            reason = shapely.is_valid_reason(layer.layer.geometries[row])
            error = InvalidAreaError(code=str(layer.layer.codes[row]), reason=reason)
            problems.setdefault(int(places.positions[place]), error)
    return places.only(~np.isin(places.positions, list(problems)), problems)


def _within_reach(places: Places, index: ReleaseIndex) -> Places:
    """A place that reaches to another city is a slip, and distances are measured in one plane."""
    west, south, east, north = index.release.bounds
    boxes = shapely.bounds(places.geometries)
    low, high = boxes[:, :2], boxes[:, 2:]
    far_low = (low < [west - _OVER_EDGE_DEG, south - _OVER_EDGE_DEG]).any(axis=1)
    far_high = (high > [east + _OVER_EDGE_DEG, north + _OVER_EDGE_DEG]).any(axis=1)
    spots = np.where(far_low[:, None], low, high)
    is_far = far_low | far_high
    return places.only(~is_far, _outside(places.positions[is_far], spots[is_far], index))


def _outside(
    positions: Rows, spots: NDArray[np.float64], index: ReleaseIndex
) -> dict[int, GridmapError]:
    bounds = index.release.bounds
    return {
        position: OutsideReleaseError(
            lng=lng,
            lat=lat,
            release=index.release.id,
            west=bounds.west,
            south=bounds.south,
            east=bounds.east,
            north=bounds.north,
            swapped=bounds.covers(LngLat(lat, lng)),
        )
        for position, (lng, lat) in zip(positions.tolist(), spots.tolist(), strict=True)
    }
