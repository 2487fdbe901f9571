"""The two walls between a case and who may not see it, each alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, Executable

from api.services import reporting
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings
from api.store import cases, history, incidents
from api.store import nearby as neighbourhood
from api.store.cluster import PrivateCluster
from api.store.engine import engine_at, reading, transaction
from gridmap.dispatch.actor import ANONYMOUS, SYSTEM, Actor, Grant, Role
from gridmap.dispatch.incident import Incident
from gridmap.place import point
from tests import toy
from tests.service import fresh_database, load, psycopg_url

pytestmark = pytest.mark.store

CATEGORY = "E0401"
SITE = point(1, 1, crs="EPSG:4490")
EARLIER = datetime(2026, 11, 22, tzinfo=UTC)
NOW = EARLIER + timedelta(hours=1)

REPORTER = Actor(str(uuid4()))
OVER_THE_CITY = Actor(str(uuid4()), (Grant(Role.COMMAND, toy.CITY),))
OVER_THE_STREET = Actor(str(uuid4()), (Grant(Role.CONVENER, toy.SOUTH_STREET),))
SEES = {
    "the reporter": REPORTER,
    "the street": OVER_THE_STREET,
    "the district": Actor(str(uuid4()), (Grant(Role.SUPERVISOR, toy.WEST),)),
    "the city": OVER_THE_CITY,
    "the service": SYSTEM,
}
DEPARTMENT = Grant(Role.DEPARTMENT, toy.WEST, f"fire-{toy.WEST}")
BLIND = {
    "nobody": ANONYMOUS,
    "somebody without a grant": Actor(str(uuid4())),
    "the street beside": Actor(str(uuid4()), (Grant(Role.CONVENER, toy.NORTH_STREET),)),
    "the other district": Actor(str(uuid4()), (Grant(Role.COMMAND, toy.EAST),)),
    "a department that was not summoned": Actor(str(uuid4()), (DEPARTMENT,)),
}


@pytest.fixture(scope="module")
def city(server, templates):
    """The URLs of a database of the toy city with one open case."""
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


@pytest.fixture(scope="module")
def case_id(city):
    async def report(engine):
        holder = ReferenceHolder(DataSettings())
        await holder.refresh(engine)
        incident = Incident(str(uuid4()), CATEGORY, SITE, EARLIER)
        done = await reporting.report(
            Turn(engine, holder.current, REPORTER, EARLIER), incident, key="first"
        )
        return done.case_id

    return acting(city, report)


def acting(city, work):
    """Do a piece of work with an engine of the plain role."""

    async def run():
        engine = engine_at(city.service)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def nearby(connection, _case_id):
    return neighbourhood.open_cases(connection, SITE, category=CATEGORY, radius_m=50, since=EARLIER)


# Everything in the store that reads cases, events or incidents.
QUESTIONS = {
    "find": cases.find,
    "locked": cases.locked,
    "history": history.of_case,
    "queue": lambda connection, _: cases.queue(connection, limit=10),
    "count": lambda connection, _: cases.count(connection, is_open=True),
    "nearby": nearby,
    "incidents": incidents.of_case,
}


def answers(city, case_id, actor):
    async def ask(engine):
        async with transaction(engine, actor) as connection:
            return {
                name: bool(await question(connection, case_id))
                for name, question in QUESTIONS.items()
            }

    return acting(city, ask)


@pytest.fixture(params=["both walls", "the first wall alone"])
def walls(request, city):
    """Both walls, and then the queries' own without row security."""
    tables = ("cases", "events", "incidents", "idempotency_keys")
    if request.param == "both walls":
        yield
        return
    with psycopg.connect(psycopg_url(city.owner), autocommit=True) as owner:
        for table in tables:
            owner.execute(f"ALTER TABLE gridmap.{table} DISABLE ROW LEVEL SECURITY")
        yield
        for table in tables:
            owner.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("who", SEES)
def test_whom_a_case_concerns_sees_all_of_it(city, case_id, who):
    assert answers(city, case_id, SEES[who]) == dict.fromkeys(QUESTIONS, True)


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("who", BLIND)
def test_whom_it_does_not_concern_sees_nothing_of_it(city, case_id, who):
    assert answers(city, case_id, BLIND[who]) == dict.fromkeys(QUESTIONS, False)


@pytest.mark.usefixtures("walls")
def test_a_receipt_is_for_the_account_that_has_it_alone(city, case_id):
    async def ask(engine):
        async with reading(engine, OVER_THE_CITY) as connection:
            other = await incidents.acknowledged(connection, OVER_THE_CITY.account, "first")
        async with reading(engine, REPORTER) as connection:
            return other, await incidents.acknowledged(connection, REPORTER.account, "first")

    other, own = acting(city, ask)
    assert other is None
    assert own.case_id == case_id


# --- the second wall alone: what a query that forgets to ask would find ---------------------------


@pytest.fixture
def plain(city, case_id):
    """A connection of the plain role that writes its own SQL."""
    if city.owner == city.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with psycopg.connect(psycopg_url(city.service)) as connection:
        yield connection
        connection.rollback()


def act_as(connection, keys):
    connection.execute("SELECT set_config('gridmap.keys', %s::text[]::text, true)", [sorted(keys)])


