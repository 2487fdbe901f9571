"""One call for a frame: the same answers as one place at a time, and nothing lost."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

import gridmap
from gridmap.attribute import attribute
from gridmap.errors import (
    ColumnClashError,
    CrsContradictionError,
    MissingCrsError,
    NoColumnError,
    NoGeometriesError,
    NoLevelError,
)
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import place
from tests import toy

SOUTH, NORTH, EAST = toy.SOUTH_STREET, toy.NORTH_STREET, toy.EAST_STREET
ACROSS = "POLYGON ((3 0.25, 5 0.25, 5 0.75, 3 0.75, 3 0.25))"


@pytest.fixture(scope="module")
def index():
    return ReleaseIndex(toy.release(line_accuracy_m=5.0))


def frame(*wkts, **columns):
    shapes = [None if wkt is None else shapely.from_wkt(wkt) for wkt in wkts]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")


def test_a_frame_of_everything_keeps_its_rows_and_says_whose_each_is(index):
    given = frame("POINT (1 1)", ACROSS, "LINESTRING (1 1, 1 3)", "POINT (4 1)")
    given.index = [7, 3, 9, 3]
    found = gridmap.resolve(given, index)
    assert found.index.tolist() == [7, 3, 9, 3]
    # A degree in the north is longer by a hair, so the line is more of the northern street's.
    assert found["street"].tolist() == [SOUTH, SOUTH, NORTH, SOUTH]
    assert found["street_relation"].tolist() == ["inside", "straddles", "straddles", "on_line"]
    assert found["street_share"].round(3).tolist()[1:3] == [0.5, 0.5]
    assert found["street_share"].isna().tolist() == [True, False, False, True]
    assert found["street_also"].tolist()[1] == f"{EAST} street {EAST} 50.0%"
    assert found["street_also"].tolist()[3] == f"{EAST} street {EAST}"
    assert found["district"].tolist() == [toy.WEST] * 4
    assert found["release"].unique().tolist() == ["toy"]
    assert found["problem"].isna().all()


def test_a_bad_row_has_its_problem_and_the_others_their_answers(index):
    bow = "POLYGON ((1 1, 2 2, 2 1, 1 2, 1 1))"
    given = frame(
        None,
        "POINT EMPTY",
        bow,
        "POINT (1 1)",
        "POINT (3 7)",
        "POINT (200 3)",
        "MULTIPOINT (1 1, 2 2)",
    )
    found = gridmap.resolve(given, index)
    assert found["street"].isna().tolist() == [True, True, True, False, True, True, True]
    words = ("empty", "empty", "self-intersection", None, "outside release", "longitude", "not a")
    for said, word in zip(found["problem"], words, strict=True):
        assert pd.isna(said) if word is None else word in said


def test_accuracies_come_from_a_column_and_give_probabilities_not_shares(index):
    given = frame("POINT (1 1.9999)", "POINT (1 1)", "POINT (1 1)", acc=[30.0, np.nan, -1.0])
    found = gridmap.resolve(given, index, accuracy_m="acc")
    assert found["street_probability"].notna().tolist() == [True, False, False]
    assert "street_share" not in found.columns
    assert "accuracy_m" in found["problem"][2]


def test_one_accuracy_for_all_concerns_the_points(index):
    found = gridmap.resolve(frame("POINT (1 1)", ACROSS), index, accuracy_m=20)
    assert found["problem"].isna().all()
    assert found["street_probability"].tolist()[0] == pytest.approx(0.95)


def test_the_crs_is_the_frames_own_or_declared_and_never_guessed(index):
    bare = frame("POINT (1 1)").set_crs(None, allow_override=True)
    with pytest.raises(MissingCrsError):
        gridmap.resolve(bare, index)
    with pytest.raises(CrsContradictionError, match="EPSG:4490"):
        gridmap.resolve(frame("POINT (1 1)"), index, crs="EPSG:4548")
    assert gridmap.resolve(bare, index, crs="EPSG:4490")["street"][0] == SOUTH


def test_gcj02_is_declared_over_whatever_the_file_says(beijing_index):
    given = geopandas.GeoDataFrame(geometry=[shapely.Point(116.32365, 39.88629)], crs="EPSG:4326")
    shifted = gridmap.resolve(given, beijing_index, crs="GCJ-02", levels=[Level.STREET])
    plain = gridmap.resolve(given, beijing_index, levels=[Level.STREET])
    assert shifted["street"][0] == "110102020"
    assert shifted["street_border_m"][0] != pytest.approx(plain["street_border_m"][0], abs=50)


def test_no_column_of_the_frame_is_overwritten(index):
    given = frame("POINT (1 1)", street=["mine"])
    with pytest.raises(ColumnClashError, match="street"):
        gridmap.resolve(given, index)
    found = gridmap.resolve(given, index, prefix="grid_")
    assert (found["street"][0], found["grid_street"][0]) == ("mine", SOUTH)


def test_what_is_not_there_is_named(index):
    with pytest.raises(NoColumnError, match="acc"):
        gridmap.resolve(frame("POINT (1 1)"), index, accuracy_m="acc")
    with pytest.raises(NoLevelError, match="cell"):
        gridmap.resolve(frame("POINT (1 1)"), index, levels=[Level.CELL])


def test_a_release_will_do_in_place_of_its_index():
    assert gridmap.resolve(frame("POINT (1 1)"), toy.release())["street"][0] == SOUTH


def test_an_empty_frame_has_the_columns_and_no_rows(index):
    found = gridmap.resolve(frame(), index)
    assert len(found) == 0
    assert {"street", "street_relation", "problem"} <= set(found.columns)


def test_shares_has_a_row_for_every_area_of_every_place(index):
    given = frame(ACROSS, "POINT (1 2)", "LINESTRING (1 1, 1 3)")
    given.index = ["a", "b", "c"]
    found = gridmap.shares(given, index, levels=[Level.STREET])
    assert found.index.tolist() == ["a", "a", "b", "b", "c", "c"]
    assert found["code"].tolist() == [SOUTH, EAST, SOUTH, NORTH, NORTH, SOUTH]
    assert found.loc["a", "area_m2"].notna().all()
    assert found.loc["c", "length_m"].sum() == pytest.approx(221_150, rel=1e-3)
    assert found.loc["b", "share"].isna().all()
    assert (found.loc["a", "share_low"] < found.loc["a", "share"]).all()


def test_a_frame_of_places_in_a_gap_has_the_levels_above():
    gapped = toy.STREETS | {NORTH: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))"}
    given = frame("POINT (1 2.5)", "POLYGON ((1 2.2, 2 2.2, 2 2.8, 1 2.8, 1 2.2))")
    found = gridmap.resolve(given, toy.release(gapped))
    assert found["street_relation"].tolist() == ["gap", "gap"]
    assert found["street"].isna().all()
    assert found["district"].tolist() == [toy.WEST] * 2
    assert found["street_border_m"].notna().all()


def test_a_part_in_no_area_is_a_row_without_a_code():
    gapped = toy.STREETS | {NORTH: "POLYGON ((0 3, 4 3, 4 4, 0 4, 0 3))"}
    given = frame("POLYGON ((1 1, 2 1, 2 3, 1 3, 1 1))")
    found = gridmap.shares(given, toy.release(gapped), levels=[Level.STREET])
    assert found["code"].tolist()[0] == SOUTH
    assert found["code"].isna().tolist()[-1]
    assert found["share"].sum() == pytest.approx(1)


def some_places(beijing, rng, count):
    """Points, lines and buildings beside borders of cells, so that every relation comes up."""
    cells = beijing.layers[Level.CELL].geometries
    corners = shapely.get_coordinates(rng.choice(cells, count))[:count]
    spots = corners + rng.normal(0, 2e-4, corners.shape) * rng.integers(0, 2, (count, 1))
    half = rng.uniform(2e-5, 2e-4, (count, 2))
    boxes = shapely.box(*(spots - half).T, *(spots + half).T)
    lines = shapely.linestrings(np.stack([spots, spots + half], axis=1))
    pick = rng.integers(0, 3, count)
    return np.where(pick == 0, boxes, np.where(pick == 1, lines, shapely.points(spots))), pick


def test_many_places_are_answered_as_each_of_them_alone(beijing, beijing_index):
    """A large batch goes by boxes and grids, a single place by trees: one rule, one answer."""
    rng = np.random.default_rng(20261124)
    shapes, pick = some_places(beijing, rng, 4_000)
    radii_m = np.where((pick == 2) & (rng.random(len(pick)) < 0.5), rng.uniform(1, 60, 4_000), 0)
    given = geopandas.GeoDataFrame({"acc": radii_m}, geometry=shapes, crs="EPSG:4490")
    given["acc"] = given["acc"].where(given["acc"] > 0)
    found = gridmap.resolve(given, beijing_index, accuracy_m="acc")
    claims = gridmap.shares(given, beijing_index, accuracy_m="acc")
    outside = found["problem"].notna()
    assert outside.mean() < 0.01  # beyond the city's edge
    assert found["problem"][outside].str.contains("outside release").all()
    for row in rng.choice(np.flatnonzero(~outside), 120, replace=False):
        radius_m = None if pd.isna(given["acc"][row]) else given["acc"][row]
        alone = attribute(place(shapes[row], crs="EPSG:4490", accuracy_m=radius_m), beijing_index)
        for level in alone.levels:
            name = str(level.level)
            concerned = [part for part in level.parts if part.counts]
            assert found[f"{name}_relation"][row] == level.relation
            assert found[f"{name}_border_m"][row] == pytest.approx(level.border_distance_m)
            assert found[name][row] == concerned[0].area.code
            own = claims.loc[[row]].query("level == @name and code.notna()")
            parts = sorted((*level.parts, *level.touches), key=lambda part: part.area.code)
            own = own.sort_values("code")
            assert own["code"].tolist() == [part.area.code for part in parts]
            assert own["counts"].tolist() == [part.counts for part in parts]
            for column in ("share", "share_low", "share_high", "probability", "area_m2"):
                values = [getattr(part, column) for part in parts]
                wanted = [np.nan if value is None else value for value in values]
                assert own[column].tolist() == pytest.approx(wanted, abs=1e-6, nan_ok=True)


def test_one_text_among_the_accuracies_costs_its_own_row_only(index):
    given = frame("POINT (1 1.9999)", "POINT (1 1)", "POINT (1 1)", acc=[30, "many", None])
    found = gridmap.resolve(given, index, accuracy_m="acc")
    assert found["street"].isna().tolist() == [False, True, False]
    assert "many" in found["problem"][1]


def test_one_invalid_area_costs_only_what_it_would_cut():
    bow = toy.STREETS | {SOUTH: "POLYGON ((0 0, 4 2, 4 0, 0 2, 0 0))"}
    release = toy.release(bow)
    given = frame(
        "POLYGON ((1 0.9, 2 0.9, 2 1.2, 1 1.2, 1 0.9))",
        ACROSS,
        "POINT (5.5 0.5)",
        "POLYGON ((7.2 0.2, 7.4 0.2, 7.4 0.4, 7.2 0.4, 7.2 0.2))",
    )
    found = gridmap.resolve(given, release)
    assert found["problem"].notna().tolist() == [True, True, False, False]
    assert SOUTH in found["problem"][0]
    assert found["street"].tolist()[2:] == [EAST, EAST]
    assert found["street"][:2].isna().all()


def test_a_multipoint_of_one_point_is_that_point(index):
    assert gridmap.resolve(frame("MULTIPOINT (1 1)"), index)["street"].tolist() == [SOUTH]


def test_a_frame_without_geometries_is_refused_with_what_to_do(index):
    with pytest.raises(NoGeometriesError, match="points_from_xy"):
        gridmap.resolve(pd.DataFrame({"lng": [1]}), index)


def test_levels_that_are_asked_for_twice_are_answered_once(index):
    twice = [Level.STREET, Level.STREET]
    assert len(gridmap.shares(frame("POINT (1 1)"), index, levels=twice)) == 1
    assert "street" not in gridmap.resolve(frame("POINT (1 1)"), index, levels=[]).columns
