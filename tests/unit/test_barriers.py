"""Blocks of a square of 40 x 40 degrees' thousandths (about 4.4 km) near the equator."""

import numpy as np
import pytest
import shapely

from gridmap import tiling
from gridmap.barriers import Barriers, blocks
from gridmap.cell_policy import CellPolicy
from gridmap.errors import TessellationError

# One unit is a thousandth of a degree: 111 m at the equator.
UNIT = 0.001
M_PER_UNIT = 111.3
POLICY = CellPolicy()
SQUARE = "POLYGON ((0 0, 40 0, 40 40, 0 40, 0 0))"


def shape(wkt):
    return shapely.transform(shapely.from_wkt(wkt), lambda xy: xy * UNIT)


def cut(*lines, ground=SQUARE, policy=POLICY):
    return blocks(shape(ground), Barriers.build(map(shape, lines)), policy=policy)


def sizes(found):
    """Areas of the blocks in square units, smallest first."""
    return sorted((shapely.area(found.shapes) / UNIT**2).round(3).tolist())


def followed(found, line):
    """Whether the borders of the blocks follow a line all along."""
    borders = shapely.union_all(shapely.boundary(found.shapes))
    return shapely.covers(borders, tiling.snapped(shape(line)))


def metres(number):
    return number / M_PER_UNIT


def test_without_barriers_the_block_is_the_polygon():
    assert sizes(cut()) == [1600]


def test_a_line_across_makes_two_blocks():
    assert sizes(cut("LINESTRING (-5 10, 45 10)")) == [400, 1200]


def test_lines_that_cross_make_four_blocks():
    assert sizes(cut("LINESTRING (0 10, 40 10)", "LINESTRING (20 0, 20 40)")) == [
        200,
        200,
        600,
        600,
    ]


def test_a_line_that_crosses_itself_encloses_a_block():
    found = cut("LINESTRING (0 10, 30 10, 30 30, 10 30, 10 0)")
    assert sizes(found) == [100, 400, 1100]


def test_a_multiline_is_as_good_as_its_lines():
    assert sizes(cut("MULTILINESTRING ((0 10, 40 10), (20 0, 20 40))")) == [200, 200, 600, 600]


@pytest.mark.parametrize(
    "line",
    [
        "LINESTRING (50 0, 50 40)",  # outside
        "LINESTRING (40 0, 40 40)",  # the polygon's own line
        "LINESTRING (-10 40, 50 40)",  # along it and further
        "LINESTRING (-10 10, 10 -10)",  # touches a corner
    ],
)
def test_a_line_that_does_not_enter_divides_nothing(line):
    assert sizes(cut(line)) == [1600]


def test_a_dead_end_is_carried_on_straight_to_the_next_line():
    found = cut("LINESTRING (0 10, 15 10)")
    assert sizes(found) == [400, 1200]
    assert shapely.length(found.barriers).sum() == pytest.approx(15 * UNIT)


def test_a_dead_end_stops_at_the_next_barrier_and_not_behind_it():
    assert sizes(cut("LINESTRING (0 10, 15 10)", "LINESTRING (20 0, 20 40)")) == [200, 600, 800]


def test_a_line_with_two_loose_ends_is_carried_on_at_both():
    assert sizes(cut("LINESTRING (10 20, 15 20)")) == [800, 800]


def test_a_bent_dead_end_is_carried_on_in_the_direction_of_its_last_stretch():
    assert sizes(cut("LINESTRING (0 30, 20 30, 20 20)")) == [600, 1000]


def test_a_short_dead_end_is_left_out_and_told():
    found = cut(f"LINESTRING (0 10, {metres(19)} 10)")
    assert sizes(found) == [1600]
    assert shapely.length(found.stubs).sum() == pytest.approx(metres(19) * UNIT, rel=1e-5)


def test_a_road_that_runs_past_another_leaves_a_stub_and_no_block():
    found = cut("LINESTRING (20 0, 20 40)", f"LINESTRING (0 10, {20 + metres(15)} 10)")
    assert sizes(found) == [200, 600, 800]
    assert len(found.stubs) == 1


def test_a_fork_of_short_ends_is_a_dead_end_too():
    prong = metres(9)
    fork = (
        f"MULTILINESTRING ((20 10, {20 + prong} {10 + prong}), (20 10, {20 + prong} {10 - prong}))"
    )
    found = cut("LINESTRING (0 10, 20 10)", fork)
    assert sizes(found) == [400, 1200]
    assert len(found.stubs) == 2


