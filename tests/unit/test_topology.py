import json

import pytest
import shapely

from gridmap.boundary import Layer, Release
from gridmap.findings import counts, feature_collection
from gridmap.level import Basis, Level, ParentsBy
from gridmap.measure import area_m2
from gridmap.topology import Kind, Severity, check, faults, table

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


# --- slivers, splinters, exclaves ---------------------------------------------------------------

NARROW_DEG = 5e-6  # some 0.43 m of longitude at 40 degrees north


def test_a_narrow_overlap_is_a_sliver_and_a_warning():
    (one,) = findings(districts(WEST, shapely.box(116.1 - NARROW_DEG, 40, 116.2, 40.1)))
    assert (one.kind, one.is_sliver, one.severity) == (Kind.OVERLAP, True, Severity.WARNING)
    assert one.width_m == pytest.approx(0.427, abs=0.01)
    assert one.heading == "overlap, sliver"
    assert "in a sliver 0.43 m wide" in str(one)


def test_a_narrow_gap_is_a_sliver_and_a_wide_one_is_not():
    whole = districts(shapely.box(116, 40, 116.2, 40.1))
    (narrow,) = findings(whole, streets(WEST, shapely.box(116.1 + NARROW_DEG, 40, 116.2, 40.1)))
    (wide,) = findings(whole, streets(WEST, shapely.box(116.101, 40, 116.2, 40.1)))
    assert (narrow.heading, wide.heading) == ("gap, sliver", "gap")
    assert wide.severity is Severity.ERROR


def test_the_width_that_makes_a_sliver_is_stated():
    given = districts(WEST, shapely.box(116.1 - NARROW_DEG, 40, 116.2, 40.1))
    (one,) = findings(given, sliver_width_m=0.1)
    assert (one.is_sliver, one.severity) == (False, Severity.ERROR)


def test_a_narrow_separate_part_is_a_splinter():
    part = shapely.box(116.3, 40, 116.3 + NARROW_DEG, 40.1)
    (one,) = findings(districts(shapely.MultiPolygon([WEST, part]), EAST))
    assert (one.kind, one.severity) == (Kind.SPLINTER, Severity.WARNING)
    assert one.geometry.equals(part)


def test_an_area_that_is_narrow_as_a_whole_is_a_splinter():
    (one,) = findings(districts(WEST, shapely.box(116.3, 40, 116.3 + NARROW_DEG, 40.1)))
    assert (one.kind, one.codes) == (Kind.SPLINTER, ("110102",))


def test_an_exclave_is_information_and_no_fault():
    hole = shapely.box(116.14, 40.04, 116.16, 40.06)
    found = findings(districts(shapely.MultiPolygon([WEST, hole]), EAST.difference(hole)))
    (one,) = found
    assert (one.kind, one.codes) == (Kind.EXCLAVE, ("110101", "110102"))
    assert one.severity is Severity.INFORMATION
    assert one.size_m2 == pytest.approx(area_m2(hole))
    assert "separate part of 3,7" in str(one)
    assert "inside 110102" in str(one)
    assert faults(found) == ()


def test_an_island_touches_no_other_area():
    island = shapely.box(116.5, 40, 116.6, 40.05)
    (one,) = findings(districts(shapely.MultiPolygon([WEST, island]), EAST))
    assert "touches no other area" in str(one)


def test_parts_that_meet_in_a_point_are_separate():
    corner = shapely.box(116.1, 40.1, 116.2, 40.15)
    (one,) = findings(districts(shapely.MultiPolygon([WEST, corner]), EAST))
    assert (one.kind, one.codes) == (Kind.EXCLAVE, ("110101", "110102"))


# --- codes --------------------------------------------------------------------------------------


def coded(*codes, parents=None, level=Level.DISTRICT, shapes=(WEST, EAST)):
    return Layer.unchecked(
        level,
        Basis.MAPPED,
        codes=codes,
        names=codes,
        parents=parents or ["" for _ in codes],
        geometries=shapes[: len(codes)],
    )


def told(*layers):
    return [(one.kind, one.codes) for one in findings(*layers)]


def test_a_code_that_stands_twice_is_told_once():
    assert told(coded("110101", "110101")) == [(Kind.DUPLICATE, ("110101",))]


def test_a_code_that_two_levels_have_is_told():
    city = coded("110100", level=Level.CITY, shapes=(shapely.union(WEST, EAST),))
    found = findings(city, coded("110100", "110101", parents=["110100", "110100"]))
    assert Kind.DUPLICATE in {one.kind for one in found}
    assert "as city and as district" in str(found[0])


@pytest.mark.parametrize("code", ["11010A", "", "1101", "１１０１０１"])
def test_an_ill_formed_code_is_told(code):
    assert told(coded(code, "110102")) == [(Kind.ILL_FORMED, (code,))]


def test_empty_codes_are_ill_formed_and_no_duplicates_of_each_other():
    found = findings(coded("", ""))
    assert [one.kind for one in found] == [Kind.ILL_FORMED] * 2
    assert "it is empty" in str(found[0])


def test_a_code_of_another_level_is_told_with_that_level():
    (one,) = findings(coded("110101001", "110102"))
    assert one.kind is Kind.MISPLACED
    assert "form of a street" in str(one)


def test_a_code_that_does_not_begin_with_its_parents_is_told():
    above = districts(shapely.union(WEST, EAST))
    layer = coded(
        "110101001", "110102002", parents=["110101"] * 2, level=Level.STREET, shapes=(WEST, EAST)
    )
    assert told(above, layer) == [(Kind.FOREIGN, ("110102002", "110101"))]


def test_parents_that_containment_told_may_have_other_codes():
    above = districts(shapely.union(WEST, EAST))
    layer = Layer.build(
        Level.STREET,
        Basis.MAPPED,
        codes=["110101001", "110400002"],
        names=["a", "b"],
        parents=["110101"] * 2,
        geometries=[WEST, EAST],
        parents_by=ParentsBy.CONTAINMENT,
    )
    assert told(above, layer) == []


def test_the_children_of_a_parent_that_stands_twice_are_compared_with_both():
    above = coded("110101", "110101")
    assert told(above, streets(WEST, EAST)) == [(Kind.DUPLICATE, ("110101",))]


# --- as a table and as GeoJSON ------------------------------------------------------------------


def test_the_table_has_a_row_for_each_finding_with_its_ground():
    found = findings(districts(WEST, shapely.box(116.099, 40, 116.2, 40.1)), streets(WEST))
    frame = table(found)
    assert frame.crs.to_epsg() == 4490
    assert frame["kind"].tolist() == [str(one.kind) for one in found]
    assert frame["codes"][0] == "110101 110102"
    assert frame.geometry[0].equals(found[0].geometry)
    assert frame["size_m2"][0] == found[0].size_m2


def test_the_table_of_no_findings_has_its_columns():
    frame = table(())
    assert len(frame) == 0
    assert "message" in frame.columns


def test_geojson_has_the_ground_and_what_is_said_of_it():
    found = findings(districts(WEST, WEST))
    (feature,) = json.loads(feature_collection(found))["features"]
    assert feature["properties"]["kind"] == "overlap"
    assert feature["properties"]["message"] == str(found[0])
    assert shapely.geometry.shape(feature["geometry"]).equals(WEST)


def test_counts_put_errors_first():
    found = findings(
        districts(shapely.MultiPolygon([WEST, shapely.box(117, 40, 117.1, 40.1)]), WEST)
    )
    assert counts(found) == {"overlap": 1, "exclave": 1}


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
