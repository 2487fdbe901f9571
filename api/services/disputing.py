"""Disputes over who leads and who comes (派单异议), until both agree or a superior rules."""

from dataclasses import dataclass
from uuid import UUID

from api.services.errors import UnknownEvidenceError
from api.services.turn import Turn
from api.services.working import Scene, Step, advance, locked_scene
from api.services.working import append as append_event
from api.store import evidence as evidence_store
from api.store.engine import transaction
from gridmap.dispatch import objection
from gridmap.dispatch.event import Event, Signature
from gridmap.dispatch.objection import Handover
from gridmap.dispatch.parts import objection_in, summons_in, whistle_of
from gridmap.dispatch.plan import Call, Capacity
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.refusals import NoSuperiorError
from gridmap.dispatch.rights import Action, covers


@dataclass(frozen=True)
class Grounds:
    """Why, and the evidence for it: ids of what was added to the case."""

    reason: str
    evidence: tuple[UUID, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(str(one) for one in self.evidence)


async def object_lead(turn: Turn, case_id: UUID, *, proposes: str, grounds: Grounds) -> CaseRecord:
    """A jurisdiction says that another one of the case's should lead."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.OBJECT)
        return objection.object_lead(
            scene.case,
            by_area=_side_of(scene, by, proposes),
            proposes=proposes,
            evidence=grounds.ids,
            reason=grounds.reason,
            clock=scene.reference.policy.negotiation,
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await with_evidence(turn, case_id, grounds, step)


def _side_of(scene: Scene, by: Signature, proposes: str) -> str:
    """The side for which somebody objects: their own, not the one that they propose."""
    areas = [grant.area_code for grant in scene.actor.grants if grant.role is by.role]
    own = [code for code in scene.case.sides if any(covers(area, code) for area in areas)]
    return next((code for code in own if code != proposes), own[0])


async def object_summons(
    turn: Turn, case_id: UUID, summons: str, *, grounds: Grounds
) -> CaseRecord:
    """A unit says that it is not the one to come; the superior of it and the convener rules."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.OBJECT, summons=summons)
        return objection.object_summons(
            scene.case,
            summons,
            superior=_superior(scene, summons),
            evidence=grounds.ids,
            reason=grounds.reason,
            clock=scene.reference.policy.negotiation,
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await with_evidence(turn, case_id, grounds, step)


def _superior(scene: Scene, summons: str) -> str:
    release = scene.reference.index.release
    unit = summons_in(scene.case, summons).unit
    convener = scene.reference.directory.find(whistle_of(scene.case, summons).convener or "")
    both = {unit.area_code, convener.area_code if convener else scene.case.holder}
    found = release.lowest_common_superior(both)
    if found is None:
        # The unit is the city's own: nobody stands above it but the city itself.
        top = unit.area_code if not release.ancestors(unit.area_code) else None
        if top is None:
            raise NoSuperiorError(case=scene.case.number)
        return top
    return found.code


async def answer(
    turn: Turn, case_id: UUID, objection_id: str, *, agrees: bool, grounds: Grounds
) -> CaseRecord:
    """The other side says what it thinks of an objection."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.ANSWER, objection=objection_id)
        side = f"unit:{by.unit}" if by.unit else f"account:{by.account}"
        return objection.answer(
            scene.case,
            objection_id,
            side=side,
            agrees=agrees,
            evidence=grounds.ids,
            text=grounds.reason,
            by=by,
            now=scene.now,
        )

    return await with_evidence(turn, case_id, grounds, step)


async def withdraw(turn: Turn, case_id: UUID, objection_id: str, *, reason: str) -> CaseRecord:
    """Who objected takes it back."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.WITHDRAW, objection=objection_id)
        return objection.withdraw(scene.case, objection_id, reason=reason, by=by, now=scene.now)

    return await advance(turn, case_id, step)


async def settle(turn: Turn, case_id: UUID, objection_id: str, *, text: str) -> CaseRecord:
    """Both sides agree: it is as the objection wanted it."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.SETTLE, objection=objection_id)
        return objection.settle(
            scene.case,
            objection_id,
            handover=_handover(scene, objection_in(scene.case, objection_id).proposes),
            text=text,
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


async def refer_up(turn: Turn, case_id: UUID, objection_id: str) -> CaseRecord:
    """It goes to the common superior before its clock runs out."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.REFER_UP, objection=objection_id)
        return objection.refer_up(scene.case, objection_id, by=by, now=scene.now)

    return await advance(turn, case_id, step)


@dataclass(frozen=True)
class Ruling:
    """What the superior decides, and by which document.

    ``lead`` is whom it names where it upholds a dispute over the lead; the one that was proposed
    where it says nothing.
    """

    upheld: bool
    document: str
    reason: str
    lead: str | None = None


async def rule(turn: Turn, case_id: UUID, objection_id: str, ruling: Ruling) -> CaseRecord:
    """The common superior decides; in the same instant the case has its new holder."""

    def step(scene: Scene) -> Event:
        by = scene.permit(Action.RULE, objection=objection_id)
        proposed = objection_in(scene.case, objection_id).proposes
        return objection.rule(
            scene.case,
            objection_id,
            upheld=ruling.upheld,
            handover=_handover(scene, ruling.lead or proposed) if ruling.upheld else None,
            document=ruling.document,
            reason=ruling.reason,
            working_time=scene.reference.working_time,
            by=by,
            now=scene.now,
        )

    return await advance(turn, case_id, step)


def _handover(scene: Scene, lead: str | None) -> Handover | None:
    """What goes with a new lead, by the plan the case was dispatched with."""
    if lead is None:
        return None
    offices = {side.area.code: side.office for side in scene.record.plan.jurisdictions}
    office, former = offices.get(lead), offices.get(scene.case.holder)
    call = Call(former, Capacity.OFFICE, (scene.record.holder,)) if former else None
    return Handover(lead, office.id if office else None, call)


async def with_evidence(turn: Turn, case_id: UUID, grounds: Grounds, step: Step) -> CaseRecord:
    """Do a step whose evidence must be the case's own."""
    async with transaction(turn.engine, turn.actor) as connection:
        scene = await locked_scene(connection, turn, case_id)
        known = await evidence_store.ids_of_case(connection, case_id)
        for one in grounds.evidence:
            if one not in known:
                raise UnknownEvidenceError(case=scene.case.number, evidence=str(one))
        return await append_event(connection, scene, step(scene))
