"""Operations (专项行动): cases, ledgers and tasks under a headquarters, for a while."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from gridmap.dispatch.event import Signature
from gridmap.dispatch.journal import Entry, EntryKind, place_data, place_from
from gridmap.dispatch.subject_refusals import SubjectStateError, SubjectValueError
from gridmap.place import Place


@dataclass(frozen=True)
class Team:
    """A sub-headquarters (分指挥部): a unit that leads, and its members' keys."""

    name: str
    unit: str
    members: frozenset[str]


@dataclass(frozen=True)
class Operation:
    """``place`` is where its headquarters stands; ``members`` are keys: ``account:``, ``unit:``."""

    id: str
    title: str
    headquarters: str  # unit id
    area_code: str
    from_on: date
    until_on: date
    confidential: bool
    place: Place | None
    begun_at: datetime
    last_at: datetime
    version: int = 1
    own_members: frozenset[str] = frozenset()
    teams: tuple[Team, ...] = ()
    cases: tuple[str, ...] = ()  # numbers
    ended_at: datetime | None = None
    result: str = ""

    @property
    def members(self) -> frozenset[str]:
        """The keys of everybody in it: of the headquarters and of every team."""
        leads = {f"unit:{self.headquarters}", *(f"unit:{team.unit}" for team in self.teams)}
        return self.own_members.union(leads, *(team.members for team in self.teams))


@dataclass(frozen=True)
class OperationHead:
    title: str
    headquarters: str
    area_code: str
    from_on: date
    until_on: date
    members: frozenset[str]
    confidential: bool = False
    place: Place | None = None


def begin(head: OperationHead, *, by: Signature, now: datetime) -> Entry:
    """A headquarters is formed; who begins it is one of its members."""
    if head.until_on < head.from_on:
        why = f"{head.until_on} is before {head.from_on}"
        raise SubjectValueError(what="operation", where="until_on", why=why)
    data = {
        "headquarters": head.headquarters,
        "area": head.area_code,
        "from_on": head.from_on.isoformat(),
        "until_on": head.until_on.isoformat(),
        "confidential": head.confidential,
        "place": place_data(head.place),
        "members": sorted({*head.members, f"account:{by.account}"}),
    }
    return Entry(EntryKind.OPERATION_BEGUN, now, by, data, {"title": head.title})


def form_team(operation: Operation, team: Team, *, by: Signature, now: datetime) -> Entry:
    """A sub-headquarters joins, or one of this name takes other members."""
    _refuse_ended(operation)
    data = {"team": team.name, "unit": team.unit, "members": sorted(team.members)}
    return Entry(EntryKind.TEAM_FORMED, now, by, data)


def change_members(
    operation: Operation, members: frozenset[str], *, by: Signature, now: datetime
) -> Entry:
    """The headquarters has exactly these members, and who says so."""
    _refuse_ended(operation)
    data = {"members": sorted({*members, f"account:{by.account}"})}
    return Entry(EntryKind.MEMBERS_CHANGED, now, by, data)


def join_case(operation: Operation, case: str, *, by: Signature, now: datetime) -> Entry:
    """A case is worked on in the operation."""
    _refuse_ended(operation)
    if case in operation.cases:
        why = f"case {case} is in it already"
        raise SubjectStateError(what="operation", id=operation.id, why=why)
    return Entry(EntryKind.CASE_JOINED, now, by, {"case": case})


def end(operation: Operation, *, result: str, by: Signature, now: datetime) -> Entry:
    """The headquarters is dissolved; what runs in it goes on by itself."""
    _refuse_ended(operation)
    return Entry(EntryKind.OPERATION_ENDED, now, by, texts={"result": result} if result else {})


def _refuse_ended(operation: Operation) -> None:
    if operation.ended_at:
        raise SubjectStateError(what="operation", id=operation.id, why="it has ended")


# --- entries to the operation that they add up to ---------------------------------------------


def fold(operation_id: str, entries: Iterable[Entry]) -> Operation:
    """Return the operation that its entries, in order, add up to."""
    operation: Operation | None = None
    for entry in entries:
        operation = _begun(operation_id, entry) if operation is None else apply(operation, entry)
    if operation is None:
        raise ValueError("an operation has at least the entry that began it")
    return operation


def apply(operation: Operation, entry: Entry) -> Operation:
    """Return the operation after one more entry."""
    stamped = replace(operation, version=operation.version + 1, last_at=entry.at)
    data = entry.data
    if entry.kind is EntryKind.TEAM_FORMED:
        team = Team(data["team"], data["unit"], frozenset(data["members"]))
        others = (one for one in operation.teams if one.name != team.name)
        return replace(stamped, teams=(*others, team))
    if entry.kind is EntryKind.MEMBERS_CHANGED:
        return replace(stamped, own_members=frozenset(data["members"]))
    if entry.kind is EntryKind.CASE_JOINED:
        return replace(stamped, cases=(*operation.cases, data["case"]))
    return replace(stamped, ended_at=entry.at, result=entry.texts.get("result", ""))


def _begun(operation_id: str, entry: Entry) -> Operation:
    data = entry.data
    return Operation(
        id=operation_id,
        title=entry.texts.get("title", ""),
        headquarters=data["headquarters"],
        area_code=data["area"],
        from_on=date.fromisoformat(data["from_on"]),
        until_on=date.fromisoformat(data["until_on"]),
        confidential=data["confidential"],
        place=place_from(data["place"]),
        own_members=frozenset(data["members"]),
        begun_at=entry.at,
        last_at=entry.at,
    )
