import geopandas
import pyogrio
import pytest
import shapely

from gridmap import bare, read
from gridmap.bare import Options
from gridmap.definition import Columns
from gridmap.errors import BoundaryFileError, UnknownCrsError
from gridmap.level import Basis, Level, ParentsBy
from gridmap.sources import Frames
from tests import toy

CITY = {"code": ["110000"], "name": ["北京市"], "geometry": [shapely.box(116, 40, 118, 41)]}
DISTRICTS = {
    "code": ["110101", "110102"],
    "name": ["a", "b"],
    "geometry": [shapely.box(116, 40, 117, 41), shapely.box(117, 40, 118, 41)],
}


def frame(columns, crs="EPSG:4490", **more):
    return geopandas.GeoDataFrame(columns | more, crs=crs)


def both(**more):
    columns = {key: [*CITY[key], *DISTRICTS[key]] for key in CITY}
    return frame(columns | more)


def made(folder):
    folder.mkdir()
    return folder


def levels(path, **options):
    release = read.release(bare.definition(path, Options(**options)))
    return {str(level): len(layer) for level, layer in release.layers.items()}


def refused(path, says, **options):
    with pytest.raises(BoundaryFileError, match=says):
        bare.definition(path, Options(**options))


def test_the_codes_tell_the_levels_of_one_file(tmp_path):
    both().to_parquet(tmp_path / "a.parquet")
    assert levels(tmp_path / "a.parquet") == {"city": 1, "district": 2}


def test_a_column_tells_the_levels_before_the_codes_do(tmp_path):
    # A city's code may stand for a district where a city has none.
    frame = both(level=["city", "district", "district"], code=["110000", "110101", "110200"])
    frame.to_parquet(tmp_path / "a.parquet")
    assert levels(tmp_path / "a.parquet") == {"city": 1, "district": 2}


def test_layers_named_by_levels_tell_them_and_others_are_no_boundaries(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame(CITY), path, layer="city")
    pyogrio.write_dataframe(frame(DISTRICTS), path, layer="district", append=True)
    pyogrio.write_dataframe(frame(DISTRICTS), path, layer="layer_styles", append=True)
    assert levels(path) == {"city": 1, "district": 2}


def test_a_folder_of_files_named_by_level_is_one_set(tmp_path):
    frame(CITY).to_parquet(tmp_path / "city.parquet")
    pyogrio.write_dataframe(frame(DISTRICTS), tmp_path / "district.gpkg")
    given = bare.definition(tmp_path)
    assert given.id == tmp_path.name
    assert levels(tmp_path) == {"city": 1, "district": 2}


def test_a_folder_with_two_files_of_one_level_is_refused(tmp_path):
    frame(CITY).to_parquet(tmp_path / "city.parquet")
    pyogrio.write_dataframe(frame(CITY), tmp_path / "city.gpkg")
    refused(tmp_path, r"holds city\.gpkg and city\.parquet; keep one")


def test_a_folder_without_boundaries_is_refused(tmp_path):
    refused(tmp_path, r"no file named by a level, such as street\.gpkg")


def test_a_declared_level_holds_for_all_rows(tmp_path):
    frame(DISTRICTS).to_parquet(tmp_path / "a.parquet")
    assert levels(tmp_path / "a.parquet", level=Level.DISTRICT) == {"district": 2}


def test_a_code_of_no_level_wants_the_level_declared(tmp_path):
    frame(DISTRICTS, code=["110101", "11010"]).to_parquet(tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "has the code '11010' in row 1.*--level")
    frame(DISTRICTS, code=["110101", None]).to_parquet(tmp_path / "b.parquet")
    refused(tmp_path / "b.parquet", "has no code in row 1.*--level")


def test_a_level_that_is_none_is_refused(tmp_path):
    frame(DISTRICTS, level=["district", "ward"]).to_parquet(tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "has the level 'ward' in row 1; use city, district")


def test_a_missing_code_column_is_named_with_those_there(tmp_path):
    frame(DISTRICTS).to_parquet(tmp_path / "a.parquet")
    refused(
        tmp_path / "a.parquet",
        r"no column 'XZQDM', only code, name.*--code",
        columns=Columns(code="XZQDM"),
    )


def test_columns_are_mapped(tmp_path):
    renamed = frame(DISTRICTS).rename(columns={"code": "XZQDM", "name": "XZQMC"})
    renamed["XZQDM"] = renamed["XZQDM"].astype("int64")
    renamed.to_parquet(tmp_path / "a.parquet")
    columns = Columns(code="XZQDM", name="XZQMC")
    assert levels(tmp_path / "a.parquet", columns=columns) == {"district": 2}


def test_a_file_is_read_once_for_its_levels_and_its_rows(tmp_path):
    both().to_parquet(tmp_path / "a.parquet")
    frames = Frames()
    given = bare.definition(tmp_path / "a.parquet", frames=frames)
    (tmp_path / "a.parquet").write_bytes(b"not opened again")
    assert len(read.release(given, frames=frames).layers) == 2
    with pytest.raises(BoundaryFileError, match="cannot be read as geoparquet"):
        read.release(given)


def test_a_path_is_read_with_its_definition_or_for_what_it_says_itself(tmp_path):
    both().to_parquet(tmp_path / "a.parquet")
    assert read.release(tmp_path / "a.parquet").levels == (Level.CITY, Level.DISTRICT)
    definition = toy.written(made(tmp_path / "set"))
    for path in (definition, str(definition), definition.parent):
        assert read.release(path).id == "toy"
    definition.unlink()
    assert read.release(tmp_path / "set").id == "set"


def test_who_drew_the_lines_is_not_claimed(tmp_path):
    frame(DISTRICTS).to_parquet(tmp_path / "a.parquet")
    release = read.release(bare.definition(tmp_path / "a.parquet"))
    assert release.layers[Level.DISTRICT].basis is Basis.SCHEMATIC
    assert release.provenance["source"] == "not stated"


def test_parents_can_be_told_by_containment(tmp_path):
    frame(CITY, code=["120000"]).to_parquet(tmp_path / "city.parquet")
    frame(DISTRICTS).to_parquet(tmp_path / "district.parquet")
    given = bare.definition(tmp_path, Options(parents=ParentsBy.CONTAINMENT))
    assert read.release(given).area("110101").parent == "120000"
    assert read.release(bare.definition(tmp_path)).area("110101").parent is None


def test_an_unknown_crs_is_refused(tmp_path):
    frame(DISTRICTS).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(UnknownCrsError):
        bare.definition(tmp_path / "a.parquet", Options(crs="EPSG:0"))


def test_a_file_of_a_folder_that_states_no_crs_is_not_read_in_its_neighbours(tmp_path):
    frame(CITY).to_file(tmp_path / "city.gpkg")
    frame(DISTRICTS).to_file(tmp_path / "district.shp")
    assert levels(tmp_path) == {"city": 1, "district": 2}
    (tmp_path / "district.prj").unlink()
    refused(tmp_path, r"district.shp states no CRS")
    assert levels(tmp_path, crs="EPSG:4490") == {"city": 1, "district": 2}


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_layer_that_states_no_crs_is_not_read_in_its_neighbours(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame(CITY), path, layer="city")
    pyogrio.write_dataframe(frame(DISTRICTS, crs=None), path, layer="district", append=True)
    refused(path, r"a.gpkg states")
