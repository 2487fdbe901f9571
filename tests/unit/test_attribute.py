import pytest
import shapely
from pyproj import Geod

from gridmap.attribute import attribute
from gridmap.attribution import Tolerance
from gridmap.errors import OutsideReleaseError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import place, point
from gridmap.relation import Relation
from tests import toy


@pytest.fixture(scope="module")
def index():
    return ReleaseIndex(toy.release())


def at(index, wkt, *, accuracy_m=None, level=Level.STREET, tolerance=None):
    where = place(shapely.from_wkt(wkt), crs="EPSG:4490", accuracy_m=accuracy_m)
    return attribute(where, index, tolerance=tolerance).by_level[level]


def codes(answer):
    return [part.area.code for part in answer.parts]


def test_a_point_inside_has_one_area_and_neither_share_nor_probability(index):
    answer = at(index, "POINT (1 1)")
    assert (answer.relation, codes(answer)) == (Relation.INSIDE, [toy.SOUTH_STREET])
    assert (answer.parts[0].share, answer.parts[0].probability) == (None, None)


def test_a_point_on_a_shared_edge_is_in_both_areas_the_lowest_code_first(index):
    answer = at(index, "POINT (1 2)")
    assert answer.relation is Relation.ON_LINE
    assert codes(answer) == [toy.SOUTH_STREET, toy.NORTH_STREET]
    assert answer.border_distance_m == pytest.approx(0, abs=1e-3)


def test_a_point_on_a_vertex_of_three_areas_is_in_all_three(index):
    answer = at(index, "POINT (4 2)")
    assert codes(answer) == [toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET]


def test_a_point_in_an_exclave_belongs_to_the_area_far_away(index):
    assert codes(at(index, "POINT (6 2)")) == [toy.NORTH_STREET]
    assert codes(at(index, "POINT (6 2)", level=Level.DISTRICT)) == [toy.WEST]


def test_a_point_on_the_edge_of_a_hole_is_in_both(index):
    assert codes(at(index, "POINT (5 2)")) == [toy.NORTH_STREET, toy.EAST_STREET]


def test_the_distance_to_the_border_is_geodesic(index):
    answer = at(index, "POINT (1 1)")
    _, _, to_edge = Geod(ellps="GRS80").inv(1, 1, 1, 2)
    assert answer.border_distance_m == pytest.approx(min(to_edge, 110_000), rel=0.01)


def test_a_point_near_a_line_names_the_other_area_and_its_distance(index):
    answer = at(index, "POINT (1 1.99999)")
    assert answer.relation is Relation.NEAR_LINE
    assert codes(answer) == [toy.SOUTH_STREET]
    (neighbour,) = answer.nearby
    assert neighbour.area.code == toy.NORTH_STREET
    assert neighbour.distance_m == pytest.approx(1.106, abs=0.01)


def test_an_uncertain_point_has_probabilities_and_the_likely_side_counts_alone(index):
    answer = at(index, "POINT (1 1.9999)", accuracy_m=30)
    south, north = answer.parts
    assert south.probability + north.probability == pytest.approx(0.95)
    assert (south.counts, north.counts) == (True, False)
    assert (south.share, north.share) == (None, None)


def test_an_uncertain_point_on_the_line_counts_on_both_sides(index):
    answer = at(index, "POINT (1 2)", accuracy_m=30)
    assert [part.counts for part in answer.parts] == [True, True]
    assert [part.probability for part in answer.parts] == pytest.approx([0.475, 0.475], abs=1e-4)


def test_a_footprint_over_a_line_has_shares_that_sum_to_one(index):
    answer = at(index, "POLYGON ((3 0.5, 5 0.5, 5 1, 3 1, 3 0.5))")
    assert answer.relation is Relation.STRADDLES
    assert sorted(codes(answer)) == [toy.SOUTH_STREET, toy.EAST_STREET]
    assert [part.share for part in answer.parts] == pytest.approx([0.5, 0.5])
    assert answer.gap_share == pytest.approx(0)


def test_the_parts_of_a_footprint_are_true_ground_areas(index):
    answer = at(index, "POLYGON ((3.999 1, 4.001 1, 4.001 1.001, 3.999 1.001, 3.999 1))")
    geodesic, _ = Geod(ellps="GRS80").geometry_area_perimeter(shapely.box(4, 1, 4.001, 1.001))
    assert answer.parts[0].area_m2 == pytest.approx(geodesic, rel=1e-5)


