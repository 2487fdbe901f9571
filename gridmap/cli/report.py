"""Files that a command writes beside its answer: whole, or not at all."""

import os
from pathlib import Path

from gridmap.errors import UnwritableError


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
