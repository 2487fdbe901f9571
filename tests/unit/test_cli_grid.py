"""`gridmap grid` as a person runs it: files in, a release out that `gridmap check` passes."""

import json

import geopandas
import numpy as np
import pytest
import shapely

from gridmap import cli, read
from gridmap.level import Level
from gridmap.measure import areas_m2

SHIPPED = "data/boundaries/beijing/definition.toml"
STREET = "110102020"  # 广安门外街道, 5.6 km²


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["gridmap", *map(str, arguments)])
        try:
            code = cli.main()
        except SystemExit as left:
            code = left.code
        return code, capsys.readouterr()

    return run


@pytest.fixture
def roads(tmp_path):
    lines = [
        shapely.LineString([(116.30, 39.885), (116.37, 39.888)]),
        shapely.LineString([(116.335, 39.86), (116.338, 39.91)]),
    ]
    path = tmp_path / "roads.gpkg"
    geopandas.GeoDataFrame(geometry=lines, crs="EPSG:4490").to_file(path)
    return path


def test_cells_are_made_in_one_street_and_pass_the_check(run, tmp_path, roads):
    out = tmp_path / "new"
    code, said = run("grid", SHIPPED, out, "--within", STREET, "--barriers", roads)
    assert code in {0, 1}
    assert "cell: 5" in said.out
    assert f"wrote {out}: beijing-2026-grid" in said.out
    code, said = run("check", out / "definition.toml")
    assert (code, "0 findings" in said.out) == (0, True)


def test_no_cell_of_the_street_crosses_a_road_but_where_it_says_so(run, tmp_path, roads):
    out, told = tmp_path / "new", tmp_path / "told.geojson"
    code, said = run(
        "grid", SHIPPED, out, "--within", STREET, "--barriers", roads, "--json", "--remarks", told
    )
    document = json.loads(said.out)
    assert code == (1 if document["remarks"] else 0)
    cells = read.release(out / "definition.toml").layers[Level.CELL].geometries
    lines = geopandas.read_file(roads).geometry
    within = shapely.intersection(shapely.union_all(lines), shapely.buffer(cells, -1e-7))
    crossed = float(shapely.length(within).sum())
    features = json.loads(told.read_text(encoding="utf-8"))["features"]
    lengths = [shapely.length(shapely.geometry.shape(one["geometry"])) for one in features]
    assert crossed == pytest.approx(sum(lengths), abs=1e-5)  # a metre


def test_every_area_states_its_size(run, tmp_path):
    out = tmp_path / "new"
    _, said = run("grid", SHIPPED, out, "--within", STREET, "--target-m2", 20_000, "--json")
    frame = geopandas.read_parquet(out / "cell.parquet")
    assert frame["area_m2"].to_numpy() == pytest.approx(
        areas_m2(frame.geometry.to_numpy()), abs=0.01
    )
    sizes = json.loads(said.out)["levels"]["cell"]
    assert sizes["count"] == len(frame)
    assert sizes["median_m2"] == pytest.approx(np.median(frame["area_m2"]), abs=0.01)
    assert sizes["median_m2"] == pytest.approx(20_000, rel=0.1)


def test_communities_are_made_around_seeds_in_gcj02(run, tmp_path):
    seeds = tmp_path / "seeds.csv"
    rows = ["116.335,39.885", "116.345,39.89", "116.33,39.895", "oops,39.9", "117.5,39.9"]
    seeds.write_text("\n".join(["lng,lat", *rows]), encoding="utf-8")
    out = tmp_path / "new"
    where = SHIPPED, out, "--within", STREET, "--seeds", seeds, "--seeds-crs", "GCJ-02"
    code, said = run("grid", *where, "--no-cells")
    assert code == 1  # two rows could not be used
    assert "seeds.csv, row 4, lng: 'oops': it is not a number" in said.out
    assert "1 remarks, 1 seeds refused" in said.out
    assert "seed_outside" in said.out
    release = read.release(out / "definition.toml")
    assert release.levels == (Level.STREET, Level.COMMUNITY)
    assert len(release.layers[Level.COMMUNITY]) == 3


def test_the_same_call_writes_the_same_bytes(run, tmp_path, roads):
    for name in ("one", "two"):
        run("grid", SHIPPED, tmp_path / name, "--within", STREET, "--barriers", roads)
    for file in ("street", "community", "cell"):
        one, two = ((tmp_path / name / f"{file}.parquet").read_bytes() for name in ("one", "two"))
        assert one == two