def test_a_sliver_is_reported_and_does_not_count(index):
    sliver = "POLYGON ((3.9 1, 4.0000001 1, 4.0000001 1.001, 3.9 1.001, 3.9 1))"
    answer = at(index, sliver)
    assert codes(answer) == [toy.SOUTH_STREET]
    assert [part.area.code for part in answer.touches] == [toy.EAST_STREET]
    assert answer.relation is Relation.NEAR_LINE


def test_a_place_smaller_than_the_threshold_counts_where_it_lies(index):
    answer = at(index, "POLYGON ((1 1, 1.000001 1, 1.000001 1.000001, 1 1.000001, 1 1))")
    assert answer.parts[0].area_m2 < Tolerance().min_area_m2
    assert codes(answer) == [toy.SOUTH_STREET]


def test_a_line_has_lengths_and_one_along_a_border_is_on_the_line(index):
    across = at(index, "LINESTRING (1 1, 1 3)")
    assert across.relation is Relation.STRADDLES
    assert across.parts[0].length_m == pytest.approx(110_580, rel=1e-3)
    along = at(index, "LINESTRING (1 2, 3 2)")
    assert along.relation is Relation.ON_LINE
    assert [part.share for part in along.parts] == pytest.approx([0.5, 0.5])


GAPPED = {
    toy.SOUTH_STREET: "POLYGON ((0 0, 4 0, 4 2, 0 2, 0 0))",
    toy.NORTH_STREET: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))",
    toy.EAST_STREET: toy.STREETS[toy.EAST_STREET],
}


def test_a_point_in_a_gap_names_the_nearest_areas_and_the_level_above_answers():
    index = ReleaseIndex(toy.release(GAPPED))
    answer = at(index, "POINT (1 2.25)")
    assert (answer.relation, answer.parts) == (Relation.GAP, ())
    assert answer.nearby[0].area.code == toy.SOUTH_STREET
    assert answer.nearby[0].distance_m == pytest.approx(27_645, rel=1e-3)
    where = point(1, 2.25, crs="EPSG:4490")
    lowest = attribute(where, index).lowest_concerned(upto=Level.STREET)
    assert (lowest.level, lowest.concerned[0].code) == (Level.DISTRICT, toy.WEST)


def test_a_footprint_partly_in_a_gap_says_how_much():
    index = ReleaseIndex(toy.release(GAPPED))
    answer = at(index, "POLYGON ((1 1, 2 1, 2 3, 1 3, 1 1))")
    assert answer.gap_share == pytest.approx(0.5, abs=1e-3)
    assert answer.parts[0].share == pytest.approx(0.5, abs=1e-3)
    assert answer.relation is Relation.STRADDLES


def test_a_footprint_wholly_in_a_gap_belongs_to_nobody_at_that_level():
    index = ReleaseIndex(toy.release(GAPPED))
    answer = at(index, "POLYGON ((1 2.2, 2 2.2, 2 2.8, 1 2.8, 1 2.2))")
    assert (answer.relation, answer.parts, answer.gap_share) == (Relation.GAP, (), 1.0)


def test_where_two_areas_claim_a_place_the_relation_says_overlap():
    claimed = toy.STREETS | {toy.NORTH_STREET: "POLYGON ((0 1, 4 1, 4 4, 0 4, 0 1))"}
    index = ReleaseIndex(toy.release(claimed))
    assert at(index, "POINT (1 1.5)").relation is Relation.OVERLAP
    answer = at(index, "POLYGON ((1 1.2, 2 1.2, 2 1.8, 1 1.8, 1 1.2))")
    assert answer.relation is Relation.OVERLAP
    assert sum(part.share for part in answer.parts) == pytest.approx(1)


def test_the_range_of_a_share_follows_from_the_accuracy_of_the_lines():
    index = ReleaseIndex(toy.release(line_accuracy_m=100))
    answer = at(index, "POLYGON ((3.999 1, 4.001 1, 4.001 1.002, 3.999 1.002, 3.999 1))")
    half = answer.parts[0]
    # The footprint is 222.6 m wide and cut in the middle; the line may lie 100 m to either side.
    assert half.share_low == pytest.approx(11.3 / 222.6, abs=0.002)
    assert half.share_high == pytest.approx(211.3 / 222.6, abs=0.002)


