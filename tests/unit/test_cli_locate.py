"""`gridmap locate` as a user runs it, on every format, on good rows and bad ones."""

import csv
import gzip
import io
import json
import subprocess
import sys

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
import shapely

from gridmap import cli
from gridmap.crs import from_cgcs2000
from tests import toy

SOUTH, NORTH, EAST = toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET

# what lies where in the toy city: lng, lat, street, district, relation, the others on the line
PLACES = [
    (1.0, 1.0, SOUTH, toy.WEST, "inside", ""),
    (4.0, 1.0, SOUTH, toy.WEST, "on_line", EAST),
    (4.0, 2.0, SOUTH, toy.WEST, "on_line", f"{NORTH} {EAST}"),
    (6.0, 2.0, NORTH, toy.WEST, "inside", ""),
    (9.0, 3.0, "", "", "outside", ""),
]
ANSWERS = [list(place[2:]) for place in PLACES]


@pytest.fixture
def city(tmp_path, monkeypatch):
    """The toy city as files, and a cache of its own."""
    monkeypatch.setenv("GRIDMAP_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "city"
    folder.mkdir()
    return toy.written(folder)


@pytest.fixture
def run(monkeypatch, capsysbinary, city):
    def run(*arguments, stdin=b""):
        monkeypatch.setattr(
            "sys.argv", ["gridmap", "locate", *map(str, arguments), "-b", str(city)]
        )
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            code = cli.main()
        except SystemExit as left:
            code = left.code
        out, err = capsysbinary.readouterr()
        return code, out, err.decode()

    return run


def as_text(places=PLACES, header="lng,lat"):
    return header + "\n" + "".join(f"{lng},{lat}\n" for lng, lat, *_ in places)


def rows_of(out, encoding="utf-8", delimiter=","):
    return list(csv.DictReader(io.StringIO(out.decode(encoding)), delimiter=delimiter))


def answers_of(rows):
    return [[row["street"], row["district"], row["relation"], row["also"]] for row in rows]


def frame(crs="EPSG:4490"):
    points = shapely.points([place[:2] for place in PLACES])
    shapes = [from_cgcs2000(point, crs=crs) for point in points]
    return geopandas.GeoDataFrame({"code": ["007"] * len(PLACES)}, geometry=shapes, crs=crs)


def written(folder, suffix, given=None):
    given = frame() if given is None else given
    path = folder / f"points{suffix}"
    options = {"SPATIAL_INDEX": "NO"} if suffix == ".fgb" else {}  # its index has its own order
    given.to_parquet(path) if suffix == ".parquet" else given.to_file(path, **options)
    return path


# --- what comes out ---------------------------------------------------------------------------


def test_standard_input_goes_to_standard_output_and_the_summary_to_standard_error(run):
    code, out, err = run("-", "-", "--crs", "EPSG:4490", stdin=as_text().encode())
    assert code == 0
    assert answers_of(rows_of(out)) == ANSWERS
    assert err.startswith("5 rows: 4 located, 0 in gaps, 1 outside, 0 refused")


def test_names_prefix_and_the_city_are_added_when_asked_for(run):
    asked = ("--names", "--prefix", "g_", "--all-levels", "--level", "district")
    _, out, _ = run("-", "-", "--crs", "EPSG:4490", *asked, stdin=as_text(PLACES[:1]).encode())
    assert rows_of(out) == [
        {
            "lng": "1.0",
            "lat": "1.0",
            "g_district": toy.WEST,
            "g_city": toy.CITY,
            "g_district_name": f"district {toy.WEST}",
            "g_city_name": f"city {toy.CITY}",
            "g_relation": "inside",
            "g_also": "",
        }
    ]


def test_other_columns_pass_through_as_the_text_they_are(run, tmp_path):
    given = b'code,lng,lat,note\r\n007,1,1,"a, b"\r\n1e5,1.00, 1,"say ""so"""\r\nNA,1,1,"x\ny"\r\n'
    _, out, _ = run("-", "-", "--crs", "EPSG:4490", stdin=given)
    there = list(csv.DictReader(io.StringIO(given.decode(), newline="")))
    kept = [{name: row[name] for name in there[0]} for row in rows_of(out)]
    assert kept == there
    assert [row["street"] for row in rows_of(out)] == [SOUTH] * 3


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".geojson", ".shp", ".parquet"])
def test_a_file_of_geometries_states_its_crs_and_is_answered_in_every_format(run, tmp_path, suffix):
    crs = "EPSG:4326" if suffix == ".geojson" else "EPSG:4490"
    source = written(tmp_path, suffix, frame(crs))
    for out_suffix in (".gpkg", ".fgb", ".geojson", ".shp", ".parquet", ".csv", ".tsv"):
        target = tmp_path / f"out{out_suffix}"
        code, _, err = run(source, target)
        assert (code, err) == (0, "")
        if out_suffix in {".csv", ".tsv"}:
            found = pd.read_csv(
                target, sep="\t" if out_suffix == ".tsv" else ",", dtype=str, keep_default_na=False
            )
            assert found[["lng", "lat"]].astype(float).to_numpy().tolist() == [
                list(place[:2]) for place in PLACES
            ]
        else:
            read = geopandas.read_parquet if out_suffix == ".parquet" else geopandas.read_file
            found = read(target)
            assert shapely.get_coordinates(found.geometry).tolist() == [
                list(place[:2]) for place in PLACES
            ]
            found = pd.DataFrame(found.drop(columns=found.geometry.name)).fillna("")
        assert found["code"].tolist() == ["007"] * len(PLACES)
        assert answers_of(found.to_dict("records")) == ANSWERS


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".geojson", ".shp"])
def test_a_table_of_columns_becomes_points(run, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    code, _, _ = run("-", target, "--crs", "EPSG:4490", stdin=(as_text() + "x,1\n").encode())
    found = geopandas.read_file(target)
    assert code == 1
    answers = found.drop(columns="geometry").fillna("").to_dict("records")
    assert answers_of(answers[:-1]) == ANSWERS
    assert shapely.get_coordinates(found.geometry).tolist() == [list(one[:2]) for one in PLACES]
    assert found.geometry.iloc[-1] is None


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".parquet"])
def test_tables_of_columns_are_read_and_written(run, tmp_path, suffix):
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    table = pd.DataFrame({"lng": [one[0] for one in PLACES], "lat": [one[1] for one in PLACES]})
    if suffix == ".parquet":
        table.to_parquet(source)
    else:
        table.to_csv(source, index=False, sep="\t" if suffix == ".tsv" else ",")
    assert run(source, target, "--crs", "EPSG:4490")[0] == 0
    if suffix == ".parquet":
        found = pd.read_parquet(target).fillna("")
        assert found["lng"].dtype == float
        rows = found.to_dict("records")
    else:
        raw = target.read_bytes()
        raw = gzip.decompress(raw) if suffix.endswith(".gz") else raw
        rows = rows_of(raw, delimiter="\t" if suffix == ".tsv" else ",")
    assert answers_of(rows) == ANSWERS


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "GCJ-02", "BD-09"])
def test_coordinates_come_from_the_declared_columns_in_the_declared_crs(run, crs):
    places = [place for place in PLACES if place[4] != "on_line"]
    moved = [from_cgcs2000(shapely.Point(place[:2]), crs=crs) for place in places]
    text = "north,east\n" + "".join(f"{point.y!r},{point.x!r}\n" for point in moved)
    asked = ("--crs", crs, "--x", "east", "--y", "north")
    _, out, _ = run("-", "-", *asked, stdin=text.encode())
    assert answers_of(rows_of(out)) == [list(place[2:]) for place in places]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_text_is_read_and_written_in_the_declared_encoding(run, encoding):
    given = "名称,lng,lat\n西城区,1,1\n".encode(encoding)
    _, out, _ = run("-", "-", "--crs", "EPSG:4490", "--encoding", encoding, stdin=given)
    assert rows_of(out, encoding)[0]["名称"] == "西城区"
    assert out.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


