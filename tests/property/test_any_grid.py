"""For any street, roads and seeds: the new levels are one tiling that keeps to what it was told."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import subdivision, tiling
from gridmap.barriers import Barriers
from gridmap.boundary import Layer, Release
from gridmap.cell_policy import CellPolicy
from gridmap.findings import Kind
from gridmap.level import Basis, Level
from gridmap.locate import ReleaseIndex
from gridmap.measure import areas_m2, length_m
from gridmap.remark import RemarkKind
from gridmap.topology import check
from tests.property.test_tessellation import polygons, star

STREET = "110101001"

numbers = st.integers(0, 2**32 - 1)
whole = st.one_of(
    polygons,
    # with a hole, and with an exclave
    polygons.map(lambda one: one.difference(star([1] * 6, *centre(one), one.length / 60))),
    polygons.map(
        lambda one: shapely.union(one, shapely.box(*(np.array(one.bounds)[[2, 3, 2, 3]] + OFFSET)))
    ),
)
OFFSET = np.array([0.001, 0.001, 0.01, 0.008])


def centre(shape):
    return shapely.get_coordinates(shapely.point_on_surface(shape))[0]


def release(shape):
    layer = Layer.build(
        Level.STREET,
        Basis.SURVEYED,
        codes=[STREET],
        names=["街道"],
        parents=[""],
        geometries=[tiling.snapped(shape)],
    )
    return Release(id="r", title="r", layers={Level.STREET: layer})


def policy(shape):
    """Sizes that give some sixty cells."""
    return CellPolicy.of_target(float(areas_m2(np.array([shape]))[0]) / 60)


def roads(shape, rng, count):
    """Random lines across and inside a shape, that bend and cross each other and themselves."""
    west, south, east, north = shape.bounds
    low, high = np.array([west, south]), np.array([east, north])
    margin = (high - low) / 4
    return [
        shapely.LineString(rng.uniform(low - margin, high + margin, (rng.integers(2, 6), 2)))
        for _ in range(count)
    ]


def divided(shape, lines=(), seeds=None):
    return subdivision.divided(
        release(shape), policy=policy(shape), barriers=Barriers.build(lines), seeds=seeds
    )


def assert_whole(made, shape):
    findings = check(made.release, smallest_m2=0)
    assert [one for one in findings if one.kind is not Kind.EXCLAVE] == []
    (street,) = made.release.layers[Level.STREET].geometries
    assert shapely.symmetric_difference(street, shape).area <= shape.length * 4 * tiling.GRID_DEG


def assert_found_by_their_centres(made):
    """Every cell's own centre is in that cell alone, and in its community."""
    index = ReleaseIndex(made.release)
    for level in (Level.COMMUNITY, Level.CELL):
        layer = made.release.layers[level]
        centres = shapely.get_coordinates(shapely.point_on_surface(layer.geometries))
        assert index.locate(centres, level=level).tolist() == list(range(len(layer)))


@given(shape=whole, count=st.integers(0, 5), seed=numbers)
@settings(max_examples=40, deadline=None)
def test_any_street_with_any_roads_becomes_one_tiling(shape, count, seed):
    lines = roads(shape, np.random.default_rng(seed), count)
    made = divided(shape, lines)
    assert_whole(made, shape)
    assert_found_by_their_centres(made)


@given(shape=polygons, count=st.integers(1, 4), seed=numbers)
@settings(max_examples=40, deadline=None)
def test_what_cells_hold_of_any_road_is_told_and_nothing_else(shape, count, seed):
    lines = roads(shape, np.random.default_rng(seed), count)
    made = divided(shape, lines)
    told_m = sum(
        remark.size
        for remark in made.remarks
        if remark.kind in {RemarkKind.SMALL_BLOCK, RemarkKind.LOOSE_END}
    )
    cells = made.release.layers[Level.CELL].geometries
    borders = shapely.union_all(shapely.boundary(cells)).buffer(1e-7)  # a centimetre
    drawn = shapely.intersection(shapely.union_all(lines), shape)
    held_m = length_m(shapely.difference(drawn, borders))
    # A centimetre or a few at each cell that the road enters.
    assert abs(told_m - held_m) <= 0.1 * len(cells)


@given(shape=polygons, count=st.integers(1, 4), seed=numbers)
@settings(max_examples=30, deadline=None)
def test_any_order_of_the_roads_gives_the_same_bytes(shape, count, seed):
    rng = np.random.default_rng(seed)
    lines = roads(shape, rng, count)
    shuffled = [lines[row].reverse() for row in rng.permutation(count)]
    one, other = divided(shape, lines), divided(shape, shuffled)
    for level in one.release.levels:
        first, second = (made.release.layers[level].geometries for made in (one, other))
        assert shapely.to_wkb(first).tolist() == shapely.to_wkb(second).tolist()


@given(shape=whole, count=st.integers(1, 12), seed=numbers)
@settings(max_examples=40, deadline=None)
def test_any_seeds_have_a_community_each_with_what_is_nearest(shape, count, seed):
    rng = np.random.default_rng(seed)
    west, south, east, north = shape.bounds
    given_seeds = rng.uniform((west, south), (east, north), (count, 2))
    made = divided(shape, seeds=given_seeds)
    assert_whole(made, shape)
    assert_found_by_their_centres(made)
    inside = shapely.covers(tiling.snapped(shape), shapely.points(given_seeds))
    communities = made.release.layers[Level.COMMUNITY]
    kinds = [remark.kind for remark in made.remarks]
    assert kinds.count(RemarkKind.SEED_OUTSIDE) == (~inside).sum()
    if inside.any():
        found = ReleaseIndex(made.release).locate(given_seeds[inside], level=Level.COMMUNITY)
        assert len(communities) == inside.sum()
        assert sorted(found) == list(range(len(communities)))
    else:
        assert RemarkKind.NO_SEED in kinds


@given(shape=polygons, seed=numbers)
@settings(max_examples=20, deadline=None)
def test_any_order_of_the_seeds_gives_the_same_bytes(shape, seed):
    rng = np.random.default_rng(seed)
    west, south, east, north = shape.bounds
    seeds = rng.uniform((west, south), (east, north), (8, 2))
    one, other = divided(shape, seeds=seeds), divided(shape, seeds=rng.permutation(seeds))
    for level in one.release.levels:
        first, second = (made.release.layers[level].geometries for made in (one, other))
        assert shapely.to_wkb(first).tolist() == shapely.to_wkb(second).tolist()