def test_a_level_without_stated_accuracy_gives_no_range(index):
    assert at(index, "POLYGON ((3 1, 5 1, 5 2, 3 2, 3 1))").parts[0].share_low is None


def test_a_place_outside_the_city_is_refused_with_the_hint_that_it_may_be_swapped(index):
    with pytest.raises(OutsideReleaseError) as refused:
        attribute(point(3, 7, crs="EPSG:4490"), index)
    assert refused.value.swapped is True
    with pytest.raises(OutsideReleaseError) as refused:
        attribute(point(50, 50, crs="EPSG:4490"), index)
    assert refused.value.swapped is False


@pytest.mark.parametrize(
    "wkt",
    [
        "LINESTRING (1 1, -179 -89)",
        "LINESTRING (-179 1, 179 1)",
        "MULTIPOLYGON (((1 1, 2 1, 2 2, 1 1)), ((-175 1, -174 1, -174 2, -175 1)))",
    ],
)
def test_a_place_that_reaches_to_another_city_is_refused(index, wkt):
    with pytest.raises(OutsideReleaseError) as refused:
        attribute(place(shapely.from_wkt(wkt), crs="EPSG:4490"), index)
    assert not 0 <= refused.value.lng <= 8


def test_a_building_outside_that_touches_the_edge_with_a_sliver_is_outside(index):
    sliver = shapely.box(-0.001, 1, 1e-12, 1.001)
    with pytest.raises(OutsideReleaseError):
        attribute(place(sliver, crs="EPSG:4490"), index)
    line = shapely.LineString([(-0.5, 1), (0, 1)])
    with pytest.raises(OutsideReleaseError):
        attribute(place(line, crs="EPSG:4490"), index)


def test_a_place_that_reaches_over_the_edge_says_how_much_is_outside(index):
    answer = at(index, "POLYGON ((-0.5 1, 0.5 1, 0.5 1.5, -0.5 1.5, -0.5 1))", level=Level.CITY)
    assert answer.relation is Relation.STRADDLES
    assert answer.gap_share == pytest.approx(0.5)


def test_a_footprint_of_kilometres_has_no_gap_of_measuring(beijing_index):
    """Its long edges are straight in degrees and bent on the ground; a cut gives them vertices."""
    hexagon = shapely.Point(116.4, 39.9).buffer(0.04, quad_segs=2)
    answer = attribute(place(hexagon, crs="EPSG:4490"), beijing_index)
    for level in answer.levels:
        assert level.gap_share == pytest.approx(0, abs=1e-8)
        parts = (*level.parts, *level.touches)
        assert sum(part.share for part in parts) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize(
    "wkt",
    [
        "LINESTRING (1 1, 1 3, 1 1)",
        "MULTILINESTRING ((1 1, 1 3), (1 1, 1 3))",
        "LINESTRING (1 3, 1 1, 1 3, 1 2)",
    ],
)
def test_a_line_that_runs_twice_over_a_stretch_has_no_gap_for_that(index, wkt):
    once, twice = at(index, "LINESTRING (1 1, 1 3)"), at(index, wkt)
    assert twice.relation is once.relation is Relation.STRADDLES
    assert twice.gap_share == pytest.approx(0, abs=1e-9)
    assert codes(twice) == codes(once)
    assert [part.share for part in twice.parts] == pytest.approx(
        [part.share for part in once.parts]
    )
    inside = at(index, "LINESTRING (1 0.5, 1 1, 1 0.5)")
    assert (inside.gap_share, inside.parts[0].share) == (0, 1)


def test_inside_needs_one_half_also_at_the_edge_where_nobody_else_is(index):
    assert at(index, "POINT (0 1)", accuracy_m=50).relation is Relation.NEAR_LINE
    assert at(index, "POINT (0 0)", accuracy_m=50).relation is Relation.NEAR_LINE
    assert at(index, "POINT (1 1)", accuracy_m=50).relation is Relation.INSIDE
