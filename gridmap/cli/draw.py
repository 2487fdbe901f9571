"""``gridmap map``: places on a map that needs no network."""

import json
from pathlib import Path
from typing import Annotated

import geopandas
import numpy as np
import typer

from gridmap import frame
from gridmap.attribute import attribute
from gridmap.cli import boundaries, places
from gridmap.cli.options import (
    LEVEL,
    LEVELS,
    Accuracy,
    Boundaries,
    Delimiter,
    Json,
    Leaflet,
    TableCrs,
    TableLayer,
    TextCodec,
    X,
    Y,
)
from gridmap.errors import TooManyPlacesError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.share_columns import Shapes
from gridmap.tables import reading
from gridmap.tables.table import Source

# More make a page that no browser likes, and that nobody reads.
MOST = 5_000


def draw(
    where: Annotated[
        str,
        typer.Argument(
            metavar="WHERE",
            help="one place: lng,lat, or a GeoJSON file with one feature (- for stdin); or a "
            "table of some thousand points, lines and footprints: CSV, GeoPackage, ...",
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the HTML file to write")],
    *,
    crs: TableCrs = None,
    accuracy_m: Accuracy = None,
    level: Annotated[
        Level, typer.Option(metavar=LEVEL, help=f"whose borders are drawn: {LEVELS}")
    ] = Level.STREET,
    x: X = None,
    y: Y = None,
    encoding: TextCodec = "utf-8",
    delimiter: Delimiter = None,
    layer: TableLayer = None,
    boundaries_at: Boundaries,
    leaflet: Leaflet,
    as_json: Json = False,
) -> None:
    """Draw places and the borders they sit on: one file that needs no network.

    One place is drawn with its parts and their sizes; the places of a table by how they lie to
    the borders, each saying whose it is. Exit 1 when some of a table have a problem.
    """
    # Here, not above: folium takes a second that the other commands do not need.
    from gridmap.render import frame_map, place_map  # noqa: PLC0415

    index = ReleaseIndex(boundaries.release(boundaries_at))
    if not places.is_table(where):
        answer = attribute(places.given(where, crs, accuracy_m), index)
        place_map(answer, index, level=level, leaflet=leaflet).save(str(out))
        typer.echo(json.dumps({"out": str(out)}) if as_json else f"wrote {out}")
        return
    given, shapes_crs = _frame(Source(where, crs, x, y, encoding, delimiter, layer))
    found = frame.resolve(given, index, crs=shapes_crs, accuracy_m=accuracy_m, levels=[level])
    frame_map(found, index, crs=shapes_crs, level=level, leaflet=leaflet).save(str(out))
    bad = int(found["problem"].notna().sum())
    _tell(found, out, bad, as_json=as_json)
    raise typer.Exit(1 if bad else 0)


def _tell(found: geopandas.GeoDataFrame, out: Path, bad: int, *, as_json: bool) -> None:
    problems = found["problem"].dropna()
    if as_json:
        told = {str(row): problem for row, problem in problems.items()}
        document = {"out": str(out), "places": len(found) - bad, "problems": told}
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    typer.echo(f"wrote {out}: {len(found) - bad} places" + (f", {bad} not drawn" if bad else ""))
    for row, problem in problems.head().items():
        typer.echo(f"row {row}: {problem}", err=True)


def _frame(source: Source) -> tuple[geopandas.GeoDataFrame, str]:
    """Return the places of a table, numbered by row, and their CRS."""
    with reading.opened(source) as table:
        shapes = Shapes.of_table(table, source)
        found = [np.empty(0, dtype=object)]
        for chunk in table.chunks:
            found.append(shapes.of(chunk))
            if sum(len(some) for some in found) > MOST:
                raise TooManyPlacesError(path=source.name, limit=MOST)
    geometry = np.concatenate(found)
    return geopandas.GeoDataFrame(geometry=geometry, index=np.arange(1, len(geometry) + 1)), (
        shapes.crs
    )
