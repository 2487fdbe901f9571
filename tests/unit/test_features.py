"""Barriers and seeds from real files, with declared CRS, and what is wrong with them."""

import geopandas
import numpy as np
import pytest
import shapely

from gridmap import features
from gridmap.crs import from_cgcs2000
from gridmap.errors import (
    CoordinateRangeError,
    CrsContradictionError,
    FeatureFileError,
    MissingCrsError,
    UnknownCrsError,
)

ROADS = [
    shapely.LineString([(116.3, 39.9), (116.31, 39.91)]),
    shapely.LineString([(116, 40), (117, 40)]),
]
SEEDS = [shapely.Point(116.3, 39.9), shapely.Point(116.31, 39.91)]


def written(path, shapes, crs="EPSG:4490"):
    frame = geopandas.GeoDataFrame(geometry=shapes, crs=crs)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


def text(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("name", ["r.gpkg", "r.geojson", "r.parquet", "r.fgb", "r.shp"])
def test_lines_are_read_from_every_format(tmp_path, name):
    crs = "EPSG:4326" if name.endswith("json") else "EPSG:4490"
    found = features.lines(written(tmp_path / name, ROADS, crs))
    assert shapely.equals_exact(found, ROADS, tolerance=1e-12).all() or (
        shapely.equals_exact(found[::-1], ROADS, tolerance=1e-12).all()  # FlatGeobuf sorts
    )


def test_what_the_file_states_is_brought_to_cgcs2000(tmp_path):
    plane = [from_cgcs2000(one, crs="EPSG:4548") for one in ROADS]
    found = features.lines(written(tmp_path / "r.gpkg", plane, "EPSG:4548"))
    assert shapely.hausdorff_distance(found, ROADS).max() < 1e-9


def test_what_no_format_can_state_is_declared(tmp_path):
    moved = [from_cgcs2000(one, crs="GCJ-02") for one in SEEDS]
    path = written(tmp_path / "s.geojson", moved, "EPSG:4326")
    found = features.points(path, crs="GCJ-02").lnglat
    assert found == pytest.approx(shapely.get_coordinates(SEEDS), abs=1e-8)


def test_a_csv_of_seeds_is_read_by_its_columns_in_its_crs(tmp_path):
    moved = shapely.get_coordinates([from_cgcs2000(one, crs="BD-09") for one in SEEDS])
    rows = "\n".join(f"x,{y!r},{x!r}" for x, y in moved.tolist())
    path = text(tmp_path / "s.csv", f"名称,纬度,经度\n{rows}\n", encoding="utf-8-sig")
    found = features.points(path, crs="BD-09", columns=("经度", "纬度"))
    assert found.lnglat == pytest.approx(shapely.get_coordinates(SEEDS), abs=1e-8)
    assert found.refused_rows == ()


def test_bad_rows_are_told_and_the_good_ones_go_on(tmp_path):
    path = text(tmp_path / "s.csv", "lng,lat\n116.3,39.9\n,39.9\nx,39.9\nnan,39.9\n116.31,39.91\n")
    found = features.points(path, crs="EPSG:4490")
    assert found.lnglat.tolist() == [[116.3, 39.9], [116.31, 39.91]]
    assert found.refused_rows == (1, 2, 3)


def test_empty_rows_of_a_layer_are_left_out(tmp_path):
    path = written(tmp_path / "r.parquet", [*ROADS, None, shapely.LineString()])
    assert len(features.lines(path)) == 2


def test_a_csv_without_a_declared_crs_is_refused(tmp_path):
    with pytest.raises(MissingCrsError):
        features.points(text(tmp_path / "s.csv", "lng,lat\n116.3,39.9\n"))


def test_a_layer_without_crs_is_refused_until_one_is_declared(tmp_path):
    path = written(tmp_path / "r.parquet", ROADS, crs=None)
    with pytest.raises(MissingCrsError):
        features.lines(path)
    assert len(features.lines(path, crs="EPSG:4490")) == 2


def test_two_crs_that_differ_are_refused(tmp_path):
    path = written(tmp_path / "r.gpkg", ROADS)
    with pytest.raises(CrsContradictionError, match="EPSG:4490, but EPSG:4548 was declared"):
        features.lines(path, crs="EPSG:4548")


def test_a_crs_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(UnknownCrsError):
        features.lines(written(tmp_path / "r.gpkg", ROADS), crs="EPSG:999999")


def test_swapped_columns_are_refused_with_the_word_for_it(tmp_path):
    path = text(tmp_path / "s.csv", "lng,lat\n39.9,116.3\n")
    with pytest.raises(CoordinateRangeError) as refused:
        features.points(path, crs="EPSG:4490")
    assert refused.value.swapped


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a,b\n1,2\n", "there is no column 'lng', only a, b"),
        ("", "cannot be read"),
        ("lng,lat\n1,2,3\n1,2\n1,2,3,4,5\n", "cannot be read"),
    ],
)
def test_a_csv_that_is_none_is_refused(tmp_path, content, why):
    with pytest.raises(FeatureFileError, match=why):
        features.points(text(tmp_path / "s.csv", content), crs="EPSG:4490")


def test_another_encoding_than_utf_8_is_refused(tmp_path):
    path = text(tmp_path / "s.csv", "经度,纬度\n1,2\n", encoding="gbk")
    with pytest.raises(FeatureFileError, match="cannot be read"):
        features.points(path, crs="EPSG:4490", columns=("经度", "纬度"))


@pytest.mark.parametrize("name", ["r.gpkg", "r.parquet"])
def test_files_that_are_not_what_they_say_are_refused(tmp_path, name):
    with pytest.raises(FeatureFileError, match="cannot be read"):
        features.lines(text(tmp_path / name, "not at all"))
    with pytest.raises(FeatureFileError, match="no such file"):
        features.lines(tmp_path / f"missing-{name}")


def test_other_geometries_are_refused(tmp_path):
    with pytest.raises(FeatureFileError, match="it holds a Point"):
        features.lines(written(tmp_path / "s.gpkg", SEEDS))
    with pytest.raises(FeatureFileError, match="it holds a LineString"):
        features.points(written(tmp_path / "r.gpkg", ROADS))


def test_a_table_without_geometries_is_refused(tmp_path):
    geopandas.pd.DataFrame({"a": [1]}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(FeatureFileError, match="no geometries"):
        features.lines(tmp_path / "t.csv")


def test_a_coordinate_that_is_no_number_is_refused(tmp_path):
    path = written(tmp_path / "r.parquet", [shapely.LineString([(0, 0), (np.inf, 1)])])
    with pytest.raises(FeatureFileError, match="not a finite number"):
        features.lines(path)
