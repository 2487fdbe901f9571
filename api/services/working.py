"""Working on a case: each step is one transaction that checks, appends one event, and commits."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from api.services.errors import UnknownCaseError
from api.store import cases
from api.store.engine import Engine, transaction
from gridmap.dispatch import workflow
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.arrival import PositionSource, arrival
from gridmap.dispatch.case import Event
from gridmap.dispatch.plan import Plan, plan
from gridmap.dispatch.record import CaseRecord
from gridmap.place import Place
from gridmap.resolution import Reference

Step = Callable[[CaseRecord, datetime], Event]


async def _advance(
    engine: Engine, case_id: UUID, step: Step, *, actor: Actor, now: datetime
) -> None:
    async with transaction(engine, actor) as connection:
        record = await cases.locked(connection, case_id)
        if record is None:
            raise UnknownCaseError(case=str(case_id))
        # Who waited for the lock may come with an older clock than who had it.
        event = step(record, max(now, record.case.last_at))
        await cases.append(connection, record.after(event), event)


async def blow(
    engine: Engine, reference: Reference, case_id: UUID, *, actor: Actor, now: datetime
) -> None:
    """The convener blows the plan's whistle; the clocks of all summoned units start."""

    def step(record: CaseRecord, at: datetime) -> Event:
        planned = _current_plan(record, reference)
        return workflow.blow(record.case, planned, planned.whistle, actor=actor.account, now=at)

    await _advance(engine, case_id, step, actor=actor, now=now)


def _current_plan(record: CaseRecord, reference: Reference) -> Plan:
    """The plan by today's directory: units that were missing when the case opened may be there.

    The decision stays. Under another release than the case's own the plan stays, too: codes may
    have changed hands.
    """
    release = reference.index.release
    known = record.plan.item.whistle_kind in reference.catalogue.whistle_kinds
    if release.id != record.release or not known:
        return record.plan
    return plan(
        record.decision,
        record.plan.item,
        catalogue=reference.catalogue,
        directory=reference.directory,
        release=release,
    )


async def respond(
    engine: Engine, case_id: UUID, summons: str, *, actor: Actor, now: datetime
) -> None:
    """A summoned unit says that it is coming."""
    await _advance(
        engine,
        case_id,
        lambda record, at: workflow.respond(record.case, summons, actor=actor.account, now=at),
        actor=actor,
        now=now,
    )


async def arrive(
    engine: Engine,
    reference: Reference,
    case_id: UUID,
    summons: str,
    position: Place,
    *,
    how: PositionSource,
    actor: Actor,
    now: datetime,
) -> None:
    """A summoned unit reports its position; outside the geofence it stops no clock."""
    policy = reference.policy

    def step(record: CaseRecord, at: datetime) -> Event:
        found = arrival(
            position,
            record.place,
            how=how,
            geofence_m=policy.geofence_m,
            tolerance=policy.tolerance,
        )
        return workflow.arrive(record.case, summons, found, actor=actor.account, now=at)

    await _advance(engine, case_id, step, actor=actor, now=now)


async def finish(
    engine: Engine, case_id: UUID, summons: str, *, result: str, actor: Actor, now: datetime
) -> None:
    """A summoned unit has done its part."""
    await _advance(
        engine,
        case_id,
        lambda record, at: workflow.finish(
            record.case, summons, result=result, actor=actor.account, now=at
        ),
        actor=actor,
        now=now,
    )


async def close(engine: Engine, case_id: UUID, *, result: str, actor: Actor, now: datetime) -> None:
    """The convener closes the case; refused while a summoned unit has not finished."""
    await _advance(
        engine,
        case_id,
        lambda record, at: workflow.close(record.case, result=result, actor=actor.account, now=at),
        actor=actor,
        now=now,
    )
