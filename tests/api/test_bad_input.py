"""What is refused: each by its own name, with what, where and what to do, and nothing written."""

import json
from uuid import uuid4

import httpx
import numpy as np
import pytest
import shapely

from gridmap.place import place as checked_place
from tests.desk import FIRE, PROBLEM, REFERENCE, agreed, point, refused, shape

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("nothing_is_written")]

HERE = (116.3175, 39.885)
SQUARE = "POLYGON ((116.3 39.9, 116.301 39.9, 116.301 39.901, 116.3 39.901, 116.3 39.9))"

# The two doors through which a place comes in; what one refuses the other does, too.
DOORS = ("resolve", "incidents")

each_door = pytest.mark.parametrize("door", DOORS)


@pytest.fixture
def send(desk):
    """Post a body, or raw bytes, to a door; an idempotency key goes along, whatever the door."""

    def send(door, body, **headers):
        return desk.post(door, body, **{"Idempotency-Key": str(uuid4())} | headers)

    return send


@pytest.fixture
def send_place(send):
    return lambda door, place: send(door, {"place": place, "category": FIRE})


@pytest.fixture
def send_raw(send):
    """Post a place whose coordinates are written out, so that they may be no JSON of Python's."""

    def send_raw(door, coordinates, *, kind='"Point"', more=""):
        geometry = f'{{"type": {kind}, "coordinates": {coordinates}}}'
        place = f'{{"crs": "EPSG:4326", "geometry": {geometry}{more}}}'
        return send(door, f'{{"place": {place}, "category": "{FIRE}"}}'.encode("utf-8", "replace"))

    return send_raw


