"""DuckDB's spatial join, where its packages are installed (they are no dependency of ours)."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

_JOIN = """
    SELECT p.id, min(c.row) AS row
    FROM points p JOIN cells c ON ST_Intersects(c.shape, p.shape)
    GROUP BY p.id
"""


def spatial_join(
    cells: NDArray[np.object_], lnglat: NDArray[np.float64]
) -> Callable[[], NDArray[np.int64]]:
    """Return the way; tables with geometries are made beforehand and not counted."""
    link = duckdb.connect(config={"threads": 1, "allow_unsigned_extensions": True})
    extension = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    link.execute(f"LOAD '{extension}'")
    wkb = pa.table({"row": np.arange(len(cells)), "wkb": shapely.to_wkb(cells)})
    xy = pa.table({"id": np.arange(len(lnglat)), "x": lnglat[:, 0], "y": lnglat[:, 1]})
    link.register("wkb", wkb)
    link.register("xy", xy)
    link.execute("CREATE TABLE cells AS SELECT row, ST_GeomFromWKB(wkb) AS shape FROM wkb")
    link.execute("CREATE TABLE points AS SELECT id, ST_Point(x, y) AS shape FROM xy")

    def by_join() -> NDArray[np.int64]:
        found = np.full(len(lnglat), -1)
        answer = link.execute(_JOIN).fetchnumpy()
        found[answer["id"]] = answer["row"]
        return found

    return by_join
