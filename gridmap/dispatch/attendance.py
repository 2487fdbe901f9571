"""Those who were called: they respond, arrive, finish, leave; the convener vouches and judges."""

from collections.abc import Mapping
from datetime import datetime

from gridmap.dispatch.arrival import Arrival, ArrivalVerdict
from gridmap.dispatch.case import Case
from gridmap.dispatch.event import Event, EventKind, Signature
from gridmap.dispatch.parts import summons_in, whistle_of
from gridmap.dispatch.refusals import OutcomeError, ScoreError, WhistleStateError, WrongStageError
from gridmap.dispatch.rights import Action
from gridmap.dispatch.summons import SCORES, Summons, SummonsState
from gridmap.dispatch.transitions import check
from gridmap.dispatch.whistle import WhistleState

_AWAY = {SummonsState.CALLED, SummonsState.RESPONDED}
_THERE = {SummonsState.ARRIVED, SummonsState.FINISHED}


def respond(case: Case, summons_id: str, *, by: Signature, now: datetime) -> Event:
    """The unit says that it is coming; the respond clock stops."""
    check(case, Action.RESPOND)
    _at_stage(case, summons_id, {SummonsState.CALLED})
    return Event(EventKind.RESPONDED, now, by, {"summons": summons_id})


def arrive(case: Case, summons_id: str, arrival: Arrival, *, by: Signature, now: datetime) -> Event:
    """The unit reports its position; only one proven on site stops a clock, all are recorded."""
    check(case, Action.ARRIVE)
    summons = _at_stage(case, summons_id, {*_AWAY, SummonsState.ARRIVED})
    if summons.arrived_at and not summons.left_at:
        raise _wrong(case, summons, _AWAY)
    data = {
        "summons": summons_id,
        "position": list(arrival.position),
        "how": arrival.how.value,
        "accuracy_m": arrival.accuracy_m,
        "distance_m": arrival.distance_m,
        "geofence_m": arrival.geofence_m,
    }
    return Event(_ARRIVALS[arrival.verdict], now, by, data)


_ARRIVALS: Mapping[ArrivalVerdict, EventKind] = {
    ArrivalVerdict.ON_SITE: EventKind.ARRIVED,
    ArrivalVerdict.WRONG_PLACE: EventKind.WRONG_PLACE,
    ArrivalVerdict.UNPROVEN: EventKind.UNPROVEN,
}


def countersign(case: Case, summons_id: str, *, reason: str, by: Signature, now: datetime) -> Event:
    """Who called the unit vouches that it is there, where no position proves it."""
    check(case, Action.COUNTERSIGN)
    _at_stage(case, summons_id, _AWAY)
    return Event(EventKind.COUNTERSIGNED, now, by, {"summons": summons_id}, {"reason": reason})


def release(case: Case, summons_id: str, *, by: Signature, now: datetime) -> Event:
    """Who called the unit lets it go."""
    check(case, Action.RELEASE)
    summons = _at_stage(case, summons_id, _THERE)
    if summons.released_at:
        raise _wrong(case, summons, "one that was not released")
    return Event(EventKind.RELEASED, now, by, {"summons": summons_id})


def leave(case: Case, summons_id: str, *, by: Signature, now: datetime) -> Event:
    """The unit has left; before its release that is recorded as such (人不撤)."""
    check(case, Action.LEAVE)
    summons = _at_stage(case, summons_id, _THERE)
    if summons.left_at:
        raise _wrong(case, summons, "one that is on site")
    data = {"summons": summons_id, "early": summons.released_at is None}
    return Event(EventKind.LEFT, now, by, data)


def finish(
    case: Case,
    summons_id: str,
    *,
    result: str,
    outcome: str | None = None,
    by: Signature,
    now: datetime,
) -> Event:
    """The unit has done its part; only one that is there can, and says the outcome asked for."""
    check(case, Action.FINISH)
    summons = _at_stage(case, summons_id, {SummonsState.ARRIVED})
    if summons.left_early:
        raise _wrong(case, summons, "one that has not left without a release")
    outcomes = whistle_of(case, summons_id).outcomes
    if (outcomes and outcome not in outcomes) or (outcome and not outcomes):
        raise OutcomeError(case=case.number, given=outcome, known=list(outcomes))
    data = {"summons": summons_id, "outcome": outcome}
    return Event(EventKind.FINISHED, now, by, data, {"result": result})


def evaluate(
    case: Case, summons_id: str, *, score: int, reason: str, by: Signature, now: datetime
) -> Event:
    """Who called the unit judges its work, 1 to 5; a later judgement replaces an earlier one."""
    check(case, Action.EVALUATE)
    _at_stage(case, summons_id, {SummonsState.FINISHED})
    if score not in SCORES:
        raise ScoreError(given=score)
    data = {"summons": summons_id, "score": score}
    return Event(EventKind.EVALUATED, now, by, data, {"reason": reason})


def _at_stage(case: Case, summons_id: str, allowed: set[SummonsState]) -> Summons:
    summons = summons_in(case, summons_id)
    whistle = whistle_of(case, summons_id)
    if whistle.state in {WhistleState.PENDING, WhistleState.SENT_BACK}:
        raise WhistleStateError(
            case=case.number,
            whistle=whistle.id,
            state=whistle.state,
            needed=WhistleState.RUNNING,
        )
    if summons.state not in allowed:
        raise _wrong(case, summons, allowed)
    return summons


def _wrong(case: Case, summons: Summons, needed: set[SummonsState] | str) -> WrongStageError:
    wanted = (
        needed
        if isinstance(needed, str)
        else " or ".join(state for state in SummonsState if state in needed)
    )
    return WrongStageError(
        case=case.number, unit=summons.unit.name, stage=summons.state, needed=wanted
    )
