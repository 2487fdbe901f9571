"""Who is told of what happened in a case: a table from the event to the keys of those told.

Nobody is told of what they did themselves, and of a confidential case the named only.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gridmap import codes
from gridmap.dispatch.actor import account_key, area_key, unit_key
from gridmap.dispatch.audience import audience
from gridmap.dispatch.case import Case
from gridmap.dispatch.clock import Escalated
from gridmap.dispatch.dispute import Objection
from gridmap.dispatch.event import Event, EventKind
from gridmap.dispatch.parts import objection_in, summons_in, transfer_in, whistle_in, whistle_of
from gridmap.dispatch.record import CaseRecord

AGREEMENT_EXPIRES = "agreement_expires"  # the kind of notice that belongs to no case


@dataclass(frozen=True)
class Notice:
    """Whoever has the key is told that this happened."""

    key: str
    kind: EventKind


def notices(event: Event, after: CaseRecord) -> tuple[Notice, ...]:
    """Return who is told of an event, by the case as it stands after it."""
    told = _TOLD.get(event.kind)
    keys = set(told(after, event)) if told else set()
    if after.case.named:
        keys &= audience(after)
        if event.kind is EventKind.ESCALATED and not keys:
            # The superior is not among the named: whoever called them is told instead.
            keys = set(_convener(after)) & audience(after)
    own = {account_key(event.by.account), unit_key(event.by.unit or "")}
    return tuple(Notice(key, event.kind) for key in sorted(keys - own))


Told = Callable[[CaseRecord, Event], Iterable[str]]


def _convener(record: CaseRecord, _event: Event | None = None) -> Iterable[str]:
    """The office that convenes; all over the holder where it has none."""
    return _office(record.case.convener, record.case.holder)


def _office(unit: str | None, area: str) -> Iterable[str]:
    return (unit_key(unit) if unit else area_key(area),)


def _above(record: CaseRecord, _event: Event | None = None) -> Iterable[str]:
    """The government above the holder; the holder's own where none is."""
    holder = record.case.holder
    above = [code for code in record.areas if code != holder and codes.is_parent(code, holder)]
    # The lowest: the longest code; a city's is as long as a district's and ends in 00.
    lowest = max(above, key=lambda code: (len(code), not code.endswith("00")), default=holder)
    return (area_key(lowest),)


def _reporters(record: CaseRecord, _event: Event) -> Iterable[str]:
    return map(account_key, record.reporters)


def _reporters_and_convener(record: CaseRecord, event: Event) -> Iterable[str]:
    return (*_reporters(record, event), *_convener(record))


# --- whistles -------------------------------------------------------------------------------------


def _blown(record: CaseRecord, event: Event) -> Iterable[str]:
    """The platform, which accepts it or is informed; those called, unless it has to accept."""
    if event.data["pending"]:
        return _above(record)
    return (*_called(record, event), *_above(record))


def _called(record: CaseRecord, event: Event) -> Iterable[str]:
    """The units of a whistle that still owe something."""
    whistle = whistle_in(record.case, event.data["whistle"])
    return (unit_key(one.unit.id) for one in whistle.open_summons)


def _dispatched(record: CaseRecord, event: Event) -> Iterable[str]:
    return (*_called(record, event), *_blower(record, event))


def _blower(record: CaseRecord, event: Event) -> Iterable[str]:
    """Who blew the whistle in question."""
    whistle = whistle_in(record.case, event.data["whistle"])
    return _office(whistle.convener, record.case.holder)


def _new_unit(_record: CaseRecord, event: Event) -> Iterable[str]:
    return (unit_key(event.data["call"]["unit"]),)


def _unit(record: CaseRecord, event: Event) -> Iterable[str]:
    """The unit of the summons in question."""
    return (unit_key(summons_in(record.case, event.data["summons"]).unit.id),)


def _caller(record: CaseRecord, event: Event) -> Iterable[str]:
    """Who called the unit in question."""
    return _caller_of(record.case, event.data["summons"])


def _caller_of(case: Case, summons: str) -> Iterable[str]:
    return _office(whistle_of(case, summons).convener, case.holder)


def _all_called(record: CaseRecord, _event: Event) -> Iterable[str]:
    """Everybody who still owes something."""
    return (unit_key(one.unit.id) for one in record.case.open_summons)


