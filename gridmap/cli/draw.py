"""``gridmap map``: a place on a map that needs no network."""

from pathlib import Path
from typing import Annotated

import typer

from gridmap.attribute import attribute
from gridmap.cli import boundaries, places
from gridmap.cli.options import Accuracy, Boundaries, Crs, Leaflet, Where
from gridmap.level import Level
from gridmap.locate import ReleaseIndex


def draw(
    where: Where,
    out: Annotated[Path, typer.Argument(help="the HTML file to write")],
    *,
    crs: Crs,
    accuracy_m: Accuracy = None,
    level: Annotated[Level, typer.Option(help="whose borders are drawn")] = Level.STREET,
    boundaries_at: Boundaries,
    leaflet: Leaflet,
) -> None:
    """Draw a place, its parts and the border it sits on: one file that needs no network."""
    # Here, not above: folium takes a second that the other commands do not need.
    from gridmap.render.place import place_map  # noqa: PLC0415

    index = ReleaseIndex(boundaries.release(boundaries_at))
    answer = attribute(places.given(where, crs, accuracy_m), index)
    place_map(answer, index, level=level, leaflet=leaflet).save(str(out))
    typer.echo(f"wrote {out}")
