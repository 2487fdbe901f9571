"""``gridmap repair``: what is narrow or only a matter of drawing put right, each change told."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gridmap import findings as told
from gridmap import geojson, topology, write
from gridmap import repair as repairing
from gridmap.cli import boundaries, report
from gridmap.cli.options import (
    CodeColumn,
    Encoding,
    FileCrs,
    FileLayer,
    FileLevel,
    Json,
    LargestMb,
    NameColumn,
    ParentColumn,
    Parents,
    Set,
    SetFormat,
    TableEncoding,
)
from gridmap.cli.progress import working
from gridmap.formats import Format, TextEncoding
from gridmap.level import ParentsBy
from gridmap.repair import Repair

SHOWN = 50


def repair(
    boundaries_at: Set,
    out: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUT", help="a new folder for the repaired set; without it, a dry run"
        ),
    ] = None,
    *,
    width_m: Annotated[
        float, typer.Option(min=0.0, metavar="METRES", help="ground that is wider is never moved")
    ] = topology.SLIVER_WIDTH_M,
    to: SetFormat = Format.GEOPARQUET,
    text_encoding: TableEncoding = TextEncoding.UTF_8,
    as_json: Json = False,
    as_geojson: Annotated[
        Path | None,
        typer.Option("--geojson", help="write the changes with their ground to this file"),
    ] = None,
    crs: FileCrs = None,
    level: FileLevel = None,
    code: CodeColumn = "code",
    name: NameColumn = "name",
    parent: ParentColumn = None,
    parents: Parents = ParentsBy.CODE,
    layer: FileLayer = None,
    encoding: Encoding = None,
    largest_mb: LargestMb = boundaries.LARGEST_MB,
) -> None:
    """Close narrow gaps and overlaps, mend outlines, match lines; say every change.

    Without OUT nothing is written. Codes, parents and wide ground are for people to decide:
    they are told as left. Exit 1 when something is left, or, in a dry run, to be changed.
    """
    report.refuse_unwritable(as_geojson)
    if out:
        write.refuse_present(out)
    options = boundaries.Options(
        crs, level, code, name, parent, parents, layer, encoding, largest_mb
    )
    with working("reading and repairing"):
        done = repairing.repair(boundaries.draft(boundaries_at, options), width_m=width_m)
    if out:
        write.release(done.draft, out, format=to, encoding=text_encoding)
    if as_geojson:
        report.save(
            as_geojson, geojson.collection((one.geometry, one.as_dict()) for one in done.changes)
        )
    if as_json:
        typer.echo(json.dumps(_document(done), ensure_ascii=False, indent=2))
    else:
        _print(done, out)
    raise typer.Exit(1 if done.left or (done.changes and not out) else 0)


def _print(done: Repair, out: Path | None) -> None:
    for change in done.changes[:SHOWN]:
        typer.echo(f"{change.kind}: {change}")
    if len(done.changes) > SHOWN:
        typer.echo(f"... and {len(done.changes) - SHOWN} more; --json has all of them")
    for heading, count in told.counts(done.left).items():
        typer.echo(f"left: {heading}: {count}")
    moved_m2 = sum(one.moved_m2 for one in done.changes)
    where = f"wrote {done.draft.id} to {out}" if out else "nothing was written: name a folder"
    typer.echo(
        f"{len(done.changes)} changes, {moved_m2:,.1f} m² moved, {len(done.left)} findings left; "
        f"{where}"
    )


def _document(done: Repair) -> dict[str, object]:
    return {
        "release": done.draft.id,
        "changes": [one.as_dict() for one in done.changes],
        "left": [one.as_dict() for one in done.left],
    }
