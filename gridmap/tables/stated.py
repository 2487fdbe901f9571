"""The CRS of a file that states one, against the one that was declared."""

from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from gridmap.crs import BD09, GCJ02, declared
from gridmap.errors import CrsError, MissingCrsError, TableCrsError
from gridmap.tables.table import Source


def agreed(source: Source, stated: Any) -> str:
    """Return the CRS of a file's geometries: what it states (any input of pyproj), or declared.

    Raises
    ------
    MissingCrsError
        Neither says anything.
    TableCrsError
        They contradict each other. No file can state GCJ-02 or BD-09, so these two are believed.
    UnknownCrsError
        See `gridmap.crs.declared`.
    """
    wanted = declared(source.crs) if source.crs else None
    if stated is None or wanted in {GCJ02, BD09}:
        if wanted is None:
            raise MissingCrsError
        return wanted
    name = _named(stated)
    try:
        here = declared(name)
    except CrsError:
        if wanted is None:
            raise
        here = name
    if wanted not in {None, here}:
        raise TableCrsError(source.name, name, str(wanted))
    return here


def _named(stated: Any) -> str:
    try:
        system = CRS.from_user_input(stated)
    except CRSError:
        return str(stated)
    return ":".join(system.to_authority(min_confidence=20) or ("unknown", str(system.name)))
