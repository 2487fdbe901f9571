"""Files that are not what they should be: refused, with what, where and what to do."""

import json
import resource
import shutil

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from gridmap import bare, read
from gridmap.bare import Options
from gridmap.errors import BadCodeError, BoundaryFileError, DefinitionError
from gridmap.level import Level
from gridmap.sources import Source

WEST, EAST = shapely.box(116, 40, 117, 41), shapely.box(117, 40, 118, 41)


def districts(**columns):
    given = {"code": ["110101", "110102"], "name": ["东城区", "西城区"], "geometry": [WEST, EAST]}
    return geopandas.GeoDataFrame(given | columns, crs="EPSG:4490")


def written(path, frame=None, **options):
    frame = districts() if frame is None else frame
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        pyogrio.write_dataframe(frame, path, **options)
    return path


def release(path, **options):
    return read.release(bare.definition(path, Options(**options)))


def refused(path, says, **options):
    with pytest.raises((BoundaryFileError, DefinitionError), match=says) as caught:
        release(path, **options)
    assert path.name in str(caught.value)


# --- what the file is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "named", "says"),
    [
        (".gpkg", ".geojson", "as geojson: its content is geopackage; rename it"),
        (".geojson", ".gpkg", "as geopackage: its content is geojson; rename it"),
        (".parquet", ".fgb", "as flatgeobuf: its content is geoparquet; rename it"),
        (".fgb", ".parquet", "as geoparquet: its content is flatgeobuf; rename it"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, content, named, says):
    shutil.copy(written(tmp_path / f"a{content}"), tmp_path / f"b{named}")
    refused(tmp_path / f"b{named}", says)


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".geojson", ".shp"])
def test_text_under_the_name_of_a_format_is_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("code,name\n110101,x\n", encoding="utf-8")
    refused(path, "its content is something else")


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".geojson", ".shp", ".kml"])
def test_an_empty_file_is_refused(tmp_path, suffix):
    (tmp_path / f"a{suffix}").touch()
    refused(tmp_path / f"a{suffix}", r"is empty \(0 bytes\)")


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".geojson", ".shp"])
def test_a_file_that_breaks_off_is_refused(tmp_path, suffix, part):
    path = written(tmp_path / f"a{suffix}")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    refused(path, "cannot be read|breaks off|is nothing")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    refused(tmp_path / "a.gpkg", "is not there")


def test_a_table_without_geometries_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(districts().drop(columns="geometry"), path)
    refused(path, "holds no geometries")


def test_a_file_of_two_gigabytes_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "a.gpkg"
    with path.open("wb") as file:
        file.write(b"SQLite format 3\0")
        file.truncate(2 * 1024**3)  # sparse: it takes no room
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(path, r"has 2,147 MB, and only 1,000 MB are read at once.*--largest-mb")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 50_000


def test_the_limit_can_be_raised_and_lowered(tmp_path):
    path = written(tmp_path / "a.gpkg")
    with pytest.raises(BoundaryFileError, match="only 0 MB"):
        bare.definition(path, largest_bytes=1000)
    given = bare.definition(path)
    with pytest.raises(BoundaryFileError, match="only 0 MB"):
        read.release(given, largest_bytes=1000)
    assert len(read.release(given, largest_bytes=10**10).layers) == 1


def test_a_shapefile_is_as_large_as_its_table(tmp_path):
    path = written(tmp_path / "a.shp", districts(name=["x" * 200, "y"]))
    small = path.stat().st_size
    with pytest.raises(BoundaryFileError, match="MB"):
        Source(path, largest_bytes=small + 1).frame()


def test_a_file_with_several_layers_wants_one_named(tmp_path):
    path = written(tmp_path / "a.gpkg", layer="old")
    written(path, layer="new", append=True)
    with pytest.raises(BoundaryFileError, match="has the layers old, new; name one"):
        Source(path).frame()
    refused(path, "none named by a level; name one")
    assert len(release(path, layer="new").layers[Level.DISTRICT]) == 2


# --- encodings ----------------------------------------------------------------------------------


def gbk(tmp_path, *, cpg):
    path = written(tmp_path / "a.shp", encoding="GBK")
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def names(release):
    return release.layers[Level.DISTRICT].names.tolist()


def test_a_gbk_table_with_its_cpg_is_read(tmp_path):
    assert names(release(gbk(tmp_path, cpg=True))) == ["东城区", "西城区"]


@pytest.mark.parametrize("page", ["936", "cp936", "GB2312", "GB18030", "gbk\n"])
def test_a_cpg_may_name_the_page_in_many_ways(tmp_path, page):
    path = gbk(tmp_path, cpg=True)
    path.with_suffix(".cpg").write_text(page, encoding="ascii")
    assert names(release(path)) == ["东城区", "西城区"]


def test_a_gbk_table_without_a_cpg_is_refused_until_its_encoding_is_declared(tmp_path):
    path = gbk(tmp_path, cpg=False)
    refused(path, r"does not say in which encoding .*column name, row 0.*--encoding")
    assert names(release(path, encoding="GBK")) == ["东城区", "西城区"]


def test_the_language_byte_of_a_table_tells_gbk(tmp_path):
    path = gbk(tmp_path, cpg=False)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0x4D
    path.with_suffix(".dbf").write_bytes(table)
    assert names(release(path)) == ["东城区", "西城区"]


def test_texts_that_are_not_in_the_declared_encoding_are_refused(tmp_path):
    refused(gbk(tmp_path, cpg=False), "is not in UTF-8: column name, row 0", encoding="UTF-8")


