"""Operations (专项行动): cases, ledgers and tasks under a headquarters."""

from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, status

from api.deps import SignedInHere, signed_in
from api.schemas.ledgers import CaseNumberIn
from api.schemas.operations import (
    EndIn,
    MembersIn,
    OperationIn,
    OperationLineOut,
    OperationListOut,
    OperationOut,
    TeamIn,
)
from api.schemas.subjects import EntryListOut, case_numbers
from api.services import books, commanding
from api.services.books import OPERATIONS
from api.services.linking import of_operation
from api.services.turn import Turn
from api.store import operations
from api.store.engine import reading
from gridmap.dispatch.mandates import Deed, may
from gridmap.dispatch.operation import Operation

router = APIRouter(prefix="/operations", tags=["operations"], dependencies=[Depends(signed_in)])

_DEEDS = (Deed.LEAD_OPERATION, Deed.JOIN_OPERATION)


@router.get("")
async def list_operations(
    here: SignedInHere, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> OperationListOut:
    """List the operations that whoever asks sees, those that run first."""
    async with reading(here.engine, here.actor) as connection:
        lines = await operations.listed(connection, limit=limit)
    return OperationListOut(operations=tuple(OperationLineOut(**vars(one)) for one in lines))


@router.post("", status_code=status.HTTP_201_CREATED)
async def begin(given: OperationIn, here: SignedInHere) -> OperationOut:
    """Form a headquarters for an operation."""
    place = await to_thread.run_sync(given.place.place) if given.place else None
    return await _out(await commanding.begin(here, given.head(place)), here)


@router.get("/{operation_id}")
async def read_operation(operation_id: UUID, here: SignedInHere) -> OperationOut:
    """Return an operation as it stands."""
    one, _ = await books.read(here, OPERATIONS, operation_id)
    return await _out(one, here)


@router.get("/{operation_id}/entries")
async def read_operation_entries(operation_id: UUID, here: SignedInHere) -> EntryListOut:
    """Return everything that happened to an operation, in order."""
    _, entries = await books.read(here, OPERATIONS, operation_id)
    return EntryListOut.of(entries, await books.seen(here, case_numbers(entries)))


@router.post("/{operation_id}/teams")
async def form_team(operation_id: UUID, given: TeamIn, here: SignedInHere) -> OperationOut:
    """Form a sub-headquarters (分指挥部), or give one other members."""
    return await _out(await commanding.form_team(here, operation_id, given.team()), here)


@router.post("/{operation_id}/members")
async def change_members(operation_id: UUID, given: MembersIn, here: SignedInHere) -> OperationOut:
    """Set who is in the headquarters; whoever does so is one of them."""
    members = frozenset(given.members)
    return await _out(await commanding.change_members(here, operation_id, members), here)


@router.post("/{operation_id}/cases")
async def join_case(operation_id: UUID, given: CaseNumberIn, here: SignedInHere) -> OperationOut:
    """Let a case be worked on in the operation."""
    return await _out(await commanding.join_case(here, operation_id, number=given.number), here)


@router.post("/{operation_id}/end")
async def end(operation_id: UUID, given: EndIn, here: SignedInHere) -> OperationOut:
    """Dissolve the headquarters; what runs goes on."""
    return await _out(await commanding.end(here, operation_id, result=given.result), here)


async def _out(one: Operation, here: Turn) -> OperationOut:
    async with reading(here.engine, here.actor) as connection:
        cases = await operations.cases_of(connection, UUID(one.id))
    about = of_operation(one, here.actor)
    return OperationOut.of(
        one, cases, tuple(deed for deed in _DEEDS if may(deed, here.actor, about))
    )
