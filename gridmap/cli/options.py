"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gridmap.formats import Format, TextEncoding
from gridmap.level import Level, ParentsBy

_SET = (
    "a definition.toml, a folder with one, a boundary file, or a folder of files named by level "
    "(street.gpkg)"
)
# What a column of choices is called: the choices stand in the words beside it.
LEVEL, FORMAT = "LEVEL", "FORMAT"
LEVELS = ", ".join(Level)
FORMATS = ", ".join(Format)


def boundary_set(metavar: str, says: str = "") -> Any:
    """Return the argument for one set of boundaries."""
    return typer.Argument(metavar=metavar, help=says + _SET)


Boundaries = Annotated[
    Path,
    typer.Option(
        "--boundaries",
        "-b",
        envvar="GRIDMAP_BOUNDARIES",
        help=f"{_SET}; files without a definition have to state CRS and codes themselves",
    ),
]
Accuracy = Annotated[float | None, typer.Option(help="95 % radius of points in metres")]
Json = Annotated[bool, typer.Option("--json", help="print the answer as one JSON document")]
Leaflet = Annotated[
    Path, typer.Option(envvar="GRIDMAP_LEAFLET", help="folder with leaflet.js and leaflet.css")
]

# --- boundary files without a definition ------------------------------------------------------

_BARE = "Boundary files without a definition"


def _bare(name: str, says: str, **more: Any) -> Any:
    return typer.Option(name, help=says, rich_help_panel=_BARE, **more)


Set = Annotated[Path, boundary_set("BOUNDARIES")]
FileCrs = Annotated[
    str | None,
    _bare("--crs", "their CRS, where they state none: EPSG:n, GCJ-02 or BD-09; never guessed"),
]
FileLevel = Annotated[
    Level | None,
    _bare(
        "--level",
        f"the level of all their rows: {LEVELS}; without it layers named by levels tell, or a "
        "column named level, or the codes",
        metavar=LEVEL,
    ),
]
CodeColumn = Annotated[str, _bare("--code", "column with the codes")]
NameColumn = Annotated[str, _bare("--name", "column with the names")]
ParentColumn = Annotated[str | None, _bare("--parent", "column with the parents' codes")]
Parents = Annotated[
    ParentsBy,
    _bare(
        "--parents",
        f"what tells parents where no column does: {', '.join(ParentsBy)}",
        metavar="HOW",
    ),
]
FileLayer = Annotated[str | None, _bare("--layer", "the layer of a file that has several")]
Encoding = Annotated[
    str | None, _bare("--encoding", "encoding of a Shapefile without .cpg, for example GBK")
]
LargestMb = Annotated[
    float,
    typer.Option(min=0.0, metavar="MB", help="refuse larger files before they are opened"),
]

# --- boundary files that are written ------------------------------------------------------------

SetFormat = Annotated[
    Format,
    typer.Option(
        "--format", metavar=FORMAT, help=f"format of the files in a new folder: {FORMATS}"
    ),
]
TableEncoding = Annotated[
    TextEncoding,
    typer.Option(
        "--text-encoding",
        metavar="ENCODING",
        help=f"encoding of the texts in a new Shapefile: {', '.join(TextEncoding)}",
    ),
]

# --- tables of points or places -----------------------------------------------------------------

_TABLE = "The table of points or places"


def _crs(name: str) -> Any:
    says = "its CRS: EPSG:n, GCJ-02 or BD-09; never guessed, but a file may state it"
    return typer.Option(name, help=says, rich_help_panel=_TABLE)


def _codec(name: str) -> Any:
    says = "encoding of its text: utf-8, utf-8-sig or gbk"
    return typer.Option(name, help=says, rich_help_panel=_TABLE)


def _layer(name: str) -> Any:
    return typer.Option(name, help="the layer of a GeoPackage with several", rich_help_panel=_TABLE)


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
    typer.Option(
        help="delimiter of its text", show_default="a comma; in .tsv a tab", rich_help_panel=_TABLE
    ),
]
Prefix = Annotated[str, typer.Option(help="what the names of the added columns begin with")]
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
        help=f"points, to tell which of them change hands: {_FORMATS}",
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
        help=f"points, to make a schematic community around each: {_FORMATS}",
        rich_help_panel=_TABLE,
    ),
]
SeedsCrs = Annotated[str | None, _crs("--seeds-crs")]
SeedsCodec = Annotated[str, _codec("--seeds-encoding")]
SeedsLayer = Annotated[str | None, _layer("--seeds-layer")]
