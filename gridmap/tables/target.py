"""What a target keeps of a table, and what is added: positions where it needs them, and answers."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridmap.crs import CGCS2000
from gridmap.errors import TableColumnError
from gridmap.tables import sink
from gridmap.tables.table import Chunk, Floats, Geometry, Source, Table, suffix

_GEOMETRY = "geometry"
_SHAPEFILE_BYTES = 10
_WKB = {b"ARROW:extension:name": b"geoarrow.wkb"}


@dataclass(frozen=True)
class Target:
    """The columns of a target: those that are kept, new positions, and answers."""

    kept: tuple[str, ...]
    schema: pa.Schema
    geometry: Geometry | None
    positions: tuple[str, ...]  # columns of longitude and latitude, or of new geometries

    @staticmethod
    def of(
        table: Table,
        source: Source,
        path: str,
        answers: Iterable[pa.Field],
        *,
        shapes_as_text: str | None = None,
    ) -> "Target":
        """Decide the columns of a target at ``path``.

        Text has no geometries: what had them gets two columns of longitude and latitude, or, for
        other shapes than points, the one column that is named ``shapes_as_text``.

        Raises
        ------
        TableColumnError
            An answer would have the name of a column that is there.
        UnwritableTableError
            The suffix of the target names no format.
        """
        wants = sink.holds_geometries(path)
        is_text = suffix(path) in sink.TEXT
        geometry = table.geometry
        kept, added = table.schema, []
        if geometry is not None and is_text:
            kept = kept.remove(kept.get_field_index(geometry.column)).remove_metadata()
            added = [pa.field(name, pa.float64()) for name in ("lng", "lat")]
            if shapes_as_text:
                added = [pa.field(shapes_as_text, pa.string())]
            geometry = None
        elif geometry is None and wants:
            geometry = Geometry(_GEOMETRY, CGCS2000)
            added = [pa.field(_GEOMETRY, pa.binary(), metadata=_WKB)]
        new = [*added, *answers]
        _refuse_clash(source, kept.names, [field.name for field in new])
        schema = pa.schema([*kept, *new], metadata=kept.metadata)
        if wants and geometry is not None:
            _refuse_for_gdal(path, schema.names, geometry.column)
        positions = tuple(field.name for field in added)
        return Target(tuple(kept.names), schema, geometry, positions)

    def batch(
        self, chunk: Chunk, answers: Iterable[pa.Array], *, texts: pa.Array | None = None
    ) -> pa.RecordBatch:
        """Return the kept columns of a chunk, its positions where they are new, and the answers.

        ``texts`` are its shapes as text, where the target wants them so.
        """
        columns = [chunk.rows.column(name) for name in self.kept]
        columns += self._positions(chunk.lnglat) if texts is None else [texts]
        columns += answers
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _positions(self, lnglat: Floats) -> list[pa.Array]:
        if not self.positions:
            return []
        lost = lost_rows(lnglat)
        if self.positions == (_GEOMETRY,):
            wkb = shapely.to_wkb(shapely.points(np.where(lost[:, None], 0, lnglat)))
            return [pa.array(wkb, pa.binary(), mask=lost)]
        return [pa.array(column, mask=lost) for column in lnglat.T]


def lost_rows(lnglat: Floats) -> NDArray[np.bool_]:
    """Tell of n positions which have none: their rows are refused."""
    return np.asarray(np.isnan(lnglat).any(axis=1))


def _refuse_for_gdal(path: str, names: list[str], geometry: str) -> None:
    """Refuse names that the formats of GDAL would change, lose, or die of.

    Their case does not count there. A GeoPackage numbers its rows in ``fid``; a Shapefile's names
    have ten bytes at most.
    """
    seen: dict[str, str] = {"fid": "the number of the row"} if suffix(path) == ".gpkg" else {}
    for name in names:
        folded = name.casefold()
        if folded in seen:
            why = f"it cannot stand beside {seen[folded]!r} there; rename it, or choose Parquet"
            raise TableColumnError(path, name, why)
        seen[folded] = name
        if suffix(path) == ".shp" and name != geometry and len(name.encode()) > _SHAPEFILE_BYTES:
            why = "a Shapefile's names have ten bytes at most; rename it, or choose a GeoPackage"
            raise TableColumnError(path, name, why)


def _refuse_clash(source: Source, there: list[str], added: list[str]) -> None:
    for name in added:
        if name in there:
            why = "an answer would have the same name; rename it, or give --prefix"
            raise TableColumnError(source.name, name, why)
