"""``python -m api ledger``: targets from a table onto a ledger; a dry run unless --commit."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.commands.console import on_the_database, say
from api.services import bookkeeping
from api.services.bookkeeping import Imported
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings
from api.store.engine import Engine
from gridmap import target_files
from gridmap.dispatch.actor import SYSTEM

app = typer.Typer(no_args_is_help=True, help="Ledgers (台账): lists of targets.")


@app.callback()
def main() -> None:
    """Ledgers (台账): lists of targets."""


@app.command(name="import")
def import_(
    ledger: Annotated[UUID, typer.Argument(help="the ledger's id")],
    file: Annotated[Path, typer.Argument(help="CSV (code,name,area,crs,lng,lat) or GeoJSON")],
    *,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Put the targets of a table on a ledger, all or none; a dry run unless --commit."""
    targets = target_files.read(file)

    async def work(engine: Engine) -> Imported:
        holder = ReferenceHolder(DataSettings())
        await holder.refresh(engine)
        turn = Turn(engine, holder.current, SYSTEM, datetime.now(UTC))
        return await bookkeeping.add_targets(turn, ledger, targets, commit=commit)

    done = on_the_database(work)
    count, title = len(done.targets), done.ledger.title
    if commit:
        say(f"{count} targets more stand on {title}: {len(done.ledger.lines)} in all")
    else:
        say(f"{count} targets can be put on {title}; say --commit to do it")
