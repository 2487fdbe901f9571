"""What the worker does with cases by itself: their moments as they come, their clocks anew.

Each case is done in one transaction under its lock, and what was told is in its events: whoever
comes second, or again after a crash, finds nothing left to do.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from api.services.turn import TICK, Turn
from api.services.working import Scene, append, locked_scene
from api.store import jobs
from api.store.engine import reading, transaction
from gridmap.dispatch import objection, workflow
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.alarm import alarms, escalate, overdue_talks, remind, review_at
from gridmap.dispatch.event import Event, Signature
from gridmap.errors import GridmapError

logger = logging.getLogger(__name__)

SIGNED = Signature(SYSTEM.account)

_FIRST = UUID(int=0)
_BATCH = 1_000


async def look(turn: Turn, case_id: UUID) -> int:
    """Append every moment of a case that has come; returns how many there were.

    The next one is enqueued with them.

    Raises
    ------
    UnknownCaseError
        There is no such case.
    """
    told = 0
    async with transaction(turn.engine, turn.actor) as connection:
        scene = await locked_scene(connection, turn, case_id)
        while event := due_event(scene, turn.now):
            record = await append(connection, scene, event)
            scene = replace(scene, record=record, now=scene.now + TICK)
            told += 1
    return told


def due_event(scene: Scene, by: datetime) -> Event | None:
    """Return the event of the first moment of a case that has come by an instant, if one has."""
    case, reference, now = scene.case, scene.reference, scene.now
    if case.closed_at:
        return None
    for alarm in alarms(case, reference.policy.escalations, reference.working_time)[:1]:
        if alarm.at <= by:
            return escalate(case, alarm, by=SIGNED, now=now)
    for talk in overdue_talks(case, by):
        return objection.refer_up(case, talk.id, by=SIGNED, now=now)
    review = review_at(case, reference.working_time)
    return remind(case, by=SIGNED, now=now) if review and review <= by else None


async def sweep(turn: Turn, *, grace: timedelta) -> int:
    """Enqueue the cases whose moment has passed by more than the grace and that nothing waits for.

    None is there to find unless the queue was lost, or a worker that had taken the job.
    """
    async with transaction(turn.engine, turn.actor) as connection:
        before = turn.now - grace
        return await jobs.enqueue_missed(connection, before=before, limit=_BATCH)


async def look_at_due(turn: Turn) -> None:
    """Tell what has come by the turn's clock, where that is not the queue's: in a rehearsal."""
    async with reading(turn.engine, turn.actor) as connection:
        due = await jobs.due_cases(connection, by=turn.now, limit=_BATCH)
    for case_id in due:
        await look(turn, case_id)


async def reclock(turn: Turn) -> int:
    """Compute the deadlines of all open cases again, once per version of the calendar.

    Returns how many cases have others now. A case that cannot be clocked is said in the log and
    asked again the next time, as all are after a crash on the way.
    """
    version = turn.reference.working_time.calendar.version
    async with reading(turn.engine, turn.actor) as connection:
        if await jobs.is_calendar_seen(connection, version):
            return 0
    moved, failed, last = 0, 0, _FIRST
    while batch := await _batch(turn, last):
        for case_id in batch:
            try:
                moved += await _reclocked(turn, case_id)
            except GridmapError as error:
                failed += 1
                logger.warning("case %s keeps its old deadlines: %s", case_id, error)
        last = batch[-1]
    if not failed:
        async with transaction(turn.engine, turn.actor) as connection:
            await jobs.calendar_seen(connection, version, now=turn.now)
    return moved


async def _batch(turn: Turn, last: UUID) -> list[UUID]:
    async with reading(turn.engine, turn.actor) as connection:
        return await jobs.open_cases(connection, after=last, limit=_BATCH)


async def _reclocked(turn: Turn, case_id: UUID) -> bool:
    async with transaction(turn.engine, turn.actor) as connection:
        scene = await locked_scene(connection, turn, case_id)
        working_time = scene.reference.working_time
        event = workflow.reclock(scene.case, working_time=working_time, by=SIGNED, now=scene.now)
        if event:
            await append(connection, scene, event)
        return event is not None
