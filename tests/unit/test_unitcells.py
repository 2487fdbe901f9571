"""Cells of a block of 1 km x 1 km: sizes, barriers kept to, small pieces joined, remarks."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridmap import tessellate, tiling
from gridmap.barriers import Barriers
from gridmap.cell_policy import CellPolicy
from gridmap.errors import TessellationError
from gridmap.measure import areas_m2, length_m
from gridmap.remark import RemarkKind
from gridmap.unitcells import unit_cells

BLOCK = shapely.box(116.3, 39.9, 116.3117, 39.909)  # 1,000 m x 1,000 m


def line(*points):
    return shapely.LineString(points)


def divided(*lines, ground=BLOCK, policy=None):
    return unit_cells(ground, barriers=Barriers.build(lines), policy=policy)


def remarks(cells):
    return list(cells.remarks([str(row) for row in range(len(cells))]))


def inside_m(cells, barrier):
    """Metres of a line that run through the inside of cells, told by remarks or not."""
    inner = shapely.buffer(cells.shapes, -1e-7)  # a centimetre
    return sum(length_m(shapely.intersection(barrier, one)) for one in inner)


def assert_sound(cells, ground=BLOCK):
    assert shapely.coverage_is_valid(cells.shapes)
    whole = shapely.coverage_union_all(cells.shapes)
    assert shapely.symmetric_difference(whole, ground).area <= ground.length * 4e-9
    assert tessellate.reading_order(cells.shapes).tolist() == list(range(len(cells)))


def test_without_barriers_cells_have_the_target_size():
    cells = divided()
    assert len(cells) == 100
    assert areas_m2(cells.shapes) == pytest.approx(10_000, rel=0.02)
    assert remarks(cells) == []
    assert_sound(cells)


def test_no_cell_crosses_a_road():
    roads = [
        line((116.29, 39.9033), (116.32, 39.9041)),
        line((116.3041, 39.89), (116.3052, 39.92)),
    ]
    cells = divided(*roads)
    assert_sound(cells)
    assert remarks(cells) == []
    assert max(inside_m(cells, road) for road in roads) < 0.01
    assert np.median(areas_m2(cells.shapes)) == pytest.approx(10_000, rel=0.05)


def test_a_dead_end_is_kept_to_as_well():
    road = line((116.29, 39.9033), (116.3052, 39.9041))
    cells = divided(road)
    assert remarks(cells) == []
    assert inside_m(cells, road) < 0.01


def test_a_corner_too_small_joins_over_the_barrier_and_that_is_told():
    road = line((116.3, 39.9003), (116.3003, 39.9))  # cuts off 25 m x 33 m
    cells = divided(road)
    (remark,) = remarks(cells)
    assert remark.kind is RemarkKind.SMALL_BLOCK
    assert remark.size == pytest.approx(length_m(road), abs=0.1)
    assert remark.size == pytest.approx(inside_m(cells, road), abs=0.1)
    assert shapely.intersects(cells.shapes[int(remark.code)], shapely.Point(116.3, 39.9))
    assert "too small for a cell, at 116.3" in str(remark)


def test_a_strip_beside_the_border_is_shared_out_among_the_cells_along_it():
    """A road drawn 2 m beside the community's own line."""
    road = line((116.3, 39.900018), (116.3117, 39.900018))
    cells = divided(road)
    told = remarks(cells)
    assert {one.kind for one in told} == {RemarkKind.SMALL_BLOCK}
    assert len(told) == 8  # cells of 125 m stand along that side
    assert sum(one.size for one in told) == pytest.approx(inside_m(cells, road), abs=0.5)
    assert 700 < inside_m(cells, road) < 1_000
    assert areas_m2(cells.shapes).max() < 13_000
    assert_sound(cells)


def test_a_small_block_prefers_the_neighbour_that_no_barrier_parts_it_from():
    """A dead end is carried on: over that line ground joins again, over the road it does not."""
    road = line((116.29, 39.9045), (116.32, 39.9045))
    dead_end = line((116.3, 39.9047), (116.3005, 39.9046))  # carried on, it meets the road
    cells = divided(road, dead_end)
    assert inside_m(cells, road) < 0.01
    assert_sound(cells)


def test_a_short_dead_end_is_told_with_its_length():
    road = line((116.3, 39.9033), (116.30015, 39.9033))  # 12.8 m
    (remark,) = remarks(divided(road))
    assert remark.kind is RemarkKind.LOOSE_END
    assert remark.size == pytest.approx(12.8, abs=0.1)


def test_a_block_between_two_sizes_stays_one_cell():
    policy = CellPolicy(target_m2=10_000, least_m2=2_500, largest_m2=16_000)
    ground = shapely.box(116.3, 39.9, 116.3013, 39.9011)  # 111 m x 122 m
    cells = divided(ground=ground, policy=policy)
    assert len(cells) == 1
    assert remarks(cells) == []


def test_a_community_below_the_least_size_is_one_cell_and_told():
    ground = shapely.box(116.3, 39.9, 116.3003, 39.9003)
    (remark,) = remarks(divided(ground=ground))
    assert remark.kind is RemarkKind.TOO_SMALL


def test_cells_above_the_largest_size_are_told():
    cells = replace(divided(), policy=CellPolicy.of_target(2_000))
    told = remarks(cells)
    assert {one.kind for one in told} == {RemarkKind.TOO_LARGE}
    assert len(told) == len(cells)


def test_a_detached_speck_joins_the_nearest_cell():
    speck = shapely.box(116.3118, 39.9, 116.3119, 39.9001)
    cells = divided(ground=shapely.union(BLOCK, speck))
    assert remarks(cells) == []
    assert sorted(shapely.get_num_geometries(cells.shapes))[-2:] == [1, 2]


def test_holes_stay_holes():
    ring = BLOCK.difference(shapely.box(116.304, 39.904, 116.306, 39.906))
    cells = divided(line((116.29, 39.9033), (116.32, 39.9051)), ground=ring)
    assert_sound(cells, ring)


def test_the_order_of_the_lines_does_not_matter():
    roads = [
        line((116.29, 39.9033), (116.32, 39.9041)),
        line((116.3041, 39.89), (116.3052, 39.92)),
        line((116.301, 39.901), (116.308, 39.908)),
    ]
    one, other = divided(*roads), divided(*(road.reverse() for road in roads[::-1]), roads[1])
    assert shapely.to_wkb(one.shapes).tolist() == shapely.to_wkb(other.shapes).tolist()


@pytest.mark.parametrize("ground", [shapely.Polygon(), shapely.Point(116, 40)])
def test_what_is_no_ground_is_refused(ground):
    with pytest.raises(TessellationError):
        divided(ground=ground)


def test_a_spike_thinner_than_the_grid_costs_no_cell_its_ground():
    """As one of the shipped communities has; found with roads across Xicheng."""
    spiked = shapely.Polygon(
        [
            (116.3428178, 39.920916914),
            (116.342797409, 39.921486863),
            (116.344720063, 39.921527307),
            (116.344687313, 39.922442724),
            (116.344723922, 39.921419465),
            (116.344740454, 39.920957373),
        ]
    )
    beside = shapely.box(116.342797409, 39.9225, 116.3447, 39.9235)
    tiles = tiling.exact([spiked, beside])
    assert shapely.area(tiles) == pytest.approx(shapely.area([spiked, beside]), rel=1e-4)
