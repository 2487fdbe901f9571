"""Who is signed in, and whose sign-ins failed; nothing here can be turned into a token."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from api.store.engine import Connection
from api.store.tables import accounts, grants, sessions, sign_in_failures
from gridmap.dispatch.actor import Actor, Grant, Role


@dataclass(frozen=True)
class Session:
    """A session that stands, with whom it is of."""

    actor: Actor
    login: str
    name: str
    demonstration: bool
    expires_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class Failures:
    """Failed sign-ins of one login in a row."""

    count: int
    last_at: datetime
    wait_until: datetime


async def begin(
    connection: Connection, digest: bytes, account: UUID, *, now: datetime, expires_at: datetime
) -> None:
    """Insert a session; the account's expired ones go."""
    await connection.execute(
        delete(sessions).where(sessions.c.account_id == account, sessions.c.expires_at <= now)
    )
    row = {
        "token_sha256": digest,
        "account_id": account,
        "created_at": now,
        "expires_at": expires_at,
        "last_seen_at": now,
    }
    await connection.execute(insert(sessions).values(row))


async def standing(connection: Connection, digest: bytes, *, now: datetime) -> Session | None:
    """Return the session of a token, unless it has expired or its account is disabled."""
    rows = (
        await connection.execute(
            select(
                accounts.c.id,
                accounts.c.login,
                accounts.c.name,
                accounts.c.demonstration,
                sessions.c.expires_at,
                sessions.c.last_seen_at,
                grants.c.role,
                grants.c.area_code,
                grants.c.unit_id,
            )
            .select_from(sessions)
            .join(accounts)
            .outerjoin(
                grants, (grants.c.account_id == accounts.c.id) & grants.c.revoked_at.is_(None)
            )
            .where(
                sessions.c.token_sha256 == digest,
                sessions.c.expires_at > now,
                accounts.c.disabled_at.is_(None),
            )
            .order_by(grants.c.granted_at, grants.c.id)
        )
    ).all()
    if not rows:
        return None
    held = tuple(Grant(Role(row.role), row.area_code, row.unit_id) for row in rows if row.role)
    one = rows[0]
    return Session(
        actor=Actor(str(one.id), held),
        login=one.login,
        name=one.name,
        demonstration=one.demonstration,
        expires_at=one.expires_at,
        last_seen_at=one.last_seen_at,
    )


async def seen(connection: Connection, digest: bytes, *, now: datetime) -> None:
    """Note that a session is in use."""
    await connection.execute(
        update(sessions).where(sessions.c.token_sha256 == digest).values(last_seen_at=now)
    )


async def end(connection: Connection, digest: bytes) -> None:
    """Delete a session; nothing happens if there is none."""
    await connection.execute(delete(sessions).where(sessions.c.token_sha256 == digest))


async def end_all(connection: Connection, account: UUID) -> None:
    """Delete all sessions of an account."""
    await connection.execute(delete(sessions).where(sessions.c.account_id == account))


async def lock_login(connection: Connection, digest: bytes) -> None:
    """Let sign-ins of one login take turns until the transaction ends."""
    key = func.hashtextextended(f"sign in {digest.hex()}", 0)
    await connection.execute(select(func.pg_advisory_xact_lock(key)))


async def failures(connection: Connection, digest: bytes) -> Failures | None:
    """Return the failed sign-ins of a login; ``None`` when the last one succeeded."""
    row = (
        await connection.execute(
            select(
                sign_in_failures.c.count, sign_in_failures.c.last_at, sign_in_failures.c.wait_until
            ).where(sign_in_failures.c.login_sha256 == digest)
        )
    ).one_or_none()
    return Failures(*row) if row else None


async def keep_failures(connection: Connection, digest: bytes, failed: Failures) -> None:
    """Insert or replace the failed sign-ins of a login."""
    values = {"count": failed.count, "last_at": failed.last_at, "wait_until": failed.wait_until}
    await connection.execute(
        upsert(sign_in_failures)
        .values(login_sha256=digest, **values)
        .on_conflict_do_update(index_elements=["login_sha256"], set_=values)
    )


async def forget_failures(connection: Connection, digest: bytes) -> None:
    """Delete the failed sign-ins of a login."""
    await connection.execute(
        delete(sign_in_failures).where(sign_in_failures.c.login_sha256 == digest)
    )


async def forget_failures_before(connection: Connection, instant: datetime) -> None:
    """Delete failed sign-ins that are long over, so that guessed logins do not pile up."""
    await connection.execute(delete(sign_in_failures).where(sign_in_failures.c.last_at < instant))
