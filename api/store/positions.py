"""Where people were last: one row an account, written over."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from api.store.engine import Connection
from api.store.tables import positions
from gridmap.dispatch.staff import Position
from gridmap.geo import LngLat


async def keep(connection: Connection, account: UUID, position: Position) -> None:
    """Keep a position instead of an older one; a later one that is there already stays."""
    row = {
        "lng": position.lnglat.lng,
        "lat": position.lnglat.lat,
        "accuracy_m": position.accuracy_m,
        "at": position.at,
    }
    query = upsert(positions).values(account_id=account, **row)
    await connection.execute(
        query.on_conflict_do_update(
            index_elements=["account_id"], set_=row, where=positions.c.at <= position.at
        )
    )


async def last(
    connection: Connection, accounts: Iterable[UUID], *, since: datetime
) -> dict[UUID, Position]:
    """Return where some accounts were last, without those older than an instant."""
    rows = await connection.execute(
        select(positions).where(positions.c.account_id.in_(list(accounts)), positions.c.at >= since)
    )
    return {
        row["account_id"]: Position(LngLat(row["lng"], row["lat"]), row["at"], row["accuracy_m"])
        for row in rows.mappings()
    }


async def erase(connection: Connection, account: UUID) -> bool:
    """Erase where somebody was; False when nothing was known."""
    gone = await connection.execute(delete(positions).where(positions.c.account_id == account))
    return gone.rowcount > 0


async def erase_older(connection: Connection, than: datetime) -> int:
    """Erase all positions older than an instant; returns how many."""
    gone = await connection.execute(delete(positions).where(positions.c.at < than))
    return gone.rowcount
