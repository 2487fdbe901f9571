"""The case as a whole: closed, vetoed, held, transferred, reopened, merged, told."""

from uuid import UUID

from fastapi import APIRouter, Depends

from api.deps import SignedInHere, signed_in
from api.routers.casefiles import casefile
from api.schemas.cases import CaseOut
from api.schemas.steps import (
    FailingIn,
    FeedbackIn,
    GrantIn,
    HoldIn,
    MergeIn,
    OutcomeIn,
    ReasonIn,
    ReceiptIn,
    ResultIn,
    TransferIn,
)
from api.services import casework
from api.services.disputing import Grounds
from gridmap.dispatch.failing import Failing

router = APIRouter(prefix="/cases/{case_id}", tags=["casework"], dependencies=[Depends(signed_in)])


@router.post("/close")
async def close(case_id: UUID, given: ResultIn, here: SignedInHere) -> CaseOut:
    """Close a case; refused while anybody called is not done and evaluated (事不完、人不撤)."""
    await casework.close(here, case_id, result=given.result)
    return await casefile(here, case_id)


@router.post("/veto")
async def veto(case_id: UUID, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Forbid the closing (否决权)."""
    await casework.veto(here, case_id, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/veto/lift")
async def lift_veto(case_id: UUID, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Take the veto back."""
    await casework.lift_veto(here, case_id, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/hold")
async def ask_hold(case_id: UUID, given: HoldIn, here: SignedInHere) -> CaseOut:
    """Ask for a pause (暂缓) until a review; somebody above must grant it."""
    await casework.ask_hold(here, case_id, reason=given.reason, review_on=given.review_on)
    return await casefile(here, case_id)


@router.post("/hold/grant")
async def grant_hold(case_id: UUID, given: GrantIn, here: SignedInHere) -> CaseOut:
    """Grant the pause, from which on no clock runs, or refuse it."""
    await casework.grant_hold(here, case_id, granted=given.granted, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/hold/resume")
async def resume(case_id: UUID, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """End the pause; every clock goes on with what was left of it."""
    await casework.resume(here, case_id, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/transfers")
async def transfer(case_id: UUID, given: TransferIn, here: SignedInHere) -> CaseOut:
    """Refer it to the police or another authority (移送), with the evidence."""
    grounds = Grounds(given.reason, given.evidence)
    await casework.transfer(here, case_id, to_unit=given.to_unit, grounds=grounds)
    return await casefile(here, case_id)


@router.post("/transfers/{transfer}/receive")
async def receive(case_id: UUID, transfer: str, given: ReceiptIn, here: SignedInHere) -> CaseOut:
    """Confirm a transfer as its receiver."""
    await casework.receive_transfer(here, case_id, transfer, receipt=given.receipt)
    return await casefile(here, case_id)


@router.post("/transfers/{transfer}/end")
async def end(case_id: UUID, transfer: str, given: OutcomeIn, here: SignedInHere) -> CaseOut:
    """Say what became of a transfer."""
    await casework.end_transfer(here, case_id, transfer, outcome=given.outcome)
    return await casefile(here, case_id)


@router.post("/feedback")
async def feed_back(case_id: UUID, given: FeedbackIn, here: SignedInHere) -> CaseOut:
    """Record that somebody who reported it was told how it ended (结果反馈)."""
    await casework.feed_back(
        here,
        case_id,
        incident=given.incident,
        satisfaction=given.satisfaction,
        text=given.text,
    )
    return await casefile(here, case_id)


@router.post("/reopen")
async def reopen(case_id: UUID, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Let a closed case go on."""
    await casework.reopen(here, case_id, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/merge")
async def merge(case_id: UUID, given: MergeIn, here: SignedInHere) -> CaseOut:
    """End this case in favour of another of the same problem; returns the one that goes on."""
    await casework.merge(here, case_id, given.into)
    return await casefile(here, given.into)


@router.post("/failings/{failing}/explain")
async def explain(case_id: UUID, failing: Failing, given: FailingIn, here: SignedInHere) -> CaseOut:
    """Give one's own unit's account of a failing."""
    await casework.explain(here, case_id, failing=failing, unit=given.unit, text=given.reason)
    return await casefile(here, case_id)


@router.post("/failings/{failing}/exempt")
async def exempt(case_id: UUID, failing: Failing, given: FailingIn, here: SignedInHere) -> CaseOut:
    """Exempt a unit that has explained itself (容错、尽职免责), as a supervisor."""
    await casework.exempt(here, case_id, failing=failing, unit=given.unit, reason=given.reason)
    return await casefile(here, case_id)
