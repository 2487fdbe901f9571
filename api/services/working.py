"""Working on a case: each step is one transaction that checks, appends one event, and commits.

`advance` is the only way to an event of a case that is there: it takes the case's lock, lets the
step ask for its right and make its event, and appends it. What a step needs is its `Scene`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.services import striking
from api.services.errors import UnknownCaseError
from api.services.turn import TICK, Turn
from api.store import cases, jobs, notices, webhooks
from api.store.engine import Connection, transaction
from gridmap.dispatch import parts
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.alarm import next_moment
from gridmap.dispatch.case import Case
from gridmap.dispatch.event import Event, Signature
from gridmap.dispatch.notice import notices as notices_of
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.rights import Action, Matter, permit
from gridmap.resolution import Reference


@dataclass(frozen=True)
class Scene:
    """A case under its lock, with who wants to do something about it and when."""

    record: CaseRecord
    reference: Reference
    actor: Actor
    now: datetime

    @property
    def case(self) -> Case:
        return self.record.case

    def matter(
        self,
        *,
        whistle: str | None = None,
        summons: str | None = None,
        objection: str | None = None,
        transfer: str | None = None,
        unit: str | None = None,
    ) -> Matter:
        """Return what an action is about, by the ids of the parts; named errors for unknown ones.

        A summons brings the whistle that called it, an objection to a summons both.
        """
        case = self.case
        disputed = parts.objection_in(case, objection) if objection else None
        called = summons or (disputed.summons if disputed else None)
        blown = parts.whistle_in(case, whistle) if whistle else None
        return Matter(
            case=case,
            whistle=parts.whistle_of(case, called) if called else blown,
            summons=parts.summons_in(case, called) if called else None,
            objection=disputed,
            transfer=parts.transfer_in(case, transfer) if transfer else None,
            unit=unit,
        )

    def permit(self, action: Action, **about: str | None) -> Signature:
        """Return the signature for an action; `NotYoursError` when the actor may not do it."""
        return permit(action, self.actor, self.matter(**about))


Step = Callable[[Scene], Event]


async def advance(turn: Turn, case_id: UUID, step: Step) -> CaseRecord:
    """Do one step on a case, all or nothing; returns the case after it.

    Raises
    ------
    UnknownCaseError
        There is no such case, or none that the actor sees.
    GridmapError
        The actor may not, or the case does not allow it now; nothing was written.
    """
    async with transaction(turn.engine, turn.actor) as connection:
        scene = await locked_scene(connection, turn, case_id)
        return await append(connection, scene, step(scene))


async def locked_scene(connection: Connection, turn: Turn, case_id: UUID) -> Scene:
    """Take a case's lock and return the scene on it."""
    record = await cases.locked(connection, case_id)
    if record is None:
        raise UnknownCaseError(case=str(case_id))
    # Who waited for the lock may come with an older clock than who had it.
    now = max(turn.now, record.case.last_at + TICK)
    return Scene(record, turn.reference, turn.actor, now)


async def append(
    connection: Connection, scene: Scene, event: Event, *, merged_into: UUID | None = None
) -> CaseRecord:
    """Append an event to the case of a scene, with everything that follows from it."""
    moment = moment_of(scene.record.after(event).case, scene.reference)
    after = await cases.append(
        connection, scene.record, event, moment=moment, merged_into=merged_into
    )
    await follow(connection, after, event, moment)
    await striking.follow(connection, after, event, merged_into=merged_into)
    return after


async def follow(
    connection: Connection, after: CaseRecord, event: Event, moment: datetime | None
) -> None:
    """Write what follows from an event: when the worker looks again, who is told, and outside."""
    await jobs.look_at(connection, after.id, moment)
    told = notices_of(event, after)
    await notices.tell(connection, after.id, after.case.version, event, told)
    await webhooks.tell(connection, after, event.at)


def moment_of(case: Case, reference: Reference) -> datetime | None:
    """When the worker has to look at a case next."""
    return next_moment(case, reference.policy.escalations, reference.working_time)