def test_an_unknown_encoding_is_refused(tmp_path):
    refused(gbk(tmp_path, cpg=False), "'klingon', which is not known", encoding="klingon")


def test_a_table_in_ascii_needs_no_encoding(tmp_path):
    path = written(tmp_path / "a.shp", districts(name=["a", "b"]))
    path.with_suffix(".cpg").unlink()
    assert names(release(path)) == ["a", "b"]


def test_chinese_names_of_columns_are_read(tmp_path):
    frame = districts().rename(columns={"name": "名称"})
    path = written(tmp_path / "a.shp", frame, encoding="GBK")
    options = Options(columns=bare.Columns(name="名称"))
    assert names(read.release(bare.definition(path, options))) == ["东城区", "西城区"]


def test_geojson_that_is_not_utf8_is_refused(tmp_path):
    path = written(tmp_path / "a.geojson", districts().to_crs("EPSG:4326"))
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    refused(path, "UTF-8|cannot be read")


# --- CRS ----------------------------------------------------------------------------------------


def test_a_file_that_states_its_crs_declares_it(tmp_path):
    moved = districts().to_crs("EPSG:4548")
    assert release(written(tmp_path / "a.shp", moved)).bounds == pytest.approx(
        (116, 40, 118, 41), abs=1e-3
    )


def test_a_file_without_a_crs_needs_it_declared(tmp_path):
    path = written(tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    refused(path, "states no CRS; declare it, for example --crs EPSG:4490")
    assert release(path, crs="EPSG:4490").bounds == (116, 40, 118, 41)


def test_a_crs_that_contradicts_the_file_is_refused(tmp_path):
    refused(
        written(tmp_path / "a.gpkg"), "states EPSG:4490, the definition EPSG:4548", crs="EPSG:4548"
    )


def test_a_crs_that_no_code_describes_is_refused(tmp_path):
    local = "+proj=tmerc +lon_0=116.35 +lat_0=39.87 +x_0=500000 +y_0=300000 +ellps=krass +units=m"
    path = written(tmp_path / "a.shp", districts().set_crs(local, allow_override=True))
    refused(path, "states a CRS without EPSG code")


def test_coordinates_that_the_crs_cannot_hold_are_refused(tmp_path):
    path = written(tmp_path / "a.shp", districts().to_crs("EPSG:4548"))
    path.with_suffix(".prj").unlink()
    refused(path, "longitude first", crs="EPSG:4326")


# --- what is in it ------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb"])
def test_a_coordinate_that_is_no_number_is_refused(tmp_path, suffix):
    with np.errstate(invalid="ignore"):
        lost = shapely.Polygon([(117, 40), (118, 40), (118, np.nan), (117, 41)])
    path = written(tmp_path / f"a{suffix}", districts(geometry=[WEST, lost]))
    refused(path, r"row \d of .* has a coordinate that is no number")


def test_heights_say_nothing_about_whose_ground_it_is(tmp_path):
    path = written(tmp_path / "a.shp", districts(geometry=shapely.force_3d([WEST, EAST], 7)))
    assert not shapely.has_z(release(path).layers[Level.DISTRICT].geometries).any()


def test_rings_may_turn_either_way(tmp_path):
    ring = shapely.box(116.2, 40.2, 116.4, 40.4).exterior
    shapes = [shapely.Polygon(WEST.exterior, [ring]), shapely.reverse(EAST)]
    turned = [shapely.reverse(shapes[0]), EAST]
    for name, frame in (("a", districts(geometry=shapes)), ("b", districts(geometry=turned))):
        found = release(written(tmp_path / f"{name}.gpkg", frame)).layers[Level.DISTRICT]
        assert shapely.equals(found.geometries, shapes).all()


def test_a_ring_that_crosses_itself_is_read_and_told_by_the_check(tmp_path):
    from gridmap.topology import Kind, check  # noqa: PLC0415

    bow = shapely.Polygon([(117, 40), (118, 41), (118, 40), (117, 41)])
    path = written(tmp_path / "a.gpkg", districts(geometry=[WEST, bow]))
    (one,) = [one for one in check(release(path)) if one.kind is Kind.INVALID]
    assert "110102 is not a valid polygon: Self-intersection[117.5 40.5]" in str(one)


def test_codes_of_another_level_in_one_levels_file_are_refused(tmp_path):
    path = written(tmp_path / "a.gpkg", districts(code=["110101", "110102001"]))
    with pytest.raises(BadCodeError, match="form of a street: each level needs its own rows"):
        release(path, level=Level.DISTRICT)


def test_a_parent_that_does_not_exist_is_refused(tmp_path):
    written(tmp_path / "district.gpkg")
    street = districts(code=["110101001", "110109001"], of=["110101", "110109"])
    written(tmp_path / "street.gpkg", street.rename(columns={"of": "parent"}))
    frame = districts().assign(parent=["", ""])
    (tmp_path / "district.gpkg").unlink()
    written(tmp_path / "district.gpkg", frame)
    options = Options(columns=bare.Columns(parent="parent"))
    with pytest.raises(BadCodeError, match="parent 110109 is not among the 2 areas of district"):
        read.release(bare.definition(tmp_path, options))


@pytest.mark.filterwarnings("ignore:Non closed ring:RuntimeWarning")
def test_a_ring_that_is_not_closed_is_told_and_no_traceback(tmp_path):
    path = tmp_path / "a.geojson"
    ring = [[116, 40], [117, 40], [117, 41], [116, 41]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": "110101"}, "geometry": shape}
    document = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BoundaryFileError, match="cannot be read"):
        Source(path).frame()
