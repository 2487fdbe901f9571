"""Declared coordinate reference systems, to and from CGCS2000 (EPSG:4490).

GCJ-02 is the offset that Chinese web maps must apply to WGS 84; BD-09 is Baidu's second offset
on top of it. Neither is in the EPSG registry, so both are written here; everything else is
PROJ's work, always with longitude or easting first.

References
----------
.. [1] EPSG:4490, EPSG:4548 (CGCS2000 / 3-degree Gauss-Kruger CM 117E). The registry's axes are
   north, east; ``always_xy=True`` turns them.
.. [2] GB 20263-2006 requires the offset; its formula was never published. The constants are
   those of the implementation that leaked with a map provider's SDK and that every open
   converter shares; they agree with the providers' own converters to some centimetres.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from gridmap.errors import (
    CoordinateRangeError,
    MissingCrsError,
    UnknownCrsError,
)

CGCS2000 = "EPSG:4490"
GCJ02 = "GCJ-02"
BD09 = "BD-09"

Coordinates = NDArray[np.float64]
Unusable = NDArray[np.int8]  # numbers of `PointFault`
Shift = Callable[[Coordinates], Coordinates]

# Krasovsky 1940, on which the published implementations of the offset compute (EPSG:7024).
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323

# The offset is defined inside this box and zero outside (the same implementations).
_CHINA_WEST, _CHINA_SOUTH, _CHINA_EAST, _CHINA_NORTH = 72.004, 0.8293, 137.8347, 55.8271

_BD09_TURN = np.pi * 3000.0 / 180.0
_MAX_LNG_DEG, _MAX_LAT_DEG = 180.0, 90.0


class PointFault(IntEnum):
    """Why a position cannot be used; 0, which is none of these, where it can."""

    NOT_FINITE = 1
    OUT_OF_RANGE = 2  # of what the CRS can hold
    SWAPPED = 3  # out of range, and inside it with longitude and latitude exchanged


def declared(crs: str | None) -> str:
    """Return the canonical name of a declared CRS: ``EPSG:n``, ``GCJ-02`` or ``BD-09``.

    ``OGC:CRS84`` is the GeoJSON name of WGS 84 and becomes ``EPSG:4326``.

    Raises
    ------
    MissingCrsError
        Nothing was declared; gridmap never guesses.
    UnknownCrsError
        PROJ does not know it, or it is not a horizontal system.

    >>> declared("gcj02"), declared("epsg:4548")
    ('GCJ-02', 'EPSG:4548')
    """
    if crs is None or not crs.strip():
        raise MissingCrsError
    name = crs.strip().upper()
    if name in {"GCJ-02", "GCJ02"}:
        return GCJ02
    if name in {"BD-09", "BD09"}:
        return BD09
    if name in {"OGC:CRS84", "URN:OGC:DEF:CRS:OGC:1.3:CRS84"}:
        return "EPSG:4326"
    match = re.fullmatch(r"(?:URN:OGC:DEF:CRS:)?EPSG:{1,2}(\d{4,6})", name)
    if not match:
        raise UnknownCrsError(crs=crs)
    return _horizontal(f"EPSG:{match[1]}")


@lru_cache(maxsize=256)
def _horizontal(name: str) -> str:
    try:
        system = CRS.from_user_input(name)
    except CRSError as error:
        raise UnknownCrsError(crs=name) from error
    if not (system.is_geographic or system.is_projected) or len(system.axis_info) != 2:  # noqa: PLR2004 - two axes
        raise UnknownCrsError(crs=name)
    return name


def is_geographic(crs: str) -> bool:
    """Tell whether coordinates of this CRS are degrees."""
    name = declared(crs)
    return name in {GCJ02, BD09} or CRS.from_user_input(name).is_geographic


def to_cgcs2000(geometry: BaseGeometry, *, crs: str | None) -> BaseGeometry:
    """Return a geometry in EPSG:4490, vertex by vertex; order and topology stay.

    Raises
    ------
    MissingCrsError, UnknownCrsError
        See `declared`.
    CoordinateRangeError
        A coordinate is outside what the CRS can hold, with whether swapping x and y mends it.

    See Also
    --------
    from_cgcs2000 : the way back.
    """
    return _shift(geometry, crs=declared(crs), forward=True)


def points_to_cgcs2000(xy: Coordinates, *, crs: str | None) -> tuple[Coordinates, Unusable]:
    """Return n positions in EPSG:4490, and what is wrong with those that have none.

    Parameters
    ----------
    xy
        Shape (n, 2) in ``crs``, longitude or easting first.

    Returns
    -------
    lnglat, unusable
        Shape (n, 2) degrees, NaN where a position cannot be used; and shape (n,), numbers of
        `PointFault`, 0 where all is well.

    Raises
    ------
    MissingCrsError, UnknownCrsError
        See `declared`.

    See Also
    --------
    to_cgcs2000 : the same for one geometry, which one bad coordinate makes unusable.
    """
    name = declared(crs)
    faults = np.zeros(len(xy), dtype=np.int8)
    if is_geographic(name):
        x, y = np.abs(xy).T
        faults[(x > _MAX_LNG_DEG) | (y > _MAX_LAT_DEG)] = PointFault.OUT_OF_RANGE
        faults[(y > _MAX_LAT_DEG) & (y <= _MAX_LNG_DEG) & (x <= _MAX_LAT_DEG)] = PointFault.SWAPPED
    faults[~np.isfinite(xy).all(axis=1)] = PointFault.NOT_FINITE
    if not faults.any():
        lnglat = _to_cgcs2000(name)(xy)
    else:
        lnglat = np.full(xy.shape, np.nan)
        lnglat[faults == 0] = _to_cgcs2000(name)(xy[faults == 0])
    lost = (faults == 0) & ~np.isfinite(lnglat).all(axis=1)
    faults[lost] = PointFault.OUT_OF_RANGE
    lnglat[lost] = np.nan
    return lnglat, faults


def from_cgcs2000(geometry: BaseGeometry, *, crs: str) -> BaseGeometry:
    """Return an EPSG:4490 geometry in another declared CRS."""
    return _shift(geometry, crs=declared(crs), forward=False)


def _shift(geometry: BaseGeometry, *, crs: str, forward: bool) -> BaseGeometry:
    shift = _to_cgcs2000(crs) if forward else _from_cgcs2000(crs)

    def checked(xy: Coordinates) -> Coordinates:
        _refuse_out_of_range(xy, crs=crs if forward else CGCS2000)
        moved = shift(xy)
        if (lost := ~np.isfinite(moved).all(axis=1)).any():
            x, y = xy[lost][0]
            raise CoordinateRangeError(x=float(x), y=float(y), crs=crs, swapped=False)
        return moved

    return shapely.transform(geometry, checked)


def within_range(xy: Coordinates, *, crs: str) -> NDArray[np.bool_]:
    """Tell of n coordinates (n, 2) which are finite and, where they are degrees, possible."""
    possible = np.isfinite(xy).all(axis=1)
    if is_geographic(crs):
        possible &= (np.abs(xy) <= [_MAX_LNG_DEG, _MAX_LAT_DEG]).all(axis=1)
    return np.asarray(possible, dtype=bool)


def _refuse_out_of_range(xy: Coordinates, *, crs: str) -> None:
    if not is_geographic(crs):
        return
    wrong = (np.abs(xy[:, 0]) > _MAX_LNG_DEG) | (np.abs(xy[:, 1]) > _MAX_LAT_DEG)
    if wrong.any():
        x, y = (float(value) for value in xy[wrong][0])
        swapped = abs(y) <= _MAX_LNG_DEG and abs(x) <= _MAX_LAT_DEG
        raise CoordinateRangeError(x=x, y=y, crs=crs, swapped=swapped)


@lru_cache(maxsize=64)
def _to_cgcs2000(crs: str) -> Shift:
    if crs == BD09:
        return lambda xy: gcj02_to_wgs84(bd09_to_gcj02(xy))
    if crs == GCJ02:
        return gcj02_to_wgs84
    return _projected(crs, CGCS2000)


@lru_cache(maxsize=64)
def _from_cgcs2000(crs: str) -> Shift:
    if crs == BD09:
        return lambda xy: gcj02_to_bd09(wgs84_to_gcj02(xy))
    if crs == GCJ02:
        return wgs84_to_gcj02
    return _projected(CGCS2000, crs)


def _projected(source: str, target: str) -> Shift:
    transformer = transformer_between(source, target)

    def shift(xy: Coordinates) -> Coordinates:
        try:
            x, y = transformer.transform(xy[:, 0], xy[:, 1])
        except ProjError as error:
            raise UnknownCrsError(crs=f"{source} to {target}") from error
        return np.column_stack([x, y])

    return shift


@lru_cache(maxsize=64)
def transformer_between(source: str, target: str) -> Transformer:
    """Return PROJ's transformer, longitude or easting first; built once per pair."""
    return Transformer.from_crs(source, target, always_xy=True)


