"""Footprints to shares, against geopandas.overlay."""

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.timing import report
from gridmap import ReleaseIndex, attribute, measure, place
from gridmap.level import Level


def footprints_to_shares(index: ReleaseIndex, centres: NDArray[np.float64]) -> None:
    """Street shares of 50 x 40 m buildings: all levels of gridmap, one level of the peer."""
    streets = index.release.layers[Level.STREET]
    frame = geopandas.GeoDataFrame(geometry=streets.geometries, crs="EPSG:4490")
    half = np.array([0.0003, 0.00018])
    boxes = shapely.box(*(centres - half).T, *(centres + half).T)
    places = [place(box, crs="EPSG:4490") for box in boxes]

    def by_overlay() -> None:
        buildings = geopandas.GeoDataFrame(geometry=boxes, crs="EPSG:4490")
        cut = buildings.overlay(frame, how="intersection", keep_geom_type=True)
        measure.areas_m2(cut.geometry.to_numpy())

    ways = {
        "gridmap.attribute (5 levels, distances, ranges)": lambda: [
            attribute(one, index) for one in places
        ],
        "geopandas.overlay (1 level, areas only)": by_overlay,
    }
    report(f"{len(boxes):,} footprints to shares", ways)
