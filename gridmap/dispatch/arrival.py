"""Has a unit arrived? A position against the geofence around the case's place.

References
----------
.. [1] RFC 7459, section 5.5: inside with P = confidence x overlap / region of at least 0.5; the
   same rule that attributes uncertain points, so a phone that knows nothing proves nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from gridmap import measure
from gridmap.attribution import Tolerance
from gridmap.errors import PositionNotPointError
from gridmap.place import Place, PlaceKind

# From here on the distance between the centres will do: a position may be anywhere on Earth, and
# a plane around the place does not reach that far.
_FAR_M = 1_000_000.0


class ArrivalVerdict(StrEnum):
    ON_SITE = "on_site"
    WRONG_PLACE = "wrong_place"  # recorded; stops no clock


@dataclass(frozen=True)
class Arrival:
    """What a reported position proves. ``distance_m`` is to the place, 0 inside it."""

    verdict: ArrivalVerdict
    distance_m: float
    accuracy_m: float | None


def arrival(position: Place, place: Place, *, geofence_m: float, tolerance: Tolerance) -> Arrival:
    """Judge a point place against a geofence of ``geofence_m`` metres around a place.

    Raises
    ------
    PositionNotPointError
        The position is a line or footprint: one that covers the city would be on every site.
    """
    if position.kind is not PlaceKind.POINT:
        raise PositionNotPointError(kind=position.geometry.geom_type)
    away_m = measure.distance_m(position.centre, place.centre)
    if away_m > _FAR_M:
        return Arrival(ArrivalVerdict.WRONG_PLACE, away_m, position.accuracy_m)
    plane = measure.MetricPlane(place.centre)
    scene = plane.project(place.geometry)
    spot = plane.project(position.geometry)
    distance_m = plane.ground_distance_m(spot, scene)
    if not position.accuracy_m:
        on_site = distance_m <= geofence_m
    else:
        disc = spot.buffer(position.accuracy_m)
        overlap = scene.buffer(geofence_m).intersection(disc).area
        on_site = tolerance.confidence * overlap / disc.area >= tolerance.min_probability
    verdict = ArrivalVerdict.ON_SITE if on_site else ArrivalVerdict.WRONG_PLACE
    return Arrival(verdict, distance_m, position.accuracy_m)
