import hashlib
from functools import partial
from http.server import BaseHTTPRequestHandler

import geopandas
import pytest
import shapely
from pyproj import Geod

from gridmap import definition, fetch
from gridmap.errors import (
    DefinitionError,
    FactsMismatchError,
    PartialFileError,
    UnreachableError,
    WrongChecksumError,
)
from gridmap.level import Level
from gridmap.topology import check, faults
from tests.publisher import Quiet, served

BODY = b"boundaries"


class BreaksOff(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(10 * len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_args):
        pass


def a_definition(folder, files):
    folder.mkdir(exist_ok=True)
    (folder / "definition.toml").write_text(
        f"""
id = "remote"
title = "remote"
crs = "EPSG:4326"
source = "this test"
licence = "CC0"
[levels.street]
file = "streets.geojson"
facts = "facts.csv"
basis = "mapped"
[fetch]
base_url = "https://127.0.0.1:1/{{commit}}"
commit = "abc"
files = [{files}]
""",
        encoding="utf-8",
    )
    return definition.load(folder / "definition.toml")


@pytest.fixture
def publisher(tmp_path):
    folder = tmp_path / "publisher"
    folder.mkdir()
    (folder / "streets.geojson").write_bytes(BODY)
    with served(partial(Quiet, directory=str(folder))) as base_url:
        yield folder, base_url


def test_a_file_arrives_whole_with_its_progress(tmp_path, publisher):
    _, base_url = publisher
    seen = []
    digest = hashlib.sha256(BODY).hexdigest()
    given = a_definition(tmp_path / "set", f'{{ name = "streets.geojson", sha256 = "{digest}" }}')
    (path,) = fetch.files(
        given, tmp_path / "cache", base_url=base_url, progress=lambda *args: seen.append(args)
    )
    assert path.read_bytes() == BODY
    assert seen == [("streets.geojson", len(BODY), len(BODY))]


def test_a_right_file_is_not_fetched_again_and_a_damaged_one_is(tmp_path, publisher):
    source, base_url = publisher
    digest = hashlib.sha256(BODY).hexdigest()
    given = a_definition(tmp_path / "set", f'{{ name = "streets.geojson", sha256 = "{digest}" }}')
    (path,) = fetch.files(given, tmp_path / "cache", base_url=base_url)
    path.write_bytes(b"damaged")
    fetch.files(given, tmp_path / "cache", base_url=base_url)
    assert path.read_bytes() == BODY
    (source / "streets.geojson").unlink()
    assert fetch.files(given, tmp_path / "cache", base_url=base_url) == (path,)


def test_a_wrong_checksum_leaves_nothing(tmp_path, publisher):
    _, base_url = publisher
    given = a_definition(tmp_path / "set", '{ name = "streets.geojson", sha256 = "00" }')
    with pytest.raises(WrongChecksumError, match="expected 00"):
        fetch.files(given, tmp_path / "cache", base_url=base_url)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_connection_that_breaks_off_leaves_nothing(tmp_path):
    given = a_definition(tmp_path / "set", '{ name = "streets.geojson" }')
    with served(BreaksOff) as base_url, pytest.raises(PartialFileError, match="10 of 100 bytes"):
        fetch.files(given, tmp_path / "cache", base_url=base_url)
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_network_and_no_such_file_are_said(tmp_path, publisher):
    _, base_url = publisher
    given = a_definition(tmp_path / "set", '{ name = "elsewhere.geojson" }')
    with pytest.raises(UnreachableError, match="1/abc/elsewhere"):
        fetch.files(given, tmp_path / "cache")
    with pytest.raises(UnreachableError, match="File not found"):
        fetch.files(given, tmp_path / "cache", base_url=base_url)
    assert list((tmp_path / "cache").iterdir()) == []


def test_only_web_addresses_are_fetched(tmp_path):
    given = a_definition(tmp_path / "set", '{ name = "streets.geojson" }')
    with pytest.raises(DefinitionError, match="neither http nor https"):
        fetch.files(given, tmp_path / "cache", base_url="file:///etc")


def test_a_set_that_is_shipped_has_nothing_to_fetch(tmp_path, boundaries):
    with pytest.raises(DefinitionError, match="nothing to fetch"):
        fetch.files(definition.load(boundaries / "beijing" / "definition.toml"), tmp_path)


def test_a_file_with_other_content_is_not_kept(tmp_path, publisher):
    folder, base_url = publisher
    (folder / "streets.geojson").unlink()
    shape = shapely.box(116, 40, 116.1, 40.1)
    frame = geopandas.GeoDataFrame({"id": [1]}, geometry=[shape], crs="EPSG:4326")
    frame.to_file(folder / "streets.geojson")
    given = a_definition(tmp_path / "set", '{ name = "streets.geojson" }')
    header = "code,name,west,south,east,north,area_km2\n"
    (tmp_path / "set" / "facts.csv").write_text(
        f"{header}110101001,a,116,40,116.2,40.1,94.8\n", encoding="utf-8"
    )
    with pytest.raises(FactsMismatchError, match="nearest is a"):
        fetch.release(given.path, tmp_path / "cache", base_url=base_url)
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_real_streets_are_an_exact_tiling_of_three_levels(real_streets):
    counts = {level: len(layer) for level, layer in real_streets.layers.items()}
    assert counts == {Level.CITY: 1, Level.DISTRICT: 16, Level.STREET: 331}
    assert faults(check(real_streets)) == ()
    assert real_streets.area("110102020").name == "广安门外街道"
    assert real_streets.area("110106901").name == "南苑镇"


def test_the_reference_building_has_its_published_shares_on_the_real_streets(
    real_streets, boundaries
):
    example = boundaries.parents[1] / "examples" / "reference_building_2000m2_wgs84.geojson"
    building = geopandas.read_file(example).geometry[0]
    ground = Geod(ellps="GRS80")
    for code, wanted_m2 in (("110102020", 1300.8), ("110106002", 700.7)):
        part = shapely.intersection(real_streets.geometry(code), building)
        assert abs(ground.geometry_area_perimeter(part)[0]) == pytest.approx(wanted_m2, abs=0.1)
