"""Where one is oneself: told, written over, taken back."""

from anyio import to_thread
from fastapi import APIRouter, Depends, status

from api.deps import SignedInHere, signed_in
from api.schemas.positions import PositionIn, PositionOut
from api.services import locating

router = APIRouter(prefix="/me/position", tags=["directory"], dependencies=[Depends(signed_in)])


@router.post("")
async def report_position(given: PositionIn, here: SignedInHere) -> PositionOut:
    """Tell where one is; only the last position is kept, for command and conveners."""
    place = await to_thread.run_sync(given.place.place)
    position = await locating.report(here, place, at=given.at)
    return PositionOut.of(position, here.reference.policy)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def withdraw_position(here: SignedInHere) -> None:
    """Erase where one was."""
    await locating.withdraw(here)
