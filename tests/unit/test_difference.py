import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import hands
from gridmap.boundary import Layer, Release
from gridmap.difference import Kind, difference
from gridmap.level import Basis, Level
from gridmap.measure import area_m2, areas_m2
from tests import toy

UPPER, LOWER = "POLYGON ((0 1, 4 1, 4 2, 0 2, 0 1))", "POLYGON ((0 0, 4 0, 4 1, 0 1, 0 0))"


def changes(streets, before=toy.STREETS):
    found = difference(toy.release(before), toy.release(streets))
    return [(one.kind, one.before, one.after) for one in found]


def ground_m2(wkt):
    return area_m2(shapely.from_wkt(wkt))


def test_the_same_areas_have_no_difference_whatever_the_ids_are():
    assert difference(toy.release(), toy.release(release_id="other")) == ()


def test_the_same_ground_drawn_from_another_vertex_is_no_difference():
    turned = toy.STREETS | {toy.SOUTH_STREET: "POLYGON ((4 2, 0 2, 0 0, 4 0, 4 2))"}
    assert changes(turned) == []


def test_an_area_that_keeps_its_code_and_gives_away_half_was_split():
    new = toy.STREETS | {toy.SOUTH_STREET: LOWER, "990101003": UPPER}
    (one,) = difference(toy.release(), toy.release(new))
    assert (one.kind, one.before) == (Kind.SPLIT, (toy.SOUTH_STREET,))
    assert one.after == (toy.SOUTH_STREET, "990101003")
    assert one.moved_m2 == pytest.approx(ground_m2(UPPER))
    assert one.geometry.equals(shapely.from_wkt(UPPER))


def test_an_area_whose_code_is_gone_was_split_into_two_new_ones():
    new = {code: wkt for code, wkt in toy.STREETS.items() if code != toy.SOUTH_STREET}
    new |= {"990101003": UPPER, "990101004": LOWER}
    assert changes(new) == [(Kind.SPLIT, (toy.SOUTH_STREET,), ("990101003", "990101004"))]


def test_two_areas_under_one_code_were_merged():
    before = toy.STREETS | {toy.SOUTH_STREET: LOWER, "990101003": UPPER}
    assert changes(toy.STREETS, before) == [
        (Kind.MERGED, (toy.SOUTH_STREET, "990101003"), (toy.SOUTH_STREET,))
    ]


def test_the_same_ground_under_another_code_was_recoded():
    new = dict(toy.STREETS)
    new["990101009"] = new.pop(toy.SOUTH_STREET)
    assert changes(new) == [(Kind.RECODED, (toy.SOUTH_STREET,), ("990101009",))]


def test_a_border_that_moved_is_told_with_its_ground_and_size():
    south = "POLYGON ((0 0, 4 0, 4 2, 0 1, 0 0))"
    north = f"MULTIPOLYGON (((0 1, 4 2, 4 4, 0 4, 0 1)), {toy.HOLE.removeprefix('POLYGON ')})"
    new = toy.STREETS | {toy.SOUTH_STREET: south, toy.NORTH_STREET: north}
    (one,) = difference(toy.release(), toy.release(new))
    assert (one.kind, one.before, one.after) == (
        Kind.MOVED,
        (toy.SOUTH_STREET,),
        (toy.NORTH_STREET,),
    )
    triangle = "POLYGON ((0 1, 4 2, 0 2, 0 1))"
    assert one.geometry.equals(shapely.from_wkt(triangle))
    assert one.moved_m2 == pytest.approx(ground_m2(triangle))


def test_ground_that_nobody_has_any_more_is_told():
    new = toy.STREETS | {toy.SOUTH_STREET: LOWER}
    assert changes(new) == [(Kind.MOVED, (toy.SOUTH_STREET,), ())]
    assert changes(toy.STREETS, new) == [(Kind.MOVED, (), (toy.SOUTH_STREET,))]


