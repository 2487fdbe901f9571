import numpy as np
import pytest
import shapely

from gridmap import tiling
from gridmap.errors import TilingError


def vertices(shape):
    return {tuple(point) for point in shapely.get_coordinates(shape).tolist()}


def test_a_neighbours_corner_becomes_a_vertex_of_the_long_side():
    left, low, high = tiling.exact(
        [shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)]
    )
    assert (1.0, 1.0) in vertices(left)
    assert shapely.coverage_is_valid([left, low, high])


def test_lines_that_cross_a_hair_apart_become_one_line():
    bent = shapely.Polygon([(0, 0), (1, 0), (1 + 3e-10, 0.4), (1, 1), (0, 1)])
    tiles = tiling.exact([bent, shapely.box(1, 0, 2, 1)])
    assert shapely.coverage_is_valid(tiles)
    assert shapely.union_all(tiles).geom_type == "Polygon"
    assert shapely.area(tiles).sum() == pytest.approx(2, abs=1e-8)


def test_a_slanted_line_drawn_with_other_vertices_on_both_sides_becomes_one():
    upper = shapely.Polygon([(0, 0), (3, 1), (0, 1)])
    middle = (3 * 0.37, 0.37)
    lower = shapely.Polygon([(0, 0), (3, 0), (3, 1), middle])
    tiles = tiling.exact([upper, lower])
    assert shapely.coverage_is_valid(tiles)
    assert not shapely.union_all(tiles).interiors


def test_ground_that_two_claim_goes_to_the_first():
    one, other = tiling.exact([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])
    assert (one.area, other.area) == (2.0, 1.0)


def test_a_real_gap_stays_a_gap():
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    (kept,) = tiling.exact([ring])
    assert kept.area == 8.0
    assert len(kept.interiors) == 1


def test_a_sliver_of_the_grids_width_goes_to_a_neighbour():
    gap = 3e-9
    tiles = tiling.exact(
        [shapely.box(0, 0, 1, 1), shapely.Polygon([(1, 0), (2, 0), (2, 1), (1, 1), (1 + gap, 0.5)])]
    )
    assert shapely.coverage_is_valid(tiles)
    assert not shapely.union_all(tiles).interiors


def test_exclaves_and_holes_stay():
    exclave = shapely.box(1, 1, 2, 2)
    outer = shapely.box(0, 0, 3, 3).difference(exclave)
    inner = shapely.union(exclave, shapely.box(4, 0, 5, 1))
    tiles = tiling.exact([outer, inner])
    assert [tile.geom_type for tile in tiles] == ["Polygon", "MultiPolygon"]
    assert shapely.area(tiles).tolist() == [8.0, 2.0]


def test_nothing_becomes_nothing():
    assert len(tiling.exact([])) == 0


def test_a_polygon_below_the_grid_or_under_others_is_refused():
    with pytest.raises(TilingError, match="row 1: no ground"):
        tiling.exact([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 2 + 1e-11, 3)])
    with pytest.raises(TilingError, match="row 1"):
        tiling.exact([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1)])


def test_unions_are_sorted_by_name_and_keep_every_vertex():
    tiles = tiling.exact(
        [shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)]
    )
    names, shapes = tiling.unions(tiles, np.array(["b", "a", "a"]))
    assert names.tolist() == ["a", "b"]
    assert vertices(shapes[0]) >= {(1.0, 1.0), (2.0, 1.0)}
    assert shapely.coverage_is_valid(shapes)


def test_no_vertex_moves_by_more_than_half_the_grid():
    shape = shapely.Polygon([(116.1234567891, 39.9), (116.2, 39.9), (116.2, 39.9876543219)])
    moved = shapely.hausdorff_distance(shape, tiling.snapped(shape))
    assert 0 < moved <= tiling.GRID_DEG
