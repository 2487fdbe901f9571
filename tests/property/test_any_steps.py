"""Whatever steps are tried by whomever in whatever order, a case keeps its promises."""

from datetime import UTC, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridmap.dispatch import attendance, calling, objection, workflow
from gridmap.dispatch.alarm import alarms, escalate
from gridmap.dispatch.arrival import ArrivalVerdict
from gridmap.dispatch.audience import audience
from gridmap.dispatch.calling import Proposal
from gridmap.dispatch.clock import Span
from gridmap.dispatch.event import EventKind, Signature
from gridmap.dispatch.fold import apply, fold
from gridmap.dispatch.notice import notices
from gridmap.dispatch.objection import Handover
from gridmap.dispatch.plan import Call, Capacity
from gridmap.dispatch.refusals import ScoreError, WorkflowError
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import SummonsState
from tests.casework import (
    CITY,
    CLERK,
    EMERGENCY,
    ESCALATIONS,
    OFFICES,
    OTHER,
    ROUTINE,
    START,
    STREETS,
    WORKING_TIME,
    arrival,
    call,
    plan,
    record_of,
    reported,
)

ids = st.integers(1, 6).map(str)
kinds = st.sampled_from([EMERGENCY, ROUTINE])
verdicts = st.sampled_from(ArrivalVerdict)
minutes = st.sampled_from([0.5, 7, 31, 600, 3000])
sides = st.sampled_from([0, 1])
KNOWN = {"working_time": WORKING_TIME}


