"""``gridmap convert``: boundaries from one format into another."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gridmap import formats, write
from gridmap.cli import boundaries
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
    SetFormat,
    TableEncoding,
)
from gridmap.cli.progress import working
from gridmap.formats import Format, TextEncoding
from gridmap.level import ParentsBy


def convert(
    boundaries_at: Set,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="a folder, for one file a level and a definition.toml; or a file that ends in "
            ".parquet, .gpkg, .fgb, .geojson or .shp, for all levels together",
        ),
    ],
    *,
    to: SetFormat = Format.GEOPARQUET,
    text_encoding: TableEncoding = TextEncoding.UTF_8,
    as_json: Json = False,
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
    """Write boundaries in another format, in CGCS2000; nothing that is there is overwritten.

    Codes and lines stay as they are, wrong ones too: `gridmap check` tells them.
    """
    write.refuse_present(out)
    options = boundaries.Options(
        crs, level, code, name, parent, parents, layer, encoding, largest_mb
    )
    with working("reading and writing"):
        draft = boundaries.draft(boundaries_at, options)
        if formats.by_name(out):
            write.together(draft, out, encoding=text_encoding)
        else:
            write.release(draft, out, format=to, encoding=text_encoding)
    if formats.by_name(out):
        typer.echo(
            "one file keeps codes, names, parents and lines; source, dates, basis and accuracy "
            "stand in a definition: convert into a folder to keep them",
            err=True,
        )
    areas = {str(level): len(layer) for level, layer in draft.layers.items()}
    if as_json:
        typer.echo(json.dumps({"out": str(out), "areas": areas}, ensure_ascii=False))
    else:
        typer.echo(f"wrote {sum(areas.values())} areas of {len(areas)} levels to {out}")