def polygon(*rings):
    return {"crs": "EPSG:4326", "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def ring_around(lng, lat, *, vertices, radius_deg=0.001):
    angles = np.linspace(0, 2 * np.pi, vertices)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * radius_deg + (lng, lat)
    ring[-1] = ring[0]
    return ring.tolist()


# --- where ------------------------------------------------------------------------------------


@each_door
def test_a_place_without_crs_is_refused_because_guessing_is_wrong_by_550_metres(send_place, door):
    place = {"geometry": {"type": "Point", "coordinates": HERE}}
    assert "550 m" in refused(send_place(door, place), 422, "missing-crs")["detail"]


@each_door
@pytest.mark.parametrize("crs", ["EPSG:999999", "WGS84", "EPSG:5773", "EPSG:0", "火星坐标"])
def test_an_unknown_crs_is_refused_by_its_name(send_place, door, crs):
    problem = refused(send_place(door, point(*HERE, crs=crs)), 422, "unknown-crs")
    assert problem["fields"]["crs"] == crs


@each_door
def test_latitude_and_longitude_swapped_are_refused_with_the_hint(send_place, door):
    place = point(HERE[1], HERE[0])
    problem = refused(send_place(door, place), 422, "coordinate-range")
    assert problem["fields"]["swapped"] is True
    assert "longitude first" in problem["detail"]


@each_door
def test_northing_and_easting_swapped_are_refused_with_the_hint(send_place, desk, door):
    easting, northing = 441_659.0, 4_416_660.0
    desk.resolved(point(easting, northing, crs="EPSG:4548"))
    answer = send_place(door, point(northing, easting, crs="EPSG:4548"))
    assert answer.status_code == 422
    assert answer.json()["type"] in {"/problems/outside-release", "/problems/coordinate-range"}


@each_door
def test_a_place_outside_the_city_is_refused_with_the_citys_bounds(send_place, door):
    problem = refused(send_place(door, point(121.47, 31.23)), 422, "outside-release")
    fields = problem["fields"]
    assert fields["west"] < HERE[0] < fields["east"]
    assert fields["south"] < HERE[1] < fields["north"]
    assert fields["swapped"] is False


# --- shapes -----------------------------------------------------------------------------------


@each_door
def test_a_self_crossing_polygon_is_refused_with_where_it_crosses(send_place, door):
    bow_tie = [[116.3, 39.9], [116.301, 39.901], [116.301, 39.9], [116.3, 39.901], [116.3, 39.9]]
    problem = refused(send_place(door, polygon(bow_tie)), 422, "invalid-geometry")
    assert problem["fields"]["reason"] == "self-intersection"
    assert problem["fields"]["lng"] == pytest.approx(116.3005)
    assert problem["fields"]["lat"] == pytest.approx(39.9005)


@each_door
def test_an_empty_polygon_is_refused(send_place, door):
    assert refused(send_place(door, polygon()), 422, "empty-place")["fields"]["kind"] == "Polygon"


@each_door
def test_an_unclosed_ring_is_refused_with_its_path(send_place, door):
    ring = [[116.3, 39.9], [116.301, 39.9], [116.301, 39.901], [116.3, 39.901]]
    problem = refused(send_place(door, polygon(ring)), 422, "malformed-geometry")
    assert problem["fields"] == {"where": "coordinates[0]", "why": "the ring is not closed"}


@each_door
def test_a_polygon_without_extent_is_refused(send_place, door):
    flat = [[116.3, 39.9], [116.301, 39.9], [116.302, 39.9], [116.3, 39.9]]
    refused(send_place(door, polygon(flat)), 422, "invalid-geometry")


@each_door
@pytest.mark.parametrize("kind", ["GeometryCollection", "MultiPoint", "Circle", None, 7, [], {}])
def test_a_shape_that_can_be_no_place_is_refused(send_place, door, kind):
    place = {"crs": "EPSG:4326", "geometry": {"type": kind, "coordinates": HERE}}
    answer = send_place(door, place)
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["type"] in {
        "/problems/unsupported-geometry",
        "/problems/malformed-geometry",
    }


@each_door
@pytest.mark.parametrize("geometry", [None, [], "POINT (116.3 39.9)", 7, {}])
def test_a_geometry_that_is_no_object_is_refused(send_place, door, geometry):
    answer = send_place(door, {"crs": "EPSG:4326", "geometry": geometry})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@each_door
@pytest.mark.parametrize("accuracy_m", [-1, 1e400, "12", True], ids=str)
def test_an_accuracy_that_is_no_radius_is_refused(send, door, accuracy_m):
    body = json.dumps({"place": point(*HERE, accuracy_m=accuracy_m), "category": FIRE})
    answer = send(door, body.encode())
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["type"] in {"/problems/invalid-accuracy", "/problems/validation"}


@each_door
def test_an_accuracy_of_a_footprint_is_refused(send_place, door):
    place = shape(shapely.from_wkt(SQUARE)) | {"accuracy_m": 5}
    refused(send_place(door, place), 422, "invalid-accuracy")


# --- numbers ----------------------------------------------------------------------------------


@each_door
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_a_coordinate_that_is_not_finite_is_refused(send_raw, door, number):
    problem = refused(send_raw(door, f"[116.3, {number}]"), 422, "not-finite")
    assert problem["fields"]["vertex"] == 0


@each_door
def test_an_integer_of_five_thousand_digits_is_refused(send_raw, door):
    answer = send_raw(door, f"[116.3, {'9' * 5_000}]")
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@each_door
@pytest.mark.parametrize("number", ["true", '"39.885"', "null", "[39.885]", "{}"])
def test_what_is_no_number_is_not_read_as_one(send_raw, door, number):
    problem = refused(send_raw(door, f"[116.3, {number}]"), 422, "malformed-geometry")
    assert problem["fields"]["why"] == "a position holds numbers only"


@each_door
@pytest.mark.parametrize("number", ["NaN", "1e999"])
def test_an_accuracy_that_is_not_finite_is_refused(send_raw, door, number):
    answer = send_raw(door, "[116.3, 39.9]", more=f', "accuracy_m": {number}')
    refused(answer, 422, "invalid-accuracy")


# --- size -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ten_megabytes():
    ring = ring_around(*HERE, vertices=270_000)
    body = json.dumps({"place": polygon(ring), "category": FIRE}).encode()
    assert len(body) > 10 * 1024 * 1024
    return body


@each_door
def test_a_polygon_of_ten_megabytes_is_refused_by_its_declared_length(send, door, ten_megabytes):
    problem = refused(send(door, ten_megabytes), 413, "body-too-large")
    assert problem["fields"]["limit_bytes"] == 2 * 1024 * 1024


@each_door
def test_a_polygon_of_ten_megabytes_in_chunks_is_refused(desk, door, ten_megabytes):
    step = 256 * 1024
    chunks = (ten_megabytes[at : at + step] for at in range(0, len(ten_megabytes), step))
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    try:
        answer = desk.http.post(f"/api/v1/{door}", content=chunks, headers=headers)
    except httpx.TransportError:
        # The service answers after two of the ten megabytes and closes; a client that goes on
        # sending may lose the answer. That it did not take the body is what matters.
        agreed(desk.get("release"))
    else:
        refused(answer, 413, "body-too-large")


@each_door
def test_too_many_vertices_are_refused_with_the_limit(send_place, desk, door):
    limit = agreed(desk.get("policy"))["limits"]["max_vertices"]
    ring = ring_around(*HERE, vertices=limit + 1)
    problem = refused(send_place(door, polygon(ring)), 422, "too-many-vertices")
    assert problem["fields"] == {"vertices": limit + 1, "limit": limit}


@each_door
def test_three_million_square_metres_are_refused_by_policy_which_the_library_does_not_have(
    send_place, door
):
    building = shapely.box(116.3, 39.9, 116.32, 39.916)
    problem = refused(send_place(door, shape(building)), 422, "footprint-too-large")
    accepted = checked_place(building, crs="EPSG:4326")
    assert accepted.area_m2 > 3e6
    assert problem["fields"] == {"area_m2": accepted.area_m2, "limit_m2": 1e6}


# --- text -------------------------------------------------------------------------------------

NO_TEXT = {"lone surrogate": r"\ud800", "NUL": r"\u0000"}

# Every place of a report where text can stand, the keys included; %s is the text.
TEXTS = {
    "text": '"text": "%s"',
    "category": '"category": "%s"',
    "intake": '"intake": "%s"',
    "source": '"source": "%s"',
    "a filing's document": (
        '"filings": [{"area_code": "110102020", "filed_at": "2025-06-03T08:00:00+08:00",'
        ' "document": "%s"}]'
    ),
    "a filing's area": (
        '"filings": [{"area_code": "%s", "filed_at": "2025-06-03T08:00:00+08:00", "document": "1"}]'
    ),
    "a filing's instant": (
        '"filings": [{"area_code": "110102020", "filed_at": "%s", "document": "1"}]'
    ),
    "separate": '"separate": "%s"',
    "an unknown key": '"x%s": 1',
    "a place's crs": '"place": {"crs": "%s", "geometry": {"type": "Point"}}',
    "a place's unknown key": '"place": {"crs": "EPSG:4326", "x%s": 1}',
    "a geometry's type": '"place": {"crs": "EPSG:4326", "geometry": {"type": "%s"}}',
    "a geometry": '"place": {"crs": "EPSG:4326", "geometry": "%s"}',
    "a coordinate": (
        '"place": {"crs": "EPSG:4326", "geometry": {"type": "Point", "coordinates": ["%s", 1]}}'
    ),
}


@pytest.mark.parametrize("bad", NO_TEXT.values(), ids=list(NO_TEXT))
@pytest.mark.parametrize("part", TEXTS.values(), ids=list(TEXTS))
def test_what_is_no_text_is_refused_wherever_it_stands(send, part, bad):
    whole = {"place": json.dumps(point(*HERE)), "category": f'"{FIRE}"'}
    named = {key: f'"{key}": {value}' for key, value in whole.items() if f'"{key}":' not in part}
    body = f"{{{', '.join([*named.values(), part % bad])}}}"
    answer = send("incidents", body.encode())
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["detail"]


@pytest.mark.parametrize("bad", NO_TEXT.values(), ids=list(NO_TEXT))
def test_what_is_no_text_is_refused_in_a_features_properties(send, bad):
    geometry = json.dumps({"type": "Point", "coordinates": HERE})
    properties = f'{{"category": "{FIRE}", "text": "{bad}"}}'
    body = f'{{"type": "Feature", "geometry": {geometry}, "properties": {properties}}}'
    answer = send("incidents", body.encode(), **{"Content-Type": "application/geo+json"})
    refused(answer, 422, "validation")


@pytest.mark.parametrize("step", ["whistles", "close", "summons/1/finish", "summons/1/respond"])
@pytest.mark.parametrize("bad", NO_TEXT.values(), ids=list(NO_TEXT))
def test_what_is_no_text_is_refused_in_a_step(desk, step, bad):
    answer = desk.post(f"cases/{uuid4()}/{step}", f'{{"actor": "{bad}"}}'.encode())
    refused(answer, 422, "validation")


def test_what_is_no_utf_8_is_refused(send):
    refused(send("resolve", b'{"place": "\xff\xfe"}'), 422, "validation")


def test_a_text_that_is_too_long_is_refused(send):
    body = {"place": point(*HERE), "category": FIRE, "text": "长" * 2_001}
    refused(send("incidents", body), 422, "validation")


# --- JSON -------------------------------------------------------------------------------------


@each_door
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"7", b'"text"', b"{}"])
def test_a_body_that_is_no_report_is_refused(send, door, body):
    refused(send(door, body), 422, "validation")


