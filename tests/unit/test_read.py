import geopandas
import pytest
import shapely

from gridmap import read
from gridmap.crs import wgs84_to_gcj02
from gridmap.errors import BadCodeError, DefinitionError
from gridmap.level import Basis, Level

DISTRICTS = {
    "code": ["110102", "110101"],
    "name": ["西城区", "东城区"],
    "geometry": [shapely.box(116, 40, 117, 41), shapely.box(117, 40, 118, 41)],
}
STREETS = {
    "code": ["110101001", "110102001", "110102002"],
    "name": ["a", "b", "c"],
    "of": ["110101", "110102", "110102"],
    "geometry": [
        shapely.box(117, 40, 118, 41),
        shapely.box(116, 40, 117, 40.5),
        shapely.box(116, 40.5, 117, 41),
    ],
}


def a_set(folder, *, suffix=".parquet", crs="EPSG:4490", street="", file_crs=None):
    for name, columns in (("district", DISTRICTS), ("street", STREETS)):
        frame = geopandas.GeoDataFrame(columns, crs=file_crs or crs)
        path = folder / f"{name}{suffix}"
        frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    path = folder / "definition.toml"
    path.write_text(
        f"""
id = "two"
title = "two districts"
crs = "{crs}"
source = "this test"
licence = "CC0"
[levels.city]
union_of = "district"
names = {{ 110000 = "北京市" }}
basis = "mapped"
[levels.district]
file = "district{suffix}"
basis = "mapped"
line_accuracy_m = 5
[levels.street]
file = "street{suffix}"
basis = "schematic"
{street}
""",
        encoding="utf-8",
    )
    return path


def refused(path, match):
    with pytest.raises(DefinitionError, match=match) as caught:
        read.release(path)
    return caught.value


@pytest.mark.parametrize("suffix", [".parquet", ".geojson", ".gpkg", ".shp", ".fgb"])
def test_every_format_gives_the_same_release(tmp_path, suffix):
    crs = "EPSG:4326" if suffix == ".geojson" else "EPSG:4490"
    release = read.release(a_set(tmp_path, suffix=suffix, crs=crs))
    assert release.levels == (Level.CITY, Level.DISTRICT, Level.STREET)
    assert release.area("110102").name == "西城区"
    assert [area.code for area in release.ancestors("110102002")] == ["110102", "110000"]
    assert release.geometry("110101").equals(DISTRICTS["geometry"][1])


def test_levels_keep_their_basis_and_accuracy(tmp_path):
    layers = read.release(a_set(tmp_path)).layers
    assert [layers[level].basis for level in layers] == [
        Basis.MAPPED,
        Basis.MAPPED,
        Basis.SCHEMATIC,
    ]
    assert [layers[level].line_accuracy_m for level in layers] == [None, 5.0, None]


def test_the_city_is_the_exact_union_of_its_districts(tmp_path):
    city = read.release(a_set(tmp_path)).geometry("110000")
    assert city.equals(shapely.box(116, 40, 118, 41))
    assert city.geom_type == "Polygon"


def test_provenance_says_where_the_lines_are_from(tmp_path):
    cited = read.release(a_set(tmp_path)).provenance
    assert cited["levels"]["street"]["source"] == "this test"
    assert cited["levels"]["street"]["basis"] == "schematic"


def test_a_declared_crs_is_transformed(tmp_path):
    path = a_set(tmp_path, suffix=".gpkg", crs="EPSG:4548", file_crs="EPSG:4490")
    for name, columns in (("district", DISTRICTS), ("street", STREETS)):
        frame = geopandas.GeoDataFrame(columns, crs="EPSG:4490").to_crs("EPSG:4548")
        frame.to_file(tmp_path / f"{name}.gpkg")
    assert read.release(path).bounds == pytest.approx((116, 40, 118, 41), abs=1e-9)


