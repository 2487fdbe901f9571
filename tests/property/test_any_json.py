"""Whatever JSON comes in, a place comes out or one of our errors."""

import json
from contextlib import suppress

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridmap import geojson
from gridmap.errors import GridmapError
from gridmap.place import place

KINDS = ["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "MultiPoint", ""]

numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-180, 180),
    st.integers(-(10**400), 10**400),
    st.integers(-180, 180),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=20,
)
position = st.one_of(st.tuples(numbers, numbers).map(list), st.lists(numbers, max_size=4), anything)
corner = st.tuples(st.floats(115, 118), st.floats(39, 42)).map(list)
closed = st.lists(corner, min_size=3, max_size=6).map(lambda corners: [*corners, corners[0]])
ring = st.one_of(st.lists(position, max_size=6), closed)
coordinates = st.one_of(
    position, ring, st.lists(ring, max_size=3), st.lists(st.lists(ring, max_size=2), max_size=2)
)
geometry = st.fixed_dictionaries(
    {"type": st.one_of(st.sampled_from(KINDS), anything), "coordinates": coordinates}
)


@given(document=st.one_of(anything, geometry))
@example(document={"type": "Polygon", "coordinates": []})
@example(document={"type": "Point", "coordinates": [10**400, 1]})
@example(document={"type": "LineString", "coordinates": [[1, 1, 1], [2, 2]]})
@example(document={"type": "LineString", "coordinates": [[1, 1], []]})
@example(document={"type": "MultiLineString", "coordinates": [[], [[1, 1], [2, 2]]]})
@example(document={"type": "MultiPolygon", "coordinates": [[], [[[1, 1], [2, 1], [2, 2], [1, 1]]]]})
@settings(max_examples=400, deadline=None)
def test_reading_raises_nothing_but_our_own_errors(document):
    with suppress(GridmapError):
        place(geojson.parse(document), crs="EPSG:4490")


@given(document=geometry, accuracy_m=st.one_of(st.none(), st.floats()))
@settings(max_examples=200, deadline=None)
def test_what_was_read_is_written_as_the_same_shape(document, accuracy_m):
    try:
        shape = geojson.parse(document)
        known = place(shape, crs="EPSG:4490", accuracy_m=accuracy_m)
    except GridmapError:
        return
    again = geojson.parse(json.loads(json.dumps(geojson.dump(known.geometry))))
    assert again.equals_exact(known.geometry, tolerance=0)
