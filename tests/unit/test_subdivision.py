"""New levels below the streets of the toy city (degrees as units: a cell has 3,000 km² there)."""

import numpy as np
import pytest
import shapely

from gridmap import subdivision
from gridmap.barriers import Barriers
from gridmap.boundary import Release
from gridmap.cell_policy import CellPolicy
from gridmap.errors import NoLevelError, NumberingError, TessellationError, UnknownAreaError
from gridmap.findings import Kind
from gridmap.level import Basis, Level
from gridmap.locate import ReleaseIndex
from gridmap.measure import areas_m2
from gridmap.remark import RemarkKind
from gridmap.tessellate import reading_order
from gridmap.topology import check
from tests import toy

POLICY = CellPolicy.of_target(3e9)
BLOCK = CellPolicy.of_target(1e9)


def divided(release=None, *, policy=POLICY, lines=(), seeds=None, **options):
    return subdivision.divided(
        release or toy.release(),
        policy=policy,
        barriers=Barriers.build(map(shapely.from_wkt, lines)),
        seeds=None if seeds is None else np.array(seeds, dtype=float),
        **options,
    )


def kinds(made):
    return sorted(one.kind for one in made.remarks)


def assert_whole(release):
    findings = check(release, smallest_m2=0)
    assert [one for one in findings if one.kind is not Kind.EXCLAVE] == []
    for layer in release.layers.values():
        assert shapely.is_valid(layer.geometries).all()


def test_streets_are_divided_into_communities_and_cells_without_findings():
    made = divided()
    assert made.release.levels == tuple(Level)
    assert_whole(made.release)
    assert len(made.release.layers[Level.CELL]) > 100
    assert made.remarks == ()


def test_what_is_made_is_schematic_and_what_was_there_keeps_its_basis():
    layers = divided().release.layers
    assert layers[Level.STREET].basis is Basis.SURVEYED
    assert {layers[Level.COMMUNITY].basis, layers[Level.CELL].basis} == {Basis.SCHEMATIC}
    assert layers[Level.COMMUNITY].names[0] == "示意社区 001"
    assert layers[Level.CELL].names[0] == f"示意网格 {layers[Level.CELL].codes[0]}"


def test_codes_have_15_digits_and_are_numbered_in_reading_order_inside_each_community():
    layers = divided().release.layers
    cells = layers[Level.CELL]
    assert {len(code) for code in cells.codes} == {15}
    for community in layers[Level.COMMUNITY].codes:
        own = cells.parents == community
        assert [code[-3:] for code in cells.codes[own]] == [
            f"{n:03d}" for n in range(1, own.sum() + 1)
        ]
        assert reading_order(cells.geometries[own]).tolist() == list(range(own.sum()))


def test_the_lines_that_were_there_stay_where_they_were():
    old, new = toy.release(), divided().release
    for level in old.levels:
        moved = shapely.hausdorff_distance(
            old.layers[level].geometries, new.layers[level].geometries
        )
        assert moved.max() <= 2e-9


def test_barriers_are_kept_to_across_all_streets():
    road = "LINESTRING (-1 1.37, 9 1.37)"
    made = divided(lines=[road])
    assert_whole(made.release)
    inner = shapely.buffer(made.release.layers[Level.CELL].geometries, -1e-6)
    assert not shapely.intersects(inner, shapely.from_wkt(road)).any()
    assert made.remarks == ()


def test_barriers_outside_are_counted():
    made = divided(lines=["LINESTRING (20 0, 20 5)", "LINESTRING (0 1, 8 1)"])
    (remark,) = made.remarks
    assert (remark.kind, remark.size) == (RemarkKind.BARRIER_OUTSIDE, 1)
    assert "divide nothing: 1" in str(remark)


def test_communities_stand_around_seeds():
    seeds = [(1, 1), (3, 1), (1, 3), (3, 3), (6, 2), (4.5, 2), (7.5, 2)]
    made = divided(seeds=seeds)
    assert_whole(made.release)
    found = made.release.layers[Level.COMMUNITY]
    assert len(found) == len(seeds)
    rows = ReleaseIndex(made.release).locate(np.array(seeds), level=Level.COMMUNITY)
    assert sorted(rows) == list(range(len(seeds)))
    assert made.remarks == ()


def test_seeds_outside_twice_and_on_borders_are_told():
    seeds = [(1, 1), (1, 1), (2, 2), (20, 20), (3, 3), (4.5, 2)]
    made = divided(seeds=seeds)
    assert_whole(made.release)
    assert kinds(made) == ["seed_on_border", "seed_outside", "seed_twice"]
    by_kind = {one.kind: one for one in made.remarks}
    assert by_kind[RemarkKind.SEED_ON_BORDER].code == toy.SOUTH_STREET
    assert by_kind[RemarkKind.SEED_TWICE].size == 2
    in_south = made.release.layers[Level.COMMUNITY].parents == toy.SOUTH_STREET
    assert in_south.sum() == 2


def test_a_street_without_a_seed_is_divided_evenly_and_told():
    made = divided(seeds=[(1, 1), (1, 3)])
    assert_whole(made.release)
    (remark,) = made.remarks
    assert (remark.kind, remark.code) == (RemarkKind.NO_SEED, toy.EAST_STREET)


