"""The grid against GEOS: the same areas for every position, whatever the polygons are like."""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import tessellate, tiling
from gridmap.errors import StaleGridError
from gridmap.gridindex import GridIndex
from gridmap.level import Level
from gridmap.locate import GRID_FROM, ReleaseIndex
from tests import toy
from tests.points import (
    assert_exact,
    gridded,
    hard_positions,
    lowest,
    on_borders,
    truth,
    ulps_aside,
)

SQUARES = [shapely.box(x, y, x + 1, y + 1) for y in range(4) for x in range(4)]
CASES = {
    "squares": SQUARES,
    "toy": [shapely.from_wkt(wkt) for wkt in toy.STREETS.values()],
    "one": ["POLYGON ((0 0, 5 1, 4 6, 0 0))"],
    "hole": ["POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0), (2 2, 2 6, 6 6, 6 2, 2 2))"],
    "island in a lake": [
        "POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0), (2 2, 2 6, 6 6, 6 2, 2 2))",
        "POLYGON ((3 3, 5 3, 5 5, 3 5, 3 3))",
    ],
    "exclave": [
        "POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0), (2 2, 2 6, 6 6, 6 2, 2 2))",
        "MULTIPOLYGON (((2 2, 6 2, 6 6, 2 6, 2 2)), ((9 0, 12 0, 12 3, 9 3, 9 0)))",
    ],
    "hole that touches the outline": [
        "POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0), (0 0, 2 4, 4 2, 0 0))",
        "POLYGON ((0 0, 4 2, 2 4, 0 0))",
    ],
    "parts that touch in a point": [
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((4 4, 8 4, 8 8, 4 8, 4 4)))",
        "MULTIPOLYGON (((4 0, 8 0, 8 4, 4 4, 4 0)), ((0 4, 4 4, 4 8, 0 8, 0 4)))",
    ],
    "gap": ["POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))", "POLYGON ((4.001 0, 8 0, 8 4, 4 4, 4.001 0))"],
    "overlap": ["POLYGON ((0 0, 5 0, 5 4, 0 4, 0 0))", "POLYGON ((4 1, 8 1, 8 3, 4 3, 4 1))"],
    "inside another": [
        "POLYGON ((3 3, 5 3, 5 5, 3 5, 3 3))",
        "POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0))",
    ],
    "inside another, later": [
        "POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0))",
        "POLYGON ((3 3, 5 3, 5 5, 3 5, 3 3))",
    ],
    "inside another, at its border": [
        "POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0))",
        "POLYGON ((0 3, 5 3, 5 5, 0 5, 0 3))",
    ],
    "twice the same": ["POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"] * 2,
    "three times, and a neighbour": [
        *["POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"] * 3,
        "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))",
    ],
    "sliver overlap": [
        "POLYGON ((0 0, 4.0000001 0, 4 4, 0 4, 0 0))",
        "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))",
    ],
    "sliver gap": [
        "POLYGON ((0 0, 3.9999999999999 0, 4 4, 0 4, 0 0))",
        "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))",
    ],
    "a vertex the neighbour lacks": [
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
        "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 1.3, 4 0))",
    ],
    "a needle": [
        "POLYGON ((0 0, 8 0.0000001, 8 0.0000002, 0 0))",
        "POLYGON ((0 1, 8 1, 8 2, 0 1))",
    ],
    "flat as a line": ["POLYGON ((0 0, 1000 0, 1000 1e-9, 0 1e-9, 0 0))"],
    "crossing itself": [
        "POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))",
        "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))",
        "POLYGON ((10 0, 14 0, 14 4, 10 4, 10 0))",
    ],
    "an empty one": ["POLYGON EMPTY", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"],
    "only an empty one": ["POLYGON EMPTY"],
    "tiny": ["POLYGON ((116 40, 116.0000001 40, 116 40.0000001, 116 40))"],
    "at the limit of doubles": [
        "POLYGON ((116 40, 116.00000000000003 40, 116.00000000000003 40.00000000000003, 116 40))"
    ],
    "around zero": ["POLYGON ((-1e-9 -1e-9, 1e-9 -1e-9, 1e-9 1e-9, -1e-9 1e-9, -1e-9 -1e-9))"],
    "far away": ["POLYGON ((1e12 1e12, 1.1e12 1e12, 1e12 1.1e12, 1e12 1e12))"],
    "beyond all": ["POLYGON ((-1e200 -1e200, 1e200 -1e200, 0 1e200, -1e200 -1e200))"],
    "a star": [
        shapely.Polygon(
            [
                (np.cos(a) * r, np.sin(a) * r)
                for a, r in zip(np.linspace(0, 2 * np.pi, 801), [1, 0.001] * 400 + [1], strict=True)
            ]
        )
    ],
}