def test_a_shapefile_in_gbk_keeps_its_names(run, tmp_path):
    path = tmp_path / "points.shp"
    frame().assign(名称="西城区").to_file(path, encoding="gbk")
    path.with_suffix(".cpg").unlink()
    run(path, tmp_path / "out.parquet", "--encoding", "gbk")
    assert set(pd.read_parquet(tmp_path / "out.parquet")["名称"]) == {"西城区"}


def test_in_a_gap_the_coarser_levels_answer(run, city):
    toy.written(city.parent, toy.STREETS | {NORTH: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))"})
    _, out, err = run("-", "-", "--crs", "EPSG:4490", stdin=b"lng,lat\n1,2.5\n0,2.5\n")
    assert answers_of(rows_of(out)) == [["", toy.WEST, "gap", ""], ["", toy.WEST, "gap", ""]]
    assert "2 in gaps" in err


def test_a_gap_on_the_line_of_a_coarser_level_tells_both_of_its_sides(run, city):
    toy.written(city.parent, {SOUTH: toy.STREETS[SOUTH]})
    _, out, _ = run("-", "-", "--crs", "EPSG:4490", stdin=b"lng,lat\n4,3\n4,1\n")
    assert answers_of(rows_of(out)) == [
        ["", toy.WEST, "gap", toy.EAST],
        [SOUTH, toy.WEST, "inside", ""],
    ]


