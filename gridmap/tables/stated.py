"""The CRS of a table whose file states one, against the one that was declared."""

from typing import Any

from gridmap import crs
from gridmap.errors import CrsContradictionError, TableCrsError
from gridmap.tables.table import Source


def agreed(source: Source, stated: Any) -> str:
    """Return the CRS of a file's geometries: what it states (any input of pyproj), or declared.

    Raises
    ------
    TableCrsError
        They contradict each other.
    MissingCrsError, UnknownCrsError
        See `gridmap.crs.agreed`.
    """
    try:
        return crs.agreed(stated, source.crs)
    except CrsContradictionError as error:
        raise TableCrsError(source.name, error.stated, error.declared) from error