def counted(connection):
    return [
        connection.execute(f"SELECT count(*) FROM gridmap.{table}").fetchone()[0]
        for table in ("cases", "events", "incidents")
    ]


def receipts(connection):
    return connection.execute("SELECT count(*) FROM gridmap.idempotency_keys").fetchone()[0]


def test_without_keys_the_database_shows_no_row(plain):
    assert counted(plain) == [0, 0, 0]
    assert receipts(plain) == 0


@pytest.mark.parametrize("who", BLIND)
def test_with_foreign_keys_the_database_shows_no_row(plain, who):
    act_as(plain, BLIND[who].keys)
    assert counted(plain) == [0, 0, 0]
    assert receipts(plain) == 0


@pytest.mark.parametrize("who", SEES)
def test_with_a_key_of_its_audience_the_database_shows_the_case(plain, who):
    act_as(plain, SEES[who].keys)
    assert counted(plain) == [1, 1, 1]
    assert receipts(plain) == (who in {"the reporter", "the service"})


def test_keys_end_with_their_transaction(plain):
    act_as(plain, {"*"})
    plain.commit()
    assert counted(plain) == [0, 0, 0]


def test_nothing_is_written_to_a_case_that_is_not_seen(plain, case_id):
    act_as(plain, BLIND["the other district"].keys)
    done = plain.execute("UPDATE gridmap.cases SET step = 'feedback' WHERE id = %s", [case_id])
    assert done.rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        plain.execute(
            "INSERT INTO gridmap.events (case_id, seq, kind, at, actor, data)"
            " VALUES (%s, 2, 'closed', now(), 'x', '{}')",
            [case_id],
        )


def test_a_case_cannot_be_hidden_from_the_service_itself(plain, case_id):
    act_as(plain, {"*"})
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        plain.execute("UPDATE gridmap.cases SET audience = '{}' WHERE id = %s", [case_id])


@pytest.mark.parametrize("table", ["cases", "events", "incidents", "idempotency_keys"])
def test_row_security_holds_the_owner_as_well(city, case_id, table):
    with psycopg.connect(psycopg_url(city.owner)) as owner:
        assert owner.execute(f"SELECT count(*) FROM gridmap.{table}").fetchone() == (0,)


# --- the index behind the walls -------------------------------------------------------------------


class Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, statement):
        self.statement = statement


@compiles(Explain)
def _explain(element, compiler, **options):
    return "EXPLAIN " + compiler.process(element.statement, **options)


MANY = 100_000


@pytest.fixture(scope="module")
def crowded(server, templates):
    """A city with very many open cases of one category, one of which lies at the site."""
    if not isinstance(server, PrivateCluster):
        pytest.skip("who owns a given server may not declare an operator leakproof")
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        urls = own.urls()
        copies(urls)
        yield urls


def copies(urls):
    async def report(engine):
        holder = ReferenceHolder(DataSettings())
        await holder.refresh(engine)
        incident = Incident(str(uuid4()), CATEGORY, SITE, EARLIER)
        done = await reporting.report(
            Turn(engine, holder.current, REPORTER, EARLIER), incident, key="first"
        )
        return done.case_id

    case_id = acting(urls, report)
    with psycopg.connect(psycopg_url(urls.owner), autocommit=True) as owner:
        owner.execute("SELECT set_config('gridmap.keys', '{*}', false)")
        names = [
            name
            for (name,) in owner.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'gridmap' AND table_name = 'cases'"
            )
        ]
        changed = {
            "id": "gen_random_uuid()",
            "number": "'copy-' || n",
            # Over the whole street, 4 by 2 degrees, and none within a kilometre of the site.
            "place": "ST_SetSRID(ST_Point(0.01 + 3.98 * mod(n * 7919, 99991) / 99991.0,"
            " 0.01 + 0.97 * n / 100000.0), 4490)",
        }
        columns = ", ".join(changed.get(name, name) for name in names)
        # The copies have no tenure of their own, and nobody asks them for one.
        owner.execute(
            "ALTER TABLE gridmap.cases DROP CONSTRAINT "
            "fk_cases_id_holder_code_held_until_at_tenures"
        )
        owner.execute(
            f"INSERT INTO gridmap.cases ({', '.join(names)}) SELECT {columns}"
            " FROM gridmap.cases, generate_series(1, %s) n WHERE id = %s",
            [MANY, case_id],
        )
        owner.execute("VACUUM ANALYZE gridmap.cases")


@pytest.mark.parametrize("who", [OVER_THE_CITY, OVER_THE_STREET, REPORTER, SYSTEM])
def test_the_search_for_duplicates_is_an_index_scan_behind_both_walls(crowded, who):
    async def plan(engine):
        async with reading(engine, who) as connection:
            query = neighbourhood._nearby(
                connection, SITE, category=CATEGORY, radius_m=50, since=EARLIER
            )
            lines = (await connection.execute(Explain(query))).scalars().all()
            return "\n".join(lines), await nearby(connection, UUID(int=0))

    explained, found = acting(crowded, plan)
    assert "Seq Scan" not in explained, explained
    assert "ix_cases_open_place" in explained, explained
    assert len(found) == 1
