"""What stands between an empty machine and a service worth opening, each step done once."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.services import cataloguing, loading, policies
from api.services.reference import read_document
from api.settings import DataSettings
from api.store import migrate
from api.store.engine import Engine, engine_at
from api.store.server import Server
from gridmap import catalogue_files, definition, read
from gridmap.dispatch.lead import Policy

Say = Callable[[str], None]
Result = TypeVar("Result")


def prepare(server: Server, data: DataSettings, say: Say, *, demonstration: bool) -> None:
    """Bring the database to where the service can start; what is there already is kept."""
    build_schema(server, say)
    load_release(server, data, say)
    load_policy(server, data, say)
    load_catalogue(server, data, say)
    seed_directory(server, data, say)
    if demonstration:
        add_accounts(server, data, say)


def build_schema(server: Server, say: Say) -> None:
    server.create_database()
    owner = server.urls().owner
    if migrate.current(owner) != migrate.head():
        say("database: running the migrations")
        migrate.upgrade(owner)


def load_release(server: Server, data: DataSettings, say: Say) -> None:
    """Import and activate the boundaries named by the settings, unless a release is active."""
    stored = {one.id: one.active for one in as_owner(server, loading.stored_releases)}
    shipped = definition.load(data.boundaries).id
    if any(stored.values()):
        if shipped not in stored:
            command = f"python -m api import {data.boundaries} --activate --commit"
            say(f"boundaries: {shipped} is shipped and not imported; to use it: {command}")
        return
    say(f"boundaries: importing {data.boundaries.parent.name}")
    release = read.release(data.boundaries)
    as_owner(server, lambda engine: loading.import_release(engine, release, activate=True))


def load_policy(server: Server, data: DataSettings, say: Say) -> None:
    """Import and activate the policy named by the settings, unless one is active."""
    document = read_document(data.policy)
    stored = as_owner(server, policies.stored_policies)
    if any(one.active for one in stored):
        if document["version"] not in {one.version for one in stored}:
            command = f"python -m api policy import {data.policy} --activate --commit"
            say(f"policy: {document['version']} is shipped and not imported; to use it: {command}")
        return

    async def work(engine: Engine) -> Policy:
        source = str(data.policy)
        return await policies.import_policy(engine, document, source=source, activate=True)

    say(f"policy: {as_owner(server, work).version} decides")


def load_catalogue(server: Server, data: DataSettings, say: Say) -> None:
    """Import and activate the catalogue named by the settings, unless one is active."""
    stored = {one.version: one.active for one in as_owner(server, cataloguing.stored_catalogues)}
    shipped = catalogue_files.read(data.catalogue)
    if any(stored.values()):
        if shipped.version not in stored:
            command = f"python -m api catalogue import {data.catalogue} --activate --commit"
            say(f"catalogue: {shipped.version} is shipped and not imported; to use it: {command}")
        return
    say(f"catalogue: importing {data.catalogue.name}")
    if shipped.version in stored:
        as_owner(server, lambda at: cataloguing.activate_catalogue(at, shipped.version))
    else:
        as_owner(server, lambda at: cataloguing.import_catalogue(at, shipped, activate=True))


def seed_directory(server: Server, data: DataSettings, say: Say) -> None:
    """Load the demonstration directory, unless there are units."""
    if as_owner(server, loading.count_units):
        return
    templates = tomllib.loads(data.directory.read_text(encoding="utf-8"))
    count = as_owner(server, lambda engine: loading.seed_directory(engine, templates))
    say(f"directory: {count} demonstration units")


def add_accounts(server: Server, data: DataSettings, say: Say) -> None:
    """Make the demonstration accounts, unless there are any."""
    if as_owner(server, loading.count_demonstration_accounts):
        return
    given = tomllib.loads(data.accounts.read_text(encoding="utf-8"))
    count = as_owner(server, lambda engine: loading.add_demonstration_accounts(engine, given))
    say(f"accounts: {count} demonstration accounts, without passwords")


def as_owner(server: Server, work: Callable[[Engine], Awaitable[Result]]) -> Result:
    """Run one piece of work on an engine of the owner, and close it."""
    return _with_engine(server.urls().owner, work)


def as_service(server: Server, work: Callable[[Engine], Awaitable[Result]]) -> Result:
    """Run one piece of work on an engine of the service's plain role, and close it."""
    return _with_engine(server.urls().service, work)


def _with_engine(url: str, work: Callable[[Engine], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        engine = engine_at(url)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())
