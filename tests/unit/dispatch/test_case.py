"""The life of a case, told by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from gridmap.dispatch import attendance, calling, objection, workflow
from gridmap.dispatch.alarm import alarms, escalate
from gridmap.dispatch.arrival import ArrivalVerdict
from gridmap.dispatch.catalogue import Outcome, WhistleKind
from gridmap.dispatch.clock import Span
from gridmap.dispatch.dispute import ObjectionState
from gridmap.dispatch.event import Signature
from gridmap.dispatch.fold import apply, fold
from gridmap.dispatch.objection import Handover
from gridmap.dispatch.plan import Call, Capacity
from gridmap.dispatch.refusals import (
    AlreadyCalledError,
    CaseClosedError,
    HeldError,
    HoldStateError,
    LeadNotSideError,
    MergeError,
    MissingEvidenceError,
    NobodyToSummonError,
    NotConfidentialError,
    NotWhistledError,
    ObjectionStateError,
    OpenObjectionError,
    OpenSummonsError,
    OutcomeError,
    OwnHoldError,
    ReviewDateError,
    SatisfactionError,
    ScoreError,
    TransferStateError,
    UnevaluatedError,
    UnexplainedError,
    UnknownPartError,
    UnknownSummonsError,
    VetoedError,
    VetoStateError,
    WhistleRunsError,
    WhistleStateError,
    WrongStageError,
    WrongStepError,
)
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import Stage, SummonsState
from tests.casework import (
    ESCALATIONS,
    OFFICES,
    OTHER,
    ROUTINE,
    START,
    STREETS,
    WORKING_TIME,
    Story,
    arrival,
    call,
    plan,
)

ELSEWHERE = arrival(ArrivalVerdict.WRONG_PLACE, 5_000.0)
VAGUE = arrival(ArrivalVerdict.UNPROVEN)


def later(minutes):
    return START + timedelta(minutes=minutes)


def through(story, *, close=True):
    """Let everybody who was called arrive, finish and be evaluated; then close."""
    for summons in story.case.open_summons:
        story.tell(attendance.arrive, summons.id, arrival())
        story.tell(attendance.finish, summons.id, result="done")
        story.tell(attendance.evaluate, summons.id, score=4, reason="")
    return story.tell(workflow.close, result="done") if close else story


def of(story, number):
    return story.case.summons[number]


# --- the seven steps ----------------------------------------------------------------------------


def test_a_report_opens_a_case_that_the_lead_holds_at_once():
    case = Story().case
    assert (case.holder, case.convener) == (STREETS[0].code, OFFICES[0].id)
    assert case.step is Step.ANALYSIS
    assert case.next_due_at == case.analysis_by == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def test_the_clocks_start_with_the_whistle_not_with_the_report():
    case = Story().at(10).blow().case
    assert case.step is Step.REPORTING_IN
    assert {one.due[Stage.ARRIVE] for one in case.summons} == {later(40)}
    assert case.next_due_at == later(40)


def test_a_case_goes_from_the_report_to_the_feedback():
    story = through(Story().blow())
    assert (story.case.step, story.case.next_due_at) == (Step.FEEDBACK, None)
    story.tell(workflow.feed_back, incident="i", satisfaction=5, text="谢谢")
    assert [one.satisfaction for one in story.case.feedback] == [5]


def test_on_a_path_with_the_platform_nobody_is_called_before_it_has_accepted():
    story = Story().blow(ROUTINE)
    assert (story.case.step, story.case.open_summons) == (Step.PLATFORM, ())
    with pytest.raises(WhistleStateError):
        story.tell(attendance.respond, "1")
    story.at(30).tell(calling.dispatch, "1", story.plan.calls, working_time=WORKING_TIME, by=OTHER)
    assert story.case.step is Step.REPORTING_IN
    # The clock has run since the convener blew.
    assert {one.due[Stage.RESPOND] for one in story.case.summons} == {later(120)}


def test_the_platform_can_send_a_whistle_back_and_the_street_can_blow_again():
    story = Story().blow(ROUTINE)
    story.tell(calling.send_back, "1", reason="属街道权限", by=OTHER)
    assert (story.case.step, story.case.summons[0].state) == (Step.ANALYSIS, SummonsState.CALLED)
    assert story.case.open_summons == ()
    assert story.blow().case.step is Step.REPORTING_IN


def test_what_the_platform_changes_of_a_proposal_is_recorded():
    story = Story().blow(ROUTINE)
    calls = (story.plan.calls[1], call("water"))
    story.tell(calling.dispatch, "1", calls, working_time=WORKING_TIME, by=OTHER)
    assert story.events[-1].data["added"] == ["water"]
    assert story.events[-1].data["left_out"] == ["0-0"]
    assert [one.unit.id for one in story.case.open_summons] == ["0-1", "water"]
    assert of(story, 0).state is SummonsState.STOOD_DOWN


def test_what_the_convener_changes_of_the_plan_is_recorded():
    story = Story().blow(calls=(call("water"),))
    data = story.events[-1].data
    assert (data["added"], data["left_out"]) == (["water"], ["0-0", "0-1"])


def test_the_case_is_what_its_events_add_up_to():
    story = through(Story().blow())
    one_by_one = None
    for event in story.events:
        one_by_one = apply(one_by_one, event)
    assert one_by_one == fold(story.events) == story.case
    assert story.case.version == len(story.events)


# --- those who come -----------------------------------------------------------------------------


@pytest.mark.parametrize("found", [ELSEWHERE, VAGUE], ids=["wrong place", "proves nothing"])
def test_an_arrival_that_is_not_on_site_is_recorded_and_stops_no_clock(found):
    story = Story().blow().tell(attendance.arrive, "1", found)
    police = of(story, 0)
    assert (police.state, police.arrived_at) == (SummonsState.CALLED, None)
    assert police.next_due_at == later(30)
    assert [record.verdict for record in police.arrivals] == [found.verdict]


def test_who_arrives_has_responded():
    police = of(Story().blow().at(7).tell(attendance.arrive, "1", arrival()), 0)
    assert (police.responded_at, police.arrived_at) == (later(7), later(7))


def test_the_convener_vouches_for_who_cannot_prove_it():
    story = Story().blow().tell(attendance.arrive, "1", VAGUE)
    story.tell(attendance.countersign, "1", reason="人在现场")
    assert (of(story, 0).state, of(story, 0).countersigned) == (SummonsState.ARRIVED, True)


def test_leaving_before_the_release_is_recorded_as_such_and_who_left_cannot_finish():
    story = Story().blow().tell(attendance.arrive, "1", arrival()).tell(attendance.leave, "1")
    assert of(story, 0).left_early
    assert story.events[-1].data["early"]
    with pytest.raises(WrongStageError):
        story.tell(attendance.finish, "1", result="done")
    story.tell(attendance.arrive, "1", arrival())  # it comes back
    story.tell(attendance.finish, "1", result="done").tell(attendance.release, "1")
    story.tell(attendance.leave, "1")
    assert not of(story, 0).left_early


def test_a_whistle_that_asks_for_an_outcome_takes_only_its_own():
    kind = WhistleKind("c", "会商哨", "Consultation", outcomes=(Outcome("minutes", "纪要", "m"),))
    story = Story().blow(kind).tell(attendance.arrive, "1", arrival())
    for given in (None, "penalty"):
        with pytest.raises(OutcomeError):
            story.tell(attendance.finish, "1", result="x", outcome=given)
    assert of(story.tell(attendance.finish, "1", result="x", outcome="minutes"), 0).outcome


def test_one_more_unit_can_be_called_and_one_not_needed_stood_down():
    story = Story().blow().at(20)
    story.tell(calling.summon, "1", call("water"), reason="水管", working_time=WORKING_TIME)
    assert of(story, 2).due[Stage.ARRIVE] == later(50)
    story.tell(calling.stand_down, "1", reason="无需到场")
    assert [one.unit.id for one in story.case.open_summons] == ["0-1", "water"]


def test_a_case_chains_whistles_and_closes_when_all_are_done():
    story = through(Story().blow(), close=False).blow(ROUTINE)
    assert story.case.step is Step.PLATFORM
    story.tell(calling.dispatch, "2", story.plan.calls, working_time=WORKING_TIME, by=OTHER)
    assert [one.id for one in story.case.open_summons] == ["3", "4"]
    assert through(story).case.step is Step.FEEDBACK


def test_a_confidential_whistle_names_who_sees_the_case_until_its_blower_lifts_that():
    story = Story().blow(named=("account:mole",))
    assert story.case.named == {
        "account:clerk",
        "account:mole",
        f"unit:{OFFICES[0].id}",
        "unit:0-0",
        "unit:0-1",
    }
    assert story.tell(calling.lift_secrecy, "1").case.named == frozenset()


# --- until everybody is done --------------------------------------------------------------------


def test_a_case_does_not_close_while_a_unit_has_not_finished():
    story = Story().blow().tell(attendance.arrive, "1", arrival())
    story.tell(attendance.finish, "1", result="done")
    with pytest.raises(OpenSummonsError) as refused:
        story.tell(workflow.close, result="done")
    assert refused.value.units == ["西街道1所"]


def test_a_case_does_not_close_before_everybody_was_evaluated():
    story = through(Story(plan(departments=1)).blow(), close=False)
    story.tell(calling.summon, "1", call("w"), reason="", working_time=WORKING_TIME)
    story.tell(attendance.arrive, "2", arrival()).tell(attendance.finish, "2", result="done")
    with pytest.raises(UnevaluatedError):
        story.tell(workflow.close, result="done")


def test_a_veto_forbids_the_closing_until_it_is_lifted():
    story = through(Story().blow(), close=False).tell(workflow.veto, reason="回潮")
    with pytest.raises(VetoedError):
        story.tell(workflow.close, result="done")
    story.tell(workflow.lift_veto, reason="已清").tell(workflow.close, result="done")
    assert story.case.closed_at


def test_a_case_that_needs_a_whistle_does_not_close_without_one():
    with pytest.raises(NotWhistledError):
        Story().tell(workflow.close, result="done")


def test_a_power_that_the_street_holds_needs_no_whistle():
    assert Story(plan(street_power=True)).tell(workflow.close, result="done").case.closed_at


def test_a_closed_case_can_go_on_and_needs_its_own_whistle_then():
    story = through(Story().blow()).tell(
        workflow.reopen, reason="又来了", analysis=Span(60), working_time=WORKING_TIME
    )
    assert (story.case.step, story.case.reopened) == (Step.ANALYSIS, 1)
    with pytest.raises(NotWhistledError):
        story.tell(workflow.close, result="done")
    assert through(story.blow()).case.step is Step.FEEDBACK


def test_two_cases_of_one_problem_become_one_that_knows_the_other():
    story, into = Story(), Story(plan(sides=2))
    into.events[0].data["number"] = "2"
    into.case = fold(into.events)
    gone, grown = workflow.merge(story.case, into.case, by=story.events[0].by, now=later(5))
    assert (story.append(gone).case.merged_into, story.case.step) == ("2", Step.FEEDBACK)
    assert into.append(grown).case.joined == ("1",)
    with pytest.raises(MergeError):
        story.tell(workflow.reopen, reason="", analysis=None, working_time=WORKING_TIME)
    with pytest.raises(MergeError):
        workflow.merge(into.case, into.case, by=into.events[0].by, now=later(9))


# --- clocks -------------------------------------------------------------------------------------


def held(story, *, until_day=30):
    day = START.date().replace(day=until_day)
    story.tell(workflow.ask_hold, reason="时机未到", review_on=day, zone=UTC)
    return story.tell(workflow.grant_hold, granted=True, reason="同意", by=OTHER)


def test_a_hold_stops_every_clock_and_they_go_on_with_what_was_left():
    story = held(Story().blow().at(9))  # granted at minute 10
    assert story.case.next_due_at is None
    assert alarms(story.case, ESCALATIONS, WORKING_TIME) == ()
    story.at(100).tell(workflow.resume, reason="", working_time=WORKING_TIME)
    assert story.case.next_due_at == later(30 + 90)


def test_nobody_grants_a_hold_to_themselves():
    story = (
        Story()
        .blow()
        .tell(workflow.ask_hold, reason="", review_on=START.date() + timedelta(days=1), zone=UTC)
    )
    with pytest.raises(OwnHoldError):
        story.tell(workflow.grant_hold, granted=True, reason="")
    assert not story.tell(workflow.grant_hold, granted=False, reason="", by=OTHER).case.hold


def test_a_case_on_hold_does_not_close():
    story = held(through(Story().blow(), close=False))
    with pytest.raises(HeldError):
        story.tell(workflow.close, result="done")


def test_each_moment_of_a_clock_is_told_once_in_its_order():
    story = Story(plan(departments=1)).blow()
    told = []
    while waiting := alarms(story.case, ESCALATIONS, WORKING_TIME):
        told.append((waiting[0].at, waiting[0].told.stage, waiting[0].told.percent, waiting[0].to))
        story.tell(escalate, waiting[0], by=Signature("system"))
    assert [(at, stage, percent) for at, stage, percent, _ in told] == [
        (later(minutes), stage, percent)
        for minutes, percent in ((15, 50), (24, 80), (30, 100))
        for stage in (Stage.RESPOND, Stage.ARRIVE)
    ]
    assert [to.value for *_, to in told[::2]] == ["unit", "convener", "superior"]
    with pytest.raises(ValueError, match="told before"):
        story.tell(escalate, waiting_again(story), by=Signature("system"))


def waiting_again(story):
    fresh = Story(plan(departments=1)).blow()
    return alarms(fresh.case, ESCALATIONS, WORKING_TIME)[0]


def test_the_clock_of_the_analysis_ends_with_the_whistle():
    story = Story()
    assert {one.told.summons for one in alarms(story.case, ESCALATIONS, WORKING_TIME)} == {None}
    after = alarms(story.blow().case, ESCALATIONS, WORKING_TIME)
    assert {one.told.summons for one in after} == {"1", "2"}


def test_the_deadlines_are_computed_again_when_the_calendar_is_known():
    class Announced:
        version = "announced"

        def is_working_day(self, on):
            return on.weekday() < 5 and on.day != 24

        def is_provisional(self, year):
            return False

    known = type(WORKING_TIME)(WORKING_TIME.hours, Announced())
    story = Story().at(5 * 60).blow(ROUTINE)
    story.tell(calling.dispatch, "1", story.plan.calls, working_time=WORKING_TIME, by=OTHER)
    before = of(story, 0).due[Stage.ARRIVE]
    event = workflow.reclock(story.case, working_time=known, by=Signature("system"), now=story.now)
    assert of(story.append(event), 0).due[Stage.ARRIVE] == before + timedelta(days=1)
    again = workflow.reclock(story.case, working_time=known, by=OTHER, now=story.now)
    assert again is None


# --- disputes -----------------------------------------------------------------------------------


def objected(story, **options):
    return story.tell(
        objection.object_lead,
        by_area=STREETS[0].code,
        proposes=STREETS[1].code,
        evidence=("survey",),
        reason="界线在路东",
        clock=Span(480, working=True),
        working_time=WORKING_TIME,
        **options,
    )


HANDOVER = Handover(
    STREETS[1].code, OFFICES[1].id, Call(OFFICES[0], Capacity.OFFICE, (STREETS[0],))
)


def test_a_ruling_hands_the_case_over_in_the_event_that_is_the_ruling():
    story = objected(Story(plan(sides=2)).blow())
    assert story.case.holder == STREETS[0].code  # nobody waits for the dispute
    story.tell(objection.answer, "1", side="x", agrees=False, evidence=(), text="不同意", by=OTHER)
    assert story.case.objections[0].state is ObjectionState.NEGOTIATING
    story.tell(objection.refer_up, "1")
    story.tell(
        objection.rule,
        "1",
        upheld=True,
        handover=HANDOVER,
        document="指定〔2026〕1号",
        reason="勘界结果",
        working_time=WORKING_TIME,
        by=OTHER,
    )
    case = story.case
    assert (case.holder, case.convener, case.sides[0]) == (
        STREETS[1].code,
        OFFICES[1].id,
        STREETS[1].code,
    )
    assert case.whistles[0].convener == OFFICES[1].id
    units = {one.unit.id: one.state for one in case.summons}
    assert units[OFFICES[1].id] is SummonsState.STOOD_DOWN  # it convenes now
    assert units[OFFICES[0].id] is SummonsState.CALLED  # it assists now
    assert case.objections[0].state is ObjectionState.RULED


def test_what_both_sides_agree_needs_no_ruling():
    story = objected(Story(plan(sides=2)).blow())
    with pytest.raises(ObjectionStateError):
        story.tell(objection.settle, "1", handover=HANDOVER, text="", working_time=WORKING_TIME)
    story.tell(objection.answer, "1", side="x", agrees=True, evidence=(), text="", by=OTHER)
    story.tell(objection.settle, "1", handover=HANDOVER, text="", working_time=WORKING_TIME)
    assert story.case.holder == STREETS[1].code


def test_a_ruling_against_the_objection_leaves_the_case_where_it_was():
    story = objected(Story(plan(sides=2)).blow()).tell(objection.refer_up, "1")
    options = {"handover": None, "document": "", "reason": "", "working_time": WORKING_TIME}
    story.tell(objection.rule, "1", upheld=False, by=OTHER, **options)
    assert (story.case.holder, story.case.ruled) == (STREETS[0].code, STREETS[0].code)


def test_a_department_that_is_not_the_one_to_come_is_stood_down_by_the_ruling():
    story = (
        Story()
        .blow()
        .tell(
            objection.object_summons,
            "1",
            superior="990101",
            evidence=("text",),
            reason="不属我局职责",
            clock=Span(60),
            working_time=WORKING_TIME,
        )
    )
    assert of(story, 0).next_due_at == later(30)  # its clocks run on
    with pytest.raises(OpenObjectionError):
        story.tell(calling.stand_down, "1", reason="")
    story.tell(objection.refer_up, "1")
    options = {"handover": None, "document": "", "reason": "", "working_time": WORKING_TIME}
    story.tell(objection.rule, "1", upheld=True, by=OTHER, **options)
    assert of(story, 0).state is SummonsState.STOOD_DOWN


def test_a_case_does_not_close_over_an_open_objection():
    story = objected(through(Story(plan(sides=2)).blow(), close=False))
    with pytest.raises(OpenObjectionError):
        story.tell(workflow.close, result="done")
    story.tell(objection.withdraw, "1", reason="").tell(workflow.close, result="done")
    assert story.case.closed_at


# --- 移送, 容错 -----------------------------------------------------------------------------------


def test_a_transfer_is_received_under_a_number_and_ends_with_an_outcome():
    story = (
        Story()
        .blow()
        .tell(workflow.transfer, to_unit="police", evidence=("photo",), reason="涉嫌犯罪")
    )
    with pytest.raises(TransferStateError):
        story.tell(workflow.end_transfer, "1", outcome="立案")
    story.tell(workflow.receive_transfer, "1", receipt="公(移)1号")
    story.tell(workflow.end_transfer, "1", outcome="立案侦查")
    (one,) = story.case.transfers
    assert (one.receipt, one.outcome) == ("公(移)1号", "立案侦查")
    assert story.case.open_transfers == ()


def test_who_is_exempted_has_explained_first():
    story = Story().blow()
    failing = {"failing": "lead_absent", "unit": "0-0"}
    with pytest.raises(UnexplainedError):
        story.tell(workflow.exempt, reason="", by=OTHER, **failing)
    story.tell(workflow.explain, text="道路中断", **failing)
    story.tell(workflow.exempt, reason="不可抗力", by=OTHER, **failing)
    (excuse,) = story.case.excuses
    assert excuse.explained_at
    assert excuse.exempted_at


# --- what is refused ----------------------------------------------------------------------------

BOTH = {"clock": None, "working_time": WORKING_TIME, "reason": ""}
REFUSED = [
    (attendance.finish, ("1",), {"result": "x"}, WrongStageError),
    (attendance.evaluate, ("1",), {"score": 3, "reason": ""}, WrongStageError),
    (attendance.release, ("1",), {}, WrongStageError),
    (attendance.leave, ("1",), {}, WrongStageError),
    (attendance.respond, ("9",), {}, UnknownSummonsError),
    (calling.stand_down, ("9",), {"reason": ""}, UnknownSummonsError),
    (calling.lift_secrecy, ("1",), {}, NotConfidentialError),
    (calling.send_back, ("1",), {"reason": ""}, WrongStepError),
    (calling.dispatch, ("1", ()), {"working_time": WORKING_TIME}, WrongStepError),
    (
        calling.summon,
        ("1", call("0-0")),
        {"reason": "", "working_time": WORKING_TIME},
        AlreadyCalledError,
    ),
    (
        calling.summon,
        ("7", call("w")),
        {"reason": "", "working_time": WORKING_TIME},
        UnknownPartError,
    ),
    (workflow.lift_veto, (), {"reason": ""}, VetoStateError),
    (workflow.resume, (), {"reason": "", "working_time": WORKING_TIME}, HoldStateError),
    (workflow.grant_hold, (), {"granted": True, "reason": ""}, HoldStateError),
    (
        workflow.ask_hold,
        (),
        {"reason": "", "review_on": START.date(), "zone": UTC},
        ReviewDateError,
    ),
    (workflow.feed_back, (), {"incident": "", "satisfaction": 1, "text": ""}, WrongStepError),
    (
        workflow.transfer,
        (),
        {"to_unit": "police", "evidence": (), "reason": ""},
        MissingEvidenceError,
    ),
    (workflow.receive_transfer, ("1",), {"receipt": ""}, UnknownPartError),
    (
        objection.object_lead,
        (),
        {"by_area": "x", "proposes": "990101001", "evidence": ("e",), **BOTH},
        LeadNotSideError,
    ),
    (
        objection.object_summons,
        ("1",),
        {"superior": "990101", "evidence": (), **BOTH},
        MissingEvidenceError,
    ),
    (objection.withdraw, ("1",), {"reason": ""}, UnknownPartError),
]


@pytest.mark.parametrize(
    ("step", "subject", "options", "error"),
    REFUSED,
    ids=[f"{step.__name__}-{error.__name__}" for step, _, _, error in REFUSED],
)
def test_a_step_that_is_not_its_turn_is_refused_by_name(step, subject, options, error):
    story = Story().blow()
    with pytest.raises(error) as refused:
        story.tell(step, *subject, **options)
    assert "{" not in str(refused.value)
    assert len(story.events) == story.case.version


def test_the_same_whistle_is_not_blown_twice_while_it_runs():
    with pytest.raises(WhistleRunsError):
        Story().blow().blow()


def test_a_whistle_for_nobody_is_not_blown():
    with pytest.raises(NobodyToSummonError):
        Story(plan(departments=0)).blow()


def test_scores_and_satisfaction_are_one_to_five():
    story = Story().blow().tell(attendance.arrive, "1", arrival())
    story.tell(attendance.finish, "1", result="")
    for score in (0, 6):
        with pytest.raises(ScoreError):
            story.tell(attendance.evaluate, "1", score=score, reason="")
    done = through(Story(plan(departments=1)).blow())
    with pytest.raises(SatisfactionError):
        done.tell(workflow.feed_back, incident="", satisfaction=6, text="")


def test_nothing_is_worked_on_in_a_closed_case():
    story = through(Story().blow())
    for step in (
        story.blow,
        lambda: story.tell(workflow.close, result=""),
        lambda: story.tell(attendance.arrive, "1", arrival()),
        lambda: story.tell(workflow.veto, reason=""),
    ):
        with pytest.raises(CaseClosedError):
            step()
