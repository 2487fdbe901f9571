"""Read the files of a definition into a frozen `Release`.

GeoParquet, and everything pyogrio reads: GeoJSON, Shapefile, GeoPackage, FlatGeobuf. Nothing is
repaired or guessed here: `gridmap.topology` says what is wrong with the lines.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyogrio.errors
import shapely
from numpy.typing import NDArray

from gridmap import codes, facts, tiling
from gridmap.boundary import Layer, Release
from gridmap.crs import BD09, CGCS2000, GCJ02, declared, to_cgcs2000
from gridmap.definition import Definition, LevelDefinition, load
from gridmap.errors import CrsError, DefinitionError
from gridmap.level import Level

_POLYGONS = ("Polygon", "MultiPolygon")


def release(definition: Path | str, *, files: Mapping[Level, Path] | None = None) -> Release:
    """Return the release that a ``definition.toml`` describes, in EPSG:4490.

    Parameters
    ----------
    definition
        The path of the ``definition.toml``; its files lie in the same folder.
    files
        Other files for some levels: those that were fetched, or a local copy.

    Raises
    ------
    DefinitionError
        A file, layer or column is missing or unreadable, the file states another CRS than the
        definition, or something in it is no polygon.
    BadCodeError
        A code is ill-formed, stands twice, or does not begin with its parent's.
    FactsMismatchError
        The polygons are not those the facts describe.

    See Also
    --------
    gridmap.topology.check : whether the lines fit together.
    """
    given = load(definition)
    raw = {
        level: _rows(given, one, (files or {}).get(level))
        for level, one in given.levels.items()
        if one.file
    }
    layers: dict[Level, Layer] = {}
    for level in reversed(list(given.levels)):
        one = given.levels[level]
        rows = raw[level] if one.file else _union(given, one, layers[_finer(one)])
        layers[level] = _layer(one, rows, _coarser_codes(given, level, raw))
    return Release(
        id=given.id,
        title=given.title,
        layers={level: layers[level] for level in given.levels},
        in_force_on=given.in_force_on,
        provenance=given.as_dict(),
    )


Rows = dict[str, Any]  # code, name, parent (or None), geometry: equally long arrays


def _rows(given: Definition, one: LevelDefinition, other_file: Path | None) -> Rows:
    path = other_file or given.folder / str(one.file)
    frame = _frame(given, one, path)
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
            "code": _texts(given, one, frame, one.columns.code),
            "name": _texts(given, one, frame, one.columns.name),
            "parent": _texts(given, one, frame, parent) if parent else None,
        }
    return _corrected(given, one.level, found | {"geometry": geometries})


def _frame(given: Definition, one: LevelDefinition, path: Path) -> geopandas.GeoDataFrame:
    if not path.exists():
        raise _wrong(given, one, "file", f"there is no {path.name} in {path.parent}")
    try:
        if path.suffix == ".parquet":
            return geopandas.read_parquet(path)
        return geopandas.read_file(path, layer=one.layer, encoding=one.encoding)
    except (
        OSError,
        ValueError,
        pa.ArrowException,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
    ) as error:
        raise _wrong(given, one, "file", f"{path.name} cannot be read: {error}") from error


def _polygons(
    given: Definition, one: LevelDefinition, path: Path, frame: geopandas.GeoDataFrame
) -> NDArray[np.object_]:
    if not isinstance(frame, geopandas.GeoDataFrame) or frame.empty:
        raise _wrong(given, one, "file", f"{path.name} holds no geometries")
    if stated := _contradicting(frame.crs, given.crs):
        why = f"{path.name} states {stated}, the definition {given.crs}; correct the wrong one"
        raise _wrong(given, one, "crs", why)
    for row, shape in enumerate(frame.geometry):
        kind = "nothing" if shape is None or shape.is_empty else shape.geom_type
        if kind not in _POLYGONS:
            raise _wrong(given, one, "file", f"row {row} of {path.name} is {kind}, not a polygon")
    shapes = shapely.force_2d(frame.geometry.to_numpy())  # a height says nothing about whose it is
    if given.crs == CGCS2000:
        return np.asarray(shapes, dtype=object)
    return np.array([to_cgcs2000(shape, crs=given.crs) for shape in shapes], dtype=object)


def _exact(
    given: Definition, one: LevelDefinition, shapes: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return the polygons as one tiling; refuse when that is more than a matter of rounding."""
    if not shapely.is_valid(shapes).all():
        row = int(np.argmin(shapely.is_valid(shapes)))
        raise _wrong(given, one, "exact", f"row {row}: {shapely.is_valid_reason(shapes[row])}")
    tiles = tiling.exact(shapes)
    # Half a grid on either side of every line is what snapping may move.
    allowed = shapely.length(shapes) * tiling.GRID_DEG
    changed = np.abs(shapely.area(tiles) - shapely.area(shapes))
    if (changed > allowed).any():
        row = int(np.argmax(changed - allowed))
        why = f"row {row} overlaps its neighbours; read it without `exact` and run `gridmap check`"
        raise _wrong(given, one, "exact", why)
    return tiles


