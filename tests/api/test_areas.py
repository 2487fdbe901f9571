"""Areas for maps: GeoJSON, generalised with shared edges kept, and cheap to ask for again."""

import json

import numpy as np
import pytest
import shapely

from gridmap.measure import area_m2
from tests.desk import agreed, refused

pytestmark = pytest.mark.store

CORE = "116.3,39.88,116.32,39.9"  # around the reference building
CITY = "115.3,39.3,117.6,41.2"


def shapes(document):
    return np.array(
        [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in document["features"]]
    )


def have(desk, etag):
    """Ask for the districts, saying what one has."""
    return desk.http.get(
        "/api/v1/areas", params={"level": "district"}, headers={"If-None-Match": etag}
    )


@pytest.mark.parametrize(
    ("level", "bbox"),
    [("city", None), ("district", None), ("street", None), ("community", CORE), ("cell", CORE)],
)
def test_every_level_is_valid_geojson_with_what_a_map_needs(desk, beijing, level, bbox):
    answer = desk.get("areas", level=level, **{"bbox": bbox} if bbox else {})
    document = agreed(answer)
    assert answer.headers["content-type"] == "application/geo+json"
    assert document["type"] == "FeatureCollection"
    assert document["features"]
    for feature, shape in zip(document["features"], shapes(document), strict=True):
        properties = feature["properties"]
        assert feature["type"] == "Feature"
        assert feature["id"] == properties["code"]
        assert shape.is_valid
        exact = beijing.geometry(feature["id"])
        assert properties["area_m2"] == pytest.approx(area_m2(exact), abs=0.1)
        assert shapely.intersects(exact, shapely.Point(properties["label"]))
        assert properties["basis"] == beijing.layers[level].basis
        area = beijing.area(feature["id"])
        assert (properties["name"], properties["parent"]) == (area.name, area.parent)


@pytest.mark.parametrize("level", ["district", "street"])
@pytest.mark.parametrize("zoom", [8, 10, 13])
def test_generalised_neighbours_still_share_their_edges(desk, level, zoom):
    document = agreed(desk.get("areas", level=level, zoom=zoom))
    assert shapely.coverage_is_valid(shapes(document))


def test_cells_in_the_core_share_their_edges_at_every_zoom(desk):
    for zoom in (10, 24):
        found = shapes(agreed(desk.get("areas", level="cell", bbox=CORE, zoom=zoom)))
        assert shapely.coverage_is_valid(found)


def test_a_far_view_has_fewer_vertices_and_a_near_one_the_exact_lines(desk, beijing):
    far, near = (shapes(agreed(desk.get("areas", level="district", zoom=zoom))) for zoom in (8, 24))
    assert shapely.get_num_coordinates(far).sum() < shapely.get_num_coordinates(near).sum() / 5
    exact = beijing.layers["district"].geometries
    assert shapely.equals_exact(near, exact, tolerance=0).all()


def test_a_box_has_exactly_the_areas_that_meet_it(desk, beijing):
    document = agreed(desk.get("areas", level="street", bbox=CORE))
    layer = beijing.layers["street"]
    box = shapely.box(*map(float, CORE.split(",")))
    expected = layer.codes[shapely.intersects(layer.geometries, box)].tolist()
    assert [feature["id"] for feature in document["features"]] == expected


def test_a_box_outside_the_city_has_no_areas(desk):
    assert agreed(desk.get("areas", level="cell", bbox="0,0,1,1"))["features"] == []


def test_what_has_not_changed_is_not_sent_again(desk):
    first = desk.get("areas", level="district")
    again = have(desk, first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    agreed(have(desk, '"another"'))


@pytest.mark.parametrize(
    "given", ["W/{etag}", '"another", {etag}', "*"], ids=["weak", "one of several", "any"]
)
def test_every_way_to_say_what_one_has_is_understood(desk, given):
    """RFC 9110, section 13.1.2: a list, compared weakly; a proxy that compresses makes it weak."""
    etag = desk.get("areas", level="district").headers["etag"]
    assert have(desk, given.format(etag=etag)).status_code == 304


@pytest.mark.parametrize(
    "bbox",
    [
        "",
        "116.3,39.88,116.32",
        "116.3,39.88,116.32,39.9,1",
        "a,b,c,d",
        "116.32,39.88,116.3,39.9",
        "116.3,39.9,116.32,39.88",
        "116.3,39.88,116.3,39.88",
        "nan,39.88,116.32,39.9",
        "116.3,39.88,116.32,nan",
        "116.3;39.88;116.32;39.9",
    ],
)
def test_a_box_that_is_none_is_refused(desk, bbox):
    problem = refused(desk.get("areas", level="cell", bbox=bbox), 400, "bbox")
    assert problem["fields"]["given"] == bbox


@pytest.mark.parametrize("bbox", ["-inf,-inf,inf,inf", "-1e308,-1e308,1e308,1e308"])
def test_a_box_without_end_is_the_whole_city(desk, bbox):
    assert len(agreed(desk.get("areas", level="district", bbox=bbox))["features"]) == 16


@pytest.mark.parametrize("level", ["community", "cell"])
def test_communities_and_cells_need_a_box(desk, level):
    refused(desk.get("areas", level=level), 400, "bbox")


def test_more_areas_than_one_answer_holds_are_refused_with_their_number(desk, beijing):
    problem = refused(desk.get("areas", level="cell", bbox=CITY), 400, "too-many-areas")
    assert problem["fields"] == {"count": len(beijing.layers["cell"]), "limit": 3_000}


@pytest.mark.parametrize(
    "params",
    [{}, {"level": "planet"}, {"level": "city", "zoom": "25"}, {"level": "city", "zoom": "nan"}],
    ids=str,
)
def test_a_question_without_a_level_or_with_a_wrong_zoom_is_refused(desk, params):
    refused(desk.get("areas", **params), 422, "validation")


@pytest.mark.parametrize("code", ["110000", "110102", "110102020", "110102020024"])
def test_one_area_has_its_exact_lines_and_the_areas_above_it(desk, beijing, code):
    feature = agreed(desk.get(f"areas/{code}"))
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert shapely.equals_exact(shape, beijing.geometry(code), tolerance=0)
    above = [area["code"] for area in feature["properties"]["ancestors"]]
    assert above == [area.code for area in beijing.ancestors(code)]


@pytest.mark.parametrize("code", ["999999", "110102999", "x", "%00", "110102%20"])
def test_an_area_that_the_release_does_not_have_is_refused(desk, code):
    problem = refused(desk.get(f"areas/{code}"), 404, "area-not-found")
    assert problem["fields"]["release"] == "beijing-2026"


def test_the_release_tells_its_levels_with_their_basis_and_source(desk, beijing):
    release = agreed(desk.get("release"))
    assert [(level["level"], level["basis"], level["count"]) for level in release["levels"]] == [
        (level, layer.basis, len(layer)) for level, layer in beijing.layers.items()
    ]
    assert release["provenance"]["licence"]
    assert release["bounds"] == list(beijing.bounds)
