"""Open a table of points in the format that its suffix names, or read all its positions."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np

from gridmap.errors import UnreadableTableError
from gridmap.tables import parquet, text, vector
from gridmap.tables.sink import PARQUET, TEXT
from gridmap.tables.table import Points, Source, Table


def opened(source: Source) -> AbstractContextManager[Table]:
    """Open a table, to be read in chunks, once.

    Raises
    ------
    UnreadableTableError
        It is not there, not whole, or no format that gridmap reads.
    TableColumnError, TableEncodingError, TableCrsError, MissingTableCrsError, CrsError
        It is not what was declared of it.
    """
    if source.suffix in TEXT:
        return text.opened(source)
    if source.suffix in PARQUET:
        return parquet.opened(source)
    if source.suffix in vector.DRIVERS:
        return vector.opened(source)
    known = ", ".join((*TEXT, *PARQUET, *vector.DRIVERS))
    raise UnreadableTableError(source.name, f"its suffix names no format; known: {known}")


def points(source: Source) -> Points:
    """Return the positions of all rows of a table; refused ones name it.

    Raises
    ------
    TableError, CrsError
        See `opened`.
    """
    name = Path(source.path).name
    lnglat, refused = [np.empty((0, 2))], []
    with opened(source) as table:
        for chunk in table.chunks:
            lnglat.append(chunk.lnglat)
            refused += [replace(one, table=name) for one in chunk.refused]
    return Points(np.concatenate(lnglat), tuple(refused))
