import numpy as np
import pytest
import shapely

from gridmap.boundary import Draft, Layer
from gridmap.findings import Kind as Fault
from gridmap.level import Basis, Level
from gridmap.measure import area_m2, areas_m2
from gridmap.patchwork import Patchwork
from gridmap.repair import Kind, repair
from gridmap.topology import check

# Two tenths of a metre, and some ten metres, in degrees of longitude at 40 degrees north.
NARROW, WIDE = 2e-6, 1e-4
CITY = shapely.box(116, 40, 116.02, 40.01)


def districts(*shapes, parents="110000"):
    codes = [f"11010{number}" for number in range(1, len(shapes) + 1)]
    return Layer.unchecked(
        Level.DISTRICT,
        Basis.MAPPED,
        codes=codes,
        names=codes,
        parents=[parents for _ in codes],
        geometries=shapes,
    )


def city(shape=CITY):
    return Layer.unchecked(
        Level.CITY,
        Basis.MAPPED,
        codes=["110000"],
        names=["c"],
        parents=[""],
        geometries=[shape],
    )


def draft(*layers):
    return Draft(id="d", title="d", layers={layer.level: layer for layer in layers})


def repaired(*layers, **options):
    return repair(draft(*layers), **options)


def west(end=116.01):
    return shapely.box(116, 40, end, 40.01)


def east(start=116.01):
    return shapely.box(start, 40, 116.02, 40.01)


def kinds(done):
    return [one.kind for one in done.changes if one.kind not in {Kind.NODED, Kind.ROUNDED}]


def test_what_is_right_is_returned_as_it_is():
    given = draft(city(shapely.union(west(), east())), districts(west(), east()))
    done = repair(given)
    assert (done.draft, done.changes, done.left) == (given, (), ())


def test_a_narrow_gap_goes_to_the_area_with_the_longer_common_line():
    # The eastern side of the gap is two areas of half the length each.
    parts = [
        shapely.box(116.01 + NARROW, 40, 116.02, 40.005),
        shapely.box(116.01 + NARROW, 40.005, 116.02, 40.01),
    ]
    done = repaired(city(), districts(west(), *parts))
    (gap,) = [one for one in done.changes if one.kind is Kind.GAP]
    assert gap.codes == ("110101",)
    assert gap.moved_m2 == pytest.approx(area_m2(shapely.box(116.01, 40, 116.01 + NARROW, 40.01)))
    assert "that nobody had go to 110101" in str(gap)
    assert done.left == ()


def test_a_tie_goes_to_the_lowest_code():
    done = repaired(city(), districts(west(), east(116.01 + NARROW)))
    assert [one.codes for one in done.changes if one.kind is Kind.GAP] == [("110101",)]
    assert done.left == ()


def test_a_narrow_overlap_is_left_to_one_of_those_that_had_it():
    done = repaired(city(), districts(west(116.01 + NARROW), east()))
    (change,) = [one for one in done.changes if one.kind is Kind.OVERLAP]
    assert set(change.codes) == {"110101", "110102"}
    assert done.left == ()


def test_wide_ground_is_never_moved_and_stands_in_what_is_left():
    layers = city(), districts(west(116.01 + WIDE), east())
    done = repaired(*layers)
    assert kinds(done) == []
    assert Fault.OVERLAP in {one.kind for one in done.left}
    assert kinds(repaired(*layers, width_m=20)) == [Kind.OVERLAP]


def test_a_child_gives_up_the_narrow_ground_of_another_parent():
    streets = Layer.unchecked(
        Level.STREET,
        Basis.MAPPED,
        codes=["110101001", "110102001"],
        names=["a", "b"],
        parents=["110101", "110102"],
        geometries=[west(116.01 + NARROW), east(116.01 + NARROW)],
    )
    done = repaired(districts(west(), east(), parents=""), streets)
    (change,) = [one for one in done.changes if one.kind is Kind.OUTSIDE]
    assert change.codes == ("110102001", "110101001")
    assert done.left == ()


def test_ground_that_no_parent_has_is_taken_away():
    beyond = shapely.box(116.01, 40, 116.02 + NARROW, 40.01)
    done = repaired(city(), districts(west(), beyond))
    (change,) = [one for one in done.changes if one.kind is Kind.OUTSIDE]
    assert change.codes == ("nobody", "110102")
    assert done.left == ()


