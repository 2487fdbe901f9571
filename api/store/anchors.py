"""Anchors: the heads of cases that changed, chained; append-only."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from api.store.engine import Connection
from api.store.tables import anchor_heads, anchors, cases
from api.store.visibility import visible
from gridmap.dispatch.chain import GENESIS, anchor

Heads = dict[str, tuple[int, bytes]]  # by the case's id: how many events, and the hash of the last

_LOCK = 0x616E6368  # "anch": one anchor after the other


@dataclass(frozen=True)
class Anchor:
    """One anchor. ``heads`` are those that it holds."""

    seq: int
    hash: bytes
    heads: Heads


async def add(connection: Connection, *, now: datetime, limit: int) -> Anchor | None:
    """Anchor cases that changed since they were anchored last; ``None``: none did.

    A case that somebody is working on at this instant is left for the next anchor.
    Plan: an index scan of ``ix_cases_unanchored``.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    heads = await _changed(connection, limit)
    if not heads:
        return None
    last = (
        await connection.execute(select(anchors).order_by(anchors.c.seq.desc()).limit(1))
    ).one_or_none()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    made = Anchor(seq, anchor(previous, heads), heads)
    await connection.execute(insert(anchors).values(seq=seq, at=now, hash=made.hash))
    rows: list[dict[str, Any]] = [
        {"anchor": seq, "case_id": UUID(case), "version": version, "head": head}
        for case, (version, head) in heads.items()
    ]
    await connection.execute(insert(anchor_heads), rows)
    return made


async def _changed(connection: Connection, limit: int) -> Heads:
    """Mark so many changed cases as anchored and return their heads."""
    wanted = (
        select(cases.c.id)
        .where(cases.c.anchored != cases.c.version, visible(connection))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await connection.execute(
        update(cases)
        .where(cases.c.id.in_(wanted))
        .values(anchored=cases.c.version)
        .returning(cases.c.id, cases.c.version, cases.c.head)
    )
    return {str(row.id): (row.version, row.head) for row in rows}


async def in_order(connection: Connection) -> AsyncIterator[Anchor]:
    """Yield every anchor with its heads, the first first."""
    rows = (await connection.execute(select(anchors).order_by(anchors.c.seq))).all()
    for row in rows:
        found = await connection.execute(
            select(anchor_heads).where(anchor_heads.c.anchor == row.seq)
        )
        heads = {str(one.case_id): (one.version, one.head) for one in found}
        yield Anchor(row.seq, row.hash, heads)


async def count(connection: Connection) -> int:
    """Return how many anchors there are."""
    return int(await connection.scalar(select(func.count()).select_from(anchors)) or 0)
