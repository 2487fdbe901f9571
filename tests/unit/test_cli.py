import json
import re

import geopandas
import pytest
import shapely

from gridmap import cli, read, write
from gridmap.formats import Format
from gridmap.level import Level
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


# --- boundaries in any file ---------------------------------------------------------------------

LOWER, UPPER = "POLYGON ((0 0, 4 0, 4 1, 0 1, 0 0))", "POLYGON ((0 1, 4 1, 4 2, 0 2, 0 1))"
SPLIT = toy.STREETS | {toy.SOUTH_STREET: LOWER, "990101003": UPPER}


@pytest.fixture
def whole_set(tmp_path):
    write.release(toy.release(), tmp_path / "whole")
    return tmp_path / "whole"


@pytest.fixture
def leaflet(tmp_path):
    """Two files where Leaflet's stand; that the real ones work is a browser's test."""
    (tmp_path / "leaflet").mkdir()
    for name in ("leaflet.js", "leaflet.css"):
        (tmp_path / "leaflet" / name).write_text(f"/* {name} */", encoding="utf-8")
    return tmp_path / "leaflet"


def test_check_says_how_many_of_each_kind_and_what_to_do(run, broken_set):
    code, out = run("check", broken_set)
    assert code == 1
    assert re.search(r"gap\W+error\W+2\W", out.out)
    assert "gap: decide whose the ground is; `gridmap repair`" in out.out


def test_exclaves_alone_are_no_fault(run, whole_set):
    code, out = run("check", whole_set)
    assert code == 0
    assert "0 findings, and 2 for information" in out.out


def test_check_as_json_has_every_finding(run, broken_set):
    code, out = run("check", broken_set, "--json")
    document = json.loads(out.out)
    assert code == 1
    assert document["counts"]["gap"] == 2
    assert {one["kind"] for one in document["findings"]} >= {"gap", "exclave"}
    assert document["areas"] == {"city": 1, "district": 2, "street": 3}


def test_check_draws_a_map_with_a_line_for_each_finding(run, broken_set, leaflet, tmp_path):
    run("check", broken_set, "--map", tmp_path / "map.html", "--leaflet", leaflet)
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    _, out = run("check", broken_set, "--json")
    assert page.count("<button data-bounds") == len(json.loads(out.out)["findings"])
    assert "空白 gap (2)" in page
    assert "://" not in re.sub(r"http://www\.w3\.org/\S*", "", page)


def test_check_without_leaflet_says_what_a_map_needs(run, broken_set, tmp_path, monkeypatch):
    monkeypatch.delenv("GRIDMAP_LEAFLET", raising=False)
    code, out = run("check", broken_set, "--map", tmp_path / "map.html")
    assert (code, "GRIDMAP_LEAFLET" in out.err) == (2, True)
    assert not (tmp_path / "map.html").exists()


def test_a_code_that_would_be_markup_is_harmless_on_the_map(run, leaflet, tmp_path):
    frame = geopandas.GeoDataFrame(
        {"code": ["</script><script>`${1}{{2}}{%"], "name": ["x"]},
        geometry=[shapely.box(116, 40, 117, 41)],
        crs="EPSG:4490",
    )
    frame.to_parquet(tmp_path / "a.parquet")
    where = tmp_path / "a.parquet", "--level", "district"
    code, _ = run("check", *where, "--map", tmp_path / "map.html", "--leaflet", leaflet)
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert code == 1
    assert "</script><script>`" not in page
    assert "${1}" not in page


def test_a_bare_file_is_checked_with_its_columns_and_crs_declared(run, tmp_path):
    frame = geopandas.GeoDataFrame(
        {"XZQDM": ["110101", "110102"], "XZQMC": ["东城区", "西城区"]},
        geometry=[shapely.box(116, 40, 117, 41), shapely.box(117, 40, 118, 41)],
        crs="EPSG:4490",
    )
    frame.to_file(tmp_path / "a.shp", encoding="GBK")
    for suffix in (".prj", ".cpg"):
        (tmp_path / f"a{suffix}").unlink()
    columns = "--code", "XZQDM", "--name", "XZQMC"
    code, out = run("check", tmp_path / "a.shp", *columns)
    assert (code, "--encoding" in out.err) == (2, True)
    code, out = run("check", tmp_path / "a.shp", *columns, "--encoding", "GBK")
    assert (code, "--crs" in out.err) == (2, True)
    code, out = run(
        "check", tmp_path / "a.shp", *columns, "--encoding", "GBK", "--crs", "EPSG:4490"
    )
    assert (code, "a: 2 areas, 0 findings" in out.out) == (0, True)


