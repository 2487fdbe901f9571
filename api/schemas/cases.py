"""Reports and cases on the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.duty import TurnoutOut
from api.schemas.parts import (
    FailingOut,
    FeedbackOut,
    HoldOut,
    ObjectionOut,
    SummonsOut,
    TransferOut,
    View,
    WhistleOut,
)
from api.schemas.places import PlaceOut
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
from gridmap.dispatch.actor import Role
from gridmap.dispatch.catalogue import Item
from gridmap.dispatch.event import Event, EventKind
from gridmap.dispatch.failing import failings
from gridmap.dispatch.incident import Caller, Incident, Source
from gridmap.dispatch.narration import Sentence
from gridmap.dispatch.possible import about_case
from gridmap.dispatch.question import Sides
from gridmap.dispatch.record import CaseRecord, CaseSummary
from gridmap.dispatch.rights import Action
from gridmap.dispatch.step import Step
from gridmap.dispatch.whistle import WhistleState


class CallerIn(Wire):
    """Who called, for those who convene the case to call back; kept apart, and erased on demand."""

    name: Name | None = None
    phone: Name | None = None

    def caller(self) -> Caller:
        return Caller(self.name, self.phone)


class TargetName(Wire):
    ledger: UUID
    code: Name


class ReportIn(ResolveIn):
    """A report: like a question, but with a category and for keeps."""

    category: Name
    text: Text = ""
    source: Source = Source.INSPECTOR
    caller: CallerIn | None = None
    separate: bool = Field(default=False, description="never join an open case nearby")
    target: TargetName | None = Field(
        default=None, description="of a ledger; struck off when the case closes (销账)"
    )
    operation: UUID | None = Field(default=None, description="in which the case is worked on")


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


class IncidentOut(Wire):
    id: UUID
    reported_at: datetime
    text: str
    source: Source
    intake: str | None
    sides: Sides
    place: PlaceOut
    reporter: str = Field(description="the account")
    reporter_name: str

    @classmethod
    def of(cls, incident: Incident, names: Mapping[str, str]) -> "IncidentOut":
        return cls(
            id=UUID(incident.id),
            reported_at=incident.reported_at,
            text=incident.text,
            source=incident.source,
            intake=incident.intake,
            sides=incident.sides,
            place=PlaceOut.of(incident.place),
            reporter=incident.reporter,
            reporter_name=names.get(incident.reporter, incident.reporter),
        )


class CaseOut(Wire):
    """A case as it stands: what it was decided with, who was summoned, which clocks run.

    ``may`` is what whoever asks can do about it now.
    """

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
    analysis_by: datetime | None
    next_due_at: datetime | None
    confidential: bool
    whistles: tuple[WhistleOut, ...]
    summons: tuple[SummonsOut, ...]
    objections: tuple[ObjectionOut, ...]
    holds: tuple[HoldOut, ...]
    transfers: tuple[TransferOut, ...]
    feedback: tuple[FeedbackOut, ...]
    failings: tuple[FailingOut, ...]
    vetoed_at: datetime | None
    reopened: int
    merged_into: str | None = Field(description="the number of the case that goes on")
    joined: tuple[str, ...] = Field(description="the numbers of cases that were merged into it")
    turnout: TurnoutOut | None = Field(description="who is on duty now; null once it is closed")
    may: tuple[Action, ...]
    geofence_m: float
    version: int
    now: datetime

    @classmethod
    def of(cls, record: CaseRecord, incidents: list[Incident], view: View) -> "CaseOut":
        case, plan, catalogue = record.case, record.plan, view.catalogue
        kind = catalogue.whistle_kinds.get(plan.item.whistle_kind)
        return cls(
            id=record.id,
            number=case.number,
            category=plan.item,
            step=case.step,
            holder=AreaOut.of(record.holder),
            convener=UnitOut.of(record.convener, catalogue) if record.convener else None,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
            result=case.result,
            release=ReleaseName(id=record.release, title=record.release_title),
            catalogue=record.catalogue,
            place=PlaceOut.of(record.place),
            levels=tuple(LevelOut.of(level) for level in record.levels),
            decision=DecisionOut.of(record.decision),
            plan=PlanOut.of(plan, catalogue),
            incidents=tuple(IncidentOut.of(incident, view.names) for incident in incidents),
            analysis_by=case.analysis_by if case.step is Step.ANALYSIS else None,
            next_due_at=case.next_due_at,
            confidential=bool(case.named),
            whistles=tuple(WhistleOut.of(one, case, view) for one in case.whistles),
            summons=tuple(
                SummonsOut.of(one, whistle, case, view)
                for whistle in case.whistles
                if whistle.state is not WhistleState.SENT_BACK  # nobody was ever called by those
                for one in whistle.summons
            ),
            objections=tuple(ObjectionOut.of(one, case, view) for one in case.objections),
            holds=tuple(HoldOut.of(one) for one in case.holds),
            transfers=tuple(TransferOut.of(one, case, view) for one in case.transfers),
            feedback=tuple(FeedbackOut.of(one) for one in case.feedback),
            failings=tuple(FailingOut.of(one) for one in failings(case, now=view.now)),
            vetoed_at=case.vetoed_at,
            reopened=case.reopened,
            merged_into=case.merged_into,
            joined=case.joined,
            turnout=TurnoutOut.of(view.turnout, view.staff_names) if view.turnout else None,
            may=tuple(about_case(view.actor, case, plan, kind)),
            geofence_m=view.geofence_m,
            version=case.version,
            now=view.now,
        )


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
    actor: str = Field(description="the account")
    actor_name: str = Field(description="what it is called now; 已注销 when it was erased")
    role: Role | None = Field(description="in which role; null for the service itself")
    unit: str | None = Field(description="for which unit")
    data: dict[str, Any]
    texts: dict[str, str] = Field(description="what was written; empty when it was erased")
    said: str = Field(description="the event as a sentence")
    said_en: str

    @classmethod
    def of(cls, seq: int, event: Event, sentence: Sentence, *, actor_name: str) -> "EventOut":
        return cls(
            seq=seq,
            kind=event.kind,
            at=event.at,
            actor=event.by.account,
            actor_name=actor_name,
            role=event.by.role,
            unit=event.by.unit,
            data=dict(event.data),
            texts=dict(event.texts),
            said=sentence.zh,
            said_en=sentence.en,
        )


class EventList(Wire):
    events: tuple[EventOut, ...]
