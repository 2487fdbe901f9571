"""Those who were called, and what they and who called them do."""

from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends

from api.deps import SignedInHere, signed_in
from api.routers.casefiles import casefile
from api.schemas.cases import CaseOut
from api.schemas.steps import (
    ActionIn,
    ArrivalIn,
    EvaluationIn,
    FinishIn,
    ReasonIn,
    SummonsObjectionIn,
)
from api.services import attending, calling, disputing
from api.services.disputing import Grounds

router = APIRouter(
    prefix="/cases/{case_id}/summons/{summons}", tags=["summons"], dependencies=[Depends(signed_in)]
)


@router.post("/respond")
async def respond(case_id: UUID, summons: str, _given: ActionIn, here: SignedInHere) -> CaseOut:
    """Say that a summoned unit is coming."""
    await attending.respond(here, case_id, summons)
    return await casefile(here, case_id)


@router.post("/arrive")
async def arrive(case_id: UUID, summons: str, given: ArrivalIn, here: SignedInHere) -> CaseOut:
    """Report a unit's position; outside the geofence it is recorded and stops no clock."""
    position = await to_thread.run_sync(given.place.place)
    await attending.arrive(here, case_id, summons, position, how=given.how)
    return await casefile(here, case_id)


@router.post("/countersign")
async def countersign(case_id: UUID, summons: str, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Vouch that a unit is there, where no position proves it."""
    await attending.countersign(here, case_id, summons, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/release")
async def release(case_id: UUID, summons: str, _given: ActionIn, here: SignedInHere) -> CaseOut:
    """Let a unit go; who leaves before is recorded as such (人不撤)."""
    await attending.release(here, case_id, summons)
    return await casefile(here, case_id)


@router.post("/leave")
async def leave(case_id: UUID, summons: str, _given: ActionIn, here: SignedInHere) -> CaseOut:
    """Say that a unit has left."""
    await attending.leave(here, case_id, summons)
    return await casefile(here, case_id)


@router.post("/finish")
async def finish(case_id: UUID, summons: str, given: FinishIn, here: SignedInHere) -> CaseOut:
    """Say that a unit on site has done its part, with the outcome that the whistle asks for."""
    await attending.finish(here, case_id, summons, result=given.result, outcome=given.outcome)
    return await casefile(here, case_id)


@router.post("/evaluate")
async def evaluate(case_id: UUID, summons: str, given: EvaluationIn, here: SignedInHere) -> CaseOut:
    """Judge a unit's work, 1 to 5; who called it does."""
    await attending.evaluate(here, case_id, summons, score=given.score, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/stand-down")
async def stand_down(case_id: UUID, summons: str, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Say that a unit is not needed after all."""
    await calling.stand_down(here, case_id, summons, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/object")
async def object_to_it(
    case_id: UUID, summons: str, given: SummonsObjectionIn, here: SignedInHere
) -> CaseOut:
    """Say that this unit is not the one to come (派单异议); its clocks run on meanwhile."""
    grounds = Grounds(given.reason, given.evidence)
    await disputing.object_summons(here, case_id, summons, grounds=grounds)
    return await casefile(here, case_id)
