from datetime import UTC, datetime, timedelta

import pytest

from gridmap.boundary import Area
from gridmap.dispatch import workflow
from gridmap.dispatch.arrival import Arrival, ArrivalVerdict, PositionSource
from gridmap.dispatch.case import SummonsState, apply, fold
from gridmap.dispatch.catalogue import Item, Severity, WhistleKind
from gridmap.dispatch.clock import Span
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.errors import (
    AlreadyWhistledError,
    CaseClosedError,
    NobodyToSummonError,
    NotWhistledError,
    OpenSummonsError,
    UnknownSummonsError,
    WrongStageError,
)
from gridmap.dispatch.plan import Assignment, Capacity, JurisdictionPlan, Plan
from gridmap.dispatch.step import Step
from gridmap.geo import LngLat
from gridmap.level import Level
from tests.working import WORKING_TIME

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
EMERGENCY = WhistleKind("emergency", "紧急哨", "Emergency", respond=Span(30), arrive=Span(30))
STREET = Area(Level.STREET, "990101001", "南街道", "990101")
ITEM = Item("E1", "x", "x", "E", "police", (), (Level.DISTRICT,), "emergency", Severity.GENERAL, "")


def arrival(verdict, distance_m):
    return Arrival(verdict, LngLat(1, 1), PositionSource.GPS, 10.0, distance_m, 100.0)


ON_SITE = arrival(ArrivalVerdict.ON_SITE, 0.0)
ELSEWHERE = arrival(ArrivalVerdict.WRONG_PLACE, 5000.0)
VAGUE = arrival(ArrivalVerdict.UNPROVEN, 0.0)


def plan_for(*units, item=ITEM):
    office = Unit("office", "南街道办事处", "government", STREET.code)
    assignments = tuple(Assignment(Unit(u, u, u, STREET.code), Capacity.LEAD) for u in units)
    return Plan(
        item, EMERGENCY, (JurisdictionPlan(STREET, Capacity.LEAD, office, assignments, ()),)
    )


PLAN = plan_for("police", "fire")


def later(minutes):
    return NOW + timedelta(minutes=minutes)


class Story:
    """A case and the events told so far; each step advances it."""

    def __init__(self, plan=PLAN):
        self.plan = plan
        self.events = [workflow.report(plan, number="1", holder=STREET.code, actor="a", now=NOW)]

    @property
    def case(self):
        return fold(self.events)

    def blow(self, minutes=0):
        return self.tell(
            workflow.blow(
                self.case,
                self.plan,
                EMERGENCY,
                working_time=WORKING_TIME,
                actor="a",
                now=later(minutes),
            )
        )

    def respond(self, summons, minutes=1):
        return self.tell(workflow.respond(self.case, summons, actor="a", now=later(minutes)))

    def arrive(self, summons, arrival=ON_SITE, minutes=2):
        return self.tell(
            workflow.arrive(self.case, summons, arrival, actor="a", now=later(minutes))
        )

    def finish(self, summons, minutes=3):
        return self.tell(
            workflow.finish(self.case, summons, result="done", actor="a", now=later(minutes))
        )

    def close(self, minutes=4):
        return self.tell(workflow.close(self.case, result="done", actor="a", now=later(minutes)))

    def tell(self, event):
        self.events.append(event)
        return self


def test_a_report_opens_a_case_that_the_lead_holds_at_once():
    case = Story().case
    assert (case.holder, case.convener, case.step) == (STREET.code, "office", Step.ANALYSIS)


def test_the_clocks_start_with_the_whistle_not_with_the_report():
    case = Story().blow(minutes=10).case
    assert case.step is Step.REPORTING_IN
    assert {summons.arrive_by for summons in case.summons} == {later(40)}
    assert case.next_due_at == later(40)


def test_a_case_goes_from_report_to_feedback():
    story = Story().blow()
    for summons in ("1", "2"):
        story.respond(summons).arrive(summons).finish(summons)
    assert story.case.step is Step.EVALUATION
    assert story.close().case.step is Step.FEEDBACK
    assert story.case.next_due_at is None


def test_arriving_at_the_wrong_place_is_recorded_and_stops_no_clock():
    case = Story().blow().arrive("1", ELSEWHERE).case
    (police, _) = case.summons
    assert police.state is SummonsState.CALLED
    assert police.arrived_at is None
    assert police.next_due_at == later(30)
    assert [record.verdict for record in police.arrivals] == [ArrivalVerdict.WRONG_PLACE]


def test_an_arrival_that_proves_nothing_is_recorded_as_such_and_stops_no_clock():
    (police, _) = Story().blow().arrive("1", VAGUE).case.summons
    assert (police.state, police.arrived_at) == (SummonsState.CALLED, None)
    assert [record.verdict for record in police.arrivals] == [ArrivalVerdict.UNPROVEN]


def test_who_arrives_has_responded():
    (police, _) = Story().blow().arrive("1", minutes=7).case.summons
    assert (police.responded_at, police.arrived_at) == (later(7), later(7))


def test_a_case_does_not_close_while_a_unit_has_not_finished():
    story = Story().blow().arrive("1").finish("1")
    with pytest.raises(OpenSummonsError) as refused:
        story.close()
    assert refused.value.units == ["fire"]


def test_a_case_that_needs_a_whistle_does_not_close_without_one():
    with pytest.raises(NotWhistledError):
        Story().close()


def test_a_power_that_the_street_holds_needs_no_whistle():
    own = Item("E2", "x", "x", "E", "p", (), (Level.STREET,), "emergency", Severity.GENERAL, "")
    assert Story(plan_for("team", item=own)).close().case.closed_at == later(4)


@pytest.mark.parametrize(
    ("early", "error"),
    [
        (lambda story: story.finish("1"), WrongStageError),
        (lambda story: story.arrive("1").arrive("1"), WrongStageError),
        (lambda story: story.respond("1").respond("1"), WrongStageError),
        (lambda story: story.arrive("9"), UnknownSummonsError),
        (lambda story: story.blow(), AlreadyWhistledError),
    ],
)
def test_a_step_that_is_not_its_turn_is_refused_by_name(early, error):
    with pytest.raises(error):
        early(Story().blow())


def test_nothing_happens_in_a_closed_case():
    story = Story().blow()
    for summons in ("1", "2"):
        story.arrive(summons).finish(summons)
    story.close()
    for step in (story.blow, story.close, lambda: story.arrive("1")):
        with pytest.raises(CaseClosedError):
            step()


def test_a_plan_with_nobody_to_summon_blows_no_whistle():
    with pytest.raises(NobodyToSummonError):
        Story(plan_for()).blow()


def test_the_case_is_what_its_events_add_up_to():
    story = Story().blow().arrive("1")
    one_by_one = None
    for event in story.events:
        one_by_one = apply(one_by_one, event)
    assert one_by_one == story.case
    assert story.case.version == 3
    with pytest.raises(ValueError, match="at least the event"):
        fold([])
