"""Where the grids of a release lie as files, so that every process maps the same ones."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from gridmap.errors import StaleGridError, UnwritableGridError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex

_LONGEST = 100  # bytes of a folder's name, well below what any file system takes


def cache_folder() -> Path:
    """Return the user's folder of saved grids: ``GRIDMAP_CACHE``, or by the XDG rules."""
    if named := os.environ.get("GRIDMAP_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridmap"


def path(folder: Path, release: str, level: Level) -> Path:
    """Return the file of one level's grid; the file itself says which lines it was built from."""
    name = quote(release, safe="").replace(".", "%2E")  # ".." would leave the folder
    if len(name) > _LONGEST:
        name = hashlib.sha256(release.encode()).hexdigest()
    return folder / name / f"{level}.grid"


def equip(index: ReleaseIndex, folder: Path) -> ReleaseIndex:
    """Map the saved grids of all levels; what is missing or stale is built and saved first.

    Raises
    ------
    UnwritableGridError
        A grid has to be saved, and the folder cannot be written to.
    """
    for level in index.release.levels:
        file = path(folder, index.release.id, level)
        try:
            index.load_grid(file, level=level)
        except (OSError, StaleGridError):
            _save(index, file, level)
            # Another process may have put the grid of other lines there; then ours stays in memory.
            with suppress(OSError, StaleGridError):
                index.load_grid(file, level=level)
    return index


def map_saved(index: ReleaseIndex, folder: Path) -> ReleaseIndex:
    """Map the saved grids of all levels, and build none.

    Raises
    ------
    StaleGridError
        A grid is missing, or of other lines.
    """
    for level in index.release.levels:
        file = path(folder, index.release.id, level)
        try:
            index.load_grid(file, level=level)
        except FileNotFoundError as error:
            raise StaleGridError(path=str(file), why="it is not there") from error
    return index


def _save(index: ReleaseIndex, file: Path, level: Level) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        index.save_grid(file, level=level)
    except OSError as error:
        raise UnwritableGridError(path=str(file), why=str(error)) from error
