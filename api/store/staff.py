"""The roster's rows; names stand in a table of their own."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, insert, select

from api.store.engine import Connection
from api.store.tables import staff, staff_names
from gridmap.dispatch.actor import Role
from gridmap.dispatch.staff import Person, Shift, Staff, shift

_BATCH = 5_000
_PART = 1_000


async def everybody(connection: Connection) -> list[Staff]:
    """Return the whole roster, in parts: a large one must not hold up everybody."""
    shifts: dict[str, Shift] = {}  # many people, few shifts
    found: list[Staff] = []
    rows = await connection.stream(select(staff))
    async for part in rows.mappings().partitions(_PART):
        found += [_of(row, shifts) for row in part]
    return found


async def version(connection: Connection) -> str:
    """Return what changes when the roster does."""
    query = select(func.count(), func.max(staff.c.written_at)).select_from(staff)
    return repr(tuple((await connection.execute(query)).one()))


def _of(row: RowMapping, shifts: dict[str, Shift]) -> Staff:
    return Staff(
        id=row["id"],
        unit=row["unit"],
        roles=tuple(Role(role) for role in row["roles"]),
        areas=tuple(row["areas"]),
        shifts=tuple(_shift(text, shifts) for text in row["shifts"]),
        account=str(row["account_id"]) if row["account_id"] else None,
    )


def _shift(text: str, known: dict[str, Shift]) -> Shift:
    if text not in known:
        known[text] = shift(text)
    return known[text]


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


async def replace_demonstration(connection: Connection, seeds: Iterable[Person]) -> int:
    """Replace the demonstration staff; real people are never touched. Returns how many."""
    await remove_demonstration(connection)
    return await _add(connection, list(seeds), demonstration=True)


async def replace_real(connection: Connection, people: Iterable[Person]) -> int:
    """Replace everybody, the demonstration staff too. Returns how many there are now."""
    await connection.execute(delete(staff))
    return await _add(connection, list(people), demonstration=False)


async def _add(connection: Connection, people: list[Person], *, demonstration: bool) -> int:
    for start in range(0, len(people), _BATCH):
        part = people[start : start + _BATCH]
        rows = [_row(one.staff) | {"demonstration": demonstration} for one in part]
        await connection.execute(insert(staff), rows)
        named = [{"staff_id": one.staff.id, "name": one.name} for one in part if one.name]
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
        "account_id": UUID(one.account) if one.account else None,
    }
