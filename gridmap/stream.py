"""Locate a table of points, chunk by chunk: columns in, the same columns and the answers out."""

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gridmap.boundary import Layer, Release
from gridmap.crs import CGCS2000
from gridmap.errors import NoLevelError, TableColumnError
from gridmap.level import Level
from gridmap.locate import GAP, INSIDE, RELATIONS, Located, ReleaseIndex, Rows
from gridmap.tables import reading, sink
from gridmap.tables.beside import beside
from gridmap.tables.table import Chunk, Geometry, Refused, Source, Table, suffix

OUTSIDE = "outside"  # no level has an area there
_RELATIONS = pa.array([*(str(one) for one in RELATIONS), OUTSIDE])

# Refused rows that a summary shows; the others are counted, and all stand in the file of refusals.
SHOWN = 10

_GEOMETRY = "geometry"


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


@dataclass
class Tally:
    """What became of the rows of a table, and how long each stage took."""

    rows: int = 0
    located: int = 0  # with an area of the finest level
    gaps: int = 0  # only coarser levels answer
    outside: int = 0  # no level answers
    swapped: int = 0  # of those outside: inside with longitude and latitude exchanged
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[Refused] = field(default_factory=list)
    read_s: float = 0.0
    locate_s: float = 0.0
    write_s: float = 0.0

    def refuse(self, refused: Iterable[Refused], *, table: str) -> None:
        """Count refused rows, and keep the first ones."""
        for one in refused:
            self.refused += 1
            self.reasons[one.why] += 1
            if len(self.shown) < SHOWN:
                self.shown.append(replace(one, table=table))

    def add(self, other: "Tally") -> None:
        """Add the tally of another table."""
        for name in ("rows", "located", "gaps", "outside", "swapped", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("read_s", "locate_s", "write_s"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons.update(other.reasons)
        self.shown.extend(other.shown[: SHOWN - len(self.shown)])

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        return asdict(self) | {"reasons": dict(self.reasons.most_common())}


def down_to(release: Release, level: Level | None) -> Release:
    """Return a release without the levels finer than ``level``.

    Raises
    ------
    NoLevelError
        It has no such level.
    """
    if level is None:
        return release
    if level not in release.layers:
        raise NoLevelError(level=level, release=release.id)
    kept = {one: layer for one, layer in release.layers.items() if one.depth <= level.depth}
    return Release(release.id, release.title, kept, release.in_force_on, release.provenance)


def locate(
    source: Source,
    target: str,
    index: ReleaseIndex,
    wanted: Wanted,
    *,
    refusals: str | None = None,
    advance: Callable[[int], None] = lambda _: None,
    opened: Callable[[Table], None] = lambda _: None,
) -> Tally:
    """Add to a table of points whose they are, and write it in the format of ``target``.

    Rows keep their order and number: a refused row stays without answers. Memory does not grow
    with the table. ``refusals`` is a CSV file for the refused rows, with place, value and reason;
    ``opened`` is told of the table, ``advance`` of rows that are done.

    Raises
    ------
    TableError, CrsError
        What is wrong with a file, or with what was declared; nothing was written.
    """
    tally = Tally()
    started = time.perf_counter()
    name = Path(source.path).name
    with reading.opened(source) as table, _refusals(refusals, name) as note:
        opened(table)
        made = _Answered.of(table, source, target, wanted)

        def batches() -> Iterator[pa.RecordBatch]:
            for chunk in _timed(table.chunks, tally):
                begun = time.perf_counter()
                batch = made.batch(chunk, index, tally)
                tally.refuse(chunk.refused, table=name)
                note(chunk.refused)
                advance(len(batch))
                tally.locate_s += time.perf_counter() - begun
                yield batch

        sink.write(target, made.schema, batches(), geometry=made.geometry, source=source)
    tally.write_s = time.perf_counter() - started - tally.read_s - tally.locate_s
    return tally


def _timed(chunks: Iterator[Chunk], tally: Tally) -> Iterator[Chunk]:
    while True:
        begun = time.perf_counter()
        chunk = next(chunks, None)
        tally.read_s += time.perf_counter() - begun
        if chunk is None:
            return
        yield chunk


@contextmanager
def _refusals(path: str | None, table: str) -> Iterator[Callable[[Iterable[Refused]], None]]:
    """Yield what writes refused rows down: into a file, or nowhere."""
    if path is None:
        yield lambda _: None
        return
    with beside(Path(path)) as made, made.open("w", encoding="utf-8", newline="") as file:
        yield _noting(file, table)


def _noting(file: TextIO, table: str) -> Callable[[Iterable[Refused]], None]:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(("table", "row", "column", "value", "why"))

    def note(refused: Iterable[Refused]) -> None:
        out.writerows((table, one.row, one.column, one.value, one.why) for one in refused)

    return note


@dataclass(frozen=True)
class _Answered:
    """How the batches of a target look: the columns that are kept, and the answers."""

    kept: tuple[str, ...]
    wanted: Wanted
    schema: pa.Schema
    geometry: Geometry | None  # of the target
    positions: tuple[str, ...]  # columns of longitude and latitude, or of new geometries

    @staticmethod
    def of(table: Table, source: Source, target: str, wanted: Wanted) -> "_Answered":
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
        return _Answered(tuple(kept.names), wanted, schema, geometry, positions)

    def batch(self, chunk: Chunk, index: ReleaseIndex, tally: Tally) -> pa.RecordBatch:
        """Return the kept columns of a chunk and its answers."""
        found = index.located(chunk.lnglat)
        columns = [chunk.rows.column(name) for name in self.kept]
        columns += self._positions(chunk.lnglat)
        columns += self._answers(chunk.lnglat, found, index)
        _count(tally, chunk, found, index)
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _positions(self, lnglat: NDArray[np.float64]) -> list[pa.Array]:
        if not self.positions:
            return []
        lost = _lost(lnglat)
        if self.positions == (_GEOMETRY,):
            wkb = shapely.to_wkb(shapely.points(np.where(lost[:, None], 0, lnglat)))
            return [pa.array(wkb, pa.binary(), mask=lost)]
        return [pa.array(column, mask=lost) for column in lnglat.T]

    def _answers(
        self, lnglat: NDArray[np.float64], found: Located, index: ReleaseIndex
    ) -> Iterator[pa.Array]:
        layers = index.release.layers
        for level in self.wanted.levels:
            yield _taken(pa.array(layers[level].codes), found.rows[level])
        for level in self.wanted.levels if self.wanted.names else ():
            yield _taken(pa.array(layers[level].names), found.rows[level])
        relations = np.where(_outside(found), len(RELATIONS), found.relations).astype(np.int64)
        yield _taken(_RELATIONS, np.where(_lost(lnglat), -1, relations))
        finest = layers[index.release.levels[-1]]
        yield _others(finest, lnglat, found, index)


_WKB = {b"ARROW:extension:name": b"geoarrow.wkb"}


def _refuse_clash(source: Source, there: list[str], added: tuple[str, ...]) -> None:
    for name in added:
        if name in there:
            why = "an answer would have the same name; rename it, or give --prefix"
            raise TableColumnError(source.name, name, why)


def _taken(values: pa.Array, rows: Rows) -> pa.Array:
    return values.take(pa.array(rows, mask=rows < 0))


def _lost(lnglat: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(np.isnan(lnglat).any(axis=1))


def _outside(found: Located) -> NDArray[np.bool_]:
    return np.asarray(np.logical_and.reduce([rows < 0 for rows in found.rows.values()]))


def _others(
    finest: Layer, lnglat: NDArray[np.float64], found: Located, index: ReleaseIndex
) -> pa.Array:
    """Return the codes of the other finest areas of each position, with spaces; null for none."""
    shared = np.flatnonzero((found.relations != INSIDE) & (found.relations != GAP))
    if not len(shared):
        return pa.nulls(len(lnglat), pa.string())
    every, rows = index.layers[finest.level].covering(lnglat[shared])
    is_other = rows != found.rows[finest.level][shared[every]]
    counts = np.bincount(shared[every[is_other]], minlength=len(lnglat))
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(ends, pa.array(finest.codes[rows[is_other]]))
    return pc.if_else(
        pa.array(counts > 0), pc.binary_join(lists, " "), pa.scalar(None, pa.string())
    )


def _count(tally: Tally, chunk: Chunk, found: Located, index: ReleaseIndex) -> None:
    here = ~_lost(chunk.lnglat)
    outside = _outside(found) & here
    tally.rows += len(here)
    tally.located += int((found.rows[index.release.levels[-1]] >= 0).sum())
    tally.gaps += int(((found.relations == GAP) & here & ~outside).sum())
    tally.outside += int(outside.sum())
    west, south, east, north = index.release.bounds
    lat, lng = chunk.lnglat[outside].T  # on trial
    within = (lng >= west) & (lng <= east) & (lat >= south) & (lat <= north)
    tally.swapped += int(within.sum())
