"""Disputes (派单异议): objected, answered, settled by both or ruled by the common superior.

The case never waits: its holder works on until the event that ends the dispute names another, and
that event is the handing over itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridmap.dispatch.calling import calls_for
from gridmap.dispatch.case import Case
from gridmap.dispatch.clock import Span, WorkingTime, due
from gridmap.dispatch.dispute import Objection, ObjectionState
from gridmap.dispatch.event import Event, EventKind, Signature
from gridmap.dispatch.parts import objection_in, summons_in
from gridmap.dispatch.plan import Call
from gridmap.dispatch.refusals import (
    LeadNotSideError,
    MissingEvidenceError,
    NoSuperiorError,
    ObjectionStateError,
    OpenObjectionError,
    WrongStageError,
)
from gridmap.dispatch.rights import Action
from gridmap.dispatch.transitions import check


@dataclass(frozen=True)
class Handover:
    """What goes with another lead: its office convenes, the one before it is called to assist."""

    lead: str
    convener: str | None
    former: Call | None


def object_lead(
    case: Case,
    *,
    by_area: str,
    proposes: str,
    evidence: tuple[str, ...],
    reason: str,
    clock: Span | None,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """A jurisdiction says that another one of the case's should lead, with its evidence."""
    check(case, Action.OBJECT)
    if proposes not in case.sides or proposes == case.holder:
        raise LeadNotSideError(case=case.number, given=proposes, sides=list(case.sides))
    if any(one.summons is None for one in case.open_objections):
        raise OpenObjectionError(case=case.number, objection=case.open_objections[0].id)
    if case.superior is None:
        raise NoSuperiorError(case=case.number)
    data = _opened(
        case,
        by=f"area:{by_area}",
        superior=case.superior,
        evidence=evidence,
        clock=clock,
        working_time=working_time,
        now=now,
    )
    data |= {"proposes": proposes, "summons": None}
    return Event(EventKind.OBJECTED, now, by, data, {"reason": reason})


