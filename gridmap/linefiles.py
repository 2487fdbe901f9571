"""Lines from a file, with a declared CRS: barriers.

GeoParquet, and everything pyogrio reads. The CRS is the one the file states, or the declared one
where it states none; GCJ-02 and BD-09, which no format can state, are declared.
"""

from pathlib import Path

import geopandas
import numpy as np
import pyarrow as pa
import pyogrio.errors
import shapely
from numpy.typing import NDArray

from gridmap.crs import to_cgcs2000
from gridmap.errors import LineFileError
from gridmap.stated import agreed

_LINES = ("LineString", "MultiLineString")


def lines(path: Path, *, crs: str | None = None) -> NDArray[np.object_]:
    """Return the lines of a file in EPSG:4490; heights are dropped, empty rows left out.

    Raises
    ------
    LineFileError
        It is missing, cannot be read, or holds something that is no line.
    CrsError
        No CRS is stated or declared, or the declared one is not the stated one.

    See Also
    --------
    gridmap.tables.reading.points : points, bad rows told one by one.
    """
    frame = _frame(path)
    name = agreed(frame.crs, crs)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    for shape in shapes:
        if shape.geom_type not in _LINES:
            why = f"it holds a {shape.geom_type}, and only {' and '.join(_LINES)} can be used here"
            raise LineFileError(path=str(path), why=why)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise LineFileError(path=str(path), why="a coordinate is not a finite number")
    moved: NDArray[np.object_] = np.asarray(to_cgcs2000(shapes, crs=name), dtype=object)
    return moved


def _frame(path: Path) -> geopandas.GeoDataFrame:
    if not path.exists():
        raise LineFileError(path=str(path), why="there is no such file")
    try:
        read = geopandas.read_parquet if path.suffix == ".parquet" else geopandas.read_file
        frame = read(path)
    except (OSError, ValueError, pa.ArrowException, pyogrio.errors.DataSourceError) as error:
        raise LineFileError(path=str(path), why=f"it cannot be read: {error}") from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise LineFileError(path=str(path), why="it holds no geometries")
    return frame
