"""Past cases in batches, as they were decided, to be decided again."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, select, tuple_

from api.store.engine import Connection
from api.store.incidents import incident_of
from api.store.mapping import DECISION
from api.store.tables import cases, incidents
from gridmap.replay import Past

BATCH = 500


async def count(connection: Connection, *, since: datetime, until: datetime) -> int:
    """Return how many cases were opened in a span of time, its end not included."""
    query = select(func.count()).select_from(cases)
    found = await connection.scalar(
        query.where(cases.c.opened_at >= since, cases.c.opened_at < until)
    )
    return int(found or 0)


async def batches(
    connection: Connection, *, since: datetime, until: datetime
) -> AsyncIterator[list[Past]]:
    """Yield the cases opened in a span of time, the first first, some hundred at a time.

    Plan: index scan on ``ix_cases_opened_at`` from where the last batch ended.
    """
    last: tuple[datetime, UUID] | None = None
    while True:
        query = _opening().where(cases.c.opened_at >= since, cases.c.opened_at < until)
        if last is not None:
            query = query.where(tuple_(cases.c.opened_at, cases.c.id) > tuple_(*last))
        query = query.order_by(cases.c.opened_at, cases.c.id).limit(BATCH)
        rows = (await connection.execute(query)).mappings().all()
        if not rows:
            return
        yield [_past(row) for row in rows]
        last = (rows[-1]["opened_at"], rows[-1]["case_id"])


async def find(connection: Connection, case_id: UUID) -> Past | None:
    """Return one case; ``None`` when there is none."""
    query = _opening().where(cases.c.id == case_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _past(row) if row else None


def _opening() -> Select[tuple[object, ...]]:
    """Cases, each with the report that opened it: the first of its reports."""
    first = (
        select(incidents)
        .where(incidents.c.case_id == cases.c.id)
        .order_by(incidents.c.reported_at, incidents.c.id)
        .limit(1)
        .lateral("first")
    )
    return select(cases.c.number, cases.c.opened_at, cases.c.decision, first).join(
        first, first.c.case_id == cases.c.id
    )


def _past(row: RowMapping) -> Past:
    return Past(
        id=str(row["case_id"]),
        number=row["number"],
        opened_at=row["opened_at"],
        incident=incident_of(row),
        decision=DECISION.validate_python(row["decision"]),
    )
