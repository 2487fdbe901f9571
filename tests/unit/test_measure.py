import numpy as np
import pytest
import shapely
from pyproj import Geod

from gridmap.geo import LngLat
from gridmap.measure import MetricPlane, area_m2, areas_m2, distance_m, length_m

GEOD = Geod(ellps="GRS80")


def geodesic_area_m2(shape):
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(shape, 0.001))[0])


@pytest.mark.parametrize("lat", [0, 18, 39.9, 53])
def test_the_area_of_a_building_is_the_geodesic_one(lat):
    building = shapely.box(116.3, lat, 116.3006, lat + 0.0004)
    assert area_m2(building) == pytest.approx(geodesic_area_m2(building), rel=5e-6)


def test_holes_are_taken_out_and_parts_added():
    donut = shapely.from_wkt("POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))")
    assert area_m2(donut) == pytest.approx(
        area_m2(shapely.box(0, 0, 3, 3)) - area_m2(shapely.box(1, 1, 2, 2))
    )


def test_points_lines_and_nothing_have_no_area():
    assert area_m2(shapely.Point(1, 1)) == area_m2(shapely.Polygon()) == 0
    assert areas_m2(shapely.from_wkt(["POINT (1 1)", "LINESTRING (0 0, 1 1)"])).tolist() == [0, 0]


def test_lengths_and_distances_are_geodesic():
    _, _, expected = GEOD.inv(116, 39.9, 116.01, 39.9)
    assert length_m(shapely.LineString([(116, 39.9), (116.01, 39.9)])) == pytest.approx(expected)
    assert distance_m(LngLat(116, 39.9), LngLat(116.01, 39.9)) == pytest.approx(expected)
    assert length_m(shapely.box(0, 0, 1, 1)) == pytest.approx(
        length_m(shapely.box(0, 0, 1, 1).boundary)
    )
    assert length_m(shapely.Point(0, 0)) == 0


def test_a_circle_has_its_radius_on_the_ground_in_every_direction():
    centre = LngLat(116.3, 39.9)
    plane = MetricPlane(centre)
    flat = plane.project(shapely.points([centre]))
    circle = plane.discs(flat, radii_m=np.array([100.0]))[0]
    radii = [distance_m(centre, LngLat(*xy)) for xy in shapely.get_coordinates(circle)]
    assert min(radii) == pytest.approx(100, abs=0.05)
    assert max(radii) == pytest.approx(100, abs=0.05)
