"""Files that are whole or not there: written beside their place, then renamed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import UnwritableTableError
from gridmap.tables.table import STANDARD

# What a killed writer leaves begins so.
PREFIX = ".gridmap-"


def refuse_same(*paths: str | Path | None) -> None:
    """Refuse to write what is read, or two results, under one path; "-" and None are none.

    Raises
    ------
    UnwritableTableError
        Two of them are the same file or folder, or one lies in another.
    """
    seen: list[Path] = []
    for path in paths:
        if path is None or str(path) == STANDARD:
            continue
        whole = Path(path).resolve()
        if any(_are_same(whole, one) for one in seen):
            raise UnwritableTableError(str(path), "it is named twice; name another file")
        for one in seen:
            if one in whole.parents or whole in one.parents:
                why = f"it and {one} lie one in the other; name a place beside it"
                raise UnwritableTableError(str(path), why)
        seen.append(whole)


def _are_same(one: Path, other: Path) -> bool:
    return one == other or (one.exists() and other.exists() and one.samefile(other))


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Yield where to write; the file (with its companions, as of a Shapefile) then takes its place.

    Where the block fails, nothing is left, and what was there before stays.

    Raises
    ------
    UnwritableTableError
        The folder is missing, or may not be written to.
    """
    if target.is_dir():
        raise UnwritableTableError(str(target), "it is a folder; name a file in it")
    try:
        folder = tempfile.TemporaryDirectory(dir=target.parent, prefix=PREFIX)
    except OSError as error:
        raise UnwritableTableError(str(target), str(error)) from error
    with folder as name:
        yield Path(name) / target.name
        for made in Path(name).iterdir():
            try:
                made.replace(target.with_name(made.name))
            except OSError as error:
                raise UnwritableTableError(str(target), str(error)) from error
