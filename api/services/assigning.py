"""Tasks and obligations: a department assigns, townships carry out, somebody above expects it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from api.services import books, linking
from api.services.bookkeeping import unit_of
from api.services.books import OBLIGATIONS, TASKS, Page
from api.services.turn import Turn
from api.store.engine import transaction
from gridmap.dispatch import obligation, task
from gridmap.dispatch.clock import Span, due
from gridmap.dispatch.event import Signature
from gridmap.dispatch.journal import Entry
from gridmap.dispatch.mandates import Affair, Deed, permit
from gridmap.dispatch.obligation import Obligation
from gridmap.dispatch.task import Task, TaskHead


async def assign(turn: Turn, head: TaskHead, *, clock: Span) -> Task:
    """A department assigns a task; its obligation, if it names one, is met by that.

    Raises
    ------
    SubjectRightError
        The actor is not of the department.
    """
    assigner = unit_of(turn, head.assigner)
    units = {unit: unit_of(turn, unit).area_code for unit in head.units}
    head = replace(head, assigner_area=assigner.area_code, units=units)
    by = permit(Deed.ASSIGN, turn.actor, Affair("task", "", head.assigner, head.assigner_area))
    due_at = due(turn.now, clock, turn.reference.working_time)
    assert due_at, "nothing pauses the clock of a task"
    within = UUID(head.operation) if head.operation else None
    async with transaction(turn.engine, turn.actor) as connection:
        await linking.enter_operation(connection, turn, within)
        owed = None
        if head.obligation:
            owed = await books.locked(connection, OBLIGATIONS, UUID(head.obligation), turn.now)
        entry = task.assign(head, due_at=due_at, by=by, now=turn.now)
        page = await books.begin(connection, TASKS, entry, within=within)
        if owed:
            met = obligation.meet(owed.state, page.state.id, by=by, now=owed.now)
            await books.append(connection, owed, met)
        return page.state


async def accept(turn: Turn, task_id: UUID, unit: str) -> Task:
    """An assignee takes it on."""
    return await _step(turn, task_id, unit, Deed.ACCEPT_TASK, task.accept)


async def report_proof(turn: Turn, task_id: UUID, unit: str, *, proof: str) -> Task:
    """An assignee shows that it is done."""

    def step(one: Task, unit: str, *, by: Signature, now: datetime) -> Entry:
        return task.report_proof(one, unit, proof=proof, by=by, now=now)

    return await _step(turn, task_id, unit, Deed.REPORT_PROOF, step)


async def accept_proof(turn: Turn, task_id: UUID, unit: str) -> Task:
    """The assigner is content with one assignee."""
    return await _step(turn, task_id, unit, Deed.ACCEPT_PROOF, task.accept_proof)


async def return_proof(turn: Turn, task_id: UUID, unit: str, *, reason: str) -> Task:
    """The assigner is not."""

    def step(one: Task, unit: str, *, by: Signature, now: datetime) -> Entry:
        return task.return_proof(one, unit, reason=reason, by=by, now=now)

    return await _step(turn, task_id, unit, Deed.RETURN_PROOF, step)


async def withdraw(turn: Turn, task_id: UUID, *, reason: str) -> Task:
    """The assigner takes the task back."""

    def step(one: Task, _unit: str, *, by: Signature, now: datetime) -> Entry:
        return task.withdraw(one, reason=reason, by=by, now=now)

    return await _step(turn, task_id, "", Deed.WITHDRAW_TASK, step)


async def _step(
    turn: Turn, task_id: UUID, unit: str, deed: Deed, change: Callable[..., Entry]
) -> Task:
    def step(page: Page[Task]) -> Entry:
        by = permit(deed, turn.actor, of_task(page.state, unit))
        return change(page.state, unit, by=by, now=page.now)

    return await books.written(turn, TASKS, task_id, step)


def of_task(one: Task, unit: str) -> Affair:
    """Return what a deed on a task is about; ``unit`` is the assignee in question."""
    return Affair("task", one.id, owner=one.assigner, owner_area=one.assigner_area, unit=unit)


# --- 应当布置 -----------------------------------------------------------------------------------


async def expect(
    turn: Turn, title: str, *, unit: str, due_at: datetime, operation: UUID | None
) -> Obligation:
    """Somebody above, or a member of an operation, expects an assignment from a department."""
    owing = unit_of(turn, unit)
    async with transaction(turn.engine, turn.actor) as connection:
        within = await linking.enter_operation(connection, turn, operation)
        about = Affair("obligation", "", owing.id, owing.area_code, within=within is not None)
        entry = obligation.expect(
            title,
            unit=owing.id,
            unit_area=owing.area_code,
            due_at=due_at,
            operation=str(operation) if operation else None,
            by=permit(Deed.EXPECT, turn.actor, about),
            now=turn.now,
        )
        return (await books.begin(connection, OBLIGATIONS, entry, within=operation)).state


async def explain(turn: Turn, obligation_id: UUID, *, text: str) -> Obligation:
    """The unit gives its own account of why it assigned nothing in time."""

    def step(page: Page[Obligation]) -> Entry:
        by = permit(Deed.EXPLAIN, turn.actor, of_obligation(page.state))
        return obligation.explain(page.state, text=text, by=by, now=page.now)

    return await books.written(turn, OBLIGATIONS, obligation_id, step)


async def exempt(turn: Turn, obligation_id: UUID, *, reason: str) -> Obligation:
    """A supervisor exempts a unit that has explained itself."""

    def step(page: Page[Obligation]) -> Entry:
        by = permit(Deed.EXEMPT, turn.actor, of_obligation(page.state))
        return obligation.exempt(page.state, reason=reason, by=by, now=page.now)

    return await books.written(turn, OBLIGATIONS, obligation_id, step)


def of_obligation(one: Obligation) -> Affair:
    """Return what a deed on an obligation is about."""
    return Affair("obligation", one.id, owner=one.unit, owner_area=one.unit_area, unit=one.unit)
