"""Read the files of a definition into a `Draft`, and a draft that is right into a `Release`.

`gridmap.sources` opens the files, and `gridmap.levelrows` reads the rows of a level. Nothing is
repaired or guessed here: `gridmap.topology` says what is wrong with codes and lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridmap import bare, parents, tiling
from gridmap.boundary import Draft, Layer, Release
from gridmap.definition import Definition, LevelDefinition
from gridmap.errors import BoundaryFileError, UndeclaredError
from gridmap.level import Level, ParentsBy
from gridmap.levelrows import LevelTable, Rows
from gridmap.sources import LARGEST_BYTES, Frames, Source


@dataclass(frozen=True)
class _Files:
    """Where the tables of a definition come from; a file that several levels share is read once."""

    instead: Mapping[Level, Path]
    largest_bytes: int
    frames: Frames

    def table(self, given: Definition, one: LevelDefinition) -> LevelTable:
        path = self.instead.get(one.level) or given.folder / str(one.file)
        if not path.exists():
            raise given.wrong(one.level, "file", f"there is no {path.name} in {path.parent}")
        source = Source(path, one.layer, one.encoding, self.largest_bytes)
        try:
            return LevelTable(given, one, path, self.frames.of(source))
        except BoundaryFileError as error:
            if given.is_bare:
                raise
            remedy = f"; {error.remedy}" if isinstance(error, UndeclaredError) else ""
            why = f"{path.name} {error.why}{remedy}"
            raise given.wrong(one.level, "file", why) from error


def release(
    definition: Definition | Path | str,
    *,
    files: Mapping[Level, Path] | None = None,
    largest_bytes: int = LARGEST_BYTES,
    frames: Frames | None = None,
) -> Release:
    """Return the release that a ``definition.toml`` describes, in EPSG:4490.

    Parameters
    ----------
    definition
        The path of the ``definition.toml``, or of the folder with it and its files; or of a
        boundary file, or folder of them, that needs none (`gridmap.bare.given`). Or a definition
        that was loaded, or made with options (`gridmap.bare.definition`).
    files
        Other files for some levels: those that were fetched, or a local copy.
    largest_bytes
        Files above this size are refused before they are opened.
    frames
        Files that were read before, as for `gridmap.bare.definition`.

    Raises
    ------
    DefinitionError
        A file, layer or column is missing or unreadable, the file states another CRS than the
        definition, or something in it is no polygon.
    BadCodeError
        A code is ill-formed, stands twice, does not begin with its parent's, or names a parent
        that is not there.
    FactsMismatchError
        The polygons are not those the facts describe.
    BoundaryFileError
        There is no definition, and the files do not say all themselves.

    See Also
    --------
    draft : the same without a look at the codes.
    gridmap.topology.check : whether the lines fit together.
    """
    opened = _Files(files or {}, largest_bytes, frames or Frames())
    return _draft(definition, opened, strict=True).release()


def draft(
    definition: Definition | Path | str,
    *,
    files: Mapping[Level, Path] | None = None,
    largest_bytes: int = LARGEST_BYTES,
    frames: Frames | None = None,
) -> Draft:
    """Return what a definition's files hold, whatever their codes and parents are.

    Parameters and errors are those of `release`, but for BadCodeError: what is wrong with the
    codes, empty ones too, is for `gridmap.topology.check` to tell.
    """
    opened = _Files(files or {}, largest_bytes, frames or Frames())
    return _draft(definition, opened, strict=False)


def _draft(definition: Definition | Path | str, files: _Files, *, strict: bool) -> Draft:
    given = definition
    if not isinstance(given, Definition):
        given = bare.given(given, largest_bytes=files.largest_bytes, frames=files.frames)
    rows = {
        level: files.table(given, one).alone().rows(strict=strict)
        for level, one in given.levels.items()
        if one.file
    }
    for level in reversed(list(given.levels)):
        if level not in rows:
            one = given.levels[level]
            rows[level] = _union(given, one, rows[_finer(one)])
    layers: dict[Level, Layer] = {}
    above: Layer | None = None
    for level, one in given.levels.items():
        above = layers[level] = _layer(one, rows[level], above)
    return Draft(
        id=given.id,
        title=given.title,
        layers=layers,
        in_force_on=given.in_force_on,
        provenance=given.as_dict(),
    )


def _finer(one: LevelDefinition) -> Level:
    assert one.union_of is not None
    return one.union_of


def _union(given: Definition, one: LevelDefinition, children: Rows) -> Rows:
    """Return the areas of a level that is the union of a finer one."""
    owners = parents.by_code(children["code"], one.level, one.names)
    if (owners == "").any():
        orphan = children["code"][int(np.argmax(owners == ""))]
        raise given.wrong(one.level, "names", f"none of them is the parent of {orphan}")
    found, shapes = tiling.unions(children["geometry"], owners)
    names = [one.names[str(code)] for code in found]
    return {"code": found, "name": np.array(names), "parent": None, "geometry": shapes}


def _layer(one: LevelDefinition, rows: Rows, above: Layer | None) -> Layer:
    return Layer.unchecked(
        one.level,
        one.basis,
        codes=rows["code"],
        names=rows["name"],
        parents=_parents(one, rows, above),
        geometries=rows["geometry"],
        line_accuracy_m=one.line_accuracy_m,
        parents_by=one.parents,
    )


def _parents(one: LevelDefinition, rows: Rows, above: Layer | None) -> NDArray[np.str_]:
    if rows["parent"] is not None:
        stated: NDArray[np.str_] = rows["parent"]
        return stated
    if above is None:
        return np.full(len(rows["code"]), "")
    if one.parents is ParentsBy.CONTAINMENT:
        return parents.by_containment(rows["geometry"], above.codes, above.geometries)
    return parents.by_code(rows["code"], above.level, set(above.codes.tolist()))
