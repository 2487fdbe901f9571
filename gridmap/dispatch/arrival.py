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
from gridmap.errors import MissingAccuracyError, PositionNotPointError
from gridmap.geo import LngLat
from gridmap.place import Place, PlaceKind

# From here on the distance between the centres will do: a position may be anywhere on Earth, and
# a plane around the place does not reach that far.
_FAR_M = 1_000_000.0


class ArrivalVerdict(StrEnum):
    ON_SITE = "on_site"
    WRONG_PLACE = "wrong_place"  # recorded; stops no clock
    UNPROVEN = "unproven"  # may be on site, too vague to tell; recorded, stops no clock


class PositionSource(StrEnum):
    """How a unit's position came about; only a device's states an accuracy."""

    GPS = "gps"
    HAND = "hand"  # set on the map by a person


@dataclass(frozen=True)
class Arrival:
    """What a reported position proves, with all that it was judged by.

    ``distance_m`` is to the place, 0 inside it.
    """

    verdict: ArrivalVerdict
    position: LngLat
    how: PositionSource
    accuracy_m: float | None
    distance_m: float
    geofence_m: float


def arrival(
    position: Place, place: Place, *, how: PositionSource, geofence_m: float, tolerance: Tolerance
) -> Arrival:
    """Judge a point place against a geofence of ``geofence_m`` metres around a place.

    Raises
    ------
    PositionNotPointError
        The position is a line or footprint: one that covers the city would be on every site.
    MissingAccuracyError
        A device's position without its accuracy: leaving it out may not count as being exact.
    """
    if position.kind is not PlaceKind.POINT:
        raise PositionNotPointError(kind=position.geometry.geom_type)
    if how is PositionSource.GPS and position.accuracy_m is None:
        raise MissingAccuracyError
    verdict, distance_m = _judged(position, place, geofence_m, tolerance)
    return Arrival(verdict, position.centre, how, position.accuracy_m, distance_m, geofence_m)


def _judged(
    position: Place, place: Place, geofence_m: float, tolerance: Tolerance
) -> tuple[ArrivalVerdict, float]:
    away_m = measure.distance_m(position.centre, place.centre)
    if away_m > _FAR_M:
        return ArrivalVerdict.WRONG_PLACE, away_m
    plane = measure.MetricPlane(place.centre)
    scene, spot = plane.project(place.geometry), plane.project(position.geometry)
    distance_m = plane.ground_distance_m(spot, scene)
    inside = distance_m <= geofence_m
    if not position.accuracy_m:
        return (ArrivalVerdict.ON_SITE if inside else ArrivalVerdict.WRONG_PLACE), distance_m
    disc = spot.buffer(position.accuracy_m)
    overlap = scene.buffer(geofence_m).intersection(disc).area
    if tolerance.confidence * overlap / disc.area >= tolerance.min_probability:
        return ArrivalVerdict.ON_SITE, distance_m
    return (ArrivalVerdict.UNPROVEN if inside else ArrivalVerdict.WRONG_PLACE), distance_m
