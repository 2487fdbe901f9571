"""``gridmap locate``: whose the points of a table are."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from gridmap import batch, gridfiles, stream
from gridmap.cli import boundaries
from gridmap.cli.options import Boundaries, Json
from gridmap.cli.progress import Bar, counting
from gridmap.columns import Wanted
from gridmap.errors import UnreadableTableError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.tables.table import STANDARD, Source
from gridmap.tally import Tally

_SHOWN = 60  # characters of a refused value

_BROKEN_PIPE = 141  # what a shell reports for a command whose reader has gone (128 + SIGPIPE)


def locate(
    table: Annotated[
        str, typer.Argument(help="CSV, TSV, Parquet, GeoPackage, ...; - for CSV from stdin")
    ],
    out: Annotated[str, typer.Argument(help="the suffix names the format; - for CSV to stdout")],
    *,
    boundaries_at: Boundaries,
    crs: Annotated[
        str | None,
        typer.Option(help="EPSG:n, GCJ-02 or BD-09; never guessed, but a file may state it"),
    ] = None,
    x: Annotated[
        str | None, typer.Option(help="column of longitude or easting", show_default="lng")
    ] = None,
    y: Annotated[
        str | None, typer.Option(help="column of latitude or northing", show_default="lat")
    ] = None,
    encoding: Annotated[str, typer.Option(help="of text: utf-8, utf-8-sig or gbk")] = "utf-8",
    delimiter: Annotated[
        str | None, typer.Option(help="of text", show_default="a comma; in .tsv a tab")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="of a GeoPackage with several")] = None,
    level: Annotated[
        Level | None, typer.Option(help="the finest level wanted", show_default="the finest")
    ] = None,
    all_levels: Annotated[bool, typer.Option("--all-levels", help="the city's code, too")] = False,
    names: Annotated[bool, typer.Option("--names", help="names beside the codes")] = False,
    prefix: Annotated[str, typer.Option(help="of the added columns")] = "",
    index: Annotated[
        Path | None,
        typer.Option(help="folder of saved indexes", show_default="the user's cache"),
    ] = None,
    refused: Annotated[
        Path | None, typer.Option(help="write refused rows with their reasons to this CSV")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="a Dask cluster for a folder, e.g. tcp://10.0.0.1:8786")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add to every point of a table whose it is: codes, relation, and what else claims it.

    Streams: memory does not grow with the table. Refused rows keep their place, without answers;
    exit 1 when there are any. The summary goes to stderr where the table goes to stdout. A folder
    of Parquet parts gives a folder of the same parts, here or on a cluster.
    """
    begun = time.perf_counter()
    release = stream.down_to(boundaries.release(boundaries_at), level)
    grids = index or gridfiles.cache_folder()
    ready = gridfiles.equip(ReleaseIndex(release), grids)
    index_s = time.perf_counter() - begun
    wanted = Wanted(_levels(release.levels, all_levels=all_levels), names, prefix)
    source = Source(table, crs, x, y, encoding, delimiter, layer)
    with counting("locating") as bar:
        if Path(table).is_dir():
            job = batch.Job.of(
                ready,
                boundaries=boundaries_at,
                level=level,
                grids=grids,
                source=source,
                wanted=wanted,
            )
            tally = batch.locate(
                job,
                Path(out),
                index=ready,
                scheduler=scheduler,
                refusals=refused,
                advance=bar.advance,
            )
        elif scheduler:
            raise UnreadableTableError(table, "a cluster takes a folder of .parquet files")
        else:
            tally = _one(source, out, ready, wanted, refused=refused, bar=bar)
    told = _document(tally, index_s) if as_json else _words(tally, refused)
    typer.echo(told, err=out == STANDARD)
    raise typer.Exit(1 if tally.refused else 0)


def _one(
    source: Source,
    out: str,
    index: ReleaseIndex,
    wanted: Wanted,
    *,
    refused: Path | None,
    bar: Bar,
) -> Tally:
    try:
        return stream.locate(
            source,
            out,
            index,
            wanted,
            refusals=str(refused) if refused else None,
            advance=bar.advance,
            opened=lambda opened: bar.expect(opened.total),
        )
    except BrokenPipeError:
        # Nobody reads on; at its end Python would flush once more, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_BROKEN_PIPE) from None


def _levels(levels: tuple[Level, ...], *, all_levels: bool) -> tuple[Level, ...]:
    """Return the levels whose codes are added, the finest first."""
    below = levels if all_levels or len(levels) == 1 else levels[1:]
    return below[::-1]


def _document(tally: Tally, index_s: float) -> str:
    return json.dumps(tally.as_dict() | {"index_s": index_s}, ensure_ascii=False, indent=2)


def _words(tally: Tally, refused: Path | None) -> str:
    counts = (
        f"{tally.rows:,} rows: {tally.located:,} located, {tally.gaps:,} in gaps, "
        f"{tally.outside:,} outside, {tally.refused:,} refused"
    )
    lines = [counts]
    if tally.swapped:
        lines.append(
            f"{tally.swapped:,} of those outside would be inside with x and y exchanged: "
            "longitude or easting comes first (--x, --y)"
        )
    for one in tally.shown:
        where = ", ".join(filter(None, (one.table, f"row {one.row}", one.column)))
        value = one.value if len(one.value) <= _SHOWN else f"{one.value[:_SHOWN]}..."
        lines.append(f"{where}: {value!r}: {one.why}")
    if tally.refused > len(tally.shown):
        where = f"see {refused}" if refused else "--refused FILE writes all"
        lines.append(f"... and {tally.refused - len(tally.shown):,} more rows; {where}")
    return "\n".join(lines)
