"""All positions of a table of points, as seeds and incidents are read, in every format."""

import geopandas
import numpy as np
import pytest
import shapely

from gridmap.crs import from_cgcs2000
from gridmap.errors import (
    MissingTableCrsError,
    TableColumnError,
    TableCrsError,
    TableEncodingError,
    UnreadableTableError,
)
from gridmap.tables import reading
from gridmap.tables.table import Source

SEEDS = [shapely.Point(116.3, 39.9), shapely.Point(116.31, 39.91)]
AT = shapely.get_coordinates(SEEDS)


def points(path, crs=None, **more):
    return reading.points(Source(str(path), crs, options="--seeds-", **more))


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


@pytest.mark.parametrize("name", ["s.gpkg", "s.geojson", "s.parquet", "s.fgb", "s.shp"])
def test_points_are_read_from_every_format(tmp_path, name):
    crs = "EPSG:4326" if name.endswith("json") else "EPSG:4490"
    found = points(written(tmp_path / name, SEEDS, crs)).lnglat
    assert np.sort(found, axis=0) == pytest.approx(AT, abs=1e-9)  # FlatGeobuf sorts


def test_what_no_format_can_state_is_declared(tmp_path):
    moved = [from_cgcs2000(one, crs="GCJ-02") for one in SEEDS]
    path = written(tmp_path / "s.parquet", moved, None)
    assert points(path, "GCJ-02").lnglat == pytest.approx(AT, abs=1e-8)


def test_geojson_may_hold_what_its_owner_says_in_spite_of_its_standard(tmp_path):
    moved = [from_cgcs2000(one, crs="GCJ-02") for one in SEEDS]
    path = written(tmp_path / "s.geojson", moved, "EPSG:4326")
    assert points(path, "GCJ-02").lnglat == pytest.approx(AT, abs=1e-8)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_a_csv_is_read_by_its_columns_in_its_crs_and_encoding(tmp_path, encoding):
    moved = shapely.get_coordinates([from_cgcs2000(one, crs="BD-09") for one in SEEDS])
    rows = "\n".join(f"x,{y!r},{x!r}" for x, y in moved.tolist())
    path = text(tmp_path / "s.csv", f"名称,纬度,经度\n{rows}\n", encoding)
    found = points(path, "BD-09", x="经度", y="纬度", encoding=encoding)
    assert found.lnglat == pytest.approx(AT, abs=1e-8)
    assert found.refused == ()


def test_a_byte_order_mark_needs_no_declaration(tmp_path):
    path = text(tmp_path / "s.csv", "经度,纬度\n116.3,39.9\n", "utf-8-sig")
    assert points(path, "EPSG:4490", x="经度", y="纬度").lnglat.tolist() == [[116.3, 39.9]]


def test_bad_rows_are_told_with_their_reasons_and_the_good_ones_go_on(tmp_path):
    rows = "116.3,39.9\n,39.9\nx,39.9\nnan,39.9\n39.9,116.3\n1,2,3\n116.31,39.91\n"
    found = points(text(tmp_path / "s.csv", f"lng,lat\n{rows}"), "EPSG:4490")
    assert found.usable.tolist() == [[116.3, 39.9], [116.31, 39.91]]
    assert np.isnan(found.lnglat[1:6]).all()
    told = [(one.table, one.row, one.column, one.value) for one in found.refused]
    assert told == [
        ("s.csv", 2, "lng", ""),
        ("s.csv", 3, "lng", "x"),
        ("s.csv", 4, "lng", "nan"),
        ("s.csv", 5, "lng, lat", "39.9, 116.3"),
        ("s.csv", 6, "", "1,2,3"),
    ]
    assert "swapped; longitude comes first" in found.refused[3].why
    assert "it has 3 fields, the header 2" in found.refused[4].why


def test_what_is_no_point_is_told_by_its_row(tmp_path):
    line = shapely.LineString([(116, 39), (117, 40)])
    found = points(written(tmp_path / "s.parquet", [line, SEEDS[0], None, shapely.Point()]))
    assert [(one.row, one.why) for one in found.refused] == [
        (1, "it is not a point"),
        (3, "it is empty"),
        (4, "it is empty"),
    ]
    assert found.usable.tolist() == [[116.3, 39.9]]


def test_a_table_without_rows_has_no_points(tmp_path):
    assert points(text(tmp_path / "s.csv", "lng,lat\n"), "EPSG:4490").lnglat.shape == (0, 2)


def test_the_option_that_would_declare_the_crs_is_named(tmp_path):
    for path in (
        text(tmp_path / "s.csv", "lng,lat\n116.3,39.9\n"),
        written(tmp_path / "s.parquet", SEEDS, crs=None),
    ):
        with pytest.raises(MissingTableCrsError, match=f"{path.name} .* --seeds-crs"):
            points(path)


def test_two_crs_that_differ_are_refused(tmp_path):
    path = written(tmp_path / "s.gpkg", SEEDS)
    with pytest.raises(TableCrsError, match="EPSG:4490, but EPSG:4548 was declared"):
        points(path, "EPSG:4548")


@pytest.mark.parametrize(
    ("content", "error", "why"),
    [
        ("a,b\n1,2\n", TableColumnError, "'lng': it is not there, only a, b"),
        ("", UnreadableTableError, "it is empty"),
    ],
)
def test_a_csv_that_is_none_is_refused(tmp_path, content, error, why):
    with pytest.raises(error, match=why):
        points(text(tmp_path / "s.csv", content), "EPSG:4490")


def test_another_encoding_than_the_declared_one_is_refused_with_the_option_for_it(tmp_path):
    path = text(tmp_path / "s.csv", "经度,纬度\n1,2\n", encoding="gbk")
    with pytest.raises(TableEncodingError, match="try --seeds-encoding gbk"):
        points(path, "EPSG:4490", x="经度", y="纬度")
    late = "lng,lat,a\n" + "1,1,a\n" * 20_000 + "1,1,西\n"
    with pytest.raises(TableEncodingError, match="try --seeds-encoding gbk"):
        points(text(tmp_path / "s.csv", late, encoding="gbk"), "EPSG:4490")


def test_of_several_layers_one_is_named(tmp_path):
    path = tmp_path / "s.gpkg"
    for layer, shapes in (("a", SEEDS), ("b", SEEDS[:1])):
        geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4490").to_file(path, layer=layer)
    with pytest.raises(UnreadableTableError, match="a, b; name one with --seeds-layer"):
        points(path)
    assert len(points(path, layer="b").lnglat) == 1


@pytest.mark.parametrize("name", ["s.gpkg", "s.parquet", "s.csv"])
def test_a_file_that_is_not_there_or_not_what_it_says_is_refused(tmp_path, name):
    with pytest.raises(UnreadableTableError, match="cannot be read"):
        points(tmp_path / name, "EPSG:4490")
    if name != "s.csv":
        with pytest.raises(UnreadableTableError, match="cannot be read"):
            points(text(tmp_path / name, "not at all"), "EPSG:4490")
