"""Many places at once: checked and in EPSG:4490 as `gridmap.place` does it for one.

A bad one is set aside with its problem; the others go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import crs as reference
from gridmap import measure
from gridmap.errors import CoordinateRangeError, EmptyPlaceError, GridmapError
from gridmap.place import (
    EXACT_M,
    LEAST_AREA_M2,
    LEAST_LENGTH_M,
    VAGUEST_M,
    Place,
    PlaceKind,
    place,
)

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Geometries = NDArray[np.object_]

_TYPES = {
    PlaceKind.POINT: [shapely.GeometryType.POINT],
    PlaceKind.LINE: [shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING],
    PlaceKind.FOOTPRINT: [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON],
}


# What is larger in degrees than this is larger on the ground than the least area and length up to
# 89 degrees of latitude.
_SMALL_DEG2, _SHORT_DEG = 1e-14, 1e-6


@dataclass(frozen=True)
class Places:
    """k good places of the n that were given, and the problems of the others."""

    positions: Rows  # (k,): which of those given each is
    geometries: Geometries  # (k,), EPSG:4490
    kinds: NDArray[np.object_]  # (k,) of PlaceKind
    accuracies_m: Floats  # (k,): 95 % radii, 0 for exact points and for shapes
    problems: Mapping[int, GridmapError]  # by position

    @staticmethod
    def of(one: Place) -> "Places":
        """Return a place that was checked already as an array of one."""
        return Places(
            positions=np.array([0]),
            geometries=np.array([one.geometry], dtype=object),
            kinds=np.array([one.kind], dtype=object),
            accuracies_m=np.array([one.accuracy_m or 0.0]),
            problems={},
        )

    def __len__(self) -> int:
        return len(self.positions)

    def only(self, kept: Flags, problems: Mapping[int, GridmapError]) -> "Places":
        """Return the places that are kept, with the problems of those that are not."""
        return Places(
            self.positions[kept],
            self.geometries[kept],
            self.kinds[kept],
            self.accuracies_m[kept],
            {**self.problems, **problems},
        )


def places(
    geometries: Geometries, *, crs: str | None, accuracies_m: Floats | None = None
) -> Places:
    """Check n geometries in one declared CRS and bring them to EPSG:4490.

    Parameters
    ----------
    geometries
        Points, (multi)lines and (multi)polygons, also mixed; ``None`` is a problem, not an error.
    accuracies_m
        95 % radii in metres, NaN where there is none; 0 is exact.

    Raises
    ------
    MissingCrsError, UnknownCrsError
        The CRS concerns all of them.
    """
    name = reference.declared(crs)
    radii_m = np.full(len(geometries), np.nan) if accuracies_m is None else accuracies_m
    types = shapely.get_type_id(geometries)
    kinds = np.full(len(geometries), None)
    for kind, its_types in _TYPES.items():
        kinds[np.isin(types, its_types)] = kind
    shapes, is_good = _shaped(geometries, kinds, crs=name)
    is_good &= _is_possible(radii_m, kinds)
    problems: dict[int, GridmapError] = {}
    for row in np.flatnonzero(~is_good):
        radius_m = None if np.isnan(radii_m[row]) else float(radii_m[row])
        try:
            one = _one(geometries[row], crs=name, accuracy_m=radius_m)
            shapes[row], kinds[row], is_good[row] = one.geometry, one.kind, True
        except GridmapError as error:
            problems[int(row)] = error
    kept = np.flatnonzero(is_good)
    exact_m = np.where(radii_m[kept] >= EXACT_M, radii_m[kept], 0.0)  # NaN as well
    return Places(kept, shapes[kept], kinds[kept], exact_m, problems)


def _one(geometry: BaseGeometry | None, *, crs: str, accuracy_m: float | None) -> Place:
    if geometry is None:
        raise EmptyPlaceError(kind="place")
    return place(geometry, crs=crs, accuracy_m=accuracy_m)


def _is_possible(radii_m: Floats, kinds: NDArray[np.object_]) -> Flags:
    """Tell which radii `place` would take; it says what is wrong with the others."""
    within = (radii_m >= 0) & (radii_m <= VAGUEST_M) & (kinds == PlaceKind.POINT)
    return np.asarray(np.isnan(radii_m) | within, dtype=bool)


def _shaped(
    geometries: Geometries, kinds: NDArray[np.object_], *, crs: str
) -> tuple[Geometries, Flags]:
    """Return the geometries in EPSG:4490, and which of them are surely good places.

    Where a projection loses one, all of them are left to be looked at one by one.
    """
    shapes = np.full(len(geometries), None)
    is_good = np.asarray(kinds.astype(bool) & ~shapely.is_empty(geometries), dtype=bool)
    xy, of_geometry = shapely.get_coordinates(geometries, return_index=True)
    is_good[of_geometry[~reference.within_range(xy, crs=crs)]] = False
    rows = np.flatnonzero(is_good)
    flat = geometries[rows]
    has_height = shapely.has_z(flat)
    flat[has_height] = shapely.force_2d(flat[has_height])
    try:
        same = crs == reference.CGCS2000
        shapes[rows] = flat if same else reference.to_cgcs2000(flat, crs=crs)
    except CoordinateRangeError:
        return shapes, np.zeros_like(is_good)
    is_good[rows] = shapely.is_valid(shapes[rows]) & _has_extent(shapes[rows], kinds[rows])
    return shapes, is_good


def _has_extent(shapes: Geometries, kinds: NDArray[np.object_]) -> Flags:
    """Tell which shapes are more than a slip; measured where they are small in degrees."""
    has = np.ones(len(shapes), dtype=bool)
    small = np.flatnonzero((kinds == PlaceKind.FOOTPRINT) & (shapely.area(shapes) < _SMALL_DEG2))
    has[small] = measure.areas_m2(shapes[small]) >= LEAST_AREA_M2
    short = np.flatnonzero((kinds == PlaceKind.LINE) & (shapely.length(shapes) < _SHORT_DEG))
    has[short] = measure.lengths_m(shapes[short]) >= LEAST_LENGTH_M
    return has