def test_a_declared_gcj02_is_transformed_though_no_file_can_state_it(tmp_path):
    path = a_set(tmp_path, suffix=".geojson", crs="GCJ-02", file_crs="EPSG:4326")
    for name, columns in (("district", DISTRICTS), ("street", STREETS)):
        frame = geopandas.GeoDataFrame(columns, crs="EPSG:4326")
        frame.geometry = shapely.transform(frame.geometry.to_numpy(), wgs84_to_gcj02)
        frame.to_file(tmp_path / f"{name}.geojson")
    assert read.release(path).bounds == pytest.approx((116, 40, 118, 41), abs=1e-6)


@pytest.mark.parametrize(
    ("shift", "says"),
    [
        (lambda xy: xy * [4000, 100000], r"row 0 of district.gpkg: .* in degrees$"),
        (lambda xy: xy[:, ::-1], r"row 0 of district.gpkg: .*they seem to be exchanged"),
    ],
    ids=["metres", "swapped"],
)
def test_what_states_cgcs2000_and_is_not_in_its_range_is_refused(tmp_path, shift, says):
    path = a_set(tmp_path, suffix=".gpkg")
    frame = geopandas.GeoDataFrame(DISTRICTS, crs="EPSG:4490")
    frame.geometry = shapely.transform(frame.geometry.to_numpy(), shift)
    frame.to_file(tmp_path / "district.gpkg")
    assert refused(path, says).key == "levels.district.crs"


def test_a_file_that_states_another_crs_is_refused(tmp_path):
    error = refused(a_set(tmp_path, suffix=".gpkg", crs="EPSG:4490", file_crs="EPSG:4326"), "4326")
    assert error.key == "levels.district.crs"


def test_a_missing_file_is_named(tmp_path):
    path = a_set(tmp_path)
    (tmp_path / "street.parquet").unlink()
    assert refused(path, r"no street\.parquet").key == "levels.street.file"


def test_another_file_can_stand_in_for_the_definitions(tmp_path):
    path = a_set(tmp_path)
    (tmp_path / "street.parquet").rename(tmp_path / "copy.parquet")
    release = read.release(path, files={Level.STREET: tmp_path / "copy.parquet"})
    assert len(release.layers[Level.STREET]) == 3


@pytest.mark.parametrize("suffix", [".parquet", ".gpkg"])
def test_a_damaged_file_is_named(tmp_path, suffix):
    path = a_set(tmp_path, suffix=suffix)
    (tmp_path / f"street{suffix}").write_bytes(b"PAR1 and then nothing")
    assert refused(path, "cannot be read").key == "levels.street.file"


def test_a_missing_layer_is_named(tmp_path):
    path = a_set(tmp_path, suffix=".gpkg", street='layer = "streets_2015"')
    assert refused(path, "streets_2015").key == "levels.street.file"


def test_a_missing_column_is_named_with_those_there(tmp_path):
    path = a_set(tmp_path, street='columns = { name = "NAME" }')
    assert refused(path, "'NAME', only code, name, of").key == "levels.street.columns"


def test_parents_come_from_their_column(tmp_path):
    release = read.release(a_set(tmp_path, street='columns = { parent = "of" }'))
    assert release.layers[Level.STREET].parents.tolist() == ["110101", "110102", "110102"]


def test_codes_that_a_file_keeps_as_numbers_are_read_as_digits(tmp_path):
    path = a_set(tmp_path)
    frame = geopandas.GeoDataFrame(STREETS, crs="EPSG:4490")
    frame["code"] = frame["code"].astype("float64")
    frame.to_parquet(tmp_path / "street.parquet")
    assert read.release(path).layers[Level.STREET].codes[0] == "110101001"


def test_an_empty_code_is_named_with_its_row(tmp_path):
    path = a_set(tmp_path)
    frame = geopandas.GeoDataFrame(STREETS, crs="EPSG:4490")
    frame.loc[1, "code"] = None
    frame.to_parquet(tmp_path / "street.parquet")
    refused(path, "code is empty in row 1")
    assert read.draft(path).layers[Level.STREET].codes[0] == ""


