import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.measure import area_m2
from gridmap.parents import by_containment

ABOVE = np.array([shapely.box(0, 0, 4, 4), shapely.box(4, 0, 8, 4)])
CODES = np.array(["990101", "990102"])


def parents(*wkt, above=ABOVE, codes=CODES):
    return by_containment(shapely.from_wkt(list(wkt)), codes, above).tolist()


def test_the_parent_is_the_one_that_holds_most_of_the_ground():
    assert parents("POLYGON ((3 0, 6 0, 6 1, 3 1, 3 0))") == ["990102"]
    assert parents("POLYGON ((2 0, 5 0, 5 1, 2 1, 2 0))") == ["990101"]


def test_equal_shares_go_to_the_lowest_code_in_any_order():
    half = "POLYGON ((3 0, 5 0, 5 1, 3 1, 3 0))"
    assert parents(half) == ["990101"]
    assert parents(half, above=ABOVE[::-1], codes=CODES[::-1]) == ["990101"]


def test_an_area_that_lies_in_two_overlapping_ones_goes_to_the_lowest_code():
    twice = np.array([ABOVE[0], ABOVE[0]])
    assert parents("POLYGON ((1 1, 2 1, 2 2, 1 1))", above=twice) == ["990101"]


def test_an_area_that_only_touches_or_lies_beyond_has_no_parent():
    assert parents("POLYGON ((8 0, 9 0, 9 1, 8 1, 8 0))", "POLYGON ((20 0, 21 0, 21 1, 20 0))") == [
        "",
        "",
    ]


def test_an_outline_that_crosses_itself_has_a_parent_too():
    assert parents("POLYGON ((1 1, 2 2, 2 1, 1 2, 1 1))") == ["990101"]


def test_without_parents_or_children_there_are_none():
    assert parents("POLYGON ((1 1, 2 1, 2 2, 1 1))", above=ABOVE[:0], codes=CODES[:0]) == [""]
    assert by_containment(ABOVE[:0], CODES, ABOVE).tolist() == []


boxes = st.tuples(st.integers(-2, 9), st.integers(-2, 5), st.integers(1, 4), st.integers(1, 4))


@given(child=boxes)
@settings(max_examples=60, deadline=None)
def test_no_other_parent_holds_more(child):
    west, south, width, height = child
    shape = shapely.box(west, south, west + width, south + height)
    (found,) = by_containment(np.array([shape]), CODES, ABOVE).tolist()
    shares = {str(code): area_m2(shape & above) for code, above in zip(CODES, ABOVE, strict=True)}
    assert shares.get(found, 0.0) == pytest.approx(max(shares.values()))
