"""Only the surfaces of shapes: what they touch in lines and points is no ground."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_SURFACE = 2  # topological dimensions


def surface(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygon or multipolygon of a shape, an empty one when it has no surface."""
    parts = shapely.get_parts(shape, return_index=False)
    parts = shapely.get_parts(parts)  # collections hold multipolygons
    surfaces = parts[shapely.get_dimensions(parts) == _SURFACE]
    return surfaces[0] if len(surfaces) == 1 else shapely.multipolygons(surfaces)


def sound(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons, invalid ones as what `shapely.make_valid` reads in them."""
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes
    mended = shapes.copy()
    mended[bad] = [surface(shapely.make_valid(shape)) for shape in shapes[bad]]
    return mended


def part_surfaces(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return every separate polygon of the shapes, and the row of the shape it is a part of."""
    parts, owners = shapely.get_parts(sound(shapes), return_index=True)
    kept = ~shapely.is_empty(parts)
    return parts[kept], owners[kept]
