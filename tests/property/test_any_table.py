"""Whatever stands in the other columns of a table passes through; whatever a row is, it stays."""

import csv
import io
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.columns import Wanted
from gridmap.crs import PointFault, points_to_cgcs2000, to_cgcs2000
from gridmap.errors import CoordinateRangeError
from gridmap.locate import ReleaseIndex
from gridmap.stream import locate
from gridmap.tables.table import Source
from tests import toy

# What csv and Arrow take for the end of a record differs for none of these; a surrogate is no text.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.one_of(st.floats(-1, 9).map(repr), st.sampled_from(["1", "2", "4", "x", "", "nan"]))
tables = st.lists(st.tuples(numbers, numbers, texts, texts), max_size=8)
numbers_of_any_size = st.floats(allow_nan=True, allow_infinity=True)


@cache
def index():
    return ReleaseIndex(toy.release())


def as_csv(rows, delimiter):
    made = io.StringIO()
    out = csv.writer(made, delimiter=delimiter, lineterminator="\r\n")  # so that it quotes both
    out.writerow(("lng", "lat", "甲", "乙"))
    out.writerows(rows)
    return made.getvalue()


@given(rows=tables, delimiter=st.sampled_from([",", "\t", ";", "|"]))
@settings(deadline=None)
def test_any_text_passes_through_and_every_row_stays(rows, delimiter):
    with tempfile.TemporaryDirectory() as folder:
        tally, found = located(Path(folder), as_csv(rows, delimiter), delimiter)
    assert [tuple(row[:4]) for row in found] == rows
    answered = [row[4] != "" or row[7] == "outside" for row in found]
    assert tally.refused == answered.count(False)
    assert answered == [usable(*row[:2]) for row in rows]


def located(folder, text, delimiter):
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_text(text, encoding="utf-8", newline="")
    tally = locate(
        Source(str(source), "EPSG:4490", delimiter=delimiter),
        str(target),
        index(),
        Wanted(index().release.levels[::-1]),
    )
    with target.open(encoding="utf-8", newline="") as file:
        return tally, list(csv.reader(file, delimiter=delimiter))[1:]


def usable(*pair):
    try:
        return bool(np.isfinite([float(number) for number in pair]).all())
    except ValueError:
        return False


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:4548", "GCJ-02", "BD-09"])
@given(xy=st.lists(st.tuples(numbers_of_any_size, numbers_of_any_size), max_size=5))
@settings(deadline=None)
def test_positions_together_are_the_same_as_one_by_one(crs, xy):
    lnglat, faults = points_to_cgcs2000(np.array(xy, dtype=float).reshape(-1, 2), crs=crs)
    for given_xy, found, fault in zip(xy, lnglat, faults, strict=True):
        if not np.isfinite(given_xy).all():
            assert fault == PointFault.NOT_FINITE
            assert np.isnan(found).all()
            continue
        alone, swapped = one_by_one(given_xy, crs)
        if alone is None:
            assert fault == (PointFault.SWAPPED if swapped else PointFault.OUT_OF_RANGE)
            assert np.isnan(found).all()
        else:
            assert (fault, found.tolist()) == (0, alone)


def one_by_one(xy, crs):
    try:
        alone = to_cgcs2000(shapely.Point(xy), crs=crs)
    except CoordinateRangeError as error:
        return None, error.swapped
    return [alone.x, alone.y], False
