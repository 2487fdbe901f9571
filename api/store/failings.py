"""The three failings from the record: those that events have shown, and those due now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select

from api.store.engine import Connection
from api.store.tables import (
    cases,
    event_texts,
    events,
    failings,
    journal,
    journal_texts,
    obligations,
    subjects,
    summons,
)
from api.store.visibility import visible, visible_subject
from gridmap.dispatch.event import EventKind
from gridmap.dispatch.failing import Failing
from gridmap.dispatch.journal import EntryKind
from gridmap.dispatch.plan import Capacity
from gridmap.dispatch.step import Step


@dataclass(frozen=True)
class Question:
    """Which failings: since when (``until_at`` not included), of whom, where."""

    from_at: datetime
    until_at: datetime
    now: datetime
    area: str | None = None
    unit: str | None = None
    failing: Failing | None = None


@dataclass(frozen=True)
class Line:
    """One failing of one unit: in a case, or of an obligation."""

    failing: Failing
    unit: str
    since: datetime
    case: UUID | None = None
    number: str | None = None
    summons: str | None = None
    obligation: UUID | None = None
    title: str | None = None
    explained_at: datetime | None = None
    exempted_at: datetime | None = None
    explanation: str = ""
    exemption: str = ""


async def listed(connection: Connection, question: Question, *, limit: int) -> list[Line]:
    """Return the failings that whom the connection acts for sees, the latest first.

    Plan: index scans on ix_failings_since, ix_cases_open_due and ix_obligations_due_at behind
    the audience's.
    """
    known = [
        *await _shown(connection, question, limit),
        *await _unblown(connection, question, limit),
        *await _absent(connection, question, limit),
        *await _unassigned(connection, question, limit),
    ]
    # What events have shown comes first and has what was said of it.
    once = {_key(one): one for one in reversed(known)}
    latest = sorted(once.values(), key=lambda one: (one.since, one.unit), reverse=True)
    return await _worded(connection, latest[:limit])


def _key(one: Line) -> tuple[object, ...]:
    return (one.failing, one.unit, one.since, one.case, one.summons, one.obligation)


async def _shown(connection: Connection, question: Question, limit: int) -> list[Line]:
    query = (
        select(failings, cases.c.number)
        .join(cases, cases.c.id == failings.c.case_id)
        .where(
            visible(connection),
            *_in_period(question, failings.c.since),
            *_of_unit(question, failings.c.unit_id),
            *_of_case(question),
        )
        .order_by(failings.c.since.desc())
        .limit(limit)
    )
    if question.failing:
        query = query.where(failings.c.failing == question.failing.value)
    return [
        Line(
            Failing(row.failing),
            row.unit_id,
            row.since,
            case=row.case_id,
            number=row.number,
            summons=row.summons or None,
            explained_at=row.explained_at,
            exempted_at=row.exempted_at,
        )
        for row in await connection.execute(query)
    ]


async def _unblown(connection: Connection, question: Question, limit: int) -> list[Line]:
    """Cases that wait for a whistle beyond their analysis now (`failing._unblown`)."""
    if question.failing not in {None, Failing.NOT_WHISTLED}:
        return []
    since = cases.c.next_due_at
    needs = events.c.data["needs_whistle"].as_boolean()
    rows = await connection.execute(
        select(cases.c.id, cases.c.number, cases.c.convener, since.label("since"))
        .join(events, and_(events.c.case_id == cases.c.id, events.c.seq == 1))
        .where(
            visible(connection),
            cases.c.closed_at.is_(None),
            cases.c.step == Step.ANALYSIS.value,
            since < question.now,
            needs,
            cases.c.convener.is_not(None),
            *_in_period(question, since),
            *_of_unit(question, cases.c.convener),
            *_of_case(question),
        )
        .order_by(since.desc())
        .limit(limit)
    )
    return [
        Line(Failing.NOT_WHISTLED, row.convener, row.since, case=row.id, number=row.number)
        for row in rows
    ]


async def _absent(connection: Connection, question: Question, limit: int) -> list[Line]:
    """Leads that have not come by now (`failing._absent`); a hold stops the clocks of a case."""
    if question.failing not in {None, Failing.LEAD_ABSENT}:
        return []
    since = summons.c.arrive_by
    rows = await connection.execute(
        select(summons.c.id, summons.c.unit_id, since, summons.c.case_id, cases.c.number)
        .join(cases, cases.c.id == summons.c.case_id)
        .where(
            visible(connection),
            cases.c.closed_at.is_(None),
            cases.c.next_due_at.is_not(None),
            summons.c.role == Capacity.LEAD.value,
            summons.c.state.in_(["called", "responded"]),
            since < question.now,
            *_in_period(question, since),
            *_of_unit(question, summons.c.unit_id),
            *_of_case(question),
        )
        .order_by(since.desc())
        .limit(limit)
    )
    return [
        Line(
            Failing.LEAD_ABSENT,
            row.unit_id,
            row.arrive_by,
            case=row.case_id,
            number=row.number,
            summons=row.id,
        )
        for row in rows
    ]


async def _unassigned(connection: Connection, question: Question, limit: int) -> list[Line]:
    """Obligations whose instant passed without a task (`Obligation.has_failed`)."""
    if question.failing not in {None, Failing.NOT_ASSIGNED}:
        return []
    since = obligations.c.due_at
    query = (
        select(obligations)
        .join(subjects, subjects.c.id == obligations.c.id)
        .where(
            visible_subject(connection),
            since < func.coalesce(obligations.c.met_at, literal(question.now)),
            *_in_period(question, since),
            *_of_unit(question, obligations.c.unit_id),
        )
        .order_by(since.desc())
        .limit(limit)
    )
    if question.area:
        query = query.where(obligations.c.unit_area.startswith(prefix(question.area)))
    return [
        Line(
            Failing.NOT_ASSIGNED,
            row.unit_id,
            row.due_at,
            obligation=row.id,
            title=row.title,
            explained_at=row.explained_at,
            exempted_at=row.exempted_at,
        )
        for row in await connection.execute(query)
    ]


def prefix(code: str) -> str:
    """What the codes of an area and of all in it begin with; a city's ends in 00s."""
    return code.rstrip("0") if code.endswith("00") else code


