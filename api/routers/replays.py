"""What another policy or release would have decided; writes nothing."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from api.deps import Holder, SignedInHere, signed_in
from api.schemas.replays import ReplayOut
from api.services import replaying

router = APIRouter(tags=["cases"], dependencies=[Depends(signed_in)])


@router.get("/cases/{case_id}/replay")
async def replay_case(
    case_id: UUID,
    here: SignedInHere,
    holder: Holder,
    *,
    policy: Annotated[str | None, Query(description="version of an imported policy")] = None,
    release: Annotated[str | None, Query(description="id of an imported release")] = None,
) -> ReplayOut:
    """Decide a case again under another policy or release, as of when it was reported."""
    reference = here.reference
    if release is not None:
        reference = replace(reference, index=await holder.index_of(here.engine, release))
    if policy is not None:
        reference = replace(reference, policy=await replaying.policy_of(here.engine, policy))
    return ReplayOut.of(await replaying.replayed_case(here.engine, reference, here.actor, case_id))