@each_door
@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000],
    ids=["open arrays", "open objects", "closed arrays"],
)
def test_deep_nesting_is_refused(send, door, body):
    refused(send(door, body), 422, "validation")


@each_door
@pytest.mark.parametrize("levels", [50, 500, 5_000])
def test_deep_nesting_inside_a_geometry_is_refused(send_raw, door, levels):
    answer = send_raw(door, "[" * levels + "]" * levels, kind='"MultiPolygon"')
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@each_door
def test_an_unknown_key_is_refused_so_that_no_slip_of_the_pen_is_lost(send, door):
    body = {"place": point(*HERE), "category": FIRE, "catgeory": FIRE}
    problem = refused(send(door, body), 422, "validation")
    assert [error["where"] for error in problem["errors"]] == ["body.catgeory"]


# --- what it is about -------------------------------------------------------------------------


@each_door
def test_a_category_that_does_not_exist_is_refused_with_the_catalogue(send, door):
    body = {"place": point(*HERE), "category": "E9999"}
    problem = refused(send(door, body), 422, "unknown-category")
    assert problem["fields"]["category"] == "E9999"
    assert problem["fields"]["catalogue"]


def test_a_report_without_category_is_refused(send):
    problem = refused(send("incidents", {"place": point(*HERE)}), 422, "validation")
    assert [error["where"] for error in problem["errors"]] == ["body.category"]


