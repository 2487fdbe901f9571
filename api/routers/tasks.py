"""Tasks (部门布置、街乡落实) and the obligations to assign them (应当布置)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from api.deps import SignedInHere, signed_in
from api.schemas.steps import ActionIn, ReasonIn
from api.schemas.subjects import EntryListOut
from api.schemas.tasks import (
    AssignmentOut,
    ObligationIn,
    ObligationOut,
    ProofIn,
    TaskIn,
    TaskLineOut,
    TaskListOut,
    TaskOut,
    WordsIn,
)
from api.services import assigning, books
from api.services.assigning import of_task
from api.services.books import OBLIGATIONS, TASKS
from api.services.turn import Turn
from api.store import tasks
from api.store.engine import reading
from gridmap.dispatch.mandates import Deed, may
from gridmap.dispatch.task import Assignment, Task

router = APIRouter(tags=["tasks"], dependencies=[Depends(signed_in)])

_DEEDS = (Deed.ACCEPT_TASK, Deed.REPORT_PROOF, Deed.ACCEPT_PROOF, Deed.RETURN_PROOF)


@router.get("/tasks")
async def list_tasks(
    here: SignedInHere,
    unit: str | None = None,
    operation: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TaskListOut:
    """List tasks, those due first first; ``unit``: as assigner or assignee."""
    async with reading(here.engine, here.actor) as connection:
        lines = await tasks.listed(
            connection, now=here.now, limit=limit, unit=unit, operation=operation
        )
    return TaskListOut(tasks=tuple(TaskLineOut(**vars(one)) for one in lines), now=here.now)


@router.post("/tasks", status_code=status.HTTP_201_CREATED)
async def assign(given: TaskIn, here: SignedInHere) -> TaskOut:
    """Assign a task to one or many units, with deadline and proof."""
    return _out(await assigning.assign(here, given.head(), clock=given.deadline.span()), here)


@router.get("/tasks/{task_id}")
async def read_task(task_id: UUID, here: SignedInHere) -> TaskOut:
    """Return a task and how far every assignee is."""
    one, _ = await books.read(here, TASKS, task_id)
    return _out(one, here)


@router.get("/tasks/{task_id}/entries")
async def read_task_entries(task_id: UUID, here: SignedInHere) -> EntryListOut:
    """Return everything that happened to a task, in order."""
    _, entries = await books.read(here, TASKS, task_id)
    return EntryListOut.of(entries)


@router.post("/tasks/{task_id}/units/{unit}/accept")
async def accept(task_id: UUID, unit: str, _given: ActionIn, here: SignedInHere) -> TaskOut:
    """Take a task on, as an assignee."""
    return _out(await assigning.accept(here, task_id, unit), here)


@router.post("/tasks/{task_id}/units/{unit}/proof")
async def report_proof(task_id: UUID, unit: str, given: ProofIn, here: SignedInHere) -> TaskOut:
    """Show that it is done, as an assignee."""
    return _out(await assigning.report_proof(here, task_id, unit, proof=given.proof), here)


@router.post("/tasks/{task_id}/units/{unit}/proof/accept")
async def accept_proof(task_id: UUID, unit: str, _given: ActionIn, here: SignedInHere) -> TaskOut:
    """Be content with an assignee's proof, as the assigner."""
    return _out(await assigning.accept_proof(here, task_id, unit), here)


@router.post("/tasks/{task_id}/units/{unit}/proof/return")
async def return_proof(task_id: UUID, unit: str, given: WordsIn, here: SignedInHere) -> TaskOut:
    """Return an assignee's proof with what is missing."""
    return _out(await assigning.return_proof(here, task_id, unit, reason=given.reason), here)


@router.post("/tasks/{task_id}/withdraw")
async def withdraw(task_id: UUID, given: ReasonIn, here: SignedInHere) -> TaskOut:
    """Take a task back, as the assigner."""
    return _out(await assigning.withdraw(here, task_id, reason=given.reason), here)


def _out(one: Task, here: Turn) -> TaskOut:
    return TaskOut(
        id=UUID(one.id),
        title=one.title,
        text=one.text,
        proof=one.proof,
        assigner=one.assigner,
        assigned_at=one.assigned_at,
        due_at=one.due_at,
        obligation=UUID(one.obligation) if one.obligation else None,
        operation=UUID(one.operation) if one.operation else None,
        withdrawn_at=one.withdrawn_at,
        done=one.is_done,
        assignments=tuple(_assignment(part, one, here) for part in one.assignments),
        version=one.version,
        now=here.now,
    )


def _assignment(part: Assignment, one: Task, here: Turn) -> AssignmentOut:
    about = of_task(one, part.unit)
    deeds = tuple(deed for deed in _DEEDS if may(deed, here.actor, about))
    return AssignmentOut.of(part, one, here.now, deeds)


# --- 应当布置 -----------------------------------------------------------------------------------


@router.post("/obligations", status_code=status.HTTP_201_CREATED)
async def expect(given: ObligationIn, here: SignedInHere) -> ObligationOut:
    """Expect an assignment from a department by an instant."""
    one = await assigning.expect(
        here, given.title, unit=given.unit, due_at=given.due_at, operation=given.operation
    )
    return ObligationOut.of(one, here.now)


@router.get("/obligations/{obligation_id}")
async def read_obligation(obligation_id: UUID, here: SignedInHere) -> ObligationOut:
    """Return an obligation: met, failed, explained or exempted."""
    one, _ = await books.read(here, OBLIGATIONS, obligation_id)
    return ObligationOut.of(one, here.now)


@router.post("/obligations/{obligation_id}/explain")
async def explain_obligation(
    obligation_id: UUID, given: WordsIn, here: SignedInHere
) -> ObligationOut:
    """Explain why one's own unit assigned nothing in time."""
    one = await assigning.explain(here, obligation_id, text=given.reason)
    return ObligationOut.of(one, here.now)


@router.post("/obligations/{obligation_id}/exempt")
async def exempt_obligation(
    obligation_id: UUID, given: WordsIn, here: SignedInHere
) -> ObligationOut:
    """Exempt a unit that has explained itself (容错、尽职免责), as a supervisor."""
    one = await assigning.exempt(here, obligation_id, reason=given.reason)
    return ObligationOut.of(one, here.now)
