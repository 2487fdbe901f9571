"""A definition for files that have none: what the files say themselves, and a few options.

Nothing is guessed: the CRS is stated by the file or declared, and the levels are told by what is
written in the files (see `definition`). Who drew the lines no file says, so their basis is the
weakest, and source and licence are "not stated".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gridmap import codes, formats
from gridmap.crs import declared
from gridmap.definition import (
    Columns,
    Definition,
    LevelDefinition,
    Provenance,
    beside,
    load,
)
from gridmap.errors import BoundaryFileError, UndeclaredError
from gridmap.level import Basis, Level, ParentsBy
from gridmap.sources import LARGEST_BYTES, Frames, Source
from gridmap.stated import stated_name

LEVEL_COLUMN = "level"
_UNKNOWN = Provenance(source="not stated", licence="not stated")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person says about files without a definition.

    ``crs`` is needed where a file states none; ``level`` where all its rows are of one level and
    their codes do not tell which; ``encoding`` for a Shapefile that does not state it.
    """

    crs: str | None = None
    level: Level | None = None
    columns: Columns = field(default_factory=Columns)
    layer: str | None = None
    encoding: str | None = None
    parents: ParentsBy = ParentsBy.CODE
    basis: Basis = Basis.SCHEMATIC


def definition(
    path: Path | str,
    options: Options | None = None,
    *,
    largest_bytes: int = LARGEST_BYTES,
    frames: Frames | None = None,
) -> Definition:
    """Return a definition for one file, or for a folder of files named by their level.

    ``frames`` keeps the files that had to be read for it, for `gridmap.read` to take.

    The levels of one file are told, in this order, by

    1. ``options.level``: all rows are of that level;
    2. layers that are named by levels (``district``, ``street``, ...), where the file has
       several; its other layers are not boundaries;
    3. a column ``level`` with the levels' names;
    4. the form of every code.

    Raises
    ------
    BoundaryFileError
        A file cannot be read.
    UndeclaredError
        A file states no CRS and none is declared, or its levels cannot be told.
    UnknownCrsError
        The declared CRS is not known.
    """
    path, options, frames = Path(path), options or Options(), frames or Frames()
    if path.is_dir():
        return _of_folder(path, options, largest_bytes, frames)
    source = Source(path, options.layer, options.encoding, largest_bytes)
    return _defined(path, path.stem, *_levels(source, options, frames))


def given(
    path: Path | str, *, largest_bytes: int = LARGEST_BYTES, frames: Frames | None = None
) -> Definition:
    """Return the definition at a path, or what files without one say themselves.

    Raises
    ------
    DefinitionError, BoundaryFileError
        See `gridmap.definition.load` and `definition`.
    """
    stated = beside(Path(path))
    return load(stated) if stated else definition(path, largest_bytes=largest_bytes, frames=frames)


def _of_folder(folder: Path, options: Options, largest_bytes: int, frames: Frames) -> Definition:
    levels: dict[Level, LevelDefinition] = {}
    names: list[str] = []
    for level in Level:
        files = [one for one in sorted(folder.glob(f"{level}.*")) if formats.by_name(one)]
        if len(files) > 1:
            several = " and ".join(one.name for one in files)
            raise BoundaryFileError(path=str(folder), why=f"holds {several}; keep one of them")
        for file in files:
            source = Source(file, None, options.encoding, largest_bytes)
            names.append(_crs(file, options, frames.of(source).crs))
            levels[level] = _level(level, file, options)
    if not levels:
        why = "holds no definition.toml and no file named by a level, such as street.gpkg"
        raise BoundaryFileError(path=str(folder), why=why)
    first = folder / str(next(iter(levels.values())).file)
    return _defined(first, folder.resolve().name, levels, names[0])


def _levels(
    source: Source, options: Options, frames: Frames
) -> tuple[dict[Level, LevelDefinition], str]:
    """Return the levels of one file, and its CRS; every layer is asked for its own."""
    file = source.path
    names = source.layers()
    if options.level is None and options.layer is None and len(names) > 1:
        known = [level for level in Level if level in names]
        if not known:
            why = f"has the layers {', '.join(names)}, none named by a level"
            raise UndeclaredError(path=str(file), why=why, remedy="name one (--layer)")
        layers = [replace(source, layer=str(one)) for one in known]
        crs = [_crs(file, options, frames.of(one).crs) for one in layers]
        return {one: _level(one, file, options, layer=one) for one in known}, crs[0]
    frame = frames.of(source)
    name = _crs(file, options, frame.crs)
    layer = options.layer
    if options.level is not None:
        return {options.level: _level(options.level, file, options, layer=layer)}, name
    if LEVEL_COLUMN in frame.columns:
        values = [str(value) for value in frame[LEVEL_COLUMN]]
        return _by_column(file, options, values), name
    return _by_code(file, options, frame), name


def _by_column(file: Path, options: Options, values: list[str]) -> dict[Level, LevelDefinition]:
    for row, value in enumerate(values):
        if value not in list(Level):
            why = f"has the level {value!r} in row {row}"
            remedy = f"use {', '.join(Level)}, or say --level"
            raise UndeclaredError(path=str(file), why=why, remedy=remedy)
    return {
        level: _level(level, file, options, rows={LEVEL_COLUMN: str(level)})
        for level in Level
        if level in values
    }


def _by_code(file: Path, options: Options, frame: Any) -> dict[Level, LevelDefinition]:
    column = options.columns.code
    if column not in frame.columns:
        there = ", ".join(str(name) for name in frame.columns)
        why = f"has no column {column!r}, only {there}"
        remedy = "name the one with the codes (--code)"
        raise UndeclaredError(path=str(file), why=why, remedy=remedy)
    found: dict[Level, LevelDefinition] = {}
    for row, value in enumerate(frame[column]):
        text = "" if pd.isna(value) else str(value).removesuffix(".0")  # a code kept as a number
        if (level := codes.form_of(text)) is None:
            said = f"the code {text!r}" if text else "no code"
            why = f"has {said} in row {row}, which tells no level"
            raise UndeclaredError(path=str(file), why=why, remedy="say --level")
        found.setdefault(level, _level(level, file, options, by_code=True))
    return {level: found[level] for level in Level if level in found}


def _level(
    level: Level,
    file: Path,
    options: Options,
    *,
    layer: str | None = None,
    rows: Mapping[str, str] | None = None,
    by_code: bool = False,
) -> LevelDefinition:
    return LevelDefinition(
        level=level,
        basis=options.basis,
        provenance=_UNKNOWN,
        file=file.name,
        layer=layer or options.layer,
        encoding=options.encoding,
        columns=options.columns,
        rows=rows or {},
        rows_by_code=by_code,
        parents=options.parents,
    )


def _defined(
    path: Path,
    name: str,
    levels: Mapping[Level, LevelDefinition],
    crs: str,
) -> Definition:
    return Definition(
        path=path,
        id=name,
        title=name,
        crs=crs,
        provenance=_UNKNOWN,
        levels=levels,
    )


def _crs(path: Path, options: Options, stated: Any) -> str:
    """Return the CRS, declared or stated by the file; that all agree is for `read` to see."""
    if options.crs is not None:
        return declared(options.crs)
    name = stated_name(stated)
    if name is None:
        remedy = "declare it, for example --crs EPSG:4490 or GCJ-02 (never guessed)"
        raise UndeclaredError(path=str(path), why="states no CRS", remedy=remedy)
    if name.startswith("unknown:"):
        why = f"states a CRS without EPSG code, {name[8:]!r}"
        raise UndeclaredError(path=str(path), why=why, remedy="name the code it is (--crs)")
    return name
