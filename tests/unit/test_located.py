"""Chains of areas for arrays of positions: the finest area and its ancestors."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridmap.boundary import Layer, Release
from gridmap.errors import DateLineError
from gridmap.level import Basis, Level
from gridmap.locate import ReleaseIndex
from gridmap.relation import RELATIONS
from tests import toy

SOUTH, NORTH, EAST = toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET
GAPPED = toy.STREETS | {
    NORTH: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))",
    SOUTH: "POLYGON ((0 0, 5 0, 5 1, 4 1, 4 2, 0 2, 0 0))",
}


def told(release, answers):
    """Every answer as (position, codes from coarse to fine, relation)."""
    chains = [
        [
            str(release.layers[level].codes[rows[at]])
            for level, rows in answers.rows.items()
            if rows[at] >= 0
        ]
        for at in range(len(answers.positions))
    ]
    relations = [str(RELATIONS[number]) for number in answers.relations]
    return list(zip(answers.positions.tolist(), chains, relations, strict=True))


def test_a_position_has_its_finest_area_and_the_ancestors():
    city = toy.release()
    positions = np.array([[1.0, 1.0], [4.0, 1.0], [6.0, 2.0], [9.0, 9.0]])
    assert told(city, ReleaseIndex(city).located(positions)) == [
        (0, [toy.CITY, toy.WEST, SOUTH], "inside"),
        (1, [toy.CITY, toy.WEST, SOUTH], "on_line"),
        (2, [toy.CITY, toy.WEST, NORTH], "inside"),
        (3, [], "gap"),
    ]


def test_on_a_line_every_area_stands_with_its_own_ancestors():
    city = toy.release()
    positions = np.array([[9.0, 9.0], [4.0, 2.0], [1.0, 1.0]])
    assert told(city, ReleaseIndex(city).covering(positions)) == [
        (0, [], "gap"),
        (1, [toy.CITY, toy.WEST, SOUTH], "on_line"),
        (1, [toy.CITY, toy.WEST, NORTH], "on_line"),
        (1, [toy.CITY, toy.EAST, EAST], "on_line"),
        (2, [toy.CITY, toy.WEST, SOUTH], "inside"),
    ]


def test_in_a_gap_the_coarser_levels_answer_and_the_relation_says_so():
    city = toy.release(GAPPED)
    index = ReleaseIndex(city)
    positions = np.array([[1.0, 2.5], [4.5, 0.5], [4.0, 3.5]])
    assert told(city, index.located(positions)) == [
        (0, [toy.CITY, toy.WEST], "gap"),
        (1, [toy.CITY, toy.WEST, SOUTH], "overlap"),
        (2, [toy.CITY, toy.WEST, NORTH], "on_line"),
    ]


def test_a_gap_on_a_coarser_line_names_both_of_its_sides():
    streets = {code: wkt for code, wkt in toy.STREETS.items() if code == SOUTH}
    city = toy.release(streets)
    answers = told(city, ReleaseIndex(city).covering(np.array([[4.0, 3.0]])))
    assert answers == [(0, [toy.CITY, toy.WEST], "gap"), (0, [toy.CITY, toy.EAST], "gap")]


def test_no_positions_have_no_answers():
    answers = ReleaseIndex(toy.release()).covering(np.empty((0, 2)))
    assert len(answers.positions) == 0


@pytest.mark.parametrize("by_grid", [False, True])
def test_located_is_the_first_of_covering_with_and_without_a_grid(beijing, by_grid):
    index = ReleaseIndex(beijing)
    cells = index.layers[Level.CELL]
    if by_grid:
        cells.grid()
    rng = np.random.default_rng(7)
    some = rng.choice(cells.layer.geometries, 300)
    west, south, east, north = beijing.bounds
    positions = np.concatenate(
        [
            shapely.get_coordinates(some)[:2_000],
            rng.uniform((west, south), (east, north), (2_000, 2)),
            [[np.nan, 40.0], [np.inf, 40.0]],
        ]
    )
    one, every = index.located(positions), index.covering(positions)
    first = np.unique(every.positions, return_index=True)[1]
    assert len(every.positions) > len(positions)
    for level in beijing.levels:
        assert np.array_equal(one.rows[level], every.rows[level][first])
        assert np.array_equal(one.rows[level], index.locate(positions, level=level))
    assert np.array_equal(one.relations, every.relations[first])


def test_an_orphan_belongs_to_the_areas_around_it():
    city = toy.release()
    streets = city.layers[Level.STREET]
    orphaned = replace(streets, parents=np.array(["", *streets.parents[1:]]))
    layers = {**city.layers, Level.STREET: orphaned}
    index = ReleaseIndex(Release(id="orphan", title="t", layers=layers))
    (answer,) = told(index.release, index.located(np.array([[1.0, 1.0]])))
    assert answer == (0, [toy.CITY, toy.WEST, SOUTH], "inside")


def test_a_level_without_areas_is_one_great_gap():
    city = toy.release()
    nothing = Layer.build(
        Level.STREET, Basis.SURVEYED, codes=[], names=[], parents=[], geometries=[]
    )
    index = ReleaseIndex(
        Release(id="empty", title="t", layers={**city.layers, Level.STREET: nothing})
    )
    spots = np.array([[1.0, 1.0], [9.0, 9.0]])
    for answers in (index.located(spots), index.covering(spots)):
        assert told(index.release, answers) == [
            (0, [toy.CITY, toy.WEST], "gap"),
            (1, [], "gap"),
        ]


def test_an_index_can_be_sent_to_another_process():
    index = pickle.loads(pickle.dumps(ReleaseIndex(toy.release())))
    assert index.locate(np.array([[1.0, 1.0]]), level=Level.STREET).tolist() == [0]


def test_a_release_across_the_180th_meridian_is_refused():
    sides = {
        "990101": "POLYGON ((179 0, 180 0, 180 1, 179 1, 179 0))",
        "990102": "POLYGON ((-180 0, -179 0, -179 1, -180 1, -180 0))",
    }
    layer = Layer.build(
        Level.DISTRICT,
        Basis.SURVEYED,
        codes=sides,
        names=sides,
        parents=["", ""],
        geometries=[shapely.from_wkt(wkt) for wkt in sides.values()],
    )
    with pytest.raises(DateLineError, match="180th"):
        ReleaseIndex(Release(id="fiji", title="t", layers={Level.DISTRICT: layer}))
