"""GeoJSON geometries in and out. Reading is strict: what is not a geometry is refused, not mended.

References
----------
.. [1] RFC 7946, The GeoJSON Format; section 3.1.6 on rings.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridmap.errors import MalformedGeometryError, NotFiniteError, UnsupportedGeometryError

# How deep the positions of each type are nested in "coordinates".
_DEPTH = {
    "Point": 0,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_SMALLEST_RING = 4  # positions, the closing one included


def parse(document: Any) -> BaseGeometry:
    """Return the shapely geometry of a GeoJSON geometry object of a kind that can be a place.

    Rings may still cross themselves; `gridmap.place` refuses those.

    Raises
    ------
    UnsupportedGeometryError
        Its type is none a place can have.
    MalformedGeometryError
        Its coordinates are not nested as the type needs, hold something that is no number, or a
        ring is not closed; with the path to the culprit.
    NotFiniteError
        A coordinate is NaN, infinite, or too large for a number.
    """
    if not isinstance(document, Mapping):
        raise MalformedGeometryError(where="geometry", why="it is not an object")
    kind = document.get("type")
    if not isinstance(kind, str) or kind not in _DEPTH:
        raise UnsupportedGeometryError(kind=str(kind))
    coordinates: Any = document.get("coordinates")
    _check(coordinates, _DEPTH[kind], "coordinates", rings=kind in {"Polygon", "MultiPolygon"})
    for vertex, position in enumerate(_positions(coordinates, _DEPTH[kind])):
        if not all(_is_finite(value) for value in position):
            raise NotFiniteError(vertex=vertex)
    try:
        return shape({"type": kind, "coordinates": coordinates})
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise MalformedGeometryError(where="coordinates", why=str(error)) from error


def dump(geometry: BaseGeometry) -> dict[str, Any]:
    """Return a geometry as a GeoJSON object, with all its digits."""
    document: dict[str, Any] = json.loads(shapely.to_geojson(geometry))
    return document


def collection(features: Iterable[tuple[BaseGeometry, Mapping[str, Any]]]) -> str:
    """Return geometries (EPSG:4490) and their properties as the text of a FeatureCollection.

    RFC 7946 wants WGS 84, which PROJ takes to be the same coordinates; an empty geometry is
    written as null.
    """
    document = [
        {
            "type": "Feature",
            "geometry": None if geometry.is_empty else dump(geometry),
            "properties": properties,
        }
        for geometry, properties in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": document}, ensure_ascii=False)


def _check(value: Any, depth: int, where: str, *, rings: bool) -> None:
    if not _is_array(value):
        raise MalformedGeometryError(where=where, why="it is not an array")
    if depth == 0:
        _check_position(value, where)
        return
    for number, part in enumerate(value):
        inner = f"{where}[{number}]"
        if _is_array(part) and not part:  # shapely stumbles over an empty part beside others
            raise MalformedGeometryError(where=inner, why="it is empty")
        _check(part, depth - 1, inner, rings=rings)
    if rings and depth == 1:
        _check_ring(value, where)


def _positions(coordinates: Sequence[Any], depth: int) -> Iterator[Sequence[float]]:
    if depth == 0:
        yield coordinates
        return
    for part in coordinates:
        yield from _positions(part, depth - 1)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of hundreds of digits
        return False


def _check_position(position: Sequence[Any], where: str) -> None:
    if len(position) not in {2, 3}:
        raise MalformedGeometryError(where=where, why="a position has two or three numbers")
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in position):
        raise MalformedGeometryError(where=where, why="a position holds numbers only")


def _check_ring(ring: Sequence[Any], where: str) -> None:
    if len(ring) < _SMALLEST_RING:
        raise MalformedGeometryError(where=where, why="a ring has four positions or more")
    if list(ring[0]) != list(ring[-1]):
        raise MalformedGeometryError(where=where, why="the ring is not closed")


def _is_array(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
