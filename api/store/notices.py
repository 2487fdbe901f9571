"""Notices: written with the event that they tell of, read by who has their key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from api.store.engine import Connection, keys_of
from api.store.tables import agreements, cases, notice_reads, notices
from api.store.visibility import visible
from gridmap.dispatch.event import Event
from gridmap.dispatch.notice import AGREEMENT_EXPIRES, Notice


@dataclass(frozen=True)
class StoredNotice:
    """A notice as one account sees it, of an event of a case or of an agreement that runs out."""

    id: int
    kind: str  # an EventKind's, or AGREEMENT_EXPIRES
    at: datetime
    case_id: UUID | None
    number: str | None
    category: str | None
    seq: int | None
    agreement: str | None
    title: str | None  # of the agreement
    days: int | None  # until its last day, when this was written at the latest
    read_at: datetime | None


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: unread ones come first, of each the newest."""

    is_read: bool
    id: int


async def tell(
    connection: Connection, case_id: UUID, seq: int, event: Event, told: Iterable[Notice]
) -> None:
    """Write all notices of an event, in one statement."""
    keys = [one.key for one in told]
    if not keys:
        return
    # Not `values` of many rows, which SQLAlchemy would compile anew every time.
    rows = select(
        literal(case_id),
        literal(seq),
        func.unnest(literal(keys, ARRAY(Text))),
        literal(event.kind.value),
        literal(event.at),
    )
    columns = ["case_id", "seq", "key", "kind", "at"]
    await connection.execute(insert(notices).from_select(columns, rows))


async def warn(
    connection: Connection, agreement: str, *, days: int, keys: Iterable[str], now: datetime
) -> int:
    """Tell keys that an agreement runs out, each once; returns how many had not been told."""
    rows: list[dict[str, Any]] = [
        {"agreement_id": agreement, "days": days, "key": key, "kind": AGREEMENT_EXPIRES, "at": now}
        for key in keys
    ]
    done = await connection.execute(
        upsert(notices).values(rows).on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )
    return done.rowcount


async def page(
    connection: Connection, account: str, *, after: Cursor | None, limit: int
) -> list[StoredNotice]:
    """Return an account's notices after a cursor: unread ones first, of each the newest.

    Plan: index scans of ``ix_notices_key_id``, one per key.
    """
    found: list[StoredNotice] = []
    if after is None or not after.is_read:
        before = after.id if after else None
        found = await _some(connection, account, is_read=False, before=before, limit=limit)
    if len(found) < limit:
        before = after.id if after and after.is_read else None
        found += await _some(
            connection, account, is_read=True, before=before, limit=limit - len(found)
        )
    return found


async def _some(
    connection: Connection, account: str, *, is_read: bool, before: int | None, limit: int
) -> list[StoredNotice]:
    query = _mine(connection, account).order_by(notices.c.id.desc()).limit(limit)
    query = query.where(_state(is_read=is_read))
    if before is not None:
        query = query.where(notices.c.id < before)
    rows = await connection.execute(query)
    return [
        StoredNotice(
            id=row.id,
            kind=row.kind,
            at=row.at,
            case_id=row.case_id,
            number=row.number,
            category=row.category,
            seq=row.seq,
            agreement=row.agreement_id,
            title=row.title,
            days=row.days,
            read_at=row.read_at,
        )
        for row in rows
    ]


def _state(*, is_read: bool) -> ColumnElement[bool]:
    read_at = notice_reads.c.at
    return read_at.is_not(None) if is_read else read_at.is_(None)


def _mine(connection: Connection, account: str) -> Select[Any]:
    """Every event that an account is told of, once, whichever of its keys were told."""
    other = notices.alias()
    twice = exists().where(
        or_(
            and_(other.c.case_id == notices.c.case_id, other.c.seq == notices.c.seq),
            and_(other.c.agreement_id == notices.c.agreement_id, other.c.days == notices.c.days),
        ),
        other.c.id < notices.c.id,
        other.c.key == func.any(_keys(connection)),
    )
    read = and_(notice_reads.c.notice_id == notices.c.id, notice_reads.c.account == account)
    return (
        select(
            notices,
            cases.c.number,
            cases.c.category,
            agreements.c.title,
            notice_reads.c.at.label("read_at"),
        )
        .outerjoin(cases, cases.c.id == notices.c.case_id)
        .outerjoin(agreements, agreements.c.id == notices.c.agreement_id)
        .outerjoin(notice_reads, read)
        .where(
            notices.c.key == func.any(_keys(connection)),
            notices.c.case_id.is_(None) | visible(connection),
            ~twice,
        )
    )


def _keys(connection: Connection) -> ColumnElement[Any]:
    return literal(sorted(keys_of(connection)), ARRAY(Text))


async def unread(connection: Connection, account: str) -> int:
    """Return how many of an account's notices are unread."""
    mine = _mine(connection, account).where(_state(is_read=False)).subquery()
    return int(await connection.scalar(select(func.count()).select_from(mine)) or 0)


async def read(connection: Connection, account: str, notice: int, *, now: datetime) -> bool:
    """Keep that an account has read a notice; False where it has no such notice."""
    mine = _mine(connection, account).where(notices.c.id == notice)
    if (await connection.execute(mine)).one_or_none() is None:
        return False
    row = {"account": account, "notice_id": notice, "at": now}
    await connection.execute(upsert(notice_reads).values(row).on_conflict_do_nothing())
    return True


async def read_all(connection: Connection, account: str, *, now: datetime) -> int:
    """Keep that an account has read all its notices; returns how many had been unread."""
    mine = _mine(connection, account).where(_state(is_read=False)).subquery()
    new = select(literal(account), mine.c.id, literal(now))
    done = await connection.execute(
        upsert(notice_reads)
        .from_select(["account", "notice_id", "at"], new)
        .on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )
    return done.rowcount
