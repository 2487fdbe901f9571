"""Past cases in batches, as they were decided, to be decided again."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, select, tuple_

from api.store.engine import Connection
from api.store.incidents import incident_of
from api.store.mapping import DECISION
from api.store.tables import cases, events, incidents
from api.store.visibility import visible
from gridmap.dispatch.event import EventKind
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.question import Ruling
from gridmap.replay import Past

BATCH = 500


async def count(connection: Connection, *, since: datetime, until: datetime) -> int:
    """Return how many cases were opened in a span of time, its end not included."""
    query = select(func.count()).select_from(cases)
    found = await connection.scalar(
        query.where(cases.c.opened_at >= since, cases.c.opened_at < until, visible(connection))
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
        query = _opening(connection).where(
            visible(connection), cases.c.opened_at >= since, cases.c.opened_at < until
        )
        if last is not None:
            query = query.where(tuple_(cases.c.opened_at, cases.c.id) > tuple_(*last))
        query = query.order_by(cases.c.opened_at, cases.c.id).limit(BATCH)
        rows = (await connection.execute(query)).mappings().all()
        if not rows:
            return
        yield await _past(connection, rows)
        last = (rows[-1]["opened_at"], rows[-1]["case_id"])


async def find(connection: Connection, case_id: UUID) -> Past | None:
    """Return one case; ``None`` when there is none."""
    query = _opening(connection).where(cases.c.id == case_id)
    rows = (await connection.execute(query)).mappings().all()
    return (await _past(connection, rows))[0] if rows else None


def _opening(connection: Connection) -> Select[tuple[object, ...]]:
    """Cases, each with the report that opened it: the first of its reports."""
    first = (
        select(incidents)
        .where(incidents.c.case_id == cases.c.id)
        .order_by(incidents.c.reported_at, incidents.c.id)
        .limit(1)
        .lateral("first")
    )
    query = select(cases.c.number, cases.c.opened_at, cases.c.decision, first)
    return query.join(first, first.c.case_id == cases.c.id).where(visible(connection))


async def _past(connection: Connection, rows: Sequence[RowMapping]) -> list[Past]:
    ruled = await _rulings(connection, [row["case_id"] for row in rows])
    return [_with_ruling(row, ruled.get(row["case_id"])) for row in rows]


async def _rulings(connection: Connection, case_ids: Sequence[UUID]) -> dict[UUID, RowMapping]:
    """Return the last ruling that named a lead, of each case that has one."""
    rows = await connection.execute(
        select(events)
        .where(
            events.c.case_id.in_(case_ids),
            events.c.kind == EventKind.RULED.value,
            events.c.data["lead"].astext.is_not(None),
        )
        .order_by(events.c.case_id, events.c.seq)
    )
    return {row["case_id"]: row for row in rows.mappings()}


def _with_ruling(row: RowMapping, ruled: RowMapping | None) -> Past:
    decision = DECISION.validate_python(row["decision"])
    return Past(
        id=str(row["case_id"]),
        number=row["number"],
        opened_at=row["opened_at"],
        incident=incident_of(row),
        decision=decision,
        ruling=None if ruled is None else _ruling(decision, ruled),
    )


def _ruling(decision: Decision, ruled: RowMapping) -> Ruling | None:
    """Return the ruling: it names a side of the case, and was made above all of them."""
    sides = (decision.lead, *decision.assisting)
    lead = next((area for area in sides if area.code == ruled["data"]["lead"]), None)
    return None if lead is None else Ruling(lead, None, ruled["at"])
