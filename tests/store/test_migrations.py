"""The schema the migrations make."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
import shapely

from api.services import reporting, working
from api.services.reference import ReferenceHolder
from api.settings import DataSettings
from api.store import migrate
from api.store.engine import engine_at
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.incident import Incident
from gridmap.place import place
from tests import toy
from tests.ledger import Ledger
from tests.service import fresh_database, load

REPORTER = Actor(str(uuid4()))

pytestmark = pytest.mark.store


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_a_fresh_database_is_at_the_latest_revision(database):
    assert migrate.current(database.owner) == migrate.head()


def test_upgrading_twice_changes_nothing(database):
    migrate.upgrade(database.owner)
    assert migrate.current(database.owner) == migrate.head()


def test_the_tables_are_what_the_migrations_make(database):
    migrate.check(database.owner)


def test_the_service_may_look_into_the_schema_but_not_create_in_it(database):
    if database.owner == database.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with psycopg.connect(plain(database.service)) as connection:
        (version,) = connection.execute("SELECT postgis_lib_version()").fetchone()
        assert version >= "3.3"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE gridmap.mine (id int)")


def test_cases_from_before_there_were_accounts_are_seen_by_the_areas_they_concern(
    server, templates
):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        case_id = opened(own.urls().service)
        before = audience(own, case_id)
        migrate.downgrade(own.urls().owner, revision="0002")
        migrate.upgrade(own.urls().owner)
        areas, keys = audience(own, case_id)
    assert areas == before[0]
    assert {key for key in keys if key.startswith("area:")} == {f"area:{code}" for code in areas}
    assert {*before[1]} - {*keys} == {f"account:{REPORTER.account}"}
    assert {*keys} - {*before[1]} == {"account:system"}
    assert f"unit:government-{toy.EAST_STREET}" in keys


def opened(service_url):
    """A whistled case across the line of two districts."""

    async def work():
        engine = engine_at(service_url)
        try:
            holder = ReferenceHolder(DataSettings())
            await holder.refresh(engine)
            now = datetime(2026, 11, 22, tzinfo=UTC)
            across = place(shapely.box(3.9999, 1, 4.0001, 1.0001), crs="EPSG:4490")
            done = await reporting.report(
                engine,
                holder.current,
                Incident(str(uuid4()), "E0401", across, now),
                key="first",
                actor=REPORTER,
            )
            await working.blow(engine, holder.current, done.case_id, actor=REPORTER, now=now)
            return done.case_id
        finally:
            await engine.dispose()

    return asyncio.run(work())


def audience(own, case_id):
    with Ledger(own.urls().owner) as ledger:
        return ledger.one("SELECT areas, audience FROM gridmap.cases WHERE id = %s", case_id)
