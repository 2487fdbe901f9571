import json

import pytest

from gridmap import cli, write
from tests import toy

SHIPPED = ("-b", "data/boundaries/beijing/definition.toml")
EXAMPLE = "examples/reference_building_2000m2_wgs84.geojson"


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
def broken_set(tmp_path):
    """A release whose northern street leaves a gap, as files with a definition."""
    gapped = toy.STREETS | {toy.NORTH_STREET: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))"}
    write.release(toy.release(gapped), tmp_path)
    levels = "".join(
        f'[levels.{level}]\nfile = "{level}.parquet"\nbasis = "surveyed"\n'
        for level in ("city", "district", "street")
    )
    definition = tmp_path / "definition.toml"
    head = 'id = "toy"\ntitle = "t"\ncrs = "EPSG:4490"\nsource = "s"\nlicence = "l"\n'
    definition.write_text(head + levels, encoding="utf-8")
    return definition


def test_a_place_is_resolved_from_a_file(run):
    code, out = run("resolve", EXAMPLE, *SHIPPED, "--crs", "EPSG:4326", "--json")
    streets = json.loads(out.out)["levels"][2]["parts"]
    assert code == 0
    assert [part["area"]["name"] for part in streets] == ["广安门外街道", "太平桥街道"]


def test_a_point_is_resolved_to_a_table_a_person_can_read(run):
    code, out = run(
        "resolve", "116.31755,39.885", *SHIPPED, "--crs", "EPSG:4326", "--accuracy-m", 20
    )
    assert code == 0
    assert "广安门外街道" in out.out
    assert "P 0." in out.out


def test_what_is_wrong_is_said_in_a_sentence_and_the_exit_code(run):
    code, out = run("resolve", "39.9,116.3", *SHIPPED, "--crs", "EPSG:4326")
    assert code == 2
    assert "longitude first" in out.err
    assert "Traceback" not in out.err


def test_check_names_the_gap_and_writes_its_ground(run, broken_set, tmp_path):
    report = tmp_path / "findings.geojson"
    code, out = run("check", broken_set, "--geojson", report)
    assert code == 1
    assert "gap" in out.out
    kinds = {
        feature["properties"]["kind"]
        for feature in json.loads(report.read_text(encoding="utf-8"))["features"]
    }
    assert "gap" in kinds


def test_check_finds_nothing_wrong_with_what_is_shipped(run):
    code, out = run("check", "data/boundaries/beijing/definition.toml")
    assert (code, "0 findings" in out.out) == (0, True)


@pytest.mark.parametrize(
    "content",
    [b"[]", b'"text"', b"{", b"\xff\xfe", b'{"features": []}', b'{"features": [{}, {}]}', b"{}"],
)
def test_a_file_that_is_not_one_place_is_refused_in_a_sentence(run, tmp_path, content):
    given = tmp_path / "place.geojson"
    given.write_bytes(content)
    code, out = run("resolve", given, *SHIPPED, "--crs", "EPSG:4326")
    assert code == 2
    assert out.err.startswith("gridmap: ")
    assert "Traceback" not in out.err


def test_a_map_of_a_level_that_is_not_there_is_refused(run, broken_set, tmp_path):
    code, out = run(
        "map",
        "1,1",
        tmp_path / "x.html",
        "-b",
        broken_set,
        "--crs",
        "EPSG:4490",
        "--level",
        "cell",
        "--leaflet",
        tmp_path,
    )
    assert (code, "no cell level" in out.err) == (2, True)
