"""Whatever steps are tried in whatever order, a case keeps its promises."""

from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridmap.boundary import Area
from gridmap.dispatch import workflow
from gridmap.dispatch.arrival import Arrival, ArrivalVerdict, PositionSource
from gridmap.dispatch.case import EventKind, SummonsState, apply, fold
from gridmap.dispatch.catalogue import Item, Severity, WhistleKind
from gridmap.dispatch.clock import Span
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.errors import WorkflowError
from gridmap.dispatch.plan import Assignment, Capacity, JurisdictionPlan, Plan
from gridmap.dispatch.step import Step
from gridmap.geo import LngLat
from gridmap.level import Level
from tests.working import WORKING_TIME

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
EMERGENCY = WhistleKind("emergency", "紧急哨", "Emergency", respond=Span(30), arrive=Span(30))
STREETS = [Area(Level.STREET, f"99010100{n}", f"街道{n}", "990101") for n in (1, 2)]

units = st.integers(0, 4).map(str)  # one more than there are
verdicts = st.sampled_from(ArrivalVerdict)


def plan(*, sides, departments, street_power):
    item = Item(
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
    jurisdictions = tuple(
        JurisdictionPlan(
            area=area,
            role=Capacity.ASSISTING if number else Capacity.LEAD,
            office=Unit(f"office{number}", "办事处", "government", area.code),
            assignments=tuple(
                Assignment(Unit(f"{number}-{n}", "所", "police", area.code), Capacity.LEAD)
                for n in range(departments)
            ),
            missing=(),
        )
        for number, area in enumerate(STREETS[:sides])
    )
    return Plan(item, EMERGENCY, jurisdictions)


class CaseMachine(RuleBasedStateMachine):
    """Tries any step at any time; what is refused must change nothing."""

    @initialize(sides=st.integers(1, 2), departments=st.integers(0, 2), street_power=st.booleans())
    def reported(self, sides, departments, street_power):
        self.plan = plan(sides=sides, departments=departments, street_power=street_power)
        self.now = START
        self.events = [
            workflow.report(self.plan, number="1", holder=STREETS[0].code, actor="a", now=self.now)
        ]
        self.case = fold(self.events)

    def attempt(self, step, *subject, **options):
        self.now += timedelta(minutes=1)
        before = self.case
        try:
            event = step(self.case, *subject, actor="a", now=self.now, **options)
        except WorkflowError:
            assert self.case == before
            return
        self.events.append(event)
        self.case = apply(self.case, event)

    @rule()
    def blow(self):
        self.attempt(partial(workflow.blow, working_time=WORKING_TIME), self.plan, EMERGENCY)

    @rule(unit=units)
    def respond(self, unit):
        self.attempt(workflow.respond, unit)

    @rule(unit=units, verdict=verdicts)
    def arrive(self, unit, verdict):
        self.attempt(
            workflow.arrive,
            unit,
            Arrival(verdict, LngLat(1, 1), PositionSource.GPS, 10.0, 0.0, 100.0),
        )

    @rule(unit=units)
    def finish(self, unit):
        self.attempt(workflow.finish, unit, result="")

    @rule(incident=st.uuids().map(str))
    def join(self, incident):
        self.attempt(workflow.join, incident=incident)

    @rule()
    def close(self):
        self.attempt(workflow.close, result="")

    @invariant()
    def it_has_one_holder(self):
        assert self.case.holder == STREETS[0].code

    @invariant()
    def its_version_is_the_number_of_its_events(self):
        assert self.case.version == len(self.events)

    @invariant()
    def it_is_nothing_but_its_events(self):
        assert fold(self.events) == self.case

    @invariant()
    def closed_it_has_no_open_summons_and_no_later_event(self):
        kinds = [event.kind for event in self.events]
        assert kinds.count(EventKind.CLOSED) == bool(self.case.closed_at)
        if self.case.closed_at:
            assert not self.case.open_summons
            assert kinds[-1] is EventKind.CLOSED
            assert self.case.step is Step.FEEDBACK
            assert self.case.next_due_at is None

    @invariant()
    def everybody_is_summoned_once_and_only_by_the_whistle(self):
        called = [one.unit.id for one in self.case.summons]
        planned = [call.unit.id for call in self.plan.calls] if self.case.whistle_blown_at else []
        assert called == planned

    @invariant()
    def only_who_arrived_has_finished_and_the_wrong_place_stops_no_clock(self):
        for one in self.case.summons:
            on_site = [a for a in one.arrivals if a.verdict is ArrivalVerdict.ON_SITE]
            assert bool(one.arrived_at) == bool(on_site)
            if one.state is SummonsState.FINISHED:
                assert one.called_at <= one.responded_at <= one.arrived_at <= one.finished_at
            elif one.state is SummonsState.CALLED:
                assert one.next_due_at == one.respond_by


CaseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCase = CaseMachine.TestCase
