"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

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

_TABLE = "The table of points or places"


def _crs(name: str) -> Any:
    says = "its CRS: EPSG:n, GCJ-02 or BD-09; never guessed, but a file may state it"
    return typer.Option(name, help=says, rich_help_panel=_TABLE)


def _codec(name: str) -> Any:
    says = "of its text: utf-8, utf-8-sig or gbk"
    return typer.Option(name, help=says, rich_help_panel=_TABLE)


def _layer(name: str) -> Any:
    return typer.Option(name, help="of a GeoPackage with several", rich_help_panel=_TABLE)


TableCrs = Annotated[str | None, _crs("--crs")]
TextCodec = Annotated[str, _codec("--encoding")]
TableLayer = Annotated[str | None, _layer("--layer")]
X = Annotated[
    str | None,
    typer.Option(
        "--x",
        help="column of longitude or easting",
        show_default="lng, or the file's geometries",
        rich_help_panel=_TABLE,
    ),
]
Y = Annotated[
    str | None,
    typer.Option(
        "--y",
        help="column of latitude or northing",
        show_default="lat, or the file's geometries",
        rich_help_panel=_TABLE,
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="of its text", show_default="a comma; in .tsv a tab", rich_help_panel=_TABLE),
]
Prefix = Annotated[str, typer.Option(help="of the added columns")]
Refusals = Annotated[
    Path | None,
    typer.Option("--refused", help="write refused rows with their reasons to this CSV"),
]

# Where a command reads other files too, the table's options say so by their names.
_FORMATS = "CSV, TSV, Parquet, GeoPackage, ...; - for CSV from stdin"
Incidents = Annotated[
    str | None,
    typer.Option(
        "--incidents",
        help=f"a table of points, and which of them change hands: {_FORMATS}",
        rich_help_panel=_TABLE,
    ),
]
IncidentsCrs = Annotated[str | None, _crs("--incidents-crs")]
IncidentsCodec = Annotated[str, _codec("--incidents-encoding")]
IncidentsLayer = Annotated[str | None, _layer("--incidents-layer")]
Seeds = Annotated[
    str | None,
    typer.Option(
        "--seeds",
        help=f"a table of points, a schematic community around each: {_FORMATS}",
        rich_help_panel=_TABLE,
    ),
]
SeedsCrs = Annotated[str | None, _crs("--seeds-crs")]
SeedsCodec = Annotated[str, _codec("--seeds-encoding")]
SeedsLayer = Annotated[str | None, _layer("--seeds-layer")]
