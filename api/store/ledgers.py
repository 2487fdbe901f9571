"""Ledgers as they stand, in rows of their own; the truth is the journal."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from geoalchemy2.shape import from_shape
from sqlalchemy import insert, select, update

from api.store.engine import Connection
from api.store.tables import SRID, cases, ledger_targets, ledgers, subjects, target_cases
from api.store.visibility import visible_subject
from gridmap.dispatch.ledger import Ledger, Target


@dataclass(frozen=True)
class LedgerLine:
    """One line of a list of ledgers."""

    id: UUID
    title: str
    owner: str
    category: str | None
    class_code: str | None
    from_on: date
    until_on: date
    targets: int
    struck: int
    operation: UUID | None


async def bring(connection: Connection, before: Ledger | None, after: Ledger) -> None:
    """Bring the rows of a ledger from how they stood to how they stand now."""
    if before is None:
        await connection.execute(insert(ledgers).values(id=UUID(after.id), **_head(after)))
        return
    known, ledger_id = before.targets or {}, UUID(after.id)
    new = [_row(ledger_id, one) for one in after.lines if one.code not in known]
    if new:
        await connection.execute(insert(ledger_targets), new)
    for one in after.lines:
        if one.code in known and one.strike != known[one.code].strike:
            await connection.execute(
                update(ledger_targets)
                .where(ledger_targets.c.ledger_id == ledger_id, ledger_targets.c.code == one.code)
                .values(_struck(one))
            )
    await connection.execute(
        update(ledgers)
        .where(ledgers.c.id == ledger_id)
        .values(targets=len(after.lines), struck=after.struck)
    )


def _head(ledger: Ledger) -> dict[str, Any]:
    return {
        "title": ledger.title,
        "owner_unit": ledger.owner,
        "owner_area": ledger.owner_area,
        "category": ledger.category,
        "class_code": ledger.class_code,
        "from_on": ledger.from_on,
        "until_on": ledger.until_on,
        "targets": len(ledger.lines),
        "struck": ledger.struck,
    }


def _row(ledger_id: UUID, target: Target) -> dict[str, Any]:
    return {
        "ledger_id": ledger_id,
        "code": target.code,
        "name": target.name,
        "area_code": target.area_code,
        "place": from_shape(target.place.geometry, srid=SRID) if target.place else None,
        **_struck(target),
    }


def _struck(target: Target) -> dict[str, Any]:
    strike = target.strike
    return {
        "struck_at": strike.at if strike else None,
        "struck_by": strike.case if strike else None,
    }


async def link(connection: Connection, ledger_id: UUID, code: str, case_id: UUID) -> None:
    """Note that a case works on a target; it does not yet."""
    await connection.execute(
        insert(target_cases).values(ledger_id=ledger_id, code=code, case_id=case_id)
    )


async def targets_of(connection: Connection, case_id: UUID) -> list[tuple[UUID, str]]:
    """Return the targets that a case works on, in one order for everybody who locks them."""
    rows = await connection.execute(
        select(target_cases.c.ledger_id, target_cases.c.code)
        .where(target_cases.c.case_id == case_id)
        .order_by(target_cases.c.ledger_id, target_cases.c.code)
    )
    return [(row.ledger_id, row.code) for row in rows]


async def numbers(connection: Connection, ledger_id: UUID) -> dict[str, UUID]:
    """Return the ids of the cases of a ledger's targets by number."""
    rows = await connection.execute(
        select(cases.c.number, cases.c.id)
        .join(target_cases, target_cases.c.case_id == cases.c.id)
        .where(target_cases.c.ledger_id == ledger_id)
    )
    return {row.number: row.id for row in rows}


async def listed(
    connection: Connection, *, limit: int, operation: UUID | None = None
) -> list[LedgerLine]:
    """Return the ledgers, those that end first first."""
    query = (
        select(ledgers, subjects.c.operation_id)
        .join(subjects, subjects.c.id == ledgers.c.id)
        .where(visible_subject(connection))
        .order_by(ledgers.c.until_on, ledgers.c.id)
        .limit(limit)
    )
    if operation:
        query = query.where(subjects.c.operation_id == operation)
    rows = await connection.execute(query)
    return [
        LedgerLine(
            id=row["id"],
            title=row["title"],
            owner=row["owner_unit"],
            category=row["category"],
            class_code=row["class_code"],
            from_on=row["from_on"],
            until_on=row["until_on"],
            targets=row["targets"],
            struck=row["struck"],
            operation=row["operation_id"],
        )
        for row in rows.mappings()
    ]


async def number_of(connection: Connection, case_id: UUID) -> str:
    """Return the number of a case that is there."""
    return str(await connection.scalar(select(cases.c.number).where(cases.c.id == case_id)))
