"""One position given in four reference systems."""

import pytest
from pyproj import Geod

from tests.desk import point

pytestmark = pytest.mark.store

# One position, near 故宫. The GCJ-02 and BD-09 ones are the published test values of the open
# converters (coordtransform) and their chain; the EPSG:4548 one is PROJ's own.
SAME = {
    "EPSG:4326": (116.404, 39.915),
    "EPSG:4490": (116.404, 39.915),
    "EPSG:4548": (449_042.0474410, 4_420_261.2199968),
    "GCJ-02": (116.41024449916938, 39.91640428150164),
    "BD-09": (116.41662724378732, 39.92269955221621),
}


def cell(answer):
    (part,) = answer["levels"][-1]["parts"]
    assert part["level"] == "cell"
    return part["code"]


@pytest.mark.parametrize("crs", SAME)
def test_the_same_point_has_the_same_cell_in_every_crs(desk, crs):
    wanted = desk.resolved(point(*SAME["EPSG:4326"]))
    found = desk.resolved(point(*SAME[crs], crs=crs))
    assert cell(found) == cell(wanted)
    assert found["place"]["given_crs"] == crs
    _, _, apart_m = Geod(ellps="GRS80").inv(
        *wanted["place"]["geometry"]["coordinates"], *found["place"]["geometry"]["coordinates"]
    )
    assert apart_m < 0.001


def test_gcj_02_read_as_wgs_84_lands_in_another_cell_about_550_metres_away(desk):
    right = desk.resolved(point(*SAME["GCJ-02"], crs="GCJ-02"))
    wrong = desk.resolved(point(*SAME["GCJ-02"], crs="EPSG:4326"))
    _, _, apart_m = Geod(ellps="GRS80").inv(*SAME["EPSG:4326"], *SAME["GCJ-02"])
    assert apart_m == pytest.approx(556, abs=1)
    assert cell(right) != cell(wrong)
