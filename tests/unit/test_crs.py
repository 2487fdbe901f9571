import pytest
import shapely
from pyproj import CRS

from gridmap.crs import declared, from_cgcs2000, to_cgcs2000
from gridmap.errors import CoordinateRangeError, CrsContradictionError, CrsError
from gridmap.geo import LngLat
from gridmap.measure import distance_m
from gridmap.stated import agreed, stated_name

TIANANMEN = shapely.Point(116.3913, 39.9075)
SYSTEMS = ["EPSG:4326", "EPSG:4490", "EPSG:4548", "EPSG:32650", "GCJ-02", "BD-09"]


@pytest.mark.parametrize("crs", SYSTEMS)
def test_there_and_back_is_under_a_tenth_of_a_millimetre(crs):
    back = to_cgcs2000(from_cgcs2000(TIANANMEN, crs=crs), crs=crs)
    assert distance_m(LngLat(back.x, back.y), LngLat(TIANANMEN.x, TIANANMEN.y)) < 1e-4


def test_a_gcj02_point_read_as_wgs84_is_wrong_by_about_550_m():
    shifted = from_cgcs2000(TIANANMEN, crs="GCJ-02")
    error_m = distance_m(LngLat(shifted.x, shifted.y), LngLat(TIANANMEN.x, TIANANMEN.y))
    assert 500 < error_m < 600


def test_the_offsets_agree_with_the_published_converters():
    # Values of the widely used open converters for (116.404, 39.915), to their six decimals.
    gcj = from_cgcs2000(shapely.Point(116.404, 39.915), crs="GCJ-02")
    assert (gcj.x, gcj.y) == pytest.approx((116.410245, 39.916404), abs=1e-6)
    baidu = from_cgcs2000(to_cgcs2000(shapely.Point(116.404, 39.915), crs="GCJ-02"), crs="BD-09")
    assert (baidu.x, baidu.y) == pytest.approx((116.410370, 39.921337), abs=2e-5)


def test_outside_china_gcj02_is_wgs84():
    paris = shapely.Point(2.35, 48.86)
    assert from_cgcs2000(paris, crs="GCJ-02").equals(paris)


def test_gauss_kruger_comes_easting_first_whatever_the_registry_says():
    plane = from_cgcs2000(TIANANMEN, crs="EPSG:4548")
    assert plane.x == pytest.approx(447_980, abs=100)
    assert plane.y == pytest.approx(4_419_500, abs=500)


def test_the_geojson_name_of_wgs84_is_known():
    assert declared("urn:ogc:def:crs:OGC:1.3:CRS84") == "EPSG:4326"


def test_what_a_projection_cannot_hold_is_refused():
    with pytest.raises(CoordinateRangeError):
        to_cgcs2000(shapely.Point(1e9, 1e9), crs="EPSG:4548")


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("EPSG:4548", "EPSG:4548"),
        ("EPSG:4490", "EPSG:4490"),
        ("OGC:CRS84", "EPSG:4326"),
        (CRS("EPSG:4548").to_wkt("WKT1_ESRI"), "EPSG:4548"),
        (CRS("EPSG:4490").to_wkt("WKT1_ESRI"), "EPSG:4490"),
        (CRS("EPSG:32650").to_wkt("WKT1_ESRI"), "EPSG:32650"),
    ],
)
def test_a_crs_is_known_by_what_it_says(stated, name):
    assert stated_name(stated) == name


EDITED = CRS("EPSG:4548").to_wkt("WKT1_ESRI")


@pytest.mark.parametrize(
    "stated",
    [
        EDITED.replace('"Central_Meridian",117', '"Central_Meridian",116.35'),
        EDITED.replace('"False_Easting",500000', '"False_Easting",39500000'),
        "+proj=tmerc +lon_0=116.35 +k=1 +x_0=500000 +ellps=GRS80",
    ],
)
def test_a_crs_that_only_has_the_name_of_another_is_not_that_one(stated):
    assert stated != EDITED
    assert stated_name(stated).startswith("unknown:")
    with pytest.raises(CrsError):
        agreed(stated, None)
    with pytest.raises(CrsContradictionError):
        agreed(stated, "EPSG:4548")
