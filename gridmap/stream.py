"""Answer for a table, chunk by chunk: columns in, the same columns and the answers out."""

import csv
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO

import pyarrow as pa

from gridmap.boundary import Release
from gridmap.columns import Answers, Wanted
from gridmap.errors import NoLevelError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.share_columns import Asked, ShareAnswers
from gridmap.tables import reading, sink
from gridmap.tables.beside import beside, refuse_same
from gridmap.tables.table import Chunk, Refused, Source, Table
from gridmap.tables.target import Target
from gridmap.tally import Tally


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


class Made(Protocol):
    """What a target holds: its columns, and its batches from the chunks of a table."""

    @property
    def target(self) -> Target: ...

    def batch(
        self, chunk: Chunk, tally: Tally, /
    ) -> tuple[pa.RecordBatch, tuple[Refused, ...]]: ...


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

    See Also
    --------
    resolve : shares, probabilities and distances, for lines and footprints too.
    """

    def made(table: Table) -> Answers:
        return Answers.of(table, source, target, index, wanted)

    return _run(source, target, made, refusals=refusals, advance=advance, opened=opened)


def resolve(
    source: Source,
    target: str,
    index: ReleaseIndex,
    asked: Asked,
    *,
    refusals: str | None = None,
    advance: Callable[[int], None] = lambda _: None,
    opened: Callable[[Table], None] = lambda _: None,
) -> Tally:
    """Add to a table of places what `gridmap.resolve` says of them, like `locate` chunk by chunk.

    Raises
    ------
    TableError, CrsError
        What is wrong with a file, or with what was declared; nothing was written.
    """

    def made(table: Table) -> ShareAnswers:
        return ShareAnswers.of(table, source, target, index, asked)

    return _run(source, target, made, refusals=refusals, advance=advance, opened=opened)


def _run(
    source: Source,
    target: str,
    made_of: Callable[[Table], Made],
    *,
    refusals: str | None,
    advance: Callable[[int], None],
    opened: Callable[[Table], None],
) -> Tally:
    refuse_same(source.path, target, refusals)
    tally = Tally()
    started = time.perf_counter()
    name = Path(source.path).name
    with reading.opened(source) as table, _refusals(refusals, name) as note:
        opened(table)
        made = made_of(table)

        def batches() -> Iterator[pa.RecordBatch]:
            for chunk in _timed(table.chunks, tally):
                begun = time.perf_counter()
                batch, refused = made.batch(chunk, tally)
                tally.refuse(refused, table=name)
                note(refused)
                advance(len(batch))
                tally.locate_s += time.perf_counter() - begun
                yield batch

        sink.write(
            target, made.target.schema, batches(), geometry=made.target.geometry, source=source
        )
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
