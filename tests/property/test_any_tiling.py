"""For any tiling, whole or broken: the grid answers every position as shapely does."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import tessellate, tiling
from tests.points import assert_exact, gridded, hard_positions
from tests.property.test_tessellation import polygons

tilings = st.builds(
    lambda polygon, count: tiling.exact(tessellate.pieces(polygon, count=count)),
    polygons,
    st.integers(1, 30),
)
seeds = st.integers(0, 2**32 - 1)


@given(tiles=tilings, seed=seeds)
@settings(max_examples=25, deadline=None)
def test_any_tiling_is_answered_like_shapely(tiles, seed):
    positions = hard_positions(tiles, np.random.default_rng(seed), count=300)
    index = gridded(tiles)
    assert_exact(index, positions)
    centres = shapely.get_coordinates(shapely.point_on_surface(tiles))
    assert index.locate(centres).tolist() == list(range(len(tiles)))


def moved(tile, by):
    return shapely.transform(tile, lambda xy: xy + by)


def swollen(tile, by):
    return shapely.buffer(tile, abs(by), join_style="mitre")


def shrunken(tile, by):
    smaller = shapely.buffer(tile, -abs(by), join_style="mitre")
    return tile if smaller.is_empty else smaller


def densified(tile, by):
    return shapely.transform(shapely.segmentize(tile, 0.003), lambda xy: xy + by * 1e-9)


def holed(tile, by):
    return shapely.difference(tile, shapely.point_on_surface(tile).buffer(abs(by)))


def twisted(tile, by):
    """The outline with two vertices exchanged: it may cross itself."""
    ring = shapely.get_coordinates(shapely.get_parts(tile)[0].exterior)[:-1]
    ring[[0, 1]] = ring[[1, 0]]
    return shapely.Polygon(ring)


def blocked(tile, by):
    return shapely.box(*shapely.bounds(tile))


breaks = st.lists(
    st.tuples(
        st.integers(0, 29),
        st.sampled_from([moved, swollen, shrunken, densified, holed, twisted, blocked]),
        st.sampled_from([1e-14, 1e-9, 1e-6, 1e-4, -1e-3, 0.01]),
    ),
    min_size=1,
    max_size=4,
)


@given(tiles=tilings, breaks=breaks, dropped=st.integers(0, 60), seed=seeds)
@settings(max_examples=80, deadline=None)
def test_any_broken_tiling_is_answered_like_shapely(tiles, breaks, dropped, seed):
    broken = tiles.copy()
    for number, broke, by in breaks:
        row = number % len(broken)
        changed = broke(tiles[row], by)
        broken[row] = tiles[row] if changed.is_empty else changed
    if len(broken) > 1 and dropped < len(broken):
        broken = np.delete(broken, dropped)
    assert_exact(gridded(broken), hard_positions(broken, np.random.default_rng(seed), count=300))


corners = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7)
heaps = st.lists(
    st.one_of(
        corners.map(shapely.Polygon),
        corners.map(lambda points: shapely.convex_hull(shapely.MultiPoint(points))),
        corners.map(lambda points: shapely.envelope(shapely.MultiPoint(points))),
    ).filter(lambda shape: shape.geom_type == "Polygon"),
    min_size=1,
    max_size=5,
)


@given(heap=heaps, seed=seeds)
@settings(max_examples=80, deadline=None)
def test_any_heap_of_polygons_is_answered_like_shapely(heap, seed):
    """Small integers: polygons that overlap, touch, cross themselves or share parts of lines."""
    assert_exact(gridded(heap), hard_positions(heap, np.random.default_rng(seed), count=200))
