"""``gridmap diff``: what changed between two releases, and which incidents change hands."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from gridmap import geojson, hands
from gridmap.boundary import Release
from gridmap.cli import boundaries, incidents, report
from gridmap.cli.incidents import Incidents
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
)
from gridmap.difference import SMALLEST_M2, Change, difference
from gridmap.level import ParentsBy

SHOWN = 50
_INCIDENTS = "Incidents"


def diff(
    old: Set,
    new: Set,
    *,
    smallest_m2: Annotated[
        float, typer.Option(min=0.0, help="ground below this is not told as moved")
    ] = SMALLEST_M2,
    incidents_at: Annotated[
        Path | None,
        typer.Option("--incidents", help="CSV, or a file of points", rich_help_panel=_INCIDENTS),
    ] = None,
    x: Annotated[
        str, typer.Option(help="column of the longitude or easting", rich_help_panel=_INCIDENTS)
    ] = "lng",
    y: Annotated[
        str, typer.Option(help="column of the latitude or northing", rich_help_panel=_INCIDENTS)
    ] = "lat",
    incidents_crs: Annotated[
        str | None,
        typer.Option(help="EPSG:n, GCJ-02 or BD-09; never guessed", rich_help_panel=_INCIDENTS),
    ] = None,
    as_json: Json = False,
    as_geojson: Annotated[
        Path | None, typer.Option("--geojson", help="write the changes with their ground here")
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
    """Compare two releases: areas, names, parents, borders; exit 1 when they differ.

    With --incidents also which of them belong to another area in the new release.
    """
    options = boundaries.Options(
        crs, level, code, name, parent, parents, layer, encoding, largest_mb
    )
    before, after = boundaries.releases((old, new), options)
    changes = difference(before, after, smallest_m2=smallest_m2)
    given = None
    if incidents_at:
        given = incidents.read(incidents_at, x=x, y=y, crs=incidents_crs)
    moved = hands.changed(before, after, given.lnglat) if given else None
    if as_geojson:
        report.save(
            as_geojson, geojson.collection((one.geometry, one.as_dict()) for one in changes)
        )
    if as_json:
        document = _document(before, after, changes, given, moved)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(before, after, changes)
        if given is not None and moved is not None:
            _print_incidents(given, moved)
    differ = changes or (given is not None and len(given.refused))
    raise typer.Exit(1 if differ else 0)


def _print(before: Release, after: Release, changes: tuple[Change, ...]) -> None:
    for change in changes[:SHOWN]:
        typer.echo(f"{change.kind}: {change}")
    if len(changes) > SHOWN:
        typer.echo(f"... and {len(changes) - SHOWN} more; --json or --geojson FILE has all")
    if changes:
        Console().print(_table(changes))
    typer.echo(f"{before.id} to {after.id}: {len(changes)} changes")


def _table(changes: tuple[Change, ...]) -> Table:
    table = Table("level", "change", "how many", "ground")
    for (level, kind), count in Counter((one.level, one.kind) for one in changes).items():
        size_m2 = sum(one.moved_m2 for one in changes if (one.level, one.kind) == (level, kind))
        table.add_row(level, kind, str(count), f"{size_m2:,.1f} m²" if size_m2 else "")
    return table


def _print_incidents(given: Incidents, moved: pd.DataFrame) -> None:
    for row in moved.head(SHOWN).itertuples():
        before, after = row.before or "no area", row.after or "no area"
        typer.echo(f"incident {row.position}: {row.level} {before} to {after}")
    if len(moved) > SHOWN:
        typer.echo(f"... and {len(moved) - SHOWN} more; --json has all")
    if len(given.refused):
        rows = ", ".join(str(row) for row in given.refused[:5])
        typer.echo(f"{len(given.refused)} rows have no position (rows {rows} ...)", err=True)
    count = moved["position"].nunique()
    typer.echo(f"{count} of {len(given.lnglat)} incidents change hands")


def _document(
    before: Release,
    after: Release,
    changes: tuple[Change, ...],
    given: Incidents | None,
    moved: pd.DataFrame | None,
) -> dict[str, object]:
    document: dict[str, object] = {
        "old": before.id,
        "new": after.id,
        "changes": [one.as_dict() for one in changes],
    }
    if given is not None and moved is not None:
        document["incidents"] = {
            "count": len(given.lnglat),
            "refused": given.refused.tolist(),
            "changed": moved.to_dict("records"),
        }
    return document
