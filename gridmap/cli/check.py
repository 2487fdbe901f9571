"""``gridmap check``: what is wrong with the lines of a release."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gridmap import geojson, read, topology


def check(
    definition: Annotated[Path, typer.Argument(help="a boundary set's definition.toml")],
    *,
    as_geojson: Annotated[
        Path | None, typer.Option("--geojson", help="write the findings with their ground here")
    ] = None,
) -> None:
    """Look for overlaps, gaps, orphans and children outside parents; exit 1 when there are any."""
    release = read.release(definition)
    findings = topology.check(release)
    for finding in findings:
        typer.echo(f"{finding.kind}: {finding}")
    areas = sum(len(layer) for layer in release.layers.values())
    typer.echo(f"{release.id}: {areas} areas, {len(findings)} findings")
    if as_geojson:
        as_geojson.write_text(_findings(findings), encoding="utf-8")
    raise typer.Exit(1 if findings else 0)


def _findings(findings: tuple[topology.Finding, ...]) -> str:
    features = [
        {
            "type": "Feature",
            "geometry": geojson.dump(finding.geometry),
            "properties": {
                "kind": finding.kind,
                "level": finding.level,
                "codes": list(finding.codes),
                "size_m2": finding.size_m2,
                "message": str(finding),
            },
        }
        for finding in findings
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
