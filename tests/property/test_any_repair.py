"""Any tiling whose lines are drawn a little wrong is a tiling again after repair."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.boundary import Draft, Layer
from gridmap.level import Basis, Level
from gridmap.measure import area_m2, areas_m2
from gridmap.repair import Kind, repair
from gridmap.topology import check

COLUMNS, ROWS, STEP_DEG = 4, 3, 0.01
CITY = shapely.box(116, 40, 116 + COLUMNS * STEP_DEG, 40 + ROWS * STEP_DEG)


def cell(column, row):
    west, south = 116 + column * STEP_DEG, 40 + row * STEP_DEG
    return shapely.box(west, south, west + STEP_DEG, south + STEP_DEG)


def drawn_wrong(shape, corner, moved):
    """The square with one corner moved by some centimetres, inside the city only."""
    ring = shapely.get_coordinates(shape)[:-1]
    ring[corner] += np.array(moved) * 1e-6
    return shapely.intersection(shapely.Polygon(ring), CITY)


moves = st.lists(
    st.tuples(
        st.integers(0, COLUMNS * ROWS - 1),
        st.integers(0, 3),
        st.tuples(st.integers(-4, 4), st.integers(-4, 4)),
    ),
    max_size=6,
)


@given(moves=moves)
@settings(max_examples=40, deadline=None)
def test_what_is_drawn_a_little_wrong_is_a_tiling_again(moves):
    shapes = [cell(at % COLUMNS, at // COLUMNS) for at in range(COLUMNS * ROWS)]
    for at, corner, moved in moves:
        shapes[at] = drawn_wrong(cell(at % COLUMNS, at // COLUMNS), corner, moved)
    codes = [f"1101{at + 1:02d}" for at in range(len(shapes))]
    districts = Layer.build(
        Level.DISTRICT,
        Basis.MAPPED,
        codes=codes,
        names=codes,
        parents=["110000"] * len(shapes),
        geometries=shapes,
    )
    city = Layer.build(
        Level.CITY, Basis.MAPPED, codes=["110000"], names=["c"], parents=[""], geometries=[CITY]
    )
    layers = {Level.CITY: city, Level.DISTRICT: districts}
    done = repair(Draft(id="d", title="d", layers=layers), width_m=3)
    assert done.left == ()
    assert check(done.draft) == ()
    tiles = done.draft.layers[Level.DISTRICT].geometries
    assert shapely.coverage_is_valid(tiles)
    assert abs(areas_m2(tiles).sum() - area_m2(CITY)) < 1


METRE_DEG = 1 / 111_000


def jittered(seed):
    """Voronoi cells whose corners are drawn some metres off, each cell by itself."""
    dice = np.random.default_rng(seed)
    points = shapely.MultiPoint(dice.uniform(0, STEP_DEG, (15, 2)) * [COLUMNS, ROWS] + [116, 40])
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=CITY))
    whole = shapely.intersection(cells, CITY)
    reach_deg = dice.uniform(1, 6) * METRE_DEG
    rings = [shapely.get_coordinates(one)[:-1] for one in whole]
    moved = np.array(
        [shapely.Polygon(xy + dice.uniform(-1, 1, xy.shape) * reach_deg) for xy in rings]
    )
    return np.where(shapely.is_valid(moved), moved, whole)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_what_was_repaired_needs_no_repair_and_strangers_get_no_overlap(seed):
    shapes = jittered(seed)
    codes = [f"1101{at + 1:02d}" for at in range(len(shapes))]
    districts = Layer.build(
        Level.DISTRICT,
        Basis.MAPPED,
        codes=codes,
        names=codes,
        parents=["110000"] * len(shapes),
        geometries=shapes,
    )
    city = Layer.build(
        Level.CITY, Basis.MAPPED, codes=["110000"], names=["c"], parents=[""], geometries=[CITY]
    )
    layers = {Level.CITY: city, Level.DISTRICT: districts}
    done = repair(Draft(id="d", title="d", layers=layers))
    assert repair(done.draft).changes == ()
    drawn = dict(zip(codes, shapes, strict=True))
    for change in done.changes:
        if change.kind is Kind.OVERLAP:
            common_m2 = area_m2(shapely.intersection(change.geometry, drawn[change.codes[0]]))
            assert common_m2 >= 0.99 * change.moved_m2 - 0.01
