"""The rows of one level in the table of a file: codes, names, parents, polygons in EPSG:4490.

Nothing is repaired or guessed here; what cannot be used is refused with its row.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import codes, facts, tiling
from gridmap.crs import PointFault, points_to_cgcs2000
from gridmap.definition import Definition, LevelDefinition
from gridmap.errors import CoordinateRangeError, DefinitionError, ReleaseError, UndeclaredError
from gridmap.stated import contradiction

_POLYGONS = ("Polygon", "MultiPolygon")

Rows = dict[str, Any]  # code, name, parent (or None), geometry: equally long arrays


@dataclass(frozen=True)
class LevelTable:
    """One level of a definition, and the table of the file that holds it."""

    given: Definition
    one: LevelDefinition
    path: Path
    frame: geopandas.GeoDataFrame

    def alone(self) -> "LevelTable":
        """Return the table without the rows of other levels; numbers stay those of the file.

        Raises
        ------
        DefinitionError
            No row is of this level, or one is of none.
        """
        return replace(self, frame=self.frame[self._is_of_level()])

    def rows(self, *, strict: bool) -> Rows:
        """Return what the table says, all of it; an empty code is refused where it is ``strict``.

        Raises
        ------
        DefinitionError, UndeclaredError, FactsMismatchError
            See `gridmap.read.release`.
        """
        geometries = self._polygons()
        if self.one.exact:
            geometries = _exact(geometries, self)
        attributes = self._identified(geometries) if self.one.facts else self._stated(strict=strict)
        return self._corrected(attributes | {"geometry": geometries})

    def wrong(self, key: str, why: str) -> DefinitionError:
        return self.given.wrong(self.one.level, key, why)

    def _is_of_level(self) -> NDArray[np.bool_]:
        chosen = np.ones(len(self.frame), dtype=bool)
        for column, value in self.one.rows.items():
            chosen &= self._texts(column, optional=True) == value
        if self.one.rows_by_code:
            forms = [codes.form_of(code) for code in self._texts(self.one.columns.code)]
            if None in forms:
                where = f"row {forms.index(None)} of {self.path.name}"
                why = f"{where} has a code of no level; tell the rows by a column"
                raise self.wrong("rows_by_code", why)
            chosen &= np.array([form is self.one.level for form in forms], dtype=bool)
        if not chosen.any():
            raise self.wrong("rows", f"no row of {self.path.name} belongs to this level")
        return chosen

    # --- polygons -----------------------------------------------------------------------------

    def _polygons(self) -> NDArray[np.object_]:
        given = self.given
        if stated := contradiction(self.frame.crs, given.crs):
            why = f"{self.path.name} states {stated}, the definition {given.crs}"
            raise self.wrong("crs", f"{why}; correct the wrong one")
        for row, shape in zip(self.frame.index, self.frame.geometry, strict=True):
            kind = "nothing" if shape is None or shape.is_empty else shape.geom_type
            if kind not in _POLYGONS:
                raise self.wrong("file", f"row {row} of {self.path.name} is {kind}, not a polygon")
        # A height says nothing about whose it is.
        shapes = shapely.force_2d(self.frame.geometry.to_numpy())
        self._refuse_not_finite(shapes)
        shapes = _single(np.asarray(shapes, dtype=object))
        return self._in_cgcs2000(shapes)

    def _in_cgcs2000(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return the shapes in EPSG:4490; what is declared so is looked at like any other CRS."""
        crs = self.given.crs
        xy, owners = shapely.get_coordinates(shapes, return_index=True)
        lnglat, faults = points_to_cgcs2000(xy, crs=crs)
        if faults.any():
            at = int(np.argmax(faults != 0))
            swapped = bool(faults[at] == PointFault.SWAPPED)
            x, y = xy[at].tolist()
            why = CoordinateRangeError(x=x, y=y, crs=crs, swapped=swapped)
            row = self.frame.index[owners[at]]
            raise self.wrong("crs", f"row {row} of {self.path.name}: {why}")
        moved: NDArray[np.object_] = shapely.set_coordinates(shapes, lnglat)
        return moved

    def _refuse_not_finite(self, shapes: NDArray[np.object_]) -> None:
        xy, owners = shapely.get_coordinates(shapes, return_index=True)
        lost = ~np.isfinite(xy).all(axis=1)
        if lost.any():
            row = self.frame.index[owners[lost][0]]
            why = f"row {row} of {self.path.name} has a coordinate that is no number; draw it again"
            raise self.wrong("file", why)

    # --- attributes ---------------------------------------------------------------------------

    def _identified(self, geometries: NDArray[np.object_]) -> Rows:
        table = facts.load(self.given.folder / str(self.one.facts))
        at = facts.identified(geometries, table)
        return {"code": table.codes[at], "name": table.names[at], "parent": None}

    def _stated(self, *, strict: bool) -> Rows:
        columns = self.one.columns
        return {
            "code": self._texts(columns.code, optional=not strict),
            "name": self._texts(columns.name),
            "parent": self._texts(columns.parent, optional=True) if columns.parent else None,
        }

    def _texts(self, column: str, *, optional: bool = False) -> NDArray[np.str_]:
        """Return a column as texts; an empty value is "" where it is optional, and else refused."""
        if column not in self.frame.columns:
            raise self._no_column(column)
        values = self.frame[column]
        empty = values.isna().to_numpy()
        if empty.any() and not optional:
            row = self.frame.index[int(empty.argmax())]
            raise self.wrong("columns", f"{column} is empty in row {row}")
        return np.array(["" if pd.isna(value) else _text(value) for value in values], dtype=np.str_)

    def _no_column(self, column: str) -> ReleaseError:
        there = ", ".join(str(name) for name in self.frame.columns)
        if not self.given.is_bare:
            return self.wrong("columns", f"there is no column {column!r}, only {there}")
        return UndeclaredError(
            path=str(self.path),
            why=f"has no column {column!r} for its {self.one.level} level, only {there}",
            remedy="name it (--code, --name, --parent)",
        )

    def _corrected(self, rows: Rows) -> Rows:
        for one in self.given.corrections:
            if one.level is not self.one.level:
                continue
            at = np.flatnonzero(rows["code"] == one.code)
            if len(at) != 1 or one.column not in {"code", "name"}:
                why = f"{one.level} {one.code} {one.column}: it must hit one code, and code or name"
                raise DefinitionError(path=str(self.given.path), key="corrections", why=why)
            values = rows[one.column].tolist()
            values[at[0]] = one.value
            rows[one.column] = np.array(values, dtype=np.str_)
        return rows


def _text(value: Any) -> str:
    # A Shapefile keeps codes as numbers.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _single(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the shapes, multipolygons of one part as that polygon: some formats know no other."""
    alone = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes = shapes.copy()
    shapes[alone] = shapely.get_geometry(shapes[alone], 0)
    return shapes


def _exact(shapes: NDArray[np.object_], table: LevelTable) -> NDArray[np.object_]:
    """Return the polygons as one tiling; refuse when that is more than a matter of rounding."""
    if not shapely.is_valid(shapes).all():
        row = int(np.argmin(shapely.is_valid(shapes)))
        raise table.wrong("exact", f"row {row}: {shapely.is_valid_reason(shapes[row])}")
    tiles = tiling.exact(shapes)
    # Half a grid on either side of every line is what snapping may move.
    allowed = shapely.length(shapes) * tiling.GRID_DEG
    changed = np.abs(shapely.area(tiles) - shapely.area(shapes))
    if (changed > allowed).any():
        row = int(np.argmax(changed - allowed))
        why = f"row {row} overlaps its neighbours; read it without `exact` and run `gridmap check`"
        raise table.wrong("exact", why)
    return tiles
