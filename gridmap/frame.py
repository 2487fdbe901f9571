"""One call for a GeoDataFrame says whose its places are.

`resolve` adds columns, one row stays one row; `shares` gives a row for every area of every place.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.answering import answered, inside
from gridmap.answers import Answers
from gridmap.attribution import Tolerance
from gridmap.boundary import Layer, Release
from gridmap.claims import Claims, claimed, share_ranges
from gridmap.errors import (
    ColumnClashError,
    InvalidAccuracyError,
    NoColumnError,
    NoGeometriesError,
    NoLevelError,
)
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import PlaceKind
from gridmap.places import Places, places
from gridmap.relation import RELATIONS
from gridmap.stated import agreed

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]

# A smaller share in no area is the rounding of areas (2 cm2 of a building), and told as none.
_LEAST_GAP = 1e-7

_RELATIONS = np.array([str(relation) for relation in RELATIONS], dtype=object)


def resolve(
    frame: geopandas.GeoDataFrame,
    boundaries: ReleaseIndex | Release,
    *,
    crs: str | None = None,
    accuracy_m: str | float | None = None,
    levels: Sequence[Level] | None = None,
    tolerance: Tolerance | None = None,
    prefix: str = "",
) -> geopandas.GeoDataFrame:
    """Return the frame with columns that say whose each place is; rows, index and order stay.

    Parameters
    ----------
    frame
        Points, lines and footprints, also mixed, in its own CRS.
    boundaries
        A release, or an index of it, which saves building one at every call.
    crs
        Where the frame states no CRS, or cannot: ``GCJ-02`` and ``BD-09`` are in no registry.
    accuracy_m
        For points: a column with 95 % radii in metres (missing is exact), or one number for all.
    levels
        Those to answer for; all of the release by default.
    prefix
        Put before the new columns' names.

    Returns
    -------
    geopandas.GeoDataFrame
        For each level, with the level's name as ``street``:

        - ``street``, ``street_name``: the area with the largest part; on a line the lowest code;
          missing in a gap;
        - ``street_relation``: see `Relation`;
        - ``street_share`` (lines, footprints) or ``street_probability`` (uncertain points);
        - ``street_also``: other areas that count, with their parts, for people to read;
        - ``street_border_m``: the geodesic distance to the nearest border of the level;

        then ``release``, and ``problem``: why a row could not be answered, missing where it was.

    Raises
    ------
    MissingCrsError, UnknownCrsError, CrsContradictionError
        About the frame as a whole. What is wrong with one row stands in its ``problem``.
    ColumnClashError
        A column of an answer is in the frame already.
    NoLevelError
        The release lacks one of the levels.

    See Also
    --------
    shares : every area of every place, as a table of its own.
    attribute : all there is to say about one place.
    """
    index, wanted = _asked(boundaries, levels)
    given = _given(frame, crs=crs, accuracy_m=accuracy_m)
    found = answered(given, index, levels=wanted, tolerance=tolerance or Tolerance())
    columns: dict[str, Any] = {}
    for level, answers in found.levels.items():
        layer = index.layers[level].layer
        columns |= {
            f"{level}{name}": _spread(values, found.places, len(frame))
            for name, values in _columns(layer, found.places, answers).items()
        }
    problems = pd.array([None] * len(frame), dtype="string")
    for row, problem in found.places.problems.items():
        problems[row] = str(problem)
    columns |= {"release": index.release.id, "problem": problems}
    named = {f"{prefix}{name}": values for name, values in columns.items()}
    if clash := sorted(set(named) & set(frame.columns)):
        raise ColumnClashError(column=clash[0])
    answer: geopandas.GeoDataFrame = frame.assign(**named)
    return answer


def shares(
    frame: geopandas.GeoDataFrame,
    boundaries: ReleaseIndex | Release,
    *,
    crs: str | None = None,
    accuracy_m: str | float | None = None,
    levels: Sequence[Level] | None = None,
    tolerance: Tolerance | None = None,
) -> pd.DataFrame:
    """Return a row for every area of every place, at every level; parameters as for `resolve`.

    Returns
    -------
    pandas.DataFrame
        Index: the frame's own, repeated. Columns ``level, code, name, share, share_low,
        share_high, probability, area_m2, length_m, counts``, largest part first; what does not
        apply is missing. ``share_low`` and ``share_high`` are what the accuracy of the level's
        lines allows. A part that lies in no area has no code. Places with a problem are left
        out; `resolve` says why.
    """
    index, wanted = _asked(boundaries, levels)
    tolerance = tolerance or Tolerance()
    given = _given(frame, crs=crs, accuracy_m=accuracy_m)
    found = inside(given, index, levels=wanted, tolerance=tolerance)
    tables = [_table(index, level, found, tolerance) for level in wanted]
    table = pd.concat(tables).sort_index(kind="stable")
    return table.set_index(frame.index[table.index])


def _asked(
    boundaries: ReleaseIndex | Release, levels: Sequence[Level] | None
) -> tuple[ReleaseIndex, tuple[Level, ...]]:
    index = ReleaseIndex(boundaries) if isinstance(boundaries, Release) else boundaries
    for level in levels or ():
        if level not in index.layers:
            raise NoLevelError(level=level, release=index.release.id)
    return index, tuple(dict.fromkeys(index.release.levels if levels is None else levels))


def _given(
    frame: geopandas.GeoDataFrame, *, crs: str | None, accuracy_m: str | float | None
) -> Places:
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise NoGeometriesError(kind=type(frame).__name__)
    geometries = frame.geometry.to_numpy()
    radii_m, wrong = _radii_m(frame, accuracy_m, geometries)
    geometries = geometries.astype(object)
    geometries[wrong] = None
    found = places(geometries, crs=agreed(frame.crs, crs), accuracies_m=radii_m)
    own = {
        int(row): InvalidAccuracyError(accuracy_m=frame[accuracy_m].iloc[row])
        for row in np.flatnonzero(wrong)
    }
    return replace(found, problems={**found.problems, **own})


def _radii_m(
    frame: geopandas.GeoDataFrame, accuracy_m: str | float | None, geometries: Geometries
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the 95 % radii of the rows, NaN where there is none, and which are no numbers.

    One radius for all is for the points.
    """
    if not isinstance(accuracy_m, str):
        is_point = shapely.get_type_id(geometries) == shapely.GeometryType.POINT
        radius_m = np.nan if accuracy_m is None else accuracy_m
        return np.where(is_point, radius_m, np.nan), np.zeros(len(frame), dtype=bool)
    if accuracy_m not in frame.columns:
        raise NoColumnError(column=accuracy_m, there=tuple(map(str, frame.columns)))
    given = frame[accuracy_m]
    radii_m = pd.to_numeric(given, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return radii_m, (given.notna() & np.isnan(radii_m)).to_numpy(dtype=bool)


def _spread(values: Any, places: Places, count: int) -> Any:
    """Return a column for all rows of a frame, missing for those with a problem."""
    return pd.Series(values, index=places.positions).reindex(np.arange(count)).array


def _columns(layer: Layer, places: Places, answers: Answers) -> dict[str, Any]:
    """Return the columns of one level, a value for each place."""
    claims = answers.found.claims
    first = _firsts(claims, len(places))
    rows = np.append(claims.rows, -1)[first]  # -1 is the last one
    portions = np.append(claims.portions, np.nan)[first]
    is_point = places.kinds == PlaceKind.POINT
    columns = {
        "": _named(layer.codes, rows),
        "_name": _named(layer.names, rows),
        "_relation": pd.array(_RELATIONS[answers.found.relations], dtype="string"),
    }
    if not is_point.all():
        columns["_share"] = np.where(is_point, np.nan, portions)
    if (places.accuracies_m > 0).any():
        columns["_probability"] = np.where(is_point, portions, np.nan)
    columns["_also"] = _others(layer, claims, first, len(places))
    columns["_border_m"] = answers.border_m
    return columns


def _firsts(claims: Claims, count: int) -> Rows:
    """Return each place's first claim that counts, -1 without any; claims are sorted by place."""
    counting = np.flatnonzero(claims.counts)[::-1]
    firsts = np.full(count, -1)
    firsts[claims.positions[counting]] = counting  # the last one written is the first
    return firsts


def _named(texts: NDArray[np.str_], rows: Rows) -> Any:
    """Return the texts of rows, missing for -1."""
    found = pd.array(texts.take(rows, mode="clip"), dtype="string")
    found[rows < 0] = pd.NA
    return found


def _others(layer: Layer, claims: Claims, first: Rows, count: int) -> Any:
    """Return the other areas that count, like ``110106002 太平桥街道 35.0 %; ...``."""
    words: dict[int, str] = {}
    for at in np.setdiff1d(np.flatnonzero(claims.counts), first):
        row, position, portion = claims.rows[at], int(claims.positions[at]), claims.portions[at]
        part = "" if np.isnan(portion) else f" {portion:.1%}"
        before = f"{words[position]}; " if position in words else ""
        words[position] = f"{before}{layer.codes[row]} {layer.names[row]}{part}"
    return pd.Series(words, dtype="string").reindex(np.arange(count)).array


def _table(index: ReleaseIndex, level: Level, places: Places, tolerance: Tolerance) -> pd.DataFrame:
    """Return the claims of one level, then its gaps; the index tells the row of the frame."""
    layer = index.layers[level]
    found = claimed(places, layer, plane=index.plane, tolerance=tolerance)
    low, high = share_ranges(places, found, layer, plane=index.plane)
    claims = found.claims
    kinds = places.kinds[claims.positions]
    is_point = kinds == PlaceKind.POINT
    parts = pd.DataFrame(
        {
            "level": str(level),
            "code": _named(layer.layer.codes, claims.rows),
            "name": _named(layer.layer.names, claims.rows),
            "share": np.where(is_point, np.nan, claims.portions),
            "share_low": low,
            "share_high": high,
            "probability": np.where(is_point, claims.portions, np.nan),
            "area_m2": np.where(kinds == PlaceKind.FOOTPRINT, claims.sizes, np.nan),
            "length_m": np.where(kinds == PlaceKind.LINE, claims.sizes, np.nan),
            "counts": claims.counts,
        },
        index=places.positions[claims.positions],
    )
    gaps = np.flatnonzero(found.gap_shares > _LEAST_GAP)
    nowhere = pd.DataFrame(
        {"level": str(level), "share": found.gap_shares[gaps], "counts": False},
        index=places.positions[gaps],
    )
    return pd.concat([parts, nowhere]) if len(gaps) else parts
