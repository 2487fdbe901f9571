"""The figures in SQL, as `gridmap.dispatch.figures` defines them; only what is seen counts."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    true,
)

from api.store.engine import Connection
from api.store.failings import prefix
from api.store.tables import cases, operation_cases, subjects, summons, tallies
from api.store.tallies import TIMED
from api.store.visibility import opened_by, visible, visible_subject
from gridmap.dispatch.figures import OF_SUMMONS, Figure, Share
from gridmap.dispatch.lead import Measures
from gridmap.dispatch.step import Step

_DEGREE_M = 110_000.0  # less than any degree of latitude has (WGS 84: 110,574 m at the equator)


class By(StrEnum):
    """What the figures are told apart by. A joint case counts in each of its areas and units."""

    ALL = "all"
    UNIT = "unit"
    AREA = "area"
    CATEGORY = "category"
    CLASS = "class"


@dataclass(frozen=True)
class Question:
    """Which cases: opened in ``[from_at, until_at)``, and what else is named.

    ``area``: the case concerns it or something in it. ``digits``: the length of the codes of the
    areas that `By.AREA` tells apart.
    """

    from_at: datetime
    until_at: datetime
    now: datetime
    measures: Measures
    by: By = By.ALL
    area: str | None = None
    digits: int = 6
    category: str | None = None
    class_code: str | None = None
    unit: str | None = None
    operation: UUID | None = None
    key: str | None = None  # one group alone


@dataclass(frozen=True)
class Counts:
    """What one group comes to. ``steps`` are seconds and the number of cases that spent them."""

    key: str
    cases: int
    shares: Mapping[Figure, Share]
    evaluated: int
    scores: int  # the sum of what `evaluated` were given
    wrong_places: int
    left_early: int
    steps: Mapping[Step, tuple[float, int]]


@dataclass(frozen=True)
class Behind:
    """A case behind a figure, and what it adds to it."""

    id: UUID
    number: str
    share: Share


async def counts(connection: Connection, question: Question) -> list[Counts]:
    """Return what every group comes to, by its key.

    Plan: the cases of the period behind the audience's index, a hash join with their tallies
    and summons; for repeats an index scan on the place of each.
    """
    async with _by_place(connection):
        rows = await connection.execute(_cases(connection, question))
        of_cases = {row["key"]: row for row in rows.mappings()}
    of_summons = {
        row["key"]: row
        for row in (await connection.execute(_summons(connection, question))).mappings()
    }
    return [_counts(key, of_cases[key], of_summons.get(key)) for key in sorted(of_cases)]


@asynccontextmanager
async def _by_place(connection: Connection) -> AsyncIterator[None]:
    """Let what is near a case be found by the index of places.

    Row security adds the audience to every search, whose value the planner does not know; it
    would go through all that the asker sees, once for each case, by the index of audiences. That
    one can only be read as a bitmap, the one of places without.
    """
    await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
    yield
    await connection.execute(text("SET LOCAL enable_bitmapscan = on"))


def _counts(key: str, one: RowMapping, called: RowMapping | None) -> Counts:
    return Counts(
        key=key,
        cases=one["cases"],
        shares={figure: _share(figure, one, called) for figure in Figure},
        evaluated=called["evaluated"] if called else 0,
        scores=int(called["scores"] or 0) if called else 0,
        wrong_places=int(called["wrong_places"] or 0) if called else 0,
        left_early=called["left_early"] if called else 0,
        steps={
            step: (float(one[column] or 0), one[f"{column}_of"]) for step, column in TIMED.items()
        },
    )


def _share(figure: Figure, one: RowMapping, called: RowMapping | None) -> Share:
    row = called if figure in OF_SUMMONS else one
    if row is None:
        return Share()
    return Share(int(row[f"{figure}_part"] or 0), int(row[f"{figure}_of"] or 0))


async def behind(
    connection: Connection, question: Question, figure: Figure, *, limit: int
) -> list[Behind]:
    """Return the cases that a figure of a group counts, with what each adds; last opened first."""
    key, source, where = _scope(connection, question, summoned=figure in OF_SUMMONS)
    part, of = _parts(connection, question, figure)
    added, counted = func.sum(part).label("part"), func.sum(of).label("of")
    query = (
        select(cases.c.id, cases.c.number, added, counted)
        .select_from(source)
        .where(*where, *_group(question, key))
        .group_by(cases.c.id, cases.c.number, cases.c.opened_at)
        .having(func.sum(of) > 0)
        .order_by(cases.c.opened_at.desc(), cases.c.id)
        .limit(limit)
    )
    async with _by_place(connection):
        rows = (await connection.execute(query)).all()
    return [Behind(row.id, row.number, Share(int(row.part), int(row.of))) for row in rows]


def _group(question: Question, key: ColumnElement[str]) -> Iterable[ColumnElement[bool]]:
    return () if question.key is None else (key == question.key,)


def _cases(connection: Connection, question: Question) -> Select[Any]:
    key, source, where = _scope(connection, question, summoned=False)
    columns: list[ColumnElement[Any]] = [func.count().label("cases")]
    for figure in Figure:
        if figure not in OF_SUMMONS:
            columns += _sums(connection, question, figure)
    for column in TIMED.values():
        seconds = getattr(tallies.c, column)
        columns += (
            func.sum(seconds).label(column),
            func.count().filter(seconds > 0).label(f"{column}_of"),
        )
    query = select(key.label("key"), *columns).select_from(source)
    return query.where(*where, *_group(question, key)).group_by(key)


def _summons(connection: Connection, question: Question) -> Select[Any]:
    key, source, where = _scope(connection, question, summoned=True)
    columns: list[ColumnElement[Any]] = [
        func.count(summons.c.score).label("evaluated"),
        func.sum(summons.c.score).label("scores"),
        func.sum(summons.c.wrong_places).label("wrong_places"),
        func.count().filter(summons.c.left_early).label("left_early"),
    ]
    for figure in OF_SUMMONS:
        columns += _sums(connection, question, figure)
    query = select(key.label("key"), *columns).select_from(source)
    return query.where(*where, *_group(question, key)).group_by(key)


def _sums(
    connection: Connection, question: Question, figure: Figure
) -> tuple[ColumnElement[Any], ...]:
    part, of = _parts(connection, question, figure)
    return func.sum(part).label(f"{figure}_part"), func.sum(of).label(f"{figure}_of")


# --- which cases ------------------------------------------------------------------------------


def _scope(
    connection: Connection, question: Question, *, summoned: bool
) -> tuple[ColumnElement[str], FromClause, list[ColumnElement[bool]]]:
    """Return the key of a group, where the rows come from, and under which conditions."""
    source: FromClause = cases.outerjoin(tallies, tallies.c.case_id == cases.c.id)
    if summoned:
        source = source.join(summons, summons.c.case_id == cases.c.id)
    where = [
        visible(connection),
        cases.c.opened_at >= question.from_at,
        cases.c.opened_at < question.until_at,
        *_named(connection, question, summoned=summoned),
    ]
    key, source, more = _keyed(question, source, summoned=summoned)
    return key, source, where + more


def _named(
    connection: Connection, question: Question, *, summoned: bool
) -> Iterable[ColumnElement[bool]]:
    if question.area:
        yield literal(question.area) == func.any(cases.c.areas)
    if question.category:
        yield cases.c.category == question.category
    if question.class_code:
        yield _class() == question.class_code
    if question.unit and summoned:
        yield summons.c.unit_id == question.unit
    elif question.unit:
        yield exists().where(summons.c.case_id == cases.c.id, summons.c.unit_id == question.unit)
    if question.operation:
        joined = operation_cases.join(subjects, subjects.c.id == operation_cases.c.operation_id)
        yield (
            exists()
            .select_from(joined)
            .where(
                operation_cases.c.case_id == cases.c.id,
                operation_cases.c.operation_id == question.operation,
                visible_subject(connection),
            )
        )


def _class() -> ColumnElement[str]:
    found: ColumnElement[str] = cases.c.plan["item"]["class_code"].astext
    return found


def _keyed(
    question: Question, source: FromClause, *, summoned: bool
) -> tuple[ColumnElement[str], FromClause, list[ColumnElement[bool]]]:
    if question.by is By.AREA:
        concerned = func.unnest(cases.c.areas).table_valued("code").render_derived(name="concerned")
        code = concerned.c.code
        more = [func.length(code) == question.digits, ~code.like("%0000")]
        if question.area:
            more.append(code.like(f"{prefix(question.area)}%"))
        return code, source.join(concerned, true()), more
    if question.by is By.UNIT and summoned:
        return summons.c.unit_id, source, []
    if question.by is By.UNIT:
        called = select(summons.c.case_id, summons.c.unit_id).distinct().subquery("called")
        of_unit = [] if question.unit is None else [called.c.unit_id == question.unit]
        return called.c.unit_id, source.join(called, called.c.case_id == cases.c.id), of_unit
    if question.by is By.CATEGORY:
        return cases.c.category, source, []
    return (_class() if question.by is By.CLASS else literal("")), source, []


# --- what counts, and what of it was as it should be ------------------------------------------


def _parts(
    connection: Connection, question: Question, figure: Figure
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    if figure in OF_SUMMONS:
        return _stage(question, figure)
    alive = cases.c.merged_into.is_(None)

    def one(condition: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        return _int(and_(alive, condition)), _int(alive)

    def some(part: Any, of: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        return _int(alive) * func.coalesce(part, 0), _int(alive) * func.coalesce(of, 0)

    if figure is Figure.RESOLUTION:
        return one(cases.c.closed_at.is_not(None))
    if figure is Figure.SATISFACTION:
        return some(tallies.c.satisfied, tallies.c.rated)
    if figure is Figure.WHISTLE:
        return one(func.coalesce(tallies.c.whistles, 0) > 0)
    if figure is Figure.RETURN:
        return some(tallies.c.sent_back, tallies.c.whistles)
    again = or_(func.coalesce(tallies.c.reopened, 0) > 0, _repeats(connection, question.measures))
    return one(again)


def _stage(question: Question, figure: Figure) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    by, at = {
        Figure.RESPONSE: (summons.c.respond_by, summons.c.responded_at),
        Figure.ARRIVAL: (summons.c.arrive_by, summons.c.arrived_at),
        Figure.FINISH: (summons.c.finish_by, summons.c.finished_at),
    }[figure]
    is_over = and_(
        by < question.now,
        summons.c.state != "stood_down",
        cases.c.next_due_at.is_not(None),  # a hold stops all clocks of a case
    )
    done = at.is_not(None)
    clockless = and_(done, by.is_(None)) if figure is Figure.FINISH else literal(False)
    part = or_(and_(done, at <= by), clockless)
    of = or_(and_(by.is_not(None), or_(done, is_over)), clockless)
    return _int(part), _int(of)


def _int(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((condition, cast(1, Integer)), else_=0)


def _repeats(connection: Connection, measures: Measures) -> ColumnElement[bool]:
    """Whether an earlier case of the same item was near, open or closed: an index for each."""
    return or_(
        _earlier(connection, measures, closed=False), _earlier(connection, measures, closed=True)
    )


def _earlier(connection: Connection, measures: Measures, *, closed: bool) -> ColumnElement[bool]:
    earlier = cases.alias(f"earlier_{'closed' if closed else 'open'}")
    # A box that surely holds the circle: a degree of longitude is shortest at the northern end.
    north = func.least(func.abs(func.ST_YMax(cases.c.place)) + 1, 89)
    reach = measures.repeat_radius_m / (_DEGREE_M * func.cos(func.radians(north)))
    ended = earlier.c.closed_at
    return exists().where(
        ended.is_not(None) if closed else ended.is_(None),
        earlier.c.place.op("&&", is_comparison=True)(func.ST_Expand(cases.c.place, reach)),
        earlier.c.category == cases.c.category,
        earlier.c.opened_at < cases.c.opened_at,
        earlier.c.opened_at >= cases.c.opened_at - timedelta(days=measures.repeat_days),
        earlier.c.merged_into.is_(None),
        func.ST_DWithin(
            func.geography(earlier.c.place),
            func.geography(cases.c.place),
            measures.repeat_radius_m,
        ),
        opened_by(connection, earlier.c.audience),
    )
