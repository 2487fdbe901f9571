"""``gridmap diff``: what changed between two releases, and which incidents change hands."""

import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from gridmap import geojson, hands
from gridmap.boundary import Release
from gridmap.cli import boundaries, report, tabling
from gridmap.cli.options import (
    CodeColumn,
    Delimiter,
    Encoding,
    FileCrs,
    FileLayer,
    FileLevel,
    Incidents,
    IncidentsCodec,
    IncidentsCrs,
    IncidentsLayer,
    Json,
    LargestMb,
    NameColumn,
    ParentColumn,
    Parents,
    X,
    Y,
    boundary_set,
)
from gridmap.cli.progress import working
from gridmap.difference import SMALLEST_M2, Change, Kind, difference
from gridmap.level import Level, ParentsBy
from gridmap.tables import reading
from gridmap.tables.table import Points, Source

SHOWN = 50


def diff(
    old: Annotated[Path, boundary_set("OLD", "the release before: ")],
    new: Annotated[Path, boundary_set("NEW", "the release after it: ")],
    *,
    smallest_m2: Annotated[
        float, typer.Option(min=0.0, metavar="M2", help="ground below this is not told as moved")
    ] = SMALLEST_M2,
    incidents: Incidents = None,
    incidents_crs: IncidentsCrs = None,
    x: X = None,
    y: Y = None,
    incidents_encoding: IncidentsCodec = "utf-8",
    delimiter: Delimiter = None,
    incidents_layer: IncidentsLayer = None,
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
    """Compare two releases: areas, names, parents, borders; exit 1 when they differ.

    With --incidents also which of them belong to another area in the new release.
    """
    report.refuse_unwritable(as_geojson)
    options = boundaries.Options(
        crs, level, code, name, parent, parents, layer, encoding, largest_mb
    )
    with working("reading and comparing"):
        before, after = boundaries.releases((old, new), options)
        changes = _changes(before, after, smallest_m2=smallest_m2)
    given = None
    if incidents:
        source = Source(
            incidents,
            incidents_crs,
            x,
            y,
            incidents_encoding,
            delimiter,
            incidents_layer,
            options="--incidents-",
        )
        given = reading.points(source)
    moved = None if given is None else _numbered(hands.changed(before, after, given.lnglat))
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
    differ = changes or before.levels != after.levels or (given is not None and given.refused)
    raise typer.Exit(1 if differ else 0)


def _changes(before: Release, after: Release, *, smallest_m2: float) -> tuple[Change, ...]:
    """Return the changes of the levels that both have; another level has nothing to compare with.

    Nor have the parents of the coarsest of them.
    """
    common = [level for level in before.levels if level in after.layers]
    if not common:
        return ()
    old, new = (
        replace(one, layers={level: one.layers[level] for level in common})
        for one in (before, after)
    )
    return tuple(
        change
        for change in difference(old, new, smallest_m2=smallest_m2)
        if not (change.kind is Kind.REPARENTED and change.level is common[0])
    )


def _lonely(one: Release, other: Release) -> list[Level]:
    return [level for level in one.levels if level not in other.layers]


def _print(before: Release, after: Release, changes: tuple[Change, ...]) -> None:
    for change in changes[:SHOWN]:
        typer.echo(f"{change.kind}: {change}")
    if len(changes) > SHOWN:
        typer.echo(f"... and {len(changes) - SHOWN} more; --json or --geojson FILE has all")
    if changes:
        Console().print(_table(changes))
    for one, other in ((before, after), (after, before)):
        if levels := _lonely(one, other):
            typer.echo(f"only in {one.id}, not compared: {', '.join(levels)}")
    typer.echo(f"{before.id} to {after.id}: {len(changes)} changes")


def _table(changes: tuple[Change, ...]) -> Table:
    table = Table("level", "change", "how many", "ground")
    for (level, kind), count in Counter((one.level, one.kind) for one in changes).items():
        size_m2 = sum(one.moved_m2 for one in changes if (one.level, one.kind) == (level, kind))
        table.add_row(level, kind, str(count), f"{size_m2:,.1f} m²" if size_m2 else "")
    return table


def _numbered(moved: pd.DataFrame) -> pd.DataFrame:
    """Return the incidents with the numbers of their rows, as refused ones have: from 1."""
    return moved.rename(columns={"position": "row"}).assign(row=moved["position"] + 1)


def _print_incidents(given: Points, moved: pd.DataFrame) -> None:
    for one in moved.head(SHOWN).itertuples():
        before, after = one.before or "no area", one.after or "no area"
        typer.echo(f"incident in row {one.row}: {one.level} {before} to {after}")
    if len(moved) > SHOWN:
        typer.echo(f"... and {len(moved) - SHOWN} more; --json has all")
    for line in tabling.refusals(given.refused):
        typer.echo(line)
    count = moved["row"].nunique()
    typer.echo(
        f"{len(given.lnglat):,} incidents: {count:,} change hands, {len(given.refused):,} refused"
    )


def _document(
    before: Release,
    after: Release,
    changes: tuple[Change, ...],
    given: Points | None,
    moved: pd.DataFrame | None,
) -> dict[str, object]:
    document: dict[str, object] = {
        "old": before.id,
        "new": after.id,
        "only_old": _lonely(before, after),
        "only_new": _lonely(after, before),
        "changes": [one.as_dict() for one in changes],
    }
    if given is not None and moved is not None:
        document["incidents"] = {
            "count": len(given.lnglat),
            "refused": [asdict(one) for one in given.refused],
            "changed": moved.to_dict("records"),
        }
    return document
