"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from gridmap.formats import TextEncoding
from gridmap.level import Level, ParentsBy

_SET = (
    "a definition.toml, a folder with one, a boundary file, or a folder of files named by level "
    "(street.gpkg)"
)

Boundaries = Annotated[
    Path, typer.Option("--boundaries", "-b", envvar="GRIDMAP_BOUNDARIES", help=_SET)
]
Where = Annotated[str, typer.Argument(help="lng,lat, or a GeoJSON file, - for stdin")]
Crs = Annotated[str, typer.Option(help="EPSG:n, GCJ-02 or BD-09; never guessed")]
Accuracy = Annotated[float | None, typer.Option(help="95 % radius of a point in metres")]
Json = Annotated[bool, typer.Option("--json", help="machine-readable")]
Leaflet = Annotated[
    Path, typer.Option(envvar="GRIDMAP_LEAFLET", help="folder with leaflet.js and leaflet.css")
]

# --- boundary files without a definition ------------------------------------------------------

_BARE = "Boundary files without a definition"

Set = Annotated[
    Path,
    typer.Argument(metavar="BOUNDARIES", help=_SET),
]
FileCrs = Annotated[
    str | None,
    typer.Option("--crs", help="where the file states none; never guessed", rich_help_panel=_BARE),
]
FileLevel = Annotated[
    Level | None,
    typer.Option(
        "--level", help="of all rows; else layers, column or codes tell", rich_help_panel=_BARE
    ),
]
CodeColumn = Annotated[
    str, typer.Option("--code", help="column with the codes", rich_help_panel=_BARE)
]
NameColumn = Annotated[
    str, typer.Option("--name", help="column with the names", rich_help_panel=_BARE)
]
ParentColumn = Annotated[
    str | None,
    typer.Option("--parent", help="column with the parents' codes", rich_help_panel=_BARE),
]
Parents = Annotated[
    ParentsBy,
    typer.Option(help="how parents are told without a column", rich_help_panel=_BARE),
]
FileLayer = Annotated[
    str | None,
    typer.Option("--layer", help="of a file that has several", rich_help_panel=_BARE),
]
Encoding = Annotated[
    str | None,
    typer.Option(help="of a Shapefile without .cpg, for example GBK", rich_help_panel=_BARE),
]
LargestMb = Annotated[
    float, typer.Option(min=0.0, help="refuse larger files before they are opened")
]
TableEncoding = Annotated[
    TextEncoding, typer.Option("--text-encoding", help="of a Shapefile's table")
]

# --- tables of points or places -----------------------------------------------------------------

TableCrs = Annotated[
    str | None,
    typer.Option("--crs", help="EPSG:n, GCJ-02 or BD-09; never guessed, but a file may state it"),
]
X = Annotated[
    str | None, typer.Option("--x", help="column of longitude or easting", show_default="lng")
]
Y = Annotated[
    str | None, typer.Option("--y", help="column of latitude or northing", show_default="lat")
]
TextCodec = Annotated[str, typer.Option("--encoding", help="of text: utf-8, utf-8-sig or gbk")]
Delimiter = Annotated[
    str | None, typer.Option(help="of text", show_default="a comma; in .tsv a tab")
]
TableLayer = Annotated[str | None, typer.Option("--layer", help="of a GeoPackage with several")]
Prefix = Annotated[str, typer.Option(help="of the added columns")]
Refusals = Annotated[
    Path | None,
    typer.Option("--refused", help="write refused rows with their reasons to this CSV"),
]
