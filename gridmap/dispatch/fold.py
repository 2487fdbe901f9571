"""Events to the case that they add up to; the only place that changes a case."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from gridmap.dispatch.arrival import ArrivalVerdict, PositionSource
from gridmap.dispatch.case import Case, Excuse, Feedback, Lapse, Told
from gridmap.dispatch.clock import Span
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.dispute import Answer, Hold, Objection, ObjectionState, Transfer
from gridmap.dispatch.event import Event, EventKind
from gridmap.dispatch.plan import Capacity
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import ArrivalRecord, Evaluation, Stage, Summons
from gridmap.dispatch.whistle import Whistle

Change = Callable[[Case, Event], Case]


def fold(events: Iterable[Event]) -> Case:
    """Return the case that its events, in order, add up to; the first must be the report."""
    case: Case | None = None
    for event in events:
        case = apply(case, event)
    if case is None:
        raise ValueError("a case has at least the event of its report")
    return case


def apply(case: Case | None, event: Event) -> Case:
    """Return the case after one more event."""
    if case is None:
        return _reported(event)
    changed = _CHANGES[event.kind](case, event)
    return replace(changed, version=case.version + 1, last_at=event.at)


def _reported(event: Event) -> Case:
    data = event.data
    return Case(
        number=data["number"],
        holder=data["holder"],
        convener=data["convener"],
        needs_whistle=data["needs_whistle"],
        sides=tuple(data["sides"]),
        areas=tuple(data["areas"]),
        superior=data["superior"],
        **_analysis(data),
        reporter=event.by.account,
        opened_at=event.at,
        last_at=event.at,
        version=1,
    )


def _analysis(data: Mapping[str, Any]) -> dict[str, Any]:
    span = data["analysis"]
    return {
        "analysis": Span(**span) if span else None,
        "analysis_by": _instant(data["analysis_by"]),
    }


# --- whistles -----------------------------------------------------------------------------------


def _blown(case: Case, event: Event) -> Case:
    data = event.data
    whistle = Whistle(
        id=data["whistle"],
        kind=data["kind"],
        blown_at=event.at,
        convener=data["convener"],
        spans={Stage(stage): Span(**span) for stage, span in data["spans"].items()},
        outcomes=tuple(data["outcomes"]),
        named=tuple(data["named"]),
        summons=tuple(_called(call, event.at, call["due"]) for call in data["calls"]),
        is_pending=data["pending"],
    )
    return replace(_lapsed(case, event), whistles=(*case.whistles, whistle))


def _lapsed(case: Case, event: Event) -> Case:
    """Keep that a whistle that was needed came late, or never until the end."""
    due = case.analysis_by
    waited = case.needs_whistle and case.step is Step.ANALYSIS and case.live is None
    if not waited or due is None or event.at <= due:
        return case
    return replace(case, lapses=(*case.lapses, Lapse(case.convener, due)))


def _called(call: Mapping[str, Any], at: datetime, due: Mapping[str, str]) -> Summons:
    return Summons(
        id=call["id"],
        unit=Unit(call["unit"], call["unit_name"], call["kind"], call["area_code"]),
        role=Capacity(call["role"]),
        areas=tuple(call["areas"]),
        called_at=at,
        due={Stage(stage): datetime.fromisoformat(text) for stage, text in due.items()},
    )


def _dispatched(whistle: Whistle, event: Event) -> Whistle:
    left_out = set(event.data["left_out"])
    kept = tuple(
        replace(one, stood_down_at=event.at) if one.unit.id in left_out else one
        for one in whistle.summons
    )
    added = tuple(_called(call, whistle.blown_at, call["due"]) for call in event.data["calls"])
    return replace(whistle, summons=kept + added, is_pending=False)


def _sent_back(whistle: Whistle, event: Event) -> Whistle:
    return replace(whistle, is_pending=False, sent_back_at=event.at)


def _summoned(whistle: Whistle, event: Event) -> Whistle:
    call = event.data["call"]
    return replace(whistle, summons=(*whistle.summons, _called(call, event.at, call["due"])))


def _secrecy_lifted(whistle: Whistle, _event: Event) -> Whistle:
    return replace(whistle, named=())


def _in_whistle(change: Callable[[Whistle, Event], Whistle]) -> Change:
    def changed(case: Case, event: Event) -> Case:
        whistles = tuple(
            change(one, event) if one.id == event.data["whistle"] else one for one in case.whistles
        )
        return replace(case, whistles=whistles)

    return changed


# --- those who were called ----------------------------------------------------------------------


def _responded(summons: Summons, event: Event) -> Summons:
    return replace(summons, responded_at=event.at)


def _arrived(summons: Summons, event: Event) -> Summons:
    record = _record(event, ArrivalVerdict.ON_SITE)
    return replace(_there(summons, event), arrivals=(*summons.arrivals, record))


def _countersigned(summons: Summons, event: Event) -> Summons:
    return replace(_there(summons, event), countersigned=True)


def _there(summons: Summons, event: Event) -> Summons:
    # Who is there has responded; who comes back after leaving came when it first came.
    return replace(
        summons,
        responded_at=summons.responded_at or event.at,
        arrived_at=summons.arrived_at or event.at,
        left_at=None,
    )


def _elsewhere(verdict: ArrivalVerdict) -> Callable[[Summons, Event], Summons]:
    def recorded(summons: Summons, event: Event) -> Summons:
        return replace(summons, arrivals=(*summons.arrivals, _record(event, verdict)))

    return recorded


def _record(event: Event, verdict: ArrivalVerdict) -> ArrivalRecord:
    data = event.data
    return ArrivalRecord(
        event.at, verdict, data["distance_m"], data["accuracy_m"], PositionSource(data["how"])
    )


def _finished(summons: Summons, event: Event) -> Summons:
    result, outcome = event.texts.get("result"), event.data["outcome"]
    return replace(summons, finished_at=event.at, result=result, outcome=outcome)


def _evaluated(summons: Summons, event: Event) -> Summons:
    found = Evaluation(event.at, event.data["score"], event.texts.get("reason", ""))
    return replace(summons, evaluation=found)


def _stamped(name: str) -> Callable[[Summons, Event], Summons]:
    def stamped(summons: Summons, event: Event) -> Summons:
        stamp: dict[str, Any] = {name: event.at}
        return replace(summons, **stamp)

    return stamped


def _in_summons(change: Callable[[Summons, Event], Summons]) -> Change:
    """Change the summons that the event names, or every one where it names several."""

    def changed(case: Case, event: Event) -> Case:
        return _each_summons(
            case, lambda one: change(one, event) if one.id == event.data["summons"] else one
        )

    return changed


def _each_summons(case: Case, change: Callable[[Summons], Summons]) -> Case:
    whistles = tuple(
        replace(whistle, summons=tuple(change(one) for one in whistle.summons))
        for whistle in case.whistles
    )
    return replace(case, whistles=whistles)


# --- disputes -----------------------------------------------------------------------------------


def _objected(case: Case, event: Event) -> Case:
    data = event.data
    objection = Objection(
        id=data["objection"],
        by=data["by"],
        at=event.at,
        superior=data["superior"],
        proposes=data["proposes"],
        summons=data["summons"],
        evidence=tuple(data["evidence"]),
        settle_by=_instant(data["settle_by"]),
    )
    return replace(case, objections=(*case.objections, objection))


def _answered(objection: Objection, event: Event) -> Objection:
    data = event.data
    answer = Answer(data["by"], event.at, data["agrees"], tuple(data["evidence"]))
    return replace(objection, answers=(*objection.answers, answer))


def _referred_up(objection: Objection, event: Event) -> Objection:
    return replace(objection, referred_at=event.at)


def _ended(state: ObjectionState) -> Callable[[Objection, Event], Objection]:
    return lambda objection, event: replace(objection, ended_at=event.at, ended_as=state)


def _decided(state: ObjectionState) -> Change:
    """End a dispute and, in the same event, let the case or the summons change hands."""
    ended = _in_objection(_ended(state))

    def changed(case: Case, event: Event) -> Case:
        dismissed = set(event.data["dismissed"])
        case = _each_summons(
            ended(case, event),
            lambda one: replace(one, stood_down_at=event.at) if one.id in dismissed else one,
        )
        return case if event.data["lead"] is None else _handed_over(case, event)

    return changed


def _handed_over(case: Case, event: Event) -> Case:
    """The case and its whistles go to another side, which does not come as one called any more."""
    lead, convener = event.data["lead"], event.data["convener"]
    whistles = tuple(
        replace(
            whistle,
            convener=convener if whistle.convener == case.convener else whistle.convener,
            summons=(*whistle.summons, *_added(event, whistle)),
        )
        for whistle in case.whistles
    )
    sides = (lead, *(code for code in case.sides if code != lead))
    return replace(case, holder=lead, convener=convener, sides=sides, ruled=lead, whistles=whistles)


def _added(event: Event, whistle: Whistle) -> tuple[Summons, ...]:
    calls = event.data["calls"].get(whistle.id, ())
    return tuple(_called(call, event.at, call["due"]) for call in calls)


def _in_objection(change: Callable[[Objection, Event], Objection]) -> Change:
    def changed(case: Case, event: Event) -> Case:
        objections = tuple(
            change(one, event) if one.id == event.data["objection"] else one
            for one in case.objections
        )
        return replace(case, objections=objections)

    return changed


# --- holds, transfers, the end ------------------------------------------------------------------


def _hold_asked(case: Case, event: Event) -> Case:
    review_on = date.fromisoformat(event.data["review_on"])
    hold = Hold(event.data["hold"], event.at, review_on, event.by.account)
    return replace(case, holds=(*case.holds, hold))


def _in_hold(change: Callable[[Hold, Event], Hold]) -> Change:
    def changed(case: Case, event: Event) -> Case:
        holds = tuple(
            change(one, event) if one.id == event.data["hold"] else one for one in case.holds
        )
        return replace(case, holds=holds)

    return changed


def _held(hold: Hold, event: Event) -> Hold:
    return replace(hold, granted_at=event.at, granted_by=event.by.account)


def _resumed(case: Case, event: Event) -> Case:
    ended = _in_hold(lambda hold, event: replace(hold, ended_at=event.at))(case, event)
    return _reclocked(ended, event)


def _reclocked(case: Case, event: Event) -> Case:
    """Set the deadlines that were computed again, of the summons still open."""
    due = event.data["due"]

    def moved(summons: Summons) -> Summons:
        if summons.id not in due:
            return summons
        new = {Stage(stage): datetime.fromisoformat(at) for stage, at in due[summons.id].items()}
        return replace(summons, due={**summons.due, **new})

    analysis_by = _instant(event.data["analysis_by"])
    return replace(_each_summons(case, moved), analysis_by=analysis_by)


def _transferred(case: Case, event: Event) -> Case:
    data = event.data
    transfer = Transfer(data["transfer"], data["to_unit"], event.at, tuple(data["evidence"]))
    return replace(case, transfers=(*case.transfers, transfer))


def _in_transfer(change: Callable[[Transfer, Event], Transfer]) -> Change:
    def changed(case: Case, event: Event) -> Case:
        transfers = tuple(
            change(one, event) if one.id == event.data["transfer"] else one
            for one in case.transfers
        )
        return replace(case, transfers=transfers)

    return changed


def _escalated(case: Case, event: Event) -> Case:
    data = event.data
    stage = Stage(data["stage"]) if data["stage"] else None
    told = Told(data["summons"], stage, data["percent"])
    return replace(case, told=case.told | {told})


def _excused(stamp: str) -> Change:
    def changed(case: Case, event: Event) -> Case:
        failing, unit = event.data["failing"], event.data["unit"]
        known = {(one.failing, one.unit): one for one in case.excuses}
        excuse = known.get((failing, unit), Excuse(failing, unit))
        stamped: dict[str, Any] = {stamp: event.at}
        known[failing, unit] = replace(excuse, **stamped)
        return replace(case, excuses=tuple(known.values()))

    return changed


def _closed(case: Case, event: Event) -> Case:
    return replace(case, closed_at=event.at, result=event.texts.get("result"))


def _fed_back(case: Case, event: Event) -> Case:
    told = Feedback(event.data["incident"], event.at, event.data["satisfaction"])
    return replace(case, feedback=(*case.feedback, told))


def _reopened(case: Case, event: Event) -> Case:
    clock = _analysis(event.data)
    again = case.reopened + 1
    return replace(case, closed_at=None, result=None, reopened_at=event.at, reopened=again, **clock)


def _merged(case: Case, event: Event) -> Case:
    return replace(_lapsed(case, event), closed_at=event.at, merged_into=event.data["into"])


def _took_over(case: Case, event: Event) -> Case:
    return replace(case, joined=(*case.joined, event.data["case"]))


def _unchanged(case: Case, _event: Event) -> Case:
    return case


_CHANGES: Mapping[EventKind, Change] = {
    EventKind.JOINED: _unchanged,
    EventKind.WHISTLE_BLOWN: _blown,
    EventKind.DISPATCHED: _in_whistle(_dispatched),
    EventKind.SENT_BACK: _in_whistle(_sent_back),
    EventKind.SUMMONED: _in_whistle(_summoned),
    EventKind.SECRECY_LIFTED: _in_whistle(_secrecy_lifted),
    EventKind.STOOD_DOWN: _in_summons(_stamped("stood_down_at")),
    EventKind.RESPONDED: _in_summons(_responded),
    EventKind.ARRIVED: _in_summons(_arrived),
    EventKind.COUNTERSIGNED: _in_summons(_countersigned),
    EventKind.WRONG_PLACE: _in_summons(_elsewhere(ArrivalVerdict.WRONG_PLACE)),
    EventKind.UNPROVEN: _in_summons(_elsewhere(ArrivalVerdict.UNPROVEN)),
    EventKind.RELEASED: _in_summons(_stamped("released_at")),
    EventKind.LEFT: _in_summons(_stamped("left_at")),
    EventKind.FINISHED: _in_summons(_finished),
    EventKind.EVALUATED: _in_summons(_evaluated),
    EventKind.VETOED: lambda case, event: replace(case, vetoed_at=event.at),
    EventKind.VETO_LIFTED: lambda case, _: replace(case, vetoed_at=None),
    EventKind.ESCALATED: _escalated,
    EventKind.EXPLAINED: _excused("explained_at"),
    EventKind.EXEMPTED: _excused("exempted_at"),
    EventKind.OBJECTED: _objected,
    EventKind.ANSWERED: _in_objection(_answered),
    EventKind.OBJECTION_WITHDRAWN: _in_objection(_ended(ObjectionState.WITHDRAWN)),
    EventKind.SETTLED: _decided(ObjectionState.SETTLED),
    EventKind.REFERRED_UP: _in_objection(_referred_up),
    EventKind.RULED: _decided(ObjectionState.RULED),
    EventKind.HOLD_ASKED: _hold_asked,
    EventKind.HOLD_REFUSED: _in_hold(lambda hold, event: replace(hold, refused_at=event.at)),
    EventKind.HELD: _in_hold(_held),
    EventKind.REVIEW_DUE: _in_hold(lambda hold, event: replace(hold, reviewed_at=event.at)),
    EventKind.RESUMED: _resumed,
    EventKind.RECLOCKED: _reclocked,
    EventKind.TRANSFERRED: _transferred,
    EventKind.TRANSFER_RECEIVED: _in_transfer(
        lambda one, event: replace(one, received_at=event.at, receipt=event.data["receipt"])
    ),
    EventKind.TRANSFER_ENDED: _in_transfer(
        lambda one, event: replace(one, ended_at=event.at, outcome=event.texts.get("outcome"))
    ),
    EventKind.CLOSED: _closed,
    EventKind.FED_BACK: _fed_back,
    EventKind.REOPENED: _reopened,
    EventKind.MERGED: _merged,
    EventKind.TOOK_OVER: _took_over,
}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