def test_an_area_on_nobodys_ground_is_added_and_one_without_heir_removed():
    less = {code: wkt for code, wkt in toy.STREETS.items() if code != toy.SOUTH_STREET}
    assert changes(less) == [(Kind.REMOVED, (toy.SOUTH_STREET,), ())]
    assert changes(toy.STREETS, less) == [(Kind.ADDED, (), (toy.SOUTH_STREET,))]


def test_ground_below_the_smallest_is_not_told():
    sliver = toy.STREETS | {toy.SOUTH_STREET: "POLYGON ((0 0, 4 0, 4 2, 0 1.999, 0 0))"}
    old, new = toy.release(), toy.release(sliver)
    assert len(difference(old, new)) == 1
    assert difference(old, new, smallest_m2=1e12) == ()


def labelled(name, parent):
    layers = toy.release().layers
    street = layers[Level.STREET]
    names, parents = street.names.tolist(), street.parents.tolist()
    names[0], parents[0] = name, parent
    changed = Layer(
        street.level,
        street.basis,
        street.codes,
        np.array(names),
        np.array(parents),
        street.geometries,
    )
    return Release(id="toy", title="t", layers={**layers, Level.STREET: changed})


def test_names_and_parents_that_changed_are_told_with_the_old_ones():
    found = difference(toy.release(), labelled("新街道", toy.EAST))
    assert [one.kind for one in found] == [Kind.RENAMED, Kind.REPARENTED]
    assert f"called 新街道, before street {toy.SOUTH_STREET}" in str(found[0])
    assert f"belongs to {toy.EAST}, before {toy.WEST}" in str(found[1])


def test_a_level_that_only_one_release_has_is_added_whole():
    layers = toy.release().layers
    less = Release(id="toy", title="t", layers={Level.CITY: layers[Level.CITY]})
    found = difference(less, toy.release())
    assert {one.kind for one in found} == {Kind.ADDED}
    assert len(found) == 5


def test_incidents_that_change_hands_are_named_at_every_level():
    new = toy.release(toy.STREETS | {toy.SOUTH_STREET: LOWER, "990101003": UPPER})
    lnglat = np.array([[1, 0.5], [1, 1.5], [5.5, 2], [np.nan, 1], [1, 1]])
    found = hands.changed(toy.release(), new, lnglat)
    assert found.to_dict("records") == [
        {"position": 1, "level": "street", "before": toy.SOUTH_STREET, "after": "990101003"}
    ]


def test_an_incident_that_falls_into_a_gap_changes_hands_to_nobody():
    new = toy.release(toy.STREETS | {toy.SOUTH_STREET: LOWER})
    found = hands.changed(toy.release(), new, np.array([[1.0, 1.5]]))
    assert found["after"].tolist() == [""]


def test_without_a_common_level_no_incident_changes_hands():
    layers = toy.release().layers
    city = Release(id="a", title="t", layers={Level.CITY: layers[Level.CITY]})
    street = Release(id="b", title="t", layers={Level.STREET: layers[Level.STREET]})
    assert len(hands.changed(city, street, np.array([[1.0, 1.5]]))) == 0


STRIP = "POLYGON ((0 2, 4 2, 4 3, 0 3, 0 2))"
OVER_STRIP = toy.STREETS | {toy.SOUTH_STREET: "POLYGON ((0 0, 4 0, 4 3, 0 3, 0 0))"}


def test_an_overlap_that_one_gives_up_is_no_ground_of_nobody():
    both = (toy.SOUTH_STREET, toy.NORTH_STREET)
    (one,) = difference(toy.release(OVER_STRIP), toy.release())
    assert (one.kind, one.before, one.after) == (Kind.OVERLAPPED, both, (toy.NORTH_STREET,))
    assert one.geometry.equals(shapely.from_wkt(STRIP))
    assert one.moved_m2 == pytest.approx(ground_m2(STRIP))
    assert "nobody" not in str(one)
    assert changes(OVER_STRIP) == [(Kind.OVERLAPPED, (toy.NORTH_STREET,), both)]


