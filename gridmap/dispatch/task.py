"""Tasks: a department assigns, townships carry out (部门布置、街乡落实); and who owes one.

An *obligation* says that a department is expected to assign something by an instant. The third
failing, 应当布置没行动, is one whose instant passed without a task that names it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gridmap.dispatch.event import Signature
from gridmap.dispatch.journal import Entry, EntryKind
from gridmap.dispatch.subject_refusals import (
    SubjectStateError,
    SubjectValueError,
    UnknownSubjectError,
)


class AssignmentState(StrEnum):
    """How far an assignee is. ``RETURNED``: its proof was not enough, it is at work again."""

    GIVEN = "given"
    ACCEPTED = "accepted"
    REPORTED = "reported"
    RETURNED = "returned"
    DONE = "done"


@dataclass(frozen=True)
class Assignment:
    """One unit that carries a task out."""

    unit: str
    area_code: str
    state: AssignmentState = AssignmentState.GIVEN
    accepted_at: datetime | None = None
    reported_at: datetime | None = None
    done_at: datetime | None = None
    returned: int = 0  # how often
    proof: str = ""

    def is_overdue(self, due_at: datetime, now: datetime) -> bool:
        """Whether no proof stands that was reported in time; the deadline itself is in time."""
        if self.state in {AssignmentState.REPORTED, AssignmentState.DONE} and self.reported_at:
            return self.reported_at > due_at
        return now > due_at


@dataclass(frozen=True)
class Task:
    id: str
    title: str
    text: str
    proof: str  # what every assignee has to show
    assigner: str  # unit id
    assigner_area: str
    due_at: datetime
    obligation: str | None
    operation: str | None
    assigned_at: datetime
    last_at: datetime
    version: int = 1
    assignments: tuple[Assignment, ...] = ()
    withdrawn_at: datetime | None = None

    def assignment(self, unit: str) -> Assignment:
        """Return the part of a unit; `UnknownSubjectError` when it has none."""
        found = next((one for one in self.assignments if one.unit == unit), None)
        if found is None:
            raise UnknownSubjectError(what=f"assignment of task {self.id} to", id=unit)
        return found

    @property
    def is_done(self) -> bool:
        return all(one.state is AssignmentState.DONE for one in self.assignments)


@dataclass(frozen=True)
class TaskHead:
    """What a task is assigned with; ``units`` are the ids of the assignees with their areas."""

    title: str
    text: str
    proof: str
    assigner: str
    assigner_area: str
    units: Mapping[str, str]
    obligation: str | None = None
    operation: str | None = None


def assign(head: TaskHead, *, due_at: datetime, by: Signature, now: datetime) -> Entry:
    """A department assigns a task to one or many townships.

    Raises
    ------
    SubjectValueError
        It goes to nobody or to its assigner, or asks for no proof.
    """
    if not head.units or head.assigner in head.units:
        why = "a task goes to at least one unit, and not to the one that assigns it"
        raise SubjectValueError(what="task", where="units", why=why)
    if not head.proof.strip():
        why = "say what the assignees have to show when they are done"
        raise SubjectValueError(what="task", where="proof", why=why)
    data = {
        "assigner": head.assigner,
        "assigner_area": head.assigner_area,
        "units": dict(head.units),
        "due_at": due_at.isoformat(),
        "obligation": head.obligation,
        "operation": head.operation,
    }
    texts = {"title": head.title, "text": head.text, "proof": head.proof}
    return Entry(EntryKind.ASSIGNED, now, by, data, texts)


def accept(task: Task, unit: str, *, by: Signature, now: datetime) -> Entry:
    """An assignee takes the task on."""
    _expect(task, unit, AssignmentState.GIVEN)
    return Entry(EntryKind.TASK_ACCEPTED, now, by, {"unit": unit})


def report_proof(task: Task, unit: str, *, proof: str, by: Signature, now: datetime) -> Entry:
    """An assignee shows that it is done."""
    _expect(task, unit, AssignmentState.ACCEPTED, AssignmentState.RETURNED)
    if not proof.strip():
        why = f"the task asks for: {task.proof}"
        raise SubjectValueError(what=f"task {task.id}", where="proof", why=why)
    return Entry(EntryKind.PROOF_REPORTED, now, by, {"unit": unit}, {"proof": proof.strip()})


def accept_proof(task: Task, unit: str, *, by: Signature, now: datetime) -> Entry:
    """The assigner is content with one assignee."""
    _expect(task, unit, AssignmentState.REPORTED)
    return Entry(EntryKind.PROOF_ACCEPTED, now, by, {"unit": unit})


def return_proof(task: Task, unit: str, *, reason: str, by: Signature, now: datetime) -> Entry:
    """The assigner is not, and says why."""
    _expect(task, unit, AssignmentState.REPORTED)
    if not reason.strip():
        raise SubjectValueError(what=f"task {task.id}", where="reason", why="say what is missing")
    return Entry(EntryKind.PROOF_RETURNED, now, by, {"unit": unit}, {"reason": reason.strip()})


def withdraw(task: Task, *, reason: str, by: Signature, now: datetime) -> Entry:
    """The assigner takes the whole task back."""
    _refuse_withdrawn(task)
    return Entry(EntryKind.TASK_WITHDRAWN, now, by, texts={"reason": reason} if reason else {})


def _expect(task: Task, unit: str, *states: AssignmentState) -> None:
    _refuse_withdrawn(task)
    found = task.assignment(unit).state
    if found not in states:
        why = f"{unit} is at {found.value!r}; this needs {' or '.join(states)}"
        raise SubjectStateError(what="task", id=task.id, why=why)


def _refuse_withdrawn(task: Task) -> None:
    if task.withdrawn_at:
        raise SubjectStateError(what="task", id=task.id, why="it was withdrawn")


# --- entries to the task that they add up to --------------------------------------------------


def fold(task_id: str, entries: Iterable[Entry]) -> Task:
    """Return the task that its entries, in order, add up to; the first assigns it."""
    task: Task | None = None
    for entry in entries:
        task = _assigned(task_id, entry) if task is None else apply(task, entry)
    if task is None:
        raise ValueError("a task has at least the entry that assigned it")
    return task


def apply(task: Task, entry: Entry) -> Task:
    """Return the task after one more entry."""
    stamped = replace(task, version=task.version + 1, last_at=entry.at)
    if entry.kind is EntryKind.TASK_WITHDRAWN:
        return replace(stamped, withdrawn_at=entry.at)
    change, unit = _CHANGES[entry.kind], entry.data["unit"]
    return replace(
        stamped,
        assignments=tuple(
            change(one, entry) if one.unit == unit else one for one in task.assignments
        ),
    )


def _assigned(task_id: str, entry: Entry) -> Task:
    data, texts = entry.data, entry.texts
    return Task(
        id=task_id,
        title=texts.get("title", ""),
        text=texts.get("text", ""),
        proof=texts.get("proof", ""),
        assigner=data["assigner"],
        assigner_area=data["assigner_area"],
        due_at=datetime.fromisoformat(data["due_at"]),
        obligation=data["obligation"],
        operation=data["operation"],
        assigned_at=entry.at,
        last_at=entry.at,
        assignments=tuple(Assignment(unit, area) for unit, area in sorted(data["units"].items())),
    )


def _reported(one: Assignment, entry: Entry) -> Assignment:
    proof = entry.texts.get("proof", "")
    return replace(one, state=AssignmentState.REPORTED, reported_at=entry.at, proof=proof)


_CHANGES: Mapping[EntryKind, Callable[[Assignment, Entry], Assignment]] = {
    EntryKind.TASK_ACCEPTED: lambda one, entry: replace(
        one, state=AssignmentState.ACCEPTED, accepted_at=entry.at
    ),
    EntryKind.PROOF_REPORTED: _reported,
    EntryKind.PROOF_ACCEPTED: lambda one, entry: replace(
        one, state=AssignmentState.DONE, done_at=entry.at
    ),
    EntryKind.PROOF_RETURNED: lambda one, _: replace(
        one, state=AssignmentState.RETURNED, returned=one.returned + 1
    ),
}
