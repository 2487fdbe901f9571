"""A case told step by step, without a service: two streets of two districts and their people."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from gridmap.boundary import Area
from gridmap.dispatch import workflow
from gridmap.dispatch.actor import Role
from gridmap.dispatch.arrival import Arrival, ArrivalVerdict, PositionSource
from gridmap.dispatch.calling import Proposal, blow
from gridmap.dispatch.case import Case
from gridmap.dispatch.catalogue import Item, Severity, WhistleKind
from gridmap.dispatch.clock import Escalated, Escalation, Span
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.event import Event, Signature
from gridmap.dispatch.fold import apply, fold
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.plan import Assignment, Call, Capacity, JurisdictionPlan, Plan
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.step import Step
from gridmap.geo import LngLat
from gridmap.level import Level
from gridmap.place import point
from tests.working import WORKING_TIME

START = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday, 10:00 in Beijing

ESCALATIONS = (
    Escalation(50, Escalated.UNIT),
    Escalation(80, Escalated.CONVENER),
    Escalation(100, Escalated.SUPERIOR),
)

CITY = "990000"
STREETS = (
    Area(Level.STREET, "990101001", "西街道", "990101"),
    Area(Level.STREET, "990102001", "东街道", "990102"),
)
OFFICES = tuple(Unit(f"office-{s.code}", f"{s.name}办事处", "government", s.code) for s in STREETS)

STRAIGHT = (Step.REPORTING_IN, Step.EVALUATION, Step.FEEDBACK)
EMERGENCY = WhistleKind(
    "emergency", "紧急哨", "Emergency", respond=Span(30), arrive=Span(30), path=STRAIGHT
)
ROUTINE = WhistleKind(
    "routine",
    "日常哨",
    "Routine",
    respond=Span(120),
    arrive=Span(480, working=True),
    finish=Span(2400, working=True),
    path=(Step.PLATFORM, *STRAIGHT),
)

CLERK = Signature("clerk", Role.CONVENER, OFFICES[0].id)
OTHER = Signature("other", Role.COMMAND)


def item(*, street_power=False):
    return Item(
        code="E1",
        name="x",
        name_en="x",
        class_code="E",
        lead_kind="police",
        assisting_kinds=(),
        power_levels=(Level.STREET if street_power else Level.DISTRICT,),
        whistle_kind="emergency",
        severity=Severity.GENERAL,
        legal_basis="",
    )


def plan(*, sides=1, departments=2, street_power=False):
    """A plan with as many jurisdictions, each with as many departments of its own."""
    return Plan(
        item(street_power=street_power),
        EMERGENCY,
        tuple(_side(number, departments) for number in range(sides)),
    )


def _side(number, departments):
    area, office = STREETS[number], OFFICES[number]
    own = [Assignment(office, Capacity.OFFICE)] if number else []
    called = [
        Assignment(Unit(f"{number}-{n}", f"{area.name}{n}所", "police", area.code), Capacity.LEAD)
        for n in range(departments)
    ]
    role = Capacity.ASSISTING if number else Capacity.LEAD
    return JurisdictionPlan(area, role, office, (*own, *called), ())


def call(unit, area=STREETS[0]):
    return Call(Unit(unit, unit, "police", area.code), Capacity.ASSISTING, (area,))


ANALYSIS = Span(240, working=True)


def reported(plan, *, now=START, analysis=ANALYSIS):
    return workflow.report(
        plan,
        number="1",
        superior=CITY if len(plan.jurisdictions) > 1 else STREETS[0].parent,
        areas=("990101001001",),
        analysis=analysis,
        working_time=WORKING_TIME,
        by=Signature("inspector", Role.INSPECTOR),
        now=now,
    )


def arrival(verdict=ArrivalVerdict.ON_SITE, distance_m=0.0):
    return Arrival(verdict, LngLat(1, 1), PositionSource.GPS, 10.0, distance_m, 100.0)


class Story:
    """A case and its events; every step comes a minute after the one before."""

    def __init__(self, plan: Plan | None = None, *, now: datetime = START) -> None:
        self.plan = plan or globals()["plan"]()
        self.now = now
        self.events: list[Event] = [reported(self.plan, now=now)]
        self.case: Case = fold(self.events)

    def at(self, minutes: float) -> "Story":
        """Go on so many minutes after the start."""
        self.now = START + timedelta(minutes=minutes)
        return self

    def tell(self, step, *subject, by=CLERK, **options):
        """Do a step that must be possible; returns the story."""
        return self.append(step(self.case, *subject, by=by, now=self.now, **options))

    def append(self, event: Event):
        self.events.append(event)
        self.case = apply(self.case, event)
        self.now += timedelta(minutes=1)
        return self

    def blow(self, kind=EMERGENCY, *, calls=None, named=(), by=CLERK):
        proposal = Proposal(self.plan.calls, self.plan.calls if calls is None else calls)
        return self.tell(blow, proposal, kind, named=named, working_time=WORKING_TIME, by=by)


def record_of(case, planned):
    """The record of a case told here, seen by all areas above its sides and by its reporter."""
    sides = [side.area for side in planned.jurisdictions]
    above = {CITY, *(area.parent for area in sides)}
    return CaseRecord(
        id=UUID(int=1),
        category="E1",
        place=point(1, 1, crs="EPSG:4490"),
        release="toy",
        release_title="toy",
        catalogue="test",
        levels=(),
        decision=Decision(sides[0], tuple(sides[1:]), "test", ()),
        plan=planned,
        case=case,
        areas=frozenset(above | {area.code for area in sides}),
        reporters=frozenset({"caller"}),
    )
