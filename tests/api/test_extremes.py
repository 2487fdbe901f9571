"""Input that is well-formed and strange: every answer is an answer or a named refusal."""

import json

import pytest
import shapely

from tests.desk import FIRE, PROBLEM, agreed, point, refused, shape

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

HERE = (116.3175, 39.885)
TRIANGLE = "((116.3 39.9, 116.301 39.9, 116.301 39.901, 116.3 39.9))"


def assert_answered(answer):
    """It was answered or refused by name, in JSON without NaN; the service did not fail."""
    assert answer.status_code in {200, 201, 422}, answer.text
    if answer.status_code == 422:
        assert answer.headers["content-type"] == PROBLEM
    json.loads(answer.text, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "accuracy_m", [0, 1e-300, 1e-9, 1e-3, 50_000, 1e6, 1e7, 3e7, 1e12, 1.7e308], ids=str
)
def test_any_accuracy_is_answered_or_refused(desk, accuracy_m):
    assert_answered(desk.resolve(point(*HERE, accuracy_m=accuracy_m), category=FIRE))


@pytest.mark.parametrize("size_deg", [1e-16, 1e-14, 1e-13, 1e-12, 1e-11, 1e-9, 1e-7], ids=str)
def test_a_footprint_of_any_smallness_is_answered_or_refused(desk, size_deg):
    lng, lat = HERE
    ring = [
        [lng, lat],
        [lng + size_deg, lat],
        [lng + size_deg, lat + size_deg],
        [lng, lat + size_deg],
        [lng, lat],
    ]
    place = {"crs": "EPSG:4326", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    assert_answered(desk.resolve(place, category=FIRE))


@pytest.mark.parametrize("length_deg", [0, 1e-16, 1e-13, 1e-12, 1e-9, 1e-6], ids=str)
def test_a_line_of_any_shortness_is_answered_or_refused(desk, length_deg):
    lng, lat = HERE
    line = [[lng, lat], [lng + length_deg, lat]]
    place = {"crs": "EPSG:4326", "geometry": {"type": "LineString", "coordinates": line}}
    assert_answered(desk.resolve(place, category=FIRE))


@pytest.mark.parametrize(
    "wkt",
    [
        "LINESTRING (115 39, 118 42)",
        "LINESTRING (116.3 39.9, -179 -89)",
        "LINESTRING (-180 39.9, 180 39.9)",
        "MULTILINESTRING ((116.3 39.9, 116.31 39.9), (116.305 39.89, 116.305 39.91))",
        "MULTILINESTRING ((116.3 39.9, 116.31 39.9), (116.3 39.9, 116.31 39.9))",
        f"MULTIPOLYGON ({TRIANGLE}, ((0 0, 0.001 0, 0.001 0.001, 0 0)))",
        f"MULTIPOLYGON ({TRIANGLE}, ((-63.6 -39.9, -63 -39.9, -63 -39, -63.6 -39.9)))",
        f"MULTIPOLYGON ({TRIANGLE}, ((26.4 0, 26.401 0, 26.401 0.001, 26.4 0)))",
        f"MULTIPOLYGON ({TRIANGLE}, {TRIANGLE})",
        "POLYGON ((0 0, 1e-9 0, 180 90, 0 0))",
        "POINT Z (116.3175 39.885 8848)",
    ],
)
def test_strange_shapes_are_answered_or_refused(desk, wkt):
    assert_answered(desk.resolve(shape(shapely.from_wkt(wkt)), category=FIRE))


@pytest.mark.parametrize("coordinates", [[], [[]], [[[]]], [[], []], None, [None], {}], ids=str)
@pytest.mark.parametrize(
    "kind", ["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
)
def test_coordinates_of_any_emptiness_are_refused(desk, kind, coordinates):
    place = {"crs": "EPSG:4326", "geometry": {"type": kind, "coordinates": coordinates}}
    answer = desk.resolve(place)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@pytest.mark.parametrize(
    ("lng", "lat"),
    [
        (-74.0, 40.7),
        (-63.6, -39.9),
        (0, 90),
        (0, -90),
        (180, 0),
        (-63.6, 39.9),
        (26.4, 0),
        (206, 0),
    ],
)
@pytest.mark.parametrize("accuracy_m", [None, 1e-300, 1e5, 1e308], ids=str)
def test_an_arrival_anywhere_on_earth_is_judged_or_refused(desk, spot, lng, lat, accuracy_m):
    case = desk.stepped(desk.opened(point(*spot)), "whistles")
    position = point(lng, lat, accuracy_m=accuracy_m)
    answer = desk.step(case, "summons", "1", "arrive", place=position)
    assert_answered(answer)
    if answer.status_code == 200:
        (arrival,) = answer.json()["summons"][0]["arrivals"]
        assert arrival["verdict"] == "wrong_place"
        assert arrival["distance_m"] > 1e6


@pytest.mark.parametrize("accuracy_m", [None, 0, 1e-300, 1e-9, 1e-3], ids=str)
def test_an_exact_position_in_the_place_is_on_site(desk, spot, accuracy_m):
    case = desk.stepped(desk.opened(point(*spot)), "whistles")
    position = point(*spot, accuracy_m=accuracy_m)
    how = "hand" if accuracy_m is None else "gps"
    case = desk.summons(case, case["summons"][0], "arrive", place=position, how=how)
    assert case["summons"][0]["arrivals"][0]["verdict"] == "on_site"


def test_a_device_may_not_leave_its_accuracy_out(desk, spot):
    case = desk.stepped(desk.opened(point(*spot)), "whistles")
    answer = desk.step(case, "summons", "1", "arrive", place=point(*spot))
    refused(answer, 422, "missing-accuracy")


@pytest.mark.parametrize("crs", ["EPSG:4548", "EPSG:32650", "EPSG:3857"])
@pytest.mark.parametrize("xy", [(0, 0), (1e10, 1e10), (-1e300, 1e300), (1e308, 0)], ids=str)
def test_projected_coordinates_of_any_size_are_answered_or_refused(desk, crs, xy):
    assert_answered(desk.resolve(point(*xy, crs=crs)))


@pytest.mark.parametrize(
    "crs",
    ["EPSG:3395", "EPSG:2154", "EPSG:5514", "EPSG:5041", "EPSG:4978", "EPSG:9057", "EPSG:4214"],
)
def test_a_crs_of_another_place_is_answered_or_refused(desk, crs):
    assert_answered(desk.resolve(point(*HERE, crs=crs)))
    assert_answered(desk.resolve(point(4_000_000, 5_000_000, crs=crs)))


def test_a_line_longer_than_the_city_is_refused_by_policy(desk):
    line = shapely.LineString([(115.5, 39.6), (117, 41.05)])
    refused(desk.resolve(shape(line)), 422, "line-too-long")


def test_a_position_too_vague_to_summon_anybody_by_is_refused_by_policy(desk):
    vague = point(*HERE, accuracy_m=301)
    assert agreed(desk.resolve(vague))["plan"] is None, "whose it is may be asked, who comes not"
    problem = refused(desk.resolve(vague, category="E0601"), 422, "too-vague")
    assert problem["fields"] == {"accuracy_m": 301, "limit_m": 300}


def test_a_building_in_hebei_that_touches_beijing_with_a_sliver_is_outside(desk, beijing):
    city = beijing.layers["city"].geometries[0]
    easternmost = max(shapely.get_coordinates(city).tolist())
    lng, lat = easternmost
    building = shapely.box(lng - 1e-9, lat - 0.0002, lng + 0.0005, lat + 0.0002)
    refused(desk.resolve(shape(building)), 422, "outside-release")
