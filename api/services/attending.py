"""Those who were called: they come, finish and leave; who called them vouches and judges."""

from uuid import UUID

from api.services.turn import Turn
from api.services.working import Scene, advance
from gridmap.dispatch import attendance
from gridmap.dispatch.arrival import PositionSource, arrival
from gridmap.dispatch.event import Event
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.rights import Action
from gridmap.place import Place


async def respond(turn: Turn, case_id: UUID, summons: str) -> CaseRecord:
    """A summoned unit says that it is coming."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.RESPOND, summons=summons)
        return attendance.respond(scene.case, summons, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def arrive(
    turn: Turn, case_id: UUID, summons: str, position: Place, *, how: PositionSource
) -> CaseRecord:
    """A summoned unit reports its position; outside the geofence it stops no clock."""
    policy = turn.reference.policy

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.ARRIVE, summons=summons)
        found = arrival(
            position,
            scene.record.place,
            how=how,
            geofence_m=policy.geofence_m,
            tolerance=policy.tolerance,
        )
        return attendance.arrive(scene.case, summons, found, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def countersign(turn: Turn, case_id: UUID, summons: str, *, reason: str) -> CaseRecord:
    """Who called a unit vouches that it is there."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.COUNTERSIGN, summons=summons)
        return attendance.countersign(scene.case, summons, reason=reason, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def release(turn: Turn, case_id: UUID, summons: str) -> CaseRecord:
    """Who called a unit lets it go."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.RELEASE, summons=summons)
        return attendance.release(scene.case, summons, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def leave(turn: Turn, case_id: UUID, summons: str) -> CaseRecord:
    """A unit has left, released or not."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.LEAVE, summons=summons)
        return attendance.leave(scene.case, summons, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def finish(
    turn: Turn, case_id: UUID, summons: str, *, result: str, outcome: str | None
) -> CaseRecord:
    """A summoned unit has done its part."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.FINISH, summons=summons)
        return attendance.finish(
            scene.case, summons, result=result, outcome=outcome, by=by, now=scene.now
        )

    return await advance(turn, case_id, step)


async def evaluate(
    turn: Turn, case_id: UUID, summons: str, *, score: int, reason: str
) -> CaseRecord:
    """Who called a unit judges its work."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.EVALUATE, summons=summons)
        return attendance.evaluate(
            scene.case, summons, score=score, reason=reason, by=by, now=scene.now
        )

    return await advance(turn, case_id, step)
