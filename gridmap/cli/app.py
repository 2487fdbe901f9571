"""The commands, and how they end."""

import os
import sys

import typer

from gridmap.cli import catalogue, check, convert, diff, draw, grid, locate, repair, resolve
from gridmap.errors import GridmapError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Whose place is it? Boundaries and places in, answers out; no server needed.",
    epilog="Exit codes: 0 all is well; 1 done, with findings, differences or refused rows; "
    "2 nothing was done, and why.",
)
app.command()(check.check)
app.command()(locate.locate)
app.command()(resolve.resolve)
app.command()(grid.grid)
app.command()(convert.convert)
app.command()(repair.repair)
app.command()(diff.diff)
app.command(name="map")(draw.draw)
app.add_typer(catalogue.app, name="catalogue")


def main() -> int:
    """Run the command line; what we can explain is explained in one paragraph, with exit code 2."""
    try:
        app()
    except GridmapError as error:
        sys.stderr.write(f"gridmap: {error}\n")
        return 2
    except Exception as error:  # the last wall: 1 would say that the work was done
        if os.environ.get("GRIDMAP_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {error}"
        sys.stderr.write(
            f"gridmap: a fault of gridmap's own: {what}; please report it, with what "
            "GRIDMAP_TRACEBACK=1 shows\n"
        )
        return 2
    return 0
