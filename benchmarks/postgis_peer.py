"""PostGIS: ``ST_Covers`` over a GiST index, one process, in a database of the project's cluster."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

from api.settings import PROJECT, DatabaseSettings
from api.store.server import server_of

_JOIN = """
    SELECT p.id, min(c.row) AS row
    FROM points p JOIN cells c ON ST_Covers(c.shape, p.shape)
    GROUP BY p.id
"""


@contextmanager
def covers(
    cells: NDArray[np.object_], lnglat: NDArray[np.float64]
) -> Iterator[Callable[[], NDArray[np.int64]]]:
    """Yield the way; tables with geometries and the index are made beforehand and not counted."""
    server = server_of(PROJECT, DatabaseSettings())
    name = f"gridmap_bench_{os.getpid()}"
    with server.held():
        server.create_database(name)
        try:
            url = server.urls(name).owner.replace("+psycopg", "")
            with psycopg.connect(url, autocommit=True) as link:
                _fill(link, cells, lnglat)
                yield lambda: _joined(link, len(lnglat))
        finally:
            server.drop_database(name)


def _fill(link: psycopg.Connection[Any], cells: Any, lnglat: NDArray[np.float64]) -> None:
    link.execute("SET max_parallel_workers_per_gather = 0")
    link.execute("CREATE TABLE cells (row int, shape geometry)")
    link.execute("CREATE TABLE points (id int, shape geometry)")
    with link.cursor() as cursor:
        for table, shapes in (("cells", cells), ("points", shapely.points(lnglat))):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row, wkb in enumerate(shapely.to_wkb(shapes, hex=True)):
                    copy.write_row((row, wkb))
    link.execute("CREATE INDEX ON cells USING gist (shape)")
    link.execute("ANALYZE cells, points")


def _joined(link: psycopg.Connection[Any], count: int) -> NDArray[np.int64]:
    found = np.full(count, -1)
    rows = np.array(link.execute(_JOIN).fetchall(), dtype=np.int64).reshape(-1, 2)
    found[rows[:, 0]] = rows[:, 1]
    return found