def test_the_summary_is_there_for_machines(run, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text(as_text() + "x,1\n", encoding="utf-8")
    code, out, _ = run(source, tmp_path / "out.csv", "--crs", "EPSG:4490", "--json")
    told = json.loads(out)
    assert code == 1
    counts = [told[name] for name in ("rows", "located", "gaps", "outside", "refused")]
    assert counts == [6, 4, 0, 1, 1]
    assert told["shown"][0] == {
        "table": "in.csv",
        "row": 6,
        "column": "lng",
        "value": "x",
        "why": "it is not a number",
    }
    assert min(told[name] for name in ("read_s", "locate_s", "write_s", "index_s")) > 0


def test_a_saved_index_is_used_again_and_a_stale_one_built_anew(run, tmp_path, city):
    saved = tmp_path / "saved"
    asked = ("-", "-", "--crs", "EPSG:4490", "--index", saved)
    run(*asked, stdin=as_text().encode())
    files = {path: path.stat().st_mtime_ns for path in saved.rglob("*.grid")}
    assert {path.stem for path in files} == {"city", "district", "street"}
    run(*asked, stdin=as_text().encode())
    assert files == {path: path.stat().st_mtime_ns for path in saved.rglob("*.grid")}
    # The northern street goes to y = 3 now: only its level has other lines.
    toy.written(city.parent, toy.STREETS | {NORTH: "POLYGON ((0 2, 4 2, 4 3, 0 3, 0 2))"})
    _, out, _ = run(*asked, stdin=b"lng,lat\n1,3.5\n")
    changed = [path.stem for path, at in files.items() if path.stat().st_mtime_ns != at]
    assert changed == ["street"]
    assert rows_of(out)[0]["relation"] == "gap"


# --- bad rows ---------------------------------------------------------------------------------

BAD_ROWS = {
    '"1,1"': "a comma",
    "１": "not a number",
    "1°30'": "not a number",
    "nan": "finite",
    "inf": "finite",
    "1e999": "finite",
    "": "empty",
    "   ": "empty",
    "181": "outside of what EPSG:4490 can hold",
}


@pytest.mark.parametrize("value", BAD_ROWS)
def test_a_bad_row_keeps_its_place_and_is_reported_and_the_rest_goes_on(run, tmp_path, value):
    report = tmp_path / "refused.csv"
    given = f"lng,lat\n1,1\n{value},1\n6,2\n"
    code, out, err = run("-", "-", "--crs", "EPSG:4490", "--refused", report, stdin=given.encode())
    assert code == 1
    assert answers_of(rows_of(out)) == [ANSWERS[0], ["", "", "", ""], ANSWERS[3]]
    assert "row 2, lng" in err
    assert BAD_ROWS[value] in err
    noted = rows_of(report.read_bytes())
    assert [(one["row"], BAD_ROWS[value] in one["why"]) for one in noted] == [("2", True)]


def test_swapped_coordinates_are_refused_with_a_hint(run):
    code, _, err = run("-", "-", "--crs", "EPSG:4326", stdin=b"lng,lat\n39.9,116.3\n")
    assert code == 1
    assert "seem swapped; longitude comes first" in err


def test_swapped_coordinates_that_could_be_right_are_hinted_at(run):
    code, _, err = run("-", "-", "--crs", "EPSG:4490", stdin=b"lng,lat\n1,7\n3,6\n20,20\n")
    assert code == 0
    assert "2 of those outside would be inside with x and y exchanged" in err


def test_ragged_rows_are_reported_with_their_text_and_keep_their_place(run, tmp_path):
    report = tmp_path / "refused.csv"
    given = 'a,lng,lat\n"x\ny",1,1\n1,2\n\nb,6,2\nc,1,1,extra\nd,1\n'
    code, out, err = run("-", "-", "--crs", "EPSG:4490", "--refused", report, stdin=given.encode())
    assert code == 1
    rows = rows_of(out)
    assert [row["a"] for row in rows] == ["x\ny", "1", "b", "c", "d"]
    assert [row["street"] for row in rows] == [SOUTH, "", NORTH, "", ""]
    assert "row 2: '1,2': it has 2 fields, the header 3" in err
    assert [one["value"] for one in rows_of(report.read_bytes())] == ["1,2", "c,1,1,extra", "d,1"]


@pytest.mark.parametrize("after", [1, 100, 10_000])
def test_a_quote_that_is_never_closed_is_reported_where_it_opens(run, after):
    given = b'lng,lat\n1,1\n"1,1\n' + b"1,1\n" * after
    code, out, err = run("-", "-", "--crs", "EPSG:4490", stdin=given)
    assert code == 1
    assert [row["street"] for row in rows_of(out)] == [SOUTH, ""]
    assert "row 2" in err
    assert "a quote is opened and not closed" in err


def test_a_table_of_nothing_but_bad_rows_is_told_in_a_few_lines(run):
    code, out, err = run("-", "-", "--crs", "EPSG:4490", stdin=b"lng,lat\n" + b"x\n" * 5_000)
    assert code == 1
    assert len(rows_of(out)) == 5_000
    assert len(err.splitlines()) == 12
    assert "... and 4,990 more rows; --refused FILE writes all" in err


def test_what_is_no_point_is_refused_row_by_row(run, tmp_path):
    shapes = [shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), None, shapely.Point()]
    for suffix in (".gpkg", ".parquet"):
        given = geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4490")
        code, out, err = run(written(tmp_path, suffix, given), "-")
        assert code == 1
        assert [row["street"] for row in rows_of(out)] == [SOUTH, "", "", ""]
        assert "it is not a point" in err
        assert "3 refused" in err