@each_door
def test_an_intake_that_the_release_does_not_know_is_refused(send, door):
    body = {"place": point(*HERE), "category": FIRE, "intake": "310101001"}
    problem = refused(send(door, body), 422, "unknown-area")
    assert problem["fields"]["code"] == "310101001"


@each_door
@pytest.mark.parametrize("code", ["1101", "110102020A", "１１０１０２", "1" * 16, "", 110102])
def test_an_intake_that_is_no_code_is_refused(send, door, code):
    body = {"place": point(*HERE), "category": FIRE, "intake": code}
    refused(send(door, body), 422, "validation")


@each_door
@pytest.mark.parametrize("filed_at", ["yesterday", "", "2026-13-01T00:00:00Z", None])
def test_a_filing_without_an_instant_is_refused(send, door, filed_at):
    filing = {"area_code": "110102020", "filed_at": filed_at, "document": "1"}
    body = {"place": point(*HERE), "category": FIRE, "filings": [filing]}
    refused(send(door, body), 422, "validation")


@each_door
def test_filings_of_which_one_has_no_offset_are_refused(send, door):
    """An instant without offset cannot be compared with one that has it."""
    filings = [
        {"area_code": "110102020", "filed_at": "2025-06-03T08:00:00", "document": "1"},
        {"area_code": "110106002", "filed_at": "2025-06-03T08:00:00+08:00", "document": "2"},
    ]
    body = {"place": shape(REFERENCE), "category": FIRE, "filings": filings}
    refused(send(door, body), 422, "validation")


# --- keys -------------------------------------------------------------------------------------


