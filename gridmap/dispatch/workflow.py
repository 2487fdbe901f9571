"""The life of a case from its report to its end: pure functions that return the event to append.

Each checks that the case allows it; who may is `rights`' to say, and `fold` alone changes a case.
The calls of a whistle are in `calling`, those who come in `attendance`, disputes in `objection`.
"""

from dataclasses import asdict, replace
from datetime import date, datetime, tzinfo
from typing import Any

from gridmap.dispatch.case import Case
from gridmap.dispatch.clock import Pause, Span, WorkingTime, due
from gridmap.dispatch.dispute import Hold
from gridmap.dispatch.event import Event, EventKind, Signature
from gridmap.dispatch.parts import transfer_in
from gridmap.dispatch.plan import Plan
from gridmap.dispatch.refusals import (
    HeldError,
    HoldStateError,
    MergeError,
    MissingEvidenceError,
    NotWhistledError,
    OpenObjectionError,
    OpenSummonsError,
    OwnHoldError,
    ReviewDateError,
    SatisfactionError,
    TransferStateError,
    UnevaluatedError,
    UnexplainedError,
    VetoedError,
    VetoStateError,
)
from gridmap.dispatch.rights import Action
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import SCORES
from gridmap.dispatch.transitions import check


def report(
    plan: Plan,
    *,
    number: str,
    superior: str | None,
    areas: tuple[str, ...],
    analysis: Span | None,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """A report opens a case, held by the lead jurisdiction from the first second."""
    sides = [side.area.code for side in plan.jurisdictions]
    data = {
        "number": number,
        "holder": sides[0],
        "convener": plan.convener.id if plan.convener else None,
        "needs_whistle": plan.needs_whistle,
        "sides": sides,
        "areas": list(areas),
        "superior": superior,
        **_analysis(analysis, working_time, now),
    }
    return Event(EventKind.REPORTED, now, by, data)


def _analysis(span: Span | None, working_time: WorkingTime, now: datetime) -> dict[str, Any]:
    """The clock of the holder's analysis: until when it must have whistled or settled it."""
    if span is None:
        return {"analysis": None, "analysis_by": None}
    return {"analysis": asdict(span), "analysis_by": text_of(due(now, span, working_time))}


def join(case: Case, *, incident: str, by: Signature, now: datetime) -> Event:
    """Another report of the same problem joins the case; it is never dropped."""
    check(case, Action.MERGE)
    return Event(EventKind.JOINED, now, by, {"incident": incident})


def close(case: Case, *, result: str, by: Signature, now: datetime) -> Event:
    """The convener closes it, once everybody called is done and evaluated (事不完、人不撤)."""
    if case.needs_whistle and case.step is Step.ANALYSIS:
        raise NotWhistledError(case=case.number)
    if case.open_summons:
        raise OpenSummonsError(case=case.number, units=_names(case.open_summons))
    check(case, Action.CLOSE)
    if case.unevaluated:
        raise UnevaluatedError(case=case.number, units=_names(case.unevaluated))
    if case.vetoed_at:
        raise VetoedError(case=case.number)
    if case.hold:
        raise HeldError(case=case.number, review_on=case.hold.review_on.isoformat())
    if case.open_objections:
        raise OpenObjectionError(case=case.number, objection=case.open_objections[0].id)
    return Event(EventKind.CLOSED, now, by, texts={"result": result})


def _names(summons: tuple[Any, ...]) -> list[str]:
    return [one.unit.name for one in summons]


def veto(case: Case, *, reason: str, by: Signature, now: datetime) -> Event:
    """The convener forbids the closing (否决权)."""
    check(case, Action.VETO)
    if case.vetoed_at:
        raise VetoStateError(case=case.number, state="vetoed already")
    return Event(EventKind.VETOED, now, by, texts={"reason": reason})


def lift_veto(case: Case, *, reason: str, by: Signature, now: datetime) -> Event:
    """The convener takes its veto back."""
    check(case, Action.LIFT_VETO)
    if not case.vetoed_at:
        raise VetoStateError(case=case.number, state="not vetoed")
    return Event(EventKind.VETO_LIFTED, now, by, texts={"reason": reason})


def feed_back(
    case: Case,
    *,
    incident: str,
    satisfaction: int | None,
    text: str,
    by: Signature,
    now: datetime,
) -> Event:
    """Somebody who reported it is told how it ended; ``None``: could not be reached."""
    check(case, Action.FEED_BACK)
    if satisfaction is not None and satisfaction not in SCORES:
        raise SatisfactionError(given=satisfaction)
    data = {"incident": incident, "satisfaction": satisfaction}
    return Event(EventKind.FED_BACK, now, by, data, {"text": text})


def reopen(
    case: Case,
    *,
    reason: str,
    analysis: Span | None,
    working_time: WorkingTime,
    by: Signature,
    now: datetime,
) -> Event:
    """A closed case goes on: the problem is back, or was never solved."""
    check(case, Action.REOPEN)
    if case.merged_into:
        raise MergeError(case=case.number, why=f"it was merged into {case.merged_into}")
    data = _analysis(analysis, working_time, now)
    return Event(EventKind.REOPENED, now, by, data, {"reason": reason})


def merge(case: Case, into: Case, *, by: Signature, now: datetime) -> tuple[Event, Event]:
    """End a case in favour of another one of the same problem, which keeps all the reporters.

    Returns the event of ``case`` and that of ``into``.
    """
    check(case, Action.MERGE)
    check(into, Action.MERGE)
    if case.number == into.number:
        raise MergeError(case=case.number, why="it cannot be merged into itself")
    if case.open_summons:
        why = "units that it has called are still at work; stand them down or let them finish"
        raise MergeError(case=case.number, why=why)
    if case.named or into.named:
        raise MergeError(case=case.number, why="one of the two is confidential")
    gone = Event(EventKind.MERGED, now, by, {"into": into.number})
    grown = Event(EventKind.TOOK_OVER, now, by, {"case": case.number})
    return gone, grown


# --- 暂缓 ---------------------------------------------------------------------------------------


def ask_hold(
    case: Case, *, reason: str, review_on: date, zone: tzinfo, by: Signature, now: datetime
) -> Event:
    """The convener asks for a pause until a day (in ``zone``) on which it is looked at again."""
    check(case, Action.ASK_HOLD)
    if any(hold.is_asked or hold.is_running for hold in case.holds):
        raise HoldStateError(case=case.number, why="one is asked for or running already")
    today = now.astimezone(zone).date()
    if review_on <= today:
        raise ReviewDateError(given=review_on.isoformat(), today=today.isoformat())
    data = {"hold": str(len(case.holds) + 1), "review_on": review_on.isoformat()}
    return Event(EventKind.HOLD_ASKED, now, by, data, {"reason": reason})


def grant_hold(case: Case, *, granted: bool, reason: str, by: Signature, now: datetime) -> Event:
    """Another one grants the pause, from which on no clock runs, or refuses it."""
    check(case, Action.GRANT_HOLD)
    hold = _hold(case, asked=True)
    if by.account == hold.asked_by:
        raise OwnHoldError(case=case.number)
    kind = EventKind.HELD if granted else EventKind.HOLD_REFUSED
    return Event(kind, now, by, {"hold": hold.id}, {"reason": reason})


def resume(
    case: Case, *, reason: str, working_time: WorkingTime, by: Signature, now: datetime
) -> Event:
    """The pause ends; every clock goes on with what was left of it."""
    check(case, Action.RESUME)
    hold = _hold(case, asked=False)
    pauses = tuple(
        replace(pause, until_at=now) if pause.until_at is None else pause for pause in case.pauses
    )
    data = {"hold": hold.id, **_clocks(case, pauses, working_time)}
    return Event(EventKind.RESUMED, now, by, data, {"reason": reason})


def reclock(case: Case, *, working_time: WorkingTime, by: Signature, now: datetime) -> Event | None:
    """Compute the deadlines again with the calendar as it is known now; ``None``: none moved."""
    if case.closed_at or case.hold:
        return None
    clocks = _clocks(case, case.pauses, working_time)
    same = clocks["analysis_by"] == text_of(case.analysis_by)
    if same and not clocks["due"]:
        return None
    data = {"calendar": working_time.calendar.version, **clocks}
    return Event(EventKind.RECLOCKED, now, by, data)


def _clocks(case: Case, pauses: tuple[Pause, ...], working_time: WorkingTime) -> dict[str, Any]:
    """The deadlines that move: of the analysis while it lasts, of every stage still owed."""
    moved: dict[str, dict[str, str]] = {}
    for whistle in case.whistles:
        for summons in whistle.open_summons:
            for stage in summons.owes:
                if span := whistle.spans.get(stage):
                    at = text_of(due(summons.called_at, span, working_time, pauses))
                    if at and at != text_of(summons.due.get(stage)):
                        moved.setdefault(summons.id, {})[stage] = at
    analysis_by = case.analysis_by
    if case.analysis and case.step is Step.ANALYSIS:
        begun_at = case.reopened_at or case.opened_at
        analysis_by = due(begun_at, case.analysis, working_time, pauses)
    return {"due": moved, "analysis_by": text_of(analysis_by)}


def _hold(case: Case, *, asked: bool) -> Hold:
    wanted = [hold for hold in case.holds if (hold.is_asked if asked else hold.is_running)]
    if not wanted:
        why = "none is asked for" if asked else "none is running"
        raise HoldStateError(case=case.number, why=why)
    return wanted[-1]


# --- 移送 ---------------------------------------------------------------------------------------


def transfer(
    case: Case,
    *,
    to_unit: str,
    evidence: tuple[str, ...],
    reason: str,
    by: Signature,
    now: datetime,
) -> Event:
    """What is beyond administrative powers goes to the police (行刑衔接), with its evidence."""
    check(case, Action.TRANSFER)
    if not evidence:
        raise MissingEvidenceError(case=case.number, what="transfer")
    data = {
        "transfer": str(len(case.transfers) + 1),
        "to_unit": to_unit,
        "evidence": list(evidence),
    }
    return Event(EventKind.TRANSFERRED, now, by, data, {"reason": reason})


def receive_transfer(
    case: Case, transfer_id: str, *, receipt: str, by: Signature, now: datetime
) -> Event:
    """The receiver confirms what it got, under the number of its receipt."""
    check(case, Action.RECEIVE_TRANSFER)
    one = transfer_in(case, transfer_id)
    if one.received_at:
        raise TransferStateError(case=case.number, transfer=transfer_id, why="it was received")
    data = {"transfer": transfer_id, "receipt": receipt}
    return Event(EventKind.TRANSFER_RECEIVED, now, by, data)


def end_transfer(
    case: Case, transfer_id: str, *, outcome: str, by: Signature, now: datetime
) -> Event:
    """The receiver says what became of it."""
    check(case, Action.END_TRANSFER)
    one = transfer_in(case, transfer_id)
    if one.ended_at or not one.received_at:
        why = "it has ended" if one.ended_at else "its receipt has not been confirmed"
        raise TransferStateError(case=case.number, transfer=transfer_id, why=why)
    data = {"transfer": transfer_id}
    return Event(EventKind.TRANSFER_ENDED, now, by, data, {"outcome": outcome})


# --- 督查问责 -----------------------------------------------------------------------------------


def explain(
    case: Case, *, failing: str, unit: str, text: str, by: Signature, now: datetime
) -> Event:
    """A unit gives its own account of a failing before anybody judges it."""
    check(case, Action.EXPLAIN)
    return Event(EventKind.EXPLAINED, now, by, {"failing": failing, "unit": unit}, {"text": text})


def exempt(
    case: Case, *, failing: str, unit: str, reason: str, by: Signature, now: datetime
) -> Event:
    """A supervisor exempts a unit that has explained itself (容错、尽职免责)."""
    check(case, Action.EXEMPT)
    if not any((one.failing, one.unit) == (failing, unit) for one in case.excuses):
        raise UnexplainedError(case=case.number, unit=unit, failing=failing)
    data = {"failing": failing, "unit": unit}
    return Event(EventKind.EXEMPTED, now, by, data, {"reason": reason})


def text_of(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
