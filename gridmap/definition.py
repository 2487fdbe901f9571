"""What a set of boundaries is: the ``definition.toml`` beside its files, read and checked.

A definition names the source, licence and origin of the lines, their CRS and dates, and per
level the file and columns (or of which finer level it is the union), the basis and the accuracy
of its lines. It is data, never code.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from gridmap import crs
from gridmap.errors import CrsError, DefinitionError
from gridmap.level import Basis, Level, ParentsBy
from gridmap.toml_table import TomlTable


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file hold what; without ``parent`` the code's prefix tells it."""

    code: str = "code"
    name: str = "name"
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where lines come from and what may be done with them."""

    source: str
    licence: str
    attribution: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelDefinition:
    """One level: from a ``file``, or the union of the finer level ``union_of``.

    ``facts`` is a table of published codes, names, extents and areas by which the polygons of a
    file without usable attributes are identified (see `gridmap.facts`). ``exact`` makes a file's
    polygons one tiling on the grid of `gridmap.tiling`, which moves no line by more than that.
    Where levels share a file, ``rows`` are the columns and values that tell this level's rows,
    or ``rows_by_code`` says that the form of the code does.
    ``names`` are the codes and names of a union's areas. ``line_accuracy_m`` is ``None`` where
    nothing is stated.
    """

    level: Level
    basis: Basis
    provenance: Provenance
    file: str | None = None
    layer: str | None = None
    encoding: str | None = None
    columns: Columns = field(default_factory=Columns)
    rows: Mapping[str, str] = field(default_factory=dict)
    rows_by_code: bool = False
    parents: ParentsBy = ParentsBy.CODE
    facts: str | None = None
    exact: bool = False
    union_of: Level | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    line_accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A value of the source that is wrong, what it should be, and why."""

    level: Level
    code: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file at the publisher; ``sha256`` is ``None`` where its digest is not known to us."""

    name: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """Where the publisher keeps the files that may not be shipped, pinned to one commit."""

    base_url: str
    commit: str
    files: tuple[RemoteFile, ...]


@dataclass(frozen=True)
class Definition:
    """One set of boundaries, as its ``definition.toml`` states it."""

    path: Path
    id: str
    title: str
    crs: str
    provenance: Provenance
    levels: Mapping[Level, LevelDefinition]
    in_force_on: date | None = None
    retrieved_on: date | None = None
    corrections: tuple[Correction, ...] = ()
    fetch: Fetch | None = None

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self.path.parent

    @property
    def is_bare(self) -> bool:
        """Whether it was made from options (`gridmap.bare`) because the file has no definition."""
        return self.path.suffix != ".toml"

    def wrong(self, level: Level, key: str, why: str) -> DefinitionError:
        """Return the error about one key of a level."""
        where = f"{level}, {key}" if self.is_bare else f"levels.{level}.{key}"
        return DefinitionError(path=str(self.path), key=where, why=why)

    def as_dict(self) -> dict[str, Any]:
        """Return what answers and pages cite, ready for JSON."""
        return {
            **_cited(self.provenance),
            "crs": self.crs,
            "retrieved_on": self.retrieved_on.isoformat() if self.retrieved_on else None,
            "levels": {
                str(level): {
                    **_cited(one.provenance),
                    "basis": str(one.basis),
                    "line_accuracy_m": one.line_accuracy_m,
                }
                for level, one in self.levels.items()
            },
            "corrections": [
                {
                    "level": str(one.level),
                    "code": one.code,
                    "column": one.column,
                    "value": one.value,
                    "reason": one.reason,
                }
                for one in self.corrections
            ],
        }


def beside(path: Path) -> Path | None:
    """Return the ``definition.toml`` that a path is, or that lies in the folder it is."""
    if path.suffix == ".toml":
        return path
    inside = path / "definition.toml"
    return inside if inside.is_file() else None


def load(path: Path | str) -> Definition:
    """Return the definition at ``path``, every key checked.

    Raises
    ------
    DefinitionError
        The file is missing or no TOML, a key is missing, unknown, or has a value that cannot be.
    """
    path = Path(path)
    table = TomlTable(path=str(path), key="", values=_parsed(path))
    provenance = _provenance(table)
    return table.finished(
        Definition(
            path=path,
            id=table.text("id"),
            title=table.text("title"),
            crs=_crs(table),
            provenance=provenance,
            in_force_on=table.optional("in_force_on", date),
            retrieved_on=table.optional("retrieved_on", date),
            levels=_levels(table.table("levels"), provenance),
            corrections=tuple(_correction(one) for one in table.tables("corrections")),
            fetch=_fetch(table.table("fetch")) if table.has("fetch") else None,
        )
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DefinitionError(path=str(path), key="file", why="there is no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(path=str(path), key="file", why=f"it is no TOML: {error}") from error


def _crs(table: TomlTable) -> str:
    try:
        return crs.declared(table.text("crs"))
    except CrsError as error:
        raise table.wrong("crs", str(error)) from error


def _provenance(table: TomlTable, inherited: Provenance | None = None) -> Provenance:
    """Return the table's provenance; a level inherits what it does not state itself."""
    if inherited is None:
        return Provenance(
            source=table.text("source"),
            licence=table.text("licence"),
            attribution=table.optional("attribution", str),
            notes=table.texts("notes"),
        )
    return Provenance(
        source=table.optional("source", str) or inherited.source,
        licence=table.optional("licence", str) or inherited.licence,
        attribution=table.optional("attribution", str) or inherited.attribution,
        notes=table.texts("notes"),
    )


