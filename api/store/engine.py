"""The service's connections. A write is one transaction of `transaction`; reads use `reading`.

Both are somebody's: the actor's keys become a setting of the transaction, which row security
asks, and stay with the connection for the queries that ask themselves (`visibility`). Nobody
named is `ANONYMOUS`, who sees no case.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import ARRAY, Text, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gridmap.dispatch.actor import ANONYMOUS, SYSTEM, Actor

Connection = AsyncConnection
Engine = AsyncEngine

KEYS = "gridmap_keys"
KEYS_SETTING = "gridmap.keys"  # what `gridmap.keys()` reads (migration 0003)

POOL = 10  # per process; PostgreSQL's default allows 100


def engine_at(service_url: str) -> Engine:
    """Return an engine for the service's role; nothing is opened before the first use."""
    return create_async_engine(service_url, pool_size=POOL, pool_pre_ping=True)


@asynccontextmanager
async def transaction(engine: Engine, actor: Actor = ANONYMOUS) -> AsyncIterator[Connection]:
    """Yield a connection whose changes are committed at the end, or not at all."""
    async with engine.begin() as connection:
        await _act_as(connection, actor)
        yield connection


@asynccontextmanager
async def reading(engine: Engine, actor: Actor = ANONYMOUS) -> AsyncIterator[Connection]:
    """Yield a connection for reads."""
    async with engine.connect() as connection:
        await _act_as(connection, actor)
        yield connection


@asynccontextmanager
async def snapshot(engine: Engine, actor: Actor) -> AsyncIterator[Connection]:
    """Yield a connection all of whose reads see one instant."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        await _act_as(connection, actor)
        yield connection


async def _act_as(connection: Connection, actor: Actor) -> None:
    if actor.keys:
        await _open_with(connection, actor.keys)


async def _open_with(connection: Connection, keys: frozenset[str]) -> None:
    await connection.execution_options(**{KEYS: keys})
    given = cast(literal(sorted(keys), ARRAY(Text)), Text)
    await connection.execute(select(func.set_config(KEYS_SETTING, given, True)))


@asynccontextmanager
async def as_service(connection: Connection) -> AsyncIterator[Connection]:
    """Let a transaction act for the service itself, and then again for whom it acted.

    For what follows from a step by itself, whether or not who took the step sees it.
    """
    before = keys_of(connection)
    await _open_with(connection, SYSTEM.keys)
    yield connection
    await _open_with(connection, before)


def keys_of(connection: Connection) -> frozenset[str]:
    """Return the keys of whom a connection acts for."""
    assert connection.sync_connection, "the connection is open"
    options = connection.sync_connection.get_execution_options()
    keys: frozenset[str] = options.get(KEYS, frozenset())
    return keys


async def ping(engine: Engine) -> None:
    """Ask the database for an answer; SQLAlchemy's error when there is none."""
    async with reading(engine) as connection:
        await connection.execute(select(1))
