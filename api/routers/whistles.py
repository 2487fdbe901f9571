"""Whistles, and the platform's part in them."""

from uuid import UUID

from fastapi import APIRouter, Depends

from api.deps import SignedInHere, signed_in
from api.routers.casefiles import casefile
from api.schemas.cases import CaseOut
from api.schemas.steps import ActionIn, DispatchIn, ReasonIn, SummonIn, WhistleIn
from api.services import calling
from api.services.calling import Wish

router = APIRouter(
    prefix="/cases/{case_id}/whistles", tags=["whistles"], dependencies=[Depends(signed_in)]
)


@router.post("")
async def blow(case_id: UUID, given: WhistleIn, here: SignedInHere) -> CaseOut:
    """Blow a whistle: the units of the plan, or others, are summoned and the clocks start."""
    await calling.blow(here, case_id, Wish(given.kind, given.units, given.named))
    return await casefile(here, case_id)


@router.post("/{whistle}/dispatch")
async def dispatch(case_id: UUID, whistle: str, given: DispatchIn, here: SignedInHere) -> CaseOut:
    """Accept a whistle at the platform (平台受理) and send the units, as called or changed."""
    await calling.dispatch(here, case_id, whistle, given.units)
    return await casefile(here, case_id)


@router.post("/{whistle}/send-back")
async def send_back(case_id: UUID, whistle: str, given: ReasonIn, here: SignedInHere) -> CaseOut:
    """Return a whistle (退回): nobody comes, the street looks at it again."""
    await calling.send_back(here, case_id, whistle, reason=given.reason)
    return await casefile(here, case_id)


@router.post("/{whistle}/lift-secrecy")
async def lift_secrecy(
    case_id: UUID, whistle: str, _given: ActionIn, here: SignedInHere
) -> CaseOut:
    """Make a confidential whistle one like all others."""
    await calling.lift_secrecy(here, case_id, whistle)
    return await casefile(here, case_id)


@router.post("/{whistle}/summons")
async def summon(case_id: UUID, whistle: str, given: SummonIn, here: SignedInHere) -> CaseOut:
    """Call one more unit to a whistle; its clocks start now."""
    await calling.summon(here, case_id, whistle, unit=given.unit, reason=given.reason)
    return await casefile(here, case_id)
