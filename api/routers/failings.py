"""The three failings (督查问责), from the record, with explanation and exemption."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api.deps import SignedInHere, signed_in
from api.schemas.failings import FailingLineOut, FailingListOut
from api.schemas.values import Code, Name
from api.store import failings
from api.store.engine import reading
from api.store.failings import Question
from gridmap.dispatch.failing import Failing
from gridmap.dispatch.subject_refusals import SubjectValueError

router = APIRouter(tags=["failings"], dependencies=[Depends(signed_in)])

_DAYS = 30  # back from now, where no period is named


@router.get("/failings")
async def list_failings(
    here: SignedInHere,
    *,
    from_at: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: AwareDatetime | None = None,
    area: Code | None = None,
    unit: Name | None = None,
    failing: Failing | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> FailingListOut:
    """List what should have been whistled, led or assigned and was not, the latest first."""
    until_at = until or here.now
    begin = from_at or until_at - timedelta(days=_DAYS)
    if begin >= until_at:
        why = f"{begin.isoformat()} is not before {until_at.isoformat()}"
        raise SubjectValueError(what="failings", where="from", why=why)
    asked = Question(begin, until_at, here.now, area, unit, failing)
    async with reading(here.engine, here.actor) as connection:
        lines = await failings.listed(connection, asked, limit=limit)
    directory = here.reference.directory
    names = {one.unit: directory.find(one.unit) for one in lines}
    return FailingListOut(
        from_at=begin,
        until_at=until_at,
        failings=tuple(
            FailingLineOut(
                **vars(one), unit_name=found.name if (found := names[one.unit]) else one.unit
            )
            for one in lines
        ),
        now=here.now,
    )
