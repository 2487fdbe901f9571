"""Cases: the row that says where each stands, and the events that are the truth."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from geoalchemy2.shape import to_shape
from sqlalchemy import ColumnElement, RowMapping, Select, func, insert, select, update

from api.store import history, summonses, tallies
from api.store.engine import Connection
from api.store.mapping import (
    AREA,
    ATTRIBUTION,
    DECISION,
    ITEM,
    PLAN,
    place_columns,
    place_of,
)
from api.store.tables import case_numbers, cases, releases, tenures
from api.store.visibility import visible
from gridmap.boundary import Area
from gridmap.dispatch.audience import audience
from gridmap.dispatch.chain import GENESIS
from gridmap.dispatch.event import Event
from gridmap.dispatch.fold import fold
from gridmap.dispatch.record import REPORTS, CaseRecord, CaseSummary
from gridmap.dispatch.step import Step
from gridmap.geo import LngLat

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)  # the end of a tenure that has none (migration 0005)


async def next_number(connection: Connection, *, day: datetime) -> str:
    """Return a new case number: the day and a number that never repeats."""
    value = await connection.scalar(select(case_numbers.next_value()))
    return f"{day:%Y%m%d}-{value:06d}"


async def open_case(
    connection: Connection, record: CaseRecord, event: Event, *, moment: datetime | None
) -> CaseRecord:
    """Insert a case, the event that opens it and its first holder; returns it as it is kept.

    ``moment`` is when the worker has to look at it.
    """
    opened = {
        "id": record.id,
        "number": record.case.number,
        "category": record.category,
        **place_columns(record.place),
        "release_id": record.release,
        "catalogue": record.catalogue,
        "attribution": ATTRIBUTION.dump_python(record.levels, mode="json"),
        "decision": DECISION.dump_python(record.decision, mode="json"),
        "plan": PLAN.dump_python(record.plan, mode="json"),
        "opened_at": record.case.opened_at,
        "areas": sorted(record.areas),
        **_standing(record, moment),
    }
    linked = history.linked(record.id, 1, event, GENESIS)
    await connection.execute(insert(cases).values(opened | {"head": linked.hash}))
    await connection.execute(
        insert(tenures).values(
            case_id=record.id, holder_code=record.case.holder, from_at=record.case.opened_at
        )
    )
    await history.write(connection, linked)
    return replace(record, head=linked.hash)


async def append(
    connection: Connection,
    before: CaseRecord,
    event: Event,
    *,
    moment: datetime | None,
    merged_into: UUID | None = None,
) -> CaseRecord:
    """Append one event and bring the case's row to the state that it leads to; returns that.

    The caller holds the row's lock (`locked`). ``moment`` is when the worker has to look at the
    case next, ``merged_into`` the case that goes on in its place.
    """
    linked = history.linked(before.id, before.case.version + 1, event, before.head)
    after = replace(before.after(event), head=linked.hash)
    await history.write(connection, linked)
    await summonses.bring(connection, before, after)
    await tallies.bring(connection, before, after, event)
    if after.case.holder != before.case.holder:
        await _hand_over(connection, after, event.at)
    merged = {"merged_into": merged_into} if merged_into else {}
    await connection.execute(
        update(cases)
        .where(cases.c.id == after.id, visible(connection))
        .values(head=linked.hash, **_standing(after, moment), **merged)
    )
    return after


async def _hand_over(connection: Connection, record: CaseRecord, at: datetime) -> None:
    await connection.execute(
        update(tenures)
        .where(tenures.c.case_id == record.id, tenures.c.until_at == _FOREVER)
        .values(until_at=at)
    )
    await connection.execute(
        insert(tenures).values(
            case_id=record.id, holder_code=record.case.holder, from_at=at, previous_until_at=at
        )
    )


def _standing(record: CaseRecord, moment: datetime | None) -> dict[str, Any]:
    case = record.case
    return {
        "holder_code": case.holder,
        "convener": case.convener,
        "step": case.step.value,
        "version": case.version,
        "open_summons": len(case.open_summons),
        "whistle_blown_at": case.live.blown_at if case.live else None,
        "next_due_at": case.next_due_at,
        "closed_at": case.closed_at,
        "audience": sorted(audience(record)),
        "confidential": bool(case.named),
        "next_moment_at": moment,
    }


async def find(connection: Connection, case_id: UUID) -> CaseRecord | None:
    """Return a case as it stands; ``None`` when there is none to see."""
    return await _one(connection, _with_title().where(cases.c.id == case_id))


async def locked(connection: Connection, case_id: UUID) -> CaseRecord | None:
    """Return a case and keep others from changing it until the transaction ends."""
    query = _with_title().where(cases.c.id == case_id).with_for_update(of=cases)
    return await _one(connection, query)


def _with_title() -> Select[Any]:
    title = releases.c.title.label("release_title")
    return select(cases, title).join(releases, releases.c.id == cases.c.release_id)


async def _one(connection: Connection, query: Select[Any]) -> CaseRecord | None:
    row = (await connection.execute(query.where(visible(connection)))).mappings().one_or_none()
    if row is None:
        return None
    events = await history.of_case(connection, row["id"])
    return CaseRecord(
        id=row["id"],
        category=row["category"],
        place=place_of(row),
        release=row["release_id"],
        release_title=row["release_title"],
        catalogue=row["catalogue"],
        levels=ATTRIBUTION.validate_python(row["attribution"]),
        decision=DECISION.validate_python(row["decision"]),
        plan=PLAN.validate_python(row["plan"]),
        case=fold(events),
        areas=frozenset(row["areas"]),
        reporters=frozenset(event.by.account for event in events if event.kind in REPORTS),
        head=row["head"],
    )


async def queue(connection: Connection, *, limit: int) -> list[CaseSummary]:
    """Return the open cases by the clock that runs out first, without one by when they opened."""
    order = (cases.c.next_due_at.asc().nulls_last(), cases.c.opened_at.asc())
    return await _rows(connection, cases.c.closed_at.is_(None), order, limit)


async def closed(connection: Connection, *, limit: int) -> list[CaseSummary]:
    """Return the closed cases, the last closed first."""
    return await _rows(
        connection, cases.c.closed_at.is_not(None), (cases.c.closed_at.desc(),), limit
    )


async def count(connection: Connection, *, is_open: bool) -> int:
    """Return how many cases are open, or closed."""
    where = cases.c.closed_at.is_(None) if is_open else cases.c.closed_at.is_not(None)
    query = select(func.count()).select_from(cases).where(where, visible(connection))
    return int(await connection.scalar(query) or 0)


async def _rows(
    connection: Connection,
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    limit: int,
) -> list[CaseSummary]:
    query = select(cases, func.ST_PointOnSurface(cases.c.place).label("point"))
    query = query.where(where, visible(connection)).order_by(*order).limit(limit)
    rows = await connection.execute(query)
    return [_summary(row) for row in rows.mappings()]


def _summary(row: RowMapping) -> CaseSummary:
    point = to_shape(row["point"])
    return CaseSummary(
        id=row["id"],
        number=row["number"],
        item=ITEM.validate_python(row["plan"]["item"]),
        holder=_holder(row),
        step=Step(row["step"]),
        point=LngLat(point.x, point.y),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        open_summons=row["open_summons"],
        whistle_blown_at=row["whistle_blown_at"],
        next_due_at=row["next_due_at"],
    )


def _holder(row: RowMapping) -> Area:
    decision = row["decision"]
    sides = (decision["lead"], *decision["assisting"])
    return AREA.validate_python(next(one for one in sides if one["code"] == row["holder_code"]))


async def id_of(connection: Connection, number: str) -> UUID | None:
    """Return the id of a case by its number; ``None`` when there is none to see."""
    query = select(cases.c.id).where(cases.c.number == number, visible(connection))
    found: UUID | None = await connection.scalar(query)
    return found


async def seen(connection: Connection, numbers: Iterable[str]) -> frozenset[str]:
    """Return which of some cases, by their numbers, whom the connection acts for sees."""
    query = select(cases.c.number).where(cases.c.number.in_(list(numbers)), visible(connection))
    return frozenset(await connection.scalars(query))
