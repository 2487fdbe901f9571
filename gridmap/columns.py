"""The answers for a chunk of a table, as columns beside those it has."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gridmap.boundary import Release
from gridmap.crs import CGCS2000
from gridmap.errors import TableColumnError
from gridmap.level import Level
from gridmap.locate import Located, ReleaseIndex, Rows
from gridmap.relation import GAP, INSIDE, RELATIONS
from gridmap.tables import sink
from gridmap.tables.table import Chunk, Floats, Geometry, Source, Table, suffix
from gridmap.tally import Tally

OUTSIDE = "outside"  # no level has an area there
_RELATIONS = pa.array([*(str(one) for one in RELATIONS), OUTSIDE])

_GEOMETRY = "geometry"
_WKB = {b"ARROW:extension:name": b"geoarrow.wkb"}


@dataclass(frozen=True)
class Wanted:
    """Which answers are added: for each of ``levels`` (finest first) a code, perhaps a name.

    ``relation`` is how the point lies to the finest level, ``also`` the other areas of that level
    that have it, where it lies on a line or in an overlap. Every column begins with ``prefix``.
    """

    levels: tuple[Level, ...]
    names: bool = False
    prefix: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the answers' columns, in their order."""
        codes = tuple(str(level) for level in self.levels)
        names = tuple(f"{level}_name" for level in self.levels) if self.names else ()
        return tuple(self.prefix + name for name in (*codes, *names, "relation", "also"))

    def texts(self, release: Release) -> Iterator[tuple[Level, pa.Array]]:
        """Yield for each column of codes and names its level and what its areas have there."""
        for level in self.levels:
            yield level, pa.array(release.layers[level].codes)
        for level in self.levels if self.names else ():
            yield level, pa.array(release.layers[level].names)


@dataclass(frozen=True)
class Answers:
    """How the batches of a target look: the columns that are kept, and the answers."""

    index: ReleaseIndex
    texts: tuple[tuple[Level, pa.Array], ...]  # the codes of levels, then their names
    kept: tuple[str, ...]
    schema: pa.Schema
    geometry: Geometry | None  # of the target
    positions: tuple[str, ...]  # columns of longitude and latitude, or of new geometries

    @staticmethod
    def of(
        table: Table, source: Source, target: str, index: ReleaseIndex, wanted: Wanted
    ) -> "Answers":
        """Decide the columns of a target.

        Raises
        ------
        TableColumnError
            An answer would have the name of a column that is there.
        UnwritableTableError
            The suffix of the target names no format.
        """
        wants = sink.holds_geometries(target)
        is_text = suffix(target) in sink.TEXT
        geometry = table.geometry
        kept, added = table.schema, []
        if geometry is not None and is_text:
            kept = kept.remove(kept.get_field_index(geometry.column)).remove_metadata()
            added = [pa.field(name, pa.float64()) for name in ("lng", "lat")]
            geometry = None
        elif geometry is None and wants:
            geometry = Geometry(_GEOMETRY, CGCS2000)
            added = [pa.field(_GEOMETRY, pa.binary(), metadata=_WKB)]
        positions = tuple(one.name for one in added)
        fields = [*kept, *added, *(pa.field(name, pa.string()) for name in wanted.columns)]
        _refuse_clash(source, kept.names, (*positions, *wanted.columns))
        schema = pa.schema(fields, metadata=kept.metadata)
        texts = tuple(wanted.texts(index.release))
        return Answers(index, texts, tuple(kept.names), schema, geometry, positions)

    def batch(self, chunk: Chunk, tally: Tally) -> pa.RecordBatch:
        """Return the kept columns of a chunk and its answers, and count them."""
        found = self.index.located(chunk.lnglat)
        columns = [chunk.rows.column(name) for name in self.kept]
        columns += self._positions(chunk.lnglat)
        columns += self._answers(chunk.lnglat, found)
        _count(tally, chunk.lnglat, found, self.index.release)
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _positions(self, lnglat: Floats) -> list[pa.Array]:
        if not self.positions:
            return []
        lost = _lost(lnglat)
        if self.positions == (_GEOMETRY,):
            wkb = shapely.to_wkb(shapely.points(np.where(lost[:, None], 0, lnglat)))
            return [pa.array(wkb, pa.binary(), mask=lost)]
        return [pa.array(column, mask=lost) for column in lnglat.T]

    def _answers(self, lnglat: Floats, found: Located) -> Iterator[pa.Array]:
        for level, texts in self.texts:
            yield _taken(texts, found.rows[level])
        relations = np.where(_outside(found), len(RELATIONS), found.relations).astype(np.int64)
        yield _taken(_RELATIONS, np.where(_lost(lnglat), -1, relations))
        yield _others(lnglat, found, self.index)


def _refuse_clash(source: Source, there: list[str], added: tuple[str, ...]) -> None:
    for name in added:
        if name in there:
            why = "an answer would have the same name; rename it, or give --prefix"
            raise TableColumnError(source.name, name, why)


def _taken(values: pa.Array, rows: Rows) -> pa.Array:
    return values.take(pa.array(rows, mask=rows < 0))


def _lost(lnglat: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.isnan(lnglat).any(axis=1))


def _outside(found: Located) -> NDArray[np.bool_]:
    return np.asarray(np.logical_and.reduce([rows < 0 for rows in found.rows.values()]))


def _others(lnglat: Floats, found: Located, index: ReleaseIndex) -> pa.Array:
    """Return the codes of the other finest areas of each position, with spaces; null for none."""
    shared = np.flatnonzero((found.relations != INSIDE) & (found.relations != GAP))
    if not len(shared):
        return pa.nulls(len(lnglat), pa.string())
    level = index.release.levels[-1]
    every, rows = index.layers[level].covering(lnglat[shared])
    is_other = rows != found.rows[level][shared[every]]
    counts = np.bincount(shared[every[is_other]], minlength=len(lnglat))
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(
        ends, pa.array(index.release.layers[level].codes[rows[is_other]])
    )
    return pc.if_else(
        pa.array(counts > 0), pc.binary_join(lists, " "), pa.scalar(None, pa.string())
    )


def _count(tally: Tally, lnglat: Floats, found: Located, release: Release) -> None:
    here = ~_lost(lnglat)
    outside = _outside(found) & here
    tally.rows += len(here)
    tally.located += int((found.rows[release.levels[-1]] >= 0).sum())
    tally.gaps += int(((found.relations == GAP) & here & ~outside).sum())
    tally.outside += int(outside.sum())
    west, south, east, north = release.bounds
    lat, lng = lnglat[outside].T  # on trial
    within = (lng >= west) & (lng <= east) & (lat >= south) & (lat <= north)
    tally.swapped += int(within.sum())