def wgs84_to_gcj02(lnglat: Coordinates) -> Coordinates:
    """Return the GCJ-02 positions of WGS 84 ones, shape (n, 2) degrees; [2]_ above."""
    lng, lat = lnglat[:, 0], lnglat[:, 1]
    x, y = lng - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (wave + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (wave + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    w = 1.0 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / (w * np.sqrt(w))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(w) * np.cos(radians)
    offset = np.column_stack([np.degrees(east / parallel_m), np.degrees(north / meridian_m)])
    inside = (
        (lng >= _CHINA_WEST) & (lng <= _CHINA_EAST) & (lat >= _CHINA_SOUTH) & (lat <= _CHINA_NORTH)
    )
    return np.where(inside[:, None], lnglat + offset, lnglat)


def gcj02_to_wgs84(lnglat: Coordinates) -> Coordinates:
    """Return the WGS 84 positions of GCJ-02 ones by fixed-point iteration, to under 0.1 mm.

    The offset changes by less than one part in a hundred along its own length, so each round
    wins two digits; six rounds reach the limit of double precision.
    """
    guess = lnglat.copy()
    for _ in range(6):
        guess += lnglat - wgs84_to_gcj02(guess)
    return guess


def gcj02_to_bd09(lnglat: Coordinates) -> Coordinates:
    """Return the BD-09 positions of GCJ-02 ones, shape (n, 2) degrees."""
    lng, lat = lnglat[:, 0], lnglat[:, 1]
    radius = np.hypot(lng, lat) + 0.00002 * np.sin(lat * _BD09_TURN)
    angle = np.arctan2(lat, lng) + 0.000003 * np.cos(lng * _BD09_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def bd09_to_gcj02(lnglat: Coordinates) -> Coordinates:
    """Return the GCJ-02 positions of BD-09 ones by fixed-point iteration, to under 0.1 mm."""
    guess: Coordinates = lnglat - np.array([0.0065, 0.006])
    for _ in range(6):
        guess += lnglat - gcj02_to_bd09(guess)
    return guess
