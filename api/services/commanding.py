"""Operations (专项行动): begun, staffed, filled with cases, ended."""

from dataclasses import replace
from uuid import UUID

from api.services import books, linking
from api.services.bookkeeping import unit_of
from api.services.books import OPERATIONS, Page
from api.services.linking import of_operation
from api.services.turn import Turn
from api.store.engine import transaction
from gridmap.dispatch import operation
from gridmap.dispatch.journal import Entry
from gridmap.dispatch.mandates import Affair, Deed, permit
from gridmap.dispatch.operation import Operation, OperationHead, Team


async def begin(turn: Turn, head: OperationHead) -> Operation:
    """A unit forms the headquarters of an operation."""
    unit = unit_of(turn, head.headquarters)
    head = replace(head, area_code=unit.area_code)
    about = Affair("operation", "", owner=unit.id, owner_area=unit.area_code)
    by = permit(Deed.BEGIN_OPERATION, turn.actor, about)
    async with transaction(turn.engine, turn.actor) as connection:
        entry = operation.begin(head, by=by, now=turn.now)
        return (await books.begin(connection, OPERATIONS, entry)).state


async def form_team(turn: Turn, operation_id: UUID, team: Team) -> Operation:
    """A sub-headquarters joins, or takes other members."""
    unit_of(turn, team.unit)

    def step(page: Page[Operation]) -> Entry:
        by = permit(Deed.LEAD_OPERATION, turn.actor, of_operation(page.state, turn.actor))
        return operation.form_team(page.state, team, by=by, now=page.now)

    return await books.written(turn, OPERATIONS, operation_id, step)


async def change_members(turn: Turn, operation_id: UUID, members: frozenset[str]) -> Operation:
    """The headquarters has exactly these members from now on."""

    def step(page: Page[Operation]) -> Entry:
        by = permit(Deed.LEAD_OPERATION, turn.actor, of_operation(page.state, turn.actor))
        return operation.change_members(page.state, members, by=by, now=page.now)

    return await books.written(turn, OPERATIONS, operation_id, step)


async def join_case(turn: Turn, operation_id: UUID, *, number: str) -> Operation:
    """A case that is there is worked on in the operation."""
    async with transaction(turn.engine, turn.actor) as connection:
        case_id = await linking.id_of(connection, number)
        return await linking.link_operation(connection, turn, operation_id, case_id)


async def end(turn: Turn, operation_id: UUID, *, result: str) -> Operation:
    """The headquarters is dissolved."""

    def step(page: Page[Operation]) -> Entry:
        by = permit(Deed.LEAD_OPERATION, turn.actor, of_operation(page.state, turn.actor))
        return operation.end(page.state, result=result, by=by, now=page.now)

    return await books.written(turn, OPERATIONS, operation_id, step)