class CaseMachine(RuleBasedStateMachine):
    """Tries any step at any time; what is refused must change nothing."""

    @initialize(sides=st.integers(1, 2), departments=st.integers(0, 2), street_power=st.booleans())
    def reported(self, sides, departments, street_power):
        self.plan = plan(sides=sides, departments=departments, street_power=street_power)
        self.now = START
        self.events = [reported(self.plan)]
        self.case = fold(self.events)

    def attempt(self, step, *subject, by=CLERK, **options):
        before = self.case
        try:
            event = step(self.case, *subject, by=by, now=self.now, **options)
        except (WorkflowError, ScoreError):
            assert self.case == before
            return
        if event is not None:
            self.events.append(event)
            self.case = apply(self.case, event)

    @rule(minutes=minutes)
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(kind=kinds, secret=st.booleans())
    def blow(self, kind, secret):
        proposal = Proposal(self.plan.calls, self.plan.calls)
        named = ("account:a",) if secret else ()
        self.attempt(calling.blow, proposal, kind, named=named, **KNOWN)

    @rule(whistle=ids, extra=st.booleans())
    def dispatch(self, whistle, extra):
        calls = (*self.plan.calls[1:], *([call("water")] if extra else []))
        self.attempt(calling.dispatch, whistle, calls, by=OTHER, **KNOWN)

    @rule(whistle=ids)
    def send_back(self, whistle):
        self.attempt(calling.send_back, whistle, reason="", by=OTHER)

    @rule(whistle=ids)
    def lift_secrecy(self, whistle):
        self.attempt(calling.lift_secrecy, whistle)

    @rule(whistle=ids)
    def summon(self, whistle):
        self.attempt(calling.summon, whistle, call("gas"), reason="", **KNOWN)

    @rule(summons=ids)
    def stand_down(self, summons):
        self.attempt(calling.stand_down, summons, reason="")

    @rule(summons=ids)
    def respond(self, summons):
        self.attempt(attendance.respond, summons)

    @rule(summons=ids, verdict=verdicts)
    def arrive(self, summons, verdict):
        self.attempt(attendance.arrive, summons, arrival(verdict))

    @rule(summons=ids)
    def countersign(self, summons):
        self.attempt(attendance.countersign, summons, reason="")

    @rule(summons=ids)
    def release(self, summons):
        self.attempt(attendance.release, summons)

    @rule(summons=ids)
    def leave(self, summons):
        self.attempt(attendance.leave, summons)

    @rule(summons=ids)
    def finish(self, summons):
        self.attempt(attendance.finish, summons, result="")

    @rule(summons=ids, score=st.integers(0, 6))
    def evaluate(self, summons, score):
        self.attempt(attendance.evaluate, summons, score=score, reason="")

    @rule()
    def everybody_does_their_part(self):
        """The ordinary way, so that the steps behind it are reached as well."""
        for one in self.case.open_summons:
            self.attempt(attendance.arrive, one.id, arrival())
            self.attempt(attendance.finish, one.id, result="")
            self.attempt(attendance.evaluate, one.id, score=4, reason="")

    @rule(lift=st.booleans())
    def veto(self, lift):
        self.attempt(workflow.lift_veto if lift else workflow.veto, reason="")

    @rule(days=st.integers(-1, 3))
    def ask_hold(self, days):
        review_on = self.now.date() + timedelta(days=days)
        if days > 0:
            self.attempt(workflow.ask_hold, reason="", review_on=review_on, zone=UTC)

    @rule(granted=st.booleans(), own=st.booleans())
    def grant_hold(self, granted, own):
        by = CLERK if own else OTHER
        self.attempt(workflow.grant_hold, granted=granted, reason="", by=by)

    @rule()
    def resume(self):
        self.attempt(workflow.resume, reason="", **KNOWN)

    @rule(side=sides)
    def object_lead(self, side):
        self.attempt(
            objection.object_lead,
            by_area=STREETS[1 - side].code,
            proposes=STREETS[side].code,
            evidence=("e",),
            reason="",
            clock=Span(60),
            **KNOWN,
        )

    @rule(summons=ids)
    def object_summons(self, summons):
        self.attempt(
            objection.object_summons,
            summons,
            superior=CITY,
            evidence=("e",),
            reason="",
            clock=Span(60),
            **KNOWN,
        )

    @rule(which=ids, agrees=st.booleans())
    def answer(self, which, agrees):
        self.attempt(objection.answer, which, side="", agrees=agrees, evidence=(), text="")

    @rule(which=ids)
    def withdraw(self, which):
        self.attempt(objection.withdraw, which, reason="")

    @rule(which=ids)
    def refer_up(self, which):
        self.attempt(objection.refer_up, which)

    @rule(which=ids, side=sides)
    def settle(self, which, side):
        self.attempt(objection.settle, which, handover=self.handover(side), text="", **KNOWN)

    @rule(which=ids, side=sides, upheld=st.booleans())
    def rule_it(self, which, side, upheld):
        self.attempt(
            objection.rule,
            which,
            upheld=upheld,
            handover=self.handover(side) if upheld else None,
            document="",
            reason="",
            by=OTHER,
            **KNOWN,
        )

    def handover(self, side):
        former = Call(OFFICES[1 - side], Capacity.OFFICE, (STREETS[1 - side],))
        return Handover(STREETS[side].code, OFFICES[side].id, former)

    @rule()
    def tell_what_is_due(self):
        due = [one for one in alarms(self.case, ESCALATIONS, WORKING_TIME) if one.at <= self.now]
        for alarm in due:
            self.attempt(escalate, alarm, by=Signature("system"))

    @rule(incident=st.uuids().map(str))
    def join(self, incident):
        self.attempt(workflow.join, incident=incident)

    @rule()
    def close(self):
        self.attempt(workflow.close, result="")

    @rule()
    def reopen(self):
        self.attempt(workflow.reopen, reason="", analysis=Span(60), **KNOWN)

    @invariant()
    def nobody_is_told_of_what_they_did_and_of_a_secret_the_named_alone(self):
        if not hasattr(self, "events"):
            return
        event, record = self.events[-1], record_of(self.case, self.plan)
        told = {one.key for one in notices(event, record)}
        assert not told & {f"account:{event.by.account}", f"unit:{event.by.unit}"}
        assert not self.case.named or told <= audience(record), "of a confidential case"
        assert all(key.partition(":")[0] in {"unit", "area", "account"} for key in told)

    @invariant()
    def it_has_one_holder_among_its_sides(self):
        assert self.case.holder == self.case.sides[0]
        assert len(set(self.case.sides)) == len(self.plan.jurisdictions)

    @invariant()
    def only_a_decided_dispute_hands_it_over(self):
        decided = {EventKind.RULED, EventKind.SETTLED}
        if not any(event.kind in decided for event in self.events):
            assert self.case.holder == STREETS[0].code

    @invariant()
    def it_is_nothing_but_its_events(self):
        assert self.case.version == len(self.events)
        assert fold(self.events) == self.case

    @invariant()
    def closed_it_owes_nothing(self):
        case = self.case
        assert (case.step is Step.FEEDBACK) == bool(case.closed_at)
        if case.closed_at:
            assert not case.open_summons
            assert not case.unevaluated
            assert not case.open_objections
            assert not case.vetoed_at
            assert not case.hold
            assert case.next_due_at is None

    @invariant()
    def every_summons_has_its_own_number(self):
        numbers = sorted(int(one.id) for one in self.case.summons)
        assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def only_who_was_there_has_finished_and_the_wrong_place_stops_no_clock(self):
        for one in self.case.summons:
            on_site = [a for a in one.arrivals if a.verdict is ArrivalVerdict.ON_SITE]
            assert bool(one.arrived_at) == bool(on_site or one.countersigned)
            if one.state is SummonsState.FINISHED:
                assert one.called_at <= one.responded_at <= one.finished_at

    @invariant()
    def no_moment_is_told_twice(self):
        told = [
            (e.data["summons"], e.data["stage"], e.data["percent"])
            for e in self.events
            if e.kind is EventKind.ESCALATED
        ]
        assert len(told) == len(set(told))

    @invariant()
    def no_clock_runs_while_it_is_on_hold(self):
        if self.case.hold:
            assert self.case.next_due_at is None
            assert not alarms(self.case, ESCALATIONS, WORKING_TIME)

    @invariant()
    def the_events_hold_no_word_that_somebody_wrote(self):
        for event in self.events:
            assert not {"reason", "result", "text", "outcome_text"} & set(event.data)


CaseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestCase = CaseMachine.TestCase
