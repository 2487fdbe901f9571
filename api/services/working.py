"""Working on a case: each step is one transaction that checks, appends one event, and commits."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from api.services.errors import UnknownCaseError
from api.store import cases
from api.store.cases import StoredCase
from api.store.engine import Engine, transaction
from gridmap.dispatch import workflow
from gridmap.dispatch.arrival import arrival
from gridmap.dispatch.case import Event, apply
from gridmap.place import Place
from gridmap.resolution import Reference

Step = Callable[[StoredCase], Event]


async def _advance(engine: Engine, case_id: UUID, step: Step) -> None:
    async with transaction(engine) as connection:
        stored = await cases.locked(connection, case_id)
        if stored is None:
            raise UnknownCaseError(case=str(case_id))
        event = step(stored)
        await cases.append(connection, case_id, apply(stored.case, event), event)


async def blow(
    engine: Engine, reference: Reference, case_id: UUID, *, actor: str, now: datetime
) -> None:
    """The convener blows the plan's whistle; the clocks of all summoned units start."""

    def step(stored: StoredCase) -> Event:
        # The kind as it stands in the catalogue today; the units as they were planned.
        kind = reference.catalogue.whistle_kinds.get(stored.plan.whistle.code, stored.plan.whistle)
        return workflow.blow(stored.case, stored.plan, kind, actor=actor, now=now)

    await _advance(engine, case_id, step)


async def respond(
    engine: Engine, case_id: UUID, summons: str, *, actor: str, now: datetime
) -> None:
    """A summoned unit says that it is coming."""
    await _advance(
        engine, case_id, lambda stored: workflow.respond(stored.case, summons, actor=actor, now=now)
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

    def step(stored: StoredCase) -> Event:
        found = arrival(
            position, stored.place, geofence_m=policy.geofence_m, tolerance=policy.tolerance
        )
        return workflow.arrive(stored.case, summons, found, actor=actor, now=now)

    await _advance(engine, case_id, step)


async def finish(
    engine: Engine, case_id: UUID, summons: str, *, result: str, actor: str, now: datetime
) -> None:
    """A summoned unit has done its part."""
    await _advance(
        engine,
        case_id,
        lambda stored: workflow.finish(stored.case, summons, result=result, actor=actor, now=now),
    )


async def close(engine: Engine, case_id: UUID, *, result: str, actor: str, now: datetime) -> None:
    """The convener closes the case; refused while a summoned unit has not finished."""
    await _advance(
        engine,
        case_id,
        lambda stored: workflow.close(stored.case, result=result, actor=actor, now=now),
    )
