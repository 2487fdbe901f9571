"""The service's connections. A write is one transaction of `transaction`; reads use `reading`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Connection = AsyncConnection
Engine = AsyncEngine

POOL = 10  # per process; PostgreSQL's default allows 100


def engine_at(service_url: str) -> Engine:
    """Return an engine for the service's role; nothing is opened before the first use."""
    return create_async_engine(service_url, pool_size=POOL, pool_pre_ping=True)


@asynccontextmanager
async def transaction(engine: Engine) -> AsyncIterator[Connection]:
    """Yield a connection whose changes are committed at the end, or not at all."""
    async with engine.begin() as connection:
        yield connection


@asynccontextmanager
async def reading(engine: Engine) -> AsyncIterator[Connection]:
    """Yield a connection for reads."""
    async with engine.connect() as connection:
        yield connection


async def ping(engine: Engine) -> None:
    """Ask the database for an answer; SQLAlchemy's error when there is none."""
    async with reading(engine) as connection:
        await connection.execute(select(1))
