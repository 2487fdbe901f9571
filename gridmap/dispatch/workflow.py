"""The steps of a case: pure functions that check it and return the event to append.

The emergency whistle goes from 街乡吹哨 straight to 部门报到; `case.apply` is the only place that
changes a case.
"""

from datetime import datetime

from gridmap.dispatch.arrival import Arrival, ArrivalVerdict
from gridmap.dispatch.case import Case, Event, EventKind, SummonsState
from gridmap.dispatch.catalogue import WhistleKind
from gridmap.dispatch.clock import WorkingTime, deadlines
from gridmap.dispatch.errors import (
    AlreadyWhistledError,
    CaseClosedError,
    NobodyToSummonError,
    NotWhistledError,
    OpenSummonsError,
    UnknownSummonsError,
    WrongStageError,
)
from gridmap.dispatch.plan import Plan


def report(plan: Plan, *, number: str, holder: str, actor: str, now: datetime) -> Event:
    """A report opens a case, held by the lead jurisdiction from the first second."""
    data = {
        "number": number,
        "holder": holder,
        "convener": plan.convener.id if plan.convener else None,
        "needs_whistle": plan.needs_whistle,
    }
    return Event(EventKind.REPORTED, now, actor, data)


def join(case: Case, *, incident: str, actor: str, now: datetime) -> Event:
    """Another report of the same problem joins the case; it is never dropped."""
    _refuse_closed(case)
    return Event(EventKind.JOINED, now, actor, {"incident": incident})


def blow(
    case: Case,
    plan: Plan,
    whistle: WhistleKind,
    *,
    working_time: WorkingTime,
    actor: str,
    now: datetime,
) -> Event:
    """The convener blows the whistle: every unit of the plan is summoned, its clocks start now."""
    _refuse_closed(case)
    if case.whistle_blown_at:
        raise AlreadyWhistledError(case=case.number)
    if not plan.calls:
        raise NobodyToSummonError(case=case.number)
    due = deadlines(whistle, blown_at=now, working_time=working_time)
    calls = [
        {
            "id": str(number),
            "unit": call.unit.id,
            "unit_name": call.unit.name,
            "kind": call.unit.kind,
            "area_code": call.unit.area_code,
            "role": call.role.value,
            "areas": [area.code for area in call.areas],
        }
        for number, call in enumerate(plan.calls, start=1)
    ]
    data = {
        "whistle": whistle.code,
        "respond_by": _text(due.respond_by),
        "arrive_by": _text(due.arrive_by),
        "finish_by": _text(due.finish_by),
        "summons": calls,
    }
    return Event(EventKind.WHISTLE_BLOWN, now, actor, data)


def respond(case: Case, summons_id: str, *, actor: str, now: datetime) -> Event:
    """The unit says that it is coming; the respond clock stops."""
    _at_stage(case, summons_id, {SummonsState.CALLED})
    return Event(EventKind.RESPONDED, now, actor, {"summons": summons_id})


def arrive(case: Case, summons_id: str, arrival: Arrival, *, actor: str, now: datetime) -> Event:
    """The unit reports its position; only one proven on site stops a clock, all are recorded."""
    _at_stage(case, summons_id, {SummonsState.CALLED, SummonsState.RESPONDED})
    data = {
        "summons": summons_id,
        "position": list(arrival.position),
        "how": arrival.how.value,
        "accuracy_m": arrival.accuracy_m,
        "distance_m": arrival.distance_m,
        "geofence_m": arrival.geofence_m,
    }
    return Event(_ARRIVALS[arrival.verdict], now, actor, data)


_ARRIVALS = {
    ArrivalVerdict.ON_SITE: EventKind.ARRIVED,
    ArrivalVerdict.WRONG_PLACE: EventKind.WRONG_PLACE,
    ArrivalVerdict.UNPROVEN: EventKind.UNPROVEN,
}


def finish(case: Case, summons_id: str, *, result: str, actor: str, now: datetime) -> Event:
    """The unit has done its part; only one that has arrived can."""
    _at_stage(case, summons_id, {SummonsState.ARRIVED})
    data = {"summons": summons_id, "result": result}
    return Event(EventKind.FINISHED, now, actor, data)


def close(case: Case, *, result: str, actor: str, now: datetime) -> Event:
    """The convener closes the case, once every summoned unit is done (事不完、人不撤)."""
    _refuse_closed(case)
    if case.needs_whistle and case.whistle_blown_at is None:
        raise NotWhistledError(case=case.number)
    if case.open_summons:
        units = [summons.unit.name for summons in case.open_summons]
        raise OpenSummonsError(case=case.number, units=units)
    return Event(EventKind.CLOSED, now, actor, {"result": result})


def _refuse_closed(case: Case) -> None:
    if case.closed_at:
        raise CaseClosedError(case=case.number)


def _at_stage(case: Case, summons_id: str, allowed: set[SummonsState]) -> None:
    _refuse_closed(case)
    summons = next((s for s in case.summons if s.id == summons_id), None)
    if summons is None:
        raise UnknownSummonsError(case=case.number, summons=summons_id)
    if summons.state not in allowed:
        needed = " or ".join(state for state in SummonsState if state in allowed)
        raise WrongStageError(
            case=case.number, unit=summons.unit.name, stage=summons.state, needed=needed
        )


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