def test_options_that_a_definition_would_ignore_are_refused(run, whole_set):
    code, out = run("check", whole_set, "--crs", "EPSG:4326")
    assert (code, "has a definition, which says itself" in out.err) == (2, True)


def test_a_large_file_is_refused_by_the_limit_that_was_set(run, whole_set):
    code, out = run("check", whole_set, "--largest-mb", "0.001")
    assert (code, "--largest-mb" in out.err) == (2, True)


@pytest.mark.parametrize("kind", list(Format))
def test_what_was_converted_has_no_difference(run, whole_set, tmp_path, kind):
    code, _ = run("convert", whole_set, tmp_path / "new", "--format", kind)
    assert code == 0
    code, out = run("diff", whole_set, tmp_path / "new")
    assert (code, "0 changes" in out.out) == (0, True)
    one = tmp_path / f"all{kind.suffix}"
    code, out = run("convert", whole_set, one)
    assert (code, "convert into a folder" in out.err) == (0, True)
    code, out = run("diff", whole_set, one, "--parent", "parent")
    assert (code, "0 changes" in out.out) == (0, True)


@pytest.mark.parametrize("kind", list(Format))
def test_every_command_takes_a_boundary_file_that_says_all_itself(
    run, whole_set, leaflet, tmp_path, kind
):
    one = tmp_path / f"city{kind.suffix}"
    run("convert", whole_set, one)
    where = "-b", one, "--crs", "EPSG:4490"
    code, out = run("resolve", "1,1", *where)
    assert (code, toy.SOUTH_STREET in out.out) == (0, True)
    (tmp_path / "in.csv").write_text("lng,lat\n1,1\n", encoding="utf-8")
    code, _ = run("locate", tmp_path / "in.csv", tmp_path / "out.csv", *where)
    assert code == 0
    assert toy.SOUTH_STREET in (tmp_path / "out.csv").read_text(encoding="utf-8")
    code, _ = run("map", "1,1", tmp_path / "map.html", *where, "--leaflet", leaflet)
    assert code == 0
    assert toy.SOUTH_STREET in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_b_takes_a_folder_with_its_definition_or_without(run, whole_set, tmp_path):
    where = "-", "-b", whole_set, "--crs", "EPSG:4490"
    for _ in range(2):
        (tmp_path / "in.csv").write_text("lng,lat\n1,1\n", encoding="utf-8")
        code, out = run("locate", tmp_path / "in.csv", *where)
        assert (code, toy.SOUTH_STREET in out.out) == (0, True)
        (whole_set / "definition.toml").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code": ["a"]}, "has the code 'a' in row 0, which tells no level"),
        ({"crs": None}, "states no CRS"),
        ({"named": "label"}, "has no column 'name' for its district level"),
    ],
)
def test_what_b_cannot_tell_is_not_asked_of_the_options_of_another_file(
    run, tmp_path, change, says
):
    frame = geopandas.GeoDataFrame(
        {"code": change.get("code", ["110101"]), change.get("named", "name"): ["a"]},
        geometry=[shapely.box(116, 40, 117, 41)],
        crs=change.get("crs", "EPSG:4490"),
    )
    frame.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "in.csv").write_text("lng,lat\n1,1\n", encoding="utf-8")
    asked = tmp_path / "in.csv", "-", "-b", tmp_path / "a.parquet", "--crs", "EPSG:4490"
    code, out = run("locate", *asked)
    assert code == 2
    assert says in out.err
    assert "write a definition.toml for the file, or let `gridmap convert`" in out.err


def test_convert_overwrites_nothing(run, whole_set):
    code, out = run("convert", whole_set, whole_set)
    assert (code, "is not overwritten" in out.err) == (2, True)


