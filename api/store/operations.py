"""Operations as they stand, in rows of their own; the truth is the journal."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update

from api.store.engine import Connection
from api.store.tables import cases, operation_cases, operations, subjects
from api.store.visibility import visible, visible_subject
from gridmap.dispatch.operation import Operation


@dataclass(frozen=True)
class OperationLine:
    """One line of a list of operations."""

    id: UUID
    title: str
    headquarters: str
    from_on: date
    until_on: date
    confidential: bool
    ended_at: datetime | None
    cases: int


async def bring(connection: Connection, before: Operation | None, after: Operation) -> None:
    """Bring the row of an operation from how it stood to how it stands now."""
    if before is None:
        await connection.execute(
            insert(operations).values(
                id=UUID(after.id),
                title=after.title,
                headquarters=after.headquarters,
                area_code=after.area_code,
                from_on=after.from_on,
                until_on=after.until_on,
                confidential=after.confidential,
            )
        )
    elif after.ended_at != before.ended_at:
        await connection.execute(
            update(operations)
            .where(operations.c.id == UUID(after.id))
            .values(ended_at=after.ended_at)
        )


async def link(connection: Connection, operation_id: UUID, case_id: UUID) -> None:
    """Note that a case is worked on in an operation; it is not yet."""
    await connection.execute(
        insert(operation_cases).values(operation_id=operation_id, case_id=case_id)
    )


async def of_case(connection: Connection, case_id: UUID) -> list[UUID]:
    """Return the operations in which a case is worked on."""
    rows = await connection.scalars(
        select(operation_cases.c.operation_id)
        .where(operation_cases.c.case_id == case_id)
        .order_by(operation_cases.c.operation_id)
    )
    return list(rows)


async def cases_of(connection: Connection, operation_id: UUID) -> dict[str, UUID]:
    """Return the cases of an operation that whom it acts for sees: ids by number."""
    rows = await connection.execute(
        select(cases.c.number, cases.c.id)
        .join(operation_cases, operation_cases.c.case_id == cases.c.id)
        .where(operation_cases.c.operation_id == operation_id, visible(connection))
        .order_by(cases.c.number)
    )
    return {row.number: row.id for row in rows}


async def listed(connection: Connection, *, limit: int) -> list[OperationLine]:
    """Return the operations, those that run first, then by their end."""
    count = (
        select(func.count())
        .select_from(operation_cases.join(cases, cases.c.id == operation_cases.c.case_id))
        .where(operation_cases.c.operation_id == operations.c.id, visible(connection))
        .scalar_subquery()
        .label("cases")
    )
    rows = await connection.execute(
        select(operations, count)
        .join(subjects, subjects.c.id == operations.c.id)
        .where(visible_subject(connection))
        .order_by(operations.c.ended_at.desc().nulls_first(), operations.c.until_on)
        .limit(limit)
    )
    return [
        OperationLine(
            id=row["id"],
            title=row["title"],
            headquarters=row["headquarters"],
            from_on=row["from_on"],
            until_on=row["until_on"],
            confidential=row["confidential"],
            ended_at=row["ended_at"],
            cases=row["cases"],
        )
        for row in rows.mappings()
    ]
