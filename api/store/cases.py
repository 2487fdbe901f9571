"""Cases: the row that says where each stands, and the events that are the truth."""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, RowMapping, Select, func, insert, literal, select, update

from api.store.engine import Connection
from api.store.mapping import (
    AREA,
    ATTRIBUTION,
    DECISION,
    ITEM,
    PLAN,
    event_of,
    place_columns,
    place_of,
)
from api.store.tables import SRID, case_numbers, cases, events, releases
from gridmap.dispatch.case import Case, Event, fold
from gridmap.dispatch.record import CaseRecord, CaseSummary, Nearby
from gridmap.dispatch.step import Step
from gridmap.geo import LngLat
from gridmap.place import Place

_GEOMETRY = Geometry("GEOMETRY", srid=SRID)

_EARTH_RADIUS_M = 6_371_000.0
_NEAREST_POLE_DEG = 89.0
_MOST_TILES = 64  # more locks than this for one report would crowd the server's lock table


async def next_number(connection: Connection, *, day: datetime) -> str:
    """Return a new case number: the day and a number that never repeats."""
    value = await connection.scalar(select(case_numbers.next_value()))
    return f"{day:%Y%m%d}-{value:06d}"


async def open_case(connection: Connection, record: CaseRecord, event: Event) -> None:
    """Insert a case and the event that opens it."""
    await connection.execute(
        insert(cases).values(
            id=record.id,
            number=record.case.number,
            category=record.category,
            **place_columns(record.place),
            release_id=record.release,
            catalogue=record.catalogue,
            attribution=ATTRIBUTION.dump_python(record.levels, mode="json"),
            decision=DECISION.dump_python(record.decision, mode="json"),
            plan=PLAN.dump_python(record.plan, mode="json"),
            opened_at=record.case.opened_at,
            **_standing(record.case),
        )
    )
    await _append(connection, record.id, record.case.version, event)


async def append(connection: Connection, case_id: UUID, case: Case, event: Event) -> None:
    """Append one event and bring the case's row to the state that it led to.

    The caller holds the row's lock (`locked`) and ``case`` is the state after the event.
    """
    await _append(connection, case_id, case.version, event)
    await connection.execute(update(cases).where(cases.c.id == case_id).values(**_standing(case)))


async def _append(connection: Connection, case_id: UUID, seq: int, event: Event) -> None:
    await connection.execute(
        insert(events).values(
            case_id=case_id,
            seq=seq,
            kind=event.kind.value,
            at=event.at,
            actor=event.actor,
            data=dict(event.data),
        )
    )


def _standing(case: Case) -> dict[str, Any]:
    return {
        "holder_code": case.holder,
        "step": case.step.value,
        "version": case.version,
        "open_summons": len(case.open_summons),
        "whistle_blown_at": case.whistle_blown_at,
        "next_due_at": case.next_due_at,
        "closed_at": case.closed_at,
    }


async def find(connection: Connection, case_id: UUID) -> CaseRecord | None:
    """Return a case as it stands; ``None`` when there is none."""
    return await _one(connection, _with_title().where(cases.c.id == case_id))


async def locked(connection: Connection, case_id: UUID) -> CaseRecord | None:
    """Return a case and keep others from changing it until the transaction ends."""
    query = _with_title().where(cases.c.id == case_id).with_for_update(of=cases)
    return await _one(connection, query)


def _with_title() -> Select[Any]:
    title = releases.c.title.label("release_title")
    return select(cases, title).join(releases, releases.c.id == cases.c.release_id)


async def _one(connection: Connection, query: Select[Any]) -> CaseRecord | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
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
        case=fold(await history(connection, row["id"])),
    )


async def history(connection: Connection, case_id: UUID) -> list[Event]:
    """Return a case's events in their order."""
    rows = await connection.execute(
        select(events).where(events.c.case_id == case_id).order_by(events.c.seq)
    )
    return [event_of(row) for row in rows.mappings()]


async def queue(connection: Connection, *, limit: int) -> list[CaseSummary]:
    """Return the open cases: those that nobody was called to first, then by the running clock."""
    waiting = cases.c.whistle_blown_at.is_not(None)  # false sorts first
    order = (waiting, cases.c.next_due_at.asc().nulls_last(), cases.c.opened_at.asc())
    return await _rows(connection, cases.c.closed_at.is_(None), order, limit)


async def closed(connection: Connection, *, limit: int) -> list[CaseSummary]:
    """Return the closed cases, the last closed first."""
    return await _rows(
        connection, cases.c.closed_at.is_not(None), (cases.c.closed_at.desc(),), limit
    )


