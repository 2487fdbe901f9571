"""Working on a case: each step is one transaction that checks, appends one event, and commits."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from api.services.errors import UnknownCaseError
from api.store import cases
from api.store.engine import Engine, transaction
from gridmap.dispatch import workflow
from gridmap.dispatch.arrival import arrival
from gridmap.dispatch.case import Event, apply
from gridmap.dispatch.record import CaseRecord
from gridmap.place import Place
from gridmap.resolution import Reference

Step = Callable[[CaseRecord], Event]


async def _advance(engine: Engine, case_id: UUID, step: Step) -> None:
    async with transaction(engine) as connection:
        record = await cases.locked(connection, case_id)
        if record is None:
            raise UnknownCaseError(case=str(case_id))
        event = step(record)
        await cases.append(connection, case_id, apply(record.case, event), event)


async def blow(
    engine: Engine, reference: Reference, case_id: UUID, *, actor: str, now: datetime
) -> None:
    """The convener blows the plan's whistle; the clocks of all summoned units start."""

    def step(record: CaseRecord) -> Event:
        # The kind as it stands in the catalogue today; the units as they were planned.
        kind = reference.catalogue.whistle_kinds.get(record.plan.whistle.code, record.plan.whistle)
        return workflow.blow(record.case, record.plan, kind, actor=actor, now=now)

    await _advance(engine, case_id, step)


async def respond(
    engine: Engine, case_id: UUID, summons: str, *, actor: str, now: datetime
) -> None:
    """A summoned unit says that it is coming."""
    await _advance(
        engine, case_id, lambda record: workflow.respond(record.case, summons, actor=actor, now=now)
    )


async def arrive(
    engine: Engine,
    reference: Reference,
    case_id: UUID,
    summons: str,
    position: Place,
    *,
    actor: str,
    now: datetime,
) -> None:
    """A summoned unit reports its position; outside the geofence it stops no clock."""
    policy = reference.policy

    def step(record: CaseRecord) -> Event:
        found = arrival(
            position, record.place, geofence_m=policy.geofence_m, tolerance=policy.tolerance
        )
        return workflow.arrive(record.case, summons, found, actor=actor, now=now)

    await _advance(engine, case_id, step)


async def finish(
    engine: Engine, case_id: UUID, summons: str, *, result: str, actor: str, now: datetime
) -> None:
    """A summoned unit has done its part."""
    await _advance(
        engine,
        case_id,
        lambda record: workflow.finish(record.case, summons, result=result, actor=actor, now=now),
    )


async def close(engine: Engine, case_id: UUID, *, result: str, actor: str, now: datetime) -> None:
    """The convener closes the case; refused while a summoned unit has not finished."""
    await _advance(
        engine,
        case_id,
        lambda record: workflow.close(record.case, result=result, actor=actor, now=now),
    )
