"""Where it happened: a point with accuracy, a line, or a footprint, checked and in EPSG:4490."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap import crs as reference
from gridmap import measure
from gridmap.errors import (
    EmptyPlaceError,
    InvalidAccuracyError,
    InvalidGeometryError,
    NotFiniteError,
    UnsupportedGeometryError,
)
from gridmap.geo import LngLat

# A disc smaller than this has no area in degrees of double precision, so it is a point.
EXACT_M = 0.001
# A position vaguer than this names no city; its disc would leave the plane it is drawn in.
VAGUEST_M = 100_000.0
# Less than a square millimetre, or a millimetre of line, is a slip and has no shares to tell.
LEAST_AREA_M2 = 1e-6
LEAST_LENGTH_M = 1e-3


class PlaceKind(StrEnum):
    POINT = "point"
    LINE = "line"
    FOOTPRINT = "footprint"


_KINDS = {
    "Point": PlaceKind.POINT,
    "LineString": PlaceKind.LINE,
    "MultiLineString": PlaceKind.LINE,
    "Polygon": PlaceKind.FOOTPRINT,
    "MultiPolygon": PlaceKind.FOOTPRINT,
}


@dataclass(frozen=True)
class Place:
    """A reporter's place in EPSG:4490; made by `place`, which checks it.

    ``accuracy_m`` is the radius that holds the true point with 95 % confidence.
    """

    geometry: BaseGeometry
    kind: PlaceKind
    given_crs: str
    accuracy_m: float | None = None

    @property
    def centre(self) -> LngLat:
        """A position that stands for the place: the point, or one on the line or footprint."""
        spot = shapely.point_on_surface(self.geometry)
        return LngLat(float(spot.x), float(spot.y))

    @property
    def vertices(self) -> int:
        return int(shapely.get_num_coordinates(self.geometry))

    @property
    def area_m2(self) -> float | None:
        return measure.area_m2(self.geometry) if self.kind is PlaceKind.FOOTPRINT else None

    @property
    def length_m(self) -> float | None:
        return measure.length_m(self.geometry) if self.kind is PlaceKind.LINE else None


def place(geometry: BaseGeometry, *, crs: str | None, accuracy_m: float | None = None) -> Place:
    """Check a geometry and bring it to EPSG:4490. Heights are dropped; nothing is repaired.

    Parameters
    ----------
    geometry
        Point, (Multi)LineString or (Multi)Polygon in ``crs``, longitude or easting first.
    crs
        ``EPSG:n``, ``GCJ-02`` or ``BD-09``; required.
    accuracy_m
        For points: the 95 % radius in metres; less than a millimetre is exact. A device that
        states a 68 % radius (Android's ``Location.getAccuracy``) must be converted first: for a
        circular normal error the 95 % radius is 1.62 times the 68 % one.

    Raises
    ------
    CrsError, PlaceError
        What is wrong with the CRS or the shape, and where.
    """
    if geometry.geom_type == "MultiPoint" and shapely.get_num_geometries(geometry) == 1:
        geometry = shapely.get_geometry(geometry, 0)  # as many files keep single points
    kind = _KINDS.get(geometry.geom_type)
    if kind is None:
        raise UnsupportedGeometryError(kind=geometry.geom_type)
    if geometry.is_empty:
        raise EmptyPlaceError(kind=geometry.geom_type)
    _refuse_not_finite(geometry)
    accuracy_m = _accuracy(accuracy_m, kind)
    name = reference.declared(crs)
    shape = reference.to_cgcs2000(shapely.force_2d(geometry), crs=name)
    _refuse_invalid(shape, kind)
    return Place(geometry=shape, kind=kind, given_crs=name, accuracy_m=accuracy_m)


def point(lng: float, lat: float, *, crs: str | None, accuracy_m: float | None = None) -> Place:
    """Check one position: longitude or easting first, in the declared CRS; see `place`."""
    if not (math.isfinite(lng) and math.isfinite(lat)):
        raise NotFiniteError(vertex=0)
    return place(shapely.Point(lng, lat), crs=crs, accuracy_m=accuracy_m)


def _refuse_not_finite(geometry: BaseGeometry) -> None:
    bad = np.flatnonzero(~np.isfinite(shapely.get_coordinates(geometry)).all(axis=1))
    if bad.size:
        raise NotFiniteError(vertex=int(bad[0]))


def _accuracy(accuracy_m: float | None, kind: PlaceKind) -> float | None:
    if accuracy_m is None:
        return None
    if kind is not PlaceKind.POINT or not 0 <= accuracy_m <= VAGUEST_M:  # also refuses NaN
        raise InvalidAccuracyError(accuracy_m=accuracy_m)
    return accuracy_m if accuracy_m >= EXACT_M else 0.0


def _refuse_invalid(shape: BaseGeometry, kind: PlaceKind) -> None:
    if shapely.is_valid(shape) and _has_extent(shape, kind):
        return
    reason = shapely.is_valid_reason(shape)  # e.g. "Self-intersection[116.3 39.9]"
    what, _, where = reason.partition("[")
    numbers = where.rstrip("]").split()
    centre = shapely.get_coordinates(shape)[0]
    lng, lat = (float(value) for value in (numbers if len(numbers) >= 2 else centre))  # noqa: PLR2004 - x and y
    what = "it has no extent" if what == "Valid Geometry" else what.lower()
    raise InvalidGeometryError(reason=what, lng=lng, lat=lat)


def _has_extent(shape: BaseGeometry, kind: PlaceKind) -> bool:
    if kind is PlaceKind.FOOTPRINT:
        return measure.area_m2(shape) >= LEAST_AREA_M2
    return kind is PlaceKind.POINT or measure.length_m(shape) >= LEAST_LENGTH_M
