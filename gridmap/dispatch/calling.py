"""Whistles: who is called, by whom, through the platform or straight, and who is not needed."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from gridmap.dispatch.case import Case
from gridmap.dispatch.catalogue import WhistleKind
from gridmap.dispatch.clock import Span, WorkingTime, due
from gridmap.dispatch.event import Event, EventKind, Signature
from gridmap.dispatch.parts import summons_in, whistle_in
from gridmap.dispatch.plan import Call
from gridmap.dispatch.refusals import (
    AlreadyCalledError,
    NobodyToSummonError,
    NotConfidentialError,
    OpenObjectionError,
    WhistleRunsError,
    WrongStageError,
)
from gridmap.dispatch.rights import Action
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import Stage
from gridmap.dispatch.transitions import check
from gridmap.dispatch.whistle import WhistleState


@dataclass(frozen=True)
class Proposal:
    """Whom the plan would call, and whom a person calls instead: the difference is kept."""

    proposed: tuple[Call, ...]
    calls: tuple[Call, ...]

    @property
    def changes(self) -> dict[str, list[str]]:
        """The units added to and left out of the proposal."""
        proposed = [call.unit.id for call in self.proposed]
        called = [call.unit.id for call in self.calls]
        return {
            "added": [unit for unit in called if unit not in proposed],
            "left_out": [unit for unit in proposed if unit not in called],
        }


def blow(
    case: Case,
    proposal: Proposal,
    kind: WhistleKind,
    *,
    named: Iterable[str] = (),
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """A whistle is blown: its clocks start, and the units are called at once or by the platform.

    ``named`` are the keys of those who alone see a confidential one, besides the units called and
    who blew it.
    """
    check(case, Action.BLOW)
    if any(one.kind == kind.code and one.state in _GOING_ON for one in case.whistles):
        raise WhistleRunsError(case=case.number, kind=kind.name)
    if not proposal.calls:
        raise NobodyToSummonError(case=case.number)
    spans = spans_of(kind)
    due_at = due_of(spans, now, working_time)
    data = {
        "whistle": str(len(case.whistles) + 1),
        "kind": kind.code,
        "convener": by.unit or case.convener,
        "spans": {stage: asdict(span) for stage, span in spans.items()},
        "outcomes": [outcome.code for outcome in kind.outcomes],
        "named": _named(case, proposal.calls, named, by) if kind.confidential or named else [],
        "pending": Step.PLATFORM in kind.path,
        "calls": _calls(case, proposal.calls, due_at),
        **proposal.changes,
    }
    return Event(EventKind.WHISTLE_BLOWN, now, by, data)


_GOING_ON = {WhistleState.PENDING, WhistleState.RUNNING}


def spans_of(kind: WhistleKind) -> dict[Stage, Span]:
    """The stage clocks that a kind has."""
    clocks = {Stage.RESPOND: kind.respond, Stage.ARRIVE: kind.arrive, Stage.FINISH: kind.finish}
    return {stage: span for stage, span in clocks.items() if span}


def due_of(
    spans: Mapping[Stage, Span], start: datetime, working_time: WorkingTime
) -> dict[str, str]:
    """Return the deadline of every stage that has a clock, as events keep it."""
    ends = {stage: due(start, span, working_time) for stage, span in spans.items()}
    return {stage: at.isoformat() for stage, at in ends.items() if at}


def _named(case: Case, calls: Iterable[Call], named: Iterable[str], by: Signature) -> list[str]:
    units = [call.unit.id for call in calls] + [one for one in (by.unit, case.convener) if one]
    own = {f"account:{by.account}", *(f"unit:{unit}" for unit in units)}
    return sorted(own | set(named))


def _calls(case: Case, calls: Iterable[Call], due_at: Mapping[str, str]) -> list[dict[str, Any]]:
    first = len(case.summons) + 1
    return [_call(call, str(number), due_at) for number, call in enumerate(calls, start=first)]


def _call(call: Call, number: str, due_at: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": number,
        "unit": call.unit.id,
        "unit_name": call.unit.name,
        "kind": call.unit.kind,
        "area_code": call.unit.area_code,
        "role": call.role.value,
        "areas": [area.code for area in call.areas],
        "due": dict(due_at),
    }


def calls_for(
    case: Case, call: Call, *, working_time: WorkingTime, now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """One more call for the whistle that goes on, by its id; none where none does."""
    whistle = case.live
    if whistle is None or whistle.state not in _GOING_ON:
        return {}
    if any(one.unit.id == call.unit.id and one.is_open for one in whistle.summons):
        return {}
    return {whistle.id: _calls(case, [call], due_of(whistle.spans, now, working_time))}


# --- 平台受理 -----------------------------------------------------------------------------------


def dispatch(
    case: Case,
    whistle_id: str,
    calls: tuple[Call, ...],
    *,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """The platform accepts a whistle (联审、立项) and sends the units, as proposed or changed."""
    check(case, Action.DISPATCH)
    whistle = whistle_in(case, whistle_id, state=WhistleState.PENDING)
    if not calls:
        raise NobodyToSummonError(case=case.number)
    due_at = due_of(whistle.spans, whistle.blown_at, working_time)
    proposed = [summons.unit.id for summons in whistle.summons]
    called = {call.unit.id for call in calls}
    new = [call for call in calls if call.unit.id not in proposed]
    data = {
        "whistle": whistle_id,
        "calls": _calls(case, new, due_at),
        "added": [call.unit.id for call in new],
        "left_out": [unit for unit in proposed if unit not in called],
    }
    return Event(EventKind.DISPATCHED, now, by, data)


def send_back(case: Case, whistle_id: str, *, reason: str, by: Signature, now: datetime) -> Event:
    """The platform returns a whistle (退回): nobody comes, the street looks at it again."""
    check(case, Action.SEND_BACK)
    whistle_in(case, whistle_id, state=WhistleState.PENDING)
    return Event(EventKind.SENT_BACK, now, by, {"whistle": whistle_id}, {"reason": reason})


def lift_secrecy(case: Case, whistle_id: str, *, by: Signature, now: datetime) -> Event:
    """A confidential whistle becomes one like all others; who blew it decides when."""
    check(case, Action.LIFT_SECRECY)
    if not whistle_in(case, whistle_id).is_confidential:
        raise NotConfidentialError(case=case.number, whistle=whistle_id)
    return Event(EventKind.SECRECY_LIFTED, now, by, {"whistle": whistle_id})


# --- one more, one less -------------------------------------------------------------------------


def summon(
    case: Case,
    whistle_id: str,
    call: Call,
    *,
    reason: str,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """One more unit is called to a whistle; its clocks start now."""
    check(case, Action.SUMMON)
    whistle = whistle_in(case, whistle_id, state=None)
    if whistle.state not in {WhistleState.RUNNING, WhistleState.DONE}:
        raise WrongStageError(
            case=case.number, unit=call.unit.name, stage=whistle.state, needed="a running whistle"
        )
    if any(one.unit.id == call.unit.id and one.is_open for one in whistle.summons):
        raise AlreadyCalledError(case=case.number, unit=call.unit.name)
    due_at = due_of(whistle.spans, now, working_time)
    data = {"whistle": whistle_id, "call": _call(call, str(len(case.summons) + 1), due_at)}
    return Event(EventKind.SUMMONED, now, by, data, {"reason": reason})


def stand_down(case: Case, summons_id: str, *, reason: str, by: Signature, now: datetime) -> Event:
    """A unit is not needed after all; it owes nothing any more, and the record says why."""
    check(case, Action.STAND_DOWN)
    summons = summons_in(case, summons_id)
    if not summons.is_open:
        raise WrongStageError(
            case=case.number, unit=summons.unit.name, stage=summons.state, needed="an open summons"
        )
    for objection in case.open_objections:
        if objection.summons == summons_id:
            raise OpenObjectionError(case=case.number, objection=objection.id)
    return Event(EventKind.STOOD_DOWN, now, by, {"summons": summons_id}, {"reason": reason})
