"""What one level answers for many places: the claims to them, and what is near without one."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridmap.attribution import Tolerance
from gridmap.claims import Claimed, Pairs, claimed
from gridmap.locate import LayerIndex
from gridmap.measure import MetricPlane
from gridmap.places import Places
from gridmap.relation import INSIDE, NEAR_LINE

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]

# Distances on the plane and on the ground differ by less than this part and these metres.
_PLANE_PART, _PLANE_M = 1.001, 0.01


@dataclass(frozen=True)
class Answers:
    """One level's answers for n places."""

    found: Claimed  # its relations say what is near a line, too
    border_m: Floats  # (n,): the geodesic distance to the nearest border of the level
    others: Pairs  # (place, area): near a place that does not lie in it


def answers(
    places: Places,
    flat: Geometries,
    layer: LayerIndex,
    *,
    plane: MetricPlane,
    tolerance: Tolerance,
) -> Answers:
    """Answer for n places; ``flat`` are their geometries in the release's plane.

    An area is near within the policy's buffer or, for a point, within its accuracy.
    """
    found = claimed(places, layer, plane=plane, tolerance=tolerance)
    border_m = layer.borderlines.nearest_m(flat)
    reach_m = np.maximum(places.accuracies_m, tolerance.near_line_m)
    close = np.flatnonzero(border_m <= reach_m * _PLANE_PART + _PLANE_M)
    at, rows = layer.borderlines.within(flat[close], radius_m=reach_m[close])
    others = _without((close[at], rows), found.holding)
    is_near = np.bincount(found.holding[0], minlength=len(places)) > 1
    is_near[others[0]] = True
    relations = np.where((found.relations == INSIDE) & is_near, NEAR_LINE, found.relations)
    found = replace(found, relations=relations.astype(np.int8))
    return Answers(found, border_m, others)


def _without(pairs: Pairs, others: Pairs) -> Pairs:
    """Return the pairs that are not among the others."""
    if not len(pairs[0]):
        return pairs
    width = int(max(pairs[1].max(), others[1].max(initial=0))) + 1
    kept = ~np.isin(pairs[0] * width + pairs[1], others[0] * width + others[1])
    return pairs[0][kept], pairs[1][kept]
