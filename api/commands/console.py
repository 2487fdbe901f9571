"""What the commands share: how they speak, and their database."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from api.first_run import as_owner
from api.settings import PROJECT, DatabaseSettings
from api.store.engine import Engine
from api.store.server import server_of

Result = TypeVar("Result")


def say(text: str) -> None:
    typer.echo(f"gridmap: {text}")


def on_the_database(work: Callable[[Engine], Awaitable[Result]]) -> Result:
    """Run one piece of work on the database, as the owner, with its server held up."""
    server = server_of(PROJECT, DatabaseSettings())
    with server.held():
        return as_owner(server, work)
