"""The case itself: closed, vetoed, held, transferred, reopened, merged, told to its reporters."""

from datetime import date
from uuid import UUID

from api.services.disputing import Grounds, with_evidence
from api.services.errors import UnknownIncidentError, UnknownUnitError
from api.services.turn import Turn
from api.services.working import Scene, advance, append, locked_scene
from api.store import incidents
from api.store.engine import transaction
from gridmap.dispatch import workflow
from gridmap.dispatch.clock import Span
from gridmap.dispatch.event import Event
from gridmap.dispatch.failing import Failing
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.rights import Action
from gridmap.resolution import Reference


async def close(turn: Turn, case_id: UUID, *, result: str) -> CaseRecord:
    """The convener closes the case; refused while anybody owes anything."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.CLOSE)
        return workflow.close(scene.case, result=result, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def veto(turn: Turn, case_id: UUID, *, reason: str) -> CaseRecord:
    """The convener forbids the closing."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.VETO)
        return workflow.veto(scene.case, reason=reason, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def lift_veto(turn: Turn, case_id: UUID, *, reason: str) -> CaseRecord:
    """The convener takes its veto back."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.LIFT_VETO)
        return workflow.lift_veto(scene.case, reason=reason, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def feed_back(
    turn: Turn, case_id: UUID, *, incident: UUID, satisfaction: int | None, text: str
) -> CaseRecord:
    """Somebody who reported it was told how it ended."""
    async with transaction(turn.engine, turn.actor) as connection:
        scene = await locked_scene(connection, turn, case_id)
        by = scene.permit(Action.FEED_BACK)
        if str(incident) not in {one.id for one in await incidents.of_case(connection, case_id)}:
            raise UnknownIncidentError(case=scene.case.number, incident=str(incident))
        event = workflow.feed_back(
            scene.case,
            incident=str(incident),
            satisfaction=satisfaction,
            text=text,
            by=by,
            now=scene.now,
        )
        return await append(connection, scene, event)


async def reopen(turn: Turn, case_id: UUID, *, reason: str) -> CaseRecord:
    """A closed case goes on."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.REOPEN)
        return workflow.reopen(
            scene.case,
            reason=reason,
            analysis=analysis_of(scene.record, scene.reference),
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


def analysis_of(record: CaseRecord, reference: Reference) -> Span:
    """The clock of the holder's analysis: the item's own, else the policy's."""
    return record.plan.item.analysis or reference.policy.analysis


async def merge(turn: Turn, case_id: UUID, into: UUID) -> CaseRecord:
    """End a case in favour of another of the same problem; returns the one that goes on."""
    async with transaction(turn.engine, turn.actor) as connection:
        # In one order, so that two people who merge crosswise do not wait for each other.
        scenes = {}
        for one in sorted({case_id, into}):
            scenes[one] = await locked_scene(connection, turn, one)
        gone, goes_on = scenes[case_id], scenes[into]
        by = gone.permit(Action.MERGE)
        goes_on.permit(Action.MERGE)
        ended, grown = workflow.merge(
            gone.case, goes_on.case, by=by, now=max(gone.now, goes_on.now)
        )
        await append(connection, gone, ended, merged_into=into)
        return await append(connection, goes_on, grown)


# --- 暂缓 ---------------------------------------------------------------------------------------


async def ask_hold(turn: Turn, case_id: UUID, *, reason: str, review_on: date) -> CaseRecord:
    """The convener asks for a pause until a review."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.ASK_HOLD)
        return workflow.ask_hold(
            scene.case,
            reason=reason,
            review_on=review_on,
            zone=scene.reference.policy.timezone,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


async def grant_hold(turn: Turn, case_id: UUID, *, granted: bool, reason: str) -> CaseRecord:
    """Another one grants the pause, or refuses it."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.GRANT_HOLD)
        return workflow.grant_hold(scene.case, granted=granted, reason=reason, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def resume(turn: Turn, case_id: UUID, *, reason: str) -> CaseRecord:
    """The pause ends."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.RESUME)
        return workflow.resume(
            scene.case,
            reason=reason,
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


# --- 移送 ---------------------------------------------------------------------------------------


async def transfer(turn: Turn, case_id: UUID, *, to_unit: str, grounds: Grounds) -> CaseRecord:
    """The case, or a part of it, goes to another authority with its evidence."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.TRANSFER)
        if scene.reference.directory.find(to_unit) is None:
            raise UnknownUnitError(unit=to_unit)
        return workflow.transfer(
            scene.case,
            to_unit=to_unit,
            evidence=grounds.ids,
            reason=grounds.reason,
            by=by,
            now=scene.now,
        )

    return await with_evidence(turn, case_id, grounds, step)


async def receive_transfer(turn: Turn, case_id: UUID, transfer: str, *, receipt: str) -> CaseRecord:
    """The receiver confirms what it got."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.RECEIVE_TRANSFER, transfer=transfer)
        return workflow.receive_transfer(
            scene.case, transfer, receipt=receipt, by=by, now=scene.now
        )

    return await advance(turn, case_id, step)


async def end_transfer(turn: Turn, case_id: UUID, transfer: str, *, outcome: str) -> CaseRecord:
    """The receiver says what became of it."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.END_TRANSFER, transfer=transfer)
        return workflow.end_transfer(scene.case, transfer, outcome=outcome, by=by, now=scene.now)

    return await advance(turn, case_id, step)


# --- 督查问责 -----------------------------------------------------------------------------------


async def explain(
    turn: Turn, case_id: UUID, *, failing: Failing, unit: str, text: str
) -> CaseRecord:
    """A unit gives its own account of a failing."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.EXPLAIN, unit=unit)
        return workflow.explain(
            scene.case, failing=failing, unit=unit, text=text, by=by, now=scene.now
        )

    return await advance(turn, case_id, step)


async def exempt(
    turn: Turn, case_id: UUID, *, failing: Failing, unit: str, reason: str
) -> CaseRecord:
    """A supervisor exempts a unit that has explained itself."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.EXEMPT, unit=unit)
        return workflow.exempt(
            scene.case, failing=failing, unit=unit, reason=reason, by=by, now=scene.now
        )

    return await advance(turn, case_id, step)
