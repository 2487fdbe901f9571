"""A case is nothing but its events, folded in order; nothing is edited or deleted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from gridmap.dispatch.arrival import ArrivalVerdict, PositionSource
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.plan import Capacity
from gridmap.dispatch.step import Step


class EventKind(StrEnum):
    REPORTED = "reported"
    JOINED = "joined"
    WHISTLE_BLOWN = "whistle_blown"
    RESPONDED = "responded"
    ARRIVED = "arrived"
    WRONG_PLACE = "wrong_place"
    UNPROVEN = "unproven"
    FINISHED = "finished"
    CLOSED = "closed"


class SummonsState(StrEnum):
    """Stages of one summoned unit, in order."""

    CALLED = "called"
    RESPONDED = "responded"
    ARRIVED = "arrived"
    FINISHED = "finished"


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``data`` is JSON and complete: the case is rebuilt from it."""

    kind: EventKind
    at: datetime
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ArrivalRecord:
    """One reported position of a unit: where it counted and where it did not."""

    at: datetime
    verdict: ArrivalVerdict
    distance_m: float
    accuracy_m: float | None
    how: PositionSource


@dataclass(frozen=True)
class Summons:
    """One unit called by a whistle: responds, arrives, finishes."""

    id: str
    unit: Unit
    role: Capacity
    areas: tuple[str, ...]
    called_at: datetime
    respond_by: datetime | None
    arrive_by: datetime | None
    finish_by: datetime | None
    responded_at: datetime | None = None
    arrived_at: datetime | None = None
    finished_at: datetime | None = None
    result: str | None = None
    arrivals: tuple[ArrivalRecord, ...] = ()

    @property
    def state(self) -> SummonsState:
        if self.finished_at:
            return SummonsState.FINISHED
        if self.arrived_at:
            return SummonsState.ARRIVED
        return SummonsState.RESPONDED if self.responded_at else SummonsState.CALLED

    @property
    def next_due_at(self) -> datetime | None:
        """The deadline that runs now: the earliest of the stages not reached yet."""
        running = (
            (self.responded_at, self.respond_by),
            (self.arrived_at, self.arrive_by),
            (self.finished_at, self.finish_by),
        )
        return min((due for done, due in running if due and not done), default=None)


@dataclass(frozen=True)
class Case:
    """The state that a case's events add up to."""

    number: str
    holder: str  # area code; exactly one at every instant
    convener: str | None  # unit id of the holder's office
    needs_whistle: bool
    opened_at: datetime
    last_at: datetime  # of the latest event; the next is never earlier
    version: int = 0  # how many events
    whistle: str | None = None
    whistle_blown_at: datetime | None = None
    summons: tuple[Summons, ...] = ()
    closed_at: datetime | None = None
    result: str | None = None

    @property
    def step(self) -> Step:
        if self.closed_at:
            return Step.FEEDBACK
        if self.whistle_blown_at is None:
            return Step.ANALYSIS
        return Step.REPORTING_IN if self.open_summons else Step.EVALUATION

    @property
    def open_summons(self) -> tuple[Summons, ...]:
        return tuple(s for s in self.summons if s.state is not SummonsState.FINISHED)

    @property
    def next_due_at(self) -> datetime | None:
        """The clock that runs out first."""
        return min((s.next_due_at for s in self.open_summons if s.next_due_at), default=None)


def fold(events: Iterable[Event]) -> Case:
    """Return the case that its events, in order, add up to; the first must be the report."""
    case: Case | None = None
    for event in events:
        case = apply(case, event)
    if case is None:
        raise ValueError("a case has at least the event of its report")
    return case


def apply(case: Case | None, event: Event) -> Case:
    """Return the case after one more event."""
    if case is None:
        data = event.data
        return Case(
            number=data["number"],
            holder=data["holder"],
            convener=data["convener"],
            needs_whistle=data["needs_whistle"],
            opened_at=event.at,
            last_at=event.at,
            version=1,
        )
    changed = _CHANGES[event.kind](case, event)
    return replace(changed, version=case.version + 1, last_at=event.at)


def _whistle_blown(case: Case, event: Event) -> Case:
    summons = tuple(
        Summons(
            id=call["id"],
            unit=Unit(call["unit"], call["unit_name"], call["kind"], call["area_code"]),
            role=Capacity(call["role"]),
            areas=tuple(call["areas"]),
            called_at=event.at,
            respond_by=_instant(event.data["respond_by"]),
            arrive_by=_instant(event.data["arrive_by"]),
            finish_by=_instant(event.data["finish_by"]),
        )
        for call in event.data["summons"]
    )
    return replace(case, whistle=event.data["whistle"], whistle_blown_at=event.at, summons=summons)


def _responded(summons: Summons, event: Event) -> Summons:
    return replace(summons, responded_at=event.at)


def _arrived(summons: Summons, event: Event) -> Summons:
    record = _record(event, ArrivalVerdict.ON_SITE)
    return replace(
        summons,
        responded_at=summons.responded_at or event.at,  # who is there has responded
        arrived_at=event.at,
        arrivals=(*summons.arrivals, record),
    )


def _elsewhere(verdict: ArrivalVerdict) -> Callable[[Summons, Event], Summons]:
    def recorded(summons: Summons, event: Event) -> Summons:
        return replace(summons, arrivals=(*summons.arrivals, _record(event, verdict)))

    return recorded


def _record(event: Event, verdict: ArrivalVerdict) -> ArrivalRecord:
    data = event.data
    return ArrivalRecord(
        event.at, verdict, data["distance_m"], data["accuracy_m"], PositionSource(data["how"])
    )


def _finished(summons: Summons, event: Event) -> Summons:
    return replace(summons, finished_at=event.at, result=event.data["result"])


def _in_summons(change: Callable[[Summons, Event], Summons]) -> Callable[[Case, Event], Case]:
    def changed(case: Case, event: Event) -> Case:
        summons = tuple(
            change(s, event) if s.id == event.data["summons"] else s for s in case.summons
        )
        return replace(case, summons=summons)

    return changed


_CHANGES: Mapping[EventKind, Callable[[Case, Event], Case]] = {
    EventKind.JOINED: lambda case, _: case,
    EventKind.WHISTLE_BLOWN: _whistle_blown,
    EventKind.RESPONDED: _in_summons(_responded),
    EventKind.ARRIVED: _in_summons(_arrived),
    EventKind.WRONG_PLACE: _in_summons(_elsewhere(ArrivalVerdict.WRONG_PLACE)),
    EventKind.UNPROVEN: _in_summons(_elsewhere(ArrivalVerdict.UNPROVEN)),
    EventKind.FINISHED: _in_summons(_finished),
    EventKind.CLOSED: lambda case, event: replace(
        case, closed_at=event.at, result=event.data["result"]
    ),
}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
