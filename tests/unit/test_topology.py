import pytest
import shapely

from gridmap.boundary import Layer, Release
from gridmap.level import Basis, Level
from gridmap.measure import area_m2
from gridmap.topology import Kind, check

WEST, EAST = shapely.box(116, 40, 116.1, 40.1), shapely.box(116.1, 40, 116.2, 40.1)


def districts(*shapes):
    codes = [f"11010{number}" for number in range(1, len(shapes) + 1)]
    return Layer.build(
        Level.DISTRICT,
        Basis.MAPPED,
        codes=codes,
        names=codes,
        parents=["" for _ in codes],
        geometries=shapes,
    )


def streets(*shapes, parents=None):
    codes = [f"1101010{number:02d}" for number in range(1, len(shapes) + 1)]
    return Layer.build(
        Level.STREET,
        Basis.MAPPED,
        codes=codes,
        names=codes,
        parents=parents or ["110101" for _ in codes],
        geometries=shapes,
    )


def findings(*layers, **options):
    release = Release(id="r", title="r", layers={layer.level: layer for layer in layers})
    return check(release, **options)


def test_an_exact_tiling_has_no_findings():
    assert findings(districts(shapely.box(116, 40, 116.2, 40.1)), streets(WEST, EAST)) == ()


def test_an_overlap_names_both_areas_and_the_true_ground_area():
    wide = shapely.box(116.099, 40, 116.2, 40.1)
    (one,) = findings(districts(WEST, wide))
    assert (one.kind, one.codes) == (Kind.OVERLAP, ("110101", "110102"))
    assert one.size_m2 == pytest.approx(area_m2(shapely.box(116.099, 40, 116.1, 40.1)))
    assert str(one).startswith("district 110101 overlaps 110102 by 947,")


def test_an_area_inside_another_overlaps_it():
    (one,) = findings(districts(WEST, shapely.box(116.04, 40.04, 116.05, 40.05)))
    assert one.kind is Kind.OVERLAP


def test_an_area_twice_overlaps_itself():
    (one,) = findings(districts(WEST, WEST))
    assert one.size_m2 == pytest.approx(area_m2(WEST))


def test_a_gap_inside_a_parent_names_the_parent_and_the_children_beside_it():
    narrow = shapely.box(116.101, 40, 116.2, 40.1)
    (one,) = findings(districts(shapely.box(116, 40, 116.2, 40.1)), streets(WEST, narrow))
    assert (one.kind, one.level) == (Kind.GAP, Level.STREET)
    assert one.codes == ("110101", "110101001", "110101002")
    assert one.size_m2 == pytest.approx(area_m2(shapely.box(116.1, 40, 116.101, 40.1)))


def test_a_gap_that_areas_of_the_top_level_enclose_is_found():
    hole = shapely.box(116.09, 40.04, 116.11, 40.06)
    (one,) = findings(districts(WEST.difference(hole), EAST.difference(hole)))
    assert (one.kind, one.codes) == (Kind.GAP, ("110101", "110102"))


def test_a_parent_without_children_is_one_gap():
    found = findings(districts(WEST, EAST), streets(WEST))
    assert [(one.kind, one.codes[0]) for one in found] == [(Kind.GAP, "110102")]


def test_a_child_outside_its_parent_is_told():
    found = findings(districts(WEST), streets(shapely.box(116, 40, 116.101, 40.1)))
    assert [one.kind for one in found] == [Kind.OUTSIDE]
    assert found[0].codes == ("110101001", "110101")


def test_a_missing_parent_is_told():
    found = findings(districts(WEST), streets(WEST, parents=[""]))
    assert [one.kind for one in found] == [Kind.ORPHAN]  # its ground is claimed: no gap


def test_an_invalid_polygon_is_told_and_does_not_stop_the_rest():
    bow = shapely.Polygon([(116, 40), (116.1, 40.1), (116.1, 40), (116, 40.1)])
    found = findings(districts(bow, EAST))
    assert Kind.INVALID in {one.kind for one in found}
    assert "110101 is not a valid polygon" in str(found[0])


def test_other_vertices_on_a_common_line_are_told():
    east = shapely.Polygon([(116.1, 40), (116.2, 40), (116.2, 40.1), (116.1, 40.1), (116.1, 40.05)])
    found = findings(districts(WEST, east))
    assert {one.kind for one in found} == {Kind.UNMATCHED}


def test_findings_below_the_smallest_are_not_told():
    wide = shapely.box(116.099, 40, 116.2, 40.1)
    found = findings(districts(WEST, wide), smallest_m2=1e9)
    assert {one.kind for one in found} <= {Kind.UNMATCHED}


def test_findings_come_coarsest_level_first():
    found = findings(districts(WEST, WEST), streets(shapely.box(116, 40, 116.05, 40.1)))
    assert [one.level for one in found] == sorted(
        (one.level for one in found), key=lambda level: level.depth
    )
