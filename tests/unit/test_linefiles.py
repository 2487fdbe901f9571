"""Barriers from real files, with declared CRS, and what is wrong with them."""

import geopandas
import numpy as np
import pytest
import shapely

from gridmap import linefiles
from gridmap.crs import from_cgcs2000
from gridmap.errors import (
    CrsContradictionError,
    LineFileError,
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
    found = linefiles.lines(written(tmp_path / name, ROADS, crs))
    assert shapely.equals_exact(found, ROADS, tolerance=1e-12).all() or (
        shapely.equals_exact(found[::-1], ROADS, tolerance=1e-12).all()  # FlatGeobuf sorts
    )


def test_what_no_format_can_state_is_declared(tmp_path):
    moved = [from_cgcs2000(one, crs="GCJ-02") for one in ROADS]
    found = linefiles.lines(written(tmp_path / "r.geojson", moved, "EPSG:4326"), crs="GCJ-02")
    assert shapely.hausdorff_distance(found, ROADS).max() < 1e-8


def test_what_the_file_states_is_brought_to_cgcs2000(tmp_path):
    plane = [from_cgcs2000(one, crs="EPSG:4548") for one in ROADS]
    found = linefiles.lines(written(tmp_path / "r.gpkg", plane, "EPSG:4548"))
    assert shapely.hausdorff_distance(found, ROADS).max() < 1e-9


def test_empty_rows_of_a_layer_are_left_out(tmp_path):
    path = written(tmp_path / "r.parquet", [*ROADS, None, shapely.LineString()])
    assert len(linefiles.lines(path)) == 2


def test_a_layer_without_crs_is_refused_until_one_is_declared(tmp_path):
    path = written(tmp_path / "r.parquet", ROADS, crs=None)
    with pytest.raises(MissingCrsError):
        linefiles.lines(path)
    assert len(linefiles.lines(path, crs="EPSG:4490")) == 2


def test_two_crs_that_differ_are_refused(tmp_path):
    path = written(tmp_path / "r.gpkg", ROADS)
    with pytest.raises(CrsContradictionError, match="EPSG:4490, but EPSG:4548 was declared"):
        linefiles.lines(path, crs="EPSG:4548")


def test_a_crs_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(UnknownCrsError):
        linefiles.lines(written(tmp_path / "r.gpkg", ROADS), crs="EPSG:999999")


@pytest.mark.parametrize("name", ["r.gpkg", "r.parquet"])
def test_files_that_are_not_what_they_say_are_refused(tmp_path, name):
    with pytest.raises(LineFileError, match="cannot be read"):
        linefiles.lines(text(tmp_path / name, "not at all"))
    with pytest.raises(LineFileError, match="no such file"):
        linefiles.lines(tmp_path / f"missing-{name}")


def test_other_geometries_are_refused(tmp_path):
    with pytest.raises(LineFileError, match="it holds a Point"):
        linefiles.lines(written(tmp_path / "s.gpkg", SEEDS))


def test_a_table_without_geometries_is_refused(tmp_path):
    geopandas.pd.DataFrame({"a": [1]}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(LineFileError, match="no geometries"):
        linefiles.lines(tmp_path / "t.csv")


def test_a_coordinate_that_is_no_number_is_refused(tmp_path):
    path = written(tmp_path / "r.parquet", [shapely.LineString([(0, 0), (np.inf, 1)])])
    with pytest.raises(LineFileError, match="not a finite number"):
        linefiles.lines(path)
