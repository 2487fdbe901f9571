"""``gridmap``: the library on the command line. Files in, answers out; no server needed."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gridmap import geojson, read, topology
from gridmap.attribute import attribute
from gridmap.attribution import Attribution, Part
from gridmap.errors import GridmapError, MalformedGeometryError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import Place, place, point

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

Boundaries = Annotated[
    Path,
    typer.Option(
        "--boundaries", "-b", envvar="GRIDMAP_BOUNDARIES", help="the set's definition.toml"
    ),
]
Where = Annotated[str, typer.Argument(help="lng,lat, or a GeoJSON file, - for stdin")]
Crs = Annotated[str, typer.Option(help="EPSG:n, GCJ-02 or BD-09; never guessed")]
Accuracy = Annotated[float | None, typer.Option(help="95 % radius of a point in metres")]


@app.command()
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


@app.command()
def resolve(
    where: Where,
    *,
    crs: Crs,
    accuracy_m: Accuracy = None,
    boundaries: Boundaries,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Say whose a place is at every level, with shares and the distance to the border."""
    asked = _place(where, crs, accuracy_m)
    answer = attribute(asked, ReleaseIndex(read.release(boundaries)))
    if as_json:
        typer.echo(json.dumps(_document(answer), ensure_ascii=False, indent=2))
    else:
        Console().print(_table(answer))


@app.command(name="map")
def draw(
    where: Where,
    out: Annotated[Path, typer.Argument(help="the HTML file to write")],
    *,
    crs: Crs,
    accuracy_m: Accuracy = None,
    level: Annotated[Level, typer.Option(help="whose borders are drawn")] = Level.STREET,
    boundaries: Boundaries,
    leaflet: Annotated[
        Path, typer.Option(envvar="GRIDMAP_LEAFLET", help="folder with leaflet.js and leaflet.css")
    ],
) -> None:
    """Draw a place, its parts and the border it sits on: one file that needs no network."""
    # Here, not above: folium takes a second that the other commands do not need.
    from gridmap.render import place_map  # noqa: PLC0415

    index = ReleaseIndex(read.release(boundaries))
    answer = attribute(_place(where, crs, accuracy_m), index)
    place_map(answer, index, level=level, leaflet=leaflet).save(str(out))
    typer.echo(f"wrote {out}")


def _place(where: str, crs: str, accuracy_m: float | None) -> Place:
    numbers = where.split(",")
    if len(numbers) == 2 and all(_is_number(number) for number in numbers):  # noqa: PLR2004 - a pair
        return point(*(float(number) for number in numbers), crs=crs, accuracy_m=accuracy_m)
    return place(geojson.parse(_geometry(where)), crs=crs, accuracy_m=accuracy_m)


def _geometry(where: str) -> Any:
    """The one geometry of a GeoJSON file; more than one is refused, never the first taken."""
    try:
        raw = sys.stdin.read() if where == "-" else Path(where).read_text(encoding="utf-8")
        document = json.loads(raw)
    except (OSError, ValueError) as error:
        raise MalformedGeometryError(where=where, why=str(error)) from error
    if not isinstance(document, dict):
        raise MalformedGeometryError(where=where, why="it is not a GeoJSON object")
    features = document.get("features", [document])
    if not isinstance(features, list) or len(features) != 1 or not isinstance(features[0], dict):
        raise MalformedGeometryError(where=where, why="it does not hold exactly one feature")
    return features[0].get("geometry", features[0])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _table(answer: Attribution) -> Table:
    table = Table(
        "level", "relation", "area", "code", "part", "to the border", title=answer.release
    )
    for level in answer.levels:
        first: tuple[str, str] = (f"{level.level} ({level.basis})", level.relation)
        for part in level.parts:
            table.add_row(
                *first,
                part.area.name,
                part.area.code,
                _measured(part),
                f"{level.border_distance_m:,.1f} m",
            )
            first = ("", "")
        if not level.parts:
            table.add_row(*first, "-", "", "", f"{level.border_distance_m:,.1f} m")
    return table


def _measured(part: Part) -> str:
    if part.probability is not None:
        return f"P {part.probability:.2f}"
    if part.share is None:
        return ""
    size = f"{part.area_m2:,.1f} m²" if part.area_m2 is not None else f"{part.length_m:,.1f} m"
    return f"{part.share:.1%}, {size}"


def _document(answer: Attribution) -> dict[str, object]:
    return {
        "release": answer.release,
        "levels": [
            {
                "level": level.level,
                "basis": level.basis,
                "relation": level.relation,
                "border_distance_m": level.border_distance_m,
                "parts": [{**vars(part), "area": _fields(part.area)} for part in level.parts],
                "nearby": [
                    {"area": _fields(near.area), "distance_m": near.distance_m}
                    for near in level.nearby
                ],
            }
            for level in answer.levels
        ],
    }


def _fields(area: object) -> dict[str, object]:
    return {name: getattr(area, name) for name in ("level", "code", "name", "parent")}


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


def main() -> int:
    """Run the command line; what we can explain is explained in one paragraph."""
    try:
        app()
    except GridmapError as error:
        sys.stderr.write(f"gridmap: {error}\n")
        return 1
    return 0
