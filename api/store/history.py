"""The events of cases: chained, append-only, with what people wrote kept apart."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, and_, insert, null, select, update

from api.store.engine import Connection
from api.store.tables import cases, event_texts, events
from api.store.visibility import visible
from gridmap.dispatch.actor import Role
from gridmap.dispatch.chain import link, texts_digest
from gridmap.dispatch.event import Event, EventKind, Signature

_SALT_BYTES = 16


@dataclass(frozen=True)
class Linked:
    """An event with its place in the chain of its case."""

    case_id: UUID
    seq: int
    event: Event
    hash: bytes
    salt: bytes
    digest: bytes | None


def linked(case_id: UUID, seq: int, event: Event, previous: bytes) -> Linked:
    """Return an event on top of the one before it, whose hash is given."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = texts_digest(event.texts, salt) if event.texts else None
    found = link(previous, case=str(case_id), seq=seq, event=event, texts=digest)
    return Linked(case_id, seq, event, found, salt, digest)


async def write(connection: Connection, linked: Linked) -> None:
    """Append an event to its case, and what was written in it beside it."""
    event, place = linked.event, {"case_id": linked.case_id, "seq": linked.seq}
    await connection.execute(
        insert(events).values(
            **place,
            kind=event.kind.value,
            at=event.at,
            actor=event.by.account,
            role=event.by.role.value if event.by.role else None,
            unit=event.by.unit,
            data=dict(event.data),
            hash=linked.hash,
        )
    )
    if linked.digest:
        await connection.execute(
            insert(event_texts).values(
                **place, digest=linked.digest, salt=linked.salt, texts=dict(event.texts)
            )
        )


async def of_case(connection: Connection, case_id: UUID) -> list[Event]:
    """Return a case's events in their order; none when whom it acts for does not see the case."""
    rows = await connection.execute(
        select(events, event_texts.c.texts)
        .join(cases, cases.c.id == events.c.case_id)
        .outerjoin(
            event_texts,
            and_(event_texts.c.case_id == events.c.case_id, event_texts.c.seq == events.c.seq),
        )
        .where(events.c.case_id == case_id, visible(connection))
        .order_by(events.c.seq)
    )
    return [event_of(row) for row in rows.mappings()]


async def digests(connection: Connection, case_id: UUID) -> dict[int, bytes]:
    """Return under which digest what was written stands in the chain, by event; erased as well."""
    rows = await connection.execute(
        select(event_texts.c.seq, event_texts.c.digest)
        .join(cases, cases.c.id == event_texts.c.case_id)
        .where(event_texts.c.case_id == case_id, visible(connection))
    )
    return {row.seq: row.digest for row in rows}


def event_of(row: RowMapping) -> Event:
    """Return the event of a row of `events` with its ``texts``."""
    role = Role(row["role"]) if row["role"] else None
    return Event(
        kind=EventKind(row["kind"]),
        at=row["at"],
        by=Signature(row["actor"], role, row["unit"]),
        data=row["data"],
        texts=row["texts"] or {},
    )


async def erase_texts(
    connection: Connection, case_id: UUID, seq: int, *, account: str, now: datetime
) -> bool:
    """Erase what was written in an event, not its place in the chain. False: nothing was there."""
    gone: dict[str, Any] = {"texts": null(), "salt": None, "erased_at": now, "erased_by": account}
    done = await connection.execute(
        update(event_texts)
        .where(
            event_texts.c.case_id == case_id,
            event_texts.c.seq == seq,
            event_texts.c.erased_at.is_(None),
        )
        .values(gone)
    )
    return bool(done.rowcount)
