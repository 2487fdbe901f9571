"""Who called, apart from their reports; and what was erased, without a word of it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from api.store.engine import Connection
from api.store.tables import cases, erasures, incidents, reporters
from api.store.visibility import visible
from gridmap.dispatch.erasure import Ground
from gridmap.dispatch.event import Signature
from gridmap.dispatch.incident import Caller


async def add(connection: Connection, incident_id: UUID, caller: Caller) -> None:
    """Keep who called with a report, in the transaction that stores it."""
    row = {"incident_id": incident_id, "name": caller.name, "phone": caller.phone}
    await connection.execute(insert(reporters).values(row))


async def case_of(connection: Connection, incident_id: UUID) -> UUID | None:
    """Return the case of a report; ``None`` where there is none to see."""
    found: UUID | None = await connection.scalar(
        select(cases.c.id)
        .join(incidents, incidents.c.case_id == cases.c.id)
        .where(incidents.c.id == incident_id, visible(connection))
    )
    return found


async def find(connection: Connection, incident_id: UUID) -> Caller | None:
    """Return who called; ``None`` where nobody is known, or not any more.

    Row security shows it to an area's own and to the office that convenes (migration 0008).
    """
    query = select(reporters.c.name, reporters.c.phone).where(
        reporters.c.incident_id == incident_id, reporters.c.erased_at.is_(None)
    )
    row = (await connection.execute(query)).one_or_none()
    return Caller(row.name, row.phone) if row else None


async def erase(connection: Connection, incident_id: UUID, *, now: datetime) -> bool:
    """Erase who called. False: nothing was there."""
    done = await connection.execute(
        update(reporters)
        .where(reporters.c.incident_id == incident_id, reporters.c.erased_at.is_(None))
        .values(name=None, phone=None, erased_at=now)
    )
    return bool(done.rowcount)


async def record_erasure(
    connection: Connection,
    case_id: UUID,
    what: str,
    ground: Ground,
    *,
    by: Signature,
    now: datetime,
) -> None:
    """Keep that something was erased, by whom and on which ground."""
    row = {
        "id": uuid4(),
        "case_id": case_id,
        "what": what,
        "ground": ground.value,
        "account": by.account,
        "role": by.role.value if by.role else None,
        "at": now,
    }
    await connection.execute(insert(erasures).values(row))