async def count(connection: Connection, *, is_open: bool) -> int:
    """Return how many cases are open, or closed."""
    where = cases.c.closed_at.is_(None) if is_open else cases.c.closed_at.is_not(None)
    return int(await connection.scalar(select(func.count()).select_from(cases).where(where)) or 0)


async def _rows(
    connection: Connection,
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    limit: int,
) -> list[CaseSummary]:
    query = select(cases, func.ST_PointOnSurface(cases.c.place).label("point"))
    rows = await connection.execute(query.where(where).order_by(*order).limit(limit))
    return [_summary(row) for row in rows.mappings()]


def _summary(row: RowMapping) -> CaseSummary:
    point = to_shape(row["point"])
    return CaseSummary(
        id=row["id"],
        number=row["number"],
        item=ITEM.validate_python(row["plan"]["item"]),
        holder=AREA.validate_python(row["decision"]["lead"]),
        step=Step(row["step"]),
        point=LngLat(point.x, point.y),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        open_summons=row["open_summons"],
        whistle_blown_at=row["whistle_blown_at"],
        next_due_at=row["next_due_at"],
    )


async def nearby(
    connection: Connection, place: Place, *, category: str, radius_m: float, since: datetime
) -> list[Nearby]:
    """Return the open cases of a category within a distance of a place, nearest first.

    Plan: index scan on ``ix_cases_open_place`` by the widened box, then the geodesic distance of
    the few that it finds.
    """
    box = literal(from_shape(_around(place, radius_m=radius_m), srid=SRID), _GEOMETRY)
    shape = literal(from_shape(place.geometry, srid=SRID), _GEOMETRY)
    distance = func.ST_Distance(func.geography(cases.c.place), func.geography(shape))
    rows = await connection.execute(
        select(
            cases.c.id,
            cases.c.number,
            cases.c.opened_at,
            distance.label("distance_m"),
            cases.c.decision,
        )
        .where(
            cases.c.closed_at.is_(None),
            cases.c.category == category,
            cases.c.opened_at >= since,
            cases.c.place.op("&&")(box),
            distance <= radius_m,
        )
        .order_by(distance, cases.c.opened_at)
    )
    return [
        Nearby(row.id, row.number, row.opened_at, row.distance_m, _concerned(row.decision))
        for row in rows
    ]


def _concerned(decision: dict[str, Any]) -> frozenset[str]:
    return frozenset(area["code"] for area in (decision["lead"], *decision["assisting"]))


def _around(place: Place, *, radius_m: float) -> BaseGeometry:
    """A box in degrees that holds everything within a distance of a place.

    It only has to be large enough, the geodesic distance decides: a degree is shortest at the
    end nearest to a pole, and the ellipsoid's are within one percent of the sphere's.
    """
    west, south, east, north = place.geometry.bounds
    pole_deg = min(max(abs(south), abs(north)), _NEAREST_POLE_DEG)
    lat_deg = 1.01 * math.degrees(radius_m / _EARTH_RADIUS_M)
    lng_deg = lat_deg / math.cos(math.radians(pole_deg))
    return shapely.box(west - lng_deg, south - lat_deg, east + lng_deg, north + lat_deg)


async def lock_neighbourhood(
    connection: Connection, place: Place, *, category: str, radius_m: float
) -> None:
    """Let reports of one category in one neighbourhood take turns until the transaction ends.

    Without it two reports of one problem, sent at the same moment, would open two cases. A
    neighbourhood is every tile of 0.01 degrees (about 1 km) within ``radius_m`` of the place,
    locked in one order, so that no two reports wait for each other. A place of very many tiles (a
    long line) locks the category as a whole, of which all others hold a share.
    """
    west, south, east, north = _around(place, radius_m=radius_m).bounds
    columns = range(math.floor(west * 100), math.floor(east * 100) + 1)
    lines = range(math.floor(south * 100), math.floor(north * 100) + 1)
    if len(columns) * len(lines) > _MOST_TILES:
        await _advisory(connection, "pg_advisory_xact_lock", f"report {category}")
        return
    await _advisory(connection, "pg_advisory_xact_lock_shared", f"report {category}")
    for x, y in product(columns, lines):
        await _advisory(connection, "pg_advisory_xact_lock", f"report {category} {x} {y}")


async def _advisory(connection: Connection, function: str, key: str) -> None:
    await connection.execute(select(getattr(func, function)(func.hashtextextended(key, 0))))
