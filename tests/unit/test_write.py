import geopandas
import pytest
import shapely

from gridmap import bare, read, write
from gridmap.boundary import Layer, Release
from gridmap.definition import load
from gridmap.errors import BoundaryFileError, FormatLimitError, OutputExistsError, UnwritableError
from gridmap.formats import Format
from gridmap.level import Basis, Level, ParentsBy
from tests import toy
from tests.toy import assert_equal

FORMATS = list(Format)


def a_release(names=("西城区", "东城区")):
    return Release(
        id="two",
        title="two",
        layers={
            Level.DISTRICT: Layer.build(
                Level.DISTRICT,
                Basis.MAPPED,
                codes=["110102", "110101"],
                names=names,
                parents=["", ""],
                geometries=[shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)],
            )
        },
    )


def test_a_release_becomes_one_file_per_level_in_the_order_of_codes(tmp_path):
    (path,) = write.release(a_release(), tmp_path / "new")
    frame = geopandas.read_parquet(path)
    assert path.name == "district.parquet"
    assert frame["code"].tolist() == ["110101", "110102"]
    assert frame.crs.to_epsg() == 4490
    assert frame.geometry[0].equals(shapely.box(0, 0, 1, 1))


def test_writing_twice_gives_the_same_bytes(tmp_path):
    (one,) = write.release(a_release(), tmp_path / "one")
    (other,) = write.release(a_release(), tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_folder_is_read_back_to_an_equal_release(tmp_path, kind):
    release = toy.release(line_accuracy_m=2.5, basis=Basis.MAPPED)
    write.release(release, tmp_path / "new", format=kind)
    again = read.release(tmp_path / "new" / "definition.toml")
    assert_equal(again, release)
    assert (again.id, again.title) == (release.id, release.title)
    assert {layer.basis for layer in again.layers.values()} == {Basis.MAPPED}
    assert {layer.line_accuracy_m for layer in again.layers.values()} == {2.5}


@pytest.mark.parametrize("kind", FORMATS)
def test_one_file_for_all_levels_is_read_back_without_a_definition(tmp_path, kind):
    path = tmp_path / f"all{kind.suffix}"
    write.together(toy.release(), path)
    given = bare.definition(path, bare.Options(columns=toy.COLUMNS))
    assert_equal(read.release(given), toy.release())


def test_what_the_shipped_definition_says_is_written_back(tmp_path, beijing):
    coarse = Release(
        id=beijing.id,
        title=beijing.title,
        layers={level: beijing.layers[level] for level in (Level.CITY, Level.DISTRICT)},
        in_force_on=beijing.in_force_on,
        provenance=beijing.provenance,
    )
    write.release(coarse, tmp_path / "new", format=Format.GEOPACKAGE)
    again = read.release(tmp_path / "new" / "definition.toml")
    assert_equal(again, coarse)
    assert again.in_force_on == beijing.in_force_on
    for key in ("source", "licence", "attribution", "notes", "retrieved_on"):
        assert again.provenance[key] == beijing.provenance[key]
    kept = beijing.provenance["levels"]["district"]
    assert again.provenance["levels"]["district"] == kept


def test_parents_by_containment_are_written_back_as_such(tmp_path):
    street = Layer.build(
        Level.STREET,
        Basis.MAPPED,
        codes=["110400001"],
        names=["经开区"],
        parents=["110101"],
        geometries=[shapely.box(0, 0, 1, 1)],
        parents_by=ParentsBy.CONTAINMENT,
    )
    release = Release(id="x", title="x", layers={**a_release().layers, Level.STREET: street})
    write.release(release, tmp_path / "new")
    assert load(tmp_path / "new" / "definition.toml").levels[Level.STREET].parents == "containment"
    assert_equal(read.release(tmp_path / "new" / "definition.toml"), release)


def test_what_is_there_is_never_overwritten(tmp_path):
    write.release(a_release(), tmp_path / "new")
    with pytest.raises(OutputExistsError, match="never edited"):
        write.release(toy.release(), tmp_path / "new")
    with pytest.raises(OutputExistsError):
        write.together(toy.release(), tmp_path / "new" / "district.parquet")
    assert [one.name for one in tmp_path.iterdir()] == ["new"]
    assert len(list((tmp_path / "new").iterdir())) == 2


@pytest.mark.parametrize("suffix", [".dbf", ".shx", ".prj", ".cpg"])
def test_what_a_shapefile_would_have_beside_it_is_never_overwritten(tmp_path, suffix):
    (tmp_path / f"a{suffix}").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=suffix):
        write.together(toy.release(), tmp_path / "a.shp")
    assert [one.read_text("utf-8") for one in tmp_path.iterdir()] == ["mine"]


def test_a_name_that_ends_unwritten_leaves_nothing_behind(tmp_path):
    with pytest.raises(FormatLimitError, match=r"110102: its name has 300 bytes"):
        write.release(a_release(["街" * 100, "b"]), tmp_path / "new", format=Format.SHAPEFILE)
    assert list(tmp_path.iterdir()) == []


def test_a_shapefile_in_gbk_says_so_and_is_read_back(tmp_path):
    release = a_release()
    paths = write.release(release, tmp_path / "new", format=Format.SHAPEFILE, encoding="GBK")
    assert paths[0].with_suffix(".cpg").read_text() == "GBK"
    assert "西城区".encode("gbk") in paths[0].with_suffix(".dbf").read_bytes()
    assert_equal(read.release(tmp_path / "new" / "definition.toml"), release)


@pytest.mark.parametrize(
    ("name", "encoding", "says"),
    [
        ("हिन्दी", "GBK", "cannot be written in GBK"),
        ("a ", "UTF-8", "blank"),
        ("", "UTF-8", "empty"),
    ],
)
def test_what_a_shapefile_cannot_hold_is_refused(tmp_path, name, encoding, says):
    with pytest.raises(FormatLimitError, match=says):
        write.release(
            a_release([name, "b"]), tmp_path / "new", format=Format.SHAPEFILE, encoding=encoding
        )


def test_a_name_without_a_format_is_refused(tmp_path):
    with pytest.raises(BoundaryFileError, match=r"end it with \.parquet, \.gpkg"):
        write.together(a_release(), tmp_path / "all.docx")


def test_corrections_that_were_applied_become_notes(tmp_path):
    release = a_release()
    correction = {
        "level": "district",
        "code": "110101",
        "column": "name",
        "value": "东城区",
        "reason": "renamed",
    }
    cited = {"source": "s", "licence": "l", "notes": ["n"], "corrections": [correction]}
    release = Release(id="two", title="two", layers=release.layers, provenance=cited)
    write.release(release, tmp_path / "new")
    assert load(tmp_path / "new" / "definition.toml").provenance.notes == (
        "n",
        "corrected: name of district 110101 is '东城区' (renamed)",
    )


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError, match="cannot be written"):
        write.release(a_release(), tmp_path / "file" / "new")