def _in_period(question: Question, since: ColumnElement[datetime]) -> Iterable[ColumnElement[bool]]:
    return since >= question.from_at, since < question.until_at


def _of_unit(question: Question, unit: ColumnElement[Any]) -> Iterable[ColumnElement[bool]]:
    return (unit == question.unit,) if question.unit else ()


def _of_case(question: Question) -> Iterable[ColumnElement[bool]]:
    return (literal(question.area) == func.any(cases.c.areas),) if question.area else ()


# --- what was said of them --------------------------------------------------------------------

_SAID = (EventKind.EXPLAINED.value, EventKind.EXEMPTED.value)


async def _worded(connection: Connection, lines: list[Line]) -> list[Line]:
    """Add the explanations and the reasons of exemptions, where they were not erased."""
    in_cases = await _words_in_cases(connection, {one.case for one in lines if one.explained_at})
    owed = await _words_of_obligations(connection, {one.obligation for one in lines})

    def worded(one: Line) -> Line:
        words = owed if one.obligation else in_cases
        about: tuple[object, ...] = (
            (one.obligation,) if one.obligation else (one.case, one.failing.value, one.unit)
        )
        return replace(
            one,
            explanation=words.get((*about, _SAID[0]), ""),
            exemption=words.get((*about, _SAID[1]), ""),
        )

    return [worded(one) for one in lines]


async def _words_in_cases(
    connection: Connection, ids: set[UUID | None]
) -> dict[tuple[object, ...], str]:
    failing = events.c.data["failing"].astext.label("failing")
    unit = events.c.data["unit"].astext.label("of_unit")
    rows = await connection.execute(
        select(events.c.case_id, events.c.kind, failing, unit, event_texts.c.texts)
        .join(
            event_texts,
            and_(event_texts.c.case_id == events.c.case_id, event_texts.c.seq == events.c.seq),
        )
        .join(cases, cases.c.id == events.c.case_id)
        .where(events.c.case_id.in_(ids), events.c.kind.in_(_SAID), visible(connection))
        .order_by(events.c.seq)
    )
    return {(row.case_id, row.failing, row.of_unit, row.kind): _text(row.texts) for row in rows}


async def _words_of_obligations(
    connection: Connection, ids: set[UUID | None]
) -> dict[tuple[object, ...], str]:
    kinds = (EntryKind.EXPLAINED.value, EntryKind.EXEMPTED.value)
    rows = await connection.execute(
        select(journal.c.subject_id, journal.c.kind, journal_texts.c.texts)
        .join(
            journal_texts,
            and_(
                journal_texts.c.subject_id == journal.c.subject_id,
                journal_texts.c.seq == journal.c.seq,
            ),
        )
        .join(subjects, subjects.c.id == journal.c.subject_id)
        .where(
            journal.c.subject_id.in_(ids),
            journal.c.kind.in_(kinds),
            visible_subject(connection),
        )
        .order_by(journal.c.seq)
    )
    return {(row.subject_id, row.kind): _text(row.texts) for row in rows}


def _text(texts: dict[str, str] | None) -> str:
    words = texts or {}
    return words.get("text") or words.get("reason") or ""
