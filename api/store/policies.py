"""Policies in the database: documents as they were imported, one of them active."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text, update

from api.store.engine import Connection
from api.store.tables import policies


@dataclass(frozen=True)
class StoredPolicy:
    """A policy's document as it was imported, which may extend another."""

    version: str
    document: Mapping[str, Any]
    active: bool
    imported_at: datetime
    activated_at: datetime | None


async def stored(connection: Connection) -> list[StoredPolicy]:
    """Return all policies, newest first."""
    rows = await connection.execute(
        select(
            policies.c.version,
            policies.c.document,
            policies.c.active,
            policies.c.imported_at,
            policies.c.activated_at,
        ).order_by(policies.c.imported_at.desc(), policies.c.version)
    )
    return [StoredPolicy(*row) for row in rows]


async def active_version(connection: Connection) -> str | None:
    """Return the version that decides now; ``None`` before the first activation."""
    found: str | None = await connection.scalar(
        select(policies.c.version).where(policies.c.active.is_(True))
    )
    return found


async def store(connection: Connection, version: str, document: Mapping[str, Any]) -> None:
    """Insert a policy, inactive. None of its version may exist: policies are never edited."""
    await connection.execute(insert(policies).values(version=version, document=dict(document)))


async def activate(connection: Connection, version: str) -> None:
    """Let one policy decide, and no other; it must exist."""
    await connection.execute(
        update(policies).where(policies.c.active.is_(True)).values(active=False)
    )
    await connection.execute(
        update(policies)
        .where(policies.c.version == version)
        .values(active=True, activated_at=text("now()"))
    )
