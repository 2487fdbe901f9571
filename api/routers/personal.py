"""Who called, and the erasing of what is personal."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, status

from api.deps import SignedInHere, signed_in
from api.schemas.personal import CallerOut
from api.services import personal
from gridmap.dispatch.erasure import Ground

router = APIRouter(tags=["personal data"], dependencies=[Depends(signed_in)])

# In the query: proxies may drop the body of a DELETE. It is a word of a list, and tells of nobody.
On = Annotated[Ground, Query(description="the ground of 个人信息保护法, article 47")]
Seq = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/incidents/{incident_id}/reporter")
async def read_caller(incident_id: UUID, here: SignedInHere) -> CallerOut:
    """Return who called, to the convener's side and the command above it alone."""
    found = await personal.caller(here, incident_id)
    return CallerOut(name=found.name, phone=found.phone)


@router.delete("/incidents/{incident_id}/reporter", status_code=status.HTTP_204_NO_CONTENT)
async def erase_caller(incident_id: UUID, ground: On, here: SignedInHere) -> None:
    """Erase who called, for good; for administrators and supervisors over the case."""
    await personal.erase_caller(here, incident_id, ground)


@router.delete("/cases/{case_id}/events/{seq}/texts", status_code=status.HTTP_204_NO_CONTENT)
async def erase_texts(case_id: UUID, seq: Seq, ground: On, here: SignedInHere) -> None:
    """Erase what was written in an event, for good; for administrators and supervisors over it."""
    await personal.erase_texts(here, case_id, seq, ground)
