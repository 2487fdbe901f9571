"""``gridmap locate``: whose the points of a table are."""

import time
from pathlib import Path
from typing import Annotated

import typer

from gridmap import batch, gridfiles, stream
from gridmap.cli import boundaries, tabling
from gridmap.cli.options import (
    LEVEL,
    LEVELS,
    Boundaries,
    Delimiter,
    Json,
    Prefix,
    Refusals,
    TableCrs,
    TableLayer,
    TextCodec,
    X,
    Y,
)
from gridmap.cli.progress import counting
from gridmap.columns import Wanted
from gridmap.errors import UnreadableTableError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.tables.table import Source


def locate(
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help="points: CSV, TSV, Parquet, GeoPackage, ..., or a folder of Parquet parts; - for "
            "CSV from stdin",
        ),
    ],
    out: Annotated[
        str,
        typer.Argument(
            metavar="OUT",
            help="the table with the answers; the suffix names the format, - is CSV on stdout",
        ),
    ],
    *,
    boundaries_at: Boundaries,
    crs: TableCrs = None,
    x: X = None,
    y: Y = None,
    encoding: TextCodec = "utf-8",
    delimiter: Delimiter = None,
    layer: TableLayer = None,
    level: Annotated[
        Level | None,
        typer.Option(
            metavar=LEVEL,
            help=f"the finest level wanted: {LEVELS}",
            show_default="the finest that there is",
        ),
    ] = None,
    all_levels: Annotated[
        bool,
        typer.Option("--all-levels", help="add the code of the coarsest level (the city), too"),
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="add names beside the codes")] = False,
    prefix: Prefix = "",
    index: Annotated[
        Path | None,
        typer.Option(help="folder in which indexes are saved", show_default="the user's cache"),
    ] = None,
    refused: Refusals = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="locate a folder on a Dask cluster, e.g. tcp://10.0.0.1:8786"
        ),
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
            with tabling.unread():
                tally = stream.locate(
                    source,
                    out,
                    ready,
                    wanted,
                    refusals=str(refused) if refused else None,
                    advance=bar.advance,
                    opened=lambda opened: bar.expect(opened.total),
                )
    tabling.tell(tally, out, refused=refused, index_s=index_s, as_json=as_json)


def _levels(levels: tuple[Level, ...], *, all_levels: bool) -> tuple[Level, ...]:
    """Return the levels whose codes are added, the finest first."""
    below = levels if all_levels or len(levels) == 1 else levels[1:]
    return below[::-1]
