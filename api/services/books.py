"""How each kind of subject is read, changed and shown: its fold, its rows, its audience.

A step on a subject is one transaction under its lock that appends one entry; `written` and
`append` are the only ways to an entry.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID, uuid4

from api.services.turn import TICK, Turn
from api.store import cases, journal, ledgers, operations, scores, tasks
from api.store.engine import Connection, as_service, reading, transaction
from api.store.journal import Subject
from gridmap.dispatch import ledger, obligation, operation, score, task
from gridmap.dispatch.journal import Entry, SubjectKind
from gridmap.dispatch.ledger import Ledger
from gridmap.dispatch.obligation import Obligation
from gridmap.dispatch.operation import Operation
from gridmap.dispatch.score import Score
from gridmap.dispatch.subject_audience import (
    ledger_audience,
    obligation_audience,
    operation_audience,
    score_audience,
    task_audience,
)
from gridmap.dispatch.subject_refusals import UnknownSubjectError
from gridmap.dispatch.task import Task


class Kept(Protocol):
    """What every subject has."""

    @property
    def id(self) -> str: ...

    @property
    def last_at(self) -> datetime: ...


State = TypeVar("State", bound=Kept)


@dataclass(frozen=True)
class Book(Generic[State]):
    """``audience`` takes the members of the confidential operation that a subject belongs to."""

    kind: SubjectKind
    fold: Callable[[str, Iterable[Entry]], State]
    bring: Callable[[Connection, State | None, State], Awaitable[None]]
    audience: Callable[[State, frozenset[str]], frozenset[str]]


LEDGERS: Book[Ledger] = Book(SubjectKind.LEDGER, ledger.fold, ledgers.bring, ledger_audience)
TASKS: Book[Task] = Book(SubjectKind.TASK, task.fold, tasks.bring, task_audience)
OBLIGATIONS: Book[Obligation] = Book(
    SubjectKind.OBLIGATION, obligation.fold, tasks.bring_obligation, obligation_audience
)
OPERATIONS: Book[Operation] = Book(
    SubjectKind.OPERATION,
    operation.fold,
    operations.bring,
    lambda one, _named: operation_audience(one),
)
SCORES: Book[Score] = Book(
    SubjectKind.SCORE, score.fold, scores.bring, lambda one, _named: score_audience(one)
)
_IN_OPERATIONS: dict[SubjectKind, Book[Any]] = {
    SubjectKind.LEDGER: LEDGERS,
    SubjectKind.TASK: TASKS,
    SubjectKind.OBLIGATION: OBLIGATIONS,
}


@dataclass(frozen=True)
class Page(Generic[State]):
    """A subject under its lock, its entries so far, and when a step on it is."""

    book: Book[State]
    subject: Subject
    entries: tuple[Entry, ...]
    state: State
    now: datetime


async def begin(
    connection: Connection, book: Book[State], entry: Entry, *, within: UUID | None = None
) -> Page[State]:
    """Write the entry that a new subject begins with; in an operation if one is named."""
    subject = Subject(uuid4(), book.kind, within)
    state = book.fold(str(subject.id), [entry])
    audience = book.audience(state, await _named(connection, within))
    await journal.begin(connection, subject, entry, audience=audience)
    await book.bring(connection, None, state)
    return await locked(connection, book, subject.id, entry.at)


async def locked(
    connection: Connection, book: Book[State], subject_id: UUID, now: datetime
) -> Page[State]:
    """Take a subject's lock; `UnknownSubjectError` when there is none to see."""
    subject = await journal.locked(connection, subject_id, book.kind)
    if subject is None:
        raise UnknownSubjectError(what=book.kind.value, id=str(subject_id))
    entries = tuple(await journal.entries(connection, subject_id))
    state = book.fold(str(subject_id), entries)
    return Page(book, subject, entries, state, max(now, state.last_at + TICK))


async def append(connection: Connection, page: Page[State], entry: Entry) -> Page[State]:
    """Append an entry to a subject under its lock, with the rows and keys that follow from it."""
    book, subject = page.book, page.subject
    entries = (*page.entries, entry)
    state = book.fold(str(subject.id), entries)
    audience = book.audience(state, await _named(connection, subject.operation))
    head = await journal.append(connection, subject, entry, audience=audience)
    await book.bring(connection, page.state, state)
    if isinstance(state, Operation) and state.confidential:
        await _readdress(connection, state)
    return Page(book, head, entries, state, entry.at + TICK)


Step = Callable[[Page[State]], Entry]


async def written(turn: Turn, book: Book[State], subject_id: UUID, step: Step[State]) -> State:
    """Do one step on a subject, all or nothing; returns the subject after it.

    Raises
    ------
    UnknownSubjectError
        There is no such subject, or none that the actor sees.
    GridmapError
        The actor may not, or the subject does not allow it; nothing was written.
    """
    async with transaction(turn.engine, turn.actor) as connection:
        page = await locked(connection, book, subject_id, turn.now)
        return (await append(connection, page, step(page))).state


async def read(turn: Turn, book: Book[State], subject_id: UUID) -> tuple[State, list[Entry]]:
    """Return a subject as it stands, and its entries."""
    async with reading(turn.engine, turn.actor) as connection:
        if await journal.find(connection, subject_id, book.kind) is None:
            raise UnknownSubjectError(what=book.kind.value, id=str(subject_id))
        entries = await journal.entries(connection, subject_id)
    return book.fold(str(subject_id), entries), entries


async def seen(turn: Turn, numbers: Iterable[str]) -> frozenset[str]:
    """Return which of some cases, by their numbers, the actor sees."""
    async with reading(turn.engine, turn.actor) as connection:
        return await cases.seen(connection, numbers)


async def operation_of(connection: Connection, operation_id: UUID) -> Operation:
    """Return an operation that whom the connection acts for sees."""
    if await journal.find(connection, operation_id, SubjectKind.OPERATION) is None:
        raise UnknownSubjectError(what=SubjectKind.OPERATION.value, id=str(operation_id))
    return operation.fold(str(operation_id), await journal.entries(connection, operation_id))


async def _named(connection: Connection, operation_id: UUID | None) -> frozenset[str]:
    if operation_id is None:
        return frozenset()
    async with as_service(connection):
        found = await operation_of(connection, operation_id)
    return found.members if found.confidential else frozenset()


async def _readdress(connection: Connection, changed: Operation) -> None:
    """Let what belongs to a confidential operation be seen by its members of now."""
    async with as_service(connection):
        for one in await journal.within(connection, UUID(changed.id)):
            await _address(connection, _IN_OPERATIONS[one.kind], one, changed.members)


async def _address(
    connection: Connection, book: Book[State], subject: Subject, named: frozenset[str]
) -> None:
    state = book.fold(str(subject.id), await journal.entries(connection, subject.id))
    await journal.readdress(connection, subject.id, book.audience(state, named))