def _contradicting(stated: Any, wanted: str) -> str | None:
    """Return the CRS a file states, when it is another than the declared one."""
    if stated is None or wanted in {GCJ02, BD09}:  # no file format can state these two
        return None
    name = ":".join(stated.to_authority(min_confidence=20) or ("unknown", str(stated.name)))
    try:
        return None if declared(name) == wanted else name
    except CrsError:
        return name


def _texts(
    given: Definition, one: LevelDefinition, frame: geopandas.GeoDataFrame, column: str
) -> NDArray[np.str_]:
    if column not in frame.columns:
        there = ", ".join(str(name) for name in frame.columns)
        raise _wrong(given, one, "columns", f"there is no column {column!r}, only {there}")
    values = frame[column]
    if (empty := values.isna()).any():
        raise _wrong(given, one, "columns", f"{column} is empty in row {int(empty.argmax())}")
    if values.dtype.kind == "f":  # a Shapefile keeps codes as numbers
        values = values.astype("int64")
    return np.asarray(values.astype(str).to_list(), dtype=np.str_)


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


def _union(given: Definition, one: LevelDefinition, children: Layer) -> Rows:
    """Return the areas of a level that is the union of a finer one."""
    owners = [_by_prefix(str(code), one.level, one.names) for code in children.codes]
    if "" in owners:
        orphan = children.codes[owners.index("")]
        raise _wrong(given, one, "names", f"none of them is the parent of {orphan}")
    found, shapes = tiling.unions(children.geometries, owners)
    names = [one.names[str(code)] for code in found]
    return {"code": found, "name": np.array(names), "parent": None, "geometry": shapes}


def _coarser_codes(
    given: Definition, level: Level, raw: Mapping[Level, Rows]
) -> tuple[Level, set[str]] | None:
    """Return the next coarser level of the release and its codes; ``None`` at the top."""
    above = [one for one in given.levels if one.depth < level.depth]
    if not above:
        return None
    parent = above[-1]
    found = raw[parent]["code"].tolist() if parent in raw else given.levels[parent].names
    return parent, set(found)


def _by_prefix(code: str, parent: Level, among: Any) -> str:
    """Return the parent's code that a code begins with, "" when there is none."""
    if parent is not Level.CITY:
        stem = code[: codes.DIGITS[parent]]
        return stem if stem in among else ""
    return next((one for one in sorted(among) if codes.is_parent(one, code)), "")


def _layer(one: LevelDefinition, rows: Rows, above: tuple[Level, set[str]] | None) -> Layer:
    parents = rows["parent"]
    if parents is None:
        parents = [_by_prefix(str(code), *above) if above else "" for code in rows["code"]]
    return Layer.build(
        one.level,
        one.basis,
        codes=rows["code"],
        names=rows["name"],
        parents=parents,
        geometries=rows["geometry"],
        line_accuracy_m=one.line_accuracy_m,
    )


def _wrong(given: Definition, one: LevelDefinition, key: str, why: str) -> DefinitionError:
    return DefinitionError(path=str(given.path), key=f"levels.{one.level}.{key}", why=why)
