"""The journal: two walls before it, a chain that shows who touched it, rows that follow from it."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from api.services import assigning, bookkeeping, books, commanding
from api.services.books import LEDGERS, OBLIGATIONS, OPERATIONS, TASKS
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings
from api.store import failings as failed
from api.store import journal, ledgers, operations, tasks
from api.store.engine import engine_at, reading
from gridmap.dispatch.actor import ANONYMOUS, SYSTEM, Actor, Grant, Role
from gridmap.dispatch.clock import Span
from gridmap.dispatch.journal import SubjectKind
from gridmap.dispatch.ledger import LedgerHead, Target
from gridmap.dispatch.operation import OperationHead
from gridmap.dispatch.task import TaskHead
from tests import toy
from tests.service import fresh_database, load, psycopg_url

pytestmark = pytest.mark.store

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
LATER = NOW + timedelta(days=9)
OFFICE, BUREAU = f"government-{toy.WEST}", f"fire-{toy.WEST}"

CHIEF = Actor(str(uuid4()), (Grant(Role.CONVENER, toy.WEST, OFFICE),))
DEPARTMENT = Actor(str(uuid4()), (Grant(Role.DEPARTMENT, toy.WEST, BUREAU),))
OVER_THE_CITY = Actor(str(uuid4()), (Grant(Role.COMMAND, toy.CITY),))
SEES = {"its chief": CHIEF, "a member": DEPARTMENT, "the service": SYSTEM}
BLIND = {
    "nobody": ANONYMOUS,
    "somebody": Actor(str(uuid4())),
    "over the city": OVER_THE_CITY,
    "the street": Actor(str(uuid4()), (Grant(Role.CONVENER, toy.SOUTH_STREET),)),
}
TABLES = (
    "subjects",
    "journal",
    "journal_texts",
    "ledgers",
    "ledger_targets",
    "tasks",
    "assignments",
    "obligations",
    "operations",
)


@pytest.fixture(scope="module")
def city(server, templates):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


def acting(city, work):
    async def run():
        engine, holder = engine_at(city.service), ReferenceHolder(DataSettings())
        try:
            await holder.refresh(engine)

            def turn(actor, now=NOW):
                return Turn(engine, holder.current, actor, now)

            return await work(turn)
        finally:
            await engine.dispose()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def secret(city):
    """A secret operation with a ledger, an obligation that was not met, and a task."""

    async def work(turn):
        period = {"from_on": date(2026, 11, 1), "until_on": date(2026, 12, 1)}
        member = frozenset({f"unit:{BUREAU}"})
        head = OperationHead("专项", OFFICE, "", **period, members=member, confidential=True)
        operation = await commanding.begin(turn(CHIEF), head)
        within = operation.id
        ledger = await bookkeeping.open_ledger(
            turn(CHIEF), LedgerHead("台账", OFFICE, "", "E0401", None, **period, operation=within)
        )
        targets = [Target("A", "甲", toy.SOUTH_STREET), Target("B", "乙", toy.NORTH_STREET)]
        await bookkeeping.add_targets(turn(CHIEF), UUID(ledger.id), targets, commit=True)
        await bookkeeping.strike_off(
            turn(CHIEF), UUID(ledger.id), "A", reason="已办", evidence="照片"
        )
        owed = await assigning.expect(
            turn(CHIEF),
            "布置",
            unit=BUREAU,
            due_at=NOW + timedelta(hours=1),
            operation=UUID(operation.id),
        )
        given = TaskHead("任务", "", "照片", BUREAU, "", {OFFICE: ""}, operation=within)
        task = await assigning.assign(turn(DEPARTMENT), given, clock=Span(60))
        return {
            SubjectKind.OPERATION: operation.id,
            SubjectKind.LEDGER: ledger.id,
            SubjectKind.OBLIGATION: owed.id,
            SubjectKind.TASK: task.id,
        }

    return acting(city, work)


@pytest.fixture(params=["both walls", "the first wall alone"])
def walls(request, city, secret):
    if request.param == "both walls":
        yield
        return
    with psycopg.connect(psycopg_url(city.owner), autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"ALTER TABLE gridmap.{table} DISABLE ROW LEVEL SECURITY")
        yield
        for table in TABLES:
            owner.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")


def answers(city, secret, actor):
    async def ask(turn):
        question = failed.Question(NOW - timedelta(days=1), LATER, LATER)
        async with reading(turn(actor).engine, actor) as connection:
            found = {
                "ledgers": await ledgers.listed(connection, limit=9),
                "tasks": await tasks.listed(connection, now=NOW, limit=9),
                "operations": await operations.listed(connection, limit=9),
                "failings": await failed.listed(connection, question, limit=9),
            }
            for kind, one in secret.items():
                found[f"find {kind}"] = await journal.find(connection, UUID(one), kind)
                found[f"entries {kind}"] = await journal.entries(connection, UUID(one))
        return {name: bool(answer) for name, answer in found.items()}

    return acting(city, ask)


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("who", SEES)
def test_the_members_see_all_of_a_secret_operation(city, secret, who):
    found = answers(city, secret, SEES[who])
    assert found == dict.fromkeys(found, True)


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("who", BLIND)
def test_nobody_else_sees_anything_of_it(city, secret, who):
    found = answers(city, secret, BLIND[who])
    assert found == dict.fromkeys(found, False)


@pytest.mark.parametrize("who", SEES | BLIND)
def test_the_second_wall_alone_shows_rows_to_the_members_only(city, secret, who):
    if city.owner == city.service:
        pytest.skip("a given server with one URL: the service is the owner")
    keys = sorted((SEES | BLIND)[who].keys)
    with psycopg.connect(psycopg_url(city.service)) as connection:
        connection.execute("SELECT set_config('gridmap.keys', %s::text[]::text, true)", [keys])
        for table in TABLES:
            (count,) = connection.execute(f"SELECT count(*) FROM gridmap.{table}").fetchone()
            assert (count > 0) == (who in SEES), table
        connection.rollback()


def test_the_rows_are_what_the_entries_add_up_to(city, secret):
    async def ask(turn):
        found = {}
        for book in (LEDGERS, TASKS, OBLIGATIONS, OPERATIONS):
            found[book.kind], _ = await books.read(turn(SYSTEM), book, UUID(secret[book.kind]))
        async with reading(turn(SYSTEM).engine, SYSTEM) as connection:
            (line,) = await ledgers.listed(connection, limit=9)
            (task,) = await tasks.listed(connection, now=NOW, limit=9)
        return found, line, task

    found, line, task = acting(city, ask)
    ledger = found[SubjectKind.LEDGER]
    assert (line.targets, line.struck) == (len(ledger.lines), ledger.struck) == (2, 1)
    assert line.operation == UUID(ledger.operation)
    assert (task.units, task.due_at) == (1, found[SubjectKind.TASK].due_at)
    assert found[SubjectKind.OBLIGATION].has_failed(LATER)
    assert replace(ledger, targets=None).title == line.title == "台账"


def broken(city):
    async def ask(turn):
        async with reading(turn(SYSTEM).engine, SYSTEM) as connection:
            return await journal.verify(connection)

    return acting(city, ask)


LAST_ONE_GONE = (
    "DELETE FROM gridmap.journal_texts WHERE subject_id = %(id)s AND seq = 3;"
    "DELETE FROM gridmap.journal WHERE subject_id = %(id)s AND seq = 3"
)


@pytest.mark.parametrize(
    "touch",
    [
        "UPDATE gridmap.journal SET actor = 'x' WHERE subject_id = %(id)s AND seq = 2",
        "UPDATE gridmap.journal SET data = '{}' WHERE subject_id = %(id)s AND seq = 2",
        "UPDATE gridmap.journal SET at = at + interval '1 s' WHERE subject_id = %(id)s AND seq = 1",
        "DELETE FROM gridmap.journal_texts WHERE subject_id = %(id)s AND seq = 3",
        LAST_ONE_GONE,
    ],
)
def test_the_chain_shows_what_its_owner_touched(city, secret, touch):
    assert broken(city) == []
    one = secret[SubjectKind.LEDGER]
    with psycopg.connect(psycopg_url(city.owner), autocommit=True) as owner:
        owner.execute("SELECT set_config('gridmap.keys', '{*}', false)")
        owner.execute("CREATE TEMP TABLE entries AS TABLE gridmap.journal")
        owner.execute("CREATE TEMP TABLE texts AS TABLE gridmap.journal_texts")
        for statement in touch.split(";"):
            owner.execute(statement, {"id": one})
        found = broken(city)
        owner.execute("DELETE FROM gridmap.journal_texts")
        owner.execute("DELETE FROM gridmap.journal")
        owner.execute("INSERT INTO gridmap.journal TABLE entries")
        owner.execute("INSERT INTO gridmap.journal_texts TABLE texts")
    assert {bad.subject for bad in found} == {UUID(one)}
    assert broken(city) == []