@pytest.mark.parametrize("kind", [pa.float32(), pa.int16(), pa.decimal128(25, 2), pa.string()])
def test_numbers_of_every_type_are_coordinates(run, tmp_path, kind):
    columns = {"lng": pa.array([1, 6, None]).cast(kind), "lat": pa.array([1, 2, 1]).cast(kind)}
    pa.parquet.write_table(pa.table(columns), tmp_path / "in.parquet")
    code, out, _ = run(tmp_path / "in.parquet", "-", "--crs", "EPSG:4490")
    assert code == 1
    assert [row["street"] for row in rows_of(out)] == [SOUTH, NORTH, ""]


# --- bad files --------------------------------------------------------------------------------


def refused(run, match, *arguments, stdin=b""):
    code, out, err = run(*arguments, stdin=stdin)
    assert (code, out) == (2, b"")
    assert err.startswith("gridmap: ")
    assert match in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"a,b\n1,2\n", "'lng': it is not there, only a, b; name the columns with --x and --y"),
        (b"lng;lat\n1;2\n", "--delimiter"),
        (b"lng,lat,lng\n1,2,3\n", "it stands twice in the header"),
        (b"lng,lat,street\n1,2,3\n", "rename it, or give --prefix"),
        ("名称,lng,lat\n西城区,1,1\n".encode("gbk"), "try --encoding gbk"),
        (b"lng,lat,a\n" + b"1,1,a\n" * 20_000 + "1,1,西\n".encode("gbk"), "try --encoding gbk"),
        ("lng,lat\n1,1\n".encode("utf-16"), "UTF-16"),
        (b'lng,lat\n1,1\n"1,1\n' + b"1,1\n" * 2_000_000, "is a quote never closed?"),
        (b"lng,lat\n" + b"1" * 7_000_000 + b",1\n1,1\n", "a row is far longer than 2 MB"),
    ],
)
def test_a_table_that_is_not_what_it_says_is_refused(run, tmp_path, given, match):
    target = tmp_path / "out.csv"
    refused(run, match, "-", target, "--crs", "EPSG:4490", stdin=given)
    assert not target.exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_utf8_read_as_gbk_says_which_encoding_to_try(run):
    given = "lng,lat,注\n1,1,西城\n".encode()
    asked = ("-", "-", "--crs", "EPSG:4490", "--encoding", "gbk")
    refused(run, "try --encoding utf-8", *asked, stdin=given)


def test_an_encoding_that_is_not_known_is_refused_with_those_that_are(run):
    asked = ("-", "-", "--crs", "EPSG:4490", "--encoding", "klingon")
    refused(run, "utf-8, utf-8-sig, gbk", *asked, stdin=as_text().encode())


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_alone_is_a_table_without_rows(run, end):
    code, out, err = run("-", "-", "--crs", "EPSG:4490", stdin=f"lng,lat{end}".encode())
    assert (code, rows_of(out)) == (0, [])
    assert out.startswith(b"lng,lat,street,district,relation,also")
    assert err.startswith("0 rows")


