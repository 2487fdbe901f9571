"""For any tiling: shares sum to one, and moving over a border changes exactly what it should."""

import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmap import tessellate, tiling
from gridmap.attribute import attribute
from gridmap.attribution import Relation
from gridmap.boundary import Layer, Release
from gridmap.errors import OutsideReleaseError
from gridmap.level import Basis, Level
from gridmap.locate import ReleaseIndex
from gridmap.place import place
from tests.property.test_tessellation import polygons, star

# A millimetre aside: more than the grid, less than any cell.
ASIDE_DEG = 1e-8
# Edges are straight in degrees and bend on the ground; cutting them adds vertices, which changes
# the area of a footprint of a kilometre by a few millionths.
BEND = 1e-5


def city(polygon, streets, cells):
    """A release of one district with streets and communities that nest exactly."""
    parts = tessellate.pieces(polygon, count=streets)
    pieces = [tessellate.pieces(part, count=cells) for part in parts]
    codes = [
        f"110101{street:03d}{number:03d}"
        for street, own in enumerate(pieces, start=1)
        for number in range(1, len(own) + 1)
    ]
    tiles = tiling.exact(np.concatenate(pieces))
    layers = [level_of(Level.COMMUNITY, codes, tiles)]
    for level, digits in ((Level.STREET, 9), (Level.DISTRICT, 6)):
        above, shapes = tiling.unions(tiles, [code[:digits] for code in codes])
        layers.append(level_of(level, above, shapes))
    return ReleaseIndex(
        Release(id="r", title="r", layers={layer.level: layer for layer in reversed(layers)})
    )


def level_of(level, codes, shapes):
    parents = {Level.DISTRICT: 0, Level.STREET: 6, Level.COMMUNITY: 9}
    return Layer.build(
        level,
        Basis.SCHEMATIC,
        codes=codes,
        names=codes,
        parents=[str(code)[: parents[level]] for code in codes],
        geometries=shapes,
    )


cities = st.builds(city, polygons, st.integers(1, 5), st.integers(1, 6))
seeds = st.integers(0, 2**32 - 1)


def covering(index, position):
    """The codes of all areas of all levels that cover a position."""
    lnglat = np.array([position])
    return {
        str(layer.layer.codes[row])
        for layer in index.layers.values()
        for row in layer.covering(lnglat)[1]
    }


def family(index, row):
    """A community's code and those above it."""
    code = str(index.release.layers[Level.COMMUNITY].codes[row])
    return {code, *(area.code for area in index.release.ancestors(code))}


