"""The roster's rows; names stand in a table of their own."""

from collections.abc import Iterable

from sqlalchemy import RowMapping, delete, insert, select

from api.store.engine import Connection
from api.store.tables import staff, staff_names
from gridmap.dispatch.actor import Role
from gridmap.dispatch.staff import Position, Staff, shift
from gridmap.geo import LngLat

_BATCH = 5_000


async def serving(connection: Connection, areas: Iterable[str]) -> list[Staff]:
    """Return those who serve one of some areas.

    Plan: bitmap scan of ix_staff_areas (gin).
    """
    rows = await connection.execute(select(staff).where(staff.c.areas.overlap(list(areas))))
    return [_of(row) for row in rows.mappings()]


def _of(row: RowMapping) -> Staff:
    located = row["located_at"] is not None
    return Staff(
        id=row["id"],
        unit=row["unit"],
        roles=tuple(Role(role) for role in row["roles"]),
        areas=tuple(row["areas"]),
        shifts=tuple(shift(text) for text in row["shifts"]),
        position=Position(LngLat(row["lng"], row["lat"]), row["located_at"], row["accuracy_m"])
        if located
        else None,
    )


async def names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of some people by id, without those that were erased."""
    rows = await connection.execute(
        select(staff_names.c.staff_id, staff_names.c.name).where(
            staff_names.c.staff_id.in_(list(ids))
        )
    )
    return {row.staff_id: row.name for row in rows}


async def of_units(connection: Connection, unit_ids: Iterable[str]) -> list[str]:
    """Return the ids of the people of some units."""
    found = await connection.scalars(
        select(staff.c.id).where(staff.c.unit.in_(list(unit_ids))).order_by(staff.c.id)
    )
    return list(found)


async def remove_demonstration(connection: Connection) -> int:
    """Remove the demonstration staff; real people are never touched. Returns how many."""
    gone = await connection.execute(delete(staff).where(staff.c.demonstration.is_(True)))
    return gone.rowcount


async def erase_name(connection: Connection, staff_id: str) -> bool:
    """Erase somebody's name for good; the id stays. False when there was none."""
    gone = await connection.execute(delete(staff_names).where(staff_names.c.staff_id == staff_id))
    return gone.rowcount > 0


async def replace_demonstration(connection: Connection, seeds: Iterable[tuple[Staff, str]]) -> int:
    """Replace the demonstration staff; real people are never touched. Returns how many."""
    await remove_demonstration(connection)
    return await _add(connection, list(seeds), demonstration=True)


async def replace_real(connection: Connection, people: Iterable[tuple[Staff, str]]) -> int:
    """Replace everybody, the demonstration staff too. Returns how many there are now."""
    await connection.execute(delete(staff))
    return await _add(connection, list(people), demonstration=False)


async def _add(
    connection: Connection, people: list[tuple[Staff, str]], *, demonstration: bool
) -> int:
    for start in range(0, len(people), _BATCH):
        part = people[start : start + _BATCH]
        rows = [_row(one) | {"demonstration": demonstration} for one, _ in part]
        await connection.execute(insert(staff), rows)
        named = [{"staff_id": one.id, "name": name} for one, name in part if name]
        if named:
            await connection.execute(insert(staff_names), named)
    return len(people)


def _row(one: Staff) -> dict[str, object]:
    return {
        "id": one.id,
        "unit": one.unit,
        "roles": [role.value for role in one.roles],
        "areas": list(one.areas),
        "shifts": [str(part) for part in one.shifts],
    }
