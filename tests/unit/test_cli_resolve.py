"""``gridmap resolve`` on tables: any format in and out, chunk by chunk; bad rows stay in place."""

import csv
import io
import json
import sys

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

import gridmap
from gridmap import cli
from gridmap.locate import ReleaseIndex
from gridmap.tables import table as tables
from tests import toy

SOUTH, NORTH, EAST = toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET
ACROSS = "POLYGON ((3 0.25, 5 0.25, 5 0.75, 3 0.75, 3 0.25))"


@pytest.fixture(scope="module")
def boundaries(tmp_path_factory):
    return toy.written(tmp_path_factory.mktemp("toy"))


@pytest.fixture
def run(monkeypatch, capfd, boundaries):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["gridmap", "resolve", *map(str, arguments)])
        monkeypatch.setenv("GRIDMAP_BOUNDARIES", str(boundaries))
        try:
            code = cli.main()
        except SystemExit as left:
            code = left.code
        return code, capfd.readouterr()

    return run


def places(*wkts, **columns):
    shapes = [None if wkt is None else shapely.from_wkt(wkt) for wkt in wkts]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")


def lines_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".geojson"])
def test_footprints_lines_and_points_of_a_file_get_their_columns(run, tmp_path, suffix):
    given, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    frame = places(ACROSS, "LINESTRING (1 1, 1 3)", "POINT (4 1)", id=["007", "b", "c"])
    if suffix == ".parquet":
        frame.to_parquet(given)
    else:
        crs = "EPSG:4326" if suffix == ".geojson" else "EPSG:4490"
        frame.set_crs(crs, allow_override=True).to_file(given)
    code, said = run(given, out)
    assert code == 0, said.err
    read = geopandas.read_parquet(out) if suffix == ".parquet" else geopandas.read_file(out)
    found = read.sort_values("id", ignore_index=True)
    assert found["id"].tolist() == ["007", "b", "c"]
    assert found["street"].tolist() == [SOUTH, NORTH, SOUTH]
    assert found["street_relation"].tolist() == ["straddles", "straddles", "on_line"]
    assert found["street_share"][:2].round(2).tolist() == [0.5, 0.5]
    assert found.geometry.geom_type.tolist() == ["Polygon", "LineString", "Point"]


def test_shapes_become_text_in_a_text_table(run, tmp_path):
    places(ACROSS, "POINT (1 1)").to_file(tmp_path / "in.gpkg")
    code, _ = run(tmp_path / "in.gpkg", tmp_path / "out.csv", "--level", "street")
    lines = lines_of(tmp_path / "out.csv")
    assert code == 0
    assert shapely.from_wkt(lines[0]["wkt"]).equals(shapely.from_wkt(ACROSS))
    assert (lines[1]["wkt"], lines[1]["street"]) == ("POINT (1 1)", SOUTH)
    assert "district" not in lines[0]


TABLE = """id,lng,lat,acc
007,1,1.9999,30
008,1,1,
009,"1,5",1,
010,1,1,many
011,nan,1,
012,3,7,
"""


def test_bad_rows_of_a_text_table_keep_their_place_and_say_their_problem(run, tmp_path):
    given, out, refused = (tmp_path / name for name in ("in.csv", "out.csv", "bad.csv"))
    given.write_text(TABLE, encoding="utf-8")
    more = ("--crs", "EPSG:4490", "--accuracy-m", "acc", "--refused", refused, "--json")
    code, said = run(given, out, *more)
    lines = lines_of(out)
    assert code == 1
    assert [line["id"] for line in lines] == ["007", "008", "009", "010", "011", "012"]
    assert [line["street"] for line in lines] == [SOUTH, SOUTH, "", "", "", ""]
    assert float(lines[0]["street_probability"]) == pytest.approx(0.7, abs=0.2)
    assert lines[1]["street_probability"] == ""
    words = ("", "", "comma", "accuracy", "not a finite number", "outside release")
    for line, word in zip(lines, words, strict=True):
        assert word in line["problem"]
        assert bool(word) == bool(line["problem"])
    told = json.loads(said.out)
    assert (told["rows"], told["located"], told["refused"]) == (6, 2, 4)
    assert [(one["row"], one["column"], one["value"]) for one in lines_of(refused)] == [
        ("3", "lng", "1,5"),
        ("4", "acc", "many"),
        ("5", "lng", "nan"),
        ("6", "", ""),
    ]


def test_a_table_streams_from_standard_input_to_standard_output(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"lng,lat\n1,1\n5,2\n")))
    code, said = run("-", "-", "--crs", "EPSG:4490", "--level", "street")
    lines = list(csv.DictReader(said.out.splitlines()))
    assert code == 0
    assert [line["street"] for line in lines] == [SOUTH, NORTH]
    assert "2 rows" in said.err


def test_every_chunk_has_the_same_columns_and_the_answers_of_the_whole(run, tmp_path, monkeypatch):
    """Points first, footprints later: shares appear where no earlier chunk had any."""
    monkeypatch.setattr("gridmap.tables.parquet.CHUNK_ROWS", 7)
    rng = np.random.default_rng(3)
    spots = rng.uniform((0.5, 0.5), (7.5, 3.5), (40, 2))
    boxes = shapely.box(*(spots - 0.2).T, *(spots + 0.2).T)
    shapes = np.concatenate([shapely.points(spots), boxes])
    frame = geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4490")
    frame.to_parquet(tmp_path / "in.parquet")
    code, _ = run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = geopandas.read_parquet(tmp_path / "out.parquet")
    whole = gridmap.resolve(frame, ReleaseIndex(toy.release()))
    assert code == 0
    for name in ("street", "street_relation", "street_also", "district"):
        assert found[name].astype(object).where(found[name].notna(), None).tolist() == (
            whole[name].astype(object).where(whole[name].notna(), None).tolist()
        )
    for name in ("street_share", "street_border_m"):
        assert np.allclose(found[name], whole[name], equal_nan=True, rtol=1e-9)
    assert tables.CHUNK_ROWS > 7


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("in.csv", "out.csv"), "no CRS"),
        (("in.csv", "out.csv", "--crs", "EPSG:4490", "--accuracy-m", "radius"), "radius"),
        (("in.csv", "out.csv", "--crs", "EPSG:4490", "--level", "cell"), "no cell level"),
        (("in.csv", "out.xyz", "--crs", "EPSG:4490"), "format"),
        (("in.csv", "--crs", "EPSG:4490"), "name OUT"),
        (("nothing.csv", "out.csv", "--crs", "EPSG:4490"), "no such file"),
        (("in.csv", "in.csv/out.csv", "--crs", "EPSG:4490"), "out.csv"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence_and_writes_nothing(
    run, tmp_path, monkeypatch, arguments, word
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text(TABLE, encoding="utf-8")
    code, said = run(*arguments)
    assert code == 2
    assert word in said.err
    assert "Traceback" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_column_of_the_table_is_never_overwritten(run, tmp_path):
    pd.DataFrame({"lng": [1], "lat": [1], "street": ["mine"]}).to_csv(tmp_path / "in.csv")
    code, said = run(tmp_path / "in.csv", tmp_path / "out.csv", "--crs", "EPSG:4490")
    assert (code, "street" in said.err) == (2, True)
    code, _ = run(
        tmp_path / "in.csv", tmp_path / "out.csv", "--crs", "EPSG:4490", "--prefix", "grid_"
    )
    (line,) = lines_of(tmp_path / "out.csv")
    assert (code, line["street"], line["grid_street"]) == (0, "mine", SOUTH)
