"""One unit called by a whistle, and how it came, stayed and went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gridmap.dispatch.arrival import ArrivalVerdict, PositionSource
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.plan import Capacity

SCORES = range(1, 6)  # 1 (bad) to 5 (good), as the hotline asks


class Stage(StrEnum):
    """What a summoned unit owes, in order; each may have a clock."""

    RESPOND = "respond"
    ARRIVE = "arrive"
    FINISH = "finish"


class SummonsState(StrEnum):
    """How far a summoned unit is. ``STOOD_DOWN``: it was not needed after all."""

    CALLED = "called"
    RESPONDED = "responded"
    ARRIVED = "arrived"
    FINISHED = "finished"
    STOOD_DOWN = "stood_down"


@dataclass(frozen=True)
class ArrivalRecord:
    """One reported position of a unit: where it counted and where it did not."""

    at: datetime
    verdict: ArrivalVerdict
    distance_m: float
    accuracy_m: float | None
    how: PositionSource


@dataclass(frozen=True)
class Evaluation:
    """What the convener thinks of a unit's work: 1 (bad) to 5 (good)."""

    at: datetime
    score: int
    text: str = ""


@dataclass(frozen=True)
class Summons:
    """One unit called by a whistle: responds, arrives, finishes, is evaluated.

    ``due`` has an instant for every stage that has a clock.
    """

    id: str
    unit: Unit
    role: Capacity
    areas: tuple[str, ...]
    called_at: datetime
    due: Mapping[Stage, datetime] = field(default_factory=dict)
    responded_at: datetime | None = None
    arrived_at: datetime | None = None
    countersigned: bool = False  # the arrival rests on the convener's word
    finished_at: datetime | None = None
    outcome: str | None = None
    result: str | None = None
    released_at: datetime | None = None
    left_at: datetime | None = None
    stood_down_at: datetime | None = None
    arrivals: tuple[ArrivalRecord, ...] = ()
    evaluation: Evaluation | None = None

    @property
    def state(self) -> SummonsState:
        if self.stood_down_at:
            return SummonsState.STOOD_DOWN
        if self.finished_at:
            return SummonsState.FINISHED
        if self.arrived_at:
            return SummonsState.ARRIVED
        return SummonsState.RESPONDED if self.responded_at else SummonsState.CALLED

    @property
    def is_open(self) -> bool:
        return self.state not in {SummonsState.FINISHED, SummonsState.STOOD_DOWN}

    @property
    def owes(self) -> tuple[Stage, ...]:
        """The stages not reached yet."""
        if not self.is_open:
            return ()
        reached = {
            Stage.RESPOND: self.responded_at,
            Stage.ARRIVE: self.arrived_at,
            Stage.FINISH: self.finished_at,
        }
        return tuple(stage for stage, at in reached.items() if at is None)

    @property
    def next_due_at(self) -> datetime | None:
        """The deadline that runs now: the earliest of the stages not reached yet."""
        return min((self.due[stage] for stage in self.owes if stage in self.due), default=None)

    @property
    def left_early(self) -> bool:
        """Whether it left before the convener's release (事不完、人不撤)."""
        if self.left_at is None:
            return False
        return self.released_at is None or self.left_at < self.released_at