def test_repair_is_dry_until_it_is_told_where_to_write(run, tmp_path):
    narrow = toy.STREETS | {toy.SOUTH_STREET: "POLYGON ((0 0, 4 0, 4 1.999998, 0 1.999998, 0 0))"}
    write.release(toy.release(narrow), tmp_path / "narrow")
    code, out = run("repair", tmp_path / "narrow")
    assert (code, "nothing was written" in out.out) == (1, True)
    code, out = run("repair", tmp_path / "narrow", tmp_path / "new", "--json")
    document = json.loads(out.out)
    assert code == 0
    assert [one["kind"] for one in document["changes"] if one["moved_m2"]] == ["gap"]
    assert document["left"] == []
    assert run("check", tmp_path / "new")[0] == 0
    assert 'id = "toy-repaired"' in (tmp_path / "new" / "definition.toml").read_text("utf-8")


def test_repair_says_what_it_leaves(run, broken_set, tmp_path):
    code, out = run("repair", broken_set, tmp_path / "new")
    assert (code, "left: gap: 2" in out.out) == (1, True)


def test_diff_tells_the_changes_and_the_incidents_that_change_hands(run, whole_set, tmp_path):
    write.release(toy.release(SPLIT), tmp_path / "split")
    incidents = tmp_path / "incidents.csv"
    incidents.write_text("lng,lat,what\n1,0.5,a\n1,1.5,b\n,2,c\n", encoding="utf-8")
    geojson = tmp_path / "changes.geojson"
    where = whole_set, tmp_path / "split", "--incidents", incidents, "--incidents-crs", "EPSG:4490"
    code, out = run("diff", *where, "--geojson", geojson)
    assert code == 1
    assert f"street {toy.SOUTH_STREET} was split into" in out.out
    assert f"incident in row 2: street {toy.SOUTH_STREET} to 990101003" in out.out
    assert "incidents.csv, row 3, lng: '': it is empty" in out.out
    assert "3 incidents: 1 change hands, 1 refused" in out.out
    (feature,) = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    assert feature["properties"]["kind"] == "split"
    _, out = run("diff", *where, "--json")
    document = json.loads(out.out)["incidents"]
    (changed,) = document["changed"]
    assert changed == {
        "row": 2,
        "level": "street",
        "before": toy.SOUTH_STREET,
        "after": "990101003",
    }
    assert document["refused"] == [
        {"row": 3, "column": "lng", "value": "", "why": "it is empty", "table": "incidents.csv"}
    ]


def test_refused_incidents_alone_are_told_by_the_exit_code(run, whole_set, tmp_path):
    incidents = tmp_path / "incidents.csv"
    asked = whole_set, whole_set, "--incidents", incidents, "--incidents-crs", "EPSG:4490"
    for rows, expected in (("1,1\n", 0), ("1,1\nx,1\n", 1)):
        incidents.write_text(f"lng,lat\n{rows}", encoding="utf-8")
        code, out = run("diff", *asked)
        assert (code, "0 changes" in out.out, "0 change hands" in out.out) == (expected, True, True)


def test_incidents_of_a_file_of_points_bring_their_crs(run, whole_set, tmp_path):
    write.release(toy.release(SPLIT), tmp_path / "split")
    points = geopandas.GeoDataFrame(geometry=shapely.points([[1, 0.5], [1, 1.5]]), crs="EPSG:4490")
    points.to_crs("EPSG:3857").to_file(tmp_path / "points.gpkg")
    where = whole_set, tmp_path / "split", "--incidents", tmp_path / "points.gpkg"
    code, out = run("diff", *where)
    assert (code, "2 incidents: 1 change hands, 0 refused" in out.out) == (1, True)
    code, out = run("diff", *where, "--incidents-crs", "EPSG:4490")
    assert (code, "points.gpkg states EPSG:3857" in out.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lng,lat\n1,2\n", "--incidents-crs"),
        ("x,lat\n1,2\n", "column 'lng': it is not there, only x, lat; name the columns with --x"),
        ("lng,lat,类\n1,2,a\n", "try --incidents-encoding gbk"),
    ],
)
def test_incidents_that_cannot_be_read_are_refused(run, whole_set, tmp_path, text, says):
    (tmp_path / "i.csv").write_text(text, encoding="gbk")
    crs = () if says == "--incidents-crs" else ("--incidents-crs", "EPSG:4490")
    code, out = run("diff", whole_set, whole_set, "--incidents", tmp_path / "i.csv", *crs)
    assert (code, says in out.err) == (2, True)


def test_a_report_is_not_written_where_there_is_no_folder(run, whole_set, tmp_path):
    code, out = run("check", whole_set, "--geojson", tmp_path / "none" / "a.geojson")
    assert (code, "cannot be written" in out.err) == (2, True)