def test_a_tiny_gap_before_another_line_is_closed():
    short = f"LINESTRING (0 10, {20 - metres(1.5)} 10)"
    assert sizes(cut("LINESTRING (20 0, 20 40)", short)) == pytest.approx([200, 600, 800], abs=0.5)


def test_a_tiny_gap_in_one_line_is_closed_where_carrying_on_would_miss():
    """Two ends 1.1 m apart that do not point at each other."""
    one = "LINESTRING (0 10, 20 10)"
    other = f"LINESTRING (20 {10 + metres(1.1)}, 20 40)"
    assert sizes(cut(one, other)) == pytest.approx([600, 1000], abs=0.5)


def test_a_tiny_gap_before_the_outline_is_closed_even_of_a_stub():
    stub = f"LINESTRING (0 {metres(10)}, {metres(10)} {metres(1)})"
    found = cut(stub)
    assert len(found.shapes) == 2
    assert len(found.stubs) == 0


def test_a_ring_makes_an_island_block():
    assert sizes(cut("LINESTRING (10 10, 20 10, 20 20, 10 20, 10 10)")) == [100, 1500]


def test_a_bridge_to_a_ring_is_a_barrier_too():
    """The ground around the ring touches the bridge on both sides: it is cut behind the ring."""
    ring = "LINESTRING (15 15, 25 15, 25 25, 15 25, 15 15)"
    found = cut(ring, "LINESTRING (0 18, 15 18)")
    assert len(found.shapes) >= 3
    assert not any(len(block.interiors) for block in found.shapes)
    assert followed(found, "LINESTRING (0 18, 15 18)")


def test_a_bridge_to_a_hole_of_the_polygon_is_a_barrier_too():
    ground = "POLYGON ((0 0, 40 0, 40 40, 0 40, 0 0), (15 15, 25 15, 25 25, 15 25, 15 15))"
    found = cut("LINESTRING (0 18, 15 18)", ground=ground)
    assert followed(found, "LINESTRING (0 18, 15 18)")
    assert sum(sizes(found)) == pytest.approx(1500)


def test_detached_parts_are_blocks_of_their_own():
    ground = "MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)), ((20 0, 30 0, 30 10, 20 10, 20 0)))"
    assert sizes(cut("LINESTRING (-5 4, 35 4)", ground=ground)) == [40, 40, 60, 60]


def test_blocks_are_one_tiling_of_the_polygon():
    found = cut("LINESTRING (0 7, 40 33)", "LINESTRING (3 0, 31 40)", "LINESTRING (40 5, 12 21)")
    assert shapely.coverage_is_valid(found.shapes)
    assert shapely.area(shapely.union_all(found.shapes)) == pytest.approx(1600 * UNIT**2, rel=1e-9)


def test_the_order_and_direction_of_the_lines_do_not_matter():
    lines = ["LINESTRING (0 7, 40 33)", "LINESTRING (3 0, 31 40)", "LINESTRING (40 5, 12 21)"]
    backwards = [shapely.reverse(shape(line)) for line in lines[::-1]]
    one = cut(*lines, lines[0])
    other = blocks(shape(SQUARE), Barriers.build(backwards), policy=POLICY)
    assert shapely.to_wkb(one.shapes).tolist() == shapely.to_wkb(other.shapes).tolist()


def test_lines_shorter_than_the_grid_and_empty_ones_are_dropped():
    speck = shapely.LineString([(0, 0), (tiling.GRID_DEG / 10, 0)])
    assert len(Barriers.build([speck, shapely.LineString()]).lines) == 0


def test_heights_are_dropped():
    line = shapely.LineString([(0, 0.01, 7), (0.04, 0.01, 9)])
    assert not shapely.has_z(Barriers.build([line]).lines).any()


@pytest.mark.parametrize("other", ["POINT (1 1)", "POLYGON ((0 0, 1 0, 1 1, 0 0))"])
def test_what_is_no_line_is_refused(other):
    with pytest.raises(TessellationError, match="barriers are lines"):
        Barriers.build([shape(other)])


def test_lines_outside_are_known():
    barriers = Barriers.build(
        [shape("LINESTRING (50 0, 50 40)"), shape("LINESTRING (0 10, 40 10)")]
    )
    (outside,) = barriers.outside([shape(SQUARE)])
    assert outside.equals(shape("LINESTRING (50 0, 50 40)"))
    assert len(Barriers.build([]).outside(np.array([shape(SQUARE)]))) == 0
