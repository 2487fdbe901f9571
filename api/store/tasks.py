"""Tasks and obligations as they stand, in rows of their own; the truth is the journal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, or_, select, update

from api.store.engine import Connection
from api.store.tables import assignments, obligations, subjects, tasks
from api.store.visibility import visible_subject
from gridmap.dispatch.obligation import Obligation
from gridmap.dispatch.task import Assignment, Task


@dataclass(frozen=True)
class TaskLine:
    """One line of a list of tasks: how many carry it out, are done, are overdue."""

    id: UUID
    title: str
    assigner: str
    assigned_at: datetime
    due_at: datetime
    obligation: UUID | None
    operation: UUID | None
    withdrawn_at: datetime | None
    units: int
    done: int
    overdue: int


async def bring(connection: Connection, before: Task | None, after: Task) -> None:
    """Bring the rows of a task from how they stood to how they stand now."""
    task_id = UUID(after.id)
    if before is None:
        await connection.execute(
            insert(tasks).values(
                id=task_id,
                title=after.title,
                assigner_unit=after.assigner,
                assigner_area=after.assigner_area,
                assigned_at=after.assigned_at,
                due_at=after.due_at,
                obligation_id=UUID(after.obligation) if after.obligation else None,
            )
        )
        rows = [
            {"task_id": task_id, "unit_id": one.unit, "unit_area": one.area_code, **_state(one)}
            for one in after.assignments
        ]
        await connection.execute(insert(assignments), rows)
        return
    for one, old in zip(after.assignments, before.assignments, strict=True):
        if one != old:
            await connection.execute(
                update(assignments)
                .where(assignments.c.task_id == task_id, assignments.c.unit_id == one.unit)
                .values(_state(one))
            )
    if after.withdrawn_at != before.withdrawn_at:
        await connection.execute(
            update(tasks).where(tasks.c.id == task_id).values(withdrawn_at=after.withdrawn_at)
        )


def _state(one: Assignment) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "accepted_at": one.accepted_at,
        "reported_at": one.reported_at,
        "done_at": one.done_at,
        "returned": one.returned,
    }


async def bring_obligation(
    connection: Connection, before: Obligation | None, after: Obligation
) -> None:
    """Bring the row of an obligation from how it stood to how it stands now."""
    stands = {
        "task_id": UUID(after.task) if after.task else None,
        "met_at": after.met_at,
        "explained_at": after.explained_at,
        "exempted_at": after.exempted_at,
    }
    if before is None:
        row = {
            "id": UUID(after.id),
            "title": after.title,
            "unit_id": after.unit,
            "unit_area": after.unit_area,
            "due_at": after.due_at,
        }
        await connection.execute(insert(obligations).values(row | stands))
        return
    await connection.execute(
        update(obligations).where(obligations.c.id == UUID(after.id)).values(stands)
    )


async def listed(
    connection: Connection,
    *,
    now: datetime,
    limit: int,
    unit: str | None = None,
    operation: UUID | None = None,
) -> list[TaskLine]:
    """Return the tasks, those due first first; of one unit, as assigner or assignee, if named."""
    query = (
        select(tasks, subjects.c.operation_id, *_counts(now))
        .join(subjects, subjects.c.id == tasks.c.id)
        .join(assignments, assignments.c.task_id == tasks.c.id)
        .where(visible_subject(connection))
        .group_by(tasks.c.id, subjects.c.operation_id)
        .order_by(tasks.c.due_at, tasks.c.id)
        .limit(limit)
    )
    if unit:
        carried = select(assignments.c.task_id).where(assignments.c.unit_id == unit)
        query = query.where(or_(tasks.c.assigner_unit == unit, tasks.c.id.in_(carried)))
    if operation:
        query = query.where(subjects.c.operation_id == operation)
    rows = await connection.execute(query)
    return [
        TaskLine(
            id=row["id"],
            title=row["title"],
            assigner=row["assigner_unit"],
            assigned_at=row["assigned_at"],
            due_at=row["due_at"],
            obligation=row["obligation_id"],
            operation=row["operation_id"],
            withdrawn_at=row["withdrawn_at"],
            units=row["units"],
            done=row["done"],
            overdue=row["overdue"],
        )
        for row in rows.mappings()
    ]


def _counts(now: datetime) -> tuple[Any, ...]:
    """How many assignees, done, overdue (`Assignment.is_overdue`)."""
    shown = and_(
        assignments.c.state.in_(["reported", "done"]), assignments.c.reported_at.is_not(None)
    )
    late = or_(
        and_(shown, assignments.c.reported_at > tasks.c.due_at),
        and_(~shown, tasks.c.due_at < now),
    )
    standing = and_(late, tasks.c.withdrawn_at.is_(None))
    return (
        func.count().label("units"),
        func.count().filter(assignments.c.state == "done").label("done"),
        func.count().filter(standing).label("overdue"),
    )
