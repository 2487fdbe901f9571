"""What stands between an empty machine and a service worth opening, each step done once."""

from collections.abc import Callable

from api.settings import DataSettings
from api.store import migrate
from api.store.server import Server

Say = Callable[[str], None]


def prepare(server: Server, data: DataSettings, say: Say) -> None:
    """Bring the database to where the service can start; what is there already is kept."""
    build_schema(server, say)
    load_release(server, data, say)
    seed_directory(server, data, say)


def build_schema(server: Server, say: Say) -> None:
    server.create_database()
    owner = server.urls().owner
    if migrate.current(owner) != migrate.head():
        say("database: running the migrations")
        migrate.upgrade(owner)


def load_release(_server: Server, _data: DataSettings, _say: Say) -> None:
    """Import and activate the boundaries named by the settings, unless they are active."""


def seed_directory(_server: Server, _data: DataSettings, _say: Say) -> None:
    """Load the demonstration directory, unless there is one."""