def test_the_order_of_seeds_and_lines_does_not_matter():
    seeds = [(1, 1), (3, 1), (1, 3), (3, 3), (4.5, 2), (7.5, 2)]
    lines = ["LINESTRING (-1 1.4, 9 1.3)", "LINESTRING (1.1 -1, 1.7 5)", "LINESTRING (5 0, 7 4)"]
    one, other = divided(seeds=seeds, lines=lines), divided(seeds=seeds[::-1], lines=lines[::-1])
    for level in one.release.levels:
        first, second = (made.release.layers[level] for made in (one, other))
        assert first.codes.tolist() == second.codes.tolist()
        assert (shapely.to_wkb(first.geometries) == shapely.to_wkb(second.geometries)).all()
    assert [str(remark) for remark in one.remarks] == [str(remark) for remark in other.remarks]


def test_communities_that_are_there_are_kept():
    communities = divided(cells=False).release
    assert communities.levels[-1] is Level.COMMUNITY
    made = divided(communities)
    assert_whole(made.release)
    old, new = (one.layers[Level.COMMUNITY] for one in (communities, made.release))
    assert old.codes.tolist() == new.codes.tolist()
    assert shapely.hausdorff_distance(old.geometries, new.geometries).max() <= 2e-9


def test_communities_that_are_there_are_made_anew_around_seeds():
    communities = divided(cells=False).release
    seeds = [(1, 1), (1, 3), (4.5, 2)]
    assert len(divided(communities, seeds=seeds).release.layers[Level.COMMUNITY]) == 3


def test_a_release_of_communities_alone_gets_cells():
    communities = divided(cells=False).release
    alone = Release(
        id="communities",
        title="t",
        layers={Level.COMMUNITY: communities.layers[Level.COMMUNITY]},
    )
    made = divided(alone)
    assert made.release.levels == (Level.COMMUNITY, Level.CELL)


@pytest.mark.parametrize(
    ("code", "levels"), [(toy.WEST, ["district", "street"]), (toy.SOUTH_STREET, ["street"])]
)
def test_one_area_alone_can_be_divided(code, levels):
    made = divided(within=code)
    assert [str(level) for level in made.release.levels] == [*levels, "community", "cell"]
    top = made.release.layers[made.release.levels[0]]
    assert top.codes.tolist() == [code]
    assert top.parents.tolist() == [""]
    assert_whole(made.release)


def test_each_is_told_what_is_divided():
    told = []

    def each(codes):
        for code in codes:
            told.append(code)
            yield code

    made = divided(each=each)
    streets = [toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET]
    assert told == streets + made.release.layers[Level.COMMUNITY].codes.tolist()


def test_the_new_release_has_an_id_of_its_own():
    assert divided(cells=False).release.id == "toy-grid"
    assert divided(cells=False, release_id="toy-2").release.id == "toy-2"


def test_cells_have_the_sizes_of_the_policy():
    sizes = areas_m2(divided(policy=BLOCK).release.layers[Level.CELL].geometries)
    assert BLOCK.least_m2 <= sizes.min()
    assert sizes.max() <= BLOCK.largest_m2
    assert np.median(sizes) == pytest.approx(BLOCK.target_m2, rel=0.05)


def test_more_than_999_cells_in_one_community_are_refused_in_words():
    policy = CellPolicy(
        target_m2=9e7, least_m2=1e7, largest_m2=2e8, community_m2=1e12, stub_m=1, closing_m=1
    )
    with pytest.raises(NumberingError, match=r"990101001001 would be divided into 1\d{3} areas"):
        divided(policy=policy, within=toy.SOUTH_STREET)


def test_a_release_without_streets_and_communities_is_refused():
    city = Release(id="c", title="t", layers={Level.CITY: toy.release().layers[Level.CITY]})
    with pytest.raises(NoLevelError, match="no street level"):
        divided(city)


def test_seeds_without_streets_to_divide_are_refused_and_not_passed_over():
    communities = divided(cells=False).release.layers[Level.COMMUNITY]
    alone = Release(id="c", title="t", layers={Level.COMMUNITY: communities})
    with pytest.raises(NoLevelError, match="no street level"):
        divided(alone, seeds=[(1, 1)])


def test_seeds_and_lines_elsewhere_in_the_release_are_no_matter_of_one_area():
    seeds, lines = [(1, 1), (3, 1), (6, 2), (20, 20)], ["LINESTRING (5 0.5, 6 0.5)"]
    made = divided(within=toy.SOUTH_STREET, seeds=seeds, lines=lines)
    assert kinds(made) == ["seed_outside"]
    assert len(made.release.layers[Level.COMMUNITY]) == 2


def test_an_area_that_is_not_there_is_refused():
    with pytest.raises(UnknownAreaError):
        divided(within="123456")


@pytest.mark.parametrize(
    "streets",
    [
        # a gap: the district is more than its streets
        toy.STREETS | {toy.NORTH_STREET: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))"},
        # an overlap: one of the two cannot keep its ground
        toy.STREETS | {toy.SOUTH_STREET: "POLYGON ((0 0, 5 0, 5 1, 4 1, 4 2, 0 2, 0 0))"},
    ],
)
def test_a_release_with_gaps_or_overlaps_is_refused_and_not_repaired(streets):
    with pytest.raises(TessellationError, match="run `gridmap check`"):
        divided(toy.release(streets))
