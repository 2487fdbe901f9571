"""``gridmap check``: what is wrong with the codes and lines of boundaries."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridmap import findings as told
from gridmap import topology
from gridmap.boundary import Draft
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
)
from gridmap.cli.progress import working
from gridmap.findings import Finding, Kind, Severity
from gridmap.level import ParentsBy

# A person reads some, and then wants the map or the file.
SHOWN = 20


def check(
    boundaries_at: Set,
    *,
    as_json: Json = False,
    as_geojson: Annotated[
        Path | None,
        typer.Option("--geojson", help="write the findings with their ground to this file"),
    ] = None,
    as_map: Annotated[
        Path | None,
        typer.Option("--map", help="draw the findings into this HTML file; needs --leaflet"),
    ] = None,
    leaflet: Annotated[
        Path | None,
        typer.Option(envvar="GRIDMAP_LEAFLET", help="folder with leaflet.js and leaflet.css"),
    ] = None,
    sliver_width_m: Annotated[
        float,
        typer.Option(
            min=0.0, metavar="METRES", help="gaps and overlaps that are narrower are slivers"
        ),
    ] = topology.SLIVER_WIDTH_M,
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
    """Look for gaps, overlaps, wrong codes and parents; exit 1 when something is wrong.

    Exclaves are told as information and are no fault. Nothing is changed: see `gridmap repair`.
    """
    report.refuse_unwritable(as_geojson, as_map)
    if as_map and leaflet is None:
        raise typer.BadParameter("--map needs Leaflet: --leaflet FOLDER, or GRIDMAP_LEAFLET")
    options = boundaries.Options(
        crs, level, code, name, parent, parents, layer, encoding, largest_mb
    )
    with working("reading and checking"):
        draft = boundaries.draft(boundaries_at, options)
        findings = topology.check(draft, sliver_width_m=sliver_width_m)
    if as_geojson:
        report.save(as_geojson, told.feature_collection(findings))
    if as_map and leaflet:
        _draw(draft, findings, as_map, leaflet)
    if as_json:
        typer.echo(json.dumps(_document(draft, findings), ensure_ascii=False, indent=2))
    else:
        _print(draft, findings, complete=as_geojson is not None)
    raise typer.Exit(1 if topology.faults(findings) else 0)


def _print(draft: Draft, findings: tuple[Finding, ...], *, complete: bool) -> None:
    areas = sum(len(layer) for layer in draft.layers.values())
    wrong = len(topology.faults(findings))
    gravest_first = sorted(findings, key=lambda one: list(Severity).index(one.severity))
    for finding in gravest_first[:SHOWN]:
        typer.echo(f"{finding.severity}: {finding.heading}: {finding}")
    if len(findings) > SHOWN:
        where = "" if complete else "; --geojson FILE or --json has all of them"
        typer.echo(f"... and {len(findings) - SHOWN} more{where}")
    if findings:
        Console().print(_table(findings))
        for advice in _advice(findings):
            typer.echo(advice)
    remarks = f", and {len(findings) - wrong} for information" if len(findings) > wrong else ""
    typer.echo(f"{draft.id}: {areas} areas, {wrong} findings{remarks}")


def _table(findings: tuple[Finding, ...]) -> Table:
    table = Table("kind", "severity", "how many", "ground")
    for heading, count in told.counts(findings).items():
        of_kind = [one for one in findings if one.heading == heading]
        size_m2 = sum(one.size_m2 for one in of_kind)
        ground = f"{size_m2:,.1f} m²" if size_m2 else ""
        table.add_row(heading, of_kind[0].severity, str(count), ground)
    return table


def _advice(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Yield what to do about each kind; kinds with the same remedy share a line."""
    kinds = [kind for kind in Kind if any(one.kind is kind for one in findings)]
    for advice in dict.fromkeys(told.ADVICE[kind] for kind in kinds):
        yield f"{', '.join(kind for kind in kinds if told.ADVICE[kind] == advice)}: {advice}"


def _draw(draft: Draft, findings: tuple[Finding, ...], out: Path, leaflet: Path) -> None:
    # Here, not above: folium takes a second that a check without a map does not need.
    from gridmap.render.findings import findings_map  # noqa: PLC0415

    sheet = findings_map(draft, findings, leaflet=leaflet)
    report.save(out, sheet.get_root().render())


def _document(draft: Draft, findings: tuple[Finding, ...]) -> dict[str, object]:
    return {
        "release": draft.id,
        "areas": {str(level): len(layer) for level, layer in draft.layers.items()},
        "counts": told.counts(findings),
        "findings": [one.as_dict() for one in findings],
    }
