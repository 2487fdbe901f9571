"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Boundaries = Annotated[
    Path,
    typer.Option(
        "--boundaries", "-b", envvar="GRIDMAP_BOUNDARIES", help="the set's definition.toml"
    ),
]
Where = Annotated[str, typer.Argument(help="lng,lat, or a GeoJSON file, - for stdin")]
Crs = Annotated[str, typer.Option(help="EPSG:n, GCJ-02 or BD-09; never guessed")]
Accuracy = Annotated[float | None, typer.Option(help="95 % radius of a point in metres")]
Json = Annotated[bool, typer.Option("--json", help="machine-readable")]
Leaflet = Annotated[
    Path, typer.Option(envvar="GRIDMAP_LEAFLET", help="folder with leaflet.js and leaflet.css")
]
