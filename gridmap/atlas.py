"""Areas as map features: generalised for a zoom with shared edges kept, with a place for the name.

For drawing only: attribution always works on the exact lines.

References
----------
.. [1] Visvalingam and Whyatt, Line generalisation by repeated elimination of points, 1993; GEOS
   removes a vertex of a coverage when its triangle is smaller than the tolerance squared.
"""

import json
from collections.abc import Iterator
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap import measure
from gridmap.boundary import Layer, Release
from gridmap.geo import LngLatBbox
from gridmap.level import Level
from gridmap.locate import Rows

EXACT_ZOOM = 15  # from here on the lines are drawn as they are
_COARSEST_ZOOM = 7
_TILE_PIXELS = 512  # MapLibre's tile at zoom 0 shows 360 degrees
_DECIMALS = 7  # one centimetre is enough for where a name stands
_FINE = {Level.COMMUNITY, Level.CELL}  # too many for the costlier, better label


class Atlas:
    """The drawable areas of one release; what was drawn once is kept."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._sheets: dict[tuple[Level, int], Sheet] = {}

    def sheet(self, level: Level, *, zoom: float) -> "Sheet":
        """Return a level's areas for a zoom; whole zooms share one sheet."""
        whole = int(np.clip(zoom, _COARSEST_ZOOM, EXACT_ZOOM))
        key = (level, whole)
        if key not in self._sheets:
            self._sheets[key] = Sheet(self.release.layers[level], zoom=whole)
        return self._sheets[key]


class Sheet:
    """One level's areas generalised for one zoom."""

    def __init__(self, layer: Layer, *, zoom: int) -> None:
        self.layer = layer
        self._shapes = _drawn(layer.geometries, zoom=zoom)
        self._tree = shapely.STRtree(self._shapes)

    def within(self, bbox: LngLatBbox | None) -> Rows:
        """Return the rows whose area meets a box; all without one."""
        if bbox is None:
            return np.arange(len(self.layer))
        return np.sort(self._tree.query(shapely.box(*bbox), predicate="intersects"))

    def features(self, rows: Rows) -> Iterator[str]:
        """Yield GeoJSON features as text."""
        for row in rows:
            area = self.layer.area(row)
            properties = {
                "level": area.level,
                "code": area.code,
                "name": area.name,
                "parent": area.parent,
                "basis": self.layer.basis,
                "area_m2": round(float(self._areas_m2[row]), 1),
                "label": self._labels[row].round(_DECIMALS).tolist(),
            }
            yield (
                f'{{"type":"Feature","id":{json.dumps(area.code)},'
                f'"geometry":{shapely.to_geojson(self._shapes[row])},'
                f'"properties":{json.dumps(properties, ensure_ascii=False)}}}'
            )

    @cached_property
    def _areas_m2(self) -> NDArray[np.float64]:
        return measure.areas_m2(self.layer.geometries)

    @cached_property
    def _labels(self) -> NDArray[np.float64]:
        """A point inside each area for its name: far from the border where areas are few."""
        if self.layer.level in _FINE:
            inside = shapely.point_on_surface(self.layer.geometries)
            return np.asarray(shapely.get_coordinates(inside))
        # The radius line of the largest circle begins in its centre; 100 m is close enough.
        radii = shapely.maximum_inscribed_circle(self.layer.geometries, tolerance=0.001)
        return np.asarray(shapely.get_coordinates(shapely.get_point(radii, 0)))


def _drawn(shapes: NDArray[np.object_], *, zoom: int) -> NDArray[np.object_]:
    """Keep every coordinate that is left: rounding one moves it over its neighbours' lines."""
    if zoom >= EXACT_ZOOM:
        return shapes
    pixel_deg = 360 / (_TILE_PIXELS * 2**zoom)
    drawn: NDArray[np.object_] = shapely.coverage_simplify(shapes, pixel_deg)
    return drawn
