"""Obligations: a department is expected to assign something by an instant (应当布置)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gridmap.dispatch.event import Signature
from gridmap.dispatch.journal import Entry, EntryKind
from gridmap.dispatch.subject_refusals import SubjectStateError, SubjectValueError


@dataclass(frozen=True)
class Obligation:
    """``unit`` owes a task that names this obligation, until ``due_at``."""

    id: str
    title: str
    unit: str
    unit_area: str
    by: Signature
    due_at: datetime
    operation: str | None
    expected_at: datetime
    last_at: datetime
    version: int = 1
    task: str | None = None
    met_at: datetime | None = None
    explained_at: datetime | None = None
    explanation: str = ""
    exempted_at: datetime | None = None

    def has_failed(self, now: datetime) -> bool:
        """应当布置没行动: the instant passed without a task; a later one does not undo it."""
        return (self.met_at or now) > self.due_at


def expect(
    title: str,
    *,
    unit: str,
    unit_area: str,
    due_at: datetime,
    operation: str | None,
    by: Signature,
    now: datetime,
) -> Entry:
    """Somebody above expects an assignment from a department.

    Raises
    ------
    SubjectValueError
        The instant is not in the future.
    """
    if due_at <= now:
        why = f"{due_at.isoformat()} is not after now, {now.isoformat()}"
        raise SubjectValueError(what="obligation", where="due_at", why=why)
    data = {
        "unit": unit,
        "unit_area": unit_area,
        "due_at": due_at.isoformat(),
        "operation": operation,
    }
    return Entry(EntryKind.EXPECTED, now, by, data, {"title": title})


def meet(obligation: Obligation, task: str, *, by: Signature, now: datetime) -> Entry:
    """The department has assigned a task that names the obligation.

    Raises
    ------
    SubjectStateError
        Another task has met it.
    SubjectValueError
        It is another unit's.
    """
    if obligation.unit != by.unit:
        why = f"obligation {obligation.id} is one of {obligation.unit}, which alone can meet it"
        raise SubjectValueError(what="task", where="obligation", why=why)
    if obligation.task:
        why = f"task {obligation.task} has met it already"
        raise SubjectStateError(what="obligation", id=obligation.id, why=why)
    return Entry(EntryKind.MET, now, by, {"task": task})


def explain(obligation: Obligation, *, text: str, by: Signature, now: datetime) -> Entry:
    """The unit gives its own account of why it assigned nothing in time."""
    _refuse_unfailed(obligation, now)
    if not text.strip():
        raise SubjectValueError(
            what=f"obligation {obligation.id}", where="reason", why="say what happened"
        )
    return Entry(EntryKind.EXPLAINED, now, by, texts={"text": text.strip()})


def exempt(obligation: Obligation, *, reason: str, by: Signature, now: datetime) -> Entry:
    """A supervisor exempts a unit that has explained itself (容错、尽职免责)."""
    _refuse_unfailed(obligation, now)
    if obligation.explained_at is None:
        why = "the unit explains first, a supervisor exempts afterwards"
        raise SubjectStateError(what="obligation", id=obligation.id, why=why)
    if not reason.strip():
        raise SubjectValueError(
            what=f"obligation {obligation.id}", where="reason", why="say why it is exempted"
        )
    return Entry(EntryKind.EXEMPTED, now, by, texts={"reason": reason.strip()})


def _refuse_unfailed(obligation: Obligation, now: datetime) -> None:
    if not obligation.has_failed(now):
        why = f"it has not failed: it is due {obligation.due_at.isoformat()}"
        raise SubjectStateError(what="obligation", id=obligation.id, why=why)


# --- entries to the obligation that they add up to --------------------------------------------


def fold(obligation_id: str, entries: Iterable[Entry]) -> Obligation:
    """Return the obligation that its entries, in order, add up to."""
    obligation: Obligation | None = None
    for entry in entries:
        if obligation is None:
            obligation = _expected(obligation_id, entry)
        else:
            obligation = apply(obligation, entry)
    if obligation is None:
        raise ValueError("an obligation has at least the entry that expects it")
    return obligation


def apply(obligation: Obligation, entry: Entry) -> Obligation:
    """Return the obligation after one more entry."""
    stamped = replace(obligation, version=obligation.version + 1, last_at=entry.at)
    if entry.kind is EntryKind.MET:
        return replace(stamped, task=entry.data["task"], met_at=entry.at)
    if entry.kind is EntryKind.EXPLAINED:
        text = entry.texts.get("text", "")
        return replace(stamped, explained_at=entry.at, explanation=text)
    return replace(stamped, exempted_at=entry.at)


def _expected(obligation_id: str, entry: Entry) -> Obligation:
    data = entry.data
    return Obligation(
        id=obligation_id,
        title=entry.texts.get("title", ""),
        unit=data["unit"],
        unit_area=data["unit_area"],
        by=entry.by,
        due_at=datetime.fromisoformat(data["due_at"]),
        operation=data["operation"],
        expected_at=entry.at,
        last_at=entry.at,
    )