@pytest.mark.parametrize(
    ("shape", "says"),
    [(shapely.Point(116, 40), "Point"), (shapely.Polygon(), "nothing"), (None, "nothing")],
)
def test_anything_but_a_polygon_is_refused(tmp_path, shape, says):
    path = a_set(tmp_path)
    columns = STREETS | {"geometry": [shape, *STREETS["geometry"][1:]]}
    geopandas.GeoDataFrame(columns, crs="EPSG:4490").to_parquet(tmp_path / "street.parquet")
    refused(path, f"row 0 of street.parquet is {says}")


def test_a_file_without_geometries_is_refused(tmp_path):
    path = a_set(tmp_path, suffix=".geojson", crs="EPSG:4326")
    (tmp_path / "street.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    refused(path, "holds no geometries")


def test_a_code_twice_is_refused(tmp_path):
    path = a_set(tmp_path)
    columns = STREETS | {"code": ["110101001", "110102001", "110102001"]}
    geopandas.GeoDataFrame(columns, crs="EPSG:4490").to_parquet(tmp_path / "street.parquet")
    with pytest.raises(BadCodeError, match="stands twice"):
        read.release(path)


def test_a_child_of_no_area_has_no_parent_and_is_left_to_the_topology_check(tmp_path):
    path = a_set(tmp_path)
    columns = STREETS | {"code": ["110109001", "110102001", "110102002"]}
    geopandas.GeoDataFrame(columns, crs="EPSG:4490").to_parquet(tmp_path / "street.parquet")
    assert read.release(path).area("110109001").parent is None


def test_a_union_without_the_name_of_a_childs_parent_is_refused(tmp_path):
    path = a_set(tmp_path)
    text = path.read_text(encoding="utf-8").replace("110000 =", "120000 =")
    path.write_text(text, encoding="utf-8")
    assert refused(path, "none of them is the parent").key == "levels.city.names"


CORRECTION = """
[[corrections]]
level = "street"
code = "110101001"
column = "{column}"
value = "{value}"
reason = "renamed in 2024"
"""


def test_corrections_change_what_the_file_says(tmp_path):
    path = a_set(tmp_path)
    with path.open("a", encoding="utf-8") as lines:
        lines.write(CORRECTION.format(column="name", value="东华门街道"))
    assert read.release(path).area("110101001").name == "东华门街道"


def test_a_correction_that_hits_nothing_is_refused(tmp_path):
    path = a_set(tmp_path)
    with path.open("a", encoding="utf-8") as lines:
        lines.write(CORRECTION.format(column="area", value="3"))
    assert refused(path, "must hit one code").key == "corrections"


def test_exact_nodes_the_lines_of_neighbours(tmp_path):
    path = a_set(tmp_path, street="exact = true")
    release = read.release(path)
    assert shapely.coverage_is_valid(release.layers[Level.STREET].geometries)


def test_exact_refuses_overlaps_that_are_more_than_rounding(tmp_path):
    path = a_set(tmp_path, street="exact = true")
    shapes = [shapely.box(116.9, 40, 118, 41), *STREETS["geometry"][1:]]
    frame = geopandas.GeoDataFrame(STREETS | {"geometry": shapes}, crs="EPSG:4490")
    frame.to_parquet(tmp_path / "street.parquet")
    assert refused(path, "overlaps its neighbours").key == "levels.street.exact"


def test_exact_refuses_an_invalid_polygon(tmp_path):
    path = a_set(tmp_path, street="exact = true")
    bow = shapely.Polygon([(117, 40), (118, 41), (118, 40), (117, 41)])
    frame = geopandas.GeoDataFrame(
        STREETS | {"geometry": [bow, *STREETS["geometry"][1:]]}, crs="EPSG:4490"
    )
    frame.to_parquet(tmp_path / "street.parquet")
    refused(path, "Self-intersection")


# --- one file for several levels ----------------------------------------------------------------


def one_file(folder, district, street):
    rows = [
        *zip(*[DISTRICTS[key] for key in ("code", "name", "geometry")], ["区"] * 2, strict=True)
    ]
    rows += zip(*[STREETS[key] for key in ("code", "name", "geometry")], ["街道"] * 3, strict=True)
    frame = geopandas.GeoDataFrame(rows, columns=["code", "name", "geometry", "kind"])
    frame.set_geometry("geometry").set_crs("EPSG:4490").to_parquet(folder / "all.parquet")
    path = folder / "definition.toml"
    path.write_text(
        f"""
id = "one"
title = "one file"
crs = "EPSG:4490"
source = "this test"
licence = "CC0"
[levels.district]
file = "all.parquet"
basis = "mapped"
{district}
[levels.street]
file = "all.parquet"
basis = "mapped"
{street}
""",
        encoding="utf-8",
    )
    return path


def test_a_column_tells_the_rows_of_each_level(tmp_path):
    path = one_file(tmp_path, 'rows = { kind = "区" }', 'rows = { kind = "街道" }')
    release = read.release(path)
    assert [len(layer) for layer in release.layers.values()] == [2, 3]
    assert release.area("110102002").parent == "110102"


def test_the_form_of_the_code_tells_the_rows_of_each_level(tmp_path):
    release = read.release(one_file(tmp_path, "rows_by_code = true", "rows_by_code = true"))
    assert [len(layer) for layer in release.layers.values()] == [2, 3]


def test_a_row_of_no_level_is_refused_and_never_dropped(tmp_path):
    path = one_file(tmp_path, "rows_by_code = true", "rows_by_code = true")
    frame = geopandas.read_parquet(tmp_path / "all.parquet")
    frame.loc[3, "code"] = "11010200"
    frame.to_parquet(tmp_path / "all.parquet")
    assert refused(path, "row 3 of all.parquet has a code of no level").key.endswith("rows_by_code")


def test_a_level_without_rows_is_refused(tmp_path):
    path = one_file(tmp_path, 'rows = { kind = "区" }', 'rows = { kind = "镇" }')
    assert refused(path, "no row of all.parquet belongs").key == "levels.street.rows"


def test_rows_of_one_file_keep_their_numbers_in_messages(tmp_path):
    path = one_file(tmp_path, 'rows = { kind = "区" }', 'rows = { kind = "街道" }')
    frame = geopandas.read_parquet(tmp_path / "all.parquet")
    frame.loc[4, "name"] = None
    frame.to_parquet(tmp_path / "all.parquet")
    refused(path, "name is empty in row 4")


# --- drafts and parents -------------------------------------------------------------------------


def test_a_draft_holds_what_a_release_refuses(tmp_path):
    path = a_set(tmp_path)
    columns = STREETS | {"code": ["110101001", "110102001", "110102001"]}
    geopandas.GeoDataFrame(columns, crs="EPSG:4490").to_parquet(tmp_path / "street.parquet")
    draft = read.draft(path)
    assert draft.layers[Level.STREET].codes.tolist() == ["110101001", "110102001", "110102001"]
    with pytest.raises(BadCodeError):
        draft.release()


def test_parents_by_containment_may_have_other_codes(tmp_path):
    path = a_set(tmp_path, street='parents = "containment"')
    columns = STREETS | {"code": ["110400001", "110102001", "110102002"]}
    geopandas.GeoDataFrame(columns, crs="EPSG:4490").to_parquet(tmp_path / "street.parquet")
    assert read.release(path).area("110400001").parent == "110101"


def test_an_area_that_no_parent_contains_has_none(tmp_path):
    path = a_set(tmp_path, street='parents = "containment"')
    shapes = [shapely.box(10, 10, 11, 11), *STREETS["geometry"][1:]]
    frame = geopandas.GeoDataFrame(STREETS | {"geometry": shapes}, crs="EPSG:4490")
    frame.to_parquet(tmp_path / "street.parquet")
    assert read.release(path).area("110101001").parent is None


def test_a_stated_parent_that_does_not_exist_is_refused(tmp_path):
    path = a_set(tmp_path, street='columns = { parent = "of" }')
    columns = STREETS | {"code": ["110109001", "110102001", "110102002"]}
    columns |= {"of": ["110109", "110102", "110102"]}
    geopandas.GeoDataFrame(columns, crs="EPSG:4490").to_parquet(tmp_path / "street.parquet")
    with pytest.raises(BadCodeError, match="its parent 110109 is not among the 2 areas"):
        read.release(path)
