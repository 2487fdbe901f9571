"""Cases into ledgers and operations: at their report, or later by their number."""

from dataclasses import dataclass
from uuid import UUID

from api.services import books
from api.services.books import LEDGERS, OPERATIONS
from api.services.errors import UnknownCaseError
from api.services.turn import Turn
from api.services.working import locked_scene
from api.store import cases, ledgers, operations
from api.store.engine import Connection
from gridmap.dispatch import ledger, operation
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.ledger import Ledger
from gridmap.dispatch.mandates import Affair, Deed, permit
from gridmap.dispatch.operation import Operation
from gridmap.dispatch.subject_refusals import SubjectStateError


@dataclass(frozen=True)
class Joins:
    """What a report names besides its place: a target of a ledger, an operation."""

    target: tuple[UUID, str] | None = None
    operation: UUID | None = None

    def __bool__(self) -> bool:
        return self.target is not None or self.operation is not None


async def join(connection: Connection, turn: Turn, case_id: UUID, joins: Joins) -> None:
    """Link a case to what its report names; one that it joined may be linked already."""
    if joins.target:
        await link_target(connection, turn, *joins.target, case_id)
    if joins.operation and joins.operation not in await operations.of_case(connection, case_id):
        await link_operation(connection, turn, joins.operation, case_id)


async def id_of(connection: Connection, number: str) -> UUID:
    """Return the id of a case by its number; `UnknownCaseError` when there is none to see."""
    found = await cases.id_of(connection, number)
    if found is None:
        raise UnknownCaseError(case=number)
    return found


async def link_target(
    connection: Connection, turn: Turn, ledger_id: UUID, code: str, case_id: UUID
) -> Ledger:
    """Let a case work on a target: its closing strikes the target off.

    Raises
    ------
    SubjectStateError
        The case is closed, or the target is struck off.
    """
    scene = await locked_scene(connection, turn, case_id)  # the case's lock before the ledger's
    page = await books.locked(connection, LEDGERS, ledger_id, turn.now)
    target, number = page.state.target(code), scene.case.number
    by = permit(Deed.LINK_CASE, turn.actor, of_ledger(page.state, place=target.area_code))
    if number in target.cases:
        return page.state
    if scene.case.closed_at:
        why = f"case {number} is closed; a target is struck off by a case that closes later"
        raise SubjectStateError(what="ledger", id=str(ledger_id), why=why)
    entry = ledger.link_case(page.state, code, number, by=by, now=page.now)
    after = await books.append(connection, page, entry)
    await ledgers.link(connection, ledger_id, code, case_id)
    return after.state


async def link_operation(
    connection: Connection, turn: Turn, operation_id: UUID, case_id: UUID
) -> Operation:
    """Let a case be worked on in an operation."""
    scene = await locked_scene(connection, turn, case_id)
    page = await books.locked(connection, OPERATIONS, operation_id, turn.now)
    by = permit(Deed.JOIN_OPERATION, turn.actor, of_operation(page.state, turn.actor))
    entry = operation.join_case(page.state, scene.case.number, by=by, now=page.now)
    after = await books.append(connection, page, entry)
    await operations.link(connection, operation_id, case_id)
    return after.state


def of_ledger(one: Ledger, *, place: str | None = None) -> Affair:
    """Return what a deed on a ledger is about."""
    return Affair("ledger", one.id, owner=one.owner, owner_area=one.owner_area, place=place)


def of_operation(one: Operation, actor: Actor) -> Affair:
    """Return what a deed on an operation is about, for whom it is asked."""
    return Affair(
        "operation",
        one.id,
        owner=one.headquarters,
        owner_area=one.area_code,
        within=bool(actor.keys & one.members),
    )


async def enter_operation(
    connection: Connection, turn: Turn, operation_id: UUID | None
) -> Operation | None:
    """Return the operation that something new is to belong to, if its maker may bring it there.

    Raises
    ------
    SubjectStateError
        The operation has ended.
    """
    if operation_id is None:
        return None
    found = await books.operation_of(connection, operation_id)
    permit(Deed.JOIN_OPERATION, turn.actor, of_operation(found, turn.actor))
    if found.ended_at:
        raise SubjectStateError(what="operation", id=found.id, why="it has ended")
    return found
