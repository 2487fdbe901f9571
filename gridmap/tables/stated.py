"""The CRS of a table: what its file states, and what was declared."""

from typing import Any

import gridmap.stated
from gridmap.errors import (
    CrsContradictionError,
    MissingCrsError,
    MissingTableCrsError,
    TableCrsError,
)
from gridmap.tables.table import Source


def agreed(source: Source, stated: Any) -> str:
    """Return the CRS of a file: what it states (any input of pyproj, or nothing), or declared.

    Raises
    ------
    TableCrsError
        They contradict each other.
    MissingTableCrsError
        Neither states nor declares one.
    UnknownCrsError
        See `gridmap.stated.agreed`.
    """
    try:
        return gridmap.stated.agreed(stated, source.crs)
    except CrsContradictionError as error:
        raise TableCrsError(source.name, error.stated, error.declared) from error
    except MissingCrsError as error:
        raise MissingTableCrsError(source.name, source.option("crs")) from error
