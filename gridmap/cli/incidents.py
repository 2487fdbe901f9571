"""Positions of incidents from a file: a table with two columns, or a file of points."""

from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio.errors
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.crs import CGCS2000, agreed, to_cgcs2000
from gridmap.errors import IncidentsError


@dataclass(frozen=True)
class Incidents:
    """n positions in EPSG:4490, and the rows of the file that have none."""

    lnglat: NDArray[np.float64]
    refused: NDArray[np.int64]


def read(path: Path, *, x: str, y: str, crs: str | None) -> Incidents:
    """Return the positions in a CSV (columns ``x`` and ``y``) or in a file of points.

    A row whose numbers are none, or infinite, or empty, is refused; the rest goes on.

    Raises
    ------
    IncidentsError
        The file cannot be read, lacks a column, or states no CRS and none is declared.
    CrsError
        The CRS is unknown, another one than the file states, or the coordinates cannot be of it.
    """
    xy, stated = _table(path, x, y) if path.suffix.lower() == ".csv" else _points(path)
    name = _crs(path, crs, stated)
    good = np.isfinite(xy).all(axis=1)
    lnglat = np.full(xy.shape, np.nan)
    points = shapely.points(xy[good])
    moved = points if name == CGCS2000 else to_cgcs2000(points, crs=name)
    lnglat[good] = shapely.get_coordinates(moved)
    return Incidents(lnglat, np.flatnonzero(~good))


def _table(path: Path, x: str, y: str) -> tuple[NDArray[np.float64], None]:
    try:
        frame = pd.read_csv(path, dtype=str)
    except (OSError, ValueError) as error:
        raise IncidentsError(path=str(path), why=f"cannot be read: {error}") from error
    for column in (x, y):
        if column not in frame.columns:
            why = f"has no column {column!r}, only {', '.join(frame.columns)}; say --x and --y"
            raise IncidentsError(path=str(path), why=why)
    numbers = [pd.to_numeric(frame[column], errors="coerce") for column in (x, y)]
    return np.column_stack([one.to_numpy(dtype=float) for one in numbers]), None


def _points(path: Path) -> tuple[NDArray[np.float64], CRS | None]:
    try:
        parquet = path.suffix.lower() == ".parquet"
        frame = geopandas.read_parquet(path) if parquet else geopandas.read_file(path)
    except (OSError, ValueError, pyogrio.errors.DataSourceError) as error:
        raise IncidentsError(path=str(path), why=f"cannot be read: {error}") from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise IncidentsError(path=str(path), why="holds no points")
    points = frame.geometry
    is_point = (points.geom_type == "Point").to_numpy() & ~points.is_empty.to_numpy()
    xy = np.full((len(frame), 2), np.nan)
    xy[is_point] = shapely.get_coordinates(points[is_point].to_numpy())
    return xy, frame.crs


def _crs(path: Path, crs: str | None, stated: CRS | None) -> str:
    if crs is None and stated is None:
        why = "states no CRS; declare it with --incidents-crs (never guessed)"
        raise IncidentsError(path=str(path), why=why)
    return agreed(stated, crs)
