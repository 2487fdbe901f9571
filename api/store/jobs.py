"""The queue of jobs: enqueued in the transaction of the change that asks for them.

Of every case there is at most one job that waits: `look_at` moves it when the case's next moment
moves. One that runs already does not count: who enqueues holds the case, and it waits for that.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from procrastinate import PsycopgConnector
from sqlalchemy import delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.engine import make_url

from api.store.engine import Connection
from api.store.tables import calendars, cases, jobs
from api.store.visibility import visible

QUEUE = "gridmap"
LOOK = "look"

_WAITING = text("status = 'todo'")  # the condition of procrastinate's unique index


def connector(service_url: str) -> PsycopgConnector:
    """Return procrastinate's own way to the database of the service; nothing is opened yet."""
    url = make_url(service_url).set(drivername="postgresql")
    conninfo = url.render_as_string(hide_password=False)
    return PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4, timeout=5)


async def look_at(connection: Connection, case_id: UUID, at: datetime | None) -> None:
    """Let the worker look at a case at an instant, and at no other; ``None``: at none."""
    lock = f"{LOOK}:{case_id}"
    if at is None:
        await connection.execute(delete(jobs).where(jobs.c.queueing_lock == lock, _WAITING))
        return
    new = insert(jobs).values(
        queue_name=QUEUE,
        task_name=LOOK,
        queueing_lock=lock,
        args={"case_id": str(case_id)},
        scheduled_at=at,
    )
    moved = new.on_conflict_do_update(
        index_elements=[jobs.c.queueing_lock],
        index_where=_WAITING,
        set_={"scheduled_at": new.excluded.scheduled_at},
        where=jobs.c.scheduled_at.is_distinct_from(new.excluded.scheduled_at),
    )
    await connection.execute(moved)


async def due_cases(connection: Connection, *, by: datetime, limit: int) -> list[UUID]:
    """Return the cases whose next moment has come, whether or not a job waits for them."""
    rows = await connection.execute(
        select(cases.c.id)
        .where(cases.c.next_moment_at <= by, visible(connection))
        .order_by(cases.c.next_moment_at)
        .limit(limit)
    )
    return list(rows.scalars())


async def enqueue_missed(connection: Connection, *, before: datetime, limit: int) -> int:
    """Let the worker look now at the cases whose moment passed before an instant.

    That is at those that no job waits for, and those whose job is for later: nobody's clock says
    so but that of a rehearsal. Plan: an index scan of ``ix_cases_next_moment_at``. Returns how
    many there were.
    """
    lock = func.concat(f"{LOOK}:", cases.c.id)
    missed = (
        select(
            literal(QUEUE),
            literal(LOOK),
            lock,
            func.jsonb_build_object("case_id", cases.c.id, type_=JSONB),
            func.now(),
        )
        .where(cases.c.next_moment_at < before, visible(connection))
        .order_by(cases.c.next_moment_at)
        .limit(limit)
    )
    columns = ["queue_name", "task_name", "queueing_lock", "args", "scheduled_at"]
    done = await connection.execute(
        insert(jobs)
        .from_select(columns, missed)
        .on_conflict_do_update(
            index_elements=[jobs.c.queueing_lock],
            index_where=_WAITING,
            set_={"scheduled_at": func.now()},
            where=jobs.c.scheduled_at > func.now(),
        ),
        execution_options={"preserve_rowcount": True},
    )
    return done.rowcount


async def enqueue(
    connection: Connection, task: str, args: Mapping[str, str], *, at: datetime | None = None
) -> None:
    """Let the worker do a task, at once or at an instant."""
    row = {"queue_name": QUEUE, "task_name": task, "args": dict(args), "scheduled_at": at}
    await connection.execute(insert(jobs).values(row))


async def is_calendar_seen(connection: Connection, version: str) -> bool:
    """Whether all open cases were clocked by a version of the calendar."""
    query = select(calendars.c.version).order_by(calendars.c.seen_at.desc()).limit(1)
    return await connection.scalar(query) == version


async def calendar_seen(connection: Connection, version: str, *, now: datetime) -> None:
    """Keep that all open cases have been clocked by a version of the calendar."""
    new = insert(calendars).values(version=version, seen_at=now)
    await connection.execute(
        new.on_conflict_do_update(index_elements=["version"], set_={"seen_at": now})
    )


async def open_cases(connection: Connection, *, after: UUID, limit: int) -> list[UUID]:
    """Return the ids of open cases in their order, after one of them."""
    rows = await connection.execute(
        select(cases.c.id)
        .where(cases.c.closed_at.is_(None), cases.c.id > after, visible(connection))
        .order_by(cases.c.id)
        .limit(limit)
    )
    return list(rows.scalars())
