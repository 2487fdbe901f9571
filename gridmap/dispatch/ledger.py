"""Ledgers (台账): a list of targets, struck off one by one (销账) as their cases close.

Pure functions that return the entry to append, and `apply`, which alone changes a ledger.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from gridmap.dispatch.event import Signature
from gridmap.dispatch.journal import Entry, EntryKind, place_data, place_from
from gridmap.dispatch.subject_refusals import (
    SubjectStateError,
    SubjectValueError,
    UnknownSubjectError,
)
from gridmap.place import Place


@dataclass(frozen=True)
class Strike:
    """How a target was struck off: by the case that closed, or by hand (``case`` is ``None``)."""

    at: datetime
    case: str | None = None
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Target:
    """One thing on a ledger; ``cases`` are the numbers of the cases that work on it."""

    code: str
    name: str
    area_code: str
    place: Place | None = None
    cases: tuple[str, ...] = ()
    strike: Strike | None = None


@dataclass(frozen=True)
class Ledger:
    """A list of targets of one category or class, kept by a unit over a period (both days in)."""

    id: str
    title: str
    owner: str  # unit id
    owner_area: str
    category: str | None
    class_code: str | None
    from_on: date
    until_on: date
    operation: str | None
    opened_at: datetime
    last_at: datetime
    version: int = 1
    targets: Mapping[str, Target] | None = None

    @property
    def lines(self) -> tuple[Target, ...]:
        """The targets in the order in which they came."""
        return tuple((self.targets or {}).values())

    @property
    def struck(self) -> int:
        return sum(one.strike is not None for one in self.lines)

    @property
    def is_done(self) -> bool:
        """Whether it was struck off to the end; an empty one never was."""
        return bool(self.lines) and self.struck == len(self.lines)

    def target(self, code: str) -> Target:
        """Return a target; `UnknownSubjectError` when the ledger has none of this code."""
        found = (self.targets or {}).get(code)
        if found is None:
            raise UnknownSubjectError(what="target", id=code)
        return found


@dataclass(frozen=True)
class LedgerHead:
    """What a ledger is opened with."""

    title: str
    owner: str
    owner_area: str
    category: str | None
    class_code: str | None
    from_on: date
    until_on: date
    operation: str | None = None


def open_ledger(head: LedgerHead, *, by: Signature, now: datetime) -> Entry:
    """A unit opens a ledger, with no target yet.

    Raises
    ------
    SubjectValueError
        It names neither or both of category and class, or ends before it begins.
    """
    if (head.category is None) == (head.class_code is None):
        raise SubjectValueError(what="ledger", where="category", why="name a category or a class")
    _check_period("ledger", head.from_on, head.until_on)
    data = {
        "owner": head.owner,
        "owner_area": head.owner_area,
        "category": head.category,
        "class": head.class_code,
        "from_on": head.from_on.isoformat(),
        "until_on": head.until_on.isoformat(),
        "operation": head.operation,
    }
    return Entry(EntryKind.LEDGER_OPENED, now, by, data, {"title": head.title})


def _check_period(what: str, from_on: date, until_on: date) -> None:
    if until_on < from_on:
        why = f"{until_on} is before {from_on}; a period ends on or after the day it begins"
        raise SubjectValueError(what=what, where="until_on", why=why)


def add_targets(
    ledger: Ledger, targets: Sequence[Target], *, by: Signature, now: datetime
) -> Entry:
    """More targets stand on the ledger; each code once.

    Raises
    ------
    SubjectValueError
        There is none, or a code stands twice.
    """
    if not targets:
        raise SubjectValueError(what=f"ledger {ledger.id}", where="targets", why="there is none")
    known = set(ledger.targets or {})
    for one in targets:
        if one.code in known:
            why = f"{one.code!r} stands on it already; every target once"
            raise SubjectValueError(what=f"ledger {ledger.id}", where="code", why=why)
        known.add(one.code)
    data = {"targets": [_line(one) for one in targets]}
    return Entry(EntryKind.TARGETS_ADDED, now, by, data)


def link_case(ledger: Ledger, code: str, case: str, *, by: Signature, now: datetime) -> Entry:
    """A case works on a target: when it closes the target is struck off.

    Raises
    ------
    SubjectStateError
        The target is struck off.
    """
    target = ledger.target(code)
    if target.strike:
        _refuse(ledger, f"target {code} is struck off; put it back first")
    return Entry(EntryKind.CASE_LINKED, now, by, {"target": code, "case": case})


def strike_off(
    ledger: Ledger,
    code: str,
    *,
    by: Signature,
    now: datetime,
    case: str | None = None,
    reason: str = "",
    evidence: str = "",
) -> Entry:
    """A target is struck off (销账): by its case that closed, or by hand with both texts.

    Raises
    ------
    SubjectStateError
        It is struck off already.
    SubjectValueError
        By hand, and reason or evidence is missing.
    """
    if ledger.target(code).strike:
        _refuse(ledger, f"target {code} is struck off already")
    texts = {"reason": reason.strip(), "evidence": evidence.strip()}
    if case is None:
        for where, text in texts.items():
            if not text:
                why = "a target is struck off by hand with a reason and with evidence"
                raise SubjectValueError(what=f"target {code}", where=where, why=why)
    given = {key: text for key, text in texts.items() if text}
    return Entry(EntryKind.STRUCK_OFF, now, by, {"target": code, "case": case}, given)


def put_back(
    ledger: Ledger,
    code: str,
    *,
    by: Signature,
    now: datetime,
    case: str | None = None,
    reason: str = "",
) -> Entry:
    """A target stands on the ledger again: its case goes on, or somebody says why.

    Raises
    ------
    SubjectStateError
        It is not struck off.
    SubjectValueError
        By hand, and without a reason.
    """
    if not ledger.target(code).strike:
        _refuse(ledger, f"target {code} is not struck off")
    if case is None and not reason.strip():
        why = "a target is put back by hand with a reason"
        raise SubjectValueError(what=f"target {code}", where="reason", why=why)
    texts = {"reason": reason.strip()} if reason.strip() else {}
    return Entry(EntryKind.PUT_BACK, now, by, {"target": code, "case": case}, texts)


def _refuse(ledger: Ledger, why: str) -> None:
    raise SubjectStateError(what="ledger", id=ledger.id, why=why)


# --- entries to the ledger that they add up to ------------------------------------------------


def fold(ledger_id: str, entries: Iterable[Entry]) -> Ledger:
    """Return the ledger that its entries, in order, add up to; the first opens it."""
    ledger: Ledger | None = None
    for entry in entries:
        ledger = _opened(ledger_id, entry) if ledger is None else apply(ledger, entry)
    if ledger is None:
        raise ValueError("a ledger has at least the entry that opened it")
    return ledger


def apply(ledger: Ledger, entry: Entry) -> Ledger:
    """Return the ledger after one more entry."""
    changed = _CHANGES[entry.kind](dict(ledger.targets or {}), entry)
    return replace(ledger, targets=changed, version=ledger.version + 1, last_at=entry.at)


def _opened(ledger_id: str, entry: Entry) -> Ledger:
    data = entry.data
    return Ledger(
        id=ledger_id,
        title=entry.texts.get("title", ""),
        owner=data["owner"],
        owner_area=data["owner_area"],
        category=data["category"],
        class_code=data["class"],
        from_on=date.fromisoformat(data["from_on"]),
        until_on=date.fromisoformat(data["until_on"]),
        operation=data["operation"],
        opened_at=entry.at,
        last_at=entry.at,
    )


_Targets = dict[str, Target]
_Change = Callable[[_Targets, Entry], _Targets]


def _added(targets: _Targets, entry: Entry) -> _Targets:
    return targets | {line["code"]: _target(line) for line in entry.data["targets"]}


def _linked(target: Target, entry: Entry) -> Target:
    cases = (*target.cases, entry.data["case"])
    return replace(target, cases=tuple(dict.fromkeys(cases)))


def _struck(target: Target, entry: Entry) -> Target:
    texts = entry.texts
    strike = Strike(
        entry.at, entry.data["case"], texts.get("reason", ""), texts.get("evidence", "")
    )
    return replace(target, strike=strike)


def _in_target(change: Callable[[Target, Entry], Target]) -> _Change:
    def changed(targets: _Targets, entry: Entry) -> _Targets:
        code = entry.data["target"]
        return targets | {code: change(targets[code], entry)}

    return changed


_CHANGES: Mapping[EntryKind, _Change] = {
    EntryKind.TARGETS_ADDED: _added,
    EntryKind.CASE_LINKED: _in_target(_linked),
    EntryKind.STRUCK_OFF: _in_target(_struck),
    EntryKind.PUT_BACK: _in_target(lambda target, _: replace(target, strike=None)),
}


def _line(target: Target) -> dict[str, Any]:
    return {
        "code": target.code,
        "name": target.name,
        "area": target.area_code,
        "place": place_data(target.place),
    }


def _target(line: Mapping[str, Any]) -> Target:
    return Target(line["code"], line["name"], line["area"], place_from(line["place"]))
