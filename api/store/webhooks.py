"""Webhooks, and the deliveries that are written with the events they tell of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from api.store.engine import Connection
from api.store.jobs import QUEUE
from api.store.tables import cases, deliveries, jobs, webhooks
from api.store.visibility import visible
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.sending import SendingState

DELIVER = "deliver"


@dataclass(frozen=True)
class Webhook:
    """Who is told of the events of an area and all below it."""

    id: UUID
    url: str
    area_code: str
    secret: bytes
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one webhook."""

    id: UUID
    webhook_id: UUID
    case_id: UUID
    seq: int
    at: datetime
    state: SendingState
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    error: str | None


async def tell(connection: Connection, after: CaseRecord, at: datetime) -> None:
    """Write what webhooks are told of the latest event of a case, and the jobs that send it.

    Of a confidential case they are told nothing.
    """
    mine = (
        webhooks.c.ended_at.is_(None),
        webhooks.c.area_code == func.any(literal(sorted(after.areas), ARRAY(Text))),
    )
    # Asked first: most cities have none, and this is in the way of every event.
    if after.case.named or not await connection.scalar(select(exists().where(*mine))):
        return
    told = (
        insert(deliveries)
        .from_select(
            ["webhook_id", "case_id", "seq", "at", "next_at"],
            select(
                webhooks.c.id,
                literal(after.id),
                literal(after.case.version),
                literal(at),
                literal(at),
            ).where(*mine),
        )
        .returning(deliveries.c.id)
        .cte("told")
    )
    args = func.jsonb_build_object("delivery", told.c.id, type_=JSONB)
    sent = select(literal(QUEUE), literal(DELIVER), args)
    await connection.execute(
        insert(jobs).from_select(["queue_name", "task_name", "args"], sent).add_cte(told)
    )


async def add(connection: Connection, webhook: Webhook) -> None:
    """Insert a webhook; it is told of what happens from now on."""
    row = {
        "id": webhook.id,
        "url": webhook.url,
        "area_code": webhook.area_code,
        "secret": webhook.secret,
        "created_by": webhook.created_by,
        "created_at": webhook.created_at,
    }
    await connection.execute(insert(webhooks).values(row))


async def standing(connection: Connection) -> list[Webhook]:
    """Return all webhooks that have not ended, the first first."""
    rows = await connection.execute(
        select(webhooks).where(webhooks.c.ended_at.is_(None)).order_by(webhooks.c.created_at)
    )
    return [_webhook(row) for row in rows]


async def find(connection: Connection, webhook: UUID) -> Webhook | None:
    """Return a webhook that has not ended."""
    query = select(webhooks).where(webhooks.c.id == webhook, webhooks.c.ended_at.is_(None))
    row = (await connection.execute(query)).one_or_none()
    return _webhook(row) if row else None


def _webhook(row: Any) -> Webhook:
    return Webhook(row.id, row.url, row.area_code, row.secret, row.created_by, row.created_at)


async def end(connection: Connection, webhook: UUID, *, now: datetime) -> None:
    """Let a webhook end; what was delivered stays known, its secret does not."""
    await connection.execute(
        update(webhooks).where(webhooks.c.id == webhook).values(ended_at=now, secret=b"")
    )


async def of_webhook(
    connection: Connection, webhook: UUID, *, state: SendingState | None, limit: int
) -> list[Delivery]:
    """Return a webhook's deliveries of cases that whoever asks sees, the latest first."""
    query = (
        select(deliveries)
        .join(cases, cases.c.id == deliveries.c.case_id)
        .where(deliveries.c.webhook_id == webhook, visible(connection))
        .order_by(deliveries.c.at.desc(), deliveries.c.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(deliveries.c.state == state.value)
    return [_delivery(row) for row in await connection.execute(query)]


async def delivery(connection: Connection, wanted: UUID) -> Delivery | None:
    """Return a delivery of a case that whoever asks sees."""
    query = (
        select(deliveries)
        .join(cases, cases.c.id == deliveries.c.case_id)
        .where(deliveries.c.id == wanted, visible(connection))
    )
    row = (await connection.execute(query)).one_or_none()
    return _delivery(row) if row else None


async def taken(connection: Connection, wanted: UUID) -> Delivery | None:
    """Return a delivery that waits, kept from other workers until the transaction ends.

    ``None`` where it does not wait any more, or another worker has it.
    """
    query = (
        select(deliveries)
        .where(deliveries.c.id == wanted, deliveries.c.state == SendingState.WAITING.value)
        .with_for_update(skip_locked=True)
    )
    row = (await connection.execute(query)).one_or_none()
    return _delivery(row) if row else None


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        case_id=row.case_id,
        seq=row.seq,
        at=row.at,
        state=SendingState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        sent_at=row.sent_at,
        error=row.error,
    )


async def change(connection: Connection, wanted: UUID, **values: Any) -> None:
    """Set how far a delivery is."""
    await connection.execute(update(deliveries).where(deliveries.c.id == wanted).values(**values))


async def overdue(connection: Connection, *, before: datetime, limit: int) -> list[UUID]:
    """Return deliveries that wait and should have been sent before an instant: a job was lost."""
    query = (
        select(deliveries.c.id)
        .where(deliveries.c.state == SendingState.WAITING.value, deliveries.c.next_at < before)
        .order_by(deliveries.c.next_at)
        .limit(limit)
    )
    return list(await connection.scalars(query))
