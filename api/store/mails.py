"""Mails about notices: gathered from those not mailed yet, then sent one by one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import false, func, select, update
from sqlalchemy import insert as plain_insert

from api.store.engine import Connection
from api.store.tables import accounts, agreements, cases, grants, mails, notices
from gridmap.dispatch.actor import Actor, Grant, Role
from gridmap.dispatch.sending import SendingState

SEND_MAIL = "send_mail"


@dataclass(frozen=True)
class Unmailed:
    """A notice that nobody was sent a mail about.

    ``audience`` are the keys that open its case; ``None`` where it is of no case.
    """

    id: int
    key: str
    audience: frozenset[str] | None


@dataclass(frozen=True)
class Mail:
    """One mail to one account. ``to`` is ``None`` where it has no address any more."""

    id: UUID
    to: str | None
    attempts: int
    lines: tuple["Line", ...]


@dataclass(frozen=True)
class Line:
    """What a mail says of one notice; of a confidential case not even its number.

    ``about`` is the case's number, or the agreement's title with the ``days`` that it has left.
    """

    about: str
    kind: str
    confidential: bool
    days: int | None


async def unmailed(connection: Connection, *, limit: int) -> list[Unmailed]:
    """Return notices not mailed yet, kept from other workers. Plan: ``ix_notices_unmailed``."""
    rows = await connection.execute(
        select(notices.c.id, notices.c.key, cases.c.audience)
        .outerjoin(cases, cases.c.id == notices.c.case_id)
        .where(~notices.c.mailed)
        .order_by(notices.c.id)
        .limit(limit)
        .with_for_update(of=notices, skip_locked=True)
    )
    return [
        Unmailed(row.id, row.key, None if row.audience is None else frozenset(row.audience))
        for row in rows
    ]


async def mark(connection: Connection, ids: list[int]) -> None:
    """Keep that mails about notices are on their way, or that nobody gets one."""
    await connection.execute(update(notices).where(notices.c.id.in_(ids)).values(mailed=True))


async def addressees(connection: Connection) -> list[Actor]:
    """Return everybody who has an address and may sign in, with what they are granted."""
    rows = await connection.execute(
        select(accounts.c.id, grants.c.role, grants.c.area_code, grants.c.unit_id)
        .outerjoin(grants, (grants.c.account_id == accounts.c.id) & grants.c.revoked_at.is_(None))
        .where(accounts.c.email.is_not(None), accounts.c.disabled_at.is_(None))
    )
    held: dict[UUID, list[Grant]] = {}
    for row in rows:
        own = held.setdefault(row.id, [])
        if row.role:
            own.append(Grant(Role(row.role), row.area_code, row.unit_id))
    return [Actor(str(account), tuple(own)) for account, own in held.items()]


async def add(
    connection: Connection, mail: UUID, account: UUID, ids: list[int], now: datetime
) -> None:
    """Insert a mail that waits."""
    row = {"id": mail, "account_id": account, "notices": ids, "at": now, "next_at": now}
    await connection.execute(plain_insert(mails).values(row))


async def taken(connection: Connection, wanted: UUID) -> Mail | None:
    """Return a mail that waits, kept from other workers; ``None`` where it does not any more."""
    row = (
        await connection.execute(
            select(mails, accounts.c.email, accounts.c.disabled_at)
            .join(accounts, accounts.c.id == mails.c.account_id)
            .where(mails.c.id == wanted, mails.c.state == SendingState.WAITING.value)
            .with_for_update(of=mails, skip_locked=True)
        )
    ).one_or_none()
    if row is None:
        return None
    lines = await connection.execute(
        select(
            func.coalesce(cases.c.number, agreements.c.title).label("about"),
            notices.c.kind,
            func.coalesce(cases.c.confidential, false()).label("confidential"),
            notices.c.days,
        )
        .outerjoin(cases, cases.c.id == notices.c.case_id)
        .outerjoin(agreements, agreements.c.id == notices.c.agreement_id)
        .where(notices.c.id.in_(row.notices))
        .order_by(notices.c.id)
    )
    return Mail(
        id=row.id,
        to=None if row.disabled_at else row.email,
        attempts=row.attempts,
        lines=tuple(Line(*one) for one in lines),
    )


async def change(connection: Connection, wanted: UUID, **values: Any) -> None:
    """Set how far a mail is."""
    await connection.execute(update(mails).where(mails.c.id == wanted).values(**values))


async def overdue(connection: Connection, *, before: datetime, limit: int) -> list[UUID]:
    """Return mails that wait and should have been sent before an instant: a job was lost."""
    query = (
        select(mails.c.id)
        .where(mails.c.state == SendingState.WAITING.value, mails.c.next_at < before)
        .order_by(mails.c.next_at)
        .limit(limit)
    )
    return list(await connection.scalars(query))