def test_a_report_without_idempotency_key_is_refused(desk):
    answer = desk.post("incidents", {"place": point(*HERE), "category": FIRE})
    problem = refused(answer, 422, "validation")
    assert [error["where"] for error in problem["errors"]] == ["header.Idempotency-Key"]


@pytest.mark.parametrize("key", ["", "k" * 201], ids=["empty", "too long"])
def test_an_idempotency_key_that_is_none_is_refused(desk, key):
    refused(desk.report(point(*HERE), key=key), 422, "validation")


# --- GeoJSON ----------------------------------------------------------------------------------

GEOJSON = {"Content-Type": "application/geo+json"}


def feature(**more):
    geometry = {"type": "Point", "coordinates": HERE}
    return {"type": "Feature", "geometry": geometry, "properties": {"category": FIRE}} | more


def legacy_crs(name):
    return {"type": "name", "properties": {"name": name}}


def test_geojson_without_crs_is_wgs_84(send, desk):
    told = agreed(send("resolve", feature(), **GEOJSON))
    declared = desk.resolved(point(*HERE), category=FIRE)
    assert told == declared


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"])
def test_geojson_with_the_legacy_member_of_crs84_is_accepted(send, name):
    answer = agreed(send("resolve", feature(crs=legacy_crs(name)), **GEOJSON))
    assert answer["place"]["given_crs"] == "EPSG:4326"


@pytest.mark.parametrize("crs", [legacy_crs("urn:ogc:def:crs:EPSG::4548"), "EPSG:4548", {}, 7])
def test_geojson_with_another_crs_is_refused(send, crs):
    refused(send("resolve", feature(crs=crs), **GEOJSON), 422, "unknown-crs")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "FeatureCollection", "features": []},
        {"type": "Point", "coordinates": HERE},
        [],
        None,
        7,
        "Feature",
    ],
    ids=str,
)
def test_geojson_that_is_no_feature_is_refused(send, body):
    refused(send("resolve", body, **GEOJSON), 422, "malformed-geometry")


@pytest.mark.parametrize("properties", [[], [1], "text", 7, True], ids=str)
def test_a_feature_whose_properties_are_no_object_is_refused(send, properties):
    answer = send("resolve", feature(properties=properties), **GEOJSON)
    assert refused(answer, 422, "malformed-geometry")["fields"]["where"] == "properties"


def test_a_feature_that_names_its_place_twice_is_refused(send):
    body = feature(properties={"category": FIRE, "place": point(*HERE)})
    problem = refused(send("resolve", body, **GEOJSON), 422, "malformed-geometry")
    assert problem["fields"]["where"] == "properties.place"


# --- cases ------------------------------------------------------------------------------------

STEPS = {
    "whistles": {},
    "close": {"result": ""},
    "summons/1/respond": {},
    "summons/1/arrive": {"place": point(*HERE)},
    "summons/1/finish": {"result": ""},
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_on_an_unknown_case_is_refused(desk, step):
    unknown = str(uuid4())
    problem = refused(desk.post(f"cases/{unknown}/{step}", STEPS[step]), 404, "unknown-case")
    assert problem["fields"]["case"] == unknown


@pytest.mark.parametrize("path", ["", "/events"])
def test_an_unknown_case_is_not_there(desk, path):
    refused(desk.get(f"cases/{uuid4()}{path}"), 404, "unknown-case")


@pytest.mark.parametrize("case", ["1", "20261123-000001", "null"])
def test_what_is_no_case_id_is_refused(desk, case):
    refused(desk.get(f"cases/{case}"), 422, "validation")


@pytest.mark.parametrize(
    ("path", "status"),
    [("nowhere", 404), ("cases/x/y/z", 404)],
)
def test_a_path_that_is_none_is_a_problem_too(desk, path, status):
    refused(desk.get(path), status, "not-found")


def test_a_method_that_is_none_is_a_problem_too(desk):
    answer = desk.http.delete("/api/v1/cases")
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("limit", ["0", "501", "x", "1e3", "-1"])
def test_a_limit_of_the_list_that_is_none_is_refused(desk, limit):
    refused(desk.get("cases", limit=limit), 422, "validation")