def test_without_a_declared_crs_nothing_is_guessed(run, tmp_path):
    refused(run, "no CRS was declared", "-", "-", stdin=as_text().encode())
    written(tmp_path, ".shp").with_suffix(".prj").unlink()
    written(tmp_path, ".parquet", frame().set_crs(None, allow_override=True))
    for suffix in (".shp", ".parquet"):
        path = tmp_path / f"points{suffix}"
        refused(run, "no CRS was declared", path, "-")
        assert run(path, "-", "--crs", "EPSG:4490")[0] == 0


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".parquet", ".fgb"])
def test_a_file_that_contradicts_the_declared_crs_is_refused(run, tmp_path, suffix):
    path = written(tmp_path, suffix, frame("EPSG:4326"))
    refused(run, "states EPSG:4326, but EPSG:4490 was declared", path, "-", "--crs", "EPSG:4490")


@pytest.mark.parametrize("suffix", [".parquet", ".gpkg", ".fgb", ".shp"])
def test_a_file_that_was_cut_off_is_refused(run, tmp_path, suffix):
    path = written(tmp_path, suffix)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    refused(run, "cannot be read as a table", path, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".gpkg", ".xlsx"])
def test_a_file_that_is_not_there_or_of_no_format_is_refused(run, tmp_path, suffix):
    refused(run, "cannot be read", tmp_path / f"no{suffix}", "-", "--crs", "EPSG:4490")


def test_of_several_layers_one_must_be_named(run, tmp_path):
    path = tmp_path / "points.gpkg"
    frame().to_file(path, layer="a")
    frame().to_file(path, layer="b")
    refused(run, "several layers, a, b; name one with --layer", path, "-")
    assert answers_of(rows_of(run(path, "-", "--layer", "b")[1])) == ANSWERS
    refused(run, "cannot be read", path, "-", "--layer", "c")


def test_a_column_without_a_form_as_text_is_refused(run, tmp_path):
    table = pa.table({"lng": [1.0], "lat": [1.0], "tags": [["a", "b"]]})
    pa.parquet.write_table(table, tmp_path / "in.parquet")
    asked = (tmp_path / "in.parquet", "--crs", "EPSG:4490")
    refused(run, "'tags': list", asked[0], "-", *asked[1:])
    assert run(asked[0], tmp_path / "out.parquet", *asked[1:])[0] == 0


def test_a_target_that_cannot_be_written_is_refused(run, tmp_path):
    asked = ("--crs", "EPSG:4490")
    for target in (tmp_path / "no" / "out.csv", tmp_path / "out.xlsx"):
        refused(run, "cannot be written", "-", target, *asked, stdin=as_text().encode())


