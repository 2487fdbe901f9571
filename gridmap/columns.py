"""The answers for a chunk of a table, as columns beside those it has."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gridmap.boundary import Release
from gridmap.level import Level
from gridmap.locate import Located, ReleaseIndex, Rows
from gridmap.relation import GAP, INSIDE, RELATIONS
from gridmap.tables.table import Chunk, Floats, Refused, Source, Table
from gridmap.tables.target import Target, lost_rows
from gridmap.tally import Tally

OUTSIDE = "outside"  # no level has an area there
_RELATIONS = pa.array([*(str(one) for one in RELATIONS), OUTSIDE])

Answered = tuple[pa.RecordBatch, tuple[Refused, ...]]


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
    target: Target

    @staticmethod
    def of(
        table: Table, source: Source, path: str, index: ReleaseIndex, wanted: Wanted
    ) -> "Answers":
        """Decide the columns of a target at ``path``.

        Raises
        ------
        TableColumnError, UnwritableTableError
            See `Target.of`.
        """
        fields = [pa.field(name, pa.string()) for name in wanted.columns]
        target = Target.of(table, source, path, fields)
        return Answers(index, tuple(wanted.texts(index.release)), target)

    def batch(self, chunk: Chunk, tally: Tally) -> Answered:
        """Return the kept columns of a chunk and its answers, and count them."""
        found = self.index.located(chunk.lnglat)
        _count(tally, chunk.lnglat, found, self.index.release)
        return self.target.batch(chunk, self._answers(chunk.lnglat, found)), chunk.refused

    def _answers(self, lnglat: Floats, found: Located) -> Iterator[pa.Array]:
        for level, texts in self.texts:
            yield _taken(texts, found.rows[level])
        relations = np.where(_outside(found), len(RELATIONS), found.relations).astype(np.int64)
        yield _taken(_RELATIONS, np.where(lost_rows(lnglat), -1, relations))
        yield _others(lnglat, found, self.index)


def _taken(values: pa.Array, rows: Rows) -> pa.Array:
    return values.take(pa.array(rows, mask=rows < 0))


def _outside(found: Located) -> NDArray[np.bool_]:
    return np.asarray(np.logical_and.reduce([rows < 0 for rows in found.rows.values()]))


def _others(lnglat: Floats, found: Located, index: ReleaseIndex) -> pa.Array:
    """Return the codes of the other areas of each position, with spaces; null for none.

    They are of the level that answers: in a gap of the finest one a line of a coarser level counts.
    """
    shared = np.flatnonzero((found.relations != INSIDE) & ~_outside(found))
    every = index.covering(lnglat[shared])
    is_other = np.diff(every.positions, prepend=-1) == 0  # the first of each is told already
    codes = _finest_codes(every, index.release)[is_other]
    counts = np.bincount(shared[every.positions[is_other]], minlength=len(lnglat))
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(ends, pa.array(codes, pa.string()))
    return pc.if_else(
        pa.array(counts > 0), pc.binary_join(lists, " "), pa.scalar(None, pa.string())
    )


def _finest_codes(found: Located, release: Release) -> NDArray[np.object_]:
    """Return the code of each answer's finest area."""
    codes = np.full(len(found.positions), None, dtype=object)
    for level in release.levels:  # the finer ones are written later
        rows = found.rows[level]
        codes[rows >= 0] = release.layers[level].codes[rows[rows >= 0]]
    return codes


def _count(tally: Tally, lnglat: Floats, found: Located, release: Release) -> None:
    here = ~lost_rows(lnglat)
    outside = _outside(found) & here
    tally.rows += len(here)
    tally.located += int((found.rows[release.levels[-1]] >= 0).sum())
    tally.gaps += int(((found.relations == GAP) & here & ~outside).sum())
    tally.outside += int(outside.sum())
    west, south, east, north = release.bounds
    lat, lng = lnglat[outside].T  # on trial
    within = (lng >= west) & (lng <= east) & (lat >= south) & (lat <= north)
    tally.swapped += int(within.sum())
