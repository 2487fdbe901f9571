"""Read the files of a definition into a `Draft`, and a draft that is right into a `Release`.

`gridmap.sources` opens the files. Nothing is repaired or guessed here: `gridmap.topology` says
what is wrong with codes and lines.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import bare, codes, facts, parents, tiling
from gridmap.boundary import Draft, Layer, Release
from gridmap.crs import CGCS2000, contradiction, to_cgcs2000
from gridmap.definition import Definition, LevelDefinition
from gridmap.errors import BoundaryFileError, CoordinateRangeError, DefinitionError
from gridmap.level import Level, ParentsBy
from gridmap.sources import LARGEST_BYTES, Source

_POLYGONS = ("Polygon", "MultiPolygon")


def release(
    definition: Definition | Path | str,
    *,
    files: Mapping[Level, Path] | None = None,
    largest_bytes: int = LARGEST_BYTES,
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
    return _draft(definition, files or {}, largest_bytes, strict=True).release()


def draft(
    definition: Definition | Path | str,
    *,
    files: Mapping[Level, Path] | None = None,
    largest_bytes: int = LARGEST_BYTES,
) -> Draft:
    """Return what a definition's files hold, whatever their codes and parents are.

    Parameters and errors are those of `release`, but for BadCodeError: what is wrong with the
    codes, empty ones too, is for `gridmap.topology.check` to tell.
    """
    return _draft(definition, files or {}, largest_bytes, strict=False)


def _draft(
    definition: Definition | Path | str,
    files: Mapping[Level, Path],
    largest_bytes: int,
    *,
    strict: bool,
) -> Draft:
    given = definition
    if not isinstance(given, Definition):
        given = bare.given(given, largest_bytes=largest_bytes)
    tables = _Tables(given, files, largest_bytes, strict=strict)
    rows = {level: tables.rows(one) for level, one in given.levels.items() if one.file}
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


Rows = dict[str, Any]  # code, name, parent (or None), geometry: equally long arrays


class _Tables:
    """The tables of one definition: a file that several levels share is read once."""

    def __init__(
        self,
        given: Definition,
        files: Mapping[Level, Path],
        largest_bytes: int,
        *,
        strict: bool,
    ) -> None:
        self._given = given
        self._files = files
        self._largest_bytes = largest_bytes
        self._strict = strict
        self._frames: dict[Source, geopandas.GeoDataFrame] = {}

    def rows(self, one: LevelDefinition) -> Rows:
        given = self._given
        path = self._files.get(one.level) or given.folder / str(one.file)
        frame = _of_level(given, one, path, self._frame(one, path))
        geometries = _polygons(given, one, path, frame)
        if one.exact:
            geometries = _exact(given, one, geometries)
        if one.facts:
            table = facts.load(given.folder / one.facts)
            at = facts.identified(geometries, table)
            found: Rows = {"code": table.codes[at], "name": table.names[at], "parent": None}
        else:
            parent = one.columns.parent
            found = {
                "code": _texts(given, one, frame, one.columns.code, optional=not self._strict),
                "name": _texts(given, one, frame, one.columns.name),
                "parent": _texts(given, one, frame, parent, optional=True) if parent else None,
            }
        return _corrected(given, one.level, found | {"geometry": geometries})

    def _frame(self, one: LevelDefinition, path: Path) -> geopandas.GeoDataFrame:
        if not path.exists():
            why = f"there is no {path.name} in {path.parent}"
            raise self._given.wrong(one.level, "file", why)
        source = Source(path, one.layer, one.encoding, self._largest_bytes)
        try:
            if source not in self._frames:
                self._frames[source] = source.frame()
        except BoundaryFileError as error:
            why = f"{path.name} {error.why}"
            raise self._given.wrong(one.level, "file", why) from error
        return self._frames[source]


def _of_level(
    given: Definition, one: LevelDefinition, path: Path, frame: geopandas.GeoDataFrame
) -> geopandas.GeoDataFrame:
    """Return the rows of a level, where a file holds several; numbered as they stand there."""
    chosen = np.ones(len(frame), dtype=bool)
    for column, value in one.rows.items():
        chosen &= _texts(given, one, frame, column, optional=True) == value
    if one.rows_by_code:
        forms = [codes.form_of(code) for code in _texts(given, one, frame, one.columns.code)]
        if None in forms:
            row = forms.index(None)
            why = f"row {row} of {path.name} has a code of no level; tell the rows by a column"
            raise given.wrong(one.level, "rows_by_code", why)
        chosen &= np.array([form is one.level for form in forms], dtype=bool)
    if not chosen.any():
        raise given.wrong(one.level, "rows", f"no row of {path.name} belongs to this level")
    return frame[chosen]


def _polygons(
    given: Definition, one: LevelDefinition, path: Path, frame: geopandas.GeoDataFrame
) -> NDArray[np.object_]:
    if stated := contradiction(frame.crs, given.crs):
        why = f"{path.name} states {stated}, the definition {given.crs}; correct the wrong one"
        raise given.wrong(one.level, "crs", why)
    for row, shape in zip(frame.index, frame.geometry, strict=True):
        kind = "nothing" if shape is None or shape.is_empty else shape.geom_type
        if kind not in _POLYGONS:
            why = f"row {row} of {path.name} is {kind}, not a polygon"
            raise given.wrong(one.level, "file", why)
    shapes = shapely.force_2d(frame.geometry.to_numpy())  # a height says nothing about whose it is
    _refuse_not_finite(given, one, path, frame, shapes)
    shapes = _single(np.asarray(shapes, dtype=object))
    if given.crs == CGCS2000:
        return shapes
    try:
        return np.array([to_cgcs2000(shape, crs=given.crs) for shape in shapes], dtype=object)
    except CoordinateRangeError as error:
        raise given.wrong(one.level, "crs", f"{path.name}: {error}") from error


def _refuse_not_finite(
    given: Definition,
    one: LevelDefinition,
    path: Path,
    frame: geopandas.GeoDataFrame,
    shapes: NDArray[np.object_],
) -> None:
    xy, owners = shapely.get_coordinates(shapes, return_index=True)
    lost = ~np.isfinite(xy).all(axis=1)
    if lost.any():
        row = frame.index[owners[lost][0]]
        why = f"row {row} of {path.name} has a coordinate that is no number; draw it again"
        raise given.wrong(one.level, "file", why)


def _single(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the shapes, multipolygons of one part as that polygon: some formats know no other."""
    alone = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes = shapes.copy()
    shapes[alone] = shapely.get_geometry(shapes[alone], 0)
    return shapes


