"""Reports and cases on the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.places import PlaceIn, PlaceOut
from api.schemas.resolutions import (
    AreaOut,
    DecisionOut,
    LevelOut,
    PlanOut,
    ReleaseName,
    ResolveIn,
    UnitOut,
)
from api.schemas.values import Name, Text, Wire
from gridmap.dispatch.arrival import ArrivalVerdict, PositionSource
from gridmap.dispatch.case import Event, EventKind, Step, Summons, SummonsState
from gridmap.dispatch.catalogue import Catalogue, Item
from gridmap.dispatch.incident import Incident, Source
from gridmap.dispatch.plan import Capacity
from gridmap.dispatch.question import Sides
from gridmap.dispatch.record import CaseRecord, CaseSummary


class ReportIn(ResolveIn):
    """A report: like a question, but with a category and for keeps."""

    category: Name
    text: Text = ""
    source: Source = Source.INSPECTOR
    separate: bool = Field(default=False, description="never join an open case nearby")


class ActionIn(Wire):
    """Any step on a case. Accounts come later; until then ``actor`` is what the caller says."""

    actor: Name | None = None


class ArrivalIn(ActionIn):
    place: PlaceIn = Field(description="the unit's own position, a point; of GPS with accuracy_m")
    how: PositionSource = PositionSource.GPS


class ResultIn(ActionIn):
    result: Text = ""


class CategoryOut(Wire):
    code: str
    name: str
    name_en: str

    @classmethod
    def of(cls, item: Item) -> "CategoryOut":
        return cls(code=item.code, name=item.name, name_en=item.name_en)


class CaseLine(Wire):
    """One line of a list of cases."""

    id: UUID
    number: str
    category: CategoryOut
    holder: AreaOut
    step: Step
    point: tuple[float, float]
    opened_at: datetime
    closed_at: datetime | None
    open_summons: int
    whistle_blown_at: datetime | None
    next_due_at: datetime | None

    @classmethod
    def of(cls, row: CaseSummary) -> "CaseLine":
        return cls(
            id=row.id,
            number=row.number,
            category=CategoryOut.of(row.item),
            holder=AreaOut.of(row.holder),
            step=row.step,
            point=(row.point.lng, row.point.lat),
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            open_summons=row.open_summons,
            whistle_blown_at=row.whistle_blown_at,
            next_due_at=row.next_due_at,
        )


class CaseList(Wire):
    cases: tuple[CaseLine, ...]
    total: int = Field(description="all in this state, not only those listed")
    now: datetime


class ArrivalOut(Wire):
    at: datetime
    verdict: ArrivalVerdict
    distance_m: float
    accuracy_m: float | None
    how: PositionSource


class SummonsOut(Wire):
    id: str
    unit: UnitOut
    role: Capacity
    areas: tuple[str, ...]
    state: SummonsState
    called_at: datetime
    respond_by: datetime | None
    arrive_by: datetime | None
    finish_by: datetime | None
    responded_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None
    result: str | None
    arrivals: tuple[ArrivalOut, ...]

    @classmethod
    def of(cls, summons: Summons, unit: UnitOut) -> "SummonsOut":
        kept = vars(summons) | {
            "unit": unit,
            "state": summons.state,
            "arrivals": tuple(ArrivalOut(**vars(record)) for record in summons.arrivals),
        }
        return cls(**kept)


class WhistleOut(Wire):
    code: str
    blown_at: datetime


class IncidentOut(Wire):
    id: UUID
    reported_at: datetime
    text: str
    source: Source
    intake: str | None
    sides: Sides
    place: PlaceOut

    @classmethod
    def of(cls, incident: Incident) -> "IncidentOut":
        return cls(
            id=UUID(incident.id),
            reported_at=incident.reported_at,
            text=incident.text,
            source=incident.source,
            intake=incident.intake,
            sides=incident.sides,
            place=PlaceOut.of(incident.place),
        )


class CaseOut(Wire):
    """A case as it stands: what it was decided with, who was summoned, which clocks run."""

    id: UUID
    number: str
    category: Item
    step: Step
    holder: AreaOut
    convener: UnitOut | None
    opened_at: datetime
    closed_at: datetime | None
    result: str | None
    release: ReleaseName
    catalogue: str
    place: PlaceOut
    levels: tuple[LevelOut, ...]
    decision: DecisionOut
    plan: PlanOut
    incidents: tuple[IncidentOut, ...]
    whistle: WhistleOut | None
    summons: tuple[SummonsOut, ...]
    may: tuple[Literal["blow", "close"], ...]
    geofence_m: float
    version: int
    now: datetime

    @classmethod
    def of(
        cls,
        record: CaseRecord,
        incidents: list[Incident],
        *,
        catalogue: Catalogue,
        geofence_m: float,
        now: datetime,
    ) -> "CaseOut":
        case, plan = record.case, record.plan
        return cls(
            id=record.id,
            number=case.number,
            category=plan.item,
            step=case.step,
            holder=AreaOut.of(record.decision.lead),
            convener=UnitOut.of(plan.convener, catalogue) if plan.convener else None,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
            result=case.result,
            release=ReleaseName(id=record.release, title=record.release_title),
            catalogue=record.catalogue,
            place=PlaceOut.of(record.place),
            levels=tuple(LevelOut.of(level) for level in record.levels),
            decision=DecisionOut.of(record.decision),
            plan=PlanOut.of(plan, catalogue),
            incidents=tuple(IncidentOut.of(incident) for incident in incidents),
            whistle=(
                WhistleOut(code=case.whistle, blown_at=case.whistle_blown_at)
                if case.whistle and case.whistle_blown_at
                else None
            ),
            summons=tuple(
                SummonsOut.of(one, UnitOut.of(one.unit, catalogue)) for one in case.summons
            ),
            may=_may(record),
            geofence_m=geofence_m,
            version=case.version,
            now=now,
        )


def _may(record: CaseRecord) -> tuple[Literal["blow", "close"], ...]:
    """What the convener can do now; the workflow itself decides when it is asked."""
    case = record.case
    if case.closed_at:
        return ()
    if case.whistle_blown_at is None:
        blow: tuple[Literal["blow", "close"], ...] = ("blow",) if record.plan.calls else ()
        return blow if case.needs_whistle else (*blow, "close")
    return () if case.open_summons else ("close",)


class ReportedOut(Wire):
    incident_id: UUID
    case_id: UUID
    number: str
    joined: bool
    case: CaseOut


class EventOut(Wire):
    seq: int
    kind: EventKind
    at: datetime
    actor: str
    data: dict[str, Any]

    @classmethod
    def of(cls, seq: int, event: Event) -> "EventOut":
        return cls(seq=seq, kind=event.kind, at=event.at, actor=event.actor, data=dict(event.data))


class EventList(Wire):
    events: tuple[EventOut, ...]
