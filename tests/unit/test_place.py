import math

import pytest
import shapely

from gridmap.errors import (
    CoordinateRangeError,
    EmptyPlaceError,
    InvalidAccuracyError,
    InvalidGeometryError,
    MissingCrsError,
    NotFiniteError,
    UnknownCrsError,
    UnsupportedGeometryError,
)
from gridmap.geojson import parse
from gridmap.place import PlaceKind, place, point


@pytest.mark.parametrize("crs", [None, "", "  "])
def test_a_place_without_a_crs_is_refused(crs):
    with pytest.raises(MissingCrsError):
        point(116, 40, crs=crs)


@pytest.mark.parametrize("crs", ["EPSG:0", "EPSG:999999", "wgs84", "EPSG:5773", "GCJ-03"])
def test_an_unknown_or_vertical_crs_is_refused_by_name(crs):
    with pytest.raises(UnknownCrsError, match=crs):
        point(116, 40, crs=crs)


def test_swapped_coordinates_are_refused_and_named():
    with pytest.raises(CoordinateRangeError) as refused:
        point(39.9, 116.3, crs="EPSG:4326")
    assert refused.value.swapped


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_refused_with_its_position(value):
    with pytest.raises(NotFiniteError):
        point(116, value, crs="EPSG:4326")
    line = {"type": "LineString", "coordinates": [[116, 40], [value, 40]]}
    with pytest.raises(NotFiniteError) as refused:
        place(parse(line), crs="EPSG:4326")
    assert refused.value.vertex == 1


@pytest.mark.parametrize("wkt", ["POLYGON EMPTY", "POINT EMPTY", "LINESTRING EMPTY"])
def test_an_empty_place_is_refused(wkt):
    with pytest.raises(EmptyPlaceError):
        place(shapely.from_wkt(wkt), crs="EPSG:4326")


def test_a_self_crossing_polygon_is_refused_with_the_crossing():
    with pytest.raises(InvalidGeometryError) as refused:
        place(shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"), crs="EPSG:4490")
    assert (refused.value.lng, refused.value.lat) == (1, 1)
    assert refused.value.reason == "self-intersection"


def test_a_line_without_length_is_refused():
    with pytest.raises(InvalidGeometryError):
        place(shapely.LineString([(1, 1), (1, 1)]), crs="EPSG:4490")


def test_a_collection_is_no_place():
    with pytest.raises(UnsupportedGeometryError, match="GeometryCollection"):
        place(shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 1))"), crs="EPSG:4490")


@pytest.mark.parametrize("accuracy_m", [-1.0, math.nan, math.inf])
def test_a_nonsense_accuracy_is_refused(accuracy_m):
    with pytest.raises(InvalidAccuracyError):
        point(116, 40, crs="EPSG:4490", accuracy_m=accuracy_m)


def test_only_points_have_an_accuracy():
    with pytest.raises(InvalidAccuracyError):
        place(shapely.box(0, 0, 1, 1), crs="EPSG:4490", accuracy_m=5)


def test_heights_are_dropped_and_nothing_else():
    where = place(shapely.from_wkt("POINT Z (116 40 50)"), crs="EPSG:4490")
    assert (where.kind, where.geometry.wkt) == (PlaceKind.POINT, "POINT (116 40)")


@pytest.mark.parametrize("size", [1e-15, 1e-12, 1e-9])
def test_a_footprint_smaller_than_a_square_millimetre_is_refused(size):
    with pytest.raises(InvalidGeometryError):
        place(shapely.box(1, 1, 1 + size, 1 + size), crs="EPSG:4490")


def test_a_line_shorter_than_a_millimetre_is_refused():
    with pytest.raises(InvalidGeometryError, match="no extent"):
        place(shapely.from_wkt("LINESTRING (1 1, 1.000000001 1)"), crs="EPSG:4490")


@pytest.mark.parametrize("accuracy_m", [0, 1e-300, 1e-9, 0.0009])
def test_an_accuracy_under_a_millimetre_is_exact(accuracy_m):
    assert point(116, 40, crs="EPSG:4490", accuracy_m=accuracy_m).accuracy_m == 0


@pytest.mark.parametrize("accuracy_m", [1e5 + 1, 1e7, 1e300, math.inf, math.nan, -1])
def test_an_accuracy_that_names_no_city_is_refused(accuracy_m):
    with pytest.raises(InvalidAccuracyError):
        point(116, 40, crs="EPSG:4490", accuracy_m=accuracy_m)