def test_ground_that_was_split_and_merged_at_once_is_told_once():
    before = {"990101001": "POLYGON ((0 0, 10 0, 10 1, 0 1, 0 0))"}
    before |= {"990101004": "POLYGON ((10 0, 14 0, 14 1, 10 1, 10 0))"}
    after = {"990101002": "POLYGON ((4 0, 14 0, 14 1, 4 1, 4 0))"}
    after |= {"990101003": "POLYGON ((0 0, 4 0, 4 1, 0 1, 0 0))"}
    found = difference(toy.release(before), toy.release(after))
    assert [one.kind for one in found] == [Kind.SPLIT, Kind.MERGED]
    whole_m2 = ground_m2("POLYGON ((0 0, 14 0, 14 1, 0 1, 0 0))")
    assert sum(one.moved_m2 for one in found) == pytest.approx(whole_m2)


# --- any two tilings of the same ground ---------------------------------------------------------

codes = st.lists(st.integers(1, 6), min_size=12, max_size=12)


def tiling(of):
    """Squares of a 4 x 3 board that belong to the areas of the given numbers."""
    squares = [
        shapely.box(116 + at % 4, 40 + at // 4, 117 + at % 4, 41 + at // 4) for at in range(12)
    ]
    names = [f"99010{one}" for one in sorted(set(of))]
    shapes = [
        shapely.union_all(
            [square for square, one in zip(squares, of, strict=True) if f"99010{one}" == name]
        )
        for name in names
    ]
    layer = Layer.build(
        Level.DISTRICT,
        Basis.MAPPED,
        codes=names,
        names=names,
        parents=["" for _ in names],
        geometries=shapes,
    )
    return Release(id="r", title="r", layers={Level.DISTRICT: layer}), np.array(squares)


@given(one=codes, other=codes)
@settings(max_examples=150, deadline=None)
def test_every_square_metre_that_changes_its_code_is_in_exactly_one_change(one, other):
    (old, squares), (new, _) = tiling(one), tiling(other)
    changed = np.array(one) != np.array(other)
    found = difference(old, new)
    assert sum(one.moved_m2 for one in found) == pytest.approx(areas_m2(squares[changed]).sum())
    ground = shapely.union_all([one.geometry for one in found])
    assert ground.equals(shapely.union_all(squares[changed]))
    assert bool(found) == bool(changed.any())
    centres = shapely.get_coordinates(shapely.centroid(squares))
    assert hands.changed(old, new, centres)["position"].tolist() == np.flatnonzero(changed).tolist()


holders = st.lists(st.sets(st.integers(1, 4), max_size=3), min_size=9, max_size=9).filter(any)


def overlapping(of):
    """Squares of a 3 x 3 board that belong to none, one or several of the areas each."""
    squares = np.array(
        [shapely.box(116 + at % 3, 40 + at // 3, 117 + at % 3, 41 + at // 3) for at in range(9)]
    )
    names = sorted(set().union(*of))
    layer = Layer.build(
        Level.DISTRICT,
        Basis.MAPPED,
        codes=[f"99010{one}" for one in names],
        names=["n" for _ in names],
        parents=["" for _ in names],
        geometries=[shapely.union_all(squares[[one in held for held in of]]) for one in names],
    )
    return Release(id="r", title="r", layers={Level.DISTRICT: layer}), squares


@given(one=holders, other=holders)
@settings(max_examples=150, deadline=None)
def test_every_square_metre_whose_codes_differ_is_in_exactly_one_change(one, other):
    (old, squares), (new, _) = overlapping(one), overlapping(other)
    changed = np.array([before != after for before, after in zip(one, other, strict=True)])
    found = difference(old, new)
    assert sum(one.moved_m2 for one in found) == pytest.approx(areas_m2(squares[changed]).sum())
    ground = shapely.union_all([one.geometry for one in found])
    assert ground.equals(shapely.union_all(squares[changed]))
