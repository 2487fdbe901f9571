"""``gridmap catalogue``: problem lists, checked, converted and compared."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gridmap import catalogue_files
from gridmap.cli.options import Json
from gridmap.dispatch.catalogue_difference import difference

FILE_HELP = "a .toml, .json or .zip file, or a folder of CSV tables"

app = typer.Typer(no_args_is_help=True, help="Problem lists: items, departments, whistles.")

File = Annotated[Path, typer.Argument(metavar="CATALOGUE", help=FILE_HELP)]


@app.command()
def check(file: File, *, as_json: Json = False) -> None:
    """Read a catalogue and say what it holds; an error names file, row and column."""
    found = catalogue_files.read(file)
    counts = {
        "items": len(found.items),
        "classes": len(found.classes),
        "department_kinds": len(found.department_kinds),
        "whistle_kinds": len(found.whistle_kinds),
    }
    if as_json:
        document = {"version": found.version, "title": found.title, "sample": found.sample}
        typer.echo(json.dumps(document | counts, ensure_ascii=False))
        return
    held = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    sample = " (a sample)" if found.sample else ""
    typer.echo(f"{found.version} {found.title}{sample}: {held}")


@app.command()
def convert(
    file: File,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="a name ending in .toml, .json or .zip; without: a folder of CSV"
        ),
    ],
) -> None:
    """Write a catalogue in another format; nothing that is there is overwritten."""
    found = catalogue_files.read(file)
    catalogue_files.write(found, out)
    typer.echo(f"wrote {found.version} with {len(found.items)} items to {out}")


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help=FILE_HELP)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help=FILE_HELP)],
    *,
    as_json: Json = False,
) -> None:
    """Say what changed from one catalogue to another; exit 1 when they differ."""
    before, after = catalogue_files.read(old), catalogue_files.read(new)
    changes = difference(before, after)
    if as_json:
        document = {
            "old": before.version,
            "new": after.version,
            "changes": [asdict(change) for change in changes],
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for change in changes:
            for line in change.lines:
                typer.echo(line)
        typer.echo(f"{before.version} to {after.version}: {len(changes)} changes")
    raise typer.Exit(1 if changes else 0)
