"""``python -m api units``: the directory as a table, in and out; a dry run unless --commit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.commands.console import on_the_database, say
from api.services import registering
from gridmap import unit_files

app = typer.Typer(no_args_is_help=True, help="The directory: which unit serves which area.")

SHOWN = 10  # codes in one warning; a wrong release would name thousands


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="a CSV: id, name, kind, area_code, can_rule")],
    *,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Replace the whole directory by a table's; a dry run unless --commit."""
    given = unit_files.read(file)
    _tell(on_the_database(lambda engine: registering.preview(engine, given)))
    on_the_database(lambda engine: registering.refuse_called(engine, given))
    if not commit:
        say(f"{len(given)} units can be imported; say --commit to replace the directory")
        return
    count = on_the_database(lambda engine: registering.import_units(engine, given))
    say(f"the directory has {count} units")


def _tell(preview: registering.Preview) -> None:
    for change in preview.changes:
        for line in change.lines:
            say(line)
    say(f"{len(preview.changes)} changes from the directory that decides now")
    for what, named in (
        ("the active release lacks these areas", preview.areas),
        ("the active catalogue lacks these department kinds", preview.kinds),
        ("the active catalogue needs these kinds and no unit is of them", preview.lacking),
        ("these accounts act for a unit that goes", preview.accounts),
        ("these people are of a unit that goes", preview.people),
    ):
        if named:
            say(f"warning: {what}: {_few(named)}")


def _few(named: Sequence[str]) -> str:
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return f"{', '.join(named[:SHOWN])}{more}"


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="the CSV to write; it must not be there")],
) -> None:
    """Write the directory that decides now as a table that `import` reads."""
    found = on_the_database(registering.directory)
    unit_files.write(found, file)
    say(f"{len(found)} units are in {file}")
