import pytest

from gridmap.errors import MalformedGeometryError, UnsupportedGeometryError
from gridmap.geojson import dump, parse

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ("POINT (1 1)", "geometry"),
        ({"type": "Point"}, "coordinates"),
        ({"type": "Point", "coordinates": [1]}, "coordinates"),
        ({"type": "Point", "coordinates": [True, 1]}, "coordinates"),
        ({"type": "Point", "coordinates": ["116", "40"]}, "coordinates"),
        ({"type": "LineString", "coordinates": [1, 2]}, r"coordinates\[0\]"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "coordinates"),
        ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, r"coordinates\[0\]: the ring is not"),
        ({"type": "Polygon", "coordinates": [SQUARE[:2]]}, "four positions"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE[:4]]]}, r"\[1\]\[0\]"),
    ],
)
def test_what_is_no_geometry_is_refused_with_the_path_to_the_culprit(document, where):
    with pytest.raises(MalformedGeometryError, match=where):
        parse(document)


@pytest.mark.parametrize("kind", ["GeometryCollection", "Circle", None])
def test_a_kind_that_is_no_place_is_refused(kind):
    with pytest.raises(UnsupportedGeometryError):
        parse({"type": kind, "coordinates": [1, 1]})


def test_a_geometry_comes_back_with_all_its_digits():
    document = {"type": "Point", "coordinates": [116.317791155514811, 39.88517015082887]}
    assert dump(parse(document)) == document


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        ("MultiLineString", [[], [[1, 1], [2, 2]]]),
        ("MultiPolygon", [[], [[[1, 1], [2, 1], [2, 2], [1, 1]]]]),
    ],
)
def test_an_empty_part_beside_others_is_refused_with_its_path(kind, coordinates):
    with pytest.raises(MalformedGeometryError) as refused:
        parse({"type": kind, "coordinates": coordinates})
    assert (refused.value.where, refused.value.why) == ("coordinates[0]", "it is empty")


@pytest.mark.parametrize("kind", [None, 7, [], {}])
def test_a_type_that_is_no_text_is_refused(kind):
    with pytest.raises(UnsupportedGeometryError):
        parse({"type": kind, "coordinates": []})