def shapes(case):
    return [shapely.from_wkt(one) if isinstance(one, str) else one for one in CASES[case]]


@pytest.mark.parametrize("case", CASES)
def test_the_grid_answers_like_shapely(case):
    polygons = shapes(case)
    rng = np.random.default_rng(7)
    positions = hard_positions(polygons, rng) if "empty" not in case else rng.normal(size=(99, 2))
    assert_exact(gridded(polygons), positions)


@pytest.mark.parametrize("case", ["squares", "toy", "exclave", "gap"])
def test_far_from_borders_nothing_is_left_to_the_border_rule(case):
    polygons = shapes(case)
    rng = np.random.default_rng(7)
    positions = rng.uniform(-2, 10, (20_000, 2))
    assert len(gridded(polygons).grid().settle(positions)[1]) == 0


def test_an_overlap_spoils_only_the_pixels_around_it():
    squares = [*SQUARES, shapely.box(1.4, 1.4, 1.6, 1.6)]
    positions = np.random.default_rng(7).uniform(0, 4, (20_000, 2))
    left_open = positions[gridded(squares).grid().settle(positions)[1]]
    assert 0 < len(left_open) < 200
    assert shapely.distance(shapely.points(left_open), squares[-1]).max() < 0.05


def test_an_invalid_polygon_spoils_only_its_surroundings():
    index = gridded(shapes("crossing itself"))
    left_open = index.grid().settle(np.array([[1.0, 2.0], [6.0, 2.0], [12.0, 2.0]]))[1]
    assert left_open.tolist() == [0]


@pytest.mark.parametrize("case", ["squares", "crossing itself", "only an empty one"])
def test_what_is_no_position_is_nowhere(case):
    strange = [np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 0.5]
    positions = np.array([(x, y) for x in strange for y in strange])
    finite = np.isfinite(positions).all(axis=1)
    index = gridded(shapes(case))
    rows = index.locate(positions)
    assert (rows[~finite] == -1).all()
    expected = truth(index.layer.geometries, positions[finite])
    assert rows[finite].tolist() == lowest(expected, finite.sum()).tolist()


def test_no_positions_have_no_areas():
    index = gridded(SQUARES)
    none = np.empty((0, 2))
    assert len(index.locate(none)) == 0
    assert [len(part) for part in index.covering(none)] == [0, 0]
    assert [len(part) for part in index.grid().settle(none)] == [0, 0]


def test_a_position_on_a_corner_of_four_is_in_all_of_them():
    index = gridded(SQUARES)
    positions, rows = index.covering(np.array([[0.5, 0.5], [2.0, 2.0], [9.0, 9.0]]))
    assert (positions.tolist(), rows.tolist()) == ([0, 1, 1, 1, 1], [0, 5, 6, 9, 10])
    assert index.locate(np.array([[2.0, 2.0]])).tolist() == [5]


def test_views_and_other_strides_are_read_as_they_are():
    index = gridded(SQUARES)
    wide = np.random.default_rng(7).uniform(0, 4, (500, 5))
    assert index.locate(wide[::2, 1:3]).tolist() == index.locate(wide[::2, 1:3].copy()).tolist()


def test_less_memory_gives_the_same_answers():
    tiles = tiling.exact(tessellate.pieces(shapely.box(116, 40, 116.2, 40.1), count=300))
    small = gridded(tiles)
    small.use(GridIndex.build(small.layer, small.covering_by_rule, budget_mb=0.1))
    large = gridded(tiles)
    assert small.grid().tables.nbytes < large.grid().tables.nbytes / 4
    positions = hard_positions(tiles, np.random.default_rng(7))
    assert_exact(small, positions)
    assert_exact(large, positions)


def test_a_large_batch_builds_the_grid_and_a_small_one_does_not():
    index = ReleaseIndex(toy.release())
    streets = index.layers[Level.STREET]
    one = np.array([[1.0, 1.0]])
    assert index.locate(one, level=Level.STREET).tolist() == [0]
    assert streets._grid is None
    many = np.repeat(one, GRID_FROM, axis=0)
    assert (index.locate(many, level=Level.STREET) == 0).all()
    assert streets._grid is not None
    assert index.locate(one, level=Level.STREET).tolist() == [0]


# --- files ----------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    index = ReleaseIndex(toy.release())
    index.save_grid(tmp_path / "streets.grid", level=Level.STREET)
    return tmp_path / "streets.grid"