def _escalated(record: CaseRecord, event: Event) -> Iterable[str]:
    """Whom the policy names; the convener answers for the clock of its own analysis."""
    to = Escalated(event.data["to"])
    if to is Escalated.SUPERIOR:
        return _above(record)
    if event.data["summons"] is None:
        return _convener(record)
    return _unit(record, event) if to is Escalated.UNIT else _caller(record, event)


# --- disputes, holds, transfers -------------------------------------------------------------------


def _objection(record: CaseRecord, event: Event) -> Objection:
    return objection_in(record.case, event.data["objection"])


def _objector(record: CaseRecord, event: Event) -> Iterable[str]:
    by = _objection(record, event).by
    kind, _, code = by.partition(":")
    return _side(record, code) if kind == "area" else (by,)


def _side(record: CaseRecord, area: str) -> Iterable[str]:
    offices = {one.area.code: one.office for one in record.plan.jurisdictions}
    office = offices.get(area)
    return _office(office.id if office else None, area)


def _other_sides(record: CaseRecord, event: Event) -> Iterable[str]:
    objection = _objection(record, event)
    if objection.summons:
        return _caller_of(record.case, objection.summons)
    sides = (key for area in record.case.sides for key in _side(record, area))
    own = set(_objector(record, event))
    return (key for key in sides if key not in own)


def _both(record: CaseRecord, event: Event) -> Iterable[str]:
    return (*_objector(record, event), *_other_sides(record, event))


def _referred(record: CaseRecord, event: Event) -> Iterable[str]:
    return (area_key(_objection(record, event).superior), *_both(record, event))


def _decided(record: CaseRecord, event: Event) -> Iterable[str]:
    """Both sides, and who is called to assist from now on."""
    calls = (call for calls in event.data["calls"].values() for call in calls)
    return (*_both(record, event), *(unit_key(call["unit"]) for call in calls))


def _review(record: CaseRecord, event: Event) -> Iterable[str]:
    return (*_convener(record, event), *_above(record, event))


def _receiver(record: CaseRecord, event: Event) -> Iterable[str]:
    return (unit_key(transfer_in(record.case, event.data["transfer"]).to_unit),)


def _failing_unit(_record: CaseRecord, event: Event) -> Iterable[str]:
    return (unit_key(event.data["unit"]),)


_TOLD: Mapping[EventKind, Told] = {
    EventKind.REPORTED: _convener,
    EventKind.JOINED: _convener,
    EventKind.WHISTLE_BLOWN: _blown,
    EventKind.DISPATCHED: _dispatched,
    EventKind.SENT_BACK: _blower,
    EventKind.SUMMONED: _new_unit,
    EventKind.STOOD_DOWN: _unit,
    EventKind.RESPONDED: _caller,
    EventKind.ARRIVED: _caller,
    EventKind.WRONG_PLACE: _caller,
    EventKind.UNPROVEN: _caller,
    EventKind.COUNTERSIGNED: _unit,
    EventKind.RELEASED: _unit,
    EventKind.LEFT: _caller,
    EventKind.FINISHED: _caller,
    EventKind.EVALUATED: _unit,
    EventKind.ESCALATED: _escalated,
    EventKind.EXPLAINED: _above,
    EventKind.EXEMPTED: _failing_unit,
    EventKind.OBJECTED: _other_sides,
    EventKind.ANSWERED: _objector,
    EventKind.OBJECTION_WITHDRAWN: _other_sides,
    EventKind.SETTLED: _decided,
    EventKind.REFERRED_UP: _referred,
    EventKind.RULED: _decided,
    EventKind.HOLD_ASKED: _above,
    EventKind.HOLD_REFUSED: _convener,
    EventKind.HELD: _convener,
    EventKind.REVIEW_DUE: _review,
    EventKind.RESUMED: _all_called,
    EventKind.RECLOCKED: _all_called,
    EventKind.TRANSFERRED: _receiver,
    EventKind.TRANSFER_RECEIVED: _convener,
    EventKind.TRANSFER_ENDED: _convener,
    EventKind.CLOSED: _reporters,
    EventKind.REOPENED: _reporters_and_convener,
    EventKind.MERGED: _reporters,
    EventKind.TOOK_OVER: _convener,
}
