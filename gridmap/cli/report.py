"""Files that a command writes beside its answer: whole, or not at all."""

import os
import tempfile
from pathlib import Path

from gridmap.errors import UnwritableError


def refuse_unwritable(*paths: Path | None) -> None:
    """Refuse, before the work it reports on, a report that could not be saved after it.

    Raises
    ------
    UnwritableError
        See `save`.
    """
    for path in filter(None, paths):
        if path.is_dir():
            raise UnwritableError(path=str(path), why="it is a folder")
        try:
            tempfile.TemporaryFile(dir=path.parent).close()
        except OSError as error:
            raise UnwritableError(path=str(path), why=str(error.strerror)) from error


def save(path: Path, text: str) -> None:
    """Put a text where a report is wanted, in the place of an older one.

    Raises
    ------
    UnwritableError
        The folder is missing, or may not be written to.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise UnwritableError(path=str(path), why=str(error.strerror)) from error
    finally:
        unfinished.unlink(missing_ok=True)
