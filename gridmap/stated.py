"""The CRS that data state of themselves, against the one that is declared of them."""

from typing import Any

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gridmap.crs import BD09, GCJ02, declared
from gridmap.errors import CrsContradictionError, CrsError


def stated_name(stated: Any) -> str | None:
    """Return the name of the CRS that data state (any input of pyproj), as `declared` writes it.

    ``None`` when they state none; ``unknown:<its name>`` for one that no EPSG code describes.
    """
    if stated is None:
        return None
    try:
        system = CRS.from_user_input(stated)
    except CRSError:
        return str(stated)
    # PROJ goes by names as well; a CRS whose central meridian was edited keeps its name.
    code = ":".join(system.to_authority(min_confidence=20) or ())
    try:
        name = declared(code)
    except CrsError:
        return code or f"unknown:{system.name}"
    return name if _same_positions(system, CRS.from_user_input(name)) else f"unknown:{system.name}"


def contradiction(stated: Any, wanted: str) -> str | None:
    """Return the name of the CRS that data state, when it is another than the declared one.

    No data can state GCJ-02 or BD-09, so these two are believed.
    """
    name = stated_name(stated)
    if name in {None, wanted} or wanted in {GCJ02, BD09}:
        return None
    try:
        same = _same_positions(CRS.from_user_input(stated), CRS.from_user_input(wanted))
    except CRSError:
        return name
    return None if same else name


def _same_positions(one: CRS, other: CRS) -> bool:
    """Tell whether two systems give the same numbers to the same positions of one ellipsoid."""
    if one.equals(other, ignore_axis_order=True):
        return True
    if one.is_geographic != other.is_geographic or not _same_ground(one, other):
        return False
    if one.is_geographic:
        units = [[axis.unit_name for axis in system.axis_info] for system in (one, other)]
        return units[0] == units[1]
    return _projects_alike(one, other)


def _same_ground(one: CRS, other: CRS) -> bool:
    """Tell whether two systems rest on the same ellipsoid and meridian."""
    shapes = []
    for system in (one, other):
        if system.ellipsoid is None or system.prime_meridian is None:
            return False
        radius_m, flat = system.ellipsoid.semi_major_metre, system.ellipsoid.inverse_flattening
        shapes.append((radius_m, flat, system.prime_meridian.longitude))
    return bool(np.allclose(shapes[0], shapes[1], rtol=1e-9))


def _projects_alike(one: CRS, other: CRS) -> bool:
    """Tell whether two projections agree to a millimetre where the second is meant for."""
    area = other.area_of_use
    if area is None or one.geodetic_crs is None or other.geodetic_crs is None:
        return False
    lng, lat = np.meshgrid(
        np.linspace(area.west, area.east, 5), np.linspace(area.south, area.north, 5)
    )
    first, second = (
        Transformer.from_crs(system.geodetic_crs, system, always_xy=True).transform(lng, lat)
        for system in (one, other)
    )
    return bool(np.allclose(first, second, rtol=0, atol=1e-3))


def agreed(stated: Any, declared_crs: str | None) -> str:
    """Return the CRS of data that may state one themselves, and for which one may be declared.

    Raises
    ------
    MissingCrsError
        Neither states nor declares one.
    UnknownCrsError
        See `declared`.
    CrsContradictionError
        They state one and another is declared; see `contradiction`.
    """
    if declared_crs is None:
        return declared(stated_name(stated))
    wanted = declared(declared_crs)
    if name := contradiction(stated, wanted):
        raise CrsContradictionError(stated=name, declared=wanted)
    return wanted
