"""Disputes over who leads: objected, answered, settled or ruled."""

from uuid import UUID

from fastapi import APIRouter, Depends

from api.deps import SignedInHere, signed_in
from api.routers.casefiles import casefile
from api.schemas.cases import CaseOut
from api.schemas.steps import ActionIn, AnswerIn, ObjectionIn, ReasonIn, RulingIn
from api.services import disputing
from api.services.disputing import Grounds, Ruling

router = APIRouter(
    prefix="/cases/{case_id}/objections", tags=["disputes"], dependencies=[Depends(signed_in)]
)


@router.post("")
async def object_lead(case_id: UUID, given: ObjectionIn, here: SignedInHere) -> CaseOut:
    """Say that another of the concerned jurisdictions should lead, with evidence for it."""
    grounds = Grounds(given.reason, given.evidence)
    await disputing.object_lead(here, case_id, proposes=given.proposes, grounds=grounds)
    return await casefile(here, case_id)


@router.post("/{objection}/answer")
async def answer(case_id: UUID, objection: str, given: AnswerIn, here: SignedInHere) -> CaseOut:
    """Answer an objection as the other side, agreeing or not."""
    grounds = Grounds(given.reason, given.evidence)
    await disputing.answer(here, case_id, objection, agrees=given.agrees, grounds=grounds)
    return await casefile(here, case_id)


@router.post("/{objection}/withdraw")
async def withdraw(case_id: UUID, objection: str, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Take one's own objection back."""
    await disputing.withdraw(here, case_id, objection, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/{objection}/settle")
async def settle(case_id: UUID, objection: str, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Settle what an answer agrees to (协商一致): it is as the objection wanted it."""
    await disputing.settle(here, case_id, objection, text=given.reason)
    return await casefile(here, case_id)


@router.post("/{objection}/refer")
async def refer(case_id: UUID, objection: str, _given: ActionIn, here: SignedInHere) -> CaseOut:
    """Take it to the lowest common superior before the clock of the negotiation does."""
    await disputing.refer_up(here, case_id, objection)
    return await casefile(here, case_id)


@router.post("/{objection}/rule")
async def rule(case_id: UUID, objection: str, given: RulingIn, here: SignedInHere) -> CaseOut:
    """Decide as the common superior (指定管辖); the case changes hands in the same instant."""
    ruling = Ruling(given.upheld, given.document, given.reason, given.lead)
    await disputing.rule(here, case_id, objection, ruling)
    return await casefile(here, case_id)