def test_other_vertices_on_a_common_line_are_matched():
    other = shapely.Polygon(
        [(116.01, 40), (116.02, 40), (116.02, 40.01), (116.01, 40.01), (116.01, 40.005)]
    )
    done = repaired(city(), districts(west(), other))
    assert [
        (one.kind, one.codes, one.count) for one in done.changes if one.level == "district"
    ] == [(Kind.NODED, ("110101",), 1)]
    assert done.left == ()


def test_an_outline_that_crosses_itself_is_read_as_two_parts():
    bow = shapely.Polygon([(116, 40), (116.01, 40.01), (116.01, 40), (116, 40.01)])
    done = repaired(districts(bow, parents=""))
    (change,) = done.changes
    assert (change.kind, change.codes) == (Kind.MENDED, ("110101",))
    assert done.draft.layers[Level.DISTRICT].geometries[0].is_valid
    assert done.left == ()


def test_an_area_that_is_nothing_but_a_line_is_left():
    line = shapely.Polygon([(116, 40), (116.01, 40), (116.005, 40), (116, 40)])
    done = repaired(districts(line, parents=""))
    assert done.changes == ()
    assert [one.kind for one in done.left] == [Fault.INVALID]


def test_a_vertex_that_stands_twice_stands_once():
    twice = shapely.Polygon([(116, 40), (116.01, 40), (116.01, 40), (116.01, 40.01), (116, 40.01)])
    done = repaired(districts(twice, parents=""))
    assert [(one.kind, one.count) for one in done.changes] == [(Kind.VERTICES, 1)]


def test_a_splinter_goes_to_its_neighbour():
    piece = shapely.box(116.02 - NARROW, 40, 116.02, 40.01)
    first = shapely.MultiPolygon([west(), piece])
    done = repaired(city(), districts(first, shapely.difference(east(), piece)))
    assert [one.codes for one in done.changes if one.kind is Kind.SPLINTER] == [
        ("110102", "110101")
    ]
    assert done.left == ()


def test_an_area_never_loses_its_last_ground():
    strip = shapely.box(116.01 - NARROW, 40, 116.01, 40.01)
    done = repaired(city(), districts(west(), east(), strip))
    assert len(done.draft.layers[Level.DISTRICT]) == 3
    assert not shapely.is_empty(done.draft.layers[Level.DISTRICT].geometries).any()


def test_codes_and_parents_are_left():
    layer = districts(west(), east(116.01 + NARROW))
    twice = Layer.unchecked(
        Level.DISTRICT,
        Basis.MAPPED,
        codes=["110101", "110101"],
        names=["a", "b"],
        parents=["110000", "120000"],
        geometries=layer.geometries,
    )
    done = repaired(city(), twice)
    assert {Fault.DUPLICATE, Fault.ORPHAN} <= {one.kind for one in done.left}
    assert done.draft.layers[Level.DISTRICT].codes.tolist() == ["110101", "110101"]


def test_the_repaired_draft_says_so_and_the_given_one_is_untouched():
    given = draft(city(), districts(west(), east(116.01 + NARROW)))
    before = given.layers[Level.DISTRICT].geometries.copy()
    done = repair(given)
    assert done.draft.id == "d-repaired"
    assert done.draft.provenance["notes"][-1].startswith("repaired from d: ")
    assert shapely.equals_identical(given.layers[Level.DISTRICT].geometries, before).all()


def test_repairing_again_changes_nothing():
    done = repaired(city(), districts(west(), east(116.01 + NARROW)))
    assert repair(done.draft).changes == ()


def test_ground_is_neither_made_nor_lost_inside_the_parent():
    done = repaired(city(), districts(west(), east(116.01 + NARROW)))
    whole_m2 = areas_m2(done.draft.layers[Level.DISTRICT].geometries).sum()
    assert whole_m2 == pytest.approx(area_m2(CITY), rel=1e-9)
    assert check(done.draft) == ()


def test_the_point_inside_a_face_is_not_in_a_spike_thinner_than_the_grid():
    ring = [(116, 40), (116.001, 40), (116.001, 40.001), (116.000000001, 40.001), (116, 40.004)]
    patchwork = Patchwork.of(np.array([shapely.Polygon(ring)], dtype=object))
    assert shapely.distance(patchwork.inside, shapely.boundary(patchwork.faces)).min() > 1e-4