def test_a_saved_grid_answers_like_the_one_built(saved):
    built = gridded(shapes("toy"))
    index = ReleaseIndex(toy.release())
    index.load_grid(saved, level=Level.STREET)
    positions = hard_positions(shapes("toy"), np.random.default_rng(7))
    assert index.locate(positions, level=Level.STREET).tolist() == built.locate(positions).tolist()
    tables = index.layers[Level.STREET].grid().tables
    assert not tables.fine.flags.writeable
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


def test_a_grid_without_knots_or_edges_can_be_saved(tmp_path):
    none = gridded(shapes("only an empty one"))
    none.grid().save(tmp_path / "none.grid", release="toy")
    loaded = GridIndex.load(tmp_path / "none.grid", none.layer, release="toy")
    assert loaded.settle(np.zeros((1, 2)))[1].tolist() == [0]


def test_a_grid_of_other_polygons_or_of_another_release_is_refused(saved):
    moved = toy.STREETS | {toy.SOUTH_STREET: "POLYGON ((0 0, 4 0, 4 1, 0 2, 0 0))"}
    for release, level in (
        (toy.release(moved), Level.STREET),
        (toy.release(release_id="next"), Level.STREET),
        (toy.release(), Level.DISTRICT),
    ):
        with pytest.raises(StaleGridError, match="build the grid again"):
            ReleaseIndex(release).load_grid(saved, level=level)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"PK\x03\x04 something else, long enough to hold a header of ours",
        lambda good: good[:40],
        lambda good: good[:20] + b"\xff" * 8 + good[28:],
        lambda good: good[:-1],
        lambda good: good.replace(b'"digest"', b'"digits"'),
        lambda good: good.replace(b'"fine"', b'"wine"'),
        lambda good: good.replace(b'"frame": [3]', b'"frame": [9]'),
        lambda good: good.replace(b'"frame": [3]', b'"frame": "3"'),
        lambda good: good.replace(b'"shapes": {', b'"shapes": [', 1).replace(b"}}", b"]}", 1),
    ],
)
def test_a_broken_file_is_refused(saved, broken):
    saved.write_bytes(broken(saved.read_bytes()) if callable(broken) else broken)
    with pytest.raises(StaleGridError):
        ReleaseIndex(toy.release()).load_grid(saved, level=Level.STREET)


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(deadline=None)
def test_a_flipped_bit_is_refused_or_changes_no_table(at, bit):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "streets.grid"
        built = ReleaseIndex(toy.release())
        built.save_grid(path, level=Level.STREET)
        damaged = bytearray(path.read_bytes())
        damaged[int(at * len(damaged))] ^= 1 << bit
        path.write_bytes(damaged)
        index = ReleaseIndex(toy.release())
        try:
            index.load_grid(path, level=Level.STREET)
        except StaleGridError:
            return
        tables = [one.layers[Level.STREET].grid().tables for one in (built, index)]
        for field in dataclasses.fields(tables[0]):
            assert np.array_equal(*(getattr(one, field.name) for one in tables))


def test_a_grid_whose_bytes_have_changed_is_refused(saved):
    damaged = bytearray(saved.read_bytes())
    damaged[-1] ^= 1
    saved.write_bytes(damaged)
    with pytest.raises(StaleGridError, match="its bytes are not those that were saved"):
        ReleaseIndex(toy.release()).load_grid(saved, level=Level.STREET)


# --- the shipped city -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def cells(beijing):
    index = ReleaseIndex(beijing).layers[Level.CELL]
    index.grid()
    return index


def test_every_border_of_the_city_is_closed(cells):
    border = np.unique(on_borders(cells.layer.geometries), axis=0)
    sample = np.random.default_rng(7).choice(border, 100_000, replace=False)
    assert_exact(cells, sample)


def test_positions_beside_the_borders_of_the_city_are_on_their_side(cells):
    border = np.unique(on_borders(cells.layer.geometries), axis=0)
    sample = np.random.default_rng(8).choice(border, 10_000, replace=False)
    assert_exact(cells, ulps_aside(sample))


def test_a_million_positions_are_answered_like_shapely(cells):
    rng = np.random.default_rng(9)
    west, south, east, north = shapely.total_bounds(cells.layer.geometries)
    centres = shapely.get_coordinates(shapely.centroid(cells.layer.geometries))
    crowded = centres[rng.integers(0, len(centres), 700_000)] + rng.normal(0, 0.003, (700_000, 2))
    spread = rng.uniform((west - 0.1, south - 0.1), (east + 0.1, north + 0.1), (300_000, 2))
    positions = np.concatenate([crowded, spread])
    expected = truth(cells.layer.geometries, positions)
    found = cells.covering(positions)
    assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))
    assert len(cells.grid().settle(positions)[1]) < 10