def _levels(table: TomlTable, inherited: Provenance) -> dict[Level, LevelDefinition]:
    found = {
        level: _level(table.table(level), level, inherited) for level in Level if table.has(level)
    }
    if not found:
        raise table.wrong("", "a release needs one level at least")
    for level, one in found.items():
        if one.union_of and (one.union_of not in found or one.union_of.depth <= level.depth):
            raise table.wrong(f"{level}.union_of", "it must name a finer level of this definition")
    return table.finished(found)


def _level(table: TomlTable, level: Level, inherited: Provenance) -> LevelDefinition:
    if table.has("file") == table.has("union_of"):
        raise table.wrong("file", "a level has either a file or union_of, and not both")
    if table.has("union_of") and not table.has("names"):
        raise table.wrong("names", "a union needs the codes and names of its areas")
    if table.has("rows") and table.has("rows_by_code"):
        raise table.wrong("rows", "rows are told by their columns or by their code, not by both")
    for key in ("file", "facts"):
        _refuse_outside(table, key)
    accuracy = table.optional("line_accuracy_m", float)
    if accuracy is not None and not 0 <= accuracy < float("inf"):
        raise table.wrong("line_accuracy_m", "it must be a number of metres, zero or more")
    return table.finished(
        LevelDefinition(
            level=level,
            basis=table.choice("basis", Basis),
            provenance=_provenance(table, inherited),
            file=table.optional("file", str),
            layer=table.optional("layer", str),
            encoding=table.optional("encoding", str),
            columns=_columns(table.table("columns")) if table.has("columns") else Columns(),
            rows=table.table("rows").all_texts() if table.has("rows") else {},
            rows_by_code=table.optional("rows_by_code", bool) or False,
            parents=_parents(table),
            facts=table.optional("facts", str),
            exact=table.optional("exact", bool) or False,
            union_of=table.choice("union_of", Level) if table.has("union_of") else None,
            names=table.table("names").all_texts() if table.has("names") else {},
            line_accuracy_m=accuracy,
        )
    )


def _refuse_outside(table: TomlTable, key: str) -> None:
    """Refuse a path that leaves the set's folder; facts may lie in a set beside it.

    Links are followed: the machine's owner made them, not the definition.
    """
    path = table.optional(key, str)
    if path is None:
        return
    steps = Path(os.path.normpath(path)).parts
    ups = steps.count(os.pardir)
    if Path(path).is_absolute() or ups > (1 if key == "facts" else 0):
        raise table.wrong(key, f"{path!r} leaves the folder of the set; put the file beside it")


def _parents(table: TomlTable) -> ParentsBy:
    if not table.has("parents"):
        return ParentsBy.CODE
    found = table.choice("parents", ParentsBy)
    columns = table.values.get("columns")
    by_column = isinstance(columns, Mapping) and "parent" in columns
    if found is ParentsBy.CONTAINMENT and by_column:
        raise table.wrong("parents", "parents are told by containment or by a column, not by both")
    return found


def _columns(table: TomlTable) -> Columns:
    stated = {key: table.text(key) for key in ("code", "name", "parent") if table.has(key)}
    return table.finished(Columns(**stated))


def _correction(table: TomlTable) -> Correction:
    return table.finished(
        Correction(
            level=table.choice("level", Level),
            code=table.text("code"),
            column=table.text("column"),
            value=table.text("value"),
            reason=table.text("reason"),
        )
    )


def _fetch(table: TomlTable) -> Fetch:
    files = tuple(
        one.finished(RemoteFile(name=one.text("name"), sha256=one.optional("sha256", str)))
        for one in table.tables("files")
    )
    if not files:
        raise table.wrong("files", "it must list one file at least")
    for one in files:
        if Path(one.name).name != one.name:
            raise table.wrong("files", f"{one.name!r} is a path; it must be the name of a file")
    return table.finished(
        Fetch(base_url=table.text("base_url"), commit=table.text("commit"), files=files)
    )


def _cited(provenance: Provenance) -> dict[str, Any]:
    return {
        "source": provenance.source,
        "licence": provenance.licence,
        "attribution": provenance.attribution,
        "notes": list(provenance.notes),
    }
