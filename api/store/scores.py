"""Scores as they stand, closed periods, and what a department's result is made of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, func, insert, select, update

from api.store.engine import Connection
from api.store.tables import cases, closed_periods, scores, subjects, summons, tallies
from api.store.visibility import visible, visible_subject
from gridmap.dispatch.score import Score, ScoreHead, Standing


async def bring(connection: Connection, before: Score | None, after: Score) -> None:
    """Bring the row of a score from how it stood to how it stands now."""
    stands: dict[str, Any] = {
        "score": after.value,
        "items": dict(after.items),
        "scored_at": after.last_at,
        "closed_at": after.closed_at,
    }
    if before is None:
        row = {
            "id": UUID(after.id),
            "period": after.period,
            "street_unit": after.street,
            "street_area": after.street_area,
            "unit_id": after.unit,
            "unit_area": after.unit_area,
        }
        await connection.execute(insert(scores).values(row | stands))
        return
    await connection.execute(update(scores).where(scores.c.id == UUID(after.id)).values(stands))


async def lock_period(connection: Connection, period: str) -> None:
    """Let those who score in a period, and who closes it, take turns."""
    key = func.hashtextextended(f"scores {period}", 0)
    await connection.execute(select(func.pg_advisory_xact_lock(key)))


async def given(connection: Connection, head: ScoreHead) -> UUID | None:
    """Return the score that a street has given a department in a period; ``None``: none yet."""
    found: UUID | None = await connection.scalar(
        select(scores.c.id).where(
            scores.c.period == head.period,
            scores.c.street_area == head.street_area,
            scores.c.unit_id == head.unit,
        )
    )
    return found


async def is_closed(connection: Connection, period: str, areas: Iterable[str]) -> bool:
    """Return whether a period is closed for one of some areas."""
    found = await connection.scalar(
        select(func.count())
        .select_from(closed_periods)
        .where(closed_periods.c.period == period, closed_periods.c.area_code.in_(list(areas)))
    )
    return bool(found)


async def close(
    connection: Connection, period: str, area: str, *, now: datetime, account: str
) -> None:
    """Note that a period is closed for an area and all in it; it was not."""
    await connection.execute(
        insert(closed_periods).values(
            period=period, area_code=area, closed_at=now, closed_by=account
        )
    )


async def open_in(connection: Connection, period: str, prefix: str) -> list[UUID]:
    """Return the scores of a period not closed yet, of streets whose codes begin so."""
    rows = await connection.scalars(
        select(scores.c.id)
        .where(
            scores.c.period == period,
            scores.c.street_area.startswith(prefix),
            scores.c.closed_at.is_(None),
        )
        .order_by(scores.c.id)
    )
    return list(rows)


async def ids(connection: Connection, period: str, *, limit: int) -> list[UUID]:
    """Return the scores of a period that whom the connection acts for sees."""
    rows = await connection.scalars(
        select(scores.c.id)
        .join(subjects, subjects.c.id == scores.c.id)
        .where(scores.c.period == period, visible_subject(connection))
        .order_by(scores.c.unit_id, scores.c.street_area)
        .limit(limit)
    )
    return list(rows)


async def standings(
    connection: Connection, period: str, from_at: datetime, until_at: datetime
) -> list[Standing]:
    """Return what the results of a period are made of, of what is seen, by unit.

    Evaluations are those of summons called in it, content reporters those of cases opened in it
    to which the unit was called.
    """
    given_by = (
        select(
            scores.c.unit_id, func.count().label("streets"), func.sum(scores.c.score).label("sum")
        )
        .join(subjects, subjects.c.id == scores.c.id)
        .where(scores.c.period == period, visible_subject(connection))
        .group_by(scores.c.unit_id)
    )
    rows = (await connection.execute(given_by)).all()
    units = [row.unit_id for row in rows]
    evaluations = {
        row.unit_id: (row.evaluated, int(row.sum))
        for row in await connection.execute(
            select(
                summons.c.unit_id,
                func.count().label("evaluated"),
                func.sum(summons.c.score).label("sum"),
            )
            .join(cases, cases.c.id == summons.c.case_id)
            .where(
                visible(connection),
                summons.c.unit_id.in_(units),
                summons.c.called_at >= from_at,
                summons.c.called_at < until_at,
                summons.c.score.is_not(None),
            )
            .group_by(summons.c.unit_id)
        )
    }
    called = (
        select(summons.c.unit_id, summons.c.case_id)
        .where(summons.c.unit_id.in_(units))
        .distinct()
        .subquery("called")
    )
    content = {
        row.unit_id: (int(row.rated), int(row.satisfied))
        for row in await connection.execute(
            select(
                called.c.unit_id,
                cast(func.sum(tallies.c.rated), Integer).label("rated"),
                cast(func.sum(tallies.c.satisfied), Integer).label("satisfied"),
            )
            .join(cases, cases.c.id == called.c.case_id)
            .join(tallies, tallies.c.case_id == cases.c.id)
            .where(
                visible(connection),
                cases.c.opened_at >= from_at,
                cases.c.opened_at < until_at,
                cases.c.merged_into.is_(None),
            )
            .group_by(called.c.unit_id)
        )
    }
    return [
        _standing(
            row.unit_id,
            (row.streets, row.sum),
            evaluations.get(row.unit_id, (0, 0)),
            content.get(row.unit_id, (0, 0)),
        )
        for row in rows
    ]


def _standing(
    unit: str, given_by: tuple[int, float], evaluated: tuple[int, int], content: tuple[int, int]
) -> Standing:
    return Standing(
        unit=unit,
        streets=given_by[0],
        scores=given_by[1],
        evaluated=evaluated[0],
        evaluations=evaluated[1],
        rated=content[0],
        satisfied=content[1],
    )