def test_a_policy_file_states_all_sizes(run, tmp_path):
    policy = tmp_path / "cells.toml"
    policy.write_text("target_m2 = 50_000\nlargest_m2 = 90_000\n", encoding="utf-8")
    _, said = run(
        "grid", SHIPPED, tmp_path / "new", "--within", STREET, "--policy", policy, "--json"
    )
    assert json.loads(said.out)["levels"]["cell"]["median_m2"] == pytest.approx(50_000, rel=0.3)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--within", "999999"), "no area '999999'"),
        (
            ("--within", STREET, "--seeds", "nowhere.csv", "--seeds-crs", "EPSG:4490"),
            "cannot be read",
        ),
        (("--within", STREET, "--barriers", "nowhere.gpkg"), "no such file"),
        (("--within", STREET, "--remarks", "nowhere/a.geojson"), "cannot be written"),
        (("--within", STREET, "--target-m2", "-3"), "must be above 0"),
        (("--within", STREET, "--policy", "nowhere.toml"), "nowhere.toml"),
        (("--within", STREET, "--target-m2", "70"), "three digits number 999"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(run, tmp_path, arguments, why):
    code, said = run("grid", SHIPPED, tmp_path / "new", *arguments)
    assert code == 2
    assert why in said.err
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_never_overwritten(run, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for out in (tmp_path, tmp_path / "mine.txt"):
        code, said = run("grid", SHIPPED, out, "--within", STREET)
        assert (code, "not overwritten" in said.err) == (2, True)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_one_file_for_all_levels_is_written_by_its_suffix(run, tmp_path):
    out = tmp_path / "new.gpkg"
    code, _ = run("grid", SHIPPED, out, "--within", STREET, "--target-m2", 30_000)
    assert code == 0
    cells = geopandas.read_file(out, layer="cell")
    assert cells["area_m2"].median() == pytest.approx(30_000, rel=0.1)


def test_the_definition_says_where_the_new_levels_come_from(run, tmp_path):
    run("grid", SHIPPED, tmp_path / "new", "--within", STREET)
    levels = read.release(tmp_path / "new" / "definition.toml").provenance["levels"]
    assert levels["cell"]["basis"] == "schematic"
    assert levels["cell"]["source"] == (
        "gridmap.subdivision, inside the community level of beijing-2026"
    )
    assert levels["street"]["attribution"] == "示意，gridmap"


def test_two_statements_of_the_sizes_are_a_usage_error(run, tmp_path):
    sizes = ("--policy", SHIPPED, "--target-m2", "5000")
    code, said = run("grid", SHIPPED, tmp_path / "new", "--within", STREET, *sizes)
    assert (code, "not both" in said.err) == (2, True)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("seeds", "says"),
    [
        ("lng,lat\n39.9,116.3\n39.8,116.4\n", "every row is refused, the first: s.csv, row 1"),
        ("x,lat\n1,2\n", "name the columns with --x and --y"),
    ],
)
def test_seeds_of_which_none_can_be_used_are_refused(run, tmp_path, seeds, says):
    (tmp_path / "s.csv").write_text(seeds, encoding="utf-8")
    given = ("--seeds", tmp_path / "s.csv", "--seeds-crs", "EPSG:4490")
    code, said = run("grid", SHIPPED, tmp_path / "new", "--within", STREET, *given)
    assert (code, says in said.err) == (2, True)
    assert not (tmp_path / "new").exists()


def test_seeds_are_read_by_their_columns_and_refused_ones_stand_in_the_document(run, tmp_path):
    (tmp_path / "s.tsv").write_text("东\t北\n116.335\t39.885\n\t39.9\n", encoding="gbk")
    given = ("--seeds", tmp_path / "s.tsv", "--seeds-crs", "EPSG:4490", "--seeds-encoding", "gbk")
    more = (*given, "--x", "东", "--y", "北", "--no-cells", "--json")
    code, said = run("grid", SHIPPED, tmp_path / "new", "--within", STREET, *more)
    assert code == 1
    (refused,) = json.loads(said.out)["refused"]
    assert (refused["table"], refused["row"], refused["column"]) == ("s.tsv", 2, "东")
