"""The journal of subjects: chained, append-only, with what people wrote kept apart."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping, Select, and_, insert, select, update

from api.store.engine import Connection
from api.store.tables import journal, journal_texts, subjects
from api.store.visibility import visible_subject
from gridmap.dispatch.actor import Role
from gridmap.dispatch.chain import GENESIS, link, texts_digest
from gridmap.dispatch.event import Signature
from gridmap.dispatch.journal import Entry, EntryKind, SubjectKind

_SALT_BYTES = 16


@dataclass(frozen=True)
class Subject:
    """Whose journal it is, and the head of its chain."""

    id: UUID
    kind: SubjectKind
    operation: UUID | None
    version: int = 0
    head: bytes = GENESIS


async def begin(
    connection: Connection, subject: Subject, entry: Entry, *, audience: frozenset[str]
) -> None:
    """Insert a subject with the entry that it begins with."""
    head = _linked(subject, entry)
    await connection.execute(
        insert(subjects).values(
            id=subject.id,
            kind=subject.kind.value,
            operation_id=subject.operation,
            audience=sorted(audience),
            version=1,
            head=head.hash,
            last_at=entry.at,
        )
    )
    await _write(connection, subject, entry, head)


async def append(
    connection: Connection, subject: Subject, entry: Entry, *, audience: frozenset[str]
) -> Subject:
    """Append an entry; the caller holds the subject's lock (`locked`). Returns the new head."""
    head = _linked(subject, entry)
    await _write(connection, subject, entry, head)
    await connection.execute(
        update(subjects)
        .where(subjects.c.id == subject.id)
        .values(
            version=subject.version + 1,
            head=head.hash,
            last_at=entry.at,
            audience=sorted(audience),
        )
    )
    return Subject(subject.id, subject.kind, subject.operation, subject.version + 1, head.hash)


@dataclass(frozen=True)
class _Head:
    hash: bytes
    salt: bytes
    digest: bytes | None


def _linked(subject: Subject, entry: Entry) -> _Head:
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = texts_digest(entry.texts, salt) if entry.texts else None
    found = link(
        subject.head, case=str(subject.id), seq=subject.version + 1, event=entry, texts=digest
    )
    return _Head(found, salt, digest)


async def _write(connection: Connection, subject: Subject, entry: Entry, head: _Head) -> None:
    place = {"subject_id": subject.id, "seq": subject.version + 1}
    await connection.execute(
        insert(journal).values(
            **place,
            subject_kind=subject.kind.value,
            kind=entry.kind.value,
            at=entry.at,
            actor=entry.by.account,
            role=entry.by.role.value if entry.by.role else None,
            unit=entry.by.unit,
            data=dict(entry.data),
            hash=head.hash,
        )
    )
    if head.digest:
        await connection.execute(
            insert(journal_texts).values(
                **place, digest=head.digest, salt=head.salt, texts=dict(entry.texts)
            )
        )


async def find(connection: Connection, subject_id: UUID, kind: SubjectKind) -> Subject | None:
    """Return a subject of a kind; ``None`` when there is none to see."""
    return await _one(connection, _subject(connection, subject_id, kind))


async def locked(connection: Connection, subject_id: UUID, kind: SubjectKind) -> Subject | None:
    """Return a subject and keep others from changing it until the transaction ends."""
    return await _one(connection, _subject(connection, subject_id, kind).with_for_update())


async def within(connection: Connection, operation: UUID) -> list[Subject]:
    """Return what belongs to an operation, seen or not by whom it acts for, in one order."""
    query = select(subjects).where(subjects.c.operation_id == operation).order_by(subjects.c.id)
    rows = await connection.execute(query.with_for_update())
    return [_of(row) for row in rows.mappings()]


async def readdress(connection: Connection, subject_id: UUID, audience: frozenset[str]) -> None:
    """Let exactly these keys open a subject: the members of its operation have changed."""
    await connection.execute(
        update(subjects).where(subjects.c.id == subject_id).values(audience=sorted(audience))
    )


def _subject(connection: Connection, subject_id: UUID, kind: SubjectKind) -> Select[tuple[object]]:
    return select(subjects).where(
        subjects.c.id == subject_id, subjects.c.kind == kind.value, visible_subject(connection)
    )


async def _one(connection: Connection, query: Select[tuple[object]]) -> Subject | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    return _of(row) if row else None


def _of(row: RowMapping) -> Subject:
    return Subject(
        row["id"], SubjectKind(row["kind"]), row["operation_id"], row["version"], row["head"]
    )


async def entries(connection: Connection, subject_id: UUID) -> list[Entry]:
    """Return a subject's entries in their order; none when whom it acts for does not see it."""
    rows = await connection.execute(
        select(journal, journal_texts.c.texts)
        .join(subjects, subjects.c.id == journal.c.subject_id)
        .outerjoin(
            journal_texts,
            and_(
                journal_texts.c.subject_id == journal.c.subject_id,
                journal_texts.c.seq == journal.c.seq,
            ),
        )
        .where(journal.c.subject_id == subject_id, visible_subject(connection))
        .order_by(journal.c.seq)
    )
    return [_entry(row) for row in rows.mappings()]


def _entry(row: RowMapping) -> Entry:
    role = Role(row["role"]) if row["role"] else None
    return Entry(
        kind=EntryKind(row["kind"]),
        at=row["at"],
        by=Signature(row["actor"], role, row["unit"]),
        data=row["data"],
        texts=row["texts"] or {},
    )


@dataclass(frozen=True)
class Broken:
    """Where a chain does not hold."""

    subject: UUID
    seq: int


async def verify(connection: Connection) -> list[Broken]:
    """Return where a subject's entries do not add up to its head; as the service itself."""
    rows = await connection.execute(
        select(journal, journal_texts.c.texts, journal_texts.c.digest)
        .outerjoin(
            journal_texts,
            and_(
                journal_texts.c.subject_id == journal.c.subject_id,
                journal_texts.c.seq == journal.c.seq,
            ),
        )
        .order_by(journal.c.subject_id, journal.c.seq)
    )
    heads: dict[UUID, bytes] = {}
    broken = []
    for row in rows.mappings():
        subject, seq = row["subject_id"], row["seq"]
        previous = heads.get(subject, GENESIS)
        heads[subject] = row["hash"]
        again = link(previous, case=str(subject), seq=seq, event=_entry(row), texts=row["digest"])
        if again != row["hash"]:
            broken.append(Broken(subject, seq))
    ends = await connection.execute(select(subjects.c.id, subjects.c.version, subjects.c.head))
    broken += [Broken(one.id, one.version) for one in ends if heads.get(one.id) != one.head]
    return broken
