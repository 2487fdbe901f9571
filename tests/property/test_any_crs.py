"""Round trips over China's extent: there and back is where it was, in every declared CRS."""

from math import cos, radians

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from gridmap import crs
from gridmap.measure import GEOD

# China with its seas, as the offset of the web maps is defined (`gridmap.crs`), drawn in a little:
# at the edge of that box a shifted point may fall outside, where there is no offset to take back.
WEST, SOUTH, EAST, NORTH = 72.1, 0.9, 137.7, 55.7

positions = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))

# CGCS2000 geographic and its Gauss-Krueger zones: 3 degrees with and without zone number, 6
# degrees; UTM; older Chinese systems would need grids and are not exact in PROJ.
GEOGRAPHIC = ["EPSG:4326", "EPSG:4490", "EPSG:4258"]
PROJECTED = [
    *(f"EPSG:{code}" for code in range(4491, 4555)),
    *(f"EPSG:{code}" for code in range(32643, 32654)),
]


def there_and_back_mm(lng, lat, name):
    point = shapely.Point(lng, lat)
    there = crs.from_cgcs2000(point, crs=name)
    back = crs.to_cgcs2000(there, crs=name)
    return GEOD.inv(lng, lat, back.x, back.y)[2] * 1_000


@given(position=positions)
@example(position=(116.3913, 39.9055))
@example(position=(105.0, 35.0))  # the formula has a square root of the distance from here
@example(position=(WEST, SOUTH))
@example(position=(EAST, NORTH))
@settings(max_examples=500, deadline=None)
def test_gcj_02_comes_back_to_under_a_millimetre(position):
    assert there_and_back_mm(*position, "GCJ-02") < 1


@given(position=positions)
@example(position=(116.3913, 39.9055))
@example(position=(105.0, 35.0))
@settings(max_examples=500, deadline=None)
def test_bd_09_comes_back_to_under_a_millimetre(position):
    assert there_and_back_mm(*position, "BD-09") < 1


@given(position=positions)
@settings(max_examples=300, deadline=None)
def test_the_offset_is_hundreds_of_metres_and_is_really_made(position):
    lng, lat = position
    moved = crs.from_cgcs2000(shapely.Point(lng, lat), crs="GCJ-02")
    away_m = GEOD.inv(lng, lat, moved.x, moved.y)[2]
    assert 5 < away_m < 2_000


@pytest.mark.parametrize("name", GEOGRAPHIC)
@given(position=positions)
@settings(max_examples=50, deadline=None)
def test_degrees_come_back(name, position):
    assert there_and_back_mm(*position, name) < 0.1


@pytest.mark.parametrize("name", PROJECTED)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_metres_come_back_over_the_whole_zone(name, data):
    area = CRS.from_user_input(name).area_of_use
    lng = data.draw(st.floats(max(area.west, WEST), min(area.east, EAST)))
    lat = data.draw(st.floats(max(area.south, SOUTH), min(area.north, NORTH)))
    assert there_and_back_mm(lng, lat, name) < 0.1


@given(
    position=positions,
    name=st.sampled_from(["EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09"]),
    size_deg=st.floats(1e-4, 0.05),
)
@settings(max_examples=100, deadline=None)
def test_shapes_come_back_vertex_by_vertex(position, name, size_deg):
    lng, lat = np.clip(position, (WEST + 1, SOUTH + 1), (EAST - 1, NORTH - 1))
    shape = shapely.box(lng, lat, lng + size_deg, lat + size_deg).difference(
        shapely.box(lng, lat, lng + size_deg / 3, lat + size_deg / 3)
    )
    back = crs.to_cgcs2000(crs.from_cgcs2000(shape, crs=name), crs=name)
    moved = np.abs(shapely.get_coordinates(back) - shapely.get_coordinates(shape))
    scale_m = 111_320 * np.array([cos(radians(lat)), 1.0])
    assert shapely.get_num_coordinates(back) == shapely.get_num_coordinates(shape)
    assert (moved * scale_m).max() < 0.001
