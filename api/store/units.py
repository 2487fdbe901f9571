"""The directory's rows."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import delete, func, insert, select

from api.store.engine import Connection
from api.store.tables import units
from gridmap.dispatch.directory import Directory, Unit


async def directory(connection: Connection) -> Directory:
    """Return a snapshot of all units."""
    rows = await connection.execute(
        select(units.c.id, units.c.name, units.c.kind, units.c.area_code, units.c.can_rule)
    )
    return Directory(Unit(*row) for row in rows)


async def count(connection: Connection) -> int:
    """Return how many units there are."""
    return int(await connection.scalar(select(func.count()).select_from(units)) or 0)


async def kinds(connection: Connection) -> set[str]:
    """Return the department kinds that some unit is of."""
    return set(await connection.scalars(select(units.c.kind).distinct()))


async def version(connection: Connection) -> str:
    """Return what changes when the directory does."""
    query = select(func.count(), func.max(units.c.written_at)).select_from(units)
    return repr(tuple((await connection.execute(query)).one()))


async def real_units(connection: Connection) -> int:
    """Return how many units are not from a demonstration."""
    found = await connection.scalar(
        select(func.count()).select_from(units).where(units.c.demonstration.is_(False))
    )
    return int(found or 0)


async def replace_demonstration(connection: Connection, seeds: Iterable[Unit]) -> int:
    """Replace the demonstration units; real ones are never touched. Returns how many."""
    await connection.execute(delete(units).where(units.c.demonstration.is_(True)))
    rows = [{**asdict(unit), "demonstration": True} for unit in seeds]
    await connection.execute(insert(units), rows)
    return len(rows)