@pytest.mark.parametrize(
    ("command", "option"),
    [("check", "--geojson"), ("check", "--map"), ("repair", "--geojson"), ("diff", "--geojson")],
)
def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    run, whole_set, tmp_path, command, option
):
    (tmp_path / "folder").mkdir()
    new = {"repair": [tmp_path / "new"], "diff": [whole_set]}.get(command, [])
    for place in (tmp_path / "none" / "a", tmp_path / "folder"):
        code, out = run(command, whole_set, *new, option, place)
        assert (code, out.out) == (2, "")
        assert "cannot be written" in out.err
    assert not (tmp_path / "new").exists()


def test_a_map_of_a_table_draws_what_it_can_and_says_what_it_cannot(run, tmp_path):
    table = tmp_path / "in.csv"
    table.write_text("lng,lat\n116.3175,39.885\nx,39.885\n116.4,39.9\n", encoding="utf-8")
    leaflet = ("--leaflet", "api/web/vendor")
    code, out = run("map", table, tmp_path / "m.html", *SHIPPED, "--crs", "EPSG:4326", *leaflet)
    assert code == 1
    assert "2 places, 1 not drawn" in out.out
    assert "row 2" in out.err
    assert (tmp_path / "m.html").exists()


def test_a_map_of_too_many_places_is_refused_before_it_is_drawn(run, tmp_path):
    table = tmp_path / "in.csv"
    table.write_text("lng,lat\n" + "116.4,39.9\n" * 5_001, encoding="utf-8")
    leaflet = ("--leaflet", "api/web/vendor")
    code, out = run("map", table, tmp_path / "m.html", *SHIPPED, "--crs", "EPSG:4326", *leaflet)
    assert (code, "5,000" in out.err) == (2, True)
    assert not (tmp_path / "m.html").exists()


@pytest.mark.parametrize("rows", ["", "39.9,116.4\n", "121.47,31.23\n"])
def test_a_map_of_no_places_shows_the_release_and_says_why(run, tmp_path, rows):
    table = tmp_path / "in.csv"
    table.write_text(f"lng,lat\n{rows}", encoding="utf-8")
    leaflet = ("--leaflet", "api/web/vendor")
    code, out = run("map", table, tmp_path / "m.html", *SHIPPED, "--crs", "EPSG:4326", *leaflet)
    assert (code, "0 places" in out.out) == (1 if rows else 0, True)
    assert "fault of gridmap" not in out.err


def test_codes_are_never_cut_in_the_answer_for_a_person(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    code, out = run(
        "resolve", "116.31755,39.885", *SHIPPED, "--crs", "EPSG:4326", "--accuracy-m", 20
    )
    assert (code, "\u2026" in out.out) == (0, False)
    assert "110102020024001" in out.out
    assert "P: how likely" in out.out


def test_a_file_that_is_not_there_is_told_so(run):
    code, out = run("resolve", "nothing.geojson", *SHIPPED, "--crs", "EPSG:4326")
    assert (code, "check the path" in out.err) == (2, True)


def test_levels_that_only_one_side_has_are_named_and_not_compared(run, whole_set, tmp_path):
    layer = read.release(whole_set).layers[Level.STREET]
    write.layer(layer, tmp_path / "street.parquet")
    code, out = run("diff", whole_set, tmp_path / "street.parquet")
    assert code == 1
    assert "not compared: city, district" in out.out
    assert "0 changes" in out.out
    code, out = run("diff", tmp_path / "street.parquet", whole_set, "--json")
    told = json.loads(out.out)
    assert (told["only_old"], told["only_new"]) == ([], ["city", "district"])
    assert (code, told["changes"]) == (1, [])


def test_convert_and_map_tell_machines_what_they_wrote(run, whole_set, tmp_path):
    code, out = run("convert", whole_set, tmp_path / "one.gpkg", "--json")
    told = json.loads(out.out)
    assert (code, told["areas"]) == (0, {"city": 1, "district": 2, "street": 3})
    table = tmp_path / "in.csv"
    table.write_text("lng,lat\n116.4,39.9\nx,39.9\n", encoding="utf-8")
    more = (*SHIPPED, "--crs", "EPSG:4326", "--leaflet", "api/web/vendor", "--json")
    code, out = run("map", table, tmp_path / "m.html", *more)
    told = json.loads(out.out)
    assert (code, told["places"], list(told["problems"])) == (1, 1, ["2"])