def _exact(
    given: Definition, one: LevelDefinition, shapes: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return the polygons as one tiling; refuse when that is more than a matter of rounding."""
    if not shapely.is_valid(shapes).all():
        row = int(np.argmin(shapely.is_valid(shapes)))
        raise given.wrong(one.level, "exact", f"row {row}: {shapely.is_valid_reason(shapes[row])}")
    tiles = tiling.exact(shapes)
    # Half a grid on either side of every line is what snapping may move.
    allowed = shapely.length(shapes) * tiling.GRID_DEG
    changed = np.abs(shapely.area(tiles) - shapely.area(shapes))
    if (changed > allowed).any():
        row = int(np.argmax(changed - allowed))
        why = f"row {row} overlaps its neighbours; read it without `exact` and run `gridmap check`"
        raise given.wrong(one.level, "exact", why)
    return tiles


def _texts(
    given: Definition,
    one: LevelDefinition,
    frame: geopandas.GeoDataFrame,
    column: str,
    *,
    optional: bool = False,
) -> NDArray[np.str_]:
    """Return a column as texts; an empty value is "" where it is optional, and else refused."""
    if column not in frame.columns:
        there = ", ".join(str(name) for name in frame.columns)
        remedy = "; name it (--code, --name, --parent)" if given.is_bare else ""
        why = f"there is no column {column!r}, only {there}{remedy}"
        raise given.wrong(one.level, "columns", why)
    values = frame[column]
    empty = values.isna().to_numpy()
    if empty.any() and not optional:
        why = f"{column} is empty in row {frame.index[int(empty.argmax())]}"
        raise given.wrong(one.level, "columns", why)
    return np.array(["" if pd.isna(value) else _text(value) for value in values], dtype=np.str_)


def _text(value: Any) -> str:
    # A Shapefile keeps codes as numbers.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _corrected(given: Definition, level: Level, rows: Rows) -> Rows:
    for one in given.corrections:
        if one.level is not level:
            continue
        at = np.flatnonzero(rows["code"] == one.code)
        if len(at) != 1 or one.column not in {"code", "name"}:
            why = f"{one.level} {one.code} {one.column}: it must hit one code, and code or name"
            raise DefinitionError(path=str(given.path), key="corrections", why=why)
        values = rows[one.column].tolist()
        values[at[0]] = one.value
        rows[one.column] = np.array(values, dtype=np.str_)
    return rows


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
