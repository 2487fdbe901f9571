"""Communities around seeds; units are thousandths of a degree near the equator, nearly square."""

import numpy as np
import pytest
import shapely

from gridmap import seeds, tiling
from gridmap.errors import TessellationError

UNIT = 0.001
STREET = "POLYGON ((0 0, 8 0, 8 4, 0 4, 0 0))"


def shape(wkt):
    return shapely.transform(shapely.from_wkt(wkt), lambda xy: xy * UNIT)


def around(ground, *points):
    street = shape(ground)
    found = seeds.territories(street, np.array(points) * UNIT)
    assert shapely.coverage_is_valid(found)
    assert shapely.symmetric_difference(shapely.union_all(found), street).area < 1e-10
    return found


def sizes(found):
    return (shapely.area(found) / UNIT**2).round(2).tolist()


def test_two_seeds_share_the_street_in_the_middle():
    assert sizes(around(STREET, (2, 2), (6, 2))) == [16, 16]


def test_territories_come_in_the_order_of_the_seeds():
    assert sizes(around(STREET, (7, 2), (1, 2), (3, 2))) == [12, 8, 12]


def test_every_seed_is_in_its_own_ground():
    points = [(1, 1), (2, 3), (5, 1), (7, 3), (4, 2)]
    found = around(STREET, *points)
    assert shapely.covers(found, shapely.points(np.array(points) * UNIT)).all()


def test_one_seed_has_the_whole_street():
    assert sizes(around(STREET, (1, 1))) == [32]


def test_seeds_on_the_border_and_the_corner_have_their_ground():
    assert sizes(around(STREET, (0, 0), (8, 4))) == [16, 16]


def test_distances_are_those_of_the_ground():
    """At 60 degrees north a degree of longitude is half as long as one of latitude."""
    street = shapely.box(0, 60, 8 * UNIT, 60 + 4 * UNIT)
    slanted = seeds.territories(street, np.array([[0.0, 60.0], [8 * UNIT, 60 + 4 * UNIT]]))
    corner = shapely.Point(0, 60 + 4 * UNIT)  # 4 units north of one, 8 halved of the other
    assert shapely.distance(slanted, corner) == pytest.approx([0, 0], abs=2e-5)


def test_ground_cut_off_from_its_seed_goes_to_the_neighbour():
    """A U: the right arm is nearer to the seed of the left arm's top than to the bottom's."""
    street = "POLYGON ((0 0, 9 0, 9 8, 6 8, 6 1, 3 1, 3 8, 0 8, 0 0))"
    found = around(street, (2, 7), (1, 0))
    assert [one.geom_type for one in found] == ["Polygon", "Polygon"]
    assert shapely.covers(found[1], shape("POINT (7 7)"))


def test_a_detached_part_without_a_seed_belongs_to_the_nearest_as_its_exclave():
    street = "MULTIPOLYGON (((0 0, 8 0, 8 4, 0 4, 0 0)), ((9 0, 10 0, 10 1, 9 1, 9 0)))"
    found = around(street, (2, 2), (6, 2))
    assert sizes(found) == [16, 17]
    assert found[1].geom_type == "MultiPolygon"


def test_a_seed_across_the_river_takes_nothing_of_a_part_that_has_its_own():
    street = "MULTIPOLYGON (((0 0, 8 0, 8 4, 0 4, 0 0)), ((8.2 0, 10 0, 10 4, 8.2 4, 8.2 0)))"
    assert sizes(around(street, (1, 2), (8.3, 2))) == [32, 7.2]


def test_a_hole_of_the_street_belongs_to_no_seed():
    street = "POLYGON ((0 0, 8 0, 8 4, 0 4, 0 0), (3 1, 5 1, 5 3, 3 3, 3 1))"
    assert sizes(around(street, (1, 2), (7, 2))) == [14, 14]


def test_seeds_are_taken_once_in_one_order():
    given = np.array([[2.0, 1.0], [1.0, 5.0], [2.0, 1.0], [1.0, 3.0]])
    once, counts = seeds.unique(given)
    assert once.tolist() == [[1.0, 3.0], [1.0, 5.0], [2.0, 1.0]]
    assert counts.tolist() == [1, 1, 2]
    assert seeds.unique(given[::-1])[0].tolist() == once.tolist()
    assert seeds.unique(np.empty((0, 2)))[0].shape == (0, 2)


def test_seeds_a_grid_apart_still_have_their_ground():
    near = (2 + 2 * tiling.GRID_DEG / UNIT, 2)
    assert len(around(STREET, (2, 2), near, (6, 2))) == 3


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([(9, 2)], "inside it"),
        (np.empty((0, 2)), "at least one"),
        ([(1, 1), (1, 1)], "twice"),
    ],
)
def test_seeds_outside_or_twice_or_none_are_refused(points, why):
    with pytest.raises(TessellationError, match=why):
        seeds.territories(shape(STREET), np.array(points) * UNIT)