def some_edge(tiles, rng):
    """The ends of one random edge of a random tile."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(tiles[rng.integers(len(tiles))]))
    at = rng.integers(len(ring) - 1)
    return ring[at], ring[at + 1]


@given(index=cities, seed=seeds)
@settings(max_examples=60, deadline=None)
def test_moving_over_a_border_changes_the_areas_on_its_two_sides_and_nothing_else(index, seed):
    rng = np.random.default_rng(seed)
    tiles = index.release.layers[Level.COMMUNITY].geometries
    start, end = some_edge(tiles, rng)
    along = (end - start) / np.hypot(*(end - start))
    middle = start + rng.uniform(0.2, 0.8) * (end - start)
    assume(np.hypot(*(end - start)) > 100 * ASIDE_DEG)
    left = middle + ASIDE_DEG * np.array([-along[1], along[0]])
    right = middle - ASIDE_DEG * np.array([-along[1], along[0]])
    near = shapely.dwithin(tiles, shapely.Point(middle), 3 * ASIDE_DEG)
    assume(near.sum() <= 2)  # no third tile within three millimetres

    one, other = covering(index, left), covering(index, right)
    sides = [family(index, row) for row in np.flatnonzero(near)]
    sides = sides if len(sides) == 2 else [*sides, set()]  # the outline has one side
    assert sorted((one, other), key=sorted) == sorted(sides, key=sorted)


@given(index=cities, seed=seeds)
@settings(max_examples=60, deadline=None)
def test_a_vertex_of_a_border_is_in_the_areas_of_all_sides_and_no_other(index, seed):
    rng = np.random.default_rng(seed)
    tiles = index.release.layers[Level.COMMUNITY].geometries
    vertex, _ = some_edge(tiles, rng)
    touching = np.flatnonzero(shapely.intersects(tiles, shapely.Point(vertex)))
    near = shapely.dwithin(tiles, shapely.Point(vertex), 3 * ASIDE_DEG)
    assume(near.sum() == len(touching))  # no other tile within three millimetres
    expected = set().union(*(family(index, row) for row in touching))
    assert covering(index, vertex) == expected
    around = vertex + ASIDE_DEG * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [0.7, 0.7]])
    for position in around:
        assert covering(index, position) <= expected


@given(
    groups=st.lists(st.integers(0, 4), min_size=16, max_size=16),
    column=st.integers(0, 3),
    row=st.integers(0, 2),
)
@settings(max_examples=100, deadline=None)
def test_on_an_edge_between_two_areas_both_have_the_point_and_beside_it_one(groups, column, row):
    """Any areas made of 4 x 4 unit squares: the middle of an edge is exact there."""
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(4) for x in range(4)]
    names, shapes = tiling.unions(tiling.exact(squares), [f"110101{group:03d}" for group in groups])
    release = Release(
        id="r", title="r", layers={Level.STREET: level_of(Level.STREET, names, shapes)}
    )
    index = ReleaseIndex(release)
    below, above = (f"110101{groups[4 * y + column]:03d}" for y in (row, row + 1))
    on, edge = column + 0.5, row + 1.0
    assert covering(index, (on, edge)) == {below, above}
    assert covering(index, (on, np.nextafter(edge, 0))) == {below}
    assert covering(index, (on, np.nextafter(edge, 9))) == {above}


@given(index=cities, seed=seeds, radii=st.lists(st.floats(0.15, 1), min_size=3, max_size=12))
@settings(max_examples=60, deadline=None)
def test_shares_of_a_footprint_sum_to_one_at_every_level(index, seed, radii):
    rng = np.random.default_rng(seed)
    bounds = index.release.bounds
    centre = rng.uniform(bounds[:2], bounds[2:])
    size_deg = min((bounds.east - bounds.west) * rng.uniform(0.01, 0.5), 0.005)
    footprint = star(radii, *centre, size_deg)
    answer = attributed(footprint, index)
    for level in answer.levels:
        parts = (*level.parts, *level.touches)
        assert abs(sum(part.share for part in parts) + level.gap_share - 1) < 1e-9
        assert level.relation is not Relation.OVERLAP
        total_m2 = sum(part.area_m2 for part in parts)
        whole_m2 = answer.place.area_m2
        assert abs(total_m2 - (1 - level.gap_share) * whole_m2) < BEND * whole_m2
    gaps = [level.gap_share for level in answer.levels]
    assert max(gaps) - min(gaps) < BEND  # one exact tiling: every level has the same gap


@given(index=cities, seed=seeds, count=st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_shares_of_a_line_sum_to_one_at_every_level(index, seed, count):
    rng = np.random.default_rng(seed)
    bounds = index.release.bounds
    line = shapely.LineString(rng.uniform(bounds[:2], bounds[2:], (count, 2)))
    answer = attributed(line, index)
    for level in answer.levels:
        parts = (*level.parts, *level.touches)
        assert abs(sum(part.share for part in parts) + level.gap_share - 1) < 1e-9


@given(index=cities)
@settings(max_examples=30, deadline=None)
def test_a_cell_as_a_footprint_is_wholly_its_own(index):
    tiles = index.release.layers[Level.COMMUNITY].geometries
    for row, tile in enumerate(tiles):
        level = attributed(tile, index).by_level[Level.COMMUNITY]
        (part,) = level.parts
        assert part.area.code == index.release.layers[Level.COMMUNITY].codes[row]
        assert abs(part.share - 1) < 1e-9
        assert all(touch.share < 1e-9 for touch in level.touches)


def attributed(geometry, index):
    """The attribution of a place that lies in the release; others are no examples."""
    try:
        return attribute(place(geometry, crs="EPSG:4490"), index)
    except OutsideReleaseError:
        assume(False)
        raise
