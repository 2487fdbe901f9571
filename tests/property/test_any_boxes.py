"""What no border touches lies in one piece: never wrong when it says no, for any polygons."""

import numpy as np
import shapely
from hypothesis import given, settings

from gridmap.borderlines import Borderlines
from gridmap.crossings import Crossings
from gridmap.cutting import cut
from gridmap.geo import LngLat
from gridmap.locate import LayerIndex
from gridmap.measure import MetricPlane
from gridmap.place import PlaceKind
from tests import points
from tests.property.test_any_tiling import heaps, seeds, tilings


def boxes_at(polygons, rng, count):
    """Boxes of all sizes at the outlines' vertices, at their corners exactly, and elsewhere."""
    polygons = np.asarray(polygons, dtype=object)
    vertices = shapely.get_coordinates(polygons)
    west, south, east, north = shapely.total_bounds(polygons)
    spread = rng.uniform((west - 1e-3, south - 1e-3), (east + 1e-3, north + 1e-3), (count, 2))
    spots = np.concatenate([rng.choice(vertices, count), spread])
    size = max(east - west, north - south)
    sizes = size * 10.0 ** rng.uniform(-6, 0.2, (len(spots), 2))
    low = spots - sizes * rng.choice([0.0, 0.5, 1.0], sizes.shape)
    return np.column_stack([low, low + sizes])


def assert_untouched_boxes_lie_in_one_piece(polygons, boxes):
    polygons = np.asarray(polygons, dtype=object)
    crossings = Crossings.build(polygons)
    if crossings is None:  # all of them are empty or flat
        return 0.0
    touched = crossings.touch(boxes)
    lines = shapely.union_all(shapely.boundary(polygons))
    meets = shapely.intersects(lines, shapely.box(*boxes.T))
    assert not (meets & ~touched).any()
    return (touched & ~meets).mean()


@given(tiles=tilings, seed=seeds)
@settings(max_examples=25, deadline=None)
def test_a_box_that_a_border_of_any_tiling_meets_is_touched(tiles, seed):
    rng = np.random.default_rng(seed)
    in_vain = assert_untouched_boxes_lie_in_one_piece(tiles, boxes_at(tiles, rng, 300))
    assert in_vain < 0.5  # otherwise nothing would be won


@given(heap=heaps, seed=seeds)
@settings(max_examples=60, deadline=None)
def test_a_box_that_a_border_of_any_heap_meets_is_touched(heap, seed):
    rng = np.random.default_rng(seed)
    boxes = boxes_at(heap, rng, 200)
    assert_untouched_boxes_lie_in_one_piece(heap, np.concatenate([boxes, boxes.round()]))


@given(tiles=tilings, seed=seeds)
@settings(max_examples=15, deadline=None)
def test_many_footprints_are_cut_like_each_alone(tiles, seed):
    """A large batch goes by boxes and the grid; sizes are those of shapely's intersections."""
    boxes = shapely.box(*boxes_at(tiles, np.random.default_rng(seed), 600).T)
    many = points.gridded(tiles)
    cuts = cut(boxes, many, kind=PlaceKind.FOOTPRINT)
    shares = cuts.sizes / cuts.totals[cuts.positions]
    found = np.zeros((len(boxes), len(tiles)))
    found[cuts.positions, cuts.rows] = shares
    pieces = shapely.intersection(boxes[:, None], tiles[None, :])
    wanted = shapely.area(pieces) / shapely.area(boxes)[:, None]
    # Ground and plane differ by the stretch of a degree within a box (some hundredths of it), and
    # corners are rounded by 1.4e-14 degrees.
    sides = shapely.bounds(boxes)
    width, height = (sides[:, 2:] - sides[:, :2]).T
    allowed = 0.03 * height + 1e-13 / np.minimum(width, height)
    assert (np.abs(found - wanted) <= allowed[:, None]).all()
    assert np.allclose(cuts.sums + cuts.gaps, cuts.totals, rtol=1e-6)


@given(tiles=tilings, seed=seeds)
@settings(max_examples=20, deadline=None)
def test_the_nearest_border_is_the_nearest_of_all_lines(tiles, seed):
    rng = np.random.default_rng(seed)
    plane = MetricPlane(LngLat(*shapely.get_coordinates(tiles[0])[0].tolist()))
    lines = Borderlines(tiles, plane)
    flat = plane.project(shapely.box(*boxes_at(tiles, rng, 40).T))
    outlines = plane.project(shapely.boundary(tiles))
    wanted = shapely.distance(flat[:, None], outlines[None, :])
    assert np.allclose(lines.nearest_m(flat), wanted.min(axis=1), rtol=1e-3, atol=1e-3)
    near = np.argwhere(wanted <= 50.0)
    assert np.array_equal(np.column_stack(lines.within(flat, radius_m=50.0)), near)
    rows = rng.integers(0, len(tiles), len(flat))
    own = wanted[np.arange(len(flat)), rows]
    assert np.allclose(lines.distances_m(flat, rows), own, rtol=1e-3, atol=1e-3)


def test_a_layer_without_areas_has_no_borders():
    nothing = np.empty(0, dtype=object)
    plane = MetricPlane(LngLat(0, 0))
    lines = Borderlines(nothing, plane)
    spot = np.array([shapely.Point(1, 1)], dtype=object)
    assert lines.nearest_m(spot).tolist() == [np.inf]
    assert Crossings.build(nothing) is None
    assert len(lines.within(spot, radius_m=1.0)[0]) == 0


def test_footprints_in_an_overlap_are_whole_in_both_areas():
    """Far from every line of two areas of which one lies in the other: no border touches them."""
    layer = points.layer([shapely.box(0, 0, 4, 4), shapely.box(1, 1, 3, 3)])
    index = LayerIndex(layer, MetricPlane(LngLat(2, 2)))
    rng = np.random.default_rng(3)
    spots = np.concatenate([rng.uniform(1.2, 2.8, (1_500, 2)), [[0.5, 0.5], [9.0, 9.0]]])
    boxes = shapely.box(*(spots - 0.01).T, *(spots + 0.01).T)
    cuts = cut(boxes, index, kind=PlaceKind.FOOTPRINT)
    assert np.array_equal(cuts.overlapped[:1_500], cuts.totals[:1_500])
    assert cuts.overlapped[1_500:].tolist() == [0, 0]
    assert cuts.covered[1_500:].tolist() == [cuts.totals[1_500], 0]
    assert np.bincount(cuts.positions, minlength=1_502).tolist() == [2] * 1_500 + [1, 0]
