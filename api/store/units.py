"""The directory's rows."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import delete, func, insert, select

from api.store.engine import Connection
from api.store.tables import cases, summons, units
from gridmap.dispatch.directory import Directory, Unit

_BATCH = 5_000


async def directory(connection: Connection) -> Directory:
    """Return a snapshot of all units."""
    rows = await connection.execute(
        select(units.c.id, units.c.name, units.c.kind, units.c.area_code, units.c.can_rule)
    )
    return Directory(Unit(*row) for row in rows)


async def called(connection: Connection) -> dict[str, list[str]]:
    """Return the units that open cases have called or are convened by, with the cases' numbers.

    Only of cases that whom the connection acts for sees.
    Plan: the open cases by ix_cases_open_due, their summons by pk_summons.
    """
    is_open = cases.c.closed_at.is_(None)
    rows = await connection.execute(
        select(summons.c.unit_id, cases.c.number)
        .join(cases, cases.c.id == summons.c.case_id)
        .where(is_open)
        .union(
            select(cases.c.convener, cases.c.number).where(is_open, cases.c.convener.is_not(None))
        )
    )
    found: dict[str, list[str]] = {}
    for unit, number in sorted((row[0], row[1]) for row in rows):
        found.setdefault(unit, []).append(number)
    return found


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


async def replace_all(connection: Connection, register: Iterable[Unit]) -> int:
    """Replace the whole directory, a demonstration one too. Returns how many units it has."""
    await connection.execute(delete(units))
    rows = [{**asdict(unit), "demonstration": False} for unit in register]
    for start in range(0, len(rows), _BATCH):
        await connection.execute(insert(units), rows[start : start + _BATCH])
    return len(rows)
