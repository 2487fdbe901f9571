"""What whoever is signed in is told of."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, status

from api.deps import SignedInHere, signed_in
from api.schemas.notices import NoticeList, NoticeOut, ReadOut
from api.schemas.steps import ActionIn
from api.services.errors import UnknownNoticeError
from api.store import notices
from api.store.engine import reading, transaction
from api.store.notices import Cursor, StoredNotice

router = APIRouter(prefix="/notices", tags=["notices"], dependencies=[Depends(signed_in)])

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
After = Annotated[str | None, Query(pattern="^[ur][0-9]{1,18}$", description="`next` of a page")]


@router.get("")
async def list_notices(
    here: SignedInHere, after: After = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> NoticeList:
    """List one's own notices, unread ones first, of each the newest."""
    cursor = Cursor(is_read=after[0] == "r", id=int(after[1:])) if after else None
    async with reading(here.engine, here.actor) as connection:
        account = here.actor.account
        found = await notices.page(connection, account, after=cursor, limit=limit)
        unread = await notices.unread(connection, account)
    last = found[-1] if len(found) == limit else None
    return NoticeList(
        notices=tuple(_notice(one) for one in found),
        unread=unread,
        next=f"{'r' if last.read_at else 'u'}{last.id}" if last else None,
    )


@router.post("/read-all")
async def read_all(_given: ActionIn, here: SignedInHere) -> ReadOut:
    """Mark all of one's own notices as read."""
    async with transaction(here.engine, here.actor) as connection:
        count = await notices.read_all(connection, here.actor.account, now=here.now)
    return ReadOut(read=count)


@router.post("/{notice}/read", status_code=status.HTTP_204_NO_CONTENT)
async def read(notice: Id, _given: ActionIn, here: SignedInHere) -> None:
    """Mark one of one's own notices as read; a second time changes nothing."""
    async with transaction(here.engine, here.actor) as connection:
        if not await notices.read(connection, here.actor.account, notice, now=here.now):
            raise UnknownNoticeError(notice=notice)


def _notice(one: StoredNotice) -> NoticeOut:
    return NoticeOut.model_validate(asdict(one))
