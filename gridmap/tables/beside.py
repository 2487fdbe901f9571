"""Files that are whole or not there: written beside their place, then renamed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import UnwritableTableError

# What a killed writer leaves begins so.
PREFIX = ".gridmap-"


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Yield where to write; the file (with its companions, as of a Shapefile) then takes its place.

    Where the block fails, nothing is left, and what was there before stays.

    Raises
    ------
    UnwritableTableError
        The folder is missing, or may not be written to.
    """
    try:
        folder = tempfile.TemporaryDirectory(dir=target.parent, prefix=PREFIX)
    except OSError as error:
        raise UnwritableTableError(str(target), str(error)) from error
    with folder as name:
        yield Path(name) / target.name
        for made in Path(name).iterdir():
            made.replace(target.with_name(made.name))