def test_what_was_there_stays_when_a_file_breaks_off(run, tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("mine", encoding="utf-8")
    good = b"lng,lat,a\n" + b"1,1,a\n" * 900_000
    refused(
        run,
        "try --encoding gbk",
        "-",
        target,
        "--crs",
        "EPSG:4490",
        stdin=good + "1,1,西\n".encode("gbk"),
    )
    assert target.read_text(encoding="utf-8") == "mine"


def test_a_broken_file_breaks_off_every_format(run, tmp_path):
    broken = b"lng,lat,a\n" + b"1,1,a\n" * 900_000 + "1,1,西\n".encode("gbk")
    for suffix in (".gpkg", ".parquet", ".fgb"):
        target = tmp_path / f"out{suffix}"
        refused(run, "try --encoding gbk", "-", target, "--crs", "EPSG:4490", stdin=broken)
        assert not target.exists()


# --- in a second process ----------------------------------------------------------------------

# Runs the command, then tells the most memory it had. (The kernel's ru_maxrss would also count the
# parent's, from before exec.)
MEASURED = """
import sys
from pathlib import Path
from gridmap import cli
sys.argv = ["gridmap", "locate", *sys.argv[1:]]
try:
    cli.main()
finally:
    print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_memory_does_not_grow_with_the_table(city, tmp_path, suffix):
    """Two million rows more, 100 MB of Parquet or 200 MB of CSV, take a few blocks at most."""
    rng = np.random.default_rng(7)
    peaks = []
    for count in (500_000, 2_500_000):
        lng, lat = rng.uniform((0, 0), (8, 4), (count, 2)).T
        others = {f"n{number}": rng.random(count) for number in range(4)}
        table = pa.table({"lng": lng, "lat": lat, **others})
        path = tmp_path / f"in{count}{suffix}"
        if suffix == ".csv":
            pa.csv.write_csv(table, path)
        else:
            pa.parquet.write_table(table, path)
        asked = [path, tmp_path / f"out{suffix}", "-b", city, "--crs", "EPSG:4490"]
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *map(str, asked)],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.stdout.startswith(f"{count:,} rows"), done.stderr
        peaks.append(int(done.stderr.split()[-1]) / 1e3)
    assert peaks[1] - peaks[0] < 50, peaks


def test_a_reader_that_has_gone_ends_it_quietly(city, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("lng,lat\n" + "1,1\n" * 500_000, encoding="utf-8")
    program = "import sys; from gridmap import cli; sys.exit(cli.main())"
    asked = [sys.executable, "-c", program, "locate", source, "-", "-b", city, "--crs", "EPSG:4490"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout.readline().startswith(b"lng,lat,street")
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()
    assert running.returncode == 141


# --- names and paths that would lose something --------------------------------------------------


@pytest.mark.parametrize(
    ("out", "refused"),
    [("out.csv", "out.csv"), ("out.csv", "in.csv"), ("in.csv", None), ("./out.csv", "out.csv")],
)
def test_nothing_is_written_over_what_is_read_or_written_beside(run, tmp_path, out, refused):
    given = tmp_path / "in.csv"
    given.write_text("lng,lat\n1,1\nx,1\n", encoding="utf-8")
    more = ("--refused", tmp_path / refused) if refused else ()
    code, _, err = run(given, f"{tmp_path}/{out}", "--crs", "EPSG:4490", *more)
    assert (code, "named twice" in err) == (2, True)
    assert given.read_text(encoding="utf-8") == "lng,lat\n1,1\nx,1\n"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".csv"] == ["in.csv"]


def test_nothing_is_written_over_what_is_read_under_another_name(run, tmp_path):
    given, other = tmp_path / "in.csv", tmp_path / "other.csv"
    given.write_text("lng,lat\n1,1\nx,1\n", encoding="utf-8")
    other.hardlink_to(given)
    code, _, err = run(given, tmp_path / "out.csv", "--crs", "EPSG:4490", "--refused", other)
    assert (code, "named twice" in err) == (2, True)


@pytest.mark.parametrize(
    ("header", "suffix", "word"),
    [
        ("Geometry", ".gpkg", "geometry"),
        ("GEOMETRY", ".fgb", "geometry"),
        ("Geometry", ".geojson", "geometry"),
        ("Geometry", ".shp", "geometry"),
        ("fid", ".gpkg", "fid"),
        ("Street", ".gpkg", "street"),
        ("中文列名字很长", ".shp", "ten bytes"),
        ("a_very_long_name", ".shp", "ten bytes"),
    ],
)
def test_names_that_a_format_would_lose_or_die_of_are_refused(run, tmp_path, header, suffix, word):
    given, out = tmp_path / "in.csv", tmp_path / f"out{suffix}"
    given.write_text(f"{header},lng,lat\n1,1,1\n", encoding="utf-8")
    code, _, err = run(given, out, "--crs", "EPSG:4490")
    assert (code, word in err, "rename it" in err) == (2, True, True)
    assert not out.exists()


@pytest.mark.parametrize(
    ("out", "more", "word"),
    [
        ("out.gpkg.gz", (), ".gz"),
        ("out.parquet.gz", (), ".gz"),
        ("folder.csv", (), "is a folder"),
        ("out.csv", ("--delimiter", ";;"), "one character"),
        ("out.csv", ("--refused", "folder.csv"), "is a folder"),
    ],
)
def test_a_target_that_cannot_be_is_refused_in_a_sentence(run, tmp_path, out, more, word):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "in.csv").write_text("lng,lat\n1,1\n", encoding="utf-8")
    more = [tmp_path / one if one == "folder.csv" else one for one in more]
    code, _, err = run(tmp_path / "in.csv", tmp_path / out, "--crs", "EPSG:4490", *more)
    assert (code, word in err, "Traceback" in err) == (2, True, False)
    assert not (tmp_path / "out.csv").exists()


def test_a_tab_can_be_named_as_delimiter(run):
    stdin = b"lng\tlat\n1\t1\n"
    code, out, _ = run("-", "-", "--crs", "EPSG:4490", "--delimiter", r"\t", stdin=stdin)
    assert code == 0
    assert out.splitlines()[0].startswith(b"lng\tlat\t")
