"""Lines and points from files, with a declared CRS: barriers and seeds.

GeoParquet, and everything pyogrio reads; points also from CSV. The CRS is the one the file
states, or the declared one where it states none; GCJ-02 and BD-09, which no format can state,
are declared.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio.errors
import shapely
from numpy.typing import NDArray

from gridmap.crs import CGCS2000, agreed, declared, to_cgcs2000
from gridmap.errors import FeatureFileError

_LINES, _POINTS = ("LineString", "MultiLineString"), ("Point",)


@dataclass(frozen=True)
class Points:
    """Positions in EPSG:4490, shape (n, 2) degrees, and the rows of the file that have none."""

    lnglat: NDArray[np.float64]
    refused_rows: tuple[int, ...] = ()


def lines(path: Path, *, crs: str | None = None) -> NDArray[np.object_]:
    """Return the lines of a file in EPSG:4490; heights are dropped, empty rows left out.

    Raises
    ------
    FeatureFileError
        It is missing, cannot be read, or holds something that is no line.
    CrsError
        No CRS is stated or declared, or the declared one is not the stated one.
    """
    return _shapes(path, crs, kinds=_LINES)


def points(
    path: Path, *, crs: str | None = None, columns: tuple[str, str] = ("lng", "lat")
) -> Points:
    """Return the points of a file; of a CSV the two columns, longitude or easting first.

    Rows without a position (empty, not a number, not finite) are told, never guessed.

    Raises
    ------
    FeatureFileError
        The file or a column is missing, it cannot be read, or holds something that is no point.
    CrsError
        See `lines`; a CSV states no CRS.
    """
    if path.suffix.lower() == ".csv":
        xy = _columns(path, columns)
        name = declared(crs)
    else:
        xy = shapely.get_coordinates(_shapes(path, crs, kinds=_POINTS))
        name = CGCS2000
    finite = np.isfinite(xy).all(axis=1)
    moved = to_cgcs2000(shapely.points(xy[finite]), crs=name)
    return Points(shapely.get_coordinates(moved), tuple(np.flatnonzero(~finite).tolist()))


def _columns(path: Path, names: tuple[str, str]) -> NDArray[np.float64]:
    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # a parser's and a decoder's errors are ValueErrors
        raise FeatureFileError(path=str(path), why=f"it cannot be read: {error}") from error
    if missing := [name for name in names if name not in table.columns]:
        there = ", ".join(str(name) for name in table.columns)
        why = f"there is no column {missing[0]!r}, only {there}; name the two that hold positions"
        raise FeatureFileError(path=str(path), why=why)
    numbers = [pd.to_numeric(table[name], errors="coerce") for name in names]
    return np.column_stack([one.to_numpy(dtype=np.float64) for one in numbers])


def _shapes(path: Path, crs: str | None, *, kinds: tuple[str, ...]) -> NDArray[np.object_]:
    frame = _frame(path)
    name = agreed(frame.crs, crs)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    for shape in shapes:
        if shape.geom_type not in kinds:
            why = f"it holds a {shape.geom_type}, and only {' and '.join(kinds)} can be used here"
            raise FeatureFileError(path=str(path), why=why)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise FeatureFileError(path=str(path), why="a coordinate is not a finite number")
    moved: NDArray[np.object_] = np.asarray(to_cgcs2000(shapes, crs=name), dtype=object)
    return moved


def _frame(path: Path) -> geopandas.GeoDataFrame:
    if not path.exists():
        raise FeatureFileError(path=str(path), why="there is no such file")
    try:
        read = geopandas.read_parquet if path.suffix == ".parquet" else geopandas.read_file
        frame = read(path)
    except (OSError, ValueError, pa.ArrowException, pyogrio.errors.DataSourceError) as error:
        raise FeatureFileError(path=str(path), why=f"it cannot be read: {error}") from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise FeatureFileError(path=str(path), why="it holds no geometries")
    return frame
