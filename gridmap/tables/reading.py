"""Open a table of points in the format that its suffix names."""

from contextlib import AbstractContextManager

from gridmap.errors import UnreadableTableError
from gridmap.tables import parquet, text, vector
from gridmap.tables.sink import PARQUET, TEXT
from gridmap.tables.table import Source, Table


def opened(source: Source) -> AbstractContextManager[Table]:
    """Open a table, to be read in chunks, once.

    Raises
    ------
    UnreadableTableError
        It is not there, not whole, or no format that gridmap reads.
    TableColumnError, TableEncodingError, TableCrsError, CrsError
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
