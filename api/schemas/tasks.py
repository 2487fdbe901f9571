"""Tasks and obligations on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.values import Name, Text, Wire
from gridmap.dispatch.clock import Span
from gridmap.dispatch.mandates import Deed
from gridmap.dispatch.obligation import Obligation
from gridmap.dispatch.task import Assignment, AssignmentState, Task, TaskHead


class ClockIn(Wire):
    minutes: Annotated[float, Field(strict=True, gt=0)]
    working: bool = Field(default=False, description="working time instead of real time")

    def span(self) -> Span:
        return Span(self.minutes, working=self.working)


class TaskIn(Wire):
    """A task: who assigns it, to whom, by when, and what each has to show."""

    title: Name
    text: Text = ""
    proof: Text = Field(description="what every assignee has to show")
    assigner: Name
    units: Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]
    deadline: ClockIn
    obligation: UUID | None = Field(default=None, description="which it meets")
    operation: UUID | None = None

    def head(self) -> TaskHead:
        return TaskHead(
            title=self.title,
            text=self.text,
            proof=self.proof,
            assigner=self.assigner,
            assigner_area="",  # the directory's to say, as of the units
            units=dict.fromkeys(self.units, ""),
            obligation=str(self.obligation) if self.obligation else None,
            operation=str(self.operation) if self.operation else None,
        )


class ProofIn(Wire):
    proof: Text


class AssignmentOut(Wire):
    unit: str
    area: str
    state: AssignmentState
    accepted_at: datetime | None
    reported_at: datetime | None
    done_at: datetime | None
    returned: int = Field(description="how often its proof was not enough")
    proof: str
    overdue: bool
    may: tuple[Deed, ...]

    @classmethod
    def of(
        cls, one: Assignment, task: Task, now: datetime, may: tuple[Deed, ...]
    ) -> "AssignmentOut":
        return cls(
            unit=one.unit,
            area=one.area_code,
            state=one.state,
            accepted_at=one.accepted_at,
            reported_at=one.reported_at,
            done_at=one.done_at,
            returned=one.returned,
            proof=one.proof,
            overdue=task.withdrawn_at is None and one.is_overdue(task.due_at, now),
            may=may,
        )


class TaskOut(Wire):
    id: UUID
    title: str
    text: str
    proof: str
    assigner: str
    assigned_at: datetime
    due_at: datetime
    obligation: UUID | None
    operation: UUID | None
    withdrawn_at: datetime | None
    done: bool
    assignments: tuple[AssignmentOut, ...]
    version: int
    now: datetime


class TaskLineOut(Wire):
    """One line of a list of tasks: how many carry it out, are done, are overdue."""

    id: UUID
    title: str
    assigner: str
    assigned_at: datetime
    due_at: datetime
    obligation: UUID | None
    operation: UUID | None
    withdrawn_at: datetime | None
    units: int
    done: int
    overdue: int


class TaskListOut(Wire):
    tasks: tuple[TaskLineOut, ...]
    now: datetime


class ObligationIn(Wire):
    """What a department is expected to assign, and by when."""

    title: Name
    unit: Name
    due_at: AwareDatetime
    operation: UUID | None = None


class WordsIn(Wire):
    reason: Text


class ObligationOut(Wire):
    id: UUID
    title: str
    unit: str
    due_at: datetime
    operation: UUID | None
    expected_at: datetime
    task: UUID | None
    met_at: datetime | None
    failed: bool = Field(description="应当布置没行动")
    explained_at: datetime | None
    explanation: str
    exempted_at: datetime | None
    version: int

    @classmethod
    def of(cls, one: Obligation, now: datetime) -> "ObligationOut":
        return cls(
            id=UUID(one.id),
            title=one.title,
            unit=one.unit,
            due_at=one.due_at,
            operation=UUID(one.operation) if one.operation else None,
            expected_at=one.expected_at,
            task=UUID(one.task) if one.task else None,
            met_at=one.met_at,
            failed=one.has_failed(now),
            explained_at=one.explained_at,
            explanation=one.explanation,
            exempted_at=one.exempted_at,
            version=one.version,
        )
