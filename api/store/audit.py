"""The record as it lies on disk, read past everything that would make sense of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from api.store.engine import Connection
from api.store.history import event_of
from api.store.tables import anchor_heads, cases, event_texts, events
from gridmap.dispatch.event import Event


@dataclass(frozen=True)
class StoredEvent:
    """A row of an event. ``event`` is ``None`` where it holds a word that no event knows."""

    seq: int
    event: Event | None
    hash: bytes
    digest: bytes | None  # of what was written
    salt: bytes | None
    texts: Mapping[str, str] | None
    is_erased: bool


@dataclass(frozen=True)
class StoredCase:
    """All that is there of a case. ``number`` is ``None`` where its row is gone."""

    id: UUID
    number: str | None
    version: int
    head: bytes
    anchored: int  # the version up to which it says that it was anchored
    events: tuple[StoredEvent, ...]
    anchors: tuple[tuple[int, int, bytes], ...]  # by number, with the version and head they hold


async def ids(connection: Connection, *, after: UUID, limit: int) -> list[UUID]:
    """Return the ids of cases after one of them, in order, of which anything is there at all."""
    found: set[UUID] = set()
    for column in (cases.c.id, events.c.case_id, anchor_heads.c.case_id):
        rows = await connection.execute(_next(column, after, limit))
        found |= set(rows.scalars())
    return sorted(found)[:limit]


def _next(column: ColumnElement[UUID], after: UUID, limit: int) -> Select[Any]:
    return select(column).distinct().where(column > after).order_by(column).limit(limit)


async def stored(connection: Connection, wanted: list[UUID]) -> list[StoredCase]:
    """Return what is there of cases, in the order asked for."""
    rows = await connection.execute(
        select(cases.c.id, cases.c.number, cases.c.version, cases.c.head, cases.c.anchored).where(
            cases.c.id.in_(wanted)
        )
    )
    known = {row.id: row for row in rows}
    told = await _events(connection, wanted)
    held = await _anchors(connection, wanted)
    return [
        StoredCase(
            id=one,
            number=known[one].number if one in known else None,
            version=known[one].version if one in known else 0,
            head=known[one].head if one in known else b"",
            anchored=known[one].anchored if one in known else 0,
            events=tuple(told.get(one, ())),
            anchors=tuple(held.get(one, ())),
        )
        for one in wanted
    ]


async def _events(connection: Connection, wanted: list[UUID]) -> dict[UUID, list[StoredEvent]]:
    texts = (
        event_texts.c.texts,
        event_texts.c.digest,
        event_texts.c.salt,
        event_texts.c.erased_at,
    )
    same = and_(event_texts.c.case_id == events.c.case_id, event_texts.c.seq == events.c.seq)
    rows = await connection.execute(
        select(events, *texts)
        .outerjoin(event_texts, same)
        .where(events.c.case_id.in_(wanted))
        .order_by(events.c.case_id, events.c.seq)
    )
    found: dict[UUID, list[StoredEvent]] = {}
    for row in rows.mappings():
        try:
            event = event_of(row)
        except ValueError:
            event = None
        one = StoredEvent(
            seq=row["seq"],
            event=event,
            hash=row["hash"],
            digest=row["digest"],
            salt=row["salt"],
            texts=row["texts"],
            is_erased=row["erased_at"] is not None,
        )
        found.setdefault(row["case_id"], []).append(one)
    return found


async def _anchors(
    connection: Connection, wanted: list[UUID]
) -> dict[UUID, list[tuple[int, int, bytes]]]:
    rows = await connection.execute(
        select(anchor_heads)
        .where(anchor_heads.c.case_id.in_(wanted))
        .order_by(anchor_heads.c.case_id, anchor_heads.c.anchor)
    )
    found: dict[UUID, list[tuple[int, int, bytes]]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append((row.anchor, row.version, row.head))
    return found


async def count(connection: Connection) -> int:
    """Return how many cases there are."""
    return int(await connection.scalar(select(func.count()).select_from(cases)) or 0)