def object_summons(
    case: Case,
    summons_id: str,
    *,
    superior: str,
    evidence: tuple[str, ...],
    reason: str,
    clock: Span | None,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """A unit says that it is not the one to come; ``superior`` is the area that will rule.

    Its clocks run on: dispatch never waits for a dispute.
    """
    check(case, Action.OBJECT)
    summons = summons_in(case, summons_id)
    if not summons.is_open:
        raise WrongStageError(
            case=case.number, unit=summons.unit.name, stage=summons.state, needed="an open summons"
        )
    for one in case.open_objections:
        if one.summons == summons_id:
            raise OpenObjectionError(case=case.number, objection=one.id)
    data = _opened(
        case,
        by=f"unit:{summons.unit.id}",
        superior=superior,
        evidence=evidence,
        clock=clock,
        working_time=working_time,
        now=now,
    )
    data |= {"proposes": None, "summons": summons_id}
    return Event(EventKind.OBJECTED, now, by, data, {"reason": reason})


def _opened(
    case: Case,
    *,
    by: str,
    superior: str,
    evidence: tuple[str, ...],
    clock: Span | None,
    working_time: WorkingTime,
    now: datetime,
) -> dict[str, Any]:
    if not evidence:
        raise MissingEvidenceError(case=case.number, what="objection")
    settle_by = due(now, clock, working_time) if clock else None
    return {
        "objection": str(len(case.objections) + 1),
        "by": by,
        "superior": superior,
        "evidence": list(evidence),
        "settle_by": settle_by.isoformat() if settle_by else None,
    }


def answer(
    case: Case,
    objection_id: str,
    *,
    side: str,
    agrees: bool,
    evidence: tuple[str, ...],
    text: str,
    by: Signature,
    now: datetime,
) -> Event:
    """The other side says what it thinks of it, with evidence of its own if it has any."""
    check(case, Action.ANSWER)
    _open(case, objection_id)
    data = {"objection": objection_id, "by": side, "agrees": agrees, "evidence": list(evidence)}
    return Event(EventKind.ANSWERED, now, by, data, {"text": text})


def withdraw(case: Case, objection_id: str, *, reason: str, by: Signature, now: datetime) -> Event:
    """Who objected takes it back."""
    check(case, Action.WITHDRAW)
    _open(case, objection_id)
    data = {"objection": objection_id}
    return Event(EventKind.OBJECTION_WITHDRAWN, now, by, data, {"reason": reason})


def settle(
    case: Case,
    objection_id: str,
    *,
    handover: Handover | None,
    text: str,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """Both sides agree (协商一致): as the objection wanted it, where one of the answers agrees.

    ``handover`` is needed when the lead changes: where a side proposed another.
    """
    check(case, Action.SETTLE)
    objection = _open(case, objection_id)
    if not any(one.agrees for one in objection.answers):
        raise ObjectionStateError(
            case=case.number,
            objection=objection_id,
            state=objection.state,
            needed="an answer that agrees",
        )
    data = _decided(case, objection, handover, _Turn(working_time, now), upheld=True)
    return Event(EventKind.SETTLED, now, by, data, {"text": text})


def refer_up(case: Case, objection_id: str, *, by: Signature, now: datetime) -> Event:
    """No agreement: it goes to the lowest common superior, by a side's wish or by the clock."""
    check(case, Action.REFER_UP)
    objection = _open(case, objection_id)
    if objection.referred_at:
        raise ObjectionStateError(
            case=case.number,
            objection=objection_id,
            state=objection.state,
            needed="one that was not referred yet",
        )
    data = {"objection": objection_id, "superior": objection.superior}
    return Event(EventKind.REFERRED_UP, now, by, data)


def rule(
    case: Case,
    objection_id: str,
    *,
    upheld: bool,
    handover: Handover | None,
    document: str,
    reason: str,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """The common superior decides (指定管辖); in the same instant the case has its new holder."""
    check(case, Action.RULE)
    objection = _open(case, objection_id)
    if not objection.referred_at:
        raise ObjectionStateError(
            case=case.number,
            objection=objection_id,
            state=objection.state,
            needed=ObjectionState.REFERRED,
        )
    data = _decided(case, objection, handover, _Turn(working_time, now), upheld=upheld)
    data |= {"upheld": upheld}
    return Event(EventKind.RULED, now, by, data, {"reason": reason, "document": document})


@dataclass(frozen=True)
class _Turn:
    working_time: WorkingTime
    now: datetime


def _decided(
    case: Case, objection: Objection, handover: Handover | None, turn: _Turn, *, upheld: bool
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "objection": objection.id,
        "lead": None,
        "convener": None,
        "dismissed": [],
        "calls": {},
    }
    if not upheld:
        # A ruling that leaves the lead where it is names it all the same.
        lead = None if objection.summons else case.holder
        return data | {"lead": lead, "convener": case.convener}
    if objection.summons:
        return data | {"dismissed": [objection.summons]}
    if handover is None or handover.lead not in case.sides:
        given = handover.lead if handover else ""
        raise LeadNotSideError(case=case.number, given=given, sides=list(case.sides))
    # The new convener was called as an office of its side; it convenes now and owes that no more.
    dismissed = [one.id for one in case.open_summons if one.unit.id == handover.convener]
    former = handover.former
    calls = calls_for(case, former, working_time=turn.working_time, now=turn.now) if former else {}
    return data | {
        "lead": handover.lead,
        "convener": handover.convener,
        "dismissed": dismissed,
        "calls": calls,
    }


def _open(case: Case, objection_id: str) -> Objection:
    objection = objection_in(case, objection_id)
    if not objection.is_open:
        raise ObjectionStateError(
            case=case.number, objection=objection_id, state=objection.state, needed="an open one"
        )
    return objection
