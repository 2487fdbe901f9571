"""For any place in the toy city: shares sum to one with the gap, the first code is the lowest."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st

from gridmap.attribute import attribute
from gridmap.errors import OutsideReleaseError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.measure import area_m2, length_m
from gridmap.place import place, point
from gridmap.relation import Relation
from tests import toy

# Sixty-fourths of a degree: borders stay exact in binary, and the city is some kilometres wide.
SCALE = 1 / 64

WRONG = toy.STREETS | {
    toy.NORTH_STREET: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))",  # a gap from y = 2 to 3
    toy.EAST_STREET: "POLYGON ((3 0, 8 0, 8 4, 4 4, 4 2, 3 2, 3 0))",  # an overlap from x = 3 to 4
}


def small(release):
    """The toy city as large as a district."""
    layers = {
        level: replace(layer, geometries=shapely.transform(layer.geometries, lambda xy: xy * SCALE))
        for level, layer in release.layers.items()
    }
    return ReleaseIndex(replace(release, layers=layers))


SOUND_INDEX = small(toy.release())
INDEXES = {"sound": SOUND_INDEX, "wrong": small(toy.release(WRONG))}

# Halves lie on borders and vertices as often as they can; billionths keep off denormal numbers.
halves = st.integers(-1, 17).map(lambda n: n / 2)
along_x = st.one_of(halves, st.floats(0, 8).map(lambda x: round(x, 9)))
along_y = st.one_of(halves, st.floats(0, 4).map(lambda y: round(y, 9)))
corners = st.tuples(along_x, along_y).map(lambda xy: (xy[0] * SCALE, xy[1] * SCALE))


def footprint(points):
    shape = shapely.MultiPoint(points).convex_hull
    # Not thinner than some metres: a slanting edge bends by a millimetre where it is cut.
    assume(shape.geom_type == "Polygon" and area_m2(shape) > 2 * length_m(shape))
    return shape


def line(points):
    shape = shapely.LineString(points)
    assume(length_m(shape) > 1)
    return shape


footprints = st.lists(corners, min_size=3, max_size=8).map(footprint)
lines = st.lists(corners, min_size=2, max_size=5).map(line)


def answered(where, index):
    """Attribute a place, and give up this example where it is outside the city."""
    try:
        return attribute(where, index)
    except OutsideReleaseError:
        reject()


def levels(shape, index):
    return answered(place(shape, crs="EPSG:4490"), index).levels


@pytest.mark.parametrize("city", INDEXES)
@given(shape=st.one_of(footprints, lines))
@example(shape=shapely.box(0, 0, 8 * SCALE, 4 * SCALE))
@example(shape=shapely.box(3 * SCALE, SCALE, 5 * SCALE, 3 * SCALE))
@example(shape=shapely.box(-SCALE, SCALE, SCALE, 3 * SCALE))
@example(shape=shapely.LineString([(4 * SCALE, 0), (4 * SCALE, 4 * SCALE)]))
@settings(max_examples=60, deadline=None)
def test_shares_sum_to_one_with_the_gap(city, shape):
    for level in levels(shape, INDEXES[city]):
        parts = (*level.parts, *level.touches)
        shares = sum(part.share for part in parts)
        # Where areas overlap, a stretch counts for each of them and the gap weighs less.
        assert shares <= 1 + 1e-9
        assert 1 - shares <= level.gap_share + 1e-6
        if level.relation not in {Relation.OVERLAP, Relation.ON_LINE}:
            assert math.isclose(shares + level.gap_share, 1, abs_tol=1e-3)
        assert all(0 <= part.share <= 1 and part.probability is None for part in parts)
        # Halves are equal, whatever the last digit says; then the code decides.
        listed = [(-round(part.share, 9), part.area.code) for part in level.parts]
        assert listed == sorted(listed)
        assert all(part.counts for part in level.parts)
        assert not any(part.counts for part in level.touches)


@given(shape=footprints)
@settings(max_examples=60, deadline=None)
def test_the_parts_of_a_footprint_in_a_sound_city_are_its_whole_ground(shape):
    inside = shape.intersection(shapely.box(0, 0, 8 * SCALE, 4 * SCALE))
    assume(area_m2(inside) > 1)
    for level in levels(shape, SOUND_INDEX):
        parts = (*level.parts, *level.touches)
        whole = sum(part.area_m2 for part in parts)
        assert math.isclose(whole, area_m2(inside), abs_tol=0.002 * length_m(shape))
        assert math.isclose(level.gap_share, 1 - whole / area_m2(shape), abs_tol=1e-3)


@given(positions=st.lists(corners, min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_locate_returns_the_lowest_code_of_those_that_cover(positions):
    lnglat = np.array(positions, dtype=float)
    for index in INDEXES.values():
        for level, one in index.layers.items():
            layer = one.layer
            covers = shapely.covers(layer.geometries[None, :], shapely.points(lnglat)[:, None])
            wanted = [min(layer.codes[row].tolist(), default=None) for row in covers]
            found = [
                str(layer.codes[row]) if row >= 0 else None
                for row in index.locate(lnglat, level=level)
            ]
            assert found == wanted


@given(where=corners, accuracy_m=st.one_of(st.just(0.0), st.floats(0.001, 5_000)))
@example(where=(4 * SCALE, 2 * SCALE), accuracy_m=30.0)
@example(where=(0, 0), accuracy_m=5_000.0)
@settings(max_examples=80, deadline=None)
def test_an_uncertain_point_has_probabilities_that_never_exceed_its_confidence(where, accuracy_m):
    spot = point(*where, crs="EPSG:4490", accuracy_m=accuracy_m)
    answer = answered(spot, SOUND_INDEX)
    for level in answer.levels:
        assert all(part.share is None for part in level.parts)
        if accuracy_m:
            chances = [part.probability for part in level.parts]
            assert sum(chances) <= 0.95 + 1e-6
            listed = [(-round(part.probability, 9), part.area.code) for part in level.parts]
            assert listed == sorted(listed)


@given(where=corners)
@settings(max_examples=80, deadline=None)
def test_a_point_is_on_a_line_exactly_where_the_distance_to_the_border_is_nothing(where):
    answer = answered(point(*where, crs="EPSG:4490"), SOUND_INDEX)
    street = answer.by_level[Level.STREET]
    if street.relation is Relation.ON_LINE:
        assert street.border_distance_m < 0.01
    if street.relation is Relation.INSIDE:  # on the city's own edge there is no other side
        at_the_edge = answer.by_level[Level.CITY].border_distance_m < 10
        assert at_the_edge or street.border_distance_m > 9.9
    codes = [part.area.code for part in street.parts]
    assert codes == sorted(codes)
