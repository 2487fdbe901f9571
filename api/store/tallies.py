"""What the events of a case come to, kept beside it for the figures; and its failings."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Double, cast, delete, extract, func, literal, update
from sqlalchemy.dialects.postgresql import insert

from api.store.engine import Connection
from api.store.tables import failings as failed
from api.store.tables import tallies
from gridmap.dispatch.event import Event
from gridmap.dispatch.failing import Failed, failings
from gridmap.dispatch.figures import Tally, tally
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.step import Step

# The steps whose time is kept: the others last no time, or for ever.
TIMED = {
    Step.ANALYSIS: "analysis_s",
    Step.PLATFORM: "platform_s",
    Step.REPORTING_IN: "reporting_in_s",
    Step.EVALUATION: "evaluation_s",
}
_COUNTS = ("whistles", "sent_back", "reopened", "told", "rated", "rating", "satisfied")


async def bring(
    connection: Connection, before: CaseRecord, after: CaseRecord, event: Event
) -> None:
    """Bring a case's tally and failings from how they stood to how they stand now."""
    added = tally(before.case, after.case, event)
    if added != Tally():
        await _add(connection, before, added, event)
    was = _rows(before, failings(before.case, now=before.case.last_at))
    now = _rows(after, failings(after.case, now=event.at))
    for key in was.keys() - now.keys():
        await connection.execute(delete(failed).where(*_is(was[key])))
    if new := [row for key, row in now.items() if key not in was]:
        await connection.execute(insert(failed).on_conflict_do_nothing(), new)
    for key, row in now.items():
        if key in was and row != was[key]:
            said = {name: row[name] for name in ("explained_at", "exempted_at")}
            await connection.execute(update(failed).where(*_is(row)).values(said))


async def _add(connection: Connection, before: CaseRecord, added: Tally, event: Event) -> None:
    """Add to a tally, or begin it. A step's seconds run from the event that entered it."""
    values: dict[str, Any] = {name: getattr(added, name) for name in _COUNTS}
    values |= dict.fromkeys(TIMED.values(), 0.0)
    more = {name: getattr(tallies.c, name) + values[name] for name in _COUNTS}
    column = TIMED.get(added.left) if added.left else None
    if column:
        values[column] = (event.at - before.case.opened_at).total_seconds()
        since = extract("epoch", literal(event.at) - tallies.c.step_since)
        more[column] = getattr(tallies.c, column) + cast(func.coalesce(since, 0), Double)
    values["step_since"] = event.at if added.left else before.case.opened_at
    if added.left:
        more["step_since"] = literal(event.at)
    await connection.execute(
        insert(tallies)
        .values(case_id=before.id, **values)
        .on_conflict_do_update(index_elements=[tallies.c.case_id], set_=more)
    )


def _rows(record: CaseRecord, found: tuple[Failed, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows: Iterator[dict[str, Any]] = (
        {
            "case_id": record.id,
            "failing": one.failing.value,
            "unit_id": one.unit,
            "summons": one.summons or "",
            "since": one.since,
            "explained_at": one.explained_at,
            "exempted_at": one.exempted_at,
        }
        for one in found
    )
    return {(row["failing"], row["unit_id"], row["summons"], row["since"]): row for row in rows}


def _is(row: dict[str, Any]) -> tuple[Any, ...]:
    keys = ("case_id", "failing", "unit_id", "summons", "since")
    return tuple(getattr(failed.c, key) == row[key] for key in keys)
