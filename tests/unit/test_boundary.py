import pytest
import shapely

from gridmap.boundary import Layer, Release
from gridmap.errors import BadCodeError, DefinitionError, UnknownAreaError
from gridmap.level import Basis, Level
from tests import toy


@pytest.fixture
def release():
    return toy.release()


def test_the_common_superior_of_two_streets_of_one_district_is_the_district(release):
    superior = release.lowest_common_superior([toy.SOUTH_STREET, toy.NORTH_STREET])
    assert superior.code == toy.WEST


def test_the_common_superior_of_streets_of_two_districts_is_the_city(release):
    streets = [toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET]
    assert release.lowest_common_superior(streets).code == toy.CITY


def test_the_city_has_no_superior(release):
    assert release.lowest_common_superior([toy.CITY, toy.WEST]) is None
    assert release.lowest_common_superior([]) is None


def test_ancestors_come_nearest_first(release):
    assert [area.code for area in release.ancestors(toy.EAST_STREET)] == [toy.EAST, toy.CITY]


def test_an_unknown_code_is_named(release):
    with pytest.raises(UnknownAreaError, match="123456789"):
        release.area("123456789")


def layer(codes, parents):
    return Layer.build(
        Level.STREET,
        Basis.SURVEYED,
        codes=codes,
        names=codes,
        parents=parents,
        geometries=[shapely.box(0, 0, 1, 1)] * len(codes),
    )


def test_areas_are_sorted_by_code_so_that_the_lowest_comes_first():
    assert layer(["990101002", "990101001"], ["990101"] * 2).codes.tolist() == [
        "990101001",
        "990101002",
    ]


@pytest.mark.parametrize(
    ("codes", "parents"),
    [
        (["99010100"], ["990101"]),
        (["99010100x"], ["990101"]),
        (["990101001"], ["990102"]),
        (["990101001", "990101001"], ["990101", "990101"]),
    ],
)
def test_ill_formed_orphaned_and_double_codes_are_refused(codes, parents):
    with pytest.raises(BadCodeError):
        layer(codes, parents)


def test_a_release_without_levels_is_refused():
    with pytest.raises(DefinitionError):
        Release(id="none", title="none", layers={})
